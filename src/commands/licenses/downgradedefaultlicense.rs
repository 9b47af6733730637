//! `downgradedefaultlicense`: the licence that a user uses allows less.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named::{self, Changed};
use super::terms::{self, Asked};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::user::UserRef;
use crate::error::{Code, Result};
use crate::store::Tx;

/// Takes something from the license that a user uses: neither the tier of its features nor its limit rises, webdavs and inbox are not
/// added, and whoever uses it keeps a place.
#[derive(Deserialize, JsonSchema)]
pub struct DowngradeDefaultLicense {
    id: UserRef,
    /// the new features, words or number; blank or 0: as they are
    featurevalue: Option<String>,
    /// the new limit
    limit: Option<i64>,
    /// an id of your own for the change; one that is on record for the
    /// license changes nothing, and is answered with `repeated`
    changeid: Option<String>,
}

impl Command for DowngradeDefaultLicense {
    const NAME: &'static str = "downgradedefaultlicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Client;
    const REFUSES: &'static [Code] = &[
        Code::UserUnknown,
        Code::FeatureUnknown,
        Code::InvalidLimit,
        Code::DowngradeImpossible,
        Code::NoDefaultLicense,
        Code::LicenseEnded,
        Code::Redirect,
    ];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "other features",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "upgradedefaultlicense username=carol featurevalue=enterprise",
            ],
            call: "username=carol featurevalue=personal",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a higher tier",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "upgradedefaultlicense username=carol featurevalue=professional",
            ],
            call: "username=carol featurevalue=enterprise",
            reply: "<exception><primarycode>-30207</primarycode><secondarycode></secondarycode>\
                <message>Downgrade not possible</message></exception>",
        },
    ];
    type Reply = Changed;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Changed> {
        let (_, license) = named::default(call, tx, &self.id)?;
        let asked = Asked {
            featurevalue: &self.featurevalue,
            limit: self.limit,
            validuntil: None,
            changeid: &self.changeid,
        };
        terms::downgrade(call, tx, &license, &asked)
    }
}
