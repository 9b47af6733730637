//! Mails leave: the thread that takes them out of the outbox, one after the other.
//!
//! It has a connection of its own to the mail server and speaks to the database through the writer's queue like
//! everybody else, so a mail server that is slow or gone makes nobody wait but mails. What became of one mail is
//! written before the next one goes out, with the lease of that one; where it cannot be written, nothing goes out
//! until it is.

mod runs;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::Api;
use crate::domain::time::{MINUTE, Time};
use crate::error::Result;
use crate::mail::send::{Letter, Post, Refusal, letter};
use crate::mail::target::{RENEWED, Target};
use crate::mail::{Values, letter as fill};
use crate::store::outbox::Waiting;
use crate::store::outbox_sending::{Fate, Leased};
use runs::{Noted, Run};

/// How often a thread without work looks for some.
const LOOK: Duration = Duration::from_millis(300);
/// How long it waits after a fault of ours.
const AFTER_FAULT: Duration = Duration::from_secs(1);
/// How long a mail server that cannot be used is left alone.
const PAUSE: Duration = Duration::from_secs(20);
/// How long a connection is kept that nobody needs.
const IDLE: Duration = Duration::from_secs(10);
/// How long a stop waits for the mail that is under way.
const GRACE: Duration = Duration::from_secs(5);
/// Minutes until a mail is tried again, by how often it was tried; after the last one it is dead.
const WAITS: [i64; 9] = [1, 2, 5, 15, 30, 60, 120, 240, 360];
/// How many mails that nobody sends get their line in the log at once.
const LINES: i64 = 100;

/// The thread that sends mails.
#[derive(Default)]
pub(super) struct Sender(Mutex<Option<Running>>);

/// It ends when the first is gone; then the second says so.
struct Running(SyncSender<()>, Receiver<()>);

impl Sender {
    /// Starts the thread; it ends with the program.
    pub(super) fn start(&self, api: &Arc<Api>) {
        let (stop, stopped) = sync_channel::<()>(0);
        let (end, ended) = sync_channel::<()>(0);
        let api = Arc::downgrade(api);
        let thread = std::thread::Builder::new().name("mails".into()).spawn(move || {
            work(&api, &stopped);
            drop(end);
        });
        match thread {
            Ok(_) => *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Running(stop, ended)),
            Err(error) => log::error!("the thread for mails could not be started: {error}"),
        }
    }

    /// Ends it behind the mail that it is at. A mail server that does not answer is not waited for: that mail is
    /// sent by the next start, when its lease has run out.
    pub(super) fn stop(&self) {
        let running = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Running(stop, ended)) = running else { return };
        drop(stop);
        if ended.recv_timeout(GRACE) == Err(RecvTimeoutError::Timeout) {
            log::warn!("the mail server does not answer; the mail that it was given is sent again later");
        }
    }
}

fn work(api: &Weak<Api>, stopped: &Receiver<()>) {
    let mut round = Round::default();
    let stopping = || stopped.try_recv() == Err(TryRecvError::Disconnected);
    loop {
        let Some(program) = api.upgrade() else { return };
        let turn = catch_unwind(AssertUnwindSafe(|| program.send_some(&mut round, &stopping)));
        drop(program);
        let wait = match turn {
            Ok(Ok(wait)) => wait,
            Ok(Err(error)) => {
                log::warn!("mails wait: {error}");
                AFTER_FAULT
            }
            Err(_) => {
                log::error!("the sending of mails ended in a panic and begins again");
                round.post = None;
                AFTER_FAULT
            }
        };
        if stopped.recv_timeout(wait) != Err(RecvTimeoutError::Timeout) {
            round.end();
            return last_note(api, &mut round);
        }
    }
}

/// What was sent since the last note is not lost with the thread.
fn last_note(api: &Weak<Api>, round: &mut Round) {
    let noted = api.upgrade().map_or(Ok(()), |api| api.note_run(round, true));
    noted.unwrap_or_else(|error| log::debug!("the last mails are not noted: {error}"));
}

/// A mail in hand, and whether the connection was ready when it was taken.
type InHand = (Leased, Result<(), Refusal>);

/// What the thread keeps from one turn to the next.
#[derive(Default)]
struct Round {
    post: Option<Post>,
    /// When the connection was last of use.
    used: Option<Instant>,
    /// What became of a mail and could not be written yet.
    open: Option<(i64, Fate)>,
    /// The last mail that the log has a line for.
    shown: Option<i64>,
    /// What the log was told of the mail server last.
    told: String,
    /// What was sent since the last note of it.
    run: Run,
    noted: Noted,
}

impl Round {
    fn end(&mut self) {
        if let Some(post) = &mut self.post {
            post.close();
        }
        self.post = None;
    }

    /// Whether there is a connection already.
    fn connected(&self) -> bool {
        self.post.as_ref().is_some_and(Post::connected)
    }

