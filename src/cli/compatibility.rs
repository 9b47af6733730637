//! What is the original's and what is ours: `regserver commands --compatibility`.
//!
//! Whoever moves a program from one server to the other asks three things: which commands are there,
//! which of them are proven, and where the record was silent and somebody had to choose. The first two
//! come from the table of commands; the choices stand here as sentences, because they are about the
//! protocol as a whole and no table has them.

mod settings;

use std::fmt::Write;

use crate::command::{Entry, Mark};
use crate::commands;
use crate::error::Code;

/// Commands that may not be there yet, by what they are about; behind the name the mark, where it is not
/// our own.
const PLANNED: &[(&str, &[&str])] = &[
    ("people at a console", &["consolelogin", "consolelogout", "endconsolesession"]),
    ("providers", &["setprovidercredentials"]),
];

/// What an operator of the original, or a reader of its documentation, looks for here in vain.
const MISSING: &[&str] = &[
    "There is no web console and no login for people; the command line administers the server.",
    "Settings that have no effect yet are marked so below.",
];

/// Where the public record is silent, and what this program does.
const CHOICES: &[(&str, &[&str])] = &[
    (
        "Transport",
        &[
            "Anything but POST on a path of the API is answered with HTTP 405, `Allow: POST` and the exception -30002.",
            "The paths `/yvva/api/api.htm` and `/yvva/td2api/api/api.xml` are further aliases.",
            "A reply is `text/xml; charset=UTF-8`.",
            "HTTP 413 stands for a body over the limit, 429 for an address that asks too often, 503 for an overloaded or stopping server; each carries the exception as well.",
            "Every reply carries `X-Request-Id`, which the log repeats.",
            "The version of this program stands in the header `Server`; `regversion` is the compatibility level.",
        ],
    ),
    (
        "Beside the API",
        &[
            "`/healthz` answers while the program is alive, `/readyz` 503 with the reason where calls should go elsewhere, `/metrics` numbers for Prometheus, to this machine alone unless `watch.metrics` lists others.",
            "`/ping.xml` says 0 also while the server is stopping.",
            "`/redirect/<name>` is 302 to the address in the provider's setting, whatever else the query says; without an address it shows the template `redirect-<name>` that the provider has written, with the arguments of the query in capital letters as variables; of an unknown provider, or without either, it is 404.",
            "SIGHUP reads the configuration again; what needs a restart is named in the log, and a file with a fault changes nothing.",
            "SIGTERM ends readiness, waits `server.drain_seconds`, turns new calls away, finishes those under way, and ends after `server.shutdown_seconds` at the latest; a second one ends at once.",
        ],
    ),
    (
        "Who may call",
        &[
            "A forwarded address counts only from a listed proxy and in one named header; the right-most address that is no proxy's is the caller's.",
            "An IPv4 address written as IPv6 is the IPv4 address.",
            "Two services never share an address; an overlap is refused, naming both.",
            "`HMAC-SHA256 (Endpoint specific key)` is a further method, with 64 hex digits.",
            "A service may have two live keys during a rotation.",
            "A wrong, missing or malformed checksum is -30002 `Invalid Request`.",
            "A service with a list of allowed commands never calls those that decide about providers, settings, services, keys and rights, even if the list names them.",
            "A caller who is known but lacks the right gets -30000 with the second code -6 and the reason.",
        ],
    ),
    (
        "Providers, settings and services",
        &[
            "`getsettings` shows `RegServerName`, `ClientSettings` and `CLIENT_SETTINGS` to callers with a credential and `PRE_LOGIN_SETTINGS` to anybody; any other name is -30144.",
            "A setting is shown with its default and with where its value comes from: `default`, `server`, `provider` or `configuration`. The salt is masked there; `showservicekey` with `serviceid` `salt` shows it.",
            "A change of settings, providers or services is live for the next call, and refused as a whole where something would contradict it: overlapping addresses, settings that exclude each other, managers in a circle.",
            "`LICENSE/DEFAULT_LICENSEKEY` must name a client license of the provider for more than one user, in force and with room; `CSVIMPORT/CSV_IMPORT_DIR` is set by callers of the default provider.",
            "`updateprovider` changes a provider's own name and contact; who manages it, only the default provider. A hyphen takes `contactemail` or `managedby` away. A code is never changed.",
            "The services of a provider are made, changed, shown and deleted by its own and by those of the default provider, never by a provider that manages it; nor does that one grant EDIT-PROVIDER there, or change users who hold it.",
            "A service does not delete itself; with it go its keys and the sessions that it opened. Its number is not given again.",
            "`LOGIN/USER_IDENTIFICATION_METHOD` decides what `useroremail` means at `loginuser` and `createsession`. `CLIENT/ALLOW_WEB_PORTAL_ACCESS` is asked of services of the kind `webportal`; a user who is kept out gets -30000 with -6 after the right password.",
            "`API/API_ADMINCONSOLE_LIC_REF` is the reference of licenses made with the origin `ADMIN-CONSOLE` that are given none.",
            "`previewconfig` applies a configuration to a copy of providers, services and settings, and tells what would be different; keys in files are not read.",
        ],
    ),
    (
        "Reading a request",
        &[
            "Document types, processing instructions, a second root, text beside elements and more than four levels are -30003.",
            "UTF-8, US-ASCII and ISO-8859-1 are read, other encodings are -30003.",
            "Unknown elements are ignored, and of a field that is given twice the first counts.",
            "A list may be repeated elements, one element with commas, or one inner level; `[]` is the empty list.",
            "A truth is `true`, `false`, `$true`, `$false`, `1` or `0` in any case.",
            "Dates are read as `MM/DD/YYYY`, `DD.MM.YYYY` and `YYYY-MM-DD`.",
            "A value of the wrong kind is -30002 with the field's name in the message.",
            "`requesttime` is checked only where `RequestTimeWindow` is set; `ReplayProtection` refuses the same bytes a second time.",
            "`idempotencykey` gives the first reply again for 24 hours, its secrets blank; callers without a credential may not use it.",
            "`clientip` names the person behind a call, so that wrong passwords are counted for that person.",
            "`apiversion` is echoed behind `regversion`.",
        ],
    ),
    (
        "The JSON endpoint",
        &[
            "`/yvva/api/api.json` has the same commands as JSON; a reply is `application/json; charset=UTF-8`, a list is an array also when it is empty or has one entry, and what is blank is `\"\"`.",
            "A body whose first byte is `{` is the object itself; any other is a form, whose variable `data` holds it. Multipart is -30003.",
            "The checksum is over the body as it was sent, for a form over the whole form.",
            "A member that is given twice, a name that is no XML name, a character that XML cannot hold, half a surrogate pair, a list in a list, and more than XML may have in depth, number or length are -30003 `Invalid XML`.",
            "`null` is the same as absent, `[]` is the empty list, and an entry of a list is never split at commas.",
            "A number is taken as it is written: `1.0` and `1e3` are no whole numbers, and no digit is lost.",
            "Who shows neither checksum nor key nor signature nor session is nobody, also at a service's address, and may run public commands; any other is HTTP 403 and -30000.",
            "`requesttime` is needed from services, and of what is signed by a key in plain text; where others send it, it must be right.",
            "After a panic the reply is HTTP 500 with the exception -100 alone.",
            "On all paths of the API an `Origin` that is not scheme, host and port of the server itself is refused with HTTP 403; at the JSON endpoint a page of an origin in `api.cors_origins` may call with a session, and with nothing else.",
        ],
    ),
    (
        "Keys, sessions and rights",
        &[
            "On both endpoints a call without `checksum` may be proved by an API key with HTTP Basic, by a signature in headers, or by a session in a header; with `checksum` it is a service's, whatever else it shows. At the XML endpoint nobody is anonymous.",
            "Two of these at once, or one of them twice, is HTTP 403; so is every key or session that is wrong, has ended, or came over a connection that others can read.",
            "`POST /authentication/session` is `createsession` as JSON. A session lives for 15 minutes, from one address, and ends with the key or the service that opened it, with a new password, a right taken, and a user who is disabled, moved or removed. A user has 100 at most; the oldest ends.",
            "A service may open a session for a user of its provider; what its list of commands lacks, such a session lacks too.",
            "A signature is `sha1(hex(sha1(text)) ‖ secret)` in 40 lower-case hex digits; the text is the body as it was received, in a form the decoded value of `data`. Outside TLS, `requesttime` must be within 300 seconds, and one signature of a key is accepted once in that time; a read from before the start of the server is refused. This machine is no exception. Over TLS a body without `requesttime` may come at any time and as often as its key likes; one that says its time must be within the same 300 seconds, and is refused if it was accepted outside TLS.",
            "At `/authentication/session` a body that is signed, or has a checksum, says `createsession` or no command; so a call that was overheard opens no session. Nobody but a service is told a session in plain text, whatever the path.",
            "A wrong signature is not counted: the secret that signs, 160 bits, is not guessed. It is kept sealed, because the server must sign with it, too.",
            "`userkey` stands at the end of `<userdata>`, for the user, for services, and for the site that registered the user; it names the user in a site's call and proves nothing.",
            "A site has a public key that stays, and two secrets during a rotation. A session that it opened ends with the secret that signed for it.",
            "A site without a user's key may call `registeruser` alone, at once with -6 for any other command; the new user gets the mail, and the site acts for the user once the account is activated.",
            "`authorisesite` is for the home site when it signs itself, and for the user in a session opened by the password; services, API keys and sessions of sites are refused with -6. `revokesite` is for all who act for the user; the home site is not revoked.",
            "A user who moves to another provider has no home site and no authorised site there, nor after moving back. An unknown site, or one of another provider, is -30153.",
            "A key has a scope of nouns and commands, each to view or to modify; `exportusers`, `getserversettings`, `showservicekey` and `showsitekey` count as changes.",
            "The rights EDIT-PROVIDER and SUPER-USER are nothing without API-ACCESS. Nobody grants a right that they lack, or to themselves; moving to another provider takes all of them.",
            "No person uses a command on a user who holds a right they lack. A service changes no user who holds a right that it lacks: SUPER-USER for services of other than the default provider, any right for one with a list of commands.",
            "What `origin`, `sendmail` and `clientip` say counts from services alone; of others' calls mails are sent.",
            "To strangers a user who does not exist, or is another provider's, is a wrong password, at the same cost; `sendpassword` and `resendactivation` answer 0. They cause three mails an hour to a user and twenty by an address at most; what is beyond is dropped silently.",
            "Wrong keys are counted like wrong passwords, for names that do not exist as well; an IPv6 address counts by its /64. A stranger's tries are counted by the name that was typed, so that a closed door tells of nobody; an address that services name in `clientip` counts for their provider alone.",
            "Services of the default provider are made, changed and shown by people with SUPER-USER alone: whoever has such a key has the power over the server.",
            "A key that was made for somebody else never has more rights than who made it.",
            "`settotp` sets a second factor (TOTP, six digits of SHA-1, 30 seconds) in two steps: the first call answers a secret, the second shows its first code as `totp` within a quarter of an hour and puts it in force. With a code of the one in force, a new secret is set beside it, or with `remove` it is taken away.",
            "`settotp` with `remove` and without a password is for callers of provider level, for a user who has lost the device, and never for themselves.",
            "`createsession` with the password of a user who has a second factor needs `totp`: without it -30002, after the right password alone; a wrong one, or one that was used, is -30101 and counted like a wrong password, in a pair of its own that a login without a code does not clear. A code is taken half a minute early or late. `loginuser` asks for none; a new password, and one from a mail, leave the second factor as it is.",
            "A right password is remembered in memory for `auth.login_cache` seconds, as a keyed hash bound to the stored one: `loginuser` and `createsession` then cost no Argon2id run. State, counters and closed doors are looked at each time; a wrong password always costs a run.",
        ],
    ),
    (
        "Users",
        &[
            "An address that belongs to several users is -30002 `Invalid Request: email is not unique`.",
            "`searchuser` also takes `status`, counts exactly up to 1000, and then says `totalisminimum`.",
            "`startid` is the last user number of the page before.",
            "`registeruser` answers the user's number and name, and the activation code where no mail is sent.",
            "`activate` registers a user who needs no activation.",
            "Ten wrong passwords in a quarter of an hour close the login for a while: -30133 with the seconds.",
            "`authid`, `lastlogin`, `modnumber` and `accountkey` stand at the end of `<userdata>`.",
        ],
    ),
    (
        "Licenses",
        &[
            "The words of features stand for the bits banner 1, webdavs 2, personal 4, professional 8, enterprise 16, restricted 32 and inbox 64; `featurevalue` is words joined by `,` or `+`, or the number.",
            "A license for depots (`server`) is never a user's: to assign it is -30002.",
            "`used` counts a user once, whether by default or by devices.",
            "A last day that is over is -30002, except in `setlicensevalidity`, which ends a license so.",
            "An inactive license stays with its users and takes no new ones: -30211 `License is inactive`.",
            "A license without a holder is held by the first user who is assigned to it.",
            "`cancellicense` gives 200 users at most another license in the call itself; with more it answers the `<job>` that does it afterwards.",
            "`removeuserfromlicense` leaves a user without a default license until the next login.",
            "A change whose `changeid` is known for that license is answered 0 and applied no more, whatever else the call says; `repeated` in the reply says so; making a license is its first change.",
            "`searchlicense` shows licenses by their keys, and the last key of a page is the `startkey` of the next.",
        ],
    ),
    (
        "Depots",
        &[
            "Whoever uses depots uses exactly one by default: the first is it in any case, and where it goes, the oldest of the others that may be used is. -30107 stands for a user without any depot.",
            "`iscloud` says that a depot is on the host server that `HOSTSERVER/HOST_SERVER_NAME` of its provider names; the record has the name alone.",
            "`isgroup` and `isaccount` say that a depot comes from the user's group or account; in `getdepotdata`, that any group or account has it.",
            "`createdepot` takes `licensekey` as well as `licensereference`; a depot without either is no license's use. A depot that is switched off keeps its place of a server license.",
            "`setdepot` may set limits below what is used. Its `username` must be that of the owner or of a user of the depot; it changes neither, and any other is -30122.",
            "`deletedepot` is refused while other users than the owner, a group or an account have the depot; the owner's own use ends with it. What it holds stands in no way, for the files are the host server's.",
            "A depot and a server license that come to two providers are no longer one's use of the other; a license that somebody else's depot uses, or a depot that somebody else uses, neither goes nor moves with a user: -30137.",
            "`setdepotusage` is in no audit log: it is measured often, and nobody has decided on it.",
            "A user uses 1000 depots at most and owns as many; `getdepotdata` shows 1000 users and goes on with `startid`.",
        ],
    ),
    (
        "Groups",
        &[
            "A group has a manager, who need not be a member and is none by managing; without API access the manager invites, takes members out, deletes the group, and gives it what the manager or a member holds or owns. A member sees the group and leaves it by `removeuserfromgroup`.",
            "`updategroup` changes name, reference and manager; a group whose manager was removed has none until then.",
            "An invitation is for a user. An address that nobody has registered is -30100; `registeruser` with `groupreference` is the way in.",
            "Two codes come with the mail, one to join and one to refuse; they end together, by an answer, by removal, by a newer invitation and after `InvitationStoragePeriod`. After three refusals a service can still make the user a member.",
            "Managers do not learn who is a user: whom they cannot invite is answered like one who was, and `getgroupdata` shows those who have not answered to callers with API access only.",
            "A licence counts each user once, however many ways lead to it; joining a group whose licence has no seat left is -30209. `searchuser` shows the key of the licence in force, among those that are active.",
            "A group has at most 1000 members and 1000 invitations. Blank `clientsettings` are none.",
        ],
    ),
    (
        "Company accounts",
        &[
            "The commands' names and fields are this program's own; a key is `<provider>-<code>-<number>`, and none is ever given twice.",
            "An account has 100,000 members, 100 managers, one license and one depot at most; setting another license or depot replaces it. Each member takes a seat in the license.",
            "In force is the group's license before the account's before the user's own.",
            "A manager without API access names nobody but members of its accounts and its fellow managers; anybody else is -6, whether they exist or not. So outsiders are made managers, and users members, by callers with API access.",
            "A manager may remove itself and its fellow managers, but not the last one.",
            "A manager gives its account only a license that itself or a member holds, and a depot that itself or a member owns; any other is unknown.",
            "A manager registers users for its account with name, address, language and department alone: the user proves the address and chooses the password by the mail. A name or an address that is taken is told, as registration cannot do without.",
            "`getaccountdata` shows the licenses and depots of the account and of its groups; these are the groups whose manager belongs to the account or manages it. Behind the first page stand members alone.",
        ],
    ),
    (
        "Long work",
        &[
            "`importusers` takes 1000 rows in a call, longer files in pieces joined by `job`; nothing is done before the piece with `last` has come, and it must come within a day; a file of one piece says `last` as well.",
            "A header has `username email password language reference department authid licensekey groupreference accountkey status` in any order and case, with commas or semicolons; the column of `CSVIMPORT/CSV_IDENTITY_COLUMN` must be there, and a value of it may stand there once.",
            "Who is there already is refused, or updated with `update`: what is given and different changes, a blank cell says nothing, and the same file again changes nothing. Groups and accounts are for new users alone.",
            "Imported users need no activation unless `activate` is false; then a code is mailed to each, unless `sendmail` is false. An update mails nothing unless `sendmail` is true.",
            "A dry run tries every row and undoes it; an address that stands twice is noticed only among rows that are tried together, 256 at most.",
            "`licensekey` assigns that license, and a new user gets no default one besides.",
            "Rows run with the rights of whoever asked, as they are then; a service that is switched off, or a right that is taken, ends the job with that reason.",
            "`status` of a row says which state the user comes to, without a mail, and goes before `activate`. A magic name of the provider's own is taken from a file; later ones are greater.",
            "With `skipunknown` a license, a group or an account that the provider does not have is left out, and the row's text says so; else the row is refused. An export leaves the key of a license blank that every new user gets.",
            "A cell of an export that begins with `=`, `+`, `-`, `@`, a tab or a carriage return gets an apostrophe in front, which an import takes off again.",
            "`runbulk` takes changes about one user with nothing secret in them; the caller needs the right to that command, too.",
            "`CSVIMPORT/CSV_IMPORT_DIR` is looked into once a minute while `CSVIMPORT/CSV_IMPORT_ACTIVE` is set. A file there is imported with `update`, goes through `work` to `done`, or to `failed` where any row was refused, and has its result beside.",
            "Jobs and the results of their rows are kept for 30 days after the end; what a row was to do is forgotten as soon as it is done.",
        ],
    ),
    (
        "Mails and pages",
        &[
            "A template is named with its family, `web-activationlink`, a page without one: `activated-already`. Both families have the same built-in texts, in English and German.",
            "`settemplate` takes the whole template: a mail without `html` is text alone, a page has no subject. A page whose text is `Location:` and one literal address leads there.",
            "`[[ELSE:NAME]]` and `[[ENDIF:NAME]]` take the name of their `[[IF:NAME]]`, `[[ELSEIF:…]]` that of any variable. A line of conditions alone leaves no empty line; brackets around what cannot be a tag are text.",
            "An unknown variable, or one that the template does not have, is refused when the template is saved, with part and line; so is `[[GETURL:…]]`, which is never fetched.",
            "The links in mails lead to `/activate/`, `/password/`, `/email/`, `/delete/`, `/group/join/` and `/group/reject/` with the code behind: GET asks and changes nothing, POST does it by the same command as nobody.",
            "What has ended well is 200, a link that is over 410, an unknown one 404, a password that cannot be taken 422. A used link says so until its code would expire, also that to a removed user.",
            "The page of the platform is chosen by the browser's `User-Agent`, `web` for all others; its language is the user's, else the provider's; where no user is known, the browser's.",
            "A page runs no script, fetches nothing but pictures and is framed by nobody; its styles stand in a `<style>` element.",
            "Where the server has no `RegServerURL`, a mail has the code alone and no link.",
            "A template that cannot be filled in spite of all checks gives way to the built-in one, and the log says why.",
        ],
    ),
    (
        "What the server does by itself",
        &[
            "Holders are told 10 and 3 days before a license ends and when it has ended, once each, by `license-expires` and `license-expired` of the family `web`; a license that was made for a shorter time is not announced before.",
            "When a license has ended, a job gives its users a default one where the provider's rules give one; else they keep it, and it serves them again when it is prolonged.",
            "Mails are kept for 30 days after they were sent or given up, the audit log as `AuditRetention` says, the API log as `APILogRetention` says.",
            "The task `mails` sends them as they come; disabled, it leaves them in the outbox, and with a frequency it sends together what is due then.",
            "A copy of the database is one file with its SHA-256 beside, as `sha256sum` reads it; neither the master key nor the API log is in it.",
        ],
    ),
    (
        "What is written down",
        &[
            "The audit log has a row for every change, in the change's own transaction: who, what, the fields with secrets masked, and what was different before and after. `searchaudit` searches it.",
            "The API log is a file of its own beside the database, which a busy server rather leaves behind than waits for. With `changes` it has the calls that changed something or were refused, and `searchapilog` searches it.",
            "What anybody can do as often as they like, refused at the gate or as nobody, is only counted, by address, reason and minute, with the first ten request ids; `searchrefused` lists it.",
            "Lists of these begin with the newest and go on with `beforeid`.",
        ],
    ),
    (
        "Numbers of errors",
        &[
            "-100, -110 and -120 are this program's numbers within the documented range of faults.",
            "A number once given out keeps its meaning; -30210 is never used.",
        ],
    ),
];

