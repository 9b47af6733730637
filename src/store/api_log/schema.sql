-- The tables of the API log, a file of its own beside the database. The rules of schema.sql hold here too.
-- What stands here is a record for people; nothing of the product depends on it, and without the file a new
-- one is made.

-- One row for every call that is kept.
CREATE TABLE calls (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,      -- never given twice: readers keep it as a cursor
    time       INTEGER NOT NULL,                       -- when the call began
    providerid INTEGER NOT NULL,                       -- 0: none was known
    caller     TEXT NOT NULL,
    service    TEXT NOT NULL,
    command    TEXT NOT NULL,
    userid     INTEGER,
    code       INTEGER NOT NULL,                       -- 0, or the primary code of the refusal
    micros     INTEGER NOT NULL,
    address    TEXT NOT NULL,
    requestid  TEXT NOT NULL,
    fields     TEXT NOT NULL                           -- JSON, secrets masked
) STRICT;
CREATE INDEX calls_provider ON calls (providerid, id);
CREATE INDEX calls_request ON calls (requestid);

-- The ring of refused calls: a row for each address, reason and minute; the oldest go first.
CREATE TABLE refusals (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    providerid INTEGER NOT NULL,                       -- of the service matched; 0: none
    service    TEXT NOT NULL,
    address    TEXT NOT NULL,
    reason     TEXT NOT NULL,                          -- in the operator's words
    code       INTEGER NOT NULL,
    first      INTEGER NOT NULL,
    last       INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    requests   TEXT NOT NULL                           -- the ids of the first ten, one a line
) STRICT;
CREATE INDEX refusals_provider ON refusals (providerid, id);

-- How many calls there were on a day, counted as they are written; refused ones are counted in full.
CREATE TABLE call_days (
    day        INTEGER NOT NULL,                       -- since 1970
    providerid INTEGER NOT NULL,
    refused    INTEGER NOT NULL CHECK (refused IN (0, 1)),
    count      INTEGER NOT NULL,
    PRIMARY KEY (day, providerid, refused)
) STRICT, WITHOUT ROWID;
