//! Long work: jobs, who asked for them, how far they are, and which program has them in hand.
//!
//! A job is done by whichever program holds its lease, a name and an end. It is renewed with every chunk, in
//! the chunk's own transaction; a program that was killed renews nothing, and when its lease has run out
//! another one goes on behind the last chunk that was committed.

use super::backend::{FromRow, Params, Row, Tx};
use crate::call::{Call, Caller};
use crate::domain::time::{SECOND, Time};
use crate::error::{Code, Result};

/// How long a lease holds that is not renewed.
pub const LEASE: i64 = 15 * SECOND;

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing of it is done yet.
    Waiting,
    /// Some of it is done.
    Running,
    /// All of it is done.
    Done,
    /// Somebody has ended it.
    Cancelled,
    /// It could not go on.
    Failed,
}

impl State {
    const ALL: [(State, &'static str); 5] = [
        (State::Waiting, "waiting"),
        (State::Running, "running"),
        (State::Done, "done"),
        (State::Cancelled, "cancelled"),
        (State::Failed, "failed"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("", |(_, name)| name)
    }

    /// Reads the name.
    pub fn parse(text: &str) -> Option<State> {
        Self::ALL.iter().find(|(_, name)| *name == text).map(|(state, _)| *state)
    }

    /// Whether it may go on.
    pub fn open(self) -> bool {
        matches!(self, State::Waiting | State::Running)
    }
}

/// Who asked for a job: what proves the right again later.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asker {
    /// As the logs name it.
    pub name: String,
    /// The service, or the one that opened the person's session; blank: none.
    pub service: String,
    /// The person.
    pub user: Option<i64>,
    /// The public half of the person's API key; blank: none.
    pub key: String,
    /// From where the person asked.
    pub address: String,
    /// The session that proved the person; [`ENDED`] where somebody has ended it.
    pub session: Option<i64>,
    /// The site that acted for the person.
    pub site: Option<i64>,
}

/// In place of the session of a job: it was ended before its time.
pub const ENDED: i64 = 0;

impl Asker {
    /// Whether it is the same one, proved in the same way.
    pub fn is(&self, other: &Asker) -> bool {
        (&self.service, self.user, &self.key, self.site)
            == (&other.service, other.user, &other.key, other.site)
    }

    /// Whoever calls.
    pub fn of(call: &Call) -> Asker {
        let name = call.caller.name();
        match &call.caller {
            Caller::Service(service) => Asker { name, service: service.name.clone(), ..Asker::default() },
            Caller::Person(person) => Asker {
                name,
                service: person.service.as_ref().map_or_else(String::new, |service| service.name.clone()),
                user: Some(person.user),
                key: person.key.as_ref().map_or_else(String::new, |key| key.name.clone()),
                address: person.address.to_string(),
                session: person.session.as_ref().map(|session| session.id),
                site: person.site.as_ref().map(|site| site.id),
            },
            Caller::Operator | Caller::Task(_) | Caller::Site(_) | Caller::Nobody(_) => {
                Asker { name, ..Asker::default() }
            }
        }
    }
}

/// How far a job is, in rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// All, as far as they came.
    pub total: i64,
    /// Done, one way or the other.
    pub done: i64,
    /// Of these, with somebody new.
    pub made: i64,
    /// With a change.
    pub updated: i64,
    /// With nothing but a refusal.
    pub refused: i64,
}

impl Counts {
    /// Done without a change.
    pub fn unchanged(&self) -> i64 {
        self.done - self.made - self.updated - self.refused
    }
}

/// A job.
#[derive(Debug, Clone)]
pub struct Job {
    /// Its row.
    pub id: i64,
    /// For which provider.
    pub provider: i64,
    /// The command that asked for it.
    pub command: String,
    /// JSON: what is the same for all rows.
    pub data: String,
    /// Who asked.
    pub asker: Asker,
    /// What the call said about where it came from.
    pub origin: String,
    /// What it said about mails.
    pub send_mail: Option<bool>,
    /// Nothing is to be changed.
    pub dry: bool,
    /// All rows are there.
    pub complete: bool,
    /// Its state.
    pub state: State,
    /// Why it was cancelled or has failed.
    pub reason: String,
    /// The lines of the file, as far as it came.
    pub lines: i64,
    /// How far it is.
    pub counts: Counts,
    /// The last row that is done.
    pub cursor: i64,
    /// The program that has the lease, or had it last.
    pub owner: String,
    /// Until when.
    pub lease: Time,
    /// The request.
    pub request: String,
    /// When it was asked for.
    pub created: Time,
    /// When it ended.
    pub finished: Option<Time>,
}

