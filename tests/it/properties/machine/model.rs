//! A provider as a handful of maps: who has what, and what follows from it. Nothing is counted as it
//! changes; whoever asks how many use something gets them counted anew.

use std::collections::{BTreeMap, BTreeSet};

use regserver::error::Code;

/// What a call comes to: done, or refused with that code.
pub type Outcome = Result<(), Code>;

/// How users get a licence without asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// Not at all.
    Nothing,
    /// One of their own.
    Own,
    /// They share that one.
    Shared(String),
}

/// The provider.
#[derive(Debug, Clone)]
pub struct Model {
    pub given: Given,
    /// By name.
    pub users: BTreeMap<String, User>,
    /// By key.
    pub licenses: BTreeMap<String, License>,
    /// By reference.
    pub groups: BTreeMap<String, Group>,
    /// By key.
    pub accounts: BTreeMap<String, Account>,
    /// By number.
    pub depots: BTreeMap<i64, Depot>,
    /// Those who have got a licence of their own, whose key is not known yet.
    pub waiting: Vec<String>,
    /// How many users there have ever been.
    pub born: i64,
}

#[derive(Debug, Clone, Default)]
pub struct User {
    /// Rises from user to user.
    pub id: i64,
    /// The default licence.
    pub own: Option<String>,
    /// The device that was registered, with a licence for itself or none.
    pub device: Option<Option<String>>,
    /// The group, by its reference.
    pub group: Option<String>,
    /// The account, by its key.
    pub account: Option<String>,
    /// The depots that it uses; true: by default.
    pub depots: BTreeMap<i64, bool>,
}

#[derive(Debug, Clone)]
pub struct License {
    pub server: bool,
    pub limit: i64,
    pub status: &'static str,
    pub holder: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct Group {
    pub manager: Option<String>,
    pub license: Option<String>,
    pub depot: Option<i64>,
}

#[derive(Debug, Clone, Default)]
pub struct Account {
    pub managers: BTreeSet<String>,
    pub license: Option<String>,
    pub depot: Option<i64>,
}

#[derive(Debug, Clone)]
pub struct Depot {
    pub owner: Option<String>,
    pub active: bool,
    /// The server licence of which it is one use.
    pub license: Option<String>,
}

impl Model {
    pub fn user(&mut self, name: &str) -> Result<&mut User, Code> {
        self.users.get_mut(name).ok_or(Code::UserUnknown)
    }

    pub fn license(&mut self, key: &str) -> Result<&mut License, Code> {
        self.licenses.get_mut(key).ok_or(Code::LicenseUnknown)
    }

    pub fn group(&mut self, reference: &str) -> Result<&mut Group, Code> {
        self.groups.get_mut(reference).ok_or(Code::GroupUnknown)
    }

    pub fn account(&mut self, key: &str) -> Result<&mut Account, Code> {
        self.accounts.get_mut(key).ok_or(Code::AccountUnknown)
    }

    pub fn depot(&mut self, id: i64) -> Result<&mut Depot, Code> {
        self.depots.get_mut(&id).ok_or(Code::DepotUnknown)
    }

    /// A licence that users may use.
    pub fn usable(&self, key: &str) -> Outcome {
        match self.licenses.get(key) {
            None => Err(Code::LicenseUnknown),
            Some(license) if license.server => Err(Code::InvalidRequest),
            Some(license) if license.status != "active" => Err(Code::LicenseEnded),
            Some(_) => Ok(()),
        }
    }

    /// Refuses the licence that new users share.
    pub fn no_default(&self, key: &str) -> Outcome {
        match &self.given {
            Given::Shared(shared) if shared == key => Err(Code::StillInUse),
            _ => Ok(()),
        }
    }

    /// Those who use a licence in a way of their own, by default or by a device.
    pub fn direct(&self, key: &str) -> Vec<String> {
        let uses = |user: &User| {
            user.own.as_deref() == Some(key)
                || user.device.as_ref().is_some_and(|own| own.as_deref() == Some(key))
        };
        let mut names: Vec<(i64, String)> = self
            .users
            .iter()
            .filter(|(_, user)| uses(user))
            .map(|(name, user)| (user.id, name.clone()))
            .collect();
        names.sort();
        names.into_iter().map(|(_, name)| name).collect()
    }

