//! A password from the keyboard or from standard input, never from the command line, where everybody on
//! the machine could read it.
//!
//! While it is typed, the terminal sends no signals: Ctrl-C comes as a key like any other, so there is
//! no way out of the question that leaves the terminal without its echo. A handler of the signal was the
//! alternative, but it would need unsafe code or a runtime for one question.

use std::io::{BufRead, ErrorKind, IsTerminal, Read, Write};

use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroize;

use super::{Failure, REFUSED, WRONG};
use crate::domain::secret::Secret;

/// Ctrl-C.
const STOP: u8 = 0x03;
/// Ctrl-D.
const END: u8 = 0x04;
const BACKSPACE: u8 = 0x08;
/// Ctrl-U: the line from the start.
const KILL: u8 = 0x15;
/// Ctrl-\.
const QUIT: u8 = 0x1c;
const DELETE: u8 = 0x7f;

/// The first line of standard input.
pub fn from_stdin() -> Result<Secret, Failure> {
    let password = line()?;
    if password.reveal().is_empty() {
        return Err(Failure(
            WRONG,
            "standard input has no password in its first line; nothing was changed".into(),
        ));
    }
    Ok(password)
}

/// Refuses where nobody could be asked.
pub fn at_a_terminal() -> Result<(), Failure> {
    if std::io::stdin().is_terminal() {
        return Ok(());
    }
    let text = "standard input is no terminal: pipe the password into it and add --stdin";
    Err(Failure(WRONG, text.into()))
}

/// Asks twice on the terminal, without echo.
pub fn ask(user: &str) -> Result<Secret, Failure> {
    let silence = Silence::begin()?;
    let first = prompt(&format!("new password for {user}: "))?;
    let second = prompt("again: ")?;
    drop(silence);
    if first != second {
        return Err(Failure(WRONG, "the two are not the same; nothing was changed: try again".into()));
    }
    Ok(first)
}

fn prompt(text: &str) -> Result<Secret, Failure> {
    let mut terminal = std::io::stderr();
    // A prompt that cannot be shown is no reason not to read.
    let _ = write!(terminal, "{text}").and_then(|()| terminal.flush());
    let password = typed();
    let _ = writeln!(terminal);
    password
}

/// What is typed up to the end of the line.
fn typed() -> Result<Secret, Failure> {
    let mut text = Vec::new();
    let mut key = [0];
    loop {
        match std::io::stdin().lock().read(&mut key) {
            Ok(0) => return Err(stopped()),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            Err(error) => return Err(unread(&error)),
            Ok(_) => {}
        }
        match key[0] {
            b'\r' | b'\n' => break,
            STOP | QUIT => return Err(stopped()),
            END if text.is_empty() => return Err(stopped()),
            BACKSPACE | DELETE => rub_out(&mut text),
            KILL => text.zeroize(),
            byte => text.push(byte),
        }
    }
    let password = std::str::from_utf8(&text).map(Secret::new);
    let password = password.map_err(|_| {
        Failure(WRONG, "that is no UTF-8: set the terminal to UTF-8, or use --stdin".to_owned())
    });
    text.zeroize();
    password
}

/// Takes the last character away, all bytes of it.
fn rub_out(text: &mut Vec<u8>) {
    while text.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
}

fn stopped() -> Failure {
    Failure(REFUSED, "stopped; nothing was changed".to_owned())
}

fn unread(error: &std::io::Error) -> Failure {
    Failure(WRONG, format!("cannot read standard input: {error}; pipe the password into it and add --stdin"))
}

fn line() -> Result<Secret, Failure> {
    let mut text = String::new();
    std::io::stdin().lock().read_line(&mut text).map_err(|error| unread(&error))?;
    let password = Secret::new(text.trim_end_matches(['\r', '\n']));
    text.zeroize();
    Ok(password)
}

/// The terminal without echo, handing over each key as it is typed, until this is dropped.
struct Silence(Termios);

impl Silence {
    fn begin() -> Result<Silence, Failure> {
        let terminal = |error| {
            let hint = "pipe the password into the program and add --stdin";
            Failure(WRONG, format!("cannot turn off the echo of the terminal: {error}; {hint}"))
        };
        let usual = tcgetattr(std::io::stdin()).map_err(terminal)?;
        let mut silent = usual.clone();
        silent.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
        silent.special_codes[SpecialCodeIndex::VMIN] = 1;
        silent.special_codes[SpecialCodeIndex::VTIME] = 0;
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &silent).map_err(terminal)?;
        Ok(Silence(usual))
    }
}

impl Drop for Silence {
    fn drop(&mut self) {
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.0);
    }
}
