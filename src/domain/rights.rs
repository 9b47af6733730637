//! The rights that a user can be granted, and which a person or key then has besides what is its own.
//!
//! A set in one integer: it is read with every call of a person, so it stands in the user's row.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A right (`access.md` §3); nobody has one before it is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum Right {
    /// Everybody's data of the user's provider.
    #[serde(rename = "API-ACCESS")]
    ApiAccess,
    /// With API-ACCESS: what belongs to the provider itself.
    #[serde(rename = "EDIT-PROVIDER")]
    EditProvider,
    /// With API-ACCESS: the server.
    #[serde(rename = "SUPER-USER")]
    SuperUser,
}

impl Right {
    /// All of them, the least first.
    pub const ALL: [Right; 3] = [Right::ApiAccess, Right::EditProvider, Right::SuperUser];

    /// Its name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Right::ApiAccess => "API-ACCESS",
            Right::EditProvider => "EDIT-PROVIDER",
            Right::SuperUser => "SUPER-USER",
        }
    }

    fn bit(self) -> i64 {
        match self {
            Right::ApiAccess => 1,
            Right::EditProvider => 2,
            Right::SuperUser => 4,
        }
    }
}

/// A set of rights, as the integer that stands in the database.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Rights(pub i64);

impl Rights {
    /// No right.
    pub const NONE: Rights = Rights(0);
    /// Every right.
    pub const ALL: Rights = Rights(7);

    /// Whether a right is among them.
    pub fn has(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// These and one more.
    #[must_use]
    pub fn with(self, right: Right) -> Rights {
        Rights(self.0 | right.bit())
    }

    /// These without one.
    #[must_use]
    pub fn without(self, right: Right) -> Rights {
        Rights(self.0 & !right.bit())
    }

    /// Those of these that are among the others.
    #[must_use]
    pub fn within(self, others: Rights) -> Rights {
        Rights(self.0 & others.0)
    }

    /// The least of these that is not among the others.
    pub fn beyond(self, others: Rights) -> Option<Right> {
        Right::ALL.into_iter().find(|right| self.has(*right) && !others.has(*right))
    }

    /// The rights one by one, the least first.
    pub fn each(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |right| self.has(*right))
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.each().map(Right::name)).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_rights() {
        let some = Rights::NONE.with(Right::ApiAccess).with(Right::SuperUser);
        assert!(some.has(Right::ApiAccess) && !some.has(Right::EditProvider));
        assert_eq!(some.beyond(Rights::NONE.with(Right::ApiAccess)), Some(Right::SuperUser));
        assert_eq!(some.beyond(Rights::ALL), None);
        assert_eq!(Rights::ALL.without(Right::EditProvider), some);
        assert_eq!(some.within(Rights::NONE.with(Right::SuperUser)), Rights::NONE.with(Right::SuperUser));
        assert_eq!(Right::ALL.into_iter().fold(Rights::NONE, Rights::with), Rights::ALL);
        assert_eq!(format!("{some:?}"), r#"{"API-ACCESS", "SUPER-USER"}"#);
    }
}
