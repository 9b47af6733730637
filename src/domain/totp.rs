//! Codes of the moment (TOTP, RFC 6238): six digits out of a secret and the time, as every authenticator app
//! makes them.
//!
//! It is forty lines here and no library: beside yes or no the step has to be known that a code belongs to, so that none
//! is accepted twice, in the same time whatever is right. What a library would take over, the digits and two notations,
//! is thirty of them, and the one at hand refuses account names and issuers with a colon, which users and products have.

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use super::time::Time;

/// Bytes of a new secret, as many as the hash has.
pub const SECRET: usize = 20;
/// Seconds for which a code is shown.
const PERIOD: i64 = 30;
/// Steps that a device's clock may be off, either way.
const WINDOW: i64 = 1;
const DIGITS: u32 = 1_000_000;

/// What a new secret is made of, as apps take it when it is typed.
pub fn base32(secret: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut text = String::with_capacity(secret.len() * 8 / 5 + 1);
    let (mut bits, mut held) = (0_u32, 0);
    for byte in secret {
        bits = (bits << 8) | u32::from(*byte);
        held += 8;
        while held >= 5 {
            held -= 5;
            text.push(char::from(ALPHABET[(bits >> held) as usize % 32]));
        }
    }
    if held > 0 {
        text.push(char::from(ALPHABET[(bits << (5 - held)) as usize % 32]));
    }
    text
}

/// The same with whose it is, as apps take it from a picture.
pub fn uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    let (issuer, account) = (escaped(issuer), escaped(account));
    let secret = base32(secret);
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    )
}

fn escaped(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let each = text.bytes().map(|byte| match plain(&byte) {
        true => char::from(byte).to_string(),
        false => format!("%{byte:02X}"),
    });
    each.collect()
}

/// The step of a code that is right now and belongs to a later step than the last one used.
///
/// Every step is tried whatever was found before, in the same time.
pub fn accepted(secret: &[u8], given: &str, now: Time, used: i64) -> Option<i64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    let this = now.seconds().div_euclid(PERIOD);
    let mut found = 0;
    for step in this - WINDOW..=this + WINDOW {
        let right = code(secret, step).as_bytes().ct_eq(given.as_bytes());
        found.conditional_assign(&step, right & Choice::from(u8::from(step > used)));
    }
    (found > 0).then_some(found)
}

/// The code of a step (RFC 4226).
fn code(secret: &[u8], step: i64) -> String {
    // A key of any length is a valid HMAC key, so the other case cannot come up.
    let mac = Hmac::<Sha1>::new_from_slice(secret);
    let mut mac = mac.unwrap_or_else(|_| Hmac::<Sha1>::new(&Default::default()));
    mac.update(&step.to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash.last().copied().unwrap_or(0) & 15);
    let four = hash[at..at + 4].iter().fold(0_u32, |number, byte| (number << 8) | u32::from(*byte));
    format!("{:06}", (four & 0x7FFF_FFFF) % DIGITS)
}

#[cfg(test)]
mod tests {
    use super::super::time::SECOND;
    use super::*;

    const RFC: &[u8; SECRET] = b"12345678901234567890";

    fn at(seconds: i64) -> Time {
        Time(seconds * SECOND)
    }

    #[test]
    fn the_codes_of_the_rfc() {
        // The RFC shows eight digits; six of them are the last six.
        for (seconds, shown) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code(RFC, seconds / PERIOD), shown);
            assert_eq!(accepted(RFC, shown, at(seconds), 0), Some(seconds / PERIOD));
        }
    }

    #[test]
    fn a_step_before_and_behind_and_no_further() {
        let shown = code(RFC, 1_000);
        let held: Vec<i64> =
            (960..1_040).filter(|step| accepted(RFC, &shown, at(step * 30), 0).is_some()).collect();
        assert_eq!(held, [999, 1_000, 1_001]);
        assert_eq!(accepted(RFC, &shown, at(30_059), 999), Some(1_000));
    }

    #[test]
    fn none_twice_and_none_before_one_that_was_used() {
        let now = at(30_000);
        for (step, used, right) in
            [(999, 998, true), (1_000, 999, true), (1_000, 1_000, false), (999, 1_000, false)]
        {
            assert_eq!(accepted(RFC, &code(RFC, step), now, used).is_some(), right, "{step} {used}");
        }
    }

    #[test]
    fn what_is_no_code() {
        let shown = code(RFC, 1_000);
        let spaced = format!(" {} {} ", &shown[..3], &shown[3..]);
        assert_eq!(accepted(RFC, &spaced, at(30_000), 0), Some(1_000));
        for wrong in ["", "0", &shown[1..], &format!("{shown}0"), "abcdef", "１２３４５６"] {
            assert_eq!(accepted(RFC, wrong, at(30_000), 0), None, "{wrong}");
        }
    }

    #[test]
    fn how_a_secret_is_shown() {
        assert_eq!(base32(RFC), "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!([base32(b""), base32(b"f"), base32(b"foobar")], ["", "MY", "MZXW6YTBOI"]);
        assert_eq!(
            uri("Acme & Söhne", "a:b@example.com", b"foobar"),
            "otpauth://totp/Acme%20%26%20S%C3%B6hne:a%3Ab%40example.com?secret=MZXW6YTBOI\
             &issuer=Acme%20%26%20S%C3%B6hne&algorithm=SHA1&digits=6&period=30"
        );
    }
}
