//! The house rules: forms and sizes, which room may know which, and what no room may have.
//!
//! A rule that is only written down is kept for a month. These read the source text, which is coarse
//! and enough; where a rule has an exception, the exception stands here with its reason.

use std::process::Command;

use crate::source::{Source, files};

/// Files that may be longer: tables, and one test that was there before the rule.
const LONG_FILES: [&str; 1] = ["tests/it/xml.rs"];
const LONGEST_FILE: usize = 400;
const LONGEST_FUNCTION: usize = 70;

/// What a room must not know, as it would stand in the code.
const WALLS: [(&str, &[&str]); 8] = [
    (
        "src/commands/",
        &["crate::http", "crate::cli", "crate::gate::checksum::Given", "wire::xml", "rusqlite", "actix"],
    ),
    ("src/gate/", &["crate::store", "crate::api", "crate::http", "crate::commands", "rusqlite"]),
    (
        "src/wire/",
        &["crate::store", "crate::api", "crate::http", "crate::commands", "crate::gate", "crate::domain"],
    ),
    ("src/store/", &["crate::http", "crate::api", "crate::commands", "crate::wire", "actix"]),
    ("src/api/", &["crate::http", "crate::cli", "rusqlite", "actix"]),
    ("src/mail/", &["crate::http", "crate::api", "crate::commands", "crate::wire", "rusqlite", "actix"]),
    ("src/config/", &["crate::http", "crate::api", "crate::store", "crate::commands", "rusqlite"]),
    ("src/http/", &["crate::commands", "crate::store::users", "rusqlite"]),
];

#[track_caller]
fn none(faults: Vec<String>) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn everything_is_formatted() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["fmt", "--check"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo fmt runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn no_file_is_too_long() {
    let files = files(&["src", "tests"]);
    let long = files.iter().filter(|file| !LONG_FILES.contains(&file.path.as_str()));
    let faults =
        long.map(|file| (file, file.text.lines().count())).filter(|(_, lines)| *lines > LONGEST_FILE);
    none(faults.map(|(file, lines)| format!("{} has {lines} lines", file.path)).collect());
}

#[test]
fn no_function_is_too_long() {
    let mut faults = Vec::new();
    for file in files(&["src", "tests"]) {
        for (line, length) in functions(&file.all_code()) {
            if length > LONGEST_FUNCTION {
                faults.push(format!("{}:{line} is {length} lines long", file.path));
            }
        }
    }
    none(faults);
}

/// The line where each function begins, and how many it has.
fn functions(code: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = code.lines().collect();
    let begins = |line: &str| line.split_whitespace().any(|word| word == "fn") && line.contains('(');
    let starts = lines.iter().enumerate().filter(|(_, line)| begins(line));
    starts.filter_map(|(at, _)| Some((at + 1, length(&lines[at..])?))).collect()
}

/// The lines up to the brace that closes the first one; nothing where a semicolon comes first.
fn length(lines: &[&str]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut round = 0_usize;
    for (number, line) in lines.iter().enumerate() {
        for c in line.chars() {
            match c {
                '(' | '[' => round += 1,
                ')' | ']' => round = round.saturating_sub(1),
                '{' => depth += 1,
                '}' if depth == 1 => return Some(number + 1),
                '}' => depth = depth.saturating_sub(1),
                ';' if depth == 0 && round == 0 => return None,
                _ => {}
            }
        }
    }
    None
}

#[test]
fn every_file_says_first_what_it_is() {
    let faults = files(&["src", "tests"]).into_iter().filter(|file| !file.text.starts_with("//! "));
    none(faults.map(|file| format!("{} does not begin with //!", file.path)).collect());
}

#[test]
fn rooms_keep_to_their_walls() {
    let mut faults = Vec::new();
    for file in files(&["src"]) {
        let code = file.code();
        let walls = WALLS.iter().filter(|(room, _)| is_in(&file, room)).flat_map(|(_, forbidden)| *forbidden);
        for forbidden in walls.filter(|forbidden| code.contains(**forbidden)) {
            faults.push(format!("{} knows {forbidden}", file.path));
        }
    }
    none(faults);
}

/// `src/gate/` is the folder and the file beside it.
fn is_in(file: &Source, room: &str) -> bool {
    file.path.starts_with(room) || file.path == format!("{}.rs", room.trim_end_matches('/'))
}

#[test]
fn the_domain_knows_nothing_but_itself() {
    let mut faults = Vec::new();
    for file in files(&["src"]).into_iter().filter(|file| is_in(file, "src/domain/")) {
        let code = file.code();
        let others =
            code.match_indices("crate::").filter(|(at, _)| !code[*at..].starts_with("crate::domain"));
        faults.extend(others.map(|(at, _)| format!("{}: {}", file.path, line_at(&code, at))));
        for forbidden in ["std::fs", "std::net::Tcp", "rusqlite", "actix", "std::env"] {
            if code.contains(forbidden) {
                faults.push(format!("{} knows {forbidden}", file.path));
            }
        }
    }
    none(faults);
}

fn line_at(code: &str, at: usize) -> &str {
    let start = code[..at].rfind('\n').map_or(0, |at| at + 1);
    code[start..].lines().next().unwrap_or_default()
}

/// Where the database, or HTTP, may be spoken of.
fn only_in(rooms: &[&str], words: &[&str]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files(&["src"]).into_iter().filter(|file| !rooms.iter().any(|room| is_in(file, room))) {
        let code = file.code();
        for word in words.iter().filter(|word| code.contains(**word)) {
            faults.push(format!("{} has {word}", file.path));
        }
    }
    faults
}

#[test]
fn only_the_store_knows_the_database() {
    none(only_in(&["src/store/", "src/bin/regbench/"], &["rusqlite", "r2d2"]));
    let verbs =
        ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "PRAGMA ", "CREATE ", "BEGIN", "COMMIT", "ROLLBACK"];
    let mut faults = Vec::new();
    for file in files(&["src"]) {
        let allowed = is_in(&file, "src/store/") || is_in(&file, "src/bin/regbench/");
        let texts = file.texts().into_iter().filter(|text| verbs.iter().any(|verb| text.starts_with(verb)));
        faults.extend(texts.filter(|_| !allowed).map(|text| format!("{} has SQL: {text}", file.path)));
    }
    none(faults);
}

