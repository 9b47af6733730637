//! From when until when a certificate is good, read from its bytes.
//!
//! The library that speaks TLS shows nothing of its own certificate, and a reader of all of X.509 would be far more
//! than these two dates need. They stand at a fixed place: behind version, number, algorithm and issuer.

use crate::domain::time::Time;

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const VERSION: u8 = 0xa0;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;

/// When the certificate begins and ends; nothing where the bytes are no certificate.
pub fn of(certificate: &[u8]) -> Option<(Time, Time)> {
    let (certificate, _) = tagged(certificate, SEQUENCE)?;
    let (signed, _) = tagged(certificate, SEQUENCE)?;
    let rest = tagged(signed, VERSION).map_or(signed, |(_, rest)| rest);
    let (_, rest) = tagged(rest, INTEGER)?;
    let (_, rest) = tagged(rest, SEQUENCE)?;
    let (_, rest) = tagged(rest, SEQUENCE)?;
    let (dates, _) = tagged(rest, SEQUENCE)?;
    let (begins, rest) = moment(dates)?;
    let (ends, _) = moment(rest)?;
    Some((begins, ends))
}

/// The contents of an element of that kind, and what stands behind it.
fn tagged(bytes: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, contents, rest) = element(bytes)?;
    (found == tag).then_some((contents, rest))
}

fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        0..=0x7f => (usize::from(*first), rest),
        // A length of its own length: a certificate needs two bytes for it, three are more than enough.
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((*tag, contents, rest))
}

/// A moment: with two digits for the year, which is before 2050, or with four.
fn moment(bytes: &[u8]) -> Option<(Time, &[u8])> {
    let (tag, text, rest) = element(bytes)?;
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let full = match tag {
        UTC_TIME if text < "50" => format!("20{text}"),
        UTC_TIME => format!("19{text}"),
        GENERALIZED_TIME => text.to_owned(),
        _ => return None,
    };
    let digits = full.strip_suffix('Z').filter(|digits| digits.len() == 14)?;
    let part = |from: usize, to: usize| digits.get(from..to);
    let written = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    );
    Some((Time::parse_rfc3339(&written)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(tag: u8, contents: &[u8]) -> Vec<u8> {
        let length = contents.len();
        let head = match length {
            0..=127 => vec![tag, length as u8],
            _ => vec![tag, 0x82, (length >> 8) as u8, length as u8],
        };
        [head, contents.to_vec()].concat()
    }

    fn certificate(version: bool, begins: (u8, &str), ends: (u8, &str)) -> Vec<u8> {
        let dates = [wrapped(begins.0, begins.1.as_bytes()), wrapped(ends.0, ends.1.as_bytes())].concat();
        let mut signed = if version { wrapped(VERSION, &[2, 1, 2]) } else { Vec::new() };
        for (tag, contents) in
            [(INTEGER, &[7][..]), (SEQUENCE, &[]), (SEQUENCE, &[0; 300]), (SEQUENCE, &dates)]
        {
            signed.extend(wrapped(tag, contents));
        }
        wrapped(SEQUENCE, &wrapped(SEQUENCE, &signed))
    }

    #[test]
    fn both_forms_of_a_date_are_read() {
        let time = |text| Time::parse_rfc3339(text).unwrap();
        for version in [true, false] {
            let bytes =
                certificate(version, (UTC_TIME, "991231235959Z"), (GENERALIZED_TIME, "20501231235959Z"));
            assert_eq!(of(&bytes), Some((time("1999-12-31T23:59:59Z"), time("2050-12-31T23:59:59Z"))));
        }
        let bytes = certificate(true, (UTC_TIME, "260101000000Z"), (UTC_TIME, "491231235959Z"));
        assert_eq!(of(&bytes), Some((time("2026-01-01T00:00:00Z"), time("2049-12-31T23:59:59Z"))));
    }

    #[test]
    fn whatever_is_cut_off_or_bent_is_none() {
        let good = certificate(true, (UTC_TIME, "260101000000Z"), (UTC_TIME, "271231235959Z"));
        for length in 0..good.len() {
            assert_eq!(of(&good[..length]), None, "{length}");
        }
        for at in 0..good.len() {
            for value in [0, 0x30, 0x7f, 0x80, 0x84, 0xff] {
                let mut bent = good.clone();
                bent[at] = value;
                // Whatever comes of it, it comes to an end.
                let _ = of(&bent);
            }
        }
        for wrong in ["260101000000", "2601010000Z", "26010100000\u{e9}", "261301000000Z", "+60101000000Z"] {
            assert_eq!(
                of(&certificate(true, (UTC_TIME, wrong), (UTC_TIME, "271231235959Z"))),
                None,
                "{wrong}"
            );
        }
    }
}
