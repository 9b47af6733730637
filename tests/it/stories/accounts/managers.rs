//! Account managers: what they see and change of members, and what they never do.

use regserver::error::Code;

use super::{account, add, license, used, world};
use crate::world::{Party, Reply, STRANGE, World};

/// A world in which alice, who is no member, manages carol's account; daisy belongs to none.
fn managed() -> (World, String) {
    let (world, key) = world();
    add(&world, "carol", &key);
    world.call(&format!("addaccountmanager username=alice accountkey={key}")).done();
    world.call("registerdevice username=carol devicename=Laptop platform=linux").done();
    world.call("registerdevice username=daisy devicename=Laptop platform=linux").done();
    (world, key)
}

/// Everything in the database but what the caller's own keys and sessions leave.
fn rows(world: &World) -> Vec<String> {
    let own = |row: &String| ["api_keys: ", "sessions: "].iter().any(|table| row.starts_with(table));
    world.dump().into_iter().filter(|row| !own(row)).collect()
}

fn alice(world: &World) -> Party<'_> {
    world.person("alice", "")
}

/// The refusal to whoever lacks the right.
#[track_caller]
fn denied(reply: Reply, words: &str) -> Reply {
    let reply = reply.refused(Code::AccessDenied).second("-6");
    assert!(reply.text("message").contains(words), "{}", reply.text("message"));
    reply
}

#[test]
fn a_manager_sees_and_serves_members() {
    let (world, key) = managed();
    let alice = alice(&world);
    assert_eq!(alice.ask("getuserdata", "username=carol").done().text("accountkey"), key);
    alice.ask("getuserdata", "useroremail=carol@example.com").done();
    alice.ask("getlicensedata", "username=carol").done();
    alice.ask("getdefaultlicense", "username=carol").done();
    assert_eq!(alice.ask("getdevices", "username=carol").done().text("devicename"), "Laptop");
    alice.ask("setlanguage", "username=carol language=de").done();
    alice.ask("wipeoutdevice", "username=carol deviceid=1").done();
    assert_eq!(alice.ask("getaccountdata", &format!("accountkey={key}")).done().text("membercount"), "1");
    // Over a session as well, and at the XML endpoint.
    let session = world.stranger().session("username=alice password=wonder-2026", STRANGE);
    session.ask("getuserdata", "username=carol").done();
    alice.over_xml().ask("getuserdata", "username=carol").done();
}

#[test]
fn nobody_else_is_a_member_to_a_manager() {
    let (world, _) = managed();
    let alice = alice(&world);
    for (command, fields) in [
        ("getuserdata", ""),
        ("getlicensedata", ""),
        ("getdevices", ""),
        ("setlanguage", "language=de"),
        ("wipeoutdevice", "deviceid=2"),
    ] {
        let ask = |user: &str| alice.ask(command, &format!("username={user} {fields}"));
        let missing = denied(ask("nobody"), "is for the members of accounts that you manage");
        for user in ["daisy", "sheila"] {
            assert_eq!(ask(user).body(), missing.body(), "{command} {user}");
        }
    }
    // A device of somebody else's is no member's either.
    alice.ask("wipeoutdevice", "username=carol deviceid=2").plainly(Code::DeviceUnknown);
}

#[test]
fn a_manager_never_takes_a_member_over() {
    let (world, key) = managed();
    let session = world.stranger().session("username=alice password=wonder-2026", STRANGE);
    let before = rows(&world);
    for (command, fields) in [
        ("setpassword", "newpassword=sekret-5678"),
        ("setpassword", "newpassword=sekret-5678 password=wonder-2026"),
        ("setemail", "newemail=mine@example.com password=wonder-2026"),
        ("requestuserdeletion", "password=wonder-2026"),
        ("createapikey", "kind=basic password=wonder-2026"),
        ("settotp", "password=wonder-2026"),
        ("settotp", "password=sekret-1234"),
        ("settotp", "remove=true"),
        ("searchapikey", ""),
        ("searchsession", ""),
        ("createsession", "IP=192.0.2.44"),
    ] {
        denied(session.ask(command, &format!("username=carol {fields}")), "Access denied: ");
    }
    for command in ["resetpassword", "disableuser", "removeuser", "setreference newreference=x"] {
        let (command, fields) = command.split_once(' ').unwrap_or((command, ""));
        let reply = session.ask(command, &format!("username=carol {fields}"));
        denied(reply, "is a protected command");
    }
    denied(session.ask("addusertoaccount", &format!("username=daisy accountkey={key}")), "API-ACCESS");
    assert_eq!(rows(&world), before);
}

