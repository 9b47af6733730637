//! The configuration file: what is shipped, what is refused, and with which words.
//!
//! Faults are compared as they are printed, because the words are what an administrator gets: a refusal that does not
//! say what to do is a fault of its own.

mod api;

use std::collections::BTreeSet;
use std::path::Path;

use regserver::config::{Config, Durability, Level, LogFormat};
use toml::{Table, Value};

const SHIPPED: &str = include_str!("../../conf/regserver.toml");

const SERVICE: &str = "[[service]]\nname = 'one'\naddresses = ['10.0.0.1']\n";

fn read(text: &str) -> Config {
    Config::from_toml(text, std::iter::empty()).unwrap_or_else(|fault| panic!("{fault}"))
}

fn faults(text: &str) -> Vec<String> {
    with_env(text, &[]).err().unwrap_or_default()
}

fn with_env(text: &str, env: &[(&str, &str)]) -> Result<Config, Vec<String>> {
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::from_toml(text, env).map_err(|error| error.faults().to_vec())
}

/// The paths of all keys of a table.
fn keys(table: &Table, path: &str, into: &mut BTreeSet<String>) {
    for (key, value) in table {
        let path = format!("{path}/{key}");
        if let Value::Table(inner) = value {
            keys(inner, &path, into);
        }
        into.insert(path);
    }
}

fn all_keys(table: &Table) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    keys(table, "", &mut found);
    found
}

#[test]
fn the_shipped_file_is_the_defaults_and_names_every_key() {
    assert_eq!(read(SHIPPED), Config::default());
    assert_eq!(read(""), Config::default());
    let shipped: Table = toml::from_str(SHIPPED).unwrap_or_else(|fault| panic!("{fault}"));
    let known = Table::try_from(Config::default()).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(all_keys(&shipped), all_keys(&known));
}

#[test]
fn every_key_of_the_shipped_file_has_a_comment_above_it() {
    let lines: Vec<&str> = SHIPPED.lines().collect();
    let stated = |line: &str| line.contains(" = ") && !line.starts_with("# ");
    assert!(lines.iter().filter(|line| stated(line)).count() > 30);
    for pair in lines.windows(2).filter(|pair| stated(pair[1])) {
        assert!(pair[0].starts_with("# "), "no comment above: {}", pair[1]);
    }
}

#[test]
fn all_faults_are_told_at_once_with_their_lines() {
    let text = "\
[server]
lisen = ['127.0.0.1:1']
workers = 'many'
[limts]
[storage]
durability = 'ful'
burst = 3
[settings]
ClientPaswordLength = 9
UserEmailUnique = 'perhaps'
";
    let expected = [
        "line 2: unknown key `server.lisen`: did you mean `listen`?",
        "line 3: `server.workers` must be a whole number from 0 to 1024, not \"many\"",
        "line 4: unknown key `limts`: did you mean `limits`?",
        "line 6: `storage.durability`: unknown variant `ful`, expected `full` or `normal`",
        "line 7: unknown key `storage.burst`: known here are durability, slow_disk, readers, write_queue",
        "line 9: unknown setting `ClientPaswordLength`: did you mean `ClientPasswordLength`?",
        "line 10: `UserEmailUnique` must be True or False, not \"perhaps\"",
    ];
    assert_eq!(faults(text), expected);
}

#[test]
fn what_is_no_toml_is_told_with_its_line() {
    let found = faults("[server]\nworkers = \n[log\n");
    assert!(found.len() >= 2, "{found:?}");
    assert!(found[0].starts_with("line 2: not TOML: "), "{found:?}");
    let found = faults("[server]\nworkers = 99999999999999999999\n");
    assert!(found.len() == 1 && found[0].starts_with("line 2: not TOML: "), "{found:?}");
}

#[test]
fn sections_have_their_form() {
    assert_eq!(faults("server = 3"), ["line 1: `server` must be a section, [server]"]);
    assert_eq!(faults("[provider]\ncode = 'A'"), ["line 1: `provider` must be written as [[provider]]"]);
}

