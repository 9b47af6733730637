//! What the searches of the logs share: which rows the caller may see, and which page of them.

use schemars::JsonSchema;
use serde::Serialize;

use crate::call::Call;
use crate::commands::providers::service::sees_all;
use crate::domain::moment::Moment;
use crate::store::newest::{Found, Page};

/// How far a page reaches.
#[derive(Serialize, JsonSchema)]
pub struct SearchResult {
    /// rows on this page
    current: usize,
    /// the most on a page
    maximum: i64,
    /// there may be more: the `beforeid` with which it goes on
    #[serde(skip_serializing_if = "Option::is_none")]
    nextid: Option<i64>,
}

impl SearchResult {
    /// Of a page that was found.
    pub fn of<T>(found: &Found<T>, page: &Page) -> SearchResult {
        SearchResult { current: found.rows.len(), maximum: page.size, nextid: found.next }
    }
}

/// The page that a call asks for.
pub fn page(
    call: &Call,
    startid: i64,
    beforeid: Option<i64>,
    from: Option<Moment>,
    until: Option<Moment>,
) -> Page {
    Page {
        before: beforeid,
        after: startid.max(0),
        from: from.map(Moment::begin),
        until: until.map(Moment::end),
        size: call.snapshot.server.page,
    }
}

/// The provider whose rows the caller sees; none: those of all.
pub fn provider(call: &Call) -> Option<i64> {
    (!sees_all(call)).then_some(call.provider.id)
}

/// The code of a provider; blank where there is none.
pub fn code(call: &Call, provider: i64) -> String {
    call.snapshot.provider_by_id(provider).map_or_else(String::new, |provider| provider.code.clone())
}
