//! Versions: components of digits, then a prerelease or a vendor's suffix.

use super::numbers::digits;
use super::pack;
use crate::layout::{FIRST_ADDRESS, UNKNOWN_VALUE};
use crate::node::{byte, first, second};
use crate::value::string_node;

/// Most components.
const MAX_COMPONENTS: u32 = 8;
/// Greatest component, which is also what a component is cut to.
const MAX_COMPONENT: u64 = 999_999_999;

/// What is left of the components of a version.
#[derive(Clone, Copy)]
struct Components {
    at: u32,
    end: u32,
}

/// `version(text)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_version(text: u32) -> u32 {
    if text < FIRST_ADDRESS {
        return text;
    }
    if reads(text) { string_node(first(text), second(text)) } else { 0 }
}

/// -1, 0 or 1; unknown if one of the texts reads as no version.
#[unsafe(no_mangle)]
pub extern "C" fn order_version(a: u32, b: u32) -> u32 {
    if !reads(a) || !reads(b) {
        return UNKNOWN_VALUE;
    }
    let (mut left, mut right) = (Components::of(a), Components::of(b));
    let mut nth = 0;
    while nth != MAX_COMPONENTS {
        let (x, y) = (left.next(), right.next());
        if x != y {
            return order(x, y);
        }
        nth += 1;
    }
    order(left.prerelease(), right.prerelease())
}

fn order(a: u64, b: u64) -> u32 {
    (i32::from(a > b) - i32::from(a < b)) as u32
}

/// True if the text is a version.
#[inline(never)]
pub fn reads(text: u32) -> bool {
    let mut rest = Components::of(text);
    let mut count = 0;
    while rest.has_next(count) {
        if rest.next() > MAX_COMPONENT {
            return false;
        }
        count += 1;
    }
    count != 0 && count <= MAX_COMPONENTS && rest.prerelease() != 0
}

impl Components {
    fn of(text: u32) -> Self {
        let at = first(text);
        let end = at + second(text);
        let skip = u32::from(at != end && byte(at) == b'v');
        Self { at: at + skip, end }
    }

    fn is_digit(self, at: u32) -> bool {
        at < self.end && byte(at).is_ascii_digit()
    }

    /// Whether a component follows; all but the first stand after a point, which is passed over.
    fn has_next(&mut self, count: u32) -> bool {
        if count != 0 && self.at != self.end && byte(self.at) == b'.' && self.is_digit(self.at + 1) {
            self.at += 1;
        }
        self.is_digit(self.at)
    }

    /// The component, with the point after it if another follows; 0 where there is none, and more than the greatest for
    /// one of too many digits.
    #[inline(never)]
    fn next(&mut self) -> u64 {
        let start = self.at;
        while self.is_digit(self.at) {
            self.at += 1;
        }
        if start == self.at {
            return 0;
        }
        let value = match digits(start, self.at, 10, MAX_COMPONENT) {
            Some(value) if self.at - start <= 9 => value,
            _ => MAX_COMPONENT + 1,
        };
        if self.is_digit(self.at + 1) && byte(self.at) == b'.' {
            self.at += 1;
        }
        value
    }

    /// What follows the components as a number that orders: alpha below beta below rc below a release. 0 if the number
    /// of a prerelease has too many digits.
    fn prerelease(mut self) -> u64 {
        const RELEASE: u64 = 4 << 32;
        if self.at == self.end || byte(self.at) != b'-' {
            return RELEASE;
        }
        let start = self.at + 1;
        let mut at = start;
        while at < self.end && byte(at).is_ascii_lowercase() {
            at += 1;
        }
        let is = |word: (u64, u64)| super::is_packed(start, at - start, word.0, word.1);
        let rank: u64 = if is(const { pack(b"alpha") }) {
            1
        } else if is(const { pack(b"beta") }) {
            2
        } else if is(const { pack(b"rc") }) {
            3
        } else {
            return RELEASE;
        };
        if self.is_digit(at + 1) && byte(at) == b'.' {
            at += 1;
        }
        self.at = at;
        let mut number_end = at;
        while self.is_digit(number_end) {
            number_end += 1;
        }
        // `rc1x` is a vendor's word.
        if number_end < self.end && byte(number_end).is_ascii_alphabetic() {
            return RELEASE;
        }
        match digits(at, number_end, 10, MAX_COMPONENT) {
            _ if at == number_end => rank << 32,
            Some(number) if number_end - at <= 9 => rank << 32 | number,
            _ => 0,
        }
    }
}
