//! Addresses and ranges as they are written in settings and in the configuration.
//!
//! An IPv4 address in IPv6 clothes is the IPv4 address everywhere in the program, so it is undressed here, where text
//! becomes a range; a comparison that had to remember it would one day forget. A range with bits set beyond its mask
//! is refused, not cut: `10.1.2.3/8` is as likely a mistyped `/32` as a careless `10.0.0.0/8`, and the difference is
//! sixteen million callers.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::{IpNet, Ipv4Net};

/// Reads one address (`10.0.0.7`, `fd00::7`) or range (`10.0.0.0/8`) as a range.
///
/// # Errors
/// What is wrong with it and what is expected, as the end of a sentence that begins with the address.
pub fn network(text: &str) -> Result<IpNet, String> {
    let text = text.trim();
    let range = match text.parse::<IpAddr>() {
        Ok(address) => IpNet::from(address),
        Err(_) => text.parse::<IpNet>().map_err(|_| {
            "is neither an address such as 10.0.0.7 or fd00::7 nor a range such as 10.0.0.0/8".to_owned()
        })?,
    };
    if range.addr() != range.network() {
        let (cut, address) = (range.trunc(), range.addr());
        return Err(format!("has bits beyond its mask: write {cut} or {address}"));
    }
    Ok(undressed(range))
}

/// Reads a comma-separated list of addresses and ranges; blank is the empty list.
///
/// # Errors
/// The first entry that cannot be read, and why.
pub fn networks(text: &str) -> Result<Vec<IpNet>, String> {
    text.split(',')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .map(|entry| network(entry).map_err(|fault| format!("`{entry}` {fault}")))
        .collect()
}

/// The first pair of ranges, one of each side, that have an address in common.
#[must_use]
pub fn overlap(left: &[IpNet], right: &[IpNet]) -> Option<(IpNet, IpNet)> {
    left.iter().find_map(|a| {
        let meets = |b: &&IpNet| a.contains(*b) || b.contains(a);
        right.iter().find(meets).map(|b| (*a, *b))
    })
}

/// A range in the form in which it is shown: a single address without its mask.
#[must_use]
pub fn written(range: &IpNet) -> String {
    if range.prefix_len() == range.max_prefix_len() { range.addr().to_string() } else { range.to_string() }
}

fn undressed(range: IpNet) -> IpNet {
    let IpNet::V6(wide) = range else { return range };
    let mapped = Ipv6Addr::to_ipv4_mapped(&wide.addr());
    let mask = wide.prefix_len().checked_sub(96);
    match (mapped, mask) {
        (Some(address), Some(mask)) => Ipv4Net::new(address, mask).map_or(range, IpNet::V4),
        _ => range,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        network(text).map_or_else(|fault| fault, |range| written(&range))
    }

    #[test]
    fn addresses_and_ranges_are_read() {
        assert_eq!(read("10.0.0.7"), "10.0.0.7");
        assert_eq!(read(" 10.0.0.0/8 "), "10.0.0.0/8");
        assert_eq!(read("FD00::7"), "fd00::7");
        assert_eq!(read("fd00::/8"), "fd00::/8");
    }

    #[test]
    fn ipv4_in_ipv6_is_ipv4() {
        assert_eq!(read("::ffff:10.0.0.7"), "10.0.0.7");
        assert_eq!(read("::ffff:10.0.0.0/104"), "10.0.0.0/8");
    }

    #[test]
    fn what_is_no_range_says_what_is_expected() {
        assert!(read("10.0.0.300").contains("a range such as 10.0.0.0/8"));
        assert_eq!(read("10.1.2.3/8"), "has bits beyond its mask: write 10.0.0.0/8 or 10.1.2.3");
    }

    #[test]
    fn ranges_meet_only_within_their_family() {
        let list = |text| networks(text).unwrap_or_default();
        assert!(overlap(&list("10.0.0.0/8"), &list("192.168.0.1,10.1.1.1")).is_some());
        assert!(overlap(&list("10.1.1.1"), &list("::ffff:10.0.0.0/104")).is_some());
        assert!(overlap(&list("10.0.0.0/8"), &list("::/0")).is_none());
    }
}
