//! A reply as tables: one line an entry for lists, one line a field for everything else.
//!
//! Columns that are empty in every line are left out, because a reply has room for much that most
//! providers never use. Nothing is cut off: a cut key or address cannot be copied.

use serde_json::{Map, Value};

use super::style;

/// What no reader of a table asks for.
const HIDDEN: [&str; 3] = ["regversion", "apiversion", "intresult"];

/// The whole reply; one that goes on says with `further` how.
pub fn of(reply: &Value, further: Option<&str>) -> String {
    let mut fields: Vec<(String, String)> = Vec::new();
    let mut lists: Vec<&Vec<Value>> = Vec::new();
    if let Value::Object(members) = reply {
        collect(members, &mut fields, &mut lists);
    }
    let mut parts: Vec<String> = Vec::new();
    if !fields.is_empty() {
        parts.push(record(&fields));
    }
    let none = if further.is_some() { "none so far\n" } else { "none\n" };
    parts.extend(lists.iter().map(|list| entries(list).unwrap_or_else(|| none.to_owned())));
    parts.extend(further.map(|how| format!("there may be more: {how}\n")));
    match parts.is_empty() {
        true => "done\n".to_owned(),
        false => parts.join("\n"),
    }
}

/// Spreads members that are levels of their own; what they are called inside is clear enough.
fn collect<'a>(
    members: &'a Map<String, Value>,
    fields: &mut Vec<(String, String)>,
    lists: &mut Vec<&'a Vec<Value>>,
) {
    for (name, value) in members {
        match value {
            _ if HIDDEN.contains(&name.as_str()) => {}
            Value::Object(inner) => collect(inner, fields, lists),
            Value::Array(list) if list.iter().all(Value::is_object) => lists.push(list),
            other => fields.push((name.clone(), cell(other))),
        }
    }
}

fn record(fields: &[(String, String)]) -> String {
    let width = fields.iter().map(|(name, _)| length(name)).max().unwrap_or(0);
    let line = |(name, value): &(String, String)| {
        let gap = " ".repeat(width - length(name) + 2);
        format!("{}{}\n", style::bold(name), if value.is_empty() { String::new() } else { gap + value })
    };
    fields.iter().map(line).collect()
}

/// The rows of a list, unless there is nothing in it.
fn entries(list: &[Value]) -> Option<String> {
    let mut names: Vec<&String> = Vec::new();
    for name in list.iter().filter_map(Value::as_object).flat_map(Map::keys) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let rows: Vec<Vec<String>> =
        list.iter().map(|row| names.iter().map(|name| cell(&row[name.as_str()])).collect()).collect();
    let used: Vec<usize> =
        (0..names.len()).filter(|at| rows.iter().any(|row| !row[*at].is_empty())).collect();
    if used.is_empty() {
        return None;
    }
    let width =
        |at: usize| rows.iter().map(|row| length(&row[at])).chain([length(names[at])]).max().unwrap_or(0);
    let widths: Vec<usize> = used.iter().map(|at| width(*at)).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell}{}", " ".repeat(width - length(cell))));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let mut text = style::bold(&line(used.iter().map(|at| names[*at].as_str()).collect()));
    for row in &rows {
        text.push('\n');
        text.push_str(&line(used.iter().map(|at| row[*at].as_str()).collect()));
    }
    text.push('\n');
    Some(text)
}

/// A value in one line. Control characters are shown as marks: they could speak to the terminal.
fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(","),
        Value::Object(members) => members.values().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    };
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_is_aligned_and_has_no_empty_column() {
        let reply = json!({"regversion": "4.7.1", "list": {"user": [
            {"id": 1, "name": "al", "none": "", "tags": ["a", "b"]},
            {"id": 22, "name": "caroline", "none": "", "tags": []},
        ]}});
        assert_eq!(of(&reply, None), "id  name      tags\n1   al        a,b\n22  caroline\n");
        assert_eq!(of(&json!({"list": {"user": []}}), None), "none\n");
        let stopped = of(&json!({"list": {"user": []}}), Some("add startid=5"));
        assert_eq!(stopped, "none so far\n\nthere may be more: add startid=5\n");
    }

    #[test]
    fn a_record_has_two_columns() {
        let reply = json!({"intresult": 0, "data": {"id": 1, "language": "en\u{1b}"}});
        assert_eq!(of(&reply, None), "id        1\nlanguage  en\u{fffd}\n");
        assert_eq!(of(&json!({"intresult": 0}), None), "done\n");
    }
}
