//! Whoever has no API access sees and changes nobody's data but their own, and that of the members whom they manage,
//! whatever stands in the fields.
//!
//! Two equal worlds are asked the same, but where the one hears of what somebody else has, the other hears of
//! what nobody has. Not a byte may differ.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use regserver::access::Class;
use regserver::command::Entry;
use regserver::commands;

use crate::world::{Party, STRANGE, World};

/// A value as the one and the other world hear it.
#[derive(Debug, Clone, Copy)]
struct Pair(&'static str, &'static str);

/// What is somebody else's, and what is nobody's.
const FOREIGN: [Pair; 17] = [
    Pair("qqforeign", "qqnobodys"),
    Pair("QQFOREIGN", "QQNOBODYS"),
    Pair("qqforeign@example.com", "qqnobodys@example.com"),
    Pair("sheila", "shelly"),
    Pair("sheila@example.org", "shelly@example.org"),
    Pair("bruno", "brunno"),
    Pair("QQFOREIGN-REFERENCE", "QQNOBODYS-REFERENCE"),
    Pair("QQFOREIGN-AUTHID", "QQNOBODYS-AUTHID"),
    Pair("auth-b", "auth-c"),
    Pair("qqforeign*", "qqnobodys*"),
    Pair("2", "4711"),
    Pair("2,3", "4711,4712"),
    Pair("rk-foreign", "rk-nobodys"),
    Pair("shop", "shoe"),
    Pair("DEMO-2322-8118-9271", "DEMO-0000-0000-0000"),
    Pair("QQFOREIGN-GROUP", "QQNOBODYS-GROUP"),
    Pair("DEMO-THEM-0001", "DEMO-NONE-0001"),
];

/// What both hear alike: alice's own, minna's, who belongs to the account that alice manages, and what is nobody's name.
const COMMON: [&str; 29] = [
    "own-site",
    "alice",
    "alice@example.com",
    "minna",
    "minna@example.com",
    "DEMO-MINE-0001",
    "DEMO-1111-1111-1111",
    "wonder-2026",
    "sekret-5678",
    "1",
    "3",
    "1,3",
    "all",
    "true",
    "$false",
    "basic",
    "users:view,devices:modify",
    "192.0.2.44",
    "linux",
    "5.0.1",
    "de",
    "12/31/2026",
    "once-and-again",
    "*",
    "[]",
    "-1",
    "9223372036854775807",
    "",
    "DEMO",
];

/// Both worlds: alice has a device, a key and a session of number 1, and somebody else those of number 2.
fn worlds() -> [World; 2] {
    std::array::from_fn(|_| {
        let mut world = World::with(|config| {
            config.provider("DEMO", "CLIENT/EXT_USER_REFERENCE_UNIQUE", "True");
        });
        for line in [
            "registerdevice username=alice devicename=Laptop platform=linux version=5.0.1",
            "createdepot username=alice hosturl=https://alice.example.com",
            "createapikey username=alice kind=basic",
            "createsession username=alice IP=192.0.2.44",
            "registeruser username=qqforeign useremail=qqforeign@example.com password=sekret-1234 activate=true \
             reference=QQFOREIGN-REFERENCE authid=QQFOREIGN-AUTHID department=QQFOREIGN-DEPARTMENT",
            "registerdevice username=qqforeign devicename=QQFOREIGN-DEVICE platform=linux version=QQFOREIGN-5",
            "createdepot username=qqforeign hosturl=https://qqforeign.example.com",
            "createapikey username=qqforeign kind=basic label=QQFOREIGN-LABEL",
            "createsession username=qqforeign IP=192.0.2.99",
            "createsite sitename=own-site",
            "createsite sitename=qqforeign code=ACME",
            "creategroup username=alice groupname=Own groupreference=alices-group",
            "userjoinedgroup username=alice groupreference=alices-group",
            "creategroup username=qqforeign groupname=QQFOREIGN groupreference=QQFOREIGN-GROUP",
            "userjoinedgroup username=qqforeign groupreference=QQFOREIGN-GROUP",
        ] {
            world.call(line).done();
        }
        let [mine, theirs] = ["Company", "QQFOREIGN-COMPANY"].map(|name| {
            world
                .call(&format!("createaccount accountname={name} accountcode=AAAA"))
                .done()
                .text("accountkey")
        });
        for line in [
            format!(
                "registeruser username=minna useremail=minna@example.com activate=true accountkey={mine}"
            ),
            format!("addaccountmanager username=alice accountkey={mine}"),
            format!("addusertoaccount username=qqforeign accountkey={theirs}"),
            format!("addaccountmanager username=qqforeign accountkey={theirs}"),
        ] {
            world.call(&line).done();
        }
        // Keys have names by chance; these have names that stand out.
        crate::world::set(
            &mut world,
            "UPDATE api_keys SET name = 'rk-foreign' WHERE id = 2;
             UPDATE accounts SET accountkey = 'DEMO-MINE-0001' WHERE id = 1;
             UPDATE accounts SET accountkey = 'DEMO-THEM-0001' WHERE id = 2;
             UPDATE licenses SET licensekey = 'DEMO-2322-8118-9271'
                WHERE holderid = (SELECT id FROM users WHERE username = 'qqforeign');
             UPDATE licenses SET licensekey = 'DEMO-1111-1111-1111'
                WHERE holderid = (SELECT id FROM users WHERE username = 'minna');
             UPDATE licenses SET seats = 9;
             INSERT INTO depots (providerid, hosturl, ownerid, storagelimit, storageused, trafficlimit, trafficused, status,
                created) SELECT 1, 'https://depot.example.com', id, 1, 0, 0, 0, 'active', 0 FROM users
                WHERE username IN ('alice', 'qqforeign') ORDER BY id;",
        );
        world
    })
}

