//! The API log: which calls are in it, for how long, and who sees them.

use std::os::unix::fs::PermissionsExt;

use regserver::error::Code;
use regserver::store::api_log;

use crate::world::{Reply, STRANGE, World};

/// What the log says to that search.
fn log(world: &World, fields: &str) -> Reply {
    world.service("portal").ask("searchapilog", fields).done()
}

/// The commands in the log, the newest first.
fn commands(world: &World) -> Vec<String> {
    log(world, "").texts("command")
}

#[test]
fn changes_and_refusals_are_kept_and_reads_are_not() {
    let world = World::new();
    world.call("getuserdata username=alice").done();
    world.call("setdepartment username=alice department=Sales").done();
    world.call("setdepartment username=alice department=Sales").done();
    world.call("getuserdata username=nobody").plainly(Code::UserUnknown);
    world.call("loginuser username=alice password=wonder-2026").done();
    let reply = log(&world, "");
    assert_eq!(reply.texts("command"), ["getuserdata", "setdepartment"]);
    assert_eq!(reply.texts("code"), ["-30100", "0"]);
    assert_eq!(reply.texts("userid"), ["", "1"]);
    assert_eq!(reply.texts("caller"), ["service:portal", "service:portal"]);
    assert_eq!(reply.texts("address"), ["198.51.100.1", "198.51.100.1"]);
    let fields = [r#"{"username":"nobody"}"#, r#"{"username":"alice","department":"Sales"}"#];
    assert_eq!(reply.texts("fields"), fields);
    let mode = std::fs::metadata(world.file("regserver.db.apilog")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn everything_or_nothing_is_kept_where_that_is_wanted() {
    let world = World::new();
    world.call("setserversetting setting=APIRequestLogging value=all").done();
    world.call("getuserdata username=alice").done();
    world.call("searchuser username=alice").done();
    assert_eq!(commands(&world), ["searchuser", "getuserdata", "setserversetting"]);
    // The search itself is kept too, but not before it is answered.
    assert_eq!(commands(&world).len(), 4);
    world.call("setserversetting setting=APIRequestLogging value=off").done();
    let before = commands(&world).len();
    world.call("setdepartment username=alice department=Sales").done();
    world.call("getuserdata username=nobody").plainly(Code::UserUnknown);
    world.service("portal").with_key("wrong").ask("getversion", "").plainly(Code::InvalidRequest);
    assert_eq!(commands(&world).len(), before);
    assert_eq!(world.call("searchrefused").done().number("current"), 0);
}

#[test]
fn a_provider_may_want_no_log() {
    let world = World::with(|config| {
        config.provider("ACME", "API/API_REQUEST_LOGGING", "False");
    });
    world.service("shop").ask("getuserdata", "username=nobody").plainly(Code::UserUnknown);
    world.service("shop").with_key("wrong").ask("getversion", "").plainly(Code::InvalidRequest);
    world.call("getuserdata username=nobody").plainly(Code::UserUnknown);
    assert_eq!(log(&world, "").texts("distributor"), ["DEMO"]);
    assert_eq!(world.call("searchrefused").done().number("current"), 0);
}

#[test]
fn secrets_are_masked_and_long_texts_cut() {
    let world = World::new();
    let long = "x".repeat(300);
    let call = format!(
        "registeruser username=carol useremail=carol@example.com password=sekret-1234 reference={long}"
    );
    world.call(&call);
    let fields = log(&world, "commandname=registeruser").text("fields");
    assert!(fields.contains(r#""password":"•••""#), "{fields}");
    assert!(fields.contains(&"x".repeat(200)) && !fields.contains(&"x".repeat(201)), "{fields}");
}

#[test]
fn people_and_sessions_are_named() {
    let world = World::new();
    let login = "username=alice password=wonder-2026";
    world.stranger().at_the_session_endpoint().ask("createsession", login).done();
    let alice = world.service("portal").session("username=alice", "192.0.2.44");
    alice.ask("setlanguage", "username=alice language=de").done();
    let reply = log(&world, "");
    let callers = ["user:alice (session 2 by service portal)", "service:portal", "nobody"];
    assert_eq!(reply.texts("caller"), callers);
    assert_eq!(reply.texts("address"), ["192.0.2.44", "198.51.100.1", STRANGE]);
    assert_eq!(reply.texts("fields")[2], r#"{"username":"alice","password":"•••"}"#);
    assert_eq!(log(&world, "servicename=portal").number("current"), 2);
}

#[test]
fn every_filter_narrows() {
    let world = World::new();
    world.call("setdepartment username=alice department=Sales").done();
    world.call("getuserdata username=nobody").plainly(Code::UserUnknown);
    world.pass(86_400);
    world.service("rotating").ask("setdepartment", "username=alice department=Support").done();
    let count = |fields: &str| log(&world, fields).number("current");
    assert_eq!(count(""), 3);
    assert_eq!(count("commandname=setdepartment"), 2);
    assert_eq!(count("commandname=setdepartment servicename=portal"), 1);
    assert_eq!(count("caller=service:rotating"), 1);
    assert_eq!(count("onlyrefused=true"), 1);
    assert_eq!(count("code=-30100"), 1);
    assert_eq!(count("code=0"), 2);
    assert_eq!(count("from=01/02/2026"), 1);
    assert_eq!(count("until=01/01/2026"), 2);
    assert_eq!(count("until=12/31/2025"), 0);
    assert_eq!(count("address=198.51.100.80"), 1);
    let request = log(&world, "code=-30100").text("requestid");
    assert_eq!(count(&format!("requestid={request}")), 1);
    assert_eq!(count(&format!("requestid={request} code=0")), 0);
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
        let reply = log(&world, &before);
        seen.extend(reply.texts("callid"));
        match reply.find("nextid") {
            Some(next) => before = format!("beforeid={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ["5", "4", "3", "2", "1"]);
    assert_eq!(log(&world, "startid=4").texts("callid"), ["5"]);
}

#[test]
fn a_provider_sees_its_own_calls_and_the_default_one_all() {
    let world = World::new();
    world.service("shop").ask("getuserdata", "username=nobody").plainly(Code::UserUnknown);
    world.call("getuserdata username=nobody").plainly(Code::UserUnknown);
    let shop = world.service("shop").ask("searchapilog", "").done();
    assert_eq!(shop.texts("distributor"), ["ACME"]);
    let request = log(&world, "servicename=portal").text("requestid");
    let fields = format!("requestid={request}");
    assert_eq!(world.service("shop").ask("searchapilog", &fields).done().number("current"), 0);
    assert_eq!(log(&world, "").texts("distributor"), ["DEMO", "ACME"]);
}

#[test]
fn the_log_survives_a_restart_and_ends_with_its_time() {
    let mut world = World::new();
    world.call("setdepartment username=alice department=Sales").done();
    world.service("portal").with_key("wrong").ask("getversion", "").plainly(Code::InvalidRequest);
    world.restart();
    assert_eq!(commands(&world), ["setdepartment"]);
    assert_eq!(world.call("searchrefused").done().number("current"), 1);
    world.call("setserversetting setting=APILogRetention value=3").done();
    world.pass(2 * 86_400);
    world.call("setdepartment username=alice department=Support").done();
    assert_eq!(commands(&world), ["setdepartment", "setserversetting", "setdepartment"]);
    world.pass(2 * 86_400);
    assert_eq!(commands(&world).len(), 3);
    world.api().do_tasks().unwrap();
    assert_eq!(commands(&world), ["setdepartment"]);
    assert_eq!(world.call("searchrefused").done().number("current"), 0);
    assert!(world.call("gettasks").done().body().contains("<result>3 rows thrown away</result>"));
}

#[test]
fn a_log_that_is_not_to_be_emptied_is_not_until_somebody_asks() {
    let world = World::new();
    world.call("setdepartment username=alice department=Sales").done();
    world.call("settask task=apilog enabled=false").done();
    world.pass(100 * 86_400);
    world.api().do_tasks().unwrap();
    assert_eq!(commands(&world), ["settask", "setdepartment"]);
    world.call("runtask task=apilog").done();
    world.api().do_tasks().unwrap();
    assert_eq!(commands(&world), ["runtask"]);
}

#[test]
fn a_lost_file_is_made_anew() {
    let mut world = World::new();
    world.call("setdepartment username=alice department=Sales").done();
    world.stop();
    std::fs::remove_file(api_log::file_of(world.database())).unwrap();
    world.restart();
    assert_eq!(commands(&world).len(), 0);
    world.call("setdepartment username=alice department=Support").done();
    assert_eq!(commands(&world), ["setdepartment"]);
}

#[test]
fn a_person_of_the_providers_level_reads_the_logs_and_others_do_not() {
    let world = World::new();
    world.call("setdepartment username=edgar department=Sales").done();
    let alice = world.person("alice", "");
    for command in ["searchapilog", "searchaudit", "searchrefused"] {
        assert_eq!(alice.ask(command, "").second("-6").code(), Some(Code::AccessDenied as i64));
        assert_eq!(world.stranger().ask(command, "").code(), Some(Code::AccessDenied as i64));
    }
    world.call("grantright username=alice right=API-ACCESS").done();
    world.call("grantright username=alice right=EDIT-PROVIDER").done();
    for command in ["searchapilog", "searchaudit", "searchrefused"] {
        alice.ask(command, "").done();
    }
}
