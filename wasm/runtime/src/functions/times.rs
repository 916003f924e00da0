//! Spans of time and points in time.

use super::fresh;
use super::numbers::digits;
use crate::layout::{FIRST_ADDRESS, UNKNOWN_VALUE};
use crate::node::{byte, first, second};

/// -1, 0 or 1; unknown if one of the texts reads as no duration.
#[unsafe(no_mangle)]
pub extern "C" fn order_duration(a: u32, b: u32) -> u32 {
    order(duration(a), duration(b))
}

/// -1, 0 or 1; unknown if one of the texts reads as no timestamp.
#[unsafe(no_mangle)]
pub extern "C" fn order_timestamp(a: u32, b: u32) -> u32 {
    order(timestamp(a), timestamp(b))
}

/// `duration(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_duration(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    if duration(text).is_some() { fresh(text) } else { 0 }
}

/// `timestamp(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_timestamp(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    if timestamp(text).is_some() { fresh(text) } else { 0 }
}

/// `time_between(from, to)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_time_between(from: u32, to: u32) -> u32 {
    let given = super::given(from, to);
    if given != super::GIVEN {
        return given;
    }
    let (Some(from), Some(to)) = (timestamp(from), timestamp(to)) else {
        return UNKNOWN_VALUE;
    };
    let nanoseconds = i128::from(to.0 - from.0) * 1_000_000_000 + i128::from(to.1) - i128::from(from.1);
    let Ok(between) = i64::try_from(nanoseconds) else {
        return UNKNOWN_VALUE;
    };
    // Whole seconds, and what is left of one.
    let text = crate::message::Text::new();
    if between < 0 {
        text.push_byte(b'-');
    }
    let size = between.unsigned_abs();
    text.push_digits(size / 1_000_000_000);
    text.push_byte(b's');
    if size % 1_000_000_000 != 0 {
        text.push_digits(size % 1_000_000_000);
        say!(text, b"ns");
    }
    crate::value::string_node(text.ptr(), text.len())
}

fn order(a: Option<(i64, u32)>, b: Option<(i64, u32)>) -> u32 {
    match (a, b) {
        (Some(a), Some(b)) => {
            let (above, below) = if a.0 == b.0 { (a.1 > b.1, a.1 < b.1) } else { (a.0 > b.0, a.0 < b.0) };
            (i32::from(above) - i32::from(below)) as u32
        }
        _ => UNKNOWN_VALUE,
    }
}

/// Nanoseconds, and 0.
#[inline(never)]
fn duration(text: u32) -> Option<(i64, u32)> {
    let mut at = first(text);
    let end = at + second(text);
    let mut negative = false;
    if at != end && (byte(at) == b'-' || byte(at) == b'+') {
        negative = byte(at) == b'-';
        at += 1;
    }
    if end - at == 1 && byte(at) == b'0' {
        return Some((0, 0));
    }
    let limit = (1 << 63) - 1 + u64::from(negative);
    let mut total: u64 = 0;
    if at == end {
        return None;
    }
    while at != end {
        let whole = at;
        at = skip_digits(at, end);
        let whole_end = at;
        let mut fraction = at;
        if at != end && byte(at) == b'.' {
            fraction = at + 1;
            at = skip_digits(fraction, end);
            if at == fraction {
                return None;
            }
        }
        let (scale, len) = unit(at, end)?;
        let whole = digits(whole, whole_end, 10, limit / scale)? * scale;
        // From the last digit to the first: what is below a nanosecond falls away only at the end.
        let mut part = 0;
        let mut digit = at;
        while digit != fraction {
            digit -= 1;
            part = (part + u64::from(byte(digit) - b'0') * scale) / 10;
        }
        total = total.checked_add(whole)?.checked_add(part)?;
        if total > limit {
            return None;
        }
        at += len;
    }
    let value = total as i64;
    Some((if negative { value.wrapping_neg() } else { value }, 0))
}

