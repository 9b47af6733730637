//! How many calls there were, of which command, by which service, with which outcome, and how long they took.
//!
//! Every call is counted, also the quickest, so counting must cost next to nothing: a few atomic additions in a
//! lane that few threads share, no lock and no allocation. What is counted is bounded, whoever calls: commands
//! and services are those that are there, and a table that is full counts the rest together.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use super::answer::Trace;
use crate::commands;
use crate::error::Code;
use crate::gate::Reason;
use crate::snapshot::Snapshot;

/// Threads take one of these in turn, so that two rarely write the same line of memory.
const LANES: usize = 4;
/// Pairs of command and service in a lane.
const SLOTS: usize = 4_096;
/// So many slots are looked at for a pair.
const STEPS: usize = 16;
/// A service is counted under its number, a command under its own, below this.
const COMMANDS: u64 = 1_024;
/// How calls end.
const OUTCOMES: [&str; 5] = ["done", "refused", "overloaded", "unavailable", "failed"];
/// What stands for a command that is not known, or a service that is no longer there.
const UNKNOWN: &str = "unknown";

/// The upper bounds of the times that are counted together, in microseconds; beyond the last one there are none.
pub const BOUNDS: [u64; 14] = [
    100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000,
    5_000_000,
];

/// The counters of one program.
pub struct Tally {
    lanes: [Lane; LANES],
    reasons: [AtomicU64; Reason::ALL.len()],
}

struct Lane {
    slots: Box<[Slot]>,
    /// What found no slot.
    rest: Slot,
    reads: Times,
    writes: Times,
}

/// The outcomes of one pair; the key is 0 while nobody has it.
#[derive(Default)]
struct Slot {
    key: AtomicU64,
    outcomes: [AtomicU64; OUTCOMES.len()],
}

#[derive(Default)]
struct Times {
    counts: [AtomicU64; BOUNDS.len() + 1],
    micros: AtomicU64,
}

/// How long calls took: how many within each of [`BOUNDS`] and beyond, and all their time.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Took {
    /// Not added up: each bound has those that the one before has not.
    pub counts: [u64; BOUNDS.len() + 1],
    /// Microseconds.
    pub micros: u64,
}

/// Calls by command, service and outcome.
pub type Calls = BTreeMap<(&'static str, String, &'static str), u64>;

impl Default for Tally {
    fn default() -> Tally {
        Tally { lanes: std::array::from_fn(|_| Lane::new()), reasons: Default::default() }
    }
}

impl Lane {
    fn new() -> Lane {
        Lane {
            slots: std::iter::repeat_with(Slot::default).take(SLOTS).collect(),
            rest: Slot::default(),
            reads: Times::default(),
            writes: Times::default(),
        }
    }

    /// The slot of a key, taken now where nobody has it yet.
    fn slot(&self, key: u64) -> &Slot {
        // Neighbouring numbers land far from each other.
        let start = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
        let start = usize::try_from(start).unwrap_or(0);
        for step in 0..STEPS {
            let slot = &self.slots[(start + step) % SLOTS];
            let found = match slot.key.load(Ordering::Relaxed) {
                0 => slot.key.compare_exchange(0, key, Ordering::Relaxed, Ordering::Relaxed),
                taken => Err(taken),
            };
            if found.map_or_else(|taken| taken == key, |_| true) {
                return slot;
            }
        }
        &self.rest
    }
}

