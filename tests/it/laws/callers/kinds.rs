//! The kinds of caller: what alice shows, and the rights she holds.

use std::sync::atomic::{AtomicU64, Ordering};

use regserver::command::Entry;
use regserver::commands::{NOUNS, noun_of};
use regserver::gate::checksum::Method;

use crate::world::{Party, STRANGE, Site, USUAL, World};

pub const API: &str = "API-ACCESS";
pub const EDIT: &str = "EDIT-PROVIDER";
pub const SUPER: &str = "SUPER-USER";

/// A kind of caller.
pub struct Kind {
    pub name: &'static str,
    /// The rights that alice holds.
    pub rights: &'static [&'static str],
    pub proof: Proof,
    /// Whether alice manages the company account that carol belongs to.
    pub manages: bool,
}

/// What is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    Nothing,
    Key(Scope),
    PasswordSession,
    KeySession(Scope),
    ServiceSession,
    /// A signature by a key of alice's own.
    SigningKey(Scope),
    /// A signature by a site that alice has authorised.
    Site,
    /// A session that such a site opened.
    SiteSession,
    /// A session that a service opened which may call `createsession` alone.
    ListedSession,
}

/// The scope of a key, as seen from one command.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    Everything,
    NounView,
    NounModify,
    OtherNoun,
    ThisCommand,
}

const fn kind(name: &'static str, rights: &'static [&'static str], proof: Proof) -> Kind {
    Kind { name, rights, proof, manages: false }
}

const fn manager(name: &'static str, proof: Proof) -> Kind {
    Kind { name, rights: &[], proof, manages: true }
}

const ALL: &[&str] = &[API, EDIT, SUPER];

/// Every kind.
pub const KINDS: &[Kind] = &[
    kind("nobody", &[], Proof::Nothing),
    kind("a key", &[], Proof::Key(Scope::Everything)),
    kind("a key, EDIT-PROVIDER alone", &[EDIT], Proof::Key(Scope::Everything)),
    kind("a key, SUPER-USER alone", &[SUPER], Proof::Key(Scope::Everything)),
    kind("a key, API-ACCESS", &[API], Proof::Key(Scope::Everything)),
    kind("a key, API-ACCESS and EDIT-PROVIDER", &[API, EDIT], Proof::Key(Scope::Everything)),
    kind("a key, API-ACCESS and SUPER-USER", &[API, SUPER], Proof::Key(Scope::Everything)),
    kind("a session by password", &[], Proof::PasswordSession),
    kind("a session by password, all rights", ALL, Proof::PasswordSession),
    kind("a session by key", &[], Proof::KeySession(Scope::Everything)),
    kind("a session by key, all rights", ALL, Proof::KeySession(Scope::Everything)),
    kind("a session by a key for another noun", ALL, Proof::KeySession(Scope::OtherNoun)),
    kind("a session by a service", &[], Proof::ServiceSession),
    kind("a session by a service, all rights", ALL, Proof::ServiceSession),
    kind("a session by a service with a list", &[], Proof::ListedSession),
    kind("a signing key", &[], Proof::SigningKey(Scope::Everything)),
    kind("a signing key, all rights", ALL, Proof::SigningKey(Scope::Everything)),
    kind("a signing key for another noun", ALL, Proof::SigningKey(Scope::OtherNoun)),
    kind("a site", &[], Proof::Site),
    kind("a site, API-ACCESS and EDIT-PROVIDER", &[API, EDIT], Proof::Site),
    kind("a session by a site", &[], Proof::SiteSession),
    kind("a session by a site, API-ACCESS", &[API], Proof::SiteSession),
    manager("a manager's site", Proof::Site),
    manager("a manager's key", Proof::Key(Scope::Everything)),
    manager("a manager's session by password", Proof::PasswordSession),
    kind("a key to look at the noun", ALL, Proof::Key(Scope::NounView)),
    kind("a key to change the noun", ALL, Proof::Key(Scope::NounModify)),
    kind("a key for another noun", ALL, Proof::Key(Scope::OtherNoun)),
    kind("a key for the command", ALL, Proof::Key(Scope::ThisCommand)),
];

impl Kind {
    pub fn has(&self, right: &str) -> bool {
        self.rights.contains(&right)
    }

    pub fn by_session(&self) -> bool {
        !matches!(self.proof, Proof::Nothing | Proof::Key(_) | Proof::SigningKey(_) | Proof::Site)
    }

    /// The scope of the key that is behind it.
    pub fn scope(&self) -> Option<Scope> {
        match self.proof {
            Proof::Key(scope) | Proof::SigningKey(scope) | Proof::KeySession(scope) => Some(scope),
            _ => None,
        }
    }

    /// Grants alice the rights. Like all that follows it draws from elsewhere, so that the example draws
    /// what it draws without it.
    pub fn grant(&self, world: &World) {
        aside(world, || {
            for right in self.rights {
                world.call(&format!("grantright username=alice right={right}")).done();
            }
            if self.manages {
                manage(world);
            }
        });
    }

    /// The caller, towards that command.
    pub fn party<'w>(&self, world: &'w World, entry: &Entry) -> Party<'w> {
        aside(world, || match self.proof {
            Proof::Nothing => world.stranger(),
            Proof::Key(scope) => world.person("alice", &scope.text(entry)),
            Proof::SigningKey(scope) => world.signing("alice", &scope.text(entry)),
            Proof::Site => authorised(world).of("alice"),
            Proof::SiteSession => authorised(world).of("alice").session("", STRANGE),
            Proof::PasswordSession => {
                world.stranger().session("username=alice password=wonder-2026", STRANGE)
            }
            Proof::KeySession(Scope::Everything) => world.person("alice", "").session("", STRANGE),
            Proof::KeySession(scope) => {
                let scope = format!("{},createsession", scope.text(entry));
                world.person("alice", &scope).session("", STRANGE)
            }
            Proof::ServiceSession => world.service(USUAL).session("username=alice", STRANGE),
            Proof::ListedSession => listed(world).session("username=alice", STRANGE),
        })
    }
}

