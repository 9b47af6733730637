//! A mail of the outbox as it goes out: its row, filled into its template.

use serde_json::{Map, Value};

use super::links::Link;
use super::{Family, Named, Rendered, Values};
use crate::domain::names;
use crate::error::{Error, Result};
use crate::snapshot::{Provider, Snapshot};
use crate::store::Vault;
use crate::store::outbox::{Waiting, place};

/// The code of an invitation that refuses it; the one that accepts it is the mail's code.
const REJECT_CODE: &str = "REJECTCODE";
/// What the other one is called in the row.
const JOIN_CODE: &str = "JOINCODE";

/// The mail of a row.
pub fn compose(snapshot: &Snapshot, vault: &Vault, row: &Waiting) -> Result<Rendered> {
    let gone = || Error::fault(format!("the provider of the mail {} is gone", row.message_id));
    let provider = snapshot.provider_by_id(row.provider_id).ok_or_else(gone)?;
    let unknown = || Error::fault(format!("there is no template {}-{}", row.family, row.template));
    let named = Family::parse(&row.family).and_then(|family| Named::of(family, &row.template));
    let named = named.ok_or_else(unknown)?;
    let values = values(snapshot, provider, vault, named, row)?;
    super::render(provider, named, &row.language, &values)
}

/// What a row's template is filled with: what the provider is called, what the row says, its secrets, and links.
pub fn values(
    snapshot: &Snapshot,
    provider: &Provider,
    vault: &Vault,
    named: Named,
    row: &Waiting,
) -> Result<Values> {
    let mut values = Values::of(snapshot, provider);
    let mut texts = object(row.variables.as_bytes())?;
    if let Some(sealed) = &row.sealed {
        let opened = vault.open_sealed(&place(&row.message_id), sealed).map_err(Error::Failed)?;
        texts.extend(object(&opened)?);
    }
    for (name, value) in &texts {
        let name = if name == JOIN_CODE { "ACTIVATIONCODE" } else { name };
        values.set(name, value.as_str().unwrap_or_default());
    }
    // People never see a magic name `[D]`; they go by their address.
    if values.get("USERNAME").is_none_or(|name| name.is_empty() || names::is_magic(name)) {
        let address = values.get("EMAIL").unwrap_or(&row.recipient).to_owned();
        values.set("USERNAME", &address);
    }
    let reject = texts.get(REJECT_CODE).and_then(Value::as_str);
    links(&mut values, named, &snapshot.server.server_url, reject);
    values.complete(named.template);
    Ok(values)
}

/// The texts of a row that only its recipient may read.
pub fn secrets(vault: &Vault, row: &Waiting) -> Result<Vec<String>> {
    let Some(sealed) = &row.sealed else { return Ok(Vec::new()) };
    let opened = vault.open_sealed(&place(&row.message_id), sealed).map_err(Error::Failed)?;
    Ok(object(&opened)?.values().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// The texts of a JSON object.
fn object(json: &[u8]) -> Result<Map<String, Value>> {
    serde_json::from_slice(json).map_err(|_| Error::fault("the variables of a mail cannot be read"))
}

/// The links that codes open; without an address of the server there is none, and the code stands alone.
pub(super) fn links(values: &mut Values, named: Named, server_url: &str, reject: Option<&str>) {
    let Some(code) = values.get("ACTIVATIONCODE").filter(|_| !server_url.is_empty()).map(str::to_owned)
    else {
        return;
    };
    for (name, link) in Link::of_mail(named.template.name) {
        let code = if name == "REJECTLINK" { reject.unwrap_or_default() } else { &code };
        if !code.is_empty() {
            values.set(name, &format!("{server_url}{}{code}", link.path));
        }
    }
}
