//! Requests: made and signed one by one, as any client makes them.
//!
//! Nothing is prepared: a list of ready requests would spare the load program work, but the server
//! would then see the same bytes again and again.

use std::io::Write;
use std::ops::Range;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use regserver::api::Received;
use regserver::call::RequestId;
use regserver::domain::time::{Clock, SystemClock};
use regserver::gate::checksum::Method;
use regserver::gate::signature::sign;
use regserver::wire::Wire;

use crate::databases::SHARED;
use crate::pages::{self, List};
use crate::patterns::{self, Shape};

/// The password of every user that a database is filled with.
pub const PASSWORD: &str = "sekret-1234";
/// Registered names begin here, above those that a database may be filled with.
const NEW: u64 = 1 << 40;
/// So many users log in again and again: few enough that all of them are verified before the measuring begins.
const AGAIN: u64 = 16;
/// One request in so many of mixed work is a change.
const CHANGES: u64 = 10;
/// The API keys of the user who has API access, of either kind, their secret, and the token of that user's session; of the
/// length that the product gives them.
pub const API_KEY: &str = "rk-measuringmeasuring23";
pub const SIGNING_KEY: &str = "rk-measuringmeasuringsi";
pub const API_SECRET: &str = "measuringmeasuringmeasuringmeasu";
pub const TOKEN: &str = "measuring_measuring-measuring_measuring-mea";
const PATH: &str = "/yvva/api/api.xml";

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ask {
    /// `getuserdata` of a random user.
    Read,
    /// The same by an API key, with HTTP Basic, of a user with API access.
    ReadByKey,
    /// The same by a key that signs, of that user.
    ReadSigned,
    /// The same by a session of that user.
    ReadBySession,
    /// The same of one who is not there.
    ReadNobody,
    /// The same from an address that is no service's.
    ReadStrange,
    /// The same with a checksum under a wrong key.
    ReadUnsigned,
    /// `getlicensedata` of a random user.
    ReadLicenses,
    /// `getdefaultdepotdata` of a random user.
    ReadDepots,
    /// `assignusertolicense`, the users in turns, each time to the other one of two licences.
    Assign,
    /// `loginuser`, each user once.
    Login,
    /// `loginuser` of a few users in turns.
    LoginAgain,
    /// `registeruser` of a new user without a password.
    Register,
    /// The same, with the code in a mail.
    RegisterByMail,
    /// Nine times `getuserdata`, once `registeruser`, in random order.
    Mixed,
    /// `searchuser` with a random pattern of that shape.
    Search(Shape),
    /// A page of a list, from anywhere in it.
    Page(List),
}

impl Ask {
    /// How a reply proper to it begins; mixed work is one or the other each time.
    pub fn expected(self) -> &'static str {
        match self {
            Ask::Read | Ask::ReadByKey | Ask::ReadSigned | Ask::ReadBySession => "<userdata><userid>",
            Ask::Login | Ask::LoginAgain | Ask::Mixed => "<userdata><userid>",
            Ask::Register | Ask::RegisterByMail | Ask::Assign => "<intresult>0</intresult>",
            Ask::ReadLicenses => "<licensedata><license><created>",
            Ask::ReadDepots => "<depotdata><depot><depotid>",
            Ask::Search(_) | Ask::Page(_) => "<searchresult><current>",
            Ask::ReadNobody => "<exception><primarycode>-30100</primarycode>",
            Ask::ReadStrange => "<exception><primarycode>-30000</primarycode>",
            Ask::ReadUnsigned => "<exception><primarycode>-30002</primarycode>",
        }
    }
}

/// Makes requests.
pub struct Requests {
    ask: Ask,
    key: Vec<u8>,
    users: Range<u64>,
    next: u64,
    random: u64,
    name: String,
    body: Vec<u8>,
    /// The API key and its secret as HTTP Basic sends them.
    basic: String,
}

