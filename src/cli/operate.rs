//! Commands run in this process, on the database of the configuration, as the operator.
//!
//! They take the same path as everybody's calls, without the gate: who can read the master key needs no
//! checksum. A server that runs on the same database sees a change of services or settings within 200 ms.

use std::sync::Arc;
use std::time::Duration;

use super::reply::{self, Shape};
use super::{DONE, Failure, WRONG, complain, logging};
use crate::api::{Api, Options};
use crate::config::{Config, Level, Log, LogFormat};
use crate::snapshot::Snapshot;
use crate::wire::Wire;
use crate::wire::fields::{Fields, Value};

/// By then a running server knows what was changed here, so that the next line of a script can rely on it.
const KNOWN: Duration = Duration::from_millis(400);

/// The open database.
pub struct Local {
    api: Arc<Api>,
    /// The state of providers, services and settings at the beginning.
    before: Arc<Snapshot>,
}

impl Local {
    /// Opens the database, which must be there.
    pub fn open(config: &Config) -> Result<Local, Failure> {
        Local::with(config, 1)
    }

    /// The same with as many hash threads as the configuration says, for long work.
    pub fn working(config: &Config) -> Result<Local, Failure> {
        Local::with(config, config.auth.hash_threads)
    }

    fn with(config: &Config, hash_threads: usize) -> Result<Local, Failure> {
        let path = &config.database.path;
        if !path.exists() {
            return Err(Failure(
                WRONG,
                format!(
                    "there is no database {}: make one with `regserver init` or start the server once, or name \
                     the configuration with --config",
                    path.display()
                ),
            ));
        }
        let (api, _) = open_with(config, true, hash_threads)?;
        Ok(Local { before: api.snapshot(), api })
    }

    /// The program itself.
    pub fn api(&self) -> &Arc<Api> {
        &self.api
    }

    /// Runs a command and prints its reply; after a refusal, says what may help.
    pub fn show(&self, command: &str, fields: &[(&str, &str)], shape: Shape) -> Result<u8, Failure> {
        let body = self.run(command, fields);
        let code = reply::print(Wire::Xml, command, &body, shape)?;
        if code != DONE {
            complain(hint(&body));
        }
        Ok(code)
    }

    /// Runs a command and gives its reply.
    pub fn run(&self, command: &str, pairs: &[(&str, &str)]) -> String {
        let mut fields = Fields::new();
        for (name, value) in pairs {
            fields.push(*name, Value::Text((*value).into()));
        }
        self.api.operate(command, &fields).body
    }

    /// Whether the service for trying things out may call.
    pub fn demo_is_open(&self) -> bool {
        self.api.snapshot().service_named(crate::api::DEMO).is_some_and(|service| service.enabled)
    }
}

/// What to do next after a refusal.
pub fn hint(body: &str) -> &'static str {
    let code = body.split("<primarycode>").nth(1).and_then(|rest| rest.split('<').next());
    match code.unwrap_or_default() {
        "-30002" if body.contains("set in the configuration") => {
            "change it in the configuration file and start the server again, or send it SIGHUP; `regserver diagnose` names the file"
        }
        "-30002" if body.contains("there is a service") => {
            "take another name, or change that service with `regserver service set`"
        }
        "-30002" if body.contains("there is a site") => {
            "take another name, or change that site with `regserver site set`"
        }
        "-30002" if body.contains("there is no command") => "`regserver commands` lists the commands",
        "-30002" if body.contains("email is not unique") => {
            "name the user by the username, or add --provider"
        }
        "-30002" => "mend that value; --help behind the sub-command says what it may be",
        "-30100" => "`regserver user list 'PART*'` finds users; --provider names another provider",
        "-30114" => "`regserver provider list` shows the providers",
        "-30151" => "`regserver call searchmail` lists the mails, from a running server",
        "-30150" => "`regserver call searchjob` lists the jobs, from a running server",
        "-30153" => "`regserver site list` shows the sites",
        "-30128" => "`regserver service list` shows the services",
        "-30129" => "leave out that address, or change the other service with `regserver service set`",
        "-30135" => "a code is four of A-Z and 0-9, such as ACME",
        "-30109" => {
            "choose a longer one: ClientPasswordLength says how many characters a password has at least"
        }
        "-30144" => "`regserver settings list` shows the settings, with --provider those of a provider",
        "-30134" => "`regserver provider list` shows the providers; take another code",
        "-120" => "another program holds the database; try again",
        _ => "the lines above say why; `regserver check` looks for faults of the server itself",
    }
}

impl Drop for Local {
    fn drop(&mut self) {
        self.api.stop();
        if !Arc::ptr_eq(&self.before, &self.api.snapshot()) {
            std::thread::sleep(KNOWN);
        }
    }
}

/// Opens or makes the database with as few threads as it needs; says whether it is new. `as_it_is`
/// leaves one that is there without what the configuration states since.
pub fn open(config: &Config, as_it_is: bool) -> Result<(Arc<Api>, bool), Failure> {
    open_with(config, as_it_is, 1)
}

fn open_with(config: &Config, as_it_is: bool, hash_threads: usize) -> Result<(Arc<Api>, bool), Failure> {
    logging::start(&Log { level: Level::Warn, format: LogFormat::Text });
    let mut config = config.clone();
    config.auth.hash_threads = hash_threads;
    config.storage.readers = 1;
    let started = Api::open(&config, Options { as_it_is, ..Options::default() })?;
    Ok((started.api, started.fresh))
}
