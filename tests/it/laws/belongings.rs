//! What belongs to another provider is answered like what nobody has: users, devices, depots, keys,
//! sessions, services, groups, company accounts, codes; to services, to keys and to sessions alike.

use regserver::access::Class;
use regserver::cli::notation;
use regserver::command::Entry;
use regserver::commands;
use regserver::error::Code;

use super::{ID, class_of, fields, rows, success, takes_id, unchanged};
use crate::world::{Party, STRANGE, World};

/// A field that names a thing, the other provider's one, one that nobody has, and the refusal.
const THINGS: [(&str, &str, &str, Option<Code>); 13] = [
    ("site", "of-alice", "of-nobody", Some(Code::SiteUnknown)),
    ("deviceid", "1", "4711", Some(Code::DeviceUnknown)),
    ("depotid", "1", "4711", Some(Code::DepotUnknown)),
    ("keyid", "1", "4711", Some(Code::ApiKeyUnknown)),
    ("key", "rk-foreign", "rk-nobodys", Some(Code::ApiKeyUnknown)),
    ("sessionid", "1", "4711", Some(Code::SessionUnknown)),
    ("serviceid", "1", "4711", Some(Code::ServiceUnknown)),
    ("servicename", "portal", "porter", Some(Code::ServiceUnknown)),
    ("groupid", "1", "4711", Some(Code::GroupUnknown)),
    ("groupreference", "of-alice", "of-nobody", Some(Code::GroupUnknown)),
    ("accountkey", "DEMO-THEM-0001", "DEMO-NONE-0001", Some(Code::AccountUnknown)),
    ("job", "1", "4711", Some(Code::JobUnknown)),
    // Lists of users leave unknown ones out.
    ("userid", "1", "4711", None),
];

/// Each command that is asked with those fields, and what it answers to a thing that nobody has; a search
/// finds nothing, and a new service has a name that must be nobody's.
fn unknown(entry: &Entry, code: Option<Code>) -> Option<Code> {
    if entry.name.starts_with("search") { None } else { code }
}

/// Two providers: alice of DEMO has everything of number 1, sheila of ACME everything of number 2.
fn world(redirect: bool) -> World {
    let mut world = World::with(|config| {
        if redirect {
            config.provider("DEMO", "API/API_REDIRECT", "https://demo.example.com/");
        }
    });
    for (service, user) in [("portal", "alice"), ("shop", "sheila")] {
        let service = world.service(service);
        service.ask("registerdevice", &format!("username={user} devicename=Laptop platform=linux")).done();
        service.ask("createdepot", &format!("username={user} hosturl=https://h.example.com")).done();
        service.ask("createapikey", &format!("username={user} kind=basic")).done();
        service
            .ask("createservice", &format!("servicename=of-{user} addresses=192.0.2.{}", user.len()))
            .done();
        let group = format!("username={user} groupname=Team groupreference=of-{user}");
        service.ask("creategroup", &group).done();
        service.ask("userjoinedgroup", &format!("username={user} groupreference=of-{user}")).done();
        service.ask("createaccount", "accountname=Company accountcode=COMP").done();
        let csv = format!("csv='username;email\nnew-{user};new-{user}@example.com'");
        service.ask("importusers", &csv).done();
    }
    for (user, provider) in [("alice", "DEMO"), ("sheila", "ACME")] {
        world.call(&format!("createsite sitename=of-{user} code={provider}")).done();
    }
    // Where one thing is another's, the others of the example are sheila's own.
    world.service("shop").ask("creategroup", "username=sheila groupname=Team groupreference=north").done();
    for right in ["API-ACCESS", "EDIT-PROVIDER"] {
        world.service("shop").ask("grantright", &format!("username=sheila right={right}")).done();
    }
    world.service("portal").session("username=alice", "192.0.2.44");
    world.service("shop").session("username=sheila", "192.0.2.44");
    let names = "UPDATE api_keys SET name = 'rk-foreign' WHERE id = 1;
                 UPDATE accounts SET accountkey = 'DEMO-THEM-0001' WHERE id = 1;
                 UPDATE accounts SET accountkey = 'ACME-OURS-0001' WHERE id = 2;";
    crate::world::set(&mut world, names);
    world
}

/// ACME's callers.
fn callers(world: &World) -> Vec<Party<'_>> {
    let (shop, sheila) = (world.service("shop"), world.person("sheila", ""));
    let by_service = shop.session("username=sheila", STRANGE);
    let by_password =
        world.stranger().session("username=sheila password=queen-2026 distributor=ACME", STRANGE);
    vec![shop.clone(), shop.over_json(), sheila.clone(), sheila.over_xml(), by_service, by_password]
}

/// The example's fields about sheila, with that field in place of those that name the same thing.
fn naming(entry: &Entry, field: &str, value: &str) -> String {
    let same = |name: &str| match field {
        "keyid" | "key" => matches!(name, "keyid" | "key"),
        "serviceid" | "servicename" => matches!(name, "serviceid" | "servicename"),
        "groupid" | "groupreference" => matches!(name, "groupid" | "groupreference"),
        _ => name == field || (field == "deviceid" && name == "all"),
    };
    let example = notation::fields(success(entry).call).unwrap();
    let kept = example.into_iter().filter(|(name, _)| !same(name) && !ID.contains(&name.as_str()));
    // The number in an account's key is drawn, so the example's is nobody's here.
    let ours =
        |name: &str, value: String| if name == "accountkey" { "ACME-OURS-0001".to_owned() } else { value };
    let kept = kept.map(|(name, value)| format!(" {name}='{}'", ours(&name, value)));
    let kept: Vec<String> = kept.collect();
    // A group is named by itself or by a user, not by both.
    let either = entry.name == "getgroupdata" && field.starts_with("group");
    let whom = if takes_id(entry) && !either { " username=sheila" } else { "" };
    format!("{field}={value}{whom}{}", kept.concat())
}

