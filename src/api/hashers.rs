//! The hash threads: as many as cores, each with its own memory, none in the way of the others.
//!
//! A password costs ten milliseconds and 19 MiB. On an unlimited pool of blocking threads 64 waiting
//! logins took gigabytes and starved the reads beside them; here they take the memory of the cores,
//! run at a lower priority, and whoever would wait too long is told so at once.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::domain::passwords::{Cost, Passwords};
use crate::error::{Error, Result};

/// Idle this long, a thread gives its memory back.
const IDLE: Duration = Duration::from_secs(10);
/// The most waiting tasks, however quick the hashes.
const MOST: usize = 10_000;
/// Nice value of the threads: hashing yields to everything else.
const NICE: i32 = 10;

/// Work for a hash thread; it gets an error instead where it would have to wait too long.
pub type Task = Box<dyn FnOnce(Result<&mut Passwords>) + Send>;

/// The handle to the threads.
pub struct Hashers {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

struct Shared {
    queue: Mutex<Queue>,
    wake: Condvar,
    wait: Duration,
    threads: u32,
    runs: AtomicU64,
    refused: AtomicU64,
    busy: AtomicUsize,
}

struct Queue {
    tasks: VecDeque<(Instant, Task)>,
    /// A moving average of one task's time.
    average: Duration,
    open: bool,
}

impl Hashers {
    /// Starts the threads; `wait` is the longest a task may wait.
    pub fn start(cost: Cost, threads: usize, wait: Duration) -> Hashers {
        let threads = threads.max(1);
        let queue = Queue { tasks: VecDeque::new(), average: Duration::from_millis(10), open: true };
        let shared = Arc::new(Shared {
            queue: Mutex::new(queue),
            wake: Condvar::new(),
            wait,
            threads: u32::try_from(threads).unwrap_or(1),
            runs: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            busy: AtomicUsize::new(0),
        });
        let spawn = |number: usize| {
            let shared = shared.clone();
            std::thread::Builder::new().name(format!("hash-{number}")).spawn(move || work(&shared, cost)).ok()
        };
        let threads: Vec<_> = (0..threads).filter_map(spawn).collect();
        if threads.is_empty() {
            log::error!("no hash thread could be started; calls with passwords will be refused");
            shared.lock().open = false;
        }
        Hashers { shared, threads: Mutex::new(threads) }
    }

    /// Queues a task, or tells it that it would wait too long.
    pub fn submit(&self, task: Task) {
        let mut queue = self.shared.lock();
        let waiting = u32::try_from(queue.tasks.len()).unwrap_or(u32::MAX);
        let expected = queue.average.saturating_mul(waiting) / self.shared.threads;
        if !queue.open || expected > self.shared.wait || queue.tasks.len() >= MOST {
            drop(queue);
            self.shared.refused.fetch_add(1, Ordering::Relaxed);
            return task(Err(Error::Busy));
        }
        queue.tasks.push_back((Instant::now(), task));
        drop(queue);
        self.shared.wake.notify_one();
    }

    /// How many threads there are.
    pub fn threads(&self) -> usize {
        self.shared.threads as usize
    }

    /// How many hashes were computed so far.
    pub fn runs(&self) -> u64 {
        self.shared.runs.load(Ordering::Relaxed)
    }

    /// How many tasks were turned away because they would have waited too long.
    pub fn refused(&self) -> u64 {
        self.shared.refused.load(Ordering::Relaxed)
    }

    /// How many of them have a task just now.
    pub fn busy(&self) -> usize {
        self.shared.busy.load(Ordering::Relaxed)
    }

    /// How many tasks wait.
    pub fn waiting(&self) -> usize {
        self.shared.lock().tasks.len()
    }

    /// Finishes what is queued and ends the threads.
    pub fn stop(&self) {
        self.shared.lock().open = false;
        self.shared.wake.notify_all();
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                log::error!("a hash thread ended in a panic");
            }
        }
    }
}

impl Drop for Hashers {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn work(shared: &Shared, cost: Cost) {
    if let Err(error) = rustix::process::setpriority_process(None, NICE) {
        log::debug!("a hash thread keeps its priority: {error}");
    }
    let mut passwords = Passwords::new(cost);
    while let Some((since, task)) = next(shared, &mut passwords) {
        if since.elapsed() > shared.wait {
            shared.refused.fetch_add(1, Ordering::Relaxed);
            task(Err(Error::Busy));
            continue;
        }
        let (started, before) = (Instant::now(), passwords.runs());
        shared.busy.fetch_add(1, Ordering::Relaxed);
        task(Ok(&mut passwords));
        shared.busy.fetch_sub(1, Ordering::Relaxed);
        shared.runs.fetch_add(passwords.runs() - before, Ordering::Relaxed);
        let mut queue = shared.lock();
        queue.average = (queue.average * 7 + started.elapsed()) / 8;
    }
}

/// The next task; gives the memory back while there is none.
fn next(shared: &Shared, passwords: &mut Passwords) -> Option<(Instant, Task)> {
    let mut queue = shared.lock();
    loop {
        if let Some(task) = queue.tasks.pop_front() {
            return Some(task);
        }
        if !queue.open {
            return None;
        }
        let (again, timeout) = shared.wake.wait_timeout(queue, IDLE).unwrap_or_else(PoisonError::into_inner);
        queue = again;
        if timeout.timed_out() {
            passwords.release();
        }
    }
}
