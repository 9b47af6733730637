//! The plain sections: keys with one value each, every one of which the environment can override.
//!
//! Only what the program uses stands here; a key that does nothing yet would be set by somebody and believed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use crate::domain::settings;

/// `[server]`: where the program listens and whom it believes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Server {
    /// The socket addresses to listen on for calls that are not encrypted.
    pub listen: Vec<SocketAddr>,
    /// Threads that answer calls; 0 = as many as cores.
    pub workers: usize,
    /// The proxies that are believed when they name the caller's address.
    #[serde(deserialize_with = "networks")]
    pub trusted_proxies: Vec<IpNet>,
    /// The header in which such a proxy names it.
    pub proxy_header: String,
    /// Seconds between the end of readiness and the stop, in which calls are still taken.
    pub drain_seconds: u64,
    /// Seconds for which a stop waits for calls under way.
    pub shutdown_seconds: u64,
}

/// `[api]`: how callers without a checksum show who they are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Api {
    /// The sites whose pages may call the JSON endpoint with a session.
    pub cors_origins: Vec<String>,
    /// Whether keys and sessions are taken also where others can read them.
    pub allow_plaintext_credentials: bool,
    /// How the headers that show a session or a signature begin.
    pub header_prefix: String,
}

/// `[database]`: where the data lies.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Database {
    /// The file of the database; relative to the working directory.
    pub path: PathBuf,
    /// The file of the master key as stated; [`super::Config::master_key_file`] says which one holds.
    pub master_key_file: PathBuf,
}

/// `[backup]`: the copies of the database that the server makes by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Backup {
    /// The folder for them; blank = none are made.
    pub folder: PathBuf,
    /// Hours between two copies.
    pub every: u32,
    /// The copies that are kept.
    pub keep: usize,
}

/// `[hotfolder]`: how the files of hot folders are handled, which providers name by `CSVIMPORT/CSV_IMPORT_DIR`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct HotFolder {
    /// Seconds for which a file must not have changed.
    pub settle_seconds: u32,
    /// The largest file, in MiB.
    pub max_mib: u32,
    /// Days for which files that were handled are kept, and their results.
    pub keep_days: u32,
}

/// `[storage]`: how the data is written and read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Storage {
    /// When a change counts as written.
    pub durability: Durability,
    /// Whether even short reads leave the threads that answer calls.
    pub slow_disk: bool,
    /// Threads of the pool for searches.
    pub readers: u32,
    /// Changes that may wait for the writer; one more is answered "overloaded".
    pub write_queue: usize,
}

/// When a change counts as written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Durability {
    /// When the disk has it: nothing answered is lost, whatever happens.
    #[default]
    Full,
    /// When the operating system has it: a power cut may lose the last moments.
    Normal,
}

/// `[limits]`: what one caller, or all of them, may ask for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Requests per second of an address that is no service's.
    pub requests_per_second: u32,
    /// Requests that such an address may save up and send at once.
    pub burst: u32,
    /// Requests per second of a service; 0 = no limit.
    pub service_requests_per_second: u32,
    /// Requests that a service may save up and send at once; 0 = as many as the rate.
    pub service_burst: u32,
    /// Connections open at once.
    pub connections: usize,
    /// Seconds in which the head of a request must arrive.
    pub header_seconds: u64,
    /// Seconds in which its body must arrive.
    pub body_seconds: u64,
    /// Seconds for which an idle connection is kept; 0 = closed after each reply.
    pub keep_alive_seconds: u64,
    /// Seconds for which a password may wait for hashing; longer is answered "overloaded".
    pub hash_wait_seconds: u64,
}

/// `[watch]`: who may ask how the server is; an empty list shuts the path.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watch {
    /// The addresses that may ask `/healthz`.
    #[serde(deserialize_with = "networks")]
    pub healthz: Vec<IpNet>,
    /// The addresses that may ask `/readyz`.
    #[serde(deserialize_with = "networks")]
    pub readyz: Vec<IpNet>,
    /// The addresses that may ask `/metrics`.
    #[serde(deserialize_with = "networks")]
    pub metrics: Vec<IpNet>,
    /// The addresses that may ask `/ping.xml`.
    #[serde(deserialize_with = "networks")]
    pub ping: Vec<IpNet>,
}

