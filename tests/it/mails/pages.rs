//! The pages behind the links in mails, from the mail that has the link to what the database has then.

use super::house::{House, PUBLIC, page, says};
use crate::program::{body, header};

const CAROL: &str = "username=carol useremail=carol@example.com password=sekret-1234";
const NEVER: &str = "abcdefghijkmnpqrstuvwxyz23456789";

/// A house with dora, erika and the group `north`.
fn house(more: &str) -> House {
    let house = House::new(more);
    for name in ["dora", "erika"] {
        let name = format!("{name}-1");
        house.done(
            "registeruser",
            &format!("username={name} useremail={name}@example.com password=sekret-1234 activate=1"),
        );
    }
    house.done("creategroup", "username=dora-1 groupname='Sales & North' groupreference=north");
    house
}

/// Opens a link as often as programs do, which changes nothing; presses its button, which does it; and once more.
#[track_caller]
fn follow(house: &House, link: &str, form: &str, [asks, done, again]: [&str; 3]) {
    let before = house.dump();
    for _ in 0..3 {
        says(&house.open(link), 200, asks);
    }
    let head =
        house.server.send(format!("HEAD {link} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes());
    assert!(head.starts_with("HTTP/1.1 200 ") && body(&head).is_empty(), "{head}");
    assert_eq!(house.dump(), before, "opening {link} changed something");
    says(&house.press(link, form), 200, done);
    let after = house.dump();
    assert_ne!(after, before);
    for reply in [house.press(link, form), house.open(link)] {
        says(&reply, 200, again);
    }
    assert_eq!(house.dump(), after, "{link} did it twice");
}

#[test]
fn every_link_asks_when_it_is_opened_and_does_it_once() {
    let house = house("");
    house.done("registeruser", &format!("{CAROL} sendmail=1"));
    let link = house.mail("carol@example.com", 1).link("/activate/");
    let said = ["Activate your account", "Your account is active", "Your account is active already"];
    follow(&house, &link, "", said);
    house.done("loginuser", "username=carol password=sekret-1234");

    house.done("registeruser", "username=frank useremail=frank@example.com sendmail=1");
    let link = house.mail("frank@example.com", 1).link("/password/");
    let said = ["Choose a password", "Your password is set", "Your password is set already"];
    follow(&house, &link, "password=a+pass%26word", said);
    house.done("loginuser", "username=frank password='a pass&word'");

    house.done("setemail", "username=carol newemail=caroline@example.com");
    house.mail("carol@example.com", 2);
    let link = house.mail("caroline@example.com", 1).link("/email/");
    let said =
        ["Confirm your new address", "Your new address is confirmed", "Your address is confirmed already"];
    follow(&house, &link, "", said);
    assert!(house.done("getuserdata", "username=carol").contains("<email>caroline@example.com</email>"));

    house.done("inviteusertogroup", "groupreference=north username=carol");
    let link = house.mail("caroline@example.com", 2).link("/group/join/");
    follow(&house, &link, "", ["Join the group", "You have joined the group", "You have answered already"]);
    assert!(house.done("getgroupdata", "groupreference=north").contains("<username>carol</username>"));

    house.done("inviteusertogroup", "groupreference=north username=erika-1");
    let link = house.mail("erika-1@example.com", 1).link("/group/reject/");
    follow(&house, &link, "", ["Decline the invitation", "You have declined", "You have answered already"]);
    assert!(!house.done("getgroupdata", "groupreference=north").contains("erika"));

    house.done("requestuserdeletion", "username=erika-1");
    let link = house.mail("erika-1@example.com", 2).link("/delete/");
    let said = ["Delete your account", "Your account is deleted", "Your account is deleted already"];
    follow(&house, &link, "", said);
    assert!(house.call("getuserdata", "username=erika-1").contains("-30100"));
    // The log has what was called, and neither it nor any file has a code.
    let log = house.server.log();
    assert!(log.contains("confirmuserdeletion"), "{log}");
    let files: Vec<Vec<u8>> = std::fs::read_dir(&house.folder.0)
        .unwrap()
        .map(|file| std::fs::read(file.unwrap().path()).unwrap())
        .collect();
    for mail in house.sink.mails() {
        let text = mail["parts"][0][1].as_str().unwrap();
        for link in
            text.split_whitespace().filter(|word| word.starts_with(PUBLIC) && word.len() > PUBLIC.len())
        {
            let code = link.rsplit('/').next().unwrap();
            let held = |file: &Vec<u8>| file.windows(code.len()).any(|part| part == code.as_bytes());
            assert!(!log.contains(code) && !files.iter().any(held), "{link}");
        }
    }
    let audit = house.done("searchaudit", "username=carol");
    assert!(audit.contains("<caller>nobody</caller>") && audit.contains("confirmemail"), "{audit}");
}

#[test]
fn a_link_that_is_wrong_over_or_of_another_kind_does_nothing() {
    let house = house("");
    house.done("registeruser", &format!("{CAROL} sendmail=1"));
    let link = house.mail("carol@example.com", 1).link("/activate/");
    let code = link.rsplit('/').next().unwrap().to_owned();
    let before = house.dump();
    let unknown = "This link is not known";
    let paths = ["/activate", "/password", "/email", "/delete", "/group/join", "/group/reject"];
    for path in paths {
        for end in [
            "",
            "/",
            "/x",
            &format!("/{NEVER}"),
            "/%00%ff",
            "/a/b",
            "/..",
            &format!("/{}", "x".repeat(3_000)),
        ] {
            let link = format!("{path}{end}");
            says(&house.open(&link), 404, unknown);
            says(&house.press(&link, "password=sekret-5678"), 404, unknown);
        }
    }
    // A code is good for one thing; the link to a first password is the same thing.
    for path in ["/email", "/delete", "/group/join", "/group/reject"] {
        says(&house.press(&format!("{path}/{code}"), ""), 404, unknown);
    }
    says(&house.open(&format!("/password/{code}")), 200, "Activate your account");
    assert_eq!(house.dump(), before);
    // Over: disabled for now, taken back, expired.
    let over = "This link is no longer good";
    house.done("disableuser", "username=carol");
    says(&house.open(&link), 410, over);
    house.done("enableuser", "username=carol");
    house.done("requestuserdeletion", "username=dora-1");
    let deletion = house.mail("dora-1@example.com", 1).link("/delete/");
    house.done("enableuser", "username=dora-1");
    says(&house.press(&deletion, ""), 404, unknown);
    let house = house.set("UPDATE codes SET expires = 1000");
    let before = house.dump();
    says(&house.open(&link), 410, over);
    says(&house.press(&link, ""), 410, over);
    assert_eq!(house.dump(), before);
    // In the case of the letters, and with what a mail program takes along, a link is the same.
    let house = house.set("UPDATE codes SET expires = 4000000000000000");
    let link = format!("/activate/{}.", code.to_uppercase());
    says(&house.press(&link, ""), 200, "Your account is active");
}

#[test]
fn a_password_that_cannot_be_taken_is_asked_for_once_more() {
    let house = house("");
    house.done("registeruser", "username=frank useremail=frank@example.com sendmail=1");
    let link = house.mail("frank@example.com", 1).link("/password/");
    let rule = "The password must have at least 8 characters.";
    let reply = house.open(&link);
    assert!(reply.contains(rule) && reply.contains("autocomplete=\"new-password\""), "{reply}");
    let before = house.dump();
    let long = format!("password={}", "x".repeat(1_001));
    for form in
        ["", "password=", "password=+++", "password=short", "password=%ff%fe", "passwort=sekret-1234", &long]
    {
        let reply = house.press(&link, form);
        says(&reply, 422, "Choose a password");
        assert!(reply.contains(rule), "{form}: {reply}");
    }
    assert_eq!(house.dump(), before);
    let reply = house.press(&link, &format!("password={}", "x".repeat(17_000)));
    assert!(reply.starts_with("HTTP/1.1 413 "), "{reply}");
    // A service may have set one meanwhile; then there is none to choose, and none is replaced.
    house.done("setpassword", "username=frank newpassword=sekret-1234");
    says(&house.open(&link), 200, "Activate your account");
    says(&house.press(&link, "password=sekret-5678"), 200, "Your account is active");
    house.done("loginuser", "username=frank password=sekret-1234");
}

#[test]
fn an_address_that_somebody_else_has_by_now_is_not_confirmed() {
    let house = house("");
    house.done("setemail", "username=dora-1 newemail=new@example.com");
    let link = house.mail("new@example.com", 1).link("/email/");
    house.done("registeruser", "username=quick useremail=new@example.com");
    for reply in [house.open(&link), house.press(&link, "")] {
        assert!(reply.contains("Somebody else has this address by now"), "{reply}");
    }
    assert!(house.done("getuserdata", "username=dora-1").contains("<email>dora-1@example.com</email>"));
}

#[test]
fn a_full_group_is_told_and_can_be_joined_later() {
    let house = house("");
    let made = house
        .done("createlicensewithoutuser", "productname=client type=yearly featurevalue=professional limit=1");
    let key = made.split("<licensekey>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    house.done("setgrouplicense", &format!("groupreference=north licensekey={key}"));
    house.done("userjoinedgroup", "groupreference=north username=dora-1");
    house.done("inviteusertogroup", "groupreference=north username=erika-1");
    let link = house.mail("erika-1@example.com", 1).link("/group/join/");
    let before = house.dump();
    let reply = house.press(&link, "");
    says(&reply, 422, "Join the group");
    assert!(reply.contains("no free place at the moment") && reply.contains("Sales &amp; North"), "{reply}");
    assert_eq!(house.dump(), before);
    house.done("upgradelicense", &format!("licensekey={key} limit=2"));
    says(&house.press(&link, ""), 200, "You have joined the group");
}

#[test]
fn a_page_is_in_the_language_of_its_user() {
    let house =
        house("[[provider]]\ncode = \"DEMO\"\nsettings = { EMAIL.EMAIL_ALLOWED_LANG = \"en,de,fr\" }\n");
    let register = |name: &str, language: &str| {
        let fields = format!("username={name} useremail={name}@example.com language={language} sendmail=1");
        house.done("registeruser", &fields);
        house.mail(&format!("{name}@example.com"), 1).link("/password/")
    };
    let (german, french) = (register("gerda", "de"), register("fleur", "fr"));
    let english = "Accept-Language: en\r\n";
    let (_, language, heading) = page(&house.open_as(&german, english));
    assert_eq!((language.as_str(), heading.as_str()), ("de", "Passwort wählen"));
    let reply = house.press(&german, "password=kurz");
    assert!(reply.contains("Das Passwort muss mindestens 8 Zeichen haben."), "{reply}");
    // There is no French; the provider's own language stands in for it.
    assert_eq!(page(&house.open_as(&french, "Accept-Language: de\r\n")).1, "en");
    // Of a code that nobody has, only the browser can say the language.
    let nobody = format!("/activate/{NEVER}");
    for (wanted, language) in [("de-AT, en;q=0.5", "de"), ("en, de", "en"), ("it", "en"), ("", "en")] {
        let (status, found, _) = page(&house.open_as(&nobody, &format!("Accept-Language: {wanted}\r\n")));
        assert_eq!((status, found.as_str()), (404, language), "{wanted}");
    }
    let (_, language, heading) = page(&house.press(&german, "password=lang-genug"));
    assert_eq!((language.as_str(), heading.as_str()), ("de", "Ihr Passwort ist gesetzt"));
}

#[test]
fn a_page_runs_nothing_is_framed_by_nobody_and_tells_its_address_to_nobody() {
    let house = house("");
    let name = "<script>alert(1)</script>";
    house.done("registeruser", &format!("username='{name}' useremail=x@example.com sendmail=1"));
    let link = house.mail("x@example.com", 1).link("/password/");
    for reply in [
        house.open(&link),
        house.press(&link, "password=short"),
        house.press(&link, "password=sekret-1234"),
        house.open(&link),
        house.open("/delete/x"),
    ] {
        page(&reply);
        assert!(!reply.contains("<script"), "{reply}");
        for (name, value) in [
            ("cache-control", "no-store"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("x-content-type-options", "nosniff"),
            ("content-type", "text/html; charset=UTF-8"),
        ] {
            assert_eq!(header(&reply, name), Some(value), "{reply}");
        }
        let policy = header(&reply, "content-security-policy").unwrap();
        for part in ["default-src 'none'", "style-src 'sha256-", "base-uri 'none'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(part), "{policy}");
        }
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(policy.contains("form-action 'self';"), body(&reply).contains("<form"), "{policy}");
    }
    assert!(house.open(&link).contains("Your password is set already"));
    for method in ["PUT", "DELETE", "OPTIONS", "PATCH"] {
        let reply = house.server.send(format!("{method} {link} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes());
        assert!(reply.starts_with("HTTP/1.1 405 "), "{method}: {reply}");
        assert_eq!(header(&reply, "allow"), Some("GET, HEAD, POST"));
    }
}

/// A browser that is not told where it comes from says `Origin: null`, also of our own page.
#[test]
fn a_button_works_whatever_the_browser_says_of_where_it_stands() {
    let house = house("");
    house.done("registeruser", &format!("{CAROL} sendmail=1"));
    let link = house.mail("carol@example.com", 1).link("/activate/");
    let press = |origin: &str| {
        let request = format!("POST {link} HTTP/1.1\r\nHost: x\r\n{origin}Content-Length: 0\r\n\r\n");
        house.server.send(request.as_bytes())
    };
    says(&press("Origin: null\r\n"), 200, "Your account is active");
    says(&press("Origin: https://elsewhere.example\r\n"), 200, "Your account is active already");
    says(&press(""), 200, "Your account is active already");
}

#[test]
fn whoever_asks_too_often_waits() {
    let house = House::new("[limits]\nrequests_per_second = 1\nburst = 3\n");
    let ask = |method: &str| {
        let request = format!("{method} /activate/{NEVER} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
        house.server.send_from("127.0.0.7", request.as_bytes())
    };
    for _ in 0..3 {
        says(&ask("GET"), 404, "This link is not known");
    }
    for method in ["GET", "POST"] {
        let reply = ask(method);
        assert!(reply.starts_with("HTTP/1.1 429 ") && header(&reply, "retry-after").is_some(), "{reply}");
    }
}

#[test]
fn nobody_with_a_magic_name_ever_sees_it() {
    let house = house("");
    house.done("registeruser", "useremail=frank@example.com sendmail=1");
    let link = house.mail("frank@example.com", 1).link("/password/");
    for reply in [house.open(&link), house.press(&link, "password=sekret-1234"), house.open(&link)] {
        page(&reply);
        assert!(!reply.contains("$DEMO"), "{reply}");
    }
    let reply = house.call("loginuser", "useroremail=frank@example.com password=sekret-1234");
    let name = reply.split("<username>").nth(1).unwrap().split('<').next().unwrap();
    house.done("setemail", &format!("username={name} newemail=franco@example.com"));
    let link = house.mail("franco@example.com", 1).link("/email/");
    let done = house.press(&link, "");
    assert!(done.contains("franco@example.com") && !done.contains("$DEMO"), "{done}");
}
