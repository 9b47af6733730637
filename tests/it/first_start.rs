//! The first minutes: start, paste, call, check; and the script of the public documentation.

use std::os::unix::fs::PermissionsExt;
use std::process::Command;

use crate::program::{CONFIG, Folder, Server};

/// The variable that keeps the tests off the usual port.
const ANY_PORT: (&str, &str) = ("REGSERVER_SERVER_LISTEN", "127.0.0.1:0");

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

#[test]
fn the_first_start_prints_a_block_that_works_when_pasted() {
    let folder = Folder::new();
    let server = Server::start_with(&folder, &[ANY_PORT]);
    assert!(server.banner.contains("the provider is DEMO"), "{}", server.banner);
    let start = server.banner.find("URL=").unwrap();
    let end = server.banner.find("\n\nThen try").unwrap();
    let block = &server.banner[start..end];
    let pasted = Command::new("sh").args(["-c", block]).output().unwrap();
    let reply = text(pasted.stdout);
    assert!(
        reply.contains("<intresult>0</intresult><userid>1</userid><username>alice</username>"),
        "{reply}"
    );
    assert!(server.stop());
    let again = Server::start_with(&folder, &[ANY_PORT]);
    assert!(!again.banner.contains("KEY="), "{}", again.banner);
}

#[test]
fn the_script_of_the_documentation_runs_unchanged() {
    let config =
        CONFIG.replace("keys = [{ key = \"0123456789abcdef0123456789abcdef\" }]", "method = \"md5-salt\"");
    let config = format!("{config}\n[settings]\nAPIChecksumSalt = \"a-salt-of-the-old-server\"\n");
    let folder = Folder::configured(&config);
    let server = Server::start(&folder);
    let call = |arguments: &[&str]| {
        let url = format!("http://{}", server.address);
        let made = folder.run(&[&["call", "--url", &url], arguments].concat(), "");
        assert!(made.status.success(), "{}{}", text(made.stdout), text(made.stderr));
    };
    call(&[
        "registeruser",
        "username=YourUserName",
        "useremail=y@example.com",
        "password=YourPassword",
        "activate=$true",
    ]);
    for path in ["/yvva/api/api.xml", "/pbas/td2as/api/api.htm"] {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/scripts/loginuser.sh");
        let run = Command::new("sh")
            .arg(script)
            .env("URL", format!("http://{}{path}", server.address))
            .env("SALT", "a-salt-of-the-old-server")
            .env("NAME", "YourUserName")
            .env("PASSWORD", "YourPassword")
            .output()
            .unwrap();
        let reply = text(run.stdout);
        assert!(reply.contains("<userdata><userid>1</userid><username>YourUserName</username>"), "{reply}");
    }
}

#[test]
fn call_signs_sends_and_explains() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let url = format!("http://{}", server.address);
    let call = |arguments: &[&str]| folder.run(&[&["call", "--url", &url], arguments].concat(), "");
    let made = call(&["registeruser", "useremail=a@example.com", "password=sekret-1234"]);
    assert_eq!(made.status.code(), Some(0));
    assert!(text(made.stdout).contains("<username>$DEMO-1001</username>"));
    let found = call(&["searchuser", "email=a@e*"]);
    assert!(text(found.stdout).contains("<total>1</total>"));
    let refused = call(&["getuserdata", "username=nobody"]);
    assert_eq!(refused.status.code(), Some(1));
    let shown = text(call(&["getuserdata", "username=o'neil", "--dry-run"]).stdout);
    let line = shown.lines().last().unwrap().to_owned();
    let run = text(Command::new("sh").args(["-c", &line]).output().unwrap().stdout);
    assert!(run.contains("<primarycode>-30100</primarycode>"), "{run}");
    let mistyped = call(&["getuserdta"]);
    assert!(text(mistyped.stderr).contains("did you mean getuserdata?"));
    drop(server);
    let nobody = folder.run(&["call", "--url", &url, "getversion"], "");
    assert_eq!(nobody.status.code(), Some(3));
    assert!(text(nobody.stderr).contains("regserver serve"));
}

