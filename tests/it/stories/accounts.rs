//! Company accounts: made, joined and left, with their licence, their depot and what is shown of them.

mod managers;

use regserver::error::Code;

use crate::world::{World, set};

/// Makes an account; its key.
fn account(world: &World, name: &str, code: &str) -> String {
    world.call(&format!("createaccount accountname='{name}' accountcode={code}")).done().text("accountkey")
}

/// A world with carol and daisy, and an account of nobody.
fn world() -> (World, String) {
    let world = World::new();
    for name in ["carol", "daisy"] {
        let fields = format!("username={name} useremail={name}@example.com activate=true");
        world.call(&format!("registeruser {fields}")).done();
    }
    let key = account(&world, "Acme", "SHOP");
    (world, key)
}

fn add(world: &World, user: &str, key: &str) {
    world.call(&format!("addusertoaccount username={user} accountkey={key}")).done();
}

/// Makes a licence with so many seats; its key.
fn license(world: &World, limit: i64) -> String {
    let made = "createlicensewithoutuser productname=client type=yearly featurevalue=professional";
    world.call(&format!("{made} limit={limit}")).done().text("licensekey")
}

fn used(world: &World, license: &str) -> i64 {
    world.call(&format!("getlicensedata licensekey={license}")).done().number("used")
}

/// The keys of a user's licences, in the order in which they are shown.
fn licenses(world: &World, user: &str) -> Vec<String> {
    world.call(&format!("getlicensedata username={user}")).done().texts("licensekey")
}

/// Before and after of the newest change.
fn audited(world: &World, command: &str) -> (String, String) {
    let reply = world.call(&format!("searchaudit commandname={command}")).done();
    (reply.text("before"), reply.text("after"))
}

#[test]
fn an_account_from_its_first_day_to_its_last() {
    let (world, key) = world();
    assert!(key.starts_with("DEMO-SHOP-") && key.len() == 14, "{key}");
    world.call(&format!("updateaccount accountkey={} accountname='Acme Trading'", key.to_lowercase())).done();
    add(&world, "carol", &key);
    add(&world, "carol", &key);
    let shown = world.call("getuserdata username=carol").done();
    assert_eq!((shown.text("accountkey"), shown.text("modnumber")), (key.clone(), "2".into()));
    assert_eq!(world.call("getuserdata useroremail=carol@example.com").done().text("accountkey"), key);
    assert_eq!(world.call("getuserdata username=daisy").done().text("accountkey"), "");
    let data = world.call(&format!("getaccountdata accountkey={key}")).done();
    assert_eq!((data.text("accountname"), data.text("membercount")), ("Acme Trading".into(), "1".into()));
    world.call(&format!("deleteaccount accountkey={key}")).refused(Code::StillInUse);
    let leave = format!("removeuserfromaccount username=carol accountkey={key}");
    world.call(&leave).done();
    world.call(&leave).done();
    assert_eq!(world.call("getuserdata username=carol").done().text("accountkey"), "");
    world.call(&format!("deleteaccount accountkey={key}")).done();
    world.call(&format!("getaccountdata accountkey={key}")).plainly(Code::AccountUnknown);
    world.call(&format!("addusertoaccount username=carol accountkey={key}")).plainly(Code::AccountUnknown);
}

#[test]
fn a_key_is_never_given_twice() {
    let (mut world, first) = world();
    world.call(&format!("deleteaccount accountkey={first}")).done();
    let given: String = (0..10_000)
        .map(|number| format!("DEMO-SHOP-{number:04}"))
        .filter(|key| key != &first && key != "DEMO-SHOP-0042")
        .map(|key| format!("INSERT INTO account_keys VALUES ('{key}');"))
        .collect();
    set(&mut world, &format!("BEGIN; {given} COMMIT;"));
    assert_eq!(account(&world, "Acme", "shop"), "DEMO-SHOP-0042");
    let before = world.dump();
    world
        .call("createaccount accountname=Acme accountcode=SHOP")
        .refused(Code::InvalidRequest)
        .says("Invalid Request: no number is left behind the accountcode SHOP; choose another");
    assert_eq!(world.dump(), before);
    account(&world, "Acme", "SHO2");
}

#[test]
fn what_is_no_name_or_code_is_refused() {
    let (world, key) = world();
    let before = world.dump();
    let long = "x".repeat(256);
    for fields in [
        "accountname=Acme accountcode=SHO",
        "accountname=Acme accountcode=SHOPS",
        "accountname=Acme accountcode=SH-P",
        "accountname=Acme accountcode=SHÖP",
        "accountname=Acme",
        "accountcode=SHOP",
        &format!("accountname={long} accountcode=SHOP"),
    ] {
        world.call(&format!("createaccount {fields}")).refused(Code::InvalidRequest);
    }
    world.call(&format!("updateaccount accountkey={key} accountname={long}")).refused(Code::InvalidRequest);
    assert_eq!(world.dump(), before);
}

