//! The program with a mail server beside it: people read their mails and follow the links in them.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::sink::{Sink, header};
use crate::program::{CONFIG, Folder, Server, body, post};
use crate::world::dump;

/// Where the links in mails begin: a proxy there takes the front of the path off.
pub const PUBLIC: &str = "https://reg.example.com/people";

/// The program, its folder and its mail server.
pub struct House {
    pub sink: Sink,
    pub folder: Folder,
    pub server: Server,
}

/// A mail that has arrived.
pub struct Mail(Value);

impl Mail {
    pub fn subject(&self) -> String {
        header(&self.0, "Subject")
    }

    /// The text part.
    pub fn text(&self) -> &str {
        self.0["parts"][0][1].as_str().unwrap()
    }

    /// The path of the only link to a page of that path; both parts of the mail have it.
    pub fn link(&self, path: &str) -> String {
        let begin = format!("{PUBLIC}{path}");
        let found: Vec<&str> =
            self.text().split_whitespace().filter(|word| word.starts_with(&begin)).collect();
        let [link] = found[..] else { panic!("{path}: {}", self.text()) };
        assert!(self.0["parts"][1][1].as_str().unwrap().contains(&format!("href=\"{link}\"")), "{path}");
        link[PUBLIC.len()..].to_owned()
    }
}

impl House {
    /// With that at the end of the configuration.
    pub fn new(more: &str) -> House {
        let sink = Sink::plain();
        let config = format!(
            "{CONFIG}\n[settings]\nMailSenderEmail = \"noreply@reg.example.com\"\nRegServerURL = \"{PUBLIC}/\"\n\
             [mail]\nserver = \"127.0.0.1\"\nport = {}\ntls = \"none\"\n{more}",
            sink.port
        );
        let folder = Folder::configured(&config);
        let server = Server::start(&folder);
        House { sink, folder, server }
    }

    /// A call of the service; its reply.
    pub fn call(&self, command: &str, fields: &str) -> String {
        body(&self.server.call(command, fields)).to_owned()
    }

    /// The same; it must be done.
    pub fn done(&self, command: &str, fields: &str) -> String {
        let reply = self.call(command, fields);
        assert!(!reply.contains("<exception>"), "{command} {fields}: {reply}");
        reply
    }

    /// The mail of that number to an address, from 1; waits for it.
    pub fn mail(&self, to: &str, number: usize) -> Mail {
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let own = self.sink.mails().into_iter().filter(|mail| mail["to"][0] == to);
            if let Some(mail) = own.into_iter().nth(number - 1) {
                return Mail(mail);
            }
            assert!(Instant::now() < end, "no mail {number} came to {to}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Opens a link.
    pub fn open(&self, path: &str) -> String {
        self.open_as(path, "")
    }

    /// The same with further headers.
    pub fn open_as(&self, path: &str, headers: &str) -> String {
        self.server.send(format!("GET {path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n").as_bytes())
    }

    /// Presses the button of its page.
    pub fn press(&self, path: &str, form: &str) -> String {
        self.server.send(&post(path, form))
    }

    /// What is in the database; of mails only how many.
    pub fn dump(&self) -> (Vec<String>, usize) {
        let (mails, rest): (Vec<String>, Vec<String>) = dump(&self.folder.0.join("regserver.db"))
            .into_iter()
            .filter(|row| !row.starts_with("tasks: "))
            .partition(|row| row.starts_with("outbox: "));
        (rest, mails.len())
    }

    /// Changes the database while the program is stopped.
    pub fn set(self, sql: &str) -> House {
        let House { sink, folder, server } = self;
        assert!(server.stop());
        rusqlite::Connection::open(folder.0.join("regserver.db")).unwrap().execute_batch(sql).unwrap();
        let server = Server::start(&folder);
        House { sink, folder, server }
    }
}

/// Status, language and heading of a page, which must be well formed and have what every page has.
pub fn page(reply: &str) -> (u16, String, String) {
    let status = reply[9..12].parse().unwrap();
    let html = body(reply).strip_prefix("<!DOCTYPE html>\n").unwrap_or_else(|| panic!("no page: {reply}"));
    let document = roxmltree::Document::parse(html).unwrap_or_else(|why| panic!("{why}: {html}"));
    let only = |tag: &str| {
        let found: Vec<_> = document.descendants().filter(|node| node.has_tag_name(tag)).collect();
        assert_eq!(found.len(), 1, "{tag}: {html}");
        found[0]
    };
    only("main");
    let attributes = document.descendants().flat_map(|node| node.attributes());
    let blocked = |name: &str| name == "style" || name.starts_with("on");
    assert!(attributes.into_iter().all(|attribute| !blocked(attribute.name())), "{html}");
    assert_eq!(only("title").text(), only("h1").text());
    for input in document.descendants().filter(|node| node.has_tag_name("input")) {
        let label = only("label");
        assert_eq!(label.attribute("for"), input.attribute("id"), "{html}");
    }
    let language = document.root_element().attribute("lang").unwrap_or_default();
    (status, language.to_owned(), only("h1").text().unwrap().to_owned())
}

/// The heading of a page that came with that status.
#[track_caller]
pub fn says(reply: &str, status: u16, heading: &str) {
    let (found, _, said) = page(reply);
    assert_eq!((found, said.as_str()), (status, heading), "{reply}");
}
