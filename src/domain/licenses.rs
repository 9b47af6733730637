//! Licences: the words and bits of features, the form of a key.

/// The features a licence can have, word and bit: words `[C]`, bits `[O]`.
pub const FEATURES: &[(&str, i64)] = &[
    ("banner", 1),
    ("webdavs", 2),
    ("personal", 4),
    ("professional", 8),
    ("enterprise", 16),
    ("restricted", 32),
    ("inbox", 64),
];

const EVERY_BIT: i64 = 127;

/// Reads a word, a list of words joined by `,` or `+`, or the number.
pub fn features(text: &str) -> Option<i64> {
    if let Ok(number) = text.trim().parse::<i64>() {
        return (0..=EVERY_BIT).contains(&number).then_some(number);
    }
    text.split([',', '+']).try_fold(0, |bits, word| {
        let word = word.trim();
        FEATURES.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, bit)| bits | bit)
    })
}

/// The key that follows from eight of the random bytes: `ACME-NNNN-NNNN-NNNN` `[C]`.
pub fn key(provider: &str, random: &[u8; 32]) -> String {
    let mut number = [0u8; 8];
    number.copy_from_slice(&random[..8]);
    // 2^64 over 10^12 leaves a bias of less than one in ten million.
    let digits = u64::from_le_bytes(number) % 1_000_000_000_000;
    let (high, middle, low) = (digits / 100_000_000, digits / 10_000 % 10_000, digits % 10_000);
    format!("{provider}-{high:04}-{middle:04}-{low:04}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_words_or_numbers() {
        assert_eq!(features("banner"), Some(1));
        assert_eq!(features("Professional, webdavs"), Some(10));
        assert_eq!(features("enterprise+inbox"), Some(80));
        assert_eq!(features("12"), Some(12));
        assert_eq!(features("128"), None);
        assert_eq!(features("gold"), None);
    }

    #[test]
    fn keys_have_twelve_digits() {
        assert_eq!(key("ACME", &[0; 32]), "ACME-0000-0000-0000");
        assert_eq!(key("ACME", &[255; 32]).len(), 19);
    }
}
