//! Calls of the operator at this machine's command line: the same path without the gate.

use std::sync::Arc;

use super::Api;
use super::admit::{Admitted, Known};
use super::answer::{self, Answer, Trace};
use super::perform::Performance;
use crate::access;
use crate::call::{Caller, RequestId};
use crate::commands;
use crate::error::{Code, Result};
use crate::snapshot::Snapshot;
use crate::wire::Wire;
use crate::wire::fields::Fields;

impl Api {
    /// Runs a command as the operator, for the provider that `distributor` names or the default one.
    pub fn operate(self: &Arc<Api>, command: &str, fields: &Fields<'_>) -> Answer {
        self.operate_as(Caller::Operator, command, fields)
    }

    /// The same as whoever else needs no gate.
    pub(super) fn operate_as(self: &Arc<Api>, caller: Caller, command: &str, fields: &Fields<'_>) -> Answer {
        let snapshot = self.snapshot.load_full();
        let mut number = [0; 8];
        number.copy_from_slice(&self.chance.seed()[..8]);
        let request_id = RequestId::new(u64::from_le_bytes(number));
        let mut known = Known::default();
        match self.operator(caller, (command, fields), &snapshot, request_id, &mut known) {
            Ok(performance) => self.drive(performance.on_pool(), Wire::Xml, request_id),
            Err(error) => {
                super::log_fault(request_id, &error);
                let head = answer::head(Wire::Xml, &snapshot, None);
                let answer = Answer::error(Wire::Xml, head, &error, known.trace);
                self.note(&answer.trace, request_id, None);
                answer
            }
        }
    }

    fn operator(
        self: &Arc<Api>,
        caller: Caller,
        (command, fields): (&str, &Fields<'_>),
        snapshot: &Arc<Snapshot>,
        request_id: RequestId,
        known: &mut Known,
    ) -> Result<Performance> {
        let now = self.clock.now();
        known.trace = Trace { caller: Some(caller.clone()), ..Trace::begin(snapshot, now, None) };
        let entry = commands::find(command).ok_or(Code::InvalidCommand)?;
        known.trace.command = Some(entry.name);
        let provider = access::authorised(snapshot, &caller, fields.text("distributor"))?;
        known.trace.provider = Some(provider.id);
        self.admitted(
            Admitted { snapshot, caller, provider, entry, now, request_id, replay: None },
            fields,
            known,
        )
    }
}
