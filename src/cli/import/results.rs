//! What became of the rows of an import: those that were refused for people, all of them as CSV.

use std::fmt::Write;
use std::fs::File;
use std::path::Path;

use anyhow::Context;

use crate::api::jobs::report::Report;
use crate::cli::operate::Local;
use crate::cli::{Failure, REFUSED, say};
use crate::store::jobs::Job;

/// The most refused rows that are shown.
const SHOWN: i64 = 50;

/// Shows the rows that were refused, the first ones of many.
pub fn show_refused(local: &Local, job: &Job, reported: bool) -> Result<(), Failure> {
    let mut text = String::new();
    let page = local.api().read(|tx| tx.job_page(job.id, 0, true, SHOWN));
    for row in page.map_err(|error| Failure(REFUSED, error.to_string()))? {
        let plain = |text: &str| text.replace(char::is_control, "\u{fffd}");
        let (name, why) = (plain(&row.name), plain(&row.text));
        let _ = writeln!(text, "line {}: {name}: {} {why}", row.line, row.code);
    }
    let more = job.counts.refused - SHOWN;
    if more > 0 {
        let how = if reported { "the report has all" } else { "--report FILE writes all" };
        let _ = writeln!(text, "and {more} more; {how}");
    }
    say(&text);
    Ok(())
}

/// Writes what became of every row.
pub fn write(local: &Local, job: i64, file: &Path) -> Result<(), Failure> {
    let written = || -> anyhow::Result<()> {
        let mut report = Report::begin(File::create(file)?)?;
        report.rows(local.api(), job)?;
        report.end().map(drop)
    };
    Ok(written().with_context(|| format!("cannot write {}", file.display()))?)
}
