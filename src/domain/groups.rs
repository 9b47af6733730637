//! Groups and company accounts: how a call names them, what a group may be called and told, and which licence is in
//! force for a member.

use schemars::JsonSchema;
use serde::Deserialize;

use super::names::invisible;
use super::secret::Secret;
use super::user::{RawUserRef, UserRef};

/// How often a user may turn a group's invitations down before there are no more `[D]`.
pub const MOST_REFUSALS: i64 = 3;
/// The most bytes of client settings `[O]`.
const MOST_SETTINGS: usize = 64 * 1024;
/// The longest key of a client setting in characters `[O]`.
const LONGEST_KEY: usize = 100;

/// Which group a call is about: exactly one of the two tags.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "RawGroupRef")]
#[schemars(with = "RawGroupRef")]
pub enum GroupRef {
    /// By the external handle, within the provider.
    Reference(String),
    /// By its number.
    Id(i64),
}

/// The tags as they stand on the wire.
#[derive(Deserialize, JsonSchema)]
struct RawGroupRef {
    /// the group's external handle
    groupreference: Option<String>,
    /// the group's number
    groupid: Option<i64>,
}

impl TryFrom<RawGroupRef> for GroupRef {
    type Error = &'static str;

    fn try_from(raw: RawGroupRef) -> Result<GroupRef, &'static str> {
        match (raw.groupreference, raw.groupid) {
            (Some(reference), None) => Ok(GroupRef::Reference(reference)),
            (None, Some(id)) => Ok(GroupRef::Id(id)),
            (None, None) => Err("one of groupreference, groupid is needed"),
            (Some(_), Some(_)) => Err("only one of groupreference, groupid may be given"),
        }
    }
}

/// Which group a call is about: named itself, or by a user who is a member; exactly one of the six tags.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "RawGroupOrMember")]
#[schemars(with = "RawGroupOrMember")]
pub enum GroupOrMember {
    /// That group.
    Group(GroupRef),
    /// The group of that user.
    Member(UserRef),
}

/// The tags as they stand on the wire.
#[derive(Deserialize, JsonSchema)]
struct RawGroupOrMember {
    /// the group's external handle
    groupreference: Option<String>,
    /// the group's number
    groupid: Option<i64>,
    /// the name of a user, whose group is meant
    username: Option<String>,
    /// the user's name or registration address
    useroremail: Option<String>,
    /// the external reference of the user, where the provider keeps it unique
    reference: Option<String>,
    /// the id at the external authentication service
    authid: Option<String>,
}

impl TryFrom<RawGroupOrMember> for GroupOrMember {
    type Error = &'static str;

    fn try_from(raw: RawGroupOrMember) -> Result<GroupOrMember, &'static str> {
        let RawGroupOrMember { groupreference, groupid, username, useroremail, reference, authid } = raw;
        let user = RawUserRef { username, useroremail, reference, authid };
        match (groupreference.is_some() || groupid.is_some(), user.is_given()) {
            (true, false) => {
                GroupRef::try_from(RawGroupRef { groupreference, groupid }).map(GroupOrMember::Group)
            }
            (false, true) => UserRef::try_from(user).map(GroupOrMember::Member),
            (true, true) => Err("either a group or a user may be named, not both"),
            (false, false) => {
                Err("one of groupreference, groupid, username, useroremail, reference, authid is needed")
            }
        }
    }
}

/// Who answers which group: the code from the mail says it, or both are named.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "RawAnswer")]
#[schemars(with = "RawAnswer")]
pub enum Answer {
    /// By the code.
    Code(Secret),
    /// By group and user.
    Named(GroupRef, UserRef),
}

/// The tags as they stand on the wire.
#[derive(Deserialize, JsonSchema)]
struct RawAnswer {
    /// the code from the mail, which stands for group and user
    #[schemars(extend("x-groups" = ["gid", "id"]))]
    activationcode: Option<Secret>,
    /// the group's external handle
    #[schemars(extend("x-groups" = ["gid"]))]
    groupreference: Option<String>,
    /// the group's number
    #[schemars(extend("x-groups" = ["gid"]))]
    groupid: Option<i64>,
    /// the user's name, compared without case
    username: Option<String>,
    /// the user's name or registration address
    useroremail: Option<String>,
    /// the external reference of the user, where the provider keeps it unique
    reference: Option<String>,
    /// the id at the external authentication service
    authid: Option<String>,
}

impl TryFrom<RawAnswer> for Answer {
    type Error = &'static str;

    fn try_from(raw: RawAnswer) -> Result<Answer, &'static str> {
        let RawAnswer { activationcode, groupreference, groupid, username, useroremail, reference, authid } =
            raw;
        let user = RawUserRef { username, useroremail, reference, authid };
        let group = RawGroupRef { groupreference, groupid };
        let named = user.is_given() || group.groupreference.is_some() || group.groupid.is_some();
        match (activationcode, named) {
            (Some(code), false) => Ok(Answer::Code(code)),
            (Some(_), true) => Err("either activationcode or group and user may be given, not both"),
            (None, true) => Ok(Answer::Named(GroupRef::try_from(group)?, UserRef::try_from(user)?)),
            (None, false) => Err("activationcode is needed, or a group and a user"),
        }
    }
}

