//! The one writer: jobs that panic, a disk that is full, and the others in the same batch.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use regserver::domain::time::Time;
use regserver::error::{Code, Error, Result};
use regserver::store::Tx;
use regserver::store::backend::Recorded;
use regserver::store::user_changes::TextField;
use regserver::store::writer::{Job, Options, Verdict, Writer};

use crate::world::{Folder, World};

type Work = Box<dyn FnMut(&Tx<'_>) -> Verdict + Send>;

/// A job made of a function, which tells how it ended.
struct Told {
    name: &'static str,
    work: Work,
    to: Sender<(&'static str, Result<()>)>,
}

impl Job for Told {
    fn run(&mut self, tx: &Tx<'_>) -> Verdict {
        (self.work)(tx)
    }

    fn end(self: Box<Self>, end: Result<()>) {
        self.to.send((self.name, end)).unwrap();
    }
}

/// A writer of its own on a world's database.
struct Alone {
    writer: Writer,
    told: Sender<(&'static str, Result<()>)>,
    ends: Receiver<(&'static str, Result<()>)>,
    world: World,
}

impl Alone {
    fn new(max_pages: Option<u32>) -> Alone {
        Alone::recorded(max_pages, None)
    }

    fn recorded(max_pages: Option<u32>, record: Option<Sender<Vec<Recorded>>>) -> Alone {
        let mut world = World::new();
        world.stop();
        let path = world.database().to_owned();
        let options = Options { path, full: false, queue: 100, generation: 1, record, max_pages };
        let writer = Writer::start(options, Box::new(|_| Ok(Box::new(|| {})))).unwrap();
        let (told, ends) = channel();
        Alone { writer, told, ends, world }
    }

    fn submit(&self, name: &'static str, work: impl FnMut(&Tx<'_>) -> Verdict + Send + 'static) {
        self.writer.submit(Box::new(Told { name, work: Box::new(work), to: self.told.clone() }));
    }

    /// A job that keeps the writer waiting until the test lets go: what comes behind it is one batch.
    fn hold(&self) -> Sender<()> {
        let (go, wait) = channel::<()>();
        let mut wait = Some(wait);
        self.submit("hold", move |_| {
            // A job may run again; it waits only once.
            wait.take().map(|wait| wait.recv());
            Verdict::Keep
        });
        go
    }

    fn ends(&self, count: usize) -> Vec<(&'static str, Result<()>)> {
        (0..count).map(|_| self.ends.recv_timeout(std::time::Duration::from_secs(10)).unwrap()).collect()
    }

    /// The marks that were written.
    fn marks(&self) -> Vec<String> {
        let rows = self.world.dump().into_iter().filter(|row| row.starts_with("replays: "));
        let bytes = |row: String| hex::decode(row.split(" | ").nth(1).unwrap()).unwrap();
        rows.map(|row| String::from_utf8(bytes(row)).unwrap()).collect()
    }
}

/// A job that leaves a mark.
fn add(mark: &'static str) -> impl FnMut(&Tx<'_>) -> Verdict + Send {
    move |tx| {
        assert!(tx.first_sight("service:1", mark, Time(9), Time(0)).unwrap());
        Verdict::Keep
    }
}

#[test]
fn a_job_that_panics_takes_nobody_along() {
    let alone = Alone::new(None);
    let go = alone.hold();
    alone.submit("first", add("AAAA"));
    alone.submit("panics", |tx| {
        tx.first_sight("service:1", "BBBB", Time(9), Time(0)).unwrap();
        panic!("a job panics, as the test wants")
    });
    alone.submit("last", add("CCCC"));
    go.send(()).unwrap();
    for (name, end) in alone.ends(4) {
        assert_eq!(matches!(end, Err(Error::Panicked)), name == "panics", "{name}: {end:?}");
        assert!(end.is_ok() || name == "panics");
    }
    assert_eq!(alone.marks(), ["AAAA", "CCCC"]);
}

#[test]
fn a_job_that_refuses_is_undone_alone() {
    let alone = Alone::new(None);
    let go = alone.hold();
    alone.submit("first", add("AAAA"));
    alone.submit("refuses", |tx| {
        tx.first_sight("service:1", "BBBB", Time(9), Time(0)).unwrap();
        Verdict::Undo
    });
    alone.submit("last", add("CCCC"));
    go.send(()).unwrap();
    assert!(alone.ends(4).iter().all(|(_, end)| end.is_ok()));
    assert_eq!(alone.marks(), ["AAAA", "CCCC"]);
}

#[test]
fn refusals_that_come_late_do_not_take_a_commit_from_everybody() {
    let (record, commits) = channel();
    let alone = Alone::recorded(None, Some(record));
    let marks = ["AAAA", "BBBB", "CCCC", "DDDD", "EEEE", "FFFF", "GGGG", "HHHH"];
    let go = alone.hold();
    for mark in marks {
        alone.submit("refuses", |tx| {
            assert!(tx.first_sight("service:1", "late", Time(9), Time(0)).unwrap());
            Verdict::Undo
        });
        alone.submit("good", add(mark));
    }
    go.send(()).unwrap();
    let ends = alone.ends(17);
    assert!(ends.iter().all(|(_, end)| end.is_ok()), "{ends:?}");
    assert_eq!(alone.marks(), marks);
    let commits = commits.try_iter().count();
    assert!(commits <= 2, "{commits} commits for seventeen jobs that were waiting");
}

/// What a job may do: keep or refuse, before or after a change, or panic, or only when it runs again.
fn any_job(kind: usize, mark: String, runs: Arc<AtomicUsize>) -> impl FnMut(&Tx<'_>) -> Verdict + Send {
    move |tx| {
        let again = runs.fetch_add(1, Ordering::Relaxed) > 0;
        match kind {
            1 => return Verdict::Undo,
            2 => panic!("an early panic, as the test wants"),
            _ => assert!(tx.first_sight("service:1", &mark, Time(9), Time(0)).unwrap()),
        }
        match kind {
            3 => Verdict::Undo,
            4 => panic!("a late panic, as the test wants"),
            5 if again => panic!("a panic in the second run, as the test wants"),
            6 if again => Verdict::Undo,
            _ => Verdict::Keep,
        }
    }
}

#[test]
fn whatever_jobs_do_what_is_kept_is_there_once_and_nothing_else() {
    let alone = Alone::new(None);
    let names: Vec<&'static str> = (0..600).map(|n| &*format!("M{n:03}").leak()).collect();
    let mut expected = Vec::new();
    for round in 0..12 {
        let go = (round % 3 > 0).then(|| alone.hold());
        // The rounds differ in how many jobs have to be undone.
        let kind = |n: usize| (n * 7919 + n / 3) % (7 + round % 4 * 6);
        let jobs: Vec<_> =
            (round * 50..round * 50 + 50).map(|n| (n, Arc::new(AtomicUsize::new(0)))).collect();
        for (n, runs) in &jobs {
            alone.submit(names[*n], any_job(kind(*n), names[*n].into(), runs.clone()));
        }
        let held = go.map(|go| go.send(()).unwrap());
        let ends = alone.ends(50 + usize::from(held.is_some()));
        for (n, runs) in jobs {
            let runs = runs.load(Ordering::Relaxed);
            assert!((1..=2).contains(&runs), "{n} ran {runs} times");
            let panics = matches!((kind(n), runs), (2 | 4, _) | (5, 2));
            let mut own = ends.iter().filter(|(name, _)| *name == names[n]);
            let end = own.next().unwrap();
            assert!(own.next().is_none(), "{end:?} ended twice");
            assert!(if panics { matches!(end.1, Err(Error::Panicked)) } else { end.1.is_ok() }, "{end:?}");
            if !panics && !matches!((kind(n), runs), (1 | 3, _) | (6, 2)) {
                expected.push(names[n]);
            }
        }
    }
    assert_eq!(alone.marks(), expected);
}

#[test]
fn a_user_changed_often_in_one_batch_is_found_as_it_is_now() {
    let mut alone = Alone::new(None);
    // Alice and Edgar.
    let ids = [1, 2];
    let go = alone.hold();
    let renamed = |alone: &Alone, name: &'static str, verdict: Verdict| {
        alone.submit("renames", move |tx| {
            ids.iter().for_each(|id| tx.set_username(*id, &format!("{name}-{id}")).unwrap());
            verdict
        });
    };
    renamed(&alone, "first", Verdict::Keep);
    renamed(&alone, "never", Verdict::Undo);
    renamed(&alone, "second", Verdict::Keep);
    alone.submit("removes", move |tx| {
        tx.set_text(ids[0], TextField::Department, "Attic").unwrap();
        tx.set_email(ids[1], "gone@example.com").unwrap();
        tx.remove_user(ids[1]).unwrap();
        Verdict::Keep
    });
    go.send(()).unwrap();
    assert!(alone.ends(5).iter().all(|(_, end)| end.is_ok()));
    alone.writer.stop();
    alone.world.restart();
    let found = |fields: &str| alone.world.call(&format!("searchuser {fields}")).done().texts("userid");
    let alice = [ids[0].to_string()];
    for gone in
        ["username=*lice*", "username=*irst*", "username=*ever*", "email=*gone*", "department=*upport*"]
    {
        assert_eq!(found(gone), [""; 0], "{gone}");
    }
    for fields in ["username=*econd*", "department=*ttic*", "email=*lice@*", "onlyownusers=1"] {
        assert_eq!(found(fields), alice, "{fields}");
    }
}

/// Writes until the disk is full, row by row or in one.
fn fill_with_rows(tx: &Tx<'_>) -> Verdict {
    let name = "x".repeat(50_000);
    for number in 0..1_000 {
        if tx.add_provider(&format!("F{number:03}"), &name, Time(0)).is_err() {
            return Verdict::Undo;
        }
    }
    panic!("the disk did not fill up")
}

fn fill_with_one_change(tx: &Tx<'_>) -> Verdict {
    let reply = "x".repeat(5_000_000);
    assert!(tx.keep_repetition(&[1; 32], &[2; 32], &reply, Time(1), Time(0)).is_err());
    Verdict::Undo
}

/// How the job that fills the disk ends; all others end well, also where one was undone before.
fn filled_by(fill: fn(&Tx<'_>) -> Verdict, undone: usize) -> Result<()> {
    let alone = Alone::new(Some(200));
    let go = alone.hold();
    alone.submit("first", add("AAAA"));
    for _ in 0..undone {
        alone.submit("refuses", |tx| {
            assert!(tx.first_sight("service:1", "BBBB", Time(9), Time(0)).unwrap());
            Verdict::Undo
        });
    }
    alone.submit("fills", fill);
    alone.submit("last", add("CCCC"));
    go.send(()).unwrap();
    let (culprit, others): (Vec<_>, Vec<_>) =
        alone.ends(4 + undone).into_iter().partition(|(name, _)| *name == "fills");
    assert!(others.iter().all(|(_, end)| end.is_ok()), "{others:?}");
    assert_eq!(alone.marks(), ["AAAA", "CCCC"]);
    alone.submit("later", add("DDDD"));
    assert!(alone.ends(1)[0].1.is_ok());
    culprit.into_iter().next().unwrap().1
}

#[test]
fn a_full_disk_hits_the_job_that_filled_it_and_nobody_else() {
    // Sometimes the database undoes the statement, sometimes the whole transaction of all jobs.
    for undone in [0, 1, 2] {
        let ends = [filled_by(fill_with_rows, undone), filled_by(fill_with_one_change, undone)];
        assert!(matches!(ends, [Ok(()), Err(Error::Down(_))]), "{ends:?}");
    }
}

#[test]
fn a_queue_has_its_end() {
    let alone = Alone::new(None);
    let go = alone.hold();
    for _ in 0..150 {
        alone.submit("one", |_| Verdict::Keep);
    }
    let busy = alone.ends.try_iter().filter(|(_, end)| matches!(end, Err(Error::Busy))).count();
    assert!((48..=51).contains(&busy), "{busy} were turned away at once");
    go.send(()).unwrap();
    assert_eq!(alone.ends(151 - busy).iter().filter(|(_, end)| end.is_ok()).count(), 151 - busy);
}

#[test]
fn a_stop_does_what_waits_and_then_nothing() {
    let alone = Alone::new(None);
    alone.submit("one", add("AAAA"));
    alone.submit("two", add("BBBB"));
    alone.writer.stop();
    assert!(alone.ends(2).iter().all(|(_, end)| end.is_ok()));
    alone.submit("three", add("CCCC"));
    assert!(matches!(alone.ends(1)[0].1, Err(Error::Busy)));
    assert_eq!(alone.marks(), ["AAAA", "BBBB"]);
}

#[test]
fn a_stop_leaves_no_log_behind() {
    let alone = Alone::new(None);
    alone.submit("one", add("AAAA"));
    alone.ends(1);
    alone.writer.stop();
    let mut log = alone.world.database().as_os_str().to_owned();
    log.push("-wal");
    assert!(!std::path::Path::new(&log).exists(), "the writer was not the last to close the database");
}

#[test]
fn a_stop_waits_for_no_reader() {
    let alone = Alone::new(None);
    // Another program, or this one's own, looks at the state before the change.
    let reader = rusqlite::Connection::open(alone.world.database()).unwrap();
    reader.execute_batch("BEGIN; SELECT count(*) FROM users;").unwrap();
    alone.submit("one", add("AAAA"));
    alone.ends(1);
    let started = std::time::Instant::now();
    alone.writer.stop();
    assert!(started.elapsed().as_millis() < 800, "it took {:?}", started.elapsed());
}

/// A world whose database may not grow.
fn full() -> World {
    let mut world = World::new();
    world.stop();
    world.max_pages = Some(world_pages(&world));
    world.restart();
    world
}

fn world_pages(world: &World) -> u32 {
    let connection = rusqlite::Connection::open(world.database()).unwrap();
    connection.query_row("PRAGMA page_count", [], |row| row.get(0)).unwrap()
}

#[test]
fn a_full_disk_is_said_and_passes() {
    let mut world = full();
    let mut refused = None;
    for number in 0..2_000 {
        let long = "d".repeat(250);
        let call = format!("registeruser useremail=p{number}@example.com activate=1 department={long}");
        let before = world.dump();
        let reply = world.call(&call);
        if reply.code().is_some() {
            refused = Some((number, reply));
            assert_eq!(world.dump(), before, "what did not fit left nothing");
            break;
        }
    }
    let (number, reply) = refused.expect("the disk is full at last");
    reply.refused(Code::Unavailable).says("Database unavailable").second("");
    // Reads go on; so does everything once there is room.
    world.call("getuserdata username=alice").done();
    world.call("loginuser username=alice password=wonder-2026").done();
    world.stop();
    world.max_pages = None;
    world.restart();
    world.call(&format!("registeruser useremail=p{number}@example.com")).done();
}

#[test]
fn a_fresh_folder_has_a_fresh_world() {
    // So that no test leans on what another left behind.
    assert_eq!(std::fs::read_dir(Folder::new().path()).unwrap().count(), 0);
}
