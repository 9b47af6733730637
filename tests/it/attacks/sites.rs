//! Sites and keys that sign, where they take more than they were given.

use regserver::error::Code;

use crate::world::{Authenticator, Party, STRANGE, Site, World, set};

const PASSWORD: &str = "password=sekret-1234";

/// Whoever holds nothing but what the user has lent: a site, a key, and sessions of both.
fn borrowers<'w>(world: &'w World, site: &Site<'w>, carol: &str) -> Vec<Party<'w>> {
    let (acting, key) = (site.acting_for(carol), world.signing("carol", ""));
    let all = [acting.session("", STRANGE), key.session("", STRANGE), acting, key];
    all.into_iter().flat_map(|party| [party.clone(), party.over_xml()]).collect()
}

#[test]
fn nobody_takes_an_account_over_with_what_was_lent() {
    let world = World::new();
    let site = world.site("tickets");
    let carol = site.registers("carol");
    let parties = borrowers(&world, &site, &carol);
    let before = world.dump();
    for party in &parties {
        for (command, fields) in [
            ("setpassword", "newpassword=stolen-1234"),
            ("setemail", "newemail=thief@example.com"),
            ("requestuserdeletion", ""),
            ("settotp", ""),
        ] {
            for none in ["", "password="] {
                let reply = party.ask(command, &format!("username=carol {fields} {none}"));
                reply
                    .refused(Code::InvalidRequest)
                    .says("Invalid Request: password is needed: the current one");
            }
        }
        let factor = party.ask("settotp", "username=carol remove=true");
        factor.refused(Code::AccessDenied).second("-6");
        for kind in ["basic", "signing"] {
            let reply = party.ask("createapikey", &format!("username=carol kind={kind} {PASSWORD}"));
            reply.refused(Code::AccessDenied).second("-6");
        }
    }
    assert_eq!(world.dump(), before);
    for party in &parties {
        let wrong = party.ask("setpassword", "username=carol newpassword=stolen-1234 password=guess-1234");
        wrong.plainly(Code::WrongPassword);
    }
    world.service("portal").ask("loginuser", &format!("username=carol {PASSWORD}")).done();
}

#[test]
fn a_second_factor_is_no_sites_to_pass_or_to_take() {
    let world = World::new();
    let site = world.site("tickets");
    let carol = site.registers("carol");
    let own = format!("username=carol {PASSWORD}");
    let acting = site.acting_for(&carol);
    let offered = acting.ask("settotp", &own).done().text("secret");
    let app = Authenticator::typed(&offered);
    acting.ask("settotp", &format!("{own} totp={}", app.shows(&world))).done();
    world.pass(30);
    let missing = "Invalid Request: totp is needed: the code that the user's authenticator shows now";
    for party in borrowers(&world, &site, &carol) {
        party.ask("settotp", &own).refused(Code::InvalidRequest).says(missing);
        party.ask("settotp", &format!("{own} remove=true")).refused(Code::InvalidRequest).says(missing);
    }
    for party in [acting.clone(), acting.clone().over_xml(), world.signing("carol", ""), world.stranger()] {
        // With the password it is a login like any other.
        party.ask("createsession", &own).refused(Code::InvalidRequest).says(missing);
    }
    let code = app.shows(&world);
    world.stranger().ask("createsession", &format!("{own} totp={code}")).done();
    let used = "Wrong password: totp is not the code of this moment, or was used already";
    let again = acting.ask("createsession", &format!("{own} totp={code}"));
    again.refused(Code::WrongPassword).says(used);
    // What the site opens by itself stays the site's, and hands nothing over.
    let session = acting.session("", STRANGE);
    session.ask("getuserdata", "username=carol").done();
    session.ask("authorisesite", "username=carol site=tickets").refused(Code::AccessDenied).second("-6");
}

#[test]
fn a_site_is_nobody_to_another_providers_users() {
    let mut world = World::new();
    let key = {
        let (site, shop) = (world.site("tickets"), world.service("shop"));
        let made = "username=olivia useremail=olivia@example.com password=sekret-1234 activate=true";
        shop.ask("registeruser", made).done();
        let olivia = shop.ask("getuserdata", "username=olivia").done().text("userkey");
        for party in [site.acting_for(&olivia), site.acting_for(&olivia).over_xml()] {
            let reply = party.ask("getuserdata", "username=olivia").turned_away(Code::AccessDenied);
            reply.says("Access denied").second("");
        }
        let own = world.stranger().always("distributor=ACME");
        let own = own.session("username=olivia password=sekret-1234", STRANGE);
        let reply = own.ask("authorisesite", &format!("username=olivia site={}", site.key));
        assert!(reply.code().is_some(), "{}", reply.body());
        (site.key, site.secret, olivia)
    };
    // Not even where the table says that the user has agreed.
    set(
        &mut world,
        "INSERT INTO site_users SELECT u.id, s.id, 0 FROM users u, sites s WHERE u.username = 'olivia'",
    );
    let acting = Party::signing(&world, Some(&key.0), Some(&key.2), &key.1);
    acting.ask("getuserdata", "username=olivia").turned_away(Code::AccessDenied);
    let name = Party::signing(&world, Some(&key.0), Some("olivia"), &key.1);
    name.ask("getuserdata", "username=olivia").turned_away(Code::AccessDenied);
}

#[test]
fn a_public_key_is_no_key() {
    let world = World::new();
    let site = world.site("tickets");
    let carol = site.registers("carol");
    let body = "username=carol";
    for party in [
        // The site's public key as the user's own, the user's as the site's, each under the site's secret.
        Party::signing(&world, None, Some(&carol), &site.secret),
        Party::signing(&world, None, Some(&site.key), &site.secret),
        Party::signing(&world, Some(&carol), Some(&carol), &site.secret),
        Party::signing(&world, Some(&site.key), Some(&carol), ""),
        Party::signing(&world, Some(&site.key), Some(&carol), &site.key),
        Party::signing(&world, Some(&site.key), Some(""), &site.secret),
        Party::signing(&world, Some(&site.key), Some(&carol.to_uppercase()), &site.secret),
        Party::signing(&world, Some(&site.key.to_uppercase()), Some(&carol), &site.secret),
        Party::signing(&world, Some("tickets"), Some(&carol), &site.secret),
        world.key(&site.key, &site.secret),
        world.key(&carol, &site.secret),
    ] {
        for party in [party.clone(), party.over_xml()] {
            let reply = party.ask("getuserdata", body).turned_away(Code::AccessDenied);
            reply.says("Access denied").second("");
        }
    }
}
