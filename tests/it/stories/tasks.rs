//! What the server does by itself: when, once among several programs, and what came of it.

use std::sync::Arc;

use regserver::api::{Api, Options};
use regserver::error::Code;
use rusqlite::Connection;

use crate::world::{World, set};

const DAY: i64 = 24 * 3600;
/// What a table's rows that are too many are made from.
const MANY: &str = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)";

/// Does what is due.
fn do_tasks(world: &World) {
    world.api().do_tasks().unwrap();
}

/// What the list says of a task.
fn task(world: &World, name: &str, column: &str) -> String {
    let reply = world.call("gettasks").done();
    let (_, task) = reply.body().split_once(&format!("<task><name>{name}</name>")).unwrap();
    let (task, _) = task.split_once("</task>").unwrap();
    let value =
        task.split_once(&format!("<{column}>")).map_or("", |(_, rest)| rest.split('<').next().unwrap());
    value.to_owned()
}

fn result(world: &World, name: &str) -> String {
    task(world, name, "result")
}

fn count(world: &World, sql: &str) -> i64 {
    Connection::open(world.database()).unwrap().query_row(sql, [], |row| row.get(0)).unwrap()
}

#[test]
fn each_is_done_as_often_as_it_is_due_and_no_more() {
    let world = World::new();
    assert_eq!(task(&world, "audit", "started"), "");
    do_tasks(&world);
    let first = task(&world, "audit", "started");
    assert_eq!(first, "01/01/2026 00:00:00.00");
    assert!(result(&world, "audit").contains("AuditRetention is 0"));
    world.pass(3_599);
    do_tasks(&world);
    assert_eq!(task(&world, "audit", "started"), first);
    world.pass(1);
    do_tasks(&world);
    assert_eq!(task(&world, "audit", "started"), "01/01/2026 01:00:00.00");

    world.call("settask task=audit frequency=60").done();
    world.pass(60);
    do_tasks(&world);
    assert_eq!(task(&world, "audit", "started"), "01/01/2026 01:01:00.00");
    world.call("settask task=audit enabled=false").done();
    world.pass(DAY);
    do_tasks(&world);
    assert_eq!(task(&world, "audit", "started"), "01/01/2026 01:01:00.00");
    world.call("runtask task=audit").done();
    assert_eq!(task(&world, "audit", "waiting"), "true");
    do_tasks(&world);
    assert_eq!(task(&world, "audit", "started"), "01/02/2026 01:01:00.00");
    assert_eq!(task(&world, "audit", "waiting"), "false");
    world.call("settask task=audit enabled=true frequency=0").done();
    assert_eq!(task(&world, "audit", "frequency"), "3600");
}

