//! A mail server that refuses, stalls or drops the connection at any point, over every way there.

use std::time::{Duration, Instant};

use super::sink::{Sink, certificate, header};
use super::{mail_to, register, world_to};
use crate::program::Folder;

const MINUTE: i64 = 60;

/// What becomes of a mail to each of these: its state, and a part of the error.
const ENDS: [(&str, &str, &str); 6] = [
    ("refuse@example.com", "dead", "550"),
    ("later@example.com", "waiting", "451"),
    ("stall@example.com", "waiting", ""),
    ("hang@example.com", "waiting", ""),
    ("cut@example.com", "waiting", ""),
    ("drop@example.com", "waiting", ""),
];

#[test]
fn whatever_a_server_does_over_any_way_nothing_is_lost_and_the_next_mail_arrives() {
    let folder = Folder::new();
    let (cert, key) = certificate(&folder.0);
    let (cert, key) = (cert.to_str().unwrap().to_owned(), key.to_str().unwrap().to_owned());
    for tls in ["none", "starttls", "tls"] {
        let mut arguments =
            if tls == "none" { vec![] } else { vec!["--cert", &cert, "--key", &key, "--login"] };
        arguments.extend((tls == "tls").then_some("--tls"));
        let sink = Sink::start(&arguments);
        let world = world_to(&sink, |config| {
            config.server("SMTPServerTimeOut", "1");
            let mail = config.section("mail");
            mail.insert("tls".into(), tls.into());
            if tls != "none" {
                mail.insert("user".into(), "post".into());
                mail.insert("password".into(), "gehäim 1".into());
                mail.insert("ca_file".into(), cert.as_str().into());
            }
        });
        for (number, (address, state, part)) in ENDS.iter().enumerate() {
            register(&world, &format!("user-{number}"), address);
            let begun = Instant::now();
            world.api().send_off().unwrap();
            assert!(begun.elapsed() < Duration::from_secs(4), "{tls} {address}: {:?}", begun.elapsed());
            let (found, tries, error) = mail_to(&world, address);
            assert_eq!((found.as_str(), tries), (*state, 1), "{tls} {address}: {error}");
            assert!(!error.is_empty() && error.contains(part), "{tls} {address}: {error}");
        }
        assert!(sink.mails().is_empty(), "{tls}");
        register(&world, "user-9", "good@example.com");
        world.api().send_off().unwrap();
        assert_eq!(mail_to(&world, "good@example.com"), ("sent".to_owned(), 1, String::new()), "{tls}");
        assert_eq!(sink.wait(1).len(), 1, "{tls}");
    }
}

#[test]
fn a_mail_whose_answer_was_lost_comes_again_under_the_same_id_and_date() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    register(&world, "user-1", "once@example.com");
    world.api().send_off().unwrap();
    assert_eq!(mail_to(&world, "once@example.com").0, "waiting");
    world.pass(MINUTE);
    world.api().send_off().unwrap();
    assert_eq!(mail_to(&world, "once@example.com"), ("sent".to_owned(), 2, String::new()));
    let mails = sink.wait(2);
    for name in ["Message-ID", "Date", "From", "To", "Subject"] {
        assert_eq!(header(&mails[0], name), header(&mails[1], name));
    }
    assert_eq!((mails.len(), &mails[0]["parts"]), (2, &mails[1]["parts"]));
}

#[test]
fn a_sender_that_is_refused_kills_no_mail() {
    let sink = Sink::plain();
    let world = world_to(&sink, |config| {
        config.server("MailSenderEmail", "not-me@reg.example.com");
    });
    register(&world, "user-1", "good@example.com");
    world.api().send_off().unwrap();
    let (state, tries, error) = mail_to(&world, "good@example.com");
    assert_eq!((state.as_str(), tries), ("waiting", 1), "{error}");
    assert!(error.contains("553"), "{error}");
    let own = "setting=EMAIL/EMAIL_SENDER_EMAIL value=noreply@demo.example.com";
    world.call(&format!("setprovidersetting {own}")).done();
    world.pass(MINUTE);
    world.api().send_off().unwrap();
    assert_eq!(mail_to(&world, "good@example.com").0, "sent");
}
