//! The passwords of a chunk, on all hash threads and yet never in anybody's way.
//!
//! Only a few more than there are threads wait at a time: enough that none is idle, too few to let a login
//! behind them wait for long.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use crate::api::Api;
use crate::commands::jobs::order::OrderedRow;
use crate::error::{Error, Result};

/// How long to wait where the threads are overloaded.
const LATER: Duration = Duration::from_millis(50);

/// A row that comes back, at its place, and how that went.
type Back = (usize, OrderedRow, Result<()>);

/// Hashes for every row that needs it, and gives all back in their order.
pub(super) fn all(api: &Api, rows: Vec<OrderedRow>, dry: bool) -> Result<Vec<OrderedRow>> {
    let mut done: Vec<Option<OrderedRow>> = Vec::with_capacity(rows.len());
    let mut wait = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        match row.hashes() {
            true => {
                wait.push((at, row));
                done.push(None);
            }
            false => done.push(Some(row)),
        }
    }
    wait.reverse();
    let (sender, receiver) = channel::<Back>();
    let (most, mut under_way, mut fault) = (api.hashers.threads() * 2, 0, None);
    loop {
        while under_way < most && fault.is_none() {
            let Some((at, row)) = wait.pop() else { break };
            submit(api, at, row, dry, sender.clone());
            under_way += 1;
        }
        if under_way == 0 {
            break;
        }
        let Ok((at, row, hashed)) = receiver.recv() else { break };
        under_way -= 1;
        match hashed {
            Err(Error::Busy) if !api.worker.stopping() => {
                std::thread::sleep(LATER);
                wait.push((at, row));
            }
            Err(error) => fault = Some(error),
            Ok(()) => {
                if let Some(place) = done.get_mut(at) {
                    *place = Some(row);
                }
            }
        }
    }
    match fault {
        Some(error) => Err(error),
        None => Ok(done.into_iter().flatten().collect()),
    }
}

fn submit(api: &Api, at: usize, mut row: OrderedRow, dry: bool, back: Sender<Back>) {
    api.hashers.submit(Box::new(move |passwords| {
        let hashed = passwords.and_then(|passwords| {
            let hashed = catch_unwind(AssertUnwindSafe(|| row.hash(passwords, dry)));
            hashed.unwrap_or_else(|_| {
                row.spoil("internal error");
                Ok(())
            })
        });
        // Whoever waits for it has stopped, if nobody takes it.
        let _ = back.send((at, row, hashed));
    }));
}
