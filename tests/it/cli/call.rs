//! `regserver call` as a person, with a key or a session, and what it says after a refusal.

use std::process::Output;

use super::{err, out, start};
use crate::program::{Folder, program};

/// A server with a user who has a key, and a session of that user.
struct Made {
    folder: Folder,
    _server: crate::program::Server,
    url: String,
    key: String,
    secret: String,
    session: String,
}

fn made() -> Made {
    let folder = Folder::configured(crate::program::CONFIG);
    let (server, url) = start(&folder);
    let call = |arguments: &[&str]| folder.json(&[&["call", "--url", &url], arguments].concat());
    call(&[
        "registeruser",
        "username=carla",
        "useremail=c@example.com",
        "password=sekret-1234",
        "activate=true",
    ]);
    call(&[
        "registeruser",
        "username=bobby",
        "useremail=b@example.com",
        "password=sekret-1234",
        "activate=true",
    ]);
    let key = call(&["createapikey", "username=carla", "kind=basic"]);
    let session = call(&["createsession", "username=carla", "password=sekret-1234", "IP=127.0.0.1"]);
    let text = |value: &serde_json::Value, name: &str| value[name].as_str().unwrap().to_owned();
    let (name, secret, session) = (text(&key, "key"), text(&key, "secret"), text(&session, "session"));
    Made { folder, _server: server, url, key: name, secret, session }
}

impl Made {
    /// Calls with what is secret in the environment.
    fn call(&self, secret: &str, arguments: &[&str]) -> Output {
        let mut command = program(&self.folder.0);
        command.args(["call", "--url", &self.url]).args(arguments).env("API_SECRET", secret);
        command.output().unwrap()
    }
}

#[test]
fn a_person_calls_with_a_key_or_a_session() {
    let made = made();
    let mine = |run: Output| {
        assert!(run.status.success(), "{}{}", out(&run), err(&run));
        assert!(out(&run).starts_with("{") && out(&run).contains("\"username\":\"carla\""), "{}", out(&run));
    };
    let ask = ["getuserdata", "username=carla"];
    mine(made.call(&made.secret, &[&ask[..], &["--key", &made.key]].concat()));
    mine(made.call("", &[&ask[..], &["--key", &format!("{}:{}", made.key, made.secret)]].concat()));
    mine(made.call(&made.session, &[&ask[..], &["--session"]].concat()));
    std::fs::write(made.folder.0.join("secret"), format!("{}\n", made.secret)).unwrap();
    mine(made.call("", &[&ask[..], &["--key", &made.key, "--secret-file", "secret"]].concat()));
    let xml = made.call(&made.secret, &[&ask[..], &["--key", &made.key, "--wire", "xml"]].concat());
    assert!(out(&xml).contains("<username>carla</username>"), "{}", out(&xml));
}

#[test]
fn the_curl_line_of_a_key_has_the_variable_in_place_of_the_secret() {
    let made = made();
    for (secret, who) in [(&made.secret, &["--key", made.key.as_str()][..]), (&made.session, &["--session"])]
    {
        let run = made.call(secret, &[&["getuserdata", "username=carla", "--dry-run"], who].concat());
        let shown = out(&run);
        assert!(!shown.contains(secret.as_str()), "{shown}");
        let line = shown.lines().last().unwrap();
        let run = crate::program::shell(&made.folder.0, line).env("API_SECRET", secret).output().unwrap();
        assert!(out(&run).contains("\"username\":\"carla\""), "{}{}", out(&run), err(&run));
    }
}

#[test]
fn a_refusal_is_followed_by_its_likely_causes() {
    let made = made();
    let bob = ["getuserdata", "username=bobby"];
    for (secret, who, call, hint) in [
        (&made.secret, &["--key", made.key.as_str()][..], &bob[..], "regserver user rights NAME"),
        (&made.session, &["--session"], &bob, "the data is somebody else's"),
        (&"wrong".to_owned(), &["--key", made.key.as_str()], &bob, "the key or its secret is wrong"),
        (&"wrong".to_owned(), &["--session"], &bob, "open another one with createsession"),
        (&String::new(), &[], &["getuserdata", "username=bobby", "distributor=ELSE"], "leave the field out"),
    ] {
        let run = made.call(secret, &[call, who].concat());
        assert_eq!(run.status.code(), Some(1), "{}", out(&run));
        assert!(err(&run).contains(hint), "{}{}", out(&run), err(&run));
    }
}

#[test]
fn a_credential_that_is_not_there_or_would_be_read_is_not_sent() {
    let made = made();
    for (arguments, hint) in [
        (&["--key", "abc"][..], "--secret-file"),
        (&["--session"], "the token of the session"),
        (&["--key", "abc", "--secret-file", "none"], "cannot read"),
        (&["--secret-file", "none"], "--key, --site or --session"),
        (&["--key", "abc", "--service", "shop"], "cannot be used with"),
        (&["--key", "abc", "--session"], "cannot be used with"),
    ] {
        let (code, said) = made.folder.fails(&[&["call", "getversion"], arguments].concat());
        assert!(code == Some(2) && said.contains(hint), "{arguments:?}: {said}");
    }
    let elsewhere = ["call", "getversion", "--key", "a:b", "--url", "http://192.0.2.1"];
    let (code, said) = made.folder.fails(&elsewhere);
    assert!(code == Some(2) && said.contains("https://192.0.2.1"), "{said}");
}

