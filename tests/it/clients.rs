//! Clients as people write them: shell, PHP, Python and Ruby, run by the real interpreters.
//!
//! What a client sends is made by its own language, not by ours, so that a habit of one of them that
//! the server does not take is found here. `tests/run` installs the interpreters.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::program::{CONFIG, Folder, KEY, Server};

const PATHS: [&str; 3] = ["/yvva/api/api.xml", "/pbas/td2api/api/api.htm", "/yvva/td2api/api/api.htm"];
/// Interpreter, and the ending of its fixture.
const CLIENTS: [(&str, &str); 4] = [("sh", "sh"), ("php", "php"), ("/usr/bin/python3", "py"), ("ruby", "rb")];

fn run(mut command: Command, url: &str, name: &str) -> String {
    let run = command.env("URL", url).env("KEY", KEY).env("NAME", name).output();
    let run = run.unwrap_or_else(|error| panic!("{command:?}: {error}; tests/run installs what is missing"));
    let (said, complained) = (String::from_utf8(run.stdout).unwrap(), String::from_utf8(run.stderr).unwrap());
    assert!(run.status.success(), "{command:?}: {said}{complained}");
    said
}

#[test]
fn every_language_has_its_day_over_every_path() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    for (interpreter, ending) in CLIENTS {
        for (number, path) in PATHS.iter().enumerate() {
            let mut command = Command::new(interpreter);
            command.arg(format!("{}/fixtures/clients/world.{ending}", env!("CARGO_MANIFEST_DIR")));
            let name = format!("client-{ending}-{number}");
            let said = run(command, &format!("http://{}{path}", server.address), &name);
            let lines: Vec<&str> = said.lines().collect();
            let [registered, found, read, removed, gone] = lines[..] else { panic!("{interpreter}: {said}") };
            let head = "<teamdrive><regversion>4.7.1</regversion><apiversion>1.0.005</apiversion>";
            assert!(
                registered.starts_with(&format!("{head}<intresult>0</intresult><userid>")),
                "{registered}"
            );
            assert!(
                found.contains("<total>1</total>") && found.contains(&format!("<username>{name}<")),
                "{found}"
            );
            assert!(!found.contains("<devicelist>"), "{found}");
            assert!(read.contains(&format!("<email>{name}@example.com</email>")), "{read}");
            assert_eq!(removed, format!("{head}<intresult>0</intresult></teamdrive>"));
            assert!(gone.contains("<primarycode>-30100</primarycode>"), "{gone}");
        }
    }
}

#[test]
fn the_programs_in_the_readme_run_as_they_stand() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    let url = format!("http://{}/yvva/api/api.xml", server.address);
    for (fence, interpreter) in [("php", "php"), ("python", "/usr/bin/python3"), ("ruby", "ruby")] {
        let readme = include_str!("../../README.md");
        let code = readme.split(&format!("```{fence}\n")).nth(1).unwrap().split("```").next().unwrap();
        let code = code
            .replace("http://127.0.0.1:8080/yvva/api/api.xml", &url)
            .replace("the key of the service", KEY);
        let file = folder.0.join(fence);
        std::fs::write(&file, code).unwrap();
        let mut command = Command::new(interpreter);
        command.arg(&file);
        let said = run(command, &url, "");
        assert!(said.contains("<version>"), "{fence}: {said}");
    }
}

/// What that client says about a reply; nothing where it cannot read it.
fn read_by(interpreter: &str, ending: &str, reply: &str) -> Option<String> {
    let mut command = Command::new(interpreter);
    command.arg(format!("{}/fixtures/clients/depots.{ending}", env!("CARGO_MANIFEST_DIR")));
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{interpreter}: {error}"));
    // Who ends before the end of the reply has read enough.
    let _ = child.stdin.take().unwrap().write_all(reply.as_bytes());
    let run = child.wait_with_output().unwrap();
    run.status.success().then(|| String::from_utf8(run.stdout).unwrap())
}

/// A reply to getdefaultdepotdata with one depot, and one with several.
fn depots() -> [String; 2] {
    let world = crate::world::World::new();
    world.call("createdepot username=alice hosturl=https://host.example.com storagelimit=5000").done();
    let ask = || world.call("getdefaultdepotdata username=alice").done().body().to_owned();
    let one = ask();
    for size in [6000, 7000] {
        let fields = format!("username=alice hosturl=https://host.example.com storagelimit={size}");
        world.call(&format!("createdepot {fields}")).done();
    }
    world.call("setdepotforuser username=alice depotid=2 isdefault=true").done();
    [one, ask()]
}

const READERS: [(&str, &str); 3] = [("sh", "sh"), ("/usr/bin/python3", "py"), ("ruby", "rb")];

#[test]
fn one_depot_and_many_are_read_alike() {
    let [one, many] = depots();
    for (interpreter, ending) in READERS {
        let read = |reply: &str| read_by(interpreter, ending, reply).unwrap_or_default();
        assert_eq!(read(&one), "1 5000 https://host.example.com\n1\n", "{ending}");
        assert_eq!(read(&many), "2 6000 https://host.example.com\n2,1,3\n", "{ending}");
    }
}

/// Other shapes of the reply, as a careless change of the program would make them.
const MUTATIONS: [&[(&str, &str)]; 7] = [
    &[("<depot>", "<depots>"), ("</depot>", "</depots>")],
    &[("<depotdata>", "<depotdata><depotlist>"), ("</depotdata>", "</depotlist></depotdata>")],
    &[("<depotid>", "<id>"), ("</depotid>", "</id>")],
    &[("<storagelimit>", "<limit>"), ("</storagelimit>", "</limit>")],
    &[("<hosturl>", "<host>"), ("</hosturl>", "</host>")],
    &[("<isdefault>true<", "<isdefault>True<")],
    &[("<isdefault>true<", "<isdefault>false<")],
];

/// So that the test above does not hold whatever the reply looks like.
#[test]
fn no_other_shape_of_the_reply_goes_unnoticed() {
    for reply in depots() {
        for mutation in MUTATIONS {
            let other = mutation.iter().fold(reply.clone(), |text, (from, to)| text.replace(from, to));
            assert_ne!(other, reply, "{mutation:?}");
            roxmltree::Document::parse(&other).unwrap_or_else(|error| panic!("{error}: {other}"));
            for (interpreter, ending) in READERS {
                let read = |reply: &str| read_by(interpreter, ending, reply);
                assert_ne!(read(&other), read(&reply), "{ending} does not notice {mutation:?}");
            }
        }
    }
}
