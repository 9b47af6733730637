//! What goes out comes back as it was.

use proptest::collection::vec;
use proptest::prelude::*;
use regserver::cli::notation;
use regserver::error::Code;
use regserver::wire::Wire;

use super::outcomes;
use crate::world::{Party, World};

/// Asks with a value that the notation has no letters for.
fn ask(world: &World, command: &str, fields: &[(&str, &str)]) -> crate::world::Reply {
    let fields: Vec<_> =
        fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let portal: Party<'_> = world.service("portal").over_json();
    portal.body(notation::body(Wire::Json, command, &fields, world.seconds()).as_bytes())
}

fn users(world: &World) -> Vec<String> {
    world.dump().into_iter().filter(|row| row.starts_with("users: ")).collect()
}

#[test]
fn an_export_holds_nothing_of_a_password_and_no_formula() {
    let world = World::new();
    ask(&world, "setdepartment", &[("username", "alice"), ("department", "=HYPERLINK(\"x\")")]).done();
    let csv = world.call("exportusers").done().text("csv");
    assert!(csv.starts_with("username,email,language,reference,department,authid,licensekey\n"), "{csv}");
    assert!(csv.contains("\"'=HYPERLINK(\"\"x\"\")\""), "{csv}");
    assert!(!csv.contains("argon2") && csv.lines().count() == 3, "{csv}");
    let own = world.service("shop").ask("exportusers", "").done().text("csv");
    assert!(own.contains("sheila") && !own.contains("alice"));
    world.call("exportusers columns=username,rights").refused(Code::InvalidRequest);
}

#[test]
fn an_export_that_is_imported_changes_nothing_and_makes_the_same_users_elsewhere() {
    let text = prop_oneof!["[=+@'-]{0,3}[ -~]{0,12}", "\\PC{0,8}", "[;,\"\n\r\t=]{0,6}x",];
    let settings = ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(settings, |(texts in vec((text.clone(), text), 1..5))| {
        let world = World::new();
        for (at, (department, reference)) in texts.iter().enumerate() {
            let (name, mail) = (format!("={at}user"), format!("u{at}@x.example"));
            let fields = [("username", name.as_str()), ("useremail", &mail), ("department", department),
                ("reference", reference), ("activate", "true")];
            // Some texts cannot be a department.
            let _ = ask(&world, "registeruser", &fields);
        }
        let csv = world.service("portal").over_json().ask("exportusers", "").done().text("csv");
        let before = users(&world);
        ask(&world, "importusers", &[("csv", &csv), ("update", "true"), ("last", "true")]).done();
        world.work();
        prop_assert_eq!(users(&world), before.clone());
        let job = world.call("getjob job=1").done();
        prop_assert!(outcomes(&job).iter().all(|outcome| outcome == "unchanged"), "{:?} {}", outcomes(&job), csv);

        let other = World::new();
        let fields = "columns=username,email,language,reference,department,authid";
        let csv = world.service("portal").over_json().ask("exportusers", fields).done().text("csv");
        ask(&other, "importusers", &[("csv", &csv), ("update", "true"), ("last", "true")]).done();
        other.work();
        let again = other.service("portal").over_json().ask("exportusers", fields).done().text("csv");
        prop_assert_eq!(again, csv);
    });
}
