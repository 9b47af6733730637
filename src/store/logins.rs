//! Wrong passwords: the counters in the database, so that they survive a restart.

use super::backend::Tx;
use crate::call::{Call, Caller};
use crate::domain::logins::Failures;
use crate::domain::time::{MINUTE, Time};
use crate::error::{Code, Error, Result};

/// The most failures from one person's address, and the most of one user from all of them
/// (`access.md` §4).
const MOST: i64 = 100;

impl Tx<'_> {
    /// Refuses with -30133 while one of the counters that the login touches must wait.
    pub fn login_open(&self, call: &Call, user: i64) -> Result<()> {
        let mut longest = None;
        for (key, _) in keys(call, user) {
            longest = longest.max(self.failures(&key)?.wait(call.now));
        }
        match longest {
            Some(wait) => Err(Error::from(Code::TooManyAttempts).with(wait)),
            None => Ok(()),
        }
    }

    /// Counts a wrong password.
    pub fn login_failed(&self, call: &Call, user: i64) -> Result<()> {
        let sql = "DELETE FROM login_failures WHERE key IN
                   (SELECT key FROM login_failures WHERE expires < $1 ORDER BY expires LIMIT 5)";
        self.keep_house(sql, &[&call.now.0])?;
        self.note(|notes| notes.failures += 1);
        let interval = call.snapshot.server.login_interval_minutes * MINUTE;
        for (key, most) in keys(call, user) {
            let next = self.failures(&key)?.failed(call.now, most, interval);
            let sql = "INSERT INTO login_failures (key, failures, since, locks, lockeduntil, expires)
                       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (key) DO UPDATE SET failures = excluded.failures,
                       since = excluded.since, locks = excluded.locks, lockeduntil = excluded.lockeduntil,
                       expires = excluded.expires";
            let expires = next.expires(interval).0;
            self.change(
                sql,
                &[&key, &next.failures, &next.since.0, &next.locks, &next.locked_until.0, &expires],
            )?;
        }
        Ok(())
    }

    /// A right password: the pair starts afresh, and the time of the login is written later.
    pub fn login_succeeded(&self, call: &Call, user: i64) -> Result<()> {
        self.note(|notes| notes.logins.push((user, call.now.0)));
        self.forget_pair(call, user)
    }

    /// A right password where it is no login: the pair starts afresh.
    pub fn forget_pair(&self, call: &Call, user: i64) -> Result<()> {
        // No change to anybody, and so no audit row: the failures left none either.
        self.keep_house("DELETE FROM login_failures WHERE key = $1", &[&pair(call, user)]).map(drop)
    }

    /// Forgets everything that was counted for a user.
    pub fn forget_failures(&self, user: i64) -> Result<()> {
        // All keys of the user: `;` is the character after `:`.
        let (first, end) = (format!("pair:{user}:"), format!("pair:{user};"));
        self.change("DELETE FROM login_failures WHERE key >= $1 AND key < $2", &[&first, &end])?;
        self.change("DELETE FROM login_failures WHERE key = $1", &[&everywhere(user)]).map(drop)
    }

    /// Throws counters away where there are more than `most`, a thousand at most, those first that end
    /// first: open doors before closed ones. Whether there are no more than that now.
    pub(super) fn bound_failures(&self, most: i64) -> Result<bool> {
        const CHUNK: i64 = 1_000;
        let count = self.one("SELECT count(*) FROM login_failures", &[], |row| row.get::<_, i64>(0))?;
        let excess = count.unwrap_or(0) - most;
        if excess > 0 {
            let sql = "DELETE FROM login_failures WHERE key IN
                       (SELECT key FROM login_failures ORDER BY expires LIMIT $1)";
            self.keep_house(sql, &[&excess.min(CHUNK)])?;
        }
        Ok(excess <= CHUNK)
    }

    fn failures(&self, key: &str) -> Result<Failures> {
        let sql = "SELECT failures, since, locks, lockeduntil FROM login_failures WHERE key = $1";
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

/// The counters that a login touches, with the most failures that each allows.
fn keys(call: &Call, user: i64) -> Vec<(String, i64)> {
    let attempts = call.snapshot.server.login_attempts;
    let mut keys = vec![(pair(call, user), attempts)];
    if call.client_ip.is_some() {
        // Never fewer than a single pair may have.
        keys.extend([call.login_source(), everywhere(user)].map(|key| (key, attempts.max(MOST))));
    }
    if let Caller::Service(service) = &call.caller
        && service.login_limit > 0
    {
        keys.push((format!("service:{}", service.id), service.login_limit));
    }
    keys
}

/// The failures of a user from all persons' addresses together.
fn everywhere(user: i64) -> String {
    format!("user:{user}")
}

fn pair(call: &Call, user: i64) -> String {
    format!("pair:{user}:{}", call.login_source())
}
