//! Password hashes: Argon2id in the PHC string form, with memory that is kept between hashes.
//!
//! Each hash thread owns one [`Passwords`]. Its 19 MiB are allocated once and reused, because asking
//! the operating system for fresh pages costs a tenth of the whole hash; [`Passwords::release`] gives
//! them back when the thread has been idle.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use subtle::ConstantTimeEq;

/// The longest password in characters `[O]`.
pub const LONGEST: usize = 1_000;

/// Blocks of 1 KiB above which the allocator always maps fresh memory and gives it back when it is freed;
/// what is not touched costs nothing. Below that it would keep the memory for itself from the second
/// time on.
const MAPPED: usize = 33 << 10;

/// The cost of a hash (`access.md` §5: 19 MiB, 2 passes, 1 lane at least).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// Hashes and verifies on one thread.
pub struct Passwords {
    cost: Cost,
    memory: Vec<Block>,
    runs: u64,
}

impl Passwords {
    /// For that cost; no memory is taken yet.
    pub fn new(cost: Cost) -> Passwords {
        Passwords { cost, memory: Vec::new(), runs: 0 }
    }

    /// Gives the memory back.
    pub fn release(&mut self) {
        self.memory = Vec::new();
    }

    /// How many hashes were computed: equal work is shown by counting.
    pub fn runs(&self) -> u64 {
        self.runs
    }

    /// Hashes a new password.
    pub fn hash(&mut self, password: &str, salt: &[u8; 16]) -> anyhow::Result<String> {
        let params = Params::new(self.cost.memory_kib, self.cost.passes, self.cost.lanes, Some(32))?;
        let output = self.compute(password, salt, &params)?;
        let hash = PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(u32::from(Version::V0x13)),
            params: ParamsString::try_from(&params)?,
            salt: Some(Salt::new(salt)?),
            hash: Some(Output::new(&output)?),
        };
        Ok(hash.to_string())
    }

    /// Whether the password is the one that was hashed; always one full computation.
    pub fn verify(&mut self, password: &str, stored: &str) -> anyhow::Result<bool> {
        let hash = PasswordHash::new(stored)?;
        let params = Params::try_from(&hash)?;
        let (Some(salt), Some(expected)) = (hash.salt, hash.hash) else {
            anyhow::bail!("a stored hash lacks its salt or its value");
        };
        let output = self.compute(password, salt.as_ref(), &params)?;
        Ok(bool::from(output.as_slice().ct_eq(expected.as_bytes())))
    }

    /// Whether a stored hash was made at a lower cost than today's.
    pub fn outdated(&self, stored: &str) -> bool {
        PasswordHash::new(stored).ok().and_then(|hash| Params::try_from(&hash).ok()).is_none_or(|old| {
            old.m_cost() < self.cost.memory_kib
                || old.t_cost() < self.cost.passes
                || old.p_cost() < self.cost.lanes
        })
    }

    fn compute(&mut self, password: &str, salt: &[u8], params: &Params) -> anyhow::Result<Vec<u8>> {
        self.runs += 1;
        let blocks = params.block_count();
        if self.memory.len() < blocks {
            self.memory.reserve_exact(blocks.max(MAPPED));
            self.memory.resize(blocks, Block::default());
        }
        let mut output = vec![0; params.output_len().unwrap_or(32)];
        let memory = self.memory.get_mut(..blocks).unwrap_or_default();
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params.clone()).hash_password_into_with_memory(
            password.as_bytes(),
            salt,
            &mut output,
            memory,
        )?;
        Ok(output)
    }
}

/// Whether a new password may be chosen.
pub fn allowed(password: &str, shortest: usize) -> bool {
    (shortest..=LONGEST).contains(&password.chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    #[test]
    fn what_was_hashed_verifies_and_nothing_else() {
        let mut passwords = Passwords::new(SMALL);
        let stored = passwords.hash("sekret-1234", &[7; 16]).unwrap();
        assert!(stored.starts_with("$argon2id$v=19$m=8,t=1,p=1$"));
        assert!(passwords.verify("sekret-1234", &stored).unwrap());
        assert!(!passwords.verify("sekret-1235", &stored).unwrap());
        assert_eq!(passwords.runs(), 3);
    }

    #[test]
    fn a_cheaper_hash_is_outdated() {
        let stored = Passwords::new(SMALL).hash("sekret-1234", &[7; 16]).unwrap();
        assert!(!Passwords::new(SMALL).outdated(&stored));
        assert!(Passwords::new(Cost { passes: 2, ..SMALL }).outdated(&stored));
    }
}
