//! The table: medians over the rounds, ratios inside each round, goals.
//!
//! A ratio is taken in each round and then its median, because what a round's rows have in common, a
//! slower machine for some seconds, then cancels out.

use std::io::Write;
use std::time::Duration;

use crate::goals::{Against, Figure, GOALS, Goal};
use crate::load::Measured;
use crate::rows::{ROWS, Row};

/// The columns with their widths.
const COLUMNS: [(&str, usize); 13] = [
    ("row", 23),
    ("conns", 6),
    ("users", 9),
    ("per s", 9),
    ("p50 us", 10),
    ("p99 us", 10),
    ("cpu us", 10),
    ("own MiB", 9),
    ("rate", 8),
    ("cpu", 8),
    ("commit", 8),
    ("server %", 10),
    ("load %", 8),
];

/// What was measured: for each row, one measurement a round.
pub struct Report {
    rows: Vec<(&'static Row, u64, Vec<Measured>)>,
}

/// Prints a line.
pub fn say(text: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

impl Report {
    /// For rows and the users of their databases.
    pub fn new(rows: Vec<(&'static Row, u64)>) -> Report {
        Report { rows: rows.into_iter().map(|(row, users)| (row, users, Vec::new())).collect() }
    }

    /// The rows to measure.
    pub fn rows(&self) -> Vec<&'static Row> {
        self.rows.iter().map(|(row, ..)| *row).collect()
    }

    /// Adds what a round measured.
    pub fn add(&mut self, row: &Row, measured: Measured) {
        if let Some((.., all)) = self.rows.iter_mut().find(|(other, ..)| other.name == row.name) {
            all.push(measured);
        }
    }

    /// Prints everything.
    pub fn print(&self) -> anyhow::Result<()> {
        say(&line(&COLUMNS.map(|(name, _)| name.to_owned())))?;
        for (row, users, all) in &self.rows {
            say(&line(&self.cells(row, *users, all)))?;
        }
        say("")?;
        for goal in GOALS {
            if let Some(line) = self.goal(goal) {
                say(&line)?;
            }
        }
        Ok(())
    }

    fn cells(&self, row: &Row, users: u64, all: &[Measured]) -> [String; COLUMNS.len()] {
        let yardstick = ROWS.first().map_or("", |row| row.name);
        let connections = row.kind.connections();
        let jobs = if row.kind.commits() { median(all.iter().filter_map(jobs_per_commit)) } else { None };
        let percent = |share: f64| share * 100.0;
        [
            row.name.to_owned(),
            connections.map_or_else(|| "-".to_owned(), |number| number.to_string()),
            users.to_string(),
            cell(median(all.iter().filter_map(|m| Figure::Rate.of(m))), 0),
            cell(median(all.iter().filter_map(|m| m.latency).map(|(middle, _)| micros(middle))), 0),
            cell(median(all.iter().filter_map(|m| m.latency).map(|(_, high)| micros(high))), 0),
            cell(median(all.iter().map(cpu_micros)), 1),
            cell(median(all.iter().filter_map(|m| Figure::Memory.of(m))), 1),
            cell(median(self.ratios(row.name, yardstick, |m| Figure::Rate.of(m))), 3),
            cell(median(self.ratios(yardstick, row.name, |m| Some(cpu_micros(m)))), 3),
            cell(jobs, 1),
            cell(median(all.iter().map(server_busy).map(percent)), 0),
            cell(median(all.iter().filter_map(|m| m.busy).map(percent)), 0),
        ]
    }

    fn goal(&self, goal: &Goal) -> Option<String> {
        let Goal { row, figure, against, wanted } = *goal;
        let (what, value) = match against {
            Against::Row(other) => {
                let ratio = median(self.ratios(row, other, |measured| figure.of(measured)))?;
                (format!("{} of {row} / {other}", figure.name()), ratio)
            }
            Against::Less(more, whole) => {
                let of = |name| self.ratios(name, whole, |measured| figure.of(measured));
                let cost = median(of(row).zip(of(more)).map(|(without, with)| without - with))?;
                (format!("{} of ({row} - {more}) / {whole}", figure.name()), cost)
            }
            Against::Nothing => {
                let value = median(self.of(row).iter().filter_map(|measured| figure.of(measured)))?;
                (format!("{} of {row}", figure.name()), value)
            }
        };
        let met = if wanted.met(value) { "met" } else { "NOT MET" };
        Some(format!("{what:<52}{value:>8.2}   goal {}: {met}", wanted.shown()))
    }

    fn of(&self, name: &str) -> &[Measured] {
        self.rows.iter().find(|(row, ..)| row.name == name).map_or(&[], |(.., all)| all)
    }

    /// One row's figure over another's, round by round.
    fn ratios(
        &self,
        above: &str,
        below: &str,
        figure: impl Fn(&Measured) -> Option<f64>,
    ) -> impl Iterator<Item = f64> {
        let pairs = self.of(above).iter().zip(self.of(below));
        pairs.filter_map(move |(above, below)| Some(figure(above)? / figure(below)?))
    }
}

fn cpu_micros(measured: &Measured) -> f64 {
    measured.nanos as f64 / 1e3 / measured.requests as f64
}

fn jobs_per_commit(measured: &Measured) -> Option<f64> {
    measured.commits.filter(|commits| *commits > 0).map(|commits| measured.requests as f64 / commits as f64)
}

fn median(values: impl Iterator<Item = f64>) -> Option<f64> {
    let mut values: Vec<f64> = values.filter(|value| value.is_finite()).collect();
    values.sort_by(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some((low + high) / 2.0)
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The share of its core that the server used.
fn server_busy(measured: &Measured) -> f64 {
    measured.nanos as f64 / measured.time.as_nanos() as f64
}

fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.digits$}"))
}

/// The name to the left, the figures to the right.
fn line(cells: &[String; COLUMNS.len()]) -> String {
    let padded = cells.iter().zip(COLUMNS).enumerate().map(|(at, (cell, (_, width)))| match at {
        0 => format!("{cell:<width$}"),
        _ => format!("{cell:>width$}"),
    });
    padded.collect()
}
