//! The command line: one program, its sub-commands.
//!
//! Exit codes: 0 done, 1 the server refused or a check failed, 2 the command line or the
//! configuration is wrong, 3 no server answered or rows of an import were refused.

mod backup;
mod call;
mod check;
mod checksum;
mod commands;
mod compatibility;
mod credential;
mod diagnose;
mod export;
mod further;
mod hint;
mod import;
mod init;
mod json;
mod key;
mod listing;
mod local;
pub mod logging;
pub mod notation;
mod operate;
mod pages;
mod password;
mod provider;
mod reference;
mod reply;
mod restore;
mod serve;
mod service;
mod settings;
mod site;
mod style;
mod systemd;
mod table;
mod trust;
mod user;
mod xsd;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::Config;

/// Done.
const DONE: u8 = 0;
/// The server refused, or a check failed.
const REFUSED: u8 = 1;
/// The command line or the configuration is wrong.
const WRONG: u8 = 2;
/// No server answered.
const NO_SERVER: u8 = 3;
/// An import is done, and some of its rows were refused.
const ROWS_REFUSED: u8 = 3;
/// Ended by Ctrl-C.
const INTERRUPTED: u8 = 130;

/// A registration server that speaks the XML command API of the TeamDrive Registration Server.
#[derive(Parser)]
#[command(
    version,
    after_help = "Without a sub-command the server starts. With no configuration it listens on 127.0.0.1:8080 and\n\
                  shows a call to paste; `regserver init` makes a configuration of your own.\n\n\
                  Exit codes: 0 done, 1 refused or a check failed, 2 command line or configuration wrong,\n\
                  3 no server answered or, of `import`, rows were refused. NO_COLOR=1 keeps a terminal plain."
)]
struct Arguments {
    /// The configuration file; without it conf/regserver.toml or regserver.toml, if there is one
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Sub>,
}

#[derive(Subcommand)]
enum Sub {
    /// Start the server (what happens without a sub-command)
    Serve,
    /// Make a configuration, the master key and a database with a first provider
    Init(init::Init),
    /// Sign a call, send it and print the reply
    Call(call::Call),
    /// Print the checksum of what stands on standard input
    Checksum(checksum::Checksum),
    /// List, show, add and change providers
    Provider(provider::Provider),
    /// List, register, change and delete services, show and rotate their keys
    Service(service::Service),
    /// List, register, change and remove sites, show and rotate their secrets
    Site(site::Site),
    /// Change the master key of the database, or show its fingerprint
    Key(key::Key),
    /// List settings with where they come from, and change them
    Settings(settings::Settings),
    /// Find, show and unlock users, set a password, grant rights, reset a second factor
    User(user::User),
    /// Register or update users from a CSV file
    Import(import::ImportFile),
    /// Write users as CSV
    Export(export::Export),
    /// Copy the database while the server runs, and prove the copy
    Backup(backup::BackupFile),
    /// Put a copy in the place of the database, while the server is stopped
    Restore(restore::RestoreFile),
    /// Show the table of commands, or one of them with its fields and examples
    Commands(commands::Commands),
    /// Look for faults of configuration, data, keys and tasks, and say how to mend each
    Check,
    /// Print what a report of a fault needs, without secrets
    Diagnose,
    /// Print the completions for a shell
    Completions(pages::Completions),
    /// Print the manual page, of the program or of a sub-command, or write all of them
    Man(pages::Man),
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (config, path) = (|| load(&arguments), arguments.config.as_deref());
    let done = match &arguments.command {
        None | Some(Sub::Serve) => config().and_then(|config| serve::run(&config)),
        Some(Sub::Call(call)) => config().and_then(|config| call.run(&config)),
        Some(Sub::Checksum(checksum)) => checksum.run(config),
        Some(Sub::Commands(commands)) => commands.run(),
        Some(Sub::Check) => check::run(path),
        Some(Sub::Init(init)) => init.run(path),
        Some(Sub::Provider(provider)) => config().and_then(|config| provider.run(&config)),
        Some(Sub::Service(service)) => config().and_then(|config| service.run(&config)),
        Some(Sub::Site(site)) => config().and_then(|config| site.run(&config)),
        Some(Sub::Key(key)) => config().and_then(|config| key.run(&config)),
        Some(Sub::Settings(settings)) => config().and_then(|config| settings.run(&config)),
        Some(Sub::User(user)) => config().and_then(|config| user.run(&config)),
        Some(Sub::Import(import)) => config().and_then(|config| import.run(&config)),
        Some(Sub::Export(export)) => config().and_then(|config| export.run(&config)),
        Some(Sub::Backup(backup)) => config().and_then(|config| backup.run(&config)),
        Some(Sub::Restore(restore)) => config().and_then(|config| restore.run(&config)),
        Some(Sub::Diagnose) => diagnose::run(path),
        Some(Sub::Completions(completions)) => completions.run(),
        Some(Sub::Man(man)) => man.run(),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(Failure(code, text)) => {
            complain(&text);
            ExitCode::from(code)
        }
    }
}

fn load(arguments: &Arguments) -> Result<Config, Failure> {
    Config::load(arguments.config.as_deref()).map_err(|error| Failure(WRONG, error.to_string()))
}

/// Why the program ends, with its exit code.
struct Failure(u8, String);

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure(WRONG, format!("{error:#}"))
    }
}

/// Prints to standard output; a reader that has gone away is no fault.
fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn complain(text: &str) {
    let _ = writeln!(std::io::stderr(), "regserver: {text}");
}
