//! Acting for another provider: every pair, with the permission and without.

use regserver::error::Code;

use crate::world::World;

const SERVICES: [(&str, &str); 3] = [("portal", "DEMO"), ("shop", "ACME"), ("branch", "BETA")];

#[test]
fn every_pair_of_providers() {
    for allowed in ["False", "True"] {
        let world = World::with(|config| {
            config.server("APIAllowSettingDistributor", allowed);
        });
        for (service, own) in SERVICES {
            for named in ["DEMO", "ACME", "BETA", "NONE", "toolong", "' OR 1=1", "DEMO,ACME"] {
                let fields = format!("distributor=\"{named}\"");
                let reply = world.service(service).ask("getversion", &fields);
                let may_switch = allowed == "True" && own != "BETA";
                let known = SERVICES.iter().any(|(_, code)| *code == named);
                let manages = own == "DEMO" || (own == "ACME" && named == "BETA");
                match () {
                    () if named == own => drop(reply.done()),
                    () if !may_switch => drop(refused(reply)),
                    () if !known => drop(reply.plainly(Code::ProviderUnknown)),
                    () if !manages => drop(refused(reply)),
                    () => drop(reply.done()),
                }
            }
        }
    }
}

fn refused(reply: crate::world::Reply) -> crate::world::Reply {
    reply.refused(Code::AccessDenied).says("Access denied to specified Provider").second("")
}

#[test]
fn managing_is_one_step_and_no_chain() {
    // DEMO is not the default here: ACME is, and DEMO manages ACME, which manages BETA.
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True").server("DefaultProvider", "BETA");
        let providers = config.0["provider"].as_array_mut().unwrap();
        providers[1].as_table_mut().unwrap().insert("managed_by".into(), "DEMO".into());
    });
    world.service("portal").ask("getversion", "distributor=ACME").done();
    refused(world.service("portal").ask("getversion", "distributor=BETA"));
    world.service("shop").ask("getversion", "distributor=BETA").done();
    world.service("branch").ask("getversion", "distributor=DEMO").done();
}

#[test]
fn what_the_provider_named_has_set_holds() {
    let world = World::with(|config| {
        config.server("APIAllowSettingDistributor", "True");
        config.provider("BETA", "EMAIL/EMAIL_ALLOWED_LANG", "fr").provider(
            "BETA",
            "EMAIL/EMAIL_DEFAULT_LANG",
            "fr",
        );
    });
    let shop = world.service("shop");
    shop.ask("registeruser", "username=carol useremail=c@example.com language=en distributor=BETA")
        .plainly(Code::LanguageUnknown);
    shop.ask("registeruser", "username=carol useremail=c@example.com distributor=BETA").done();
    let user = world.service("branch").ask("getuserdata", "username=carol").done();
    assert_eq!((user.text("distributor"), user.text("language")), ("BETA".into(), "fr".into()));
}