pub fn skip_digits(from: u32, end: u32) -> u32 {
    let mut at = from;
    while at != end && byte(at).is_ascii_digit() {
        at += 1;
    }
    at
}

/// The nanoseconds of the unit at an address, and its length.
fn unit(at: u32, end: u32) -> Option<(u64, u32)> {
    if at == end {
        return None;
    }
    let letter = byte(at);
    let two = if end - at > 1 { byte(at + 1) } else { 0 };
    // The micro sign and the Greek letter.
    let micro = letter == 0xC2 && two == 0xB5 || letter == 0xCE && two == 0xBC;
    if micro {
        return if end - at > 2 && byte(at + 2) == b's' { Some((1_000, 3)) } else { None };
    }
    if two == b's' && letter == b'n' {
        Some((1, 2))
    } else if two == b's' && letter == b'u' {
        Some((1_000, 2))
    } else if two == b's' && letter == b'm' {
        Some((1_000_000, 2))
    } else if letter == b's' {
        Some((1_000_000_000, 1))
    } else if letter == b'm' {
        Some((60_000_000_000, 1))
    } else if letter == b'h' {
        Some((3_600_000_000_000, 1))
    } else {
        None
    }
}

/// Seconds since the year 0, and nanoseconds.
#[inline(never)]
fn timestamp(text: u32) -> Option<(i64, u32)> {
    let start = first(text);
    let len = second(text);
    let end = start + len;
    if len < 10 || byte(start + 4) != b'-' || byte(start + 7) != b'-' {
        return None;
    }
    let year = number(start, 4, 9999)?;
    let month = number(start + 5, 2, 12)?;
    let day = number(start + 8, 2, 31)?;
    if month == 0 || day == 0 || day > days_of(month, year) {
        return None;
    }
    let midnight = days_before(year, month, day) * 86_400;
    if len == 10 {
        return Some((midnight, 0));
    }
    if len < 20 || byte(start + 10) | 0x20 != b't' || byte(start + 13) != b':' || byte(start + 16) != b':' {
        return None;
    }
    let (hour, minute) = (number(start + 11, 2, 23)?, number(start + 14, 2, 59)?);
    let second = number(start + 17, 2, 59)?;
    let mut at = start + 19;
    let mut nanoseconds = 0;
    if byte(at) == b'.' {
        let fraction = at + 1;
        at = skip_digits(fraction, end);
        if at == fraction || at == end {
            return None;
        }
        let mut nth = fraction;
        while nth != fraction + 9 {
            let digit = if nth < at { byte(nth) - b'0' } else { 0 };
            nanoseconds = nanoseconds * 10 + u32::from(digit);
            nth += 1;
        }
    }
    let sign = byte(at);
    let mut offset = 0;
    if sign | 0x20 == b'z' {
        at += 1;
    } else if end - at == 6 && (sign == b'+' || sign == b'-') && byte(at + 3) == b':' {
        offset = number(at + 1, 2, 23)? * 3600 + number(at + 4, 2, 59)? * 60;
        at = end;
    }
    if at != end {
        return None;
    }
    if sign == b'-' {
        offset = -offset;
    }
    Some((midnight + hour * 3600 + minute * 60 + second - offset, nanoseconds))
}

/// The number of some digits.
fn number(at: u32, len: u32, limit: u64) -> Option<i64> {
    digits(at, at + len, 10, limit).map(|number| number as i64)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_of(month: i64, year: i64) -> i64 {
    if month == 2 {
        28 + i64::from(is_leap(year))
    } else {
        30 + ((month + (month >> 3)) & 1)
    }
}

/// Days of the calendar before a date.
fn days_before(year: i64, month: i64, day: i64) -> i64 {
    let mut days = day - 1;
    let mut earlier = 1;
    while earlier != month {
        days += days_of(earlier, year);
        earlier += 1;
    }
    // Leap years before this one; the year 0 is one.
    let leaps = if year == 0 { 0 } else { (year - 1) / 4 - (year - 1) / 100 + (year - 1) / 400 + 1 };
    days + year * 365 + leaps
}
