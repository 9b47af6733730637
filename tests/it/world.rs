//! The world that every test starts in: a database of its own, a clock and a source of chance held
//! in the hand, and services that call.
//!
//! It is made once, by the product itself, from `fixtures/world.toml` and `fixtures/world.calls`;
//! each test gets a copy of the two files that came out, the database and its key. Making it anew
//! for each test would be slower, and a file kept in the repository would grow old.

mod authenticator;
mod configuration;
mod files;
mod made;
mod matter;
mod party;
mod reply;
mod site;

use std::cell::{Cell, RefCell};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine;
use regserver::api::answer::Kind;
use regserver::api::{Answer, Api, Options, Step, Trace};
use regserver::call::RequestId;
use regserver::cli::notation;
use regserver::config::Config;
use regserver::domain::passwords::Cost;
use regserver::domain::time::{SECOND, Time};
use regserver::gate::checksum::Method;
use regserver::gate::credentials::Shown;
use regserver::store::Reader;
use regserver::store::outbox::{Waiting, place};
use regserver::wire::Wire;

pub use authenticator::Authenticator;
pub use configuration::Configuration;
pub use files::{Folder, dump, set};
pub use made::CALLS;
pub use matter::{Counter, Hand};
pub use party::{Party, STRANGE};
pub use reply::{Reply, fields, named};
pub use site::Site;

/// When every world begins: 2026-01-01T00:00:00Z.
pub const BEGIN: Time = Time(1_767_225_600 * SECOND);
/// The cheapest hashes there are.
pub const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };
/// The service that signs most calls of the tests, of the default provider.
pub const USUAL: &str = "portal";

/// A running program in a folder of its own.
pub struct World {
    api: Option<Arc<Api>>,
    reader: Option<Reader>,
    pub clock: Arc<Hand>,
    pub chance: Arc<Counter>,
    pub config: Config,
    pub cost: Cost,
    pub max_pages: Option<u32>,
    number: Cell<u64>,
    /// The last code in a reply, and how many mails there were by then.
    code: RefCell<Option<(String, i64)>>,
    folder: Folder,
}

/// A mail that waits, with its secrets opened.
#[derive(Debug)]
pub struct Mail {
    pub recipient: String,
    pub family: String,
    pub template: String,
    pub language: String,
    /// The variables, then the secret ones, as `NAME=value`.
    pub variables: Vec<(String, String)>,
    id: i64,
}

impl Mail {
    /// A variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The code or temporary password that the person must enter.
    pub fn code(&self) -> Option<&str> {
        self.variable("ACTIVATIONCODE")
            .or_else(|| self.variable("JOINCODE"))
            .or_else(|| self.variable("TMPPASSWORD"))
    }
}

impl World {
    /// The world as it was made.
    pub fn new() -> World {
        World::with(|_| {})
    }

    /// The world with another configuration, which is applied when it starts.
    pub fn with(change: impl FnOnce(&mut Configuration)) -> World {
        let folder = Folder::new();
        made::copy_to(&folder);
        let mut configuration = Configuration::of_the_world(&folder);
        change(&mut configuration);
        World::in_folder(folder, configuration.read(), 1_000)
    }

    /// A program on whatever lies in the folder; its chance begins at that number.
    pub fn in_folder(folder: Folder, config: Config, chance: u64) -> World {
        let (clock, chance) = (Arc::new(Hand::at(BEGIN)), Arc::new(Counter::from(chance)));
        let mut world = World {
            api: None,
            reader: None,
            clock,
            chance,
            config,
            cost: CHEAP,
            max_pages: None,
            number: Cell::new(0),
            code: RefCell::new(None),
            folder,
        };
        world.start();
        world
    }

    fn start(&mut self) {
        let options = self.options();
        let started = Api::open(&self.config, options).unwrap_or_else(|error| panic!("{error:#}"));
        self.reader = Some(started.api.reader().unwrap());
        self.api = Some(started.api);
    }

    /// What the world's programs are started with.
    pub fn options(&self) -> Options {
        Options {
            clock: self.clock.clone(),
            chance: self.chance.clone(),
            cost: Some(self.cost),
            record: None,
            counts: true,
            max_pages: self.max_pages,
            as_it_is: false,
            works: false,
        }
    }

    /// The world's time in microseconds.
    pub fn clock_now(&self) -> i64 {
        self.seconds() * SECOND
    }

    /// Does all long work there is, here and now.
    pub fn work(&self) {
        self.api().work_off().unwrap();
    }

    /// Ends the program; the folder stays.
    pub fn stop(&mut self) {
        self.reader = None;
        if let Some(api) = self.api.take() {
            api.stop();
        }
    }

    /// Ends the program and starts it again.
    pub fn restart(&mut self) {
        self.stop();
        self.start();
    }

    /// Ends the program, changes its configuration, and starts it again.
    pub fn reconfigure(&mut self, change: impl FnOnce(&mut Configuration)) {
        self.stop();
        self.config = self.stating(change);
        self.start();
    }

    /// The world's configuration, changed.
    pub fn stating(&self, change: impl FnOnce(&mut Configuration)) -> Config {
        let mut configuration = Configuration::of_the_world(&self.folder);
        change(&mut configuration);
        configuration.read()
    }

    pub fn api(&self) -> &Arc<Api> {
        self.api.as_ref().expect("the program is running")
    }

    pub fn reader(&self) -> &Reader {
        self.reader.as_ref().expect("the program is running")
    }

    /// The database.
    pub fn database(&self) -> &Path {
        &self.config.database.path
    }

