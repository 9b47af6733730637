//! Nobody gets in without the right, and each is told which right is missing.

use regserver::access::{self, Class, Power, Standing, Tie};
use regserver::cli::notation;
use regserver::commands;
use regserver::error::Code;
use regserver::wire::fields::{Fields, Value};

use super::success;
use crate::world::{Configuration, World};

/// A world with a service that may only call the command named.
fn with_narrow(command: &str) -> World {
    World::with(|config: &mut Configuration| {
        let mut narrow = config.service("kiosk").clone();
        narrow.insert("name".into(), "narrow".into());
        narrow.insert("addresses".into(), vec!["198.51.100.97"].into());
        // What is done for many users needs what each of them needs.
        let commands = match command {
            "runbulk" => vec![command, "setdepartment"],
            "importusers" => vec![command, "registeruser"],
            _ => vec![command],
        };
        narrow.insert("commands".into(), commands.into());
        config.0["service"].as_array_mut().unwrap().push(narrow.into());
    })
}

#[test]
fn a_service_calls_only_what_its_list_allows() {
    let worlds = [with_narrow("getversion"), with_narrow("getuserdata")];
    for entry in commands::all() {
        let world = if entry.name == "getversion" { &worlds[1] } else { &worlds[0] };
        let before = world.dump();
        let reason = format!(
            "Access denied: the service narrow may not call {}; its provider can add it to the allowed commands",
            entry.name
        );
        // The right comes before the fields: without any the refusal is the same.
        for fields in [success(entry).call, "", "limit=x"] {
            let fields = fields.replace("{code}", "code");
            let reply = world.service("narrow").ask(entry.name, &fields);
            reply.refused(Code::AccessDenied).second("-6").says(&reason);
        }
        assert_eq!(world.dump(), before, "{}", entry.name);
    }
}

#[test]
fn a_service_calls_what_its_list_allows() {
    for entry in commands::all() {
        let world = with_narrow(entry.name);
        let example = success(entry);
        for line in example.given {
            world.call(line).done();
        }
        let reply = world.service("narrow").ask(entry.name, example.call);
        // No service says that a site may act for a user.
        if entry.name == "authorisesite" {
            reply.refused(Code::AccessDenied).second("-6");
            continue;
        }
        match access::NEVER_BY_LIST.contains(&entry.name) {
            true => {
                let reason = format!(
                    "Access denied: a service with a list of allowed commands never calls {}",
                    entry.name
                );
                reply.refused(Code::AccessDenied).second("-6").says(&reason);
            }
            false => drop(reply.done()),
        }
    }
}

#[test]
fn the_server_is_the_default_providers_alone() {
    let world = World::new();
    for entry in commands::all() {
        let reply =
            world.service("shop").ask(entry.name, success(entry).call.replace("{code}", "x").as_str());
        let denied = reply.find("secondarycode").as_deref() == Some("-6");
        assert_eq!(denied, entry.class == Class::Server, "{}: {}", entry.name, reply.body());
        if denied {
            let reason = format!(
                "Access denied: {} is for services of the default provider DEMO and for people with the rights \
                 API-ACCESS and SUPER-USER, which its services can grant",
                entry.name
            );
            reply.refused(Code::AccessDenied).says(&reason);
        }
    }
}

#[test]
fn acting_for_the_default_provider_does_not_make_one_of_it() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
        // DEMO is managed by ACME here, so that ACME may act for it.
        config.provider("DEMO", "EMAIL/BRAND_NAME", "x");
        let providers = config.0["provider"].as_array_mut().unwrap();
        providers[0].as_table_mut().unwrap().insert("managed_by".into(), "ACME".into());
    });
    let shop = world.service("shop").always("distributor=DEMO");
    shop.ask("getuserdata", "username=alice").done();
    let reply = shop.ask("setserversetting", "setting=SearchResultsPerPage value=10");
    reply.refused(Code::AccessDenied).second("-6");
}

#[test]
fn a_service_that_is_switched_off_is_nobody() {
    let world = World::new();
    for entry in commands::all() {
        world
            .service("closed")
            .ask(entry.name, &success(entry).call.replace("{code}", "x"))
            .plainly(Code::AccessDenied);
    }
}

/// Every caller that the rule tells apart.
fn standings() -> Vec<(Power, bool, Vec<Tie>)> {
    let ties = [Tie::Own, Tie::HisManager, Tie::Member, Tie::Manager, Tie::AnyManager];
    let subsets = (0..1 << ties.len()).map(|bits: u32| {
        let among = |index: &usize| bits & (1 << index) != 0;
        (0..ties.len()).filter(among).map(|index| ties[index]).collect::<Vec<Tie>>()
    });
    let powers = [Power::Nobody, Power::Own, Power::Full, Power::Provider, Power::Server];
    subsets.flat_map(|ties| powers.map(|power| (power, !ties.is_empty(), ties.clone()))).collect()
}

#[test]
fn a_request_lets_nobody_in_whom_its_command_keeps_out() {
    let (mut narrower, standings) = (0, standings());
    for (entry, example) in super::examples() {
        let given = notation::fields(example.call).unwrap();
        let mut fields = Fields::new();
        given.iter().for_each(|(name, value)| fields.push(name.as_str(), Value::Text(value.as_str().into())));
        let Ok(request) = (entry.parse)(&fields) else { continue };
        let class = request.class();
        narrower += usize::from(class != entry.class);
        for (power, manager, ties) in &standings {
            let standing = Standing { power: *power, manager: *manager, ties };
            let (by_request, by_command) = (class.judge(standing), entry.class.judge(standing));
            assert!(by_request.is_err() || by_command.is_ok(), "{}: {standing:?}", entry.name);
        }
    }
    assert!(narrower > 2, "only {narrower} requests are narrower than their commands");
}
