//! The host server's calls: limits, what is used, and what the logs tell of it.

use regserver::error::Code;

use super::{depot, shown, world};
use crate::world::World;

fn audit(world: &World) -> Vec<String> {
    world.dump().into_iter().filter(|row| row.starts_with("audit: ")).collect()
}

#[test]
fn limits_are_set_also_below_what_is_used() {
    let world = world();
    depot(&world, "username=carol");
    world.call("setdepotusage depotid=1 storageused=500 trafficused=600").done();
    world.call("setdepot depotid=1 disclimit=100 trafficlimit=200").done();
    let sizes = |world: &World| {
        let reply = shown(world, 1);
        ["storagelimit", "storageused", "trafficlimit", "trafficused"].map(|name| reply.number(name))
    };
    assert_eq!(sizes(&world), [100, 500, 200, 600]);
    // What is not said stays as it was.
    world.call("setdepot depotid=1 disclimit=1000").done();
    world.call("setdepotusage depotid=1 storageused=5000").done();
    assert_eq!(sizes(&world), [1000, 5000, 200, 600]);
    let before = world.dump();
    for (call, message) in [
        ("setdepot depotid=1 disclimit=-1", "disclimit must be 0 or more bytes"),
        ("setdepot depotid=1 disclimit=1 trafficlimit=-1", "trafficlimit must be 0 or more bytes"),
        ("setdepot depotid=1", "disclimit is missing"),
        ("setdepotusage depotid=1 storageused=-1", "storageused must be 0 or more bytes"),
        ("setdepotusage depotid=1 storageused=1 trafficused=-1", "trafficused must be 0 or more bytes"),
    ] {
        world.call(call).refused(Code::InvalidRequest).says(&format!("Invalid Request: {message}"));
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn a_name_must_be_that_of_a_user_whose_depot_it_is() {
    let world = world();
    depot(&world, "username=carol");
    let set = |name: &str| world.call(&format!("setdepot depotid=1 disclimit=7 username={name}"));
    let before = world.dump();
    for name in ["daisy", "nobody", "sheila"] {
        set(name).plainly(Code::DepotUnknown);
    }
    assert_eq!(world.dump(), before);
    set("CAROL").done();
    world.call("setdepotforuser username=daisy depotid=1").done();
    set("daisy").done();
    // The owner's it is also where the owner does not use it.
    world.call("removedepotfromuser username=carol depotid=1").done();
    set("carol").done();
}

#[test]
fn a_host_server_calls_what_every_service_of_its_provider_may_call_or_what_its_list_says() {
    let world = world();
    depot(&world, "username=carol");
    let made = |name: &str, address: &str, more: &str| {
        let fields = format!("servicename={name} kind=hostserver addresses={address} {more}");
        let key = world.service("portal").ask("createservice", &fields).done().text("servicekey");
        world.party(address, regserver::gate::checksum::Method::Md5Key, &key)
    };
    let (free, bound) =
        (made("host", "192.0.2.7", ""), made("disk", "192.0.2.8", "commands=setdepot,setdepotusage"));
    for host in [&free, &bound] {
        host.ask("setdepot", "depotid=1 disclimit=77 trafficlimit=0 username=carol").done();
        host.ask("setdepotusage", "depotid=1 storageused=7").done();
    }
    free.ask("createdepot", "username=carol").done();
    bound.ask("createdepot", "username=carol").refused(Code::AccessDenied).second("-6");
    bound.ask("deletedepot", "depotid=1").refused(Code::AccessDenied).second("-6");
}

#[test]
fn a_limit_stands_in_the_audit_log_and_what_is_measured_does_not() {
    let world = world();
    depot(&world, "username=carol storagelimit=1");
    let before = audit(&world).len();
    world.call("setdepotusage depotid=1 storageused=5 trafficused=6").done();
    assert_eq!(audit(&world).len(), before);
    world.call("setdepot depotid=1 disclimit=1").done();
    assert_eq!(audit(&world).len(), before, "the same again is no change");
    world.call("setdepot depotid=1 disclimit=2").done();
    world.call("deactivatedepot depotid=1").done();
    world.call("setdepotforuser username=daisy depotid=1").done();
    let rows = audit(&world);
    for expected in [
        r#"| setdepot | 5 | {"depotid":"1","disclimit":"2"} | {"storagelimit":1} | {"storagelimit":2} |"#,
        r#"| deactivatedepot | 5 | {"depotid":"1"} | {"depotstatus":"active"} | {"depotstatus":"inactive"} |"#,
        r#"| setdepotforuser | 6 | {"username":"daisy","depotid":"1"} | {} | {"depotid":1,"defaultdepotid":1} |"#,
    ] {
        assert!(rows.iter().any(|row| row.contains(expected)), "{expected}: {rows:#?}");
    }
    assert_eq!(rows.len(), before + 3);
    let found = world.call("searchaudit username=carol").done();
    assert!(found.texts("command").contains(&"setdepot".to_owned()), "{}", found.body());
}
