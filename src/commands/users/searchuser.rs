//! `searchuser`: users by parts of their names and addresses, page by page.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::userdata::{Beside, FoundUser};
use crate::access::Class;
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::domain::pattern::Pattern;
use crate::domain::user::Status;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;
use crate::store::search::{Found, UserSearch};

/// Finds users; `*` at the start, the end or both stands for any run of characters, case does not
/// matter, and everything given must hold.
#[derive(Deserialize, JsonSchema)]
pub struct SearchUser {
    /// the name, at least 3 characters besides `*`
    username: Option<String>,
    /// the registration address, likewise
    email: Option<String>,
    /// the external reference, likewise
    reference: Option<String>,
    /// the department, likewise
    department: Option<String>,
    /// todelete, disabled, inactive or activated
    status: Option<Status>,
    /// only users with a greater number: the last one of the page before
    #[serde(default)]
    startid: i64,
    /// whether the users' devices are shown
    #[serde(default)]
    showdevice: bool,
    /// only users of the provider that the call is for; then all else may be left out
    #[serde(default)]
    onlyownusers: bool,
    /// whether the users' groups are shown
    #[serde(default)]
    includegroup: bool,
}

/// A page of users.
#[derive(Serialize, JsonSchema)]
pub struct Page {
    /// how many there are
    searchresult: SearchResult,
    /// the users, by number
    userlist: UserList,
}

/// How many users there are.
#[derive(Serialize, JsonSchema)]
struct SearchResult {
    /// users on this page
    current: usize,
    /// the most on a page
    maximum: i64,
    /// all users that match, exact up to 1000
    total: i64,
    /// there are more than `total`
    #[serde(skip_serializing_if = "Option::is_none")]
    totalisminimum: Option<bool>,
    /// the search stopped before the page was full: the `startid` with which it goes on
    #[serde(skip_serializing_if = "Option::is_none")]
    nextid: Option<i64>,
}

/// The users of a page.
#[derive(Serialize, JsonSchema)]
struct UserList {
    user: Vec<FoundUser>,
}

impl Command for SearchUser {
    const NAME: &'static str = "searchuser";
    const CLASS: Class = Class::Protected;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the users whose address begins with car",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "registeruser username=Carlo useremail=carlo@example.com reference=C-7",
            ],
            call: "email=car*",
            reply: "<searchresult><current>2</current><maximum>50</maximum><total>2</total>\
                </searchresult><userlist><user><userid>5</userid><username>carol</username>\
                <email>carol@example.com</email><reference></reference><department></department>\
                <language>en</language><distributor>DEMO</distributor>\
                <usercreated>01/01/2026 00:00:00.00</usercreated><status>activated</status>\
                <licensekey>DEMO-2322-8118-9271</licensekey></user><user><userid>6</userid>\
                <username>Carlo</username><email>carlo@example.com</email><reference>C-7</reference>\
                <department></department><language>en</language><distributor>DEMO</distributor>\
                <usercreated>01/01/2026 00:00:00.00</usercreated><status>inactive</status>\
                <licensekey>DEMO-9691-1359-9058</licensekey></user></userlist>",
        },
        Example {
            shows: "all users of the provider",
            given: &[],
            call: "onlyownusers=$true",
            reply: "<searchresult><current>2</current><maximum>50</maximum><total>2</total>\
                </searchresult><userlist><user><userid>1</userid><username>alice</username>\
                <email>alice@example.com</email><reference></reference><department>Support\
                </department><language>en</language><distributor>DEMO</distributor>\
                <usercreated>01/01/2026 00:00:00.00</usercreated><status>activated</status>\
                <licensekey>DEMO-3383-4453-1645</licensekey></user><user><userid>2</userid>\
                <username>edgar</username><email>edgar@example.com</email><reference></reference>\
                <department></department><language>en</language><distributor>DEMO</distributor>\
                <usercreated>01/01/2026 00:00:00.00</usercreated><status>inactive</status>\
                <licensekey>DEMO-7833-4985-3543</licensekey></user></userlist>",
        },
        Example {
            shows: "too short a pattern",
            given: &[],
            call: "username=al*",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: username needs at least 3 characters besides *</message>\
                </exception>",
        },
    ];
    type Reply = Page;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Page> {
        let search = self.search(call)?;
        let maximum = call.snapshot.server.page;
        let Found { users, total, at_least, next } =
            tx.search_users(&search, self.startid.max(0), maximum)?;
        let beside = Beside { devices: self.showdevice, group: self.includegroup };
        let users: Result<Vec<FoundUser>> =
            users.into_iter().map(|user| FoundUser::of(call, tx, user, beside)).collect();
        let users = users?;
        let totalisminimum = at_least.then_some(true);
        let searchresult =
            SearchResult { current: users.len(), maximum, total, totalisminimum, nextid: next };
        Ok(Page { searchresult, userlist: UserList { user: users } })
    }
}

impl SearchUser {
    fn search(&self, call: &Call) -> Result<UserSearch> {
        let pattern = |name: &str, text: &Option<String>| -> Result<Option<Pattern>> {
            let Some(text) = text else { return Ok(None) };
            Pattern::read(text).map(Some).map_err(|why| invalid(format!("{name} {why}")))
        };
        let search = UserSearch {
            providers: self.providers(call),
            name: pattern("username", &self.username)?,
            email: pattern("email", &self.email)?,
            reference: pattern("reference", &self.reference)?,
            department: pattern("department", &self.department)?,
            status: self.status,
        };
        if !self.onlyownusers && search.patterns().iter().all(|pattern| pattern.is_none()) {
            return Err(invalid("one of username, email, reference, department is needed, or onlyownusers"));
        }
        Ok(search)
    }

    /// The providers whose users are searched; none: all of them.
    fn providers(&self, call: &Call) -> Option<Vec<i64>> {
        if self.onlyownusers {
            return Some(vec![call.provider.id]);
        }
        let mut all = true;
        let mut allowed = Vec::new();
        for provider in call.snapshot.providers() {
            match call.reaches(provider.id) {
                true => allowed.push(provider.id),
                false => all = false,
            }
        }
        allowed.sort_unstable();
        (!all).then_some(allowed)
    }
}