#[test]
fn a_member_with_a_right_is_beyond_the_manager() {
    let (world, key) = managed();
    world.call("grantright username=carol right=API-ACCESS").done();
    let alice = alice(&world);
    let words = "this user holds the right API-ACCESS";
    denied(alice.ask("getuserdata", "username=carol"), words);
    denied(alice.ask("setlanguage", "username=carol language=de"), words);
    for command in ["removeuserfromaccount", "addaccountmanager"] {
        denied(alice.ask(command, &format!("username=carol accountkey={key}")), words);
    }
    world.call(&format!("addaccountmanager username=carol accountkey={key}")).done();
    denied(alice.ask("removeaccountmanager", &format!("username=carol accountkey={key}")), words);
}

#[test]
fn a_manager_is_one_no_longer_from_the_moment_of_removal() {
    let (world, key) = managed();
    let alice = alice(&world);
    let waiting = [
        alice.begin("setlanguage", "username=carol language=de"),
        alice.begin("removeuserfromaccount", &format!("username=carol accountkey={key}")),
        alice.begin("registeruser", &format!("useremail=x@example.com accountkey={key}")),
    ];
    assert!(waiting.iter().all(|begun| begun.waits()));
    world.call(&format!("removeaccountmanager username=alice accountkey={key}")).done();
    for begun in waiting {
        denied(begun.end(), "API-ACCESS");
    }
    denied(alice.ask("getuserdata", "username=carol"), "your own data only");
    denied(alice.ask("getaccountdata", &format!("accountkey={key}")), "for the managers of the account");
    let carol = world.call("getuserdata username=carol").done();
    assert_eq!((carol.text("language"), carol.text("accountkey")), ("en".into(), key));
}

#[test]
fn a_member_who_leaves_is_seen_no_longer() {
    let (world, key) = managed();
    let alice = alice(&world);
    let waiting = alice.begin("setlanguage", "username=carol language=de");
    alice.ask("removeuserfromaccount", &format!("username=carol accountkey={key}")).done();
    denied(waiting.end(), "members of accounts that you manage");
    denied(alice.ask("getuserdata", "username=carol"), "members of accounts that you manage");
}

#[test]
fn a_manager_registers_members_who_choose_their_own_password() {
    let (world, key) = managed();
    for (party, user) in [(alice(&world), "erika"), (alice(&world).over_xml(), "frank")] {
        let fields = format!(
            "username={user} useremail={user}@example.com language=de department=Sales accountkey={key} \
             activate=false sendmail=false origin=API-CALL"
        );
        let reply = party.ask("registeruser", &fields).done();
        assert_eq!(reply.find("activationcode"), None);
        let shown = party.ask("getuserdata", &format!("username={user}")).done();
        assert_eq!((shown.text("status"), shown.text("accountkey")), ("inactive".into(), key.clone()));
        let mail = world.mails().pop().unwrap();
        assert_eq!(
            (mail.recipient, mail.template),
            (format!("{user}@example.com"), "activationsetpassword".into())
        );
    }
}

#[test]
fn a_manager_registers_nobody_for_others_and_takes_no_address() {
    let (world, key) = managed();
    let other = account(&world, "Globex", "GLOB");
    let alice = alice(&world);
    let before = rows(&world);
    let register = |fields: &str| alice.ask("registeruser", &format!("useremail=x@example.com {fields}"));
    for field in
        ["password=sekret-1234", "activate=true", "reference=R-1", "authid=a-1", "licensereference=L-1"]
    {
        let name = field.split('=').next().unwrap();
        let words = format!("{name} of registeruser is for callers with API access");
        denied(register(&format!("{field} accountkey={key}")), &words);
    }
    let missing = denied(register("accountkey=DEMO-NONE-0000"), "accounts that you manage").body().to_owned();
    assert_eq!(register(&format!("accountkey={other}")).body(), missing);
    // Even a name that is taken is no answer to whoever does not manage the account.
    assert_eq!(register(&format!("accountkey={other} username=daisy")).body(), missing);
    denied(register(""), "API-ACCESS");
    register(&format!("accountkey={key} username=daisy")).plainly(Code::UserExists);
    assert_eq!(rows(&world), before);
}

