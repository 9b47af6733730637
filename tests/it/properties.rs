//! Clever structures against simple ones: the address book, the patterns, the search; templates; and the counts of
//! licences, groups and depots.

mod depots;
mod groups;
mod licenses;
mod machine;
mod templates;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use regserver::cli::notation;
use regserver::domain::names;
use regserver::domain::pattern::Pattern;
use regserver::gate::addresses::{AddressBook, plain};
use regserver::store::search::{indexed, indexed_provider};

use crate::world::World;

fn settings(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Addresses that lie close together, so that ranges meet.
fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        (0..3u8, any::<u8>()).prop_map(|(c, d)| IpAddr::V4(Ipv4Addr::new(10, 0, c, d))),
        (0..3u16, any::<u16>()).prop_map(|(g, h)| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, g, h))),
        (0..3u8, any::<u8>()).prop_map(|(c, d)| IpAddr::V6(Ipv4Addr::new(10, 0, c, d).to_ipv6_mapped())),
        any::<u32>().prop_map(|number| IpAddr::V4(number.into())),
        any::<u128>().prop_map(|number| IpAddr::V6(number.into())),
    ]
}

fn network() -> impl Strategy<Value = IpNet> {
    (address(), 0..=128u8, 0..4u8).prop_map(|(address, length, wide)| match plain(address) {
        IpAddr::V4(v4) => {
            let length = if wide == 0 { length % 33 } else { 24 + length % 9 };
            IpNet::V4(Ipv4Net::new(v4, length).unwrap().trunc())
        }
        IpAddr::V6(v6) => {
            let length = if wide == 0 { length } else { 112 + length % 17 };
            IpNet::V6(Ipv6Net::new(v6, length).unwrap().trunc())
        }
    })
}

fn overlaps(entries: &[(IpNet, usize)]) -> bool {
    let meet = |a: &IpNet, b: &IpNet| a.contains(b) || b.contains(a);
    entries.iter().any(|(a, x)| entries.iter().any(|(b, y)| x != y && meet(a, b)))
}

#[test]
fn the_address_book_is_a_list_of_ranges() {
    proptest!(settings(2_000), |(entries in vec((network(), 0..4usize), 0..12), asked in vec(address(), 1..40), at in any::<Index>())| {
        let book = AddressBook::new(&entries);
        prop_assert_eq!(book.is_err(), overlaps(&entries));
        match book {
            Ok(book) => {
                // Also the edges of a range: that is where a search goes wrong.
                let edges = entries.get(at.index(entries.len().max(1)));
                let edges = edges.map(|(network, _)| [network.network(), network.broadcast()]);
                for address in asked.into_iter().chain(edges.into_iter().flatten()) {
                    let naive = entries.iter().find(|(network, _)| network.contains(&plain(address)));
                    prop_assert_eq!(book.owner(address), naive.map(|(_, owner)| *owner), "{}", address);
                }
            }
            Err(overlap) => {
                let (a, b) = overlap.networks;
                prop_assert!(overlap.owners.0 != overlap.owners.1 && (a.contains(&b) || b.contains(&a)));
                prop_assert!(entries.contains(&(a, overlap.owners.0)) && entries.contains(&(b, overlap.owners.1)));
            }
        }
    });
}

/// A pattern as a regular expression over folded text.
fn expression(pattern: &str) -> regex::Regex {
    let stars = |given: bool| if given { ".*" } else { "" };
    let inner = names::key(pattern.trim_matches('*'));
    let text = format!(
        "(?s)^{}{}{}$",
        stars(pattern.starts_with('*')),
        regex::escape(&inner),
        stars(pattern.ends_with('*'))
    );
    regex::Regex::new(&text).unwrap()
}

#[test]
fn patterns_are_regular_expressions() {
    let text = || "[abAB*.\\\\$ßüÜ]{0,8}";
    proptest!(settings(5_000), |(pattern in "\\*{0,2}[abAB.\\\\$ßüÜ]{0,6}\\*{0,2}", text in text())| {
        let inner = pattern.trim_matches('*');
        match Pattern::read(&pattern) {
            Err(_) => prop_assert!(inner.chars().count() < 3 || names::key(inner).chars().count() < 3),
            Ok(read) => {
                let key = names::key(&text);
                prop_assert_eq!(read.matches(&key), expression(&pattern).is_match(&key), "{} {}", pattern, text);
            }
        }
    });
}

struct User {
    id: i64,
    name: String,
    email: String,
    department: String,
    provider: &'static str,
    active: bool,
}

