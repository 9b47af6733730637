//! Every built-in mail and page, in every language: it can be filled, says what it must, and can be read.

use std::collections::BTreeSet;

use regserver::mail::catalogue::{TEMPLATES, VARIABLES};
use regserver::mail::{Kind, Named, Page, Parts, Template, Values, built_in, check, filled, shown, syntax};

/// Every built-in template with its parts.
fn all() -> impl Iterator<Item = (&'static Template, &'static str, &'static Parts)> {
    built_in::LANGUAGES.into_iter().flat_map(|language| {
        // A page in place of an address is written by a provider or by nobody.
        TEMPLATES.iter().filter(|template| template.kind != Kind::Redirect).map(move |template| {
            let parts = built_in::find(template, language);
            (template, language, parts.unwrap_or_else(|| panic!("{} ({language})", template.name)))
        })
    })
}

/// Made-up values, and the same without what may be blank.
fn values(template: &Template, language: &str) -> [Values; 2] {
    let full = Values::made_up(template, language);
    let mut bare = full.clone();
    VARIABLES.iter().filter(|variable| variable.optional).for_each(|variable| bare.set(variable.name, ""));
    [full, bare]
}

/// Subject, text and HTML of a template, or of a page its HTML alone.
fn made(template: &Template, parts: &Parts, values: &Values) -> (String, String, String) {
    match template.kind {
        Kind::Mail => {
            let mail =
                filled(template, parts, values).unwrap_or_else(|why| panic!("{}: {why}", template.name));
            (mail.subject, mail.text, mail.html.unwrap_or_default())
        }
        Kind::Page | Kind::Question | Kind::Redirect => match shown(template, parts, values).unwrap() {
            Page::Html(html) => (String::new(), String::new(), html),
            Page::Elsewhere(url) => panic!("{} leads to {url}", template.name),
        },
    }
}

#[test]
fn every_built_in_template_could_be_a_providers_own() {
    for (template, language, parts) in all() {
        assert_eq!(check::tidied(parts), *parts, "{} ({language})", template.name);
        check::check(template, parts).unwrap_or_else(|why| panic!("{} ({language}): {why}", template.name));
    }
    assert_eq!(TEMPLATES.iter().filter(|template| template.kind == Kind::Mail).count(), 15);
}

#[test]
fn nothing_is_left_over_when_it_is_filled() {
    for (template, language, parts) in all() {
        for values in values(template, language) {
            let (subject, text, html) = made(template, parts, &values);
            for part in [&subject, &text, &html] {
                for left in ["[[", "]]", "{{", "{%", "@LANGUAGE@", "@TITLE@", "@BODY@"] {
                    assert!(!part.contains(left), "{} ({language}) has {left}: {part}", template.name);
                }
            }
            assert!(!subject.contains(['\r', '\n']), "{}: {subject}", template.name);
            assert_eq!(subject.is_empty(), template.kind != Kind::Mail, "{}", template.name);
        }
    }
}

#[test]
fn the_html_is_well_formed_and_in_its_language() {
    for (template, language, parts) in all() {
        for values in values(template, language) {
            let (_, _, html) = made(template, parts, &values);
            let body = html.strip_prefix("<!DOCTYPE html>\n").unwrap();
            let document = roxmltree::Document::parse(body)
                .unwrap_or_else(|why| panic!("{}: {why}\n{html}", template.name));
            assert_eq!(document.root_element().attribute("lang"), Some(language));
            let title = document.descendants().find(|node| node.has_tag_name("title")).unwrap();
            assert!(title.text().is_some_and(|text| text.len() > 5), "{}", template.name);
            let forms = document.descendants().filter(|node| node.has_tag_name("form")).count();
            assert_eq!(forms, usize::from(template.kind == Kind::Question), "{}", template.name);
        }
    }
}

#[test]
fn lines_of_text_fit_a_narrow_window() {
    for (template, language, parts) in all() {
        for values in values(template, language) {
            let (_, text, _) = made(template, parts, &values);
            for line in text.lines().filter(|line| !line.starts_with("https://")) {
                assert!(line.chars().count() <= 78, "{} ({language}): {line}", template.name);
            }
            assert!(!text.contains("\n\n\n"), "{} ({language}) has two blank lines: {text}", template.name);
        }
    }
}

#[test]
fn both_parts_of_a_mail_say_the_same() {
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !c.is_alphabetic()).filter(|word| word.len() > 3).map(str::to_owned).collect()
    };
    for (template, language, parts) in all().filter(|(template, ..)| template.kind == Kind::Mail) {
        let (_, text, html) = made(template, parts, &Values::made_up(template, language));
        let document = html.strip_prefix("<!DOCTYPE html>\n").unwrap().to_owned();
        let document = roxmltree::Document::parse(&document).unwrap();
        let body = document.descendants().find(|node| node.has_tag_name("body")).unwrap();
        let seen: Vec<&str> = body.descendants().filter_map(|node| node.text()).collect();
        assert_eq!(words(&text), words(&seen.join(" ")), "{} ({language})", template.name);
    }
}

#[test]
fn each_language_is_spoken_everywhere() {
    let german = [" Sie ", "Ihr", " ist ", "Ihre ", " nicht "];
    let english = [" you ", "You", "your", " the ", "This ", " is "];
    for (template, language, parts) in all() {
        let (_, text, html) = made(template, parts, &Values::made_up(template, language));
        let body = html.split("<body>").nth(1).unwrap();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word) || body.contains(word));
        let (own, other) =
            if language == "de" { (&german[..], &english[..]) } else { (&english[..], &german[..]) };
        assert!(says(own), "{} ({language}) says nothing in its language", template.name);
        let plain = [" the ", " your ", " nicht ", " Ihr "];
        let foreign: Vec<_> = other.iter().filter(|word| plain.contains(word)).copied().collect();
        assert!(!says(&foreign), "{} ({language}) speaks another one: {text}", template.name);
    }
}

