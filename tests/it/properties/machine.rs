//! Random calls against the real program, and against a model of a provider in a few maps: after each call the
//! answers agree, and what the program shows of users, licences, groups, accounts and depots is what the model has.

mod model;
mod steps;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use self::model::{Account, Given, License, Model, User};
use self::steps::{Made, NAMES};
use super::settings;
use crate::world::{Reply, World};

/// How often the whole of both is compared, beside the end.
const EVERY: usize = 12;

/// How many commands there are among the steps.
const COMMANDS: usize = 37;

/// A provider without users, and how users get a licence there without asking.
fn begin(given: u8) -> (World, Model) {
    let mut world = World::with(|config| {
        config.provider("DEMO", "API/API_CREATE_DEFAULT_LICENSE", if given == 1 { "True" } else { "False" });
    });
    for name in ["alice", "edgar"] {
        world.call(&format!("removeuser username={name} deletelicense=1")).done();
    }
    let mut model = Model {
        given: if given == 1 { Given::Own } else { Given::Nothing },
        users: BTreeMap::new(),
        licenses: BTreeMap::new(),
        groups: BTreeMap::new(),
        accounts: BTreeMap::new(),
        depots: BTreeMap::new(),
        waiting: Vec::new(),
        born: 0,
    };
    if given == 2 {
        let made = "createlicensewithoutuser productname=client type=yearly featurevalue=banner limit=2";
        let key = world.call(made).done().text("licensekey");
        steps::created(made, &key, &mut model);
        world.reconfigure(|config| {
            config.provider("DEMO", "API/API_CREATE_DEFAULT_LICENSE", "True");
            config.provider("DEMO", "LICENSE/DEFAULT_LICENSEKEY", &key);
        });
        model.given = Given::Shared(key);
    }
    (world, model)
}

/// Takes over what only the program can know: the keys and numbers that it has drawn.
fn learn(world: &World, model: &mut Model, made: &Made, reply: &Reply) {
    if made.outcome.is_err() {
        return;
    }
    match made.line.split(' ').next().unwrap() {
        "createlicense" | "createlicensewithoutuser" => {
            steps::created(&made.line, &reply.text("licensekey"), model);
        }
        "createaccount" => {
            model.accounts.insert(reply.text("accountkey"), Account::default());
        }
        "createdepot" => steps::placed(&made.line, reply.number("depotid"), model),
        _ => {}
    }
    for name in std::mem::take(&mut model.waiting) {
        let key = world.call(&format!("getdefaultlicense username={name}")).done().text("licensekey");
        let new = License { server: false, limit: 1, status: "active", holder: Some(name.clone()) };
        model.licenses.insert(key.clone(), new);
        model.users.get_mut(&name).unwrap().own = Some(key);
    }
}

/// The texts of a reply as pairs, one for each of its parts.
fn column(reply: &Reply, name: &str, other: &str) -> Vec<(String, String)> {
    reply.texts(name).into_iter().zip(reply.texts(other)).collect()
}

/// What the program shows of everything is what the model has.
fn compare(world: &World, model: &Model) {
    for (key, license) in &model.licenses {
        let shown = world.call(&format!("getlicensedata licensekey={key}")).done();
        assert_eq!(shown.number("used"), model.used(key), "{key}");
        assert_eq!(shown.number("limit"), license.limit, "{key}");
        assert_eq!(shown.text("status"), license.status, "{key}");
        assert_eq!(shown.text("holder"), license.holder.clone().unwrap_or_default(), "{key}");
    }
    for name in NAMES {
        match model.users.get(name) {
            Some(user) => compare_user(world, name, user),
            None => assert_eq!(world.call(&format!("getuserdata username={name}")).code(), Some(-30100)),
        }
    }
    for (reference, group) in &model.groups {
        let shown = world.call(&format!("getgroupdata groupreference={reference}")).done();
        let members = model.users.values().filter(|user| user.group.as_ref() == Some(reference)).count();
        assert_eq!(shown.text("membercount"), members.to_string(), "{reference}");
        assert_eq!(shown.text("manager"), group.manager.clone().unwrap_or_default(), "{reference}");
        assert_eq!(shown.find("licensekey"), group.license, "{reference}");
        assert_eq!(shown.find("depotid"), group.depot.map(|id| id.to_string()), "{reference}");
    }
}

fn compare_user(world: &World, name: &str, user: &User) {
    let shown = world.call(&format!("getuserdata username={name}")).done();
    assert_eq!(shown.text("accountkey"), user.account.clone().unwrap_or_default(), "{name}");
    assert_eq!(shown.find("groupreference"), user.group, "{name}");
    let default = world.call(&format!("getdefaultlicense username={name}"));
    assert_eq!(default.find("licensekey"), user.own, "{name}");
    let devices = world.call(&format!("getdevices username={name}")).done();
    let own = user.device.clone().flatten();
    assert_eq!(
        devices.find("licensekey").filter(|key| !key.is_empty()),
        own.or(user.device.clone().and(user.own.clone())),
        "{name}"
    );
    let depots = world.call(&format!("getdefaultdepotdata username={name}"));
    let mut shown = column(&depots, "depotid", "isdefault");
    shown.sort();
    let mut used: Vec<(String, String)> =
        user.depots.iter().map(|(id, default)| (id.to_string(), default.to_string())).collect();
    used.sort();
    assert_eq!(shown, used, "{name}");
}

#[test]
fn every_answer_is_the_models() {
    let step = (any::<u8>(), any::<usize>(), any::<usize>(), any::<usize>(), any::<u8>());
    let done = RefCell::new(BTreeMap::<String, usize>::new());
    proptest!(settings(100), |(steps in vec(step, 60..160), given in 0..3u8)| {
        let (world, mut model) = begin(given);
        for (at, step) in steps.iter().enumerate() {
            let made = steps::make(step, &mut model);
            let reply = world.call(&made.line);
            let expected = made.outcome.err().map(|code| code as i64);
            assert_eq!(reply.code(), expected, "{}: {}", made.line, reply.body());
            if expected.is_none() {
                *done.borrow_mut().entry(made.line.split(' ').next().unwrap().to_owned()).or_default() += 1;
            }
            learn(&world, &mut model, &made, &reply);
            if at % EVERY == EVERY - 1 {
                compare(&world, &model);
            }
        }
        compare(&world, &model);
    });
    // What is never done proves nothing.
    let done = done.into_inner();
    assert_eq!(done.len(), COMMANDS, "{done:?}");
}