    /// All who use a licence: in a way of their own, through the group, through the account.
    pub fn users_of(&self, key: &str) -> BTreeSet<String> {
        let shares = |user: &User| {
            let group = user.group.as_ref().and_then(|group| self.groups[group].license.as_deref());
            let account = user.account.as_ref().and_then(|account| self.accounts[account].license.as_deref());
            group == Some(key) || account == Some(key)
        };
        let shared = self.users.iter().filter(|(_, user)| shares(user)).map(|(name, _)| name.clone());
        self.direct(key).into_iter().chain(shared).collect()
    }

    /// How many of a licence are taken, by users or by depots.
    pub fn used(&self, key: &str) -> i64 {
        let depots = self.depots.values().filter(|depot| depot.license.as_deref() == Some(key)).count();
        i64::try_from(self.users_of(key).len() + depots).unwrap()
    }

    /// Whether a group or an account has the licence, with members or without.
    pub fn is_shared(&self, key: &str) -> bool {
        self.groups.values().any(|group| group.license.as_deref() == Some(key))
            || self.accounts.values().any(|account| account.license.as_deref() == Some(key))
    }

    /// Whether a group or an account has the depot.
    pub fn is_shared_depot(&self, id: i64) -> bool {
        self.groups.values().any(|group| group.depot == Some(id))
            || self.accounts.values().any(|account| account.depot == Some(id))
    }

    /// Refuses where a licence is over its limit.
    pub fn fits(&self) -> Outcome {
        match self.licenses.iter().all(|(key, license)| self.used(key) <= license.limit) {
            true => Ok(()),
            false => Err(Code::LicenseLimit),
        }
    }

    /// Gives a user who has no licence what the rules give.
    pub fn give(&mut self, name: &str) -> Outcome {
        match self.given.clone() {
            Given::Nothing => Ok(()),
            Given::Own => {
                self.waiting.push(name.to_owned());
                Ok(())
            }
            Given::Shared(key) => {
                if self.usable(&key).is_err() {
                    return Err(Code::LicenseLimit);
                }
                self.user(name)?.own = Some(key);
                self.fits()
            }
        }
    }

    /// The same where nobody minds a refusal, and nothing is left of it.
    pub fn give_if_possible(&mut self, name: &str) {
        let before = self.clone();
        if self.give(name).is_err() {
            *self = before;
        }
    }

    /// Whether anybody but that user uses the depot.
    pub fn depot_taken(&self, id: i64, name: &str) -> bool {
        self.is_shared_depot(id)
            || self.users.iter().any(|(other, user)| other != name && user.depots.contains_key(&id))
    }

    /// The depots of a server licence use it no longer.
    pub fn release_depots(&mut self, key: &str) {
        for depot in self.depots.values_mut().filter(|depot| depot.license.as_deref() == Some(key)) {
            depot.license = None;
        }
    }

    /// A depot is gone.
    pub fn remove_depot(&mut self, id: i64) {
        self.depots.remove(&id);
        for user in self.users.values_mut() {
            user.depots.remove(&id);
        }
        self.renew_defaults();
    }

    /// Whoever has depots has one by default: the oldest that may be used, else the oldest.
    pub fn renew_defaults(&mut self) {
        for user in self.users.values_mut().filter(|user| !user.depots.values().any(|default| *default)) {
            let next = user.depots.keys().copied().min_by_key(|id| (!self.depots[id].active, *id));
            if let Some(next) = next {
                user.depots.insert(next, true);
            }
        }
    }
}

impl User {
    /// Uses a depot from now on: by default where that is wished, and where it is the first.
    pub fn use_depot(&mut self, id: i64, by_default: bool) {
        let first = self.depots.is_empty();
        if by_default {
            for default in self.depots.values_mut() {
                *default = false;
            }
        }
        let default = self.depots.entry(id).or_default();
        *default = *default || by_default || first;
    }
}