#[test]
fn another_providers_account_is_unknown_to_every_command() {
    let (world, key) = world();
    add(&world, "carol", &key);
    let before = world.dump();
    let shop = world.service("shop");
    for (command, fields) in [
        ("updateaccount", "accountname=Mine"),
        ("deleteaccount", ""),
        ("getaccountdata", ""),
        ("addusertoaccount", "username=sheila"),
        ("removeuserfromaccount", "username=sheila"),
        ("addaccountmanager", "username=sheila"),
        ("removeaccountmanager", "username=sheila"),
        ("setaccountlicense", "licensekey=DEMO-0000-0000-0000"),
        ("removeaccountlicense", "licensekey=DEMO-0000-0000-0000"),
        ("setaccountdepot", "depotid=1"),
        ("removeaccountdepot", "depotid=1"),
        ("registeruser", "useremail=x@example.org"),
    ] {
        let theirs = shop.ask(command, &format!("{fields} accountkey={key}")).plainly(Code::AccountUnknown);
        let nobodys = shop.ask(command, &format!("{fields} accountkey=DEMO-NONE-0000"));
        assert_eq!(theirs.body(), nobodys.body(), "{command}");
    }
    assert_eq!(shop.ask("searchaccount", "").done().number("total"), 0);
    assert_eq!(world.dump(), before);
}

#[test]
fn a_user_and_the_account_are_of_one_provider() {
    let (world, _) = world();
    let mut world = world;
    world.reconfigure(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    let key = account(&world, "Acme", "SHOP");
    for command in ["addusertoaccount", "removeuserfromaccount", "addaccountmanager", "removeaccountmanager"]
    {
        world.call(&format!("{command} username=bruno accountkey={key}")).plainly(Code::AccountUnknown);
    }
}

#[test]
fn a_user_belongs_to_one_account() {
    let (world, key) = world();
    let other = account(&world, "Globex", "GLOB");
    add(&world, "carol", &key);
    let before = world.dump();
    world.call(&format!("addusertoaccount username=carol accountkey={other}")).plainly(Code::OtherAccount);
    world
        .call(&format!("removeuserfromaccount username=carol accountkey={other}"))
        .plainly(Code::OtherAccount);
    assert_eq!(world.dump(), before);
}

#[test]
fn each_member_takes_a_seat_in_the_accounts_licence() {
    let (world, key) = world();
    let (two, one, three) = (license(&world, 2), license(&world, 1), license(&world, 3));
    let give =
        |license: &str| world.call(&format!("setaccountlicense accountkey={key} licensekey={license}"));
    add(&world, "carol", &key);
    add(&world, "daisy", &key);
    give(&two).done();
    give(&two).done();
    assert_eq!((used(&world, &two), licenses(&world, "carol").last()), (2, Some(&two)));
    let before = world.dump();
    world.call(&format!("addusertoaccount username=alice accountkey={key}")).plainly(Code::LicenseLimit);
    world.call(&format!("registeruser useremail=x@example.com accountkey={key}")).plainly(Code::LicenseLimit);
    give(&one).plainly(Code::LicenseLimit);
    world.call(&format!("deletelicense licensekey={two}")).refused(Code::StillInUse);
    assert_eq!(world.dump(), before);
    give(&three).done();
    assert_eq!((used(&world, &two), used(&world, &three)), (0, 2));
    // Whoever uses it by default as well takes one seat all the same.
    world.call(&format!("assignusertolicense username=carol licensekey={three}")).done();
    assert_eq!((used(&world, &three), licenses(&world, "carol").len()), (2, 2));
    world.call("removeuser username=daisy").done();
    assert_eq!(used(&world, &three), 1);
    world.call(&format!("removeaccountlicense accountkey={key} licensekey={two}")).done();
    assert_eq!(used(&world, &three), 1);
    world.call(&format!("removeaccountlicense accountkey={key} licensekey={three}")).done();
    world.call(&format!("removeuserfromlicense username=carol licensekey={three}")).done();
    assert_eq!(used(&world, &three), 0);
    let changes = world.call(&format!("getlicensechanges licensekey={three}")).done();
    assert_eq!(changes.texts("account"), ["", key.as_str(), key.as_str(), ""]);
}

#[test]
fn a_licence_must_be_one_for_users_and_in_force() {
    let (world, key) = world();
    let give =
        |license: &str| world.call(&format!("setaccountlicense accountkey={key} licensekey={license}"));
    let made = "createlicensewithoutuser productname=server type=yearly featurevalue=professional limit=5";
    let server = world.call(made).done().text("licensekey");
    give(&server)
        .refused(Code::InvalidRequest)
        .says("Invalid Request: a server license is used by depots, not by users");
    let license = license(&world, 3);
    world.call(&format!("deactivatelicense licensekey={license}")).done();
    give(&license).refused(Code::LicenseEnded).says("License is inactive");
    world.call(&format!("activatelicense licensekey={license}")).done();
    give(&license).done();
    add(&world, "carol", &key);
    world.call(&format!("cancellicense licensekey={license}")).done();
    assert!(!licenses(&world, "carol").contains(&license));
    give(&license).plainly(Code::LicenseEnded);
    give("DEMO-0000-0000-0000").plainly(Code::LicenseUnknown);
}

#[test]
fn a_member_starts_with_the_features_of_members() {
    let (mut world, key) = world();
    let features = |world: &World, user: &str| {
        world.call(&format!("getdefaultlicense username={user}")).done().text("featuretext")
    };
    assert_eq!(features(&world, "carol"), "banner");
    world.call(&format!("registeruser username=erika useremail=e@example.com accountkey={key}")).done();
    assert_eq!(features(&world, "erika"), "professional");
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/DEFAULT_ACCOUNT_FEATURE", "personal,webdavs");
    });
    // A login gives a licence to whoever has none, by the same rule.
    let own = world.call("getdefaultlicense username=erika").done().text("licensekey");
    world.call("activateuser activationcode={code} password=sekret-1234").done();
    world.call(&format!("removeuserfromlicense username=erika licensekey={own}")).done();
    world.call("loginuser username=erika password=sekret-1234").done();
    assert_eq!(features(&world, "erika"), "webdavs,personal");
}

