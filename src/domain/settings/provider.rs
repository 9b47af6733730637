//! The settings that every provider has for itself, in the groups of the original.
//!
//! A name carries its group, `GROUP/NAME`, because that is how calls and manuals write it; a field for the group beside
//! the name would have to be glued together in every place that shows one.

use super::{Kind, Setting};

/// Every setting of a provider.
pub static PROVIDER: &[Setting] = &[
    Setting::documented(
        "ADMINCONSOLE/LOGIN_IP",
        Kind::Addresses,
        "",
        "Addresses and ranges from which people of this provider may log in to the console, separated by commas; blank allows all.",
    ),
    Setting::documented(
        "ADMINCONSOLE/PROVIDER_LOGIN_IP",
        Kind::Addresses,
        "",
        "The same as LOGIN_IP, but only for people of provider level or above, and on top of it.",
    ),
    Setting::documented(
        "ADMINCONSOLE/LOGIN_TWO_FACTOR_AUTH",
        Kind::Truth,
        "False",
        "Whether a login to the console also needs a code sent by mail.",
    ),
    Setting::documented(
        "API/API_ADMINCONSOLE_LIC_REF",
        Kind::Text,
        "",
        "The reference of licences that are made with the origin `ADMIN-CONSOLE` and are given none. While it is set, licence references cannot be unique (LICENSE/EXT_LICENCE_REF_UNIQUE).",
    ),
    Setting::documented(
        "API/API_ALLOW_CHECKSUMERR",
        Kind::Truth,
        "False",
        "Whether calls of this provider's services are accepted with a wrong checksum. For development only: with it, an address alone is enough to do everything.",
    )
    .configuration_only(),
    Setting::documented(
        "API/API_CREATE_DEFAULT_DEPOT",
        Kind::Truth,
        "False",
        "Whether a new user gets a depot on the server named by HOSTSERVER/HOST_SERVER_NAME.",
    ),
    Setting::documented(
        "API/API_CREATE_DEFAULT_LICENSE",
        Kind::Truth,
        "True",
        "Whether a user who has no licence gets one at registration and at login.",
    ),
    Setting::documented(
        "API/API_REDIRECT",
        Kind::Url,
        "",
        "The address to which callers of other providers are sent who ask for a user of this one. Blank answers them as if there were no such user.",
    ),
    Setting::documented(
        "API/API_SEND_EMAIL",
        Kind::Truth,
        "False",
        "Whether calls of services cause mails where neither the call nor its description decides.",
    ),
    Setting::ours(
        "API/API_REQUEST_LOGGING",
        Kind::Truth,
        "True",
        "Whether calls for this provider go into the API log, as far as the server's `APIRequestLogging` keeps them.",
    ),
    Setting::documented(
        "CLIENT/CLIENT_SETTINGS",
        Kind::Lines,
        "",
        "Settings handed to this provider's clients after login, one `key=value` on each line.",
    ),
    Setting::documented(
        "CLIENT/PRE_LOGIN_SETTINGS",
        Kind::Lines,
        "",
        "Settings handed to this provider's clients before login, one `key=value` on each line. Anybody can read them.",
    ),
    Setting::documented(
        "CLIENT/EXT_USER_REFERENCE_UNIQUE",
        Kind::Truth,
        "False",
        "Whether no two users of this provider may have the same reference. Only then does `reference` name a user in calls.",
    ),
    Setting::documented(
        "CLIENT/ALLOW_MAGIC_USERNAMES",
        Kind::Truth,
        "False",
        "Whether a call may state a username of the form `$CODE-number`, which otherwise only the server gives out.",
    ),
    Setting::documented(
        "CLIENT/ISOLATED_EMAIL_SCOPE",
        Kind::Truth,
        "False",
        "Whether e-mail addresses of this provider's users count for this provider alone: they may exist elsewhere too, and are not found from elsewhere.",
    ),
    Setting::documented(
        "CLIENT/ALLOW_WEB_PORTAL_ACCESS",
        Kind::OneOf(&[&["permit"], &["deny"], &["peruser"]]),
        "permit",
        "Whether users may log in through services of the kind `webportal`: `permit` all, `deny` none, `peruser` those with the capability `webportal`.",
    ),
    Setting::documented(
        "CLIENT/MASTER_USER",
        Kind::Text,
        "",
        "The username of a person whom clients invite to every space that is made; blank means nobody.",
    ),
    Setting::documented(
        "LOGIN/USER_IDENTIFICATION_METHOD",
        Kind::OneOf(&[&["default"], &["username"], &["email"]]),
        "default",
        "What `useroremail` means at a login: `username` the name alone, `email` the registration address alone, or `default` a name first and then an address.",
    ),
    Setting::documented(
        "CSVIMPORT/CSV_IMPORT_DIR",
        Kind::Text,
        "",
        "The folder of this provider alone, from the root of the machine, in which files for the import of users are looked for; blank means none. The server must be able to write there.",
    )
    .default_provider_only(),
    Setting::documented(
        "CSVIMPORT/CSV_IDENTITY_COLUMN",
        Kind::OneOf(&[&["username"], &["email"], &["reference"], &["authid"]]),
        "username",
        "The column of an import file by which a user who exists already is recognised and updated.",
    ),
    Setting::ours(
        "CSVIMPORT/CSV_IMPORT_ACTIVE",
        Kind::Truth,
        "False",
        "Whether the files in CSV_IMPORT_DIR whose names end in .csv are imported, which updates users who are there already; the task `hotfolder` does it.",
    ),
    Setting::documented(
        "EMAIL/EMAIL_SENDER_EMAIL",
        Kind::Email,
        "",
        "The sender of this provider's mails; blank means the server's `MailSenderEmail`.",
    ),
    Setting::ours(
        "EMAIL/EMAIL_ALLOWED_LANG",
        Kind::Languages,
        "en,de",
        "The languages in which users of this provider may be addressed, separated by commas.",
    ),
    Setting::ours(
        "EMAIL/EMAIL_DEFAULT_LANG",
        Kind::Language,
        "en",
        "The language of users who name none. It must be one of EMAIL_ALLOWED_LANG.",
    ),
    Setting::ours(
        "EMAIL/BRAND_NAME",
        Kind::Text,
        "",
        "The name of the product in mails and pages; blank means the provider's name.",
    ),
    Setting::ours(
        "EMAIL/SUPPORT_EMAIL",
        Kind::Email,
        "",
        "The address for questions that mails and pages name; blank leaves it out.",
    ),
    Setting::documented(
        "HOSTSERVER/HOST_SERVER_NAME",
        Kind::Url,
        "",
        "The address of the host server on which new users get their depot; blank means no depot.",
    ),
    Setting::documented(
        "HOSTSERVER/HOST_DEPOT_SIZE",
        Kind::Number { min: 0, max: i64::MAX, unit: "bytes" },
        "2147483648",
        "The storage of a new user's depot in bytes.",
    ),
    Setting::ours(
        "HOSTSERVER/HOST_TRAFFIC_SIZE",
        Kind::Number { min: 0, max: i64::MAX, unit: "bytes" },
        "0",
        "The traffic limit of a new user's depot in bytes; 0 sets no limit.",
    ),
    Setting::documented(
        "LICENSE/DEFAULT_LICENSEKEY",
        Kind::Text,
        "",
        "The key of one licence that all new users share while it has room; blank makes each user a licence of his own.",
    ),
    Setting::documented(
        "LICENSE/DEFAULT_FREE_FEATURE",
        Kind::Feature,
        "banner",
        "The features of the licence that is made for a new user.",
    ),
    Setting::documented(
        "LICENSE/DEFAULT_ACCOUNT_FEATURE",
        Kind::Feature,
        "professional",
        "The features of the licence that is made for a new user who belongs to an account.",
    ),
    Setting::documented(
        "LICENSE/EXT_LICENCE_REF_UNIQUE",
        Kind::Truth,
        "False",
        "Whether no two licences of this provider may have the same reference. Only then does `licensereference` name a licence in calls.",
    ),
    Setting::ours(
        "LICENSE/ENABLE_LICENSE_EXPIRY",
        Kind::Truth,
        "True",
        "Whether licences end at their date; if not, the date is only shown.",
    ),
    Setting::documented(
        "REDIRECT/REDIRECT_DOWNLOAD",
        Kind::Url,
        "",
        "Where `/redirect/download` leads; blank shows the page of the template `redirect-download`.",
    ),
    Setting::ours(
        "REDIRECT/REDIRECT_HOME",
        Kind::Url,
        "",
        "Where `/redirect/home` leads; blank shows the page of the template `redirect-home`.",
    ),
    Setting::ours(
        "REDIRECT/REDIRECT_ORDER",
        Kind::Url,
        "",
        "Where `/redirect/order` leads; blank shows the page of the template `redirect-order`.",
    ),
    Setting::documented(
        "REDIRECT/REDIRECT_FUSE",
        Kind::Url,
        "",
        "Where `/redirect/fuse` leads; blank shows the page of the template `redirect-fuse`.",
    ),
];
