//! `regbench`: measures how much of the machine's speed the server keeps.
//!
//! A number of requests per second says little without knowing what the machine can do at best, so
//! everything is measured beside a yardstick: a handler on the same HTTP library that does nothing but
//! read the body and send fixed bytes of the same size. Servers and yardstick take turns in rounds, so
//! that a slow minute of the machine hits all of them; the medians are printed. The servers are
//! children of this program, on a core of their own, so that their time and memory are theirs alone.

#[path = "regbench/allocations.rs"]
mod allocations;
#[path = "regbench/child.rs"]
mod child;
#[path = "regbench/databases.rs"]
mod databases;
#[path = "regbench/encryption.rs"]
mod encryption;
#[path = "regbench/failures.rs"]
mod failures;
#[path = "regbench/floods.rs"]
mod floods;
#[path = "regbench/goals.rs"]
mod goals;
#[path = "regbench/imports.rs"]
mod imports;
#[path = "regbench/kinds.rs"]
mod kinds;
#[path = "regbench/load.rs"]
mod load;
#[path = "regbench/machine.rs"]
mod machine;
#[path = "regbench/mails.rs"]
mod mails;
#[path = "regbench/options.rs"]
mod options;
#[path = "regbench/pages.rs"]
mod pages;
#[path = "regbench/patterns.rs"]
mod patterns;
#[path = "regbench/reply.rs"]
mod reply;
#[path = "regbench/report.rs"]
mod report;
#[path = "regbench/requests.rs"]
mod requests;
#[path = "regbench/rounds.rs"]
mod rounds;
#[path = "regbench/rows.rs"]
mod rows;
#[path = "regbench/scratch.rs"]
mod scratch;
#[path = "regbench/servers.rs"]
mod servers;
#[path = "regbench/single.rs"]
mod single;
#[path = "regbench/sink.rs"]
mod sink;
#[path = "regbench/statements.rs"]
mod statements;

use clap::Parser;

use options::{Options, Sub};
use scratch::Scratch;

fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    match &options.child {
        Some(Sub::ChildApi { database, core, uncounted, mail }) => {
            servers::api(database, *core, *uncounted, *mail)
        }
        Some(Sub::ChildYardstick { reply, core }) => servers::yardstick(reply, *core),
        None => run(&options),
    }
}

fn run(options: &Options) -> anyhow::Result<()> {
    let scratch = Scratch::new(&options.folder)?;
    if !options.allocations {
        rounds::run(options, &scratch)?;
    }
    if options.allocations || options.quick {
        allocations::run(&scratch)?;
    }
    Ok(())
}
