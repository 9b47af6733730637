//! The documented syntax of templates `[D]`: `[[NAME]]`, and parts that depend on a variable, between
//! `[[IF:NAME]]` or `[[IFNOT:NAME=value]]` and `[[ENDIF:NAME]]`, with `[[ELSEIF:…]]` and `[[ELSE:NAME]]`.
//!
//! It is read line by line, because a tag stands on one line and a fault is told by its line. Double brackets
//! around anything that cannot be a tag are text: style sheets and scripts have them. A line that holds tags
//! with a condition and nothing else leaves no empty line behind.

use super::catalogue::{self, Kind, Template};
use crate::domain::settings::closest;

/// The most tags in one part.
pub const MOST_TAGS: usize = 2_000;
/// The most conditions that stand inside each other, alternatives counted.
pub const DEEPEST: usize = 30;
/// The longest tag, brackets aside, in bytes.
const LONGEST_TAG: usize = 300;

const WORDS: [&str; 6] = ["IF", "IFNOT", "ELSEIF", "ELSE", "ENDIF", "GETURL"];

/// What a part is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Text as it is.
    Text(&'a str),
    /// The value of a variable.
    Variable(&'a str),
    /// What follows stands there if the test holds.
    If(Test<'a>),
    /// Else, what follows if this one holds.
    ElseIf(Test<'a>),
    /// Else.
    Else,
    /// The end of what depends on it.
    EndIf,
}

impl<'a> Piece<'a> {
    /// The variable that it speaks of.
    pub fn name(&self) -> Option<&'a str> {
        match self {
            Piece::Variable(name) => Some(name),
            Piece::If(test) | Piece::ElseIf(test) => Some(test.name),
            Piece::Text(_) | Piece::Else | Piece::EndIf => None,
        }
    }

    fn is_condition(&self) -> bool {
        !matches!(self, Piece::Text(_) | Piece::Variable(_))
    }

    fn is_white(&self) -> bool {
        matches!(self, Piece::Text(text) if text.trim().is_empty())
    }
}

/// A question about a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Test<'a> {
    /// The variable.
    pub name: &'a str,
    /// Whether it has exactly this value; none: whether it has any.
    pub value: Option<&'a str>,
    /// The other way round.
    pub not: bool,
}

/// What is wrong in a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there, and what would be right.
    pub what: String,
}

/// Faults in one text.
pub fn sentences(faults: &[Fault]) -> String {
    let each = faults.iter().map(|fault| format!("line {}: {}", fault.line, fault.what));
    each.collect::<Vec<_>>().join("; ")
}

/// Reads a part of that template; finds all its faults.
pub fn read<'a>(text: &'a str, template: &Template) -> Result<Vec<Piece<'a>>, Vec<Fault>> {
    let mut reader =
        Reader { template, pieces: Vec::new(), faults: Vec::new(), open: Vec::new(), line: 0, tags: 0 };
    for line in text.split_inclusive('\n') {
        reader.line += 1;
        let start = reader.pieces.len();
        reader.read_line(line);
        let pieces = &reader.pieces[start..];
        let alone = pieces.iter().all(|piece| piece.is_condition() || piece.is_white());
        if alone && pieces.iter().any(Piece::is_condition) {
            let conditions: Vec<_> = pieces.iter().copied().filter(Piece::is_condition).collect();
            reader.pieces.truncate(start);
            reader.pieces.extend(conditions);
        }
    }
    for open in std::mem::take(&mut reader.open) {
        reader.line = open.line;
        reader.fault(format!("[[IF:{0}]] has no [[ENDIF:{0}]]", open.name));
    }
    if reader.tags > MOST_TAGS {
        reader.fault(format!("there are more than {MOST_TAGS} tags"));
    }
    if reader.faults.is_empty() { Ok(reader.pieces) } else { Err(reader.faults) }
}

struct Open<'a> {
    name: &'a str,
    line: usize,
    /// How many tests there are so far.
    tests: usize,
    /// Whether its ELSE has been.
    ended: bool,
}

struct Reader<'a, 't> {
    template: &'t Template,
    pieces: Vec<Piece<'a>>,
    faults: Vec<Fault>,
    open: Vec<Open<'a>>,
    line: usize,
    tags: usize,
}