#[test]
fn a_depot_can_be_the_accounts() {
    let (world, key) = world();
    world.call("createdepot username=alice hosturl=https://depot.example.com storagelimit=1000000").done();
    let data = || world.call(&format!("getaccountdata accountkey={key}")).done();
    world.call(&format!("setaccountdepot accountkey={key} depotid=2")).plainly(Code::DepotUnknown);
    world.call(&format!("setaccountdepot accountkey={key} depotid=1")).done();
    let shown = data();
    assert_eq!((shown.text("depotcount"), shown.text("depotid")), ("1".into(), "1".into()));
    assert_eq!((shown.text("isaccount"), shown.texts("owner")), ("true".into(), vec!["alice".to_owned()]));
    world.call(&format!("removeaccountdepot accountkey={key} depotid=1")).done();
    assert_eq!(data().text("depotcount"), "0");
}

#[test]
fn its_groups_are_those_of_its_people() {
    let (mut world, key) = world();
    add(&world, "carol", &key);
    world.call(&format!("addaccountmanager username=daisy accountkey={key}")).done();
    let shared = license(&world, 5);
    // Group 1 is a member's, group 2 a manager's, group 3 somebody else's.
    set(
        &mut world,
        &format!(
            "INSERT INTO groups (providerid, reference, name, name_key, managerid, members, licenseid, clientsettings, created)
             SELECT 1, 'g-' || username, username || 's', username || 's', id, 0,
                    iif(username = 'alice', NULL, (SELECT id FROM licenses WHERE licensekey = '{shared}')), '', 0
             FROM users WHERE username IN ('carol', 'daisy', 'alice') ORDER BY username DESC;"
        ),
    );
    let data = world.call(&format!("getaccountdata accountkey={key}")).done();
    assert_eq!(data.texts("groupreference"), ["g-daisy", "g-carol"]);
    assert_eq!((data.text("groupcount"), data.text("licensecount")), ("2".into(), "1".into()));
    assert_eq!(data.texts("licensekey"), [shared]);
}

#[test]
fn members_are_shown_page_by_page() {
    let (mut world, key) = world();
    world.reconfigure(|config| {
        config.server("SearchResultsPerPage", "10");
    });
    for n in 0..25 {
        world
            .call(&format!("registeruser username=user{n} useremail=u{n}@example.com accountkey={key}"))
            .done();
    }
    let (mut start, mut seen, mut pages) = (String::from("0"), Vec::new(), 0);
    loop {
        let page = world.call(&format!("getaccountdata accountkey={key} startid={start}")).done();
        assert_eq!(page.text("membercount"), "25");
        assert_eq!(page.find("managerlist").is_some(), pages == 0, "the rest is on the first page");
        seen.extend(page.texts("username"));
        pages += 1;
        match page.find("nextid") {
            Some(next) => start = next,
            None => break,
        }
    }
    let all: Vec<String> = (0..25).map(|n| format!("user{n}")).collect();
    assert_eq!((seen, pages), (all, 3));
}

