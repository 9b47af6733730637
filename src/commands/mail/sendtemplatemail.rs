//! `sendtemplatemail`: a mail by a template, to a user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result, invalid};
use crate::mail::{Kind, Named, catalogue};
use crate::store::Tx;
use crate::store::outbox::Mail;

/// The longest value of a parameter, in characters.
const LONGEST: usize = 1_000;

/// Sends a user a mail by a template, in the user's language. The parameters are the variables that the template has
/// beside those about the user and the provider; all that may not be blank must be given. Mails with a code or a
/// temporary password are sent by the commands that make these, and by nothing else.
#[derive(Deserialize, JsonSchema)]
pub struct SendTemplateMail {
    id: UserRef,
    /// the template of a mail: `web-license-created`
    template: String,
    /// the variables of the template
    #[serde(default)]
    parameter: Vec<Parameter>,
}

/// A variable.
#[derive(Deserialize, JsonSchema)]
struct Parameter {
    /// its name: `LICENSEKEY`
    name: String,
    /// its value
    #[serde(default)]
    value: String,
}

/// The mail's number.
#[derive(Serialize, JsonSchema)]
pub struct Posted {
    /// the mail's number
    mailid: i64,
}

impl Command for SendTemplateMail {
    const NAME: &'static str = "sendtemplatemail";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect, Code::TemplateUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "that a license was made",
            given: &[
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            ],
            call: "username=carol template=web-license-created parameter.name=LICENSEKEY \
                parameter.value=DEMO-1234-5678-9012",
            reply: "<mailid>1</mailid>",
        },
        Example {
            shows: "an unknown template",
            given: &[],
            call: "username=alice template=web-licence-created",
            reply: "<exception><primarycode>-30130</primarycode><secondarycode></secondarycode>\
                <message>Template not found; did you mean web-license-created?</message></exception>",
        },
        Example {
            shows: "a mail with a code",
            given: &[],
            call: "username=alice template=web-tmppassword",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: tmppassword has a code in it: sendpassword sends it</message></exception>",
        },
    ];
    type Reply = Posted;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Posted> {
        let user = tx.the_user(call, &self.id)?;
        let named = named::the_template(&self.template)?;
        let texts = self.texts(named)?;
        let template = named.template.name;
        let mail = Mail::new(template, &[]).of(named.family.name()).saying(&texts);
        let mailid = tx.post_mail(call, &user, &mail)?;
        tx.mail_added(mailid);
        Ok(Posted { mailid })
    }
}

impl SendTemplateMail {
    /// The parameters, each once and each one that the template has.
    fn texts(&self, named: Named) -> Result<Vec<(&'static str, &str)>> {
        let template = named.template;
        if template.kind != Kind::Mail {
            return Err(invalid(format!("{} is a page and no mail", template.name)));
        }
        if template.secrets().next().is_some() {
            let by = named::made_by(template.name);
            return Err(invalid(format!("{} has a code in it: {by} sends it", template.name)));
        }
        let mut texts: Vec<(&'static str, &str)> = Vec::new();
        for Parameter { name, value } in &self.parameter {
            let known = template.own().iter().find(|known| *known == name);
            let Some(known) = known else { return Err(unknown(named, name)) };
            if texts.iter().any(|(given, _)| given == known) {
                return Err(invalid(format!("the parameter {name} is given twice")));
            }
            if value.chars().count() > LONGEST {
                return Err(invalid(format!("the parameter {name} is longer than {LONGEST} characters")));
            }
            texts.push((known, value));
        }
        let needed = template
            .own()
            .iter()
            .filter(|name| catalogue::variable(name).is_some_and(|variable| !variable.optional));
        let given = |name: &str| texts.iter().any(|(given, value)| *given == name && !value.is_empty());
        match needed.copied().find(|name| !given(name)) {
            Some(missing) => Err(invalid(format!("the parameter {missing} is missing"))),
            None => Ok(texts),
        }
    }
}

fn unknown(named: Named, name: &str) -> crate::error::Error {
    let (template, own) = (named.template.name, named.template.own());
    let name: String = name.chars().take(50).collect();
    match own.is_empty() {
        true => invalid(format!("{name} is no parameter of {template}; it has none")),
        false => invalid(format!("{name} is no parameter of {template}; it has {}", own.join(", "))),
    }
}
