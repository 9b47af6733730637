//! Wrong passwords and keys: the counters in the database, so that they survive a restart.

use std::net::IpAddr;

use super::backend::Tx;
use super::users::User;
use super::vault::Vault;
use crate::call::{Call, Caller};
use crate::domain::logins::Failures;
use crate::domain::names;
use crate::domain::time::{DAY, HOUR, MINUTE, Time};
use crate::error::{Code, Error, Result};
use crate::gate::addresses;
use crate::snapshot::Snapshot;

/// The most failures from one person's address, and the most of one user from all of them
/// (`access.md` §4).
const MOST: i64 = 100;

/// Mails that strangers cause in an hour.
const MAILS_TO_USER: i64 = 3;
const MAILS_BY_ADDRESS: i64 = 20;

/// Whose password or key is tried.
#[derive(Debug, Clone, Copy)]
pub enum Whose<'a> {
    /// That user's.
    User(i64),
    /// Nobody's: there is no user, or no key, of that name. It counts like a wrong password.
    Name(&'a str),
    /// That of whom a stranger's text names, a user or nobody. The pair is counted by the text alone: where a
    /// door closes must not tell whether there is such a user, or whose another name is.
    Typed(&'a str, Option<i64>),
}

/// One try, with the counters that it touches.
#[derive(Debug, Clone)]
pub struct Guess {
    now: Time,
    /// The window in microseconds.
    interval: i64,
    /// The counter of this user from this source.
    pair: String,
    /// The same of keys where a password is tried, of passwords where a key is: not touched, but it closes
    /// the door too.
    beside: Option<String>,
    /// All counters that are touched, the pair among them, with the most failures that each allows.
    counters: Vec<(String, i64)>,
}

impl Guess {
    /// A try in a call: by a person at an address, or by a service that does not say for whom.
    pub fn of(call: &Call, whose: Whose<'_>) -> Guess {
        let who = who(&call.vault, whose);
        if let Some(address) = call.person_ip() {
            let mut guess = Guess::by_address(&call.snapshot, call.now, &who, address, pairs(&who, address));
            guess.bound(call, whose);
            return guess;
        }
        let source = match &call.caller {
            Caller::Service(service) => format!("service:{}", service.id),
            _ => "operator".to_owned(),
        };
        let pair = format!("pair:{who}:{source}");
        let (attempts, interval) = bounds(&call.snapshot);
        let counters = vec![(pair.clone(), attempts)];
        let mut guess = Guess { now: call.now, interval, pair, beside: None, counters };
        guess.bound(call, whose);
        guess
    }

    /// A key tried by whoever sits at that address. Keys have a pair of their own: a key proves its user
    /// anew with every call, and that must not clear the wrong passwords which the call brings along.
    pub fn key(snapshot: &Snapshot, vault: &Vault, now: Time, whose: Whose<'_>, address: IpAddr) -> Guess {
        let who = who(vault, whose);
        let [passwords, keys] = pairs(&who, address);
        Guess::by_address(snapshot, now, &who, address, [keys, passwords])
    }

    /// The same try's code, behind a right password. Codes have a pair of their own, as keys have: whoever knows the
    /// password could clear the pair of passwords between two guesses, by a login that asks for no code.
    pub fn codes(&self) -> Guess {
        let mut guess = self.clone();
        guess.pair.push_str(":totp");
        if let Some((pair, _)) = guess.counters.first_mut() {
            pair.clone_from(&guess.pair);
        }
        Guess { beside: None, ..guess }
    }

    /// A try by whoever sits at that address: the pair that it touches, and the one beside.
    fn by_address(
        snapshot: &Snapshot,
        now: Time,
        who: &str,
        address: IpAddr,
        [pair, beside]: [String; 2],
    ) -> Guess {
        let (attempts, interval) = bounds(snapshot);
        // Never fewer than a single pair may have.
        let most = attempts.max(MOST);
        let counters = vec![(pair.clone(), attempts), (source(address), most), (format!("user:{who}"), most)];
        Guess { now, interval, pair, beside: Some(beside), counters }
    }

    /// Whose counters are touched besides the pair: what a service says of an address counts among its own
    /// provider's calls, and within what it may report altogether.
    fn bound(&mut self, call: &Call, whose: Whose<'_>) {
        if let Caller::Service(service) = &call.caller {
            for (key, _) in &mut self.counters {
                if let Some(address) = key.strip_prefix("address:") {
                    *key = format!("address:{}:{address}", call.provider.id);
                }
            }
            if service.login_limit > 0 {
                self.counters.push((format!("service:{}", service.id), service.login_limit));
            }
        }
        if let Whose::Typed(_, user) = whose {
            self.beside = None;
            if let (Some(user), Some((everywhere, _))) = (user, self.counters.last_mut()) {
                *everywhere = format!("user:{user}");
            }
        }
    }
}

/// The counter of a person's address; IPv6 by its /64.
pub fn source(address: IpAddr) -> String {
    format!("address:{}", addresses::group(address))
}

/// The counters of a user from an address: for passwords, for keys.
fn pairs(who: &str, address: IpAddr) -> [String; 2] {
    let pair = format!("pair:{who}:{}", source(address));
    let keys = format!("{pair}:key");
    [pair, keys]
}

fn bounds(snapshot: &Snapshot) -> (i64, i64) {
    (snapshot.server.login_attempts, snapshot.server.login_interval_minutes * MINUTE)
}

/// A name that is nobody's does not stand in the counters: people mistype passwords into such fields.
fn who(vault: &Vault, whose: Whose<'_>) -> String {
    match whose {
        Whose::User(user) => user.to_string(),
        Whose::Name(name) | Whose::Typed(name, _) => {
            let hash = vault.keyed_hash("guessed name", &[names::key(name).as_bytes()]);
            format!("?{}", hex::encode(&hash[..16]))
        }
    }
}

impl Tx<'_> {
    /// Refuses with -30133 while one of the counters that the try touches must wait; else whether there is nothing
    /// that a right password would clear.
    pub fn login_open(&self, guess: &Guess) -> Result<bool> {
        let (mut longest, mut clean) = (None, true);
        for key in guess.counters.iter().map(|(key, _)| key).chain(&guess.beside) {
            let failures = self.failures(key)?;
            longest = longest.max(failures.wait(guess.now));
            clean &= failures == Failures::NONE || (*key != guess.pair && guess.beside.as_ref() != Some(key));
        }
        match longest {
            Some(wait) => Err(Error::from(Code::TooManyAttempts).with(wait)),
            None => Ok(clean),
        }
    }

    /// Counts a failure.
    pub fn login_failed(&self, guess: &Guess) -> Result<()> {
        let sql = "DELETE FROM counters WHERE key IN
                   (SELECT key FROM counters WHERE expires < $1 ORDER BY expires LIMIT 5)";
        self.keep_house(sql, &[&guess.now.0])?;
        self.note(|notes| notes.failures += 1);
        for (key, most) in &guess.counters {
            let next = self.failures(key)?.failed(guess.now, *most, guess.interval);
            let sql = "INSERT INTO counters (key, failures, since, locks, lockeduntil, expires)
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO UPDATE SET failures = excluded.failures,
                       since = excluded.since, locks = excluded.locks, lockeduntil = excluded.lockeduntil,
                       expires = excluded.expires";
            let expires = next.expires(guess.interval).0;
            self.change(
                sql,
                &[key, &next.failures, &next.since.0, &next.locks, &next.locked_until.0, &expires],
            )?;
        }
        Ok(())
    }

    /// A right password: its pair and that of the keys start afresh, and the time of the login is written
    /// later.
    pub fn login_succeeded(&self, guess: &Guess, user: i64) -> Result<()> {
        self.note_login(user, guess.now);
        if let Some(beside) = &guess.beside {
            self.keep_house("DELETE FROM counters WHERE key = $1", &[beside])?;
        }
        self.forget_pair(guess)
    }

    /// Notes the time of a login, to be written later.
    pub fn note_login(&self, user: i64, now: Time) {
        self.note(|notes| notes.logins.push((user, now.0)));
    }

    /// The logins that were noted.
    pub fn noted_logins(&self) -> Vec<(i64, i64)> {
        self.notes().logins
    }

    /// A right key, or a right password where it is no login: the pair starts afresh.
    pub fn forget_pair(&self, guess: &Guess) -> Result<()> {
        // No change to anybody, and so no audit row: the failures left none either.
        self.keep_house("DELETE FROM counters WHERE key = $1", &[&guess.pair]).map(drop)
    }

    /// Forgets everything that was counted for a user, by whatever name a stranger knew the user.
    pub fn forget_failures(&self, call: &Call, user: &User) -> Result<()> {
        let texts = [&user.username, &user.email, &user.reference, &user.authid];
        let typed = texts.into_iter().filter(|text| !text.is_empty());
        let typed = typed.map(|text| who(&call.vault, Whose::Name(text)));
        for who in typed.chain([user.id.to_string()]) {
            // All keys of that name: `;` is the character after `:`.
            let (first, end) = (format!("pair:{who}:"), format!("pair:{who};"));
            self.change("DELETE FROM counters WHERE key >= $1 AND key < $2", &[&first, &end])?;
            self.change("DELETE FROM counters WHERE key = $1", &[&format!("user:{who}")])?;
        }
        Ok(())
    }

    /// Notes a mail that a stranger wants sent, to that user or to nobody; whether it may be: three an hour
    /// to a user, twenty by an address (`access.md` §4).
    pub fn stranger_mails(&self, call: &Call, user: Option<i64>) -> Result<bool> {
        let (from, to) = (call.person_ip().map(source), user.map(|user| format!("user:{user}")));
        let limits = [(from, MAILS_BY_ADDRESS), (to, MAILS_TO_USER)];
        let limits: Vec<(String, i64)> =
            limits.into_iter().filter_map(|(who, most)| Some((who?, most))).collect();
        for (who, most) in &limits {
            let (first, end) = (format!("mail:{who}:"), format!("mail:{who};"));
            let sql = "SELECT count(*) FROM counters WHERE key >= $1 AND key < $2 AND expires > $3";
            let sent = self.one(sql, &[&first, &end, &call.now.0], |row| row.get::<_, i64>(0))?;
            if sent.unwrap_or(0) >= *most {
                return Ok(false);
            }
        }
        self.note(|notes| notes.failures += 1);
        for (who, _) in limits {
            let key = format!("mail:{who}:{}", call.request_id.as_str());
            let sql = "INSERT INTO counters (key, failures, since, locks, lockeduntil, expires)
                       VALUES ($1, 1, $2, 0, 0, $3) ON CONFLICT (key) DO UPDATE SET failures = 1";
            self.keep_house(sql, &[&key, &call.now.0, &call.now.plus(HOUR).0])?;
        }
        Ok(true)
    }

    /// Notes an invitation mail that a user wants sent; whether there are no more than so many in a day.
    pub fn invitation_mails(&self, call: &Call, user: i64, most: i64) -> Result<bool> {
        let (first, end) = (format!("mail:by:{user}:"), format!("mail:by:{user};"));
        let sql = "SELECT count(*) FROM counters WHERE key >= $1 AND key < $2 AND expires > $3";
        let sent = self.one(sql, &[&first, &end, &call.now.0], |row| row.get::<_, i64>(0))?;
        if sent.unwrap_or(0) >= most {
            return Ok(false);
        }
        self.note(|notes| notes.failures += 1);
        let key = format!("mail:by:{user}:{}", call.request_id.as_str());
        let sql = "INSERT INTO counters (key, failures, since, locks, lockeduntil, expires)
                   VALUES ($1, 1, $2, 0, 0, $3) ON CONFLICT (key) DO UPDATE SET failures = 1";
        self.keep_house(sql, &[&key, &call.now.0, &call.now.plus(DAY).0])?;
        Ok(true)
    }

    /// Throws counters away where there are more than `most`, a thousand at most, those first that end
    /// first: open doors before closed ones. Whether there are no more than that now.
    pub(super) fn bound_failures(&self, most: i64) -> Result<bool> {
        const CHUNK: i64 = 1_000;
        let count = self.one("SELECT count(*) FROM counters", &[], |row| row.get::<_, i64>(0))?;
        let excess = count.unwrap_or(0) - most;
        if excess > 0 {
            let sql = "DELETE FROM counters WHERE key IN
                       (SELECT key FROM counters ORDER BY expires LIMIT $1)";
            self.keep_house(sql, &[&excess.min(CHUNK)])?;
        }
        Ok(excess <= CHUNK)
    }

    fn failures(&self, key: &str) -> Result<Failures> {
        let sql = "SELECT failures, since, locks, lockeduntil FROM counters WHERE key = $1";
        let found = self.one(sql, &[&key], |row| {
            Ok(Failures {
                failures: row.get(0)?,
                since: Time(row.get(1)?),
                locks: row.get(2)?,
                locked_until: Time(row.get(3)?),
            })
        })?;
        Ok(found.unwrap_or(Failures::NONE))
    }
}
