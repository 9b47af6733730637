//! SQLite: the only file that knows the database.
//!
//! The other files of the store hand over statements with numbered parameters and take rows back;
//! connections, pragmas, caching and the sorting of the database's errors stand here. A reader never
//! waits and never writes; the one writing connection belongs to [`super::writer`].

mod apart;

use std::cell::{Cell, RefCell};
use std::path::Path;
use std::time::Duration;

pub use rusqlite::ToSql;
use rusqlite::config::DbConfig;
use rusqlite::{CachedStatement, Connection, ErrorCode, OpenFlags, OptionalExtension};

pub use apart::Apart;

use super::audit::Ledger;
use crate::error::{Error, Result};

/// One row of an answer.
pub type Row<'a> = rusqlite::Row<'a>;
/// What a function that reads a row returns.
pub type FromRow<T> = rusqlite::Result<T>;
/// The parameters of a statement, in order.
pub type Params<'a> = &'a [&'a dyn ToSql];
/// A statement with its values, as recorded for measurements.
pub type Recorded = (&'static str, Vec<rusqlite::types::Value>);

/// The oldest SQLite that does not damage a WAL when two connections checkpoint.
const OLDEST: i32 = 3_051_003;
const STATEMENTS: usize = 256;

/// What a transaction leaves for the writer to do before it commits.
#[derive(Debug, Default, Clone)]
pub struct Notes {
    /// Users whose row in the search index must be rewritten; true: there was none before.
    pub reindex: Vec<(i64, bool)>,
    /// Providers, services, keys or settings have changed.
    pub settings: bool,
    /// Successful logins, written later in a batch: user, time.
    pub logins: Vec<(i64, i64)>,
    /// Contacts of devices, written later in a batch: device, time.
    pub contacts: Vec<(i64, i64)>,
    /// Wrong passwords that were counted.
    pub failures: usize,
    /// Whom the change is about, for the audit row.
    pub subject: Option<i64>,
    /// Whether the caller's right to the subject was asked.
    pub judged: bool,
    /// How many rows were changed.
    pub changes: usize,
    /// How many licence keys were drawn.
    pub keys_drawn: usize,
    /// The call leaves an audit row even if it changed nothing.
    pub witnessed: bool,
}

/// One transaction.
pub struct Tx<'a> {
    connection: &'a Connection,
    notes: RefCell<Notes>,
    recorder: Option<&'a RefCell<Vec<Recorded>>>,
    /// How many statements it may still make; none: any number.
    statements: Option<Cell<u8>>,
    /// Where the audit row's before and after are gathered; only a change has one.
    pub(super) ledger: Option<RefCell<Ledger>>,
}

impl<'a> Tx<'a> {
    /// Speaks over a connection whose transaction somebody else begins and ends.
    pub(super) fn over(connection: &'a Connection, recorder: Option<&'a RefCell<Vec<Recorded>>>) -> Tx<'a> {
        Tx { connection, notes: RefCell::default(), recorder, statements: None, ledger: None }
    }

    /// The same for a change, which the audit log tells of.
    pub(super) fn changing(
        connection: &'a Connection,
        recorder: Option<&'a RefCell<Vec<Recorded>>>,
    ) -> Tx<'a> {
        Tx { ledger: Some(RefCell::default()), ..Tx::over(connection, recorder) }
    }

    /// The first row, if any.
    pub(super) fn one<T>(
        &self,
        sql: &'static str,
        params: Params<'_>,
        read: impl FnOnce(&Row<'_>) -> FromRow<T>,
    ) -> Result<Option<T>> {
        let mut statement = self.prepare(sql, params)?;
        statement.query_row(params, read).optional().map_err(sort)
    }

    /// Every row until `read` says stop by answering `false`.
    pub(super) fn each(
        &self,
        sql: &'static str,
        params: Params<'_>,
        mut read: impl FnMut(&Row<'_>) -> FromRow<bool>,
    ) -> Result<()> {
        let mut statement = self.prepare(sql, params)?;
        let mut rows = statement.query(params).map_err(sort)?;
        while let Some(row) = rows.next().map_err(sort)? {
            if !read(row).map_err(sort)? {
                break;
            }
        }
        Ok(())
    }

    /// All rows.
    pub(super) fn all<T>(
        &self,
        sql: &'static str,
        params: Params<'_>,
        mut read: impl FnMut(&Row<'_>) -> FromRow<T>,
    ) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        self.each(sql, params, |row| {
            rows.push(read(row)?);
            Ok(true)
        })?;
        Ok(rows)
    }

    /// Changes rows and says how many.
    pub(super) fn change(&self, sql: &'static str, params: Params<'_>) -> Result<usize> {
        let changed = self.keep_house(sql, params)?;
        self.notes.borrow_mut().changes += changed;
        Ok(changed)
    }

    /// Changes rows that are no change to anybody: replay rows, audit rows, old rows thrown away.
    pub(super) fn keep_house(&self, sql: &'static str, params: Params<'_>) -> Result<usize> {
        let mut statement = self.prepare(sql, params)?;
        statement.execute(params).map_err(sort)
    }

    /// Adds a row by a statement that ends in `RETURNING id`.
    pub(super) fn insert(&self, sql: &'static str, params: Params<'_>) -> Result<i64> {
        let id = self.one(sql, params, |row| row.get(0))?;
        self.notes.borrow_mut().changes += 1;
        id.ok_or_else(|| Error::fault("an insert returned no id"))
    }

    /// Rows that this connection has changed since it was opened, also inside an index.
    pub(super) fn all_changes(&self) -> u64 {
        self.connection.total_changes()
    }

    /// Adds to what the writer must do before it commits.
    pub(super) fn note(&self, add: impl FnOnce(&mut Notes)) {
        add(&mut self.notes.borrow_mut());
    }

    /// Marks the transaction as one after which the state in memory is made anew.
    pub fn changes_settings(&self) {
        self.note(|notes| notes.settings = true);
    }

    /// What is to be done before the commit.
    pub(super) fn notes(&self) -> Notes {
        self.notes.borrow().clone()
    }

    fn prepare(&self, sql: &'static str, params: Params<'_>) -> Result<CachedStatement<'_>> {
        if let Some(recorder) = self.recorder {
            let values = params.iter().map(|p| owned(*p)).collect();
            recorder.borrow_mut().push((sql, values));
        }
        if let Some(statements) = &self.statements {
            // Two statements without a transaction could see two states of the database: it needs one.
            statements.set(statements.get().checked_sub(1).ok_or(Error::Again)?);
        }
        self.connection.prepare_cached(sql).map_err(sort)
    }
}

