//! Who calls: an address, and what proves the caller: a service's key, an API key, a session, nothing.

use std::net::IpAddr;

use regserver::api::{Received, Step};
use regserver::call::RequestId;
use regserver::cli::notation;
use regserver::gate::checksum::Method;
use regserver::gate::credentials::{Shown, Signed};
use regserver::gate::{Refusal, forwarded, signature};
use regserver::wire::Wire;

use super::{Reply, World};

/// An address that is no service's.
pub const STRANGE: &str = "203.0.113.50";

/// A caller.
#[derive(Clone)]
pub struct Party<'w> {
    world: &'w World,
    address: Result<IpAddr, Refusal>,
    method: Method,
    key: String,
    wire: Wire,
    /// What is shown in place of a checksum, where the caller is no service.
    shown: Option<Shown<'static>>,
    /// With which secret each body is signed, where the caller shows a signature.
    secret: Option<String>,
    private: bool,
    encrypted: bool,
    /// The command that the path names.
    named: Option<&'static str>,
    /// Fields that every call of this party has.
    always: String,
}

impl<'w> Party<'w> {
    pub fn new(world: &'w World, address: IpAddr, method: Method, key: &str) -> Party<'w> {
        Party {
            world,
            address: Ok(address),
            method,
            key: key.to_owned(),
            wire: Wire::Xml,
            shown: None,
            secret: None,
            private: true,
            encrypted: true,
            named: None,
            always: String::new(),
        }
    }

    /// Whoever shows that, from an address of no service, at the JSON endpoint.
    pub fn showing(world: &'w World, shown: Shown<'static>) -> Party<'w> {
        let party = Party::new(world, STRANGE.parse().unwrap(), Method::Md5Key, "");
        Party { shown: Some(shown), wire: Wire::Json, ..party }
    }

    /// Whoever signs with that secret, from an address of no service, at the JSON endpoint: the site, if one signs, and the
    /// user as the header names it.
    pub fn signing(world: &'w World, site: Option<&str>, user: Option<&str>, secret: &str) -> Party<'w> {
        let own = |text: &str| text.to_owned().into();
        let signed = Signed { site: site.map(own), user: user.map(own), signature: "".into() };
        Party { secret: Some(secret.to_owned()), ..Party::showing(world, Shown::Signed(signed)) }
    }

    /// The same caller over a connection that others can read.
    pub fn in_plain_text(self) -> Party<'w> {
        Party { private: false, encrypted: false, ..self }
    }