/// A mail whose point is a link or a code has it; and it uses everything that it may use of its own.
#[test]
fn every_variable_of_a_mails_own_is_used() {
    for (template, language, parts) in all() {
        let used = |name: &str| {
            [&parts.subject, &parts.text, &parts.html]
                .iter()
                .any(|part| part.contains(&format!("[[{name}]]")))
        };
        let common = ["PROVIDER", "SUPPORTEMAIL", "SERVERURL", "EMAIL", "USERNAME", "BRAND"];
        for variable in template.variables().filter(|name| !common.contains(name)) {
            assert!(used(variable), "{} ({language}) never says {variable}", template.name);
        }
        assert!(used("BRAND"), "{} ({language})", template.name);
    }
}

#[test]
fn every_template_is_found_by_its_full_name_alone() {
    let mut names = BTreeSet::new();
    for named in Named::all() {
        let name = named.full();
        let found = Named::find(&name).unwrap();
        assert_eq!((found.family, found.template.name), (named.family, named.template.name));
        assert!(!named.template.about.is_empty() && names.insert(name));
    }
    assert!(
        TEMPLATES
            .iter()
            .all(|template| template.variables().all(|name| VARIABLES.iter().any(|v| v.name == name)))
    );
}

/// What each condition does, for a variable with a value and without one.
#[test]
fn conditions_do_what_they_say() {
    let template = regserver::mail::catalogue::find("license-created").unwrap();
    let fill = |text: &str, until: &str| {
        let mut values = Values::made_up(template, "en");
        values.set("VALIDUNTIL", until);
        let parts = Parts { subject: "S".into(), text: text.into(), html: String::new() };
        filled(template, &parts, &values).unwrap_or_else(|why| panic!("{why}: {text}")).text
    };
    let (is, not) = (
        "[[IF:VALIDUNTIL]]a[[ELSE:VALIDUNTIL]]b[[ENDIF:VALIDUNTIL]]",
        "[[IFNOT:VALIDUNTIL]]a[[ENDIF:VALIDUNTIL]]",
    );
    assert_eq!(
        (fill(is, "x"), fill(is, ""), fill(not, "x"), fill(not, "")),
        ("a".into(), "b".into(), String::new(), "a".into())
    );
    let ladder = "[[IF:VALIDUNTIL=x]]1[[ELSEIF:VALIDUNTIL=y z]]2[[ELSEIF:VALIDUNTIL]]3[[ELSE:VALIDUNTIL]]4[[ENDIF:VALIDUNTIL]]";
    assert_eq!(["x", "y z", "X", ""].map(|until| fill(ladder, until)), ["1", "2", "3", "4"]);
    assert_eq!(["x", "y"].map(|until| fill("[[IFNOT:VALIDUNTIL=x]]n[[ENDIF:VALIDUNTIL]]", until)), ["", "n"]);
    let nested = "[[IF:VALIDUNTIL]]<[[IF:BRAND=no]]a[[ELSE:BRAND]]b[[ENDIF:BRAND]]>[[ENDIF:VALIDUNTIL]]";
    assert_eq!((fill(nested, "x"), fill(nested, "")), ("<b>".into(), String::new()));
    // A line of conditions alone leaves nothing behind; one with words stays a line.
    assert_eq!(fill("a\n[[IF:VALIDUNTIL]]\nb\n[[ENDIF:VALIDUNTIL]]\nc", "x"), "a\nb\nc");
    assert_eq!(fill("a\n[[IF:VALIDUNTIL]]\nb\n[[ENDIF:VALIDUNTIL]]\nc", ""), "a\nc");
    assert_eq!(fill("a[[IF:VALIDUNTIL]] b[[ENDIF:VALIDUNTIL]]\nc", "x"), "a b\nc");
    // Brackets that are no tag, and the engine's own language, are text.
    for text in
        ["[[1,2],[3]]", "a[[0]]", "{{ 7*7 }}{% if %}{# x #}{{", "[[[[", "[[]]", "<![CDATA[[x y]]>", "%}}}"]
    {
        assert_eq!(fill(text, "x"), text);
    }
    assert_eq!(fill("[[[BRAND]]]", "x"), "[Example Cloud]");
}

#[test]
fn conditions_have_an_end() {
    let template = regserver::mail::catalogue::find("passwd-reset").unwrap();
    let deep = |n: usize| format!("{}x{}", "[[IF:EMAIL]]".repeat(n), "[[ENDIF:EMAIL]]".repeat(n));
    let wide = |n: usize| format!("[[IF:EMAIL=a]]{}x[[ENDIF:EMAIL]]", "[[ELSEIF:EMAIL=b]]".repeat(n - 1));
    let many = |n: usize| "[[EMAIL]] ".repeat(n);
    for (make, most) in [
        (&deep as &dyn Fn(usize) -> String, syntax::DEEPEST),
        (&wide, syntax::DEEPEST),
        (&many, syntax::MOST_TAGS),
    ] {
        let parts = |n| Parts { subject: "S".into(), text: make(n), html: String::new() };
        assert_eq!(check::check(template, &parts(most)), Ok(()));
        let why = check::check(template, &parts(most + 1)).unwrap_err();
        assert!(why.contains("more than "), "{why}");
    }
}
