//! The settings on the page of compatibility: names, defaults, marks, and which of them do nothing yet.
//!
//! Names, defaults and help come from the catalogue. That a setting may already be stated although
//! nothing looks at it is said here, so that nobody relies on it; a test reads the program's source
//! and holds this list against it.

use std::fmt::Write;

use crate::domain::settings::{Change, Mark, PROVIDER, SERVER, Setting};

/// Settings that can be stated and that nothing looks at yet.
const IDLE: &[&str] = &[
    "RegServerName",
    "RegServerURL",
    "RegServerDescription",
    "AuditRetention",
    "InvitationStoragePeriod",
    "StoreRegistrationDeviceIPinSeconds",
    "LoginSessionTimeout",
    "ForceHTTPSUsage",
    "MaxEmailPerDay",
    "MailSenderEmail",
    "MailSenderHost",
    "SMTPServer",
    "SMTPServerTimeOut",
    "ClientSettings",
    "RegServerAPIURL",
    "ADMINCONSOLE/LOGIN_IP",
    "ADMINCONSOLE/PROVIDER_LOGIN_IP",
    "ADMINCONSOLE/LOGIN_TWO_FACTOR_AUTH",
    "API/API_ADMINCONSOLE_LIC_REF",
    "CLIENT/CLIENT_SETTINGS",
    "CLIENT/PRE_LOGIN_SETTINGS",
    "CLIENT/ALLOW_WEB_PORTAL_ACCESS",
    "CLIENT/MASTER_USER",
    "LOGIN/USER_IDENTIFICATION_METHOD",
    "CSVIMPORT/CSV_IMPORT_DIR",
    "CSVIMPORT/CSV_IDENTITY_COLUMN",
    "CSVIMPORT/CSV_IMPORT_ACTIVE",
    "EMAIL/EMAIL_SENDER_EMAIL",
    "EMAIL/BRAND_NAME",
    "EMAIL/SUPPORT_EMAIL",
    "LICENSE/DEFAULT_ACCOUNT_FEATURE",
];

/// The section of the page.
pub fn section(text: &mut String) {
    text.push_str(
        "\n## Settings\n\nThose of the server stand in the section `[settings]` of the configuration, or are changed while it runs:\n\
         `regserver call setserversetting setting=NAME value=VALUE`. Those of a provider stand in its block\n\
         `[[provider]]`. What has no effect yet can be stated, if its value is a valid one, but nothing looks at it.\n",
    );
    table(text, "Of the server", SERVER);
    table(text, "Of a provider", PROVIDER);
}

fn table(text: &mut String, title: &str, settings: &[Setting]) {
    let _ = writeln!(text, "\n### {title}\n\n| setting | default | mark | meaning |\n|---|---|---|---|");
    for setting in settings {
        let mark = match setting.mark {
            Mark::Documented => "D",
            Mark::Ours => "O",
        };
        let default = match setting.default {
            "" => String::new(),
            default => format!("`{default}`"),
        };
        let state = match (IDLE.contains(&setting.name), setting.change) {
            (true, _) => "**No effect yet.** ",
            (_, Change::ConfigurationOnly) => "Only in the configuration. ",
            _ => "",
        };
        let _ = writeln!(text, "| `{}` | {default} | [{mark}] | {state}{} |", setting.name, setting.help);
    }
}