/// A world with users whose names and addresses look alike.
fn crowd() -> (World, Vec<User>) {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True").server("SearchResultsPerPage", "7");
    });
    let syllables = ["ann", "nna", "ban", "ÄNN", "straße", "a n", "n-a"];
    let mut users = Vec::new();
    for n in 0..120_usize {
        let part = |k: usize| syllables[(n / k + k) % syllables.len()];
        let name = format!("{}{}{n}", part(1), part(7));
        let email = format!("{}.{n}@{}.example.com", ["ann", "Banna", "nan"][n % 3], ["mail", "post"][n % 2]);
        let (service, provider) = [("portal", "DEMO"), ("shop", "ACME"), ("branch", "BETA")][n % 3];
        let department = ["Sales", "Support", ""][n / 5 % 3].to_owned();
        let active = n % 4 != 0;
        let fields =
            format!("username='{name}' useremail={email} department='{department}' activate={active}");
        let id = world.service(service).ask("registeruser", &fields).done().number("userid");
        users.push(User { id, name, email, department, provider, active });
    }
    (world, users)
}

fn pattern() -> impl Strategy<Value = Option<String>> {
    let inner = select(vec![
        "ann",
        "anna",
        "NNA",
        "nna1",
        "ban",
        "änn",
        "STRASSE",
        "n-a",
        "a n",
        "mail",
        ".1",
        "@post",
        "zzz",
        "annann1",
        "example.com",
        "sal",
        "Support",
    ]);
    let form = select(vec!["{}", "*{}", "{}*", "*{}*", "{}*", "*{}*"]);
    proptest::option::weighted(0.4, (inner, form).prop_map(|(inner, form)| form.replace("{}", inner)))
}

#[test]
fn a_search_is_a_filter() {
    let (world, users) = crowd();
    let service = select(vec![("portal", "DEMO"), ("shop", "ACME"), ("branch", "BETA")]);
    proptest!(settings(400), |(name in pattern(), email in pattern(), department in pattern(), own in any::<bool>(),
        active in proptest::option::of(any::<bool>()), (service, provider) in service)| {
        let own = own || (name.is_none() && email.is_none() && department.is_none());
        let valid = |text: &Option<String>| text.as_ref().is_none_or(|text| Pattern::read(text).is_ok());
        prop_assume!(valid(&name) && valid(&email) && valid(&department));
        let mut fields = format!("onlyownusers={own}");
        for (field, text) in [("username", &name), ("email", &email), ("department", &department)] {
            if let Some(text) = text { fields.push_str(&format!(" {field}='{text}'")); }
        }
        if let Some(active) = active { fields.push_str(if active { " status=activated" } else { " status=inactive" }); }
        let sees = |user: &User| match (own, provider) {
            (true, _) | (_, "BETA") => user.provider == provider,
            (_, "ACME") => user.provider != "DEMO",
            _ => true,
        };
        let fits = |pattern: &Option<String>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| expression(pattern).is_match(&names::key(text)))
        };
        let expected: Vec<i64> = users.iter().filter(|user| sees(user) && fits(&name, &user.name)
            && fits(&email, &user.email) && fits(&department, &user.department)
            && active.is_none_or(|active| active == user.active)).map(|user| user.id).collect();
        let mut found = Vec::new();
        loop {
            let after = found.last().copied().unwrap_or(4);
            let reply = world.service(service).ask("searchuser", &format!("{fields} startid={after}")).done();
            let page: Vec<i64> = reply.texts("userid").iter().map(|id| id.parse().unwrap()).collect();
            prop_assert!(page.len() <= 7);
            if page.is_empty() { break; }
            found.extend(page);
        }
        prop_assert_eq!(found, expected, "{} {}", service, fields);
    });
}

/// Letters that a search could stumble over: quotes, operators, letters of other planes, letters that fold
/// into others or into several, and marks that combine.
const ODD: &str = "aabbAB\"'()^:-+\\ßẞİıſKäÄ\u{301}\u{308}Σςΐﬁŉᄀ각\u{1F600}\u{10348}";

