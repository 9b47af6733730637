//! The world as it is made: once for all tests, by the calls in `fixtures/world.calls`.

use std::os::unix::fs::OpenOptionsExt;
use std::sync::LazyLock;

use super::{Configuration, Folder, World};

/// The calls that make the world.
pub const CALLS: &str = include_str!("../../../fixtures/world.calls");

/// The files of the finished world: the database, and the key it is sealed with.
struct Made {
    database: Vec<u8>,
    key: Vec<u8>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let folder = Folder::new();
    let config = Configuration::of_the_world(&folder).read();
    // No test draws what was drawn here, or two users would get one code.
    let mut world = World::in_folder(folder, config, 0);
    for line in CALLS.lines().filter(|line| !line.starts_with('#')) {
        let (service, call) = line.split_once(' ').unwrap();
        let (command, fields) = call.trim().split_once(' ').unwrap();
        world.service(service).ask(command, fields).done();
    }
    world.stop();
    let key = std::fs::read(world.config.master_key_file()).unwrap();
    Made { database: std::fs::read(world.database()).unwrap(), key }
});

/// Puts a copy of the world into a folder.
pub fn copy_to(folder: &Folder) {
    let database = folder.path().join("regserver.db");
    std::fs::write(&database, &MADE.database).unwrap();
    let mut options = std::fs::OpenOptions::new();
    let key = options.write(true).create_new(true).mode(0o600).open(database.with_extension("db.key"));
    std::io::Write::write_all(&mut key.unwrap(), &MADE.key).unwrap();
}