    /// A file in the world's folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Everything in the database, table by table, for a comparison.
    pub fn dump(&self) -> Vec<String> {
        files::dump(self.database())
    }

    /// Lets that many seconds pass.
    pub fn pass(&self, seconds: i64) {
        self.clock.pass(seconds);
    }

    /// The world's time in whole seconds.
    pub fn seconds(&self) -> i64 {
        use regserver::domain::time::Clock;
        self.clock.now().seconds()
    }

    /// How many password hashes were computed.
    pub fn hash_runs(&self) -> u64 {
        // The one thread counts a hash after its answer, and before the next task; so it gets one more.
        let nothing = Answer {
            status: 200,
            kind: Kind::Xml,
            body: String::new(),
            retry_after: None,
            trace: Trace::default(),
        };
        let step = Step::Hash(Box::new(|_| Step::Answer(nothing)));
        self.api().drive(step, Wire::Xml, self.next_id());
        self.api().hash_runs()
    }

    /// A service of the configuration, calling from its first address with its newest key.
    pub fn service(&self, name: &str) -> Party<'_> {
        Party::configured(self, name)
    }

    /// Somebody at the JSON endpoint who shows nothing.
    pub fn stranger(&self) -> Party<'_> {
        Party::showing(self, Shown::Nothing)
    }

    /// A user by a new API key with that scope; blank: everything that the user may do.
    pub fn person(&self, username: &str, scope: &str) -> Party<'_> {
        let fields = format!("username={username} kind=basic scope='{scope}'");
        let service = ["portal", "shop", "branch"].into_iter().find_map(|service| {
            let reply = self.service(service).ask("createapikey", &fields);
            reply.code().is_none().then_some(reply)
        });
        let made = service.unwrap_or_else(|| panic!("nobody can make a key for {username}"));
        self.key(&made.text("key"), &made.text("secret"))
    }

    /// A new site of the default provider.
    pub fn site(&self, name: &str) -> Site<'_> {
        let made = self.call(&format!("createsite sitename={name}")).done();
        Site { world: self, key: made.text("sitekey"), secret: made.text("sitesecret") }
    }

    /// A user of the usual provider by a new key that signs, with that scope.
    pub fn signing(&self, username: &str, scope: &str) -> Party<'_> {
        let made =
            self.call(&format!("createapikey username={username} kind=signing scope='{scope}'")).done();
        Party::signing(self, None, Some(&made.text("key")), &made.text("secret"))
    }

    /// Somebody at the JSON endpoint who shows that.
    pub fn showing(&self, shown: Shown<'static>) -> Party<'_> {
        Party::showing(self, shown)
    }

    /// Whoever shows that key and secret.
    pub fn key(&self, key: &str, secret: &str) -> Party<'_> {
        let encoded = base64::prelude::BASE64_STANDARD.encode(format!("{key}:{secret}"));
        Party::showing(self, Shown::Authorization(format!("Basic {encoded}").into()))
    }

    /// A caller from that address who signs like that.
    pub fn party(&self, address: &str, method: Method, key: &str) -> Party<'_> {
        Party::new(self, address.parse::<IpAddr>().unwrap(), method, key)
    }

    /// A call by the usual service, in the one notation: `registeruser username=carol …`. `{code}`
    /// stands for the last code that a person got.
    pub fn call(&self, line: &str) -> Reply {
        let line = line.trim();
        let (command, fields) = line.split_once(' ').unwrap_or((line, ""));
        self.service(USUAL).ask(command, fields)
    }

    /// Puts codes in place of their marks.
    fn filled(&self, fields: &str) -> Vec<(String, String)> {
        let mut fields = notation::fields(fields).unwrap_or_else(|why| panic!("{why}: {fields}"));
        for (_, value) in &mut fields {
            if value.contains("{code}") {
                *value = value.replace("{code}", &self.code());
            }
        }
        fields
    }

    fn next_id(&self) -> RequestId {
        self.number.set(self.number.get() + 1);
        RequestId::new(self.number.get())
    }

    /// All mails that wait, the newest last.
    pub fn mails(&self) -> Vec<Mail> {
        let waiting = self.api().read(|tx| tx.newest_mails(10_000)).unwrap();
        waiting.into_iter().map(|mail| self.opened(mail)).collect()
    }

    fn opened(&self, mail: Waiting) -> Mail {
        let mut variables = files::texts(mail.variables.as_bytes());
        if let Some(sealed) = &mail.sealed {
            let text = self.api().vault().open_sealed(&place(&mail.message_id), sealed).unwrap();
            variables.extend(files::texts(&text));
        }
        let Waiting { recipient, family, template, language, id, .. } = mail;
        Mail { recipient, family, template, language, variables, id }
    }

    /// The code that a person got last, by mail or in a reply.
    pub fn code(&self) -> String {
        let newest = self.mails().into_iter().rev().find(|mail| mail.code().is_some());
        let in_reply = self.code.borrow().clone();
        match (newest, in_reply) {
            (Some(mail), Some((code, before))) if mail.id <= before => code,
            (Some(mail), _) => mail.code().unwrap_or_default().to_owned(),
            (None, Some((code, _))) => code,
            (None, None) => panic!("nobody has got a code yet"),
        }
    }

    /// Remembers a code that came in a reply.
    fn note_code(&self, reply: &Reply) {
        if let Some(code) = reply.find("activationcode").filter(|code| !code.is_empty()) {
            let before = self.mails().last().map_or(0, |mail| mail.id);
            *self.code.borrow_mut() = Some((code, before));
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop();
    }
}
