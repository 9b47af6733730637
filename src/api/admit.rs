//! The steps before a command, in the order that is part of the contract (`protocol.md` §2).

use std::sync::{Arc, OnceLock};

use super::answer::{self, Answer, Trace};
use super::change::{Repeat, Replay};
use super::perform::Performance;
use super::{Api, Received, Step, log_fault, standard};
use crate::access;
use crate::call::{Call, Caller, RequestId};
use crate::command::{Effect, Entry};
use crate::commands;
use crate::domain::time::{SECOND, Time};
use crate::error::{Code, Error, Result, invalid};
use crate::gate;
use crate::snapshot::{Provider, Service, Snapshot};
use crate::store::Reader;
use crate::wire::Wire;
use crate::wire::fields::Fields;

/// What is known about a call so far; an error is answered with it.
#[derive(Default)]
pub(super) struct Known {
    pub(super) wire: Wire,
    pub(super) api_version: Option<String>,
    pub(super) trace: Trace,
}

/// A call whose caller is proved.
pub(super) struct Admitted<'a> {
    pub(super) snapshot: &'a Arc<Snapshot>,
    pub(super) caller: Caller,
    pub(super) provider: Arc<Provider>,
    pub(super) entry: &'static Entry,
    pub(super) now: Time,
    pub(super) request_id: RequestId,
    pub(super) replay: Option<Replay>,
}

impl Api {
    /// Steps 1 to 9; a quick read is answered here and now.
    pub(super) fn admit(self: &Arc<Api>, received: Received<'_>, reader: &Reader) -> Step {
        let snapshot = self.snapshot.load_full();
        let request_id = received.request_id;
        let wire = received.wire;
        let mut known = Known { wire, ..Known::default() };
        match self.prepare(&received, &snapshot, &mut known) {
            Ok(performance) => performance.begin(reader),
            Err(error) => {
                log_fault(request_id, &error);
                let head = answer::head(wire, &snapshot, known.api_version.as_deref());
                let answer = Answer::error(wire, head, &error, known.trace);
                Step::Answer(as_a_stranger(&received, answer))
            }
        }
    }

    fn prepare(
        self: &Arc<Api>,
        received: &Received<'_>,
        snapshot: &Arc<Snapshot>,
        known: &mut Known,
    ) -> Result<Performance> {
        let now = self.clock.now();
        let service = Self::pass_gate(received, snapshot, now, &mut known.trace)?;
        let fields = received.wire.read(received.body).map_err(|why| {
            known.trace.why = Some(why.to_owned());
            Code::InvalidXml
        })?;
        known.api_version = fields.text("apiversion").map(str::to_owned);
        let entry = fields.text("command").and_then(commands::find).ok_or(Code::InvalidCommand)?;
        known.trace.command = Some(entry.name);
        known.trace.writes = entry.effect == Effect::Writes;
        let replay = self.check_time(received, &fields, snapshot, &service, entry, now)?;
        let caller = Caller::Service(service);
        let provider = access::authorised(snapshot, &caller, fields.text("distributor"))?;
        let request_id = received.request_id;
        self.admitted(Admitted { snapshot, caller, provider, entry, now, request_id, replay }, &fields, known)
    }

    /// Steps 8 and 9: right, fields, idempotency.
    pub(super) fn admitted(
        self: &Arc<Api>,
        admitted: Admitted<'_>,
        fields: &Fields<'_>,
        known: &mut Known,
    ) -> Result<Performance> {
        let Admitted { snapshot, caller, provider, entry, now, request_id, replay } = admitted;
        access::may(snapshot, &caller, entry.name, entry.class)?;
        let request = (entry.parse)(fields).map_err(|error| invalid(&*error.0))?;
        if request.class() != entry.class {
            access::may(snapshot, &caller, entry.name, request.class())?;
        }
        let call = Call {
            now,
            snapshot: snapshot.clone(),
            caller,
            provider,
            origin: standard::origin(fields)?,
            send_mail: standard::send_mail(fields)?,
            client_ip: standard::client_ip(fields)?,
            request_id,
            vault: self.vault.clone(),
            chance: self.chance.clone(),
            seed: OnceLock::new(),
        };
        let repeat = match entry.effect {
            Effect::Writes => Repeat::new(&call, entry, fields)?,
            Effect::Looks | Effect::Scans => None,
        };
        let audited = match entry.effect {
            Effect::Writes => audited(entry, fields),
            Effect::Looks | Effect::Scans => String::new(),
        };
        let (api_version, trace) = (known.api_version.take(), std::mem::take(&mut known.trace));
        Ok(Performance {
            api: self.clone(),
            call,
            entry,
            request,
            wire: known.wire,
            api_version,
            trace,
            replay,
            repeat,
            audited,
            tries: 0,
        })
    }

    /// Steps 1 to 3.
    fn pass_gate(
        received: &Received<'_>,
        snapshot: &Snapshot,
        now: Time,
        trace: &mut Trace,
    ) -> Result<Arc<Service>> {
        let seen = received.seen.clone();
        let service = seen.and_then(|seen| gate::service(snapshot, seen));
        let service = service.map_err(|refusal| {
            trace.why = Some(refusal.why.clone());
            Error::from(refusal)
        })?;
        trace.service = Some(service.clone());
        gate::signed(snapshot, service, received.checksum, received.body, now).map_err(|refusal| {
            trace.why = Some(refusal.why.clone());
            Error::from(refusal)
        })?;
        Ok(service.clone())
    }

    /// Step 6. A change takes the mark against its repetition along; a read leaves it here.
    fn check_time(
        &self,
        received: &Received<'_>,
        fields: &Fields<'_>,
        snapshot: &Snapshot,
        service: &Service,
        entry: &Entry,
        now: Time,
    ) -> Result<Option<Replay>> {
        let time = standard::request_time(fields, snapshot, now, self.started)?;
        let Some(checksum) = received.checksum.filter(|_| snapshot.server.replay_protection) else {
            return Ok(None);
        };
        if entry.effect == Effect::Writes {
            let expires = standard::replay_ends(time, snapshot);
            return Ok(Some(Replay { service: service.id, checksum: checksum.to_owned(), expires }));
        }
        let life = (snapshot.server.request_window + 1) * 2 * SECOND;
        match self.memory.first(service.id, checksum, now, life)? {
            true => Ok(None),
            false => Err(standard::replayed()),
        }
    }
}

/// Who shows no credential at all on the JSON endpoint, and is no service, gets HTTP 403.
fn as_a_stranger(received: &Received<'_>, mut answer: Answer) -> Answer {
    let nobody = received.checksum.is_none() && answer.trace.service.is_none();
    if received.wire == Wire::Json && nobody && answer.trace.code == Code::AccessDenied as i64 {
        answer.status = 403;
    }
    answer
}

/// The fields for the audit row: those that the command knows, secrets masked, none longer than a line.
fn audited(entry: &Entry, fields: &Fields<'_>) -> String {
    let known = commands::fields_of(entry);
    let mut shown = serde_json::Map::new();
    for (name, value) in fields.iter() {
        let Some(field) =
            known.iter().find(|field| field.name == name || field.aliases.iter().any(|alias| alias == name))
        else {
            continue;
        };
        let text = match value {
            _ if field.secret => "•••".to_owned(),
            crate::wire::fields::Value::Text(text) => text.chars().take(200).collect(),
            crate::wire::fields::Value::Fields(_) => "…".to_owned(),
        };
        shown.entry(name).or_insert(text.into());
    }
    serde_json::Value::Object(shown).to_string()
}
