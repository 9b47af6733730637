//! How much long work a provider may leave waiting: what one of them asks for must neither fill the disk nor keep
//! everybody's turns busy.

use crate::call::Call;
use crate::error::{Result, invalid};
use crate::store::Tx;

/// The most jobs of a provider that have not ended `[O]`.
pub const MOST_JOBS: i64 = 50;
/// The most rows that they may have left `[O]`.
pub const MOST_ROWS: i64 = 1_000_000;

/// Refuses so many rows more where the provider has no room for them, or none for the job that they begin.
pub fn left(call: &Call, tx: &Tx<'_>, rows: usize, begins: bool) -> Result<()> {
    let (jobs, waiting) = tx.open_jobs(call.provider.id)?;
    let code = &call.provider.code;
    if begins && jobs >= MOST_JOBS {
        return Err(invalid(format!(
            "{jobs} jobs of {code} have not ended, and there may be no more: wait for one, or end one with canceljob"
        )));
    }
    if waiting.saturating_add(i64::try_from(rows).unwrap_or(i64::MAX)) > MOST_ROWS {
        return Err(invalid(format!(
            "{waiting} rows of the jobs of {code} wait, and there may be {MOST_ROWS}: wait until some are done, or end \
             a job with canceljob"
        )));
    }
    Ok(())
}
