//! Checksums that are nearly right: cut, lengthened, in capitals, in another writing, or left out.

use regserver::error::Code;

use crate::world::World;

#[test]
fn only_the_whole_checksum_in_lower_case_opens() {
    let world = World::new();
    for service in ["portal", "shop", "branch", "legacy"] {
        for party in [world.service(service), world.service(service).over_json()] {
            let body = party.written("getversion", "");
            let right = party.checksum(body.as_bytes());
            party.signed(body.as_bytes(), Some(&right)).done();
            let wrong = [
                right.to_uppercase(),
                right[..right.len() - 1].to_owned(),
                right[..right.len() / 2].to_owned(),
                right[1..].to_owned(),
                right[..1].to_owned(),
                format!("{right}0"),
                format!("0{right}"),
                format!("{right}{right}"),
                format!("{right},{right}"),
                format!("0x{right}"),
                format!("{right}%00"),
                format!(" {right}"),
                "0".repeat(right.len()),
                String::new(),
            ];
            for wrong in wrong {
                party.signed(body.as_bytes(), Some(&wrong)).plainly(Code::InvalidRequest);
            }
        }
    }
}

#[test]
fn without_one_an_address_is_no_proof() {
    let world = World::new();
    let portal = world.service("portal");
    let xml = portal.xml("removeuser", "username=alice");
    portal.signed(xml.as_bytes(), None).plainly(Code::InvalidRequest);
    let json = portal.json("removeuser", "username=alice");
    let reply = portal.over_json().signed(json.as_bytes(), None).turned_away(Code::AccessDenied);
    reply.says("Access denied: removeuser needs a credential");
    let elsewhere = world.service("portal").from("203.0.113.9");
    elsewhere.body(xml.as_bytes()).plainly(Code::AccessDenied);
    world.call("getuserdata username=alice").done();
}

#[test]
fn a_key_is_worth_nothing_at_anothers_address() {
    let world = World::new();
    let portal = world.service("portal");
    for address in ["198.51.100.17", "198.51.100.33", "198.51.100.96"] {
        for party in [portal.clone().from(address), portal.clone().over_json().from(address)] {
            party.ask("getuserdata", "username=alice").plainly(Code::InvalidRequest);
        }
    }
    portal.from("198.51.100.128").ask("getuserdata", "username=alice").plainly(Code::AccessDenied);
}
