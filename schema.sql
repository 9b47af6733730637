-- The tables of regserver. This file is their definition; a fresh database is made from it.
--
-- Rules: STRICT tables of INTEGER, TEXT and BLOB only; truths are 0 and 1; times are microseconds
-- since 1970 in UTC; a *_key column holds the folded form by which a text is found; every foreign
-- key is indexed. Nothing here folds case, asks for the time or draws at random: the program does.

-- Numbers of the database itself: 'schema' (the version of this file), 'generation' (rises with
-- every change of providers, services, keys and settings; other programs watch it), 'demoaway' (1: the service for
-- trying things out is off because the configuration states services).
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Values sealed under the master key: 'check' (proves that the key is the right one), 'salt', and 'keyed hashes' (the key of
-- these, once the master key was changed).
CREATE TABLE sealed_values (
    name   TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE providers (
    id        INTEGER PRIMARY KEY,
    code      TEXT NOT NULL UNIQUE,                    -- four of A-Z 0-9
    name      TEXT NOT NULL,
    email     TEXT NOT NULL,                           -- whom to ask about it; may be empty
    managedby INTEGER REFERENCES providers (id),
    magic     INTEGER NOT NULL,                        -- the last number given to a magic username
    created   INTEGER NOT NULL
) STRICT;
CREATE INDEX providers_managedby ON providers (managedby);

-- Values that differ from the default. A server setting has no provider.
CREATE TABLE settings (
    id         INTEGER PRIMARY KEY,
    providerid INTEGER REFERENCES providers (id),
    name       TEXT NOT NULL,
    value      TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX settings_provider ON settings (providerid, name) WHERE providerid IS NOT NULL;
CREATE UNIQUE INDEX settings_server ON settings (name) WHERE providerid IS NULL;

CREATE TABLE services (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,      -- never given twice: calls on their way keep it
    providerid INTEGER NOT NULL REFERENCES providers (id),
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    method     TEXT NOT NULL,                          -- md5-salt, md5, hmac-sha1, hmac-sha256
    addresses  TEXT NOT NULL,                          -- addresses and ranges, one a line
    commands   TEXT NOT NULL,                          -- commands allowed, one a line; empty: all
    loginlimit INTEGER NOT NULL,                       -- wrong passwords in 15 minutes; 0: no limit
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    demo       INTEGER NOT NULL CHECK (demo IN (0, 1)),
    created    INTEGER NOT NULL
) STRICT;
CREATE INDEX services_provider ON services (providerid);

-- One live key, two during a rotation.
CREATE TABLE service_keys (
    id        INTEGER PRIMARY KEY,
    serviceid INTEGER NOT NULL REFERENCES services (id) ON DELETE CASCADE,
    sealed    BLOB NOT NULL,
    created   INTEGER NOT NULL,
    notafter  INTEGER,
    lastused  INTEGER                                  -- of a key that ends; at most two minutes late
) STRICT;
CREATE INDEX service_keys_service ON service_keys (serviceid);

CREATE TABLE licenses (
    id             INTEGER PRIMARY KEY,
    providerid     INTEGER NOT NULL REFERENCES providers (id),
    licensekey     TEXT NOT NULL UNIQUE,
    product        TEXT NOT NULL CHECK (product IN ('client', 'server')),
    type           TEXT NOT NULL CHECK (type IN ('monthly', 'yearly', 'permanent')),
    features       INTEGER NOT NULL,                   -- bits
    seats          INTEGER NOT NULL CHECK (seats >= 0),-- the limit
    reference      TEXT NOT NULL,
    contractnumber TEXT NOT NULL,
    holderid       INTEGER REFERENCES users (id) ON DELETE SET NULL,
    status         TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'cancelled')),
    validuntil     INTEGER,                            -- the moment at which it ends
    used           INTEGER NOT NULL CHECK (used >= 0), -- rows of license_uses; of a server licence: depots
    pooled         INTEGER NOT NULL CHECK (pooled >= 0), -- users who have it through group or account alone
    created        INTEGER NOT NULL,
    CHECK (used + pooled <= seats)
) STRICT;
-- All but the second end with the key, the order in which a search shows its pages.
CREATE INDEX licenses_provider ON licenses (providerid, licensekey);
CREATE INDEX licenses_end ON licenses (providerid, validuntil) WHERE status = 'active' AND validuntil IS NOT NULL;
CREATE INDEX licenses_holder ON licenses (holderid, licensekey);
CREATE INDEX licenses_reference ON licenses (providerid, reference, licensekey) WHERE reference <> '';
CREATE INDEX licenses_contract ON licenses (providerid, contractnumber, licensekey) WHERE contractnumber <> '';

