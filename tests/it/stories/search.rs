//! Search: patterns, combinations, pages, totals, and whose users are seen.

use regserver::error::Code;

use crate::world::{Reply, World, set};

fn world() -> World {
    let world = World::new();
    for (n, (name, fields)) in [
        ("Carol Adams", "department=Sales reference=R-100"),
        ("carola", "department=Sales"),
        ("mc-carol", "department=Support reference=R-101"),
        ("oscar", "language=de"),
        ("Ünal Öztürk", "department='Human Resources'"),
    ]
    .iter()
    .enumerate()
    {
        let activate = n % 2 == 0;
        world
            .call(&format!("registeruser username='{name}' useremail=u{n}@mail{n}.example.com {fields} activate={activate}"))
            .done();
    }
    world
}

fn names(reply: &Reply) -> Vec<String> {
    reply.texts("username")
}

#[track_caller]
fn finds(world: &World, fields: &str, expected: &[&str]) {
    let reply = world.call(&format!("searchuser {fields}")).done();
    assert_eq!(names(&reply), expected, "{fields}");
    let count = expected.len().to_string();
    assert_eq!((reply.text("current"), reply.text("total")), (count.clone(), count), "{fields}");
    assert_eq!(reply.find("totalisminimum"), None);
}

#[test]
fn a_star_stands_for_any_run_at_either_end() {
    let world = world();
    finds(&world, "username=carol", &[]);
    finds(&world, "username=carola", &["carola"]);
    finds(&world, "username=carol*", &["Carol Adams", "carola"]);
    finds(&world, "username=*carol", &["mc-carol"]);
    finds(&world, "username=*carol*", &["Carol Adams", "carola", "mc-carol"]);
    finds(&world, "username=**CAR**", &["Carol Adams", "carola", "mc-carol", "oscar"]);
    finds(&world, "username='*l a*'", &["Carol Adams"]);
    finds(&world, "username='*ÖZTÜRK'", &["Ünal Öztürk"]);
    finds(&world, "username='ünal ö*'", &["Ünal Öztürk"]);
    finds(&world, "email=*@mail3.example.com", &["oscar"]);
    finds(&world, "email=U3@*", &["oscar"]);
}

#[test]
fn everything_given_must_hold() {
    let world = world();
    finds(&world, "username=*carol* department=sales", &["Carol Adams", "carola"]);
    finds(&world, "username=*carol* department=*sup*", &["mc-carol"]);
    finds(&world, "username=*carol* email=u0@*", &["Carol Adams"]);
    finds(&world, "reference=r-10*", &["Carol Adams", "mc-carol"]);
    finds(&world, "reference=R-100 department=Support", &[]);
    finds(&world, "department='human resources'", &["Ünal Öztürk"]);
    finds(&world, "username=*carol* status=activated", &["Carol Adams", "mc-carol"]);
    finds(&world, "username=*carol* status=inactive", &["carola"]);
    finds(&world, "onlyownusers=1 status=disabled", &[]);
}

#[test]
fn patterns_need_three_characters() {
    let world = world();
    for field in ["username", "email", "reference", "department"] {
        for pattern in ["ca", "ca*", "*ca", "*ca*", "***", "*", "e\u{301}a"] {
            let reply = world.call(&format!("searchuser {field}='{pattern}'")).refused(Code::InvalidRequest);
            reply.says(&format!("Invalid Request: {field} needs at least 3 characters besides *"));
        }
        let reply = world.call(&format!("searchuser {field}=a*ice")).refused(Code::InvalidRequest);
        reply.says(&format!("Invalid Request: {field} may have * at the start and the end only"));
    }
    // Also where the provider's users are listed: a pattern that is given must be one.
    world.call("searchuser onlyownusers=true username=a*").refused(Code::InvalidRequest);
    let none = "Invalid Request: one of username, email, reference, department is needed, or onlyownusers";
    world.call("searchuser status=activated").refused(Code::InvalidRequest).says(none);
}

#[test]
fn whose_users_are_seen() {
    let allowed = |yes: &str| {
        World::with(|config| {
            config.server("APIAllowSettingDistributor", yes);
        })
    };
    let (shut, open) = (allowed("False"), allowed("True"));
    let seen = |world: &World, service: &str, fields: &str| {
        names(&world.service(service).ask("searchuser", fields).done())
    };
    let any = "email=*@example*";
    assert_eq!(seen(&shut, "portal", any), ["alice", "edgar"]);
    assert_eq!(seen(&shut, "shop", any), ["sheila"]);
    assert_eq!(seen(&open, "portal", any), ["alice", "edgar", "sheila", "bruno"]);
    assert_eq!(seen(&open, "shop", any), ["sheila", "bruno"]);
    assert_eq!(seen(&open, "branch", any), ["bruno"]);
    assert_eq!(seen(&open, "portal", "onlyownusers=true"), ["alice", "edgar"]);
    assert_eq!(seen(&open, "shop", "onlyownusers=true distributor=BETA"), ["bruno"]);
    assert_eq!(seen(&open, "shop", &format!("{any} onlyownusers=1")), ["sheila"]);
    // Exact names and short prefixes go by another index, with the same eyes.
    for fields in
        ["username=alice", "username=ali*", "email=alice@example.com", "username=*lic*", "department=Support"]
    {
        assert_eq!(seen(&shut, "shop", fields), [""; 0], "{fields}");
        assert_eq!(seen(&open, "shop", fields), [""; 0], "{fields}");
        assert_eq!(seen(&open, "portal", fields), ["alice"], "{fields}");
    }
}

