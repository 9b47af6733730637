//! Licences that end: their holders are told before and at the end, and their users get a default one.
//!
//! That a licence has ended is not written anywhere, it follows from its time; so nothing is late where this task is.

use std::sync::{Arc, OnceLock};

use super::{DAY, Ran};
use crate::api::Api;
use crate::call::{Call, Caller, Origin, RequestId};
use crate::commands;
use crate::commands::jobs::order::Order;
use crate::commands::users::defaults;
use crate::domain::date::Date;
use crate::domain::licenses::{Product, Status};
use crate::domain::tasks::Task;
use crate::domain::time::Time;
use crate::error::{Error, Result};
use crate::snapshot::Provider;
use crate::store::Tx;
use crate::store::jobs::NewJob;
use crate::store::license_notices::Ending;
use crate::store::licenses::License;
use crate::store::outbox::Mail;

/// So many days before the end, and behind it, holders are told.
const DAYS: [i64; 3] = [10, 3, 0];
/// The most licences in one transaction.
const MOST: i64 = 200;

impl Api {
    /// Tells the holders of what ends.
    pub(super) fn announce_ends(self: &Arc<Api>) -> Result<Ran> {
        let (snapshot, mut told) = (self.snapshot(), [0; 3]);
        for provider in snapshot.providers().filter(|provider| provider.settings.license_expiry) {
            for (at, days) in DAYS.into_iter().enumerate() {
                told[at] += self.announce(provider, days, DAYS.get(at + 1).copied())?;
            }
        }
        Ok(Ran::done(format!(
            "{} licenses announced 10 days before, {} 3 days before, {} at their end",
            told[0], told[1], told[2]
        )))
    }

    /// Tells those who were not told yet that so many days are left, where not fewer are.
    fn announce(self: &Arc<Api>, provider: &Arc<Provider>, days: i64, fewer: Option<i64>) -> Result<usize> {
        let now = self.clock.now();
        let from = fewer.map_or(Time(0), |fewer| now.plus(fewer * DAY));
        let (to, mut told) = (now.plus(days * DAY), 0);
        loop {
            let found = self.read(|tx| tx.licenses_to_announce(provider.id, (from, to), days, MOST))?;
            if found.is_empty() || self.keeper.stopping() {
                return Ok(told);
            }
            told += found.len();
            let (api, provider) = (self.clone(), provider.clone());
            self.held(Task::Licenses, move |tx| {
                found.iter().try_for_each(|ending| tell(&api.task_call(&provider)?, tx, ending, days))
            })?;
        }
    }

    /// A call of the task for a provider; what its job does, a cancelled licence does too.
    fn task_call(self: &Arc<Api>, provider: &Arc<Provider>) -> Result<Call> {
        let entry = commands::find("cancellicense").ok_or_else(|| Error::fault("a command is missing"))?;
        let mut number = [0; 8];
        number.copy_from_slice(&self.chance.seed()[..8]);
        Ok(Call {
            now: self.clock.now(),
            snapshot: self.snapshot(),
            caller: Caller::Task(Task::Licenses),
            entry,
            class: entry.class,
            provider: provider.clone(),
            origin: Origin::ApiCall,
            send_mail: None,
            client_ip: None,
            request_id: RequestId::new(u64::from_le_bytes(number)),
            vault: self.vault.clone(),
            program: self.clone(),
            chance: self.chance.clone(),
            seed: OnceLock::new(),
        })
    }
}

/// Tells the holder of one licence, if it is still as it was found.
fn tell(call: &Call, tx: &Tx<'_>, ending: &Ending, days: i64) -> Result<()> {
    let Some(license) = tx.license(ending.license)? else { return Ok(()) };
    let same = license.stored == Status::Active && license.terms.valid_until == Some(ending.end);
    if !same || !tx.note_notice(ending, days)? {
        return Ok(());
    }
    if let Some(holder) = license.holder.map(|holder| tx.user(holder)).transpose()?.flatten() {
        let last_day = Date::ending(ending.end).to_string();
        let texts = [("LICENSEKEY", license.key.as_str()), ("VALIDUNTIL", last_day.as_str())];
        let template = if days == 0 { "license-expired" } else { "license-expires" };
        tx.add_mail(call, &holder, &Mail::new(template, &[]).saying(&texts))?;
    }
    if days == 0 { fall_back(call, tx, &license) } else { Ok(()) }
}

/// Has a job give the users a default licence, where the provider's rules give one. Where they do not, the users keep
/// what they have: when it is prolonged, it serves them again.
fn fall_back(call: &Call, tx: &Tx<'_>, license: &License) -> Result<()> {
    let used = license.product == Product::Client && license.used > 0;
    if !used || !defaults::gives_license(call, tx, license)? {
        return Ok(());
    }
    let data = Order::FallBack { license: license.id }.text()?;
    let job = tx.add_job(call, &NewJob { data: &data, dry: false, total: license.used, owner: "" })?;
    tx.complete_job(job)?;
    tx.audit(
        call,
        "cancellicense",
        &serde_json::json!({ "licensekey": license.key, "expired": true }).to_string(),
    )
}
