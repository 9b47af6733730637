//! A provider's own mails and pages: written, checked, shown, and taken back.

mod filled;
mod needed;
mod secret;

use regserver::error::Code;
use regserver::mail::{Kind, Named, letter};

use crate::world::{Party, Reply, World};

fn set(party: &Party<'_>, fields: &str) -> Reply {
    party.ask("settemplate", fields)
}

/// The last mail of the outbox as it would go out: subject, text, HTML.
pub fn last(world: &World) -> (String, String, String) {
    let row = world.api().read(|tx| tx.newest_mails(1)).unwrap().remove(0);
    let snapshot = world.api().snapshot();
    let mail = letter::compose(&snapshot, world.api().vault(), &row).unwrap();
    (mail.subject, mail.text, mail.html.unwrap_or_default())
}

fn linked() -> World {
    World::with(|config| {
        config.server("RegServerURL", "https://reg.example.com/");
        config.provider("DEMO", "EMAIL/BRAND_NAME", "Cloud & Co");
        config.provider("DEMO", "EMAIL/SUPPORT_EMAIL", "help@example.com");
    })
}

#[test]
fn a_mail_of_ones_own_is_live_for_the_next_mail_and_goes_again() {
    let world = linked();
    let portal = world.service("portal");
    world.call("sendpassword username=alice").done();
    let built_in = last(&world);
    assert_eq!(built_in.0, "Your temporary password for Cloud & Co");
    set(&portal, "template=web-tmppassword subject='For [[USERNAME]]' text='It is [[TMPPASSWORD]].'").done();
    world.call("sendpassword username=alice").done();
    let (subject, text, html) = last(&world);
    assert_eq!((subject.as_str(), html.as_str()), ("For alice", ""));
    assert_eq!(text, format!("It is {}.", world.code()));
    // Mails that people cause, other languages and other providers have theirs.
    world.call("sendpassword username=alice origin=LOGIN-PORTAL").done();
    assert_eq!(last(&world).0, built_in.0);
    world.service("shop").ask("sendpassword", "username=sheila").done();
    assert_eq!(last(&world).0, "Ihr vorläufiges Passwort für Acme");
    portal.ask("resettemplate", "template=web-tmppassword").done();
    world.call("sendpassword username=alice").done();
    assert_eq!(last(&world).0, built_in.0);
    portal.ask("resettemplate", "template=web-tmppassword").done();
}

#[test]
fn a_template_outlives_the_program() {
    let mut world = World::new();
    set(&world.service("portal"), "template=activated-web text='Location: https://www.example.com/x?a=1'")
        .done();
    world.restart();
    let shown = world.call("previewtemplate template=activated-web").done();
    assert_eq!(shown.text("location"), "https://www.example.com/x?a=1");
}

#[test]
fn what_is_wrong_is_told_with_part_and_line() {
    let world = World::new();
    let portal = world.service("portal");
    let before = world.dump();
    let cases = [
        (
            "subject=S text='a\nb [[USRNAME]]'",
            "text, line 2: there is no variable USRNAME; did you mean USERNAME?",
        ),
        (
            "subject='[[NEWEMAIL]]' text=x",
            "subject, line 1: NEWEMAIL is no variable of activationlink; it has BRAND, ",
        ),
        (
            "subject=S text='[[username]]'",
            "text, line 1: there is no variable username; did you mean USERNAME?",
        ),
        ("subject=S text='[[ USERNAME ]]'", "text, line 1: write [[USERNAME]], without spaces"),
        ("subject=S text=x html='\n\n[[IF:EMAIL]]'", "html, line 1: [[IF:EMAIL]] has no [[ENDIF:EMAIL]]"),
        (
            "subject=S text='[[IF:EMAIL]]\n[[ENDIF:BRAND]]'",
            "text, line 2: [[ENDIF:BRAND]] does not fit [[IF:EMAIL]] in line 1: write [[ENDIF:EMAIL]]",
        ),
        (
            "subject=S text='[[IF:EMAIL]][[ELSE:BRAND]][[ENDIF:EMAIL]]'",
            "text, line 1: [[ELSE:BRAND]] does not fit [[IF:EMAIL]] in line 1",
        ),
        ("subject=S text='[[ENDIF:EMAIL]]'", "text, line 1: [[ENDIF:EMAIL]] stands outside of any [[IF:…]]"),
        (
            "subject=S text='[[IF:EMAIL]][[ELSE:EMAIL]][[ELSEIF:EMAIL=x]][[ENDIF:EMAIL]]'",
            "text, line 1: [[ELSEIF:EMAIL=x]] stands behind [[ELSE:EMAIL]]",
        ),
        ("subject=S text='[[GETURL:http://127.0.0.1/]]'", "text, line 1: [[GETURL:…]] is not fetched"),
        ("subject=S text='[[UNLESS:EMAIL]]'", "text, line 1: there is no tag [[UNLESS:…]]"),
        ("subject=S text='[[IF:EMAIL]\nx'", "text, line 1: [[IF:EMAIL] is not closed by ]] on the same line"),
        ("subject=S", "text is missing"),
        ("text=x", "subject is missing"),
        ("subject='a\nb' text=x", "subject must be one line"),
    ];
    for (fields, fault) in cases {
        for command in ["settemplate", "previewtemplate"] {
            let reply = portal.ask(command, &format!("template=reg-activationlink {fields}"));
            let message = reply.refused(Code::InvalidRequest).text("message");
            assert!(message.starts_with(&format!("Invalid Request: {fault}")), "{fields}: {message}");
        }
    }
    let long = "x".repeat(65_537);
    set(&portal, &format!("template=web-tmppassword subject=S text={long}"))
        .refused(Code::InvalidRequest)
        .says("Invalid Request: text is longer than 65536 bytes");
    assert_eq!(world.dump(), before);
}