/// Makes alice the manager of the account that there is, or of a new one, and carol a member.
fn manage(world: &World) {
    let made = || world.call("createaccount accountname=Company accountcode=COMP").done().text("accountkey");
    let key = world.call("searchaccount").done().find("accountkey").unwrap_or_else(made);
    world.call(&format!("addaccountmanager username=alice accountkey={key}")).done();
    if world.call("getuserdata username=carol").find("accountkey").as_deref() == Some("") {
        world.call(&format!("addusertoaccount username=carol accountkey={key}")).done();
    }
}

/// A site that alice has authorised.
fn authorised(world: &World) -> Site<'_> {
    let site = world.site("of-the-laws");
    site.authorised_by("alice", "wonder-2026");
    site
}

/// A service that may call `createsession` alone.
fn listed(world: &World) -> Party<'_> {
    let fields = "servicename=narrow addresses=198.51.100.97 commands=createsession";
    let key = world.service(USUAL).ask("createservice", fields).done().text("servicekey");
    world.party("198.51.100.97", Method::Md5Key, &key)
}

/// Draws from a part of chance where the examples never come.
fn aside<T>(world: &World, make: impl FnOnce() -> T) -> T {
    static ASIDE: AtomicU64 = AtomicU64::new(9_000_000);
    let next = world.chance.next();
    world.chance.go_on(ASIDE.fetch_add(100, Ordering::Relaxed));
    let made = make();
    world.chance.go_on(next);
    made
}

impl Scope {
    /// As a key is given it.
    pub fn text(self, entry: &Entry) -> String {
        let own = noun_of(entry.name).unwrap();
        match self {
            Scope::Everything => String::new(),
            Scope::NounView => format!("{own}:view"),
            Scope::NounModify => format!("{own}:modify"),
            Scope::OtherNoun => {
                let others = NOUNS.iter().map(|(noun, _)| *noun).filter(|noun| *noun != own);
                others.map(|noun| format!("{noun}:modify")).collect::<Vec<_>>().join(",")
            }
            Scope::ThisCommand => entry.name.to_owned(),
        }
    }
}