    /// The same caller at the XML endpoint.
    pub fn over_xml(self) -> Party<'w> {
        Party { wire: Wire::Xml, ..self }
    }

    /// The same caller at `/authentication/session`.
    pub fn at_the_session_endpoint(self) -> Party<'w> {
        Party { wire: Wire::Json, named: Some("createsession"), ..self }
    }

    /// A service as the configuration states it.
    pub fn configured(world: &'w World, name: &str) -> Party<'w> {
        let stated = world.config.services.iter().find(|service| service.name == name);
        let stated = stated.unwrap_or_else(|| panic!("the world has no service {name}"));
        let first = regserver::gate::addresses::parse(&stated.addresses[0]).unwrap();
        let salt = world.config.settings.get("APIChecksumSalt").unwrap_or_default();
        let key = stated.keys.last().map_or(salt, |key| key.key.reveal());
        Party::new(world, first.addr(), stated.method, key)
    }

    /// The same caller from another address.
    pub fn from(mut self, address: &str) -> Party<'w> {
        self.address = Ok(address.parse().unwrap());
        self
    }

    /// The same caller behind a proxy: the peer, and the lines of the header it sends.
    pub fn through(mut self, peer: &str, header: &[&str]) -> Party<'w> {
        self.address = forwarded::seen(
            peer.parse().unwrap(),
            &self.world.config.server.trusted_proxies,
            header.iter().copied(),
        );
        self
    }

    /// The same caller with another key.
    pub fn with_key(mut self, key: &str) -> Party<'w> {
        key.clone_into(&mut self.key);
        self
    }

    /// The same caller with fields that every call has: `distributor=BETA`.
    pub fn always(mut self, fields: &str) -> Party<'w> {
        fields.clone_into(&mut self.always);
        self
    }

    /// The same caller at the JSON endpoint.
    pub fn over_json(mut self) -> Party<'w> {
        self.wire = Wire::Json;
        self
    }

    /// The body of a call at the world's time, as XML.
    pub fn xml(&self, command: &str, fields: &str) -> String {
        self.composed(Wire::Xml, command, fields)
    }

    /// The same as JSON.
    pub fn json(&self, command: &str, fields: &str) -> String {
        self.composed(Wire::Json, command, fields)
    }

    /// The same as this caller sends it.
    pub fn written(&self, command: &str, fields: &str) -> String {
        self.composed(self.wire, command, fields)
    }

    fn composed(&self, wire: Wire, command: &str, fields: &str) -> String {
        let mut all = self.world.filled(fields);
        all.extend(self.world.filled(&self.always));
        notation::body(wire, command, &all, self.world.seconds())
    }

    /// Calls a command with fields in the one notation.
    pub fn ask(&self, command: &str, fields: &str) -> Reply {
        self.body(self.composed(self.wire, command, fields).as_bytes())
    }

    /// Opens a session, for that address, and calls from there with it.
    pub fn session(&self, fields: &str, address: &str) -> Party<'w> {
        let reply = self.ask("createsession", &format!("{fields} IP={address}")).done();
        let token = reply.text("session");
        Party::showing(self.world, Shown::Session(token.into())).from(address)
    }

    /// Sends a body, signed as it should be.
    pub fn body(&self, body: &[u8]) -> Reply {
        match self.shown {
            Some(_) => self.signed(body, None),
            None => self.signed(body, Some(&self.checksum(body))),
        }
    }

    /// The checksum of a body.
    pub fn checksum(&self, body: &[u8]) -> String {
        self.method.sign(self.key.as_bytes(), body)
    }

    /// Sends a body with that checksum, or none.
    pub fn signed(&self, body: &[u8], checksum: Option<&str>) -> Reply {
        self.begun(body, checksum).end()
    }

    /// A call that is admitted and, where it is a change, has had its look: what it waits for comes with
    /// [`Begun::end`].
    pub fn begin(&self, command: &str, fields: &str) -> Begun<'w> {
        let body = self.composed(self.wire, command, fields);
        let checksum = self.shown.is_none().then(|| self.checksum(body.as_bytes()));
        self.begun(body.as_bytes(), checksum.as_deref())
    }

    /// What is shown with that body.
    fn shows(&self, body: &[u8]) -> Shown<'static> {
        match (&self.shown, &self.secret) {
            (Some(Shown::Signed(signed)), Some(secret)) => {
                let text = self.wire.signed(body).unwrap_or(body.into());
                let signature = signature::sign(secret.as_bytes(), &text).into();
                Shown::Signed(Signed { signature, ..signed.clone() })
            }
            (shown, _) => shown.clone().unwrap_or(Shown::Nothing),
        }
    }

    fn begun(&self, body: &[u8], checksum: Option<&str>) -> Begun<'w> {
        let request_id = self.world.next_id();
        let received = Received {
            shown: self.shows(body),
            private: self.private,
            encrypted: self.encrypted,
            command: self.named,
            ..Received::signed(self.address.clone(), checksum, self.wire, body, request_id)
        };
        let step = self.world.api().begin(received, self.world.reader());
        Begun { world: self.world, wire: self.wire, step, request_id, body: body.to_vec() }
    }
}

/// A call on its way.
pub struct Begun<'w> {
    world: &'w World,
    wire: Wire,
    step: Step,
    request_id: RequestId,
    body: Vec<u8>,
}

impl Begun<'_> {
    /// Whether there is more to do than to answer.
    pub fn waits(&self) -> bool {
        !matches!(self.step, Step::Answer(_))
    }

    /// Goes on to the answer.
    pub fn end(self) -> Reply {
        let answer = self.world.api().drive(self.step, self.wire, self.request_id);
        let reply = Reply::new(answer, &self.body);
        self.world.note_code(&reply);
        reply
    }
}
