//! The calls, by numbers: how each is written, and what it does to the model.

mod depots;
mod shared;

use regserver::error::Code;

pub use depots::placed;

use super::model::{License, Model, Outcome, User};

/// Which call, and four numbers from which its names and values are taken.
pub type Step = (u8, usize, usize, usize, u8);

/// Names of users, taken and free ones.
pub const NAMES: [&str; 4] = ["alice", "carol", "daisy", "erika"];
const GROUPS: [&str; 2] = ["red", "blue"];

/// A call, with the model's outcome: the line and what it must come to.
pub struct Made {
    pub line: String,
    pub outcome: Outcome,
}

/// What a step is about.
struct Subjects {
    user: String,
    key: String,
    group: String,
    account: String,
    depot: i64,
    number: i64,
}

/// One of them by a number; now and then one that nobody has.
fn nth<'a, T: Clone + 'a>(all: impl Iterator<Item = &'a T>, at: usize, none: T) -> T {
    let all: Vec<&T> = all.collect();
    match at % (4 * all.len() + 1) {
        at if at < 4 * all.len() => all[at % all.len()].clone(),
        _ => none,
    }
}

impl Subjects {
    fn of(step: &Step, model: &Model) -> Subjects {
        let (_, user, thing, other, number) = *step;
        Subjects {
            user: NAMES[user % NAMES.len()].to_owned(),
            key: nth(model.licenses.keys(), thing, "DEMO-0000-0000-0000".to_owned()),
            group: GROUPS[other % GROUPS.len()].to_owned(),
            account: nth(model.accounts.keys(), other, "DEMO-NONE-0000".to_owned()),
            depot: nth(model.depots.keys(), thing, 999_999),
            number: i64::from(number),
        }
    }
}

/// The line of a step, and the model after it.
pub fn make(step: &Step, model: &mut Model) -> Made {
    let subjects = Subjects::of(step, model);
    let mut next = model.clone();
    // What ends something is rarer than what begins it.
    let kind = match step.0 % 40 {
        3 if !step.4.is_multiple_of(4) => 0,
        29 if !step.4.is_multiple_of(4) => 24,
        34 if !step.4.is_multiple_of(4) => 31,
        30 if model.accounts.len() > 1 => 33,
        39 if !step.4.is_multiple_of(2) => 36,
        21 if !step.4.is_multiple_of(2) => 10,
        19 | 20 if !step.1.is_multiple_of(3) => 38,
        kind => kind,
    };
    let (line, outcome) = match kind {
        kind @ 0..=7 => of_users(kind, &subjects, &mut next),
        kind @ 8..=22 => of_licenses(kind, &subjects, &mut next),
        kind @ 23..=29 => shared::of_groups(kind, &subjects, &mut next),
        kind @ 30..=34 => shared::of_accounts(kind, &subjects, &mut next),
        kind => depots::of_depots(kind, &subjects, &mut next),
    };
    let outcome = outcome.and_then(|()| next.fits());
    if outcome.is_ok() {
        *model = next;
    }
    Made { line, outcome }
}

fn of_users(kind: u8, s: &Subjects, model: &mut Model) -> (String, Outcome) {
    let Subjects { user, number, .. } = s;
    match kind {
        0..=2 => {
            let group = if number % 4 == 0 { format!(" groupreference={}", s.group) } else { String::new() };
            let account = if number % 5 == 0 { format!(" accountkey={}", s.account) } else { String::new() };
            let fields =
                format!("username={user} useremail={user}@example.com password=sekret-1234 activate=1");
            let joins = (!group.is_empty(), !account.is_empty());
            (format!("registeruser {fields}{group}{account}"), register(s, joins, model))
        }
        3 => (
            format!("removeuser username={user} deletelicense={} deletedepot={}", number % 2, number / 2 % 2),
            remove(user, number % 2 == 1, number / 2 % 2 == 1, model),
        ),
        4 => {
            let outcome = model.user(user).map(|user| user.own.is_none()).map(|none| {
                if none {
                    model.give_if_possible(user);
                }
            });
            (
                format!("loginuser username={user} password=sekret-1234"),
                outcome.map_err(|_| Code::UserUnknown),
            )
        }
        5 | 6 => {
            // One device is enough: a second call touches the list of the first.
            let outcome = model.user(user).map(|user| {
                user.device.get_or_insert(None);
            });
            (format!("registerdevice username={user} devicename=Phone platform=ios"), outcome)
        }
        _ => {
            let outcome = model.user(user).map(|user| user.device = None);
            (format!("deletedevice username={user} all=1"), outcome)
        }
    }
}

