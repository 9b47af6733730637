//! The outbox as people see it: whose mails, which of them, what may be done to one.

use regserver::error::Code;

use crate::world::World;

/// Alice of DEMO has a temporary password and a changed one, Sheila of ACME a temporary password.
fn busy() -> World {
    let world = World::new();
    world.call("sendpassword username=alice").done();
    world.call("resetpassword username=alice").done();
    world.service("shop").ask("sendpassword", "username=sheila").done();
    world
}

#[test]
fn everybody_finds_the_mails_of_its_own_provider() {
    let world = busy();
    let found = |service: &str, fields: &str| {
        let page = world.service(service).ask("searchmail", fields).done();
        page.texts("mailid").join(",")
    };
    assert_eq!(found("portal", ""), "3,2,1");
    assert_eq!(found("shop", ""), "3");
    assert_eq!(found("branch", ""), "");
    assert_eq!(found("portal", "username=alice"), "2,1");
    assert_eq!(found("portal", "template=web-tmppassword"), "3,1");
    assert_eq!(found("portal", "recipient=ALICE@example.com template=web-passwd-reset"), "2");
    assert_eq!(found("portal", "state=waiting"), "3,2,1");
    assert_eq!(found("portal", "state=sent"), "");
    assert_eq!(found("portal", "from=01/02/2026"), "");
    assert_eq!(found("portal", "until=01/01/2026"), "3,2,1");
    world.service("shop").ask("searchmail", "username=alice").plainly(Code::UserUnknown);
    for command in ["resendmail", "deletemail"] {
        world.service("shop").ask(command, "mailid=1").plainly(Code::MailUnknown);
        world.service("branch").ask(command, "mailid=3").plainly(Code::MailUnknown);
    }
}

#[test]
fn the_list_goes_on_page_by_page() {
    let mut world = busy();
    world.reconfigure(|config| {
        config.server("SearchResultsPerPage", "2");
    });
    let first = world.call("searchmail").done();
    assert_eq!((first.texts("mailid").join(","), first.text("nextid")), ("3,2".to_owned(), "2".to_owned()));
    let second = world.call("searchmail beforeid=2").done();
    assert_eq!((second.texts("mailid").join(","), second.find("nextid")), ("1".to_owned(), None));
}

#[test]
fn a_code_is_never_shown() {
    let world = busy();
    let shown = world.call("searchmail username=alice template=web-tmppassword").done();
    let code = world.mails()[0].code().unwrap().to_owned();
    assert!(shown.text("variables").contains("\"TMPPASSWORD\":\"•••\""), "{}", shown.text("variables"));
    assert!(!shown.inner().contains(&code));
}

#[test]
fn a_mail_that_was_thrown_away_is_gone_and_the_audit_log_knows() {
    let world = busy();
    world.call("deletemail mailid=1").done();
    assert_eq!(world.call("searchmail").done().texts("mailid").join(","), "3,2");
    world.call("deletemail mailid=1").plainly(Code::MailUnknown);
    let change = world.call("searchaudit commandname=deletemail").done();
    assert!(change.text("before").contains("alice@example.com"), "{}", change.text("before"));
    assert_eq!(change.text("userid"), "1");
}

#[test]
fn a_mail_by_a_template_has_what_it_needs_and_nothing_else() {
    let world = World::new();
    let before = world.dump();
    for (fields, fault) in [
        ("template=web-activationlink", "activationlink has a code in it: resendactivation sends it"),
        ("template=activated-web", "activated-web is a page and no mail"),
        ("template=web-license-created", "the parameter LICENSEKEY is missing"),
        (
            "template=web-license-created parameter.name=LICENSEKEY parameter.value=",
            "the parameter LICENSEKEY is missing",
        ),
        (
            "template=web-license-created parameter.name=BRAND parameter.value=x",
            "BRAND is no parameter of license-created; it has LICENSEKEY, VALIDUNTIL",
        ),
        (
            "template=web-passwd-changed parameter.name=TEXT parameter.value=x",
            "TEXT is no parameter of passwd-changed; it has none",
        ),
        (
            "template=web-license-created parameter.name=LICENSEKEY parameter.value=x \
             parameter.name=LICENSEKEY parameter.value=y",
            "the parameter LICENSEKEY is given twice",
        ),
    ] {
        let reply = world.call(&format!("sendtemplatemail username=alice {fields}"));
        reply.refused(Code::InvalidRequest).says(&format!("Invalid Request: {fault}"));
    }
    assert_eq!(world.dump(), before);
    let fields = "username=alice template=reg-license-expires parameter.name=LICENSEKEY parameter.value=K-1 \
                  parameter.name=VALIDUNTIL parameter.value=12/31/2026";
    let sent = world.call(&format!("sendtemplatemail {fields}")).done();
    let shown = world.call("searchmail").done();
    assert_eq!(sent.text("mailid"), shown.text("mailid"));
    assert_eq!(shown.text("template"), "reg-license-expires");
    assert!(shown.text("variables").contains("\"LICENSEKEY\":\"K-1\""), "{}", shown.text("variables"));
    let (_, text, _) = super::templates::last(&world);
    assert!(text.contains("K-1") && text.contains("12/31/2026"), "{text}");
}
