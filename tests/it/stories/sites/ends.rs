//! Whatever lets a site act for a user, once it ends, ends the site's calls and the sessions that it opened.

use regserver::error::Code;

use super::{acts, turned_away};
use crate::world::{Party, Site, World};

/// A world, the home of carol, another site that carol has authorised, and carol's public key.
fn with_carol(world: &World) -> (Site<'_>, Site<'_>, String) {
    let (home, other) = (world.site("tickets"), world.site("shop"));
    let carol = home.registers("carol");
    other.authorised_by("carol", "sekret-1234");
    (home, other, carol)
}

fn by_call<'w>(site: &Site<'w>, carol: &str) -> Party<'w> {
    site.acting_for(carol)
}

fn by_session<'w>(site: &Site<'w>, carol: &str) -> Party<'w> {
    site.acting_for(carol).session("", "192.0.2.44")
}

/// After that call neither the site nor its sessions act for carol; `other`: not the home, but the other site.
#[track_caller]
fn ends(line: &str, other: bool) {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    let (home, second, carol) = with_carol(&world);
    let site = if other { &second } else { &home };
    let parties = [by_call(site, &carol), by_session(site, &carol)];
    parties.iter().for_each(|party| acts(party, "carol"));
    world.call(line).done();
    parties.iter().for_each(turned_away);
}

#[test]
fn a_site_that_is_disabled_or_deleted() {
    for other in [false, true] {
        let site = if other { "shop" } else { "tickets" };
        ends(&format!("updatesite sitename={site} enabled=$false"), other);
        ends(&format!("deletesite sitename={site}"), other);
    }
}

#[test]
fn a_secret_that_is_replaced_at_once() {
    ends("rotatesitekey sitename=tickets overlap=0", false);
    ends("rotatesitekey sitename=shop overlap=0", true);
}

#[test]
fn a_user_who_is_disabled_deactivated_moved_or_removed() {
    for other in [false, true] {
        ends("disableuser username=carol", other);
        ends("deactivateuser username=carol", other);
        ends("requestuserdeletion username=carol", other);
        ends("setdistributor username=carol newdistributor=ACME", other);
        ends("removeuser username=carol", other);
    }
}

#[test]
fn an_authorisation_that_is_withdrawn() {
    ends("revokesite username=carol site=shop", true);
}

#[test]
fn a_session_does_not_come_back_with_the_authorisation() {
    let world = World::new();
    let (_, other, carol) = with_carol(&world);
    let session = by_session(&other, &carol);
    world.call("revokesite username=carol site=shop").done();
    other.authorised_by("carol", "sekret-1234");
    acts(&other.acting_for(&carol), "carol");
    turned_away(&session);
}

#[test]
fn nor_does_a_site_come_back_with_the_user() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    let (home, other, carol) = with_carol(&world);
    world.call("setdistributor username=carol newdistributor=ACME").done();
    world
        .service("portal")
        .always("distributor=ACME")
        .ask("setdistributor", "username=carol newdistributor=DEMO")
        .done();
    turned_away(&home.acting_for(&carol));
    turned_away(&other.acting_for(&carol));
}

#[test]
fn a_session_ends_with_a_new_password_a_right_and_the_secret_that_opened_it() {
    for line in
        ["setpassword username=carol newpassword=sekret-5678", "revokeright username=carol right=API-ACCESS"]
    {
        let world = World::new();
        let (home, other, carol) = with_carol(&world);
        world.call("grantright username=carol right=API-ACCESS").done();
        let sessions = [by_session(&home, &carol), by_session(&other, &carol)];
        world.call(line).done();
        sessions.iter().for_each(turned_away);
        // The sites themselves go on.
        acts(&home.acting_for(&carol), "carol");
    }
    let world = World::new();
    let (home, _, carol) = with_carol(&world);
    world.call("rotatesitekey sitename=tickets overlap=60").done();
    let session = by_session(&home, &carol);
    world.pass(59);
    acts(&session, "carol");
    world.pass(1);
    turned_away(&session);
}

#[test]
fn enabled_again_it_goes_on() {
    let world = World::new();
    let (home, _, carol) = with_carol(&world);
    world.call("updatesite sitename=tickets enabled=$false").done();
    turned_away(&home.acting_for(&carol));
    home.alone()
        .ask("registeruser", "username=david useremail=d@example.com")
        .turned_away(Code::AccessDenied);
    world.call("updatesite sitename=tickets enabled=$true newname=Events").done();
    acts(&home.acting_for(&carol), "carol");
}

#[test]
fn work_that_a_site_has_asked_for_ends_with_its_right() {
    for (line, state) in [("revokesite username=carol site=shop", "failed"), ("getversion", "done")] {
        let world = World::new();
        let (_, other, carol) = with_carol(&world);
        world.call("grantright username=carol right=API-ACCESS").done();
        world.call("grantright username=carol right=EDIT-PROVIDER").done();
        let fields = "bulkcommand=setdepartment userid=1,2 department=Attic";
        let job = other.acting_for(&carol).ask("runbulk", fields).done().text("job");
        world.call(line).done();
        world.work();
        let reply = world.call(&format!("getjob job={job}")).done();
        assert_eq!(reply.text("state"), state, "{}", reply.body());
    }
}

#[test]
fn what_was_said_to_a_site_that_is_gone_is_thrown_away() {
    let world = World::new();
    let (_, _, _) = with_carol(&world);
    world.call("deletesite sitename=shop").done();
    let left = || world.dump().into_iter().filter(|row| row.starts_with("site_users: ")).count();
    assert_eq!(left(), 1);
    world.api().do_tasks().unwrap();
    assert_eq!(left(), 0);
}
