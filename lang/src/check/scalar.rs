//! Texts that are versions, addresses, images, spans and points in time.

use std::net::{Ipv4Addr, Ipv6Addr};

/// True for the versions of `docs/meaning.md`.
pub(super) fn is_version(text: &str) -> bool {
    let text = text.strip_prefix('v').unwrap_or(text);
    let n_number = text
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b'.')
        .count();
    let (number, rest) = text.split_at(n_number);
    let parts: Vec<&str> = number.split('.').collect();
    let ok = parts.len() <= 8 && parts.iter().all(|part| (1..=9).contains(&part.len()));
    ok && (rest.is_empty() || !rest.starts_with(|c: char| c.is_alphanumeric()))
}

/// True for the ranges of versions of `docs/meaning.md`.
pub(super) fn is_versions(text: &str) -> bool {
    text.split(';').all(|alternative| {
        let mut rest = alternative.trim_matches(' ');
        if rest.is_empty() {
            return false;
        }
        while !rest.is_empty() {
            let sign = [">=", "<=", ">", "<", "="]
                .into_iter()
                .find(|sign| rest.starts_with(sign));
            let after = rest.strip_prefix(sign.unwrap_or_default()).unwrap_or(rest);
            let after = after.trim_start_matches(' ');
            let (term, next) = after.split_once(' ').unwrap_or((after, ""));
            let is_term = match (sign, dash(term)) {
                (None, Some((low, high))) => is_bound(low) && is_bound(high),
                _ => is_bound(term),
            };
            if !is_term {
                return false;
            }
            rest = next.trim_start_matches(' ');
        }
        true
    })
}

/// The two sides of the first `-` that a digit follows.
fn dash(term: &str) -> Option<(&str, &str)> {
    let (at, _) = term.match_indices('-').find(|(at, _)| {
        term.get(at + 1..)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    })?;
    Some((term.get(..at)?, term.get(at + 1..)?))
}

/// True for a version that is written with nothing but signs of versions.
fn is_bound(text: &str) -> bool {
    let number = text.strip_prefix('v').unwrap_or(text);
    let number = number.split(['-', '+']).next().unwrap_or_default();
    number
        .split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b".+-".contains(&b))
        && is_version(text)
}

/// True for the ranges of whole numbers of `docs/meaning.md`.
pub(super) fn is_range(text: &str) -> bool {
    let number = |text: &str| {
        let is_number = (1..=18).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        is_number.then(|| text.parse::<i64>().ok()).flatten()
    };
    match text.split_once('-') {
        None => number(text).is_some(),
        Some((low, "")) => number(low).is_some(),
        Some(("", high)) => number(high).is_some(),
        Some((low, high)) => {
            matches!((number(low), number(high)), (Some(low), Some(high)) if low <= high)
        }
    }
}

/// True for an address, IPv4 or IPv6.
pub(super) fn is_ip(text: &str) -> bool {
    text.parse::<Ipv4Addr>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

/// True for an address and a length.
pub(super) fn is_cidr(text: &str) -> bool {
    let Some((address, len)) = text.split_once('/') else {
        return false;
    };
    let most = if address.contains(':') { 128 } else { 32 };
    let is_number = !len.is_empty() && len.len() <= 3 && len.bytes().all(|b| b.is_ascii_digit());
    is_ip(address) && is_number && len.parse::<u32>().is_ok_and(|len| len <= most)
}

/// True for a span of time: `90s`, `1h30m`, `0`.
pub(super) fn is_duration(text: &str) -> bool {
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    let mut total = 0_f64;
    let mut has_part = false;
    while !rest.is_empty() {
        let n_number = rest
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'.')
            .count();
        let (number, after) = rest.split_at(n_number);
        let is_number =
            number.matches('.').count() <= 1 && number.bytes().any(|b| b.is_ascii_digit());
        let n_unit = after
            .bytes()
            .take_while(|b| !b.is_ascii_digit() && *b != b'.')
            .count();
        let Some((unit, next)) = after.split_at_checked(n_unit) else {
            return false;
        };
        let nanos = match unit {
            "ns" => 1.0,
            "us" | "µs" | "μs" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" => 60e9,
            "h" => 3600e9,
            _ => return false,
        };
        if !is_number {
            return false;
        }
        total += number.parse::<f64>().unwrap_or(f64::INFINITY) * nanos;
        has_part = true;
        rest = next;
    }
    has_part && total < 9.2e18
}

/// True for a date, or a date with time and offset.
pub(super) fn is_timestamp(text: &str) -> bool {
    let Some((date, time)) = text.split_at_checked(10) else {
        return false;
    };
    if !is_date(date) {
        return false;
    }
    if time.is_empty() {
        return true;
    }
    let Some(clock) = time.strip_prefix(['T', 't', ' ']) else {
        return false;
    };
    let Some((clock, rest)) = clock.split_at_checked(8) else {
        return false;
    };
    if !is_clock(clock) {
        return false;
    }
    let offset = match rest.strip_prefix('.') {
        Some(fraction) => {
            let offset = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if offset.len() == fraction.len() {
                return false;
            }
            offset
        }
        None => rest,
    };
    match offset {
        "Z" | "z" => true,
        _ => offset
            .strip_prefix(['+', '-'])
            .is_some_and(|offset| offset.len() == 5 && is_clock(&format!("{offset}:00"))),
    }
}

fn numbers(text: &str, sign: char, widths: [usize; 3]) -> Option<[u32; 3]> {
    let parts: Vec<&str> = text.split(sign).collect();
    let [a, b, c] = parts.as_slice() else {
        return None;
    };
    let mut found = [0; 3];
    for ((part, width), slot) in [a, b, c].iter().zip(widths).zip(&mut found) {
        if part.len() != width || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        *slot = part.parse().ok()?;
    }
    Some(found)
}

fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn is_clock(text: &str) -> bool {
    numbers(text, ':', [2, 2, 2]).is_some_and(|[h, m, s]| h < 24 && m < 60 && s <= 60)
}

/// True for the image references of `docs/meaning.md`.
pub(super) fn is_image(text: &str) -> bool {
    let (text, digest) = match text.split_once('@') {
        Some((text, digest)) => (text, Some(digest)),
        None => (text, None),
    };
    if !digest.is_none_or(is_digest) {
        return false;
    }
    let (registry, path) = match text.split_once('/') {
        Some((first, rest)) if is_registry_like(first) => (Some(first), rest),
        _ => (None, text),
    };
    let (path, tag) = match path.rsplit_once(':') {
        Some((path, tag)) => (path, Some(tag)),
        None => (path, None),
    };
    registry.is_none_or(is_registry) && tag.is_none_or(is_tag) && path.split('/').all(is_component)
}

fn is_registry_like(text: &str) -> bool {
    text == "localhost" || text.contains(['.', ':']) || text.contains(|c: char| c.is_uppercase())
}

fn is_registry(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, rest)) => {
            if !address.bytes().all(|b| b.is_ascii_hexdigit() || b == b':') {
                return false;
            }
            (
                "x",
                rest.strip_prefix(':').or((!rest.is_empty()).then_some("")),
            )
        }
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let is_label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let is_port = |port: &str| !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    host.split('.').all(is_label) && port.is_none_or(is_port)
}

fn is_component(text: &str) -> bool {
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c);
    let separators = text.split(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    is_end(text.chars().next())
        && is_end(text.chars().next_back())
        && text.chars().all(known)
        && separators
            .filter(|run| !run.is_empty())
            .all(|run| matches!(run, "." | "_" | "__") || run.chars().all(|c| c == '-'))
}

fn is_tag(text: &str) -> bool {
    let known = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    (1..=128).contains(&text.len()) && text.chars().all(known) && !text.starts_with(['.', '-'])
}

fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else {
        return false;
    };
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_alphabetic())
            && word.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    algorithm.split(['-', '_', '+', '.']).all(is_word)
        && hex.len() >= 32
        && hex.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::{
        is_cidr, is_duration, is_image, is_ip, is_range, is_timestamp, is_version, is_versions,
    };

    fn check(is_it: fn(&str) -> bool, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert!(is_it(text), "{text}");
        }
        for text in wrong {
            assert!(!is_it(text), "{text}");
        }
    }

    #[test]
    fn versions_are_digits_and_points() {
        check(
            is_version,
            &[
                "1",
                "1.29",
                "v1.29.3",
                "1.29.3-gke.100",
                "1.0.0-rc1",
                "1.2+k3s1",
            ],
            &[
                "",
                "v",
                "1.",
                ".1",
                "1..2",
                "x1",
                "1.2x",
                "1234567890",
                "1.2.3.4.5.6.7.8.9",
            ],
        );
    }

    #[test]
    fn ranges_are_read_strictly() {
        check(
            is_versions,
            &[
                ">=1.28 <1.31",
                "1.22.0-1.22.13; 1.25.0",
                ">= v1.2 ",
                "1.4.0-rc.3-1.4.2",
                "=1.2+k3s1",
            ],
            &[
                "",
                "1.2;",
                ">=",
                "1.2, 1.3",
                "1.x",
                "~1.2",
                "1..2",
                "1.2 ;; 1.3",
                "latest",
            ],
        );
        check(
            is_range,
            &[
                "1000-1999",
                "10000-",
                "-100",
                "80",
                "5-5",
                "0-999999999999999999",
            ],
            &[
                "",
                "-",
                "2-1",
                "a-b",
                "1-2-3",
                " 1",
                "1000000000000000000",
                "+1",
            ],
        );
    }

    #[test]
    fn addresses_are_read_strictly() {
        check(
            is_ip,
            &["10.0.0.1", "::1", "fe80::1"],
            &["10.0.0", "010.0.0.1", "fe80::1%eth0"],
        );
        check(
            is_cidr,
            &["10.0.0.0/8", "::/0", "0.0.0.0/0"],
            &["10.0.0.0", "10.0.0.0/33", "::/129"],
        );
    }

    #[test]
    fn times_are_gos_and_rfc_3339s() {
        check(
            is_duration,
            &["0", "90s", "1h30m", "1.5h", "-2ms", "10µs"],
            &["", "90", "s", "1d", "1h 30m", "9999999999h", "."],
        );
        check(
            is_timestamp,
            &[
                "2026-02-28",
                "2024-02-29T12:00:00Z",
                "2026-01-01T00:00:00.5+02:00",
            ],
            &[
                "2026-02-29",
                "2026-01-01T00:00:00",
                "2026-13-01",
                "26-01-01",
                "2026-01-01T24:00:00Z",
            ],
        );
    }

    #[test]
    fn images_are_dockers() {
        let digest = format!("a@sha256:{}", "0".repeat(64));
        check(
            is_image,
            &[
                "nginx",
                "nginx:1.27",
                "docker.io/library/nginx",
                "localhost:5000/a/b:c",
                &digest,
                "[::1]:5000/a",
            ],
            &[
                "",
                "Nginx",
                "a//b",
                "a:",
                "a@sha256:12",
                "-a",
                "a..b",
                "x.y:z/a",
            ],
        );
    }
}