-- Who uses a licence: a user once, in however many ways, by default and by devices.
CREATE TABLE license_uses (
    licenseid INTEGER NOT NULL REFERENCES licenses (id),
    userid    INTEGER NOT NULL REFERENCES users (id),
    ways      INTEGER NOT NULL CHECK (ways > 0),
    PRIMARY KEY (licenseid, userid)
) STRICT, WITHOUT ROWID;
CREATE INDEX license_uses_user ON license_uses (userid);

-- What the holder of a licence was told about its end, the last time.
CREATE TABLE license_notices (
    licenseid  INTEGER PRIMARY KEY REFERENCES licenses (id) ON DELETE CASCADE,
    validuntil INTEGER NOT NULL,                       -- the end that was spoken of
    days       INTEGER NOT NULL                        -- so many days before it; 0: that it has ended
) STRICT;

-- Every change of a licence's terms, state, holder or reference.
CREATE TABLE license_changes (
    id        INTEGER PRIMARY KEY,
    licenseid INTEGER NOT NULL REFERENCES licenses (id) ON DELETE CASCADE,
    time      INTEGER NOT NULL,
    caller    TEXT NOT NULL,
    command   TEXT NOT NULL,
    changeid  TEXT NOT NULL,                           -- the caller's own id of the change, or nothing
    before    TEXT NOT NULL,                           -- JSON, what changed
    after     TEXT NOT NULL,                           -- JSON, the same fields
    requestid TEXT NOT NULL
) STRICT;
CREATE INDEX license_changes_license ON license_changes (licenseid, id);
CREATE UNIQUE INDEX license_changes_changeid ON license_changes (licenseid, changeid) WHERE changeid <> '';

CREATE TABLE users (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given twice: callers keep it as a cursor
    providerid    INTEGER NOT NULL REFERENCES providers (id),
    username      TEXT NOT NULL,
    name_key      TEXT NOT NULL UNIQUE,
    email         TEXT NOT NULL,
    email_key     TEXT NOT NULL,
    password      TEXT NOT NULL,                       -- Argon2id PHC string; empty: none yet
    status        TEXT NOT NULL CHECK (status IN ('todelete', 'disabled', 'inactive', 'activated')),
    before        TEXT NOT NULL CHECK (before IN ('', 'inactive', 'activated')), -- what enabling restores
    language      TEXT NOT NULL,
    reference     TEXT NOT NULL,
    department    TEXT NOT NULL,
    authid        TEXT NOT NULL,
    licenseid     INTEGER REFERENCES licenses (id),    -- the default licence, the one used
    keyrepository INTEGER NOT NULL CHECK (keyrepository IN (0, 1)),
    newsletter    INTEGER NOT NULL CHECK (newsletter IN (0, 1)),
    emailbounced  INTEGER NOT NULL CHECK (emailbounced IN (0, 1)),
    webportal     INTEGER NOT NULL CHECK (webportal IN (0, 1)),
    created       INTEGER NOT NULL,
    lastlogin     INTEGER,
    modnumber     INTEGER NOT NULL,                    -- rises with every change
    rights        INTEGER NOT NULL,                    -- bits: 1 API-ACCESS, 2 EDIT-PROVIDER, 4 SUPER-USER
    groupid       INTEGER REFERENCES groups (id),      -- the group the user is a member of
    groupjoined   INTEGER,                             -- since when
    accountid     INTEGER REFERENCES accounts (id),    -- the company account the user belongs to
    homesite      INTEGER,                             -- the site that registered the user; may be gone
    userkey       TEXT NOT NULL UNIQUE                 -- by which sites name the user; public
) STRICT;
CREATE INDEX users_email ON users (email_key);
CREATE INDEX users_provider ON users (providerid, id);
CREATE INDEX users_license ON users (licenseid) WHERE licenseid IS NOT NULL;
CREATE INDEX users_reference ON users (providerid, reference) WHERE reference <> '';
CREATE UNIQUE INDEX users_authid ON users (providerid, authid) WHERE authid <> '';
CREATE INDEX users_group ON users (groupid, id) WHERE groupid IS NOT NULL;
CREATE INDEX users_account ON users (accountid, id) WHERE accountid IS NOT NULL;

