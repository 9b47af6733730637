//! The master key is changed: everything opens afterwards, and at whatever moment that is cut off.

use std::collections::BTreeSet;
use std::os::unix::fs::{MetadataExt, chown};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use regserver::error::Code;
use regserver::store::rotation::{self, Step};
use regserver::store::{Vault, lock};

use crate::program::{CONFIG, Folder, Server, program};
use crate::world::{Authenticator, Party, World};

const STEPS: [Step; 5] = [Step::Made, Step::Sealed, Step::Committed, Step::Kept, Step::Placed];
const ALICE: &str = "username=alice password=wonder-2026";
const CAROL: &str =
    "registeruser username=carol useremail=carol@example.com sendmail=true idempotencykey=k-1";

/// A world in which something of every kind is sealed, and who signs in it.
fn sealed() -> (World, Signers) {
    let world = World::new();
    world.call(CAROL).done();
    world
        .call("importusers last=true csv='username,email,password\nerika,erika@example.com,sekret-1234'")
        .done();
    second_factors(&world);
    let signers = signers(&world);
    let conn = rusqlite::Connection::open(world.database()).unwrap();
    for place in rotation::columns() {
        let (table, column) = place.split_once('.').unwrap();
        let sql = format!("SELECT count(*) FROM {table} WHERE {column} IS NOT NULL");
        let count: i64 = conn.query_row(&sql, [], |row| row.get(0)).unwrap();
        assert!(count > 0, "nothing is sealed in {place}");
    }
    (world, signers)
}

/// Who signs: a key of alice, and a site that acts for david; each by its public half and its secret.
struct Signers {
    key: (String, String),
    site: (String, String),
    david: String,
}

fn signers(world: &World) -> Signers {
    let made = world.call("createapikey username=alice kind=signing").done();
    let site = world.site("tickets");
    let david = site.registers("david");
    Signers { key: (made.text("key"), made.text("secret")), site: (site.key, site.secret), david }
}

impl Signers {
    /// Both still sign.
    fn sign(&self, world: &World) {
        let ((key, secret), (site, sealed)) = (&self.key, &self.site);
        let alice = Party::signing(world, None, Some(key), secret);
        alice.ask("getuserdata", "username=alice").done();
        let david = Party::signing(world, Some(site), Some(&self.david), sealed);
        david.ask("getuserdata", "username=david").done();
    }
}

/// A second factor in force, and one that waits for its first code.
fn second_factors(world: &World) {
    let offered = |code: &str| {
        let reply = world.service("portal").ask("settotp", &format!("{ALICE} {code}")).done();
        Authenticator::typed(&reply.text("secret"))
    };
    let app = offered("");
    let code = || format!("totp={}", app.shows(world));
    world.service("portal").ask("settotp", &format!("{ALICE} {}", code())).done();
    world.pass(30);
    offered(&code());
}

