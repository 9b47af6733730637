//! `regserver init`: configuration, master key and database with a first provider, in one step.
//!
//! The configuration that is written is the one that comes with the program, with its comments, so that
//! whoever opens it finds every key explained; only the provider is filled in.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{DONE, Failure, WRONG, operate, say};
use crate::config::Config;

/// The configuration as it is shipped.
const SHIPPED: &str = include_str!("../../conf/regserver.toml");
/// Where it is written.
const PLACE: &str = "conf/regserver.toml";
/// Where it could lie as well; with two of them the program would not start.
const OTHER_PLACE: &str = "regserver.toml";

/// `init`.
#[derive(Args)]
#[command(after_help = "Example:\n  \
    regserver init --provider ACME --name 'Acme Storage'\n\n\
    The file is conf/regserver.toml, or the one named with --config. Database and master key are made\n\
    in the folder you are in. Exit codes: 0 done, 2 command line or configuration wrong.")]
pub struct Init {
    /// The code of the first provider: four of A-Z and 0-9; it begins licence keys
    #[arg(long, value_name = "CODE")]
    provider: String,
    /// Its name; left out, the code
    #[arg(long)]
    name: Option<String>,
    /// Overwrite a configuration that is there; the old one is kept with .old behind its name
    #[arg(long)]
    force: bool,
}

impl Init {
    /// Makes everything.
    pub fn run(&self, path: Option<&Path>) -> Result<u8, Failure> {
        let file = path.map_or_else(|| PathBuf::from(PLACE), Path::to_owned);
        let name = self.name.as_deref().unwrap_or(&self.provider);
        let text = filled(&self.provider, name);
        Config::from_toml(&text, std::iter::empty()).map_err(|error| {
            let hint = "the code is four of A-Z and 0-9, such as ACME";
            Failure(WRONG, format!("--provider {}: {hint}\n{error}", self.provider))
        })?;
        self.may_write(&file, path.is_none())?;
        let old = kept(&file)?;
        write(&file, &text)?;
        let made = make(&file, &self.provider, name);
        if made.is_err() {
            undo(&file, old.as_deref());
        }
        say(&made?);
        Ok(DONE)
    }

    fn may_write(&self, file: &Path, usual: bool) -> Result<(), Failure> {
        if usual && Path::new(OTHER_PLACE).exists() {
            let text = format!("{OTHER_PLACE} is here already: remove it, or name it with --config");
            return Err(Failure(WRONG, text));
        }
        if file.exists() && !self.force {
            let text = format!("{} is there already; --force overwrites it and keeps a copy", file.display());
            return Err(Failure(WRONG, text));
        }
        Ok(())
    }
}

/// The shipped configuration with the provider in it.
fn filled(code: &str, name: &str) -> String {
    let quoted = |text: &str| toml::Value::String(text.to_owned()).to_string();
    SHIPPED
        .replacen("#DefaultProvider = \"ACME\"", &format!("DefaultProvider = {}", quoted(code)), 1)
        .replacen("#[[provider]]", "[[provider]]", 1)
        .replacen("#code = \"ACME\"", &format!("code = {}", quoted(code)), 1)
        .replacen("#name = \"Acme Storage\"", &format!("name = {}", quoted(name)), 1)
}

/// Puts a file that is in the way aside, and says where it lies.
fn kept(file: &Path) -> Result<Option<PathBuf>, Failure> {
    if !file.exists() {
        return Ok(None);
    }
    let mut aside = file.as_os_str().to_owned();
    aside.push(".old");
    std::fs::rename(file, &aside)
        .map_err(|error| Failure(WRONG, format!("cannot put {} aside: {error}", file.display())))?;
    Ok(Some(aside.into()))
}

/// Writes it for its owner alone: keys may come to stand in it.
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let made = folder.map_or(Ok(()), std::fs::create_dir_all).and_then(|()| {
        let mut options = std::fs::OpenOptions::new();
        let mut open = options.write(true).create_new(true).mode(0o600).open(file)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()
    });
    made.map_err(|error| Failure(WRONG, format!("cannot write {}: {error}", file.display())))
}

fn undo(file: &Path, old: Option<&Path>) {
    // What fails here leaves the new file, which the message of the fault is about anyway.
    let _ = match old {
        Some(old) => std::fs::rename(old, file),
        None => std::fs::remove_file(file),
    };
}

/// Makes key and database by the new file, and says what was made.
fn make(file: &Path, code: &str, name: &str) -> Result<String, Failure> {
    let config = Config::load(Some(file)).map_err(|error| Failure(WRONG, error.to_string()))?;
    let key = config.master_key_file();
    let new_key = !key.exists();
    let (api, fresh) = operate::open(&config, false)?;
    api.stop();
    let mut text = format!("made {}, with the provider {code} ({name})\n", file.display());
    text.push_str(&match new_key {
        true => format!(
            "made the master key {}: keep a copy in another place, without it the keys of all services are lost\n",
            key.display()
        ),
        false => format!("the master key {} was there already\n", key.display()),
    });
    let database = config.database.path.display();
    text.push_str(&match fresh {
        true => format!("made the database {database}\n"),
        false => format!("the database {database} was there already; {code} is its default provider now\n"),
    });
    let option =
        if file == Path::new(PLACE) { String::new() } else { format!(" --config {}", file.display()) };
    let listen = config.server.listen.first().map_or(String::new(), ToString::to_string);
    text.push_str(&format!(
        "\nNext:\n  \
        regserver service add shop --addresses 203.0.113.7{option}\n      \
        registers a program that may call from there, and shows its key\n  \
        regserver serve{option}\n      \
        starts the server on {listen}\n  \
        regserver call getversion{option}\n      \
        asks it from this machine; until a service has 127.0.0.1, `{demo}` may call from there\n",
        demo = crate::api::DEMO,
    ));
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_provider_is_filled_in() {
        let text = filled("GAMA", "Gamma \"G\" Storage");
        let config = Config::from_toml(&text, std::iter::empty()).unwrap_or_else(|fault| panic!("{fault}"));
        assert_eq!(config.settings.get("DefaultProvider"), Some("GAMA"));
        assert_eq!(config.providers.len(), 1);
        assert_eq!(
            (config.providers[0].code.as_str(), config.providers[0].name.as_str()),
            ("GAMA", "Gamma \"G\" Storage")
        );
        assert!(config.services.is_empty());
    }
}
