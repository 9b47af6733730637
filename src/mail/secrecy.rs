//! Whether what is secret stands where only the reader of a mail sees it: the HTML part, read as a mail reader reads it.
//!
//! A mail reader fetches what the tags name, so `<img src="https://elsewhere/?[[TMPPASSWORD]]">` would tell the
//! password to strangers. The parts that depend on a variable may be there or not, and so may the value of a
//! variable: what is read is every place where the reader may be by then, and each of them must be good.

use super::catalogue::{self, Secrecy};
use super::syntax::{Fault, Piece};

/// The longest name that is told from others.
const LONGEST_NAME: usize = 12;
/// How many places are followed at the same time.
const MOST_PLACES: usize = 60;
/// Elements whose content is text whatever stands in it.
const RAW: [&str; 7] = ["style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"];
/// Elements whose content is read by rules of its own.
const OWN_RULES: [&str; 5] = ["script", "svg", "math", "noscript", "plaintext"];

const BESIDE: &str = "nothing may stand beside a link in its href";

/// Where the reader is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// Between the tags.
    Text,
    /// Behind `<`, `</`, `<!`, `<!-` or `<![`.
    Begun(char),
    /// In a declaration, which ends with the next `>`.
    Declaration,
    /// In a comment.
    Comment(Dashes),
    /// In a tag.
    Tag { element: String, attribute: String, at: At },
    /// In such an element, behind so many characters of what ends it.
    Raw { element: String, matched: usize },
    /// Behind something that mail readers may read in different ways.
    Lost,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Dashes {
    Start,
    StartDash,
    None,
    One,
    Two,
    Bang,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum At {
    Element,
    Between,
    Attribute,
    After,
    Before,
    Unquoted,
    Quoted(char, Filled),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Filled {
    Empty,
    Other,
    Link,
}

/// What is wrong with the places of what is secret.
pub fn faults(text: &str, pieces: &[Piece<'_>]) -> Vec<Fault> {
    let mut reader = Reader { text, places: vec![Place::Text], open: Vec::new(), faults: Vec::new() };
    for piece in pieces {
        reader.read(piece);
    }
    reader.faults
}

/// A condition: the places before it, the places behind its alternatives so far, and whether one always holds.
type Open = (Vec<Place>, Vec<Place>, bool);

struct Reader<'a> {
    text: &'a str,
    places: Vec<Place>,
    open: Vec<Open>,
    faults: Vec<Fault>,
}

impl Reader<'_> {
    fn read(&mut self, piece: &Piece<'_>) {
        match piece {
            Piece::Text(text) => self.plain(text),
            Piece::Variable(name) => self.variable(name),
            Piece::If(_) => self.open.push((self.places.clone(), Vec::new(), false)),
            Piece::ElseIf(_) | Piece::Else => {
                if let Some((before, behind, always)) = self.open.last_mut() {
                    behind.append(&mut self.places);
                    self.places = before.clone();
                    *always |= matches!(piece, Piece::Else);
                }
            }
            Piece::EndIf => {
                if let Some((before, behind, always)) = self.open.pop() {
                    self.places.extend(behind);
                    self.places.extend(if always { Vec::new() } else { before });
                    self.tidy();
                }
            }
        }
    }

    fn tidy(&mut self) {
        if self.places.len() > 1 {
            self.places.sort_unstable();
            self.places.dedup();
        }
        if self.places.len() > MOST_PLACES {
            self.places = vec![Place::Lost];
        }
    }

    /// Pieces are parts of the text, so where one begins says in which line it is.
    fn fault(&mut self, part: &str, what: String) {
        let at = (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let before = self.text.as_bytes().iter().take(at);
        self.faults.push(Fault { line: 1 + before.filter(|byte| **byte == b'\n').count(), what });
    }

    fn plain(&mut self, text: &str) {
        for (at, c) in text.char_indices() {
            if self.places.iter().any(|place| place.filled() == Some(Filled::Link) && !place.closes(c)) {
                self.fault(&text[at..], BESIDE.to_owned());
            }
            self.places = std::mem::take(&mut self.places).into_iter().map(|place| place.next(c)).collect();
            self.tidy();
        }
    }

    fn variable(&mut self, name: &str) {
        let secrecy = catalogue::variable(name).map_or(Secrecy::Open, |variable| variable.secrecy);
        let bad = self.places.iter().find(|place| !place.takes(secrecy)).cloned();
        match bad {
            None => {}
            Some(Place::Lost) => self.fault(name, lost(name)),
            Some(place) if place.filled() == Some(Filled::Link) => self.fault(name, BESIDE.to_owned()),
            Some(_) => self.fault(name, inside(name, secrecy)),
        }
        self.places =
            std::mem::take(&mut self.places).iter().flat_map(|place| place.behind(secrecy)).collect();
        self.tidy();
    }
}

fn inside(name: &str, secrecy: Secrecy) -> String {
    match secrecy {
        Secrecy::Link => format!(
            "{name} leads to something secret and may be sent elsewhere from inside a tag: there it is the whole \
             value of a href, in quotes: href=\"[[{name}]]\""
        ),
        _ => format!(
            "{name} is secret and would be sent elsewhere from inside a tag, a comment or a style sheet: write it \
             between the tags"
        ),
    }
}

fn lost(name: &str) -> String {
    format!(
        "{name} is secret, and what stands before it may be read in more than one way: take out {} elements, CDATA, \
         and variables in the names of tags",
        OWN_RULES.join(", ")
    )
}

impl Place {
    fn tag(element: &str, at: At) -> Place {
        Place::Tag { element: element.to_owned(), attribute: String::new(), at }
    }

    fn filled(&self) -> Option<Filled> {
        match self {
            Place::Tag { at: At::Quoted(_, filled), .. } => Some(*filled),
            _ => None,
        }
    }

    fn closes(&self, c: char) -> bool {
        matches!(self, Place::Tag { at: At::Quoted(quote, _), .. } if *quote == c)
    }

    /// Whether such a variable may stand here.
    fn takes(&self, secrecy: Secrecy) -> bool {
        match (self, secrecy) {
            (Place::Tag { at: At::Quoted(_, Filled::Link), .. }, _) => false,
            (Place::Text, _) | (_, Secrecy::Open) => true,
            (Place::Tag { attribute, at: At::Quoted(_, Filled::Empty), .. }, Secrecy::Link) => {
                attribute == "href"
            }
            _ => false,
        }
    }

    /// Where the reader may be behind a value, which has neither angle brackets nor quotes.
    fn behind(&self, secrecy: Secrecy) -> Vec<Place> {
        match self {
            Place::Begun(_) | Place::Tag { at: At::Element, .. } => vec![Place::Lost],
            Place::Raw { matched: 1.., .. } => vec![Place::Lost],
            Place::Comment(_) => {
                let ends = [Dashes::None, Dashes::One, Dashes::Two, Dashes::Bang].map(Place::Comment);
                [vec![self.clone()], ends.to_vec()].concat()
            }
            Place::Tag { element, attribute, at: At::Quoted(quote, _) } => {
                let filled = if secrecy == Secrecy::Link { Filled::Link } else { Filled::Other };
                let (element, attribute) = (element.clone(), attribute.clone());
                vec![self.clone(), Place::Tag { element, attribute, at: At::Quoted(*quote, filled) }]
            }
            Place::Tag { element, .. } => {
                let ats = [At::Between, At::Attribute, At::After, At::Before, At::Unquoted];
                let mut places = vec![self.clone()];
                // The name of the attribute is not known, so it is none that takes a link.
                places.extend(ats.map(|at| Place::Tag {
                    element: element.clone(),
                    attribute: "?".to_owned(),
                    at,
                }));
                places
            }
            Place::Text | Place::Declaration | Place::Raw { .. } | Place::Lost => vec![self.clone()],
        }
    }

    /// Where the reader is behind that character.
    fn next(self, c: char) -> Place {
        match self {
            Place::Text if c == '<' => Place::Begun('<'),
            Place::Begun(behind) => begun(behind, c),
            Place::Declaration if c == '>' => Place::Text,
            Place::Comment(dashes) => comment(dashes, c),
            Place::Tag { element, attribute, at } => tag(element, attribute, at, c),
            Place::Raw { element, matched } => raw(element, matched, c),
            place @ (Place::Text | Place::Declaration | Place::Lost) => place,
        }
    }
}

fn begun(behind: char, c: char) -> Place {
    match (behind, c) {
        ('<', '/' | '!') | ('!', '-' | '[') => Place::Begun(c),
        ('<', '?') => Place::Declaration,
        ('<', '<') => Place::Begun('<'),
        ('<', _) if c.is_ascii_alphabetic() => Place::tag(&c.to_ascii_lowercase().to_string(), At::Element),
        ('<', _) => Place::Text,
        ('/', _) if c.is_ascii_alphabetic() => Place::tag("/", At::Element),
        ('-', '-') => Place::Comment(Dashes::Start),
        ('[', 'C' | 'c') => Place::Lost,
        (_, '>') => Place::Text,
        _ => Place::Declaration,
    }
}

fn comment(dashes: Dashes, c: char) -> Place {
    use Dashes::{Bang, None, One, Start, StartDash, Two};
    Place::Comment(match (dashes, c) {
        (Start | StartDash | Two | Bang, '>') => return Place::Text,
        (Start, '-') => StartDash,
        (StartDash | One | Two, '-') => Two,
        (None | Bang, '-') => One,
        (Two, '!') => Bang,
        _ => None,
    })
}

fn tag(mut element: String, mut attribute: String, at: At, c: char) -> Place {
    let white = c.is_ascii_whitespace();
    let at = match at {
        At::Quoted(quote, _) if c == quote => At::Between,
        At::Quoted(quote, _) => At::Quoted(quote, Filled::Other),
        _ if c == '>' => return content(element),
        At::Before if white => At::Before,
        At::Before if matches!(c, '"' | '\'') => At::Quoted(c, Filled::Empty),
        At::Before | At::Unquoted => {
            if white {
                At::Between
            } else {
                At::Unquoted
            }
        }
        _ if c == '/' => At::Between,
        At::Element if white => At::Between,
        At::Element => {
            push(&mut element, c);
            At::Element
        }
        At::Attribute | At::After if c == '=' => At::Before,
        At::Attribute | At::After if white => At::After,
        At::Between if white => At::Between,
        At::Attribute => {
            push(&mut attribute, c);
            At::Attribute
        }
        At::Between | At::After => {
            attribute.clear();
            push(&mut attribute, c);
            At::Attribute
        }
    };
    Place::Tag { element, attribute, at }
}

fn push(name: &mut String, c: char) {
    if name.len() < LONGEST_NAME {
        name.push(c.to_ascii_lowercase());
    }
}

fn content(element: String) -> Place {
    match element.as_str() {
        name if OWN_RULES.contains(&name) => Place::Lost,
        name if RAW.contains(&name) => Place::Raw { element, matched: 0 },
        _ => Place::Text,
    }
}

fn raw(element: String, matched: usize, c: char) -> Place {
    match "</".chars().chain(element.chars()).nth(matched) {
        Some(wanted) if wanted == c.to_ascii_lowercase() => Place::Raw { element, matched: matched + 1 },
        None if c == '>' => Place::Text,
        None if c == '/' || c.is_ascii_whitespace() => Place::tag("/", At::Between),
        _ => Place::Raw { element, matched: usize::from(c == '<') },
    }
}