/// The whole page, as Markdown.
pub fn page() -> String {
    let mut text = String::new();
    let _ = writeln!(text, "# Compatibility of regserver {}\n", env!("CARGO_PKG_VERSION"));
    text.push_str(
        "Checked against the editions 3.0.018 to 4.7 of the public documentation of the TeamDrive Registration\n\
         Server and against a client in use. **[D]** is documented there, **[C]** is what the client depends on,\n\
         **[O]** is this program's own choice, made because the public record is silent.\n\n## Commands that are there\n\n",
    );
    for (mark, meaning) in [
        (Mark::Documented, "documented"),
        (Mark::Client, "proven by a client in use"),
        (Mark::Ours, "our own choice in name, fields or codes"),
    ] {
        let names = names(commands::all().filter(|entry| entry.mark == mark));
        let _ = writeln!(text, "* **[{}]** {meaning}: {names}", mark.letter());
    }
    text.push_str("\n## Commands that are not there yet\n\nThey answer -30001 `Invalid Command`. Names without a mark are this\nprogram's own; of groups the names alone are documented.\n\n");
    for (about, planned) in PLANNED {
        let missing: Vec<String> = planned.iter().filter_map(|planned| missing(planned)).collect();
        if !missing.is_empty() {
            let _ = writeln!(text, "* {about}: {}", missing.join(" "));
        }
    }
    text.push_str("\n## What else is missing\n\n");
    for sentence in MISSING {
        let _ = writeln!(text, "* {sentence}");
    }
    text.push_str("\n## Choices where the public record is silent\n");
    for (about, sentences) in CHOICES {
        let _ = writeln!(text, "\n### {about}\n");
        sentences.iter().for_each(|sentence| {
            let _ = writeln!(text, "* {sentence}");
        });
    }
    settings::section(&mut text);
    codes(&mut text);
    text
}

