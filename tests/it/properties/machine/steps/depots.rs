//! Depots: made, used, given to groups and accounts, gone.

use regserver::error::Code;

use super::Subjects;
use crate::properties::machine::model::{Depot, Model, Outcome};

pub fn of_depots(kind: u8, s: &Subjects, model: &mut Model) -> (String, Outcome) {
    let Subjects { user, key, group, account, depot, number, .. } = s;
    let named = format!("depotid={depot}");
    match kind {
        35 => {
            let license = if number % 2 == 0 { format!(" licensekey={key}") } else { String::new() };
            let outcome = model.user(user).map(drop).and_then(|()| match number % 2 {
                0 => place(key, model),
                _ => Ok(()),
            });
            (format!("createdepot username={user} hosturl=https://h.example.com{license}"), outcome)
        }
        36 => {
            let outcome = model.user(user).map(drop).and_then(|()| {
                model.depot(*depot)?;
                model.user(user)?.use_depot(*depot, number % 2 == 1);
                Ok(())
            });
            (format!("setdepotforuser username={user} {named} isdefault={}", number % 2), outcome)
        }
        37 => {
            let outcome = model.user(user).map(drop).and_then(|()| {
                model.depot(*depot)?;
                model.user(user)?.depots.remove(depot);
                model.renew_defaults();
                Ok(())
            });
            (format!("removedepotfromuser username={user} {named}"), outcome)
        }
        38 => match number % 4 {
            0 => (format!("deactivatedepot {named}"), model.depot(*depot).map(|depot| depot.active = false)),
            1 => (format!("activatedepot {named}"), model.depot(*depot).map(|depot| depot.active = true)),
            2 => {
                let outcome = model.group(group).map(drop).and_then(|()| {
                    model.depot(*depot)?;
                    model.group(group)?.depot = Some(*depot);
                    Ok(())
                });
                (format!("setgroupdepot groupreference={group} {named}"), outcome)
            }
            _ => {
                let outcome = model.account(account).map(drop).and_then(|()| {
                    model.depot(*depot)?;
                    model.account(account)?.depot = Some(*depot);
                    Ok(())
                });
                (format!("setaccountdepot accountkey={account} {named}"), outcome)
            }
        },
        _ => {
            let outcome = model.depot(*depot).map(|depot| depot.owner.clone()).and_then(|owner| {
                if model.depot_taken(*depot, owner.as_deref().unwrap_or_default()) {
                    return Err(Code::StillInUse);
                }
                model.remove_depot(*depot);
                Ok(())
            });
            (format!("deletedepot {named}"), outcome)
        }
    }
}

/// Whether a new depot may use that server licence.
fn place(key: &str, model: &mut Model) -> Outcome {
    let used = model.used(key);
    let license = model.license(key)?;
    match () {
        () if !license.server => Err(Code::InvalidRequest),
        () if license.status != "active" => Err(Code::LicenseEnded),
        () if used >= license.limit => Err(Code::LicenseLimit),
        () => Ok(()),
    }
}

/// A new depot, whose number came in the reply.
pub fn placed(line: &str, id: i64, model: &mut Model) {
    let field = |name: &str| line.split(' ').find_map(|part| part.strip_prefix(name)).map(str::to_owned);
    let (owner, license) = (field("username="), field("licensekey="));
    model.depots.insert(id, Depot { owner: owner.clone(), active: true, license });
    if let Some(user) = owner.and_then(|name| model.users.get_mut(&name)) {
        user.use_depot(id, false);
    }
}
