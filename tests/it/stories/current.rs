//! The current password: a person shows it again before what would hand the account over.

use regserver::error::Code;

use crate::world::{Party, World};

const WAYS: [(&str, &str); 4] = [
    ("setpassword", "newpassword=sekret-5678"),
    ("setemail", "newemail=alice@example.net"),
    ("requestuserdeletion", ""),
    ("createapikey", "kind=basic"),
];

/// Alice by a key and by sessions of every kind; a session of her own password alone makes keys.
fn alices(world: &World) -> Vec<Party<'_>> {
    let key = world.person("alice", "");
    vec![
        world.stranger().session("username=alice password=wonder-2026", "192.0.2.44"),
        key.session("", "192.0.2.44"),
        world.service("portal").session("username=alice", "192.0.2.44"),
        key,
    ]
}

#[test]
fn nobody_does_without_it_however_proved() {
    for (command, fields) in WAYS {
        let world = World::new();
        let before = alices(&world);
        let dump = world.dump();
        for alice in before.iter().take(if command == "createapikey" { 1 } else { 4 }) {
            for id in ["username=alice", "useroremail=alice@example.com"] {
                for none in ["", "password="] {
                    let reply = alice.ask(command, &format!("{id} {fields} {none}"));
                    reply
                        .refused(Code::InvalidRequest)
                        .says("Invalid Request: password is needed: the current one");
                }
            }
        }
        assert_eq!(world.dump(), dump, "{command}");
    }
}

#[test]
fn the_right_one_is_enough() {
    for (command, fields) in WAYS {
        for who in 0..if command == "createapikey" { 1 } else { 4 } {
            let world = World::new();
            let alice = &alices(&world)[who];
            alice.ask(command, &format!("username=alice {fields} password=wonder-2026")).done();
        }
    }
}

#[test]
fn a_wrong_one_is_counted() {
    for (command, fields) in WAYS {
        let world = World::new();
        let alice = &alices(&world)[0];
        let ask =
            |password: &str| alice.ask(command, &format!("username=alice {fields} password={password}"));
        for _ in 0..10 {
            ask("guess-1234").plainly(Code::WrongPassword);
        }
        ask("wonder-2026").refused(Code::TooManyAttempts).second("60");
        assert!(world.mails().is_empty(), "{command}");
        world.pass(60);
        ask("wonder-2026").done();
    }
}

#[test]
fn a_wrong_one_costs_one_hash_and_no_second() {
    let world = World::new();
    let alice = world.person("alice", "");
    let before = world.hash_runs();
    alice
        .ask("setpassword", "username=alice newpassword=sekret-5678 password=guess-1234")
        .plainly(Code::WrongPassword);
    assert_eq!(world.hash_runs() - before, 1);
}

#[test]
fn others_may_leave_it_out() {
    for (command, fields) in WAYS {
        let world = World::new();
        world.call(&format!("{command} username=alice {fields}")).done();
        let world = World::new();
        world
            .call(
                "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true",
            )
            .done();
        world.call("grantright username=carol right=API-ACCESS").done();
        let carol = world.stranger().session("username=carol password=sekret-1234", "192.0.2.44");
        carol.ask(command, &format!("username=alice {fields}")).done();
        // Where it is given, it is the user's and not the caller's.
        let world = World::new();
        let wrong = world.call(&format!("{command} username=alice {fields} password=guess-1234"));
        wrong.plainly(Code::WrongPassword);
    }
}

#[test]
fn only_a_service_says_that_an_address_is_confirmed() {
    let world = World::new();
    let alice = world.person("alice", "");
    let fields = "username=alice newemail=alice@example.net confirmed=true";
    let reply =
        alice.ask("setemail", &format!("{fields} password=wonder-2026")).refused(Code::InvalidRequest);
    reply.says("Invalid Request: confirmed is for services only");
    assert_eq!(world.call("getuserdata username=alice").done().text("email"), "alice@example.com");
    world.call(&format!("setemail {fields}")).done();
    assert_eq!(world.call("getuserdata username=alice").done().text("email"), "alice@example.net");
    // Whoever is no service confirms by the code from the mail.
    let unconfirmed = "username=alice newemail=alice@example.org password=wonder-2026";
    alice.ask("setemail", unconfirmed).done();
    assert_eq!(world.call("getuserdata username=alice").done().text("email"), "alice@example.net");
    world.stranger().ask("confirmemail", "activationcode={code}").done();
    assert_eq!(world.call("getuserdata username=alice").done().text("email"), "alice@example.org");
}
