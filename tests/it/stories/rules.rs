//! The rules of registration where they hold later too: at a change, in a mail, for a code that was
//! used before. Each was forgotten once.

use regserver::error::Code;

use crate::world::World;

const CAROL: &str =
    "registeruser username=carol useremail=carol@example.com password=sekret-1234 activate=true";

fn carol() -> World {
    let world = World::new();
    world.call(CAROL).done();
    world
}

#[test]
fn a_magic_name_is_not_shown_to_its_user() {
    let world = World::new();
    world.call("registeruser useremail=Carol@example.com sendmail=true").done();
    world.call("sendpassword username='$DEMO-1001'").done();
    world.call("setemail username='$DEMO-1001' newemail=new@example.com").done();
    let mails = world.mails();
    assert_eq!(mails.len(), 4);
    for mail in mails {
        assert_eq!(mail.variable("USERNAME"), Some("Carol@example.com"), "{}", mail.template);
        assert!(mail.variables.iter().all(|(_, value)| !value.contains("$DEMO")), "{mail:?}");
    }
    // A name that was chosen is shown.
    world.call("sendpassword username=alice").done();
    assert_eq!(world.mails().last().unwrap().variable("USERNAME"), Some("alice"));
}

#[test]
fn a_mail_is_in_a_language_that_the_users_provider_allows() {
    let mut world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
        config.provider("ACME", "EMAIL/EMAIL_ALLOWED_LANG", "fr,it");
        config.provider("ACME", "EMAIL/EMAIL_DEFAULT_LANG", "it");
    });
    let language = |world: &World| {
        world.call("sendpassword username=carol").done();
        world.mails().last().unwrap().language.clone()
    };
    world.call(&format!("{CAROL} language=de")).done();
    assert_eq!(language(&world), "de");
    world.call("setdistributor username=carol newdistributor=ACME").done();
    assert_eq!(language(&world), "it", "the default of the user's provider, not of the service's");
    world.call("setlanguage username=carol language=de").plainly(Code::LanguageUnknown);
    world.call("setlanguage username=carol language=fr").done();
    assert_eq!(language(&world), "fr");
    world.reconfigure(|config| {
        config.provider("ACME", "EMAIL/EMAIL_ALLOWED_LANG", "it");
        config.provider("ACME", "EMAIL/EMAIL_DEFAULT_LANG", "it");
    });
    assert_eq!(language(&world), "it");
    assert_eq!(world.call("getuserdata username=carol").done().text("language"), "fr", "the wish is kept");
}

#[test]
fn a_language_is_a_tag() {
    let world = World::new();
    for bad in ["de-", "de--AT", "de-!", "de_AT", "de,en", "de-123456789", "deu", "*"] {
        world
            .call(&format!("registeruser useremail=x@example.com language={bad}"))
            .plainly(Code::LanguageUnknown);
        world.call(&format!("setlanguage username=alice language={bad}")).plainly(Code::LanguageUnknown);
    }
    for good in ["de", "DE", "de-AT", "de-Latn-AT-1996"] {
        world.call(&format!("setlanguage username=alice language={good}")).done();
        assert_eq!(world.call("getuserdata username=alice").done().text("language"), "de");
    }
}

#[test]
fn a_used_code_is_known_after_the_next_change_too() {
    let world = carol();
    world.call("setemail username=carol newemail=second@example.com").done();
    let used = world.code();
    world.call("confirmemail activationcode={code}").done();
    world.call("setemail username=carol newemail=third@example.com").done();
    let replaced = world.code();
    world.call("setemail username=carol newemail=fourth@example.com").done();
    world.call(&format!("confirmemail activationcode={used}")).plainly(Code::UserUnknown);
    world.call(&format!("confirmemail activationcode={replaced}")).plainly(Code::WrongActivationCode);
    world.call("confirmemail activationcode={code}").done();
    assert_eq!(world.call("getuserdata username=carol").done().text("email"), "fourth@example.com");
}

