//! What lies in `conf/` beside the configuration: the unit, the container, alarms and panels, held against the
//! program that they run and watch.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use crate::program::{CONFIG, Folder, KEY, Server, body};

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("conf").join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(file(name)).unwrap()
}

/// The rules, read by a parser that is not ours.
fn rules() -> Value {
    let program = "puts JSON.dump(YAML.load_file(ARGV[0]))";
    let path = file("prometheus-rules.yml");
    let run = Command::new("ruby").args(["-ryaml", "-rjson", "-e", program]).arg(path).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    serde_json::from_slice(&run.stdout).unwrap()
}

/// All texts under a key, wherever it stands.
fn texts<'a>(value: &'a Value, key: &str, found: &mut Vec<&'a str>) {
    match value {
        Value::Object(object) => object.iter().for_each(|(name, value)| match value {
            Value::String(text) if name == key => found.push(text),
            value => texts(value, key, found),
        }),
        Value::Array(list) => list.iter().for_each(|value| texts(value, key, found)),
        _ => {}
    }
}

/// The names of our numbers in questions to Prometheus, and the labels that are asked for.
fn asked(questions: &[&str]) -> (BTreeSet<String>, BTreeSet<String>) {
    let (name, label) = (Regex::new("regserver_[a-z_]+").unwrap(), Regex::new(r#"([a-z]+)=~?""#).unwrap());
    let by = Regex::new(r"by \(([a-z, ]+)\)").unwrap();
    let names = questions.iter().flat_map(|question| name.find_iter(question));
    let labels = questions.iter().flat_map(|question| label.captures_iter(question));
    let grouped = questions.iter().flat_map(|question| by.captures_iter(question));
    let grouped = grouped.flat_map(|list| list[1].split(", ").map(str::to_owned).collect::<Vec<_>>());
    let names = names.map(|found| found.as_str().to_owned()).collect();
    (names, labels.map(|found| found[1].to_owned()).chain(grouped).collect())
}

#[test]
fn alarms_and_panels_ask_for_numbers_that_are_there() {
    // With a certificate, and signed with the old one of two keys.
    let folder = crate::tls::folder("");
    let file = folder.0.join("regserver.toml");
    let keys =
        format!("{{ key = \"{KEY}\", not_after = 2199-01-01T00:00:00Z }}, {{ key = \"fedcba9876543210\" }}");
    let written = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, written.replace(&format!("{{ key = \"{KEY}\" }}"), &keys)).unwrap();
    let server = Server::start(&folder);
    assert!(server.call("getversion", "").contains("<version>"));
    let reply = server.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
    let shown = body(&reply);
    let samples = shown.lines().filter(|line| !line.starts_with('#'));
    let names: BTreeSet<&str> = samples.map(|line| line.split(['{', ' ']).next().unwrap()).collect();
    let panels: Value = serde_json::from_str(&text("grafana-dashboard.json")).unwrap();
    let rules = rules();
    for (what, value) in [("panels", &panels), ("rules", &rules)] {
        let mut questions = Vec::new();
        texts(value, "expr", &mut questions);
        assert!(questions.len() >= 10, "{what}: {questions:?}");
        let (asked, labels) = asked(&questions);
        for name in &asked {
            assert!(names.contains(name.as_str()), "{what} ask for {name}, which is not in\n{shown}");
        }
        for label in labels.iter().filter(|label| !["job", "instance"].contains(&label.as_str())) {
            assert!(shown.contains(&format!("{label}=\"")), "{what} ask for the label {label}");
        }
    }
    let mut questions = Vec::new();
    texts(&panels, "expr", &mut questions);
    let (drawn, _) = asked(&questions);
    let drawn = |name: &&str| {
        drawn.iter().any(|known| known.starts_with(name.trim_end_matches("_sum").trim_end_matches("_count")))
    };
    let missing: Vec<&str> = names.iter().copied().filter(|name| !drawn(name)).collect();
    assert!(missing.is_empty(), "no panel shows {missing:?}");
}

#[test]
fn every_alarm_says_how_bad_it_is_and_what_it_means() {
    let rules = rules();
    let alarms = rules["groups"][0]["rules"].as_array().unwrap();
    for alarm in alarms {
        let severity = alarm["labels"]["severity"].as_str().unwrap();
        assert!(["page", "ticket"].contains(&severity), "{alarm}");
        assert!(alarm["annotations"]["summary"].is_string() && alarm["for"].is_string(), "{alarm}");
    }
    let panels: Value = serde_json::from_str(&text("grafana-dashboard.json")).unwrap();
    let numbers: BTreeSet<i64> =
        panels["panels"].as_array().unwrap().iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert_eq!(
        numbers.len(),
        panels["panels"].as_array().unwrap().len(),
        "each panel has a number of its own"
    );
}

/// The unit with the program of this test in place of the installed one.
fn unit(folder: &Folder) -> PathBuf {
    let unit = text("regserver.service").replace("/usr/local/bin/regserver", env!("CARGO_BIN_EXE_regserver"));
    let path = folder.0.join("regserver.service");
    std::fs::write(&path, unit).unwrap();
    path
}

#[test]
fn systemd_understands_the_unit_and_finds_it_well_confined() {
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else {
        return eprintln!("systemd-analyze is not installed; tests/run installs it");
    };
    assert!(version.status.success());
    let folder = Folder::new();
    let path = unit(&folder);
    let run = Command::new("systemd-analyze").arg("verify").arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&run.stderr);
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("regserver")).collect();
    assert!(ours.is_empty(), "{ours:?}");
    let run = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=20"])
        .arg(&path)
        .output();
    let run = run.unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stdout));
}

#[test]
fn the_unit_says_what_the_program_does() {
    let unit = text("regserver.service");
    for line in [
        "Type=notify",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "WorkingDirectory=/var/lib/regserver",
        "StateDirectory=regserver",
        "User=regserver",
    ] {
        assert!(unit.lines().any(|known| known == line), "{line}");
    }
    let seconds = |key: &str| -> u64 {
        let line = unit.lines().find_map(|line| line.strip_prefix(key)).unwrap();
        line.trim_start_matches('=').parse().unwrap()
    };
    let config = regserver::config::Config::default();
    assert!(seconds("TimeoutStopSec") > config.server.drain_seconds + config.server.shutdown_seconds);
    // The program stops saying that it is alive after half a minute.
    assert!(seconds("WatchdogSec") > 30);
}

#[test]
fn the_container_is_built_with_our_compiler_and_is_nobody() {
    let lines = text("Dockerfile");
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = toml::from_str(&manifest).unwrap();
    let rust = manifest["package"]["rust-version"].as_str().unwrap();
    assert!(lines.contains(&format!("FROM rust:{rust}-")), "{rust}");
    let last = lines.rsplit("\nFROM ").next().unwrap();
    assert!(last.contains("\nUSER 10001:10001\n") && last.contains("\nHEALTHCHECK "), "{last}");
    let probe = last.split("http://127.0.0.1:8080").nth(1).unwrap().split_whitespace().next().unwrap();
    // What it sets is a key that there is.
    let set = last.lines().find_map(|line| line.strip_prefix("ENV ")).unwrap();
    let set: Vec<(String, String)> = set
        .split(' ')
        .filter_map(|pair| pair.split_once('='))
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .collect();
    let config = regserver::config::Config::from_toml("", set.into_iter()).unwrap();
    assert_eq!(config.server.listen[0].port(), 8080);
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let reply = server.send(format!("GET {probe} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
    assert!(reply.starts_with("HTTP/1.1 200 "), "{probe}: {reply}");
}
