//! `regserver backup`: a copy of the database, made while the server runs and proved before it counts.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};

use super::{DONE, Failure, REFUSED, say};
use crate::config::Config;
use crate::store::{copies, lock, rotation};

const BAR: &str = "{wide_bar} {percent}% {eta}";

/// `backup`.
#[derive(Args)]
#[command(after_help = "Examples:\n  \
    regserver backup /var/backups/regserver.db\n  \
    regserver restore /var/backups/regserver.db\n\n\
    The copy shows the moment at which it was begun; calls go on meanwhile. Its pages and foreign keys\n\
    are proved, and its SHA-256 is written beside it, as FILE.sha256. The master key is not in it:\n\
    keep a copy of that file in another place. Neither is the API log.\n\
    Exit codes: 0 done, 1 not done, 2 command line or configuration wrong.")]
pub struct BackupFile {
    /// The file, which is not there yet
    file: PathBuf,
    /// Show no progress
    #[arg(long, short)]
    quiet: bool,
}

impl BackupFile {
    /// Copies.
    pub fn run(&self, config: &Config) -> Result<u8, Failure> {
        let database = &config.database.path;
        if !database.exists() {
            return Err(Failure(REFUSED, format!("there is no database {}", database.display())));
        }
        let failed = |error: anyhow::Error| Failure(REFUSED, format!("no backup was made: {error:#}"));
        let _lock = lock::shared(database).map_err(failed)?;
        let bar = self.bar();
        let copied = copies::make(database, &self.file, &mut |done, pages| {
            bar.set_length(pages);
            bar.set_position(done);
            true
        });
        bar.finish_and_clear();
        let copied = copied.map_err(failed)?;
        say(&format!(
            "{sha}  {file}\n{size} bytes, pages and foreign keys are sound; the checksum stands in {beside}\n\
             The master key is not in it: keep a copy of {key} in another place.\n{fingerprint}",
            sha = copied.sha256,
            file = self.file.display(),
            size = copied.size,
            beside = copies::checksum_file(&self.file).display(),
            key = config.master_key_file().display(),
            fingerprint = fingerprint(config),
        ));
        Ok(DONE)
    }

    fn bar(&self) -> ProgressBar {
        if self.quiet || !std::io::stderr().is_terminal() {
            return ProgressBar::hidden();
        }
        let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::new(0).with_style(style)
    }
}

/// Which key opens the copy; nothing where that cannot be told just now, for the copy is made all the same.
fn fingerprint(config: &Config) -> String {
    match rotation::settled(&config.master_key_file(), &config.database.path) {
        Ok(Some(vault)) => format!("The fingerprint of the key that opens it is {}.\n", vault.fingerprint()),
        _ => String::new(),
    }
}
