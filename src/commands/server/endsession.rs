//! `endsession`: a session is over before its time.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::access::{self, Class};
use crate::call::{Call, Caller};
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Ends a session: the one that calls, or the one that is named.
#[derive(Deserialize, JsonSchema)]
pub struct EndSession {
    /// the session's number; blank: the session that calls
    sessionid: Option<i64>,
}

impl Command for EndSession {
    const NAME: &'static str = "endsession";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::SessionUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a session of a user",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createsession username=carol IP=192.0.2.44",
            ],
            call: "sessionid=1",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown session",
            given: &[],
            call: "sessionid=99",
            reply: "<exception><primarycode>-30132</primarycode><secondarycode></secondarycode>\
                <message>Session expired or unknown</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let own = match &call.caller {
            Caller::Person(person) => person.session.as_ref().map(|session| session.id),
            _ => None,
        };
        let named = self.sessionid.or(own).ok_or_else(|| invalid("sessionid is needed"))?;
        let session = tx.the_session(call, named)?;
        tx.end_session(session)?;
        Ok(Done::default())
    }
}
