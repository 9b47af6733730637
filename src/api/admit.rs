//! The steps before a command, in the order that is part of the contract (`protocol.md` §2).

use std::sync::{Arc, OnceLock};

use super::answer::{self, Answer, Trace};
use super::change::{Repeat, Replay};
use super::memory::Memory;
use super::perform::Performance;
use super::prove::{Miss, Proof};
use super::{Api, Received, Step, journal, log_fault, standard};
use crate::access;
use crate::call::{Call, Caller, RequestId};
use crate::command::{Effect, Entry};
use crate::commands;
use crate::domain::settings::closest;
use crate::domain::time::{SECOND, Time};
use crate::error::{Code, Error, Result, invalid};
use crate::gate::credentials::{Shown, Signed};
use crate::gate::{self, Reason, Refusal};
use crate::snapshot::{Provider, Snapshot};
use crate::store::Reader;
use crate::store::logins::Guess;
use crate::wire::Wire;
use crate::wire::fields::Fields;

/// What a session is opened with: its reply is a credential.
const OPENS: &str = "createsession";
/// The most characters of a name that are compared with those of the commands.
const NAMED: usize = 40;

/// What is known about a call so far; an error is answered with it.
#[derive(Default)]
pub(super) struct Known {
    pub(super) wire: Wire,
    pub(super) api_version: Option<String>,
    pub(super) trace: Trace,
    /// Whether -30000 is the refusal of a credential, or of none.
    pub(super) forbidden: bool,
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

/// Why a call does not go on here.
enum Halt {
    /// It is refused.
    Error(Error),
    /// A credential is looked up by the pool.
    Pool,
    /// It tried a key that is wrong, or may not be tried now.
    Guessed(Guess),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Halt {
        Halt::Error(error)
    }
}

impl From<Code> for Halt {
    fn from(code: Code) -> Halt {
        Halt::Error(code.into())
    }
}

impl Api {
    /// Steps 1 to 9; a quick read is answered here and now. Without a reader all reading is the pool's.
    pub(super) fn admit(self: &Arc<Api>, received: Received<'_>, reader: Option<&Reader>) -> Step {
        let snapshot = self.snapshot.load_full();
        let (request_id, wire) = (received.request_id, received.wire);
        let mut known = Known { wire, ..Known::default() };
        let mut step = match self.prepare(&received, &snapshot, reader, &mut known) {
            Ok(performance) => match reader {
                Some(reader) => performance.begin(reader),
                None => performance.on_pool(),
            },
            Err(Halt::Pool) => self.admit_on_pool(&received),
            Err(Halt::Guessed(guess)) => {
                known.trace.mark(&received);
                Miss::step(guess, known, snapshot, request_id)
            }
            Err(Halt::Error(error)) => {
                log_fault(request_id, &error);
                let head = answer::head(wire, &snapshot, known.api_version.as_deref());
                let answer = Answer::error(wire, head, &error, known.trace);
                Step::Answer(if known.forbidden { answer.forbidden() } else { answer })
            }
        };
        if let Step::Answer(answer) = &mut step {
            answer.trace.remember(&received);
        }
        step
    }

    fn admit_on_pool(self: &Arc<Api>, received: &Received<'_>) -> Step {
        let Received { seen, private, encrypted, command, wire, request_id, .. } = received.clone();
        let (shown, body, api) = (received.shown.clone().into_owned(), received.body.to_vec(), self.clone());
        Step::Read(Box::new(move |turn| {
            let checksum = None;
            let received = Received {
                seen,
                checksum,
                shown,
                private,
                encrypted,
                command,
                wire,
                body: &body,
                request_id,
            };
            match turn {
                Ok(()) => api.admit(received, None),
                Err(error) => {
                    let head = answer::head(wire, &api.snapshot.load(), None);
                    Step::Answer(Answer::error(wire, head, &error, Trace::default()))
                }
            }
        }))
    }