#[test]
fn the_environment_overrides_single_keys() {
    let env = [
        ("REGSERVER_SERVER_LISTEN", "127.0.0.1:1, [::1]:2"),
        ("REGSERVER_STORAGE_DURABILITY", "normal"),
        ("REGSERVER_STORAGE_SLOW_DISK", "true"),
        ("REGSERVER_LOG_LEVEL", "debug"),
        ("REGSERVER_LOG_FORMAT", "json"),
        ("REGSERVER_DATABASE_PATH", "/var/lib/reg.db"),
        ("HOME", "/home/reg"),
    ];
    let config = with_env("[log]\nlevel = 'warn'", &env).unwrap_or_else(|faults| panic!("{faults:?}"));
    assert_eq!(config.server.listen.len(), 2);
    assert_eq!((config.storage.durability, config.storage.slow_disk), (Durability::Normal, true));
    assert_eq!((config.log.level, config.log.format), (Level::Debug, LogFormat::Json));
    assert_eq!(config.master_key_file(), Path::new("/var/lib/reg.db.key"));
}

/// The message about a faulty list shows how the file writes one, so a variable takes that too.
#[test]
fn a_variable_takes_a_list_as_the_file_writes_it() {
    for list in [
        "[\"127.0.0.1:1\", '[::1]:2']",
        " [ '127.0.0.1:1', '[::1]:2' ] ",
        "[::1]:2, 127.0.0.1:1",
        "127.0.0.1:1,[::1]:2",
    ] {
        let config = with_env("", &[("REGSERVER_SERVER_LISTEN", list)]);
        let config = config.unwrap_or_else(|faults| panic!("{list}: {faults:?}"));
        assert_eq!(config.server.listen.len(), 2, "{list}");
    }
    assert!(with_env("", &[("REGSERVER_SERVER_LISTEN", "[127.0.0.1:1")]).is_err());
}

#[test]
fn who_may_watch_is_a_list_of_addresses() {
    assert_eq!(
        faults("[watch]\nmetrics = ['10.0.0.7', 'everybody']\nhealth = []\n"),
        [
            "line 2: `watch.metrics`: `everybody` is neither an address such as 10.0.0.7 or fd00::7 nor a range \
             such as 10.0.0.0/8",
            "line 3: unknown key `watch.health`: did you mean `healthz`?",
        ]
    );
    let read = with_env("", &[("REGSERVER_WATCH_METRICS", "10.0.0.7, 10.1.0.0/16")]).unwrap();
    assert_eq!(read.watch.metrics.len(), 2);
}

#[test]
fn a_faulty_variable_is_told_by_its_name() {
    let env = [
        ("REGSERVER_SERVER_LISEN", "x"),
        ("REGSERVER_LOG", "debug"),
        ("REGSERVER_LIMITS_BURST", "0"),
        ("REGSERVER_SETTINGS_USEREMAILUNIQUE", "1"),
    ];
    let expected = [
        "REGSERVER_LIMITS_BURST: `limits.burst` must be a whole number from 1 to 1000000, not 0",
        "REGSERVER_LOG: no key of the configuration has this variable: did you mean REGSERVER_LOG_LEVEL?",
        "REGSERVER_SERVER_LISEN: no key of the configuration has this variable: did you mean REGSERVER_SERVER_LISTEN?",
        "REGSERVER_SETTINGS_USEREMAILUNIQUE: no key of the configuration has this variable: only those of server, tls, api, \
         database, storage, backup, hotfolder, limits, mail, watch, auth, log have one",
    ];
    assert_eq!(with_env("", &env).err().unwrap_or_default(), expected);
}

#[test]
fn weaker_hashes_than_the_floor_are_refused() {
    let text = "[auth]\nargon2_memory_kib = 4096\nargon2_passes = 1\nargon2_lanes = 0";
    let found = faults(text);
    assert_eq!(found.len(), 3);
    assert_eq!(
        found[0],
        "line 2: `auth.argon2_memory_kib` must be a whole number from 19456 to 4194304, not 4096; below this floor \
         stolen hashes would be too cheap to guess"
    );
}

