//! Licences: features, limits, validity, and what an upgrade or a downgrade may change.
//!
//! Pure arithmetic over a licence's terms. Who uses a licence is the database's to count; here stands
//! what follows from the count.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::time::Time;
use super::user::{RawUserRef, UserRef};

/// The features a licence can have, word and bit: words `[C]`, bits `[O]`.
pub const FEATURES: &[(&str, i64)] = &[
    ("banner", BANNER),
    ("webdavs", 2),
    ("personal", 4),
    ("professional", 8),
    ("enterprise", 16),
    ("restricted", 32),
    ("inbox", 64),
];

const BANNER: i64 = 1;
const EVERY_BIT: i64 = 127;
/// The tiers, the lowest first; none of them is lower still.
const TIERS: [i64; 3] = [4, 8, 16];
/// What an upgrade keeps and a downgrade does not add.
const EXTRAS: i64 = 2 | 64;

/// The most users or depots of a licence `[O]`.
pub const MOST: i64 = 1_000_000_000;

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

/// The words of features, in the order of their bits, joined by commas.
pub fn feature_text(bits: i64) -> String {
    let words = FEATURES.iter().filter(|(_, bit)| bits & bit != 0).map(|(word, _)| *word);
    words.collect::<Vec<_>>().join(",")
}

fn tier(features: i64) -> usize {
    TIERS.iter().rposition(|bit| features & bit != 0).map_or(0, |at| at + 1)
}

/// What a licence is for `[C]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Product {
    /// A user's client installations.
    Client,
    /// Depots of a host server.
    Server,
}

impl Product {
    const ALL: [(Product, &'static str); 2] = [(Product::Client, "client"), (Product::Server, "server")];

    /// The protocol's word.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(product, _)| *product == self).map_or("", |(_, name)| name)
    }

    /// Reads the protocol's word, in any case.
    pub fn parse(text: &str) -> Option<Product> {
        Self::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(product, _)| *product)
    }
}

/// How a licence is paid for `[C]`; it decides nothing here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// Month by month.
    Monthly,
    /// Year by year.
    Yearly,
    /// Once.
    Permanent,
}

impl Type {
    const ALL: [(Type, &'static str); 3] =
        [(Type::Monthly, "monthly"), (Type::Yearly, "yearly"), (Type::Permanent, "permanent")];

    /// The protocol's word.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// Reads the protocol's word, in any case.
    pub fn parse(text: &str) -> Option<Type> {
        Self::ALL.iter().find(|(_, name)| name.eq_ignore_ascii_case(text)).map(|(kind, _)| *kind)
    }
}

/// The state of a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In force.
    Active,
    /// Switched off for now.
    Inactive,
    /// Ended for good, kept for the record.
    Cancelled,
    /// Its time has passed.
    Expired,
}

impl Status {
    const ALL: [(Status, &'static str); 4] = [
        (Status::Active, "active"),
        (Status::Inactive, "inactive"),
        (Status::Cancelled, "cancelled"),
        (Status::Expired, "expired"),
    ];

    /// The word in the database and on the wire.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("", |(_, name)| name)
    }

    /// Reads the word.
    pub fn parse(text: &str) -> Option<Status> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(status, _)| *status)
    }

    /// The state at that moment of a licence that is valid until then; where licences do not expire, the
    /// end means nothing.
    pub fn at(self, now: Time, valid_until: Option<Time>, expiry: bool) -> Status {
        match (self, valid_until) {
            (Status::Active | Status::Expired, Some(end)) if expiry && end <= now => Status::Expired,
            (Status::Expired, _) => Status::Active,
            (status, _) => status,
        }
    }
}

/// What a licence allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// The features' bits.
    pub features: i64,
    /// How many users, or depots, may use it.
    pub limit: i64,
    /// The moment at which it ends.
    pub valid_until: Option<Time>,
}

/// What shall become of the terms; what is not named stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wish {
    /// The features' bits; 0 is the same as none named.
    pub features: Option<i64>,
    /// The new limit.
    pub limit: Option<i64>,
    /// The new end; the inner none: without end.
    pub valid_until: Option<Option<Time>>,
}

impl Terms {
    fn with(self, wish: Wish) -> Terms {
        Terms {
            features: wish.features.filter(|bits| *bits != 0).unwrap_or(self.features),
            limit: wish.limit.unwrap_or(self.limit),
            valid_until: wish.valid_until.unwrap_or(self.valid_until),
        }
    }

    /// More, or the same: neither tier nor limit falls, extras are kept even if they are not named.
    pub fn upgraded(self, wish: Wish) -> Option<Terms> {
        let mut next = self.with(wish);
        next.features |= self.features & EXTRAS;
        let more = tier(next.features) >= tier(self.features) && next.limit >= self.limit;
        more.then_some(next)
    }

    /// Less, or the same: neither tier nor limit rises, no extra is added, and everybody who uses the
    /// licence keeps a seat.
    pub fn downgraded(self, wish: Wish, used: i64) -> Option<Terms> {
        let next = self.with(wish);
        let less = tier(next.features) <= tier(self.features) && next.limit <= self.limit;
        let added = next.features & EXTRAS & !self.features;
        let seated = next.limit >= used.min(self.limit);
        (less && added == 0 && seated).then_some(next)
    }
}

/// Which licence a call is about (`protocol.md` §4): exactly one of the two tags.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "RawLicenseRef")]
#[schemars(with = "RawLicenseRef")]
pub enum LicenseRef {
    /// By its key.
    Key(String),
    /// By the external reference, where the provider keeps it unique.
    Reference(String),
}

