//! A password typed at a real terminal: never shown, and the echo is back however the question ends.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use super::err;
use crate::program::{Folder, Server, program};

/// The two ends of a terminal.
struct Terminal {
    keyboard: File,
    program: File,
}

impl Terminal {
    fn new() -> Terminal {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&keyboard).unwrap();
        unlockpt(&keyboard).unwrap();
        let name = ptsname(&keyboard, Vec::new()).unwrap();
        let program = File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        Terminal { keyboard: keyboard.into(), program }
    }

    fn echoes(&self) -> bool {
        tcgetattr(&self.program).unwrap().local_modes.contains(LocalModes::ECHO | LocalModes::ISIG)
    }

    /// Types once the program has asked.
    fn types(&mut self, keys: &str) {
        let end = Instant::now() + Duration::from_secs(20);
        while self.echoes() {
            assert!(Instant::now() < end, "the program never asked");
            std::thread::sleep(Duration::from_millis(10));
        }
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// What the terminal itself showed.
    fn shown(self) -> String {
        let Terminal { mut keyboard, program } = self;
        drop(program);
        let mut bytes = Vec::new();
        // The end of a terminal is an error, after what it showed.
        let _ = keyboard.read_to_end(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }
}

fn asking(folder: &Folder, terminal: &Terminal, user: &str) -> Child {
    let mut command: Command = program(&folder.0);
    command.args(["user", "set-password", user]).stdin(terminal.program.try_clone().unwrap());
    command.stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_password_is_asked_for_without_echo_and_ctrl_c_gives_the_echo_back() {
    let folder = Folder::configured(crate::program::CONFIG);
    let server = Server::start(&folder);
    server.call("registeruser", "username=alice useremail=a@example.com password=wonder-2026 activate=true");
    let works = |word: &str| {
        server.call("loginuser", &format!("username=alice password={word}")).contains("<userdata>")
    };
    for (keys, code, said) in [
        ("typed-2026\u{3}", Some(1), "nothing was changed"),
        ("typed-2026\ntyped-2027\n", Some(2), "not the same"),
        ("\u{4}", Some(1), "nothing was changed"),
        ("wrong\u{15}typ\u{e9}\u{7f}ed-2026\ntyped-2026\r", Some(0), "again:"),
    ] {
        let mut terminal = Terminal::new();
        let child = asking(&folder, &terminal, "alice");
        assert!(!works("typed-2026"));
        terminal.types(keys);
        let run = child.wait_with_output().unwrap();
        assert_eq!(run.status.code(), code, "{keys:?}: {}", err(&run));
        assert!(err(&run).contains(said), "{keys:?}: {}", err(&run));
        assert!(terminal.echoes(), "{keys:?}: the terminal is as it was");
        assert_eq!(terminal.shown(), "", "{keys:?}");
    }
    let terminal = Terminal::new();
    let nobody = asking(&folder, &terminal, "nobody").wait_with_output().unwrap();
    assert!(nobody.status.code() == Some(1) && !err(&nobody).contains("new password"), "{}", err(&nobody));
    assert!(works("typed-2026") && !works("wonder-2026"));
}
