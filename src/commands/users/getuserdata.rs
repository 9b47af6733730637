//! `getuserdata`: one user.

use schemars::JsonSchema;
use serde::Deserialize;

use super::userdata::{OneUser, yes};
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Shows one user.
#[derive(Deserialize, JsonSchema)]
pub struct GetUserData {
    id: UserRef,
    /// whether the user's group is shown
    #[serde(default = "yes")]
    includegroup: bool,
}

impl Command for GetUserData {
    const NAME: &'static str = "getuserdata";
    const CLASS: Class = access::OWN_OR_MANAGED;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a user",
            given: &[
                "registeruser username=carol useremail=carol@example.com language=de department=Sales activate=true",
            ],
            call: "username=carol",
            reply: "<userdata><userid>5</userid><username>carol</username><email>carol@example.com\
                </email><reference></reference><department>Sales</department><language>de</language>\
                <distributor>DEMO</distributor><usercreated>01/01/2026 00:00:00.00</usercreated>\
                <status>activated</status><keyrepository>false</keyrepository><newsletter>false\
                </newsletter><emailbounced>false</emailbounced><webportal>true</webportal><authid>\
                </authid><lastlogin></lastlogin><modnumber>1</modnumber><accountkey></accountkey>\
                <userkey>uk-ibf4aqqq6fq99nfjxxi8</userkey></userdata>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = OneUser;

    fn glances(&self) -> bool {
        matches!(self.id, UserRef::Username(_))
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<OneUser> {
        let user = tx.the_user(call, &self.id)?;
        OneUser::of(call, tx, user, self.includegroup)
    }
}
