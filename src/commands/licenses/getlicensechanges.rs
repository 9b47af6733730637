//! `getlicensechanges`: what became of a licence.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::date::Date;
use crate::domain::licenses::LicenseRef;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::store::Tx;
use crate::store::license_changes::ChangeRow;

/// The most changes on a page `[O]`.
const MOST: i64 = 50;

/// Shows the changes of a license, the oldest first, 50 at a time: of its features, limit, last day, state, holder and
/// reference. Each shows what changed as it was before and after.
#[derive(Deserialize, JsonSchema)]
pub struct GetLicenseChanges {
    lic: LicenseRef,
    /// only changes with a greater number: the last one of the page before
    #[serde(default)]
    startid: i64,
}

impl Command for GetLicenseChanges {
    const NAME: &'static str = "getlicensechanges";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Looks;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::LicenseUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a license that was made and upgraded",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5",
                "upgradelicense licensekey=DEMO-2322-8118-9271 limit=10 changeid=order-7",
            ],
            call: "licensekey=DEMO-2322-8118-9271",
            reply: "<changelist><change><changenumber>1</changenumber><time>01/01/2026 00:00:00.00\
                </time><service>portal</service><changeid></changeid>\
                <command>createlicensewithoutuser</command><before></before><after><featurevalue>8\
                </featurevalue><limit>5</limit><validuntil></validuntil><status>active</status>\
                <holder></holder><licensereference></licensereference></after></change><change>\
                <changenumber>2</changenumber><time>01/01/2026 00:00:00.00</time><service>portal\
                </service><changeid>order-7</changeid><command>upgradelicense</command><before>\
                <limit>5</limit></before><after><limit>10</limit></after></change></changelist>",
        },
        Example {
            shows: "an unknown license",
            given: &[],
            call: "licensekey=DEMO-0000-0000-0000",
            reply: "<exception><primarycode>-30203</primarycode><secondarycode></secondarycode>\
                <message>Unknown license</message></exception>",
        },
    ];
    type Reply = Changes;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Changes> {
        let license = tx.the_license(call, &self.lic)?;
        let changes = tx.license_changes(license.id, self.startid.max(0), MOST)?;
        let change = changes.into_iter().map(Change::of).collect::<Result<Vec<Change>>>()?;
        Ok(Changes { changelist: ChangeList { change } })
    }
}

/// The changes.
#[derive(Serialize, JsonSchema)]
pub struct Changes {
    /// the changes, the oldest first
    changelist: ChangeList,
}

/// The changes of the list.
#[derive(Serialize, JsonSchema)]
struct ChangeList {
    change: Vec<Change>,
}

/// A change.
#[derive(Serialize, JsonSchema)]
struct Change {
    /// its number, for `startid`
    changenumber: i64,
    /// when it was made, UTC
    time: Time,
    /// the service that made it, or who else
    service: String,
    /// the id that its caller gave it
    changeid: String,
    /// by which command
    command: String,
    /// what changed, as it was
    before: Side,
    /// what changed, as it became
    after: Side,
}

/// One side of a change: what stayed the same is left out.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Side {
    /// the features as a number
    #[serde(skip_serializing_if = "Option::is_none")]
    featurevalue: Option<i64>,
    /// how many may use it
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<i64>,
    /// the last day; empty: without end
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Date>")]
    validuntil: Option<String>,
    /// active, inactive or cancelled
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    /// the name of the user who owned it then
    #[serde(skip_serializing_if = "Option::is_none")]
    holder: Option<String>,
    /// the external reference
    #[serde(skip_serializing_if = "Option::is_none")]
    licensereference: Option<String>,
    /// the name of a group that had it then; empty: that group did not
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    /// the key of a company account that had it then; empty: that account did not
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<String>,
}

impl Change {
    fn of(row: ChangeRow) -> Result<Change> {
        let side = |text: &str| serde_json::from_str(text).map_err(|error| Error::Failed(error.into()));
        let (before, after) = (side(&row.before)?, side(&row.after)?);
        let service = row.caller.strip_prefix("service:").unwrap_or(&row.caller).to_owned();
        let ChangeRow { id, time, changeid, command, .. } = row;
        Ok(Change { changenumber: id, time, service, changeid, command, before, after })
    }
}