#[test]
fn values_that_would_not_work_are_refused() {
    let text = "[server]\nlisten = []\nproxy_header = 'X Forwarded'\ntrusted_proxies = ['0.0.0.0/0']\n[database]\npath = ''";
    assert_eq!(faults(text).len(), 4);
    let found = faults("[server]\nlisten = ['localhost:80']\ntrusted_proxies = ['10.1.2.3/8']");
    assert_eq!(
        found,
        [
            "line 2: `server.listen` must be a list of addresses with ports, such as [\"127.0.0.1:8080\"]",
            "line 3: `server.trusted_proxies`: `10.1.2.3/8` has bits beyond its mask: write 10.0.0.0/8 or 10.1.2.3",
        ]
    );
    let config = read("[server]\ntrusted_proxies = ['10.0.0.1', '::ffff:10.2.0.0/112']");
    let shown: Vec<String> = config.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["10.0.0.1/32", "10.2.0.0/16"]);
}

#[test]
fn settings_take_the_form_of_the_catalogue() {
    let text = "[settings]\nClientPasswordLength = 12\nUserEmailUnique = false\nAdminConsoleIPAddress = ['10.0.0.1', '10.0.0.2']\n\
                APIRequestLogging = true\nClientSettings = ['a=1', 'b=2']";
    let config = read(text);
    let value = |name| config.settings.get(name);
    assert_eq!(value("ClientPasswordLength"), Some("12"));
    assert_eq!(value("UserEmailUnique"), Some("False"));
    assert_eq!(value("AdminConsoleIPAddress"), Some("10.0.0.1,10.0.0.2"));
    assert_eq!(value("APIRequestLogging"), Some("all"));
    assert_eq!(value("ClientSettings"), Some("a=1\nb=2"));
    assert_eq!(value("RegServerName"), None);
}

#[test]
fn a_providers_settings_may_be_grouped() {
    let text = "[[provider]]\ncode = 'ACME'\n[provider.settings]\n'API/API_ALLOW_CHECKSUMERR' = true\nEMAIL.BRAND_NAME = 'Acme'\n\
                [provider.settings.HOSTSERVER]\nHOST_DEPOT_SIZE = 5\n";
    let settings = read(text).providers.remove(0).settings;
    let expected = [
        ("API/API_ALLOW_CHECKSUMERR", "True"),
        ("EMAIL/BRAND_NAME", "Acme"),
        ("HOSTSERVER/HOST_DEPOT_SIZE", "5"),
    ];
    assert_eq!(settings.iter().collect::<Vec<_>>(), expected);
    let twice = format!("{text}'API'.API_ALLOW_CHECKSUMERR = 1");
    assert!(!faults(&twice).is_empty());
    let wrong = text.replace("API/API_ALLOW_CHECKSUMERR", "API/API_ALLOW_CHECKSUM");
    assert_eq!(
        faults(&wrong),
        ["line 4: unknown setting `API/API_ALLOW_CHECKSUM`: did you mean `API/API_ALLOW_CHECKSUMERR`?"]
    );
}

#[test]
fn names_and_codes_stand_once() {
    let text = "[[provider]]\ncode = 'ACME'\n[[provider]]\ncode = 'ACME'\nmanaged_by = 'acme'\n";
    assert_eq!(
        faults(text),
        [
            "line 3: provider `ACME` is stated twice: the codes must differ",
            "line 5: `provider[2].managed_by` must be a provider code: four of A-Z and 0-9",
        ]
    );
    let text = format!("{SERVICE}[[service]]\nname = 'ONE'\naddresses = ['10.0.0.2']");
    assert_eq!(faults(&text), ["line 4: services `one` and `ONE` have the same name: case does not count"]);
}

#[test]
fn an_address_belongs_to_one_service() {
    let text = format!(
        "[settings]\nAdminConsoleIPAddress = '10.0.0.1'\n{SERVICE}[[service]]\nname = 'two'\naddresses = ['::ffff:10.0.0.0/104']"
    );
    let expected = [
        "line 2: service `one` and `AdminConsoleIPAddress` overlap: 10.0.0.1 and 10.0.0.1; an address must tell whose call it is",
        "line 2: service `two` and `AdminConsoleIPAddress` overlap: 10.0.0.0/8 and 10.0.0.1; an address must tell whose call it is",
        "line 8: service `one` and service `two` overlap: 10.0.0.1 and 10.0.0.0/8; an address must tell whose call it is",
    ];
    assert_eq!(faults(&text), expected);
    let disabled = faults(&text.replacen("name = 'two'", "name = 'two'\nenabled = false", 1));
    assert_eq!(disabled, expected[..1]);
    let own = SERVICE.replace("['10.0.0.1']", "['10.0.0.0/8', '10.0.0.1', '::/0']");
    assert_eq!(faults(&own), Vec::<String>::new());
}

