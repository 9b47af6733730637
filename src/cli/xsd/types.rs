//! The text of a schema, line by line, and the kinds of the table as types of XML Schema.
//!
//! A request's kinds are wide, as the server is (`$true`, three forms of a day); a reply's are the one
//! form that is written. The types that have a name stand at the end, those that were used.

use crate::commands::{Field, Kind};
use crate::wire::xml::escape;

/// A blank value.
const BLANK: &str = "blank";
/// A text that is not blank.
const GIVEN: &str = "given";

const MONTH: &str = "(0[1-9]|1[0-2])";
const DAY: &str = "(0[1-9]|[12][0-9]|3[01])";
const CLOCK: &str = "([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]";

/// Which way a document goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Request,
    Reply,
}

/// A schema as it grows.
pub struct Lines {
    side: Side,
    text: String,
    depth: usize,
    used: Vec<&'static str>,
}

/// A type: one with a name, or lines of its own.
enum Type {
    Named(&'static str),
    Own(Vec<String>),
}

impl Lines {
    pub fn new(side: Side) -> Lines {
        let mut lines = Lines { side, text: String::new(), depth: 0, used: Vec::new() };
        lines.line("<?xml version=\"1.0\" encoding=\"UTF-8\"?>");
        lines.open("xs:schema xmlns:xs=\"http://www.w3.org/2001/XMLSchema\"");
        lines
    }

    pub fn line(&mut self, text: &str) {
        self.text.extend(std::iter::repeat_n("  ", self.depth));
        self.text.push_str(text);
        self.text.push('\n');
    }

    pub fn open(&mut self, tag: &str) {
        self.line(&format!("<{tag}>"));
        self.depth += 1;
    }

    pub fn close(&mut self, name: &str) {
        self.depth = self.depth.saturating_sub(1);
        self.line(&format!("</{name}>"));
    }

    /// What it is, for people and for the programs that make code of it.
    pub fn document(&mut self, text: &str) {
        let text = escaped(text.trim());
        if !text.is_empty() {
            self.line(&format!("<xs:annotation><xs:documentation>{text}</xs:documentation></xs:annotation>"));
        }
    }

    /// Any elements at all.
    pub fn anything(&mut self, contents: &str) {
        self.open("xs:sequence");
        self.line(&format!(
            "<xs:any processContents=\"{contents}\" minOccurs=\"0\" maxOccurs=\"unbounded\"/>"
        ));
        self.close("xs:sequence");
    }

    /// A constraint over the fields of those names; its own name is what a validator complains with.
    pub fn constraint(&mut self, kind: &str, says: &str, names: &[&str]) {
        self.open(&format!("{kind} name=\"{says}-{}\"", names.join("-")));
        self.line("<xs:selector xpath=\".\"/>");
        self.line(&format!("<xs:field xpath=\"{}\"/>", names.join("|")));
        self.close(kind);
    }

    /// A field of a request, under one of its names.
    pub fn given(&mut self, field: &Field, name: &str, kind: &Kind) {
        let needed = field.required || (field.one_of && !field.or_none);
        let open = format!("<xs:element name=\"{name}\"");
        match kind {
            Kind::List(_) => self.loose(&open, " mixed=\"true\"", field),
            Kind::Members(_) => self.loose(&open, "", field),
            kind => self.element(&open, &field.help, kind, !needed),
        }
    }

    /// An element with anything inside.
    fn loose(&mut self, open: &str, mixed: &str, field: &Field) {
        self.line(&format!("{open}>"));
        self.depth += 1;
        self.document(&field.help);
        self.open(&format!("xs:complexType{mixed}"));
        self.anything("skip");
        self.close("xs:complexType");
        self.close("xs:element");
    }

    /// A member of a reply.
    pub fn written(&mut self, member: &Field) {
        let (kind, occurs) = match &member.kind {
            Kind::List(entry) => (&**entry, " minOccurs=\"0\" maxOccurs=\"unbounded\""),
            kind if member.required => (kind, ""),
            kind => (kind, " minOccurs=\"0\""),
        };
        let open = format!("<xs:element name=\"{}\"{occurs}", member.name);
        let Kind::Members(members) = kind else {
            return self.element(&open, &member.help, kind, member.blank);
        };
        self.line(&format!("{open}>"));
        self.depth += 1;
        self.document(&member.help);
        self.open("xs:complexType");
        self.open("xs:sequence");
        members.iter().for_each(|member| self.written(member));
        self.close("xs:sequence");
        self.close("xs:complexType");
        self.close("xs:element");
    }

    /// An element of that kind, without documentation.
    pub fn typed(&mut self, open: &str, kind: &Kind, blank: bool) {
        self.element(open, "", kind, blank);
    }

    fn element(&mut self, open: &str, help: &str, kind: &Kind, blank: bool) {
        let own = match (self.simple(kind, blank), help) {
            (Type::Named(name), "") => return self.line(&format!("{open} type=\"{name}\"/>")),
            (Type::Named(name), _) => {
                self.line(&format!("{open} type=\"{name}\">"));
                Vec::new()
            }
            (Type::Own(own), _) => {
                self.line(&format!("{open}>"));
                own
            }
        };
        self.depth += 1;
        self.document(help);
        own.iter().for_each(|line| self.line(line));
        self.close("xs:element");
    }

