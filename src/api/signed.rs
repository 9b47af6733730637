//! Who calls by a signature: the key of a user, or that of a site (seed 003).
//!
//! What is signed is a secret that both sides know, so nobody learns it on the way, and guessing it is hopeless;
//! hence nothing is counted here. A key that does not exist costs what a wrong signature costs.

use std::net::IpAddr;

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use super::prove::{Proof, named, person};
use super::{Api, Received};
use crate::error::Result;
use crate::gate::credentials::Signed;
use crate::gate::signature::Given;
use crate::snapshot::Snapshot;
use crate::store::Reader;
use crate::store::signing::place;

/// What stands for the sealed secret of a key that does not exist, and for the secret of a site that does not.
const NONE: [u8; 72] = [0; 72];

impl Api {
    /// Looks up whose key it is said to be, and proves that it has signed.
    pub(super) fn by_signature(
        &self,
        signed: &Signed<'_>,
        received: &Received<'_>,
        snapshot: &Snapshot,
        address: IpAddr,
        reader: Option<&Reader>,
    ) -> Result<Proof> {
        let Some(text) = received.wire.signed(received.body) else {
            return Ok(Proof::Nobodys("the form has no data that could be signed".to_owned()));
        };
        let Some(given) = Given::read(&signed.signature, &text) else {
            return Ok(Proof::Nobodys("a signature is 40 lower-case hex digits".to_owned()));
        };
        match (&signed.site, &signed.user) {
            (Some(site), user) => self.by_site(&given, site, user.as_deref(), snapshot, address, reader),
            (None, Some(key)) => self.by_signing_key(&given, key, snapshot, address, reader),
            (None, None) => Ok(Proof::Nobodys("a signature by no key that is named".to_owned())),
        }
    }

    fn by_signing_key(
        &self,
        given: &Given,
        name: &str,
        snapshot: &Snapshot,
        address: IpAddr,
        reader: Option<&Reader>,
    ) -> Result<Proof> {
        let found = self.lookup(reader, |tx| tx.signing_holder(name))?;
        let sealed = found.as_ref().and_then(|holder| holder.key.as_ref());
        let sealed = sealed.map_or(&NONE[..], |key| &key.hash);
        let secret = self.vault.open_sealed(&place(name), sealed).map(Zeroizing::new);
        let right = given.by(secret.as_ref().map_or(&NONE[..32], |secret| secret));
        let why = match (&found, secret) {
            (None, _) => "is not of the kind signing, or is not there",
            (_, Err(_)) => "has a secret that the master key does not open",
            _ => "came with a wrong signature",
        };
        let holder = match found {
            Some(holder) if right && why.starts_with("came") => holder,
            _ => return Ok(Proof::Nobodys(format!("the {} {why}", named(name)))),
        };
        let (now, used) = (self.clock.now(), holder.key.as_ref().and_then(|key| key.last_used));
        Ok(match person(snapshot, holder, [0; 32], now, address) {
            Err(why) => Proof::Nobodys(why),
            Ok(person) => {
                self.note_use(&person, used, now);
                Proof::Person(person.into())
            }
        })
    }

    fn by_site(
        &self,
        given: &Given,
        key: &str,
        user: Option<&str>,
        snapshot: &Snapshot,
        address: IpAddr,
        reader: Option<&Reader>,
    ) -> Result<Proof> {
        let (now, site) = (self.clock.now(), snapshot.site(key));
        let secrets = site.iter().flat_map(|site| site.live(now));
        // Every secret is tried, and one where there is none, so that the time tells nothing.
        let signed = secrets.fold((None, false), |(found, _), secret| {
            (if given.by(secret.secret.expose_secret()) { Some(secret.id) } else { found }, true)
        });
        if !signed.1 {
            let _ = given.by(&NONE[..32]);
        }
        let (Some(site), Some(secret)) = (site, signed.0) else {
            return Ok(Proof::Nobodys(format!("no site that may call has signed with the {}", named(key))));
        };
        let Some(user) = user else { return Ok(Proof::Site(site.clone())) };
        let found = self.lookup(reader, |tx| tx.site_holder(user, secret))?;
        let Some(holder) = found else {
            return Ok(Proof::Nobodys(format!("the site {} names a user who is not there", site.name)));
        };
        Ok(match person(snapshot, holder, [0; 32], now, address) {
            Ok(person) => Proof::Person(person.into()),
            Err(why) => Proof::Nobodys(why),
        })
    }
}