/// What a new job starts with.
pub struct NewJob<'a> {
    /// JSON: what is the same for all rows.
    pub data: &'a str,
    /// Nothing is to be changed.
    pub dry: bool,
    /// Its rows.
    pub total: i64,
    /// The program that does it at once, or nothing.
    pub owner: &'a str,
}

/// The columns in the order of the statements below.
pub(super) fn read(row: &Row<'_>) -> FromRow<Job> {
    let state = row.get_ref(13)?.as_str().ok().and_then(State::parse).unwrap_or(State::Failed);
    Ok(Job {
        id: row.get(0)?,
        provider: row.get(1)?,
        command: row.get(2)?,
        data: row.get(3)?,
        asker: Asker {
            name: row.get(4)?,
            service: row.get(5)?,
            user: row.get(6)?,
            key: row.get(7)?,
            address: row.get(8)?,
            session: row.get(27)?,
            site: row.get(28)?,
        },
        origin: row.get(9)?,
        send_mail: row.get(10)?,
        dry: row.get(11)?,
        complete: row.get(12)?,
        state,
        reason: row.get(14)?,
        lines: row.get(15)?,
        counts: Counts {
            total: row.get(16)?,
            done: row.get(17)?,
            made: row.get(18)?,
            updated: row.get(19)?,
            refused: row.get(20)?,
        },
        cursor: row.get(21)?,
        owner: row.get(22)?,
        lease: Time(row.get(23)?),
        request: row.get(24)?,
        created: Time(row.get(25)?),
        finished: row.get::<_, Option<i64>>(26)?.map(Time),
    })
}

