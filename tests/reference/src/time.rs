//! Durations and timestamps in nanoseconds.

use std::sync::LazyLock;

use num_bigint::BigInt;
use regex::Regex;

static PART: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\A([0-9]+)(?:\.([0-9]+))?(ns|us|µs|μs|ms|s|m|h)").ok());

static TIMESTAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\A([0-9]{4})-([0-9]{2})-([0-9]{2})",
        r"(?:[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2})))?\z"
    ))
    .ok()
});

/// Reads a duration; `None` if the text is none, leaves 64 bits of nanoseconds. What is below one falls away.
pub(crate) fn duration(text: &str) -> Option<i128> {
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest.is_empty() {
        return None;
    }
    if rest == "0" {
        return Some(0);
    }
    let mut total = BigInt::from(0);
    while !rest.is_empty() {
        let part = PART.as_ref()?.captures(rest)?;
        let unit: u64 = match part.get(3)?.as_str() {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            _ => 3_600_000_000_000,
        };
        let fraction = part.get(2).map_or("", |digits| digits.as_str());
        let digits = format!("{}{fraction}", part.get(1)?.as_str());
        let scaled = digits.parse::<BigInt>().ok()? * BigInt::from(unit);
        let divisor = BigInt::from(10).pow(u32::try_from(fraction.len()).ok()?);
        total += scaled / divisor;
        rest = rest.get(part.get(0)?.end()..)?;
    }
    if is_negative {
        total = -total;
    }
    i64::try_from(total).ok().map(i128::from)
}

/// Reads a timestamp with an offset, or a date as its midnight in UTC: nanoseconds since 1970.
pub(crate) fn timestamp(text: &str) -> Option<i128> {
    let found = TIMESTAMP.as_ref()?.captures(text)?;
    let number = |group: usize| -> Option<i128> {
        match found.get(group) {
            Some(digits) => digits.as_str().parse().ok(),
            None => Some(0),
        }
    };
    let (year, month, day) = (number(1)?, number(2)?, number(3)?);
    let days_of = |month: i128| match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    };
    if !(1..=12).contains(&month) || !(1..=days_of(month)).contains(&day) {
        return None;
    }
    let (hour, minute, second) = (number(4)?, number(5)?, number(6)?);
    let (offset_hours, offset_minutes) = (number(9)?, number(10)?);
    if hour > 23 || minute > 59 || second > 59 || offset_hours > 23 || offset_minutes > 59 {
        return None;
    }
    let years: i128 = if year >= 1970 {
        (1970..year).map(days_in).sum()
    } else {
        -(year..1970).map(days_in).sum::<i128>()
    };
    let days = years + (1..month).map(days_of).sum::<i128>() + day - 1;
    let offset = offset_hours * 60 + offset_minutes;
    let sign = match found.get(8).map(|sign| sign.as_str()) {
        Some("-") => -1,
        _ => 1,
    };
    let minutes = days * 1440 + hour * 60 + minute - sign * offset;
    let fraction: String = found
        .get(7)
        .map_or("", |digits| digits.as_str())
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    Some((minutes * 60 + second) * 1_000_000_000 + fraction.parse::<i128>().ok()?)
}

fn is_leap(year: i128) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn days_in(year: i128) -> i128 {
    if is_leap(year) { 366 } else { 365 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_exact() {
        for (text, expected) in [
            ("0", Some(0)),
            ("1h30m", Some(5_400_000_000_000)),
            ("1.5s", Some(1_500_000_000)),
            ("-2us", Some(-2_000)),
            ("1µs", Some(1_000)),
            ("1.000000001s", Some(1_000_000_001)),
            ("0.5ns", Some(0)),
            ("-0", Some(0)),
            ("1μs", Some(1_000)),
            ("", None),
            ("-", None),
            ("5", None),
            ("1d", None),
            (".5s", None),
            ("9223372036854775807ns", Some(i128::from(i64::MAX))),
            ("9223372036854775808ns", None),
        ] {
            assert_eq!(duration(text), expected, "{text}");
        }
    }

    #[test]
    fn timestamps_are_instants() {
        for (text, seconds) in [
            ("1970-01-01", 0),
            ("1970-01-01T01:00:00+01:00", 0),
            ("2000-03-01T00:00:00Z", 951_868_800),
            ("1969-12-31T23:59:59Z", -1),
            ("2026-11-20T12:30:00-02:30", 1_795_186_800),
        ] {
            assert_eq!(timestamp(text), Some(seconds * 1_000_000_000), "{text}");
        }
        assert_eq!(
            timestamp("1970-01-01T00:00:00.1234567899Z"),
            Some(123_456_789)
        );
        for text in [
            "",
            "2026-02-29",
            "2026-13-01",
            "2026-01-01T00:00:00",
            "2026-01-01T24:00:00Z",
        ] {
            assert_eq!(timestamp(text), None, "{text}");
        }
    }
}