/// The commands with a class that is about one's own, and createsession, where no password is shown. Who registers users
/// learns which names are taken.
fn restricted() -> Vec<&'static str> {
    let restricted =
        |entry: &&Entry| matches!(entry.class, Class::Restricted(_)) && entry.name != "registeruser";
    let entries = commands::all().filter(|entry| restricted(entry) || entry.name == "createsession");
    entries.map(|entry| entry.name).collect()
}

fn value() -> impl Strategy<Value = Pair> {
    prop_oneof![3 => select(&FOREIGN[..]), 4 => select(&COMMON[..]).prop_map(|text| Pair(text, text))]
}

/// A call: the command, its fields, which caller asks, and over which wire.
#[derive(Debug, Clone)]
struct Call {
    entry: &'static str,
    fields: Vec<(String, Pair)>,
    by_session: bool,
    over_xml: bool,
}

fn call() -> impl Strategy<Value = Call> {
    let names = |entry: &Entry| -> Vec<String> {
        let own = commands::fields_of(entry).iter();
        let own = own.flat_map(|field| field.aliases.iter().chain([&field.name]).cloned());
        own.chain(["idempotencykey", "distributor"].map(str::to_owned)).collect()
    };
    select(restricted()).prop_flat_map(move |command| {
        let entry = commands::find(command).unwrap();
        let required = commands::fields_of(entry).iter().filter(|field| field.required);
        let needed: Vec<_> = required.map(|field| (Just(field.name.clone()), fitting(&field.name))).collect();
        let whom = (
            select(&["username", "useroremail", "reference", "authid"][..]).prop_map(str::to_owned),
            value(),
        );
        let whom = proptest::option::weighted(0.8, whom);
        let more = vec((select(names(entry)), value()), 0..3);
        // Half of them show the current password, else nothing behind it is ever reached.
        let password =
            proptest::option::of(Just(("password".to_owned(), Pair("wonder-2026", "wonder-2026"))));
        (needed, whom, more, password, any::<bool>(), any::<bool>()).prop_map(
            move |(needed, whom, more, password, by_session, over_xml)| {
                let password =
                    password.filter(|_| !["createsession", "requestuserdeletion"].contains(&entry.name));
                let fields = whom.into_iter().chain(needed).chain(password).chain(more).collect();
                Call { entry: entry.name, fields, by_session, over_xml }
            },
        )
    })
}

/// A value for a field that is needed; mostly one that can be read.
fn fitting(field: &str) -> BoxedStrategy<Pair> {
    let usual: &'static [&'static str] = match field {
        "kind" => &["basic"],
        "platform" => &["linux"],
        "language" => &["de", "en"],
        "accountkey" => &["DEMO-MINE-0001"],
        "newpassword" => &["wonder-2026"],
        "newemail" => &["caroline@example.com"],
        _ => return value().boxed(),
    };
    prop_oneof![3 => select(usual).prop_map(|text| Pair(text, text)), 2 => value()].boxed()
}

/// The callers: alice by a key, and by a session that her password opened.
fn callers(world: &World) -> [Party<'_>; 2] {
    [world.person("alice", ""), world.stranger().session("username=alice password=wonder-2026", STRANGE)]
}

/// What is said and written, without the values that were sent, which the two worlds may repeat.
fn without(text: &str, sent: &[&str]) -> String {
    let mut text = text.to_lowercase();
    for value in sent.iter().filter(|value| value.len() > 3) {
        text = text.replace(&value.to_lowercase(), "@");
    }
    text
}

