//! A password from the keyboard or from standard input, never from the command line, where everybody on
//! the machine could read it.

use std::io::{BufRead, IsTerminal, Write};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use super::{Failure, WRONG};
use crate::domain::secret::Secret;

/// The first line of standard input.
pub fn from_stdin() -> Result<Secret, Failure> {
    let password = line()?;
    if password.reveal().is_empty() {
        return Err(Failure(WRONG, "standard input has no password in its first line".into()));
    }
    Ok(password)
}

/// Asks twice on the terminal, without echo.
pub fn ask(user: &str) -> Result<Secret, Failure> {
    if !std::io::stdin().is_terminal() {
        let text = "standard input is no terminal: pipe the password into it and add --stdin";
        return Err(Failure(WRONG, text.into()));
    }
    let silence = Silence::begin()?;
    let first = prompt(&format!("new password for {user}: "))?;
    let second = prompt("again: ")?;
    drop(silence);
    if first != second {
        return Err(Failure(WRONG, "the two are not the same; nothing was changed".into()));
    }
    Ok(first)
}

fn prompt(text: &str) -> Result<Secret, Failure> {
    let mut terminal = std::io::stderr();
    // A prompt that cannot be shown is no reason not to read.
    let _ = write!(terminal, "{text}").and_then(|()| terminal.flush());
    let password = line();
    let _ = writeln!(terminal);
    password
}

fn line() -> Result<Secret, Failure> {
    let mut text = String::new();
    let read = std::io::stdin().lock().read_line(&mut text);
    read.map_err(|error| Failure(WRONG, format!("cannot read standard input: {error}")))?;
    let password = Secret::new(text.trim_end_matches(['\r', '\n']));
    zeroize::Zeroize::zeroize(&mut text);
    Ok(password)
}

/// The terminal without echo, until this is dropped.
struct Silence(Termios);

impl Silence {
    fn begin() -> Result<Silence, Failure> {
        let terminal = |error| Failure(WRONG, format!("cannot turn off the echo of the terminal: {error}"));
        let usual = tcgetattr(std::io::stdin()).map_err(terminal)?;
        let mut silent = usual.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &silent).map_err(terminal)?;
        Ok(Silence(usual))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.0);
    }
}