#[test]
fn all_faults_are_told_but_not_a_hundred() {
    let world = World::new();
    let text = "[[A]]\n".repeat(9);
    let reply = set(&world.service("portal"), &format!("template=web-tmppassword subject=S text='{text}'"));
    let message = reply.refused(Code::InvalidRequest).text("message");
    assert!(message.contains("line 5: ") && !message.contains("line 6: "), "{message}");
    assert!(message.ends_with("; and 4 more"), "{message}");
}

#[test]
fn pages_are_pages() {
    let world = World::new();
    let portal = world.service("portal");
    let cases = [
        (
            "activated-win text='Location: ftp://x.example.com'",
            "text, line 1: Location: must be followed by one",
        ),
        (
            "activated-win text='Location: https://x.example.com/[[EMAIL]]'",
            "text, line 1: Location: takes one address as it is",
        ),
        (
            "activated-win text='Location: https://x.example.com/\nSet-Cookie: a=b'",
            "text, line 1: Location: must be followed by one",
        ),
        ("activated-win text=Welcome", "text, line 1: the text of a page is blank"),
        ("activated-win subject=S html=x", "subject: a page has none"),
        (
            "activated-win html='Location: https://x.example.com'",
            "html, line 1: Location: stands in the text part",
        ),
        ("activated-win", "html is missing"),
        (
            "activated-ask text='Location: https://x.example.com'",
            "text, line 1: a page that asks cannot lead elsewhere",
        ),
        ("activated-ask html='<p>Well?</p>'", "html: a page that asks needs <form method=\"post\">"),
        (
            "passwordset-ask html='<form method=\"post\"><button>x</button></form>'",
            "html: the form needs <input",
        ),
    ];
    for (fields, fault) in cases {
        let message =
            set(&portal, &format!("template={fields}")).refused(Code::InvalidRequest).text("message");
        assert!(message.starts_with(&format!("Invalid Request: {fault}")), "{fields}: {message}");
    }
    set(
        &portal,
        "template=activated-ask html='<form method=\"post\"><button>Go, [[USERNAME]]</button></form>'",
    )
    .done();
    let shown = world.call("previewtemplate template=activated-ask").done();
    assert_eq!(shown.text("html"), "<form method=\"post\"><button>Go, alex.sample</button></form>");
}

