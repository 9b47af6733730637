//! Refusals of the gate, counted by address, reason and minute.
//!
//! Anybody can cause them, as fast as the machine can refuse. A row for each would let strangers fill
//! the disk; so a minute has a bounded number of rows, each of which is written for its first ten
//! refusals and then once more when the minute is over.

use std::collections::HashMap;
use std::net::IpAddr;

use super::Refused;
use crate::gate::addresses;

/// Of so many refusals a group keeps the request.
const IN_FULL: i64 = 10;
/// The most groups in a minute; what comes from further addresses is counted together.
const MOST: usize = 1_000;
/// The longest reason in characters.
const LONGEST: usize = 300;

/// What refusals have in common; an IPv6 address counts by its /64.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    provider: i64,
    service: String,
    address: Option<IpAddr>,
    reason: String,
    code: i64,
}

/// The refusals of a minute that have that in common.
#[derive(Debug)]
pub(super) struct Group {
    /// Its row, once it has one.
    pub(super) row: Option<i64>,
    pub(super) provider: i64,
    pub(super) service: String,
    pub(super) address: String,
    pub(super) reason: String,
    pub(super) code: i64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) count: i64,
    /// The ids of the first ones, one a line.
    pub(super) requests: String,
    /// What of the count is written.
    written: i64,
    /// How many groups the minute had before it.
    place: usize,
}

/// The groups of the current minute.
#[derive(Default)]
pub(super) struct Groups(HashMap<Key, Group>);

impl Groups {
    /// Counts a refusal.
    pub(super) fn count(&mut self, refused: Refused) {
        let mut key = key(&refused);
        let full = self.0.len() >= MOST && !self.0.contains_key(&key);
        if full {
            let reason = "refusals of further addresses".to_owned();
            key = Key { provider: 0, service: String::new(), address: None, reason, code: refused.code };
        }
        let (time, place) = (refused.time.0, self.0.len());
        let group = self.0.entry(key).or_insert_with_key(|key| match full {
            true => Group::new(&further(&refused, key), place),
            false => Group::new(&refused, place),
        });
        group.count += 1;
        group.last = group.last.max(time);
        if group.count <= IN_FULL {
            let line = if group.requests.is_empty() { "" } else { "\n" };
            group.requests.push_str(line);
            group.requests.push_str(refused.request_id.as_str());
        }
    }

    /// What is to be written now, in the order of its beginning: groups that are still small, or all where the
    /// minute is over.
    pub(super) fn due(&self, over: bool) -> Vec<(&Key, &Group)> {
        let due = move |group: &Group| match over {
            true => group.written < group.count,
            false => group.written < group.count.min(IN_FULL),
        };
        let mut due: Vec<_> = self.0.iter().filter(|(_, group)| due(group)).collect();
        due.sort_unstable_by_key(|(_, group)| group.place);
        due
    }

    /// Notes what of that was written, and in which row.
    pub(super) fn written(&mut self, rows: Vec<(Key, i64)>) {
        for (key, row) in rows {
            if let Some(group) = self.0.get_mut(&key) {
                group.row = Some(row);
                group.written = group.count;
            }
        }
    }

    /// Begins a new minute.
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

impl Group {
    fn new(refused: &Refused, place: usize) -> Group {
        Group {
            row: None,
            provider: refused.provider,
            service: refused.service.clone(),
            address: refused.address.map(|address| address.to_string()).unwrap_or_default(),
            reason: refused.reason.chars().take(LONGEST).collect(),
            code: refused.code,
            first: refused.time.0,
            last: refused.time.0,
            count: 0,
            requests: String::new(),
            written: 0,
            place,
        }
    }
}

/// What stands for everything that is counted together.
fn further(refused: &Refused, key: &Key) -> Refused {
    let (service, reason) = (String::new(), key.reason.clone());
    Refused { address: None, provider: 0, service, reason, ..refused.clone() }
}

/// A reason that names the address is the same for its whole network.
fn key(refused: &Refused) -> Key {
    let address = refused.address.map(|address| address.to_string()).unwrap_or_default();
    let reason =
        if address.is_empty() { refused.reason.clone() } else { refused.reason.replace(&address, "") };
    let (provider, service) = (refused.provider, refused.service.clone());
    Key { provider, service, address: refused.address.map(addresses::group), reason, code: refused.code }
}
