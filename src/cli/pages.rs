//! `regserver completions` and `regserver man`, made from the command line's own definition.

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory};
use clap_complete::Shell;

use super::{Arguments, DONE, Failure, WRONG, say};
use crate::domain::settings::closest;

/// `completions`.
#[derive(Args)]
#[command(after_help = "Examples:\n  regserver completions bash > /etc/bash_completion.d/regserver\n  \
    regserver completions zsh > ~/.zfunc/_regserver\n  \
    regserver completions fish > ~/.config/fish/completions/regserver.fish")]
pub struct Completions {
    /// The shell
    shell: Shell,
}

impl Completions {
    /// Prints the script.
    pub fn run(&self) -> Result<u8, Failure> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Arguments::command(), "regserver", &mut script);
        say(&String::from_utf8_lossy(&script));
        Ok(DONE)
    }
}

/// `man`.
#[derive(Args)]
#[command(after_help = "Examples:\n  regserver man | man -l -\n  regserver man service add | man -l -\n  \
    regserver man --all /usr/local/share/man/man1")]
pub struct Man {
    /// A sub-command, such as `service add`; left out, the page of the program
    sub: Vec<String>,
    /// Write the pages of the program and of all sub-commands into that folder, which must be there
    #[arg(long, value_name = "FOLDER", conflicts_with = "sub")]
    all: Option<PathBuf>,
}

impl Man {
    /// Prints the page, or writes all of them.
    pub fn run(&self) -> Result<u8, Failure> {
        let mut command = without_help(Arguments::command());
        command.build();
        if let Some(folder) = &self.all {
            let written = write_all(&command, folder)?;
            say(&format!("wrote {written} pages to {}\n", folder.display()));
            return Ok(DONE);
        }
        let mut found = &command;
        for name in &self.sub {
            let inner = found.find_subcommand(name).ok_or_else(|| {
                let near = closest(name, found.get_subcommands().map(clap::Command::get_name));
                let hint = near.map_or(String::new(), |near| format!("did you mean {near}? "));
                let text = format!("there is no sub-command {name}: {hint}`regserver --help` lists all");
                Failure(WRONG, text)
            })?;
            found = inner;
        }
        say(&String::from_utf8_lossy(&page(found)?));
        Ok(DONE)
    }
}

/// Without the sub-commands `help`, which have nothing to say in a manual.
fn without_help(command: Command) -> Command {
    command.disable_help_subcommand(true).mut_subcommands(without_help)
}

fn title(command: &Command) -> String {
    command.get_display_name().unwrap_or("regserver").to_owned()
}

fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    let mut page = Vec::new();
    let rendered = clap_mangen::Man::new(command.clone()).title(title(command)).render(&mut page);
    rendered.map_err(|error| Failure(WRONG, format!("cannot make the page: {error}")))?;
    Ok(page)
}

/// Writes the page of a command and of everything below it, as `man` looks for them; says how many.
fn write_all(command: &Command, folder: &Path) -> Result<usize, Failure> {
    let file = folder.join(format!("{}.1", title(command)));
    std::fs::write(&file, page(command)?).map_err(|error| {
        let hint = "name a folder that is there and may be written to";
        Failure(WRONG, format!("cannot write {}: {error}; {hint}", file.display()))
    })?;
    command
        .get_subcommands()
        .map(|inner| write_all(inner, folder))
        .try_fold(1, |sum, written| Ok(sum + written?))
}
