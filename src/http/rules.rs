//! What the configuration says of requests: whom to believe, how much to take, who may ask what.
//!
//! It is exchanged as a whole when the configuration is read again, so that a request is judged by one
//! configuration from its first byte to its last.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{HeaderName, HeaderValue};
use ipnet::IpNet;

use super::{body, credentials, limits};
use crate::config::{self, Config};
use crate::gate::forwarded;

/// The rules.
pub struct Rules {
    /// How often somebody may ask.
    pub limits: Arc<limits::Limits>,
    /// What a body may cost.
    pub body: body::Bounds,
    /// The proxies that may speak for others.
    pub proxies: Vec<IpNet>,
    /// The header in which they do.
    pub proxy_header: HeaderName,
    /// The headers that show a credential.
    pub credentials: credentials::Names,
    /// Credentials are taken also where others can read them.
    pub plaintext: bool,
    /// The pages of other sites that may call the JSON endpoint with a session.
    pub pages: Pages,
    /// Who may ask how the server is.
    pub watch: config::Watch,
    /// What browsers are told of encryption, where it is on.
    pub hsts: Option<HeaderValue>,
    stated: config::Limits,
}

/// The pages of other sites.
pub struct Pages {
    /// Their sites.
    pub origins: Vec<HeaderValue>,
    /// The names of the headers that they may send.
    pub headers: HeaderValue,
}

impl Rules {
    /// By the configuration.
    pub fn new(config: &Config) -> anyhow::Result<Rules> {
        let prefix = &config.api.header_prefix;
        let origins = config.api.cors_origins.iter().map(|origin| HeaderValue::from_str(origin));
        let plaintext = config.api.allow_plaintext_credentials;
        if plaintext {
            log::warn!(
                "api.allow_plaintext_credentials is true: keys and sessions are taken also where others can read them"
            );
        }
        Ok(Rules {
            limits: Arc::new(limits::Limits::new(&config.limits)),
            body: body::Bounds {
                bytes: config.limits.body_bytes,
                wait: Duration::from_secs(config.limits.body_seconds),
            },
            proxies: config.server.trusted_proxies.clone(),
            proxy_header: config.server.proxy_header.parse()?,
            credentials: credentials::Names::new(prefix)?,
            plaintext,
            pages: Pages {
                origins: origins.collect::<Result<_, _>>()?,
                headers: HeaderValue::from_str(&format!("Content-Type, {prefix}-SESSION"))?,
            },
            watch: config.watch.clone(),
            hsts: match config.tls.hsts_seconds {
                0 => None,
                seconds => Some(HeaderValue::from_str(&format!("max-age={seconds}"))?),
            },
            stated: config.limits.clone(),
        })
    }

    /// By a configuration that was read again; who has asked too often under the same limits still has.
    pub fn again(&self, config: &Config) -> anyhow::Result<Rules> {
        let rules = Rules::new(config)?;
        let limits = if rules.stated == self.stated { self.limits.clone() } else { rules.limits };
        Ok(Rules { limits, ..rules })
    }

    /// Whether a peer may speak for others.
    pub fn trusts(&self, peer: IpAddr) -> bool {
        forwarded::trusted(peer, &self.proxies)
    }
}
