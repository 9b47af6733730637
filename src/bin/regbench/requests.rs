//! Requests: made and signed one by one, as any client makes them.
//!
//! Nothing is prepared: a list of ready requests would spare the load program work, but the server
//! would then see the same bytes again and again.

use std::io::Write;

use regserver::api::Received;
use regserver::call::RequestId;
use regserver::domain::time::{Clock, SystemClock};
use regserver::gate::checksum::Method;

/// The password of every user that a database is filled with.
pub const PASSWORD: &str = "sekret-1234";
/// Registered names begin here, above those that a database may be filled with.
const NEW: u64 = 1 << 40;
const PATH: &str = "/yvva/api/api.xml";

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// `getuserdata` of a random user.
    Read,
    /// The same with a checksum under a wrong key.
    ReadUnsigned,
    /// `loginuser`, each user once.
    Login,
    /// `registeruser` of a new user without a password.
    Register,
}

/// Makes requests.
pub struct Requests {
    ask: Ask,
    key: Vec<u8>,
    users: u64,
    next: u64,
    random: u64,
    name: String,
    body: Vec<u8>,
}

impl Requests {
    /// For a database of that many users; `seed` sets where the random order begins.
    pub fn new(ask: Ask, key: &[u8], users: u64, seed: u64) -> Requests {
        let key = match ask {
            Ask::ReadUnsigned => b"not the key of the service".to_vec(),
            _ => key.to_vec(),
        };
        let users = users.max(1);
        Requests {
            ask,
            key,
            users,
            next: 0,
            random: seed,
            name: String::new(),
            body: Vec::with_capacity(512),
        }
    }

    /// Goes on with the user of that number where users take turns.
    pub fn starting_at(mut self, next: u64) -> Requests {
        self.next = next;
        self
    }

    /// The number of the next user where users take turns.
    pub fn position(&self) -> u64 {
        self.next
    }

    /// Writes the next request as HTTP.
    pub fn write(&mut self, to: &mut Vec<u8>) -> std::io::Result<()> {
        self.compose()?;
        let checksum = Method::Md5Key.sign(&self.key, &self.body);
        to.clear();
        write!(
            to,
            "POST {PATH}?checksum={checksum} HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\
             Content-Type: application/xml\r\nContent-Length: {}\r\n\r\n",
            self.body.len()
        )?;
        to.write_all(&self.body)
    }

    /// Hands the next request over without HTTP.
    pub fn with<T>(&mut self, f: impl FnOnce(Received<'_>) -> T) -> std::io::Result<T> {
        self.compose()?;
        let checksum = Method::Md5Key.sign(&self.key, &self.body);
        let request_id = RequestId::new(self.next);
        Ok(f(Received {
            seen: Ok([127, 0, 0, 1].into()),
            checksum: Some(&checksum),
            body: &self.body,
            request_id,
        }))
    }

    fn compose(&mut self) -> std::io::Result<()> {
        let (command, number) = match self.ask {
            Ask::Read | Ask::ReadUnsigned => ("getuserdata", mixed(&mut self.random) % self.users),
            Ask::Login => ("loginuser", self.next % self.users),
            Ask::Register => ("registeruser", NEW + self.next),
        };
        self.next += 1;
        username(&mut self.name, number);
        self.body.clear();
        let (time, name) = (SystemClock.now().seconds(), &self.name);
        write!(
            self.body,
            "<?xml version='1.0' encoding='UTF-8' ?><teamdrive><command>{command}</command>\
             <requesttime>{time}</requesttime><username>{name}</username>"
        )?;
        match self.ask {
            Ask::Read | Ask::ReadUnsigned => {}
            Ask::Login => write!(self.body, "<password>{PASSWORD}</password>")?,
            Ask::Register => write!(self.body, "<useremail>{name}@example.com</useremail>")?,
        }
        self.body.write_all(b"</teamdrive>")
    }
}

/// The name of a user: letters in no order, as names are, and the number that makes it unique.
pub fn username(to: &mut String, number: u64) {
    use std::fmt::Write;
    const SYLLABLES: &[u8; 64] = b"abelinotarusimokadefigoluvepyxzaquwehixojurtysenbochadilarmenvor";
    let mut state = number;
    let mut bits = mixed(&mut state);
    to.clear();
    for _ in 0..4 {
        let at = (bits % 32) as usize * 2;
        to.push(char::from(SYLLABLES[at]));
        to.push(char::from(SYLLABLES[at + 1]));
        bits /= 32;
    }
    // Writing to a String cannot fail.
    let _ = write!(to, "{number}");
}

/// The next number of a well-mixed sequence (SplitMix64).
fn mixed(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}
