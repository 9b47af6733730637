//! How a list goes on that is not at its end: a search stops at a full page, and a bounded one also before it,
//! with nothing found yet. Who only reads the table would take either for the whole.

use serde_json::Value;

use crate::commands::{self, fields_of};

/// The field with which the next page is asked for, and its value.
#[derive(Debug, PartialEq, Eq)]
pub struct Further {
    /// `startid`, `beforeid`, `startkey` or `startrow`.
    pub field: &'static str,
    /// What the page before ended with.
    pub value: String,
}

/// Where the list of a reply goes on, if it may.
pub fn of(command: &str, reply: &Value) -> Option<Further> {
    let entry = commands::find(command)?;
    let has = |name: &&str| fields_of(entry).iter().any(|field| field.name == *name);
    let field = ["beforeid", "startid", "startkey", "startrow"].into_iter().find(has)?;
    let value = told(reply).or_else(|| behind(field, reply))?;
    Some(Further { field, value })
}

/// What the reply says itself.
fn told(reply: &Value) -> Option<String> {
    let levels = reply.as_object()?.values().chain([reply]);
    let mut next = levels.flat_map(|level| ["nextid", "nextkey"].map(|name| &level[name]));
    next.find_map(shown)
}

/// The last row of a page that is full, where there are more.
fn behind(field: &str, reply: &Value) -> Option<String> {
    let result = &reply["searchresult"];
    let current = result["current"].as_i64()?;
    let more = result["total"].as_i64().is_none_or(|total| total > current);
    if field == "beforeid" || !more || current < result["maximum"].as_i64()? {
        return None;
    }
    let lists = reply.as_object()?.values().filter_map(Value::as_object).flat_map(|level| level.values());
    let last = lists.filter_map(Value::as_array).find_map(|list| list.last())?.as_object()?;
    match field {
        "startkey" => last.get("licensekey").and_then(shown),
        _ => last.values().find(|value| value.is_i64()).and_then(shown),
    }
}

fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn further(command: &str, reply: Value) -> Option<String> {
        of(command, &reply).map(|further| format!("{}={}", further.field, further.value))
    }

    #[test]
    fn a_search_that_stopped_short_goes_on_where_it_says() {
        let short = json!({"searchresult": {"current": 0, "maximum": 50, "nextid": 17}, "changelist": {"change": []}});
        assert_eq!(further("searchaudit", short).as_deref(), Some("beforeid=17"));
        let short = json!({"searchresult": {"current": 0, "maximum": 50, "total": 0, "nextkey": "DEMO-1"}, "licenselist": {"license": []}});
        assert_eq!(further("searchlicense", short).as_deref(), Some("startkey=DEMO-1"));
        let members = json!({"accountdata": {"accountkey": "DEMO-SHOP-1", "nextid": 9}});
        assert_eq!(further("getaccountdata", members).as_deref(), Some("startid=9"));
    }

    #[test]
    fn a_full_page_goes_on_behind_its_last_row() {
        let page = |total: i64| {
            json!({"searchresult": {"current": 2, "maximum": 2, "total": total},
                   "userlist": {"user": [{"userid": 3, "username": "a"}, {"userid": 7, "username": "b"}]}})
        };
        assert_eq!(further("searchuser", page(3)).as_deref(), Some("startid=7"));
        assert_eq!(further("searchuser", page(2)), None);
        let rows = json!({"searchresult": {"current": 1, "maximum": 1}, "rowlist": {"row": [{"row": 4, "line": 5}]}});
        assert_eq!(further("getjob", rows).as_deref(), Some("startrow=4"));
        assert_eq!(further("getversion", json!({"version": "1"})), None);
    }
}
