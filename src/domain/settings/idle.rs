//! The settings that can be stated already although nothing looks at them.
//!
//! Whoever lists settings says it of each of these, so that nobody relies on one; a test reads the program's source and
//! holds this list against it.

/// Settings that nothing looks at yet.
pub(super) const IDLE: &[&str] = &[
    "LoginSessionTimeout",
    "RegServerAPIURL",
    "ADMINCONSOLE/LOGIN_IP",
    "ADMINCONSOLE/PROVIDER_LOGIN_IP",
    "ADMINCONSOLE/LOGIN_TWO_FACTOR_AUTH",
    "CLIENT/MASTER_USER",
];
