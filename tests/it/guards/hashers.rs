//! The hash threads: whoever would wait too long is told so, and a stop finishes what is queued.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use regserver::api::hashers::Hashers;
use regserver::error::Error;

use crate::world::{CHEAP, World};

const LONG: Duration = Duration::from_millis(900);

/// Tasks that take that long; whether each of them got its turn.
fn submit(hashers: &Hashers, count: usize, time: Duration) -> Receiver<bool> {
    let (sender, receiver) = channel();
    for _ in 0..count {
        let sender = sender.clone();
        hashers.submit(Box::new(move |turn| {
            assert!(turn.is_ok() || matches!(turn, Err(Error::Busy)));
            if turn.is_ok() {
                std::thread::sleep(time);
            }
            sender.send(turn.is_ok()).unwrap();
        }));
    }
    receiver
}

#[test]
fn whoever_has_waited_too_long_is_not_hashed_any_more() {
    let hashers = Hashers::start(CHEAP, 1, Duration::from_millis(300));
    let turns: Vec<bool> = submit(&hashers, 3, LONG).iter().collect();
    assert_eq!(turns, [true, false, false]);
}

#[test]
fn whoever_would_wait_too_long_is_told_at_once() {
    let hashers = Hashers::start(CHEAP, 1, Duration::from_millis(200));
    let turns = submit(&hashers, 500, Duration::from_millis(1));
    let early: Vec<bool> = turns.try_iter().collect();
    let refused = early.iter().filter(|turn| !**turn).count();
    assert!(refused > 100, "{refused} were told at once");
    assert_eq!(early.len() + turns.iter().count(), 500, "everybody is told in the end");
}

#[test]
fn a_stop_finishes_what_is_queued_and_then_turns_away() {
    let hashers = Hashers::start(CHEAP, 2, Duration::from_secs(5));
    let turns = submit(&hashers, 6, Duration::from_millis(20));
    hashers.stop();
    assert_eq!(turns.iter().collect::<Vec<_>>(), [true; 6]);
    assert_eq!(submit(&hashers, 1, LONG).iter().collect::<Vec<_>>(), [false]);
}

#[test]
fn hashes_are_counted() {
    let hashers = Hashers::start(CHEAP, 1, Duration::from_secs(5));
    hashers.submit(Box::new(|passwords| {
        let passwords = passwords.unwrap();
        let hash = passwords.hash("sekret-1234", &[1; 16]).unwrap();
        assert!(passwords.verify("sekret-1234", &hash).unwrap());
    }));
    hashers.stop();
    assert_eq!(hashers.runs(), 2);
}

#[test]
fn a_call_that_cannot_be_hashed_in_time_is_overloaded_and_may_come_again() {
    let world = World::with(|config| {
        config.section("limits").insert("hash_wait_seconds".into(), 1.into());
    });
    let blocker = regserver::api::Step::Hash(Box::new(|_| {
        std::thread::sleep(Duration::from_millis(1_300));
        panic!("the thread goes on all the same")
    }));
    world.api().carry(blocker, regserver::wire::Wire::Xml, regserver::call::RequestId::new(1), drop);
    let before = world.dump();
    let login = "loginuser username=alice password=wonder-2026";
    world.call(login).refused(regserver::error::Code::Overloaded).second("1");
    assert_eq!(world.dump(), before);
    world.call(login).done();
}
