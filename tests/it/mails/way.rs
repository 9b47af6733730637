//! What arrives, what does not, and what then becomes of a mail.

use std::time::{Duration, Instant};

use super::sink::{Sink, certificate, header};
use super::{faults, mail_to, register, world_to};
use crate::program::Folder;
use crate::world::World;

const MINUTE: i64 = 60;

#[test]
fn a_mail_arrives_whole_and_its_code_is_gone_from_the_outbox() {
    let sink = Sink::plain();
    let world = world_to(&sink, |config| {
        config.provider("DEMO", "EMAIL/BRAND_NAME", "Größe & Söhne, Köln");
        config.provider("DEMO", "EMAIL/EMAIL_SENDER_EMAIL", "hallo@demo.example.com");
        config.server("MailSenderHost", "reg.example.com");
    });
    world.call("registeruser username='Jürgen Müller' useremail=j@example.com language=de sendmail=1").done();
    let code = world.code();
    world.api().send_off().unwrap();
    let mails = sink.wait(1);
    let mail = &mails[0];
    assert_eq!((&mail["from"], &mail["to"][0]), (&"hallo@demo.example.com".into(), &"j@example.com".into()));
    assert_eq!(header(mail, "From"), "\"Größe & Söhne, Köln\" <hallo@demo.example.com>");
    assert_eq!(header(mail, "To"), "j@example.com");
    assert!(header(mail, "Subject").contains("Größe & Söhne, Köln"), "{mail}");
    assert_eq!(header(mail, "Auto-Submitted"), "auto-generated");
    assert_eq!(header(mail, "Date"), "Thu, 01 Jan 2026 00:00:00 +0000");
    let shown = world.call("searchmail").done();
    assert_eq!(header(mail, "Message-ID"), format!("<{}@demo.example.com>", shown.text("messageid")));
    assert!(!mail["raw"].as_str().unwrap().contains("List-Unsubscribe"));
    assert_eq!(mail["type"], "multipart/alternative");
    assert_eq!(mail["defects"], serde_json::json!([]));
    let parts = mail["parts"].as_array().unwrap();
    let part = |number: usize| (parts[number][0].as_str().unwrap(), parts[number][1].as_str().unwrap());
    assert_eq!((parts.len(), part(0).0, part(1).0), (2, "text/plain", "text/html"));
    for (_, text) in [part(0), part(1)] {
        assert!(text.contains("Jürgen Müller") && text.contains(&code), "{text}");
    }
    assert_eq!(sink.hellos()[0]["hello"], "reg.example.com");
    assert_eq!((shown.text("state").as_str(), shown.number("attempts")), ("sent", 1));
    assert!(world.mails().last().unwrap().code().is_none(), "the code is not kept");
}

#[test]
fn many_mails_go_over_one_connection_and_each_once() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    for number in 0..20 {
        register(&world, &format!("user-{number}"), &format!("u{number}@example.com"));
    }
    world.api().send_off().unwrap();
    world.api().send_off().unwrap();
    let mails = sink.wait(20);
    assert_eq!((mails.len(), sink.hellos().len()), (20, 1));
    let mut ids: Vec<String> = mails.iter().map(|mail| header(mail, "Message-ID")).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

#[test]
fn a_recipient_refused_for_good_is_dead_at_once_and_holds_up_nobody() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    register(&world, "user-1", "refuse@example.com");
    register(&world, "user-2", "later@example.com");
    register(&world, "user-3", "good@example.com");
    world.api().send_off().unwrap();
    let (state, tries, error) = mail_to(&world, "refuse@example.com");
    assert_eq!((state.as_str(), tries), ("dead", 1));
    assert!(error.contains("550") && error.contains("no such user"), "{error}");
    let (state, tries, error) = mail_to(&world, "later@example.com");
    assert_eq!((state.as_str(), tries), ("waiting", 1));
    assert!(error.contains("451"), "{error}");
    assert_eq!(mail_to(&world, "good@example.com").0, "sent");
    assert_eq!(sink.hellos().len(), 1, "the connection outlives a refusal");
}

