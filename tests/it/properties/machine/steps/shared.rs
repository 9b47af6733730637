//! Groups and company accounts: made, joined, left, given licences.

use regserver::error::Code;

use super::Subjects;
use crate::properties::machine::model::{Group, Model, Outcome};

pub fn of_groups(kind: u8, s: &Subjects, model: &mut Model) -> (String, Outcome) {
    let Subjects { user, key, group, .. } = s;
    let of_group = format!("groupreference={group}");
    match kind {
        23 => {
            let outcome = match (model.users.contains_key(user), model.groups.contains_key(group)) {
                (false, _) => Err(Code::UserUnknown),
                (true, true) => Err(Code::GroupExists),
                (true, false) => {
                    let new = Group { manager: Some(user.clone()), ..Group::default() };
                    model.groups.insert(group.clone(), new);
                    Ok(())
                }
            };
            (format!("creategroup username={user} groupname={group} {of_group}"), outcome)
        }
        24 | 25 => {
            let outcome = model.user(user).map(drop).and_then(|()| {
                model.group(group)?;
                model.user(user)?.group = Some(group.clone());
                Ok(())
            });
            (format!("userjoinedgroup {of_group} username={user}"), outcome)
        }
        26 => {
            let outcome = model.user(user).map(drop).and_then(|()| {
                model.group(group)?;
                let user = model.user(user)?;
                match user.group.as_ref() == Some(group) {
                    true => user.group = None,
                    false => return Err(Code::NotAMember),
                }
                Ok(())
            });
            (format!("removeuserfromgroup {of_group} username={user}"), outcome)
        }
        27 => {
            let outcome = model.group(group).map(drop).and_then(|()| model.usable(key)).and_then(|()| {
                model.group(group)?.license = Some(key.clone());
                Ok(())
            });
            (format!("setgrouplicense {of_group} licensekey={key}"), outcome)
        }
        28 => {
            let outcome = model.group(group).map(drop).and_then(|()| {
                model.license(key)?;
                let group = model.group(group)?;
                group.license = group.license.take().filter(|has| has != key);
                Ok(())
            });
            (format!("removegrouplicense {of_group} licensekey={key}"), outcome)
        }
        _ => {
            let outcome = model.group(group).map(drop).map(|()| {
                model.groups.remove(group);
                for user in model.users.values_mut().filter(|user| user.group.as_ref() == Some(group)) {
                    user.group = None;
                }
            });
            (format!("deletegroup {of_group}"), outcome)
        }
    }
}

pub fn of_accounts(kind: u8, s: &Subjects, model: &mut Model) -> (String, Outcome) {
    let Subjects { user, key, account, .. } = s;
    let of_account = format!("accountkey={account}");
    match kind {
        30 => (format!("createaccount accountname={user} accountcode=SHOP"), Ok(())),
        31 => {
            let outcome = model.user(user).map(drop).and_then(|()| {
                model.account(account)?;
                let user = model.user(user)?;
                match &user.account {
                    Some(other) if other != account => Err(Code::OtherAccount),
                    _ => {
                        user.account = Some(account.clone());
                        Ok(())
                    }
                }
            });
            (format!("addusertoaccount {of_account} username={user}"), outcome)
        }
        32 => {
            let outcome = model.user(user).map(drop).and_then(|()| {
                model.account(account)?;
                let user = model.user(user)?;
                match &user.account {
                    Some(other) if other != account => Err(Code::OtherAccount),
                    _ => {
                        user.account = None;
                        Ok(())
                    }
                }
            });
            (format!("removeuserfromaccount {of_account} username={user}"), outcome)
        }
        33 => {
            let outcome = model.account(account).map(drop).and_then(|()| model.usable(key)).and_then(|()| {
                model.account(account)?.license = Some(key.clone());
                Ok(())
            });
            (format!("setaccountlicense {of_account} licensekey={key}"), outcome)
        }
        _ => {
            let outcome = model.account(account).map(drop).and_then(|()| {
                if model.users.values().any(|user| user.account.as_ref() == Some(account)) {
                    return Err(Code::StillInUse);
                }
                model.accounts.remove(account);
                Ok(())
            });
            (format!("deleteaccount {of_account}"), outcome)
        }
    }
}
