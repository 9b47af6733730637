//! What is wrong with a configuration, and where.
//!
//! Faults are collected under the path of the key (`server.listen`), and the place is looked up when they are told: a
//! check of a finished value has no text before it any more, yet its message still names the line, or the variable that
//! overrode it.

use std::collections::{BTreeMap, BTreeSet};
use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why a configuration cannot be used: every fault found, each with what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    file: Option<PathBuf>,
    faults: Vec<String>,
}

impl ConfigError {
    /// The faults, in the order of the file.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }

    pub(super) fn one(fault: String) -> Self {
        Self { file: None, faults: vec![fault] }
    }

    pub(super) fn of(self, file: &Path) -> Self {
        Self { file: Some(file.to_owned()), ..self }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.file {
            Some(file) => write!(f, "the configuration {} cannot be used:", file.display())?,
            None => write!(f, "the configuration cannot be used:")?,
        }
        self.faults.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl Error for ConfigError {}

/// Where a value was stated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// A line of the file, counted from 1.
    Line(usize),
    /// A variable of the environment.
    Variable(String),
}

/// The faults found so far, and where each key stands.
#[derive(Debug, Default)]
pub(super) struct Faults {
    places: BTreeMap<String, Place>,
    found: Vec<(Option<Place>, String)>,
    faulty: BTreeSet<String>,
    settled: BTreeSet<String>,
}

impl Faults {
    /// Remembers where the key of this path stands; a later place replaces an earlier one.
    pub fn stands(&mut self, path: &str, place: Place) {
        self.places.insert(path.to_owned(), place);
    }

    /// The lines that were remembered.
    pub fn lines(self) -> BTreeMap<String, usize> {
        let line = |(path, place)| match place {
            Place::Line(line) => Some((path, line)),
            Place::Variable(_) => None,
        };
        self.places.into_iter().filter_map(line).collect()
    }

    /// Notes a fault of the key of this path.
    pub fn add(&mut self, path: &str, what: impl Into<String>) {
        if !self.settled.contains(path) {
            let place = self.place(path).cloned();
            self.found.push((place, what.into()));
            self.faulty.insert(path.to_owned());
        }
    }

    /// Takes what is known of the faulty keys for the whole truth: their values were dropped, so later checks would
    /// complain about defaults that nobody wrote.
    pub fn settle(&mut self) {
        self.settled = self.faulty.clone();
    }

    /// The error that tells them all, if there is any.
    pub fn told(mut self) -> Result<(), ConfigError> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.found.sort();
        let faults = self.found.into_iter().map(|(place, what)| match place {
            Some(Place::Line(line)) => format!("line {line}: {what}"),
            Some(Place::Variable(name)) => format!("{name}: {what}"),
            None => what,
        });
        Err(ConfigError { file: None, faults: faults.collect() })
    }

    /// The place of the path, or else of the nearest thing around it.
    fn place(&self, path: &str) -> Option<&Place> {
        match self.places.get(path) {
            Some(place) => Some(place),
            None => path.rsplit_once('.').and_then(|(around, _)| self.place(around)),
        }
    }
}
