//! What became of the rows of an import: those that were refused for people, all of them as CSV.

use std::fmt::Write;
use std::fs::File;
use std::path::Path;

use anyhow::Context;

use crate::api::jobs::report::Report;
use crate::cli::operate::Local;
use crate::cli::{Failure, REFUSED, complain, say};
use crate::error::Code;
use crate::store::job_search::ListedRow;
use crate::store::jobs::Job;

/// The most refused rows that are shown.
const SHOWN: i64 = 50;
/// Refusals of what a row names beside the user.
const UNKNOWN: [i64; 3] =
    [Code::LicenseUnknown as i64, Code::GroupUnknown as i64, Code::AccountUnknown as i64];
/// Rows that are read at a time.
const PAGE: i64 = 1_000;

fn page(local: &Local, job: i64, after: i64, refused: bool, most: i64) -> Result<Vec<ListedRow>, Failure> {
    let page = local.api().read(|tx| tx.job_page(job, after, refused, most));
    page.map_err(|error| Failure(REFUSED, error.to_string()))
}

/// Shows the rows that were refused, the first ones of many.
pub fn show_refused(local: &Local, job: &Job, reported: bool) -> Result<(), Failure> {
    let mut text = String::new();
    let rows = page(local, job.id, 0, true, SHOWN)?;
    for row in &rows {
        let (name, why) = (plain(&row.name), plain(&row.text));
        let _ = writeln!(text, "line {}: {name}: {} {why}", row.line, row.code);
    }
    if rows.iter().any(|row| UNKNOWN.contains(&row.code)) {
        complain("with --skip-unknown, licenses, groups and accounts that are not known here are left out");
    }
    let more = job.counts.refused - SHOWN;
    if more > 0 {
        let how = if reported { "the report has all" } else { "--report FILE writes all" };
        let _ = writeln!(text, "and {more} more; {how}");
    }
    say(&text);
    Ok(())
}

fn plain(text: &str) -> String {
    text.replace(char::is_control, "\u{fffd}")
}

/// Shows what was left out of rows that were done, the first ones of many.
pub fn show_left_out(local: &Local, job: &Job) -> Result<(), Failure> {
    let (mut after, mut shown, mut text) = (0, 0, String::new());
    loop {
        let rows = page(local, job.id, after, false, PAGE)?;
        let Some(last) = rows.last() else { break };
        after = last.number;
        for row in rows.iter().filter(|row| row.code == 0 && !row.text.is_empty()) {
            shown += 1;
            if shown <= SHOWN {
                let _ = writeln!(text, "line {}: {}: {}", row.line, plain(&row.name), plain(&row.text));
            }
        }
    }
    if shown > SHOWN {
        let _ = writeln!(text, "and {} more; --report FILE writes all", shown - SHOWN);
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