#[test]
fn a_mail_is_tried_ten_times_ever_more_slowly_and_can_then_be_sent_again() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    register(&world, "user-1", "later@example.com");
    let mut waits = vec![0];
    waits.extend([1, 2, 5, 15, 30, 60, 120, 240, 360]);
    for (number, minutes) in (1..).zip(waits) {
        if minutes > 0 {
            world.pass(minutes * MINUTE - 1);
            world.api().send_off().unwrap();
            assert_eq!(mail_to(&world, "later@example.com").1, number - 1, "not a second earlier");
            world.pass(1);
        }
        world.api().send_off().unwrap();
        let state = if number == 10 { "dead" } else { "waiting" };
        let (found, tries, _) = mail_to(&world, "later@example.com");
        assert_eq!((found.as_str(), tries), (state, number));
    }
    world.pass(24 * 60 * MINUTE);
    world.api().send_off().unwrap();
    assert_eq!(mail_to(&world, "later@example.com").1, 10);
    let id = world.call("searchmail state=dead").done().text("mailid");
    world.call(&format!("resendmail mailid={id}")).done();
    assert_eq!(mail_to(&world, "later@example.com"), ("waiting".to_owned(), 0, String::new()));
    world.api().send_off().unwrap();
    assert_eq!(mail_to(&world, "later@example.com").1, 1);
}

#[test]
fn a_server_that_stalls_or_drops_costs_its_time_out_and_loses_nothing() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    for address in ["stall@example.com", "drop@example.com"] {
        register(&world, &address.replace('@', "-at-"), address);
        let begun = Instant::now();
        world.api().send_off().unwrap();
        assert!(begun.elapsed() < Duration::from_secs(5), "{address}");
        let (state, tries, error) = mail_to(&world, address);
        assert_eq!((state.as_str(), tries), ("waiting", 1), "{address}: {error}");
        assert!(!error.is_empty());
    }
    register(&world, "user-3", "good@example.com");
    world.api().send_off().unwrap();
    assert_eq!(mail_to(&world, "good@example.com").0, "sent");
}

#[test]
fn an_answer_that_quotes_the_mail_is_kept_without_its_code() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    register(&world, "user-1", "echo@example.com");
    let code = world.code();
    world.api().send_off().unwrap();
    let (state, _, error) = mail_to(&world, "echo@example.com");
    assert_eq!(state, "dead");
    assert!(error.contains("not wanted") && error.contains("•••") && !error.contains(&code), "{error}");
}

#[test]
fn the_way_is_encrypted_and_the_password_shown_to_nobody_else() {
    let folder = Folder::new();
    let (cert, key) = certificate(&folder.0);
    let (cert, key) = (cert.to_str().unwrap().to_owned(), key.to_str().unwrap().to_owned());
    for tls in ["starttls", "tls"] {
        let mut arguments = vec!["--cert", &cert, "--key", &key, "--login"];
        arguments.extend((tls == "tls").then_some("--tls"));
        let sink = Sink::start(&arguments);
        let world = |password: &str, authority: bool| {
            let world = world_to(&sink, |config| {
                let mail = config.section("mail");
                mail.insert("tls".into(), tls.into());
                mail.insert("user".into(), "post".into());
                mail.insert("password".into(), password.into());
                if authority {
                    mail.insert("ca_file".into(), cert.as_str().into());
                }
            });
            register(&world, "user-1", "a@example.com");
            world.api().send_off().unwrap();
            world
        };
        assert_eq!(mail_to(&world("geheäim 1", true), "a@example.com").0, "waiting", "{tls}");
        let unknown = mail_to(&world("gehäim 1", false), "a@example.com");
        assert_eq!(unknown.0, "waiting", "{tls}");
        assert!(unknown.2.to_lowercase().contains("certificate"), "{}", unknown.2);
        assert!(sink.mails().is_empty());
        assert_eq!(
            mail_to(&world("gehäim 1", true), "a@example.com"),
            ("sent".into(), 1, String::new()),
            "{tls}"
        );
        assert_eq!(sink.wait(1)[0]["login"], true);
        assert_eq!(sink.hellos().last().unwrap()["tls"], true, "{tls}");
    }
}

#[test]
fn encryption_that_was_asked_for_is_not_done_without() {
    let sink = Sink::plain();
    let world = world_to(&sink, |config| {
        config.section("mail").insert("tls".into(), "starttls".into());
    });
    register(&world, "user-1", "a@example.com");
    world.api().send_off().unwrap();
    let (state, _, error) = mail_to(&world, "a@example.com");
    assert_eq!(state, "waiting");
    assert!(error.contains("does not offer STARTTLS") && sink.mails().is_empty(), "{error}");
}

