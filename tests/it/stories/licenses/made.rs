//! New licences: what they need, who holds them, who uses them.

use regserver::error::Code;

use super::{CLIENT, SERVER, default, license, shown, used, world};
use crate::world::World;

#[test]
fn a_new_licence_is_held_and_not_used_where_the_user_has_one() {
    let world = world();
    let old = default(&world, "carol").unwrap();
    let made = world.call(&format!("createlicense username=carol {CLIENT} limit=3")).done();
    assert!(made.inner().starts_with("<licensedata><number>DEMO-"), "{}", made.inner());
    assert_eq!(made.texts("licensekey").len(), 2);
    assert_eq!((made.text("isdefault"), made.text("holder")), ("false".into(), "carol".into()));
    assert_eq!(default(&world, "carol").unwrap(), old);
    let all = world.call("getlicensedata username=carol").done();
    assert_eq!(all.texts("licensekey"), [old, made.text("licensekey")]);
    assert_eq!(all.texts("isdefault"), ["true", "false"]);
    assert_eq!(all.texts("used"), ["1", "0"]);
}

#[test]
fn a_new_licence_is_the_default_where_the_user_has_none() {
    let world = World::with(|config| {
        config.provider("DEMO", "API/API_CREATE_DEFAULT_LICENSE", "False");
    });
    super::users(&world, &["carol"]);
    world.call("getdefaultlicense username=carol").plainly(Code::NoDefaultLicense);
    world.call("upgradedefaultlicense username=carol limit=2").plainly(Code::NoDefaultLicense);
    world.call("downgradedefaultlicense username=carol limit=1").plainly(Code::NoDefaultLicense);
    world.call("getlicensedata username=carol").done().expect("<licensedata></licensedata>");
    // A licence for depots is nothing that a user can use.
    let server = world.call(&format!("createlicense username=carol {SERVER}")).done();
    assert_eq!((server.text("isdefault"), server.text("used")), ("false".into(), "0".into()));
    let client = world.call(&format!("createlicense username=carol {CLIENT}")).done();
    assert_eq!((client.text("isdefault"), client.text("used")), ("true".into(), "1".into()));
    assert_eq!(default(&world, "carol"), client.find("licensekey"));
}

#[test]
fn what_is_no_licence_is_refused() {
    let world = world();
    let before = world.dump();
    for (fields, code) in [
        ("productname=phone type=yearly featurevalue=banner", Code::ProductUnknown),
        ("productname=client type=weekly featurevalue=banner", Code::LicenseTypeUnknown),
        ("productname=client type=yearly featurevalue=gold", Code::FeatureUnknown),
        ("productname=client type=yearly featurevalue=banner,gold", Code::FeatureUnknown),
        ("productname=client type=yearly featurevalue=128", Code::FeatureUnknown),
        ("productname=client type=yearly featurevalue=-1", Code::FeatureUnknown),
        ("productname=client type=yearly featurevalue=banner limit=0", Code::InvalidLimit),
        ("productname=client type=yearly featurevalue=banner limit=-1", Code::InvalidLimit),
        ("productname=client type=yearly featurevalue=banner limit=1000000001", Code::InvalidLimit),
    ] {
        world.call(&format!("createlicense username=carol {fields}")).plainly(code);
        world.call(&format!("createlicensewithoutuser {fields}")).plainly(code);
    }
    let long = "x".repeat(256);
    for (fields, why) in [
        ("limit=many".to_owned(), "limit must be a whole number"),
        ("validuntil=12/31/2025".to_owned(), "validuntil is in the past"),
        ("validuntil=soon".to_owned(), "validuntil must be a date: MM/DD/YYYY, DD.MM.YYYY or YYYY-MM-DD"),
        (format!("licensereference={long}"), "licensereference is longer than 255 characters"),
        (format!("contractnumber={long}"), "contractnumber is longer than 255 characters"),
        (format!("changeid={long}"), "changeid is longer than 255 characters"),
    ] {
        let refused = world.call(&format!("createlicense username=carol {CLIENT} {fields}"));
        refused.refused(Code::InvalidRequest).says(&format!("Invalid Request: {why}"));
    }
    assert_eq!(world.dump(), before);
    // At the edges, and in other words.
    let fields = "productname=Client type=YEARLY featurevalue='Enterprise + inbox' limit=1000000000";
    let key = license(&world, &format!("{fields} validuntil=01/01/2026 contactnumber=V-1"));
    let shown = shown(&world, &key);
    assert_eq!(
        (shown.text("featurevalue"), shown.text("featuretext")),
        ("80".into(), "enterprise,inbox".into())
    );
    assert_eq!((shown.text("validuntil"), shown.text("contractnumber")), ("01/01/2026".into(), "V-1".into()));
    assert_eq!((shown.text("limit"), shown.text("productname")), ("1000000000".into(), "client".into()));
}

