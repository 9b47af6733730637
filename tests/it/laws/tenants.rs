//! Another provider's users are unknown, whatever they are called by and whatever is asked.

use regserver::cli::notation;
use regserver::command::Entry;
use regserver::commands;
use regserver::error::Code;

use super::{ID, success, takes_id};
use crate::world::World;

const ELSEWHERE: &str = "https://demo.example.com/";

/// The example's fields about another user.
fn about(entry: &Entry, id: &str) -> String {
    let fields = notation::fields(success(entry).call).unwrap();
    let others = fields.into_iter().filter(|(name, _)| !ID.contains(&name.as_str()));
    let mut text = id.to_owned();
    for (name, value) in others {
        text.push_str(&format!(" {name}='{}'", value.replace("{code}", "0000000000")));
    }
    text
}

fn with_id() -> impl Iterator<Item = &'static Entry> {
    commands::all().filter(|entry| takes_id(entry))
}

#[test]
fn there_are_commands_about_users() {
    assert!(with_id().count() >= 5);
}

#[test]
fn another_providers_users_are_unknown() {
    let world = World::new();
    let before = world.dump();
    for entry in with_id() {
        for id in ["username=alice", "username=ALICE", "useroremail=alice", "useroremail=alice@example.com"] {
            world.service("shop").ask(entry.name, &about(entry, id)).plainly(Code::UserUnknown);
        }
        // BETA is managed by ACME, but nobody may name another provider here.
        world.service("shop").ask(entry.name, &about(entry, "username=bruno")).plainly(Code::UserUnknown);
        world.service("portal").ask(entry.name, &about(entry, "authid=auth-b")).plainly(Code::UserUnknown);
        world.service("portal").ask(entry.name, &about(entry, "username=nobody")).plainly(Code::UserUnknown);
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn a_provider_can_say_where_its_users_are() {
    let world = World::with(|config| {
        config.provider("DEMO", "API/API_REDIRECT", ELSEWHERE);
    });
    let before = world.dump();
    for entry in with_id() {
        for id in ["username=alice", "useroremail=alice@example.com"] {
            let reply = world.service("shop").ask(entry.name, &about(entry, id));
            reply.refused(Code::Redirect).says(ELSEWHERE).second("");
        }
        world.service("shop").ask(entry.name, &about(entry, "username=nobody")).plainly(Code::UserUnknown);
        world.service("portal").ask(entry.name, &about(entry, "username=bruno")).plainly(Code::UserUnknown);
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn an_isolated_address_is_not_found_from_elsewhere() {
    let world = World::with(|config| {
        config.provider("DEMO", "API/API_REDIRECT", ELSEWHERE);
        config.provider("DEMO", "CLIENT/ISOLATED_EMAIL_SCOPE", "True");
    });
    for entry in with_id() {
        let fields = about(entry, "useroremail=alice@example.com");
        world.service("shop").ask(entry.name, &fields).plainly(Code::UserUnknown);
    }
}

#[test]
fn a_manager_and_the_default_provider_act_for_others_where_that_is_allowed() {
    for entry in with_id() {
        // Each in a world of its own: one of the commands removes the user.
        for service in ["shop", "portal", "branch"] {
            let world = World::with(|config| {
                config.server("APIAllowSettingDistributor", "True");
            });
            let reply = world.service(service).ask(entry.name, &about(entry, "username=bruno"));
            assert_ne!(reply.code(), Some(Code::UserUnknown as i64), "{} by {service}", entry.name);
        }
        let world = World::with(|config| {
            config.server("APIAllowSettingDistributor", "True");
        });
        // Managing goes down one step: never up, never to the side.
        for user in ["sheila", "alice"] {
            let fields = about(entry, &format!("username={user}"));
            world.service("branch").ask(entry.name, &fields).plainly(Code::UserUnknown);
        }
    }
}

#[test]
fn exactly_one_identification_is_needed() {
    let world = World::new();
    for entry in with_id() {
        // Where a license may be named in place of a user, the message names its fields too.
        let none = match entry.name {
            "getlicensedata" => {
                "one of username, useroremail, reference, authid, licensekey, licensereference is needed"
            }
            "getgroupdata" => {
                "one of groupreference, groupid, username, useroremail, reference, authid is needed"
            }
            "inviteusertogroup" => "one of username, useroremail, reference, authid, email is needed",
            _ => "one of username, useroremail, reference, authid is needed",
        };
        let none = format!("Invalid Request: {none}");
        world.service("portal").ask(entry.name, &about(entry, "")).refused(Code::InvalidRequest).says(&none);
        let two = "Invalid Request: only one of username, useroremail, reference, authid may be given";
        let fields = about(entry, "username=alice authid=1");
        world.service("portal").ask(entry.name, &fields).refused(Code::InvalidRequest).says(two);
        let fields = about(entry, "reference=S-1");
        let detail = "Invalid Request: reference identifies a user only where CLIENT/EXT_USER_REFERENCE_UNIQUE is True";
        world.service("shop").ask(entry.name, &fields).refused(Code::InvalidRequest).says(detail);
    }
}
