//! Every statement of the store, asked how it would run on a database of a hundred thousand users.
//!
//! A statement that walks a table which grows is quick in every test and slow in a year. So the
//! statements are taken out of the source text, and SQLite is asked for its plan of each.

use std::sync::LazyLock;

use rusqlite::Connection;

use crate::source::files;

/// Tables that grow with the users or with the calls.
const GROWING: [&str; 30] = [
    "devices",
    "site_users",
    "license_notices",
    "groups",
    "group_invitations",
    "accounts",
    "account_keys",
    "account_managers",
    "users",
    "licenses",
    "depots",
    "depot_users",
    "codes",
    "temporary_passwords",
    "second_factors",
    "outbox",
    "audit",
    "idempotency",
    "replays",
    "counters",
    "users_text",
    "license_uses",
    "license_changes",
    "api_keys",
    "sessions",
    "calls",
    "refusals",
    "call_days",
    "jobs",
    "job_rows",
];

/// Walks that stop early by their LIMIT: how the statement begins, and why it may.
const WALKS: [(&str, &str); 14] = [
    (
        "SELECT id, 0, 'outbox/' || messageid, sealed FROM outbox",
        "a change of the master key, with the server stopped",
    ),
    ("SELECT jobid, number, 'job_rows/' || jobid || '/' || number, sealed FROM job_rows", "likewise"),
    ("SELECT id, 0, 'api_keys/' || name, sealed FROM api_keys", "likewise"),
    ("SELECT userid, 0, 'second_factors/' || userid, sealed FROM second_factors", "likewise"),
    ("SELECT userid, 0, 'second_factors/' || userid, pending FROM second_factors", "likewise"),
    (
        "DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id LIMIT $1)",
        "the oldest changes, along the rowid, a thousand at most",
    ),
    (
        "UPDATE jobs SET state = 'cancelled', finished = $1",
        "the jobs that are open, along an index of these alone, to the first that is too late",
    ),
    (
        "SELECT id, cursor FROM jobs WHERE state IN ('cancelled', 'failed') AND cursor < total",
        "the first job that has left rows, along an index of these alone",
    ),
    ("SELECT state, count(*) FROM (SELECT state FROM outbox", "the newest mails, as many as are counted"),
    (
        "SELECT id, messageid, recipient",
        "the newest mails, along the rowid from its end, as many as asked for",
    ),
    (
        "DELETE FROM counters WHERE key IN (SELECT key FROM counters ORDER BY expires LIMIT $1)",
        "the counters that end first, along their index, a thousand at most",
    ),
    (
        "DELETE FROM calls WHERE id IN (SELECT id FROM calls ORDER BY id LIMIT $1)",
        "the oldest calls, along the rowid, a thousand at most",
    ),
    (
        "DELETE FROM refusals WHERE id IN (SELECT id FROM refusals ORDER BY id LIMIT $1)",
        "the oldest refusals, likewise",
    ),
    ("SELECT count(*) FROM", "the counts of a diagnosis, asked for by hand"),
];

const ROWS: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000) ";

