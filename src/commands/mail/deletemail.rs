//! `deletemail`: a mail is thrown away.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Throws a mail of the outbox away, whatever its state. One that waited is not sent.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteMail {
    /// the mail's number
    mailid: i64,
}

impl Command for DeleteMail {
    const NAME: &'static str = "deletemail";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::MailUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a mail that waits",
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
        tx.delete_mail(&mail)?;
        Ok(Done::default())
    }
}
