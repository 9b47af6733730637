//! The program itself: what it says without a mail server, what `check` proves, and what a slow server holds up.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::sink::{Sink, header};
use crate::program::{CONFIG, Folder, Server, shell};

fn with_mail(sink: &Sink, more: &str) -> String {
    format!(
        "{CONFIG}\n[settings]\nMailSenderEmail = \"noreply@reg.example.com\"\nSMTPServerTimeOut = 3\n\
         [mail]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n{more}",
        sink.port
    )
}

#[test]
fn without_a_mail_server_the_log_has_one_line_for_each_mail_and_no_code() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    std::thread::sleep(Duration::from_millis(700));
    let reply = server.call("registeruser", "username=carol useremail=carol@example.com sendmail=0");
    let code = reply.split("<activationcode>").nth(1).map(|rest| rest.split('<').next().unwrap().to_owned());
    server.call("resendactivation", "username=carol");
    let line = server.logged("(web-activationsetpassword) to carol@example.com waits");
    assert!(line.contains("no mail server is configured"), "{line}");
    std::thread::sleep(Duration::from_millis(700));
    let log = server.log();
    assert_eq!(log.matches("carol@example.com waits").count(), 1, "{log}");
    assert!(code.is_some_and(|code| !log.contains(&code)), "{reply}");
}

#[test]
fn a_stalling_server_holds_up_neither_calls_nor_the_stop() {
    let sink = Sink::plain();
    let folder = Folder::configured(&with_mail(&sink, "").replace("TimeOut = 3", "TimeOut = 60"));
    let server = Server::start(&folder);
    server.call("registeruser", "username=user-1 useremail=stall@example.com sendmail=1");
    let end = Instant::now() + Duration::from_secs(10);
    while sink.hellos().is_empty() && Instant::now() < end {
        std::thread::sleep(Duration::from_millis(20));
    }
    let begun = Instant::now();
    for number in 0..20 {
        let fields = format!("username=more-{number} useremail=m{number}@example.com sendmail=1");
        assert!(server.call("registeruser", &fields).contains("<intresult>0</intresult>"));
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    let begun = Instant::now();
    assert!(server.stop());
    assert!(begun.elapsed() < Duration::from_secs(15), "{:?}", begun.elapsed());
}

#[test]
fn a_mail_leaves_by_itself_and_a_reload_changes_the_way() {
    let (first, second) = (Sink::plain(), Sink::plain());
    let folder = Folder::configured(&with_mail(&first, ""));
    let server = Server::start(&folder);
    server.call("registeruser", "username=user-1 useremail=a@example.com sendmail=1");
    assert_eq!(first.wait(1).len(), 1);
    std::fs::write(folder.0.join("regserver.toml"), with_mail(&second, "hello = \"new.example.com\"\n"))
        .unwrap();
    server.signal("-HUP");
    server.logged("read again");
    server.call("registeruser", "username=user-2 useremail=b@example.com sendmail=1");
    let mails = second.wait(1);
    assert_eq!(header(&mails[0], "To"), "b@example.com");
    assert_eq!((second.hellos()[0]["hello"].as_str(), first.mails().len()), (Some("new.example.com"), 1));
    assert!(server.stop());
}

#[test]
fn check_proves_the_mail_server() {
    let sink = Sink::plain();
    let folder = Folder::configured(&with_mail(&sink, ""));
    assert!(Server::start(&folder).stop());
    let shown = |folder: &Folder| String::from_utf8(folder.run(&["check"], "").stdout).unwrap();
    let line = |text: String| text.lines().find(|line| line.contains("mail server")).unwrap().to_owned();
    let good = line(shown(&folder));
    assert!(good.starts_with("ok") && good.ends_with(&format!("127.0.0.1:{}", sink.port)), "{good}");
    std::fs::write(
        folder.0.join("regserver.toml"),
        with_mail(&sink, "user = \"post\"\npassword = \"wrong\"\n"),
    )
    .unwrap();
    let login = line(shown(&folder));
    assert!(login.starts_with("FAULT") && login.contains("cannot log in"), "{login}");
    std::fs::write(folder.0.join("regserver.toml"), with_mail(&sink, "")).unwrap();
    drop(sink);
    let gone = line(shown(&folder));
    assert!(gone.starts_with("FAULT") && gone.contains("cannot connect"), "{gone}");
    let none = Folder::configured(CONFIG);
    assert!(Server::start(&none).stop());
    let none = line(shown(&none));
    assert!(none.starts_with("note") && none.contains("mail.server"), "{none}");
}

/// What the README says, pasted as it stands there but for the ports.
#[test]
fn the_first_mail_of_the_readme_arrives() {
    let readme = include_str!("../../../README.md");
    let part = readme.split("\n## Mails leave\n").nth(1).unwrap();
    let block = |number| part.split("```sh\n").nth(number).unwrap().split("```").next().unwrap();
    let free =
        || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let (folder, listen, port) = (Folder::new(), format!("127.0.0.1:{}", free()), free());
    let script = |text: &str| {
        let mut command = shell(&folder.0, &text.replace("1025", &port));
        command.env("REGSERVER_SERVER_LISTEN", &listen);
        command
    };
    let pasted = format!("{}wait", block(1));
    let mut walk = Ended(script(&pasted).process_group(0).stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(walk.0.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut mail = || {
        let text: Vec<String> = lines.by_ref().take_while(|line| !line.contains("END MESSAGE")).collect();
        text.join("\n")
    };
    let first = mail();
    assert!(first.contains("To: daisy@example.com") && first.contains("From: "), "{first}");
    let later = script(block(2)).output().unwrap();
    let (said, complaints) =
        (String::from_utf8(later.stdout).unwrap(), String::from_utf8(later.stderr).unwrap());
    assert!(later.status.success() && complaints.is_empty(), "{complaints}");
    assert!(said.contains("daisy@example.com") && said.contains("web-activationsetpassword"), "{said}");
    let second = mail();
    assert!(second.contains("DEMO-1234-5678-9012"), "{second}");
    let dead = script(block(3)).output().unwrap();
    assert!(dead.status.success(), "{}", String::from_utf8_lossy(&dead.stderr));
}

/// A shell and what it started, which end with the test.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
        let _ = self.0.wait();
    }
}
