//! Schedules, addresses of the web, and the time.

use super::{fresh, is_packed, pack};
use crate::layout::{FIRST_ADDRESS, UNKNOWN_VALUE};
use crate::made;
use crate::message::member_string;
use crate::node::{byte, first, second, set_byte};
use crate::program::SYM_NOW;
use crate::state::{origin, state};

/// `cron(text)`: the text if it is a schedule of a CronJob.
#[unsafe(no_mangle)]
pub extern "C" fn fn_cron(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let (start, end) = (first(text), first(text) + second(text));
    let is_right = if start != end && byte(start) == b'@' {
        is_named(text, start, end)
    } else {
        has_fields(start, end)
    };
    if is_right { fresh(text) } else { 0 }
}

/// `@daily` and the like, `@every 1h`.
fn is_named(text: u32, start: u32, end: u32) -> bool {
    const NAMES: [(u64, u64); 7] = [
        pack(b"@yearly"),
        pack(b"@annually"),
        pack(b"@monthly"),
        pack(b"@weekly"),
        pack(b"@daily"),
        pack(b"@midnight"),
        pack(b"@hourly"),
    ];
    let is = |name: (u64, u64)| is_packed(start, end - start, name.0, name.1);
    let every = pack(b"@every ");
    if is(NAMES[0]) || is(NAMES[1]) || is(NAMES[2]) || is(NAMES[3]) || is(NAMES[4]) || is(NAMES[5]) || is(NAMES[6]) {
        return true;
    }
    second(text) > 7
        && is_packed(start, 7, every.0, every.1)
        && super::times::fn_duration(crate::value::string_node(start + 7, end - start - 7)) != 0
}

/// Minute, hour, day of the month, month, day of the week.
fn has_fields(start: u32, end: u32) -> bool {
    let mut at = start;
    let mut nth = 0;
    loop {
        while at != end && (byte(at) == b' ' || byte(at) == b'\t') {
            at += 1;
        }
        if at == end {
            return nth == 5;
        }
        let begin = at;
        while at != end && byte(at) != b' ' && byte(at) != b'\t' {
            at += 1;
        }
        if nth == 5 || !is_field(begin, at, nth) {
            return false;
        }
        nth += 1;
    }
}

/// Parts joined by commas.
fn is_field(start: u32, end: u32, nth: u32) -> bool {
    let mut begin = start;
    let mut at = start;
    loop {
        if at == end || byte(at) == b',' {
            if !is_part(begin, at, nth) {
                return false;
            }
            if at == end {
                return true;
            }
            begin = at + 1;
        }
        at += 1;
    }
}

/// `*`, `?`, `A` or `A-B`, and `/STEP`.
fn is_part(start: u32, end: u32, nth: u32) -> bool {
    let mut slash = start;
    while slash != end && byte(slash) != b'/' {
        slash += 1;
    }
    if slash != end {
        let step = super::numbers::digits(slash + 1, end, 10, 1 << 30);
        if slash + 1 == end || !matches!(step, Some(step) if step != 0) {
            return false;
        }
    }
    if slash == start + 1 && (byte(start) == b'*' || byte(start) == b'?') {
        return true;
    }
    let mut dash = start;
    while dash != slash && byte(dash) != b'-' {
        dash += 1;
    }
    let low = number_of(start, dash, nth);
    let high = if dash == slash { low } else { number_of(dash + 1, slash, nth) };
    let least = u32::from(nth == 2 || nth == 3);
    let most = match nth {
        0 => 59,
        1 => 23,
        2 => 31,
        3 => 12,
        _ => 6,
    };
    low >= least && low <= high && high <= most
}

/// A number, or the name of a month or of a day of the week; a large number for anything else.
fn number_of(start: u32, end: u32, nth: u32) -> u32 {
    const NONE: u32 = 1000;
    if end - start == 3 && nth >= 3 {
        let name = |at: u32| byte(at).to_ascii_lowercase();
        let word = u32::from(name(start)) | u32::from(name(start + 1)) << 8 | u32::from(name(start + 2)) << 16;
        let mut number = 0;
        if nth == 3 {
            while number < 12 {
                if month(number) == word {
                    return number + 1;
                }
                number += 1;
            }
        } else {
            while number < 7 {
                if day(number) == word {
                    return number;
                }
                number += 1;
            }
        }
    }
    match super::numbers::digits(start, end, 10, 999) {
        Some(number) if start != end => number as u32,
        _ => NONE,
    }
}

const fn three(names: &[u8], nth: usize) -> u32 {
    names[3 * nth] as u32 | (names[3 * nth + 1] as u32) << 8 | (names[3 * nth + 2] as u32) << 16
}