    /// A connection to that server: the same as before, if it is still the same one.
    fn ready(&mut self, target: &Target) -> Result<(), Refusal> {
        if self.post.as_ref().is_none_or(|post| post.target() != target) {
            self.end();
            let post = Post::to(target.clone());
            self.post = Some(post.map_err(|error| Refusal::Server(format!("{error:#}")))?);
        }
        self.post.as_mut().map_or(Err(Refusal::Stale), Post::ready)
    }

    /// Tells the log what is wrong with the mail server, once.
    fn tell(&mut self, what: String) {
        if self.told != what && !what.is_empty() {
            log::warn!("{what}");
        }
        self.told = what;
    }
}

impl Api {
    /// Sends all mails that are due, until the mail server cannot be used.
    pub fn send_off(&self) -> Result<()> {
        let mut round = Round { shown: Some(0), ..Round::default() };
        let sent = self.send_some(&mut round, &|| false);
        round.end();
        sent.map(drop)
    }

    /// Sends what is due, where mails are to be sent at all; how long to wait then.
    fn send_some(&self, round: &mut Round, stopping: &dyn Fn() -> bool) -> Result<Duration> {
        self.settle(round)?;
        if !self.begin_run(round)? {
            round.end();
            self.note_run(round, false)?;
            return Ok(LOOK);
        }
        let turn = self.send_due(round, stopping);
        self.ended(round, turn)
    }

    fn send_due(&self, round: &mut Round, stopping: &dyn Fn() -> bool) -> Result<Duration> {
        let target = match Target::of(&self.mail.load(), &self.snapshot().server) {
            Ok(Some(target)) => target,
            Ok(None) => return self.show_idle(round),
            Err(error) => {
                let why = format!("mails wait: {error:#}");
                round.run.fail(self.clock.now(), &why);
                round.tell(why);
                return Ok(PAUSE);
            }
        };
        round.shown = None;
        let mut next = self.first(round, &target, stopping)?;
        while let Some((leased, ready)) = next {
            let pause = self.send_one(round, &target, leased, ready);
            if pause.is_some() || stopping() {
                self.settle(round)?;
                return Ok(pause.unwrap_or(LOOK));
            }
            self.note_long_run(round)?;
            next = self.next(round, &target)?;
        }
        if round.used.is_some_and(|used| used.elapsed() > IDLE) {
            round.used = None;
            round.end();
        }
        Ok(LOOK)
    }

    /// Takes the first mail in hand. Where none is due, and that is nearly always, nothing is written.
    fn first(
        &self,
        round: &mut Round,
        target: &Target,
        stopping: &dyn Fn() -> bool,
    ) -> Result<Option<InHand>> {
        if stopping() || !self.read(|tx| tx.mail_is_due(self.clock.now()))? {
            return Ok(None);
        }
        self.next(round, target)
    }

    /// Takes the next mail in hand, once the connection is ready. Where it has to be made anew, which may take long,
    /// what became of the last mail is written before.
    fn next(&self, round: &mut Round, target: &Target) -> Result<Option<InHand>> {
        if !round.connected() {
            self.settle(round)?;
        }
        let ready = round.ready(target);
        Ok(self.turn(round, Some(target))?.map(|leased| (leased, ready)))
    }

    /// Keeps a mail in hand before an answer is waited for, as often as needed.
    fn keep_mail(&self, id: i64, target: &Target, since: &mut Instant) -> bool {
        if since.elapsed() < RENEWED {
            return true;
        }
        let (name, until) = (self.name.clone(), self.clock.now().plus(micros(target.lease())));
        *since = Instant::now();
        self.write(move |tx| tx.renew_mail(id, &name, until)).unwrap_or(false)
    }

    /// Sends a mail that is in hand, where the connection is ready; a pause where the server cannot be used.
    fn send_one(
        &self,
        round: &mut Round,
        target: &Target,
        leased: Leased,
        ready: Result<(), Refusal>,
    ) -> Option<Duration> {
        let (id, tries, mut since) = (leased.mail.id, leased.attempts, Instant::now());
        let letter = match self.written(&leased.mail) {
            Ok(letter) => letter,
            Err(fate) => {
                round.open = Some((id, fate));
                return ready.is_err().then_some(PAUSE);
            }
        };
        let mut hold = || self.keep_mail(id, target, &mut since);
        let end = ready.and_then(|()| match &mut round.post {
            Some(post) => post.deliver(&letter, &mut hold),
            None => Err(Refusal::Stale),
        });
        let end = end.map_err(|refusal| self.masked(&leased.mail, refusal));
        let pause = matches!(end, Err(Refusal::Server(_)));
        match &end {
            Ok(()) => round.told.clear(),
            Err(Refusal::Server(why)) => {
                let why = format!("the mail server {target}: {why}");
                round.run.fail(self.clock.now(), &why);
                round.tell(why);
            }
            Err(Refusal::Now(why) | Refusal::Ever(why)) => {
                log::warn!("the mail {id} was not taken by {target}: {why}");
            }
            Err(Refusal::Stale) => {}
            Err(Refusal::Lost) => {
                log::warn!("the mail {id} was in hand for too long, and is left to whoever has it now");
                return None;
            }
        }
        round.used = Some(Instant::now());
        round.open = Some((id, fate(end, tries, self.clock.now())));
        pause.then_some(PAUSE)
    }