static DATABASE: LazyLock<std::sync::Mutex<Connection>> = LazyLock::new(|| {
    let connection = Connection::open_in_memory().unwrap();
    connection.execute_batch(include_str!("../../schema.sql")).unwrap();
    connection.execute_batch(include_str!("../../src/store/api_log/schema.sql")).unwrap();
    connection.execute_batch("PRAGMA foreign_keys = OFF;").unwrap();
    for insert in [
        "INSERT INTO users SELECT i, 1 + i % 3, 'u' || i, 'u' || i, 'u' || i || '@x', 'u' || i || '@x', '', 'activated', '',
         'en', iif(i % 5, '', 'r' || i), '', iif(i % 7, '', 'a' || i), i, 0, 0, 0, 1, i, NULL, 1, 0,
         iif(i % 3, NULL, 1 + i % 1000), i, iif(i % 2, NULL, 1 + i % 500), iif(i % 2, NULL, 1 + i % 5), 'uk' || i FROM n",
        "INSERT INTO licenses SELECT i, 1 + i % 3, 'k' || i, 'client', 'permanent', 1, 1, '', '', i, 'active', NULL, 1, 0, i
         FROM n",
        "INSERT INTO license_uses SELECT i, i, 1 FROM n",
        "INSERT INTO license_notices SELECT i, i, 3 FROM n",
        "INSERT INTO license_changes SELECT i, i, i, 'x', 'c', '', '{}', '{}', 'r' FROM n",
        "INSERT INTO depots SELECT i, 1 + i % 3, 'h', i, 1, 1, 1, 1, 'active', iif(i % 3, NULL, i), i FROM n WHERE i < 30000",
        "INSERT INTO groups SELECT i, 1 + i % 3, iif(i % 2, '', 'g' || i), 'g' || i, 'g' || i, i, 30, i, iif(i % 2, NULL, i), '', i
         FROM n WHERE i < 20000",
        "INSERT INTO group_invitations SELECT i, i, i, 1, 0 FROM n WHERE i < 20000",
        "INSERT INTO accounts SELECT i, 1 + i % 3, 'a' || i, 'a' || i, 'a' || i, 30, i, iif(i % 2, NULL, i), i FROM n WHERE i < 20000",
        "INSERT INTO account_keys SELECT 'a' || i FROM n WHERE i < 20000",
        "INSERT INTO account_managers SELECT i, i, i FROM n WHERE i < 20000",
        "INSERT INTO depot_users SELECT i, i, 1 FROM n WHERE i < 30000",
        "INSERT INTO devices SELECT i, i, 'd', 'linux', '', 'active', NULL, i, NULL, iif(i % 9, '', 'a') FROM n",
        "INSERT INTO codes SELECT CAST('c' || i AS BLOB), i, 'activation', '', i, i, NULL FROM n",
        "INSERT INTO temporary_passwords SELECT i, 'x', i, 0 FROM n WHERE i < 20000",
        "INSERT INTO second_factors SELECT i, CAST('s' AS BLOB), i, NULL, NULL FROM n WHERE i < 20000",
        "INSERT INTO counters SELECT 'k' || i, 1, i, 0, 0, i FROM n",
        "INSERT INTO api_keys SELECT i, i / 2, 'rk' || i, 'basic', '', CAST('h' AS BLOB), NULL, '', 7, i, NULL, NULL FROM n",
        "INSERT INTO sessions SELECT i, CAST('h' || i AS BLOB), i / 2, i, NULL, NULL, 'a', i, i FROM n",
        "INSERT INTO site_users SELECT i, 1 + i % 5, i FROM n",
        "INSERT INTO sites SELECT i, 1 + i % 3, 's' || i, 's' || i, 'sk' || i, 1, i FROM n WHERE i < 6",
        "INSERT INTO site_keys SELECT i, i, CAST('s' AS BLOB), i, NULL FROM n WHERE i < 6",
        "INSERT INTO outbox SELECT i, 'm' || i, 1 + i % 3, i, 'x', 'web', 't', 'en', '{}', NULL, iif(i % 9, 'sent', 'waiting'), i, i, 0, '', NULL, '', 0 FROM n",
        "INSERT INTO idempotency SELECT CAST('k' || i AS BLOB), CAST('f' AS BLOB), '{}', i FROM n",
        "INSERT INTO replays SELECT 'service:' || i % 9, CAST('c' || i AS BLOB), i FROM n",
        "INSERT INTO audit SELECT i, i, 1 + i % 3, 'service:x', 'API-CALL', 'c', i, '{}', '{}', '{}', 'r' FROM n",
        "INSERT INTO calls SELECT i, i, 1 + i % 3, 'service:x', 'x', 'c', i, 0, 1, 'a', 'r' || i, '{}' FROM n",
        "INSERT INTO refusals SELECT i, 1 + i % 3, 'x', 'a', 'r', 0, i, i, 1, 'r' FROM n",
        "INSERT INTO call_days SELECT i, i % 3, 0, 1 FROM n",
        "INSERT INTO jobs SELECT i, 1 + i % 3, 'runbulk', '{}', 'x', '', NULL, '', NULL, '', 'x', NULL, 0, 1,
         iif(i % 1000, 'done', 'running'), '', 0, 9, 9, 0, 0, 0, 9, '', 0, 'r', i, iif(i % 1000, i, NULL), NULL FROM n",
        "INSERT INTO job_rows SELECT i / 9, i, i, 'n', 'n' || i, '[]', NULL, iif(i % 9, 'created', 'refused'), 0, '', i FROM n",
        "INSERT INTO providers SELECT i, 'P' || i, 'x', '', NULL, 1, 1 FROM n WHERE i < 4",
    ] {
        let (into, select) = insert.split_once(" SELECT").unwrap();
        let with = format!("{into} {ROWS} SELECT{select}");
        connection.execute_batch(&with).unwrap_or_else(|error| panic!("{error}: {insert}"));
    }
    connection.execute_batch("ANALYZE").unwrap();
    std::sync::Mutex::new(connection)
});

