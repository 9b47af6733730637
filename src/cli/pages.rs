//! `regserver completions` and `regserver man`, made from the command line's own definition.

use clap::{Args, CommandFactory};
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
#[command(
    after_help = "Examples:\n  regserver man | man -l -\n  regserver man service add > regserver-service-add.1"
)]
pub struct Man {
    /// A sub-command, such as `service add`; left out, the page of the program
    sub: Vec<String>,
}

impl Man {
    /// Prints the page.
    pub fn run(&self) -> Result<u8, Failure> {
        let mut command = Arguments::command();
        command.build();
        let mut found = &command;
        for name in &self.sub {
            let inner = found.find_subcommand(name).ok_or_else(|| {
                let near = closest(name, found.get_subcommands().map(clap::Command::get_name));
                let hint = near.map_or(String::new(), |near| format!("; did you mean {near}?"));
                Failure(WRONG, format!("there is no sub-command {name}{hint}"))
            })?;
            found = inner;
        }
        let mut page = Vec::new();
        let title = found.get_display_name().unwrap_or("regserver").to_owned();
        let rendered = clap_mangen::Man::new(found.clone()).title(title).render(&mut page);
        rendered.map_err(|error| Failure(WRONG, format!("cannot make the page: {error}")))?;
        say(&String::from_utf8_lossy(&page));
        Ok(DONE)
    }
}
