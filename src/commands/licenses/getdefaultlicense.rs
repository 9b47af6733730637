//! `getdefaultlicense`: the licence that a user uses.

use schemars::JsonSchema;
use serde::Deserialize;

use super::licensedata::{Licenses, ShownLicense};
use super::named;
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Shows the license that a user uses.
#[derive(Deserialize, JsonSchema)]
pub struct GetDefaultLicense {
    id: UserRef,
}

impl Command for GetDefaultLicense {
    const NAME: &'static str = "getdefaultlicense";
    const CLASS: Class = access::OWN_OR_MANAGED;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::NoDefaultLicense, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the license that came with a user",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "username=carol",
            reply: "<licensedata><license><created>01/01/2026 00:00:00.00</created><productname>client\
                </productname><type>permanent</type><licensekey>DEMO-2322-8118-9271</licensekey>\
                <number>DEMO-2322-8118-9271</number><licensereference></licensereference>\
                <contractnumber></contractnumber><featurevalue>1</featurevalue><featuretext>banner\
                </featuretext><validuntil></validuntil><limit>1</limit><used>1</used>\
                <status>active</status><isdefault>true</isdefault><isgroup>false</isgroup>\
                <holder>carol</holder></license></licensedata>",
        },
        Example {
            shows: "a user without one",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "removeuserfromlicense username=carol licensekey=DEMO-2322-8118-9271",
            ],
            call: "username=carol",
            reply: "<exception><primarycode>-30208</primarycode><secondarycode></secondarycode>\
                <message>No default license</message></exception>",
        },
    ];
    type Reply = Licenses;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Licenses> {
        let (user, license) = named::default(call, tx, &self.id)?;
        Ok(Licenses::of(vec![ShownLicense::of(call, tx, license, Some(&user))?]))
    }
}
