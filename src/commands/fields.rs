//! What a command takes and gives, read from the schemas of its structs.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::Value;

use super::kind::Kind;
use crate::command::Entry;

/// A field of a request, or a member of a reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Other names it is read by.
    pub aliases: Vec<String>,
    /// What stands under it.
    pub kind: Kind,
    /// Whether the call needs it; whether a reply always has it, where it is no list.
    pub required: bool,
    /// Whether a reply may have it without a value.
    pub blank: bool,
    /// Whether it is one of several ways to name the same thing, of which the call needs exactly one.
    pub one_of: bool,
    /// Of which groups it is one: `id` says whom the call is about, `lic` which licence. A code that stands for a group
    /// and a user is one of both.
    pub groups: Vec<String>,
    /// Whether of these ways none is needed either.
    pub or_none: bool,
    /// Whether it is masked in logs.
    pub secret: bool,
    /// What it means.
    pub help: String,
}

impl Field {
    /// All names it is read by, its own first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.name).chain(&self.aliases).map(String::as_str)
    }
}

static REQUESTS: LazyLock<HashMap<&'static str, Vec<Field>>> =
    LazyLock::new(|| super::all().map(|entry| (entry.name, read((entry.request)().as_value()))).collect());

static ABOUT: LazyLock<HashMap<&'static str, String>> = LazyLock::new(|| {
    let about = |entry: &Entry| {
        let request = (entry.request)();
        request.get("description").and_then(Value::as_str).unwrap_or_default().replace('\n', " ")
    };
    super::all().map(|entry| (entry.name, about(entry))).collect()
});

/// The sentences that explain a command.
pub fn about(entry: &Entry) -> &'static str {
    ABOUT.get(entry.name).map_or("", String::as_str)
}

/// The fields of a request, the identification of a user spread out into its tags.
pub fn fields_of(entry: &Entry) -> &'static [Field] {
    REQUESTS.get(entry.name).map_or(&[], Vec::as_slice)
}

/// The members of a reply.
pub fn reply_of(entry: &Entry) -> Vec<Field> {
    read((entry.reply)().as_value())
}

/// The fields that a schema describes.
pub fn read(schema: &Value) -> Vec<Field> {
    members(schema, schema)
}

/// The groups of which a call needs one field each, or may have none, in their order.
pub fn groups(fields: &[Field]) -> Vec<Vec<&Field>> {
    let mut names: Vec<&String> = Vec::new();
    for name in fields.iter().flat_map(|field| &field.groups) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let of = |name: &String| fields.iter().filter(|field| field.groups.contains(name)).collect();
    names.into_iter().map(of).collect()
}

/// The members of an object.
pub(super) fn members(object: &Value, root: &Value) -> Vec<Field> {
    let mut fields = Vec::new();
    spread(object, root, None, &mut fields);
    fields
}

/// Adds the properties of an object; `id`, `lic` and `gid` are groups whose members stand on the same level.
fn spread(object: &Value, root: &Value, group: Option<&str>, to: &mut Vec<Field>) {
    let Some(properties) = object["properties"].as_object() else { return };
    for (name, property) in properties {
        let resolved = resolve(property, root);
        if matches!(name.as_str(), "id" | "lic" | "gid") && resolved["properties"].is_object() {
            spread(resolved, root, Some(name), to);
            continue;
        }
        let needed = object["required"].as_array().is_some_and(|list| list.iter().any(|n| n == name));
        let kind = Kind::of(property, root);
        let groups = match texts(&property["x-groups"]) {
            own if own.is_empty() => group.into_iter().map(str::to_owned).collect(),
            own => own,
        };
        to.push(Field {
            name: name.clone(),
            aliases: texts(&property["x-aliases"]),
            required: group.is_none() && needed,
            blank: may_be_null(property),
            one_of: group.is_some(),
            groups,
            or_none: group.is_some() && object["x-optional"] == true,
            secret: kind == Kind::Secret,
            kind,
            help: property["description"].as_str().unwrap_or_default().replace('\n', " "),
        });
    }
}

/// Whether a value may be missing although its name is there.
fn may_be_null(property: &Value) -> bool {
    let is_null = |schema: &Value| match &schema["type"] {
        Value::Array(types) => types.iter().any(|name| name == "null"),
        name => name == "null",
    };
    is_null(property) || property["anyOf"].as_array().is_some_and(|choices| choices.iter().any(is_null))
}

pub(super) fn resolve<'a>(schema: &'a Value, root: &'a Value) -> &'a Value {
    let Some(path) = schema["$ref"].as_str().and_then(|path| path.strip_prefix('#')) else { return schema };
    root.pointer(path).unwrap_or(schema)
}

pub(super) fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