#[test]
fn checksum_prints_what_curl_needs() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("key"), "a1b2c3\n").unwrap();
    let vectors = include_str!("../../fixtures/vectors/checksums.tsv");
    for line in vectors.lines().skip(1).filter(|line| line.contains("\ta1b2c3\t")) {
        let [method, _, body, checksum] = line.split('\t').collect::<Vec<_>>()[..] else { panic!("{line}") };
        let run = folder.run(&["checksum", "--method", method, "--key-file", "key"], body);
        assert_eq!(text(run.stdout).trim(), checksum, "{method}");
    }
    let wrong = folder.run(&["checksum", "--method", "sha1", "--key-file", "key"], "");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(text(wrong.stderr).contains("hmac-sha256"));
}

#[test]
fn check_finds_faults_and_says_how_to_mend_them() {
    let folder = Folder::configured(CONFIG);
    let before = folder.run(&["check"], "");
    assert!(before.status.success() && text(before.stdout).contains("the first start makes it"));
    assert!(Server::start(&folder).stop());
    assert!(folder.run(&["check"], "").status.success());
    for name in ["regserver.db", "regserver.db.key", "regserver.db.lock"] {
        let mode = std::fs::metadata(folder.0.join(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name} is its owner's alone");
    }
    let key = folder.0.join("regserver.db.key");
    std::fs::rename(&key, folder.0.join("away")).unwrap();
    let missing = folder.run(&["check"], "");
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(missing.stdout).contains("FAULT  master key"));
    let start = folder.run(&["serve"], "");
    assert_eq!(start.status.code(), Some(2));
    assert!(text(start.stderr).contains("put the key file back"));
}

#[test]
fn check_finds_what_a_start_refuses() {
    let service =
        |rest: &str| format!("{CONFIG}\n[[service]]\nname = \"till\"\naddresses = [\"192.0.2.9\"]\n{rest}");
    for (config, fault) in [
        (service("key_file = \"till.key\""), "service till"),
        (service("provider = \"NONE\""), "there is no provider NONE"),
        (
            format!("{CONFIG}\n[settings]\nReplayProtection = true\n"),
            "ReplayProtection needs a RequestTimeWindow",
        ),
        (format!("{CONFIG}\n[settings]\nAdminConsoleIPAddress = \"127.0.0.1\"\n"), "127.0.0.1"),
        (CONFIG.replace("127.0.0.1:0", "192.0.2.1:8080"), "192.0.2.1:8080"),
    ] {
        for with_a_database in [false, true] {
            let folder = Folder::configured(CONFIG);
            if with_a_database {
                assert!(Server::start(&folder).stop());
            }
            std::fs::write(folder.0.join("regserver.toml"), &config).unwrap();
            let checked = folder.run(&["check"], "");
            let said = text(checked.stdout);
            assert!(
                checked.status.code() == Some(1) && said.contains("FAULT") && said.contains(fault),
                "{said}"
            );
            let start = folder.run(&["serve"], "");
            assert_eq!(start.status.code(), Some(2), "{config}: {}", text(start.stderr));
        }
    }
}

#[test]
fn a_mistyped_configuration_is_told_apart() {
    let folder = Folder::configured("[server]\nlisen = [\"127.0.0.1:0\"]\n");
    let run = folder.run(&[], "");
    assert_eq!(run.status.code(), Some(2));
    let said = text(run.stderr);
    assert!(said.contains("lisen") && said.contains("listen"), "{said}");
    let overlap = format!("{CONFIG}[[service]]\nname = \"portal\"\naddresses = [\"127.0.0.0/8\"]\n");
    let said = text(Folder::configured(&overlap).run(&["check"], "").stdout);
    assert!(said.contains("shop") && said.contains("portal") && said.contains("127.0.0.1"), "{said}");
    let nowhere = format!("{CONFIG}provider = \"ACME\"\n");
    let said = text(Folder::configured(&nowhere).run(&[], "").stderr);
    assert!(said.contains("no provider ACME") && said.contains("[[provider]]"), "{said}");
}

#[test]
fn commands_shows_the_table_and_each_command() {
    let folder = Folder::new();
    let table = text(folder.run(&["commands"], "").stdout);
    for entry in regserver::commands::all() {
        assert!(table.contains(entry.name), "{}", entry.name);
        let manual = text(folder.run(&["commands", entry.name], "").stdout);
        assert!(manual.contains(entry.examples[0].reply), "{manual}");
    }
    let wrong = folder.run(&["commands", "loginusr"], "");
    assert!(text(wrong.stderr).contains("did you mean loginuser?"));
}
