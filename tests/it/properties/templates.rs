//! Templates: whatever is written is refused or can be filled, and no value leaves its place.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use regserver::mail::catalogue::{TEMPLATES, find};
use regserver::mail::{Kind, Page, Parts, Values, check, filled, shown};

use super::settings;

/// Texts that are nearly templates.
fn written() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        8 => select(vec![
            "[[USERNAME]]", "[[BRAND]]", "[[TEXT]]", "[[IF:BRAND]]", "[[ENDIF:BRAND]]", "[[IF:EMAIL=x]]", "[[ELSE:EMAIL]]",
            "[[ENDIF:EMAIL]]", "[[IFNOT:BRAND]]", "[[ELSE:BRAND]]", "[[ELSEIF:BRAND=a b]]", "[[IFNOT:EMAIL=\"\\]]",
            "{{ 7*7 }}", "{% raw %}", "{% endraw %}", "{#", "#}", "{{", "}}", "%}", "{%- if", "[[", "]]", "\n", "\r\n", " ", "<p>",
            "&", "\"", "\\", "x", "text0", "{{ text0 }}",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
        1 => "\\[\\[[A-Z:=]{0,12}\\]?\\]?",
    ];
    vec(part, 0..14).prop_map(|parts| parts.concat())
}

/// The same as whole templates: conditions that are closed, in any depth.
fn whole() -> impl Strategy<Value = String> {
    let leaf = select(vec!["a", "[[USERNAME]]", "[[BRAND]]", "{{x}}", "{% if %}", "\n", "[x]", "<b>"])
        .prop_map(str::to_owned);
    leaf.prop_recursive(4, 40, 4, |inner| {
        (vec(inner, 1..4), select(vec!["BRAND", "EMAIL"]), any::<bool>(), any::<bool>()).prop_map(
            |(inner, name, not, or)| {
                let word = if not { "IFNOT" } else { "IF" };
                let or = if or { format!("[[ELSEIF:{name}=q]]z[[ELSE:{name}]]y") } else { String::new() };
                format!("[[{word}:{name}]]{}{or}[[ENDIF:{name}]]", inner.concat())
            },
        )
    })
}

#[test]
fn what_is_written_is_refused_or_can_be_filled() {
    let at = 0..TEMPLATES.len();
    proptest!(settings(3_000), |(at in at, subject in written(), text in written(), html in written(), value in any::<String>())| {
        let template = &TEMPLATES[at];
        let parts = check::tidied(&Parts { subject, text, html });
        let mut values = Values::made_up(template, "en");
        for name in template.variables() { values.set(name, &value); }
        if check::check(template, &parts).is_err() {
            // Nothing panics on it either.
            let _ = filled(template, &parts, &values);
            return Ok(());
        }
        match template.kind {
            Kind::Mail => {
                let mail = filled(template, &parts, &values).map_err(TestCaseError::fail)?;
                prop_assert!(!mail.subject.chars().any(char::is_control), "{:?}", mail.subject);
            }
            Kind::Page | Kind::Question | Kind::Redirect => drop(shown(template, &parts, &values).map_err(TestCaseError::fail)?),
        }
    });
}

#[test]
fn a_template_without_faults_is_never_refused() {
    let template = find("passwd-reset").unwrap();
    proptest!(settings(1_000), |(parts in vec(whole(), 1..4))| {
        let text = parts.concat();
        let parts = check::tidied(&Parts { subject: "S".into(), text: format!("x{text}x"), html: String::new() });
        prop_assert_eq!(check::check(template, &parts), Ok(()), "{}", text);
    });
}

/// Text that has no brackets of ours comes out as it went in, whatever it would mean to the engine.
#[test]
fn text_is_text() {
    let template = find("passwd-reset").unwrap();
    let text = vec(
        select(vec![
            "{{", "}}", "{%", "%}", "{#", "#}", "-", " ", "if", "raw", "endraw", "\"", "'", "\\", "\n", "x",
            "[", "]",
        ]),
        1..20,
    );
    proptest!(settings(2_000), |(text in text)| {
        let text = format!("a{}a", text.concat());
        prop_assume!(!text.contains("[["));
        let parts = Parts { subject: "S".into(), text: text.clone(), html: text.clone() };
        let mail = filled(template, &parts, &Values::made_up(template, "en")).map_err(TestCaseError::fail)?;
        prop_assert_eq!((mail.text, mail.html), (text.clone(), Some(text)));
    });
}

#[test]
fn values_stay_in_their_place() {
    let template = find("group-invitation").unwrap();
    let parts = Parts {
        subject: "[[USERNAME]]: [[TEXT]]".into(),
        text: "<[[USERNAME]]>".into(),
        html: "<p title=\"[[USERNAME]]\" lang='[[GROUPNAME]]'>[[TEXT]]</p>".into(),
    };
    check::check(template, &parts).unwrap();
    let value = prop_oneof![
        any::<String>(),
        vec(
            select(vec![
                "<script>",
                "{{7*7}}",
                "\r\n",
                "\n",
                "Bcc: x@y",
                "\"",
                "'",
                "&",
                "[[TMPPASSWORD]]",
                "\u{2028}",
                "\u{0}",
                "]]>"
            ]),
            0..8
        )
        .prop_map(|parts| parts.concat()),
    ];
    proptest!(settings(3_000), |(value in value)| {
        let mut values = Values::made_up(template, "en");
        for name in ["USERNAME", "GROUPNAME", "TEXT"] { values.set(name, &value); }
        let mail = filled(template, &parts, &values).map_err(TestCaseError::fail)?;
        let broken = |c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}';
        prop_assert!(!mail.subject.contains(broken), "{:?}", mail.subject);
        let inner = mail.text.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')).unwrap();
        prop_assert!(!inner.contains(broken), "{inner:?}");
        prop_assert_eq!(values.get("USERNAME"), Some(inner));
        let html = mail.html.unwrap();
        // What XML cannot hold at all is not what this is about.
        prop_assume!(html.chars().all(|c| !matches!(c, '\u{FFFE}' | '\u{FFFF}')));
        let document = roxmltree::Document::parse(&html).map_err(|why| TestCaseError::fail(format!("{why}: {html}")))?;
        let root = document.root_element();
        prop_assert_eq!(root.attributes().len(), 2);
        prop_assert_eq!(root.attribute("lang"), values.get("GROUPNAME"));
        prop_assert!(root.descendants().skip(1).all(|node| node.is_text() || node.has_tag_name("br")));
    });
}

#[test]
fn a_flood_ends() {
    let template = find("group-invitation").unwrap();
    let mut values = Values::made_up(template, "en");
    values.set("TEXT", &"<".repeat(100_000));
    let flood = Parts { subject: "S".into(), text: "x".into(), html: "[[TEXT]]".repeat(2_000) };
    assert_eq!(check::check(template, &flood), Ok(()));
    assert!(filled(template, &flood, &values).unwrap_err().contains("longer than"));
    let page = find("activated-web").unwrap();
    let brackets = Parts { html: "[[".repeat(131_000), ..Parts::default() };
    assert!(matches!(shown(page, &brackets, &Values::made_up(page, "en")), Ok(Page::Html(_))));
}
