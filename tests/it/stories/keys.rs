//! API keys: made once, used as their user, narrowed, ended.

use regserver::error::Code;

use crate::world::World;

#[test]
fn a_key_is_its_user() {
    let world = World::new();
    let alice = world.person("alice", "");
    for party in [alice.clone(), alice.clone().over_xml()] {
        assert_eq!(party.ask("getuserdata", "username=alice").done().text("email"), "alice@example.com");
        party.ask("getuserdata", "username=edgar").refused(Code::AccessDenied).second("-6");
        party.ask("getuserdata", "username=nobody").refused(Code::AccessDenied).second("-6");
    }
}