/// Every statement in the source of the store, on one line.
fn statements() -> Vec<(String, String)> {
    let verbs = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
    let mut found = Vec::new();
    for file in files(&["src/store"]) {
        for text in file.texts() {
            if verbs.iter().any(|verb| text.starts_with(verb)) {
                let line = text.replace("\\\n", " ").split_whitespace().collect::<Vec<_>>().join(" ");
                found.push((file.path.clone(), line));
            }
        }
    }
    found
}

/// The steps of SQLite's plan.
fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
    let steps = statement.raw_query().mapped(|row| row.get::<_, String>(3)).collect::<Result<Vec<_>, _>>();
    steps.unwrap()
}

#[test]
fn no_statement_walks_a_table_that_grows() {
    let connection = DATABASE.lock().unwrap();
    let statements = statements();
    assert!(statements.len() > 50, "only {} statements were found", statements.len());
    let mut faults = Vec::new();
    for (path, sql) in statements {
        if WALKS.iter().any(|(begin, _)| sql.starts_with(begin)) {
            continue;
        }
        for step in plan(&connection, &sql) {
            let mut words = step.split(' ');
            let walked = (words.next(), words.next());
            let (Some("SCAN"), Some(table)) = walked else { continue };
            // The search index is always called walked; what leads the way stands behind the colon.
            let led = step.contains("VIRTUAL TABLE INDEX ") && !step.ends_with(':');
            if GROWING.contains(&table) && !led {
                faults.push(format!("{path}: {step}: {sql}"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_exception_is_still_there() {
    let statements = statements();
    for (begin, why) in WALKS {
        assert!(statements.iter().any(|(_, sql)| sql.starts_with(begin)), "{begin} is gone ({why})");
    }
}

#[test]
fn every_foreign_key_is_indexed() {
    let connection = DATABASE.lock().unwrap();
    let texts = |sql: &str| -> Vec<(String, String)> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    let keys = texts(
        "SELECT s.name, f.\"from\" FROM sqlite_schema s JOIN pragma_foreign_key_list(s.name) f WHERE s.type = 'table'",
    );
    assert!(keys.len() > 8);
    let first_columns = texts(
        "SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_index_list(s.name) i
         JOIN pragma_index_info(i.name) c WHERE c.seqno = 0 AND c.name IS NOT NULL",
    );
    let primary =
        texts("SELECT s.name, c.name FROM sqlite_schema s JOIN pragma_table_info(s.name) c WHERE c.pk = 1");
    for key in keys {
        assert!(
            first_columns.contains(&key) || primary.contains(&key),
            "{} of {} has no index",
            key.1,
            key.0
        );
    }
}

#[test]
fn parameters_are_numbered_in_the_order_of_their_first_use() {
    for (path, sql) in statements() {
        let mut highest = 0;
        for part in sql.split('$').skip(1) {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            let number: usize = digits.parse().unwrap();
            assert!(number <= highest + 1, "{path}: ${number} comes too early: {sql}");
            highest = highest.max(number);
        }
        assert!(!sql.contains('?'), "{path}: {sql}");
    }
}

#[test]
fn nothing_that_only_sqlite_can_do() {
    let words = [
        "INSERT OR ",
        "last_insert_rowid",
        "datetime(",
        "random()",
        "lower(",
        "upper(",
        "COLLATE NOCASE",
        " LIKE ",
        " GLOB ",
    ];
    for (path, sql) in statements() {
        for word in words {
            assert!(!sql.contains(word), "{path} has {word}: {sql}");
        }
    }
}