fn owned(value: &dyn ToSql) -> rusqlite::types::Value {
    use rusqlite::types::{ToSqlOutput, Value};
    match value.to_sql() {
        Ok(ToSqlOutput::Borrowed(value)) => value.try_into().unwrap_or(Value::Null),
        Ok(ToSqlOutput::Owned(value)) => value,
        _ => Value::Null,
    }
}

/// A connection that only reads.
pub struct Reader {
    connection: Connection,
    broken: Cell<bool>,
}

impl Reader {
    /// Opens the file for reading; waits for nobody.
    pub fn open(path: &Path) -> Result<Reader> {
        let connection = Connection::open_with_flags(path, read_flags()).map_err(sort)?;
        set_reader(&connection).map_err(sort)?;
        Ok(Reader { connection, broken: Cell::new(false) })
    }

    /// Runs `f` in one transaction that is closed before this returns.
    pub fn read<T>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        reading(&self.connection, f)
    }

    /// Runs `f`, which makes one statement; that is a transaction by itself. [`Error::Again`]: it needed another.
    pub fn glance<T>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        f(&Tx { statements: Some(Cell::new(1)), ..Tx::over(&self.connection, None) })
    }

    /// Begins to read, and stays at the state that it sees.
    pub(super) fn stay(&self) -> Result<()> {
        run(&self.connection, "BEGIN")?;
        // A transaction sees nothing yet before its first statement.
        Tx::over(&self.connection, None).generation().map(drop)
    }

    /// Ends such a read.
    pub(super) fn leave(&self) -> Result<()> {
        run(&self.connection, "COMMIT")
    }

    /// Marks the connection as one not to be used again: a panic went through it.
    pub fn give_up(&self) {
        self.broken.set(true);
    }

    /// Whether the connection was given up.
    pub fn broken(&self) -> bool {
        self.broken.get()
    }
}

