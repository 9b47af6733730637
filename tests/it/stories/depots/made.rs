//! Made: where a depot is, how large, and whose.

use regserver::error::Code;

use super::{HOST, depot, shown, with, world};

#[test]
fn a_depot_without_further_words_is_as_the_provider_has_set_it() {
    let world = with(|config| {
        config.provider("DEMO", "HOSTSERVER/HOST_DEPOT_SIZE", "1000");
        config.provider("DEMO", "HOSTSERVER/HOST_TRAFFIC_SIZE", "2000");
    });
    let made = depot(&world, "username=carol");
    shown(&world, made).expect(
        "<depotdata><depot><depotid>1</depotid><hosturl>https://host.example.com</hosturl><owner>carol</owner>\
         <isdefault>true</isdefault><storagelimit>1000</storagelimit><storageused>0</storageused>\
         <trafficlimit>2000</trafficlimit><trafficused>0</trafficused><status>active</status><iscloud>true</iscloud>\
         <isaccount>false</isaccount><isgroup>false</isgroup></depot><user><userid>5</userid><username>carol</username>\
         <email>carol@example.com</email><isdefault>true</isdefault></user></depotdata>",
    );
}

#[test]
fn a_depot_may_be_elsewhere_and_of_another_size() {
    let world = world();
    let elsewhere =
        depot(&world, "username=carol hosturl=https://own.example.net storagelimit=7 trafficlimit=8");
    let reply = shown(&world, elsewhere);
    assert_eq!((reply.number("storagelimit"), reply.number("trafficlimit")), (7, 8));
    assert_eq!(
        (reply.text("hosturl").as_str(), reply.text("iscloud").as_str()),
        ("https://own.example.net", "false")
    );
    // A slash at the end makes no other host of it.
    let slash = depot(&world, &format!("username=carol hosturl={HOST}/"));
    assert_eq!(shown(&world, slash).text("iscloud"), "true");
}

#[test]
fn what_cannot_be_a_depot_is_refused_and_nothing_made() {
    let world = world();
    let before = world.dump();
    for (fields, message) in [
        ("hosturl=nowhere", "hosturl must be an address that begins with https:// or http://"),
        ("storagelimit=-1", "storagelimit must be 0 or more bytes"),
        ("trafficlimit=-1", "trafficlimit must be 0 or more bytes"),
        ("storagelimit=much", "storagelimit must be a whole number"),
        ("storagelimit=9223372036854775808", "storagelimit is too large"),
        ("licensekey=X licensereference=Y", "only one of licensekey, licensereference may be given"),
    ] {
        let refused = world.call(&format!("createdepot username=carol {fields}"));
        refused.refused(Code::InvalidRequest).says(&format!("Invalid Request: {message}"));
    }
    let long = format!("https://h.example.com/{}", "x".repeat(250));
    world.call(&format!("createdepot username=carol hosturl={long}")).refused(Code::InvalidRequest);
    let shop = world.service("shop").ask("createdepot", "username=sheila");
    shop.refused(Code::InvalidRequest)
        .says("Invalid Request: hosturl is needed, for HOSTSERVER/HOST_SERVER_NAME names no host server");
    world.call("createdepot username=nobody").plainly(Code::UserUnknown);
    assert_eq!(world.dump(), before);
}

#[test]
fn the_settings_that_count_are_those_of_the_users_provider() {
    let world = world();
    // The default provider asks for a user of ACME, which has no host server.
    world.call("createdepot username=sheila").refused(Code::InvalidRequest);
    let made = depot(&world, "username=sheila hosturl=https://acme.example.org");
    world.call(&format!("getdepotdata depotid={made}")).plainly(Code::DepotUnknown);
    let by_shop = world.service("shop").ask("getdepotdata", &format!("depotid={made}")).done();
    assert_eq!(by_shop.text("owner"), "sheila");
}

#[test]
fn the_depot_that_comes_with_a_registration_is_one_like_any_other() {
    let world = with(|config| {
        config.provider("DEMO", "API/API_CREATE_DEFAULT_DEPOT", "True");
    });
    let reply = world.call("getdefaultdepotdata username=daisy").done();
    assert_eq!((reply.number("depotid"), reply.text("iscloud").as_str()), (2, "true"));
    world.call("deletedepot depotid=2").done();
    world.call("getdefaultdepotdata username=daisy").plainly(Code::NoDefaultDepot);
}
