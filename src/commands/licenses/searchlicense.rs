//! `searchlicense`: licences by key, reference, contract, holder, state or end, page by page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::licensedata::ShownLicense;
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::date::Date;
use crate::domain::licenses::Status;
use crate::domain::pattern::Pattern;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::license_search::{FoundLicenses, LicenseSearch};

/// Finds licenses of the provider; everything given must hold, and nothing given finds all. In the key, `*` at the
/// start, the end or both stands for any run of characters, and case does not matter.
#[derive(Deserialize, JsonSchema)]
pub struct SearchLicense {
    /// the key, at least 3 characters besides `*`
    licensekey: Option<String>,
    /// the external reference
    licensereference: Option<String>,
    /// the number of the contract
    contractnumber: Option<String>,
    /// the name of the user who owns it
    holder: Option<String>,
    /// active, inactive, cancelled or expired
    status: Option<Status>,
    /// only licenses whose last day is before that day, UTC
    expiresbefore: Option<Date>,
    /// only licenses with a later key: the last one of the page before
    startkey: Option<String>,
}

impl Command for SearchLicense {
    const NAME: &'static str = "searchlicense";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "all licenses of a contract",
            given: &[
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5 contractnumber=V-7 validuntil=12/31/2026",
            ],
            call: "contractnumber=V-7",
            reply: "<searchresult><current>1</current><maximum>50</maximum><total>1</total>\
                </searchresult><licenselist><license><created>01/01/2026 00:00:00.00</created>\
                <productname>client</productname><type>yearly</type>\
                <licensekey>DEMO-2322-8118-9271</licensekey><number>DEMO-2322-8118-9271</number>\
                <licensereference></licensereference><contractnumber>V-7</contractnumber>\
                <featurevalue>8</featurevalue><featuretext>professional</featuretext>\
                <validuntil>12/31/2026</validuntil><limit>5</limit><used>0</used><status>active\
                </status><isdefault>false</isdefault><isgroup>false</isgroup><holder></holder>\
                </license></licenselist>",
        },
        Example {
            shows: "by the end of the key",
            given: &["registeruser username=carol useremail=carol@example.com activate=true"],
            call: "licensekey=*9271",
            reply: "<searchresult><current>1</current><maximum>50</maximum><total>1</total>\
                </searchresult><licenselist><license><created>01/01/2026 00:00:00.00</created>\
                <productname>client</productname><type>permanent</type>\
                <licensekey>DEMO-2322-8118-9271</licensekey><number>DEMO-2322-8118-9271</number>\
                <licensereference></licensereference><contractnumber></contractnumber>\
                <featurevalue>1</featurevalue><featuretext>banner</featuretext><validuntil>\
                </validuntil><limit>1</limit><used>1</used><status>active</status><isdefault>true\
                </isdefault><isgroup>false</isgroup><holder>carol</holder></license></licenselist>",
        },
        Example {
            shows: "too short a pattern",
            given: &[],
            call: "licensekey=*16",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: licensekey needs at least 3 characters besides *\
                </message></exception>",
        },
    ];
    type Reply = Page;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Page> {
        let maximum = call.snapshot.server.page;
        let found = match self.search(call, tx)? {
            Some(search) => {
                tx.search_licenses(&search, self.startkey.as_deref().unwrap_or_default(), maximum)?
            }
            None => FoundLicenses { licenses: Vec::new(), total: 0, at_least: false, next: None },
        };
        let FoundLicenses { licenses, total, at_least, next } = found;
        let shown = licenses.into_iter().map(|license| ShownLicense::of(call, tx, license, None));
        let license = shown.collect::<Result<Vec<ShownLicense>>>()?;
        let (current, totalisminimum) = (license.len(), at_least.then_some(true));
        let searchresult = SearchResult { current, maximum, total, totalisminimum, nextkey: next };
        Ok(Page { searchresult, licenselist: LicenseList { license } })
    }
}

/// A page of licences.
#[derive(Serialize, JsonSchema)]
pub struct Page {
    /// how many there are
    searchresult: SearchResult,
    /// the licenses, by key
    licenselist: LicenseList,
}

/// How many licences there are.
#[derive(Serialize, JsonSchema)]
struct SearchResult {
    /// licenses on this page
    current: usize,
    /// the most on a page
    maximum: i64,
    /// all licenses that match, exact up to 1000
    total: i64,
    /// there are more than `total`
    #[serde(skip_serializing_if = "Option::is_none")]
    totalisminimum: Option<bool>,
    /// the search stopped before the page was full: the `startkey` with which it goes on
    #[serde(skip_serializing_if = "Option::is_none")]
    nextkey: Option<String>,
}

/// The licences of a page.
#[derive(Serialize, JsonSchema)]
struct LicenseList {
    license: Vec<ShownLicense>,
}

impl SearchLicense {
    /// What to look for; nothing where it cannot be there.
    fn search(&self, call: &Call, tx: &Tx<'_>) -> Result<Option<LicenseSearch>> {
        let pattern = |text: &String| Pattern::read(text).map_err(|why| invalid(format!("licensekey {why}")));
        let holder = match &self.holder {
            None => None,
            Some(name) => match tx.user_named(name)? {
                Some(user) => Some(user.id),
                None => return Ok(None),
            },
        };
        Ok(Some(LicenseSearch {
            provider: call.provider.id,
            key: self.licensekey.as_ref().map(pattern).transpose()?,
            reference: self.licensereference.clone(),
            contract: self.contractnumber.clone(),
            holder,
            status: self.status,
            ends_by: self.expiresbefore.map(Date::start),
            now: call.now,
            expiry: call.provider.settings.license_expiry,
        }))
    }
}
