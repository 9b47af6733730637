//! Whose address counts when a proxy stands in front (`protocol.md` §2.1).
//!
//! Only a peer that the operator has listed may speak for others, in the one header that is
//! configured. Everything else that looks like a forwarding header changes nothing: it is how a
//! stranger would pretend to be a service.

use std::net::IpAddr;

use ipnet::IpNet;

use super::addresses::plain;
use super::{Reason, Refusal};
use crate::error::Code;

/// Headers that claim to name somebody else; from a peer that is no proxy they are warned about.
pub const CLAIMS: &[&str] = &["forwarded", "x-forwarded-for", "x-real-ip", "x-client-ip", "true-client-ip"];

/// The address the call counts as coming from. `header` has the lines of the one configured header.
pub fn seen<'a>(
    peer: IpAddr,
    proxies: &[IpNet],
    header: impl Iterator<Item = &'a str>,
) -> Result<IpAddr, Refusal> {
    let peer = plain(peer);
    if !trusted(peer, proxies) {
        return Ok(peer);
    }
    let mut nearest = peer;
    let lines: Vec<&str> = header.collect();
    for entry in lines.iter().rev().flat_map(|line| line.rsplit(',')) {
        let Some(address) = entry_address(entry.trim()) else {
            return Err(Refusal {
                code: Code::AccessDenied,
                reason: Reason::Proxy,
                why: format!(
                    "the proxy {peer} forwarded '{}', which is no address",
                    entry.trim().escape_debug()
                ),
            });
        };
        nearest = address;
        if !trusted(address, proxies) {
            break;
        }
    }
    Ok(nearest)
}

/// Whether a peer may speak for others.
pub fn trusted(peer: IpAddr, proxies: &[IpNet]) -> bool {
    proxies.iter().any(|proxy| proxy.contains(&peer))
}

/// An address, also with the port that some proxies add, or in brackets.
fn entry_address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse::<IpAddr>() {
        return Some(plain(address));
    }
    if let Ok(socket) = text.parse::<std::net::SocketAddr>() {
        return Some(plain(socket.ip()));
    }
    let inner = text.strip_prefix('[')?.strip_suffix(']')?;
    inner.parse().ok().map(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(peer: &str, header: &[&str]) -> Result<String, Refusal> {
        let proxies = ["10.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()];
        seen(peer.parse().unwrap(), &proxies, header.iter().copied()).map(|address| address.to_string())
    }

    #[test]
    fn only_a_trusted_peer_speaks_for_others() {
        assert_eq!(ask("192.0.2.1", &["203.0.113.9"]).unwrap(), "192.0.2.1");
        assert_eq!(ask("10.0.0.1", &["203.0.113.9"]).unwrap(), "203.0.113.9");
        assert_eq!(ask("::ffff:10.0.0.1", &["203.0.113.9"]).unwrap(), "203.0.113.9");
        assert_eq!(ask("10.0.0.1", &[]).unwrap(), "10.0.0.1");
    }

    #[test]
    fn the_rightmost_stranger_counts() {
        assert_eq!(ask("10.0.0.1", &["127.0.0.1, 203.0.113.9, 10.0.0.7"]).unwrap(), "203.0.113.9");
        assert_eq!(ask("10.0.0.1", &["198.51.100.1", "203.0.113.9"]).unwrap(), "203.0.113.9");
        assert_eq!(ask("10.0.0.1", &["203.0.113.9", "10.0.0.2"]).unwrap(), "203.0.113.9");
        assert_eq!(ask("10.0.0.1", &["10.0.0.3, 10.0.0.2"]).unwrap(), "10.0.0.3");
        assert_eq!(ask("10.0.0.1", &["203.0.113.9:4711"]).unwrap(), "203.0.113.9");
        assert_eq!(ask("::1", &["[2001:db8::1]"]).unwrap(), "2001:db8::1");
    }

    #[test]
    fn an_entry_that_is_no_address_is_refused() {
        assert_eq!(ask("10.0.0.1", &["unknown"]).unwrap_err().code, Code::AccessDenied);
        assert_eq!(ask("10.0.0.1", &["203.0.113.9, "]).unwrap_err().code, Code::AccessDenied);
        // Left of the first stranger nobody looks: anybody could have written that.
        assert_eq!(ask("10.0.0.1", &["nonsense, 203.0.113.9"]).unwrap(), "203.0.113.9");
    }
}
