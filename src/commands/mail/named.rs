//! Which template a call means and in which language, and which mail.

use crate::call::Call;
use crate::commands::server::page;
use crate::domain::settings::closest;
use crate::error::{Code, Error, Result, invalid};
use crate::mail::{Kind, Named, Parts};
use crate::store::Tx;
use crate::store::outbox_search::Kept;

/// The template of that name.
pub fn the_template(name: &str) -> Result<Named> {
    Named::find(name).ok_or_else(|| {
        let all: Vec<String> = Named::all().map(Named::full).collect();
        // To compare a long text with every name would cost more than the hint is worth.
        let near = (name.len() <= 100).then(|| closest(name, all.iter().map(String::as_str))).flatten();
        match near {
            Some(near) => Code::TemplateUnknown.say(format!("Template not found; did you mean {near}?")),
            None => Error::from(Code::TemplateUnknown),
        }
    })
}

/// The language: one that the provider's users may have, or one in which it has that template; none: its default.
pub fn the_language(call: &Call, named: Named, language: Option<&str>) -> Result<String> {
    let settings = &call.provider.settings;
    let Some(language) = language else { return Ok(settings.default_language.clone()) };
    let language = language.to_ascii_lowercase();
    let known = settings.allowed_languages.contains(&language)
        || call.provider.templates.get(named, &language).is_some();
    if known { Ok(language) } else { Code::LanguageUnknown.refuse() }
}

/// What a kind is called.
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Mail => "mail",
        Kind::Page | Kind::Redirect => "page",
        Kind::Question => "question",
    }
}

/// The refusal of a page that is not built in and that the provider has not written.
pub fn not_written() -> Error {
    Code::TemplateUnknown.say("Template not found; none is built in, and settemplate writes one")
}

/// The parts that a call brings, as they are kept.
pub fn parts(subject: Option<&String>, text: Option<&String>, html: Option<&String>) -> Parts {
    let given = |part: Option<&String>| part.cloned().unwrap_or_default();
    crate::mail::check::tidied(&Parts { subject: given(subject), text: given(text), html: given(html) })
}

/// The mail of that number, to be changed: one that is just being sent is left alone.
pub fn the_mail(call: &Call, tx: &Tx<'_>, id: i64) -> Result<Kept> {
    let mail = tx.the_mail(page::provider(call), id)?;
    if mail.lease > call.now {
        return Err(invalid("the mail is being sent just now; look again when that is done"));
    }
    Ok(mail)
}

/// The command that sends a mail with a code.
pub fn made_by(template: &str) -> &'static str {
    match template {
        "tmppassword" => "sendpassword",
        "emailchangedtonew" => "setemail",
        "deletion-requested" => "requestuserdeletion",
        "group-invitation" => "inviteusertogroup",
        "console-code" => "consolelogin",
        _ => "resendactivation",
    }
}
