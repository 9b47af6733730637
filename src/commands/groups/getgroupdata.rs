//! `getgroupdata`: one group with its members and all that it has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::groupdata::ShownGroup;
use crate::access::{self, Class, Tie};
use crate::call::Call;
use crate::command::{Command, Effect, Example, Mark};
use crate::commands::depots::depotdata::ShownDepot;
use crate::commands::licenses::licensedata::ShownLicense;
use crate::domain::groups::GroupOrMember;
use crate::domain::time::Time;
use crate::error::{Code, Result};
use crate::store::Tx;
use crate::store::group_changes::MemberRow;
use crate::store::groups::Group;

/// Shows a group, named itself or by a user who is a member: what it has, and its members. Who was invited and has
/// not answered stands among them for callers with API access alone: managers do not learn in this way who is a
/// user here.
#[derive(Deserialize, JsonSchema)]
pub struct GetGroupData {
    id: GroupOrMember,
}

/// The group.
#[derive(Serialize, JsonSchema)]
pub struct OneGroup {
    /// the group
    groupdata: GroupData,
}

/// A group and what it has.
#[derive(Serialize, JsonSchema)]
struct GroupData {
    /// the group's number, never given twice
    groupid: i64,
    /// the external handle
    groupreference: String,
    /// its name
    groupname: String,
    /// the name of the user who manages it; empty: nobody does
    manager: String,
    /// how many members it has
    membercount: i64,
    /// what the members' clients are told, as it was given
    clientsettings: String,
    /// the license that goes before the members' own
    #[serde(skip_serializing_if = "Option::is_none")]
    license: Option<ShownLicense>,
    /// the depot that goes before the members' own
    #[serde(skip_serializing_if = "Option::is_none")]
    depot: Option<ShownDepot>,
    /// the members
    memberlist: MemberList,
}

/// The members of a group.
#[derive(Serialize, JsonSchema)]
struct MemberList {
    member: Vec<Member>,
}

/// A member, or somebody who was asked to be one.
#[derive(Serialize, JsonSchema)]
struct Member {
    /// the user's number
    userid: i64,
    /// the user's name
    username: String,
    /// the registration address
    email: String,
    /// when the user joined, UTC; empty: not yet
    joined: Option<Time>,
    /// whether the user was asked and has not answered yet
    isinvited: bool,
}

impl Command for GetGroupData {
    const NAME: &'static str = "getgroupdata";
    const CLASS: Class = Class::Restricted(&[Tie::Own, Tie::Member, Tie::Manager]);
    const EFFECT: Effect = Effect::Scans;
    const MARK: Mark = Mark::Documented;
    const REFUSES: &'static [Code] = &[Code::UserUnknown, Code::GroupUnknown, Code::Redirect];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "the group of a user",
            given: &[
                "registeruser username=carol useremail=carol@example.com activate=true",
                "creategroup username=carol groupname='Sales North' groupreference=north",
                "userjoinedgroup groupreference=north username=carol",
            ],
            call: "username=carol",
            reply: "<groupdata><groupid>1</groupid><groupreference>north</groupreference>\
                <groupname>Sales North</groupname><manager>carol</manager><membercount>1</membercount>\
                <clientsettings></clientsettings><memberlist><member><userid>5</userid><username>carol\
                </username><email>carol@example.com</email><joined>01/01/2026 00:00:00.00</joined>\
                <isinvited>false</isinvited></member></memberlist></groupdata>",
        },
        Example {
            shows: "a group with a license, and somebody who has not answered",
            given: &[
                "createlicense username=alice productname=client type=yearly featurevalue=professional limit=5",
                "creategroup username=alice groupname='Sales North' groupreference=north",
                "inviteusertogroup groupreference=north username=alice",
                "setgrouplicense groupreference=north licensekey=DEMO-2322-8118-9271",
            ],
            call: "groupreference=north",
            reply: "<groupdata><groupid>1</groupid><groupreference>north</groupreference>\
                <groupname>Sales North</groupname><manager>alice</manager><membercount>0</membercount>\
                <clientsettings></clientsettings><license><created>01/01/2026 00:00:00.00</created>\
                <productname>client</productname><type>yearly</type><licensekey>DEMO-2322-8118-9271\
                </licensekey><number>DEMO-2322-8118-9271</number><licensereference></licensereference>\
                <contractnumber></contractnumber><featurevalue>8</featurevalue><featuretext>professional\
                </featuretext><validuntil></validuntil><limit>5</limit><used>0</used><status>active\
                </status><isdefault>false</isdefault><isgroup>true</isgroup><holder>alice</holder>\
                </license><memberlist><member><userid>1</userid><username>alice</username>\
                <email>alice@example.com</email><joined></joined><isinvited>true</isinvited></member>\
                </memberlist></groupdata>",
        },
        Example {
            shows: "a user who is in no group",
            given: &[],
            call: "username=alice",
            reply: "<exception><primarycode>-30123</primarycode><secondarycode></secondarycode>\
                <message>Group not found</message></exception>",
        },
    ];
    type Reply = OneGroup;

    /// By a user it is for that user alone, who need not know the group's name.
    fn class(&self) -> Class {
        match self.id {
            GroupOrMember::Group(_) => Class::Restricted(&[Tie::Member, Tie::Manager]),
            GroupOrMember::Member(_) => access::OWN,
        }
    }

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<OneGroup> {
        let group = match &self.id {
            GroupOrMember::Group(gid) => tx.the_group(call, gid)?,
            GroupOrMember::Member(id) => {
                let user = tx.the_user(call, id)?;
                user.group_id.map_or(Ok(None), |group| tx.group(group))?.ok_or(Code::GroupUnknown)?
            }
        };
        Ok(OneGroup { groupdata: GroupData::of(call, tx, &group)? })
    }
}

impl GroupData {
    fn of(call: &Call, tx: &Tx<'_>, group: &Group) -> Result<GroupData> {
        let ShownGroup { groupid, groupreference, groupname, manager, membercount } =
            ShownGroup::of(tx, group)?;
        let mut members = tx.members_of(group)?;
        if access::tied(call).is_none() {
            members.extend(tx.invited_to(call, group)?);
        }
        let license = group.license.map_or(Ok(None), |license| tx.license(license))?;
        let license = license.map(|license| ShownLicense::of(call, tx, license, None)).transpose()?;
        let depot = group.depot.map_or(Ok(None), |depot| tx.depot(depot))?;
        Ok(GroupData {
            groupid,
            groupreference,
            groupname,
            manager,
            membercount,
            clientsettings: group.client_settings.clone(),
            license: license.map(ShownLicense::of_group),
            depot: depot.map(|depot| ShownDepot::by_itself(call, tx, depot)).transpose()?,
            memberlist: MemberList { member: members.into_iter().map(Member::of).collect() },
        })
    }
}

impl Member {
    fn of(row: MemberRow) -> Member {
        Member {
            userid: row.user,
            username: row.username,
            email: row.email,
            joined: row.joined,
            isinvited: row.joined.is_none(),
        }
    }
}