#[test]
fn where_the_section_is_silent_the_settings_name_the_server() {
    let sink = Sink::plain();
    let port = sink.port;
    let world = world_to(&sink, |config| {
        let mail = config.section("mail");
        mail.remove("server");
        mail.remove("port");
        config.server("SMTPServer", &format!("127.0.0.1:{port}"));
    });
    register(&world, "user-1", "a@example.com");
    world.api().send_off().unwrap();
    assert_eq!(sink.wait(1).len(), 1);
}

#[test]
fn without_a_sender_a_mail_waits_and_says_why() {
    let sink = Sink::plain();
    let world = world_to(&sink, |config| {
        config.server("MailSenderEmail", "");
    });
    register(&world, "user-1", "a@example.com");
    world.api().send_off().unwrap();
    let (state, tries, error) = mail_to(&world, "a@example.com");
    assert_eq!((state.as_str(), tries), ("waiting", 0));
    assert!(error.starts_with("no sender: set EMAIL/EMAIL_SENDER_EMAIL"), "{error}");
}

#[test]
fn nothing_in_a_mail_begins_a_header() {
    let sink = Sink::plain();
    let world = world_to(&sink, |config| {
        config.provider("DEMO", "EMAIL/BRAND_NAME", "Cloud\"<x@example.org>, Y");
    });
    let portal = world.service("portal");
    let fields = "template=web-license-created subject='[[LICENSEKEY]]' text='[[LICENSEKEY]]'";
    portal.ask("settemplate", fields).done();
    let key = "K\r\nBcc: spy@example.org\r\n\r\nbody";
    let fields = format!(
        "username=alice template=web-license-created parameter.name=LICENSEKEY parameter.value='{key}'"
    );
    portal.ask("sendtemplatemail", &fields).done();
    world.api().send_off().unwrap();
    let mail = &sink.wait(1)[0];
    assert_eq!(mail["to"], serde_json::json!(["alice@example.com"]));
    let names: Vec<&str> =
        mail["headers"].as_array().unwrap().iter().map(|header| header[0].as_str().unwrap()).collect();
    assert!(!names.contains(&"Bcc"), "{names:?}");
    let subject = header(mail, "Subject");
    assert_eq!(subject.split_whitespace().collect::<Vec<_>>().join(" "), "K Bcc: spy@example.org body");
    assert_eq!(header(mail, "From"), "\"Cloud\\\"<x@example.org>, Y\" <noreply@reg.example.com>");
}

/// Two programs on one database, each with the same mails due.
#[test]
fn two_programs_never_send_one_mail_twice() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    for number in 0..60 {
        register(&world, &format!("user-{number}"), &format!("u{number}@example.com"));
    }
    let other = regserver::api::Api::open(&world.config, world.options()).unwrap().api;
    std::thread::scope(|scope| {
        for api in [world.api(), &other] {
            scope.spawn(move || api.send_off().unwrap());
        }
    });
    other.stop();
    let ids: std::collections::BTreeSet<String> =
        sink.wait(60).iter().map(|mail| header(mail, "Message-ID")).collect();
    assert_eq!((ids.len(), sink.mails().len()), (60, 60));
}

#[test]
fn what_does_not_fit_in_the_section_is_told() {
    for (text, fault) in [
        ("[mail]\nserver = 'mail:25'", "the port stands in `mail.port`"),
        ("[mail]\nserver = 'a b'", "`mail.server` must be the name of a machine"),
        ("[mail]\ntls = 'ssl'", "`mail.tls` must be starttls, tls or none"),
        ("[mail]\nuser = 'post'", "belong together"),
        ("[mail]\nuser = 'post'\npassword = 'x'\npassword_file = 'y'", "leave one of them out"),
        ("[mail]\nserver = 'mail'\ntls = 'none'\nuser = 'post'\npassword = 'x'", "could read the password"),
        ("[mail]\npassword = 5", "`mail.password` must be a text"),
    ] {
        let said = faults(text);
        assert!(said.contains(fault), "{text}: {said}");
    }
    let world = World::new();
    world.call("sendpassword username=alice").done();
    world.api().send_off().unwrap();
    assert_eq!(mail_to(&world, "alice@example.com"), ("waiting".to_owned(), 0, String::new()));
}