#[test]
fn one_mistake_is_one_fault() {
    let text = SERVICE.replace("['10.0.0.1']", "'10.0.0.1'");
    assert_eq!(
        faults(&text),
        ["line 3: `service[1].addresses` must be a list of addresses and ranges, such as [\"10.0.0.7\"]"]
    );
}

#[test]
fn a_services_addresses_are_checked() {
    let text = SERVICE.replace("10.0.0.1", "10.0.0.300");
    let expected = "line 3: service `one`: address `10.0.0.300` is neither an address such as 10.0.0.7 or fd00::7 nor a range \
                    such as 10.0.0.0/8";
    assert_eq!(faults(&text), [expected]);
    assert_eq!(
        faults("[[service]]\nname = 'one'"),
        ["line 1: service `one` states no `addresses`, so it could never call"]
    );
}

#[test]
fn keys_are_checked_and_never_shown() {
    let long = "0123456789-secret";
    let text = format!("{SERVICE}keys = [{{ key = '{long}' }}]\n[settings]\nAPIChecksumSalt = '{long}'");
    let config = read(&text);
    assert_eq!(config.services[0].keys[0].key.reveal(), long);
    assert_eq!(config.settings.get("APIChecksumSalt"), Some(long));
    assert!(!format!("{config:?}").contains(long));
    assert!(!toml::to_string(&config).unwrap_or_else(|fault| panic!("{fault}")).contains(long));
    let wrong = [
        ("keys = ['0123-secret']", "`service[1].keys` must be a list such as"),
        ("keys = [{ key = '0123-secret' }]", "service `one`: a key must have at least 16 characters"),
        (
            "keys = [{ kye = '0123456789-secret' }]",
            "unknown key `service[1].keys[1].kye`: did you mean `key`?",
        ),
        (
            "keys = [{ key = '0123456789-secret', not_after = 2027-01-01 }]",
            "must be a moment with its offset",
        ),
        ("keys = [{ key = '0123456789-secret' }]\nkey_file = 'k'", "states both `key_file` and `keys`"),
        ("keys = '0123456789-secret", "not TOML"),
        ("[settings]\nAPIChecksumSalt = '-secret'", "`APIChecksumSalt` must be at least 16 characters"),
    ];
    for (line, expected) in wrong {
        let found = faults(&format!("{SERVICE}{line}")).join("\n");
        assert!(found.contains(expected), "{line}: {found}");
        assert!(!found.contains("-secret"), "{found}");
    }
}

#[test]
fn a_key_file_holds_one_key() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let file = folder.join("service.key");
    let service = |name: &str| {
        let path = folder.join(name);
        read(&format!("{SERVICE}key_file = '{}'", path.display())).services.remove(0)
    };
    let written = |text: &str| {
        std::fs::write(&file, text).unwrap_or_else(|fault| panic!("{fault}"));
        service("service.key").live_keys().map_err(|fault| fault.to_string())
    };
    let keys = written("0123456789abcdef\nleft over\n").unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!((keys.len(), keys[0].key.reveal()), (1, "0123456789abcdef"));
    let short = written("0123-secret\n").err().unwrap_or_default();
    assert!(short.contains("at least 16 characters") && !short.contains("secret"), "{short}");
    let missing = service("missing.key").live_keys().map_err(|fault| fault.to_string());
    assert!(missing.err().is_some_and(|told| told.contains("missing.key")));
    assert_eq!(read(SERVICE).services[0].live_keys().map(|keys| keys.len()), Ok(0));
}

#[test]
fn a_named_file_must_be_readable() {
    let missing = Config::load(Some(Path::new("no/such/file.toml"))).err();
    let told = missing.map(|fault| fault.to_string()).unwrap_or_default();
    assert!(
        told.starts_with("the configuration no/such/file.toml cannot be used:\n  the file cannot be read: "),
        "{told}"
    );
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("conf/regserver.toml");
    let config = Config::load(Some(&shipped)).unwrap_or_else(|fault| panic!("{fault}"));
    assert_eq!(config.found(), Some(shipped.as_path()));
}
