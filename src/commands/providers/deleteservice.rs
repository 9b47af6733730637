//! `deleteservice`: a program that is to call no more.

use schemars::JsonSchema;
use serde::Deserialize;

use super::service::{stated, the_service};
use crate::access::Class;
use crate::call::{Call, Caller};
use crate::command::{Command, Done, Effect, Example, Mark};
use crate::domain::names;
use crate::error::{Code, Result, invalid};
use crate::store::Tx;

/// Removes a service of the provider, its keys, and the sessions that it has opened. To shut one out for a while,
/// `updateservice` has `enabled`.
#[derive(Deserialize, JsonSchema)]
pub struct DeleteService {
    /// the service's number; this or its name is needed
    serviceid: Option<i64>,
    /// the service's name; this or its number is needed
    servicename: Option<String>,
}

impl Command for DeleteService {
    const NAME: &'static str = "deleteservice";
    const CLASS: Class = Class::Provider;
    const EFFECT: Effect = Effect::Writes;
    const MARK: Mark = Mark::Ours;
    const REFUSES: &'static [Code] = &[Code::ServiceUnknown];
    const EXAMPLES: &'static [Example] = &[
        Example {
            shows: "a service that is needed no more",
            given: &["createservice servicename=tickets addresses=192.0.2.7"],
            call: "servicename=tickets",
            reply: "<intresult>0</intresult>",
        },
        Example {
            shows: "a service that the configuration states",
            given: &[],
            call: "servicename=kiosk",
            reply: "<exception><primarycode>-30002</primarycode><secondarycode></secondarycode>\
                <message>Invalid Request: set in the configuration</message></exception>",
        },
        Example {
            shows: "an unknown service",
            given: &[],
            call: "servicename=nobody",
            reply: "<exception><primarycode>-30128</primarycode><secondarycode></secondarycode>\
                <message>Service not found</message></exception>",
        },
    ];
    type Reply = Done;

    fn run(&self, call: &Call, tx: &Tx<'_>) -> Result<Done> {
        let row = the_service(call, tx, self.serviceid, self.servicename.as_deref())?;
        if call.snapshot.stated.services.contains(&names::key(&row.name)) {
            return Err(stated());
        }
        if asks(call) == Some(row.id) {
            return Err(invalid(
                "a service does not delete itself: another service of the provider can, or the command line",
            ));
        }
        tx.delete_service(&row)?;
        Ok(Done::default())
    }
}

/// The service that calls, or that opened the session which calls.
fn asks(call: &Call) -> Option<i64> {
    match &call.caller {
        Caller::Service(service) => Some(service.id),
        Caller::Person(person) => person.service.as_ref().map(|service| service.id),
        Caller::Site(_) | Caller::Operator | Caller::Task(_) | Caller::Nobody(_) => None,
    }
}
