//! In which encoding a file is that is not UTF-8, and how it is converted: spreadsheets save what their makers
//! thought best, and "not UTF-8" alone sends people to a search engine.

use std::path::Path;

/// UTF-16, where the beginning of a file shows it: by its mark, or by the zeros between its letters.
pub fn wide(start: &[u8]) -> Option<&'static str> {
    match start {
        [0xff, 0xfe, ..] => return Some("UTF-16LE"),
        [0xfe, 0xff, ..] => return Some("UTF-16BE"),
        _ => {}
    }
    let zeros = |odd: usize| start.iter().skip(odd).step_by(2).filter(|byte| **byte == 0).count();
    let many = start.len() / 4;
    match (zeros(0), zeros(1)) {
        (even, odd) if odd > many && odd > even => Some("UTF-16LE"),
        (even, _) if even > many => Some("UTF-16BE"),
        _ => None,
    }
}

/// What a text of single bytes is: the byte at which UTF-8 ends, and the likely encoding.
pub fn narrow(bytes: &[u8], at: usize) -> &'static str {
    let rest = bytes.get(at..).unwrap_or_default();
    // These are letters and quotes on Windows, and control characters in Latin-1.
    match rest.iter().any(|byte| (0x80..0xa0).contains(byte)) {
        true => "WINDOWS-1252",
        false => "ISO-8859-1",
    }
}

/// What is wrong, and what to do.
pub fn fault(path: &Path, place: &str, encoding: &str) -> String {
    let file = path.display();
    let usual = if encoding == "ISO-8859-1" { " (Latin-1)" } else { "" };
    // The mark says the order of the bytes, and does not stay in the text.
    let from = if encoding == "UTF-16LE" { "UTF-16" } else { encoding };
    format!(
        "{file} is not UTF-8{place}; it seems to be {encoding}{usual}: convert it with \
         `iconv -f {from} -t UTF-8 {file} > utf8.csv`, or save it as UTF-8"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_told_apart() {
        let utf16 = |mark: bool, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let text = if mark { "\u{feff}username,email\n" } else { "username,email\n" };
            text.encode_utf16().flat_map(order).collect()
        };
        for mark in [true, false] {
            assert_eq!(wide(&utf16(mark, u16::to_le_bytes)), Some("UTF-16LE"));
            assert_eq!(wide(&utf16(mark, u16::to_be_bytes)), Some("UTF-16BE"));
        }
        assert_eq!((wide(b"username,email\nJ\xfcrgen"), wide(b"")), (None, None));
        assert_eq!(
            (narrow(b"J\xfcrgen", 1), narrow(b"\x93J\xfcrgen\x94", 0)),
            ("ISO-8859-1", "WINDOWS-1252")
        );
    }
}
