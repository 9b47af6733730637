//! The task `mails`: its switch, what somebody asks for, and what is noted of it.

use regserver::api::{Api, Options};

use super::house::House;
use super::sink::Sink;
use super::{mail_to, register, world_to};
use crate::world::World;

/// What the list says of the task.
fn listed(world: &World, column: &str) -> String {
    let reply = world.call("gettasks").done();
    let (_, task) = reply.body().split_once("<task><name>mails</name>").unwrap();
    let (task, _) = task.split_once("</task>").unwrap();
    task.split_once(&format!("<{column}>")).map_or("", |(_, rest)| rest.split('<').next().unwrap()).to_owned()
}

fn state(world: &World, address: &str) -> String {
    mail_to(world, address).0
}

#[test]
fn switched_off_mails_stay_and_somebody_may_still_have_them_sent_once() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    assert_eq!((listed(&world, "frequency"), listed(&world, "started")), ("0".to_owned(), String::new()));
    register(&world, "first", "first@example.com");
    world.api().send_off().unwrap();
    assert_eq!(listed(&world, "result"), "1 mails sent");
    assert_eq!(listed(&world, "started"), "01/01/2026 00:00:00.00");
    assert_eq!(listed(&world, "ended"), "01/01/2026 00:00:00.00");

    world.call("settask task=mails enabled=false").done();
    register(&world, "second", "second@example.com");
    world.pass(10);
    world.api().send_off().unwrap();
    assert_eq!((state(&world, "second@example.com"), sink.mails().len()), ("waiting".to_owned(), 1));
    assert_eq!(listed(&world, "ended"), "01/01/2026 00:00:00.00", "nothing was done");

    // Another program that was there before obeys as well.
    let other = Api::open(&world.config, Options { as_it_is: true, ..world.options() }).unwrap().api;
    other.send_off().unwrap();
    assert_eq!(sink.mails().len(), 1);
    other.stop();

    world.call("runtask task=mails").done();
    assert_eq!(listed(&world, "waiting"), "true");
    world.api().send_off().unwrap();
    assert_eq!(
        (state(&world, "second@example.com"), listed(&world, "waiting")),
        ("sent".to_owned(), "false".to_owned())
    );
    assert_eq!(
        (listed(&world, "result"), listed(&world, "running")),
        ("1 mails sent".to_owned(), "false".to_owned())
    );
    assert_eq!(listed(&world, "ended"), "01/01/2026 00:00:10.00");
    register(&world, "third", "third@example.com");
    world.api().send_off().unwrap();
    assert_eq!(state(&world, "third@example.com"), "waiting", "it was done once");
    world.call("settask task=mails enabled=true").done();
    world.api().send_off().unwrap();
    assert_eq!(sink.wait(3).len(), 3);
}

#[test]
fn with_a_frequency_mails_are_gathered() {
    let sink = Sink::plain();
    let world = world_to(&sink, |_| {});
    world.call("settask task=mails frequency=3600").done();
    world.api().send_off().unwrap();
    assert_eq!(listed(&world, "result"), "0 mails sent");
    for name in ["first", "second"] {
        register(&world, name, &format!("{name}@example.com"));
    }
    world.pass(3_599);
    world.api().send_off().unwrap();
    assert_eq!(sink.mails().len(), 0);
    world.pass(1);
    world.api().send_off().unwrap();
    assert_eq!(sink.wait(2).len(), 2);
    assert_eq!(listed(&world, "result"), "2 mails sent");
}

#[test]
fn a_run_that_sends_nothing_says_why() {
    let sink = Sink::plain();
    let world = world_to(&sink, |config| {
        config.section("mail").insert("port".into(), 1.into());
    });
    register(&world, "first", "first@example.com");
    world.api().send_off().unwrap();
    let result = listed(&world, "result");
    assert!(result.starts_with("failed: the mail server 127.0.0.1:1"), "{result}");
    assert!(result.ends_with("0 mails sent, 1 tried again later"), "{result}");

    let world = World::new();
    world.api().send_off().unwrap();
    assert_eq!(listed(&world, "ended"), "", "nobody asked for it");
    world.call("runtask task=mails").done();
    world.api().send_off().unwrap();
    let result = listed(&world, "result");
    assert_eq!(result, "failed: no mail server is configured, so mails stay in the outbox; 0 mails sent");
}

#[test]
fn the_running_program_obeys_within_a_second() {
    let house = House::new("");
    let register = |name: &str| {
        let fields = format!("username={name} useremail={name}@example.com sendmail=true");
        house.done("registeruser", &fields);
    };
    register("first-user");
    house.mail("first-user@example.com", 1);
    house.done("settask", "task=mails enabled=false");
    register("second-user");
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(house.sink.mails().len(), 1);
    house.done("runtask", "task=mails");
    house.mail("second-user@example.com", 1);
    register("third-user");
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(house.sink.mails().len(), 2);
    house.done("settask", "task=mails enabled=true");
    house.mail("third-user@example.com", 1);
}
