//! The two wires say the same: every example, asked as XML and as JSON in two equal worlds.
//!
//! The XML reply is brought into JSON here, by its schema, with a reader of the tests' own; what the
//! program itself does for its command line is not asked.

use regserver::command::Entry;
use regserver::commands;
use regserver::error::Code;
use roxmltree::Node;
use serde_json::{Map, Value};

use super::{ask, examples, given};
use crate::world::{Reply, USUAL, World, fields};

/// The body at the JSON endpoint where the XML one gives that behind the level.
pub fn as_json(inner: &str, entry: &Entry) -> String {
    let xml = format!("<teamdrive><regversion>4.7.1</regversion>{inner}</teamdrive>");
    json_of(&xml, (entry.reply)().as_value()).to_string()
}

/// The reply that the JSON endpoint must give where the XML one gives this.
fn converted(reply: &Reply, schema: &Value) -> Value {
    json_of(reply.body(), schema)
}

fn json_of(xml: &str, schema: &Value) -> Value {
    let document = roxmltree::Document::parse(xml).unwrap();
    let mut object = Map::new();
    let (head, own): (Vec<_>, Vec<_>) = elements(document.root_element())
        .partition(|node| matches!(node.tag_name().name(), "regversion" | "apiversion"));
    for node in head {
        object.insert(node.tag_name().name().to_owned(), text(node).into());
    }
    match own.first() {
        Some(node) if node.has_tag_name("exception") => {
            drop(object.insert("exception".into(), refusal(*node)))
        }
        _ => object.extend(level(&own, schema, schema)),
    }
    Value::Object(object)
}

fn elements<'a, 'i>(node: Node<'a, 'i>) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children().filter(Node::is_element)
}

fn text(node: Node<'_, '_>) -> String {
    node.text().unwrap_or_default().to_owned()
}

fn refusal(node: Node<'_, '_>) -> Value {
    let member = |node: Node<'_, '_>| {
        let text = text(node);
        let number = text.parse::<i64>().ok().filter(|_| !node.has_tag_name("message"));
        (node.tag_name().name().to_owned(), number.map_or(Value::from(text), Value::from))
    };
    Value::Object(elements(node).map(member).collect())
}

/// The members of one level, in the order of the schema, which is that of the struct.
fn level(nodes: &[Node<'_, '_>], schema: &Value, root: &Value) -> Map<String, Value> {
    let properties = resolve(schema, root)["properties"].as_object().unwrap();
    let mut object = Map::new();
    for (name, property) in properties {
        let property = resolve(property, root);
        let named: Vec<_> = nodes.iter().filter(|node| node.has_tag_name(name.as_str())).collect();
        let value = match (property["type"] == "array", &named[..]) {
            (true, all) => all.iter().map(|node| value(**node, &property["items"], root)).collect(),
            (false, []) => continue,
            (false, [one]) => value(**one, property, root),
            (false, _) => panic!("{name} is there more than once and no list"),
        };
        object.insert(name.clone(), value);
    }
    assert_eq!(nodes.iter().filter(|node| !object.contains_key(node.tag_name().name())).count(), 0);
    object
}

fn value(node: Node<'_, '_>, schema: &Value, root: &Value) -> Value {
    let schema = resolve(schema, root);
    if schema["properties"].is_object() {
        return Value::Object(level(&elements(node).collect::<Vec<_>>(), schema, root));
    }
    let text = text(node);
    let kinds = schema["type"].to_string();
    match () {
        () if text.is_empty() => "".into(),
        () if kinds.contains("integer") || schema["const"].is_number() => text.parse::<i64>().unwrap().into(),
        () if kinds.contains("boolean") => text.parse::<bool>().unwrap().into(),
        () => text.into(),
    }
}

fn resolve<'s>(schema: &'s Value, root: &'s Value) -> &'s Value {
    let path = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#'));
    let schema = path.and_then(|path| root.pointer(path)).unwrap_or(schema);
    let choices = schema["anyOf"].as_array().into_iter().flatten();
    choices.into_iter().find(|choice| choice["type"] != "null").map_or(schema, |choice| resolve(choice, root))
}

#[test]
fn every_example_gives_the_same_over_both_wires() {
    let reference = include_str!("../../../fixtures/reference/commands.md");
    for (entry, example) in examples() {
        let (one, other) = (given(example), given(example));
        let xml = ask(&one, entry, example, "apiversion='4 <7>'");
        let json = super::asker(&other, entry, example)
            .over_json()
            .ask(entry.name, &format!("{} apiversion='4 <7>'", example.call));
        let expected = converted(&xml, (entry.reply)().as_value());
        assert_eq!(json.body(), expected.to_string(), "{}: {}", entry.name, example.shows);
        assert_eq!((json.answer.status, json.code()), (xml.answer.status, xml.code()));
        assert_eq!(one.dump(), other.dump(), "{}: {}", entry.name, example.shows);
        let shown = json.body().replace(r#""regversion":"4.7.1","apiversion":"4 <7>","#, "");
        assert!(reference.contains(&format!("\n{shown}\n")), "the reference does not show {shown}");
    }
}

#[test]
fn every_refusal_of_the_gate_is_the_same_over_both_wires() {
    let world = World::new();
    let portal = world.service(USUAL);
    for party in [portal.clone().with_key("another"), portal.clone().from("203.0.113.9")] {
        let (xml, json) = (party.ask("getversion", ""), party.over_json().ask("getversion", ""));
        assert_eq!(json.json(), converted(&xml, &Value::Null));
        assert_eq!((json.answer.status, &json.answer.trace.why), (200, &xml.answer.trace.why));
    }
    let (xml, json) = (portal.body(b"<x/>"), portal.clone().over_json().body(b"<x/>"));
    assert_eq!(json.json(), converted(&xml, &Value::Null));
    json.plainly(Code::InvalidXml);
}

#[test]
fn a_repetition_over_the_other_wire_is_the_same_reply() {
    let key = "idempotencykey=over-both";
    for (entry, example) in examples().filter(|(entry, _)| entry.effect == regserver::command::Effect::Writes)
    {
        let world = given(example);
        let code = if example.call.contains("{code}") { world.code() } else { String::new() };
        let fields = format!("{} {key}", example.call.replace("{code}", &code));
        let (over_xml, over_json) = (world.service(USUAL), world.service(USUAL).over_json());
        if over_json.ask(entry.name, &fields).code().is_some() {
            continue;
        }
        let before = world.dump();
        let again = over_xml.ask(entry.name, &fields).done();
        let expected = converted(&again, (entry.reply)().as_value());
        let once_more = over_json.ask(entry.name, &fields).done().json();
        assert_eq!(once_more, expected, "{}: {}", entry.name, example.shows);
        assert_eq!(world.dump(), before, "{}: {}", entry.name, example.shows);
    }
}

#[test]
fn both_wires_are_there_for_every_command() {
    let world = World::new();
    for entry in commands::all() {
        let (xml, json) =
            (world.service(USUAL).ask(entry.name, ""), world.service(USUAL).over_json().ask(entry.name, ""));
        assert_eq!(json.code(), xml.code(), "{}", entry.name);
        assert_eq!(fields(xml.body())[0], "regversion");
        assert!(json.body().starts_with(r#"{"regversion":"4.7.1","#), "{}", json.body());
    }
}
