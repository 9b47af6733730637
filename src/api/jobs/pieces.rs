//! A file in pieces of as many rows as one call takes, each with the header, cut where a row ends.
//!
//! The file is read twice at once: by the reader of CSV, which knows where a row ends, and as bytes up to there.
//! So nothing is written anew, lines keep their numbers, and no file is too large.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use csv::{ByteRecord, Reader};

use super::encoding;
use crate::commands::jobs::importusers::MOST;
use crate::domain::sheet;

/// The pieces.
pub struct Pieces {
    rows: Reader<BufReader<File>>,
    bytes: BufReader<File>,
    path: PathBuf,
    /// How much was taken, and how many lines that was.
    taken: u64,
    lines: usize,
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
        let mut start = Vec::new();
        open()?.take(64 << 10).read_to_end(&mut start)?;
        if let Some(encoding) = encoding::wide(&start) {
            anyhow::bail!(encoding::fault(path, "", encoding));
        }
        let start = String::from_utf8_lossy(&start);
        let line = sheet::unmarked(&start).lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let mut rows = sheet::reader(sheet::delimiter(line), open()?);
        rows.read_byte_record(&mut ByteRecord::new())?;
        let (path, header) = (path.to_owned(), String::new());
        let mut pieces = Pieces { rows, bytes: open()?, path, taken: 0, lines: 0, header, first: true };
        pieces.header = pieces.cut_off()?;
        Ok(pieces)
    }

    /// What stands between the end of the piece before and the row that was read last.
    fn cut_off(&mut self) -> anyhow::Result<String> {
        let end = self.rows.position().byte();
        let mut raw = Vec::new();
        self.bytes.by_ref().take(end - self.taken).read_to_end(&mut raw)?;
        self.taken = end;
        let lines = |bytes: &[u8]| bytes.iter().filter(|byte| **byte == b'\n').count();
        let before = self.lines;
        self.lines += lines(&raw);
        String::from_utf8(raw).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let raw = error.as_bytes();
            let line = before + lines(raw.get(..at).unwrap_or_default()) + 1;
            anyhow!(encoding::fault(&self.path, &format!(" in line {line}"), encoding::narrow(raw, at)))
        })
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
