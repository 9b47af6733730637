//! An address that the configuration gives to one service and the data to another: a start is not kept from.

use regserver::error::Code;
use toml::Table;

use crate::world::World;

fn enabled(world: &World, name: &str) -> String {
    let listed = world.service("shop").ask("searchservice", "").done();
    let both = listed.texts("servicename").into_iter().zip(listed.texts("enabled"));
    both.filter(|(known, _)| known == name).map(|(_, enabled)| enabled).collect()
}

#[test]
fn what_is_stated_wins_and_the_other_one_is_switched_off() {
    let mut world = World::new();
    let shop = world.service("shop");
    shop.ask("createservice", "servicename=till addresses=192.0.2.0/24").done();
    shop.ask("createservice", "servicename=desk addresses=203.0.113.9").done();
    world.reconfigure(|config| {
        let stand: Table = "name = 'stand'\naddresses = ['192.0.2.7']".parse().unwrap();
        config.0["service"].as_array_mut().unwrap().push(stand.into());
    });
    assert_eq!((enabled(&world, "till"), enabled(&world, "desk")), ("false".into(), "true".into()));
    // It may come back elsewhere, and only there.
    let shop = world.service("shop");
    shop.ask("updateservice", "servicename=till enabled=true").refused(Code::AddressInUse);
    shop.ask("updateservice", "servicename=till enabled=true addresses=203.0.113.10").done();
    world.reconfigure(|config| {
        config.server("AdminConsoleIPAddress", "203.0.113.10");
    });
    assert_eq!((enabled(&world, "till"), enabled(&world, "desk")), ("false".into(), "true".into()));
}

#[test]
fn a_service_is_called_by_what_everybody_can_see() {
    let world = World::new();
    let why = "Invalid Request: servicename must be 1 to 64 Latin letters, digits, spaces and - _ . ( ) & + / : without \
               a space at an end or two together; other letters and signs may look like these";
    for name in ["sh\u{200B}op", "sh\u{43E}p", "ｓhop", "sh\u{A0}op", "pay  desk"] {
        let reply = world.call(&format!("createservice servicename='{name}' addresses=192.0.2.7"));
        reply.refused(Code::InvalidRequest).says(why);
    }
    world.call("createservice servicename='Büro Köln (2)' addresses=192.0.2.7").done();
}