#[test]
fn a_reference_is_unique_where_that_is_asked_for() {
    let mut world = world();
    let first = license(&world, &format!("{CLIENT} licensereference=L-1"));
    world.call("getlicensedata licensereference=L-1").refused(Code::InvalidRequest);
    world.reconfigure(|config| {
        config.provider("DEMO", "LICENSE/EXT_LICENCE_REF_UNIQUE", "True");
    });
    assert_eq!(world.call("getlicensedata licensereference=L-1").done().text("licensekey"), first);
    let taken = format!("{CLIENT} licensereference=L-1");
    world.call(&format!("createlicensewithoutuser {taken}")).plainly(Code::LicenseReferenceExists);
    world.call(&format!("createlicense username=carol {taken}")).plainly(Code::LicenseReferenceExists);
    let other = license(&world, &format!("{CLIENT} licensereference=L-2"));
    assert_eq!(world.call("getlicensedata licensereference=L-2").done().text("licensekey"), other);
    world.call("getlicensedata licensereference=L-3").plainly(Code::LicenseUnknown);
    let set = |reference: &str| {
        world.call(&format!("setlicensereference licensekey={other} newreference={reference}"))
    };
    set("L-1").plainly(Code::LicenseReferenceExists);
    set("L-2").done();
    set("L-3").done();
    // In another provider it is another one.
    world.service("shop").ask("createlicensewithoutuser", &taken).done();
    world.call(&format!("setlicensereference licensekey={first} newreference=L-4")).done();
    world.call("upgradelicense licensereference=L-4 limit=7").done();
    assert_eq!(shown(&world, &first).text("limit"), "7");
}

#[test]
fn the_holder_owns_it_and_need_not_use_it() {
    let world = world();
    let key = license(&world, CLIENT);
    assert_eq!(shown(&world, &key).text("holder"), "");
    world.call(&format!("setlicenseholder licensekey={key} username=carol")).done();
    world.call(&format!("setlicenseholder licensekey={key} username=carol")).done();
    assert_eq!((shown(&world, &key).text("holder"), used(&world, &key)), ("carol".into(), 0));
    world.call(&format!("setlicenseholder licensekey={key} username=daisy")).done();
    let held = world.call("getlicensedata username=daisy").done();
    assert_eq!(held.texts("licensekey").len(), 2);
    assert_eq!(world.call("getlicensedata username=carol").done().texts("licensekey").len(), 1);
    world.call("removeuser username=daisy").done();
    assert_eq!(shown(&world, &key).text("holder"), "");
}

#[test]
fn a_licence_of_another_provider_is_unknown() {
    let world = world();
    let theirs = world.service("shop").ask("getdefaultlicense", "username=sheila").done().text("licensekey");
    let before = world.dump();
    for call in [
        "getlicensedata",
        "assignusertolicense username=carol",
        "setdefaultlicense username=carol",
        "removeuserfromlicense username=carol",
        "assignlicensetoclient username=carol",
        "setlicenseholder username=carol",
        "upgradelicense limit=2",
        "downgradelicense limit=1",
        "setlicensereference newreference=x",
        "setlicensevalidity",
        "activatelicense",
        "deactivatelicense",
        "cancellicense",
        "deletelicense",
        "getlicensechanges",
    ] {
        for key in [&theirs, "DEMO-0000-0000-0000", "nonsense"] {
            world.call(&format!("{call} licensekey={key}")).plainly(Code::LicenseUnknown);
        }
    }
    assert_eq!(world.call(&format!("searchlicense licensekey={theirs}")).done().text("total"), "0");
    assert_eq!(world.call("searchlicense holder=sheila").done().text("total"), "0");
    assert_eq!(world.dump(), before);
}

#[test]
fn user_and_licence_are_of_the_same_provider() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
    });
    let key = license(&world, CLIENT);
    // DEMO reaches bruno of BETA, but its own licence is not for him.
    world.call(&format!("assignusertolicense username=bruno licensekey={key}")).plainly(Code::LicenseUnknown);
    world.call(&format!("setlicenseholder username=bruno licensekey={key}")).plainly(Code::LicenseUnknown);
    let beta = world.service("portal").always("distributor=BETA");
    let theirs = beta.ask("createlicensewithoutuser", CLIENT).done().text("licensekey");
    assert!(theirs.starts_with("BETA-"));
    beta.ask("assignusertolicense", &format!("username=bruno licensekey={theirs}")).done();
    // A licence is made where its user is.
    let made = world.call(&format!("createlicense username=bruno {CLIENT}")).done();
    assert!(made.text("licensekey").starts_with("BETA-"), "{}", made.inner());
}

#[test]
fn a_person_sees_its_own_licences_alone() {
    let world = World::new();
    let key = default(&world, "alice").unwrap();
    let alice = world.person("alice", "");
    assert_eq!(alice.ask("getlicensedata", "username=alice").done().text("licensekey"), key);
    assert_eq!(alice.ask("getdefaultlicense", "username=alice").done().text("licensekey"), key);
    for (command, fields) in [
        ("getlicensedata", "username=edgar"),
        ("getdefaultlicense", "username=edgar"),
        ("getlicensedata", &*format!("licensekey={key}")),
        ("upgradedefaultlicense", "username=alice limit=100"),
        ("searchlicense", "holder=alice"),
    ] {
        alice.ask(command, fields).refused(Code::AccessDenied).second("-6");
    }
}
