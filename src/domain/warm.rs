//! Logins that are warm: passwords that were right a moment ago, so that the same login again costs no hash.
//!
//! A portal asks `loginuser` with every page that it shows, and each hash takes ten milliseconds of a core. So
//! what was right is remembered for a while, in memory alone, as a keyed hash over the user, the stored hash and
//! the password: bound to the stored hash, it is worth nothing as soon as the password is another one, whichever
//! program has changed it. Only what was right is kept; a guess costs a full hash every time.
//!
//! What it costs is said where it is switched on: whoever could read the memory of the program could try
//! passwords against it at a speed that Argon2id forbids, as long as they are remembered.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::time::{SECOND, Time};

/// The most that is remembered; the oldest goes first.
const MOST: usize = 100_000;

/// The passwords that were right.
pub struct Warm {
    /// For so many microseconds; 0: not at all.
    life: i64,
    /// Most users of it: `MOST`, but in a test.
    most: usize,
    keyed: Hmac<Sha256>,
    table: Mutex<Table>,
}

#[derive(Default)]
struct Table {
    right: HashMap<i64, Right>,
    /// The users in the order in which they came, with when that was.
    order: VecDeque<(i64, Time)>,
}

struct Right {
    tag: [u8; 32],
    since: Time,
}

impl Warm {
    /// Under a key that nobody knows and that ends with the program.
    pub fn new(key: &[u8; 32], seconds: u32) -> Warm {
        // A key of any length is a valid HMAC key, so the other case cannot come up.
        let keyed = Hmac::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()));
        Warm { life: i64::from(seconds) * SECOND, most: MOST, keyed, table: Mutex::default() }
    }

    /// Whether that password was verified against that stored hash a moment ago.
    pub fn knows(&self, user: i64, stored: &str, password: &str, now: Time) -> bool {
        if self.life == 0 {
            return false;
        }
        let tag = self.tag(user, stored, password);
        let table = self.lock();
        let Some(right) = table.right.get(&user) else { return false };
        self.alive(right.since, now) && bool::from(right.tag.ct_eq(&tag))
    }

    /// Remembers a password that was verified just now.
    pub fn remember(&self, user: i64, stored: &str, password: &str, now: Time) {
        if self.life == 0 {
            return;
        }
        let tag = self.tag(user, stored, password);
        let mut table = self.lock();
        // Two logins of the same user at the same time are one.
        if table.right.get(&user).is_some_and(|right| right.tag == tag && self.alive(right.since, now)) {
            return;
        }
        table.right.insert(user, Right { tag, since: now });
        table.order.push_back((user, now));
        while let Some((oldest, since)) = table.order.front().copied() {
            let current = table.right.get(&oldest).is_some_and(|right| right.since == since);
            if current && self.alive(since, now) && table.order.len() <= self.most {
                break;
            }
            table.order.pop_front();
            if current {
                table.right.remove(&oldest);
            }
        }
    }

    /// A clock that was set back ends what is remembered, too.
    fn alive(&self, since: Time, now: Time) -> bool {
        (0..self.life).contains(&(now.0 - since.0))
    }

    fn tag(&self, user: i64, stored: &str, password: &str) -> [u8; 32] {
        let mut mac = self.keyed.clone();
        mac.update(&user.to_le_bytes());
        mac.update(&(stored.len() as u64).to_le_bytes());
        mac.update(stored.as_bytes());
        mac.update(password.as_bytes());
        mac.finalize().into_bytes().into()
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Time {
        Time(seconds * SECOND)
    }

    fn sizes(warm: &Warm) -> (usize, usize) {
        let table = warm.lock();
        (table.order.len(), table.right.len())
    }

    #[test]
    fn the_same_user_hash_and_password_and_nothing_else() {
        let warm = Warm::new(&[7; 32], 60);
        warm.remember(1, "hash", "sekret", at(100));
        assert!(warm.knows(1, "hash", "sekret", at(100)));
        for (user, stored, password) in
            [(2, "hash", "sekret"), (1, "hash2", "sekret"), (1, "hash", "Sekret"), (1, "hashs", "ekret")]
        {
            assert!(!warm.knows(user, stored, password, at(100)), "{user} {stored} {password}");
        }
        assert!(!Warm::new(&[8; 32], 60).knows(1, "hash", "sekret", at(100)));
    }

    #[test]
    fn for_so_long_and_no_longer() {
        let warm = Warm::new(&[7; 32], 60);
        warm.remember(1, "hash", "sekret", at(100));
        // That it is asked for, or verified beside it, makes it no younger.
        warm.remember(1, "hash", "sekret", at(130));
        let held: Vec<i64> = (90..170).filter(|now| warm.knows(1, "hash", "sekret", at(*now))).collect();
        assert_eq!(held, (100..160).collect::<Vec<_>>());
        warm.remember(1, "hash", "sekret", at(160));
        assert!(warm.knows(1, "hash", "sekret", at(219)));
    }

    #[test]
    fn nothing_where_it_is_off() {
        let warm = Warm::new(&[7; 32], 0);
        warm.remember(1, "hash", "sekret", at(100));
        assert!(!warm.knows(1, "hash", "sekret", at(100)));
        assert!(warm.lock().right.is_empty());
    }

    #[test]
    fn the_oldest_goes_first() {
        let warm = Warm { most: 3, ..Warm::new(&[7; 32], 60) };
        for user in 1..=4 {
            warm.remember(user, "hash", "sekret", at(user));
        }
        let known = |user: i64| warm.knows(user, "hash", "sekret", at(9));
        assert_eq!([1, 2, 3, 4].map(known), [false, true, true, true]);
        // A new password takes the place of the old one, and no other's.
        for n in 0..10 {
            warm.remember(4, &format!("hash{n}"), "sekret", at(10));
        }
        assert!(sizes(&warm).0 <= 3 && sizes(&warm).1 <= 3);
        assert!(warm.knows(4, "hash9", "sekret", at(10)) && !warm.knows(4, "hash8", "sekret", at(10)));
        // What has ended leaves no trace.
        warm.remember(9, "hash", "sekret", at(1_000));
        assert_eq!(sizes(&warm), (1, 1));
    }
}