impl Tx<'_> {
    /// Adds a job in the name of whoever calls.
    pub fn add_job(&self, call: &Call, job: &NewJob<'_>) -> Result<i64> {
        let asker = Asker::of(call);
        let sql = "INSERT INTO jobs (providerid, command, data, caller, service, userid, keyname, address, origin, sendmail,
                   dryrun, complete, state, reason, lines, total, done, made, updated, refused, cursor, owner, leaseuntil,
                   requestid, created, finished, sessionid, siteid)
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 'waiting', '', 0, $12, 0, 0, 0, 0, 0, $13,
                   $14, $15, $16, NULL, $17, $18) RETURNING id";
        let lease = if job.owner.is_empty() { 0 } else { call.now.plus(LEASE).0 };
        let values: Params<'_> = &[
            &call.provider.id,
            &call.entry.name,
            &job.data,
            &asker.name,
            &asker.service,
            &asker.user,
            &asker.key,
            &asker.address,
            &call.origin.name(),
            &call.send_mail,
            &job.dry,
            &job.total,
            &job.owner,
            &lease,
            &call.request_id.as_str(),
            &call.now.0,
            &asker.session,
            &asker.site,
        ];
        let id = self.insert(sql, values)?;
        self.differs("job", "", id);
        Ok(id)
    }

    /// The job of that number, of a provider whose jobs the caller sees; `provider` is its own, or none where it
    /// sees all.
    pub fn the_job(&self, provider: Option<i64>, id: i64) -> Result<Job> {
        let job = self.job(id)?.filter(|job| provider.is_none_or(|provider| provider == job.provider));
        job.ok_or_else(|| Code::JobUnknown.into())
    }

    /// The job of that number, whoever's it is.
    pub fn job(&self, id: i64) -> Result<Option<Job>> {
        let sql = "SELECT id, providerid, command, data, caller, service, userid, keyname, address, origin, sendmail, dryrun,
                   complete, state, reason, lines, total, done, made, updated, refused, cursor, owner, leaseuntil,
                   requestid, created, finished, sessionid, siteid FROM jobs WHERE id = $1";
        self.one(sql, &[&id], read)
    }

    /// All rows of a job are there.
    pub fn complete_job(&self, job: i64) -> Result<()> {
        self.differs("complete", false, true);
        self.change("UPDATE jobs SET complete = 1 WHERE id = $1", &[&job]).map(drop)
    }

    /// The first provider behind that one with a job that a program may take in hand now.
    pub fn provider_with_job(&self, after: i64, owner: &str, now: Time) -> Result<Option<i64>> {
        let sql = "SELECT providerid FROM jobs WHERE state IN ('waiting', 'running') AND complete = 1
                   AND providerid > $1 AND (leaseuntil <= $2 OR owner IN ('', $3)) ORDER BY providerid LIMIT 1";
        self.one(sql, &[&after, &now.0, &owner], |row| row.get(0))
    }

    /// The provider's first job behind that number that a program may take in hand now.
    pub fn free_job(&self, provider: i64, after: i64, owner: &str, now: Time) -> Result<Option<i64>> {
        let sql = "SELECT id FROM jobs WHERE state IN ('waiting', 'running') AND complete = 1
                   AND providerid = $1 AND id > $2 AND (leaseuntil <= $3 OR owner IN ('', $4)) ORDER BY id LIMIT 1";
        self.one(sql, &[&provider, &after, &now.0, &owner], |row| row.get(0))
    }

    /// How many jobs of a provider are open, and how many of their rows are not done.
    pub fn open_jobs(&self, provider: i64) -> Result<(i64, i64)> {
        let sql = "SELECT count(*), CAST(coalesce(sum(total - done), 0) AS BIGINT) FROM jobs
                   WHERE providerid = $1 AND state IN ('waiting', 'running')";
        Ok(self.one(sql, &[&provider], |row| Ok((row.get(0)?, row.get(1)?)))?.unwrap_or_default())
    }

    /// The session, or every one of a user's, was ended by somebody: so are the jobs that were asked for by it. One
    /// that merely was over in time takes none along.
    pub(super) fn end_jobs_of_sessions(&self, user: i64, session: Option<i64>) -> Result<()> {
        let sql = "UPDATE jobs SET sessionid = 0 WHERE userid = $1 AND sessionid = coalesce($2, sessionid)
                   AND sessionid IS NOT NULL AND state IN ('waiting', 'running')";
        self.keep_house(sql, &[&user, &session]).map(drop)
    }

    /// Takes a job in hand, or renews the lease; whether that went.
    pub fn lease_job(&self, job: i64, owner: &str, now: Time) -> Result<bool> {
        let sql = "UPDATE jobs SET owner = $1, leaseuntil = $2 WHERE id = $3 AND (leaseuntil <= $4 OR owner IN ('', $1))
                   AND state IN ('waiting', 'running')";
        Ok(self.keep_house(sql, &[&owner, &now.plus(LEASE).0, &job, &now.0])? > 0)
    }

    /// Gives a job back.
    pub fn release_job(&self, job: i64, owner: &str) -> Result<()> {
        let sql = "UPDATE jobs SET owner = '', leaseuntil = 0 WHERE id = $1 AND owner = $2";
        self.keep_house(sql, &[&job, &owner]).map(drop)
    }

    /// Notes a chunk behind that cursor; whether the job is still this program's and still there.
    pub fn advance_job(&self, job: &Job, owner: &str, now: Time, to: i64, counts: &Counts) -> Result<bool> {
        let sql =
            "UPDATE jobs SET state = 'running', cursor = $1, total = max(total, done + $2), done = done + $2,
                   made = made + $3, updated = updated + $4, refused = refused + $5, leaseuntil = $6
                   WHERE id = $7 AND owner = $8 AND cursor = $9 AND state IN ('waiting', 'running')";
        let values: Params<'_> = &[
            &to,
            &counts.done,
            &counts.made,
            &counts.updated,
            &counts.refused,
            &now.plus(LEASE).0,
            &job.id,
            &owner,
            &job.cursor,
        ];
        Ok(self.keep_house(sql, values)? > 0)
    }

    /// Ends a job that is open; whether it was.
    pub fn end_job(&self, job: i64, state: State, reason: &str, now: Time) -> Result<bool> {
        let sql = "UPDATE jobs SET state = $1, reason = $2, finished = $3, owner = '', leaseuntil = 0
                   WHERE id = $4 AND state IN ('waiting', 'running')";
        Ok(self.change(sql, &[&state.name(), &reason, &now.0, &job])? > 0)
    }

    /// Ends a job because somebody wants it so.
    pub fn cancel_job(&self, job: &Job, reason: &str, now: Time) -> Result<bool> {
        self.differs("state", job.state.name(), State::Cancelled.name());
        self.end_job(job.id, State::Cancelled, reason, now)
    }
}
