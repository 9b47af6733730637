//! `getusers`: several users at once.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::userdata::{Beside, FoundUser};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// The most users in one call `[O]`.
const MOST: usize = 200;

/// Shows users in the order asked; unknown numbers are left out.
#[derive(Deserialize, JsonSchema)]
pub struct GetUsers {
    /// the users' numbers, 200 at most
    userid: Vec<i64>,
    /// whether the users' groups are shown
    #[serde(default)]
    includegroup: bool,
}

/// The users.
#[derive(Serialize, JsonSchema)]
pub struct Users {
    /// the users, in the order asked
    userlist: UserList,
}

/// The users of the list.
#[derive(Serialize, JsonSchema)]
struct UserList {
    user: Vec<FoundUser>,
}

impl Command for GetUsers {
    const NAME: &'static str = "getusers";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "two users and a number that nobody has",
            given: &[],
            call: "userid=2,1,99999",
            reply: "<userlist><user><userid>2</userid><username>edgar</username><email>\
                edgar@example.com</email><reference></reference><department></department>\
                <language>en</language><distributor>DEMO</distributor><usercreated>\
                01/01/2026 00:00:00.00</usercreated><status>inactive</status><licensekey>\
                DEMO-7833-4985-3543</licensekey></user><user><userid>1</userid><username>alice\
                </username><email>alice@example.com</email><reference></reference><department>\
                Support</department><language>en</language><distributor>DEMO</distributor>\
                <usercreated>01/01/2026 00:00:00.00</usercreated><status>activated</status>\
                <licensekey>DEMO-3383-4453-1645</licensekey></user></userlist>",
        },
        Example {
            shows: "what is no number",
            given: &[],
            call: "userid=alice",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: userid must be a whole number</message></exception>",
        },
    ];
    type Reply = Users;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Users> {
        if self.userid.len() > MOST {
            return Err(invalid(format!("userid may name {MOST} users at most")));
        }
        let beside = Beside { devices: false, group: self.includegroup };
        let mut user = Vec::with_capacity(self.userid.len());
        for id in &self.userid {
            // A user out of reach is answered like an unknown one.
            if let Some(found) = tx.user(*id)?.filter(|user| call.reaches(user.provider_id)) {
                user.push(FoundUser::of(call, tx, found, beside)?);
            }
        }
        Ok(Users { userlist: UserList { user } })
    }
}
