//! A panic is one call's misfortune: it gets the documented page, and the next call is answered.
//!
//! The panic comes from the test's clock or chance, so it strikes in the middle of a call: in the
//! gate, on a hash thread, inside the writer's transaction.

use regserver::api::answer::Kind;
use regserver::api::{Answer, Step};
use regserver::call::RequestId;
use regserver::wire::Wire;

use crate::world::{Reply, World};

const PAGE: &str = "<HTML><HEAD><TITLE>Execution Error</TITLE></HEAD><BODY>\n<H2>Execution Error</H2>\
    An error occurred while processing your request:<BR>\nPrimary error code: <B>-100</B>, \
    Secondary error code: <B>0</B>\n</BODY></HTML>\n";
const CAROL: &str = "registeruser username=carol useremail=carol@example.com activate=true";

fn is_the_page(answer: &Answer) {
    assert_eq!((answer.status, answer.kind, answer.body.as_str()), (500, Kind::Html, PAGE));
    assert_eq!(answer.trace.code, -100);
}

/// After the panic everything works: a read, a search, a hash, a change.
fn goes_on(world: &World) {
    world.call("getversion").done();
    world.call("searchuser username=alice").done();
    world.call("loginuser username=alice password=wonder-2026").done();
    world.call(&format!("{CAROL} password=sekret-1234")).done();
    world.call("loginuser username=carol password=sekret-1234").done();
}

fn page(reply: Reply) {
    is_the_page(&reply.answer);
}

#[test]
fn in_the_gate() {
    let world = World::new();
    let portal = world.service("portal");
    let body = portal.xml("getversion", "");
    for _ in 0..3 {
        world.clock.panic_once();
        page(portal.body(body.as_bytes()));
    }
    assert!(world.reader().broken(), "the connection that a panic went through is given up");
    goes_on(&world);
}

#[test]
fn on_a_hash_thread() {
    let world = World::new();
    let before = world.dump();
    for _ in 0..5 {
        world.chance.panic_once();
        // The salt is drawn on the hash thread, before anything else is.
        page(world.call(&format!("{CAROL} password=sekret-1234")));
    }
    assert_eq!(world.dump(), before);
    goes_on(&world);
}

#[test]
fn in_the_writer() {
    let world = World::new();
    let before = world.dump();
    for _ in 0..5 {
        world.chance.panic_once();
        // Without a password the first draw is the licence's key, inside the transaction.
        page(world.call(CAROL));
    }
    assert_eq!(world.dump(), before);
    goes_on(&world);
}

#[test]
fn on_the_json_wire_it_is_the_exception() {
    let fault = r#"{"exception":{"primarycode":-100,"secondarycode":0,"message":"Internal error"}}"#;
    let is_the_exception = |answer: &Answer| {
        assert_eq!((answer.status, answer.kind, answer.body.as_str()), (500, Kind::Json, fault));
        assert_eq!(answer.trace.code, -100);
    };
    let world = World::new();
    let portal = world.service("portal").over_json();
    let body = portal.json("getversion", "");
    world.clock.panic_once();
    is_the_exception(&portal.body(body.as_bytes()).answer);
    let carol = CAROL.split_once(' ').unwrap();
    world.chance.panic_once();
    is_the_exception(&portal.ask(carol.0, &format!("{} password=sekret-1234", carol.1)).answer);
    world.chance.panic_once();
    is_the_exception(&portal.ask(carol.0, carol.1).answer);
    let step = Step::Read(Box::new(|_| panic!("a read panics, as the test wants")));
    is_the_exception(&world.api().drive(step, Wire::Json, RequestId::new(1)));
    goes_on(&world);
}

#[test]
fn in_any_step() {
    let world = World::new();
    let id = RequestId::new(1);
    let steps: [Step; 2] = [
        Step::Read(Box::new(|_| panic!("a read panics, as the test wants"))),
        Step::Hash(Box::new(|_| panic!("a hash panics, as the test wants"))),
    ];
    for step in steps {
        is_the_page(&world.api().drive(step, Wire::Xml, id));
    }
    goes_on(&world);
}

#[test]
fn many_at_once_leave_threads_for_the_others() {
    let world = World::new();
    let steps = (0..50).map(|_| Step::Hash(Box::new(|_| panic!("as the test wants"))));
    let (sender, receiver) = std::sync::mpsc::channel();
    for step in steps {
        let sender = sender.clone();
        world.api().carry(step, Wire::Xml, RequestId::new(1), move |step| sender.send(step).unwrap());
    }
    for _ in 0..50 {
        let Step::Answer(answer) = receiver.recv().unwrap() else { panic!("it goes on") };
        is_the_page(&answer);
    }
    goes_on(&world);
}