/// The tags as they stand on the wire.
#[derive(Deserialize, JsonSchema)]
struct RawLicenseRef {
    /// the license's key
    #[serde(alias = "licensenumber", alias = "number")]
    #[schemars(extend("x-aliases" = ["licensenumber", "number"]))]
    licensekey: Option<String>,
    /// the external reference, where the provider keeps it unique
    licensereference: Option<String>,
}

impl TryFrom<RawLicenseRef> for LicenseRef {
    type Error = &'static str;

    fn try_from(raw: RawLicenseRef) -> Result<LicenseRef, &'static str> {
        match (raw.licensekey, raw.licensereference) {
            (Some(key), None) => Ok(LicenseRef::Key(key)),
            (None, Some(reference)) => Ok(LicenseRef::Reference(reference)),
            (None, None) => Err("one of licensekey, licensereference is needed"),
            (Some(_), Some(_)) => Err("only one of licensekey, licensereference may be given"),
        }
    }
}

/// Whose licences a call is about, or which licence: exactly one of the six tags.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "RawUserOrLicense")]
#[schemars(with = "RawUserOrLicense")]
pub enum UserOrLicense {
    /// All licences of a user.
    User(UserRef),
    /// That licence.
    License(LicenseRef),
}

/// The tags as they stand on the wire.
#[derive(Deserialize, JsonSchema)]
struct RawUserOrLicense {
    /// the user's name, compared without case
    username: Option<String>,
    /// the user's name or registration address
    useroremail: Option<String>,
    /// the external reference of the user, where the provider keeps it unique
    reference: Option<String>,
    /// the id at the external authentication service
    authid: Option<String>,
    /// the license's key
    #[serde(alias = "licensenumber", alias = "number")]
    #[schemars(extend("x-aliases" = ["licensenumber", "number"]))]
    licensekey: Option<String>,
    /// the external reference of the license, where the provider keeps it unique
    licensereference: Option<String>,
}

impl TryFrom<RawUserOrLicense> for UserOrLicense {
    type Error = &'static str;

    fn try_from(raw: RawUserOrLicense) -> Result<UserOrLicense, &'static str> {
        let RawUserOrLicense { username, useroremail, reference, authid, licensekey, licensereference } = raw;
        let user = [&username, &useroremail, &reference, &authid].iter().any(|tag| tag.is_some());
        let license = licensekey.is_some() || licensereference.is_some();
        match (user, license) {
            (true, false) => UserRef::try_from(RawUserRef { username, useroremail, reference, authid })
                .map(UserOrLicense::User),
            (false, true) => LicenseRef::try_from(RawLicenseRef { licensekey, licensereference })
                .map(UserOrLicense::License),
            (true, true) => Err("either a user or a license may be named, not both"),
            (false, false) => {
                Err("one of username, useroremail, reference, authid, licensekey, licensereference is needed")
            }
        }
    }
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
        assert_eq!(feature_text(74), "webdavs,professional,inbox");
        for bits in 0..=EVERY_BIT {
            assert!(bits == 0 || features(&feature_text(bits)) == Some(bits));
        }
    }

    #[test]
    fn keys_have_twelve_digits() {
        assert_eq!(key("ACME", &[0; 32]), "ACME-0000-0000-0000");
        assert_eq!(key("ACME", &[255; 32]).len(), 19);
    }

    fn terms(words: &str, limit: i64) -> Terms {
        Terms { features: features(words).unwrap(), limit, valid_until: None }
    }

    fn wish(words: &str, limit: i64) -> Wish {
        Wish { features: features(words), limit: Some(limit), valid_until: None }
    }

    #[test]
    fn an_upgrade_gives_more() {
        let old = terms("banner,personal,webdavs", 5);
        for (words, limit, expected) in [
            ("professional", 5, Some(terms("professional,webdavs", 5))),
            ("personal", 6, Some(terms("personal,webdavs", 6))),
            ("enterprise,inbox", 5, Some(terms("enterprise,inbox,webdavs", 5))),
            ("0", 5, Some(old)),
            ("professional", 4, None),
            ("banner", 9, None),
            ("webdavs", 9, None),
        ] {
            assert_eq!(old.upgraded(wish(words, limit)), expected, "{words} {limit}");
        }
        assert_eq!(old.upgraded(Wish::default()), Some(old));
    }

    #[test]
    fn a_downgrade_takes_away() {
        let old = terms("professional,webdavs", 5);
        for (words, limit, used, expected) in [
            ("personal", 5, 5, Some(terms("personal", 5))),
            ("professional", 3, 3, Some(terms("professional", 3))),
            ("banner", 0, 0, Some(terms("banner", 0))),
            ("professional", 2, 3, None),
            ("enterprise", 5, 0, None),
            ("professional,inbox", 5, 0, None),
            ("professional", 6, 0, None),
        ] {
            assert_eq!(old.downgraded(wish(words, limit), used), expected, "{words} {limit} {used}");
        }
    }

    #[test]
    fn time_ends_an_active_licence_where_licences_expire() {
        let (before, end) = (Time(9), Some(Time(10)));
        assert_eq!(Status::Active.at(before, end, true), Status::Active);
        assert_eq!(Status::Active.at(Time(10), end, true), Status::Expired);
        assert_eq!(Status::Active.at(Time(10), end, false), Status::Active);
        assert_eq!(Status::Expired.at(Time(10), None, true), Status::Active);
        assert_eq!(Status::Cancelled.at(Time(10), end, true), Status::Cancelled);
        assert_eq!(Status::Inactive.at(Time(10), end, true), Status::Inactive);
    }
}
