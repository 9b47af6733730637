//! The world's folder, and a look at its files from outside the program.
//!
//! Tests look at the database with a connection of their own, so that they see what is on the disk
//! and not what the program says about it.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

static FOLDERS: AtomicU64 = AtomicU64::new(0);

/// A folder that is removed with everything in it.
pub struct Folder(PathBuf);

impl Folder {
    /// A new, empty one.
    pub fn new() -> Folder {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("regserver-it-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A connection of the test's own, which only reads.
pub fn look(database: &Path) -> Connection {
    Connection::open_with_flags(database, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap()
}

/// Every row of every table, one a line.
pub fn dump(database: &Path) -> Vec<String> {
    let connection = look(database);
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
    let mut statement = connection.prepare(sql).unwrap();
    let tables = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    tables.flat_map(|table| rows(&connection, &table.unwrap())).collect()
}

/// Every row of a table, in the order of its contents.
pub fn rows(connection: &Connection, table: &str) -> Vec<String> {
    // The search index has no contents of its own; its hidden tables stand for it.
    if table == "users_text" {
        return Vec::new();
    }
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = statement.column_count();
    let mut found = statement.query([]).unwrap();
    let mut lines = Vec::new();
    while let Some(row) = found.next().unwrap() {
        let values: Vec<String> = (0..columns).map(|column| shown(row.get_ref(column).unwrap())).collect();
        lines.push(format!("{table}: {}", values.join(" | ")));
    }
    lines.sort();
    lines
}

fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "-".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => hex::encode(bytes),
    }
}

/// The members of a JSON object of texts.
pub fn texts(json: &[u8]) -> Vec<(String, String)> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(json).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    object.iter().map(|(name, value)| (name.clone(), text(value))).collect()
}

/// Changes the database from outside while the program is stopped: what no command does yet.
pub fn set(world: &mut super::World, sql: &str) {
    world.stop();
    let connection = Connection::open(world.database()).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    world.restart();
}
