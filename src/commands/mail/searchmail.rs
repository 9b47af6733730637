//! `searchmail`: mails, the newest first, and what became of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::server::page::{self, SearchResult};
use crate::domain::moment::Moment;
use crate::domain::time::Time;
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::mail::{Family, Named};
use crate::store::Tx;
use crate::store::outbox_search::{Kept, MailSearch};

const STATES: [&str; 3] = ["waiting", "sent", "dead"];

/// Lists mails, the newest first: of all providers for services of the default one, else of the provider alone.
/// Everything given must hold. Codes are masked.
#[derive(Deserialize, JsonSchema)]
pub struct SearchMail {
    /// only mails in that state: waiting, sent or dead
    state: Option<String>,
    /// only mails to the user of that name
    username: Option<String>,
    /// only mails to the user of that number, who may be removed
    userid: Option<i64>,
    /// only mails to that address
    recipient: Option<String>,
    /// only mails by that template: `web-activationlink`
    template: Option<String>,
    /// only from that time or day on, UTC
    from: Option<Moment>,
    /// only before that time, or until the end of that day, UTC
    until: Option<Moment>,
    /// only mails with a greater number
    #[serde(default)]
    startid: i64,
    /// only mails with a smaller number: `nextid` of the page before
    beforeid: Option<i64>,
}

/// A page of mails.
#[derive(Serialize, JsonSchema)]
pub struct Mails {
    /// how far the page reaches
    searchresult: SearchResult,
    /// the mails, the newest first
    maillist: MailList,
}

/// The mails of the list.
#[derive(Serialize, JsonSchema)]
struct MailList {
    mail: Vec<ShownMail>,
}

/// A mail.
#[derive(Serialize, JsonSchema)]
struct ShownMail {
    /// the mail's number
    mailid: i64,
    /// the code of the provider
    distributor: String,
    /// waiting, sent or dead
    state: String,
    /// the address
    recipient: String,
    /// the number of the user; empty: none
    userid: Option<i64>,
    /// the template
    template: String,
    /// the language that was asked for
    language: String,
    /// the variables as JSON; codes are masked
    variables: String,
    /// when it was written, UTC
    created: Time,
    /// how often it was tried
    attempts: i64,
    /// when it is tried next, UTC; empty: it does not wait
    due: Option<Time>,
    /// why it was not taken the last time
    error: String,
    /// when it was sent, UTC; empty: it was not
    sent: Option<Time>,
    /// the part of its Message-ID before the @
    messageid: String,
}

impl ShownMail {
    fn of(call: &Call, mail: Kept) -> ShownMail {
        let template = format!("{}-{}", mail.family, mail.template);
        ShownMail {
            mailid: mail.id,
            distributor: page::code(call, mail.provider),
            userid: mail.user,
            variables: masked(&mail),
            template,
            due: (mail.state == STATES[0]).then_some(mail.due),
            state: mail.state,
            recipient: mail.recipient,
            language: mail.language,
            created: mail.created,
            attempts: mail.attempts,
            error: mail.error,
            sent: mail.sent,
            messageid: mail.message_id,
        }
    }
}

/// The variables, with marks in place of the secret ones.
fn masked(mail: &Kept) -> String {
    let template = Family::parse(&mail.family).and_then(|family| Named::of(family, &mail.template));
    let secrets = template.into_iter().flat_map(|named| named.template.secrets());
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&mail.variables) {
        Ok(mut variables) => {
            variables.extend(secrets.map(|name| (name.to_owned(), "•••".into())));
            serde_json::Value::Object(variables).to_string()
        }
        Err(_) => String::new(),
    }
}

impl Command for SearchMail {
    const NAME: &'static str = "searchmail";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect, Code::TemplateUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "no mail is dead",
            given: &["sendpassword username=alice"],
            call: "state=dead",
            reply: "<searchresult><current>0</current><maximum>50</maximum></searchresult><maillist></maillist>",
        },
        Example {
            shows: "a template that there is not",
            given: &[],
            call: "template=web-tmppasword",
            reply: "<exception><primarycode>-30130</primarycode><secondarycode></secondarycode>\
                <message>Template not found; did you mean web-tmppassword?</message></exception>",
        },
    ];
    type Reply = Mails;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Mails> {
        let template = self.template.as_ref().map(|name| named::the_template(name)).transpose()?;
        if self.state.as_ref().is_some_and(|state| !STATES.contains(&state.as_str())) {
            return Err(invalid("state must be one of waiting, sent, dead"));
        }
        let search = MailSearch {
            provider: page::provider(call),
            user: self.user(call, tx)?,
            recipient: self.recipient.clone(),
            template: template.map(|named| (named.family.name().to_owned(), named.template.name.to_owned())),
            state: self.state.clone(),
        };
        let page = page::page(call, self.startid, self.beforeid, self.from, self.until);
        let found = tx.search_mails(&search, &page)?;
        let searchresult = SearchResult::of(&found, &page);
        let mail = found.rows.into_iter().map(|mail| ShownMail::of(call, mail)).collect();
        Ok(Mails { searchresult, maillist: MailList { mail } })
    }
}

impl SearchMail {
    fn user(&self, call: &Call, tx: &Tx<'_>) -> Result<Option<i64>> {
        match (&self.username, self.userid) {
            (Some(_), Some(_)) => Err(invalid("only one of username, userid may be given")),
            (None, userid) => Ok(userid),
            (Some(name), None) => Ok(Some(tx.the_user(call, &UserRef::Username(name.clone()))?.id)),
        }
    }
}