#[test]
fn templates_and_languages_are_those_there_are() {
    let world = World::with(|config| {
        config.provider("DEMO", "EMAIL/EMAIL_ALLOWED_LANG", "en,fr");
    });
    for name in ["activationlink", "page-activated-web", "web-activated-web", "web-", ""] {
        world.call(&format!("gettemplate template='{name}x'")).refused(Code::TemplateUnknown);
    }
    world
        .call("gettemplate template=web-tmppasword")
        .refused(Code::TemplateUnknown)
        .says("Template not found; did you mean web-tmppassword?");
    world.call("gettemplate template=web-tmppassword language=de").plainly(Code::LanguageUnknown);
    let shown = world.call("gettemplate template=web-tmppassword language=FR").done();
    assert_eq!((shown.text("language").as_str(), shown.text("writtenin").as_str()), ("fr", "en"));
    world
        .call("settemplate template=web-tmppassword language=fr subject=Bonjour text='[[TMPPASSWORD]]'")
        .done();
    let shown = world.call("gettemplate template=web-tmppassword language=fr").done();
    assert_eq!((shown.text("writtenin").as_str(), shown.text("own").as_str()), ("fr", "true"));
    let built_in = world.call("gettemplate template=web-tmppassword language=fr builtin=true").done();
    assert_eq!((built_in.text("writtenin").as_str(), built_in.text("own").as_str()), ("en", "false"));
}

#[test]
fn nobody_sees_or_changes_what_another_provider_has_written() {
    let world = World::new();
    set(&world.service("shop"), "template=web-tmppassword subject=Secret text='[[TMPPASSWORD]] of ACME'")
        .done();
    let before = world.dump();
    let shown = world.call("gettemplate template=web-tmppassword").done();
    assert_eq!(shown.text("own"), "false");
    assert_eq!(world.call("searchtemplate own=true").done().text("total"), "0");
    world.call("resettemplate template=web-tmppassword").done();
    assert_eq!(world.service("shop").ask("searchtemplate", "own=true").done().text("total"), "1");
    let templates =
        |rows: Vec<String>| rows.into_iter().filter(|row| row.starts_with("templates: ")).collect::<Vec<_>>();
    assert_eq!(templates(world.dump()), templates(before));
}

#[test]
fn the_default_provider_writes_for_another_where_it_may() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    set(
        &world.service("portal"),
        "distributor=ACME template=web-tmppassword subject=S text='[[TMPPASSWORD]]'",
    )
    .done();
    let found = world.service("shop").ask("searchtemplate", "own=true").done();
    assert_eq!((found.text("name").as_str(), found.text("subject").as_str()), ("web-tmppassword", "S"));
}

#[test]
fn the_list_goes_on_page_by_page() {
    let world = World::with(|config| {
        config.server("SearchResultsPerPage", "50");
    });
    let (mut names, mut start) = (Vec::new(), String::new());
    loop {
        let page = world.call(&format!("searchtemplate startkey='{start}'")).done();
        let languages = page.texts("language");
        names.extend(page.texts("name").into_iter().zip(languages));
        match page.find("nextkey") {
            Some(next) => start = next,
            None => {
                assert_eq!(names.len(), page.number("total") as usize);
                break;
            }
        }
    }
    let written = |named: &Named| named.template.kind != Kind::Redirect;
    assert_eq!(names.len(), 2 * Named::all().filter(written).count());
    assert!(names.is_sorted() && names.len() > 100);
    set(&world.service("portal"), "template=web-passwd-reset subject='[[BRAND]]' text=x").done();
    let found = world.call("searchtemplate template=web-passwd-reset language=en").done();
    assert_eq!(found.texts("differs").join(","), "subject,text,html");
}

#[test]
fn the_audit_log_has_before_and_after() {
    let world = World::new();
    let portal = world.service("portal");
    set(&portal, "template=web-tmppassword subject=One text='[[TMPPASSWORD]]'").done();
    set(&portal, "template=web-tmppassword subject=Two text='[[TMPPASSWORD]]'").done();
    let rows = |world: &World| world.dump().iter().filter(|row| row.starts_with("audit: ")).count();
    let before = rows(&world);
    // The same again is no change.
    set(&portal, "template=web-tmppassword subject=Two text='[[TMPPASSWORD]]'").done();
    assert_eq!(rows(&world), before);
    portal.ask("resettemplate", "template=web-tmppassword").done();
    let log: Vec<String> = world.dump().into_iter().filter(|row| row.contains("template | ")).collect();
    assert!(log.iter().any(|row| row.contains(r#"{"subject":"One"} | {"subject":"Two"}"#)), "{log:?}");
    assert!(
        log.iter().any(|row| row.contains(r#"{"subject":"Two","text":"[[TMPPASSWORD]]"} | {}"#)),
        "{log:?}"
    );
}
