//! The command line.
//!
//! The sub-commands are hidden: they are what the program starts as its own children.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand};

use crate::rows;

/// Measures the server beside a yardstick, in interleaved rounds.
#[derive(Parser)]
#[command(version, after_help = rows::explained())]
pub struct Options {
    /// Everything once on little data, in less than a minute: shows that it works, not how fast it is
    #[arg(long)]
    pub quick: bool,
    /// Rounds; every row is measured once in each
    #[arg(long, value_name = "NUMBER", default_value_t = 4)]
    pub rounds: usize,
    /// Seconds of one measurement
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0)]
    pub seconds: f64,
    /// Measure only rows whose name contains this, and what they are compared with; may be repeated
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Users of the large database
    #[arg(long, value_name = "NUMBER", default_value_t = 1_000_000)]
    pub users: u64,
    /// Wrong passwords that the row of the failures counts
    #[arg(long, value_name = "NUMBER", default_value_t = 200_000)]
    pub failures: u64,
    /// Where the temporary databases go; what is synced there takes as long as that disk takes
    #[arg(long, value_name = "FOLDER", default_value_os_t = std::env::temp_dir())]
    pub folder: PathBuf,
    /// Count allocations instead: how many one getuserdata makes from request to reply
    #[arg(long)]
    pub allocations: bool,
    #[command(subcommand)]
    pub child: Option<Sub>,
}

/// What a child is.
#[derive(Subcommand)]
pub enum Sub {
    /// The server on a database
    #[command(hide = true)]
    ChildApi {
        #[arg(long)]
        database: PathBuf,
        #[arg(long)]
        core: usize,
        /// Counts nothing, and keeps no API log
        #[arg(long)]
        uncounted: bool,
        /// The port of the mail server
        #[arg(long)]
        mail: Option<u16>,
    },
    /// The handler that sends fixed bytes
    #[command(hide = true)]
    ChildYardstick {
        #[arg(long)]
        reply: PathBuf,
        #[arg(long)]
        core: usize,
    },
}

impl Options {
    /// Rounds to run.
    pub fn rounds(&self) -> usize {
        if self.quick { 1 } else { self.rounds.max(1) }
    }

    /// The length of a measurement.
    pub fn length(&self) -> Duration {
        let seconds = if self.quick { 0.4 } else { self.seconds.clamp(0.1, 600.0) };
        Duration::from_secs_f64(seconds)
    }

    /// Users of the large database.
    pub fn many(&self) -> u64 {
        if self.quick { self.users.clamp(1, 50_000) } else { self.users.max(1) }
    }

    /// Registrations of one measurement; the bare loops repeat as many.
    pub fn registrations(&self) -> u64 {
        if self.quick { 500 } else { 5_000 }
    }

    /// Failures of one measurement.
    pub fn failures(&self) -> u64 {
        if self.quick { self.failures.min(5_000) } else { self.failures }
    }

    /// Mails that wait for the row that sends them.
    pub fn mails(&self) -> u64 {
        if self.quick { 500 } else { 10_000 }
    }

    /// Starts of one measurement.
    pub fn starts(&self) -> usize {
        if self.quick { 2 } else { 10 }
    }

    /// Whether a row is wanted by name.
    pub fn wants(&self, name: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|part| name.contains(part.as_str()))
    }
}