#[test]
fn a_field_that_the_command_does_not_have_is_told_and_sent() {
    let made = made();
    for (fields, line) in [
        (
            &["setlicensevalidity", "licensekey=none", "valid=12/31/2026"][..],
            "`valid` is no field of setlicensevalidity; did you mean validuntil?",
        ),
        (&["getuserdata", "usrname=carla"], "`usrname` is no field of getuserdata; did you mean username?"),
        (
            &["getuserdata", "username=carla", "zzzzzzzz=1"],
            "`zzzzzzzz` is no field of getuserdata; `regserver commands getuserdata` shows its fields",
        ),
        (
            &["runbulk", "bulkcommand=setdepartment", "userid=1", "departmnt=Sales"],
            "`departmnt` is no field of runbulk; did you mean department?",
        ),
        (
            &["sendtemplatemail", "username=carla", "parameter.name=LICENSEKEY", "parameter.valeu=x"],
            "`parameter.valeu` is no field of sendtemplatemail",
        ),
    ] {
        let run = made.call("", fields);
        assert_eq!(err(&run).lines().filter(|said| said.contains("is no field")).count(), 1, "{}", err(&run));
        assert!(err(&run).contains(line), "{}", err(&run));
        assert!(out(&run).contains("<teamdrive>"), "{}", out(&run));
    }
    for fields in [
        &["getuserdata", "username=carla", "requesttime=1", "distributor=DEMO", "randtoken=x"][..],
        &["runbulk", "bulkcommand=setdepartment", "userid=1", "department=Sales"],
        &["updateservice", "servicename=shop", "login_limit=3"],
    ] {
        let run = made.call("", fields);
        assert!(!err(&run).contains("is no field"), "{}", err(&run));
    }
    let run = made.call("", &["getuserdat", "username=carla"]);
    assert!(err(&run).contains("did you mean getuserdata?"), "{}", err(&run));
    assert!(!err(&run).contains("regserver commands getuserdat`"), "{}", err(&run));
}

#[test]
fn a_key_and_a_site_sign() {
    let made = made();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let call = |arguments: &[&str]| {
        let made = made.folder.json(&[&["call", "--url", &made.url], arguments].concat());
        move |name: &str| made[name].as_str().unwrap().to_owned()
    };
    let key = call(&["createapikey", "username=carla", "kind=signing"]);
    let (name, secret) = (key("key"), key("secret"));
    let signed = ["getuserdata", "username=carla", "--key", &name, "--sign"];
    let run = made.call(&secret, &signed);
    assert!(out(&run).contains("\"username\":\"carla\""), "{}{}", out(&run), err(&run));
    // The line for curl has the signature, and not what it was made with; the shell's own way signs alike.
    let run = made.call(&secret, &[&signed[..], &["--dry-run", "randtoken=1"]].concat());
    let (body, line) =
        (out(&run).lines().next().unwrap().to_owned(), out(&run).lines().last().unwrap().to_owned());
    assert!(line.contains(&format!("X-VEHMAN-USER: {name}")) && !out(&run).contains(&secret), "{line}");
    std::fs::write(made.folder.0.join("secret"), &secret).unwrap();
    let mine = made.folder.run(&["checksum", "--method", "signed", "--key-file", "secret"], &body);
    assert!(line.contains(&format!("X-VEHMAN-KEY: {}", out(&mine).trim())), "{line}: {}", out(&mine));
    let run = crate::program::shell(&made.folder.0, &line).output().unwrap();
    assert!(out(&run).contains("\"username\":\"carla\""), "{}{}", out(&run), err(&run));
    let run = made.folder.run(&["checksum", "--method", "signed"], &body);
    assert!(run.status.code() == Some(2) && err(&run).contains("--key-file"), "{}", err(&run));
    let site = call(&["createsite", "sitename=tickets"]);
    let by_site = |arguments: &[&str]| {
        made.call(&site("sitesecret"), &[arguments, &["--site", &site("sitekey")]].concat())
    };
    let run = by_site(&["registeruser", "username=david", "useremail=d@example.com"]);
    assert!(out(&run).contains("\"userkey\":\"uk-"), "{}{}", out(&run), err(&run));
    let run = by_site(&["getuserdata", "username=carla"]);
    assert!(run.status.code() == Some(1) && err(&run).contains("--user-key"), "{}", err(&run));
    let run = by_site(&["getuserdata", "username=carla", "--user-key", "uk-nobodys"]);
    assert!(run.status.code() == Some(1) && err(&run).contains("has not authorised"), "{}", err(&run));
}