fn register(s: &Subjects, (group, account): (bool, bool), model: &mut Model) -> Outcome {
    if account {
        model.account(&s.account)?;
    }
    if model.users.contains_key(&s.user) {
        return Err(Code::UserExists);
    }
    if group {
        model.group(&s.group)?;
    }
    model.born += 1;
    let new = User {
        id: model.born,
        group: group.then(|| s.group.clone()),
        account: account.then(|| s.account.clone()),
        ..User::default()
    };
    model.users.insert(s.user.clone(), new);
    model.give(&s.user)
}

fn remove(name: &str, licenses: bool, depots: bool, model: &mut Model) -> Outcome {
    model.user(name)?;
    model.users.remove(name);
    let held: Vec<String> = model
        .licenses
        .iter()
        .filter(|(_, l)| l.holder.as_deref() == Some(name))
        .map(|(k, _)| k.clone())
        .collect();
    for key in held {
        if licenses {
            if !model.users_of(&key).is_empty() || model.is_shared(&key) || lent(&key, name, model) {
                return Err(Code::StillInUse);
            }
            model.release_depots(&key);
            model.licenses.remove(&key);
        } else {
            model.license(&key)?.holder = None;
        }
    }
    let owned: Vec<i64> =
        model.depots.iter().filter(|(_, d)| d.owner.as_deref() == Some(name)).map(|(id, _)| *id).collect();
    for id in owned {
        if depots {
            if model.depot_taken(id, name) {
                return Err(Code::StillInUse);
            }
            model.remove_depot(id);
        } else {
            model.depot(id)?.owner = None;
        }
    }
    for group in model.groups.values_mut().filter(|group| group.manager.as_deref() == Some(name)) {
        group.manager = None;
    }
    for account in model.accounts.values_mut() {
        account.managers.remove(name);
    }
    Ok(())
}

/// Whether the depots of a server licence are somebody else's, or used by somebody else than that user.
fn lent(key: &str, name: &str, model: &Model) -> bool {
    let mut depots = model.depots.iter().filter(|(_, depot)| depot.license.as_deref() == Some(key));
    depots.any(|(id, depot)| depot.owner.as_deref() != Some(name) || model.depot_taken(*id, name))
}

fn of_licenses(kind: u8, s: &Subjects, model: &mut Model) -> (String, Outcome) {
    let Subjects { user, key, number, .. } = s;
    let named = format!("username={user} licensekey={key}");
    match kind {
        8 | 9 => {
            let server = number % 8 == 7;
            let limit = 1 + number % 3;
            let product = if server { "server" } else { "client" };
            let made = format!("productname={product} type=yearly featurevalue=personal limit={limit}");
            match number % 2 {
                0 => (format!("createlicense username={user} {made}"), model.user(user).map(drop)),
                _ => (format!("createlicensewithoutuser {made}"), Ok(())),
            }
        }
        10..=12 => (format!("assignusertolicense {named}"), use_by_default(s, true, model)),
        13 => (format!("setdefaultlicense {named}"), use_by_default(s, false, model)),
        14 => (format!("removeuserfromlicense {named}"), stop_using(s, model)),
        15 => (format!("assignlicensetoclient {named}"), use_by_device(s, model)),
        16 => {
            let outcome = model.user(user).map(drop).and_then(|()| {
                model.license(key)?.holder = Some(user.clone());
                Ok(())
            });
            (format!("setlicenseholder {named}"), outcome)
        }
        17 => {
            (format!("upgradelicense licensekey={key} limit={}", number % 5), upgrade(key, number % 5, model))
        }
        18 => (
            format!("downgradelicense licensekey={key} limit={}", number % 4),
            downgrade(key, number % 4, model),
        ),
        19 => (format!("activatelicense licensekey={key}"), set_status(key, "active", model)),
        20 => (format!("deactivatelicense licensekey={key}"), set_status(key, "inactive", model)),
        21 => (format!("cancellicense licensekey={key}"), cancel(key, model)),
        _ => (format!("deletelicense licensekey={key}"), delete(key, model)),
    }
}

