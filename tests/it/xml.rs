//! The XML wire against a second reader: whatever ours takes, `roxmltree` must take and understand
//! alike, and what only ours refuses must be refused by one of the protocol's own rules.
//!
//! Examples alone would show that the rules we thought of are kept; a reader written by others
//! knows those we forgot. Three leniences of `roxmltree` 0.21 are known and excused: it does not
//! look at what a declaration says, it takes references to surrogates, and it leaves a carriage
//! return alone where a reference stands beside it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use regserver::wire::fields::{Fields, Value};
use regserver::wire::xml;
use serde_json::json;

/// What both readers are compared by.
#[derive(Debug, Clone, PartialEq)]
enum Tree {
    Text(String),
    Level(Vec<(String, Tree)>),
}

/// A piece of XML and what it says.
type Told<T> = (String, T);

const DECLARATIONS: [&str; 6] = [
    "",
    "<?xml version='1.0' encoding='UTF-8' ?>",
    "<?xml version=\"1.0\"?>",
    "\u{feff}<?xml version = \"1.0\" encoding=\"utf-8\" standalone='yes'?>",
    "\u{feff}",
    " \n",
];

const DEEPEST: usize = 4;

fn read(body: &[u8]) -> Result<Tree, &'static str> {
    xml::read(body).map(|fields| level(&fields)).map_err(|why| why.0)
}

fn level(fields: &Fields<'_>) -> Tree {
    let tree = |value: &Value<'_>| match value {
        Value::Text(text) => Tree::Text(text.to_string()),
        Value::Fields(inner) => level(inner),
    };
    Tree::Level(fields.iter().map(|(name, value)| (name.to_owned(), tree(value))).collect())
}

fn other_level(node: roxmltree::Node<'_, '_>) -> Tree {
    let elements = node.children().filter(roxmltree::Node::is_element);
    Tree::Level(elements.map(|node| (node.tag_name().name().to_owned(), other_tree(node))).collect())
}

fn other_tree(node: roxmltree::Node<'_, '_>) -> Tree {
    if node.children().any(|child| child.is_element()) {
        other_level(node)
    } else {
        Tree::Text(text_of(node))
    }
}

fn text_of(node: roxmltree::Node<'_, '_>) -> String {
    node.children().filter(roxmltree::Node::is_text).filter_map(|text| text.text()).collect()
}

/// The law: both take it and read the same, or one of the rules that only we have explains the
/// refusal.
fn compare(body: &[u8]) -> Result<(), TestCaseError> {
    let ours = read(body);
    let Ok(text) = std::str::from_utf8(body) else {
        prop_assert!(ours.is_err(), "bad UTF-8 was taken");
        return Ok(());
    };
    // A colon is a letter to us and the sign of a namespace to the other, which we do not have.
    if text.contains(':') {
        return Ok(());
    }
    match (ours, roxmltree::Document::parse(text)) {
        (Ok(tree), Ok(other)) => {
            let carriage_return = text.contains('\r') && text.contains('&');
            prop_assert!(
                carriage_return || tree == other_level(other.root_element()),
                "read otherwise: {text:?}"
            );
        }
        (Ok(_), Err(error)) => prop_assert!(false, "only we take it: {error}: {text:?}"),
        (Err(why), Ok(other)) => {
            prop_assert!(is_against_our_rules(text, &other), "only we refuse it: {why}: {text:?}")
        }
        (Err(_), Err(_)) => {}
    }
    Ok(())
}

fn is_against_our_rules(text: &str, other: &roxmltree::Document<'_>) -> bool {
    // A node counts itself and the document among its ancestors.
    let is_deep = |node: roxmltree::Node<'_, '_>| node.ancestors().count() > DEEPEST + 1;
    let is_refused = |node: roxmltree::Node<'_, '_>| {
        node.is_pi() || is_mixed(node) || (node.is_element() && is_deep(node))
    };
    other.root_element().tag_name().name() != "teamdrive"
        || has_unknown_declaration(text)
        || has_surrogate(text)
        || other.descendants().any(is_refused)
}

fn is_mixed(node: roxmltree::Node<'_, '_>) -> bool {
    let white = |text: String| text.chars().all(|character| " \t\r\n".contains(character));
    node.is_element() && node.children().any(|child| child.is_element()) && !white(text_of(node))
}