    fn prepare(
        self: &Arc<Api>,
        received: &Received<'_>,
        snapshot: &Arc<Snapshot>,
        reader: Option<&Reader>,
        known: &mut Known,
    ) -> Result<Performance, Halt> {
        let now = self.clock.now();
        known.trace = Trace::begin(snapshot, now, received.seen.as_ref().ok().copied());
        let caller = self.pass_gate(received, snapshot, reader, now, known)?;
        known.trace.caller = Some(caller.clone());
        let fields = received.wire.read(received.body).map_err(|why| {
            known.trace.why = Some(why.to_owned());
            Code::InvalidXml
        })?;
        known.api_version = fields.text("apiversion").map(str::to_owned);
        let name = command(received, &fields)?;
        let entry = name.and_then(commands::find).ok_or_else(|| {
            known.trace.said = Some(no_command(name));
            Code::InvalidCommand
        })?;
        known.trace.command = Some(entry.name);
        known.trace.writes = entry.effect == Effect::Writes;
        if entry.name == OPENS && !received.private && !matches!(caller, Caller::Service(_)) {
            known.forbidden = true;
            let why = "a session would be told in plain text; see api.allow_plaintext_credentials".to_owned();
            return Err(refuse(&mut known.trace, plain_text(why)).into());
        }
        let replay = self.check_time(received, &fields, snapshot, &caller, entry, now)?;
        let provider = access::authorised(snapshot, &caller, fields.text("distributor"))?;
        known.trace.provider = Some(provider.id);
        known.forbidden = matches!(caller, Caller::Nobody(_));
        let request_id = received.request_id;
        let admitted = Admitted { snapshot, caller, provider, entry, now, request_id, replay };
        Ok(self.admitted(admitted, &fields, known)?)
    }

    /// Steps 8 and 9: right, fields, idempotency.
    pub(super) fn admitted(
        self: &Arc<Api>,
        admitted: Admitted<'_>,
        fields: &Fields<'_>,
        known: &mut Known,
    ) -> Result<Performance> {
        let Admitted { snapshot, caller, provider, entry, now, request_id, replay } = admitted;
        access::may(snapshot, &caller, entry, entry.class)?;
        let request = (entry.parse)(fields).map_err(|error| invalid(&*error.0))?;
        let class = request.class();
        if class != entry.class {
            access::may(snapshot, &caller, entry, class)?;
        }
        let said = standard::Said::read(fields, &caller)?;
        let call = Call {
            now,
            snapshot: snapshot.clone(),
            caller,
            entry,
            class,
            provider,
            origin: said.origin,
            send_mail: said.send_mail,
            client_ip: said.client_ip,
            request_id,
            vault: self.vault.clone(),
            program: self.clone(),
            chance: self.chance.clone(),
            seed: OnceLock::new(),
        };
        let repeat = match entry.effect {
            Effect::Writes => Repeat::new(&call, entry, fields)?,
            Effect::Looks | Effect::Scans => None,
        };
        let (api_version, mut trace) = (known.api_version.take(), std::mem::take(&mut known.trace));
        if journal::beforehand(entry, trace.logging, self.slow_disk) {
            trace.fields = journal::masked(entry, fields);
        }
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
            tries: 0,
        })
    }

    /// Steps 1 to 3: with a checksum a service, else whoever shows what (`access.md` §1).
    fn pass_gate(
        &self,
        received: &Received<'_>,
        snapshot: &Snapshot,
        reader: Option<&Reader>,
        now: Time,
        known: &mut Known,
    ) -> Result<Caller, Halt> {
        let seen = received.seen.clone().map_err(|refusal| refuse(&mut known.trace, refusal))?;
        if received.checksum.is_some() || (received.shown == Shown::Nothing && received.wire == Wire::Xml) {
            let service =
                gate::service(snapshot, seen).map_err(|refusal| refuse(&mut known.trace, refusal))?;
            known.trace.caller = Some(Caller::Service(service.clone()));
            let signed = gate::signed(snapshot, service, received.checksum, received.body, now);
            if let Some(key) = signed.map_err(|refusal| refuse(&mut known.trace, refusal))? {
                self.writer.used_service_key(key, now);
            }
            return Ok(Caller::Service(service.clone()));
        }
        let bare = received.shown == Shown::Nothing;
        // A session that is opened in plain text could be used by whoever has read it, and by nobody else.
        if bare && (received.private || received.command.is_none()) {
            return Ok(Caller::Nobody(seen));
        }
        known.forbidden = true;
        // A signature shows nothing that others could use, but for the call itself.
        if !received.private && !matches!(received.shown, Shown::Signed(_)) {
            let why = "a credential came in plain text; see api.allow_plaintext_credentials".to_owned();
            return Err(refuse(&mut known.trace, plain_text(why)).into());
        }
        if reader.is_some_and(|reader| reader.broken() || self.slow_disk) {
            return Err(Halt::Pool);
        }
        let proof = match &received.shown {
            Shown::Signed(signed) => self.by_signature(signed, received, snapshot, seen, reader),
            shown => self.prove(shown, snapshot, seen, reader),
        };
        match proof {
            Ok(Proof::Person(person)) => {
                known.forbidden = false;
                Ok(Caller::Person(person))
            }
            Ok(Proof::Site(site)) => {
                known.forbidden = false;
                Ok(Caller::Site(site))
            }
            Ok(Proof::Nobodys(why)) => {
                let refusal = Refusal { code: Code::AccessDenied, reason: Reason::Credential, why };
                Err(refuse(&mut known.trace, refusal).into())
            }
            Ok(Proof::Guessed(guess, why)) => {
                (known.trace.reason, known.trace.why) = (Some(Reason::Guess), Some(why));
                Err(Halt::Guessed(guess))
            }
            Err(Error::Busy) if reader.is_some() => Err(Halt::Pool),
            Err(error) => Err(error.into()),
        }
    }

    /// Step 6. A change takes the mark against its repetition along; a read leaves it here.
    fn check_time(
        &self,
        received: &Received<'_>,
        fields: &Fields<'_>,
        snapshot: &Snapshot,
        caller: &Caller,
        entry: &Entry,
        now: Time,
    ) -> Result<Option<Replay>> {
        let Caller::Service(service) = caller else {
            // From others the time is not asked for; where it is sent it must be right.
            let sent = fields.text("requesttime").is_some();
            if sent {
                standard::request_time(fields, snapshot, now, self.started)?;
            }
            return match &received.shown {
                Shown::Signed(signed) if sent || !received.encrypted => {
                    self.check_signed(signed, fields, entry, (now, !received.encrypted))
                }
                _ => Ok(None),
            };
        };
        let time = standard::request_time(fields, snapshot, now, self.started)?;
        let Some(checksum) = received.checksum.filter(|_| snapshot.server.replay_protection) else {
            return Ok(None);
        };
        let (signer, window) = (format!("service:{}", service.id), snapshot.server.request_window);
        first_time(&self.memory, entry, signer, checksum, (time, window, now, true))
    }

    /// The same for a call that is signed by a key. In plain text, where others could read it, it holds for a while
    /// and once, so it leaves a mark. Over TLS it may come as often as its key likes; but what says its time may have
    /// been read in plain text, and then it does not come again by this way.
    fn check_signed(
        &self,
        signed: &Signed<'_>,
        fields: &Fields<'_>,
        entry: &Entry,
        (now, marks): (Time, bool),
    ) -> Result<Option<Replay>> {
        let writes = entry.effect == Effect::Writes;
        let time = standard::signed_time(fields, writes, now, self.started)?;
        let window = standard::SIGNED_WINDOW;
        first_time(&self.signatures, entry, signed.signer(), &signed.signature, (time, window, now, marks))
    }
}