#[test]
fn pages_go_on_where_the_last_one_ended() {
    let world = World::with(|config| {
        config.server("SearchResultsPerPage", "3");
    });
    for n in 0..10 {
        world.call(&format!("registeruser username=person{n:02} useremail=p{n:02}@example.com")).done();
    }
    let patterns = [
        "username=person*",
        "email=*@example.com",
        "username=*erso*",
        "email=*@example.com username=person*",
    ];
    for fields in patterns {
        let (mut after, mut seen) = (0, Vec::new());
        loop {
            let reply = world.call(&format!("searchuser {fields} startid={after}")).done();
            assert_eq!(reply.text("maximum"), "3");
            let ids: Vec<i64> = reply.texts("userid").iter().map(|id| id.parse().unwrap()).collect();
            assert!(ids.is_sorted() && ids.len() <= 3 && reply.number("current") == ids.len() as i64);
            let Some(last) = ids.last() else { break };
            after = *last;
            seen.extend(ids);
        }
        assert!(seen.is_sorted() && seen.len() >= 10, "{fields}: {seen:?}");
    }
    assert_eq!(world.call("searchuser username=person* startid=9999999").done().text("current"), "0");
}

#[test]
fn a_total_is_exact_up_to_a_thousand() {
    let world = World::new();
    let register = |n: usize| {
        world
            .call(&format!("registeruser username=person{n:04} useremail=p{n:04}@many.example activate=1"))
            .done();
    };
    let total = |fields: &str| {
        let reply = world.call(&format!("searchuser {fields}")).done();
        (reply.text("total"), reply.find("totalisminimum"), reply.text("current"))
    };
    let patterns =
        ["username=person*", "username=*erson*", "email=*@many.example", "username=*erson* status=activated"];
    (0..1_000).for_each(register);
    for fields in patterns {
        assert_eq!(total(fields), ("1000".into(), None, "50".into()), "{fields}");
    }
    assert_eq!(total("onlyownusers=1").0, "1000");
    register(1_000);
    for fields in patterns.iter().chain(&["onlyownusers=1"]) {
        assert_eq!(total(fields), ("1000".into(), Some("true".into()), "50".into()), "{fields}");
    }
    let (mut after, mut seen) = (0, 0);
    loop {
        let reply = world.call(&format!("searchuser username=person* startid={after}")).done();
        let ids = reply.texts("userid");
        seen += ids.len();
        let Some(last) = ids.last() else { break };
        after = last.parse().unwrap();
    }
    assert_eq!(seen, 1_001, "a prefix of more than a thousand names goes by another index");
}

#[test]
fn a_change_is_found_at_once_and_a_removal_is_not() {
    let world = World::new();
    for _ in 0..3 {
        world.call("registeruser username=flicker useremail=flicker@example.com").done();
        finds(&world, "username=*licke*", &["flicker"]);
        world.call("removeuser username=flicker").done();
        finds(&world, "username=*licke*", &[]);
        finds(&world, "username=flicker", &[]);
    }
}

#[test]
fn devices_are_shown_where_that_is_asked_for() {
    let world = World::new();
    assert_eq!(world.call("searchuser username=alice").done().find("devicelist"), None);
    let reply = world.call("searchuser username=alice showdevice=$true").done();
    assert!(reply.inner().ends_with("</licensekey><devicelist></devicelist></user></userlist>"));
}

/// Twenty-five thousand users of ACME, put in from outside; every five thousandth is disabled.
const MANY: &str = "
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
    INSERT INTO users (providerid, username, name_key, email, email_key, password, status, before, language, reference,
    department, authid, licenseid, keyrepository, newsletter, emailbounced, webportal, created, lastlogin, modnumber,
    rights, userkey)
    SELECT 2, 'bulk' || i, 'bulk' || i, 'b' || i || '@bulk.example', 'b' || i || '@bulk.example', '',
    iif(i % 5000 = 0, 'disabled', 'activated'), '', 'en', iif(i % 100 = 7, 'R-' || i, ''),
    iif(i % 5000 = 0, 'Rare', 'Common'), '', NULL, 0, 0, 0, 1, 0, NULL, 1, 0, 'uk-' || i FROM n;
    INSERT INTO users_text (rowid, provider, name, email, reference, department)
    SELECT id, char(0xE002, 0xE000, 0xE000), char(2) || name_key || char(3), char(2) || email_key || char(3),
    iif(reference = '', '', char(2) || lower(reference) || char(3)), char(2) || lower(department) || char(3)
    FROM users WHERE name_key LIKE 'bulk%';";

