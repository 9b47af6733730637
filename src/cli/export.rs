//! `regserver export`: a provider's users as CSV, as an import takes them back.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::operate::{self, Local};
use super::{DONE, Failure, REFUSED, complain, json};
use crate::config::Config;
use crate::domain::sheet::{Column, Sheet};
use crate::wire::xml;

/// The name that stands for standard output.
const STDOUT: &str = "-";

/// `export`.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    regserver export users.csv\n  \
    regserver export --provider ACME --columns username,email > acme.csv\n\n\
    There is no password in it, and the key of a license that every new user gets stays blank. A\n\
    license of another kind, a group or a company account must be there where the file is imported,\n\
    else `regserver import --skip-unknown` leaves it out. A cell that a spreadsheet would take for a\n\
    formula begins with an apostrophe, which an import takes off again.\n\
    Exit codes: 0 done, 1 refused, 2 command line or configuration wrong.")]
pub struct Export {
    /// The file, which is not there yet; left out or -, standard output
    file: Option<PathBuf>,
    /// Whose users; left out, the default provider's
    #[arg(long, value_name = "CODE")]
    provider: Option<String>,
    /// The columns, with commas between: some of username, email, language, reference, department, authid, licensekey,
    /// groupreference, accountkey, status
    #[arg(long, value_name = "LIST")]
    columns: Option<String>,
}

impl Export {
    /// Exports.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        let local = Local::open(config)?;
        let mut out: Box<dyn Write> = match &self.file {
            None => Box::new(std::io::stdout().lock()),
            Some(path) if path.as_os_str() == STDOUT => Box::new(std::io::stdout().lock()),
            // What it holds is nobody else's business.
            Some(path) => Box::new(
                OpenOptions::new()
                    .write(true)
                    .create_new(true)
                    .mode(0o600)
                    .open(path)
                    .with_context(|| format!("cannot make {}", path.display()))?,
            ),
        };
        let (mut after, mut bound) = ("0".to_owned(), 0);
        loop {
            let body = self.page(&local, &after);
            let reply = xml::tree(&body).ok().map(|tree| json::of("exportusers", &tree.members));
            let page = reply.as_ref().and_then(|reply| Some((reply["csv"].as_str()?, &reply["nextid"])));
            let Some((csv, next)) = page else {
                let message = reply.as_ref().and_then(|reply| reply["exception"]["message"].as_str());
                complain(message.unwrap_or(&body));
                complain(operate::hint(&body));
                return Ok(REFUSED);
            };
            // The header stands on every page, and is needed once.
            let lines = if after == "0" { csv } else { csv.split_once('\n').map_or("", |(_, lines)| lines) };
            bound += bound_to_others(csv);
            out.write_all(lines.as_bytes()).and_then(|()| out.flush()).context("cannot write the users")?;
            match next.as_i64() {
                Some(next) => after = next.to_string(),
                None => {
                    warn(bound);
                    return Ok(DONE);
                }
            }
        }
    }

    fn page(&self, local: &Local, after: &str) -> String {
        let mut fields = vec![("startid", after)];
        fields.extend(self.provider.as_deref().map(|code| ("distributor", code)));
        fields.extend(self.columns.as_deref().map(|columns| ("columns", columns)));
        local.run("exportusers", &fields)
    }
}

/// How many users of a page have what another server may not know.
fn bound_to_others(csv: &str) -> usize {
    let Ok(sheet) = Sheet::read(csv, usize::MAX) else { return 0 };
    let others = [Column::LicenseKey, Column::Group, Column::Account];
    let named = |cells: &Vec<String>| {
        let mut both = sheet.columns.iter().zip(cells);
        both.any(|(column, cell)| others.contains(column) && !cell.is_empty())
    };
    sheet.lines.iter().filter_map(|line| line.cells.as_ref().ok()).filter(|cells| named(cells)).count()
}

fn warn(bound: usize) {
    if bound > 0 {
        complain(&format!(
            "{bound} users have a license, a group or a company account that must be there where the file is imported; \
             `regserver import --skip-unknown` leaves out what is not"
        ));
    }
}