    /// Writes what became of a mail.
    fn settle(&self, round: &mut Round) -> Result<()> {
        match round.open {
            Some(_) => self.turn(round, None).map(drop),
            None => Ok(()),
        }
    }

    /// Writes what became of a mail, and takes the next one in hand that is to go there.
    fn turn(&self, round: &mut Round, there: Option<&Target>) -> Result<Option<Leased>> {
        let (open, name, now) = (round.open.clone(), self.name.clone(), self.clock.now());
        if let Some((id, Fate::Dead { error })) = &open {
            log::warn!("the mail {id} is dead: {error}");
        }
        let until = there.map(|target| now.plus(micros(target.lease())));
        let due = round.run.due(now);
        let next = self.write(move |tx| {
            if let Some((id, fate)) = &open {
                tx.settle_mail(*id, &name, fate, now)?;
            }
            let Some(until) = until else { return Ok(None) };
            due(tx)?.map_or(Ok(None), |due| tx.lease_mail(&name, due, until))
        })?;
        if let Some((_, fate)) = round.open.take() {
            round.run.count(&fate);
        }
        if next.is_some() {
            round.run.begin(now);
        }
        Ok(next)
    }

    /// The mail, filled in; else what becomes of a row that gives none.
    fn written(&self, row: &Waiting) -> Result<Letter, Fate> {
        let snapshot = self.snapshot();
        let dead = |error: String| Fate::Dead { error };
        let provider = snapshot.provider_by_id(row.provider_id);
        let provider = provider.ok_or_else(|| dead("its provider is gone".to_owned()))?;
        let sender = match provider.settings.sender_email.as_str() {
            "" => &snapshot.server.sender_email,
            own => own,
        };
        if sender.is_empty() {
            let error =
                "no sender: set EMAIL/EMAIL_SENDER_EMAIL of the provider, or MailSenderEmail".to_owned();
            log::warn!("the mail {} waits: {error}", row.id);
            return Err(Fate::Later { due: self.clock.now().plus(MINUTE), error, counts: false });
        }
        let filled = fill::compose(&snapshot, &self.vault, row).map_err(|error| dead(error.to_string()))?;
        let values = Values::of(&snapshot, provider);
        letter(row, filled, sender, values.get("BRAND").unwrap_or_default()).map_err(dead)
    }

    /// Takes out of a server's answer what only the recipient may read: some quote the mail.
    fn masked(&self, row: &Waiting, refusal: Refusal) -> Refusal {
        let secrets = fill::secrets(&self.vault, row).unwrap_or_default();
        let clean = |text: String| {
            secrets
                .iter()
                .filter(|secret| !secret.is_empty())
                .fold(text, |text, secret| text.replace(secret, "•••"))
        };
        match refusal {
            Refusal::Server(text) => Refusal::Server(clean(text)),
            Refusal::Now(text) => Refusal::Now(clean(text)),
            Refusal::Ever(text) => Refusal::Ever(clean(text)),
            other @ (Refusal::Stale | Refusal::Lost) => other,
        }
    }

    /// Without a mail server the log has a line for every new mail.
    fn show_idle(&self, round: &mut Round) -> Result<Duration> {
        round.end();
        if round.run.is_begun() {
            round.run.fail(self.clock.now(), "no mail server is configured, so mails stay in the outbox");
        }
        let Some(shown) = round.shown else {
            round.shown = Some(self.read(|tx| tx.newest_mail())?);
            return Ok(LOOK);
        };
        let idle = self.read(|tx| tx.idle_mails(shown, LINES))?;
        for mail in &idle {
            let (id, template, recipient) = (mail.id, &mail.template, &mail.recipient);
            log::info!("the mail {id} ({template}) to {recipient} waits: no mail server is configured");
            round.shown = Some(id);
        }
        Ok(LOOK)
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX / 2)
}

/// What becomes of a mail that was tried, after so many tries before.
fn fate(end: Result<(), Refusal>, tries: i64, now: Time) -> Fate {
    let error = match end {
        Ok(()) => return Fate::Sent,
        Err(Refusal::Ever(error)) => return Fate::Dead { error },
        Err(Refusal::Server(error) | Refusal::Now(error)) => error,
        // Nothing was tried.
        Err(Refusal::Stale | Refusal::Lost) => {
            return Fate::Later { due: now, error: String::new(), counts: false };
        }
    };
    match usize::try_from(tries).ok().and_then(|tries| WAITS.get(tries)) {
        Some(minutes) => Fate::Later { due: now.plus(minutes * MINUTE), error, counts: true },
        None => Fate::Dead { error },
    }
}