/// Whom an invitation is for: exactly one of the five tags.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "RawInvited")]
#[schemars(with = "RawInvited")]
pub struct Invited(pub UserRef);

/// The tags as they stand on the wire.
#[derive(Deserialize, JsonSchema)]
struct RawInvited {
    /// the user's name, compared without case
    username: Option<String>,
    /// the user's name or registration address
    useroremail: Option<String>,
    /// the external reference, where the provider keeps it unique
    reference: Option<String>,
    /// the id at the external authentication service
    authid: Option<String>,
    /// the user's registration address
    email: Option<String>,
}

impl TryFrom<RawInvited> for Invited {
    type Error = &'static str;

    fn try_from(raw: RawInvited) -> Result<Invited, &'static str> {
        let RawInvited { username, useroremail, reference, authid, email } = raw;
        let user = RawUserRef { username, useroremail, reference, authid };
        match (email, user.is_given()) {
            // No name has an @, so a text with one is looked for among the addresses alone.
            (Some(email), false) if email.contains('@') => Ok(Invited(UserRef::UserOrEmail(email))),
            (Some(_), false) => Err("email is no address"),
            (Some(_), true) => {
                Err("only one of username, useroremail, reference, authid, email may be given")
            }
            (None, true) => UserRef::try_from(user).map(Invited),
            (None, false) => Err("one of username, useroremail, reference, authid, email is needed"),
        }
    }
}

/// Whether a group may be called that: something that can be seen, on one line.
pub fn name_allowed(name: &str) -> bool {
    name.chars().any(|c| !c.is_whitespace()) && !name.chars().any(|c| c.is_control() || invisible(c))
}

/// What is wrong with client settings, in the words of -30002.
pub fn settings_fault(text: &str) -> Option<&'static str> {
    if text.len() > MOST_SETTINGS {
        return Some("is longer than 64 KiB");
    }
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        match line.split_once('=').map(|(key, _)| key.trim()) {
            None => return Some("has a line without ="),
            Some("") => return Some("has a line without a key before ="),
            Some(key) if key.chars().count() > LONGEST_KEY => {
                return Some("has a key of more than 100 characters");
            }
            Some(_) => {}
        }
    }
    None
}

/// The licence in force: the first that may be used of the group's, the account's and the user's own.
pub fn in_force<L>(
    group: Option<L>,
    account: Option<L>,
    own: Option<L>,
    usable: impl Fn(&L) -> bool,
) -> Option<L> {
    [group, account, own].into_iter().flatten().find(usable)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_licence_goes_before_the_accounts_and_that_before_the_users_own() {
        let all = |_: &&str| true;
        assert_eq!(in_force(Some("group"), Some("account"), Some("own"), all), Some("group"));
        assert_eq!(in_force(None, Some("account"), Some("own"), all), Some("account"));
        assert_eq!(in_force(None, None, Some("own"), all), Some("own"));
        assert_eq!(in_force(None, None, None, all), None::<&str>);
    }

    #[test]
    fn client_settings_are_lines_with_a_key() {
        for text in ["", "a=1", "a=", "a=1\n\nb = x=y\r\nc=", "\n  \n"] {
            assert_eq!(settings_fault(text), None, "{text:?}");
        }
        assert_eq!(settings_fault("a=1\nb"), Some("has a line without ="));
        assert_eq!(settings_fault(" =1"), Some("has a line without a key before ="));
        let line = |key: usize, value: usize| format!("{}={}", "k".repeat(key), "v".repeat(value));
        assert_eq!(settings_fault(&line(100, 0)), None);
        assert_eq!(settings_fault(&line(101, 0)), Some("has a key of more than 100 characters"));
        assert_eq!(settings_fault(&line(1, 64 * 1024 - 2)), None);
        assert_eq!(settings_fault(&line(1, 64 * 1024 - 1)), Some("is longer than 64 KiB"));
    }

    #[test]
    fn a_groups_name_can_be_seen_on_one_line() {
        assert!(name_allowed("Team Ö 7"));
        for name in ["", " ", "a\nb", "a\u{7}", "a\u{202E}b"] {
            assert!(!name_allowed(name), "{name:?}");
        }
    }

    #[test]
    fn a_licence_that_has_ended_gives_way_to_the_next() {
        let usable = |licence: &&str| *licence != "group";
        assert_eq!(in_force(Some("group"), Some("account"), Some("own"), usable), Some("account"));
        assert_eq!(in_force(Some("group"), None, None, usable), None);
    }
}
