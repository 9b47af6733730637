//! Clients as people write them: shell, PHP, Python and Ruby, run by the real interpreters.
//!
//! What a client sends is made by its own language, not by ours, so that a habit of one of them that
//! the server does not take is found here. `tests/run` installs the interpreters.

use std::process::Command;

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