/// How a command is shown that is not there, with its mark.
fn missing(planned: &str) -> Option<String> {
    let (name, mark) = planned.split_once(' ').unwrap_or((planned, ""));
    if commands::find(name).is_some() {
        return None;
    }
    Some(if mark.is_empty() { format!("`{name}`") } else { format!("`{name}` **[{mark}]**") })
}

fn names<'a>(entries: impl Iterator<Item = &'a Entry>) -> String {
    entries.map(|entry| format!("`{}`", entry.name)).collect::<Vec<_>>().join(" ")
}

/// The codes that commands add, each with the commands that answer it.
fn codes(text: &mut String) {
    text.push_str("\n## Codes and who answers them\n\n| code | message | commands |\n|---|---|---|\n");
    let mut all: Vec<Code> = commands::all().flat_map(|entry| entry.refuses).copied().collect();
    all.sort_unstable_by_key(|code| -(*code as i64));
    all.dedup();
    for code in all {
        let users = commands::all().filter(|entry| entry.refuses.contains(&code));
        let _ = writeln!(text, "| {} | `{}` | {} |", code as i64, code.text(), names(users));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_not_called_missing() {
        let page = page();
        let missing = page.split("not there yet").nth(1).and_then(|rest| rest.split("## Choices").next());
        let missing = missing.unwrap_or_default();
        for entry in commands::all() {
            assert!(page.contains(&format!("`{}`", entry.name)), "{}", entry.name);
            assert!(!missing.contains(&format!("`{}`", entry.name)), "{}", entry.name);
        }
    }
}
