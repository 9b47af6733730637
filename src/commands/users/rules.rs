//! The rules for names, addresses, languages and references, at registration and at every later change.

use crate::call::Call;
use crate::domain::{email, names};
use crate::error::{Code, Error, Result, invalid};
use crate::snapshot::Provider;
use crate::store::Tx;
use crate::store::users::User;

/// The longest free text in characters `[O]`.
const LONGEST: usize = 255;

/// -30108 for a name that may not be chosen, -30103 for one that is taken.
pub fn username(call: &Call, tx: &Tx<'_>, provider: &Provider, name: &str) -> Result<()> {
    chosen(call, provider, name)?;
    if tx.name_taken(name)? {
        return Code::UserExists.refuse();
    }
    Ok(())
}

/// The same for the change of a user's name: its own in another spelling is no other user's.
pub fn other_username(call: &Call, tx: &Tx<'_>, provider: &Provider, user: &User, new: &str) -> Result<()> {
    match names::key(new) == names::key(&user.username) {
        true => chosen(call, provider, new),
        false => username(call, tx, provider, new),
    }
}

fn chosen(call: &Call, provider: &Provider, name: &str) -> Result<()> {
    let (server, name) = (&call.snapshot.server, names::composed(name));
    let allowed = match names::is_magic(&name) {
        // A magic name of the provider's own; what stands behind the code is a name like any other.
        true => {
            let value = name.split_once('-').map_or("", |(_, value)| value);
            let own = names::key(&name).starts_with(&names::key(&names::magic_prefix(&provider.code)));
            let fits = own && name.chars().count() <= names::LONGEST;
            provider.settings.magic_usernames && fits && names::allowed(value, 1, server.complexity)
        }
        false => names::allowed(&name, server.username_length, server.complexity),
    };
    if allowed { Ok(()) } else { Code::InvalidUsername.refuse() }
}

/// -30110 for what is no address, -30104 for one that is taken within its scope.
pub fn address(call: &Call, tx: &Tx<'_>, provider: &Provider, address: &str) -> Result<()> {
    if !email::valid(address) {
        return Code::InvalidEmail.refuse();
    }
    free_address(call, tx, provider, address)
}

/// -30104 for an address that is taken within its scope.
pub fn free_address(call: &Call, tx: &Tx<'_>, provider: &Provider, address: &str) -> Result<()> {
    if call.snapshot.server.email_unique && tx.email_taken(call, provider, address)? {
        return Code::EmailExists.refuse();
    }
    Ok(())
}

/// The same for the change of a user's address: its own in another case is no other user's.
pub fn other_address(call: &Call, tx: &Tx<'_>, provider: &Provider, user: &User, new: &str) -> Result<()> {
    if email::valid(new) && names::key(new) == names::key(&user.email) {
        return Ok(());
    }
    address(call, tx, provider, new)
}

/// The primary tag of a language that the provider allows, else -30117.
pub fn language(provider: &Provider, wanted: &str) -> Result<String> {
    let mut tags = wanted.split('-');
    let primary = tags.next().unwrap_or_default().to_ascii_lowercase();
    let subtag = |tag: &str| (1..=8).contains(&tag.len()) && tag.bytes().all(|b| b.is_ascii_alphanumeric());
    if !tags.all(subtag) || !provider.settings.allowed_languages.contains(&primary) {
        return Code::LanguageUnknown.refuse();
    }
    Ok(primary)
}

/// -30115 for a reference that is taken where references are unique.
pub fn reference(tx: &Tx<'_>, provider: &Provider, reference: &str) -> Result<()> {
    short("reference", reference)?;
    let matters = provider.settings.reference_unique && !reference.is_empty();
    if matters && tx.reference_taken(provider.id, reference)? {
        return Code::ReferenceExists.refuse();
    }
    Ok(())
}

/// -30118 for an authentication id that another user of the provider has.
pub fn authid(tx: &Tx<'_>, provider: &Provider, authid: &str) -> Result<()> {
    short("authid", authid)?;
    if !authid.is_empty() && tx.authid_taken(provider.id, authid)? {
        return Code::AuthIdExists.refuse();
    }
    Ok(())
}

/// The user, or nothing: whoever is no service does not learn whether there is one (`access.md` §4).
pub fn known(call: &Call, found: Result<User>) -> Result<Option<User>> {
    match found {
        Err(Error::Refused { .. }) if !call.caller.is_trusted() => Ok(None),
        found => found.map(Some),
    }
}

/// Turns every refusal to name a code's user into the code being wrong; faults of ours stay faults.
pub fn hide(error: Error) -> Error {
    match error {
        Error::Refused { .. } => Code::WrongActivationCode.into(),
        fault => fault,
    }
}

/// -30002 for a text that is too long.
pub fn short(name: &str, text: &str) -> Result<()> {
    if text.chars().count() > LONGEST {
        return Err(invalid(format!("{name} is longer than {LONGEST} characters")));
    }
    Ok(())
}
