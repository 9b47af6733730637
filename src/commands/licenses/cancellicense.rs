//! `cancellicense`: a licence ends for good and is kept for the record.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::named;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark, Zero};
use crate::commands::jobs::order::Order;
use crate::commands::users::defaults;
use crate::domain::licenses::{LicenseRef, Status};
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::jobs::NewJob;
use crate::store::licenses::License;

/// The most users who are given another licence, and depots that lose theirs, in the call itself `[O]`.
const MOST: usize = 200;

/// Ends a license for good. Whoever used it uses it no longer and gets a default license by the rules of the
/// provider, where these give one; depots use it no longer. Where more than 200 use it, a job does this after the
/// call, which getjob shows. If that job ends early, the same call goes on.
#[derive(Deserialize, JsonSchema)]
pub struct CancelLicense {
    lic: LicenseRef,
    /// an id of your own for the change; one that is on record for the
    /// license changes nothing, and is answered with `repeated`
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
    type Reply = Cancelled;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Cancelled> {
        let license = tx.the_license(call, &self.lic)?;
        named::no_default_of_provider(call, &license)?;
        let cancel = |old: &License| Ok(old.with_status(Status::Cancelled));
        let mut job = None;
        let first = named::change(call, tx, &license, &self.changeid, cancel)?;
        if first {
            tx.unshare_license(license.id)?;
            job = release(call, tx, &license)?.or(fall_back(call, tx, &license)?);
        }
        Ok(Cancelled { intresult: Zero, job, repeated: (!first).then_some(true) })
    }
}

/// The reply.
#[derive(Serialize, JsonSchema)]
pub struct Cancelled {
    /// always 0
    intresult: Zero,
    /// the job that takes users or depots off the license, where they are more than 200
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<i64>,
    /// true: a change of that changeid is on record for the license already, so nothing was applied; left out: it was
    /// applied
    #[serde(skip_serializing_if = "Option::is_none")]
    repeated: Option<bool>,
}

/// Takes the depots off the licence, at once or as a job.
fn release(call: &Call, tx: &Tx<'_>, license: &License) -> Result<Option<i64>> {
    if tx.depots_of_license(license.id, 0, MOST + 1)?.len() > MOST {
        return afterwards(call, tx, license, &Order::Release { license: license.id });
    }
    tx.release_depots(license.id)?;
    Ok(None)
}

fn afterwards(call: &Call, tx: &Tx<'_>, license: &License, order: &Order) -> Result<Option<i64>> {
    let left = tx.license(license.id)?.map_or(0, |license| license.used);
    let data = order.text()?;
    let id = tx.add_job(call, &NewJob { data: &data, dry: false, total: left, owner: "" })?;
    tx.complete_job(id)?;
    Ok(Some(id))
}

/// Takes the users off the licence, which only they use any more, at once or as a job.
fn fall_back(call: &Call, tx: &Tx<'_>, license: &License) -> Result<Option<i64>> {
    let users = tx.users_of_license(license.id, 0, MOST + 1)?;
    if users.len() > MOST {
        return afterwards(call, tx, license, &Order::FallBack { license: license.id });
    }
    users.into_iter().try_for_each(|user| leave(call, tx, license.id, user))?;
    Ok(None)
}

/// A user uses the licence no longer; who is left without one gets one where the provider's rules give one, and
/// where they refuse, none.
pub fn leave(call: &Call, tx: &Tx<'_>, license: i64, user: i64) -> Result<()> {
    tx.stop_using(license, user)?;
    let Some(user) = tx.user(user)?.filter(|user| user.license_id.is_none()) else { return Ok(()) };
    let provider = call.snapshot.provider_by_id(user.provider_id);
    let provider = provider.ok_or_else(|| Error::fault("a user without provider"))?;
    match defaults::give_license(call, tx, provider, user.id, None) {
        Err(Error::Refused { .. }) => Ok(()),
        given => given,
    }
}
