//! `cancellicense`: a licence ends for good and is kept for the record.

use schemars::JsonSchema;
use serde::Deserialize;

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::commands::users::defaults;
use crate::domain::licenses::{LicenseRef, Status};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::licenses::License;

/// The most users who are given another licence in one call `[O]`.
const MOST: usize = 200;

/// Ends a license for good. Whoever used it uses it no longer and gets a default license by the rules of the
/// provider, where these give one.
#[derive(Deserialize, JsonSchema)]
pub struct CancelLicense {
    lic: LicenseRef,
    /// an id of your own for the change; the same again changes nothing
    changeid: Option<String>,
}

impl Command for CancelLicense {
    const NAME: &'static str = "cancellicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::LicenseUnknown, Code::StillInUse];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a license",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
            ],
            call: "licensekey=DEMO-2322-8118-9271",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "an unknown license",
            given: &[],
            call: "licensekey=DEMO-0000-0000-0000",
            reply: "<exception><primarycode>-30203</primarycode><secondarycode></secondarycode>\
                <message>Unknown license</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let license = tx.the_license(call, &self.lic)?;
        let cancel = |old: &License| Ok(old.with_status(Status::Cancelled));
        if named::change(call, tx, &license, &self.changeid, cancel)? {
            tx.unshare_license(license.id)?;
            tx.release_depots(license.id)?;
            for user in users(tx, &license)? {
                tx.stop_using(license.id, user)?;
                fall_back(call, tx, user)?;
            }
        }
        Ok(Done::default())
    }
}

/// Those who use the licence; -30137 where they are too many.
fn users(tx: &Tx<'_>, license: &License) -> Result<Vec<i64>> {
    let users = tx.users_of_license(license.id, MOST + 1)?;
    if users.len() > MOST {
        return Err(Code::StillInUse.say(format!(
            "Still in use: {} users use this license, and one call gives another license to {MOST} at most; \
             removeuserfromlicense takes it from single users",
            license.used
        )));
    }
    Ok(users)
}

/// A user who is left without a licence gets one where its provider's rules give one; where they refuse, none.
fn fall_back(call: &Call, tx: &Tx<'_>, user: i64) -> Result<()> {
    let Some(user) = tx.user(user)?.filter(|user| user.license_id.is_none()) else { return Ok(()) };
    let provider = call.snapshot.provider_by_id(user.provider_id);
    let provider = provider.ok_or_else(|| Error::fault("a user without provider"))?;
    match defaults::give_license(call, tx, provider, user.id, None) {
        Err(Error::Refused { .. }) => Ok(()),
        given => given,
    }
}
