//! Certificates and requests for them (X.509, PKCS #10) in PEM: what policies ask of them. Nothing is verified.

use super::Items;
use super::decode::{decode_base64, is_utf8};
use crate::arena::take;
use crate::layout::{FIRST_ADDRESS, UNKNOWN_BUDGET, UNKNOWN_VALUE};
use crate::made;
use crate::message::Text;
use crate::node::{byte, first, second};
use crate::program::differ;
use crate::state::{origin, spend};

// Tags of DER.
const BOOLEAN: u8 = 0x01;
const INTEGER: u8 = 0x02;
const BITS: u8 = 0x03;
const OCTETS: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const UTC_TIME: u8 = 0x17;
const TIME: u8 = 0x18;

/// The value that was read last: its tag, where its contents begin and end. `is_wrong` stays.
struct Read {
    tag: u8,
    body: u32,
    end: u32,
    is_wrong: bool,
}

static mut READ: Read = Read {
    tag: 0,
    body: 0,
    end: 0,
    is_wrong: false,
};

fn read() -> &'static mut Read {
    // SAFETY: a guest has one thread; the reference is used at once.
    unsafe { &mut *(&raw mut READ) }
}

/// `certificates(text)`: those of all blocks; one that does not read is unknown.
#[unsafe(no_mangle)]
pub extern "C" fn fn_certificates(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let list = Items::new();
    let mut at = first(text);
    loop {
        at = block(text, at, words!(b"CERTIFICATE"));
        if at == 0 {
            return list.end(true);
        }
        if !spend(1) {
            return UNKNOWN_BUDGET;
        }
        let end = block_end(text, at);
        list.push(certificate(at, end, origin(text), true));
        at = end;
    }
}

/// `signing_request(text)`: absent if there is none in the text.
#[unsafe(no_mangle)]
pub extern "C" fn fn_signing_request(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    let mut at = block(text, first(text), words!(b"CERTIFICATE REQUEST"));
    if at == 0 {
        at = block(text, first(text), words!(b"NEW CERTIFICATE REQUEST"));
    }
    if at == 0 { 0 } else { certificate(at, block_end(text, at), origin(text), false) }
}

/// The contents of the next block with a label; 0 if there is none.
fn block(text: u32, start: u32, label: Text) -> u32 {
    let end = first(text) + second(text);
    let mark = words!(b"-----BEGIN ");
    mark.push_at(label.ptr(), label.len());
    say!(mark, b"-----");
    let len = mark.len();
    let mut at = start;
    while at + len <= end {
        if differ(at, len, mark.ptr(), len) == 0 {
            return at + len;
        }
        at += 1;
    }
    0
}

/// Where the dashes after a block begin.
fn block_end(text: u32, start: u32) -> u32 {
    let end = first(text) + second(text);
    let mut at = start;
    while at != end && byte(at) != b'-' {
        at += 1;
    }
    at
}

/// The record of a certificate or a request, or that it does not read.
fn certificate(from: u32, to: u32, source: u32, is_signed: bool) -> u32 {
    let bytes = take(to - from + 1);
    let end = decode_base64(from, to, bytes, false);
    read().is_wrong = end == 0;
    made::begin(source);
    if end != 0 {
        whole(bytes, end, source, is_signed);
    }
    let record = made::end();
    if read().is_wrong { UNKNOWN_VALUE } else { record }
}

/// Reads the value at an address, which is of a tag, and goes past it; 0 is any tag.
#[inline(never)]
fn next(at: u32, limit: u32, tag: u8) -> u32 {
    let found = read();
    found.body = limit;
    found.end = limit;
    if found.is_wrong || limit - at < 2 {
        found.is_wrong = true;
        return limit;
    }
    found.tag = byte(at);
    let mut len = u32::from(byte(at + 1));
    let mut body = at + 2;
    if len >= 0x80 {
        let mut digits = len & 0x7F;
        len = 0;
        if digits == 0 || digits > 3 || limit - body < digits {
            found.is_wrong = true;
            return limit;
        }
        while digits != 0 {
            len = len << 8 | u32::from(byte(body));
            body += 1;
            digits -= 1;
        }
    }
    if len > limit - body || tag != 0 && found.tag != tag {
        found.is_wrong = true;
        return limit;
    }
    found.body = body;
    found.end = body + len;
    found.end
}