fn has_unknown_declaration(text: &str) -> bool {
    let declaration = text.split_inclusive("?>").next().unwrap_or_default();
    text.trim_start_matches('\u{feff}').starts_with("<?xml") && !DECLARATIONS.contains(&declaration)
}

fn has_surrogate(text: &str) -> bool {
    text.split("&#").skip(1).filter_map(|rest| rest.split_once(';')).any(|(number, _)| {
        let code = match number.strip_prefix('x') {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => number.parse(),
        };
        code.is_ok_and(|code| char::from_u32(code).is_none())
    })
}

fn is_legal(character: &char) -> bool {
    let is_control = *character < ' ' && !['\t', '\n', '\r'].contains(character);
    !is_control && !['\u{fffe}', '\u{ffff}'].contains(character)
}

fn character() -> impl Strategy<Value = char> {
    prop_oneof![
        4 => select("abc xyz019".chars().collect::<Vec<_>>()),
        2 => select("<>&;'\"=/!?-[]\t\n \u{85}\u{2028}\u{fffd}".chars().collect::<Vec<_>>()),
        1 => any::<char>().prop_map(|any| if is_legal(&any) { any } else { 'ü' }),
    ]
}

/// Characters without a carriage return, which has pieces of its own.
fn plain() -> impl Strategy<Value = String> {
    let kept = |&character: &char| character != '\r';
    vec(character(), 0..10).prop_map(move |characters| characters.into_iter().filter(kept).collect())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z_][a-zA-Z0-9_.-]{0,7}",
        select(vec!["größe", "名前", "a\u{b7}", "csv"]).prop_map(str::to_owned)
    ]
}

/// A piece of text: as it is, with its line ends, as a section, as a reference, or a comment that
/// says nothing.
fn piece() -> impl Strategy<Value = Told<String>> {
    prop_oneof![
        4 => plain().prop_map(|text| (escaped(&text), text)),
        1 => select(vec!["x\r\ny", "x\ry", "x\n\r\ny"]).prop_map(line_ends),
        1 => plain().prop_map(section),
        1 => plain().prop_map(comment),
        1 => character().prop_map(|it| (format!("&#{};", u32::from(it)), it.to_string())),
        1 => character().prop_map(|it| (format!("&#x{:X};", u32::from(it)), it.to_string())),
        1 => select("<>&'\"".chars().collect::<Vec<_>>()).prop_map(named),
    ]
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn line_ends(text: &str) -> Told<String> {
    (text.to_owned(), text.replace("\r\n", "\n").replace('\r', "\n"))
}

fn section(text: String) -> Told<String> {
    let text = text.replace('>', "");
    (format!("<![CDATA[{text}]]>"), text)
}

fn comment(text: String) -> Told<String> {
    (format!("<!-- {}-->", text.replace('-', "")), String::new())
}

fn named(character: char) -> Told<String> {
    let name = match character {
        '<' => "lt",
        '>' => "gt",
        '&' => "amp",
        '"' => "quot",
        _ => "apos",
    };
    (format!("&{name};"), character.to_string())
}

fn leaf() -> impl Strategy<Value = Told<Tree>> {
    vec(piece(), 0..5).prop_map(|pieces| {
        let (xml, text): (String, String) = pieces.into_iter().unzip();
        (xml, Tree::Text(text))
    })
}

fn attributes() -> impl Strategy<Value = String> {
    let value =
        plain().prop_map(|text| text.replace('&', "&amp;").replace('<', "&#60;").replace('"', "&quot;"));
    let gap = || select(vec![" ", "\n", "\t "]);
    let optional = || select(vec!["", " ", "\r\n"]);
    btree_map(name(), (gap(), optional(), optional(), value), 0..3).prop_map(|attributes| {
        let one = |(name, (before, left, right, value))| format!("{before}{name}{left}={right}\"{value}\"");
        attributes.into_iter().map(one).collect()
    })
}

/// An element around something, in either form if it is empty.
fn element(inside: impl Strategy<Value = Told<Tree>>) -> impl Strategy<Value = Told<(String, Tree)>> {
    (name(), attributes(), any::<bool>(), inside).prop_map(|(name, attributes, short, (xml, tree))| {
        let xml = match xml.as_str() {
            "" if short => format!("<{name}{attributes}/>"),
            xml => format!("<{name}{attributes} >{xml}</{name}\n>"),
        };
        (xml, (name, tree))
    })
}

/// Elements side by side with white space and comments between them.
fn side_by_side(inside: impl Strategy<Value = Told<Tree>>) -> impl Strategy<Value = Told<Tree>> {
    let gap = select(vec!["", " ", "\r\n\t", "<!-- a - b -->", "&#32;", "<![CDATA[\n]]>"]);
    vec((gap, element(inside)), 1..4).prop_map(|elements| {
        let (xml, fields): (String, Vec<_>) =
            elements.into_iter().map(|(gap, (xml, field))| (format!("{gap}{xml}"), field)).unzip();
        (xml, Tree::Level(fields))
    })
}

fn document() -> impl Strategy<Value = Told<Tree>> {
    let inner = prop_oneof![2 => leaf(), 1 => side_by_side(leaf())];
    let fields = prop_oneof![3 => leaf(), 1 => side_by_side(inner)];
    let around = || select(vec!["", "\n", "<!-- - -->"]);
    let root = (attributes(), side_by_side(fields));
    (select(DECLARATIONS.to_vec()), around(), root, around()).prop_map(
        |(declaration, before, root, after)| {
            let (attributes, (xml, tree)) = root;
            (format!("{declaration}{before}<teamdrive{attributes}>{xml}</teamdrive>{after}"), tree)
        },
    )
}

/// Texts that mean something to a reader of XML.
const WORDS: [&str; 64] = [
    "<",
    ">",
    "&",
    ";",
    "'",
    "\"",
    "=",
    "/",
    "!",
    "?",
    "-",
    "[",
    "]",
    "#",
    " ",
    "\n",
    "\r",
    "\t",
    "\0",
    "\u{1}",
    "\u{7f}",
    "a",
    "b",
    "x",
    "1",
    "--",
    "-->",
    "<!--",
    "<![CDATA[",
    "]]>",
    "]]",
    "&#",
    "&#x",
    "&amp;",
    "&lt;",
    "&#65;",
    "&#x41;",
    "&#13;",
    "&nbsp;",
    "</",
    "/>",
    "<a>",
    "</a>",
    "<b>",
    "</b>",
    "<a/>",
    "<a b='",
    "' c=\"",
    "<?",
    "?>",
    "<?xml ",
    "<?xml version='1.0'?>",
    "<?pi x?>",
    "<!DOCTYPE ",
    "<!",
    "<teamdrive>",
    "</teamdrive>",
    "\u{feff}",
    "\u{fffe}",
    "\u{ffff}",
    "ü",
    "\u{b7}",
    "😀",
    "xmlns='u'",
];

/// Such a text, or any byte.
fn token() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        20 => select(WORDS.to_vec()).prop_map(|word| word.as_bytes().to_vec()),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ]
}

