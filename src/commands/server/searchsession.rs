//! `searchsession`: the sessions of a user.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::createsession::MOST;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::time::Time;
use crate::domain::user::SelfOrUser;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::credentials::SessionRow;

/// Lists the sessions of a user that have not ended. Their tokens are not shown.
#[derive(Deserialize, JsonSchema)]
pub struct SearchSession {
    id: SelfOrUser,
}

/// The sessions.
#[derive(Serialize, JsonSchema)]
pub struct Sessions {
    /// the sessions, the oldest first
    sessionlist: SessionList,
}

/// The sessions of the list.
#[derive(Serialize, JsonSchema)]
struct SessionList {
    session: Vec<ListedSession>,
}

/// A session.
#[derive(Serialize, JsonSchema)]
struct ListedSession {
    /// the session's number
    sessionid: i64,
    /// the address it may be used from
    address: String,
    /// who opened it: the password, a key, a service, or a site
    openedby: String,
    /// when it was opened, UTC
    #[schemars(with = "Time")]
    created: String,
    /// when it ends, UTC
    #[schemars(with = "Time")]
    expires: String,
}

impl From<SessionRow> for ListedSession {
    fn from(row: SessionRow) -> ListedSession {
        let openedby = match (row.key, row.service, row.site) {
            (Some(key), ..) => format!("key {key}"),
            (_, Some(service), _) => format!("service {service}"),
            (.., Some(site)) => format!("site {site}"),
            _ => "password".to_owned(),
        };
        ListedSession {
            sessionid: row.id,
            address: row.address,
            openedby,
            created: row.created.stamp(),
            expires: row.expires.stamp(),
        }
    }
}

impl Command for SearchSession {
    const NAME: &'static str = "searchsession";
    const CLASS: Class = access::OWN;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a session that a service opened",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "createsession username=carol IP=192.0.2.44",
            ],
            call: "username=carol",
            reply: "<sessionlist><session><sessionid>1</sessionid><address>192.0.2.44</address>\
                <openedby>service portal</openedby><created>01/01/2026 00:00:00.00</created>\
                <expires>01/01/2026 00:15:00.00</expires></session></sessionlist>",
        },
        Example {
            shows: "an unknown user",
            given: &[],
            call: "username=nobody",
            reply: "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
                <message>Username does not exists</message></exception>",
        },
    ];
    type Reply = Sessions;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Sessions> {
        let user = tx.the_user_or_self(call, &self.id)?;
        let session = tx.sessions(call, user.id, MOST)?.into_iter().map(ListedSession::from).collect();
        Ok(Sessions { sessionlist: SessionList { session } })
    }
}
