//! Mails leave: to a mail server that is somebody else's work, and read there by somebody else's reader.

mod flows;
mod house;
mod kill;
mod message;
mod own_pages;
mod pages;
mod program;
mod sink;
mod task;
mod trouble;
mod way;

use regserver::config::Config;
use sink::Sink;

use crate::world::{Configuration, World};

/// A world whose mails go to that server.
fn world_to(sink: &Sink, change: impl FnOnce(&mut Configuration)) -> World {
    World::with(|config| {
        config.server("MailSenderEmail", "noreply@reg.example.com").server("SMTPServerTimeOut", "2");
        let mail = config.section("mail");
        mail.insert("server".into(), "127.0.0.1".into());
        mail.insert("port".into(), i64::from(sink.port).into());
        mail.insert("tls".into(), "none".into());
        change(config);
    })
}

/// Registers somebody with a mail to that address.
fn register(world: &World, name: &str, address: &str) {
    world
        .call(&format!("registeruser username={name} useremail={address} password=sekret-1234 sendmail=1"))
        .done();
}

/// State, tries and error of the only mail to an address.
fn mail_to(world: &World, address: &str) -> (String, i64, String) {
    let found = world.call(&format!("searchmail recipient={address}")).done();
    assert_eq!(found.texts("mailid").len(), 1, "{address}");
    (found.text("state"), found.number("attempts"), found.text("error"))
}

/// What a configuration says that nothing else could.
fn faults(text: &str) -> String {
    Config::from_toml(text, std::iter::empty()).expect_err("it has faults").to_string()
}
