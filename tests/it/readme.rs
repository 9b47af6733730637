//! The README and the generated reference, held against the program.
//!
//! What a person copies from the README is run here as it stands there; what it says of a default is
//! compared with the default that holds.

use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use regex::Regex;
use regserver::config::Config;
use regserver::domain::settings;

use crate::program::{Folder, Server, shell};
use crate::source::files;

const README: &str = include_str!("../../README.md");

/// The part under a heading.
fn section(heading: &str) -> &'static str {
    let part = README.split(&format!("\n## {heading}\n")).nth(1).unwrap();
    part.split("\n## ").next().unwrap()
}

/// The lines of the shell blocks of a part, block by block.
fn blocks(part: &'static str) -> Vec<Vec<&'static str>> {
    let blocks = part.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    blocks.map(|block| block.lines().collect()).collect()
}

/// A line in that folder, by a program that listens on that address.
fn line(folder: &Folder, line: &str, listen: &str) -> Command {
    let mut command = shell(&folder.0, line);
    command.env("REGSERVER_SERVER_LISTEN", listen);
    command
}

fn text(run: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr))
}

/// Runs a line until it is done well; a server knows a change by another program within a second.
fn soon(folder: &Folder, words: &str, listen: &str) -> String {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let run = line(folder, words, listen).output().unwrap();
        if run.status.success() || Instant::now() > end {
            assert!(run.status.success(), "{words}: {}", text(&run));
            return text(&run);
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The server of the walk, which ends with the test.
struct Serving(std::process::Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_walk_to_a_service_of_ones_own_runs_as_it_stands() {
    let folder = Folder::new();
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let [prepared, called] = &blocks(section("A service of one's own"))[..] else { panic!("two blocks") };
    let (serve, before) = prepared.split_last().unwrap();
    let said: Vec<String> = before.iter().map(|line| soon(&folder, line, &listen)).collect();
    assert!(said[0].contains("made the database") && said[1].contains("servicekey"), "{said:?}");
    let _serving = Serving(line(&folder, &format!("exec {serve}"), &listen).spawn().unwrap());
    let end = Instant::now() + Duration::from_secs(10);
    while TcpStream::connect(&listen).is_err() {
        assert!(Instant::now() < end, "the server never listened");
        std::thread::sleep(Duration::from_millis(20));
    }
    let setting = blocks(section("Settings to touch first")).remove(0)[0];
    assert_eq!(soon(&folder, setting, &listen), "done\n");
    let said: Vec<String> = called.iter().map(|line| soon(&folder, line, &listen)).collect();
    assert!(said[0].contains("<username>carol</username>"), "{said:?}");
    assert_eq!(said[3].matches("notafter").count(), 1, "{said:?}");
    assert!(said[4].contains("carol@example.com"), "{said:?}");
    let refused = line(&folder, called[0], &listen).output().unwrap();
    assert!(refused.status.code() == Some(1) && text(&refused).contains("-30000"), "{}", text(&refused));
}

#[test]
fn the_first_call_and_the_calls_after_it_run_as_they_stand() {
    let folder = Folder::new();
    let server = Server::start_with(&folder, &[("REGSERVER_SERVER_LISTEN", "127.0.0.1:0")]);
    let listen = server.address.to_string();
    let first = README.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    let here = |text: &str| text.replace("target/release/", "").replace("127.0.0.1:8080", &listen);
    let said = text(&line(&folder, &here(first), &listen).output().unwrap());
    assert!(said.contains("<userid>1</userid><username>bobby</username><activationcode>"), "{said}");
    let json = blocks(section("Calls")).remove(0).join("\n");
    let said_json = text(&line(&folder, &here(&json), &listen).output().unwrap());
    assert!(
        said_json.contains(r#"{"regversion":"4.7.1","userdata":{"userid":1,"username":"bobby","#),
        "{said_json}"
    );
    let calls = section("Calls").lines().filter(|line| line.starts_with("    target/release/regserver call"));
    let said: Vec<String> = calls.map(|call| soon(&folder, &here(call), &listen)).collect();
    assert!(said.len() == 4 && said[3].contains("\"username\": \"bobby\""), "{said:?}");
    let looked: Vec<String> = blocks(section("Why was I refused?"))[0]
        .iter()
        .map(|call| soon(&folder, &here(call), &listen))
        .collect();
    assert_eq!(looked.len(), 3);
    assert!(looked[2].contains("<command>registeruser</command>"), "{looked:?}");
}

#[test]
fn encryption_is_set_up_as_it_stands() {
    let folder = Folder::new();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let [setup, tries] = &blocks(section("Encrypted"))[..] else { panic!("two blocks") };
    let here = |words: &str| words.replace("8443", &free);
    for words in &setup[..2] {
        let run = line(&folder, &here(words), "127.0.0.1:0").output().unwrap();
        assert!(run.status.success(), "{}", text(&run));
    }
    assert_eq!(setup[2], "regserver serve &");
    let _server = Server::start_with(&folder, &[("REGSERVER_SERVER_LISTEN", "127.0.0.1:0")]);
    let said = soon(&folder, &here(setup[3]), "127.0.0.1:0");
    assert!(said.contains(r#"{"tls":"TLSv1.3","address":"127.0.0.1"}"#), "{said}");
    let old = line(&folder, &here(tries[0]), "127.0.0.1:0").output().unwrap();
    assert!(text(&old).contains("SSL alert number 70"), "{}", text(&old));
    let said = soon(&folder, &here(tries[1]), "127.0.0.1:0");
    assert!(said.contains(r#"{"tls":"TLSv1.2","address":"127.0.0.1"}"#), "{said}");
    let said = soon(&folder, &here(tries[2]), "127.0.0.1:0");
    assert!(said.contains("<version>"), "{said}");
}

#[test]
fn a_mail_of_ones_own_is_written_as_it_stands() {
    let folder = Folder::new();
    let server = Server::start_with(&folder, &[("REGSERVER_SERVER_LISTEN", "127.0.0.1:0")]);
    let listen = server.address.to_string();
    let lines = blocks(section("Mails and pages of your own")).remove(0);
    let said: Vec<String> = lines.iter().map(|line| soon(&folder, line, &listen)).collect();
    assert!(said[0].contains("<subject>For alex.sample</subject><text>It is 1234567890.</text>"), "{said:?}");
    assert!(said[2].contains("web-tmppassword") && said[2].contains("For [[USERNAME]]"), "{said:?}");
    assert!(said[3].contains("<intresult>0</intresult>"), "{said:?}");
}

#[test]
fn the_ways_in_run_as_they_stand() {
    let folder = Folder::new();
    let server = Server::start_with(&folder, &[("REGSERVER_SERVER_LISTEN", "127.0.0.1:0")]);
    let listen = server.address.to_string();
    let lines = blocks(section("Ways in")).concat().join("\n");
    let script = lines.replace("target/release/", "").replace("127.0.0.1:8080", &listen);
    let said = text(&line(&folder, &script, &listen).output().unwrap());
    assert_eq!(said.matches(r#""username":"frieda","email":"frieda@example.com""#).count(), 2, "{said}");
    let refused = r#"{"regversion":"4.7.1","exception":{"primarycode":-30000,"secondarycode":"","message":"Access denied"}}"#;
    assert_eq!(said.matches(refused).count(), 1, "{said}");
    assert!(
        said.contains("<label>my script</label><scope>users:view</scope><scope>createsession:modify</scope>"),
        "{said}"
    );
    assert_eq!(said.matches("<intresult>0</intresult>").count(), 2, "{said}");
    assert!(said.contains("done\n"), "{said}");
    // The part behind it goes on in the same folder.
    std::fs::create_dir(folder.0.join("fixtures")).unwrap();
    std::fs::write(folder.0.join("fixtures/users.csv"), include_str!("../../fixtures/users.csv")).unwrap();
    let calls = section("Import and export").lines().filter(|line| line.starts_with("    target/release/"));
    let said: Vec<String> =
        calls.map(|call| soon(&folder, &call.replace("target/release/", ""), &listen)).collect();
    let [dry, first, again, _] = &said[..] else { panic!("{said:?}") };
    assert!(dry.contains("would be created 3") && first.contains("created 3"), "{said:?}");
    assert!(again.contains("unchanged 3"), "{said:?}");
}

#[test]
fn signed_calls_and_sites_run_as_they_stand() {
    let folder = Folder::new();
    let server = Server::start_with(&folder, &[("REGSERVER_SERVER_LISTEN", "127.0.0.1:0")]);
    // What is read in the second of the start may not come again.
    std::thread::sleep(Duration::from_millis(1_100));
    let listen = server.address.to_string();
    let part = section("Signed calls and sites");
    let here = |text: &str| text.replace("target/release/", "").replace("127.0.0.1:8080", &listen);
    let said = text(&line(&folder, &here(&blocks(part).concat().join("\n")), &listen).output().unwrap());
    assert_eq!(said.matches(r#""username":"simon","email":"simon@example.com""#).count(), 3, "{said}");
    assert!(said.contains(r#""username":"petra","userkey":"uk-"#), "{said}");
    assert!(!said.contains("exception"), "{said}");
    let made = std::fs::read_to_string(folder.0.join("simon.key")).unwrap();
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let [name, secret] = ["key", "secret"].map(|name| made[name].as_str().unwrap());
    for (fence, interpreter) in [("php", "php"), ("python", "/usr/bin/python3")] {
        let code = part.split(&format!("```{fence}\n")).nth(1).unwrap().split("```").next().unwrap();
        let code = here(code).replace("the name of the key", name).replace("the secret of the key", secret);
        let file = folder.0.join(fence);
        std::fs::write(&file, code).unwrap();
        let run = Command::new(interpreter).arg(&file).output().unwrap();
        assert!(text(&run).contains(r#""username":"simon""#), "{fence}: {}", text(&run));
    }
}

/// The rows of a table, their cells without quotes.
fn rows(part: &str) -> Vec<Vec<String>> {
    let rows = part.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| row.split('|').map(|cell| cell.trim().trim_matches('`').to_owned()).collect()).collect()
}

#[test]
fn the_settings_to_touch_first_have_the_defaults_that_hold_and_an_effect() {
    let config = toml::Table::try_from(Config::default()).unwrap();
    let idle = idle_on_the_page();
    let rows = rows(section("Settings to touch first"));
    assert!(rows.len() >= 10, "{rows:?}");
    for row in rows {
        let [_, name, default, ..] = &row[..] else { panic!("{row:?}") };
        if let Some((section, key)) = name.split_once('.') {
            let stated: toml::Table = toml::from_str(&format!("value = {default}")).unwrap();
            assert_eq!(stated["value"], config[section][key], "{name}");
            continue;
        }
        let setting = settings::server(name).or_else(|| settings::provider(name));
        let setting = setting.unwrap_or_else(|| panic!("there is no setting {name}"));
        assert_eq!(default, if setting.default.is_empty() { "blank" } else { setting.default }, "{name}");
        assert!(!idle.contains(name), "{name} has no effect yet");
    }
}

/// The settings of which the page says that they have no effect yet.
fn idle_on_the_page() -> Vec<String> {
    let page = Folder::new().run(&["commands", "--compatibility"], "");
    let page = text(&page);
    let settings = page.split("\n## Settings\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = rows(settings).into_iter().filter(|row| row[4].starts_with("**No effect yet.**"));
    rows.map(|row| row[1].clone()).collect()
}

#[test]
fn what_has_no_effect_yet_is_what_nothing_looks_at() {
    let values = files(&["src/domain/settings"]).into_iter().find(|file| file.path.ends_with("values.rs"));
    let values = values.unwrap().program().to_owned();
    let rooms: Vec<_> = files(&["src"])
        .into_iter()
        .filter(|file| !file.path.starts_with("src/domain/settings") && !file.path.starts_with("src/bin/"))
        .collect();
    let looked_at = |name: &str| {
        let field = Regex::new(&format!(r#"(\w+): .*of\.\w+\("{}"\)"#, regex::escape(name))).unwrap();
        let found = field.captures(&values);
        let Some(found) = found else { return name == "APIChecksumSalt" };
        let used = Regex::new(&format!(r"\b(server|settings)\.{}\b", &found[1])).unwrap();
        rooms.iter().any(|file| used.is_match(&file.code()))
    };
    let known = settings::SERVER.iter().chain(settings::PROVIDER).map(|setting| setting.name.to_owned());
    let idle: Vec<String> = known.filter(|name| !looked_at(name)).collect();
    assert_eq!(idle, idle_on_the_page(), "left: what nothing looks at; right: what the page says");
}

#[test]
fn the_generated_reference_is_the_programs_own() {
    let folder = Folder::new();
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/reference");
    let bless = std::env::var_os("REGSERVER_BLESS").is_some();
    for (file, option) in [("commands.md", "--markdown"), ("compatibility.md", "--compatibility")] {
        assert!(README.contains(&format!("(fixtures/reference/{file})")), "the README leads to {file}");
        let printed = String::from_utf8(folder.run(&["commands", option], "").stdout).unwrap();
        let path = place.join(file);
        if bless {
            std::fs::write(&path, &printed).unwrap();
        }
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(kept == printed, "{file} is old: REGSERVER_BLESS=1 cargo test writes it anew");
    }
}
