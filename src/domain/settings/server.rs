//! The settings of the server as a whole.
//!
//! They stand in the order in which the console shows them: what the server is called, who may call it, names and
//! passwords, times, mail, clients. An order by letters would be found by search anyway.

use super::{Kind, Setting};

/// Every setting of the server.
pub static SERVER: &[Setting] = &[
    Setting::documented(
        "RegServerName",
        Kind::Text,
        "regserver",
        "The name of this server, shown in the console and to clients.",
    ),
    Setting::documented(
        "RegServerURL",
        Kind::Url,
        "",
        "The address at which people reach this server. Links in mails begin with it.",
    ),
    Setting::documented(
        "RegServerDescription",
        Kind::Text,
        "",
        "A line about this server, shown to administrators in its overview.",
    ),
    Setting::ours(
        "RegVersion",
        Kind::Version,
        "4.7.1",
        "The compatibility level that every reply names. Change it only for clients that insist on another level.",
    ),
    Setting::documented(
        "DefaultProvider",
        Kind::Provider,
        "DEMO",
        "The code of the provider that has authority over the whole server, and to which calls belong that come from nobody and name none.",
    ),
    Setting::documented(
        "APIChecksumSalt",
        Kind::Salt,
        "",
        "The key that all services of method `MD5 (APIChecksumSalt)` share. Made at the first start unless the configuration states it; whoever knows it can sign for all of them.",
    )
    .configuration_only()
    .secret(),
    Setting::documented(
        "APIAllowSettingDistributor",
        Kind::Truth,
        "False",
        "Whether the default provider, or a provider that manages another one, may act for other providers by naming them in a call.",
    ),
    Setting::documented(
        "AdminConsoleIPAddress",
        Kind::Addresses,
        "",
        "Addresses and ranges of an external admin console, separated by commas. Calls from there act as a service of the default provider and are signed with the common salt.",
    ),
    Setting::ours(
        "APIRequestLogging",
        Kind::OneOf(&[&["changes"], &["all", "True"], &["off", "False"]]),
        "changes",
        "Which calls the API log keeps: `changes` those that change something or are refused, `all` every one, `off` none.",
    ),
    Setting::ours(
        "APILogRetention",
        Kind::Number { min: 1, max: 36_500, unit: "days" },
        "30",
        "Days for which the API log keeps a call; older ones are deleted.",
    ),
    Setting::ours(
        "AuditRetention",
        Kind::Number { min: 0, max: 36_500, unit: "days" },
        "0",
        "Days for which the audit log keeps a change; 0 keeps all of them for ever.",
    ),
    Setting::documented(
        "ClientUsernameLength",
        Kind::Number { min: 1, max: 100, unit: "characters" },
        "5",
        "The fewest characters a new username may have. Names that exist already are not touched.",
    ),
    Setting::documented(
        "ClientPasswordLength",
        Kind::Number { min: 1, max: 1000, unit: "characters" },
        "8",
        "The fewest characters a password may have when it is set. It is not asked at login, so older passwords go on working.",
    ),
    Setting::documented(
        "RegNameComplexity",
        Kind::OneOf(&[&["basic-ascii"], &["non-space-ascii"], &["printable-unicode"]]),
        "printable-unicode",
        "The characters a new username may have: `basic-ascii` letters, digits and `_-.`; `non-space-ascii` every visible ASCII character; `printable-unicode` every printable one.",
    ),
    Setting::ours(
        "UserEmailUnique",
        Kind::Truth,
        "True",
        "Whether two users of this server may not register the same e-mail address.",
    ),
    Setting::ours(
        "SearchResultsPerPage",
        Kind::Number { min: 1, max: 1000, unit: "" },
        "50",
        "How many rows a search answers at most; a caller asks for the next page with `startid`.",
    ),
    Setting::ours(
        "RequestTimeWindow",
        Kind::Number { min: 0, max: 86_400, unit: "seconds" },
        "0",
        "Seconds by which `requesttime` may differ from the clock of the server, in either direction; 0 does not look at it.",
    ),
    Setting::ours(
        "ReplayProtection",
        Kind::Truth,
        "False",
        "Whether the same signed call is refused a second time within `RequestTimeWindow`, which must then be above 0.",
    ),
    Setting::ours(
        "TemporaryPasswordLifetime",
        Kind::Number { min: 60, max: 604_800, unit: "seconds" },
        "3600",
        "Seconds for which a temporary password sent by mail can be used.",
    ),
    Setting::ours(
        "ActivationCodeLifetime",
        Kind::Number { min: 1, max: 3650, unit: "days" },
        "30",
        "Days for which the code in an activation mail can be used; after that a new one must be asked for.",
    ),
    Setting::documented(
        "InvitationStoragePeriod",
        Kind::Number { min: 1, max: 3650, unit: "days" },
        "30",
        "Days for which an invitation is kept for a person who has not answered it.",
    ),
    Setting::documented(
        "StoreRegistrationDeviceIPinSeconds",
        Kind::Number { min: 0, max: 315_360_000, unit: "seconds" },
        "2592000",
        "Seconds for which the address is kept from which a device was registered; then it is blanked. 0 keeps none.",
    ),
    Setting::ours(
        "LoginMaxAttempts",
        Kind::Number { min: 1, max: 1000, unit: "" },
        "10",
        "Wrong passwords within `LoginMaxInterval` after which further attempts are turned away for a while.",
    ),
    Setting::ours(
        "LoginMaxInterval",
        Kind::Number { min: 1, max: 1440, unit: "minutes" },
        "15",
        "Minutes within which wrong passwords are counted.",
    ),
    Setting::ours(
        "LoginSessionTimeout",
        Kind::Number { min: 1, max: 1440, unit: "minutes" },
        "30",
        "Minutes without a click after which a console session ends.",
    ),
    Setting::ours(
        "ForceHTTPSUsage",
        Kind::Truth,
        "False",
        "Whether calls over plain HTTP are refused unless they come from this machine or through a trusted proxy that says \
         https, so that nothing crosses the network unencrypted.",
    ),
    Setting::documented(
        "MaxEmailPerDay",
        Kind::Number { min: -1, max: 1_000_000, unit: "" },
        "-1",
        "Invitation mails that one user may cause in a day; 0 allows none, -1 does not count.",
    ),
    Setting::documented(
        "MailSenderEmail",
        Kind::Email,
        "",
        "The sender of mails where the provider states none in EMAIL/EMAIL_SENDER_EMAIL.",
    ),
    Setting::documented(
        "MailSenderHost",
        Kind::Host { port: false },
        "",
        "The name by which this server greets a mail server; blank means the name of the machine. Many mail servers distrust a name that does not belong to the sender's address.",
    ),
    Setting::ours(
        "SMTPServer",
        Kind::Host { port: true },
        "",
        "The mail server that takes outgoing mails, as name or name:port. While it is blank, mails wait in the outbox.",
    ),
    Setting::ours(
        "SMTPServerTimeOut",
        Kind::Number { min: 1, max: 600, unit: "seconds" },
        "30",
        "Seconds to wait for an answer of the mail server before the mail is tried again later.",
    ),
    Setting::documented(
        "ClientSettings",
        Kind::Lines,
        "",
        "Settings handed to the clients of every provider, one `key=value` on each line.",
    ),
    Setting::documented(
        "RegServerAPIURL",
        Kind::Url,
        "",
        "The address at which an external admin console reaches the API, where it differs from `RegServerURL`.",
    ),
];
