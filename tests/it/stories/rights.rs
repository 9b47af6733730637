//! Rights: what they open, who grants and takes them, and whom they protect.

use regserver::error::Code;

use crate::world::{Party, World};

fn grant(world: &World, username: &str, rights: &[&str]) {
    for right in rights {
        world.call(&format!("grantright username={username} right={right}")).done();
    }
}

fn rights(world: &World, username: &str) -> Vec<String> {
    world.call(&format!("getrights username={username}")).done().texts("right")
}

#[track_caller]
fn lacks(party: &Party<'_>, command: &str, fields: &str, message: &str) {
    party.ask(command, fields).refused(Code::AccessDenied).second("-6").says(message);
}

/// carol, without any right, beside alice.
fn with_carol() -> World {
    let world = World::new();
    world
        .call("registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true")
        .done();
    world
}

#[test]
fn api_access_opens_the_users_of_the_provider() {
    let world = with_carol();
    let alice = world.person("alice", "");
    let own = "Access denied: getuserdata shows and changes your own data only; a caller of provider level can \
               grant the right API-ACCESS";
    lacks(&alice, "getuserdata", "username=carol", own);
    grant(&world, "alice", &["API-ACCESS"]);
    alice.ask("getuserdata", "username=carol").done();
    alice.ask("setlanguage", "username=carol language=de").done();
    alice.ask("disableuser", "username=carol").done();
    assert_eq!(alice.ask("searchuser", "username=*car*").done().text("username"), "carol");
    alice.ask("getuserdata", "username=nobody").plainly(Code::UserUnknown);
    // Not those of another provider, which are like nobody: not even where its service would be redirected.
    alice.ask("getuserdata", "username=sheila").plainly(Code::UserUnknown);
    assert_eq!(alice.ask("searchuser", "username=sheila").done().find("username"), None);
    let elsewhere = alice.clone().always("distributor=ACME").ask("getuserdata", "username=sheila");
    elsewhere.refused(Code::AccessDenied).says("Access denied to specified Provider");
    // Nor what the provider itself is.
    lacks(
        &alice,
        "searchservice",
        "",
        "Access denied: searchservice is for services of the provider and for people with the rights API-ACCESS and \
         EDIT-PROVIDER, which a caller of provider level can grant",
    );
    alice.ask("searchprovider", "").refused(Code::AccessDenied).second("-6");
    grant(&world, "alice", &["EDIT-PROVIDER"]);
    alice.ask("searchservice", "").done();
    assert_eq!(alice.ask("searchprovider", "").done().texts("code"), ["DEMO"]);
    let server =
        "for services of the default provider DEMO and for people with the rights API-ACCESS and SUPER-USER";
    let reply = alice.ask("createprovider", "code=ZZZZ name=Z").refused(Code::AccessDenied).second("-6");
    assert!(reply.text("message").contains(server), "{}", reply.body());
    grant(&world, "alice", &["SUPER-USER"]);
    alice.ask("createprovider", "code=ZZZZ name=Z").done();
}

#[test]
fn the_greater_rights_are_nothing_without_api_access() {
    let world = with_carol();
    grant(&world, "alice", &["EDIT-PROVIDER", "SUPER-USER"]);
    let alice = world.person("alice", "");
    for (command, fields) in [
        ("getuserdata", "username=carol"),
        ("disableuser", "username=carol"),
        ("searchservice", ""),
        ("createprovider", "code=ZZZZ name=Z"),
        ("grantright", "username=carol right=EDIT-PROVIDER"),
    ] {
        alice.ask(command, fields).refused(Code::AccessDenied).second("-6");
    }
    grant(&world, "alice", &["API-ACCESS"]);
    alice.ask("grantright", "username=carol right=EDIT-PROVIDER").done();
}

#[test]
fn a_right_is_for_every_key_and_gone_with_every_session() {
    let world = with_carol();
    let key = world.person("alice", "");
    grant(&world, "alice", &["API-ACCESS"]);
    key.ask("getuserdata", "username=carol").done();
    let session = key.session("", "192.0.2.44");
    session.ask("getuserdata", "username=carol").done();
    world.call("revokeright username=alice right=API-ACCESS").done();
    session.ask("getversion", "").turned_away(Code::AccessDenied);
    key.ask("getuserdata", "username=carol").refused(Code::AccessDenied);
    key.ask("getuserdata", "username=alice").done();
}

