//! The audit log: who changed what, about whom, and what it was before.

use regserver::error::Code;

use crate::world::{Reply, World};

/// Before and after of the newest change that the search finds.
#[track_caller]
fn change(world: &World, fields: &str) -> (String, String) {
    let reply = world.service("portal").ask("searchaudit", fields).done();
    (reply.text("before"), reply.text("after"))
}

fn listed(reply: &Reply) -> Vec<String> {
    reply.texts("command")
}

#[test]
fn a_user_has_a_before_and_an_after() {
    let world = World::new();
    world
        .call("registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=1")
        .done();
    let (before, after) = change(&world, "username=carol");
    assert_eq!(before, "{}");
    assert_eq!(
        after,
        r#"{"username":"carol","email":"carol@example.com","status":"activated","language":"en","password":"changed","licenseid":5}"#
    );
    world.call("setdepartment username=carol department=Sales").done();
    assert_eq!(change(&world, "username=carol"), ("{}".to_owned(), r#"{"department":"Sales"}"#.to_owned()));
    world.call("setdepartment username=carol department=Support").done();
    let expected = (r#"{"department":"Sales"}"#.to_owned(), r#"{"department":"Support"}"#.to_owned());
    assert_eq!(change(&world, "username=carol"), expected);
    world.call("disableuser username=carol").done();
    assert_eq!(change(&world, "username=carol").1, r#"{"status":"disabled"}"#);
    world.call("enableuser username=carol").done();
    assert_eq!(change(&world, "username=carol").0, r#"{"status":"disabled"}"#);
    world.call("setusername username=carol newusername=carola").done();
    let expected = (r#"{"username":"carol"}"#.to_owned(), r#"{"username":"carola"}"#.to_owned());
    assert_eq!(change(&world, "username=carola"), expected);
}

#[test]
fn of_a_password_it_says_only_that_it_was_changed() {
    let world = World::new();
    world
        .call("registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=1")
        .done();
    world.call("setpassword username=carol newpassword=sekret-5678").done();
    assert_eq!(change(&world, "username=carol"), ("{}".to_owned(), r#"{"password":"changed"}"#.to_owned()));
    world.call("sendpassword username=carol").done();
    assert_eq!(change(&world, "username=carol").1, r#"{"temporarypassword":"changed"}"#);
    let rows: Vec<String> = world.dump().into_iter().filter(|row| row.starts_with("audit: ")).collect();
    assert!(!rows.iter().any(|row| row.contains("$argon2") || row.contains("sekret-")));
}

#[test]
fn a_removed_user_stays_in_the_log() {
    let world = World::new();
    let userid =
        world.call("registeruser username=carol useremail=carol@example.com").done().number("userid");
    world.call("removeuser username=carol").done();
    world.call("searchaudit username=carol").plainly(Code::UserUnknown);
    let reply = world.call(&format!("searchaudit userid={userid}")).done();
    assert_eq!(listed(&reply), ["removeuser", "registeruser"]);
    let before = reply.text("before");
    assert!(
        before.contains(r#""username":"carol""#) && before.contains(r#""status":"inactive""#),
        "{before}"
    );
    assert_eq!(reply.text("after"), "{}");
}

#[test]
fn rights_keys_and_sessions_are_told_of() {
    let world = World::new();
    world.call("grantright username=alice right=API-ACCESS").done();
    assert_eq!(change(&world, "username=alice"), ("{}".to_owned(), r#"{"rights":"API-ACCESS"}"#.to_owned()));
    world.call("revokeright username=alice right=API-ACCESS").done();
    assert_eq!(change(&world, "username=alice").0, r#"{"rights":"API-ACCESS"}"#);
    let made = world.call("createapikey username=alice kind=basic label=page scope=users:view").done();
    let (key, secret) = (made.text("key"), made.text("secret"));
    let (before, after) = change(&world, "username=alice");
    assert_eq!(before, "{}");
    assert_eq!(after, format!(r#"{{"apikey":"{key}","label":"page","scope":"users:view"}}"#));
    world.call(&format!("revokeapikey keyid={}", made.text("keyid"))).done();
    assert_eq!(change(&world, "username=alice"), (after, "{}".to_owned()));
    world.call("createsession username=alice IP=192.0.2.44").done();
    assert_eq!(change(&world, "username=alice").1, r#"{"session":1,"address":"192.0.2.44"}"#);
    assert!(!world.dump().iter().any(|row| row.contains(&secret)));
}

#[test]
fn providers_services_and_settings_are_told_of() {
    let world = World::new();
    world.call("setserversetting setting=SearchResultsPerPage value=10").done();
    world.call("setserversetting setting=SearchResultsPerPage value=20").done();
    let expected =
        (r#"{"SearchResultsPerPage":"10"}"#.to_owned(), r#"{"SearchResultsPerPage":"20"}"#.to_owned());
    assert_eq!(change(&world, "commandname=setserversetting"), expected);
    world.call("createprovider code=GAMA name=Gamma managedby=ACME").done();
    let (before, after) = change(&world, "commandname=createprovider");
    assert_eq!(before, "{}");
    assert!(after.starts_with(r#"{"code":"GAMA","name":"Gamma","managedby":"#), "{after}");
    world.call("createservice servicename=tickets addresses=192.0.2.7").done();
    let (_, after) = change(&world, "commandname=createservice");
    assert!(after.contains(r#""servicename":"tickets""#) && after.contains(r#""key":"added""#), "{after}");
    world.call("updateservice servicename=tickets addresses=192.0.2.8").done();
    let expected =
        (r#"{"addresses":"192.0.2.7/32"}"#.to_owned(), r#"{"addresses":"192.0.2.8/32"}"#.to_owned());
    assert_eq!(change(&world, "commandname=updateservice"), expected);
}

#[test]
fn every_filter_narrows() {
    let world = World::new();
    world.call("registeruser username=carol useremail=carol@example.com").done();
    world.pass(86_400);
    world
        .service("kiosk")
        .ask("createservice", "servicename=x addresses=192.0.2.9")
        .refused(Code::AccessDenied);
    world.service("rotating").ask("setdepartment", "username=carol department=Sales").done();
    let count = |fields: &str| world.call(&format!("searchaudit {fields}")).done().number("current");
    assert_eq!(count("username=carol"), 2);
    assert_eq!(count("username=carol caller=service:rotating"), 1);
    assert_eq!(count("username=carol commandname=registeruser"), 1);
    assert_eq!(count("username=carol from=01/02/2026"), 1);
    assert_eq!(count("username=carol until=01/01/2026"), 1);
    assert_eq!(count("username=carol from=01/01/2026 until=2026-01-01T00:00:00Z"), 0);
    assert_eq!(count("from=01/02/2026"), 1);
    assert_eq!(count("until=12/31/2025"), 0);
    let reply = world.call("searchaudit username=carol commandname=registeruser").done();
    let request = reply.text("requestid");
    assert_eq!(count(&format!("requestid={request} username=carol")), 1);
    assert_eq!(count(&format!("requestid={request} userid=99")), 0);
    world.call("searchaudit username=carol userid=1").refused(Code::InvalidRequest);
}

#[test]
fn pages_go_from_the_newest_to_the_oldest() {
    let world = World::with(|config| {
        config.server("SearchResultsPerPage", "2");
    });
    for department in ["a", "b", "c", "d", "e"] {
        world.call(&format!("setdepartment username=edgar department={department}")).done();
    }
    let (mut before, mut seen) = (String::new(), Vec::new());
    loop {
        let reply =
            world.call(&format!("searchaudit username=edgar commandname=setdepartment {before}")).done();
        seen.extend(reply.texts("after"));
        match reply.find("nextid") {
            Some(next) => before = format!("beforeid={next}"),
            None => break,
        }
    }
    let expected = ["e", "d", "c", "b", "a"].map(|name| format!(r#"{{"department":"{name}"}}"#));
    assert_eq!(seen, expected);
    let newest = world.call("searchaudit username=edgar").done().texts("changeid");
    let later = world.call(&format!("searchaudit username=edgar startid={}", newest[1])).done();
    assert_eq!(later.texts("changeid"), newest[..1]);
}

#[test]
fn another_providers_changes_are_not_seen() {
    let world = World::new();
    world.call("setdepartment username=alice department=Sales").done();
    let own = world.service("shop").ask("searchaudit", "").done();
    assert!(own.texts("distributor").iter().all(|code| code == "ACME"), "{}", own.body());
    assert_eq!(world.service("shop").ask("searchaudit", "userid=1").done().number("current"), 0);
    let request = world.call("searchaudit userid=1").done().text("requestid");
    let fields = format!("requestid={request}");
    assert_eq!(world.service("shop").ask("searchaudit", &fields).done().number("current"), 0);
    let all = world.call("searchaudit").done().texts("distributor");
    assert!(all.iter().any(|code| code == "ACME") && all.iter().any(|code| code == "DEMO"));
}