#[test]
fn a_name_in_another_spelling_keeps_to_the_rules() {
    let mut world = World::new();
    world.call("registeruser username=strasse useremail=s@example.com").done();
    world.call("setusername username=strasse newusername=Straße").done();
    world.call("setusername username=strasse newusername=STRASSE").done();
    world.reconfigure(|config| {
        config.server("RegNameComplexity", "basic-ascii").server("ClientUsernameLength", "7");
    });
    world.call("setusername username=strasse newusername=Straße").plainly(Code::InvalidUsername);
    world.call("setusername username=strasse newusername=straSSe").done();
    // To the name that it has, nothing has to be allowed.
    world.call("setusername username=alice newusername=alice").done();
    world.call("setusername username=alice newusername=Alice").plainly(Code::InvalidUsername);
}

#[test]
fn a_name_that_folds_to_another_is_that_name() {
    let world = World::new();
    let register = |name: &str, n: usize| {
        world.call(&format!("registeruser username='{name}' useremail=p{n}@example.com activate=true"))
    };
    let groups: [&[&str]; 7] = [
        &["istanbul", "ISTANBUL"],
        &["İstanbul", "i\u{307}stanbul"],
        &["ıstanbul"],
        &["Ｃａｒｏｌ", "ｃａｒｏｌ"],
        &["ﬁnder", "finder", "FINDER"],
        &["\u{212a}elvin", "kelvin"],
        &["ΌΣΟΣ1", "όσος1", "όσοσ1"],
    ];
    for (n, group) in groups.iter().enumerate() {
        register(group[0], n).done();
        for other in &group[1..] {
            register(other, 100).plainly(Code::UserExists);
            assert_eq!(
                world.call(&format!("getuserdata username='{other}'")).done().text("username"),
                *world.call(&format!("getuserdata username='{}'", group[0])).done().text("username"),
            );
        }
    }
}

#[test]
fn nothing_that_prints_nothing_is_in_a_name_or_an_address() {
    let world = World::new();
    for c in ["\u{ad}", "\u{200b}", "\u{202e}", "\u{2800}", "\u{feff}", "\u{1d173}", "\u{fdd0}", "\u{1fffe}"]
    {
        world
            .call(&format!("registeruser username=car{c}ol useremail=x@example.com"))
            .plainly(Code::InvalidUsername);
        for address in [format!("car{c}ol@example.com"), format!("carol@exam{c}ple.com")] {
            world.call(&format!("registeruser useremail={address}")).plainly(Code::InvalidEmail);
            world.call(&format!("setemail username=alice newemail={address}")).plainly(Code::InvalidEmail);
        }
    }
}

#[test]
fn a_domain_has_one_spelling() {
    let world = World::new();
    for bad in ["a@ｅxample.com", "a@ﬁnder.example", "a@example.com.", "a@example。com", "a＠example.com"]
    {
        world.call(&format!("registeruser useremail={bad}")).plainly(Code::InvalidEmail);
    }
    world.call("registeruser useremail=a@mu\u{308}ller.example").done();
    world.call("registeruser useremail=A@MÜLLER.example").plainly(Code::EmailExists);
}

#[test]
fn a_change_to_what_is_there_already_is_none() {
    let world = carol();
    for call in [
        "setdepartment username=carol department=Sales",
        "setlanguage username=carol language=de",
        "setreference username=carol newreference=C-1",
        "setauthid username=carol newauthid=ldap-c",
        "setcapability username=carol capability=newsletter value=true",
        "setusername username=carol newusername=Carol",
        "disableuser username=carol",
        "enableuser username=carol",
        "deactivateuser username=carol",
    ] {
        let number = || world.call("getuserdata username=carol").done().number("modnumber");
        let before = number();
        world.call(call).done();
        assert_eq!(number(), before + 1, "{call}");
        let rows = world.dump();
        world.call(call).done();
        assert_eq!(world.dump(), rows, "{call}");
    }
}

#[test]
fn the_code_of_a_disabled_user_waits() {
    let world = World::new();
    let code = world.call("registeruser username=carol useremail=carol@example.com").done();
    let call = format!("activateuser activationcode={}", code.text("activationcode"));
    world.call("disableuser username=carol").done();
    world.call(&call).plainly(Code::WrongActivationCode);
    world.call("enableuser username=carol").done();
    assert_eq!(world.call("getuserdata username=carol").done().text("status"), "inactive");
    world.call(&call).done();
    assert_eq!(world.call("getuserdata username=carol").done().text("status"), "activated");
}
