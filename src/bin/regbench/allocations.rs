//! Allocations: how many one call makes from request to reply.
//!
//! The product and the yardstick are called in this thread, through the HTTP library's own service but
//! without a socket, and every allocation in between is counted. What the yardstick makes is the HTTP
//! library's; what the product makes beyond that is its own.

use actix_web::dev::{Service, ServiceResponse};
use actix_web::rt::{System, SystemRunner};
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, body, web};
use anyhow::{Context, bail};
use regserver::api::{Api, Options as ApiOptions};

use crate::databases::Prepared;
use crate::report::say;
use crate::requests::{Ask, Requests};
use crate::scratch::Scratch;
use crate::servers;

/// Users of the database.
const USERS: u64 = 1_000;
/// Calls before those that count, so that every cache is filled.
const WARM: u32 = 2_000;
/// Calls that count.
const CALLS: u32 = 1_000;
/// The most allocations of one call.
const GOAL: f64 = 25.0;

/// Counts and prints.
pub fn run(scratch: &Scratch) -> anyhow::Result<()> {
    let prepared = Prepared::new(&scratch.folder("allocations")?, USERS)?;
    let config = servers::config(&prepared.database)?;
    let api = Api::open(&config, ApiOptions::default())?.api;
    let system = System::new();
    let mut reply = web::Bytes::new();
    let whole = {
        let site = regserver::http::site(api.clone(), &config)?;
        let service = system.block_on(init_service(App::new().configure(site)));
        count(&system, &service, |request| request.to_request(), &mut reply)?
    };
    let bare = {
        let site = servers::yardstick_site(reply.clone());
        let service = system.block_on(init_service(App::new().configure(site)));
        count(&system, &service, |request| request.to_request(), &mut reply)?
    };
    api.stop();
    let own = whole - bare;
    say(&format!(
        "allocations of one getuserdata: {whole:.1} in all, {bare:.1} of a bare handler, so {own:.1} of its own; \
         goal <= {GOAL:.0}: {}",
        if own <= GOAL { "met" } else { "NOT MET" },
    ))
}

/// The mean over many calls; `reply` keeps the last reply's body.
fn count<R>(
    system: &SystemRunner,
    service: &impl Service<R, Response = ServiceResponse, Error = actix_web::Error>,
    made: fn(TestRequest) -> R,
    reply: &mut web::Bytes,
) -> anyhow::Result<f64> {
    let mut requests = Requests::new(Ask::Read, servers::KEY.as_bytes(), 0..USERS, 0);
    let mut sum = 0;
    for number in 0..WARM + CALLS {
        let (path, body) = requests.parts()?;
        let request = TestRequest::post().uri(&path).peer_addr((servers::HERE, 50_000).into());
        let request = made(request.set_payload(body));
        let mut answer = None;
        let counted = allocation_counter::measure(|| {
            let response = system.block_on(service.call(request));
            answer = response.ok().map(|response| system.block_on(body::to_bytes(response.into_body())));
        });
        let bytes = answer.and_then(Result::ok).context("there was no reply")?;
        if !bytes.windows(Ask::Read.expected().len()).any(|part| part == Ask::Read.expected().as_bytes()) {
            bail!("a reply is {}", String::from_utf8_lossy(&bytes));
        }
        *reply = bytes;
        if number >= WARM {
            sum += counted.count_total;
        }
    }
    Ok(sum as f64 / f64::from(CALLS))
}
