//! What the program says when it is asked for help, and when something is wrong.

use super::subs::SUBS;
use super::{err, out};
use crate::program::{CONFIG, Folder, Server};

#[test]
fn every_sub_command_has_help() {
    let folder = Folder::new();
    for sub in SUBS.iter().filter(|sub| **sub != "help") {
        let words: Vec<&str> = sub.split_whitespace().chain(["--help"]).collect();
        let help = folder.done(&words);
        assert!(help.contains("Usage: regserver"), "{sub}: {help}");
        assert!(help.lines().all(|line| line.chars().count() <= 100), "{sub}: {help}");
        // Behind the options stand paragraphs; a line that was too long would leave a word or two alone.
        let below: Vec<&str> = help.lines().skip_while(|line| !line.starts_with("Examples")).collect();
        for lines in below.windows(2) {
            let goes_on =
                !lines[1].is_empty() && !lines[1].starts_with("Exit codes") && lines[1] != "Examples:";
            let alone = !lines[0].starts_with(' ') && (1..40).contains(&lines[0].len()) && goes_on;
            assert!(!alone || lines[0].starts_with("Examples"), "{sub}: {}", lines[0]);
        }
        let page = folder.done(&[&["man"][..], &words[..words.len() - 1]].concat());
        assert!(page.contains(".SH NAME") && page.contains("regserver"), "{sub}: {page}");
    }
    let help = folder.done(&["--help"]);
    assert!(help.contains("Exit codes: 0 done"), "{help}");
    let listed = help.lines().skip_while(|line| !line.starts_with("Commands:")).skip(1);
    for name in
        listed.take_while(|line| line.starts_with("  ")).filter_map(|line| line.split_whitespace().next())
    {
        assert!(SUBS.contains(&name), "{name} is missing from the list of this test");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(folder.done(&["completions", shell]).contains("show-key"), "{shell}");
    }
}

#[test]
fn a_check_tells_where_everybody_may_read_the_numbers() {
    let folder = Folder::configured(CONFIG);
    assert!(!folder.done(&["check"]).contains("/metrics"));
    let folder = Folder::configured(&format!("{CONFIG}[watch]\nmetrics = [\"10.0.0.7\", \"::/0\"]\n"));
    let said = folder.done(&["check"]);
    assert!(said.contains("note   metrics") && said.contains("list addresses in watch.metrics"), "{said}");
}

#[test]
fn a_check_tells_what_went_wrong_by_itself() {
    let provider = |folder: &str| {
        format!(
            "{CONFIG}[[provider]]\ncode = \"DEMO\"\nsettings = {{ CSVIMPORT.CSV_IMPORT_DIR = \"{folder}\" }}\n"
        )
    };
    let folder = Folder::configured(&provider("/nowhere/at/all"));
    let server = Server::start(&folder);
    let shown = || {
        let run = folder.run(&["check"], "");
        (run.status.code(), out(&run))
    };
    let fault = "FAULT  provider DEMO  its hot folder: cannot look into /nowhere/at/all";
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while !shown().1.contains("note   task hotfolder") {
        assert!(std::time::Instant::now() < end, "{}", shown().1);
    }
    let (code, said) = shown();
    assert!(code == Some(1) && said.contains(fault) && said.contains("runtask task=hotfolder"), "{said}");
    assert!(server.stop());
    let inside = folder.0.canonicalize().unwrap().display().to_string();
    std::fs::write(folder.0.join("regserver.toml"), provider(&inside)).unwrap();
    assert!(shown().1.contains("ok     provider DEMO  hot folder"), "{}", shown().1);
}

#[test]
fn all_pages_of_the_manual_are_written_at_once() {
    let folder = Folder::new();
    let (code, said) = folder.fails(&["man", "--all", "pages"]);
    assert!(code == Some(2) && said.contains("name a folder that is there"), "{said}");
    std::fs::create_dir(folder.0.join("pages")).unwrap();
    assert!(folder.done(&["man", "--all", "pages"]).contains("pages"));
    for sub in SUBS.iter().filter(|sub| **sub != "help") {
        let name = format!("regserver {sub}").trim().replace(' ', "-");
        let page = std::fs::read_to_string(folder.0.join(format!("pages/{name}.1"))).unwrap();
        let words: Vec<&str> = ["man"].into_iter().chain(sub.split_whitespace()).collect();
        assert_eq!(page, folder.done(&words), "{sub}");
        assert!(!page.contains("help(1)"), "{sub} names a page that is not there");
    }
    assert_eq!(std::fs::read_dir(folder.0.join("pages")).unwrap().count(), SUBS.len() - 1);
}

