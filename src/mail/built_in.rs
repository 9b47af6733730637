//! The built-in templates: the texts in `conf/mail`, and the HTML that is made from them.
//!
//! A mail says the same in both of its parts because both come from one text: its paragraphs, and where a
//! paragraph is a line of words with a link or a code below it, a button or large letters. Two files for each
//! mail would have been apart after the first correction. Both families say the same.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::catalogue::{Kind, TEMPLATES, Template};
use super::{Parts, engine};

/// The languages that there are.
pub const LANGUAGES: [&str; 2] = ["en", "de"];
/// The language for those for whom there is no other.
pub const LAST: &str = "en";

const FRAME: &str = include_str!("../../conf/mail/frame.html");

/// The texts of one language.
struct Texts {
    language: &'static str,
    footer: &'static str,
    pages: &'static str,
    mails: &'static [(&'static str, &'static str)],
}

const ENGLISH: Texts = Texts {
    language: "en",
    footer: include_str!("../../conf/mail/en/footer.txt"),
    pages: include_str!("../../conf/mail/en/pages.txt"),
    mails: &[
        ("activationlink", include_str!("../../conf/mail/en/activationlink.txt")),
        ("activationsetpassword", include_str!("../../conf/mail/en/activationsetpassword.txt")),
        ("tmppassword", include_str!("../../conf/mail/en/tmppassword.txt")),
        ("passwd-changed", include_str!("../../conf/mail/en/passwd-changed.txt")),
        ("passwd-reset", include_str!("../../conf/mail/en/passwd-reset.txt")),
        ("emailchangedtoold", include_str!("../../conf/mail/en/emailchangedtoold.txt")),
        ("emailchangedtonew", include_str!("../../conf/mail/en/emailchangedtonew.txt")),
        ("user-removed", include_str!("../../conf/mail/en/user-removed.txt")),
        ("deletion-requested", include_str!("../../conf/mail/en/deletion-requested.txt")),
        ("group-invitation", include_str!("../../conf/mail/en/group-invitation.txt")),
        ("license-created", include_str!("../../conf/mail/en/license-created.txt")),
        ("license-changed", include_str!("../../conf/mail/en/license-changed.txt")),
        ("license-expires", include_str!("../../conf/mail/en/license-expires.txt")),
        ("license-expired", include_str!("../../conf/mail/en/license-expired.txt")),
        ("console-code", include_str!("../../conf/mail/en/console-code.txt")),
    ],
};

const GERMAN: Texts = Texts {
    language: "de",
    footer: include_str!("../../conf/mail/de/footer.txt"),
    pages: include_str!("../../conf/mail/de/pages.txt"),
    mails: &[
        ("activationlink", include_str!("../../conf/mail/de/activationlink.txt")),
        ("activationsetpassword", include_str!("../../conf/mail/de/activationsetpassword.txt")),
        ("tmppassword", include_str!("../../conf/mail/de/tmppassword.txt")),
        ("passwd-changed", include_str!("../../conf/mail/de/passwd-changed.txt")),
        ("passwd-reset", include_str!("../../conf/mail/de/passwd-reset.txt")),
        ("emailchangedtoold", include_str!("../../conf/mail/de/emailchangedtoold.txt")),
        ("emailchangedtonew", include_str!("../../conf/mail/de/emailchangedtonew.txt")),
        ("user-removed", include_str!("../../conf/mail/de/user-removed.txt")),
        ("deletion-requested", include_str!("../../conf/mail/de/deletion-requested.txt")),
        ("group-invitation", include_str!("../../conf/mail/de/group-invitation.txt")),
        ("license-created", include_str!("../../conf/mail/de/license-created.txt")),
        ("license-changed", include_str!("../../conf/mail/de/license-changed.txt")),
        ("license-expires", include_str!("../../conf/mail/de/license-expires.txt")),
        ("license-expired", include_str!("../../conf/mail/de/license-expired.txt")),
        ("console-code", include_str!("../../conf/mail/de/console-code.txt")),
    ],
};

type All = HashMap<(&'static str, &'static str), Parts>;

static ALL: LazyLock<All> = LazyLock::new(|| {
    let mut all = All::new();
    for texts in [ENGLISH, GERMAN] {
        for template in TEMPLATES {
            let parts = match template.kind {
                Kind::Mail => mail(&texts, template),
                Kind::Page | Kind::Question => page(&texts, template),
                Kind::Redirect => None,
            };
            all.extend(parts.map(|parts| ((template.name, texts.language), parts)));
        }
    }
    all
});

/// The built-in template in exactly that language.
pub fn find(template: &Template, language: &str) -> Option<&'static Parts> {
    let language = LANGUAGES.into_iter().find(|known| *known == language)?;
    ALL.get(&(template.name, language))
}

