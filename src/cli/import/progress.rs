//! How far an import is: a bar on a terminal, a line now and then elsewhere, nothing where that is wanted.

use std::cell::Cell;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::complain;
use crate::store::jobs::Counts;

/// How often a line is written.
const LINES: Duration = Duration::from_secs(2);
const BAR: &str = "{wide_bar} {pos}/{len} {per_sec} {eta} {msg}";

/// What is shown.
pub enum Progress {
    Nothing,
    Bar(ProgressBar),
    Lines(Cell<Instant>),
}

impl Progress {
    /// As standard error may have it.
    pub fn new(quiet: bool, counts: &Counts) -> Progress {
        if quiet {
            return Progress::Nothing;
        }
        if !std::io::stderr().is_terminal() {
            return Progress::Lines(Cell::new(Instant::now()));
        }
        let bar = ProgressBar::new(counts.total.unsigned_abs());
        bar.set_style(ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress::Bar(bar.with_position(counts.done.unsigned_abs()))
    }

    /// Shows how far it is.
    pub fn show(&self, counts: &Counts) {
        match self {
            Progress::Nothing => {}
            Progress::Bar(bar) => {
                bar.set_length(counts.total.unsigned_abs());
                bar.set_position(counts.done.unsigned_abs());
                if counts.refused > 0 {
                    bar.set_message(format!("refused {}", counts.refused));
                }
            }
            Progress::Lines(since) if since.get().elapsed() >= LINES => {
                since.set(Instant::now());
                complain(&format!("{} of {} rows, refused {}", counts.done, counts.total, counts.refused));
            }
            Progress::Lines(_) => {}
        }
    }

    /// Takes the bar away.
    pub fn end(&self) {
        if let Progress::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
