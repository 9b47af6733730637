//! What a console shows first: the table of commands, the numbers, and what a configuration would do.

use regserver::commands;
use regserver::error::Code;

use crate::world::{Party, Reply, World};

#[test]
fn the_table_of_commands_is_the_programs_own() {
    let world = World::new();
    let reply = world.service("portal").over_json().ask("getcommands", "").done();
    let reply: serde_json::Value = serde_json::from_str(reply.body()).unwrap();
    let shown = reply["commandlist"]["command"].as_array().unwrap();
    let names: Vec<&str> = shown.iter().map(|command| command["name"].as_str().unwrap()).collect();
    let known: Vec<&str> = commands::all().map(|entry| entry.name).collect();
    assert_eq!(names, known);
    for (command, entry) in shown.iter().zip(commands::all()) {
        assert_eq!(command["class"], entry.class.name());
        assert_eq!(command["field"].as_array().unwrap().len(), commands::fields_of(entry).len());
        assert_eq!(command["code"].as_array().unwrap().len(), entry.refuses.len());
        assert!(!command["about"].as_str().unwrap().is_empty());
    }
    let devices = world.call("getcommands noun=devices").done().texts("noun");
    assert!(devices.len() > 3 && devices.iter().all(|noun| noun == "devices"));
    world.call("getcommands noun=weather").refused(Code::InvalidRequest);
    // Any credential will do, none will not.
    world.person("alice", "").ask("getcommands", "name=loginuser").done();
    assert_eq!(world.stranger().ask("getcommands", "name=loginuser").answer.status, 403);
}

#[test]
fn the_overview_counts_and_lists() {
    let world = World::new();
    world.call("setserversetting setting=RegServerDescription value='in the cellar'").done();
    let license = |day: &str| {
        let fields =
            format!("productname=client type=yearly featurevalue=professional limit=3 validuntil={day}");
        world.call(&format!("createlicensewithoutuser {fields}")).done().text("number")
    };
    let (soon, sooner, late) = (license("01/20/2026"), license("01/10/2026"), license("06/01/2026"));
    let cancelled = license("01/09/2026");
    world.call(&format!("cancellicense licensekey={cancelled}")).done();
    world.party("192.0.2.99", regserver::gate::checksum::Method::Md5Key, "x").ask("getversion", "");
    let overview = |fields: &str| world.call(&format!("getoverview {fields}")).done();
    let first = overview("");
    assert_eq!(
        (first.text("description"), first.text("servername")),
        ("in the cellar".into(), "regserver".into())
    );
    assert_eq!(first.texts("licensekey"), [sooner.clone(), soon.clone()]);
    assert_eq!(first.text("reason"), "no enabled service is registered for the address 192.0.2.99");
    assert_eq!(first.texts("changeid").len(), 5);
    assert_eq!(first.texts("command")[0], "cancellicense");
    assert_eq!(overview("days=200").texts("licensekey"), [sooner, soon, late]);
    assert_eq!(overview("recent=2").texts("changeid").len(), 2);
    world.pass(12 * 86_400);
    let reply = overview("recent=0");
    let numbers =
        ["expired", "cancelled", "active", "total"].map(|name| reply.texts(name).last().cloned().unwrap());
    assert_eq!(numbers, ["1", "1", "4", "6"]);
    for wrong in ["days=0", "days=367", "recent=-1", "recent=21"] {
        world.call(&format!("getoverview {wrong}")).refused(Code::InvalidRequest);
    }
}

#[test]
fn each_provider_sees_its_own_numbers_and_the_default_one_all() {
    let world = World::new();
    let shop = world.service("shop");
    world.call("setdepartment username=alice department=Attic").done();
    let own = shop.ask("getoverview", "").done();
    assert_eq!(own.texts("code"), ["ACME"]);
    assert!(!own.body().contains("alice") && !own.body().contains("DEMO"), "{}", own.body());
    shop.ask("getoverview", "allproviders=true").refused(Code::AccessDenied).second("-6");
    let codes = |fields: &str| {
        let reply = world.call(&format!("getoverview allproviders=true recent=0 {fields}")).done();
        reply.texts("code")
    };
    assert_eq!(codes(""), ["ACME", "BETA", "DEMO"]);
    assert_eq!(codes("aftercode=BETA"), ["DEMO"]);
}

fn preview(party: &Party<'_>, text: &str) -> Reply {
    party.clone().over_json().ask("previewconfig", &format!("configuration=\"{}\"", text.replace('"', "'")))
}

const TEXT: &str = "[settings]\nSearchResultsPerPage = 20\nAPIChecksumSalt = 'another-salt-0123456789'\n\n[[provider]]\n\
    code = 'GAMA'\nname = 'Gamma'\nmanaged_by = 'ACME'\nsettings = { EMAIL.BRAND_NAME = 'Gamma' }\n\n[[service]]\n\
    name = 'till'\nprovider = 'GAMA'\naddresses = ['192.0.2.9']\nkey_file = '/etc/hostname'\n\n[[service]]\n\
    name = 'portal'\naddresses = ['198.51.100.2']\nkeys = [{ key = 'portal-key-of-the-tests' }]\n";

