//! When mails are sent, and what came of it: the task `mails`, whose work the thread for mails does.
//!
//! Mails leave all the time, each with one commit, and a record of every mail would double that. So what came of them
//! is noted when there is nothing left to send, and once a minute at most. What somebody asked for, or what has a
//! frequency, is begun and ended like any other task and sends what was due at its beginning.

use std::time::Duration;

use super::Round;
use crate::api::Api;
use crate::domain::tasks::Task;
use crate::domain::time::{MINUTE, SECOND, Time};
use crate::error::Result;
use crate::store::Tx;
use crate::store::outbox_sending::Fate;
use crate::store::tasks::TaskRow;

/// The most characters that are told of what is wrong.
const TOLD: usize = 1_000;

/// Mails of which nothing is noted yet.
#[derive(Default)]
pub(super) struct Run {
    /// When the first of them was taken in hand; none: there are none.
    started: Option<Time>,
    /// What it was begun as, if it was begun like another task.
    begun: Option<Begun>,
    sent: u64,
    later: u64,
    dead: u64,
    /// Why no further one can be sent now.
    failed: String,
}

#[derive(Clone, Copy)]
struct Begun {
    /// What is due later is the next one's.
    at: Time,
    /// Somebody asked for it while the task is switched off.
    forced: bool,
}

/// What was noted last, and what the log was told.
#[derive(Default)]
pub(super) struct Noted {
    when: Option<Time>,
    failed: bool,
    off: bool,
}

/// Whether mails leave by themselves whenever there are any.
fn always(row: &TaskRow) -> bool {
    row.enabled && row.frequency.is_none()
}

impl Run {
    /// Whether the next mail may be taken in hand, and which are due for it.
    pub(super) fn due(&self, now: Time) -> impl Fn(&Tx<'_>) -> Result<Option<Time>> + Send + use<> {
        let begun = self.begun;
        move |tx| {
            let row = tx.task(Task::Mails)?;
            Ok(match begun {
                Some(begun) => (begun.forced || row.enabled).then_some(begun.at),
                None => always(&row).then_some(now),
            })
        }
    }

    pub(super) fn begin(&mut self, now: Time) {
        self.started.get_or_insert(now);
    }

    /// Nothing can be sent.
    pub(super) fn fail(&mut self, now: Time, why: &str) {
        self.begin(now);
        self.failed = why.chars().take(TOLD).collect();
    }

    pub(super) fn count(&mut self, fate: &Fate) {
        match fate {
            Fate::Sent => {
                self.sent += 1;
                self.failed.clear();
            }
            Fate::Later { .. } => self.later += 1,
            Fate::Dead { .. } => self.dead += 1,
        }
    }

    /// Whether somebody waits for what comes of it.
    pub(super) fn is_begun(&self) -> bool {
        self.begun.is_some()
    }

    fn told(&self) -> String {
        let mut text = format!("{} mails sent", self.sent);
        for (count, what) in [(self.later, "tried again later"), (self.dead, "dead")] {
            if count > 0 {
                text.push_str(&format!(", {count} {what}"));
            }
        }
        match self.failed.is_empty() {
            true => text,
            false => format!("failed: {}; {text}", self.failed),
        }
    }
}

impl Api {
    /// Whether mails are to be sent now; begins what was asked for.
    pub(super) fn begin_run(&self, round: &mut Round) -> Result<bool> {
        // One that could not be ended goes on.
        if round.run.is_begun() {
            return Ok(true);
        }
        let (row, now) = (self.read(|tx| tx.task(Task::Mails))?, self.clock.now());
        let passed = |frequency: i64| {
            row.started.is_none_or(|begun| begun > now || begun.plus(frequency.saturating_mul(SECOND)) <= now)
        };
        if row.run_now || (row.enabled && row.frequency.is_some_and(passed)) {
            let name = self.name.clone();
            if self.write(move |tx| tx.begin_task(Task::Mails, &name, 0, now))? {
                let begun = Begun { at: now, forced: !row.enabled };
                round.run = Run { started: Some(now), begun: Some(begun), ..Run::default() };
                return Ok(true);
            }
        }
        round.noted.tell(&row);
        Ok(always(&row))
    }

    /// Ends what was begun; notes the rest where it is time to.
    pub(super) fn end_run(&self, round: &mut Round) -> Result<()> {
        if !round.run.is_begun() {
            return self.note_run(round, false);
        }
        let (name, now, told) = (self.name.clone(), self.clock.now(), round.run.told());
        self.write(move |tx| tx.end_task(Task::Mails, &name, now, &told, false))?;
        round.noted_at(now);
        Ok(())
    }

    /// Notes what came of mails that were sent by themselves, a minute after the last note; `last`: at once.
    pub(super) fn note_run(&self, round: &mut Round, last: bool) -> Result<()> {
        let Some(started) = round.run.started else { return Ok(()) };
        let (now, failed) = (self.clock.now(), !round.run.failed.is_empty());
        let early = round.noted.when.is_some_and(|when| when <= now && now < when.plus(MINUTE));
        if round.run.is_begun() || (early && failed == round.noted.failed && !last) {
            return Ok(());
        }
        let told = round.run.told();
        self.write(move |tx| tx.note_task(Task::Mails, (started, now), &told))?;
        round.noted_at(now);
        Ok(())
    }

    /// Notes what came of them so far, while there are always further ones.
    pub(super) fn note_long_run(&self, round: &mut Round) -> Result<()> {
        match round.run.started {
            Some(started) if started.plus(MINUTE) <= self.clock.now() => self.note_run(round, false),
            _ => Ok(()),
        }
    }

    /// What was begun says what came of it also where a fault of ours ended it; else the next turn begins anew.
    pub(super) fn ended(&self, round: &mut Round, turn: Result<Duration>) -> Result<Duration> {
        if let Err(error) = &turn
            && round.run.is_begun()
        {
            round.run.fail(self.clock.now(), &error.to_string());
        }
        self.end_run(round)?;
        turn
    }
}

impl Noted {
    /// Says once that the task was switched off, and once that it is on again.
    fn tell(&mut self, row: &TaskRow) {
        if !row.enabled && !self.off {
            log::warn!(
                "mails stay in the outbox: the task mails is switched off, and settask switches it on"
            );
        }
        if row.enabled && self.off {
            log::info!("the task mails is switched on: mails leave again");
        }
        self.off = !row.enabled;
    }
}

impl Round {
    fn noted_at(&mut self, now: Time) {
        (self.noted.when, self.noted.failed) = (Some(now), !self.run.failed.is_empty());
        self.run = Run::default();
    }
}
