//! `getaccountdata`: a company account with what belongs to it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::listed::{ShownManager, ShownMember};
use crate::access::{self, Class};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::depots::depotdata::{Belongs, ShownDepot};
use crate::commands::groups::groupdata::ShownGroup;
use crate::commands::licenses::licensedata::ShownLicense;
use crate::domain::time::Time;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::accounts::Account;
use crate::store::groups::Group;

/// The most groups, licences of groups and depots of groups that are listed `[O]`.
const MOST: usize = 200;

/// Shows a company account: how much belongs to it, then its members by their numbers, page by page. On the first page
/// stand its managers, too, its groups, which are those whose manager belongs to the account or manages it, and the
/// licenses and depots that it or one of these groups has; 200 of each at most. Behind it stand members alone.
#[derive(Deserialize, JsonSchema)]
pub struct GetAccountData {
    /// the account's key
    accountkey: String,
    /// only members with a greater number: `nextid` of the page before
    #[serde(default)]
    startid: i64,
}

/// An account.
#[derive(Serialize, JsonSchema)]
pub struct OneAccount {
    /// the account
    accountdata: AccountData,
}

/// An account and what belongs to it.
#[derive(Serialize, JsonSchema)]
struct AccountData {
    /// the account's key
    accountkey: String,
    /// the company's name
    accountname: String,
    /// when it was made, UTC
    created: Time,
    /// how many users belong to it
    membercount: i64,
    /// how many manage it
    #[serde(skip_serializing_if = "Option::is_none")]
    managercount: Option<usize>,
    /// how many licenses it and its groups have
    #[serde(skip_serializing_if = "Option::is_none")]
    licensecount: Option<usize>,
    /// how many depots they have
    #[serde(skip_serializing_if = "Option::is_none")]
    depotcount: Option<usize>,
    /// how many groups there are, 1001 standing for more than 1000
    #[serde(skip_serializing_if = "Option::is_none")]
    groupcount: Option<usize>,
    /// members, by number
    memberlist: MemberList,
    /// there are more members: the `startid` with which they go on
    #[serde(skip_serializing_if = "Option::is_none")]
    nextid: Option<i64>,
    /// all managers
    #[serde(skip_serializing_if = "Option::is_none")]
    managerlist: Option<ManagerList>,
    /// the account's license, then those of its groups
    #[serde(skip_serializing_if = "Option::is_none")]
    licenselist: Option<LicenseList>,
    /// the account's depot, then those of its groups
    #[serde(skip_serializing_if = "Option::is_none")]
    depotlist: Option<DepotList>,
    /// the groups, by number
    #[serde(skip_serializing_if = "Option::is_none")]
    grouplist: Option<GroupList>,
}

/// The members of a page.
#[derive(Serialize, JsonSchema)]
struct MemberList {
    member: Vec<ShownMember>,
}

/// The managers.
#[derive(Serialize, JsonSchema)]
struct ManagerList {
    manager: Vec<ShownManager>,
}

/// The licences.
#[derive(Serialize, JsonSchema)]
struct LicenseList {
    license: Vec<ShownLicense>,
}

/// The depots.
#[derive(Serialize, JsonSchema)]
struct DepotList {
    depot: Vec<ShownDepot>,
}

/// The groups.
#[derive(Serialize, JsonSchema)]
struct GroupList {
    group: Vec<ShownGroup>,
}

