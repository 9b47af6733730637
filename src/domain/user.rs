//! What identifies a user in a call, and the states a user can be in.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::secret::Secret;

/// Whom a call is about (`protocol.md` §4): exactly one of the four tags.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "RawUserRef")]
#[schemars(with = "RawUserRef")]
pub enum UserRef {
    /// The globally unique name, compared without case.
    Username(String),
    /// A name, or the registration address.
    UserOrEmail(String),
    /// The registration address alone: no call says so, a provider may for its logins.
    Email(String),
    /// The external reference, within the provider.
    Reference(String),
    /// The id at the external authentication service, within the provider.
    AuthId(String),
}

impl UserRef {
    /// The text that names the user, whatever tag it came in.
    pub fn text(&self) -> &str {
        match self {
            UserRef::Username(text)
            | UserRef::UserOrEmail(text)
            | UserRef::Email(text)
            | UserRef::Reference(text)
            | UserRef::AuthId(text) => text,
        }
    }
}

/// The four tags as they stand on the wire.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RawUserRef {
    /// the user's name, compared without case
    pub username: Option<String>,
    /// the user's name or registration address
    pub useroremail: Option<String>,
    /// the external reference, where the provider keeps it unique
    pub reference: Option<String>,
    /// the id at the external authentication service
    pub authid: Option<String>,
}

impl RawUserRef {
    /// Whether any of the tags is there.
    pub fn is_given(&self) -> bool {
        [&self.username, &self.useroremail, &self.reference, &self.authid].iter().any(|tag| tag.is_some())
    }
}

impl TryFrom<RawUserRef> for UserRef {
    type Error = &'static str;

    fn try_from(raw: RawUserRef) -> Result<UserRef, &'static str> {
        match (raw.username, raw.useroremail, raw.reference, raw.authid) {
            (Some(name), None, None, None) => Ok(UserRef::Username(name)),
            (None, Some(either), None, None) => Ok(UserRef::UserOrEmail(either)),
            (None, None, Some(reference), None) => Ok(UserRef::Reference(reference)),
            (None, None, None, Some(id)) => Ok(UserRef::AuthId(id)),
            (None, None, None, None) => Err("one of username, useroremail, reference, authid is needed"),
            _ => Err("only one of username, useroremail, reference, authid may be given"),
        }
    }
}

/// The user that a call is about where it names one, else the caller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "RawSelfOrUser")]
#[schemars(with = "RawSelfOrUser")]
pub enum SelfOrUser {
    /// The caller, who must be a person.
    Caller,
    /// That user.
    User(UserRef),
}

/// The four tags as they stand on the wire, none of which is needed.
#[derive(Deserialize, JsonSchema)]
#[schemars(extend("x-optional" = true))]
struct RawSelfOrUser {
    /// the user's name, compared without case; without any of the four, the user who calls
    username: Option<String>,
    /// the user's name or registration address
    useroremail: Option<String>,
    /// the external reference, where the provider keeps it unique
    reference: Option<String>,
    /// the id at the external authentication service
    authid: Option<String>,
}

impl TryFrom<RawSelfOrUser> for SelfOrUser {
    type Error = &'static str;

    fn try_from(raw: RawSelfOrUser) -> Result<SelfOrUser, &'static str> {
        let RawSelfOrUser { username, useroremail, reference, authid } = raw;
        match [&username, &useroremail, &reference, &authid].iter().all(|tag| tag.is_none()) {
            true => Ok(SelfOrUser::Caller),
            false => UserRef::try_from(RawUserRef { username, useroremail, reference, authid })
                .map(SelfOrUser::User),
        }
    }
}

/// A user who is not activated yet may also be named by the activation code `[D]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(try_from = "RawPendingRef")]
#[schemars(with = "RawPendingRef")]
pub enum PendingRef {
    /// As everywhere.
    User(UserRef),
    /// By the code of an earlier mail.
    ActivationCode(Secret),
}

/// The five tags as they stand on the wire.
#[derive(Deserialize, JsonSchema)]
struct RawPendingRef {
    /// the user's name, compared without case
    username: Option<String>,
    /// the user's name or registration address
    useroremail: Option<String>,
    /// the external reference, where the provider keeps it unique
    reference: Option<String>,
    /// the id at the external authentication service
    authid: Option<String>,
    /// the code of an earlier mail, for a user who is not activated yet
    activationcode: Option<Secret>,
}

impl TryFrom<RawPendingRef> for PendingRef {
    type Error = &'static str;

    fn try_from(raw: RawPendingRef) -> Result<PendingRef, &'static str> {
        let RawPendingRef { username, useroremail, reference, authid, activationcode } = raw;
        let named = [&username, &useroremail, &reference, &authid].iter().any(|tag| tag.is_some());
        match activationcode {
            Some(_) if named => {
                Err("only one of username, useroremail, reference, authid, activationcode may be given")
            }
            Some(code) => Ok(PendingRef::ActivationCode(code)),
            None => UserRef::try_from(RawUserRef { username, useroremail, reference, authid })
                .map(PendingRef::User),
        }
    }
}

/// What a user may do or has chosen `[D]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Capability {
    /// Whether keys may be kept in the repository.
    KeyRepository,
    /// Whether the newsletter is wanted.
    Newsletter,
    /// Whether mails came back.
    EmailBounced,
    /// Whether the web portal may be used.
    WebPortal,
}

/// The state of a user `[D]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// Waits for the confirmation of the deletion.
    ToDelete,
    /// Locked out by the provider.
    Disabled,
    /// The activation code was not used yet.
    Inactive,
    /// In use.
    Activated,
}

impl Status {
    const ALL: [(Status, &'static str); 4] = [
        (Status::ToDelete, "todelete"),
        (Status::Disabled, "disabled"),
        (Status::Inactive, "inactive"),
        (Status::Activated, "activated"),
    ];

    /// The protocol's word.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(status, _)| *status == self).map_or("", |(_, name)| name)
    }

    /// Reads the protocol's word.
    pub fn parse(text: &str) -> Option<Status> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(status, _)| *status)
    }
}
