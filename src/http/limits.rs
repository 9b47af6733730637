//! How often an address or a service may ask.
//!
//! A service is known by its address before it has proved anything. So that it costs nothing, only calls from there
//! that prove nothing are counted, each when that is known: as those of a stranger.
//!
//! `governor` keeps a bucket for each key and never forgets one, so the table is swept when it has
//! grown: what has refilled says nothing any more. IPv6 counts by its /64.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::clock::{Clock, MonotonicClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::config;
use crate::gate::addresses::group;
use crate::snapshot::Snapshot;

/// Questions per second of one address that watches, and how many it may save up.
const WATCHING: (u32, u32) = (20, 100);
/// The most keys in one table.
const MOST: usize = 100_000;

type Buckets<K> = RateLimiter<K, HashMapStateStore<K>, MonotonicClock>;

/// The tables.
pub struct Limits {
    addresses: Option<Buckets<IpAddr>>,
    services: Option<Buckets<i64>>,
    watchers: Option<Buckets<IpAddr>>,
}

impl Limits {
    /// By the configuration; a rate of 0 is no limit.
    pub fn new(limits: &config::Limits) -> Limits {
        Limits {
            addresses: buckets(limits.requests_per_second, limits.burst),
            services: buckets(limits.service_requests_per_second, limits.service_burst),
            watchers: buckets(WATCHING.0, WATCHING.1),
        }
    }

    /// Whether a request from that address may go on; else the seconds to wait.
    pub fn admit(&self, snapshot: &Snapshot, address: IpAddr) -> Result<(), i64> {
        match snapshot.service_at(address) {
            Some(service) => self.services.as_ref().map_or(Ok(()), |buckets| ask(buckets, &service.id)),
            None => self.stranger(address),
        }
    }

    /// The same for a call that proves nothing, whatever lies at its address.
    pub fn stranger(&self, address: IpAddr) -> Result<(), i64> {
        self.addresses.as_ref().map_or(Ok(()), |buckets| ask(buckets, &group(address)))
    }

    /// The same for questions how the server is, which count by themselves.
    pub fn admit_watcher(&self, address: IpAddr) -> Result<(), i64> {
        self.watchers.as_ref().map_or(Ok(()), |buckets| ask(buckets, &group(address)))
    }
}

fn buckets<K: Hash + Eq + Clone>(rate: u32, burst: u32) -> Option<Buckets<K>> {
    let rate = NonZeroU32::new(rate)?;
    let burst = NonZeroU32::new(burst).unwrap_or(rate);
    let quota = Quota::per_second(rate).allow_burst(burst);
    Some(RateLimiter::new(quota, HashMapStateStore::default(), MonotonicClock))
}

fn ask<K: Hash + Eq + Clone>(buckets: &Buckets<K>, key: &K) -> Result<(), i64> {
    if buckets.len() > MOST {
        buckets.retain_recent();
    }
    if buckets.len() > MOST {
        return Err(1);
    }
    buckets.check_key(key).map_err(|not_until| {
        let wait = not_until.wait_time_from(MonotonicClock.now());
        i64::try_from(wait.as_secs()).unwrap_or(i64::MAX).saturating_add(1)
    })
}