-- The search index over folded texts, each between U+0002 and U+0003, so that its beginning and its end can
-- be searched for. The provider stands in it as three characters of the private use area. Written once before
-- each commit.
CREATE VIRTUAL TABLE users_text USING fts5 (
    provider, name, email, reference, department,
    tokenize = 'trigram case_sensitive 1', content = '', contentless_delete = 1
);
-- Two parts of the index of the same age are enough to be merged in a quiet moment.
INSERT INTO users_text (users_text, rank) VALUES ('usermerge', 2);

CREATE TABLE depots (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,    -- never given twice: host servers keep it
    providerid   INTEGER NOT NULL REFERENCES providers (id),
    hosturl      TEXT NOT NULL,
    ownerid      INTEGER REFERENCES users (id) ON DELETE SET NULL,
    storagelimit INTEGER NOT NULL,                     -- bytes
    storageused  INTEGER NOT NULL,
    trafficlimit INTEGER NOT NULL,                     -- bytes; 0: no limit
    trafficused  INTEGER NOT NULL,
    status       TEXT NOT NULL CHECK (status IN ('active', 'inactive')),
    licenseid    INTEGER REFERENCES licenses (id),     -- the server licence of which it is one use
    created      INTEGER NOT NULL
) STRICT;
CREATE INDEX depots_provider ON depots (providerid);
CREATE INDEX depots_owner ON depots (ownerid);
CREATE INDEX depots_license ON depots (licenseid) WHERE licenseid IS NOT NULL;

CREATE TABLE depot_users (
    userid    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    depotid   INTEGER NOT NULL REFERENCES depots (id) ON DELETE CASCADE,
    isdefault INTEGER NOT NULL CHECK (isdefault IN (0, 1)),
    PRIMARY KEY (userid, depotid)
) STRICT, WITHOUT ROWID;
CREATE INDEX depot_users_depot ON depot_users (depotid);

