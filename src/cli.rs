//! The command line: one program, its sub-commands.
//!
//! Exit codes: 0 done, 1 the server refused or a check failed, 2 the command line or the
//! configuration is wrong, 3 no server answered.

mod call;
mod check;
mod checksum;
mod commands;
mod local;
mod logging;
pub mod notation;
mod serve;

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

/// A registration server that speaks the XML command API of the TeamDrive Registration Server.
#[derive(Parser)]
#[command(
    version,
    after_help = "Without a sub-command the server starts. Exit codes: 0 done, 1 refused or a check failed, \
                  2 command line or configuration wrong, 3 no server answered."
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
    /// Sign a call, send it and print the reply
    Call(call::Call),
    /// Print the checksum of what stands on standard input
    Checksum(checksum::Checksum),
    /// Show the table of commands, or one of them with its fields and examples
    Commands(commands::Commands),
    /// Check configuration, database, keys and clock, and say how to mend each fault
    Check,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = || load(&arguments);
    let done = match &arguments.command {
        None | Some(Sub::Serve) => config().and_then(|config| serve::run(&config)),
        Some(Sub::Call(call)) => config().and_then(|config| call.run(&config)),
        Some(Sub::Checksum(checksum)) => checksum.run(config),
        Some(Sub::Commands(commands)) => commands.run(),
        Some(Sub::Check) => check::run(arguments.config.as_deref()),
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