fn reading<T>(connection: &Connection, f: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
    struct End<'a>(&'a Connection);
    impl Drop for End<'_> {
        fn drop(&mut self) {
            if let Err(error) = run(self.0, "COMMIT") {
                log::warn!("a read transaction did not close: {error}");
            }
        }
    }
    run(connection, "BEGIN")?;
    let _end = End(connection);
    f(&Tx::over(connection, None))
}

/// Runs a statement without parameters or rows.
pub(super) fn run(connection: &Connection, sql: &str) -> Result<()> {
    let mut statement = connection.prepare_cached(sql).map_err(sort)?;
    statement.execute([]).map(drop).map_err(sort)
}

/// Reading connections for what takes longer than a worker may.
#[derive(Clone)]
pub struct Pool(r2d2::Pool<r2d2_sqlite::SqliteConnectionManager>);

impl Pool {
    /// A pool of that many connections, opened as they are needed.
    pub fn open(path: &Path, size: u32) -> Result<Pool> {
        let manager = r2d2_sqlite::SqliteConnectionManager::file(path).with_flags(read_flags()).with_init(
            |connection| {
                set_reader(connection)?;
                connection.busy_timeout(Duration::from_secs(1))
            },
        );
        let pool = r2d2::Pool::builder()
            .max_size(size)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(Duration::from_secs(2))
            .build(manager)
            .map_err(|error| Error::Down(error.into()))?;
        Ok(Pool(pool))
    }

    /// Runs `f` in one transaction on one of the connections.
    pub fn read<T>(&self, f: impl FnOnce(&Tx<'_>) -> Result<T>) -> Result<T> {
        let connection = self.0.get().map_err(|_| Error::Busy)?;
        reading(&connection, f)
    }
}

fn read_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

fn set_reader(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(
        "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON; PRAGMA cache_size = -4096;
         PRAGMA mmap_size = 2147483648; PRAGMA wal_autocheckpoint = 0;",
    )?;
    keep_plans(connection)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(())
}

/// Plans do not depend on the values that are bound. Else every statement with a bound `LIMIT`, which the planner likes
/// to know, would be read and planned anew each time, which costs several times as much as running it.
fn keep_plans(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true).map(drop)
}

/// The database's library and its version.
pub(super) fn library() -> String {
    format!("SQLite {}", rusqlite::version())
}

/// Opens a database in memory, which ends with its connection.
pub(super) fn open_memory() -> Result<Connection> {
    Connection::open_in_memory().map_err(sort)
}

/// Opens the connection that writes.
pub(super) fn open_writer(path: &Path, full: bool) -> Result<Connection> {
    if rusqlite::version_number() < OLDEST {
        return Err(Error::fault(format!("SQLite {} is too old, 3.51.3 is needed", rusqlite::version())));
    }
    let connection = Connection::open(path).map_err(sort)?;
    connection.busy_timeout(Duration::from_secs(1)).map_err(sort)?;
    connection.pragma_update(None, "journal_mode", "WAL").map_err(sort)?;
    connection
        .execute_batch(
            "PRAGMA trusted_schema = OFF; PRAGMA foreign_keys = ON; PRAGMA mmap_size = 0;
             PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000;
             -- A savepoint keeps the pages that are changed behind it; in memory, else in a file for each.
             PRAGMA temp_store = MEMORY;",
        )
        .map_err(sort)?;
    keep_plans(&connection).map_err(sort)?;
    connection.pragma_update(None, "synchronous", if full { "FULL" } else { "NORMAL" }).map_err(sort)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Sorts the database's errors into ours; nobody else looks at them.
pub(super) fn sort(error: rusqlite::Error) -> Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Error::Busy,
        Some(
            ErrorCode::DiskFull
            | ErrorCode::SystemIoFailure
            | ErrorCode::ReadOnly
            | ErrorCode::CannotOpen
            | ErrorCode::DatabaseCorrupt
            | ErrorCode::NotADatabase
            | ErrorCode::OperationInterrupted
            | ErrorCode::OutOfMemory,
        ) => Error::Down(error.into()),
        _ => Error::Failed(error.into()),
    }
}