-- Groups: a user is a member of one at most. Its licence and depot go before the members' own.
CREATE TABLE groups (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,  -- never given twice: callers keep it
    providerid     INTEGER NOT NULL REFERENCES providers (id),
    reference      TEXT NOT NULL,                      -- the external handle; empty: none
    name           TEXT NOT NULL,
    name_key       TEXT NOT NULL,
    managerid      INTEGER REFERENCES users (id) ON DELETE SET NULL,
    members        INTEGER NOT NULL CHECK (members >= 0), -- users whose group it is
    licenseid      INTEGER REFERENCES licenses (id),
    depotid        INTEGER REFERENCES depots (id) ON DELETE SET NULL,
    clientsettings TEXT NOT NULL,                      -- lines key=value
    created        INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX groups_reference ON groups (providerid, reference) WHERE reference <> '';
CREATE INDEX groups_provider ON groups (providerid, id, name_key);
CREATE INDEX groups_manager ON groups (managerid) WHERE managerid IS NOT NULL;
CREATE INDEX groups_license ON groups (licenseid) WHERE licenseid IS NOT NULL;
CREATE INDEX groups_depot ON groups (depotid) WHERE depotid IS NOT NULL;

-- Who was invited to a group, and how often the answer was no; who may be asked again has fewer than three.
CREATE TABLE group_invitations (
    groupid  INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    userid   INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    invited  INTEGER NOT NULL,
    open     INTEGER NOT NULL CHECK (open IN (0, 1)),  -- whether an answer is awaited
    refusals INTEGER NOT NULL CHECK (refusals >= 0),
    PRIMARY KEY (groupid, userid)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_invitations_user ON group_invitations (userid);

-- Company accounts: a user belongs to one at most and may manage several, without being a member.
CREATE TABLE accounts (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,      -- never given twice: a search goes on behind it
    providerid INTEGER NOT NULL REFERENCES providers (id),
    accountkey TEXT NOT NULL UNIQUE,                   -- ACME-SHOP-1234
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL,
    members    INTEGER NOT NULL CHECK (members >= 0),  -- users who belong to it
    licenseid  INTEGER REFERENCES licenses (id),
    depotid    INTEGER REFERENCES depots (id) ON DELETE SET NULL,
    created    INTEGER NOT NULL
) STRICT;
CREATE INDEX accounts_provider ON accounts (providerid, id, name_key);
CREATE INDEX accounts_license ON accounts (licenseid) WHERE licenseid IS NOT NULL;
CREATE INDEX accounts_depot ON accounts (depotid) WHERE depotid IS NOT NULL;

-- Every key that was ever given: what an old one is kept for must not become somebody else's.
CREATE TABLE account_keys (
    accountkey TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE account_managers (
    accountid INTEGER NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    userid    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    since     INTEGER NOT NULL,
    PRIMARY KEY (accountid, userid)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_managers_user ON account_managers (userid);

-- Client installations of a user.
CREATE TABLE devices (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,       -- never given twice: clients keep it
    userid    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name      TEXT NOT NULL,
    platform  TEXT NOT NULL CHECK (platform IN ('win', 'mac', 'linux', 'ios', 'android', 'web')),
    version   TEXT NOT NULL,
    status    TEXT NOT NULL CHECK (status IN ('inactive', 'active', 'wipe')),
    licenseid INTEGER REFERENCES licenses (id),        -- its own; none: the user's
    created   INTEGER NOT NULL,
    active    INTEGER,                                 -- the last contact
    address   TEXT NOT NULL                            -- from which it was registered; blank: not known, or no longer
) STRICT;
CREATE INDEX devices_user ON devices (userid, id);
CREATE INDEX devices_address ON devices (created) WHERE address <> '';
CREATE INDEX devices_license ON devices (licenseid) WHERE licenseid IS NOT NULL;

-- Codes that a person receives by mail: 160 bits, of which only the SHA-256 stands here. A used code
-- stays until it would expire, so that using it again can be told from guessing.
CREATE TABLE codes (
    hash    BLOB PRIMARY KEY,
    userid  INTEGER REFERENCES users (id) ON DELETE CASCADE, -- none: the code has removed its user
    purpose TEXT NOT NULL,
    data    TEXT NOT NULL,                             -- the new address, the number of the group, or what is
                                                       -- left of a removed user: provider and language
    created INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    used    INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX codes_user ON codes (userid);
CREATE INDEX codes_expires ON codes (expires);

CREATE TABLE temporary_passwords (
    userid   INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    password TEXT NOT NULL,                            -- Argon2id PHC string
    expires  INTEGER NOT NULL,
    tries    INTEGER NOT NULL                          -- wrong ones so far
) STRICT;
CREATE INDEX temporary_passwords_expires ON temporary_passwords (expires);

-- The second factor of a user (TOTP): secrets sealed under the master key, bound to the row. A new one waits for
-- its first code beside the one in force.
CREATE TABLE second_factors (
    userid       INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    sealed       BLOB,                                 -- the secret in force, or nothing yet
    step         INTEGER NOT NULL,                     -- the last one of which a code was accepted
    pending      BLOB,                                 -- the secret that waits, or nothing
    pendinguntil INTEGER                               -- for so long
) STRICT;

-- API keys of users. The name is the public half. Of a secret that is sent, 160 bits, only the SHA-256 stands
-- here; one that signs is sealed under the master key.
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,      -- never given twice: people keep it
    userid     INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT NOT NULL UNIQUE,
    kind       TEXT NOT NULL CHECK (kind IN ('basic', 'signing')),
    label      TEXT NOT NULL,
    hash       BLOB CHECK ((hash IS NOT NULL) = (kind = 'basic')),
    sealed     BLOB CHECK ((sealed IS NOT NULL) = (kind = 'signing')),
    scope      TEXT NOT NULL,                          -- an entry a line, 'users:view'; empty: all
    rights     INTEGER NOT NULL,                       -- those of who made it: it never has more
    created    INTEGER NOT NULL,
    validuntil INTEGER,
    lastused   INTEGER
) STRICT;
CREATE INDEX api_keys_user ON api_keys (userid, id);

-- Sites: applications of a provider that act for its users. The key is the public half.
CREATE TABLE sites (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,      -- never given twice: users keep it as their home
    providerid INTEGER NOT NULL REFERENCES providers (id),
    name       TEXT NOT NULL,
    name_key   TEXT NOT NULL UNIQUE,
    sitekey    TEXT NOT NULL UNIQUE,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    created    INTEGER NOT NULL
) STRICT;
CREATE INDEX sites_provider ON sites (providerid);

-- The secrets with which a site signs: one that is live, two during a rotation.
CREATE TABLE site_keys (
    id       INTEGER PRIMARY KEY AUTOINCREMENT,        -- never given twice: calls on their way keep it
    siteid   INTEGER NOT NULL REFERENCES sites (id) ON DELETE CASCADE,
    sealed   BLOB NOT NULL,
    created  INTEGER NOT NULL,
    notafter INTEGER
) STRICT;
CREATE INDEX site_keys_site ON site_keys (siteid);

-- Which sites besides the home may act for a user. Of a site that is gone the rows are thrown away later.
CREATE TABLE site_users (
    userid INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    siteid INTEGER NOT NULL,
    since  INTEGER NOT NULL,
    PRIMARY KEY (userid, siteid)
) STRICT, WITHOUT ROWID;
CREATE INDEX site_users_site ON site_users (siteid, userid);

-- Sessions: of the token, 256 bits, only the SHA-256 stands here. A session ends with the key, the service or
-- the secret of a site that opened it; with none of these, the user's own password did.
CREATE TABLE sessions (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    hash      BLOB NOT NULL UNIQUE,
    userid    INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    keyid     INTEGER REFERENCES api_keys (id) ON DELETE CASCADE,
    serviceid INTEGER REFERENCES services (id) ON DELETE CASCADE,
    sitekeyid INTEGER REFERENCES site_keys (id) ON DELETE CASCADE,
    address   TEXT NOT NULL,                           -- the only one it may be used from
    created   INTEGER NOT NULL,
    expires   INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (userid, id);
CREATE INDEX sessions_key ON sessions (keyid) WHERE keyid IS NOT NULL;
CREATE INDEX sessions_service ON sessions (serviceid) WHERE serviceid IS NOT NULL;
CREATE INDEX sessions_sitekey ON sessions (sitekeyid) WHERE sitekeyid IS NOT NULL;
CREATE INDEX sessions_expires ON sessions (expires);

-- What strangers do too often. Wrong passwords and keys are counted for a pair of user and source
-- ('pair:<user>:<source>', of keys with ':key' behind it, of codes with ':totp'), for a person's address
-- ('address:<address>'; where a service names it, 'address:<provider>:<address>'), for a user from all
-- addresses ('user:<user>'), and for a service as a whole ('service:<id>'). A user who does not exist, and
-- in pairs whomever a stranger has typed, is '?' and a keyed hash of the name. Mails that a stranger caused
-- have a row each, 'mail:<user or source>:<request>'.
CREATE TABLE counters (
    key         TEXT PRIMARY KEY,
    failures    INTEGER NOT NULL,                      -- since the window began
    since       INTEGER NOT NULL,
    locks       INTEGER NOT NULL,                      -- how often locked in a row
    lockeduntil INTEGER NOT NULL,
    expires     INTEGER NOT NULL                       -- after this the row says nothing any more
) STRICT, WITHOUT ROWID;
CREATE INDEX counters_expires ON counters (expires);

-- Mails to be sent, written with the change that causes them. What a mail must not show to a reader
-- of this file (codes, temporary passwords) is sealed under the master key.
CREATE TABLE outbox (
    id         INTEGER PRIMARY KEY,
    messageid  TEXT NOT NULL UNIQUE,
    providerid INTEGER NOT NULL REFERENCES providers (id),
    userid     INTEGER,                                -- no reference: the mail outlives the user
    recipient  TEXT NOT NULL,
    family     TEXT NOT NULL CHECK (family IN ('web', 'reg')),
    template   TEXT NOT NULL,
    language   TEXT NOT NULL,
    variables  TEXT NOT NULL,                          -- JSON object of texts
    sealed     BLOB,                                   -- JSON object of secret texts, or nothing
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')),
    created    INTEGER NOT NULL,
    due        INTEGER NOT NULL,                       -- not tried before; of a dead one, when it was given up
    attempts   INTEGER NOT NULL,                       -- so often tried
    error      TEXT NOT NULL,                          -- why the last time was in vain; no secrets
    sent       INTEGER,
    owner      TEXT NOT NULL,                          -- the program that sends it just now, or nothing
    leaseuntil INTEGER NOT NULL                        -- until then nobody else does
) STRICT;
CREATE INDEX outbox_provider ON outbox (providerid, id);
CREATE INDEX outbox_due ON outbox (due, id) WHERE state = 'waiting';
CREATE INDEX outbox_ended ON outbox (coalesce(sent, due)) WHERE state IN ('sent', 'dead');

-- First replies of calls with an idempotency key, for 24 hours.
CREATE TABLE idempotency (
    key     BLOB PRIMARY KEY,                          -- keyed hash of caller, provider, command, key
    fields  BLOB NOT NULL,                             -- keyed hash of the fields
    reply   TEXT NOT NULL,                             -- JSON, secrets blank
    created INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_created ON idempotency (created);

-- Checksums and signatures of changes already made, while the request's time is inside the window.
CREATE TABLE replays (
    signer   TEXT NOT NULL,                            -- service:1, key:rk-…, site:sk-…
    checksum BLOB NOT NULL,
    expires  INTEGER NOT NULL,
    PRIMARY KEY (signer, checksum)
) STRICT, WITHOUT ROWID;
CREATE INDEX replays_expires ON replays (expires);

-- One row for every change: who, what, about whom, by which request, and what it has made different. No
-- references: it outlives all.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    time       INTEGER NOT NULL,
    providerid INTEGER NOT NULL,
    caller     TEXT NOT NULL,
    origin     TEXT NOT NULL,
    command    TEXT NOT NULL,
    userid     INTEGER,
    fields     TEXT NOT NULL,                          -- JSON, secrets masked
    before     TEXT NOT NULL,                          -- JSON, what changed; of a secret only that it did
    after      TEXT NOT NULL,                          -- JSON, the same afterwards
    requestid  TEXT NOT NULL
) STRICT;
CREATE INDEX audit_provider ON audit (providerid, id);
CREATE INDEX audit_user ON audit (userid, id) WHERE userid IS NOT NULL;
CREATE INDEX audit_request ON audit (requestid);

-- Long work: what a call asks for that is more than one transaction may do. It is done in chunks, by whoever
-- holds the lease, in the name of whoever asked.
CREATE TABLE jobs (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,      -- never given twice: people keep it
    providerid INTEGER NOT NULL REFERENCES providers (id),
    command    TEXT NOT NULL CHECK (command IN ('importusers', 'runbulk', 'cancellicense')),
    data       TEXT NOT NULL,                          -- JSON: what is the same for all rows
    caller     TEXT NOT NULL,                          -- who asked, as the logs name it
    service    TEXT NOT NULL,                          -- the service that asked, or opened the person's session
    userid     INTEGER,                                -- the person who asked; neither: the command line
    keyname    TEXT NOT NULL,                          -- the API key that proved the person
    siteid     INTEGER,                                -- the site that acted for the person
    address    TEXT NOT NULL,                          -- from where the person asked
    origin     TEXT NOT NULL,
    sendmail   INTEGER CHECK (sendmail IN (0, 1)),     -- what the call said about mails, if anything
    dryrun     INTEGER NOT NULL CHECK (dryrun IN (0, 1)),
    complete   INTEGER NOT NULL CHECK (complete IN (0, 1)), -- all rows are there
    state      TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'cancelled', 'failed')),
    reason     TEXT NOT NULL,                          -- why it was cancelled or has failed
    lines      INTEGER NOT NULL,                       -- of the file, as far as it came
    total      INTEGER NOT NULL,                       -- rows
    done       INTEGER NOT NULL,                       -- of these
    made       INTEGER NOT NULL,
    updated    INTEGER NOT NULL,
    refused    INTEGER NOT NULL,
    cursor     INTEGER NOT NULL,                       -- the last row that is done or thrown away
    owner      TEXT NOT NULL,                          -- the program that has the lease, or nothing
    leaseuntil INTEGER NOT NULL,
    requestid  TEXT NOT NULL,
    created    INTEGER NOT NULL,
    finished   INTEGER,
    sessionid  INTEGER                                 -- the session that proved the person; 0: it was ended
) STRICT;
CREATE INDEX jobs_provider ON jobs (providerid, id);
CREATE INDEX jobs_open ON jobs (id) WHERE state IN ('waiting', 'running');
CREATE INDEX jobs_turn ON jobs (providerid, id) WHERE state IN ('waiting', 'running');
CREATE INDEX jobs_session ON jobs (userid, sessionid) WHERE sessionid IS NOT NULL;
CREATE INDEX jobs_left ON jobs (id) WHERE state IN ('cancelled', 'failed') AND cursor < total;
CREATE INDEX jobs_finished ON jobs (finished) WHERE finished IS NOT NULL;

-- The rows of a job, and what became of each. Of a row that is done neither data nor secret is kept.
CREATE TABLE job_rows (
    jobid    INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number   INTEGER NOT NULL,
    line     INTEGER NOT NULL,                         -- where it stands in the file
    name     TEXT NOT NULL,                            -- whom it is about, as the file says
    name_key TEXT NOT NULL,                            -- nothing: it may stand there more than once
    data     TEXT NOT NULL,                            -- JSON
    sealed   BLOB,                                     -- a password, or nothing
    outcome  TEXT NOT NULL CHECK (outcome IN ('waiting', 'created', 'updated', 'unchanged', 'refused')),
    code     INTEGER NOT NULL,
    text     TEXT NOT NULL,
    userid   INTEGER,                                  -- no reference: the row outlives the user
    PRIMARY KEY (jobid, number)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX job_rows_name ON job_rows (jobid, name_key) WHERE name_key <> '';
CREATE INDEX job_rows_refused ON job_rows (jobid, number) WHERE outcome = 'refused';

-- What the program does by itself. One that was never done and never changed has no row.
CREATE TABLE tasks (
    name       TEXT PRIMARY KEY,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    frequency  INTEGER CHECK (frequency > 0),          -- seconds between two starts, where somebody has said so
    runnow     INTEGER NOT NULL CHECK (runnow IN (0, 1)), -- it is due, whatever the time
    owner      TEXT NOT NULL,                          -- the program that has the lease, or nothing
    leaseuntil INTEGER NOT NULL,
    started    INTEGER,
    ended      INTEGER,
    result     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Files of hot folders that a job was made from and that were not put away yet; a few hundred at most.
CREATE TABLE hot_files (
    id         INTEGER PRIMARY KEY,
    providerid INTEGER NOT NULL REFERENCES providers (id),
    folder     TEXT NOT NULL,                          -- the hot folder
    name       TEXT NOT NULL,                          -- what it is called in the folder `work` there
    jobid      INTEGER NOT NULL,                       -- no reference: the job may be thrown away before it
    UNIQUE (folder, name)
) STRICT;
CREATE INDEX hot_files_provider ON hot_files (providerid);

-- A provider's own mails and pages, in place of the built-in ones.
CREATE TABLE templates (
    providerid INTEGER NOT NULL REFERENCES providers (id),
    family     TEXT NOT NULL CHECK (family IN ('web', 'reg', 'page')),
    name       TEXT NOT NULL,
    language   TEXT NOT NULL,
    subject    TEXT NOT NULL,                          -- of a page empty
    text       TEXT NOT NULL,                          -- of a page empty, or where it leads
    html       TEXT NOT NULL,                          -- empty: the mail is text alone
    changed    INTEGER NOT NULL,
    PRIMARY KEY (providerid, family, name, language)
) STRICT, WITHOUT ROWID;

INSERT INTO meta (name, value) VALUES ('generation', 1), ('schema', 8);
