//! Values that a call clears by sending them blank.
//!
//! To most commands what is blank is not there (`protocol.md` §3). Where that would clear what stands there already,
//! forgetting the field must not do the same: the field must be sent, blank or not.

use crate::error::{Result, invalid};

/// -30002 where the field was not sent at all; `clears` says what it does when it is blank.
pub fn sent<T>(value: Option<&T>, blanks: &[String], name: &str, clears: &str) -> Result<()> {
    if value.is_some() || blanks.iter().any(|blank| blank == name) {
        return Ok(());
    }
    Err(invalid(format!("{name} is missing; sent blank it means {clears}")))
}
