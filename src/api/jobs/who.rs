//! In whose name the rows of a job run: whoever asked for it, if they may still do so today.
//!
//! What follows from the end of a licence is the server's own duty: it runs in the name of the task that looks after
//! licences, whatever has become of whoever ended it.

use std::sync::{Arc, OnceLock};

use crate::access;
use crate::api::{Api, prove};
use crate::call::{Call, Caller, Origin, RequestId};
use crate::commands;
use crate::commands::jobs::order::Order;
use crate::domain::tasks::Task;
use crate::domain::time::Time;
use crate::error::{Code, Error, Result};
use crate::snapshot::Snapshot;
use crate::store::Tx;
use crate::store::jobs::Job;

/// The one who asked, as known now; else why the job may not go on.
pub(super) fn again(tx: &Tx<'_>, snapshot: &Arc<Snapshot>, job: &Job, now: Time) -> Result<Caller> {
    let (asker, order) = (&job.asker, Order::of(job)?);
    let caller = match asker.user {
        _ if order.is_duty() => Caller::Task(Task::Licenses),
        Some(_) => Caller::Person(prove::asker(tx, snapshot, asker, now)?),
        None if asker.service.is_empty() => Caller::of_the_program(&asker.name),
        None => {
            let service = snapshot.service_named(&asker.service).filter(|service| service.enabled);
            Caller::Service(service.cloned().ok_or_else(|| {
                Code::AccessDenied.say(format!("the service {} may call no longer", asker.service))
            })?)
        }
    };
    let provider = snapshot.provider_by_id(job.provider).ok_or(Code::ProviderUnknown)?;
    let reaches = match &caller {
        Caller::Service(service) => snapshot.may_act_for(&service.provider, provider),
        Caller::Person(person) => person.provider.id == provider.id,
        Caller::Operator | Caller::Task(_) => true,
        Caller::Site(_) | Caller::Nobody(_) => false,
    };
    if !reaches {
        return Err(Code::AccessDenied.say(format!("{} may act for {} no longer", asker.name, provider.code)));
    }
    for entry in order.entries(job) {
        access::may(snapshot, &caller, entry, entry.class)?;
    }
    Ok(caller)
}

/// Why whoever asked may do so no longer, as the job tells it.
pub(super) fn reason(refusal: &Error) -> String {
    match refusal {
        Error::Refused { code, text, .. } => text.as_deref().unwrap_or(code.text()).to_owned(),
        _ => String::new(),
    }
}

/// The call that each of the rows is.
pub(super) fn call(api: &Arc<Api>, job: &Job, snapshot: Arc<Snapshot>, caller: Caller) -> Result<Call> {
    let entry = commands::find(&job.command).ok_or_else(|| Error::fault("a job of an unknown command"))?;
    let provider = snapshot.provider_by_id(job.provider).cloned().ok_or(Code::ProviderUnknown)?;
    Ok(Call {
        now: api.clock.now(),
        snapshot,
        caller,
        entry,
        class: entry.class,
        provider,
        origin: Origin::parse(&job.origin).unwrap_or(Origin::ApiCall),
        send_mail: job.send_mail,
        client_ip: None,
        request_id: RequestId::new(u64::from_str_radix(&job.request, 16).unwrap_or(0)),
        vault: api.vault.clone(),
        program: api.clone(),
        chance: api.chance.clone(),
        seed: OnceLock::new(),
    })
}
