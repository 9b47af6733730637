//! The sub-commands that administer a server without a console, as a person types them.

mod backup;
mod call;
mod changes;
mod commands;
mod help;
mod import;
mod password;
mod reset;
mod subs;

use std::process::Output;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::program::{CONFIG, Folder, KEY, Server};

fn out(run: &Output) -> String {
    String::from_utf8(run.stdout.clone()).unwrap()
}

fn err(run: &Output) -> String {
    String::from_utf8(run.stderr.clone()).unwrap()
}

impl Folder {
    /// Runs a sub-command that must end well.
    fn done(&self, arguments: &[&str]) -> String {
        let run = self.run(arguments, "");
        assert!(run.status.success(), "{arguments:?}: {}{}", out(&run), err(&run));
        out(&run)
    }

    /// The same with `--json`, read.
    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.done(&[arguments, &["--json"]].concat())).unwrap()
    }

    /// The exit code and what was complained about.
    fn fails(&self, arguments: &[&str]) -> (Option<i32>, String) {
        let run = self.run(arguments, "");
        (run.status.code(), err(&run))
    }
}

/// Asks again until it is so: a server knows a change by another program within a second.
fn within_a_second(is_so: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(5);
    while !is_so() {
        assert!(Instant::now() < end, "the server never knew");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn start(folder: &Folder) -> (Server, String) {
    let server = Server::start_with(folder, &[("REGSERVER_SERVER_LISTEN", "127.0.0.1:0")]);
    let url = format!("http://{}", server.address);
    (server, url)
}

/// A server looks five times a second; the line after a change may rely on it.
#[test]
fn a_change_of_services_is_not_done_before_a_server_knows() {
    let folder = Folder::new();
    folder.done(&["init", "--provider", "ACME", "--name", "Acme Storage"]);
    let takes = |arguments: &[&str]| {
        let started = Instant::now();
        folder.done(arguments);
        started.elapsed()
    };
    let known = Duration::from_millis(400);
    assert!(takes(&["service", "add", "shop", "--addresses", "192.0.2.1"]) >= known);
    assert!(takes(&["service", "rotate", "shop"]) >= known);
    assert!((0..5).any(|_| takes(&["service", "list"]) < known), "nothing was changed");
}

#[test]
fn from_nothing_to_a_rotated_key() {
    let folder = Folder::new();
    let made = folder.done(&["init", "--provider", "ACME", "--name", "Acme Storage"]);
    assert!(made.contains("conf/regserver.toml") && made.contains("service add"), "{made}");
    let added =
        folder.json(&["service", "add", "shop", "--addresses", "127.0.0.1", "--method", "hmac-sha256"]);
    let old = added["servicekey"].as_str().unwrap().to_owned();
    let (_server, url) = start(&folder);
    let user = folder.json(&["call", "--url", &url, "registeruser", "useremail=a@example.com"]);
    assert_eq!((&user["intresult"], &user["username"]), (&Value::from(0), &Value::from("$ACME-1001")));

    let rotated = folder.json(&["service", "rotate", "shop", "--overlap", "1h"]);
    let new = rotated["servicekey"].as_str().unwrap().to_owned();
    std::fs::write(folder.0.join("old"), &old).unwrap();
    std::fs::write(folder.0.join("new"), &new).unwrap();
    let accepted = |key: &str| {
        let signed = ["call", "--url", &url, "--key-file", key, "--method", "hmac-sha256", "getversion"];
        folder.run(&signed, "").status.success()
    };
    within_a_second(|| accepted("new"));
    assert!(accepted("old"), "the old key is still good");
    let shown = folder.json(&["service", "show-key", "shop"]);
    let keys: Vec<&str> = shown["keylist"]["key"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|key| key["servicekey"].as_str())
        .collect();
    assert_eq!(keys, [old.as_str(), new.as_str()]);

    folder.done(&["service", "rotate", "shop", "--overlap", "0"]);
    within_a_second(|| !accepted("old") && !accepted("new"));
    folder.done(&["service", "set", "shop", "--commands", "getversion"]);
    let refused = || folder.fails(&["call", "--url", &url, "searchuser", "onlyownusers=true"]);
    within_a_second(|| refused().0 == Some(1));
    assert!(refused().1.contains("the list of commands of this service lacks it"));
    folder.done(&["service", "set", "shop", "--commands", "all"]);
    within_a_second(|| refused().0 == Some(0));
}

#[test]
fn init_overwrites_nothing_unasked_and_refuses_what_is_no_code() {
    let folder = Folder::new();
    let (code, said) = folder.fails(&["init", "--provider", "acme"]);
    assert!(code == Some(2) && said.contains("four of A-Z"), "{said}");
    assert!(!folder.0.join("conf").exists(), "nothing was made");
    folder.done(&["init", "--provider", "ACME"]);
    let (code, said) = folder.fails(&["init", "--provider", "GAMA"]);
    assert!(code == Some(2) && said.contains("--force"), "{said}");
    folder.done(&["init", "--provider", "GAMA", "--force"]);
    assert!(folder.0.join("conf/regserver.toml.old").exists());
    let providers = folder.json(&["provider", "list"]);
    let codes: Vec<_> =
        providers["providerlist"]["provider"].as_array().unwrap().iter().map(|row| &row["code"]).collect();
    assert_eq!(codes, ["ACME", "GAMA"]);
    let other = Folder::configured("");
    assert!(other.fails(&["init", "--provider", "ACME"]).1.contains("regserver.toml is here already"));
}

#[test]
fn the_service_for_trials_gives_way_and_stays_away() {
    let folder = Folder::new();
    folder.done(&["init", "--provider", "ACME"]);
    let added = folder.run(&["service", "add", "shop", "--addresses", "127.0.0.0/8"], "");
    assert!(err(&added).contains("local had one of these addresses and gave way"), "{}", err(&added));
    let enabled = || {
        let list = folder.json(&["service", "list"]);
        let services = list["servicelist"]["service"].as_array().unwrap().clone();
        services.iter().map(|row| row["enabled"].as_bool().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(enabled(), [false, true]);
    assert!(start(&folder).0.stop());
    assert_eq!(enabled(), [false, true]);
    let (code, said) = folder.fails(&["service", "set", "local", "--enabled", "true"]);
    assert!(code == Some(1) && said.contains("-30129"), "{said}");
}

#[test]
fn providers_and_services_are_listed_and_refusals_say_what_to_do() {
    let folder = Folder::configured(CONFIG);
    let (code, said) = folder.fails(&["provider", "list"]);
    assert!(code == Some(2) && said.contains("regserver init"), "{said}");
    assert!(Server::start(&folder).stop());
    folder.done(&["provider", "add", "ACME", "--name", "Acme", "--managed-by", "DEMO"]);
    let table = folder.done(&["provider", "list"]);
    assert!(table.lines().any(|line| line.starts_with("ACME  Acme  DEMO")), "{table}");
    folder.done(&["service", "add", "till", "--addresses", "192.0.2.7", "--provider", "ACME"]);
    let own = folder.json(&["service", "list", "--provider", "ACME"]);
    assert_eq!(own["servicelist"]["service"].as_array().unwrap().len(), 1);
    assert_eq!(own["servicelist"]["service"][0]["addresses"], Value::from(vec!["192.0.2.7"]));
    for (arguments, expected) in [
        (&["provider", "add", "ACME"][..], "-30134"),
        (&["provider", "add", "acme"], "-30135"),
        (&["service", "rotate", "nobody"], "regserver service list"),
        (&["service", "set", "shop", "--enabled", "false"], "set in the configuration"),
        (&["service", "rotate", "shop"], "set in the configuration"),
        (&["user", "show", "nobody"], "regserver user list"),
    ] {
        let (code, said) = folder.fails(arguments);
        assert!(code == Some(1) && said.contains(expected), "{arguments:?}: {said}");
    }
}

#[test]
fn a_blank_list_of_commands_is_not_all_of_them() {
    let folder = Folder::configured(CONFIG);
    assert!(Server::start(&folder).stop());
    folder.done(&["service", "add", "till", "--addresses", "192.0.2.7", "--commands", "getversion"]);
    for blank in ["", " ", ",", " , "] {
        for arguments in [
            &["service", "set", "till", "--commands", blank][..],
            &["service", "add", "kiosk", "--addresses", "192.0.2.8", "--commands", blank],
        ] {
            let (code, said) = folder.fails(arguments);
            assert!(code == Some(2) && said.contains("`all`"), "{arguments:?}: {said}");
        }
    }
    let list = folder.json(&["service", "list"]).to_string();
    assert!(list.contains("\"getversion\"") && !list.contains("kiosk"), "{list}");
    folder.done(&["service", "set", "till", "--commands", "all"]);
    assert!(!folder.json(&["service", "list"]).to_string().contains("\"getversion\""));
}

#[test]
fn rights_are_granted_and_keys_are_listed_without_a_server() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    server.call("registeruser", "username=alice useremail=alice@example.com activate=true");
    server.call("createapikey", "username=alice kind=basic label=script");
    assert!(server.stop());
    folder.done(&["user", "grant", "alice", "api-access"]);
    let rights = folder.json(&["user", "rights", "alice"]);
    assert_eq!(rights["rightlist"]["right"], Value::from(vec!["API-ACCESS"]));
    folder.done(&["user", "revoke", "alice@example.com", "API-ACCESS"]);
    assert_eq!(
        folder.json(&["user", "rights", "alice"])["rightlist"]["right"],
        Value::from(Vec::<&str>::new())
    );
    let keys = folder.done(&["user", "keys", "alice"]);
    assert!(keys.contains("script") && keys.contains("rk-"), "{keys}");
    let (code, said) = folder.fails(&["user", "grant", "alice", "EVERYTHING"]);
    assert!(code == Some(1) && said.contains("API-ACCESS, EDIT-PROVIDER, SUPER-USER"), "{said}");
}

#[test]
fn users_are_found_unlocked_and_given_passwords() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let login = |password: &str| server.call("loginuser", &format!("username=alice password={password}"));
    server.call(
        "registeruser",
        "username=alice useremail=alice@example.com password=wonder-2026 activate=true",
    );
    let table = folder.done(&["user", "list", "ali*"]);
    assert!(table.contains("userid  username") && table.contains("alice@example.com"), "{table}");
    let list = folder.json(&["user", "list", "--status", "activated"]);
    assert_eq!(list["userlist"]["user"][0]["userid"], Value::from(1));
    let shown = folder.json(&["user", "show", "alice@example.com"]);
    assert_eq!(shown["userdata"]["webportal"], Value::from(true));

    for _ in 0..10 {
        login("guess-1234");
    }
    assert!(login("wonder-2026").contains("-30133"));
    folder.done(&["user", "unlock", "alice"]);
    assert!(login("wonder-2026").contains("<userdata>"));

    let set = folder.run(&["user", "set-password", "alice", "--stdin"], "other-2026\n");
    assert!(set.status.success(), "{}", err(&set));
    assert!(login("other-2026").contains("<userdata>"));
    let unsaid = folder.run(&["user", "set-password", "alice"], "third-2026\n");
    assert!(unsaid.status.code() == Some(2) && err(&unsaid).contains("--stdin"), "{}", err(&unsaid));
    assert!(login("other-2026").contains("<userdata>"));
}

#[test]
fn replies_have_three_forms() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let url = format!("http://{}", server.address);
    let call = |form: &[&str], fields: &[&str]| {
        let run = folder.run(&[&["call", "--url", &url], form, fields].concat(), "");
        (run.status.code(), out(&run), err(&run))
    };
    let version = ["getversion"];
    assert!(call(&[], &version).1.starts_with("<?xml"));
    assert!(call(&["--table"], &version).1.lines().any(|line| line.starts_with("version")));
    let json: Value = serde_json::from_str(&call(&["--json"], &version).1).unwrap();
    assert!(json["version"].is_string());
    let nobody = ["getuserdata", "username=nobody"];
    let (code, shown, _) = call(&["--json"], &nobody);
    let json: Value = serde_json::from_str(&shown).unwrap();
    assert_eq!((code, &json["exception"]["primarycode"]), (Some(1), &Value::from(-30100)));
    let (code, shown, said) = call(&["--table"], &nobody);
    assert_eq!((code, shown.as_str()), (Some(1), ""));
    assert!(said.contains("refused: -30100 Username does not exists"));
    assert_eq!(call(&["--json", "--table"], &version).0, Some(2));
}

#[test]
fn the_reference_names_every_command() {
    let folder = Folder::new();
    let reference = folder.done(&["commands", "--markdown"]);
    let compatibility = folder.done(&["commands", "--compatibility"]);
    for entry in regserver::commands::all() {
        assert!(reference.contains(&format!("\n### {}\n", entry.name)), "{}", entry.name);
        assert!(compatibility.contains(&format!("`{}`", entry.name)), "{}", entry.name);
        let own = folder.done(&["commands", entry.name, "--markdown"]);
        assert!(reference.contains(own.trim_end()) && own.contains("curl -d"), "{}", entry.name);
    }
    assert!(compatibility.contains("3.0.018 to 4.7") && compatibility.contains("not there yet"));
}

#[test]
fn a_report_shows_the_state_and_no_secret() {
    let salt = "a-salt-that-nobody-may-see";
    let folder = Folder::configured(&format!("{CONFIG}\n[settings]\nAPIChecksumSalt = \"{salt}\"\n"));
    let empty = folder.done(&["diagnose"]);
    assert!(empty.contains("not there"), "{empty}");
    assert!(Server::start(&folder).stop());
    let added = folder.json(&["service", "add", "till", "--addresses", "192.0.2.7"]);
    let report = folder.done(&["diagnose"]);
    let master = std::fs::read_to_string(folder.0.join("regserver.db.key")).unwrap();
    for secret in [KEY, salt, master.trim(), added["servicekey"].as_str().unwrap()] {
        assert!(!report.contains(secret), "{secret}: {report}");
    }
    for part in
        ["SQLite 3.", "== rows", "services               2", "till", "live keys: 1", "argon2_memory_kib"]
    {
        assert!(report.contains(part), "{part}: {report}");
    }
    let broken = Folder::configured("[server]\nlisen = []\n");
    assert!(broken.done(&["diagnose"]).contains("lisen"));
}

#[test]
fn what_the_configuration_states_waits_for_the_start() {
    let folder = Folder::configured(crate::program::CONFIG);
    let server = Server::start(&folder);
    let edited = crate::program::CONFIG.replace(crate::program::KEY, "another-key-for-the-next-start");
    std::fs::write(folder.0.join("regserver.toml"), edited).unwrap();
    folder.done(&["user", "list"]);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(server.call("getversion", "").contains("<version>"), "the running server keeps its key");
}

#[test]
fn a_call_over_the_json_endpoint_and_its_curl_line() {
    let folder = Folder::new();
    let (_server, url) = start(&folder);
    let call = |arguments: &[&str]| {
        folder.run(&[&["call", "--url", &url, "--wire", "json"][..], arguments].concat(), "")
    };
    let made = out(&call(&["registeruser", "username=o'neil", "useremail=o@example.com"]));
    assert!(made.starts_with(r#"{"regversion":"4.7.1","intresult":0,"userid":1,"#), "{made}");
    let shown = out(&call(&["getuserdata", "username=o'neil", "--dry-run"]));
    let (body, curl) = shown.split_once("\n\n").unwrap();
    assert!(body.starts_with(r#"{"command":"getuserdata","requesttime":"#), "{body}");
    assert!(
        curl.contains("-H 'Content-Type: application/json'") && curl.contains("/yvva/api/api.json?"),
        "{curl}"
    );
    let pasted = crate::program::shell(&folder.0, curl).output().unwrap();
    let over_xml = folder.json(&["call", "--url", &url, "getuserdata", "username=o'neil"]);
    assert_eq!(serde_json::from_str::<Value>(&out(&pasted)).unwrap(), over_xml);
    assert_eq!(out(&call(&["getuserdata", "username=o'neil", "--table"])).matches("o'neil").count(), 1);
    let refused = call(&["getuserdata", "username=nobody"]);
    assert!(
        refused.status.code() == Some(1) && err(&refused).contains("commands getuserdata"),
        "{}",
        err(&refused)
    );
}
