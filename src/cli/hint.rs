//! What to look at after a refusal. The gate's refusals say little on purpose, to whoever stands before
//! it; who sits at the command line is told what is likely, and how to see whether it is so.

use super::reply::Refusal;
use crate::error::Code;

/// As whom the call was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum As {
    Service,
    Key,
    Session,
    Site,
}

/// The likely causes, and the next step.
pub fn after(refusal: &Refusal, command: &str, caller: As) -> String {
    let denied = Code::AccessDenied as i64;
    let usual = || format!("`regserver commands {command}` shows its fields and codes");
    match refusal.code {
        code if code == denied && refusal.secondary == Some(Code::INSUFFICIENT_ACCESS) => lacking(command, caller),
        code if code == denied && refusal.message.contains("Provider") => {
            "distributor names a provider that this caller may not act for: leave the field out, or see the setting \
             APIAllowSettingDistributor and who manages that provider (`regserver provider list`)"
                .to_owned()
        }
        code if code == denied => turned_away(command, caller).to_owned(),
        -30002 if refusal.message == Code::InvalidRequest.text() => {
            "the checksum does not fit: check key and method, or name the right service with --service".to_owned()
        }
        -120 => "the server is overloaded or stopping; try again".to_owned(),
        -100 | -110 => "this is a fault of the server: its log has the cause".to_owned(),
        _ if crate::commands::find(command).is_none() => {
            "`regserver commands` lists the commands that this program knows".to_owned()
        }
        code => rule(code).map_or_else(usual, str::to_owned),
    }
}

/// What is allowed, of refusals that only say that something is not.
fn rule(code: i64) -> Option<&'static str> {
    let rules = [
        (
            Code::InvalidUsername,
            "a name has as many characters as ClientUsernameLength says or more, of those that RegNameComplexity \
             allows, and no @ (`regserver settings show ClientUsernameLength`)",
        ),
        (
            Code::InvalidPassword,
            "a password has as many characters as ClientPasswordLength says or more, and 1000 at most (`regserver \
             settings show ClientPasswordLength`)",
        ),
        (Code::InvalidEmail, "it must be one address such as carol@example.com"),
        (
            Code::LanguageUnknown,
            "the provider allows those that `regserver settings show EMAIL/EMAIL_ALLOWED_LANG` shows",
        ),
    ];
    rules.into_iter().find(|(of, _)| *of as i64 == code).map(|(_, rule)| rule)
}

/// Of a caller who is known.
fn lacking(command: &str, caller: As) -> String {
    let likely = match caller {
        As::Service => {
            "the list of commands of this service lacks it (`regserver service list`, `regserver service set NAME \
             --commands LIST`), or it is for services of another provider"
        }
        As::Key => {
            "the data is somebody else's, the scope of the key lacks it (`regserver user keys NAME`), or the user \
             lacks a right (`regserver user rights NAME`, `regserver user grant NAME RIGHT`)"
        }
        As::Site => {
            "the data is somebody else's, or the user lacks a right (`regserver user rights NAME`); without --user-key a \
             site may call registeruser alone, and another site is authorised by the user's home site"
        }
        As::Session => {
            "the data is somebody else's, the user lacks a right (`regserver user rights NAME`, `regserver user grant \
             NAME RIGHT`), or the key that opened the session has a scope without it"
        }
    };
    format!(
        "the caller is known and may not do this; likely: {likely}; `regserver commands {command}` says who may"
    )
}

/// Of a caller who proved nobody.
fn turned_away(command: &str, caller: As) -> &'static str {
    match caller {
        As::Service => {
            "the server knows no service at this address; likely: the service is registered for another address or \
             disabled (`regserver service list`), or a proxy between is not in server.trusted_proxies; the server's \
             log names the address it saw"
        }
        _ if command == "createsession" => {
            "likely: the user or the password is wrong, or the user is not activated, disabled or locked \
             (`regserver user show NAME`); the server's log says why"
        }
        As::Key => {
            "likely: the key or its secret is wrong, the key is revoked, or its user is disabled (`regserver user keys \
             NAME`, `regserver user show NAME`), or the way there is not https; the server's log says why"
        }
        As::Site => {
            "likely: the site's key or its secret is wrong, the site is disabled (`regserver call searchsite`), or the \
             user, whose public key `getuserdata` shows, is of another provider, not activated, or has not authorised the \
             site; the server's log says why"
        }
        As::Session => {
            "likely: the session is over (15 minutes without a call), was opened for another address, or its key or \
             user is gone; open another one with createsession; the server's log says why"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(code: i64, secondary: Option<i64>, message: &str, caller: As) -> String {
        after(&Refusal { code, secondary, message: message.to_owned() }, "getuserdata", caller)
    }

    #[test]
    fn each_refusal_that_says_little_has_its_own_next_step() {
        for (code, secondary, message, caller, step) in [
            (-30000, None, "Access denied", As::Service, "registered for another address"),
            (-30000, None, "Access denied to specified Provider", As::Service, "leave the field out"),
            (-30000, Some(-6), "Access denied: …", As::Service, "service set NAME --commands"),
            (-30000, Some(-6), "Access denied: …", As::Key, "user keys NAME"),
            (-30000, Some(-6), "Access denied: …", As::Session, "user grant"),
            (-30000, None, "Access denied", As::Key, "revoked"),
            (-30000, None, "Access denied", As::Session, "createsession"),
            (-30000, None, "Access denied", As::Site, "searchsite"),
            (-30000, Some(-6), "Access denied: …", As::Site, "--user-key"),
            (-30002, None, "Invalid Request", As::Service, "--service"),
            (-30002, None, "Invalid Request: x is missing", As::Service, "regserver commands getuserdata"),
            (-30108, None, "Invalid username", As::Service, "ClientUsernameLength"),
            (-30109, None, "Invalid password", As::Service, "ClientPasswordLength"),
            (-30110, None, "Invalid email", As::Service, "carol@example.com"),
            (-30117, None, "Unknown language", As::Service, "EMAIL/EMAIL_ALLOWED_LANG"),
            (-120, None, "Overloaded, try again", As::Service, "try again"),
            (-100, None, "Internal error", As::Service, "its log"),
        ] {
            let said = hint(code, secondary, message, caller);
            assert!(said.contains(step), "{code} {secondary:?} {caller:?}: {said}");
        }
    }
}
