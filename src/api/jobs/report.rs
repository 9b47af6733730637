//! What became of the rows of a job, as CSV: for whoever imported a file, and beside the file itself.

use std::io::Write;

use anyhow::Context;
use csv::Writer;

use crate::api::Api;
use crate::domain::sheet;

/// The columns.
const HEADER: [&str; 6] = ["line", "name", "outcome", "code", "text", "userid"];
/// Rows that are read at a time.
const PAGE: i64 = 1_000;

/// A report that is being written.
pub struct Report<W: Write>(Writer<W>);

impl<W: Write> Report<W> {
    /// Begins with the names of the columns.
    pub fn begin(to: W) -> anyhow::Result<Report<W>> {
        let mut writer = Writer::from_writer(to);
        writer.write_record(HEADER)?;
        Ok(Report(writer))
    }

    /// What is to be said of the whole file.
    pub fn file(&mut self, name: &str, code: i64, text: &str) -> anyhow::Result<()> {
        let (name, text) = (sheet::guarded(name), sheet::guarded(text));
        Ok(self.0.write_record(["", name.as_str(), "failed", &number(code), text.as_str(), ""])?)
    }

    /// Every row of a job.
    pub fn rows(&mut self, api: &Api, job: i64) -> anyhow::Result<()> {
        let mut after = 0;
        loop {
            let rows = api.read(|tx| tx.job_page(job, after, false, PAGE)).context("the job's rows")?;
            let Some(last) = rows.last() else { return Ok(()) };
            after = last.number;
            for row in &rows {
                let user = row.user.map_or_else(String::new, |user| user.to_string());
                let (line, name, text) =
                    (row.line.to_string(), sheet::guarded(&row.name), sheet::guarded(&row.text));
                self.0.write_record([&line, &name, &row.outcome, &number(row.code), &text, &user])?;
            }
        }
    }

    /// Ends it; gives back what it was written to.
    pub fn end(mut self) -> anyhow::Result<W> {
        self.0.flush()?;
        self.0.into_inner().map_err(|error| anyhow::anyhow!("{}", error.error()))
    }
}

fn number(code: i64) -> String {
    if code == 0 { String::new() } else { code.to_string() }
}
