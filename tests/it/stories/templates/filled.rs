//! What mails say once they are filled: names, links and codes, whatever stands in them.

use regserver::mail::letter;
use regserver::store::outbox::Waiting;

use super::{last, linked, set};
use crate::world::{BEGIN, World};

#[test]
fn links_are_made_from_the_servers_address_and_the_code() {
    let world = linked();
    let cases = [
        (
            "registeruser username=carol useremail=carol@example.com password=sekret-1234 sendmail=1",
            "activate",
        ),
        ("registeruser username=daisy useremail=daisy@example.com sendmail=1", "password"),
        ("resendactivation username=carol", "activate"),
        ("setemail username=alice newemail=alice.new@example.com", "email"),
        ("requestuserdeletion username=alice", "delete"),
    ];
    for (call, path) in cases {
        world.call(call).done();
        let link = format!("https://reg.example.com/{path}/{}", world.code());
        let (_, text, html) = last(&world);
        assert!(text.contains(&format!("\n{link}\n")), "{call}: {text}");
        assert!(html.contains(&format!("href=\"{link}\"")), "{call}: {html}");
    }
}

#[test]
fn without_an_address_of_the_server_the_code_stands_alone() {
    let world = World::new();
    world.call("registeruser username=carol useremail=carol@example.com sendmail=1").done();
    let (subject, text, html) = last(&world);
    assert_eq!(subject, "Choose a password for your Demo Company account");
    assert!(text.contains(&format!("\n{}\n", world.code())) && !text.contains("http"), "{text}");
    assert!(html.contains(&world.code()) && !html.contains("href"), "{html}");
}

/// The mail of an invitation, of a row as the outbox has it: with one code to join and one to refuse.
fn invitation(world: &World, inviter: &str) -> String {
    let row = Waiting {
        id: 1,
        message_id: "0".repeat(32),
        provider_id: 1,
        recipient: "edgar@example.com".into(),
        family: "web".into(),
        template: "group-invitation".into(),
        language: "en".into(),
        variables: format!(
            r#"{{"USERNAME": "$DEMO-1001", "EMAIL": "edgar@example.com", "GROUPNAME": "R & D", "INVITER": "{inviter}",
            "TEXT": "Come\r\nin\u0007", "JOINCODE": "joinjoin", "REJECTCODE": "rejectreject"}}"#
        ),
        sealed: None,
        created: BEGIN,
    };
    let mail = letter::compose(&world.api().snapshot(), world.api().vault(), &row).unwrap();
    assert_eq!(mail.subject, "Invitation to the group R & D");
    assert!(mail.text.contains("Hello edgar@example.com,"), "{}", mail.text);
    assert!(mail.text.contains("\n\nCome\nin\n\n"), "{}", mail.text);
    let html = mail.html.unwrap();
    assert!(html.contains("R &amp; D") && html.contains("<p>Come<br/>in</p>"), "{html}");
    mail.text
}

#[test]
fn an_invitation_has_a_link_to_join_and_one_to_refuse() {
    let text = invitation(&linked(), "alice");
    assert!(text.contains("alice invites you at Cloud & Co"), "{text}");
    assert!(text.contains("\nhttps://reg.example.com/group/join/joinjoin\n"), "{text}");
    assert!(text.contains("\nhttps://reg.example.com/group/reject/rejectreject\n"), "{text}");
    let text = invitation(&World::new(), "");
    assert!(text.contains("you are invited at Demo Company"), "{text}");
    assert!(
        text.contains("\njoinjoin\n") && !text.contains("rejectreject") && !text.contains("http"),
        "{text}"
    );
}

#[test]
fn a_preview_has_the_links_that_there_will_be() {
    let world = linked();
    let preview = "previewtemplate template=reg-emailchangedtonew language=de";
    let shown = world.call(preview).done();
    let link = "\nhttps://reg.example.com/email/abcdefghijklmnopqrstuvwxyz234567\n";
    assert!(shown.text("text").contains(link) && shown.text("text").contains("alex.muster"));
    assert_eq!(shown.text("subject"), "Bitte bestätigen Sie Ihre neue Adresse für Cloud & Co");
    let shown = World::new().call(preview).done().text("text");
    assert!(shown.contains("\nabcdefghijklmnopqrstuvwxyz234567\n") && !shown.contains("http"), "{shown}");
}

#[test]
fn a_magic_name_is_never_seen() {
    let world = linked();
    world.call("registeruser useremail=carol@example.com password=sekret-1234 sendmail=1").done();
    let (subject, text, html) = last(&world);
    assert!(text.contains("Hello carol@example.com,"), "{text}");
    assert!(![subject, text, html].iter().any(|part| part.contains("$DEMO")));
}

#[test]
fn a_name_stays_a_name_wherever_it_stands() {
    let world = linked();
    let portal = world.service("portal");
    set(
        &portal,
        "template=web-tmppassword subject='[[USERNAME]]' text='[[USERNAME]]
[[TMPPASSWORD]]' html='<p title=\"[[USERNAME]]\">[[BRAND]]</p>[[TMPPASSWORD]]'",
    )
    .done();
    for (name, in_html) in [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("{{7*7}}{% raw %}", "{{7*7}}{% raw %}"),
        ("[[TMPPASSWORD]]", "[[TMPPASSWORD]]"),
        ("\"onload=\"x", "&quot;onload=&quot;x"),
    ] {
        let address = "c@example.com";
        world.call(&format!("registeruser username='{name}' useremail={address} activate=1")).done();
        world.call(&format!("sendpassword username='{name}'")).done();
        let (subject, text, html) = last(&world);
        assert_eq!((subject.as_str(), text), (name, format!("{name}\n{}", world.code())));
        assert_eq!(html, format!("<p title=\"{in_html}\">Cloud &amp; Co</p>{}", world.code()));
        world.call(&format!("removeuser username='{name}' deletelicense=true")).done();
    }
}

/// What another program, or an older version, has written is not trusted.
#[test]
fn a_template_that_cannot_be_filled_gives_way_to_the_built_in_one() {
    let mut world = World::new();
    world.stop();
    let connection = rusqlite::Connection::open(world.database()).unwrap();
    for (name, text) in [("tmppassword", "[[NOSUCH]]"), ("unheard-of", "x")] {
        connection
            .execute("INSERT INTO templates VALUES (1, 'web', $1, 'en', 'Broken', $2, '', 1)", [name, text])
            .unwrap();
    }
    drop(connection);
    world.restart();
    world.call("sendpassword username=alice").done();
    let (subject, text, _) = last(&world);
    assert_eq!(subject, "Your temporary password for Demo Company");
    assert!(text.contains(&world.code()));
    assert_eq!(world.call("searchtemplate own=true").done().text("total"), "1");
}
