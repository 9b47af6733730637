//! `resendmail`: a mail goes out again.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result, invalid};
use crate::mail::{Family, Named};
use crate::store::Tx;

/// Sends a mail again that is dead or was sent, under the same Message-ID; one that waits is tried at once. The code in
/// a mail that was sent is not kept: whoever needs one again gets a new one from the command that made it.
#[derive(Deserialize, JsonSchema)]
pub struct ResendMail {
    /// the mail's number
    mailid: i64,
}

impl Command for ResendMail {
    const NAME: &'static str = "resendmail";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::MailUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a mail that waits is tried at once",
            given: &["sendpassword username=alice"],
            call: "mailid=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown mail",
            given: &[],
            call: "mailid=99",
            reply: "<exception><primarycode>-30151</primarycode><secondarycode></secondarycode>\
                <message>Mail not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let mail = named::the_mail(call, tx, self.mailid)?;
        let template = Family::parse(&mail.family).and_then(|family| Named::of(family, &mail.template));
        let secret = template.is_some_and(|named| named.template.secrets().next().is_some());
        if secret && !mail.sealed {
            let again = template.map_or("", |named| named::made_by(named.template.name));
            return Err(invalid(format!(
                "the code of a mail that was sent is not kept; {again} sends a new one"
            )));
        }
        tx.resend_mail(&mail, call.now)?;
        Ok(Done::default())
    }
}