impl Requests {
    /// About users of these numbers; `seed` sets where the random order begins.
    pub fn new(ask: Ask, key: &[u8], users: Range<u64>, seed: u64) -> Requests {
        let key = match ask {
            Ask::ReadUnsigned => b"not the key of the service".to_vec(),
            _ => key.to_vec(),
        };
        Requests {
            ask,
            key,
            users,
            next: 0,
            random: seed,
            name: String::new(),
            body: Vec::with_capacity(512),
            basic: BASE64_STANDARD.encode(format!("{API_KEY}:{API_SECRET}")),
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

    /// Writes the next request as HTTP; how its reply must begin.
    pub fn write(&mut self, to: &mut Vec<u8>) -> std::io::Result<&'static str> {
        let expected = self.compose()?;
        to.clear();
        match self.ask {
            Ask::ReadByKey => write!(to, "POST {PATH} HTTP/1.1\r\nAuthorization: Basic {}\r\n", self.basic)?,
            Ask::ReadSigned => {
                let signature = sign(API_SECRET.as_bytes(), &self.body);
                write!(
                    to,
                    "POST {PATH} HTTP/1.1\r\nX-Forwarded-Proto: https\r\nX-VEHMAN-USER: {SIGNING_KEY}\r\n\
                     X-VEHMAN-KEY: {signature}\r\n"
                )?;
            }
            Ask::ReadBySession => write!(to, "POST {PATH} HTTP/1.1\r\nX-VEHMAN-SESSION: {TOKEN}\r\n")?,
            _ => {
                let checksum = Method::Md5Key.sign(&self.key, &self.body);
                write!(to, "POST {PATH}?checksum={checksum} HTTP/1.1\r\n")?;
            }
        }
        write!(
            to,
            "Host: localhost\r\nAccept: */*\r\nContent-Type: application/xml\r\nContent-Length: {}\r\n\r\n",
            self.body.len()
        )?;
        to.write_all(&self.body)?;
        Ok(expected)
    }

    /// Hands the next request over without HTTP.
    pub fn with<T>(&mut self, f: impl FnOnce(Received<'_>) -> T) -> std::io::Result<T> {
        self.compose()?;
        let checksum = Method::Md5Key.sign(&self.key, &self.body);
        let request_id = RequestId::new(self.next);
        let seen = Ok([127, 0, 0, 1].into());
        Ok(f(Received::signed(seen, Some(&checksum), Wire::Xml, &self.body, request_id)))
    }

    /// The path and the body of the next request, for those who send it themselves.
    pub fn parts(&mut self) -> std::io::Result<(String, Vec<u8>)> {
        self.compose()?;
        let checksum = Method::Md5Key.sign(&self.key, &self.body);
        Ok((format!("{PATH}?checksum={checksum}"), self.body.clone()))
    }

    /// Makes the next body; how its reply must begin.
    fn compose(&mut self) -> std::io::Result<&'static str> {
        let ask = match self.ask {
            Ask::Mixed if mixed(&mut self.random).is_multiple_of(CHANGES) => Ask::Register,
            Ask::Mixed => Ask::Read,
            ask => ask,
        };
        let some = self.users.end.saturating_sub(self.users.start).max(1);
        let (command, number) = match ask {
            Ask::Read
            | Ask::ReadByKey
            | Ask::ReadSigned
            | Ask::ReadBySession
            | Ask::ReadStrange
            | Ask::ReadUnsigned
            | Ask::Mixed => ("getuserdata", mixed(&mut self.random) % some),
            Ask::ReadNobody => ("getuserdata", NEW),
            Ask::Search(_) => ("searchuser", mixed(&mut self.random) % some),
            Ask::Page(list) => (list.command(), mixed(&mut self.random) % some),
            Ask::ReadLicenses => ("getlicensedata", mixed(&mut self.random) % some),
            Ask::ReadDepots => ("getdefaultdepotdata", mixed(&mut self.random) % some),
            Ask::Assign => ("assignusertolicense", self.next % some),
            Ask::Login => ("loginuser", self.next % some),
            Ask::LoginAgain => ("loginuser", self.next % some.min(AGAIN)),
            Ask::Register | Ask::RegisterByMail => ("registeruser", NEW + self.next),
        };
        let turn = self.next / some;
        self.next += 1;
        let number = if number >= NEW { number } else { self.users.start + number };
        username(&mut self.name, number);
        self.body.clear();
        let (time, name) = (SystemClock.now().seconds(), &self.name);
        write!(
            self.body,
            "<?xml version='1.0' encoding='UTF-8' ?><teamdrive><command>{command}</command>\
             <requesttime>{time}</requesttime>"
        )?;
        match ask {
            Ask::Search(shape) => {
                patterns::write(&mut self.body, shape, name, &mut || mixed(&mut self.random))?
            }
            Ask::Page(list) => {
                pages::write(&mut self.body, list, some, name, &mut || mixed(&mut self.random))?
            }
            _ => write!(self.body, "<username>{name}</username>")?,
        }
        match ask {
            Ask::Login | Ask::LoginAgain => write!(self.body, "<password>{PASSWORD}</password>")?,
            Ask::Register => write!(self.body, "<useremail>{name}@example.com</useremail>")?,
            Ask::RegisterByMail => {
                write!(self.body, "<useremail>{name}@example.com</useremail><sendmail>true</sendmail>")?
            }
            Ask::Assign => {
                let license = SHARED[usize::from(turn % 2 == 1)];
                write!(self.body, "<licensekey>{license}</licensekey>")?
            }
            _ => {}
        }
        self.body.write_all(b"</teamdrive>")?;
        Ok(ask.expected())
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
