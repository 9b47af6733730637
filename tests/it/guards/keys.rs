//! The start: a master key that is lost, wrong or open to others, and a database of another kind.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use regserver::api::Api;

use crate::world::World;

/// A world that is stopped, and why it does not start again.
struct Stopped(World);

impl Stopped {
    fn new() -> Stopped {
        let mut world = World::new();
        world.stop();
        Stopped(world)
    }

    fn key(&self) -> PathBuf {
        self.0.config.master_key_file()
    }

    #[track_caller]
    fn refuses(&self, words: &[&str]) {
        let why = Api::open(&self.0.config, self.0.options()).err().map(|error| format!("{error:#}"));
        let why = why.expect("it starts");
        assert!(words.iter().all(|word| why.contains(word)), "{why}");
    }

    fn sql(&self, sql: &str) {
        rusqlite::Connection::open(self.0.database()).unwrap().execute_batch(sql).unwrap();
    }
}

#[test]
fn a_lost_key_is_not_replaced() {
    let stopped = Stopped::new();
    std::fs::remove_file(stopped.key()).unwrap();
    stopped.refuses(&["the master key", "is missing", "put the key file back"]);
    assert!(!stopped.key().exists());
}

#[test]
fn a_wrong_key_opens_nothing() {
    let stopped = Stopped::new();
    std::fs::write(stopped.key(), "00".repeat(32)).unwrap();
    stopped.refuses(&["this master key is not the one that the database was made with"]);
}

#[test]
fn a_damaged_key_is_said_to_be_damaged() {
    let stopped = Stopped::new();
    for text in ["", "00", &"zz".repeat(32), &"00".repeat(33)] {
        std::fs::write(stopped.key(), text).unwrap();
        stopped.refuses(&["is damaged: 64 hex digits are expected"]);
    }
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let stopped = Stopped::new();
    for mode in [0o644, 0o640, 0o604, 0o660] {
        std::fs::set_permissions(stopped.key(), std::fs::Permissions::from_mode(mode)).unwrap();
        stopped.refuses(&["can be read by others", "chmod 600"]);
    }
}

#[test]
fn a_new_key_is_the_owners_alone() {
    let world = World::new();
    let fresh = crate::world::Folder::new();
    let mut config = world.config.clone();
    config.database.path = fresh.path().join("new.db");
    let started = Api::open(&config, world.options()).unwrap();
    assert!(started.fresh);
    let mode = std::fs::metadata(config.master_key_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    started.api.stop();
}

#[test]
fn an_unknown_version_of_the_tables_is_refused() {
    let stopped = Stopped::new();
    stopped.sql("UPDATE meta SET value = 99 WHERE name = 'schema'");
    stopped.refuses(&["has schema version 99, this program knows 8", "database.path"]);
    stopped.sql("DELETE FROM meta WHERE name = 'schema'");
    stopped.refuses(&["has schema version 0"]);
}

#[test]
fn what_is_no_database_is_refused() {
    let stopped = Stopped::new();
    std::fs::write(stopped.0.database(), "this is a letter, not a database. ".repeat(100)).unwrap();
    stopped.refuses(&["not a database"]);
    let text = std::fs::read_to_string(stopped.0.database()).unwrap();
    assert!(text.starts_with("this is a letter"), "and it is left alone");
}

#[test]
fn a_restore_under_way_keeps_it_out() {
    let stopped = Stopped::new();
    let lock = std::fs::File::create(stopped.0.file("regserver.db.lock")).unwrap();
    lock.lock().unwrap();
    stopped.refuses(&["is locked: a restore or a change of the master key is under way"]);
    drop(lock);
    let mut world = stopped.0;
    world.restart();
    world.call("getversion").done();
}

#[test]
fn a_sealed_value_in_anothers_place_is_refused() {
    let stopped = Stopped::new();
    stopped.sql(
        "UPDATE service_keys SET sealed = (SELECT sealed FROM service_keys WHERE serviceid = 2) WHERE serviceid = 1",
    );
    stopped.refuses(&["the master key does not open"]);
}

#[test]
fn a_configuration_that_overlaps_the_database_is_refused() {
    let mut world = World::new();
    world.call("createservice servicename=tickets addresses=192.0.2.0/24").done();
    world.stop();
    let mut stopped = Stopped(world);
    let portal = stopped.0.config.services.iter_mut().find(|service| service.name == "portal").unwrap();
    portal.addresses = vec!["192.0.2.7".into()];
    stopped.refuses(&["192.0.2.7/32 of portal overlaps 192.0.2.0/24 of tickets"]);
    // Nothing of it was applied.
    stopped.0.reconfigure(|_| {});
    stopped.0.call("getversion").done();
}