#[test]
fn what_another_provider_has_is_answered_like_what_nobody_has() {
    let mut count = 0;
    for redirect in [false, true] {
        let world = world(redirect);
        let callers = callers(&world);
        let before = rows(&world);
        // What is new may have the name of what somebody else has, a job is begun whatever the others have, and who may
        // authorise a site at all is asked first.
        let new = ["createservice", "creategroup", "runbulk", "authorisesite"];
        for entry in commands::all().filter(|entry| !new.contains(&entry.name)) {
            for (field, other, nobodys, code) in THINGS {
                if !fields(entry).any(|known| known.name == field) {
                    continue;
                }
                for caller in &callers {
                    let reply = caller.ask(entry.name, &naming(entry, field, other));
                    let expected = caller.ask(entry.name, &naming(entry, field, nobodys));
                    assert_eq!(reply.body(), expected.body(), "{} {field}", entry.name);
                    match unknown(entry, code) {
                        Some(code) => drop(reply.plainly(code)),
                        None => assert!(!reply.done().body().contains("alice")),
                    }
                    count += 1;
                }
            }
        }
        unchanged(&before, &rows(&world), "what is another's");
    }
    assert!(count > 150, "{count}");
}

#[test]
fn what_is_ones_own_is_found() {
    // So that the law above does not hold because nothing is ever found.
    for (command, fields) in [
        ("touchdevice", "username=sheila deviceid=2"),
        ("getdepotdata", "depotid=2"),
        ("revokeapikey", "keyid=2"),
        ("endsession", "sessionid=2"),
        ("showservicekey", "servicename=of-sheila"),
        ("getusers", "userid=3"),
        ("getgroupdata", "groupid=2"),
        ("setgroupclientsettings", "groupreference=of-sheila clientsettings=a=b"),
        ("getaccountdata", "accountkey=ACME-OURS-0001"),
    ] {
        let world = world(false);
        assert!(world.service("shop").ask(command, fields).done().body().len() > 80, "{command}");
    }
}

#[test]
fn people_with_api_access_find_no_other_providers_users_and_are_not_sent_elsewhere() {
    for redirect in [false, true] {
        let world = world(redirect);
        let callers = callers(&world);
        let before = rows(&world);
        for entry in commands::all().filter(|entry| takes_id(entry)) {
            let about = |id: &str| {
                let fields = naming(entry, "randtoken", "1").replace("username=sheila", id);
                fields.replace("{code}", "x")
            };
            if class_of(entry, &about("")) == Class::Public {
                continue;
            }
            for caller in &callers[2..] {
                for id in
                    ["username=alice", "useroremail=alice@example.com", "username=bruno", "authid=auth-b"]
                {
                    caller.ask(entry.name, &about(id)).plainly(Code::UserUnknown);
                }
                caller.ask(entry.name, &about("username=nobody")).plainly(Code::UserUnknown);
            }
        }
        unchanged(&before, &rows(&world), "what is another's");
    }
}

/// A code of each kind that a user of DEMO was sent.
fn codes(world: &World) -> [String; 4] {
    let code = |call: &str| {
        world.call(call).done();
        world.code()
    };
    [
        code("resendactivation username=edgar"),
        code("setemail username=alice newemail=alicia@example.com"),
        code("requestuserdeletion username=alice"),
        code("inviteusertogroup groupreference=of-alice username=edgar"),
    ]
}

#[test]
fn a_code_of_another_providers_user_is_a_wrong_one() {
    let world = world(true);
    let codes = codes(&world);
    let strangers = [world.stranger().always("distributor=ACME"), world.person("sheila", "")];
    let before = rows(&world);
    let mut count = 0;
    for entry in commands::all().filter(|entry| fields(entry).any(|field| field.name == "activationcode")) {
        for code in &codes {
            let ask =
                |caller: &Party<'_>, code: &str| caller.ask(entry.name, &format!("activationcode={code}"));
            for caller in &strangers {
                assert_eq!(ask(caller, code).body(), ask(caller, "nonsense").body(), "{}", entry.name);
            }
            let reply = ask(&world.service("shop"), code);
            // By its code a service finds the user, and by the user where that one is (`protocol.md` §4).
            if entry.name == "resendactivation" && reply.code() == Some(Code::Redirect as i64) {
                continue;
            }
            assert_eq!(reply.body(), ask(&world.service("shop"), "nonsense").body(), "{}", entry.name);
            count += 1;
        }
    }
    let mails = |row: &String| !row.starts_with("counters: mail:") && !row.starts_with("audit: ");
    let without = |rows: Vec<String>| rows.into_iter().filter(mails).collect::<Vec<_>>();
    unchanged(&without(before), &without(rows(&world)), "a code of another's");
    assert!(count > 10, "{count}");
}