/// The name of a month as a number: numbers lie in the code, where no module has data of them.
fn month(nth: u32) -> u32 {
    const N: &[u8] = b"janfebmaraprmayjunjulaugsepoctnovdec";
    match nth {
        0 => const { three(N, 0) },
        1 => const { three(N, 1) },
        2 => const { three(N, 2) },
        3 => const { three(N, 3) },
        4 => const { three(N, 4) },
        5 => const { three(N, 5) },
        6 => const { three(N, 6) },
        7 => const { three(N, 7) },
        8 => const { three(N, 8) },
        9 => const { three(N, 9) },
        10 => const { three(N, 10) },
        _ => const { three(N, 11) },
    }
}

/// The same of a day of the week.
fn day(nth: u32) -> u32 {
    const N: &[u8] = b"sunmontuewedthufrisat";
    match nth {
        0 => const { three(N, 0) },
        1 => const { three(N, 1) },
        2 => const { three(N, 2) },
        3 => const { three(N, 3) },
        4 => const { three(N, 4) },
        5 => const { three(N, 5) },
        _ => const { three(N, 6) },
    }
}

/// `now`: when the evaluation is, as the host says.
#[unsafe(no_mangle)]
pub extern "C" fn fn_now() -> u32 {
    let now = member_string(state().context, SYM_NOW);
    if now == 0 { UNKNOWN_VALUE } else { now }
}

/// `url(text)`: the parts of an absolute address.
#[unsafe(no_mangle)]
pub extern "C" fn fn_url(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let (start, end) = (first(text), first(text) + second(text));
    let mut at = start;
    while at != end && (byte(at).is_ascii_alphanumeric() || matches!(byte(at), b'+' | b'-' | b'.')) {
        at += 1;
    }
    let scheme = at;
    let has_authority = end - at > 3 && byte(at) == b':' && byte(at + 1) == b'/' && byte(at + 2) == b'/';
    if scheme == start || !byte(start).is_ascii_alphabetic() || !has_authority {
        return 0;
    }
    let authority = at + 3;
    let mut path = authority;
    let mut user = 0;
    at = authority;
    while at != end {
        let letter = byte(at);
        if letter <= b' ' || letter == 0x7F {
            return 0;
        }
        let is_part = path == authority || path == at;
        if is_part && matches!(letter, b'/' | b'?' | b'#') && path == authority {
            path = at;
            if at == authority {
                return 0;
            }
        } else if letter == b'@' && path == authority {
            user = at;
        }
        at += 1;
    }
    if path == authority {
        path = end;
    }
    let host = if user == 0 { authority } else { user + 1 };
    parts(start, scheme, authority, user, host, path, end, origin(text))
}

/// The record of an address whose parts begin there.
#[inline(always)]
fn parts(start: u32, scheme: u32, authority: u32, user: u32, host: u32, path: u32, end: u32, source: u32) -> u32 {
    // The host, in brackets or up to its port.
    let is_literal = host != path && byte(host) == b'[';
    let mut host_end = host;
    while host_end != path && byte(host_end) != if is_literal { b']' } else { b':' } {
        host_end += 1;
    }
    let name = host + u32::from(is_literal);
    let mut port = host_end;
    if is_literal {
        if host_end == path {
            return 0;
        }
        port += 1;
    }
    if name == host_end {
        return 0;
    }
    let mut number = 0;
    if port != path {
        if byte(port) != b':' {
            return 0;
        }
        if port + 1 != path {
            match super::numbers::digits(port + 1, path, 10, 65_535) {
                Some(found) => number = found,
                None => return 0,
            }
        }
    }
    made::begin(source);
    lower(made::key(words!(b"scheme")), start, scheme, source);
    lower(made::key(words!(b"host")), name, host_end, source);
    if number != 0 {
        made::whole(made::key(words!(b"port")), number as i64, source);
    }
    if user != 0 {
        let mut colon = authority;
        while colon != user && byte(colon) != b':' {
            colon += 1;
        }
        made::text(made::key(words!(b"user")), authority, colon - authority, source);
        made::flag(made::key(words!(b"has_password")), colon != user, source);
    } else {
        made::flag(made::key(words!(b"has_password")), false, source);
    }
    let mut path_end = path;
    while path_end != end && byte(path_end) != b'?' && byte(path_end) != b'#' {
        path_end += 1;
    }
    made::text(made::key(words!(b"path")), path, path_end - path, source);
    if path_end != end && byte(path_end) == b'?' {
        let mut hash = path_end;
        while hash != end && byte(hash) != b'#' {
            hash += 1;
        }
        made::text(made::key(words!(b"query")), path_end + 1, hash - path_end - 1, source);
    }
    made::end()
}

/// Adds a text in small letters.
fn lower(key: u32, start: u32, end: u32, source: u32) {
    let text = crate::arena::take(end - start + 1);
    let mut at = start;
    while at != end {
        set_byte(text + (at - start), byte(at).to_ascii_lowercase());
        at += 1;
    }
    made::text(key, text, end - start, source);
}