#[test]
fn a_preview_says_what_would_be_and_changes_nothing() {
    let world = World::new();
    let before = world.dump();
    let reply = preview(&world.service("portal"), TEXT).done();
    assert_eq!((reply.text("usable"), reply.texts("unread")), ("true".into(), vec!["till".to_owned()]));
    let told: serde_json::Value = serde_json::from_str(reply.body()).unwrap();
    let changes: Vec<String> = told["changelist"]["change"].as_array().unwrap().iter().map(line).collect();
    for expected in [
        "create provider GAMA name: '' -> 'Gamma' (5)",
        "create provider GAMA managedby: '' -> 'ACME' (5)",
        "change setting SearchResultsPerPage value: '' -> '20' (2)",
        "change setting APIChecksumSalt value: '•••' -> '•••' (3)",
        "create service till distributor: '' -> 'GAMA' (11)",
        "create service till addresses: '' -> '192.0.2.9/32' (11)",
        "create service till keys: '' -> '•••' (11)",
        "change service portal addresses: '198.51.100.1/32,2001:db8:1::/48' -> '198.51.100.2/32' (17)",
        "change service portal kind: 'webportal' -> 'api' (17)",
    ] {
        assert!(changes.iter().any(|change| change == expected), "{expected} is not in {changes:#?}");
    }
    assert!(!changes.iter().any(|change| change.contains("portal keys")), "{changes:#?}");
    assert_eq!(world.dump(), before);
    assert!(!reply.body().contains("another-salt"));
}

fn line(change: &serde_json::Value) -> String {
    let member = |name: &str| change[name].as_str().unwrap_or_default().to_owned();
    let [action, what, name, field, before, after] =
        ["action", "what", "name", "field", "before", "after"].map(member);
    format!("{action} {what} {name} {field}: '{before}' -> '{after}' ({})", change["line"])
}

#[test]
fn a_preview_tells_every_fault_of_a_text_with_its_line() {
    let world = World::new();
    let reply = preview(
        &world.service("portal"),
        "[server]\nlisten = ['here']\n[settings]\nUserEmailUnique = 'maybe'",
    )
    .done();
    assert_eq!((reply.texts("line"), reply.text("usable")), (vec!["2".into(), "4".into()], "false".into()));
    for (text, line, fault) in [
        (
            "[[service]]\nname = 'till'\naddresses = ['192.0.2.9']\nprovider = 'NONE'",
            "1",
            "there is no provider NONE",
        ),
        ("[settings]\n\nReplayProtection = true", "3", "ReplayProtection needs a RequestTimeWindow above 0"),
    ] {
        let reply = preview(&world.service("portal"), text).done();
        assert_eq!(reply.text("line"), line, "{}", reply.body());
        assert!(reply.text("text").contains(fault), "{}", reply.body());
    }
}

#[test]
fn a_preview_tells_a_provider_only_what_is_its_own() {
    let world = World::new();
    let shop = world.service("shop");
    shop.ask("previewconfig", "").refused(Code::AccessDenied).second("-6");
    let text = format!("{TEXT}[[provider]]\ncode = 'ACME'\nname = 'Acme Storage'\n");
    let reply = preview(&shop, &text).done();
    assert_eq!(reply.texts("name"), ["ACME"]);
    let moved = "[[service]]\nname = 'branch'\nprovider = 'ACME'\naddresses = ['192.0.2.9']";
    assert!(!preview(&shop, moved).done().body().contains("branch"), "it is BETA's");
    let taken = "[[service]]\nname = 'till'\naddresses = ['198.51.100.1']";
    let reply = preview(&shop, taken).done();
    assert!(!reply.body().contains("portal"), "{}", reply.body());
    let reply = preview(&shop, "[settings]\nReplayProtection = true").done();
    assert!(
        reply.text("text").starts_with("this cannot stand beside what is there already"),
        "{}",
        reply.body()
    );
}

#[test]
fn a_preview_tells_which_service_gives_way_to_a_stated_one() {
    let world = World::new();
    let text = "[[provider]]\ncode = 'DEMO'\n[[service]]\nname = 'till'\naddresses = ['198.51.100.20']";
    let reply = preview(&world.service("portal"), text).done();
    let told: serde_json::Value = serde_json::from_str(reply.body()).unwrap();
    let changes: Vec<String> = told["changelist"]["change"].as_array().unwrap().iter().map(line).collect();
    let gives_way = "change service shop enabled: 'true' -> 'false' (null)".to_owned();
    assert!(changes.contains(&gives_way) && reply.text("usable") == "true", "{changes:#?}");
}
