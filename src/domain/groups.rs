//! Groups and company accounts: how a call names them, and which licence is in force for a member.

use schemars::JsonSchema;
use serde::Deserialize;

/// How often a user may turn a group's invitations down before there are no more `[D]`.
pub const MOST_REFUSALS: i64 = 3;

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
    fn a_licence_that_has_ended_gives_way_to_the_next() {
        let usable = |licence: &&str| *licence != "group";
        assert_eq!(in_force(Some("group"), Some("account"), Some("own"), usable), Some("account"));
        assert_eq!(in_force(Some("group"), None, None, usable), None);
    }
}
