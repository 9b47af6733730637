//! Sockets, and what serves the connections of each: HTTP/1.1, or the same inside of TLS.
//!
//! The library's own `HttpServer` would do both, but leaves no place before its handshake, and there is one thing to
//! say before: that a version is too old (see [`tls::accept`]). So its parts are put together here as it does itself,
//! without HTTP/2, to which the limits of time for a request would not apply.

use std::any::Any;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_http::HttpServiceBuilder;
use actix_http::error::DispatchError;
use actix_server::{GracefulShutdownSignal, ServerBuilder};
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_tls::accept::rustls_0_23::TlsStream;
use actix_web::App;
use actix_web::dev::AppConfig;
use actix_web::rt::net::{ActixStream, TcpStream};
use actix_web::web::ServiceConfig;
use anyhow::Context;
use rustls::ServerConfig;

use super::{Place, tls};
use crate::config::Config;

/// Connections that the system keeps until they are taken.
const WAITING: i32 = 1024;
/// For so long a connection may take to close.
const CLOSING: Duration = Duration::from_secs(1);

/// A socket, and how calls come there.
pub struct Listener {
    socket: TcpListener,
    /// Where it is.
    pub place: Place,
}

/// All that the configuration names; those where calls are not encrypted come first.
pub fn bind(config: &Config) -> anyhow::Result<Vec<Listener>> {
    let plain = config.server.listen.iter().map(|address| (address, false));
    let encrypted = config.tls.listen.iter().map(|address| (address, true));
    let bound = plain.chain(encrypted).map(|(address, encrypted)| {
        let bound = TcpListener::bind(address).and_then(|socket| {
            rustix::net::listen(&socket, WAITING)?;
            Ok((socket.local_addr()?, socket))
        });
        let (address, socket) = bound.with_context(|| format!("cannot listen on {address}"))?;
        Ok(Listener { socket, place: Place { address, encrypted } })
    });
    bound.collect()
}

/// How long a connection may take for what.
#[derive(Clone)]
pub struct Times {
    /// For a handshake, and then for the head of a request.
    head: Duration,
    keep_alive: actix_web::http::KeepAlive,
    stop: GracefulShutdownSignal,
}

impl Times {
    /// By the configuration.
    pub fn new(config: &Config, builder: &ServerBuilder) -> Times {
        let keep_alive = match config.limits.keep_alive_seconds {
            0 => actix_web::http::KeepAlive::Disabled,
            seconds => Duration::from_secs(seconds).into(),
        };
        let head = Duration::from_secs(config.limits.header_seconds);
        Times { head, keep_alive, stop: builder.graceful_shutdown_signal() }
    }
}

/// Adds a socket and what serves its connections.
pub fn add(
    builder: ServerBuilder,
    Listener { socket, place }: Listener,
    times: &Times,
    encryption: Option<&Arc<ServerConfig>>,
    site: impl Fn(&mut ServiceConfig) + Clone + Send + 'static,
) -> std::io::Result<ServerBuilder> {
    let (name, times, address) = (place.address.to_string(), times.clone(), place.address);
    let Some(encryption) = encryption.filter(|_| place.encrypted).cloned() else {
        return builder.listen(name, socket, move || {
            fn_service(|stream: TcpStream| async move { Ok(with_peer(stream, |stream| stream)) })
                .and_then(http(site.clone(), times.clone(), address))
        });
    };
    builder.listen(name, socket, move || {
        let (encryption, most) = (encryption.clone(), times.head);
        fn_service(move |stream: TcpStream| {
            let encryption = encryption.clone();
            async move {
                let stream = tls::accept(stream, encryption, most).await.map_err(DispatchError::Io)?;
                Ok(with_peer(stream, |stream| stream.get_ref().0))
            }
        })
        .and_then(http::<TlsStream<TcpStream>>(site.clone(), times.clone(), address))
    })
}

fn with_peer<T>(stream: T, inner: impl Fn(&T) -> &TcpStream) -> (T, Option<SocketAddr>) {
    let peer = inner(&stream).peer_addr().ok();
    (stream, peer)
}

/// HTTP/1.1 over whatever carries it.
fn http<T: ActixStream + 'static>(
    site: impl Fn(&mut ServiceConfig) + Clone + 'static,
    times: Times,
    address: SocketAddr,
) -> impl ServiceFactory<(T, Option<SocketAddr>), Config = (), Response = (), Error = DispatchError, InitError = ()>
{
    let app = App::new().configure(site).into_factory();
    let app = app.map_err(|error: actix_web::Error| error.as_response_error().error_response());
    let stop = times.stop;
    HttpServiceBuilder::default()
        // Connections that wait for a next request are closed when the program stops.
        .graceful_shutdown_signal(move || {
            let stop = stop.clone();
            async move { stop.notified().await }
        })
        .keep_alive(times.keep_alive)
        .client_request_timeout(times.head)
        .client_disconnect_timeout(CLOSING)
        .local_addr(address)
        .on_connect_ext(|connection: &T, data| tls::Version::note(connection as &dyn Any, data))
        .h1(map_config(app, |()| AppConfig::default()))
}