/// Cuts up to five bytes out at a place, and puts something in.
fn edited(mut body: Vec<u8>, edits: Vec<(Index, usize, Option<Vec<u8>>)>) -> Vec<u8> {
    for (place, cut, word) in edits {
        let from = place.index(body.len() + 1);
        let to = body.len().min(from + cut);
        body.splice(from..to, word.unwrap_or_default());
    }
    body
}

/// Values of a reply, and what a reader must find of them: no fields where nothing is written.
fn reply(depth: u32) -> BoxedStrategy<serde_json::Value> {
    let any_text = vec(prop_oneof![4 => character(), 1 => any::<char>()], 0..12);
    let scalar = prop_oneof![
        any_text.prop_map(|characters| json!(characters.into_iter().collect::<String>())),
        any::<i64>().prop_map(|number| json!(number)),
        any::<bool>().prop_map(|truth| json!(truth)),
        Just(json!(null)),
    ];
    if depth == 0 {
        return scalar.boxed();
    }
    prop_oneof![
        3 => scalar,
        1 => vec(reply(depth - 1), 0..3).prop_map(|entries| json!(entries)),
        1 => members(depth - 1).prop_map(|members| json!(members)),
    ]
    .boxed()
}

fn members(depth: u32) -> impl Strategy<Value = BTreeMap<String, serde_json::Value>> {
    btree_map(name(), reply(depth), 0..4)
}

