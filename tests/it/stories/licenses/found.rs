//! The search of licences: what it finds, in which order, page by page.

use regserver::error::Code;

use super::{CLIENT, default, license, world};
use crate::world::{World, set};

fn found(world: &World, fields: &str) -> Vec<String> {
    world.call(&format!("searchlicense {fields}")).done().texts("licensekey")
}

#[test]
fn licences_are_found_by_everything_that_names_them() {
    let world = world();
    let a =
        license(&world, &format!("{CLIENT} licensereference=L-1 contractnumber=V-1 validuntil=06/30/2026"));
    let b =
        license(&world, &format!("{CLIENT} licensereference=L-1 contractnumber=V-2 validuntil=07/01/2026"));
    world.call(&format!("setlicenseholder licensekey={b} username=carol")).done();
    let carols = default(&world, "carol").unwrap();
    let sorted = |mut keys: Vec<String>| {
        keys.sort();
        keys
    };
    let both = sorted(vec![a.clone(), b.clone()]);
    assert_eq!(found(&world, &format!("licensekey={}", a.to_lowercase())), [a.as_str()]);
    assert_eq!(found(&world, &format!("licensekey={}*", &a[..14])), [a.as_str()]);
    assert_eq!(found(&world, &format!("licensekey=*{}", &a[10..])), [a.as_str()]);
    assert_eq!(found(&world, &format!("licensekey=*{}*", &a[5..14])), [a.as_str()]);
    assert_eq!(found(&world, "licensereference=L-1"), both);
    assert_eq!(found(&world, "licensereference=L"), Vec::<String>::new());
    assert_eq!(found(&world, "contractnumber=V-2"), [b.as_str()]);
    assert_eq!(found(&world, "licensereference=L-1 contractnumber=V-2"), [b.as_str()]);
    assert_eq!(found(&world, "holder=CAROL"), sorted(vec![b.clone(), carols]));
    assert_eq!(found(&world, "holder=carol licensereference=L-1"), [b.as_str()]);
    assert_eq!(found(&world, "holder=nobody"), Vec::<String>::new());
    assert_eq!(found(&world, "expiresbefore=07/01/2026"), [a.as_str()]);
    assert_eq!(found(&world, "expiresbefore=02.07.2026"), both);
    world.call(&format!("deactivatelicense licensekey={a}")).done();
    assert_eq!(found(&world, "status=inactive"), [a]);
    world.call(&format!("setlicensevalidity licensekey={b} validuntil=12/31/2025")).done();
    assert_eq!(found(&world, "status=expired"), [b.as_str()]);
    assert_eq!(found(&world, "status=expired licensekey=demo*"), [b]);
    assert_eq!(found(&world, "licensekey=ACM*"), Vec::<String>::new());
    world.call("searchlicense licensekey=DE*MO").refused(Code::InvalidRequest);
    world.call("searchlicense status=gone").refused(Code::InvalidRequest);
}

#[test]
fn the_search_comes_in_pages() {
    let world = World::with(|config| {
        config.server("SearchResultsPerPage", "7");
    });
    let mut keys: Vec<String> =
        (0..20).map(|_| license(&world, &format!("{CLIENT} contractnumber=V-1"))).collect();
    keys.sort();
    for fields in ["contractnumber=V-1", "licensekey=DEMO-*"] {
        let mut pages: Vec<String> = Vec::new();
        loop {
            let last = pages.last().cloned().unwrap_or_default();
            let reply = world.call(&format!("searchlicense {fields} startkey='{last}'")).done();
            let page = reply.texts("licensekey");
            assert_eq!((reply.number("current"), reply.number("maximum")), (page.len() as i64, 7));
            assert_eq!(reply.text("total"), if fields.starts_with('c') { "20" } else { "22" });
            if page.is_empty() {
                break;
            }
            pages.extend(page);
        }
        pages.retain(|key| keys.contains(key));
        assert_eq!(pages, keys, "{fields}");
    }
}

#[test]
fn a_search_that_looks_at_too_many_says_where_it_stopped() {
    let mut world = World::new();
    set(
        &mut world,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)
         INSERT INTO licenses (providerid, licensekey, product, type, features, seats, reference, contractnumber,
         status, used, pooled, created)
         SELECT 1, printf('DEMO-A%06d', i), 'client', 'yearly', 1, 1, '', '', iif(i > 24990, 'inactive', 'active'),
         0, 0, 0 FROM n",
    );
    let first = world.call("searchlicense status=inactive").done();
    assert_eq!((first.text("total"), first.text("totalisminimum")), ("0".into(), "true".into()));
    let (mut next, mut found, mut pages) = (Some(first.text("nextkey")), 0, 1);
    while let Some(key) = next {
        let page = world.call(&format!("searchlicense status=inactive startkey={key}")).done();
        (next, found, pages) = (page.find("nextkey"), found + page.texts("licensekey").len(), pages + 1);
    }
    assert!(found == 10 && (3..20).contains(&pages), "{found} in {pages} pages");
    let part = world.call("searchlicense licensekey=*24995").done();
    assert_eq!((part.text("total"), part.text("totalisminimum")), ("0".into(), "true".into()));
    let rest =
        world.call(&format!("searchlicense licensekey=*24995 startkey={}", part.text("nextkey"))).done();
    assert_eq!((rest.texts("licensekey"), rest.find("nextkey")), (vec!["DEMO-A024995".to_owned()], None));
    let all = world.call("searchlicense").done();
    assert_eq!((all.text("current"), all.text("total")), ("50".into(), "1000".into()));
    assert_eq!((all.text("totalisminimum"), all.find("nextkey")), ("true".into(), None));
}
