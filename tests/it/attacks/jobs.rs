//! Long work that should outlive whoever has asked for it.

use regserver::error::Code;

use crate::world::{Party, STRANGE, World};

const BULK: &str = "bulkcommand=setdepartment userid=1,2 department=Attic";

fn grant(world: &World) {
    for right in ["API-ACCESS", "EDIT-PROVIDER"] {
        world.call(&format!("grantright username=carol right={right}")).done();
    }
}

/// A job that `asks` begins as carol, who has the rights for it; after that call it is refused.
#[track_caller]
fn ends<'w>(world: &'w World, asks: &Party<'w>, line: &str) {
    let job = asks.ask("runbulk", BULK).done().text("job");
    world.call(line).done();
    world.work();
    let reply = world.call(&format!("getjob job={job}")).done();
    assert_eq!(reply.text("state"), "failed", "{line}: {}", reply.body());
    assert_eq!(world.call("getuserdata username=alice").done().text("department"), "Support");
}

#[test]
fn work_that_a_site_began_ends_with_it() {
    for line in [
        "deletesite sitename=shop",
        "updatesite sitename=shop enabled=$false",
        "revokesite username=carol site=shop",
        "disableuser username=carol",
        "revokeright username=carol right=EDIT-PROVIDER",
    ] {
        let world = World::new();
        let (home, shop) = (world.site("tickets"), world.site("shop"));
        let carol = home.registers("carol");
        shop.authorised_by("carol", "sekret-1234");
        grant(&world);
        ends(&world, &shop.acting_for(&carol), line);
    }
}

#[test]
fn work_of_a_session_that_a_site_opened_ends_with_the_site() {
    for line in [
        "deletesite sitename=shop",
        "updatesite sitename=shop enabled=$false",
        "revokesite username=carol site=shop",
        "setpassword username=carol newpassword=sekret-5678",
    ] {
        let world = World::new();
        let (home, shop) = (world.site("tickets"), world.site("shop"));
        let carol = home.registers("carol");
        shop.authorised_by("carol", "sekret-1234");
        grant(&world);
        ends(&world, &shop.acting_for(&carol).session("", STRANGE), line);
    }
}

#[test]
fn work_of_a_key_that_signs_ends_with_the_key() {
    for line in
        ["revokeapikey keyid=1", "revokeright username=carol right=API-ACCESS", "disableuser username=carol"]
    {
        let world = World::new();
        world.site("tickets").registers("carol");
        grant(&world);
        ends(&world, &world.signing("carol", ""), line);
    }
}

#[test]
fn a_change_that_waits_is_asked_again() {
    for line in [
        "revokesite username=carol site=shop",
        "deletesite sitename=shop",
        "rotatesitekey sitename=shop overlap=0",
    ] {
        let world = World::new();
        let (home, shop) = (world.site("tickets"), world.site("shop"));
        let carol = home.registers("carol");
        shop.authorised_by("carol", "sekret-1234");
        let waits = shop.acting_for(&carol).begin("setlanguage", "username=carol language=de");
        assert!(waits.waits());
        world.call(line).done();
        waits.end().turned_away(Code::AccessDenied);
        assert_eq!(world.call("getuserdata username=carol").done().text("language"), "en", "{line}");
    }
    let world = World::new();
    let waits = world.signing("alice", "").begin("setlanguage", "username=alice language=de");
    world.call("revokeapikey keyid=1").done();
    waits.end().turned_away(Code::AccessDenied);
}

#[test]
fn a_job_is_not_the_home_site_itself() {
    let world = World::new();
    let (home, _) = (world.site("tickets"), world.site("shop"));
    let carol = home.registers("carol");
    grant(&world);
    let carols = world.call("getuserdata username=carol").done().text("userid");
    for party in
        [home.acting_for(&carol).session("", STRANGE), world.signing("carol", ""), world.service("portal")]
    {
        party.ask("authorisesite", "username=carol site=shop").refused(Code::AccessDenied).second("-6");
        let bulk = format!("bulkcommand=authorisesite userid={carols} site=shop");
        let job = party.ask("runbulk", &bulk).done().text("job");
        world.work();
        let job = world.call(&format!("getjob job={job}")).done();
        assert_eq!((job.text("state"), job.number("refused")), ("done".into(), 1), "{}", job.body());
        assert!(!world.dump().iter().any(|row| row.starts_with("site_users: ")));
    }
}
