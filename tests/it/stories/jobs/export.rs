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
    assert!(csv.starts_with("username,email,language,reference,department,authid,licensekey,groupreference,accountkey,status\n"), "{csv}");
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
        let fields = "";
        ask(&other, "importusers", &[("csv", &csv), ("update", "true"), ("last", "true")]).done();
        other.work();
        let again = other.service("portal").over_json().ask("exportusers", fields).done().text("csv");
        prop_assert_eq!(again, csv);
    });
}

#[test]
fn states_and_names_of_the_servers_own_come_along() {
    let world = World::new();
    let lines = [
        "registeruser useremail=magic@example.com activate=true",
        "registeruser username=inactive useremail=i@example.com",
        "registeruser username=disabled useremail=d@example.com activate=true",
        "disableuser username=disabled",
        "registeruser username=leaving useremail=l@example.com activate=true",
        "requestuserdeletion username=leaving",
    ];
    lines.iter().for_each(|line| drop(world.call(line).done()));
    let csv = world.call("exportusers").done().text("csv");
    for row in [
        "$DEMO-1001,magic@example.com,en,,,,,,,activated\n",
        "inactive,i@example.com,en,,,,,,,inactive\n",
        "disabled,d@example.com,en,,,,,,,disabled\n",
        "leaving,l@example.com,en,,,,,,,todelete\n",
    ] {
        assert!(csv.contains(row), "{csv}");
    }
    let other = World::new();
    let mails = other.mails().len();
    for outcome in [["unchanged", "created"], ["unchanged", "unchanged"]] {
        let last = ask(&other, "importusers", &[("csv", &csv), ("update", "true"), ("last", "true")]).done();
        other.work();
        let job = other.call(&format!("getjob job={}", last.text("job"))).done();
        let outcomes = outcomes(&job);
        assert_eq!([outcomes[0].as_str(), outcomes[5].as_str()], outcome, "{}", job.body());
        assert_eq!(other.call("exportusers").done().text("csv"), csv);
    }
    assert_eq!(other.mails().len(), mails, "nobody has asked for anything just now");
    // What the server gives next is not taken.
    let next = other.call("registeruser useremail=next@example.com activate=true").done();
    assert_eq!(next.text("username"), "$DEMO-1002");
    // A state that differs is brought back.
    other.call("enableuser username=disabled").done();
    other.call("deactivateuser username=alice").done();
    ask(&other, "importusers", &[("csv", &csv), ("update", "true"), ("last", "true")]).done();
    other.work();
    for (user, status) in [("alice", "activated"), ("disabled", "disabled")] {
        assert_eq!(other.call(&format!("getuserdata username={user}")).done().text("status"), status);
    }
}

#[test]
fn what_is_not_known_elsewhere_is_refused_or_left_out_and_told() {
    let world = World::new();
    world.call("creategroup username=alice groupname=North groupreference=north").done();
    world.call("userjoinedgroup username=alice groupreference=north").done();
    let account = world.call("createaccount accountname=Acme accountcode=SHOP").done().text("accountkey");
    world.call(&format!("addusertoaccount username=alice accountkey={account}")).done();
    let key = world
        .call("createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5")
        .done()
        .text("licensekey");
    world.call(&format!("assignusertolicense username=alice licensekey={key}")).done();
    let csv = world.call("exportusers").done().text("csv").replace("alice", "annika");
    assert!(
        csv.contains(&format!("annika,annika@example.com,en,,Support,,{key},north,{account},activated")),
        "{csv}"
    );
    let other = World::new();
    for (skip, outcome, text) in [
        ("false", "refused -30126", "Account not found".to_owned()),
        (
            "true",
            "created",
            format!("left out, because it is not known here: license {key}, group north, account {account}"),
        ),
    ] {
        let fields = [("csv", csv.as_str()), ("update", "true"), ("skipunknown", skip), ("last", "true")];
        let job = ask(&other, "importusers", &fields).done().text("job");
        other.work();
        let job = other.call(&format!("getjob job={job}")).done();
        assert_eq!((outcomes(&job)[0].as_str(), &job.texts("text")[0]), (outcome, &text), "{}", job.body());
    }
    other.call("getdefaultlicense username=annika").done();
}