impl Command for GetAccountData {
    const NAME: &'static str = "getaccountdata";
    const CLASS: Class = access::MANAGED;
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::AccountUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "an account with a member, who manages it, and a license",
            given: &[
                "createaccount accountname=Acme accountcode=shop",
                "registeruser username=carol useremail=carol@example.com accountkey=DEMO-SHOP-9029 activate=true",
                "addaccountmanager username=carol accountkey=DEMO-SHOP-9029",
                "createlicensewithoutuser productname=client type=yearly featurevalue=professional limit=5 licensereference=L-7",
                "setaccountlicense accountkey=DEMO-SHOP-9029 licensekey=DEMO-7030-3119-9669",
            ],
            call: "accountkey=DEMO-SHOP-9029",
            reply: "<accountdata><accountkey>DEMO-SHOP-9029</accountkey><accountname>Acme</a\
                ccountname><created>01/01/2026 00:00:00.00</created><membercount>1</memb\
                ercount><managercount>1</managercount><licensecount>1</licensecount><dep\
                otcount>0</depotcount><groupcount>0</groupcount><memberlist><member><use\
                rid>5</userid><username>carol</username><email>carol@example.com</email>\
                <status>activated</status></member></memberlist><managerlist><manager><u\
                serid>5</userid><username>carol</username><ismember>true</ismember></man\
                ager></managerlist><licenselist><license><created>01/01/2026 00:00:00.00\
                </created><productname>client</productname><type>yearly</type><licenseke\
                y>DEMO-7030-3119-9669</licensekey><number>DEMO-7030-3119-9669</number><l\
                icensereference>L-7</licensereference><contractnumber></contractnumber><\
                featurevalue>8</featurevalue><featuretext>professional</featuretext><val\
                iduntil></validuntil><limit>5</limit><used>1</used><status>active</statu\
                s><isdefault>false</isdefault><isgroup>false</isgroup><holder></holder><\
                /license></licenselist><depotlist></depotlist><grouplist></grouplist></a\
                ccountdata>",
        },
        Example {
            shows: "an unknown account",
            given: &[],
            call: "accountkey=DEMO-NONE-0000",
            reply: "<exception><primarycode>-30126</primarycode><secondarycode></secondarycode>\
                <message>Account not found</message></exception>",
        },
    ];
    type Reply = OneAccount;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<OneAccount> {
        let account = tx.the_account(call, &self.accountkey)?;
        let mut accountdata = self.members(call, tx, &account)?;
        if self.startid <= 0 {
            accountdata.add_all(call, tx, &account)?;
        }
        Ok(OneAccount { accountdata })
    }
}

impl GetAccountData {
    /// The account with a page of its members.
    fn members(&self, call: &Call, tx: &Tx<'_>, account: &Account) -> Result<AccountData> {
        let maximum = call.snapshot.server.page;
        let mut members = tx.account_members(account, self.startid.max(0), maximum + 1)?;
        let size = usize::try_from(maximum).unwrap_or(0);
        let more = members.len() > size;
        members.truncate(size);
        let nextid = members.last().map(|member| member.id).filter(|_| more);
        Ok(AccountData {
            accountkey: account.key.clone(),
            accountname: account.name.clone(),
            created: account.created,
            membercount: account.members,
            managercount: None,
            licensecount: None,
            depotcount: None,
            groupcount: None,
            memberlist: MemberList { member: members.into_iter().map(ShownMember::of).collect() },
            nextid,
            managerlist: None,
            licenselist: None,
            depotlist: None,
            grouplist: None,
        })
    }
}

impl AccountData {
    /// Everything else that belongs to the account.
    fn add_all(&mut self, call: &Call, tx: &Tx<'_>, account: &Account) -> Result<()> {
        let manager: Vec<ShownManager> =
            tx.account_managers(account)?.into_iter().map(ShownManager::of).collect();
        let groups = tx.account_groups(account)?.into_iter().map(|group| tx.group(group));
        let groups: Vec<Group> =
            groups.collect::<Result<Vec<Option<Group>>>>()?.into_iter().flatten().collect();
        let licenses = together(account.license, groups.iter().filter_map(|group| group.license));
        let depots = together(account.depot, groups.iter().filter_map(|group| group.depot));
        (self.managercount, self.groupcount) = (Some(manager.len()), Some(groups.len()));
        (self.licensecount, self.depotcount) = (Some(licenses.len()), Some(depots.len()));
        self.managerlist = Some(ManagerList { manager });
        let mut license = Vec::new();
        for found in licenses.into_iter().take(MOST) {
            if let Some(found) = tx.license(found)? {
                let isgroup = groups.iter().any(|group| group.license == Some(found.id));
                let shown = ShownLicense::of(call, tx, found, None)?;
                license.push(if isgroup { shown.of_group() } else { shown });
            }
        }
        self.licenselist = Some(LicenseList { license });
        let mut depot = Vec::new();
        for id in depots.into_iter().take(MOST) {
            if let Some(found) = tx.depot(id)? {
                let (owner, default) = tx.owner(&found)?.unzip();
                let belongs = Belongs {
                    owner,
                    default: default.unwrap_or(false),
                    group: groups.iter().any(|group| group.depot == Some(id)),
                    account: account.depot == Some(id),
                };
                depot.push(ShownDepot::of(call, found, belongs));
            }
        }
        self.depotlist = Some(DepotList { depot });
        let group =
            groups.iter().take(MOST).map(|group| ShownGroup::of(tx, group)).collect::<Result<Vec<_>>>()?;
        self.grouplist = Some(GroupList { group });
        Ok(())
    }
}

/// The account's own, then those of the groups, each once.
fn together(own: Option<i64>, groups: impl Iterator<Item = i64>) -> Vec<i64> {
    let mut all: Vec<i64> = Vec::new();
    for id in own.into_iter().chain(groups) {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all
}
