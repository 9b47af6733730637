//! An authenticator app, written from the RFCs alone: what it shows is what the server must accept.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::World;

/// The app with one secret.
#[derive(Clone)]
pub struct Authenticator(Vec<u8>);

impl Authenticator {
    /// With the secret as it is typed.
    pub fn typed(base32: &str) -> Authenticator {
        let value = |c: char| match c {
            'A'..='Z' => c as u64 - 'A' as u64,
            '2'..='7' => c as u64 - '2' as u64 + 26,
            c => panic!("{c} is no letter of base32"),
        };
        let letters: Vec<u64> = base32.chars().map(value).collect();
        let forties = letters.chunks(8).map(|chunk| chunk.iter().fold(0, |bits, five| (bits << 5) | five));
        Authenticator(forties.flat_map(|bits| bits.to_be_bytes()[3..].to_vec()).collect())
    }

    /// What it shows, if its clock is that many seconds ahead.
    pub fn ahead(&self, world: &World, seconds: i64) -> String {
        let step = (world.seconds() + seconds) / 30;
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).unwrap();
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let at = (hash[19] & 15) as usize;
        let number = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7FFF_FFFF;
        format!("{:06}", number % 1_000_000)
    }

    /// What it shows.
    pub fn shows(&self, world: &World) -> String {
        self.ahead(world, 0)
    }

    /// A code that it shows neither now nor just before or behind.
    pub fn never_shows(&self, world: &World) -> String {
        let near = [-30, 0, 30].map(|seconds| self.ahead(world, seconds));
        (0..4).map(|n| format!("{n:06}")).find(|code| !near.contains(code)).unwrap()
    }
}