fn body() -> u32 {
    read().body
}

fn end() -> u32 {
    read().end
}

fn whole(bytes: u32, limit: u32, source: u32, is_signed: bool) {
    next(bytes, limit, SEQUENCE);
    let (outer, outer_end) = (body(), end());
    let after = next(outer, outer_end, SEQUENCE);
    let (mut at, last) = (body(), end());
    // How it is signed stands after what is signed.
    next(after, outer_end, SEQUENCE);
    next(body(), end(), OID);
    hash(body(), end(), source);
    let mut issuer = 0;
    let mut issuer_end = 0;
    if is_signed {
        if at != last && byte(at) == 0xA0 {
            at = next(at, last, 0xA0);
        }
        at = next(at, last, INTEGER);
        at = next(at, last, SEQUENCE);
        issuer = at;
        at = next(at, last, SEQUENCE);
        issuer_end = at;
        name(made::key(words!(b"issuer")), body(), end(), source);
        at = next(at, last, SEQUENCE);
        let (times, times_end) = (body(), end());
        let after = time(made::key(words!(b"not_before")), times, times_end, source);
        time(made::key(words!(b"not_after")), after, times_end, source);
    } else {
        at = next(at, last, INTEGER);
    }
    let subject = at;
    at = next(at, last, SEQUENCE);
    let (names, names_end) = (body(), end());
    name(made::key(words!(b"subject")), names, names_end, source);
    if is_signed {
        let is_same = differ(subject, at - subject, issuer, issuer_end - issuer) == 0;
        made::flag(made::key(words!(b"is_self_signed")), is_same, source);
    }
    common_name(names, names_end, source);
    let list = made::list(made::key(words!(b"organizations")), source);
    each_part(names, names_end, |kind, from, to| {
        if kind == ORGANIZATION {
            made::item(list, from, to - from, source);
        }
    });
    at = next(at, last, SEQUENCE);
    public_key(body(), end(), source);
    extensions(at, last, is_signed, source);
}

/// Kinds of texts in names: last numbers of identifiers below 2.5.4.
const COMMON_NAME: u8 = 3;
const ORGANIZATION: u8 = 10;

/// Calls for each text in a name, with its kind: the last number of its identifier below 2.5.4, or 0 if it is not there.
#[inline(always)]
fn each_part(start: u32, limit: u32, take: impl Fn(u8, u32, u32)) {
    let mut at = start;
    while at != limit {
        at = next(at, limit, SET);
        let (mut pair, pair_end) = (body(), end());
        while pair != pair_end {
            pair = next(pair, pair_end, SEQUENCE);
            let end_of_pair = end();
            let value = next(body(), end(), OID);
            let is_known = end() - body() == 3 && byte(body()) == 0x55 && byte(body() + 1) == 4;
            let kind = if is_known { byte(body() + 2) } else { 0 };
            next(value, end_of_pair, 0);
            if !read().is_wrong && is_utf8(body(), end()) {
                take(kind, body(), end());
            }
        }
    }
}

fn common_name(start: u32, limit: u32, source: u32) {
    // The last counts.
    let found = Text::new();
    each_part(start, limit, |kind, from, to| {
        if kind == COMMON_NAME {
            crate::node::set_field(found.0, 4, 0);
            found.push_at(from, to - from);
        }
    });
    if found.len() != 0 {
        made::text(made::key(words!(b"common_name")), found.ptr(), found.len(), source);
    }
}

/// Adds a name as text: `CN=a,O=b`, in the order in which it is written.
fn name(key: u32, start: u32, limit: u32, source: u32) {
    let text = Text::new();
    each_part(start, limit, |kind, from, to| {
        if text.len() != 0 {
            text.push_byte(b',');
        }
        match kind {
            COMMON_NAME => say!(text, b"CN"),
            6 => say!(text, b"C"),
            7 => say!(text, b"L"),
            8 => say!(text, b"ST"),
            ORGANIZATION => say!(text, b"O"),
            11 => say!(text, b"OU"),
            _ => say!(text, b"?"),
        }
        text.push_byte(b'=');
        text.push_at(from, to - from);
    });
    made::text(key, text.ptr(), text.len(), source);
}

