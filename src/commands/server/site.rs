//! What the commands about sites share: how one is named, and how its secrets are made.

use crate::call::Call;
use crate::domain::names;
use crate::domain::secret::{Secret, letters};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::sites::SiteRow;

/// The longest name in characters `[O]`.
const LONGEST: usize = 64;

/// The site that a call names by its number or its name, exactly one of them; callers of the server's level find
/// those of all providers.
pub fn the_site(tx: &Tx<'_>, id: Option<i64>, name: Option<&str>) -> Result<SiteRow> {
    let key = name.map(names::key);
    match (id, name) {
        (None, None) => return Err(invalid("one of siteid, sitename is needed")),
        (Some(_), Some(_)) => return Err(invalid("only one of siteid, sitename may be given")),
        _ => {}
    }
    let named = |row: &SiteRow| id == Some(row.id) || key.as_deref() == Some(&names::key(&row.name));
    tx.sites()?.into_iter().find(named).ok_or_else(|| Code::SiteUnknown.into())
}

/// The site that a call of a user names by its public key or its name, which must be of the user's provider.
pub fn of_user(tx: &Tx<'_>, text: &str, provider: i64) -> Result<SiteRow> {
    let found = tx.site(text)?.filter(|site| site.provider_id == provider);
    found.ok_or_else(|| Code::SiteUnknown.into())
}

/// Refuses a name that the site of that number, 0 where it is new, cannot have.
pub fn check_name(tx: &Tx<'_>, name: &str, site: i64) -> Result<()> {
    if name.chars().count() > LONGEST || name.chars().any(char::is_control) {
        return Err(invalid(format!("sitename must be at most {LONGEST} printable characters")));
    }
    let key = names::key(name);
    match tx.sites()?.iter().any(|row| row.id != site && names::key(&row.name) == key) {
        true => Err(invalid(format!("sitename: there is a site {name} already"))),
        false => Ok(()),
    }
}

/// Makes a new secret for a site.
pub fn add_secret(call: &Call, tx: &Tx<'_>, site: i64) -> Result<Secret> {
    let secret = letters(&call.random("site secret"));
    tx.add_site_key(&call.vault, site, &secret, call.now, &call.random("site secret seal"))?;
    Ok(Secret::new(secret))
}
