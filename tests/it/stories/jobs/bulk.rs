//! One command for many users.

use regserver::error::Code;

use super::outcomes;
use crate::world::World;

fn bulk(world: &World, fields: &str) -> Vec<String> {
    let job = world.call(&format!("runbulk {fields}")).done().text("job");
    world.work();
    outcomes(&world.call(&format!("getjob job={job}")).done())
}

#[test]
fn each_user_is_changed_as_by_the_command_itself() {
    let world = World::new();
    world.call("registeruser username=carol useremail=carol@example.com activate=true").done();
    assert_eq!(bulk(&world, "bulkcommand=setdepartment userid=1,5 department=Sales"), ["updated", "updated"]);
    assert_eq!(world.call("getuserdata username=carol").done().text("department"), "Sales");
    assert_eq!(
        bulk(&world, "bulkcommand=setdepartment userid=5,1 department=Sales"),
        ["unchanged", "unchanged"]
    );
    // Another provider's user and nobody are the same; twice is once.
    assert_eq!(
        bulk(&world, "bulkcommand=disableuser userid=5,3,4711,5"),
        ["updated", "refused -30100", "refused -30100", "refused -30002"]
    );
    // A list has no lines.
    let job = world.call("searchjob").done().texts("job").remove(0);
    let said = world.call(&format!("getjob job={job} onlyrefused=true")).done().texts("text").pop().unwrap();
    assert_eq!(said, "Invalid Request: the same user stands in row 1 already");
    assert_eq!(world.call("getuserdata username=carol").done().text("status"), "disabled");
    let audit =
        world.dump().into_iter().filter(|row| row.starts_with("audit: ") && row.contains("| disableuser |"));
    assert_eq!(audit.count(), 1);
    // A command that hashes.
    assert_eq!(bulk(&world, "bulkcommand=resetpassword userid=1 sendmail=true"), ["updated"]);
    assert_eq!(world.mails().last().unwrap().template, "passwd-reset");
    world.call("loginuser username=alice password=wonder-2026").plainly(Code::WrongPassword);
}

#[test]
fn what_may_not_be_run_for_many_is_refused_at_once() {
    let world = World::new();
    let before = world.dump();
    for command in [
        "createapikey",
        "createsession",
        "setpassword",
        "settotp",
        "loginuser",
        "registeruser",
        "getuserdata",
        "x",
    ] {
        let reply = world.call(&format!("runbulk bulkcommand={command} userid=1"));
        assert!(reply.refused(Code::InvalidRequest).text("message").contains("bulkcommand"), "{command}");
    }
    for (fields, why) in [
        ("bulkcommand=setdepartment userid=1", "Invalid Request: department is missing"),
        ("bulkcommand=disableuser userid=[]", "Invalid Request: userid is missing"),
    ] {
        world.call(&format!("runbulk {fields}")).refused(Code::InvalidRequest).says(why);
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn a_user_with_a_greater_right_is_left_alone() {
    let world = World::new();
    world.call("grantright username=alice right=SUPER-USER").done();
    world.call("registeruser username=carol useremail=carol@example.com activate=true").done();
    for right in ["API-ACCESS", "EDIT-PROVIDER"] {
        world.call(&format!("grantright username=carol right={right}")).done();
    }
    world.person("carol", "").ask("runbulk", "bulkcommand=disableuser userid=1,2").done();
    world.work();
    assert_eq!(outcomes(&world.call("getjob job=1").done()), ["refused -30000", "updated"]);
}