/// The command: what the path says, else what the body does. Where the body is signed it must not say another: a call
/// that was overheard could else be sent to another path, and be another call there.
fn command<'a>(received: &Received<'_>, fields: &'a Fields<'_>) -> Result<Option<&'a str>> {
    let said = fields.text("command");
    let signed = received.checksum.is_some() || matches!(received.shown, Shown::Signed(_));
    match (received.command, said) {
        (Some(path), Some(said)) if signed && said != path => {
            let said = commands::find(said).map_or("another command", |entry| entry.name);
            Err(invalid(format!("this path is {path}, and the body that was signed says {said}")))
        }
        (path, said) => Ok(path.or(said)),
    }
}

fn refuse(trace: &mut Trace, refusal: Refusal) -> Error {
    (trace.reason, trace.why) = (Some(refusal.reason), Some(refusal.why.clone()));
    Error::from(refusal)
}

fn plain_text(why: String) -> Refusal {
    Refusal { code: Code::AccessDenied, reason: Reason::PlainText, why }
}

/// What the log says of a command that there is not, without the name: it may be anything that was sent. The caller
/// learns no more than that it is none.
fn no_command(name: Option<&str>) -> String {
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        return "the call names no command".to_owned();
    };
    let near =
        closest(&name.chars().take(NAMED).collect::<String>(), commands::all().map(|entry| entry.name));
    near.map_or("there is no such command".to_owned(), |near| {
        format!("there is no such command; did it mean {near}?")
    })
}

/// That a call is not sent again: a change takes its mark along, a read is remembered; without `marks` it only must
/// not have left one before.
fn first_time(
    memory: &Memory,
    entry: &Entry,
    signer: String,
    checksum: &str,
    (time, window, now, marks): (i64, i64, Time, bool),
) -> Result<Option<Replay>> {
    if entry.effect == Effect::Writes {
        let expires = standard::replay_ends(time, window);
        return Ok(Some(Replay { signer, checksum: checksum.to_owned(), expires, marks }));
    }
    let life = (window + 1) * 2 * SECOND;
    let first = match marks {
        true => memory.first(&signer, checksum, now, life)?,
        false => !memory.knows(&signer, checksum),
    };
    match first {
        true => Ok(None),
        false => Err(standard::replayed()),
    }
}