impl Times {
    fn add(&self, micros: u64) {
        let bound = BOUNDS.partition_point(|bound| *bound < micros);
        self.counts[bound].fetch_add(1, Ordering::Relaxed);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

impl Tally {
    /// Counts a finished call.
    pub(super) fn count(&self, trace: &Trace, took: Duration) {
        if let Some(reason) = trace.reason {
            self.reasons[reason as usize].fetch_add(1, Ordering::Relaxed);
            return;
        }
        let command = trace.command.and_then(commands::number).map_or(0, |number| number as u64 + 1);
        let service = trace.service().map_or(0, |service| service.id.unsigned_abs() + 1);
        let lane = &self.lanes[lane()];
        lane.slot(1 + command + service * COMMANDS).outcomes[outcome(trace.code)]
            .fetch_add(1, Ordering::Relaxed);
        let times = if trace.writes { &lane.writes } else { &lane.reads };
        times.add(u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    /// The calls that came past the gate; the name is blank where no service called.
    pub fn calls(&self, snapshot: &Snapshot) -> Calls {
        let mut calls = Calls::new();
        for slot in self.lanes.iter().flat_map(|lane| lane.slots.iter().chain([&lane.rest])) {
            let key = slot.key.load(Ordering::Relaxed).saturating_sub(1);
            for (outcome, count) in OUTCOMES.iter().zip(&slot.outcomes) {
                let count = count.load(Ordering::Relaxed);
                if count > 0 {
                    let (command, service) = named(key, snapshot);
                    *calls.entry((command, service, *outcome)).or_default() += count;
                }
            }
        }
        calls
    }

    /// The calls that did not come past the gate.
    pub fn refusals(&self) -> impl Iterator<Item = (Reason, u64)> {
        Reason::ALL.into_iter().zip(self.reasons.iter().map(|count| count.load(Ordering::Relaxed)))
    }

    /// How long calls took that only read, and those of commands that write.
    pub fn took(&self) -> [(&'static str, Took); 2] {
        [("read", self.sum(|lane| &lane.reads)), ("write", self.sum(|lane| &lane.writes))]
    }

    fn sum(&self, of: fn(&Lane) -> &Times) -> Took {
        let mut took = Took::default();
        for times in self.lanes.iter().map(of) {
            for (sum, count) in took.counts.iter_mut().zip(&times.counts) {
                *sum += count.load(Ordering::Relaxed);
            }
            took.micros = took.micros.saturating_add(times.micros.load(Ordering::Relaxed));
        }
        took
    }
}

/// The lane of this thread.
fn lane() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local!(static LANE: Cell<usize> = const { Cell::new(usize::MAX) });
    LANE.with(|lane| {
        if lane.get() == usize::MAX {
            lane.set(NEXT.fetch_add(1, Ordering::Relaxed) % LANES);
        }
        lane.get()
    })
}

/// The place of a code's outcome in [`OUTCOMES`].
fn outcome(code: i64) -> usize {
    match code {
        0 => 0,
        code if code == Code::Overloaded as i64 => 2,
        code if code == Code::Unavailable as i64 => 3,
        code if code == Code::Internal as i64 => 4,
        _ => 1,
    }
}

/// The names behind a key.
fn named(key: u64, snapshot: &Snapshot) -> (&'static str, String) {
    let (service, command) = (key / COMMANDS, key % COMMANDS);
    let command = usize::try_from(command).ok().and_then(|number| number.checked_sub(1));
    let command = command.and_then(|number| commands::all().nth(number)).map_or(UNKNOWN, |entry| entry.name);
    let Some(service) = service.checked_sub(1) else { return (command, String::new()) };
    let service = snapshot.services().find(|known| known.id.unsigned_abs() == service);
    (command, service.map_or_else(|| UNKNOWN.to_owned(), |service| service.name.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_keeps_its_slot_and_what_finds_none_is_counted_together() {
        let lane = Lane::new();
        for key in 1..=100 {
            let slot: *const Slot = lane.slot(key);
            assert!(std::ptr::eq(slot, lane.slot(key)) && !std::ptr::eq(slot, &raw const lane.rest), "{key}");
        }
        (1..=100_000).for_each(|key| {
            lane.slot(key);
        });
        assert!(std::ptr::eq(lane.slot(200_000), &raw const lane.rest));
        assert_eq!(lane.rest.key.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_time_is_counted_within_its_bound() {
        let times = Times::default();
        for micros in [0, 100, 101, 5_000_000, 5_000_001] {
            times.add(micros);
        }
        let counts = times.counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        assert_eq!((counts[0], counts[1], counts[13], counts[14]), (2, 1, 1, 1));
        assert_eq!(times.micros.load(Ordering::Relaxed), 10_000_202);
    }

    #[test]
    fn counting_allocates_nothing() {
        let tally = Tally::default();
        let trace = Trace { command: Some("getuserdata"), ..Trace::default() };
        let count = || (0..1_000).for_each(|_| tally.count(&trace, Duration::from_micros(120)));
        count();
        assert_eq!(allocation_counter::measure(count).count_total, 0);
        assert_eq!(tally.sum(|lane| &lane.reads).counts[1], 2_000);
    }

    #[test]
    fn every_command_has_a_number_below_the_most() {
        assert!((commands::all().count() as u64) < COMMANDS - 1);
        for (number, entry) in commands::all().enumerate() {
            assert_eq!(commands::number(entry.name), Some(number));
        }
    }
}