#[test]
fn managers_make_members_managers_and_the_last_one_stays() {
    let (world, key) = managed();
    let alice = alice(&world);
    let call = |command: &str, user: &str| alice.ask(command, &format!("username={user} accountkey={key}"));
    let missing = denied(call("addaccountmanager", "nobody"), "accounts that you manage").body().to_owned();
    assert_eq!(call("addaccountmanager", "daisy").body(), missing);
    let missing =
        denied(call("removeaccountmanager", "nobody"), "accounts that you manage").body().to_owned();
    assert_eq!(call("removeaccountmanager", "daisy").body(), missing);
    denied(call("removeaccountmanager", "alice"), "the last manager of an account");
    call("addaccountmanager", "carol").done();
    call("addaccountmanager", "carol").done();
    // A fellow manager who is no member may be named, and one may go oneself.
    world.call(&format!("addaccountmanager username=daisy accountkey={key}")).done();
    call("removeaccountmanager", "daisy").done();
    call("removeaccountmanager", "alice").done();
    denied(call("removeaccountmanager", "carol"), "API-ACCESS");
    let carol = world.person("carol", "");
    denied(
        carol.ask("removeaccountmanager", &format!("username=carol accountkey={key}")),
        "the last manager",
    );
    // A manager who is a member may leave as a member.
    carol.ask("removeuserfromaccount", &format!("username=carol accountkey={key}")).done();
    world.call(&format!("removeaccountmanager username=carol accountkey={key}")).done();
    assert_eq!(world.call(&format!("getaccountdata accountkey={key}")).done().text("managercount"), "0");
}

#[test]
fn an_account_has_a_hundred_managers_at_most() {
    let (world, key) = managed();
    for n in 1..100 {
        world.call(&format!("registeruser username=user{n} useremail=u{n}@example.com")).done();
        world.call(&format!("addaccountmanager username=user{n} accountkey={key}")).done();
    }
    let full = world.call(&format!("addaccountmanager username=daisy accountkey={key}"));
    full.refused(Code::InvalidRequest).says("Invalid Request: an account has 100 managers at most");
    let shown = world.call(&format!("getaccountdata accountkey={key}")).done();
    assert_eq!(shown.text("managercount"), "100");
}

#[test]
fn a_manager_gives_the_account_what_its_people_hold() {
    let (world, key) = managed();
    let alice = alice(&world);
    let give =
        |license: &str| alice.ask("setaccountlicense", &format!("accountkey={key} licensekey={license}"));
    let held = |holder: &str| {
        let license = license(&world, 5);
        world.call(&format!("setlicenseholder licensekey={license} username={holder}")).done();
        license
    };
    let missing = give("DEMO-0000-0000-0000").plainly(Code::LicenseUnknown);
    for stranger in [held("daisy"), license(&world, 5)] {
        assert_eq!(give(&stranger).body(), missing.body());
    }
    let (members, own) = (held("carol"), held("alice"));
    give(&members).done();
    give(&own).done();
    assert_eq!((used(&world, &members), used(&world, &own)), (0, 1));
    let take =
        |license: &str| alice.ask("removeaccountlicense", &format!("accountkey={key} licensekey={license}"));
    take("DEMO-0000-0000-0000").plainly(Code::LicenseUnknown);
    // What the account has may be taken from it, whoever holds it.
    world.call(&format!("setlicenseholder licensekey={own} username=daisy")).done();
    take(&own).done();
    give(&own).plainly(Code::LicenseUnknown);
    world.call("createdepot username=alice hosturl=https://depot.example.com storagelimit=1000000").done();
    alice.ask("setaccountdepot", &format!("accountkey={key} depotid=1")).done();
    alice.ask("setaccountdepot", &format!("accountkey={key} depotid=2")).plainly(Code::DepotUnknown);
    alice.ask("removeaccountdepot", &format!("accountkey={key} depotid=1")).done();
}

#[test]
fn a_manager_has_several_accounts_and_an_account_several_managers() {
    let (world, key) = managed();
    let other = account(&world, "Globex", "GLOB");
    add(&world, "daisy", &other);
    for (user, key) in [("alice", &other), ("daisy", &key)] {
        world.call(&format!("addaccountmanager username={user} accountkey={key}")).done();
    }
    let (alice, daisy) = (alice(&world), world.person("daisy", ""));
    for user in ["carol", "daisy"] {
        alice.ask("getuserdata", &format!("username={user}")).done();
    }
    daisy.ask("getuserdata", "username=carol").done();
    denied(daisy.ask("getaccountdata", &format!("accountkey={other}")), "accounts that you manage");
    let shown = alice.ask("getaccountdata", &format!("accountkey={key}")).done();
    assert_eq!(shown.texts("username"), ["carol", "alice", "daisy"]);
    assert_eq!(shown.texts("email"), ["carol@example.com"], "managers who are no members are names alone");
}
