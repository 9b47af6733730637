//! Killed while it sends, the program loses no mail and sends at most the one twice that was on its way.

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
