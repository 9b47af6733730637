//! `regserver commands` in the forms that programs read, and what it says of fields of which one is needed.

use serde_json::Value;

use super::out;
use crate::program::Folder;

#[test]
fn a_schema_is_printed_or_all_are_written() {
    let folder = Folder::new();
    let request = folder.done(&["commands", "--xsd", "loginuser"]);
    let reply = folder.done(&["commands", "--xsd", "loginuser", "--reply"]);
    assert!(request.starts_with("<?xml") && request.contains("needed-password"), "{request}");
    assert!(reply.starts_with("<?xml") && reply.contains("name=\"exception\""), "{reply}");
    let said = folder.done(&["commands", "--xsd", "loginuser", "--out", "one"]);
    assert!(said.starts_with("2 schemas are in one"), "{said}");
    for (side, text) in [("request", &request), ("reply", &reply)] {
        let file = folder.0.join(format!("one/loginuser.{side}.xsd"));
        assert_eq!(&std::fs::read_to_string(file).unwrap(), text);
    }
    folder.done(&["commands", "--xsd", "--out", "every/one"]);
    let files = std::fs::read_dir(folder.0.join("every/one")).unwrap().count();
    assert_eq!(files, 2 * regserver::commands::all().count());
}

#[test]
fn a_schema_that_cannot_be_had_is_explained() {
    let folder = Folder::new();
    std::fs::write(folder.0.join("file"), "").unwrap();
    for (arguments, code, words) in [
        (&["commands", "--xsd", "loginusr"][..], 2, "did you mean loginuser?"),
        (&["commands", "--xsd"], 2, "--out FOLDER"),
        (&["commands", "--xsd", "all"], 2, "--out FOLDER"),
        (&["commands", "loginuser", "--reply"], 2, "--xsd"),
        (&["commands", "--xsd", "all", "--out", "file"], 1, "cannot write file"),
    ] {
        let (exit, said) = folder.fails(arguments);
        assert!(exit == Some(code) && said.contains(words), "{arguments:?}: {said}");
    }
}

#[test]
fn the_table_as_json_has_what_the_manual_has() {
    let folder = Folder::new();
    let table = folder.json(&["commands"]);
    let names: Vec<&str> =
        table["commands"].as_array().unwrap().iter().filter_map(|command| command["name"].as_str()).collect();
    let known: Vec<&str> = regserver::commands::all().map(|entry| entry.name).collect();
    assert_eq!(names, known);
    let find = |list: &Value, name: &str| -> Value {
        list.as_array().unwrap().iter().find(|field| field["name"] == name).unwrap().clone()
    };
    assert_eq!(find(&table["fields"], "origin")["words"][0], "API-CALL");
    let one = folder.json(&["commands", "searchuser"]);
    assert_eq!(one, find(&table["commands"], "searchuser"));
    assert_eq!(find(&one["fields"], "status")["words"].as_array().unwrap().len(), 4);
    assert_eq!(find(&one["fields"], "startid")["most"], i64::MAX);
    let user = &find(&one["reply"], "userlist")["members"][0];
    assert_eq!(
        (&user["name"], &user["kind"], &user["entry"]["kind"]),
        (&"user".into(), &"list".into(), &"members".into())
    );
    let assign = folder.json(&["commands", "assignusertolicense"]);
    let groups = serde_json::json!([
        ["username", "useroremail", "reference", "authid"],
        ["licensekey", "licensereference"],
    ]);
    assert_eq!((&assign["exactlyoneof"], &assign["oneatmostof"]), (&groups, &serde_json::json!([])));
}

#[test]
fn fields_of_which_one_is_needed_are_said_to_be_so() {
    let folder = Folder::new();
    let manual = folder.done(&["commands", "assignusertolicense"]);
    let both = [
        "exactly one of username, useroremail, reference, authid",
        "exactly one of licensekey, licensereference",
    ];
    assert!(both.iter().all(|group| manual.contains(group)), "{manual}");
    let page = folder.done(&["commands", "assignusertolicense", "--markdown"]);
    assert!(both.iter().all(|group| page.contains(&format!("| {group} |"))), "{page}");
    let listed = out(&folder.run(&["commands"], ""));
    let line = listed.lines().find(|line| line.starts_with("assignusertolicense ")).unwrap();
    assert!(line.contains("username|useroremail|reference|authid* licensekey|licensereference*"), "{line}");
}
