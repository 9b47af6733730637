//! Replays of reads, remembered in memory.
//!
//! A change leaves its checksum in the database, in its own transaction. A read has none, so its
//! checksum is kept here, as a keyed 64-bit hash in two generations: the older one is thrown away
//! when it can no longer matter. A false alarm is one in 10^13; running out of room is -120 and not
//! silence, because forgetting would let a replay in.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, PoisonError};

use crate::domain::time::Time;
use crate::error::{Error, Result};

/// The most checksums in one generation.
const MOST: usize = 500_000;

/// The two generations.
#[derive(Default)]
pub struct Memory {
    hasher: RandomState,
    seen: Mutex<Seen>,
}

#[derive(Default)]
struct Seen {
    young: HashSet<u64>,
    old: HashSet<u64>,
    /// When the young generation becomes the old one.
    turns: i64,
}

impl Memory {
    /// Remembers a checksum or a signature for at least `life` microseconds; whether it is new.
    pub fn first(&self, signer: &str, checksum: &str, now: Time, life: i64) -> Result<bool> {
        let hash = self.hasher.hash_one((signer, checksum));
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if now.0 >= seen.turns {
            seen.old = std::mem::take(&mut seen.young);
            seen.turns = now.plus(life).0;
        }
        if seen.has(hash) {
            return Ok(false);
        }
        if seen.young.len() >= MOST {
            return Err(Error::Busy);
        }
        seen.young.insert(hash);
        Ok(true)
    }

    /// Whether a checksum or a signature is remembered.
    pub fn knows(&self, signer: &str, checksum: &str) -> bool {
        let hash = self.hasher.hash_one((signer, checksum));
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).has(hash)
    }
}

impl Seen {
    fn has(&self, hash: u64) -> bool {
        self.old.contains(&hash) || self.young.contains(&hash)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_is_new_once_while_it_matters() {
        let memory = Memory::default();
        let life = 60;
        assert!(memory.first("1", "a", Time(30), life).unwrap());
        assert!(!memory.first("1", "a", Time(31), life).unwrap());
        assert!(memory.knows("1", "a") && !memory.knows("2", "a"));
        assert!(memory.first("2", "a", Time(31), life).unwrap());
        // Up to its end it is remembered, whatever generation it is in.
        for now in [59, 60, 89, 90] {
            assert!(!memory.first("1", "a", Time(now), life).unwrap(), "{now}");
        }
        assert!(memory.first("1", "b", Time(160), life).unwrap());
        assert!(memory.first("1", "a", Time(230), life).unwrap());
    }
}
