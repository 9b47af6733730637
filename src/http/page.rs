//! A page for people: its headers, and what a browser says of whoever reads it.
//!
//! A page shows names that strangers have chosen, in HTML that a provider may have written. So it may run nothing,
//! be framed by nobody, tell no other site its address, and have no style but what stands in it: of each style
//! sheet the policy has the hash, which needs neither a second request nor a number that is new each time.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_FRAME_OPTIONS,
};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine;
use sha2::{Digest, Sha256};

use super::reply;
use crate::call::RequestId;

/// The most style sheets of a page.
const MOST_STYLES: usize = 20;
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const DENY: HeaderValue = HeaderValue::from_static("DENY");

/// Where the forms of a page may lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Forms {
    /// It has none.
    None,
    /// Here.
    Own,
    /// Here, and anywhere by https.
    Secure,
    /// The same, and by http.
    Web,
}

impl Forms {
    fn sources(self) -> &'static str {
        match self {
            Forms::None => "'none'",
            Forms::Own => "'self'",
            Forms::Secure => "'self' https:",
            Forms::Web => "'self' https: http:",
        }
    }
}

/// A page.
pub fn reply(status: StatusCode, html: String, forms: Forms, id: RequestId) -> HttpResponse {
    let policy = policy(&html, forms);
    let mut reply = reply::html(status, html, id);
    let headers = reply.headers_mut();
    headers.insert(REFERRER_POLICY, NO_REFERRER);
    headers.insert(X_FRAME_OPTIONS, DENY);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    reply
}

fn policy(html: &str, forms: Forms) -> String {
    let hashes: Vec<String> = styles(html)
        .take(MOST_STYLES)
        .map(|style| format!("'sha256-{}'", base64::prelude::BASE64_STANDARD.encode(Sha256::digest(style))))
        .collect();
    let style = if hashes.is_empty() { "'none'".to_owned() } else { hashes.join(" ") };
    format!(
        "default-src 'none'; style-src {style}; img-src https: data:; form-action {}; base-uri 'none'; \
         frame-ancestors 'none'",
        forms.sources()
    )
}

/// What stands in the style elements. Values are escaped, so every one of them is the template's.
fn styles(html: &str) -> impl Iterator<Item = &str> {
    let (lower, mut from) = (html.to_ascii_lowercase(), 0);
    std::iter::from_fn(move || {
        let tag = from + lower[from..].find("<style")?;
        let start = tag + lower[tag..].find('>')? + 1;
        let end = start + lower[start..].find("</style")?;
        from = end;
        Some(&html[start..end])
    })
}

/// A header that is text, else nothing.
pub fn text(request: &HttpRequest, name: HeaderName) -> &str {
    request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// What a browser runs on, by the words of its own that names it; `web` where they say nothing.
pub fn platform(agent: &str) -> &'static str {
    // Phones name the systems of desktops, too.
    let words = [
        ("Android", "android"),
        ("iPhone", "ios"),
        ("iPad", "ios"),
        ("iPod", "ios"),
        ("Windows", "win"),
        ("Macintosh", "mac"),
        ("CrOS", "web"),
        ("Linux", "linux"),
    ];
    words.iter().find(|(word, _)| agent.contains(word)).map_or("web", |(_, platform)| platform)
}

/// The language of those that a browser would like best.
pub fn preferred<'a>(wanted: &str, languages: &'a [String]) -> Option<&'a str> {
    let weighed = |entry: &str| {
        let (tag, weight) = entry.split_once(";q=").unwrap_or((entry, "1"));
        let primary = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
        let language = languages.iter().find(|language| **language == primary)?;
        let weight = weight.trim().parse::<f32>().ok().filter(|weight| *weight > 0.0)?;
        Some((language.as_str(), weight))
    };
    let entries = wanted.split(',').take(20).filter_map(weighed);
    // Of two that are liked alike the first one counts.
    let best = entries.reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map(|(language, _)| language)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_says_what_it_runs_on() {
        for (agent, on) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Gecko/20100101 Firefox/140.0", "win"),
            ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "mac"),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "linux"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile", "ios"),
            ("Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/140.0 Mobile Safari/537.36", "android"),
            ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/140.0", "web"),
            ("curl/8.0", "web"),
            ("", "web"),
        ] {
            assert_eq!(platform(agent), on, "{agent}");
        }
    }

    #[test]
    fn the_language_that_is_liked_best() {
        let languages = ["en".to_owned(), "de".to_owned()];
        for (wanted, language) in [
            ("de-DE,de;q=0.9,en;q=0.8", Some("de")),
            ("fr,en;q=0.5,de;q=0.7", Some("de")),
            ("en, de", Some("en")),
            ("de;q=0", None),
            ("de;q=x", None),
            ("fr", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(preferred(wanted, &languages), language, "{wanted}");
        }
    }

    #[test]
    fn every_style_sheet_of_a_page_is_allowed_by_its_hash() {
        let html = "<style>a { }</style><p>ä</p><STYLE media=\"print\">b</Style><style>c";
        assert_eq!(styles(html).collect::<Vec<_>>(), ["a { }", "b"]);
        assert!(policy(html, Forms::Own).contains("style-src 'sha256-"));
        assert!(policy("<p>x</p>", Forms::None).contains("style-src 'none'; "));
    }
}
