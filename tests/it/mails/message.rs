//! What stands in a mail, read by somebody else's reader, whatever stands in names, settings and templates.

use serde_json::{Value, json};

use super::sink::{Sink, header};
use super::world_to;
use crate::world::World;

/// The headers of a mail of ours, and no other.
const HEADERS: [&str; 8] = [
    "Auto-Submitted",
    "Content-Transfer-Encoding",
    "Content-Type",
    "Date",
    "From",
    "MIME-Version",
    "Message-ID",
    "Subject",
];
/// What would begin a header, a mail or a command, if it could.
const HOSTILE: [&str; 6] = [
    "x\r\nBcc: spy@example.org",
    "x\nBcc: spy@example.org\n\nbody",
    "x\rBcc: spy@example.org",
    "x\r\n.\r\nMAIL FROM:<spy@example.org>\r\nRCPT TO:<spy@example.org>\r\nDATA\r\n",
    "=?utf-8?q?x=0D=0ABcc:_spy@example.org?=",
    "x\u{2028}Bcc: spy@example.org\u{85}",
];

/// What holds for every mail.
fn whole(mail: &Value) {
    let mut names: Vec<&str> =
        mail["headers"].as_array().unwrap().iter().map(|header| header[0].as_str().unwrap()).collect();
    names.retain(|name| *name != "To" && *name != "Content-Transfer-Encoding");
    names.sort_unstable();
    let expected: Vec<&str> =
        HEADERS.into_iter().filter(|name| *name != "Content-Transfer-Encoding").collect();
    assert_eq!(names, expected, "{mail}");
    assert_eq!(mail["to"].as_array().unwrap().len(), 1, "{mail}");
    assert_eq!((&mail["defects"], &mail["ascii"], &mail["bare"]), (&json!([]), &json!(true), &json!(false)));
    assert_eq!(mail["senders"], json!([mail["from"]]));
    assert!(mail["longest"].as_u64().unwrap() <= 998, "{}", mail["longest"]);
    assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
}

/// Sends what waits; the new mails.
fn sent(world: &World, sink: &Sink, before: usize, number: usize) -> Vec<Value> {
    world.api().send_off().unwrap();
    let mails = sink.wait(before + number);
    assert_eq!(mails.len(), before + number);
    mails.iter().skip(before).inspect(|mail| whole(mail)).cloned().collect()
}

#[test]
fn letters_of_every_language_come_as_they_were_written() {
    let sink = Sink::plain();
    let brands =
        ["Größe & Söhne, Köln", "株式会社レグ", "🚀 \"Launch\" \\ <x@example.org>", &"Ünü ".repeat(60)];
    for brand in brands {
        let before = sink.mails().len();
        let world = world_to(&sink, |config| {
            config.provider("DEMO", "EMAIL/BRAND_NAME", brand);
        });
        let portal = world.service("portal");
        let subject = "„Größe“ [[LICENSEKEY]] für [[BRAND]] – 日本語";
        let text = "Guten Tag [[USERNAME]]\n.\n..Punkt\n日本語 [[LICENSEKEY]]\n";
        let html = "<p title=\"[[LICENSEKEY]]\">Grüße, [[USERNAME]] 🚀</p>";
        let template =
            format!("template=web-license-created subject='{subject}' text='{text}' html='{html}'");
        portal.ask("settemplate", &template).done();
        world.call("registeruser username='Jürgen Ångström' useremail=j@example.com sendmail=0").done();
        let key = "ß-<&>-🗝";
        let fields = format!(
            "username='Jürgen Ångström' template=web-license-created parameter.name=LICENSEKEY \
             parameter.value='{key}'"
        );
        portal.ask("sendtemplatemail", &fields).done();
        let mail = &sent(&world, &sink, before, 1)[0];
        let brand = brand.trim();
        assert_eq!(mail["brand"], brand);
        assert_eq!(
            mail["structure"],
            json!(["multipart/alternative", "text/plain", "text/html"]),
            "the plain text first: readers show the last that they know"
        );
        let whole = format!("„Größe“ {key} für {brand} – 日本語");
        let shown = header(mail, "Subject");
        assert!(shown == whole || whole.starts_with(shown.trim_end_matches('…')), "{shown}");
        let part = |number: usize| mail["parts"][number][1].as_str().unwrap().replace("\r\n", "\n");
        assert_eq!(part(0).trim_end(), format!("Guten Tag Jürgen Ångström\n.\n..Punkt\n日本語 {key}"));
        assert_eq!(part(1).trim_end(), "<p title=\"ß-&lt;&amp;&gt;-🗝\">Grüße, Jürgen Ångström 🚀</p>");
    }
}

#[test]
fn nothing_that_anybody_states_begins_a_header_or_a_mail() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    let portal = world.service("portal");
    for (number, hostile) in HOSTILE.iter().enumerate() {
        let before = sink.mails().len();
        // What can be refused is refused, and what is taken does no harm.
        let settings =
            [("EMAIL/BRAND_NAME", true), ("EMAIL/SUPPORT_EMAIL", false), ("EMAIL/EMAIL_SENDER_EMAIL", false)];
        for (name, may) in settings {
            let reply = portal.ask("setprovidersetting", &format!("setting='{name}' value='{hostile}'"));
            assert!(may || reply.code().is_some_and(|code| code != 0), "{name}: {hostile:?}");
        }
        portal.ask(
            "registeruser",
            &format!("username='u{number}{hostile}' useremail=u{number}@example.com sendmail=1"),
        );
        let address = portal
            .ask("registeruser", &format!("username=v{number} useremail='{hostile}@example.com' sendmail=1"));
        assert!(address.code().is_some_and(|code| code != 0), "{hostile:?}");
        let waiting = world.call("searchmail state=waiting").done().texts("mailid").len();
        let template = format!(
            "template=web-license-created subject='{hostile} [[LICENSEKEY]]' text='{hostile}\n[[LICENSEKEY]]\n.\n' \
             html='<p>{hostile}</p>[[LICENSEKEY]]'"
        );
        let kept = portal.ask("settemplate", &template).code().is_none_or(|code| code == 0);
        if !kept {
            portal
                .ask(
                    "settemplate",
                    "template=web-license-created subject='[[LICENSEKEY]]' text='[[LICENSEKEY]]'",
                )
                .done();
        }
        let fields = format!(
            "username=alice template=web-license-created parameter.name=LICENSEKEY parameter.value='{hostile}'"
        );
        portal.ask("sendtemplatemail", &fields).done();
        let mails = sent(&world, &sink, before, waiting + 1);
        assert!(mails.iter().all(|mail| mail["from"] == "noreply@reg.example.com"), "{hostile:?}");
        let last = mails.last().unwrap();
        assert_eq!(last["to"], json!(["alice@example.com"]));
        assert!(!header(last, "Subject").contains(['\r', '\n']), "{last}");
    }
}
