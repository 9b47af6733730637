//! `setlicensevalidity`: until when a licence is valid.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named::{self, Changed};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::blank;
use crate::domain::date::Date;
use crate::domain::licenses::{LicenseRef, Terms};
use crate::error::{Code, Result};
use crate::store::Tx;

/// Sets the last day of a license. A day that is over ends it at once, a later one brings it back.
#[derive(Deserialize, JsonSchema)]
pub struct SetLicenseValidity {
    lic: LicenseRef,
    /// the last day of its life, UTC; sent blank: it does not end
    validuntil: Option<Date>,
    /// an id of your own for the change; one that is on record for the
    /// license changes nothing, and is answered with `repeated`
    changeid: Option<String>,
    #[schemars(skip)]
    blanks: Vec<String>,
}

impl Command for SetLicenseValidity {
    const NAME: &'static str = "setlicensevalidity";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::LicenseUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "until the end of the year",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271 validuntil=12/31/2026",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "without end from now on",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5 validuntil=12/31/2026",
            ],
            call: "licensekey=DEMO-2322-8118-9271 validuntil=''",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "no day at all",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: validuntil is missing; sent blank it means that it does not end\
                </message></exception>",
        },
        Example {
            shows: "an unknown license",
            given: &[],
            call: "licensekey=DEMO-0000-0000-0000",
            reply: "<exception><primarycode>-30203</primarycode><secondarycode></secondarycode>\
                <message>Unknown license</message></exception>",
        },
    ];
    type Reply = Changed;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Changed> {
        let license = tx.the_license(call, &self.lic)?;
        blank::sent(self.validuntil.as_ref(), &self.blanks, "validuntil", "that it does not end")?;
        named::changed(call, tx, &license, &self.changeid, |old| {
            let valid_until = self.validuntil.map(Date::end);
            Ok(old.with_terms(Terms { valid_until, ..old.terms }))
        })
    }
}
