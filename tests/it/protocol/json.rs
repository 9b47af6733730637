//! The JSON endpoint, rule by rule (`access.md` §2): what its bodies may be and what they mean.

use regserver::error::Code;

use crate::world::{Party, World};

/// A call with these members beside command and time.
fn call(command: &str, members: &str) -> String {
    let comma = if members.is_empty() { "" } else { "," };
    format!(r#"{{"command":"{command}","requesttime":1767225600{comma}{members}}}"#)
}

fn portal(world: &World) -> Party<'_> {
    world.service("portal").over_json()
}

#[test]
fn an_object_alone_or_in_a_form_and_signed_as_it_is_sent() {
    let world = World::new();
    let body = call("getuserdata", r#""username":"alice""#);
    let escaped: String = body.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let forms = [
        body.clone(),
        format!(" \n{body}\r\n"),
        format!("data={body}"),
        format!("SESS=x&data={escaped}&y=%"),
    ];
    for form in &forms {
        let reply = portal(&world).body(form.as_bytes()).done();
        assert_eq!(reply.text("username"), "alice", "{form}");
    }
    // The checksum is over the whole body, not over what is in it.
    let inner = portal(&world).checksum(body.as_bytes());
    portal(&world).signed(forms[2].as_bytes(), Some(&inner)).plainly(Code::InvalidRequest);
    for body in [
        "",
        "data=",
        "command=getversion&requesttime=1767225600",
        "<teamdrive><command>getversion</command></teamdrive>",
        "--b\r\nContent-Disposition: form-data; name=\"data\"\r\n\r\n{}\r\n--b--\r\n",
        r#"["getversion"]"#,
    ] {
        portal(&world).body(body.as_bytes()).plainly(Code::InvalidXml);
    }
    world.service("portal").body(body.as_bytes()).plainly(Code::InvalidXml);
}

#[test]
fn truths_and_numbers_may_be_their_own_or_texts() {
    let world = World::new();
    for time in ["1767225600", "\"1767225600\"", "\" 1767225600 \""] {
        let body = format!(r#"{{"command":" getversion ","requesttime":{time}}}"#);
        portal(&world).body(body.as_bytes()).done();
    }
    for time in ["1767225600.0", "1.7e9", "true", "\"\"", "null", "{}", "[]", "{\"x\":1}"] {
        let body = format!(r#"{{"command":"getversion","requesttime":{time}}}"#);
        portal(&world).body(body.as_bytes()).refused(Code::InvalidRequest);
    }
    for truth in ["true", "\"$TRUE\"", "1", "\" 1 \"", "false", "\"$false\"", "0"] {
        portal(&world)
            .body(call("searchuser", &format!("\"onlyownusers\":{truth},\"username\":\"alice\"")).as_bytes())
            .done();
    }
    let reply = portal(&world).body(call("searchuser", r#""onlyownusers":2,"username":"alice""#).as_bytes());
    reply.refused(Code::InvalidRequest).says("Invalid Request: onlyownusers must be true or false");
    let reply = portal(&world)
        .body(call("searchuser", r#""username":["alice"],"startid":99999999999999999999"#).as_bytes());
    reply.refused(Code::InvalidRequest).says("Invalid Request: startid is too large");
}

#[test]
fn nothing_and_blank_are_absent_and_texts_are_trimmed() {
    let world = World::new();
    let members = r#""username":" alice ","useroremail":null,"authid":"  ","reference":"","#;
    portal(&world).body(call("getuserdata", members.trim_end_matches(',')).as_bytes()).done();
    let login = |password: &str| call("loginuser", &format!(r#""username":"alice","password":"{password}""#));
    portal(&world).body(login("\\t wonder-2026\\n").as_bytes()).done();
    portal(&world).body(login("wonder-2026\u{a0}").as_bytes()).plainly(Code::WrongPassword);
    let unknown = r#""username":"alice","colour":{"a":[1.5,{"b":null}]},"teamdrive":[]"#;
    portal(&world).body(call("getuserdata", unknown).as_bytes()).done();
    portal(&world).body(br#"{"teamdrive":{"command":"getversion"}}"#).plainly(Code::InvalidCommand);
    portal(&world).body(br#"{"command":{"x":"getversion"}}"#).plainly(Code::InvalidCommand);
    portal(&world).body(br#"{"command":"getVersion"}"#).plainly(Code::InvalidCommand);
}

#[test]
fn lists_are_what_they_look_like() {
    let world = World::new();
    let begin = "servicename=tickets addresses=192.0.2.7 commands=getversion";
    world.service("portal").ask("createservice", begin).done();
    let service =
        |list: &str| call("updateservice", &format!(r#""servicename":"tickets","commands":{list}"#));
    let shown = || {
        let reply =
            portal(&world).body(call("searchservice", r#""servicename":"tickets""#).as_bytes()).done();
        reply.json()["servicelist"]["service"][0]["commands"].clone()
    };
    for (sent, kept) in [
        (r#"["getversion","getuserdata"]"#, r#"["getuserdata","getversion"]"#),
        ("null", r#"["getuserdata","getversion"]"#),
        (r#"["getversion"]"#, r#"["getversion"]"#),
        (r#""getuserdata, getversion""#, r#"["getuserdata","getversion"]"#),
        (r#"{"command":["getversion"]}"#, r#"["getversion"]"#),
        ("[]", "[]"),
    ] {
        let reply = portal(&world).body(service(sent).as_bytes());
        assert_eq!(reply.code(), None, "{sent}: {}", reply.body());
        let mut now = shown();
        now.as_array_mut().unwrap().sort_by_key(ToString::to_string);
        assert_eq!(now.to_string(), kept, "{sent}");
    }
    // One entry with a comma in it is one entry, and so no command's name.
    let reply = portal(&world).body(service(r#"["getversion,getuserdata"]"#).as_bytes());
    reply.refused(Code::InvalidRequest);
    portal(&world).body(service(r#"[["getversion"]]"#).as_bytes()).plainly(Code::InvalidXml);
}

#[test]
fn what_may_repeat_is_always_a_list() {
    let world = World::new();
    for (name, count) in [("nobody-here", 0), ("alice", 1)] {
        let reply = portal(&world).ask("searchuser", &format!("username={name}")).done();
        assert_eq!(reply.json()["userlist"]["user"].as_array().map(Vec::len), Some(count));
    }
}

#[test]
fn bad_json_is_refused_and_the_log_knows_why() {
    let world = World::new();
    let inside = |members: &str| call("getversion", members).into_bytes();
    let deep = format!("\"x\":{}1{}", "{\"x\":".repeat(3), "}".repeat(3));
    let many: Vec<String> = (0..1_998).map(|n| format!("\"x{n}\":1")).collect();
    for (body, why) in [
        (inside(r#""x":1,"x":2"#), "a repeated member"),
        (inside(r#""x":1,"\u0078":null"#), "a repeated member"),
        (inside(r#""x":"\ud800""#), "half a surrogate pair in a text"),
        (inside("\"x\":\"\\u0000\""), "an illegal character"),
        (inside("\"x y\":1"), "a member's name"),
        (inside("\"x\":\u{1}"), "not JSON"),
        (inside("\"x\":1}{"), "not JSON"),
        ([&inside("")[..], b"x"].concat(), "not JSON"),
        ([&b"{\"x\":\""[..], b"\xff\"}"].concat(), "bad UTF-8"),
        (inside(&deep), "members too deep"),
        (inside(&many.join(",")), "too many members"),
        (inside(&format!("\"x\":\"{}\"", "x".repeat((64 << 10) + 1))), "a text too long"),
        (b"x=1".to_vec(), "neither an object nor a form with data"),
    ] {
        let reply = portal(&world).body(&body).plainly(Code::InvalidXml);
        assert_eq!(reply.answer.trace.why.as_deref(), Some(why));
    }
    portal(&world).body(&inside(&many[1..].join(","))).done();
    portal(&world).body(&inside(&format!("\"csv\":\"{}\"", "x".repeat(512 << 10)))).done();
}

#[test]
fn who_shows_nothing_is_nobody_even_at_a_services_address() {
    let world = World::new();
    let (public, other) = (call("getversion", ""), call("getuserdata", r#""username":"alice""#));
    for party in [portal(&world), portal(&world).from("203.0.113.9")] {
        party.signed(public.as_bytes(), None).done();
        let reply = party.signed(other.as_bytes(), None);
        assert_eq!((reply.answer.status, reply.code()), (403, Some(-30_000)));
        let shown = r#"{"regversion":"4.7.1","exception":{"primarycode":-30000,"secondarycode":"","message":"Access denied: getuserdata needs a credential"}}"#;
        assert_eq!(reply.body(), shown);
    }
    let stranger = portal(&world).from("203.0.113.9");
    stranger.body(public.as_bytes()).plainly(Code::AccessDenied);
    // On the XML endpoint a stranger's refusal is an application error as ever.
    let xml = world.service("portal").from("203.0.113.9");
    xml.signed(b"<teamdrive/>", None).plainly(Code::AccessDenied);
}

#[test]
fn seconds_and_versions_are_where_they_are_in_xml() {
    let world = World::new();
    for _ in 0..10 {
        portal(&world).ask("loginuser", "username=alice password=guess-1234").plainly(Code::WrongPassword);
    }
    let reply = portal(&world).ask("loginuser", "username=alice password=guess-1234 apiversion='\"2\"'");
    let reply = reply.refused(Code::TooManyAttempts).json();
    assert_eq!(reply["apiversion"], "\"2\"");
    assert!(reply["exception"]["secondarycode"].as_i64().is_some_and(|seconds| seconds > 0), "{reply}");
    let names: Vec<_> = reply.as_object().unwrap().keys().collect();
    assert_eq!(names, ["regversion", "apiversion", "exception"]);
}

#[test]
fn lists_are_the_same_fields_for_an_idempotency_key() {
    let world = World::new();
    let xml =
        |fields: &str| world.call(&format!("createservice servicename=tickets {fields} idempotencykey=k"));
    let json = |members: &str| {
        let members = format!(r#""servicename":"tickets",{members},"idempotencykey":"k""#);
        portal(&world).body(call("createservice", &members).as_bytes())
    };
    let id = xml("addresses=192.0.2.1 addresses=192.0.2.2 commands=[] kind=").done().text("serviceid");
    for members in [
        r#""addresses":["192.0.2.1","192.0.2.2"],"commands":"[]""#,
        r#""addresses":["192.0.2.1"," 192.0.2.2"],"commands":[],"colour":null"#,
    ] {
        assert_eq!(json(members).done().text("serviceid"), id);
    }
    json(r#""addresses":["192.0.2.1"]"#).refused(Code::InvalidRequest);
}

#[test]
fn a_replay_is_one_on_either_endpoint() {
    let world = World::with(|config| {
        config.server("RequestTimeWindow", "300").server("ReplayProtection", "True");
    });
    for body in [call("getversion", ""), call("sendpassword", r#""username":"alice""#)] {
        portal(&world).body(body.as_bytes()).done();
        portal(&world).body(body.as_bytes()).refused(Code::InvalidRequest);
    }
}