    /// The type of a value that may be blank or not.
    fn simple(&mut self, kind: &Kind, blank: bool) -> Type {
        let plain = match kind {
            Kind::Text | Kind::Secret if blank || self.side == Side::Reply => {
                return Type::Named("xs:string");
            }
            Kind::Nothing | Kind::List(_) | Kind::Members(_) => return Type::Named("xs:anyType"),
            kind => self.plain(kind),
        };
        match (plain, blank) {
            (plain, false) => plain,
            (Type::Named(name), true) => {
                self.used.push(BLANK);
                Type::Own(vec![format!(
                    "<xs:simpleType><xs:union memberTypes=\"{name} {BLANK}\"/></xs:simpleType>"
                )])
            }
            (Type::Own(own), true) => {
                self.used.push(BLANK);
                Type::Own(union(BLANK, own))
            }
        }
    }

    fn plain(&mut self, kind: &Kind) -> Type {
        let name = match (kind, self.side) {
            (Kind::Number(least, most), _) => return number(*least, *most),
            (Kind::Words(words), _) => return words_of(words),
            (Kind::Constant(text), _) => return constant(text),
            (Kind::Any(kinds), _) => return self.any(kinds),
            (Kind::Truth, Side::Reply) => "truth.written",
            (Kind::Truth, Side::Request) => "truth",
            (Kind::Timestamp, Side::Reply) => "timestamp.written",
            (Kind::Timestamp, Side::Request) => "timestamp",
            (Kind::Date, Side::Reply) => "date.written",
            (Kind::Date, Side::Request) => "date",
            (_, Side::Reply) => return Type::Named("xs:string"),
            (_, Side::Request) => GIVEN,
        };
        self.used.push(name);
        Type::Named(name)
    }

    /// Any of several kinds.
    fn any(&mut self, kinds: &[Kind]) -> Type {
        let (mut names, mut own) = (Vec::new(), Vec::new());
        for kind in kinds {
            match self.simple(kind, false) {
                Type::Named(name) => names.push(name),
                Type::Own(lines) => own.extend(lines),
            }
        }
        Type::Own(union(&names.join(" "), own))
    }

    /// The types that were used, and the end.
    pub fn end(mut self) -> String {
        let mut used = std::mem::take(&mut self.used);
        used.sort_unstable();
        used.dedup();
        for name in used {
            self.open(&format!("xs:simpleType name=\"{name}\""));
            self.open("xs:restriction base=\"xs:token\"");
            facets(name).iter().for_each(|facet| self.line(facet));
            self.close("xs:restriction");
            self.close("xs:simpleType");
        }
        self.close("xs:schema");
        self.text
    }
}

/// What a named type holds a text to, once the white space around it is gone.
fn facets(name: &str) -> Vec<String> {
    let american = format!("{MONTH}/{DAY}/[0-9]{{4}}");
    let day = format!("({american}|{DAY}\\.{MONTH}\\.[0-9]{{4}}|[0-9]{{4}}-{MONTH}-{DAY})");
    let pattern = match name {
        BLANK => return vec!["<xs:length value=\"0\"/>".to_owned()],
        GIVEN => return vec!["<xs:minLength value=\"1\"/>".to_owned()],
        "truth.written" => "true|false".to_owned(),
        "truth" => "$?([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])|0|1".to_owned(),
        "timestamp.written" => format!("{american} {CLOCK}\\.[0-9]{{2}}"),
        "timestamp" => format!(
            "{day}( {CLOCK}(\\.[0-9]+)?)?|[0-9]{{4}}-{MONTH}-{DAY}[Tt ]{CLOCK}(\\.[0-9]+)?([Zz]|[+\\-][0-9]{{2}}:[0-9]{{2}})"
        ),
        "date.written" => american,
        _ => day,
    };
    vec![format!("<xs:pattern value=\"{pattern}\"/>")]
}

fn union(names: &str, own: Vec<String>) -> Vec<String> {
    let names = if names.is_empty() { String::new() } else { format!(" memberTypes=\"{names}\"") };
    let mut lines = vec!["<xs:simpleType>".to_owned(), format!("  <xs:union{names}>")];
    lines.extend(own.into_iter().map(|line| format!("    {line}")));
    lines.extend(["  </xs:union>".to_owned(), "</xs:simpleType>".to_owned()]);
    lines
}

fn restriction(base: &str, facets: impl Iterator<Item = String>) -> Type {
    let mut lines = vec!["<xs:simpleType>".to_owned(), format!("  <xs:restriction base=\"{base}\">")];
    lines.extend(facets.map(|facet| format!("    {facet}")));
    lines.extend(["  </xs:restriction>".to_owned(), "</xs:simpleType>".to_owned()]);
    Type::Own(lines)
}

fn words_of(words: &[String]) -> Type {
    let facet = |word: &String| format!("<xs:enumeration value=\"{}\"/>", escaped(word));
    restriction("xs:token", words.iter().map(facet))
}

fn constant(text: &str) -> Type {
    let base = if text.parse::<i64>().is_ok() { "xs:long" } else { "xs:token" };
    restriction(base, std::iter::once(format!("<xs:enumeration value=\"{}\"/>", escaped(text))))
}

fn number(least: i128, most: i128) -> Type {
    if (least, most) == (i64::MIN.into(), i64::MAX.into()) {
        return Type::Named("xs:long");
    }
    let facets = [("minInclusive", least), ("maxInclusive", most)];
    restriction("xs:integer", facets.iter().map(|(facet, bound)| format!("<xs:{facet} value=\"{bound}\"/>")))
}

fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    escape(&mut escaped, text);
    escaped.replace('"', "&quot;")
}