#[test]
fn only_http_is_asynchronous() {
    none(only_in(
        &["src/http/", "src/bin/regbench/"],
        &["async fn", "async move", ".await", "actix_web::web"],
    ));
}

#[test]
fn nothing_is_unwrapped_outside_tests() {
    let mut faults = Vec::new();
    for file in files(&["src"]).into_iter().filter(|file| !is_in(file, "src/bin/regbench/")) {
        let code = file.code();
        for word in [".unwrap()", ".expect(", "panic!(", "unreachable!(", "unimplemented!(", "unsafe "] {
            for (at, _) in code.match_indices(word) {
                // The one place that cannot go on: there is no random source.
                if !(file.path == "src/call.rs" && word == ".expect(") {
                    faults.push(format!("{}: {}", file.path, line_at(&code, at).trim()));
                }
            }
        }
    }
    none(faults);
}

#[test]
fn nothing_is_left_to_do() {
    let words = ["TO", "FIX", "XX"].into_iter().zip(["DO", "ME", "X"]).map(|(a, b)| format!("{a}{b}"));
    let words: Vec<String> = words.chain(["todo".to_owned() + "!(", "dbg".to_owned() + "!("]).collect();
    let mut faults = Vec::new();
    for file in files(&["src", "tests"]) {
        let found = words.iter().filter(|word| file.text.contains(word.as_str()));
        faults.extend(found.map(|word| format!("{} has {word}", file.path)));
    }
    none(faults);
}

#[test]
fn time_and_chance_come_from_the_call() {
    let words = ["SystemTime::now", "Utc::now", "getrandom::", "OsRng", "thread_rng", "rand::"];
    let faults = only_in(&["src/call/", "src/domain/time/", "src/bin/regbench/"], &words);
    // The command line has no call of its own: it is the caller.
    none(faults.into_iter().filter(|fault| !fault.starts_with("src/cli")).collect());
}
