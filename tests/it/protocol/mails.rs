//! Which calls send mail (`commands.md` §9), told by what stands in the outbox.

use crate::world::{Configuration, World};

fn sending() -> World {
    World::with(|config: &mut Configuration| {
        config.provider("DEMO", "API/API_SEND_EMAIL", "True");
    })
}

/// Template and family of the mails that a call leads to.
fn mails(world: &World, call: &str) -> Vec<String> {
    let before = world.mails().len();
    world.call(call).done();
    world.mails().iter().skip(before).map(|mail| format!("{}-{}", mail.family, mail.template)).collect()
}

#[test]
fn a_call_without_a_default_goes_by_sendmail_then_origin_then_setting() {
    let (quiet, sending) = (World::new(), sending());
    let user = |n: usize| {
        format!("registeruser username=person{n} useremail=person{n}@example.com password=sekret-1234")
    };
    let cases: [(&str, &[&str], &[&str]); 9] = [
        ("", &[], &["web-activationlink"]),
        ("sendmail=true", &["web-activationlink"], &["web-activationlink"]),
        ("sendmail=$false", &[], &[]),
        ("origin=API-CALL", &[], &["web-activationlink"]),
        ("origin=LOGIN-PORTAL", &["reg-activationlink"], &["reg-activationlink"]),
        ("origin=ADMIN-CONSOLE", &["reg-activationlink"], &["reg-activationlink"]),
        ("origin=CLIENT-CALL", &["reg-activationlink"], &["reg-activationlink"]),
        ("origin=USER-IMPORT", &["reg-activationlink"], &["reg-activationlink"]),
        ("origin=LOGIN-PORTAL sendmail=0", &[], &[]),
    ];
    for (n, (fields, without, with)) in cases.iter().enumerate() {
        let call = format!("{} {fields}", user(n));
        assert_eq!(mails(&quiet, &call), *without, "{fields}");
        assert_eq!(mails(&sending, &call), *with, "{fields}, API_SEND_EMAIL");
    }
}

#[test]
fn a_call_with_a_default_goes_by_that() {
    let sending = sending();
    for (n, (fields, expected)) in
        [("", &[][..]), ("sendmail=true", &["web-user-removed"]), ("origin=CLIENT-CALL", &[])]
            .iter()
            .enumerate()
    {
        sending
            .call(&format!("registeruser username=person{n} useremail=p{n}@example.com activate=1"))
            .done();
        assert_eq!(
            mails(&sending, &format!("removeuser username=person{n} {fields}")),
            *expected,
            "{fields}"
        );
    }
}

#[test]
fn a_mail_with_something_to_enter_is_always_sent() {
    let world = World::new();
    for fields in ["", "sendmail=false", "origin=CLIENT-CALL sendmail=false"] {
        assert_eq!(mails(&world, &format!("sendpassword username=alice {fields}")).len(), 1, "{fields}");
    }
}

#[test]
fn the_template_fits_the_call() {
    let world = sending();
    assert_eq!(
        mails(&world, "registeruser username=carol useremail=c@example.com"),
        ["web-activationsetpassword"]
    );
    assert_eq!(mails(&world, "registeruser username=daisy useremail=d@example.com activate=true"), [""; 0]);
    assert_eq!(mails(&world, "setpassword username=alice newpassword=sekret-5678"), ["web-passwd-changed"]);
    assert_eq!(mails(&world, "sendpassword username=alice"), ["web-tmppassword"]);
    let login = format!("loginuser username=alice tmppassword={} password=sekret-9999", world.code());
    assert_eq!(mails(&world, &login), ["web-passwd-changed"]);
    assert_eq!(mails(&world, "loginuser username=alice password=sekret-9999"), [""; 0]);
}

#[test]
fn a_mail_says_what_it_needs_to() {
    let world = sending();
    world.call("registeruser username=carol useremail=Carol@example.com language=de").done();
    let mails = world.mails();
    let mail = mails.last().unwrap();
    assert_eq!((mail.recipient.as_str(), mail.language.as_str()), ("Carol@example.com", "de"));
    assert_eq!(
        (mail.variable("USERNAME"), mail.variable("EMAIL")),
        (Some("carol"), Some("Carol@example.com"))
    );
    assert_eq!(mail.variable("ACTIVATIONCODE").map(str::len), Some(32));
}

#[test]
fn a_code_is_in_the_mail_or_in_the_reply_never_in_both() {
    let world = World::new();
    let reply = world.call("registeruser username=carol useremail=carol@example.com").done();
    assert!(reply.find("activationcode").is_some() && world.mails().is_empty());
    let reply = world.call("registeruser username=daisy useremail=daisy@example.com sendmail=true").done();
    assert!(reply.find("activationcode").is_none() && world.mails().len() == 1);
    let reply = world.call("registeruser username=emily useremail=emily@example.com activate=true").done();
    assert!(reply.find("activationcode").is_none() && world.mails().len() == 1);
}

#[test]
fn the_provider_of_the_call_decides() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True").provider("ACME", "API/API_SEND_EMAIL", "True");
    });
    let portal = world.service("portal");
    portal.ask("registeruser", "useremail=one@example.com").done();
    assert!(world.mails().is_empty());
    portal.ask("registeruser", "useremail=two@example.com distributor=ACME").done();
    assert_eq!(world.mails().len(), 1);
}
