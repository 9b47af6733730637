//! How a job goes on and ends: stopped and taken over, cancelled, forbidden, forgotten.

use regserver::api::jobs::Turn;
use regserver::domain::time::DAY;
use regserver::error::Code;
use regserver::store::jobs::Counts;

use super::outcomes;
use crate::world::{World, set};

/// A file of that many users.
fn file(rows: usize) -> String {
    let rows: String = (0..rows).map(|n| format!("\nmany{n},many{n}@example.com")).collect();
    format!("csv='username,email{rows}' last=true")
}

/// Begins a job of 600 rows and stops behind its first chunk.
fn half(world: &World) -> i64 {
    let job = world.call(&format!("importusers {}", file(600))).done().number("job");
    let mut chunks = 0;
    let mut once = |counts: &Counts| {
        chunks += i32::from(counts.done > 0);
        chunks == 0
    };
    assert_eq!(world.api().work_on(job, &mut once).unwrap(), Turn::Open);
    let done = world.call(&format!("getjob job={job}")).done().number("done");
    assert!((1..600).contains(&done), "{done}");
    job
}

fn users(world: &World) -> usize {
    world.dump().iter().filter(|row| row.starts_with("users: ") && row.contains("| many")).count()
}

#[test]
fn what_was_stopped_goes_on_without_doubles() {
    let mut world = World::new();
    half(&world);
    let before = users(&world);
    world.restart();
    world.work();
    let job = world.call("getjob job=1").done();
    assert_eq!((job.text("state"), job.number("created"), job.number("refused")), ("done".into(), 600, 0));
    assert!(before < 600);
    assert_eq!(users(&world), 600);
    let waiting =
        world.dump().into_iter().filter(|row| row.starts_with("job_rows: ") && row.contains("waiting"));
    assert_eq!(waiting.count(), 0);
}

#[test]
fn another_program_takes_over_only_when_the_lease_has_run_out() {
    let mut world = World::new();
    half(&world);
    // As a program leaves it that was killed.
    let now = world.clock_now();
    set(
        &mut world,
        &format!("UPDATE jobs SET owner = 'somebody', leaseuntil = {} WHERE id = 1", now + 10_000_000),
    );
    let before = users(&world);
    assert_eq!(world.api().work_on(1, &mut |_| true).unwrap(), Turn::Elsewhere);
    world.work();
    assert_eq!(users(&world), before, "somebody else has it");
    world.pass(11);
    world.work();
    assert_eq!(users(&world), 600);
    assert_eq!(world.api().work_on(1, &mut |_| true).unwrap(), Turn::Ended);
}

#[test]
fn a_job_that_is_cancelled_keeps_what_is_done_and_forgets_the_rest() {
    let world = World::new();
    half(&world);
    let before = users(&world);
    world.service("shop").ask("canceljob", "job=1").plainly(Code::JobUnknown);
    world.call("canceljob job=1").done();
    world.work();
    let job = world.call("getjob job=1").done();
    assert_eq!(
        (job.text("state"), job.text("reason")),
        ("cancelled".into(), "cancelled by service:portal".into())
    );
    assert_eq!((users(&world), job.number("done")), (before, before as i64));
    assert!(!world.dump().iter().any(|row| row.starts_with("job_rows: ") && row.contains("waiting")));
    world
        .call("canceljob job=1")
        .refused(Code::InvalidRequest)
        .says("Invalid Request: the job is cancelled already");
}

#[test]
fn a_service_that_is_switched_off_ends_its_jobs() {
    let mut world = World::new();
    world.service("portal").ask("updateservice", "servicename=portal enabled=true");
    half(&world);
    let before = users(&world);
    world.reconfigure(|config| {
        config.service("portal").insert("enabled".into(), false.into());
    });
    world.work();
    assert_eq!(users(&world), before);
    let job = world.api().read(|tx| tx.job(1)).unwrap().unwrap();
    assert_eq!((job.state.name(), job.reason.as_str()), ("failed", "the service portal may call no longer"));
}

#[test]
fn a_person_whose_right_is_taken_goes_no_further() {
    let world = World::new();
    for right in ["API-ACCESS", "EDIT-PROVIDER"] {
        world.call(&format!("grantright username=alice right={right}")).done();
    }
    let alice = world.person("alice", "");
    for job in ["1", "2"] {
        alice
            .ask("importusers", &format!("csv='username,email\nmany{job},m{job}@example.com' last=true"))
            .done()
            .text("job");
    }
    world.api().work_on(1, &mut |_| true).unwrap();
    assert_eq!(users(&world), 1);
    world.call("revokeright username=alice right=EDIT-PROVIDER").done();
    world.work();
    let job = world.call("getjob job=2").done();
    assert_eq!((job.text("state"), job.number("done"), users(&world)), ("failed".into(), 0, 1));
    assert!(job.text("reason").contains("EDIT-PROVIDER"), "{}", job.text("reason"));
}

