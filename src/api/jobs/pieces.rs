//! A file in pieces of as many rows as one call takes, each with the header, cut where a row ends.
//!
//! The file is read twice at once: by the reader of CSV, which knows where a row ends, and as bytes up to there.
//! So nothing is written anew, lines keep their numbers, and no file is too large.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use anyhow::Context;
use csv::{ByteRecord, Reader};

use crate::commands::jobs::importusers::MOST;
use crate::domain::sheet;

/// The pieces.
pub struct Pieces {
    rows: Reader<BufReader<File>>,
    bytes: BufReader<File>,
    /// How much was taken.
    taken: u64,
    header: String,
    first: bool,
}

impl Pieces {
    /// Opens the file and reads its header.
    pub fn open(path: &Path) -> anyhow::Result<Pieces> {
        let open = || -> anyhow::Result<BufReader<File>> {
            let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
            anyhow::ensure!(file.metadata()?.is_file(), "{} is not a file", path.display());
            Ok(BufReader::new(file))
        };
        let mut start = String::new();
        open()?.take(64 << 10).read_to_string(&mut start).or_else(cut)?;
        let line = sheet::unmarked(&start).lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let mut rows = sheet::reader(sheet::delimiter(line), open()?);
        rows.read_byte_record(&mut ByteRecord::new())?;
        let mut pieces = Pieces { rows, bytes: open()?, taken: 0, header: String::new(), first: true };
        pieces.header = pieces.cut_off()?;
        Ok(pieces)
    }

    /// What stands between the end of the piece before and the row that was read last.
    fn cut_off(&mut self) -> anyhow::Result<String> {
        let end = self.rows.position().byte();
        let mut raw = Vec::new();
        self.bytes.by_ref().take(end - self.taken).read_to_end(&mut raw)?;
        self.taken = end;
        let line = self.rows.position().line();
        String::from_utf8(raw).with_context(|| format!("the file is not UTF-8 before line {line}"))
    }

    fn read(&mut self) -> anyhow::Result<Option<String>> {
        let (mut record, mut count) = (ByteRecord::new(), 0);
        while count < MOST && self.rows.read_byte_record(&mut record)? {
            count += 1;
        }
        let first = std::mem::take(&mut self.first);
        if count == 0 && !first {
            return Ok(None);
        }
        let raw = self.cut_off()?;
        if first {
            return Ok(Some(format!("{}{raw}", self.header)));
        }
        // The second half of the line end before: the header brings its own.
        let raw = raw.strip_prefix('\n').unwrap_or(&raw);
        Ok(Some(format!("{}\n{raw}", sheet::unmarked(&self.header).trim())))
    }
}

impl Iterator for Pieces {
    type Item = anyhow::Result<String>;

    fn next(&mut self) -> Option<anyhow::Result<String>> {
        self.read().transpose()
    }
}

/// The beginning of a file may end within a character.
fn cut(error: std::io::Error) -> std::io::Result<usize> {
    match error.kind() {
        std::io::ErrorKind::InvalidData => Ok(0),
        _ => Err(error),
    }
}
