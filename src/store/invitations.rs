//! Invitations to groups: asked, answered, ended.
//!
//! An invitation is a row for user and group, beside the two codes that its mail brings. The codes are good for
//! nothing by themselves: whatever ends the row ends them.

use super::backend::Tx;
use super::codes::Purpose;
use super::group_changes::MemberRow;
use super::groups::Group;
use crate::call::Call;
use crate::domain::time::{DAY, Time};
use crate::error::{Result, invalid};

/// The most users that a group may have asked or been turned down by `[O]`.
const MOST: i64 = 1_000;

/// What a user and a group have to do with each other before they are together.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Invitation {
    /// Whether an answer is awaited.
    pub open: bool,
    /// How often the answer was no.
    pub refusals: i64,
}

/// Invitations that were made before that moment have ended.
fn horizon(call: &Call) -> i64 {
    call.now.plus(-call.snapshot.server.invitation_days.saturating_mul(DAY)).0
}

impl Tx<'_> {
    /// The invitation of a user to a group as it is now.
    pub fn invitation(&self, call: &Call, group: i64, user: i64) -> Result<Invitation> {
        let sql = "SELECT open = 1 AND invited > $1, refusals FROM group_invitations
                   WHERE groupid = $2 AND userid = $3";
        let found = self.one(sql, &[&horizon(call), &group, &user], |row| {
            Ok(Invitation { open: row.get::<_, i64>(0)? == 1, refusals: row.get(1)? })
        })?;
        Ok(found.unwrap_or_default())
    }

    /// Asks a user to join a group, in place of an earlier invitation to it.
    pub fn invite(&self, call: &Call, group: &Group, user: i64) -> Result<()> {
        let sql = "DELETE FROM group_invitations WHERE groupid = $1 AND refusals = 0 AND invited <= $2";
        self.keep_house(sql, &[&group.id, &horizon(call)])?;
        self.drop_group_codes(user, group.id)?;
        self.differs("invitation", "", group.id);
        let again = "UPDATE group_invitations SET invited = $1, open = 1 WHERE groupid = $2 AND userid = $3";
        if self.change(again, &[&call.now.0, &group.id, &user])? > 0 {
            return Ok(());
        }
        let sql = "SELECT count(*) FROM group_invitations WHERE groupid = $1";
        if self.one(sql, &[&group.id], |row| row.get::<_, i64>(0))?.unwrap_or(0) >= MOST {
            return Err(invalid(format!("a group has {MOST} invitations at most")));
        }
        let sql = "INSERT INTO group_invitations (groupid, userid, invited, open, refusals) VALUES ($1, $2, $3, 1, 0)";
        self.change(sql, &[&group.id, &user, &call.now.0]).map(drop)
    }

    /// The user does not want to.
    pub fn refuse_invitation(&self, group: i64, user: i64, refusals: i64) -> Result<()> {
        self.drop_group_codes(user, group)?;
        self.differs("refusals", refusals, refusals + 1);
        let sql = "UPDATE group_invitations SET open = 0, refusals = $1 WHERE groupid = $2 AND userid = $3";
        self.change(sql, &[&(refusals + 1), &group, &user]).map(drop)
    }

    /// Nothing is asked any more, and what was answered is forgotten.
    pub fn end_invitation(&self, group: i64, user: i64) -> Result<()> {
        self.drop_group_codes(user, group)?;
        let sql = "DELETE FROM group_invitations WHERE groupid = $1 AND userid = $2";
        if self.change(sql, &[&group, &user])? > 0 {
            self.differs("invitation", group, "");
        }
        Ok(())
    }

    /// A user takes all that ever invited it to any group along.
    pub(super) fn end_invitations(&self, user: i64) -> Result<()> {
        for purpose in [Purpose::GroupJoin, Purpose::GroupRefusal] {
            self.drop_codes(user, purpose)?;
        }
        self.change("DELETE FROM group_invitations WHERE userid = $1", &[&user]).map(drop)
    }

    /// Who was asked to join the group and has not answered, by number.
    pub fn invited_to(&self, call: &Call, group: &Group) -> Result<Vec<MemberRow>> {
        let sql = "SELECT users.id, username, email FROM group_invitations JOIN users ON users.id = userid
                   WHERE group_invitations.groupid = $1 AND open = 1 AND invited > $2 ORDER BY userid";
        self.all(sql, &[&group.id, &horizon(call)], |row| {
            Ok(MemberRow {
                user: row.get(0)?,
                username: row.get(1)?,
                email: row.get(2)?,
                joined: None::<Time>,
            })
        })
    }
}