/// The rows that are not alice's. The index of the search changes with its neighbours; audit and outbox tell
/// of her own doings.
fn others(world: &World) -> Vec<String> {
    let alices = |row: &String| {
        let (table, columns) = row.split_once(": ").unwrap();
        let columns: Vec<&str> = columns.split(" | ").collect();
        match table {
            "users" => ["1", "6"].contains(&columns[0]),
            "second_factors" => columns[0] == "1",
            "accounts" | "account_managers" => columns[0] == "1",
            "devices" => ["1", "6"].contains(&columns[1]),
            "api_keys" | "codes" => columns[1] == "1",
            "sessions" => columns[2] == "1",
            "site_users" => columns[0] == "1",
            "licenses" | "depots" | "depot_users" | "services" | "providers" | "settings" => false,
            _ => true,
        }
    };
    world.dump().into_iter().filter(|row| !alices(row)).collect()
}

/// Asks both worlds; what they say must be the same, and nothing in it anybody else's.
fn asked(parties: &[[Party<'_>; 2]; 2], call: &Call) {
    let ask = |world: usize| {
        // Behind which row a page begins names nobody.
        let text = |(name, pair): &(String, Pair)| match world == 0 || name.starts_with("start") {
            true => pair.0,
            false => pair.1,
        };
        let sent: Vec<&str> = call.fields.iter().map(text).collect();
        let fields = call.fields.iter().map(|field| format!("{}='{}'", field.0, text(field)));
        let fields: Vec<String> = fields.collect();
        let party = parties[world][usize::from(call.by_session)].clone();
        let party = if call.over_xml { party.over_xml() } else { party };
        let reply = party.ask(call.entry, &fields.join(" "));
        (reply.answer.status, without(reply.body(), &sent))
    };
    let (existing, missing) = (ask(0), ask(1));
    assert_eq!(existing, missing, "{call:?}");
    assert!(!existing.1.contains("foreign"), "{call:?}: {}", existing.1);
}

#[test]
fn whoever_has_no_api_access_sees_and_changes_nobody_else() {
    let settings = ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() };
    proptest!(settings, |(calls in vec(call(), 60))| {
        let worlds = worlds();
        let before = others(&worlds[0]);
        assert!(before.iter().any(|row| row.contains("QQFOREIGN-DEVICE")));
        let parties = [callers(&worlds[0]), callers(&worlds[1])];
        for call in &calls {
            asked(&parties, call);
        }
        super::unchanged(&before, &others(&worlds[0]), "somebody else");
        let to_others = |mail: &crate::world::Mail| mail.recipient == "qqforeign@example.com";
        assert!(!worlds[0].mails().iter().any(to_others));
    });
}

/// So that the law above does not hold because nothing it asks ever succeeds.
#[test]
fn what_is_asked_there_reaches_alices_own() {
    let [world, _] = worlds();
    let [key, session] = callers(&world);
    key.ask("getuserdata", "username=alice").done();
    key.ask("activateclient", "username=alice deviceid=1").done();
    key.ask("getdefaultdepotdata", "username=alice").done();
    key.ask("getuserdata", "username=minna").done();
    key.ask("setaccountlicense", "accountkey=DEMO-MINE-0001 licensekey=DEMO-1111-1111-1111").done();
    key.ask("setaccountdepot", "accountkey=DEMO-MINE-0001 depotid=1").done();
    key.ask("addaccountmanager", "accountkey=DEMO-MINE-0001 username=minna").done();
    key.ask("getaccountdata", "accountkey=DEMO-MINE-0001").done();
    session.ask("authorisesite", "username=alice site=own-site").done();
    key.ask("revokesite", "username=alice site=own-site").done();
    key.ask("revokeapikey", "keyid=1").done();
    session.ask("endsession", "sessionid=1").done();
    session.ask("createapikey", "username=alice kind=basic password=wonder-2026").done();
    session.ask("setemail", "username=alice newemail=caroline@example.com password=wonder-2026").done();
}

#[test]
fn the_right_to_ask_for_an_address_does_not_tell_whose_it_is() {
    let [world, _] = worlds();
    let ask = |party: &Party<'_>, address: &str| {
        party.ask("setemail", &format!("username=alice newemail={address} password=wonder-2026"))
    };
    let [key, _] = callers(&world);
    let (taken, free) =
        (ask(&key, "qqforeign@example.com").done(), ask(&key, "qqnobodys@example.com").done());
    assert_eq!(taken.body(), free.body());
    // Both say it to alice's old address, and only the one that is free gets a code.
    let sent: Vec<(String, String)> =
        world.mails().into_iter().map(|mail| (mail.recipient, mail.template)).collect();
    let expected = [
        ("alice@example.com", "emailchangedtoold"),
        ("alice@example.com", "emailchangedtoold"),
        ("qqnobodys@example.com", "emailchangedtonew"),
    ];
    let newest: Vec<(&str, &str)> =
        sent[sent.len() - 3..].iter().map(|(to, template)| (to.as_str(), template.as_str())).collect();
    assert_eq!(newest, expected);
    // Whoever has API access sees all addresses anyway.
    world.call("grantright username=alice right=API-ACCESS").done();
    ask(&key, "qqforeign@example.com").plainly(regserver::error::Code::EmailExists);
}