/// Adds a time; goes past it.
fn time(key: u32, start: u32, limit: u32, source: u32) -> u32 {
    let after = next(start, limit, 0);
    let (tag, mut at, last) = (read().tag, body(), end());
    let text = Text::new();
    let len = last - at;
    let is_short = tag == UTC_TIME && len == 13;
    if !(is_short || tag == TIME && len == 15) || read().is_wrong || byte(last - 1) != b'Z' {
        read().is_wrong = true;
        return limit;
    }
    if is_short {
        // Years from 1950 on.
        if byte(at) < b'5' {
            say!(text, b"20");
        } else {
            say!(text, b"19");
        }
    }
    let mut left = 14 - if is_short { 2 } else { 0 };
    while left != 0 {
        if !byte(at).is_ascii_digit() {
            read().is_wrong = true;
        }
        text.push_at(at, 1);
        at += 1;
        left -= 1;
        match left {
            10 | 8 => text.push_byte(b'-'),
            6 => text.push_byte(b'T'),
            4 | 2 => text.push_byte(b':'),
            _ => {}
        }
    }
    text.push_byte(b'Z');
    made::text(key, text.ptr(), text.len(), source);
    after
}

/// The last two numbers of an identifier below 1.2.840.113549.1.1 (RSA) or 1.2.840.10045 (ECDSA), and other short ones.
fn is_below(start: u32, limit: u32, ecdsa: bool) -> bool {
    let len = limit - start;
    let is_american = len > 6 && byte(start) == 0x2A && byte(start + 1) == 0x86 && byte(start + 2) == 0x48;
    is_american
        && if ecdsa {
            byte(start + 3) == 0xCE && byte(start + 4) == 0x3D
        } else {
            len == 9 && byte(start + 3) == 0x86 && byte(start + 4) == 0xF7 && byte(start + 5) == 0x0D && byte(start + 6) == 1 && byte(start + 7) == 1
        }
}

fn is_edwards(start: u32, limit: u32) -> bool {
    limit - start == 3 && byte(start) == 0x2B && byte(start + 1) == 0x65 && matches!(byte(start + 2), 0x70 | 0x71)
}

/// Adds the digest that it is signed with, if that is known.
fn hash(start: u32, limit: u32, source: u32) {
    if read().is_wrong {
        return;
    }
    let text = Text::new();
    let last = byte(limit - 1);
    if is_below(start, limit, false) {
        match last {
            2 => say!(text, b"MD2"),
            4 => say!(text, b"MD5"),
            5 => say!(text, b"SHA1"),
            11 => say!(text, b"SHA256"),
            12 => say!(text, b"SHA384"),
            13 => say!(text, b"SHA512"),
            14 => say!(text, b"SHA224"),
            _ => {}
        }
    } else if is_below(start, limit, true) {
        match (byte(start + 6), last) {
            (1, 1) if limit - start == 7 => say!(text, b"SHA1"),
            (3, 1) => say!(text, b"SHA224"),
            (3, 2) => say!(text, b"SHA256"),
            (3, 3) => say!(text, b"SHA384"),
            (3, 4) => say!(text, b"SHA512"),
            _ => {}
        }
    }
    if text.len() != 0 {
        made::text(made::key(words!(b"hash")), text.ptr(), text.len(), source);
    }
}

/// Adds the kind of a key and its size.
fn public_key(start: u32, limit: u32, source: u32) {
    let at = next(start, limit, SEQUENCE);
    next(body(), end(), OID);
    let (kind, kind_end) = (body(), end());
    next(at, limit, BITS);
    if read().is_wrong || end() - body() < 2 {
        read().is_wrong = true;
        return;
    }
    let (bits, bits_end) = (body() + 1, end());
    let text = Text::new();
    let mut size = 0;
    if is_below(kind, kind_end, false) {
        say!(text, b"RSA");
        next(bits, bits_end, SEQUENCE);
        next(body(), end(), INTEGER);
        let mut digit = body();
        while digit != end() && byte(digit) == 0 {
            digit += 1;
        }
        if digit != end() {
            size = 8 * (end() - digit) - byte(digit).leading_zeros();
        }
    } else if is_below(kind, kind_end, true) {
        say!(text, b"ECDSA");
        // A point: a byte and two numbers.
        size = (bits_end - bits - 1) / 2 * 8;
        if size == 528 {
            size = 521;
        }
    } else if is_edwards(kind, kind_end) {
        say!(text, b"Ed25519");
        size = 8 * (bits_end - bits);
    }
    if text.len() != 0 {
        made::text(made::key(words!(b"key")), text.ptr(), text.len(), source);
        made::whole(made::key(words!(b"bits")), i64::from(size), source);
    }
}