/// More users than are looked at one by one, so that the search index is asked; put in from outside.
fn multitude() -> (World, Vec<(i64, i64, [String; 3])>) {
    let mut world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True").server("SearchResultsPerPage", "1000");
    });
    world.stop();
    let letters: Vec<char> = ODD.chars().collect();
    let mut seed = 7_usize;
    let mut word = |most: usize| -> String {
        let mut next = |below: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        (0..1 + next(most)).map(|_| letters[next(letters.len())]).collect()
    };
    let mut connection = rusqlite::Connection::open(world.database()).unwrap();
    let transaction = connection.transaction().unwrap();
    let add = |sql: &str, values: &[&dyn rusqlite::ToSql]| {
        transaction.prepare_cached(sql).unwrap().execute(values).unwrap();
    };
    let users: Vec<_> = (0..20_500_i64)
        .map(|n| {
            let reference = if n % 700 == 0 { word(255) } else { word(8) };
            let department = if n % 4 == 0 { word(5) } else { "Common Department".into() };
            (1_000 + n, 1 + n % 7 % 3, [format!("{}{n}", word(6)), reference, department])
        })
        .collect();
    for (id, provider, [name, reference, department]) in &users {
        add("INSERT INTO users (id, providerid, username, name_key, reference, department, email, email_key, password,
             status, before, language, authid, keyrepository, newsletter, emailbounced, webportal, created, modnumber, rights,
             userkey)
             VALUES ($1, $2, $3, $4, $5, $6, 'x@x.x', 'x@x.x', '', 'activated', '', 'en', '', 0, 0, 0, 1, 0, 1, 0, 'uk-' || $1)",
            &[id, provider, name, &names::key(name), reference, department]);
        let text = |text: &String| indexed(&names::key(text));
        add(
            "INSERT INTO users_text (rowid, provider, name, email, reference, department) VALUES ($1, $2, $3, '', $4, $5)",
            &[id, &indexed_provider(*provider), &text(name), &text(reference), &text(department)],
        );
    }
    transaction.commit().unwrap();
    drop(connection);
    world.restart();
    (world, users)
}

/// A part of a text, with the stars that make it one, or more of them.
fn part_of(text: &str, (from, to): (Index, Index), (before, behind): (bool, bool)) -> Option<String> {
    let letters: Vec<char> = text.chars().collect();
    let room = letters.len().checked_sub(2)?;
    let from = from.index(room.max(1));
    let end = from + 3 + to.index((letters.len() - from).saturating_sub(2).max(1));
    let inner: String = letters.get(from..end)?.iter().collect();
    let star = |given: bool| if given { "*" } else { "" };
    let pattern = format!("{}{inner}{}", star(before || from > 0), star(behind || end < letters.len()));
    Pattern::read(&pattern).is_ok().then_some(pattern)
}

#[test]
fn a_search_among_many_is_a_filter_too() {
    let (world, users) = multitude();
    let service = select(vec![("portal", 1), ("shop", 2), ("branch", 3)]);
    let parts =
        proptest::array::uniform3(proptest::option::of((any::<(Index, Index)>(), any::<(bool, bool)>())));
    proptest!(settings(200), |(at in any::<Index>(), parts in parts, own in any::<bool>(), (service, provider) in service)| {
        let texts = &at.get(&users).2;
        let patterns: Vec<_> = texts.iter().zip(&parts).map(|(text, part)| {
            part.as_ref().and_then(|(cut, stars)| part_of(text, *cut, *stars))
        }).collect();
        prop_assume!(patterns.iter().any(Option::is_some));
        let mut fields = vec![("onlyownusers".to_owned(), own.to_string())];
        for (field, pattern) in ["username", "reference", "department"].iter().zip(&patterns) {
            fields.extend(pattern.clone().map(|pattern| (field.to_string(), pattern)));
        }
        let sees = |of: i64| match (own, provider) {
            (true, _) | (_, 3) => of == provider,
            (_, 2) => of != 1,
            _ => true,
        };
        let patterns: Vec<_> = patterns.iter().map(|text| text.as_ref().map(|text| Pattern::read(text).unwrap())).collect();
        let fits = |texts: &[String; 3]| patterns.iter().zip(texts).all(|(pattern, text)| {
            pattern.as_ref().is_none_or(|pattern| pattern.matches(&names::key(text)))
        });
        let expected: Vec<i64> = users.iter().filter(|user| sees(user.1) && fits(&user.2)).map(|user| user.0).collect();
        let body = notation::xml("searchuser", &fields, world.seconds());
        let reply = world.service(service).body(body.as_bytes()).done();
        let found: Vec<i64> = reply.texts("userid").iter().map(|id| id.parse().unwrap()).collect();
        let (page, total) = (expected.len().min(1_000), reply.number("total"));
        prop_assert_eq!((&found[..], total), (&expected[..page], page as i64), "{} {:?}", service, fields);
    });
}