fn push_told(out: &mut Vec<(String, Tree)>, name: &str, value: &serde_json::Value) {
    let text = |text: String| (name.to_owned(), Tree::Text(text));
    match value {
        serde_json::Value::Array(entries) => entries.iter().for_each(|entry| push_told(out, name, entry)),
        serde_json::Value::Object(members) => {
            let mut inner = Vec::new();
            members.iter().for_each(|(name, value)| push_told(&mut inner, name, value));
            out.push(if inner.is_empty() {
                text(String::new())
            } else {
                (name.to_owned(), Tree::Level(inner))
            });
        }
        serde_json::Value::String(given) => out.push(text(given.chars().filter(is_legal).collect())),
        serde_json::Value::Null => out.push(text(String::new())),
        other => out.push(text(other.to_string())),
    }
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn documents_are_read_as_they_were_meant((text, tree) in document()) {
        prop_assert_eq!(read(text.as_bytes()), Ok(tree), "{:?}", text);
        compare(text.as_bytes())?;
    }

    #[test]
    fn replies_are_read_as_they_were_written(members in members(2)) {
        let mut out = String::from("<teamdrive>");
        xml::write_kept(&mut out, &json!(members));
        out.push_str("</teamdrive>");
        let mut told = Vec::new();
        members.iter().for_each(|(name, value)| push_told(&mut told, name, value));
        prop_assert_eq!(read(out.as_bytes()), Ok(Tree::Level(told)), "{:?}", out);
        compare(out.as_bytes())?;
    }

    #[test]
    fn escaped_texts_come_back(characters in vec(any::<char>(), 0..40)) {
        let mut out = String::from("<teamdrive><x>");
        xml::escape(&mut out, &characters.iter().collect::<String>());
        out.push_str("</x></teamdrive>");
        let text = Tree::Text(characters.into_iter().filter(is_legal).collect());
        prop_assert_eq!(read(out.as_bytes()), Ok(Tree::Level(vec![("x".to_owned(), text)])));
    }

    #[test]
    fn bytes_never_panic(body in vec(any::<u8>(), 0..300)) {
        compare(&body)?;
    }
}

proptest! {
    #![proptest_config(cases(1_500))]

    #[test]
    fn damaged_documents_are_taken_by_both_or_by_neither(
        (text, _) in document(),
        edits in vec((any::<Index>(), 0..5usize, proptest::option::of(token())), 1..4),
    ) {
        compare(&edited(text.into_bytes(), edits))?;
    }

    #[test]
    fn token_soup_is_taken_by_both_or_by_neither(tokens in vec(token(), 0..12)) {
        let soup = tokens.concat();
        compare(&soup)?;
        compare(&[b"<teamdrive>", &soup[..], b"</teamdrive>"].concat())?;
    }

    #[test]
    fn every_beginning_of_a_document_is_refused((text, _) in document(), place in any::<Index>()) {
        let end = text.rfind("</teamdrive>").unwrap_or_default();
        let (beginning, _) = text.as_bytes().split_at(place.index(end + 1));
        prop_assert!(read(beginning).is_err());
    }
}

#[test]
fn hostile_bodies_are_refused() {
    const MIB: usize = 1024 * 1024;
    let nested = format!("{}{}", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert!(read(nested.as_bytes()).is_err());
    assert!(read(format!("<teamdrive>{nested}</teamdrive>").as_bytes()).is_err());
    let junk = ["<", ">", "&", " ", "<a>", "<!--", "-->", "<a b=\"", "<![CDATA[", "<?", "<!DOCTYPE [", "\r"];
    let longer = ["x", "&amp;", "<a b='' "];
    for (size, junk) in junk.map(|junk| (MIB, junk)).into_iter().chain(longer.map(|junk| (10 * MIB, junk))) {
        let junk = junk.repeat(size / junk.len());
        assert!(read(junk.as_bytes()).is_err());
        assert!(read(format!("<teamdrive><a>{junk}").as_bytes()).is_err());
    }
    let attributes: String = (0..200_000).map(|number| format!(" a{number}=''")).collect();
    assert!(read(format!("<teamdrive{attributes}/>").as_bytes()).is_err());
}

#[test]
fn a_long_import_is_taken_and_not_copied() {
    let csv = "a;b;c\n".repeat(1_500_000);
    let body = format!("<teamdrive><csv>{csv}</csv></teamdrive>");
    let fields = xml::read(body.as_bytes()).unwrap();
    let first = fields.iter().next();
    assert!(matches!(first, Some(("csv", Value::Text(Cow::Borrowed(text)))) if *text == csv));
}