#[test]
fn accounts_are_found_by_name_and_key() {
    let (mut world, key) = world();
    world.reconfigure(|config| {
        config.server("SearchResultsPerPage", "10");
    });
    for n in 0..25 {
        account(&world, &format!("Straße {n}"), "MANY");
    }
    let search = |fields: &str| world.call(&format!("searchaccount {fields}")).done();
    assert_eq!(search("accountname=acme").texts("accountkey"), [key.as_str()]);
    assert_eq!(search(&format!("accountkey={}", key.to_lowercase())).texts("accountkey"), [key.as_str()]);
    assert_eq!(search("accountname=*STRASSE*").text("total"), "25");
    assert_eq!(search("accountname='straße 24'").text("total"), "1");
    assert_eq!(search("accountkey=DEMO-MANY*").text("total"), "25");
    assert_eq!(search(&format!("accountkey=*{}", &key[8..])).texts("accountkey"), [key.as_str()]);
    assert_eq!(search("accountkey=DEMO-MANY* accountname=acme").text("total"), "0");
    let (mut start, mut seen) = (0, 0);
    loop {
        let page = search(&format!("startid={start}"));
        assert_eq!((page.text("total"), page.find("nextid")), ("26".into(), None));
        let ids = page.texts("accountid");
        let Some(last) = ids.last() else { break };
        (start, seen) = (last.parse().unwrap(), seen + ids.len());
    }
    assert_eq!(seen, 26);
    world.call("searchaccount accountkey=*90").refused(Code::InvalidRequest);
}

#[test]
fn whoever_goes_leaves_the_account() {
    let (world, key) = world();
    let mut world = world;
    for user in ["carol", "daisy"] {
        add(&world, user, &key);
        world.call(&format!("addaccountmanager username={user} accountkey={key}")).done();
    }
    world.reconfigure(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    world.call("removeuser username=carol").done();
    world.call("setdistributor username=daisy newdistributor=ACME").done();
    let data = world.call(&format!("getaccountdata accountkey={key}")).done();
    assert_eq!((data.text("membercount"), data.text("managercount")), ("0".into(), "0".into()));
    assert_eq!(world.call("getuserdata username=daisy").done().text("accountkey"), "");
    world.call(&format!("deleteaccount accountkey={key}")).done();
}

#[test]
fn every_change_has_its_before_and_after() {
    let (world, key) = world();
    assert_eq!(
        audited(&world, "createaccount"),
        ("{}".into(), format!(r#"{{"accountkey":"{key}","accountname":"Acme"}}"#))
    );
    world.call(&format!("updateaccount accountkey={key} accountname=Globex")).done();
    let expected = (r#"{"accountname":"Acme"}"#.into(), r#"{"accountname":"Globex"}"#.into());
    assert_eq!(audited(&world, "updateaccount"), expected);
    add(&world, "carol", &key);
    assert_eq!(audited(&world, "addusertoaccount"), ("{}".into(), r#"{"accountid":1}"#.into()));
    world.call(&format!("addaccountmanager accountkey={key} username=carol")).done();
    assert_eq!(audited(&world, "addaccountmanager"), ("{}".into(), format!(r#"{{"manages":"{key}"}}"#)));
    world.call(&format!("removeaccountmanager accountkey={key} username=carol")).done();
    assert_eq!(audited(&world, "removeaccountmanager"), (format!(r#"{{"manages":"{key}"}}"#), "{}".into()));
    let license = license(&world, 3);
    world.call(&format!("setaccountlicense accountkey={key} licensekey={license}")).done();
    let (before, after) = audited(&world, "setaccountlicense");
    assert!(before == "{}" && after.contains("\"license\":"), "{before} {after}");
    world.call(&format!("removeuserfromaccount accountkey={key} username=carol")).done();
    assert_eq!(audited(&world, "removeuserfromaccount"), (r#"{"accountid":1}"#.into(), "{}".into()));
    world.call(&format!("deleteaccount accountkey={key}")).done();
    let (before, after) = audited(&world, "deleteaccount");
    assert!(before.contains(&key) && before.contains("\"license\":") && after == "{}", "{before} {after}");
}