impl<'a> Reader<'a, '_> {
    fn fault(&mut self, what: String) {
        self.faults.push(Fault { line: self.line, what });
    }

    fn text(&mut self, text: &'a str) {
        if !text.is_empty() {
            self.pieces.push(Piece::Text(text));
        }
    }

    fn read_line(&mut self, line: &'a str) {
        let (mut done, mut from) = (0, 0);
        while let Some(at) = line[from..].find("[[").map(|at| at + from) {
            let after = &line[at + 2..];
            let near = &after[..after.floor_char_boundary(LONGEST_TAG)];
            match near.find("]]") {
                Some(end) if is_tag(&near[..end]) => {
                    self.text(&line[done..at]);
                    self.tag(&near[..end]);
                    done = at + 2 + end + 2;
                    from = done;
                }
                found => {
                    if found.is_none() && begins_tag(near) {
                        let shown: String = near.trim_end().chars().take(20).collect();
                        self.fault(format!("[[{shown} is not closed by ]] on the same line"));
                    }
                    from = at + 1;
                }
            }
        }
        self.text(&line[done..]);
    }

    fn tag(&mut self, inside: &'a str) {
        self.tags += 1;
        if inside.trim() != inside {
            return self.fault(format!("write [[{}]], without spaces", inside.trim()));
        }
        let Some((word, rest)) = inside.split_once(':') else { return self.variable(inside) };
        match word {
            "IF" | "IFNOT" => self.begin(rest, word == "IFNOT"),
            "ELSEIF" => self.else_if(rest),
            "ELSE" => self.otherwise(rest),
            "ENDIF" => self.end(rest),
            "GETURL" => self.fault(
                "[[GETURL:…]] is not fetched by this server: write here what it would bring".to_owned(),
            ),
            _ => {
                let hint =
                    closest(word, WORDS).map_or_else(String::new, |near| format!("; did you mean {near}?"));
                self.fault(format!("there is no tag [[{word}:…]]{hint}"));
            }
        }
    }

    fn variable(&mut self, name: &'a str) {
        if WORDS.contains(&name) {
            return self.fault(format!("[[{name}]] needs the name of a variable: [[{name}:NAME]]"));
        }
        if self.known(name) {
            self.pieces.push(Piece::Variable(name));
        }
    }

    /// Whether the template has the variable; tells it where not.
    fn known(&mut self, name: &str) -> bool {
        if self.template.has(name) {
            return true;
        }
        let template = self.template;
        if template.kind == Kind::Redirect {
            let capital = name.to_ascii_uppercase().replace('-', "_");
            self.fault(format!("what stands in the address is written in capital letters: {capital}"));
            return false;
        }
        let what = match closest(name, template.variables()) {
            _ if catalogue::variable(name).is_some() => {
                format!("{name} is no variable of {}; it has {}", template.name, listed(template))
            }
            Some(near) => format!("there is no variable {name}; did you mean {near}?"),
            None => format!("there is no variable {name}; there are {}", listed(template)),
        };
        self.fault(what);
        false
    }

    fn test(&mut self, text: &'a str, not: bool) -> Test<'a> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (text, None),
        };
        self.known(name);
        Test { name, value, not }
    }

    fn begin(&mut self, text: &'a str, not: bool) {
        let test = self.test(text, not);
        self.open.push(Open { name: test.name, line: self.line, tests: 1, ended: false });
        self.not_too_deep();
        self.pieces.push(Piece::If(test));
    }

    fn else_if(&mut self, text: &'a str) {
        let test = self.test(text, false);
        match self.open.last_mut() {
            None => self.fault(format!("[[ELSEIF:{text}]] stands outside of any [[IF:…]]")),
            Some(Open { ended: true, name, .. }) => {
                let name = *name;
                self.fault(format!("[[ELSEIF:{text}]] stands behind [[ELSE:{name}]]"));
            }
            Some(open) => {
                open.tests += 1;
                self.not_too_deep();
                self.pieces.push(Piece::ElseIf(test));
            }
        }
    }

    fn otherwise(&mut self, name: &'a str) {
        match self.open.last_mut() {
            None => self.fault(format!("[[ELSE:{name}]] stands outside of any [[IF:…]]")),
            Some(open) if open.name != name => {
                let what = other_name("ELSE", name, open);
                self.fault(what);
            }
            Some(Open { ended: true, .. }) => self.fault(format!("[[ELSE:{name}]] stands there twice")),
            Some(open) => {
                open.ended = true;
                self.pieces.push(Piece::Else);
            }
        }
    }

    fn end(&mut self, name: &'a str) {
        match self.open.pop() {
            None => self.fault(format!("[[ENDIF:{name}]] stands outside of any [[IF:…]]")),
            Some(open) => {
                if open.name != name {
                    let what = other_name("ENDIF", name, &open);
                    self.fault(what);
                }
                self.pieces.push(Piece::EndIf);
            }
        }
    }

    fn not_too_deep(&mut self) {
        if self.open.iter().map(|open| open.tests).sum::<usize>() == DEEPEST + 1 {
            self.fault(format!("more than {DEEPEST} conditions stand inside each other"));
        }
    }
}

fn other_name(word: &str, name: &str, open: &Open<'_>) -> String {
    format!(
        "[[{word}:{name}]] does not fit [[IF:{0}]] in line {1}: write [[{word}:{0}]]",
        open.name, open.line
    )
}

fn listed(template: &Template) -> String {
    template.variables().collect::<Vec<_>>().join(", ")
}

/// Whether this, between double brackets, is meant as a tag: a name, or a word, a colon and whatever follows.
fn is_tag(inside: &str) -> bool {
    let name = inside.split(':').next().unwrap_or_default().trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(plain)
}

/// Whether what follows double brackets begins like a tag.
fn begins_tag(after: &str) -> bool {
    let word: &str = after.split(|c: char| !c.is_ascii_uppercase()).next().unwrap_or_default();
    WORDS.contains(&word) || catalogue::variable(word).is_some()
}
