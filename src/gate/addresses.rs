//! The address book: which service owns an address.
//!
//! Two services may not overlap, so the ranges of all services form one sorted list without gaps in
//! meaning, and a lookup is one binary search, however many ranges there are. An IPv4-mapped IPv6
//! address is the IPv4 address it is; apart from that the two families never meet, so that `::/0`
//! opens nothing to IPv4.

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

use crate::domain::settings;

/// An address as a number within its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Number {
    V4(u32),
    V6(u128),
}

/// A range of addresses, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Range {
    first: Number,
    last: Number,
}

/// Sorted ranges with their owners.
#[derive(Debug, Default, Clone)]
pub struct AddressBook {
    ranges: Vec<(Range, usize)>,
}

/// Two owners claim the same addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The two owners, by their position in the list given.
    pub owners: (usize, usize),
    /// What each of them claims.
    pub networks: (IpNet, IpNet),
}

impl AddressBook {
    /// Puts the networks of all owners into one book.
    pub fn new(entries: &[(IpNet, usize)]) -> Result<AddressBook, Overlap> {
        let mut sorted: Vec<(Range, usize, IpNet)> =
            entries.iter().map(|(network, owner)| (range(*network), *owner, *network)).collect();
        sorted.sort_by_key(|(range, owner, _)| (range.first, std::cmp::Reverse(range.last), *owner));
        let mut ranges: Vec<(Range, usize)> = Vec::with_capacity(sorted.len());
        let mut reached: Option<(Number, usize, IpNet)> = None;
        for (range, owner, network) in sorted {
            match reached {
                Some((last, other, theirs)) if range.first <= last && other != owner => {
                    return Err(Overlap { owners: (other, owner), networks: (theirs, network) });
                }
                // A range inside another of the same owner says nothing new; two networks never
                // overlap in any other way.
                Some((last, ..)) if range.last <= last => continue,
                _ => {}
            }
            ranges.push((range, owner));
            reached = Some((range.last, owner, network));
        }
        Ok(AddressBook { ranges })
    }

    /// Whose address it is.
    pub fn owner(&self, address: IpAddr) -> Option<usize> {
        let number = number(plain(address));
        let after = self.ranges.partition_point(|(range, _)| range.first <= number);
        let (range, owner) = self.ranges.get(after.checked_sub(1)?)?;
        (number <= range.last).then_some(*owner)
    }
}

/// An IPv4-mapped IPv6 address as the IPv4 address it is.
pub fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn number(address: IpAddr) -> Number {
    match address {
        IpAddr::V4(v4) => Number::V4(v4.into()),
        IpAddr::V6(v6) => Number::V6(v6.into()),
    }
}

fn range(network: IpNet) -> Range {
    Range { first: number(network.network()), last: number(network.broadcast()) }
}

/// Reads an address or a range; the error says what is expected.
pub fn parse(text: &str) -> Result<IpNet, String> {
    settings::network(text).map_err(|why| format!("`{}` {why}", text.trim()))
}

/// The group by which limits count an address: IPv6 by its /64, because one caller owns all of that.
pub fn group(address: IpAddr) -> IpAddr {
    match plain(address) {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6) & !u128::from(u64::MAX))),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(entries: &[(&str, usize)]) -> Result<AddressBook, Overlap> {
        let entries: Vec<_> = entries.iter().map(|(text, owner)| (parse(text).unwrap(), *owner)).collect();
        AddressBook::new(&entries)
    }

    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        let book = book(&[("10.0.0.0/8", 1), ("2001:db8::/32", 2)]).unwrap();
        assert_eq!(book.owner("10.1.2.3".parse().unwrap()), Some(1));
        assert_eq!(book.owner("::ffff:10.1.2.3".parse().unwrap()), Some(1));
        assert_eq!(book.owner("2001:db8:1::1".parse().unwrap()), Some(2));
        assert_eq!(book.owner("11.0.0.0".parse().unwrap()), None);
        assert_eq!(parse("::ffff:10.0.0.0/104").unwrap(), "10.0.0.0/8".parse::<IpNet>().unwrap());
    }

    #[test]
    fn overlaps_name_both_and_only_concern_two_owners() {
        let overlap = book(&[("10.0.0.0/8", 1), ("10.2.0.1", 2)]).unwrap_err();
        assert_eq!(overlap.owners, (1, 2));
        assert!(book(&[("10.0.0.0/8", 1), ("10.2.0.1", 1), ("10.255.255.255", 1)]).is_ok());
        assert!(book(&[("0.0.0.0/0", 1), ("::/0", 2)]).is_ok());
    }

    #[test]
    fn malformed_addresses_say_what_is_expected() {
        for bad in ["", "10.0.0", "10.0.0.0/33", "example.org", "10.0.0.1-10.0.0.9"] {
            assert!(parse(bad).unwrap_err().contains("10.0.0.0/8"), "{bad}");
        }
    }
}