/// Adds what the extensions say that stand from an address on, and what they do not say.
fn extensions(start: u32, limit: u32, is_signed: bool, source: u32) {
    let (mut at, mut last) = (limit, limit);
    let mut rest = start;
    while rest != limit && !read().is_wrong {
        rest = next(rest, limit, 0);
        if is_signed && read().tag == 0xA3 {
            next(body(), end(), SEQUENCE);
            (at, last) = (body(), end());
        } else if !is_signed && read().tag == 0xA0 {
            (at, last) = requested(body(), end());
        }
    }
    let (mut is_ca, mut names, mut names_end) = (false, 0, 0);
    while at != last && !read().is_wrong {
        at = next(at, last, SEQUENCE);
        let extension_end = end();
        let mut value = next(body(), end(), OID);
        let is_known = end() - body() == 3 && byte(body()) == 0x55 && byte(body() + 1) == 0x1D;
        let kind = if is_known { byte(body() + 2) } else { 0 };
        if value != extension_end && byte(value) == BOOLEAN {
            value = next(value, extension_end, BOOLEAN);
        }
        next(value, extension_end, OCTETS);
        if kind == 19 {
            next(body(), end(), SEQUENCE);
            if body() != end() && byte(body()) == BOOLEAN {
                next(body(), end(), BOOLEAN);
                is_ca = end() != body() && byte(body()) != 0;
            }
        } else if kind == 17 {
            next(body(), end(), SEQUENCE);
            (names, names_end) = (body(), end());
        }
    }
    made::flag(made::key(words!(b"is_ca")), is_ca, source);
    let list = made::list(made::key(words!(b"names")), source);
    while names != names_end && !read().is_wrong {
        names = next(names, names_end, 0);
        let (from, to) = (body(), end());
        match read().tag {
            0x81 | 0x82 | 0x86 if is_utf8(from, to) => made::item(list, from, to - from, source),
            0x87 => address(list, from, to, source),
            _ => {}
        }
    }
}

/// The extensions that a request asks for.
fn requested(start: u32, limit: u32) -> (u32, u32) {
    let mut at = start;
    while at != limit && !read().is_wrong {
        at = next(at, limit, SEQUENCE);
        let attribute_end = end();
        let value = next(body(), end(), OID);
        // 1.2.840.113549.1.9.14
        let is_it = end() - body() == 9 && byte(body() + 7) == 9 && byte(body() + 8) == 14;
        next(value, attribute_end, SET);
        if is_it {
            next(body(), end(), SEQUENCE);
            return (body(), end());
        }
    }
    (limit, limit)
}

/// Adds an address as text: four numbers, or eight groups of hexadecimal digits.
fn address(list: u32, from: u32, to: u32, source: u32) {
    let text = Text::new();
    let is_short = to - from == 4;
    if !is_short && to - from != 16 {
        read().is_wrong = true;
        return;
    }
    let mut at = from;
    while at != to {
        if text.len() != 0 {
            text.push_byte(if is_short { b'.' } else { b':' });
        }
        if is_short {
            text.push_digits(u64::from(byte(at)));
            at += 1;
        } else {
            hexadecimal(text, u32::from(byte(at)) << 8 | u32::from(byte(at + 1)));
            at += 2;
        }
    }
    made::item(list, text.ptr(), text.len(), source);
}

fn hexadecimal(text: Text, group: u32) {
    let mut shift = 12;
    let mut begun = false;
    loop {
        let digit = (group >> shift & 15) as u8;
        begun |= digit != 0 || shift == 0;
        if begun {
            text.push_byte(digit + if digit < 10 { b'0' } else { b'a' - 10 });
        }
        if shift == 0 {
            return;
        }
        shift -= 4;
    }
}