#[test]
fn a_key_that_is_revoked_ends_its_jobs() {
    let world = World::new();
    for right in ["API-ACCESS", "EDIT-PROVIDER"] {
        world.call(&format!("grantright username=alice right={right}")).done();
    }
    let alice = world.person("alice", "");
    alice.ask("importusers", "csv='username,email\nmany1,m1@example.com' last=true").done();
    world.call("revokeapikey keyid=1").done();
    world.work();
    let job = world.call("getjob job=1").done();
    assert_eq!((job.text("state"), users(&world)), ("failed".into(), 0));
}

#[test]
fn a_panic_costs_the_row_in_which_it_strikes() {
    let world = World::new();
    world.call(&format!("importusers {} dryrun=true", file(3))).done();
    world.chance.panic_once();
    world.work();
    let job = world.call("getjob job=1").done();
    assert_eq!(outcomes(&job), ["refused -100", "created", "created"]);
    // Where it leaves something behind, the chunk is run again, and this time it does not strike: the invitation is
    // written before its codes are drawn.
    world.call("creategroup username=alice groupname=North groupreference=north").done();
    world.call("runbulk bulkcommand=inviteusertogroup groupreference=north userid=1,2").done();
    world.chance.panic_once();
    world.work();
    assert_eq!(outcomes(&world.call("getjob job=2").done()), ["updated"; 2]);
}

#[test]
fn jobs_of_several_take_turns_and_are_listed() {
    let world = World::new();
    world.service("shop").ask("importusers", "csv='username,email\nshopper,s@example.com' last=true").done();
    world.call("runbulk bulkcommand=setdepartment userid=1 department=Sales").done();
    world.work();
    let all = world.call("searchjob state=done").done();
    assert_eq!(
        (all.texts("job"), all.texts("distributor")),
        (vec!["2".into(), "1".into()], vec!["DEMO".into(), "ACME".into()])
    );
    let own = world.service("shop").ask("searchjob", "").done();
    assert_eq!(own.texts("job"), ["1"]);
    world.service("shop").ask("getjob", "job=2").plainly(Code::JobUnknown);
    assert_eq!(world.call("searchjob commandname=runbulk beforeid=2").done().texts("job").len(), 0);
}

#[test]
fn what_nobody_needs_any_more_is_thrown_away() {
    let world = World::new();
    world.call("importusers csv='username,email\ncarol,c@example.com'").done();
    world.call("importusers csv='username,email\ndaisy,d@example.com' last=true").done();
    world.pass(DAY / 1_000_000 + 1);
    world.work();
    let late = world.call("getjob job=1").done();
    assert_eq!((late.text("state"), late.texts("row").len()), ("cancelled".into(), 0));
    assert!(late.text("reason").contains("within a day"));
    assert_eq!(world.call("getjob job=2").done().text("state"), "done");
    world.pass(30 * DAY / 1_000_000 + 1);
    world.work();
    world.call("getjob job=2").plainly(Code::JobUnknown);
    assert!(!world.dump().iter().any(|row| row.starts_with("job")));
}

#[test]
fn nobody_else_adds_rows_to_a_job() {
    let world = World::new();
    let fields = "csv='username,email\nannette,annette@example.com'";
    let job = world.call(&format!("importusers {fields}")).done().number("job");
    for right in ["API-ACCESS", "EDIT-PROVIDER"] {
        world.call(&format!("grantright username=alice right={right}")).done();
    }
    let alice = world.person("alice", "");
    let more = format!("job={job} csv='username,email\nbeatrice,beatrice@example.com' last=true");
    alice.ask("importusers", &more).plainly(Code::JobUnknown);
    world
        .service("branch")
        .ask("importusers", &format!("{more} distributor=DEMO"))
        .refused(Code::AccessDenied);
    world.call(&format!("importusers job={job} last=true")).done();
    world.work();
    assert!(world.call("getuserdata username=annette").code().is_none());
    world.call("getuserdata username=beatrice").plainly(Code::UserUnknown);
    // By another key it is somebody else, too.
    let job = alice.ask("importusers", fields).done().number("job");
    world.person("alice", "").ask("importusers", &format!("job={job} last=true")).plainly(Code::JobUnknown);
    alice.ask("importusers", &format!("job={job} last=true")).done();
}

#[test]
fn an_import_takes_the_right_to_every_command_that_its_rows_may_come_to() {
    let world = World::new();
    for right in ["API-ACCESS", "EDIT-PROVIDER"] {
        world.call(&format!("grantright username=alice right={right}")).done();
    }
    let alice = world.person("alice", "importusers:modify,registeruser:modify");
    let file = |columns: &str, row: &str| format!("csv='{columns}\n{row}'");
    alice.ask("importusers", &file("username,email", "annette,annette@example.com")).done();
    let password = file("username,email,password", "edgar,edgar@example.com,sekret-1234");
    alice.ask("importusers", &password).done();
    let refused = alice.ask("importusers", &format!("{password} update=true")).refused(Code::AccessDenied);
    assert!(refused.text("message").contains("does not have setemail"), "{}", refused.body());
    world.person("alice", "importusers:modify").ask("importusers", &password).refused(Code::AccessDenied);
}
