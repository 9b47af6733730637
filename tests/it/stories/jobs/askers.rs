//! In whose name a job runs: it ends with what proved whoever asked for it, it takes its turn beside other
//! providers' jobs, and what is the server's own duty is done whoever has caused it.

use regserver::error::Code;

use crate::world::{Party, World, set};

/// Somebody with the rights for an import.
fn carol(world: &World) {
    world
        .call("registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true")
        .done();
    for right in ["API-ACCESS", "EDIT-PROVIDER"] {
        world.call(&format!("grantright username=carol right={right}")).done();
    }
}

/// Carol, by her password.
fn session(world: &World) -> Party<'_> {
    let stranger = world.stranger().at_the_session_endpoint();
    stranger.session("username=carol password=sekret-1234", "192.0.2.44")
}

fn begun(party: &Party<'_>, name: &str) -> i64 {
    party
        .ask("importusers", &format!("last=true csv='username,email\n{name},{name}@example.com'"))
        .done()
        .number("job")
}

fn ended(world: &World, job: i64) -> (String, String) {
    let job = world.call(&format!("getjob job={job}")).done();
    (job.text("state"), job.text("reason"))
}

#[test]
fn whoever_ends_a_session_ends_its_jobs() {
    let world = World::new();
    carol(&world);
    let ends: [&dyn Fn(&Party<'_>); 3] = [
        &|own| drop(own.ask("endsession", "").done()),
        &|_| drop(world.call("setpassword username=carol newpassword=sekret-1234").done()),
        &|_| {
            world.call("disableuser username=carol").done();
            world.call("enableuser username=carol").done();
        },
    ];
    for (at, end) in ends.iter().enumerate() {
        let own = session(&world);
        let (job, service) = (begun(&own, &format!("annette{at}")), world.service("portal"));
        let other = begun(&service, &format!("beatrice{at}"));
        end(&own);
        world.work();
        let reason = "the session that asked for it was ended".to_owned();
        assert_eq!(ended(&world, job), ("failed".into(), reason), "{at}");
        assert_eq!(ended(&world, other).0, "done", "{at}");
        world.call(&format!("getuserdata username=annette{at}")).plainly(Code::UserUnknown);
    }
}

#[test]
fn another_session_of_the_same_user_takes_no_job_along() {
    let world = World::new();
    carol(&world);
    let (one, other) = (session(&world), session(&world));
    let job = begun(&one, "annette");
    other.ask("endsession", "").done();
    world.work();
    assert_eq!(ended(&world, job).0, "done");
}

#[test]
fn a_session_that_is_over_in_time_takes_no_job_along() {
    let world = World::new();
    carol(&world);
    let own = session(&world);
    let job = begun(&own, "annette");
    world.pass(16 * 60);
    own.ask("getuserdata", "username=carol").turned_away(Code::AccessDenied);
    world.work();
    assert_eq!(ended(&world, job).0, "done");
    // But not where it was opened by a key that holds no more.
    let key = world.person("carol", "");
    let job = begun(&key.session("", "192.0.2.44"), "beatrice");
    let number = key.ask("searchapikey", "").done().text("keyid");
    world.call(&format!("revokeapikey keyid={number}")).done();
    world.work();
    assert_eq!(ended(&world, job).0, "failed");
}

#[test]
fn nothing_is_looked_at_or_hashed_for_whoever_may_ask_no_longer() {
    let world = World::new();
    carol(&world);
    let key = world.person("carol", "");
    let rows = "last=true csv='username,email,password\nannette,annette@example.com,sekret-1234'";
    let job = key.ask("importusers", rows).done().number("job");
    world.call("revokeright username=carol right=EDIT-PROVIDER").done();
    let hashes = world.api().hash_runs();
    world.work();
    assert_eq!((ended(&world, job).0.as_str(), world.api().hash_runs()), ("failed", hashes));
}

#[test]
fn turns_go_from_provider_to_provider() {
    let world = World::new();
    let (portal, shop) = (world.service("portal"), world.service("shop"));
    for name in ["annette", "beatrice", "caroline"] {
        begun(&portal, name);
    }
    begun(&shop, "shopper");
    world.work();
    let id = |party: &Party<'_>, name: &str| {
        party.ask("getuserdata", &format!("username={name}")).done().number("userid")
    };
    let made =
        [id(&portal, "annette"), id(&shop, "shopper"), id(&portal, "beatrice"), id(&portal, "caroline")];
    assert!(made.is_sorted(), "the other provider need not wait for three jobs: {made:?}");
}

#[test]
fn a_provider_has_room_for_so_many_jobs_and_rows() {
    let mut world = World::new();
    let bulk = "runbulk bulkcommand=setdepartment userid=1 department=Sales";
    for _ in 0..50 {
        world.call(bulk).done();
    }
    let full = "Invalid Request: 50 jobs of DEMO have not ended, and there may be no more: wait for one, or end one \
                with canceljob";
    world.call(bulk).refused(Code::InvalidRequest).says(full);
    let piece = "importusers csv='username,email\nannette,annette@example.com'";
    let import = &format!("{piece} last=true");
    world.call(import).refused(Code::InvalidRequest).says(full);
    begun(&world.service("shop"), "shopper");
    world.call("canceljob job=7").done();
    world.call(piece).done();
    world.call(import).refused(Code::InvalidRequest).says(full);
    world.work();
    set(&mut world, "UPDATE jobs SET total = 1000000 WHERE complete = 0");
    let reply = world.call("importusers csv='username,email\nanne,anne@example.com' job=52");
    assert!(
        reply.refused(Code::InvalidRequest).text("message").contains("1000000 rows of the jobs of DEMO wait")
    );
    world.call(bulk).refused(Code::InvalidRequest);
}

#[test]
fn the_depots_of_a_cancelled_license_are_released_after_the_call_by_the_server_itself() {
    let mut world = World::new();
    carol(&world);
    let key = world
        .call("createlicensewithoutuser productname=server type=permanent featurevalue=32 limit=500")
        .done()
        .text("licensekey");
    world.call(&format!("createdepot username=carol hosturl=https://h.example.com licensekey={key}")).done();
    set(
        &mut world,
        "INSERT INTO depots SELECT 1000 + n, providerid, hosturl, ownerid, storagelimit, storageused, trafficlimit,
         trafficused, status, licenseid, created FROM depots JOIN
         (WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 300) SELECT n FROM n)
         WHERE licenseid IS NOT NULL",
    );
    set(&mut world, "UPDATE licenses SET used = 301 WHERE product = 'server'");
    let own = world.person("carol", "");
    let job = own.ask("cancellicense", &format!("licensekey={key}")).done().number("job");
    let used = || world.call(&format!("getlicensedata licensekey={key}")).done().number("used");
    assert_eq!(used(), 301);
    world.call("disableuser username=carol").done();
    world.work();
    let done = world.call(&format!("getjob job={job}")).done();
    assert_eq!((done.text("state"), done.number("total"), done.number("updated")), ("done".into(), 301, 301));
    assert_eq!(used(), 0);
    let left =
        world.dump().into_iter().filter(|row| row.starts_with("audit: ") && row.contains("task:licenses"));
    assert_eq!(left.count(), 301);
}