#[test]
fn nobody_grants_to_themselves_or_what_they_lack() {
    let world = with_carol();
    grant(&world, "alice", &["API-ACCESS", "EDIT-PROVIDER"]);
    let alice = world.person("alice", "");
    let own = "Access denied: nobody grants a right to themselves";
    for right in ["API-ACCESS", "EDIT-PROVIDER", "SUPER-USER"] {
        lacks(&alice, "grantright", &format!("username=alice right={right}"), own);
    }
    let lacking = "Access denied: only who has the right SUPER-USER can grant it";
    lacks(&alice, "grantright", "username=carol right=SUPER-USER", lacking);
    assert_eq!(rights(&world, "carol"), Vec::<String>::new());
    alice.ask("grantright", "username=carol right=API-ACCESS").done();
    alice.ask("grantright", "username=carol right=API-ACCESS").done();
    assert_eq!(alice.ask("getrights", "username=carol").done().texts("right"), ["API-ACCESS"]);
    alice.ask("revokeright", "username=carol right=API-ACCESS").done();
    // A service of a provider that is not the default one has all but the server.
    let shop = world.service("shop");
    lacks(&shop, "grantright", "username=sheila right=SUPER-USER", lacking);
    shop.ask("grantright", "username=sheila right=EDIT-PROVIDER").done();
    shop.ask("grantright", "username=alice right=API-ACCESS").plainly(Code::UserUnknown);
    grant(&world, "carol", &["SUPER-USER"]);
}

#[test]
fn a_right_that_is_given_up_is_gone() {
    let world = World::new();
    grant(&world, "alice", &["API-ACCESS", "EDIT-PROVIDER"]);
    let alice = world.person("alice", "");
    alice.ask("revokeright", "username=alice right=EDIT-PROVIDER").done();
    alice.ask("getrights", "username=alice").refused(Code::AccessDenied).second("-6");
    assert_eq!(rights(&world, "alice"), ["API-ACCESS"]);
}

#[test]
fn nobody_uses_a_command_on_who_has_a_right_they_lack() {
    let world = with_carol();
    grant(&world, "alice", &["API-ACCESS"]);
    grant(&world, "carol", &["API-ACCESS", "EDIT-PROVIDER"]);
    let alice = world.person("alice", "");
    let key = world.call("createapikey username=carol kind=basic").done().text("keyid");
    world.call("createsession username=carol IP=192.0.2.44").done();
    let message = "Access denied: this user holds the right EDIT-PROVIDER, which the caller lacks";
    let before = world.dump();
    for (command, fields) in [
        ("getuserdata", "username=carol"),
        ("getuserdata", "useroremail=carol@example.com"),
        ("setpassword", "username=carol newpassword=sekret-5678"),
        ("setemail", "username=carol newemail=mine@example.com"),
        ("resetpassword", "username=carol"),
        ("removeuser", "username=carol"),
        ("requestuserdeletion", "username=carol"),
        ("setdistributor", "username=carol newdistributor=DEMO"),
        ("createsession", "username=carol"),
        ("endsession", "sessionid=1"),
        ("searchapikey", "username=carol"),
        ("revokeapikey", &format!("keyid={key}")),
    ] {
        lacks(&alice, command, fields, message);
    }
    assert_eq!(world.dump(), before);
    // Whoever has them all may.
    grant(&world, "alice", &["EDIT-PROVIDER"]);
    alice.ask("setpassword", "username=carol newpassword=sekret-5678").done();
}