#[test]
fn a_search_looks_at_twenty_thousand_and_says_where_to_go_on() {
    let mut world = World::new();
    set(&mut world, MANY);
    let shop = world.service("shop");
    let all = ["bulk5000", "bulk10000", "bulk15000", "bulk20000", "bulk25000"];
    for (fields, expected) in [
        ("onlyownusers=true", &all[..]),
        ("username=*bulk*", &all),
        ("username=bulk*", &all),
        ("department=common username=bulk*", &[]),
    ] {
        let (mut after, mut found, mut stops) = (0, Vec::new(), 0);
        loop {
            let reply = shop.ask("searchuser", &format!("{fields} status=disabled startid={after}")).done();
            found.extend(names(&reply));
            let Some(next) = reply.find("nextid") else { break };
            // Three or four of the five lie within the first twenty thousand.
            let total = reply.number("total");
            assert!(total < expected.len().max(1) as i64, "{fields}: {}", reply.body());
            assert_eq!(reply.text("totalisminimum"), "true");
            after = next.parse().unwrap();
            stops += 1;
        }
        assert_eq!((found, stops), (expected.iter().map(ToString::to_string).collect(), 1), "{fields}");
    }
    // What the index decides alone is counted to a thousand and needs no walk.
    let reply = shop.ask("searchuser", "username=*ulk1*").done();
    assert_eq!((reply.text("total"), reply.find("nextid")), ("1000".into(), None));
    let reply = shop.ask("searchuser", "department=rare").done();
    assert_eq!((reply.text("total"), reply.find("nextid")), ("5".into(), None));
}

/// Whatever lists of the index are asked, the answer is what looking at every user would find.
#[test]
fn among_many_users_a_search_finds_exactly_those_that_match() {
    let mut world = World::new();
    set(&mut world, MANY);
    let shop = world.service("shop");
    let matches = |pattern: &str, text: &str| {
        let inner = pattern.trim_matches('*');
        match (pattern.starts_with('*'), pattern.ends_with('*')) {
            (false, false) => text == inner,
            (false, true) => text.starts_with(inner),
            (true, false) => text.ends_with(inner),
            (true, true) => text.contains(inner),
        }
    };
    let asks: [&[(&str, &str)]; 14] = [
        &[("email", "*4321@bulk*")],
        &[("email", "*21@bulk.exam*")],
        &[("email", "*7@bulk.example")],
        &[("email", "b123*")],
        &[("username", "*ulk24*")],
        &[("username", "*k2499*")],
        &[("username", "*999")],
        &[("username", "bulk777")],
        &[("username", "bulk2*"), ("email", "*99@*")],
        &[("username", "*2222*"), ("department", "common")],
        &[("reference", "r-1*")],
        &[("reference", "*407"), ("department", "*omm*")],
        &[("department", "rar*"), ("email", "*000@bulk*")],
        &[("username", "*kulb*")],
    ];
    for ask in asks {
        let users = (1..=25_000).filter(|i| {
            ask.iter().all(|(field, pattern)| {
                let text = match *field {
                    "username" => format!("bulk{i}"),
                    "email" => format!("b{i}@bulk.example"),
                    "reference" if i % 100 == 7 => format!("r-{i}"),
                    "department" => {
                        if i % 5000 == 0 {
                            "rare".into()
                        } else {
                            "common".into()
                        }
                    }
                    _ => String::new(),
                };
                matches(pattern, &text)
            })
        });
        let expected: Vec<String> = users.map(|i| format!("bulk{i}")).collect();
        let fields: Vec<String> = ask.iter().map(|(field, pattern)| format!("{field}={pattern}")).collect();
        let fields = fields.join(" ");
        let (mut after, mut found) = (0, Vec::new());
        loop {
            let reply = shop.ask("searchuser", &format!("{fields} startid={after}")).done();
            assert_eq!(reply.number("total"), expected.len().min(1_000) as i64, "{fields}");
            assert_eq!(reply.find("totalisminimum").is_some(), expected.len() > 1_000, "{fields}");
            found.extend(names(&reply));
            let Some(last) = reply.texts("userid").last().cloned() else { break };
            after = last.parse().unwrap();
        }
        assert_eq!(found, expected, "{fields}");
    }
}

#[test]
fn a_quiet_moment_tidies_the_index() {
    let world = World::new();
    for n in 0..40 {
        world.call(&format!("registeruser username=tidy{n:02} useremail=tidy{n:02}@example.com")).done();
    }
    let parts = || {
        let connection = rusqlite::Connection::open(world.database()).unwrap();
        let sql = "SELECT count(DISTINCT segid) FROM users_text_idx";
        connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let (started, before) = (std::time::Instant::now(), parts());
    assert!(before > 2, "only {before} parts were written");
    while parts() > before / 2 {
        assert!(started.elapsed().as_secs() < 60, "{} of {before} parts are left", parts());
        std::thread::sleep(std::time::Duration::from_millis(200));
    }
    finds(&world, "username=*idy39*", &["tidy39"]);
}
