//! A reply as JSON: names and order are the XML's, the kinds come from the reply's schema.
//!
//! The schema is needed because XML alone tells neither a number from a text nor a list of one from a
//! single element. What the schema does not name is shown as text, so that the reply of a server of
//! another version is shown as well.

use serde_json::{Map, Value};

use crate::commands;
use crate::wire::xml::Element;

/// What stands before a reply's own members.
const HEAD: [&str; 2] = ["regversion", "apiversion"];

/// The members of a reply to that command.
pub fn of(command: &str, reply: &[Element]) -> Value {
    let refused = reply.iter().any(|member| member.name == "exception");
    let schema = commands::find(command).filter(|_| !refused).map(|entry| (entry.reply)().to_value());
    let schema = schema.unwrap_or(Value::Null);
    members(reply, &schema, &schema)
}

fn members(reply: &[Element], schema: &Value, root: &Value) -> Value {
    let mut object = Map::new();
    for member in reply {
        let schema = resolve(&schema["properties"][&member.name], root);
        if schema["type"] == "array" {
            let entry = value(member, resolve(&schema["items"], root), root);
            push(&mut object, &member.name, entry);
            continue;
        }
        let value = value(member, schema, root);
        match object.contains_key(&member.name) {
            false => drop(object.insert(member.name.clone(), value)),
            true => push(&mut object, &member.name, value),
        }
    }
    // An empty list has no element to stand in its place, so the schema's order is brought back.
    let mut ordered = Map::new();
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        match object.shift_remove(name) {
            Some(value) => drop(ordered.insert(name.clone(), value)),
            None if resolve(property, root)["type"] == "array" => {
                ordered.insert(name.clone(), Value::Array(Vec::new()));
            }
            None => {}
        }
    }
    let mut whole: Map<String, Value> =
        HEAD.iter().filter_map(|name| Some(((*name).to_owned(), object.shift_remove(*name)?))).collect();
    whole.append(&mut ordered);
    whole.append(&mut object);
    Value::Object(whole)
}

/// Adds to the list of that name, which a single value becomes when it is repeated.
fn push(object: &mut Map<String, Value>, name: &str, value: Value) {
    match object.get_mut(name) {
        Some(Value::Array(list)) => list.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
        None => drop(object.insert(name.to_owned(), Value::Array(vec![value]))),
    }
}

fn value(element: &Element, schema: &Value, root: &Value) -> Value {
    if !element.members.is_empty() || schema["properties"].is_object() {
        return members(&element.members, schema, root);
    }
    let text = element.text.trim();
    let is = |kind: &str| match &schema["type"] {
        Value::Array(kinds) => kinds.iter().any(|known| known == kind),
        known => known == kind,
    };
    let code = matches!(element.name.as_str(), "primarycode" | "secondarycode");
    if code || is("integer") || schema["const"].is_i64() || schema["const"].is_u64() {
        return text.parse::<i64>().map_or_else(|_| "".into(), Value::from);
    }
    if is("boolean") {
        return text.parse::<bool>().map_or_else(|_| "".into(), Value::from);
    }
    Value::from(element.text.as_str())
}

/// Follows a reference, and takes the one kind that an optional value has.
fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let path = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    let schema = path.and_then(|path| root.pointer(path)).unwrap_or(schema);
    let choices = schema["anyOf"].as_array().into_iter().flatten();
    match choices.into_iter().find(|choice| choice["type"] != "null") {
        Some(choice) => resolve(choice, root),
        None => schema,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::xml::tree;

    fn json(command: &str, reply: &str) -> String {
        of(command, &tree(&format!("<teamdrive>{reply}</teamdrive>")).unwrap().members).to_string()
    }

    #[test]
    fn every_reply_of_an_example_has_its_kinds() {
        for entry in commands::all() {
            for example in entry.examples {
                assert!(json(entry.name, example.reply).starts_with('{'));
            }
        }
        assert_eq!(json("removeuser", "<intresult>0</intresult>"), r#"{"intresult":0}"#);
    }

    #[test]
    fn lists_are_lists_numbers_numbers_and_truths_truths() {
        let one = "<servicelist><service><serviceid>7</serviceid><enabled>true</enabled>\
            <addresses>10.0.0.1</addresses></service></servicelist>";
        let list = r#"{"serviceid":7,"addresses":["10.0.0.1"],"commands":[],"enabled":true}"#;
        assert_eq!(json("searchservice", one), format!(r#"{{"servicelist":{{"service":[{list}]}}}}"#));
        let none = r#"{"servicelist":{"service":[]}}"#;
        assert_eq!(json("searchservice", "<servicelist></servicelist>"), none);
    }

    #[test]
    fn refusals_and_unknown_commands_are_shown_too() {
        let refusal = "<exception><primarycode>-30100</primarycode><secondarycode></secondarycode>\
            <message>1</message></exception>";
        let shown = r#"{"exception":{"primarycode":-30100,"secondarycode":"","message":"1"}}"#;
        assert_eq!(json("getuserdata", refusal), shown);
        assert_eq!(json("newer", "<x><y>1</y><y>2</y></x><z>3</z>"), r#"{"x":{"y":["1","2"]},"z":"3"}"#);
    }
}