#[test]
fn who_changes_one_stands_in_the_audit_log() {
    let world = World::new();
    world.call("settask task=mails enabled=false frequency=120").done();
    let change = world.call("searchaudit commandname=settask").done();
    assert_eq!(change.text("before"), r#"{"enabled":true}"#);
    assert_eq!(change.text("after"), r#"{"enabled":false,"frequency":120}"#);
    world.call("runtask task=mails").done();
    assert_eq!(world.call("searchaudit commandname=runtask").done().text("after"), r#"{"task":"mails"}"#);
    // The server belongs to the default provider.
    for call in ["gettasks", "runtask task=mails", "settask task=mails enabled=true"] {
        let (command, fields) = call.split_once(' ').unwrap_or((call, ""));
        world.service("shop").ask(command, fields).refused(Code::AccessDenied);
    }
}

#[test]
fn what_is_past_is_thrown_away_a_thousand_rows_at_a_time() {
    let mut world = World::new();
    set(
        &mut world,
        &format!(
            "INSERT INTO codes {MANY} SELECT CAST('c' || i AS BLOB), 1, 'activation', '', i, i, NULL FROM n;
             INSERT INTO counters {MANY} SELECT 'k' || i, 1, i, 0, 0, i FROM n;
             INSERT INTO replays {MANY} SELECT 'service:1', CAST('c' || i AS BLOB), i FROM n;
             INSERT INTO idempotency {MANY} SELECT CAST('k' || i AS BLOB), CAST('f' AS BLOB), '{{}}', i FROM n;
             INSERT INTO sessions {MANY} SELECT i, CAST('h' || i AS BLOB), 1, NULL, NULL, NULL, 'a', i, i FROM n;
             INSERT INTO temporary_passwords VALUES (2, 'x', 5, 0);"
        ),
    );
    let before = count(&world, "SELECT count(*) FROM codes WHERE expires > 2500");
    world.call("sendpassword username=alice").done();
    do_tasks(&world);
    assert_eq!(result(&world, "leftovers"), "12501 rows thrown away");
    for table in ["counters", "replays", "sessions", "idempotency"] {
        assert_eq!(count(&world, &format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
    assert_eq!(count(&world, "SELECT count(*) FROM codes"), before, "what is not past stays");
    assert_eq!(count(&world, "SELECT count(*) FROM temporary_passwords"), 1);
}

#[test]
fn the_audit_log_is_kept_as_long_as_the_setting_says() {
    let mut world = World::new();
    set(
        &mut world,
        &format!(
            "DELETE FROM audit; INSERT INTO audit {MANY}
             SELECT i, 1767225600000000 - 86400000000 * iif(i <= 2300, 31, 29), 1, 'x', 'x', 'x', 1, '', '', '', 'r' FROM n"
        ),
    );
    do_tasks(&world);
    assert_eq!(count(&world, "SELECT count(*) FROM audit"), 2_500);
    world.call("setserversetting setting=AuditRetention value=30").done();
    world.call("runtask task=audit").done();
    do_tasks(&world);
    assert_eq!(result(&world, "audit"), "2300 rows thrown away");
    assert_eq!(count(&world, "SELECT count(*) FROM audit"), 202);
}

#[test]
fn mails_that_wait_for_nothing_are_kept_for_thirty_days_from_then_on() {
    let mut world = World::new();
    set(
        &mut world,
        "DELETE FROM outbox;
         INSERT INTO outbox SELECT 1, 'a', 1, 1, 'x', 'web', 't', 'en', '{}', NULL, 'sent', 0, 0, 0, '', 1767225600000000, '', 0;
         INSERT INTO outbox SELECT 2, 'b', 1, 1, 'x', 'web', 't', 'en', '{}', NULL, 'dead', 0, 1767225600000000, 0, '', NULL, '', 0;
         INSERT INTO outbox SELECT 3, 'c', 1, 1, 'x', 'web', 't', 'en', '{}', NULL, 'waiting', 0, 0, 0, '', NULL, '', 0;",
    );
    world.pass(30 * DAY);
    do_tasks(&world);
    assert_eq!(count(&world, "SELECT count(*) FROM outbox"), 3);
    world.pass(3_600);
    do_tasks(&world);
    assert_eq!(count(&world, "SELECT id FROM outbox"), 3, "what waits is still to be sent");
    assert_eq!(result(&world, "oldmails"), "2 rows thrown away");
}

#[test]
fn one_that_panics_has_lost_that_run_only() {
    let world = World::new();
    ending(&world, "alice", "01/20/2026", 0);
    world.pass(11 * DAY);
    world.chance.panic_once();
    do_tasks(&world);
    assert!(result(&world, "licenses").starts_with("failed"), "{}", result(&world, "licenses"));
    assert_ne!(task(&world, "licenses", "ended"), "");
    assert_ne!(task(&world, "upkeep", "ended"), "", "the others are done");
    assert_eq!(notices(&world).len(), 0);
    world.pass(3_600);
    do_tasks(&world);
    assert_eq!(notices(&world).len(), 1);
}

/// A second program on the world's database.
fn another(world: &World) -> Arc<Api> {
    let options = Options { as_it_is: true, ..world.options() };
    Api::open(&world.config, options).unwrap().api
}

#[test]
fn of_two_programs_one_does_it() {
    let world = World::with(|configuration| {
        let folder = std::env::temp_dir().join(format!("regserver-two-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        configuration.section("backup").insert("folder".into(), folder.display().to_string().into());
    });
    let folder = world.config.backup.folder.clone();
    let other = another(&world);
    for round in 0..5 {
        std::thread::scope(|scope| {
            for api in [world.api(), &other, world.api(), &other] {
                scope.spawn(|| api.do_tasks().unwrap());
            }
        });
        // A second copy of the same moment would find its name taken.
        assert!(result(&world, "backup").contains("proved"), "{}", result(&world, "backup"));
        let files = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(files, 2 * (round + 1), "each copy has its checksum");
        world.pass(DAY);
    }
    other.stop();
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn one_that_a_killed_program_had_in_hand_goes_on_when_the_lease_has_run_out() {
    let mut world = World::new();
    set(
        &mut world,
        "INSERT INTO tasks VALUES ('upkeep', 1, NULL, 0, 'dead', 1767225600000000 + 60000000, 5, NULL, '')",
    );
    do_tasks(&world);
    assert_eq!(task(&world, "upkeep", "running"), "true");
    assert_eq!(task(&world, "upkeep", "ended"), "");
    world.pass(60);
    do_tasks(&world);
    assert_eq!(task(&world, "upkeep", "running"), "false");
    assert_eq!(task(&world, "upkeep", "started"), "01/01/2026 00:01:00.00");
}

/// A licence that ends behind that day, for which users are registered.
fn ending(world: &World, holder: &str, day: &str, users: usize) -> String {
    let fields = "productname=client type=yearly featurevalue=professional limit=300";
    let made = world.call(&format!("createlicense username={holder} {fields} validuntil={day}")).done();
    let key = made.text("licensekey");
    for number in 0..users {
        let name = format!("{}{number}", key.replace('-', "").to_lowercase());
        world
            .call(&format!("registeruser username={name} useremail={name}@example.com activate=true"))
            .done();
        world.call(&format!("setdefaultlicense username={name} licensekey={key}")).done();
    }
    key
}

/// The mails about ends, as template and day.
fn notices(world: &World) -> Vec<String> {
    let mails = world.mails().into_iter().filter(|mail| mail.template.starts_with("license-exp"));
    mails.map(|mail| format!("{} {}", mail.template, mail.variable("VALIDUNTIL").unwrap())).collect()
}

/// An hour passes, and what is due is done.
fn hours(world: &World, hours: i64) {
    world.pass(hours * 3_600);
    do_tasks(world);
}

#[test]
fn the_holder_is_told_ten_and_three_days_before_and_at_the_end_once_each() {
    let mut world = World::new();
    let key = ending(&world, "alice", "01/20/2026", 0);
    hours(&world, 24 * 9);
    assert_eq!(notices(&world).len(), 0);
    hours(&world, 48);
    assert_eq!(notices(&world), ["license-expires 01/20/2026"]);
    hours(&world, 1);
    world.restart();
    hours(&world, 1);
    assert_eq!(notices(&world).len(), 1, "also over a restart");
    hours(&world, 24 * 7);
    hours(&world, 1);
    assert_eq!(notices(&world), ["license-expires 01/20/2026"; 2]);
    // A new end is announced anew.
    world.call(&format!("setlicensevalidity licensekey={key} validuntil=02/20/2026")).done();
    hours(&world, 24 * 14);
    assert_eq!(notices(&world).len(), 2);
    hours(&world, 24 * 30);
    assert_eq!(notices(&world).last().unwrap(), "license-expired 02/20/2026");
    let told = notices(&world).len();
    hours(&world, 24);
    assert_eq!(notices(&world).len(), told);
    assert!(world.mails().iter().any(|mail| mail.variable("LICENSEKEY") == Some(key.as_str())));
}

#[test]
fn users_of_a_licence_that_has_ended_get_a_default_one_where_the_rules_give_one() {
    let world = World::new();
    let key = ending(&world, "alice", "01/02/2026", 3);
    let name = format!("{}0", key.replace('-', "").to_lowercase());
    let of = |name: &str| world.call(&format!("getdefaultlicense username={name}")).done().text("licensekey");
    hours(&world, 24);
    world.work();
    assert_eq!(of(&name), key, "it has not ended");
    hours(&world, 25);
    assert_eq!(notices(&world), ["license-expired 01/02/2026"]);
    world.work();
    assert_ne!(of(&name), key);
    assert_eq!(world.call(&format!("getlicensedata licensekey={key}")).done().number("used"), 0);
    let audit = world.call(&format!("searchaudit username={name}")).done();
    assert_eq!(audit.texts("caller")[0], "task:licenses");
}

#[test]
fn where_the_rules_give_none_they_keep_it_and_where_licences_do_not_expire_nobody_is_told() {
    let world = World::with(|configuration| {
        configuration.provider("DEMO", "API/API_CREATE_DEFAULT_LICENSE", "False");
    });
    let key = ending(&world, "alice", "01/02/2026", 1);
    hours(&world, 48);
    world.work();
    assert_eq!(notices(&world), ["license-expired 01/02/2026"]);
    let name = format!("{}0", key.replace('-', "").to_lowercase());
    assert_eq!(world.call(&format!("getdefaultlicense username={name}")).done().text("licensekey"), key);

    let world = World::with(|configuration| {
        configuration.provider("DEMO", "LICENSE/ENABLE_LICENSE_EXPIRY", "False");
    });
    ending(&world, "alice", "01/02/2026", 1);
    hours(&world, 48);
    assert_eq!(notices(&world).len(), 0);
}

#[test]
fn copies_are_made_by_themselves_listed_and_the_newest_kept() {
    let mut world = World::new();
    let folder = world.file("copies");
    std::fs::create_dir(&folder).unwrap();
    let text = folder.display().to_string();
    world.reconfigure(|configuration| {
        let backup = configuration.section("backup");
        backup.insert("folder".into(), text.into());
        backup.insert("every".into(), 6.into());
        backup.insert("keep".into(), 2.into());
    });
    std::fs::write(folder.join("regserver-0.db"), "somebody's own").unwrap();
    for _ in 0..4 {
        do_tasks(&world);
        hours(&world, 5);
        world.pass(3_600);
    }
    assert_eq!(task(&world, "backup", "frequency"), "21600");
    assert!(result(&world, "backup").ends_with("proved; 1 old ones removed"), "{}", result(&world, "backup"));
    let listed = world.call("searchbackup").done();
    let names = ["regserver-20260101T180000.db", "regserver-20260101T120000.db", "regserver-0.db"];
    assert_eq!(listed.texts("name"), names);
    assert_eq!(listed.texts("verified"), ["true", "true", "false"]);
    let sums = listed.texts("sha256");
    assert_eq!((sums[0].len(), sums[2].as_str()), (64, ""));
    assert_eq!(listed.texts("size")[2], "14");
    // A copy that was written since is proved no longer.
    let newest = folder.join(names[0]);
    std::thread::sleep(std::time::Duration::from_millis(20));
    let bytes = std::fs::read(&newest).unwrap();
    std::fs::write(&newest, bytes).unwrap();
    assert_eq!(world.call("searchbackup").done().texts("verified"), ["false", "true", "false"]);
}

#[test]
fn a_copy_that_cannot_be_made_says_why() {
    let world = World::with(|configuration| {
        configuration.section("backup").insert("folder".into(), "/nowhere/at/all".into());
    });
    do_tasks(&world);
    assert!(result(&world, "backup").starts_with("failed: "), "{}", result(&world, "backup"));
    assert!(result(&world, "backup").contains("/nowhere/at/all"));
}