fn framed(language: &str, title: &str, body: &str) -> String {
    let html =
        FRAME.replace("@LANGUAGE@", language).replace("@TITLE@", title).replace("@BODY@", body.trim_end());
    html.trim_end().to_owned()
}

/// A mail from its file: the subject, a blank line, the text.
fn mail(texts: &Texts, template: &Template) -> Option<Parts> {
    let (_, file) = texts.mails.iter().find(|(name, _)| *name == template.name)?;
    let (subject, text) = file.split_once("\n\n")?;
    let html = framed(texts.language, &engine::html(subject), &body(text, texts.footer));
    Some(Parts { subject: subject.to_owned(), text: format!("{text}\n{}", texts.footer.trim_end()), html })
}

/// The text of a mail as HTML.
fn body(text: &str, footer: &str) -> String {
    let mut html = String::new();
    let mut block: Vec<&str> = Vec::new();
    for line in text.lines().chain([""]) {
        let condition =
            ["[[IF", "[[ELSE", "[[ENDIF"].iter().any(|word| line.starts_with(word)) && line.ends_with("]]");
        if line.is_empty() || condition {
            html.push_str(&paragraph(&std::mem::take(&mut block)));
            if condition {
                html.push_str(line);
                html.push('\n');
            }
        } else {
            block.push(line);
        }
    }
    let signed: Vec<&str> = footer.lines().skip(1).collect();
    html + &format!("<p class=\"small\">{}</p>\n", engine::html(&signed.join(" ")))
}

/// A paragraph: words, or words with a link or a code below.
fn paragraph(lines: &[&str]) -> String {
    let escaped = |text: &str| engine::html(text);
    match lines {
        [] => String::new(),
        [words, link] if link.starts_with("[[") && link.ends_with("LINK]]") => {
            let words = escaped(words.trim_end_matches(':'));
            format!("<p><a class=\"button\" href=\"{link}\">{words}</a></p>\n<p class=\"small\">{link}</p>\n")
        }
        [words, code] if code.starts_with("[[") && code.ends_with("]]") => {
            format!("<p>{}</p>\n<p class=\"code\">{code}</p>\n", escaped(words))
        }
        _ => format!("<p>{}</p>\n", escaped(&lines.join(" "))),
    }
}

/// A page from the file of pages: its title, a sentence, and what the form has.
fn page(texts: &Texts, template: &Template) -> Option<Parts> {
    let section = section(texts.pages, template.name)?;
    let mut lines = section.lines();
    let title = engine::html(lines.next()?);
    let mut html = format!("<h1>{title}</h1>\n");
    if template.has("TEXT") {
        html.push_str("[[IF:TEXT]]\n<p><strong>[[TEXT]]</strong></p>\n[[ENDIF:TEXT]]\n");
    }
    let mut form = String::new();
    for line in lines.filter(|line| !line.is_empty()) {
        match line.split_at_checked(2) {
            Some(("* ", label)) => form.push_str(&format!(
                "<label for=\"password\">{}</label>\n<input type=\"password\" id=\"password\" \
                 name=\"password\" autocomplete=\"new-password\" required=\"required\"/>\n",
                engine::html(label)
            )),
            Some(("@ ", button)) => form.push_str(&format!(
                "<button class=\"button\" type=\"submit\">{}</button>\n",
                engine::html(button)
            )),
            _ => html.push_str(&format!("<p>{}</p>\n", engine::html(line))),
        }
    }
    if !form.is_empty() {
        html.push_str(&format!("<form method=\"post\">\n{form}</form>\n"));
    }
    html.push_str(
        "[[IF:SUPPORTEMAIL]]\n<p class=\"small\">[[BRAND]], [[SUPPORTEMAIL]]</p>\n[[ENDIF:SUPPORTEMAIL]]\n",
    );
    let html = framed(texts.language, &title, &html);
    Some(Parts { html: with_main(&html), ..Parts::default() })
}

/// A page has one main part, which a mail must not have: few mail readers know the tag.
fn with_main(html: &str) -> String {
    html.replacen("<div class=\"sheet\">", "<main class=\"sheet\">", 1).replacen("</div>", "</main>", 1)
}

/// A sentence for a page that asks once more, in that language or in English.
pub fn sentence(language: &str, name: &str) -> &'static str {
    let texts = if language == GERMAN.language { &GERMAN } else { &ENGLISH };
    section(texts.pages, name).map_or("", str::trim)
}

/// The section of a page: its own, or the one for all pages of its ending, or of its beginning.
fn section(pages: &'static str, name: &str) -> Option<&'static str> {
    let find =
        |title: &str| pages.split("= ").find_map(|section| section.strip_prefix(title)?.strip_prefix('\n'));
    let (begin, end) = name.split_once('-').unwrap_or((name, ""));
    find(name).or_else(|| find(&format!("-{end}"))).or_else(|| find(begin))
}
