//! Killed while it sends, the program loses no mail and sends at most the one twice that was on its way; the lease of
//! a mail is short, and yet held for as long as a slow server takes.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::sink::{Sink, header};
use crate::program::{CONFIG, Folder, Server};

const MAILS: usize = 500;
const KILLS: usize = 3;

#[test]
fn a_kill_loses_no_mail_and_repeats_one_at_most() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    for number in 0..MAILS {
        let fields = format!("username=user-{number} useremail=u{number}@example.com sendmail=1");
        assert!(server.call("registeruser", &fields).contains("<intresult>0</intresult>"));
    }
    assert!(server.stop());
    let sink = Sink::plain();
    let mail = format!(
        "{CONFIG}\n[settings]\nMailSenderEmail = \"noreply@reg.example.com\"\nSMTPServerTimeOut = 1\n\
         [mail]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n",
        sink.port
    );
    std::fs::write(folder.0.join("regserver.toml"), mail).unwrap();
    for kill in 1..=KILLS {
        let mut server = Server::start(&folder);
        sink.wait(kill * 100);
        server.signal("-KILL");
        server.child.wait().unwrap();
    }
    assert!(sink.mails().len() < MAILS, "the kills came before the end");
    let server = Server::start(&folder);
    let database = rusqlite::Connection::open(folder.0.join("regserver.db")).unwrap();
    let waiting = || {
        let sql = "SELECT count(*) FROM outbox WHERE state <> 'sent' OR sealed IS NOT NULL";
        database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let end = Instant::now() + Duration::from_secs(90);
    while waiting() > 0 && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(waiting(), 0);
    assert!(server.stop());
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for mail in sink.mails() {
        *times.entry(header(&mail, "Message-ID")).or_default() += 1;
    }
    assert_eq!(times.len(), MAILS);
    let repeated: usize = times.values().map(|times| times - 1).sum();
    assert!(repeated <= KILLS, "{repeated} mails came again");
}

/// The configuration with that mail server, sender and time to wait.
fn with_mail(sink: &Sink, sender: &str, seconds: u32) -> String {
    format!(
        "{CONFIG}\n[settings]\nMailSenderEmail = \"{sender}@reg.example.com\"\nSMTPServerTimeOut = {seconds}\n\
         [mail]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n",
        sink.port
    )
}

fn until(what: &str, seconds: u64, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(seconds);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn what_a_killed_program_had_in_hand_is_sent_soon() {
    let sink = Sink::plain();
    let folder = Folder::configured(&with_mail(&sink, "noreply", 20));
    let mut server = Server::start(&folder);
    server.call("registeruser", "username=user-1 useremail=stall@example.com sendmail=1");
    until("nothing is sent", 20, || !sink.hellos().is_empty());
    std::thread::sleep(Duration::from_millis(500));
    server.signal("-KILL");
    server.child.wait().unwrap();
    let killed = Instant::now();
    let _server = Server::start(&folder);
    let database = rusqlite::Connection::open(folder.0.join("regserver.db")).unwrap();
    database.busy_timeout(Duration::from_secs(10)).unwrap();
    database.execute("UPDATE outbox SET recipient = 'user@example.com'", []).unwrap();
    until("the mail does not come", 60, || !sink.mails().is_empty());
    assert!(killed.elapsed() > Duration::from_secs(10), "somebody else's mail was taken");
    assert!(killed.elapsed() < Duration::from_secs(55), "{:?}", killed.elapsed());
    assert_eq!(sink.mails().len(), 1);
}

#[test]
fn a_slow_server_gets_a_mail_once_although_another_program_waits_for_it() {
    let sink = Sink::plain();
    let folder = Folder::configured(&with_mail(&sink, "slow", 10));
    let servers = [Server::start(&folder), Server::start(&folder)];
    servers[0].call("registeruser", "username=user-1 useremail=user@example.com sendmail=1");
    until("the mail does not come", 60, || !sink.mails().is_empty());
    let database = rusqlite::Connection::open(folder.0.join("regserver.db")).unwrap();
    let sent = || {
        let sql = "SELECT count(*) FROM outbox WHERE state = 'sent'";
        database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap() == 1
    };
    until("nobody knows that it was sent", 10, sent);
    // Were it in two hands, the other one's would come now.
    std::thread::sleep(Duration::from_secs(12));
    assert_eq!(sink.mails().len(), 1);
}
