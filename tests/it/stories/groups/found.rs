//! Groups found by their names, page by page; and all that a group has.

use regserver::error::Code;

use super::{join, license, world};
use crate::world::World;

fn names(world: &World, fields: &str) -> Vec<String> {
    world.call(&format!("searchgroup {fields}")).done().texts("groupname")
}

#[test]
fn a_pattern_is_that_of_the_search_for_users() {
    let world = world();
    for name in ["Sales South", "Überseehafen", "Support"] {
        world.call(&format!("creategroup username=carol groupname='{name}'")).done();
    }
    world.service("shop").ask("creategroup", "username=sheila groupname='Sales East'").done();
    for (pattern, expected) in [
        ("SALES*", vec!["Sales North", "Sales South"]),
        ("*north", vec!["Sales North"]),
        ("*OU*", vec![]),
        ("*ort*", vec!["Sales North", "Support"]),
        ("ÜBERSEE*", vec!["Überseehafen"]),
        ("'sales north'", vec!["Sales North"]),
        ("sales", vec![]),
    ] {
        match pattern {
            "*OU*" => drop(world.call("searchgroup groupname=*OU*").refused(Code::InvalidRequest)),
            _ => assert_eq!(names(&world, &format!("groupname={pattern}")), expected, "{pattern}"),
        }
    }
    assert_eq!(names(&world, ""), ["Sales North", "Sales South", "Überseehafen", "Support"]);
}

#[test]
fn pages_follow_one_another() {
    let world = World::with(|config| {
        config.server("SearchResultsPerPage", "2");
    });
    for number in 1..=5 {
        world.call(&format!("creategroup username=alice groupname=Team-{number}")).done();
    }
    let (mut start, mut found) = ("0".to_owned(), Vec::new());
    for _ in 0..3 {
        let page = world.call(&format!("searchgroup groupname=team* startid={start}")).done();
        assert_eq!((page.number("total"), page.number("maximum")), (5, 2));
        found.extend(page.texts("groupname"));
        start = page.texts("groupid").pop().unwrap();
    }
    assert_eq!(found, ["Team-1", "Team-2", "Team-3", "Team-4", "Team-5"]);
    let behind = world.call(&format!("searchgroup startid={start}")).done();
    assert_eq!((behind.number("current"), behind.number("total")), (0, 5));
    assert_eq!(names(&world, "startid=-7"), ["Team-1", "Team-2"]);
}

#[test]
fn a_search_looks_at_so_many_and_says_where_to_go_on() {
    let mut world = World::new();
    crate::world::set(
        &mut world,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20001)
         INSERT INTO groups SELECT i, 1, '', 'G' || i, 'g' || i, NULL, 0, NULL, NULL, '', 0 FROM n",
    );
    let first = world.call("searchgroup groupname=G20001").done();
    assert_eq!(
        (first.number("total"), first.text("totalisminimum"), first.number("nextid")),
        (0, "true".into(), 20_000)
    );
    assert_eq!(names(&world, "groupname=G20001 startid=20000"), ["G20001"]);
    let many = world.call("searchgroup").done();
    assert_eq!((many.number("total"), many.text("totalisminimum")), (1_000, "true".into()));
    assert_eq!(many.find("nextid"), None);
}

#[test]
fn a_group_is_shown_with_all_that_it_has() {
    let world = world();
    let key = license(&world, 3);
    world.call("createdepot username=daisy hosturl=https://depots.example.com storagelimit=1000").done();
    world.call("setgroupdepot groupreference=north depotid=1").done();
    world.call(&format!("setgrouplicense groupreference=north licensekey={key}")).done();
    world.pass(60);
    join(&world, "north", "daisy");
    let shown = world.call("getgroupdata username=daisy").done();
    for (name, value) in [
        ("licensekey", key.as_str()),
        ("isgroup", "true"),
        ("used", "1"),
        ("depotid", "1"),
        ("hosturl", "https://depots.example.com"),
        ("joined", "01/01/2026 00:01:00.00"),
    ] {
        assert_eq!(shown.text(name), value, "{name}");
    }
    world.call("removegroupdepot groupreference=north depotid=1").done();
    world.call("removegroupdepot groupreference=north depotid=1").done();
    assert_eq!(world.call("getgroupdata groupid=1").done().find("depotid"), None);
    // Another provider's depot is unknown.
    world
        .service("shop")
        .ask("createdepot", "username=sheila hosturl=https://depots.example.com storagelimit=1000")
        .done();
    world.call("setgroupdepot groupreference=north depotid=2").plainly(Code::DepotUnknown);
}
