//! Replies have the members that their schema states, in its order, on every level.

use regserver::commands::{self, Field, Kind};
use roxmltree::Node;
use serde_json::Value;

use super::{ask, examples, given};

#[test]
fn every_reply_is_as_its_schema_says() {
    for (entry, example) in examples() {
        let world = given(example);
        let reply = ask(&world, entry, example, "");
        if reply.code().is_some() {
            continue;
        }
        let schema = (entry.reply)();
        let document = roxmltree::Document::parse(reply.body()).unwrap();
        let root = document.root_element();
        let own: Vec<Node<'_, '_>> = elements(root).filter(|node| !node.has_tag_name("regversion")).collect();
        check(entry.name, &own, schema.as_value(), schema.as_value());
        let members: Vec<String> = commands::reply_of(entry).into_iter().map(|field| field.name).collect();
        assert!(reply.members().iter().all(|name| members.contains(name)), "{}", entry.name);
    }
}

/// Names under which a number is shown here and a text there, because they mean two things.
const TWO_MEANINGS: [(&str, &str); 3] = [
    ("changeid", "getlicensechanges"), // the caller's own id of a change
    ("code", ""),                      // of a provider
    ("number", ""),                    // the key of a licence, as old clients call it
];

#[test]
fn what_is_a_number_or_a_time_in_one_reply_is_one_in_every_reply() {
    let mut members = Vec::new();
    for entry in commands::all() {
        below(entry.name, &commands::reply_of(entry), &mut members);
    }
    let numbers: Vec<String> = members
        .iter()
        .filter(|(_, member)| matches!(member.kind, Kind::Number(..)))
        .map(|(_, member)| member.name.clone())
        .collect();
    for (command, member) in members.iter().filter(|(_, member)| member.kind == Kind::Text) {
        let name = member.name.as_str();
        let two = TWO_MEANINGS
            .iter()
            .any(|(known, place)| *known == name && (place.is_empty() || place == command));
        assert!(two || !numbers.contains(&member.name), "{command}: {name} is a text");
        assert!(!member.help.contains("UTC"), "{command}: {name} is a text: {}", member.help);
    }
}

/// All members of a reply, on every level.
fn below<'a>(command: &'a str, members: &[Field], to: &mut Vec<(&'a str, Field)>) {
    for member in members {
        let inner = match &member.kind {
            Kind::List(entry) => entry,
            kind => kind,
        };
        if let Kind::Members(members) = inner {
            below(command, members, to);
        }
        to.push((command, member.clone()));
    }
}

fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

fn resolve<'s>(schema: &'s Value, root: &'s Value) -> &'s Value {
    // What may be left out is itself or nothing.
    let left_out = |schema: &&Value| schema["type"] != "null";
    let schema = schema["anyOf"].as_array().and_then(|any| any.iter().find(left_out)).unwrap_or(schema);
    let path = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    let resolved = path.and_then(|path| root.pointer(path)).unwrap_or(schema);
    // What may be left out is itself or nothing.
    let choices = resolved["anyOf"].as_array().into_iter().flatten();
    choices
        .filter(|choice| choice["type"] != "null")
        .map(|choice| resolve(choice, root))
        .next()
        .unwrap_or(resolved)
}

/// The members of one level against the properties of its schema.
fn check(place: &str, members: &[Node<'_, '_>], schema: &Value, root: &Value) {
    let schema = resolve(schema, root);
    let properties = schema["properties"].as_object().unwrap_or_else(|| panic!("{place} has no members"));
    let names: Vec<&String> = properties.keys().collect();
    let mut last = 0;
    for member in members {
        let name = member.tag_name().name();
        let at = names.iter().position(|known| *known == name);
        let at = at.unwrap_or_else(|| panic!("{place}: {name} is not in the schema"));
        assert!(at >= last, "{place}: {name} is out of order");
        last = at;
        check_value(&format!("{place}/{name}"), *member, &properties[name], root);
    }
    for name in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        let is_list = resolve(&properties[name], root)["type"] == "array";
        assert!(is_list || members.iter().any(|node| node.has_tag_name(name)), "{place}: {name} is missing");
    }
}

fn check_value(place: &str, node: Node<'_, '_>, schema: &Value, root: &Value) {
    let schema = resolve(schema, root);
    let schema = if schema["type"] == "array" { resolve(&schema["items"], root) } else { schema };
    let text = node.text().unwrap_or_default();
    if schema["properties"].is_object() {
        let members: Vec<Node<'_, '_>> = elements(node).collect();
        return check(place, &members, schema, root);
    }
    assert!(elements(node).next().is_none(), "{place} has members");
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    if text.is_empty() && types.contains(&"null") {
        return;
    }
    if types.contains(&"integer") {
        assert!(text.parse::<i64>().is_ok(), "{place}: {text}");
    }
    if types.contains(&"boolean") {
        assert!(matches!(text, "true" | "false"), "{place}: {text}");
    }
    if let Some(allowed) = schema["enum"].as_array() {
        assert!(allowed.iter().any(|value| value == text), "{place}: {text}");
    }
}