/// `[auth]`: how passwords are hashed (Argon2id), and for how long a right one is remembered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Auth {
    /// Memory of one hash in KiB; the default is the floor.
    pub argon2_memory_kib: u32,
    /// Passes over that memory; the default is the floor.
    pub argon2_passes: u32,
    /// Lanes of one hash; the default is the floor.
    pub argon2_lanes: u32,
    /// Threads that hash; 0 = as many as cores.
    pub hash_threads: usize,
    /// Seconds for which a login with the same password costs no hash again; 0 = each costs one.
    pub login_cache: u32,
}

/// `[log]`: what the program says about itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Log {
    /// The least important lines that are written.
    pub level: Level,
    /// How a line looks.
    pub format: LogFormat,
}

/// The importance of a log line, from the highest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Something failed.
    Error,
    /// Something needs attention.
    Warn,
    /// What an operator wants to know.
    #[default]
    Info,
    /// What a developer wants to know.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    /// The word in the file, which is also the one that log filters understand.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object on each line, for programs.
    Json,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: vec![SocketAddr::from(([127, 0, 0, 1], 8080))],
            workers: 0,
            trusted_proxies: Vec::new(),
            proxy_header: "X-Forwarded-For".to_owned(),
            drain_seconds: 0,
            shutdown_seconds: 30,
        }
    }
}

impl Default for Api {
    fn default() -> Self {
        let header_prefix = "X-VEHMAN".to_owned();
        Self { cors_origins: Vec::new(), allow_plaintext_credentials: false, header_prefix }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self { path: "regserver.db".into(), master_key_file: PathBuf::new() }
    }
}

impl Default for Backup {
    fn default() -> Self {
        Self { folder: PathBuf::new(), every: 24, keep: 14 }
    }
}

impl Default for HotFolder {
    fn default() -> Self {
        Self { settle_seconds: 10, max_mib: 100, keep_days: 30 }
    }
}

impl Default for Storage {
    fn default() -> Self {
        let durability = Durability::Full;
        Self { durability, slow_disk: false, readers: 4, write_queue: 1024 }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1_048_576,
            requests_per_second: 20,
            burst: 40,
            service_requests_per_second: 0,
            service_burst: 0,
            connections: 10_000,
            header_seconds: 5,
            body_seconds: 30,
            keep_alive_seconds: 75,
            hash_wait_seconds: 2,
        }
    }
}

impl Default for Watch {
    fn default() -> Self {
        let all = || vec![net(Ipv4Addr::UNSPECIFIED, 0), net(Ipv6Addr::UNSPECIFIED, 0)];
        let here = vec![net(Ipv4Addr::new(127, 0, 0, 0), 8), net(Ipv6Addr::LOCALHOST, 128)];
        Self { healthz: all(), readyz: all(), metrics: here, ping: all() }
    }
}

/// A range; one whose prefix is too long is the address alone.
fn net(address: impl Into<IpAddr>, prefix: u8) -> IpNet {
    let address = address.into();
    IpNet::new(address, prefix).unwrap_or_else(|_| address.into())
}

impl Default for Auth {
    fn default() -> Self {
        Self {
            argon2_memory_kib: 19_456,
            argon2_passes: 2,
            argon2_lanes: 1,
            hash_threads: 0,
            login_cache: 60,
        }
    }
}

/// Reads addresses and ranges; ipnet's own reading knows ranges only.
fn networks<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<IpNet>, D::Error> {
    let entries = Vec::<String>::deserialize(from)?;
    let read = |entry: &String| {
        settings::network(entry).map_err(|fault| D::Error::custom(format!("`{entry}` {fault}")))
    };
    entries.iter().map(read).collect()
}