/// A new licence, whose key came in the reply.
pub fn created(line: &str, key: &str, model: &mut Model) {
    let field = |name: &str| line.split(' ').find_map(|part| part.strip_prefix(name)).map(str::to_owned);
    let holder = field("username=");
    let (server, limit) = (line.contains("productname=server"), field("limit=").unwrap().parse().unwrap());
    model
        .licenses
        .insert(key.to_owned(), License { server, limit, status: "active", holder: holder.clone() });
    if let Some(user) = holder.filter(|_| !server).and_then(|name| model.users.get_mut(&name)) {
        user.own.get_or_insert(key.to_owned());
    }
}

fn use_by_default(s: &Subjects, makes_holder: bool, model: &mut Model) -> Outcome {
    model.user(&s.user)?;
    model.usable(&s.key)?;
    model.user(&s.user)?.own = Some(s.key.clone());
    if makes_holder {
        model.license(&s.key)?.holder.get_or_insert(s.user.clone());
    }
    Ok(())
}

fn use_by_device(s: &Subjects, model: &mut Model) -> Outcome {
    model.user(&s.user)?;
    model.usable(&s.key)?;
    if let Some(own) = &mut model.user(&s.user)?.device {
        *own = Some(s.key.clone());
    }
    Ok(())
}

fn stop_using(s: &Subjects, model: &mut Model) -> Outcome {
    model.user(&s.user)?;
    model.license(&s.key)?;
    leave(&s.key, model.user(&s.user)?);
    Ok(())
}

fn leave(key: &str, user: &mut User) {
    if user.own.as_deref() == Some(key) {
        user.own = None;
    }
    if let Some(own) = user.device.as_mut().filter(|own| own.as_deref() == Some(key)) {
        *own = None;
    }
}

fn upgrade(key: &str, limit: i64, model: &mut Model) -> Outcome {
    let license = model.license(key)?;
    match limit {
        _ if license.status == "cancelled" => Err(Code::LicenseEnded),
        0 => Err(Code::InvalidLimit),
        _ if limit < license.limit => Err(Code::UpgradeImpossible),
        _ => {
            license.limit = limit;
            Ok(())
        }
    }
}

fn downgrade(key: &str, limit: i64, model: &mut Model) -> Outcome {
    let used = model.used(key);
    let license = model.license(key)?;
    match limit {
        _ if license.status == "cancelled" => Err(Code::LicenseEnded),
        0 => Err(Code::InvalidLimit),
        _ if limit > license.limit || limit < used => Err(Code::DowngradeImpossible),
        _ => {
            license.limit = limit;
            Ok(())
        }
    }
}

fn set_status(key: &str, status: &'static str, model: &mut Model) -> Outcome {
    let license = model.license(key)?;
    if license.status == "cancelled" {
        return Err(Code::LicenseEnded);
    }
    license.status = status;
    Ok(())
}

fn cancel(key: &str, model: &mut Model) -> Outcome {
    model.no_default(key)?;
    if std::mem::replace(&mut model.license(key)?.status, "cancelled") == "cancelled" {
        return Ok(());
    }
    for group in model.groups.values_mut().filter(|group| group.license.as_deref() == Some(key)) {
        group.license = None;
    }
    for account in model.accounts.values_mut().filter(|account| account.license.as_deref() == Some(key)) {
        account.license = None;
    }
    model.release_depots(key);
    for name in model.direct(key) {
        leave(key, model.user(&name)?);
        if model.user(&name)?.own.is_none() {
            model.give_if_possible(&name);
        }
    }
    Ok(())
}

fn delete(key: &str, model: &mut Model) -> Outcome {
    model.no_default(key)?;
    model.license(key)?;
    if model.used(key) > 0 || model.is_shared(key) {
        return Err(Code::StillInUse);
    }
    model.licenses.remove(key);
    Ok(())
}