/// Stops the program, and waits until nobody has the database: whoever is just starting another program somewhere in
/// these tests has all open files for a moment, locks and all.
fn stopped(world: &mut World) {
    world.stop();
    for _ in 0..200 {
        if lock::alone(world.database()).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Changes the key until that step is reached, where it is cut off as by a kill.
fn rotated(world: &World, last: Option<Step>) -> bool {
    let mut drawn = 0_u8;
    let mut random = || {
        drawn = drawn.wrapping_add(1);
        [drawn; 32]
    };
    let mut reached = |step| assert!(Some(step) != last, "cut off");
    let (file, next) = (world.config.master_key_file(), [0x5a; 32]);
    let done = catch_unwind(AssertUnwindSafe(|| {
        rotation::rotate(world.database(), &file, next, &mut random, &mut reached)
    }));
    done.is_ok_and(|done| done.is_ok_and(|done| done.values > 8))
}

fn fingerprint(world: &World) -> String {
    Vault::open(&world.config.master_key_file()).unwrap().unwrap().fingerprint()
}

/// Everything that was sealed opens, and what was hashed is known again.
fn opens(world: &World, signers: &Signers) {
    signers.sign(world);
    let salt = world.call("showservicekey serviceid=salt").done().text("servicekey");
    assert_eq!(salt, "5a175a175a175a175a175a175a175a17");
    world.service("rotating").ask("getversion", "").done();
    assert!(world.mails().iter().any(|mail| mail.code().is_some()), "a sealed mail opens");
    let guess = world.stranger().at_the_session_endpoint().ask("", &format!("{ALICE} totp=000000"));
    guess
        .refused(Code::WrongPassword)
        .says("Wrong password: totp is not the code of this moment, or was used already");
    // The same call is known again; else the name would be taken.
    world.call(CAROL).done();
    world.work();
    world.call("loginuser username=erika password=sekret-1234").done();
}

#[test]
fn whatever_is_cut_off_one_key_opens_everything() {
    for last in STEPS.map(Some).into_iter().chain([None]) {
        let (mut world, signers) = sealed();
        let before = fingerprint(&world);
        stopped(&mut world);
        assert_eq!(rotated(&world, last), last.is_none(), "{last:?}");
        let committed = !matches!(last, Some(Step::Made | Step::Sealed));
        world.restart();
        opens(&world, &signers);
        assert_eq!(fingerprint(&world) != before, committed, "{last:?}");
        let key = world.config.master_key_file();
        let waiting = PathBuf::from(format!("{}.new", key.display()));
        assert_eq!(waiting.exists(), !committed, "{last:?}: what was begun is brought to its end");
        let kept: Vec<String> = rotation::kept(&key).iter().map(|path| path.display().to_string()).collect();
        let expected =
            committed.then(|| format!("{}.old-{before}", std::fs::canonicalize(&key).unwrap().display()));
        assert_eq!(kept, expected.into_iter().collect::<Vec<_>>(), "{last:?}");
        // And it can be done again.
        stopped(&mut world);
        let mut random = || [7; 32];
        rotation::rotate(world.database(), &key, [0xa5; 32], &mut random, &mut |_| {}).unwrap();
        assert!(!waiting.exists());
        world.restart();
        assert!(fingerprint(&world) != before);
        world.call("getversion").done();
    }
}

#[test]
fn a_damaged_value_changes_nothing() {
    let (mut world, _) = sealed();
    let before = fingerprint(&world);
    stopped(&mut world);
    crate::world::set(&mut world, "UPDATE outbox SET sealed = x'00' WHERE sealed IS NOT NULL");
    stopped(&mut world);
    assert!(!rotated(&world, None));
    let key = world.config.master_key_file();
    assert!(!PathBuf::from(format!("{}.new", key.display())).exists());
    assert_eq!((fingerprint(&world), rotation::kept(&key).len()), (before, 0));
    world.restart();
    world.call("getversion").done();
}

#[test]
fn it_needs_the_database_alone() {
    let (mut world, _) = sealed();
    assert!(!rotated(&world, None), "a server runs");
    stopped(&mut world);
    let held = lock::shared(world.database()).unwrap();
    assert!(!rotated(&world, None), "another program uses it");
    drop(held);
    assert!(rotated(&world, None));
}

#[test]
fn root_leaves_the_key_to_its_owner() {
    let (mut world, _) = sealed();
    stopped(&mut world);
    let key = world.config.master_key_file();
    // Only root can give a file away; to everybody else it stays anyway.
    if chown(&key, Some(65_534), Some(65_534)).is_ok() {
        assert!(rotated(&world, None));
        assert_eq!(std::fs::metadata(&key).unwrap().uid(), 65_534);
    }
}

#[test]
fn every_sealed_column_is_known() {
    let schema = include_str!("../../../schema.sql");
    let mut table = "";
    let mut sealed = BTreeSet::new();
    for line in schema.lines() {
        if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
            table = rest.split_whitespace().next().unwrap();
        }
        let mut words = line.split_whitespace();
        let (name, kind) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if kind.trim_end_matches(',') != "BLOB" {
            continue;
        }
        match name {
            "sealed" | "pending" => drop(sealed.insert(format!("{table}.{name}"))),
            // Hashes, which no key opens.
            "hash" | "key" | "fields" | "checksum" => {}
            other => panic!("is {table}.{other} sealed? then call it so and add it to store/rotation.rs"),
        }
    }
    assert_eq!(sealed, rotation::columns().map(str::to_owned).collect());
}

#[test]
fn a_killed_program_leaves_a_key_that_opens() {
    let folder = Folder::configured(CONFIG);
    let server = Server::start(&folder);
    for number in 0..40 {
        server
            .call("registeruser", &format!("username=u{number} useremail=u{number}@example.com sendmail=1"));
    }
    assert!(server.stop());
    let shown = || String::from_utf8(folder.run(&["key", "show-fingerprint"], "").stdout).unwrap();
    let mut seen = BTreeSet::from([shown()]);
    for round in 0..24_u64 {
        let mut command = program(&folder.0);
        let mut child = command.args(["key", "rotate-master"]).stdout(Stdio::null()).spawn().unwrap();
        // Instants spread over the time that it takes, the same in every run.
        std::thread::sleep(Duration::from_millis(5 + round * 11 % 90));
        child.kill().unwrap();
        child.wait().unwrap();
        let opened = folder.run(&["service", "show-key", "shop"], "");
        assert!(opened.status.success(), "round {round}: {}", String::from_utf8_lossy(&opened.stderr));
        seen.insert(shown());
    }
    let done = folder.run(&["key", "rotate-master"], "");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(seen.insert(shown()), "the key is another one");
    assert!(Server::start(&folder).call("getversion", "").contains("<version>"));
}

#[test]
fn the_old_key_stays_for_what_was_copied_before() {
    let folder = Folder::configured(CONFIG);
    assert!(Server::start(&folder).stop());
    let run = |arguments: &[&str]| {
        let run = folder.run(arguments, "");
        (run.status.code(), String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned())
    };
    let (_, fingerprint) = run(&["key", "show-fingerprint"]);
    let fingerprint = fingerprint.trim();
    let (_, said) = run(&["backup", "copy.db"]);
    assert!(said.contains(&format!("The fingerprint of the key that opens it is {fingerprint}.")), "{said}");
    let server = Server::start(&folder);
    let (code, said) = run(&["key", "rotate-master"]);
    assert!(code == Some(1) && said.contains("stop it first"), "{said}");
    assert!(server.stop());
    let (code, said) = run(&["key", "rotate-master"]);
    let old = format!("regserver.db.key.old-{fingerprint}");
    assert!(code == Some(0) && said.contains(&old) && said.contains("make a new backup"), "{said}");
    let (_, check) = run(&["check"]);
    let note = check.lines().find(|line| line.starts_with("note   master key")).unwrap();
    assert!(note.contains(&old), "{check}");
    let (code, said) = run(&["restore", "copy.db"]);
    assert!(code == Some(1) && said.contains("the copy is opened by") && said.contains(&old), "{said}");
    std::fs::rename(folder.0.join(&old), folder.0.join("regserver.db.key")).unwrap();
    let (code, said) = run(&["restore", "copy.db"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(Server::start(&folder).call("getversion", "").contains("<version>"));
}
