//! What the children run: the server itself, and the yardstick.
//!
//! Both get one worker and sit on one core with all their threads. The server is the product's own
//! code with the product's defaults; only the limiter of strangers is off, because refusing is what
//! the row of the refused address measures.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::time::Duration;

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, SERVER, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{App, HttpResponse, HttpServer, web};
use ipnet::Ipv4Net;
use regserver::api::{Api, Options};
use regserver::config::{Config, Mail, MailTls, Tls};
use regserver::http::Stage;

use crate::{encryption, machine};

/// What a child prints before its address.
pub const READY: &str = "ready ";
/// Hash threads of the server: those of a machine of two cores, where the core it is kept on would
/// give it one and flatter its memory.
const HASH_THREADS: usize = 2;
/// Longer than any queue of logins here: what is measured is the waiting, not the turning away.
const HASH_WAIT: u64 = 60;

/// The code of the provider that nearly all users belong to.
pub const LARGE: &str = "DEMO";
/// The code of the one that has a thousandth of them.
pub const SMALL: &str = "TINY";
/// The key of each provider's service.
pub const KEY: &str = "a key for measuring only";
/// Where the large provider's service calls from.
pub const HERE: Ipv4Addr = Ipv4Addr::LOCALHOST;
/// Where the small provider's service calls from.
pub const SMALL_HERE: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
/// An address that is no service's.
pub const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);

/// A proxy that says that calls come to it over TLS.
pub const PROXY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 4);

/// The configuration of every server here.
pub fn config(database: &Path) -> anyhow::Result<Config> {
    let block = |code: &str, address: Ipv4Addr| {
        format!(
            "[[provider]]\ncode = '{code}'\n[[service]]\nname = '{code}'\nprovider = '{code}'\n\
             addresses = ['{address}']\nkeys = [{{ key = '{KEY}' }}]\n"
        )
    };
    let text = format!(
        "[settings]\nMailSenderEmail = 'noreply@example.com'\n{}{}",
        block(LARGE, HERE),
        block(SMALL, SMALL_HERE)
    );
    let mut config = Config::from_toml(&text, std::iter::empty())?;
    config.database.path = database.to_owned();
    config.server.listen = vec![SocketAddr::from(([127, 0, 0, 1], 0))];
    config.server.workers = 1;
    let [certificate, key] = encryption::FILES.map(|file| database.with_file_name(file));
    if certificate.exists() {
        let listen = config.server.listen.clone();
        config.tls = Tls { listen, certificate, key, ..Tls::default() };
    }
    config.server.trusted_proxies = vec![Ipv4Net::from(PROXY).into()];
    config.limits.requests_per_second = 0;
    config.limits.hash_wait_seconds = HASH_WAIT;
    config.auth.hash_threads = HASH_THREADS;
    Ok(config)
}

/// The server on a database.
pub fn api(database: &Path, core: usize, uncounted: bool, mail: Option<u16>) -> anyhow::Result<()> {
    settle(core)?;
    let mut config = config(database)?;
    if uncounted {
        config.settings =
            Config::from_toml("[settings]\nAPIRequestLogging = 'off'", std::iter::empty())?.settings;
    }
    if let Some(port) = mail {
        config.mail = Mail { server: "127.0.0.1".into(), port, tls: MailTls::None, ..Mail::default() };
    }
    // The product's own log: forming its lines is part of what a change costs.
    regserver::cli::logging::start(&config.log);
    let options = Options { counts: !uncounted, works: mail.is_some(), ..Options::default() };
    let started = Api::open(&config, options)?;
    actix_web::rt::System::new().block_on(regserver::http::serve(started.api, &config, |stage| {
        if let Stage::Ready(places) = stage {
            tell(&places.iter().map(|place| place.address).collect::<Vec<_>>());
        }
    }))
}

/// The handler that reads the body and sends fixed bytes, on the settings that the server has.
pub fn yardstick(reply: &Path, core: usize) -> anyhow::Result<()> {
    settle(core)?;
    let reply = web::Bytes::from(std::fs::read(reply)?);
    let Config { server, storage, limits, .. } = config(Path::new(""))?;
    actix_web::rt::System::new().block_on(async move {
        let site = yardstick_site(reply);
        let bound = HttpServer::new(move || App::new().configure(&site))
            .workers(server.workers)
            .worker_max_blocking_threads((storage.readers as usize).div_ceil(server.workers))
            .max_connections(limits.connections.div_ceil(server.workers))
            .client_request_timeout(Duration::from_secs(limits.header_seconds))
            .keep_alive(Duration::from_secs(limits.keep_alive_seconds))
            .shutdown_timeout(server.shutdown_seconds)
            .disable_signals()
            .bind(&server.listen[..])?;
        tell(&bound.addrs());
        bound.run().await?;
        Ok(())
    })
}

/// What the yardstick's worker serves.
pub fn yardstick_site(reply: web::Bytes) -> impl Fn(&mut web::ServiceConfig) + Clone {
    move |site| {
        site.app_data(web::Data::new(reply.clone())).default_service(web::to(fixed));
    }
}

async fn fixed(_body: web::Bytes, reply: web::Data<web::Bytes>) -> HttpResponse {
    const HEADERS: [(HeaderName, HeaderValue); 5] = [
        (CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=UTF-8")),
        (SERVER, HeaderValue::from_static(concat!("regserver/", env!("CARGO_PKG_VERSION")))),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (HeaderName::from_static("x-request-id"), HeaderValue::from_static("0123456789abcdef")),
    ];
    let mut response = HttpResponse::Ok().body(reply.get_ref().clone());
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, value);
    }
    response
}

/// Ends with the parent, however that ends, and stays on one core.
fn settle(core: usize) -> anyhow::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL))?;
    machine::pin(core)
}

fn tell(addresses: &[SocketAddr]) {
    let addresses: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
    let mut out = std::io::stdout().lock();
    // A parent that does not listen is gone, and so is this process.
    let _ = writeln!(out, "{READY}{}", addresses.join(" ")).and_then(|()| out.flush());
}