#[test]
fn a_service_with_a_list_reaches_nobody_who_has_a_right() {
    let world = World::with(|config| {
        let commands = vec!["getuserdata", "setpassword", "createsession", "grantright"];
        config.service("kiosk").insert("commands".into(), commands.into());
    });
    let kiosk = world.service("kiosk");
    kiosk.ask("createsession", "username=alice IP=192.0.2.44").done();
    grant(&world, "alice", &["API-ACCESS"]);
    let message = "Access denied: this user holds the right API-ACCESS, which the caller lacks";
    lacks(&kiosk, "createsession", "username=alice IP=192.0.2.44", message);
    lacks(&kiosk, "setpassword", "username=alice newpassword=sekret-5678", message);
    // It may look, and log the user in.
    kiosk.ask("getuserdata", "username=alice").done();
    let never = "Access denied: a service with a list of allowed commands never calls grantright";
    lacks(&kiosk, "grantright", "username=edgar right=API-ACCESS", never);
}

#[test]
fn a_move_takes_rights_and_sessions_away() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    grant(&world, "alice", &["API-ACCESS", "EDIT-PROVIDER"]);
    let made = world.call("createapikey username=alice kind=basic").done();
    let (key, secret) = (made.text("key"), made.text("secret"));
    let session = world.key(&key, &secret).session("", "192.0.2.44");
    world.call("setdistributor username=alice newdistributor=ACME").done();
    session.ask("getversion", "").turned_away(Code::AccessDenied);
    let alice = world.key(&key, &secret);
    alice.ask("getuserdata", "username=edgar").refused(Code::AccessDenied).second("-6");
    alice.ask("getuserdata", "username=sheila").refused(Code::AccessDenied).second("-6");
    assert_eq!(
        world.service("shop").ask("getrights", "username=alice").done().texts("right"),
        Vec::<String>::new()
    );
    // Coming back brings nothing back.
    world.call("setdistributor username=alice newdistributor=DEMO distributor=ACME").done();
    assert_eq!(rights(&world, "alice"), Vec::<String>::new());
    alice.ask("getuserdata", "username=edgar").refused(Code::AccessDenied);
}

#[test]
fn a_key_never_has_more_rights_than_who_made_it() {
    let world = World::new();
    world
        .call("registeruser username=mallory useremail=m@example.com password=malice-2026 activate=true")
        .done();
    grant(&world, "mallory", &["API-ACCESS"]);
    let mallory = world.stranger().session("username=mallory password=malice-2026", "192.0.2.66");
    let made = mallory.ask("createapikey", "username=alice kind=basic").done();
    let by_mallory = world.key(&made.text("key"), &made.text("secret"));
    let own = world.stranger().session("username=alice password=wonder-2026", "192.0.2.44");
    let made = own.ask("createapikey", "username=alice kind=basic password=wonder-2026").done();
    let by_alice = world.key(&made.text("key"), &made.text("secret"));
    grant(&world, "alice", &["API-ACCESS", "EDIT-PROVIDER"]);
    // What mallory may do herself, and not what alice was granted later.
    by_mallory.ask("getuserdata", "username=edgar").done();
    by_mallory.ask("searchservice", "").refused(Code::AccessDenied).second("-6");
    by_mallory.session("", "192.0.2.66").ask("getrights", "username=alice").refused(Code::AccessDenied);
    by_alice.ask("searchservice", "").done();
    // A right that is granted ends no session; one that is taken ends all.
    own.ask("searchservice", "").done();
    world.call("revokeright username=alice right=EDIT-PROVIDER").done();
    own.ask("getversion", "").turned_away(Code::AccessDenied);
    by_alice.ask("searchservice", "").refused(Code::AccessDenied).second("-6");
}

#[test]
fn a_service_of_the_default_provider_makes_nobody_more_than_they_are() {
    let world = World::new();
    grant(&world, "alice", &["API-ACCESS", "EDIT-PROVIDER"]);
    let alice = world.person("alice", "");
    for (command, fields) in [
        ("createservice", "servicename=till addresses=192.0.2.9"),
        ("updateservice", "servicename=portal commands=getversion"),
        ("showservicekey", "servicename=portal"),
        ("rotateservicekey", "servicename=portal"),
    ] {
        let message = format!(
            "Access denied: {command} of the default provider DEMO needs the right SUPER-USER, which its services can grant"
        );
        lacks(&alice, command, fields, &message);
    }
    grant(&world, "alice", &["SUPER-USER"]);
    alice.ask("createservice", "servicename=till addresses=192.0.2.9").done();
}
