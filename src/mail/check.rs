//! What a template must be before it is kept: everything that is wrong with it is told at once, each fault with
//! its part and its line.

use super::secrecy;
use super::syntax::{self, Fault};
use super::values::{self, LONGEST_SUBJECT, Values};
use super::{Kind, Parts, Template};
use crate::domain::settings;

/// The longest text part, in bytes.
pub const LONGEST_TEXT: usize = 64 * 1024;
/// The longest HTML part, in bytes.
pub const LONGEST_HTML: usize = 256 * 1024;
/// The value of what must be read, where it is looked for.
const NEEDED: &str = "what-must-be-read";
/// What browsers do not do in a page, by what it looks like.
const BLOCKED: [(&str, &str); 5] = [
    ("<script", "a page runs no script"),
    (" style=", "a page has its styles in a <style> element, not in the tags"),
    ("<link", "a page fetches nothing but pictures: write its styles in a <style> element"),
    ("<iframe", "a page has no other page inside"),
    ("<base", "a page has no <base>: write whole addresses"),
];
/// How many faults are told.
const TOLD: usize = 5;

/// The parts as they are kept: line ends of one kind, a subject without white space around it.
pub fn tidied(parts: &Parts) -> Parts {
    Parts {
        subject: parts.subject.trim().to_owned(),
        text: values::lines(parts.text.trim_end()),
        html: values::lines(parts.html.trim()),
    }
}

/// Checks the parts of a template; the error is a sentence.
pub fn check(template: &Template, parts: &Parts) -> Result<(), String> {
    let mut faults: Vec<String> = Vec::new();
    match template.kind {
        Kind::Mail => mail(parts, &mut faults),
        Kind::Page | Kind::Question | Kind::Redirect => page(template, parts, &mut faults),
    }
    for (name, text, longest) in [
        ("subject", &parts.subject, 4 * LONGEST_SUBJECT),
        ("text", &parts.text, LONGEST_TEXT),
        ("html", &parts.html, LONGEST_HTML),
    ] {
        if text.len() > longest {
            faults.push(format!("{name} is longer than {longest} bytes"));
            continue;
        }
        let found = match syntax::read(text, template) {
            Err(found) => found,
            Ok(pieces) if name == "html" => secrecy::faults(text, &pieces),
            Ok(_) => continue,
        };
        faults.extend(found.iter().map(|Fault { line, what }| format!("{name}, line {line}: {what}")));
    }
    if faults.is_empty() {
        faults.extend(tried(template, parts));
    }
    told(&faults)
}

/// Checks what is to be kept, or was kept before there was a rule that it breaks: besides all else it must tell the
/// recipient what it is for, in each of its parts and whatever else is known.
pub fn kept(template: &Template, parts: &Parts) -> Result<(), String> {
    check(template, parts)?;
    if template.kind != Kind::Mail || template.needed().next().is_none() {
        return Ok(());
    }
    let mut full = Values::made_up(template, "en");
    template.needed().for_each(|name| full.set(name, NEEDED));
    let mut bare = full.clone();
    let others = super::catalogue::VARIABLES
        .iter()
        .filter(|variable| variable.optional && template.has(variable.name));
    others
        .filter(|variable| template.needed().all(|name| name != variable.name))
        .for_each(|variable| bare.set(variable.name, ""));
    for values in [full, bare] {
        let made = super::filled(template, parts, &values)?;
        for (name, text) in [("text", Some(made.text)), ("html", made.html)] {
            if text.is_some_and(|text| !text.contains(NEEDED)) {
                let names: Vec<String> = template.needed().map(|name| format!("[[{name}]]")).collect();
                return Err(format!("{name}: without {} the mail would be of no use", names.join(" or ")));
            }
        }
    }
    Ok(())
}

fn told(faults: &[String]) -> Result<(), String> {
    let text = faults.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join("; ");
    match faults.len() {
        0 => Ok(()),
        count if count > TOLD => Err(format!("{text}; and {} more", count - TOLD)),
        _ => Err(text),
    }
}

fn mail(parts: &Parts, faults: &mut Vec<String>) {
    if parts.subject.is_empty() {
        faults.push("subject is missing".to_owned());
    }
    if parts.subject.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')) {
        faults.push("subject must be one line".to_owned());
    }
    if parts.text.trim().is_empty() {
        faults.push("text is missing: not everybody reads HTML".to_owned());
    }
}

fn page(template: &Template, parts: &Parts, faults: &mut Vec<String>) {
    if !parts.subject.is_empty() {
        faults.push("subject: a page has none; its title stands in its HTML".to_owned());
    }
    if redirect(&parts.html).is_some() {
        faults.push("html, line 1: Location: stands in the text part".to_owned());
    }
    match redirect(&parts.text) {
        _ if parts.text.is_empty() && parts.html.is_empty() => faults.push("html is missing".to_owned()),
        None if !parts.text.is_empty() => {
            faults.push(
                "text, line 1: the text of a page is blank, or Location: and where it leads".to_owned(),
            );
        }
        Some(_) if template.kind == Kind::Question => {
            faults.push("text, line 1: a page that asks cannot lead elsewhere".to_owned());
        }
        Some(Err(why)) => faults.push(format!("text, line 1: {why}")),
        Some(Ok(_)) | None => {}
    }
    let html = parts.html.to_ascii_lowercase();
    for (number, line) in html.lines().enumerate() {
        let found = BLOCKED.iter().filter(|(mark, _)| line.contains(mark));
        faults.extend(found.map(|(_, what)| format!("html, line {}: {what}", number + 1)));
    }
    if template.kind == Kind::Page && html.contains("<form") {
        faults.push("html: only a page that asks has a form; a link can lead to yours".to_owned());
    }
    if template.kind == Kind::Question && html.contains(" action=") {
        faults.push("html: the form is sent to its own page: leave action out".to_owned());
    }
    if template.kind == Kind::Question && !parts.html.is_empty() && !posts(&html) {
        faults.push("html: a page that asks needs <form method=\"post\"> with a button".to_owned());
    }
    if template.name == "passwordset-ask" && !parts.html.is_empty() && !html.contains("name=\"password\"") {
        faults.push("html: the form needs <input type=\"password\" name=\"password\">".to_owned());
    }
}

fn posts(html: &str) -> bool {
    html.contains("<form") && html.contains("method=\"post\"")
}

/// Where a page leads, if it leads elsewhere: `Location:` and one literal address `[D]`.
pub fn redirect(text: &str) -> Option<Result<&str, String>> {
    let text = text.trim();
    let target = text.get(.."location:".len()).filter(|word| word.eq_ignore_ascii_case("location:"))?;
    let url = text[target.len()..].trim();
    if url.contains("[[") {
        return Some(Err("Location: takes one address as it is, without variables".to_owned()));
    }
    let good = !url.is_empty() && settings::Kind::Url.check(url).is_ok() && url.is_ascii();
    Some(if good {
        Ok(url)
    } else {
        Err("Location: must be followed by one address that begins with https:// or http://".to_owned())
    })
}

/// Fills it once with made-up values, and once with as few as there may be.
fn tried(template: &Template, parts: &Parts) -> Option<String> {
    let full = Values::made_up(template, "en");
    let mut bare = full.clone();
    super::catalogue::VARIABLES.iter().filter(|variable| variable.optional).for_each(|variable| {
        if template.has(variable.name) {
            bare.set(variable.name, "");
        }
    });
    [full, bare].iter().find_map(|values| match template.kind {
        Kind::Mail => super::filled(template, parts, values).err(),
        Kind::Page | Kind::Question | Kind::Redirect => super::shown(template, parts, values).err(),
    })
}
