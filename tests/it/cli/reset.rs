//! A second factor taken away at the command line, for who has lost the device.

use crate::program::{CONFIG, Folder, Server};

#[test]
fn the_command_line_takes_a_second_factor_away() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    server.call("registeruser", "username=alice useremail=a@example.com password=wonder-2026 activate=true");
    let ask = |fields: &str| server.call("settotp", &format!("username=alice password=wonder-2026 {fields}"));
    assert!(ask("").contains("<status>pending</status>"));
    let done = folder.done(&["user", "reset-totp", "alice"]);
    assert!(done.contains("none"), "{done}");
    let gone = ask("totp=123456");
    assert!(gone.contains("no secret waits for a code"), "{gone}");
}
