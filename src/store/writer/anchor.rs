//! A read that is kept open while nothing is written, so that other reads begin and end for nothing.
//!
//! A read marks in a file which state of the database it sees, by a system call at its beginning and
//! one at its end; together they took a fourteenth of a quick read's time. SQLite counts the marks of
//! one process, and makes the call only for the first reader of a state and the last. So while one
//! reader stays, the others only count. It must not stay for long: a reader keeps the log of the
//! database from being folded back. So it leaves before every write and every checkpoint, and five
//! times a second for those of other programs.

use std::path::Path;

use crate::store::backend::Reader;

/// The reader that stays.
pub(super) struct Anchor {
    reader: Option<Reader>,
    held: bool,
}

impl Anchor {
    /// Of that database; without one everything works, only not as fast.
    pub(super) fn new(path: &Path) -> Anchor {
        Anchor { reader: Reader::open(path).ok(), held: false }
    }

    /// Begins to read the present state.
    pub(super) fn hold(&mut self) {
        let Some(reader) = self.reader.as_ref().filter(|_| !self.held) else { return };
        self.held = true;
        if let Err(error) = reader.stay() {
            log::debug!("no read stays open: {error}");
            self.release();
        }
    }

    /// Ends the read.
    pub(super) fn release(&mut self) {
        if std::mem::take(&mut self.held)
            && let Some(reader) = &self.reader
            && let Err(error) = reader.leave()
        {
            log::warn!("a read that stayed open does not end: {error}");
            self.reader = None;
        }
    }
}
