//! Settings that make something unique, over data that has doubles already.

use regserver::api::{Api, trial};
use regserver::error::Code;

use crate::world::{Configuration, World, set};

#[test]
fn references_become_unique_only_where_they_are() {
    let world = World::new();
    let carol = "registeruser username=carol useremail=carol@example.com reference=R-1";
    world.call(carol).done();
    world.call("registeruser username=daisy useremail=daisy@example.com reference=R-1").done();
    world.service("shop").ask("registeruser", "useremail=eve@example.com reference=R-2").done();
    world.call("registeruser username=freddy useremail=freddy@example.com reference=R-2").done();
    let users = "setprovidersetting setting=CLIENT/EXT_USER_REFERENCE_UNIQUE value=True";
    let before = world.dump();
    let why = "Invalid Request: CLIENT/EXT_USER_REFERENCE_UNIQUE cannot be True: 2 users of DEMO have the reference \
               R-1; change them first";
    world.call(users).refused(Code::InvalidRequest).says(why);
    assert_eq!(world.dump(), before);
    world.call("setreference username=daisy newreference=R-3").done();
    world.call(users).done();
    world.call(&carol.replace("carol", "ginger")).plainly(Code::ReferenceExists);

    let license = "createlicensewithoutuser productname=client type=yearly featurevalue=professional";
    for _ in 0..3 {
        world.call(&format!("{license} licensereference=L-1")).done();
    }
    let licenses = "setprovidersetting setting=LICENSE/EXT_LICENCE_REF_UNIQUE value=True";
    let why = "Invalid Request: LICENSE/EXT_LICENCE_REF_UNIQUE cannot be True: 3 licenses of DEMO have the reference \
               L-1; change them first";
    world.call(licenses).refused(Code::InvalidRequest).says(why);
    let shop = world.service("shop");
    shop.ask("setprovidersetting", "setting=LICENSE/EXT_LICENCE_REF_UNIQUE value=True").done();
}

#[test]
fn addresses_become_unique_only_where_they_are() {
    let world = World::new();
    let isolate = |party: &str, value: &str| {
        let fields = format!("setting=CLIENT/ISOLATED_EMAIL_SCOPE value={value}");
        world.service(party).ask("setprovidersetting", &fields)
    };
    // The same address of users of two providers, of which one is isolated, is no double.
    isolate("shop", "True").done();
    world.call("registeruser username=carol useremail=carol@example.com").done();
    world.service("shop").ask("registeruser", "username=carola useremail=Carol@example.com").done();
    let why = "Invalid Request: CLIENT/ISOLATED_EMAIL_SCOPE cannot be False: the address Carol@example.com of a user of \
               ACME would be that of another user within the same scope; change one of them first";
    isolate("shop", "False").refused(Code::InvalidRequest).says(why);
    // Left out, the default would hold.
    isolate("shop", "").refused(Code::InvalidRequest).says(why);
    // Among other isolated ones it does not count either.
    isolate("portal", "True").done();
    isolate("shop", "False").done();
    isolate("portal", "False").refused(Code::InvalidRequest);

    let unique = |value: &str| world.call(&format!("setserversetting setting=UserEmailUnique value={value}"));
    unique("False").done();
    isolate("portal", "False").done();
    let why = "Invalid Request: UserEmailUnique cannot be True: several users have the address carol@example.com, one \
               of them of DEMO; change it or remove them first";
    let reply = unique("True").refused(Code::InvalidRequest);
    assert_eq!(reply.text("message").to_lowercase().replace("acme", "demo"), why.to_lowercase());
    world.call("removeuser username=carol deletelicense=true").done();
    unique("True").done();
}

/// Refused alike when the configuration is read again, at a start, and when it is only tried; and nothing has changed.
#[track_caller]
fn refused_as_stated(world: &World, change: impl Fn(&mut Configuration), why: &str) {
    let (config, before) = (world.stating(&change), world.dump());
    let told = [
        world.api().reload(&config).err(),
        Api::open(&config, world.options()).err(),
        trial::start(&config).err(),
    ];
    for told in told {
        let told = format!("{:#}", told.expect("it is refused"));
        assert!(told.to_lowercase().replace("acme", "demo").contains(&why.to_lowercase()), "{told}");
    }
    assert_eq!(world.dump(), before);
}

#[test]
fn what_the_configuration_states_is_looked_at_too() {
    let mut world = World::new();
    for name in ["carol", "daisy"] {
        world
            .call(&format!("registeruser username={name} useremail={name}@example.com reference=R-1"))
            .done();
        world.call("createlicensewithoutuser productname=client type=yearly featurevalue=professional licensereference=L-1").done();
    }
    world.service("shop").ask("setprovidersetting", "setting=CLIENT/ISOLATED_EMAIL_SCOPE value=True").done();
    world.service("shop").ask("registeruser", "username=carola useremail=carol@example.com").done();
    let demo = |name: &'static str| {
        move |config: &mut Configuration| {
            config.provider("DEMO", name, "True");
        }
    };
    let why = "CLIENT/EXT_USER_REFERENCE_UNIQUE cannot be True: 2 users of DEMO have the reference R-1; change them first";
    refused_as_stated(&world, demo("CLIENT/EXT_USER_REFERENCE_UNIQUE"), why);
    let why = "LICENSE/EXT_LICENCE_REF_UNIQUE cannot be True: 2 licenses of DEMO have the reference L-1; change them first";
    refused_as_stated(&world, demo("LICENSE/EXT_LICENCE_REF_UNIQUE"), why);
    let open = |config: &mut Configuration| {
        config.provider("ACME", "CLIENT/ISOLATED_EMAIL_SCOPE", "False");
    };
    refused_as_stated(
        &world,
        open,
        "CLIENT/ISOLATED_EMAIL_SCOPE cannot be False: the address carol@example.com",
    );
    world.reconfigure(|config| {
        config.server("UserEmailUnique", "False");
    });
    world.reconfigure(open);
    let unique = |config: &mut Configuration| {
        open(config);
        config.server("UserEmailUnique", "True");
    };
    refused_as_stated(
        &world,
        unique,
        "UserEmailUnique cannot be True: several users have the address carol@example.com",
    );

    world.call("setreference username=daisy newreference=R-2").done();
    world.reconfigure(demo("CLIENT/EXT_USER_REFERENCE_UNIQUE"));
    // What is stored already is not looked at again.
    set(&mut world, "UPDATE users SET reference = 'R-1' WHERE username = 'daisy'");
    world.reconfigure(demo("CLIENT/EXT_USER_REFERENCE_UNIQUE"));
    let same = world.stating(demo("CLIENT/EXT_USER_REFERENCE_UNIQUE"));
    world.api().reload(&same).unwrap();
}
