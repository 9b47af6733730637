//! A flood of calls that are refused, and what it leaves on the disk.
//!
//! Both logs bound what a minute of refusals may write, whatever the number of them. So the flood is long enough to
//! reach the bounds, and what it has left is divided by the minutes of the clock that it fell into: one, or two.

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use regserver::domain::time::{Clock, MINUTE, SystemClock};
use regserver::store::api_log::file_of;

use crate::child::Child;
use crate::databases::Prepared;
use crate::load::{self, Bound, Lane, Measured, Plan};
use crate::requests::{Ask, Requests};
use crate::servers;

/// Addresses that are no service's: more than the API log tells apart in a minute.
const STRANGERS: u32 = 1_500;
/// Calls from each of them: more than it keeps the ids of.
const EACH: u64 = 12;
/// Connections of the others.
const CONNECTIONS: usize = 64;
/// By then the API log has written what it had in hand.
const WRITTEN: Duration = Duration::from_millis(500);

/// Floods a server: wrong checksums and unknown users for so long each, and unknown addresses.
pub fn run(prepared: &Prepared, core: usize, length: Duration, spin: bool) -> anyhow::Result<Measured> {
    let child = Child::api(&prepared.database, core)?;
    let minute = || SystemClock.now().0.div_euclid(MINUTE);
    let (mut all, began) = (Measured::default(), minute());
    let mut add = |ask, from, connections, measure| {
        let warm = Bound { time: Duration::ZERO, requests: 0 };
        let plan = Plan { server: child.address, from, client: None, warm, measure, pace: None, spin };
        let mut requests = Requests::new(ask, servers::KEY.as_bytes(), 0..prepared.users, 0);
        let mut lanes = [Lane { requests: &mut requests, connections }];
        let one = load::run(&plan, &mut lanes, &mut || child.used())?;
        all.requests += one.requests;
        all.time += one.time;
        all.nanos += one.nanos;
        anyhow::Ok(())
    };
    let long = Bound { time: length, requests: u64::MAX };
    add(Ask::ReadUnsigned, servers::HERE, CONNECTIONS, long)?;
    add(Ask::ReadNobody, servers::HERE, CONNECTIONS, long)?;
    for number in 0..STRANGERS {
        let from = Ipv4Addr::from_bits(Ipv4Addr::new(127, 1, 0, 0).to_bits() + number);
        add(Ask::ReadStrange, from, 1, Bound { time: length, requests: EACH })?;
    }
    let minutes = u64::try_from(minute() - began)? + 1;
    std::thread::sleep(WRITTEN);
    let api_log = file_of(&prepared.database);
    let mut wal = api_log.clone().into_os_string();
    wal.push("-wal");
    all.api_log = Some((size(&api_log) + size(Path::new(&wal))) / minutes);
    all.text_log = Some(child.log_bytes() / minutes);
    Ok(all)
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |file| file.len())
}
