//! What the machine tells about processes: processor time and memory; and which core they run on.
//!
//! Time comes from `schedstat`, in nanoseconds and per thread, because the ticks of `stat` are ten
//! milliseconds long; `stat` is asked only where the kernel does not keep the other.

use std::fs;

use anyhow::{Context, bail};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// One core for the server, another for the load.
#[derive(Debug, Clone, Copy)]
pub struct Cores {
    /// The server's.
    pub server: usize,
    /// The load program's.
    pub load: usize,
}

impl Cores {
    /// The first and the last core that this process may use.
    pub fn choose() -> anyhow::Result<Cores> {
        let set = sched_getaffinity(None)?;
        let mut allowed = (0..CpuSet::MAX_CPU).filter(|core| set.is_set(*core));
        let server = allowed.next().context("no core may be used")?;
        Ok(Cores { server, load: allowed.next_back().unwrap_or(server) })
    }

    /// Whether each has its own.
    pub fn apart(self) -> bool {
        self.server != self.load
    }
}

/// Keeps the calling thread, and what it starts, on that core.
pub fn pin(core: usize) -> anyhow::Result<()> {
    let mut set = CpuSet::new();
    set.set(core);
    sched_setaffinity(None, &set).with_context(|| format!("cannot be kept on core {core}"))
}

/// Nanoseconds of processor time that a process has used.
pub fn process_nanos(pid: u32) -> anyhow::Result<u64> {
    let mut sum = 0;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the listing and the reading; its time is lost, and small.
        let Ok(text) = fs::read_to_string(task?.path().join("schedstat")) else { continue };
        sum += first_number(&text);
    }
    if sum > 0 { Ok(sum) } else { process_ticks(pid) }
}

/// Nanoseconds of processor time of the calling thread.
pub fn thread_nanos() -> anyhow::Result<u64> {
    Ok(first_number(&fs::read_to_string("/proc/thread-self/schedstat")?))
}

fn first_number(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// `utime` and `stime`: the 14th and 15th field, counted behind the name, which may contain anything.
fn process_ticks(pid: u32) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, rest) = text.rsplit_once(')').context("the process's stat has no name")?;
    let ticks: u64 =
        rest.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
    Ok(ticks * 1_000_000_000 / rustix::param::clock_ticks_per_second().max(1))
}

/// KiB of memory that belong to the process alone; the mapped database does not count.
pub fn own_memory_kib(pid: u32) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let Some(line) = text.lines().find_map(|line| line.strip_prefix("RssAnon:")) else {
        bail!("the kernel does not tell RssAnon");
    };
    Ok(first_number(line))
}
