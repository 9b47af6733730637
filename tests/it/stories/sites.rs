//! Sites: they register users, act for them and for those who allow it, and stop when any of it ends.

mod ends;

use regserver::error::Code;
use regserver::gate::credentials::Shown;

use crate::world::{Party, STRANGE, World};

#[track_caller]
fn acts(party: &Party<'_>, username: &str) {
    let reply = party.ask("getuserdata", &format!("username={username}")).done();
    assert_eq!(reply.text("username"), username);
}

#[track_caller]
fn turned_away(party: &Party<'_>) {
    let reply = party.ask("getuserdata", "username=carol").turned_away(Code::AccessDenied);
    reply.says("Access denied").second("");
}

#[test]
fn a_site_registers_users_and_acts_for_them() {
    let world = World::new();
    let site = world.site("tickets");
    let fields = "username=carol useremail=carol@example.com password=sekret-1234 department=Stage";
    let made = site.alone().ask("registeruser", fields).done();
    let userkey = made.text("userkey");
    let expected = format!(
        r#"{{"regversion":"4.7.1","intresult":0,"userid":5,"username":"carol","userkey":"{userkey}"}}"#
    );
    assert_eq!(made.body(), expected);
    assert!(userkey.len() == 23 && userkey.starts_with("uk-"), "{userkey}");
    // The address is proved by the mail; until then nobody acts for the user.
    assert_eq!(world.mails().last().unwrap().template, "activationlink");
    turned_away(&site.acting_for(&userkey));
    world.call("activateuser activationcode={code}").done();
    for party in [site.acting_for(&userkey), site.acting_for(&userkey).over_xml()] {
        acts(&party, "carol");
        assert_eq!(party.ask("getuserdata", "username=carol").done().text("userkey"), userkey);
        party.ask("getuserdata", "username=alice").refused(Code::AccessDenied).second("-6");
    }
    // In plain text the same as for any key that signs.
    let plain = site.acting_for(&userkey).in_plain_text();
    let body = plain.json("getuserdata", "username=carol");
    plain.body(body.as_bytes()).done();
    plain.body(body.as_bytes()).refused(Code::InvalidRequest);
    plain.body(br#"{"command":"getuserdata","username":"carol"}"#).refused(Code::InvalidRequest);
}

#[test]
fn without_a_user_it_registers_and_does_nothing_else() {
    let world = World::new();
    let site = world.site("tickets");
    let fields = "username=carol useremail=carol@example.com";
    for field in
        ["activate=true", "authid=1", "accountkey=DEMO-X", "groupreference=north", "licensereference=x"]
    {
        let reply = site.alone().ask("registeruser", &format!("{fields} {field}"));
        let reply = reply.refused(Code::AccessDenied).second("-6");
        let (name, _) = field.split_once('=').unwrap();
        assert!(reply.text("message").contains(&format!("without {name},")), "{}", reply.body());
    }
    for command in ["getversion", "loginuser", "createsession", "getcommands", "searchuser", "createsite"] {
        let reply = site.alone().ask(command, "username=alice password=wonder-2026");
        let reply = reply.refused(Code::AccessDenied).second("-6");
        assert!(reply.text("message").contains("it may call registeruser"), "{}", reply.body());
    }
    let other = site.alone().ask("registeruser", &format!("{fields} distributor=ACME"));
    other.refused(Code::AccessDenied).says("Access denied to specified Provider");
    site.alone().ask("registeruser", &format!("{fields} distributor=demo")).done();
    site.alone().ask("registeruser", fields).plainly(Code::UserExists);
}

#[test]
fn another_site_needs_the_users_word() {
    let world = World::new();
    let (home, other) = (world.site("tickets"), world.site("shop"));
    let carol = home.registers("carol");
    turned_away(&other.acting_for(&carol));
    home.acting_for(&carol).ask("authorisesite", "username=carol site=shop").done();
    acts(&other.acting_for(&carol), "carol");
    // A second time it is so already; and the home needs nobody's word.
    home.acting_for(&carol).ask("authorisesite", &format!("username=carol site={}", other.key)).done();
    home.acting_for(&carol).ask("authorisesite", "username=carol site=tickets").done();
    world.call("revokesite username=carol site=shop").done();
    turned_away(&other.acting_for(&carol));
    acts(&home.acting_for(&carol), "carol");
    let reply = world.call("revokesite username=carol site=tickets").refused(Code::InvalidRequest);
    assert!(reply.text("message").contains("the user's home"), "{}", reply.body());
    // Whose it is not, it does not act for, whatever its own users say.
    turned_away(&home.of("alice"));
    other.authorised_by("carol", "sekret-1234");
    acts(&other.acting_for(&carol), "carol");
    world
        .stranger()
        .session("username=carol password=sekret-1234", STRANGE)
        .ask("revokesite", "username=carol site=shop")
        .done();
    turned_away(&other.acting_for(&carol));
}

#[test]
fn only_the_home_and_the_password_let_another_site_in() {
    let world = World::new();
    let (home, second, third) = (world.site("tickets"), world.site("shop"), world.site("app"));
    let carol = home.registers("carol");
    second.authorised_by("carol", "sekret-1234");
    for right in ["API-ACCESS", "EDIT-PROVIDER", "SUPER-USER"] {
        world.call(&format!("grantright username=alice right={right}")).done();
    }
    let text = "Access denied: a site is authorised by the user's home site, or by the user in a session that the \
                password has opened";
    for party in [
        second.acting_for(&carol),
        world.person("carol", ""),
        world.signing("carol", ""),
        world.person("carol", "").session("", STRANGE),
        home.acting_for(&carol).session("", STRANGE),
        second.acting_for(&carol).session("", STRANGE),
        world.service("portal"),
        world.person("alice", ""),
        world.stranger().session("username=alice password=wonder-2026", STRANGE),
    ] {
        party
            .ask("authorisesite", "username=carol site=app")
            .refused(Code::AccessDenied)
            .second("-6")
            .says(text);
    }
    turned_away(&third.acting_for(&carol));
    let foreign = world.call("createsite sitename=theirs code=ACME").done();
    let by_home = home.acting_for(&carol);
    for site in ["theirs", &foreign.text("sitekey"), "nobody"] {
        by_home.ask("authorisesite", &format!("username=carol site={site}")).plainly(Code::SiteUnknown);
        by_home.ask("revokesite", &format!("username=carol site={site}")).plainly(Code::SiteUnknown);
    }
    by_home.ask("authorisesite", "username=alice site=app").refused(Code::AccessDenied).second("-6");
}

#[test]
fn a_site_acts_as_the_user_and_makes_no_keys() {
    let world = World::new();
    let site = world.site("tickets");
    let carol = site.registers("carol");
    let acting = site.acting_for(&carol);
    let reply = acting.ask("createapikey", "username=carol kind=basic password=sekret-1234");
    reply.refused(Code::AccessDenied).second("-6");
    acting.ask("setpassword", "username=carol newpassword=sekret-5678").refused(Code::InvalidRequest);
    acting.ask("setpassword", "username=carol newpassword=sekret-5678 password=sekret-1234").done();
    acts(&acting, "carol");
    // What the user may, the site may for the user.
    acting.ask("searchuser", "onlyownusers=true").refused(Code::AccessDenied).second("-6");
    world.call("grantright username=carol right=API-ACCESS").done();
    acting.ask("searchuser", "onlyownusers=true").done();
    let new = acting.ask("registeruser", "username=david useremail=david@example.com activate=true").done();
    acts(&site.acting_for(&new.text("userkey")), "david");
    assert!(
        world
            .dump()
            .iter()
            .any(|row| row.starts_with("audit: ") && row.contains("user:carol (by site tickets)"))
    );
}

#[test]
fn the_public_key_of_a_user_is_shown_to_the_user_to_services_and_at_home() {
    let world = World::new();
    let (home, other) = (world.site("tickets"), world.site("shop"));
    let carol = home.registers("carol");
    other.authorised_by("alice", "wonder-2026");
    world.call("grantright username=alice right=API-ACCESS").done();
    let key = |party: &Party<'_>| party.ask("getuserdata", "username=carol").done().find("userkey");
    for party in [
        world.service("portal"),
        home.acting_for(&carol),
        home.acting_for(&carol).session("", STRANGE),
        world.person("carol", ""),
        world.stranger().session("username=carol password=sekret-1234", STRANGE),
    ] {
        assert_eq!(key(&party).as_deref(), Some(carol.as_str()));
    }
    for party in [world.person("alice", ""), other.of("alice")] {
        assert_eq!(key(&party), None);
        assert_eq!(
            party.ask("getuserdata", "username=alice").done().find("userkey").map(|key| key.len()),
            Some(23)
        );
    }
    let stranger = world.stranger().ask("loginuser", "username=carol password=sekret-1234").done();
    assert_eq!(stranger.find("userkey"), None);
}

#[test]
fn a_session_that_a_site_opened_is_the_users_from_one_address() {
    let world = World::new();
    let site = world.site("tickets");
    let carol = site.registers("carol");
    for party in [site.acting_for(&carol), site.acting_for(&carol).at_the_session_endpoint()] {
        let reply = party.body(br#"{"command":"createsession","IP":"192.0.2.44"}"#).done();
        let session = Party::showing(&world, Shown::Session(reply.text("session").into()));
        turned_away(&session);
        let session = session.from("192.0.2.44");
        acts(&session, "carol");
        session.ask("createsession", "").refused(Code::AccessDenied).second("-6");
    }
    assert_eq!(world.call("searchsession username=carol").done().texts("openedby"), ["site tickets"; 2]);
    site.alone()
        .ask("createsession", "username=carol IP=192.0.2.44")
        .refused(Code::AccessDenied)
        .second("-6");
}

#[test]
fn two_secrets_sign_while_they_overlap() {
    let world = World::new();
    let mut site = world.site("tickets");
    let carol = site.registers("carol");
    let old = site.acting_for(&carol);
    let rotated = world.call("rotatesitekey sitename=tickets overlap=3600").done();
    assert_eq!(rotated.text("sitekey"), site.key);
    site.secret = rotated.text("sitesecret");
    let new = site.acting_for(&carol);
    acts(&old, "carol");
    acts(&new, "carol");
    let shown = world.call("showsitekey sitename=tickets").done();
    assert_eq!(shown.texts("sitesecret").last(), Some(&site.secret));
    assert_eq!(shown.texts("sitesecret").len(), 2);
    world.pass(3_600);
    turned_away(&old);
    acts(&new, "carol");
    assert_eq!(world.call("showsitekey sitename=tickets").done().texts("sitesecret"), [site.secret.clone()]);
    world.call("rotatesitekey sitename=tickets overlap=0").done();
    turned_away(&new);
}
