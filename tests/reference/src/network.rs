//! Addresses and ranges of addresses.

use std::net::IpAddr;

use ipnet::IpNet;

/// Reads an address.
pub(crate) fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok()
}

/// Reads a range.
pub(crate) fn range(text: &str) -> Option<IpNet> {
    let (address, length) = text.split_once('/')?;
    let is_plain = length.bytes().all(|digit| digit.is_ascii_digit())
        && (length == "0" || !length.starts_with('0'));
    if !is_plain {
        return None;
    }
    IpNet::new(address.parse().ok()?, length.parse().ok()?).ok()
}

/// Whether an address or a range is in a range; nothing if a text reads as neither.
pub(crate) fn is_within(inner: &str, outer: &str) -> Option<bool> {
    let inner = match address(inner) {
        Some(address) => IpNet::from(address),
        None => range(inner)?,
    };
    Some(range(outer)?.contains(&inner))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_addresses_of_their_family() {
        for (inner, outer, expected) in [
            ("10.1.2.3", "10.0.0.0/8", Some(true)),
            ("10.1.2.3", "10.255.0.1/8", Some(true)),
            ("11.0.0.0", "10.0.0.0/8", Some(false)),
            ("10.0.0.0/7", "10.0.0.0/8", Some(false)),
            ("10.3.0.0/16", "10.0.0.0/8", Some(true)),
            ("::1", "::/0", Some(true)),
            ("::ffff:10.0.0.1", "10.0.0.0/8", Some(false)),
            ("1.2.3.4", "0.0.0.0/0", Some(true)),
            ("1.2.3.04", "0.0.0.0/0", None),
            ("1.2.3.4", "0.0.0.0/00", None),
            ("1.2.3.4", "0.0.0.0/33", None),
            ("fe80::1%eth0", "::/0", None),
        ] {
            assert_eq!(is_within(inner, outer), expected, "{inner} {outer}");
        }
    }
}
