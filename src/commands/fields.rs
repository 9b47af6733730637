//! What a command takes and gives, read from the schemas of its structs.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

use crate::command::Entry;

/// A field of a request, or a member of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Other names it is read by.
    pub aliases: Vec<String>,
    /// Text, whole number, truth, timestamp, list, or its members.
    pub kind: String,
    /// Whether the call needs it.
    pub required: bool,
    /// Whether it is one of several ways to name the same thing, of which the call needs exactly one.
    pub one_of: bool,
    /// Whether of these ways none is needed either.
    pub or_none: bool,
    /// Whether it is masked in logs.
    pub secret: bool,
    /// What it means.
    pub help: String,
}

static REQUESTS: LazyLock<HashMap<&'static str, Vec<Field>>> =
    LazyLock::new(|| super::all().map(|entry| (entry.name, read((entry.request)().as_value()))).collect());

/// The fields of a request, the identification of a user spread out into its tags.
pub fn fields_of(entry: &Entry) -> &'static [Field] {
    REQUESTS.get(entry.name).map_or(&[], Vec::as_slice)
}

/// The members of a reply.
pub fn reply_of(entry: &Entry) -> Vec<Field> {
    read((entry.reply)().as_value())
}

fn read(schema: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    spread(schema, schema, false, &mut fields);
    fields
}

/// Adds the properties of an object; `id`, `lic` and `gid` are groups whose members stand on the same level.
fn spread(object: &Value, root: &Value, one_of: bool, to: &mut Vec<Field>) {
    let Some(properties) = object["properties"].as_object() else { return };
    for (name, property) in properties {
        let resolved = resolve(property, root);
        if matches!(name.as_str(), "id" | "lic" | "gid") && resolved["properties"].is_object() {
            spread(resolved, root, true, to);
            continue;
        }
        let needed = object["required"].as_array().is_some_and(|list| list.iter().any(|n| n == name));
        let has_default = !property["default"].is_null();
        to.push(Field {
            name: name.clone(),
            aliases: texts(&property["x-aliases"]),
            kind: kind(property, root),
            required: !one_of && needed && !has_default,
            one_of,
            or_none: one_of && object["x-optional"] == true,
            secret: kind(property, root) == "secret",
            help: property["description"].as_str().unwrap_or_default().replace('\n', " "),
        });
    }
}

fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let Some(path) = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) else { return schema };
    root.pointer(path).unwrap_or(schema)
}

fn kind(schema: &Value, root: &Value) -> String {
    let schema = resolve(schema, root);
    if let Some(format) = schema["format"].as_str().filter(|f| matches!(*f, "secret" | "timestamp" | "date"))
    {
        return format.to_owned();
    }
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
        return values.join("|");
    }
    if let Some(choices) = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array()) {
        let choices: Vec<String> = choices.iter().map(|c| kind(c, root)).filter(|k| k != "nothing").collect();
        return choices.join("|");
    }
    if let Some(constant) = schema.get("const") {
        return constant.as_str().map_or_else(|| constant.to_string(), str::to_owned);
    }
    let name = match &schema["type"] {
        Value::Array(types) => {
            types.iter().filter_map(Value::as_str).find(|t| *t != "null").unwrap_or_default()
        }
        other => other.as_str().unwrap_or_default(),
    };
    match name {
        "string" => "text".into(),
        "boolean" => "truth".into(),
        "integer" => "number".into(),
        "array" => format!("list of {}", kind(&schema["items"], root)),
        "object" => {
            let mut inner = Vec::new();
            spread(schema, root, false, &mut inner);
            let names: Vec<String> = inner.into_iter().map(|field| field.name).collect();
            format!("({})", names.join(" "))
        }
        _ => "nothing".into(),
    }
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
