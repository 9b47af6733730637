//! What came back, and what a test says about it.

use regserver::api::Answer;
use regserver::api::answer::Kind;
use regserver::error::Code;
use serde_json::Value;

/// Everything before the compatibility level.
const HEAD: &str = "<?xml version='1.0' encoding='UTF-8' ?>\n<teamdrive><regversion>";
const TAIL: &str = "</teamdrive>";

/// A reply.
#[derive(Debug, Clone)]
pub struct Reply {
    pub answer: Answer,
    asked: String,
}

impl Reply {
    pub fn new(answer: Answer, asked: &[u8]) -> Reply {
        let asked = String::from_utf8_lossy(asked).chars().take(2_000).collect();
        Reply { answer, asked }
    }

    /// The reply's bytes.
    pub fn body(&self) -> &str {
        &self.answer.body
    }

    /// What stands between the compatibility level and the end.
    pub fn inner(&self) -> &str {
        let inner = self.body().strip_prefix(HEAD).and_then(|rest| rest.strip_suffix(TAIL));
        let inner = inner.and_then(|rest| rest.split_once("</regversion>"));
        inner.unwrap_or_else(|| panic!("not the envelope: {}", self.body())).1
    }

    /// It is a success.
    #[track_caller]
    pub fn done(self) -> Reply {
        assert!(self.code().is_none(), "{}\nis refused: {}", self.asked, self.body());
        assert_eq!(self.answer.status, 200);
        assert_ne!(self.answer.kind, Kind::Html);
        assert_eq!(self.answer.trace.code, 0);
        self
    }

    /// It is that refusal.
    #[track_caller]
    pub fn refused(self, code: Code) -> Reply {
        let number = code as i64;
        assert_eq!(self.code(), Some(number), "{}\nis answered: {}", self.asked, self.body());
        assert_eq!(self.answer.status, if code == Code::Overloaded { 503 } else { 200 });
        assert_eq!(self.answer.trace.code, number);
        self
    }

    /// It is that refusal of a credential, or of none: HTTP 403.
    #[track_caller]
    pub fn turned_away(self, code: Code) -> Reply {
        assert_eq!(self.code(), Some(code as i64), "{}\nis answered: {}", self.asked, self.body());
        assert_eq!(self.answer.status, 403, "{}", self.asked);
        self
    }

    /// It is that refusal with the code's own text and no second number.
    #[track_caller]
    pub fn plainly(self, code: Code) -> Reply {
        self.refused(code).says(code.text()).second("")
    }

    /// Its message is that.
    #[track_caller]
    pub fn says(self, message: &str) -> Reply {
        assert_eq!(self.text("message"), message, "{}", self.asked);
        self
    }

    /// Its second number is that.
    #[track_caller]
    pub fn second(self, number: &str) -> Reply {
        assert_eq!(self.text("secondarycode"), number, "{}", self.asked);
        self
    }

    /// Behind the compatibility level stands exactly that.
    #[track_caller]
    pub fn expect(self, inner: &str) -> Reply {
        assert_eq!(self.inner(), inner, "{}", self.asked);
        self
    }

    /// The primary code of a refusal.
    pub fn code(&self) -> Option<i64> {
        self.find("primarycode").and_then(|code| code.parse().ok())
    }

    /// The text of the first element of that name.
    #[track_caller]
    pub fn text(&self, name: &str) -> String {
        self.find(name).unwrap_or_else(|| panic!("there is no {name} in {}", self.body()))
    }

    /// The same as a number.
    #[track_caller]
    pub fn number(&self, name: &str) -> i64 {
        self.text(name).parse().unwrap()
    }

    /// The text of the first element of that name, if there is one.
    pub fn find(&self, name: &str) -> Option<String> {
        self.texts(name).into_iter().next()
    }

    /// The texts of all elements of that name.
    pub fn texts(&self, name: &str) -> Vec<String> {
        match self.answer.kind {
            Kind::Xml => {}
            Kind::Json => return named(&self.json(), name),
            Kind::Html => return Vec::new(),
        }
        let document = roxmltree::Document::parse(self.body()).unwrap();
        let named = document.descendants().filter(|node| node.has_tag_name(name));
        named.map(|node| node.text().unwrap_or_default().to_owned()).collect()
    }

    /// The reply as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        assert_eq!(self.answer.kind, Kind::Json);
        serde_json::from_str(self.body()).unwrap_or_else(|error| panic!("{error}: {}", self.body()))
    }

    /// The members of the reply, in their order: the children of the root behind the level.
    pub fn members(&self) -> Vec<String> {
        fields(self.body()).into_iter().filter(|name| name != "regversion" && name != "apiversion").collect()
    }
}

/// The texts of all members of that name, on every level.
pub fn named(value: &Value, name: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(known, value)| match value {
                Value::Array(list) if known == name => list.iter().map(text).collect(),
                _ if known == name => vec![text(value)],
                _ => named(value, name),
            })
            .collect(),
        Value::Array(list) => list.iter().flat_map(|value| named(value, name)).collect(),
        _ => Vec::new(),
    }
}

/// The names of the root's children.
pub fn fields(body: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(body).unwrap();
    let children = document.root_element().children().filter(roxmltree::Node::is_element);
    children.map(|node| node.tag_name().name().to_owned()).collect()
}