#[test]
fn nothing_is_coloured_but_on_a_terminal() {
    let folder = Folder::configured(CONFIG);
    assert!(Server::start(&folder).stop());
    for arguments in [
        &["--help"][..],
        &["user", "list", "--table"],
        &["service", "list"],
        &["commands"],
        &["commands", "--markdown"],
        &["check"],
        &["diagnose"],
        &["service", "lst"],
        &["user", "show", "nobody"],
        &["call", "getversion", "--url", "http://127.0.0.1:1"],
    ] {
        let run = folder.run(arguments, "");
        assert!(!out(&run).contains('\u{1b}') && !err(&run).contains('\u{1b}'), "{arguments:?}");
    }
}

#[test]
fn every_error_says_what_to_do_next() {
    let folder = Folder::new();
    folder.done(&["init", "--provider", "ACME"]);
    folder.done(&["service", "add", "shop", "--addresses", "10.1.0.0/16"]);
    for (line, code, next) in [
        ("--config none.toml serve", 2, "regserver init"),
        ("init", 2, "--help"),
        ("init --provider GAMA", 2, "--force"),
        ("provider add ACME", 1, "regserver provider list"),
        ("provider add acme", 1, "such as ACME"),
        ("service lst", 2, "a similar subcommand exists: 'list'"),
        ("service add shop --addresses 10.9.9.9", 1, "take another name"),
        ("service add till --addresses 10.1.2.3", 1, "leave out that address"),
        ("service add till --addresses here", 1, "--help"),
        ("service add till --addresses 10.2.0.1 --method sha1", 1, "--help"),
        ("service add till --addresses 10.2.0.1 --commands nothing", 1, "`regserver commands`"),
        ("service add till --addresses 10.2.0.1 --provider NONE", 1, "regserver provider list"),
        ("service set shop", 2, "give --addresses"),
        ("service show-key", 2, "--help"),
        ("service show-key none", 1, "regserver service list"),
        ("service rotate shop --overlap 1w", 2, "such as 7d"),
        ("site add kiosk --provider NONE", 1, "regserver provider list"),
        ("site set kiosk", 2, "give --rename"),
        ("site key kiosk", 1, "regserver site list"),
        ("site remove kiosk", 2, "--yes"),
        ("user list --status asleep", 1, "--help"),
        ("user list --provider NONE", 1, "regserver provider list"),
        ("user unlock none", 1, "regserver user list"),
        ("user set-password none", 2, "--stdin"),
        ("commands nothing", 2, "`regserver commands` lists all"),
        ("man nothing", 2, "`regserver --help` lists all"),
        ("completions tcsh", 2, "possible values: bash"),
        ("checksum --key-file none", 2, "service show-key"),
        ("checksum --service none", 2, "there are: local, shop"),
        ("checksum --method sha1", 2, "there are: md5-salt"),
        ("call getversion version", 2, "write name=value"),
        ("call getversion --url http://127.0.0.1:1", 3, "regserver serve"),
    ] {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (found, said) = folder.fails(&words);
        assert!(found == Some(code) && said.contains(next), "{line}: {found:?} {said}");
    }
    let short = folder.run(&["user", "set-password", "none", "--stdin"], "\n");
    assert!(short.status.code() == Some(2) && err(&short).contains("first line"), "{}", err(&short));
}

#[test]
fn the_salt_is_shown_to_the_operator() {
    let folder =
        Folder::configured(&format!("{CONFIG}\n[settings]\nAPIChecksumSalt = \"a-salt-of-the-tests\"\n"));
    assert!(Server::start(&folder).stop());
    assert!(folder.done(&["service", "show-key", "--salt"]).contains("a-salt-of-the-tests"));
}
