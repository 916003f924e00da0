//! Where quotes, substitutions and here documents of a script end.

use crate::arena::take;
use crate::message::Text;
use crate::node::{byte, field, set_field, set_word, word};

/// How many substitutions are looked for within each other.
const MAX_NESTED: u32 = 32;
/// Bytes of a script within another: its beginning and end, and how far is looked for the ends of what is in it.
pub const INNER: u32 = 12;
/// Bytes of a here document that is yet to come: the text of its last line, and whether tabs before a line count.
const HERE: u32 = 8;

/// What was found of a script's own substitutions.
pub struct Found {
    /// The scripts within them; no text if they are not wanted.
    pub inner: Text,
    /// One of them does not close, and no others are looked for.
    pub gave_up: bool,
}

impl Found {
    fn len(&self) -> u32 {
        if self.inner.0 == 0 { 0 } else { self.inner.len() }
    }

    fn note(&mut self, from: u32, to: u32, limit: u32) {
        if self.inner.0 == 0 {
            return;
        }
        let row = take(INNER);
        set_word(row, from);
        set_field(row, 4, to);
        set_field(row, 8, limit);
        self.inner.push_at(row, INNER);
    }
}

/// What a redirection is followed by.
#[derive(Clone, Copy, PartialEq)]
pub enum Sign {
    File,
    /// The number of a stream, or a file.
    Copy,
    /// The mark that ends a here document.
    Here,
}

/// Whether a byte is in no word.
pub fn ends_word(letter: u8) -> bool {
    matches!(letter, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>')
}

/// A script as far as its ends are looked for.
#[derive(Clone, Copy)]
pub struct Ahead {
    pub limit: u32,
}

impl Ahead {
    /// The byte there; 0 behind the end.
    #[inline(never)]
    pub fn byte(self, at: u32) -> u8 {
        if at < self.limit { byte(at) } else { 0 }
    }

    /// Whether a backslash stands here that is the last of its line.
    #[inline(never)]
    pub fn joins_lines(self, at: u32) -> bool {
        let next = self.byte(at + 1);
        self.byte(at) == b'\\' && (next == b'\n' || next == b'\r' && self.byte(at + 2) == b'\n')
    }

    /// Behind the escape that stands here.
    #[inline(never)]
    pub fn after_escape(self, at: u32) -> u32 {
        let is_long = self.byte(at + 1) == b'\r' && self.byte(at + 2) == b'\n';
        let end = at + if is_long { 3 } else { 2 };
        if end < self.limit { end } else { self.limit }
    }

    /// Where the letter comes next, or the end.
    #[inline(never)]
    pub fn find(self, mut at: u32, letter: u8) -> u32 {
        while at < self.limit && byte(at) != letter {
            at += 1;
        }
        at
    }

    /// Behind the letter that comes next, or the end.
    #[inline(never)]
    pub fn after(self, at: u32, letter: u8) -> u32 {
        let end = self.find(at, letter);
        if end < self.limit { end + 1 } else { end }
    }

    fn after_double(self, mut at: u32, nested: u32, found: &mut Found) -> u32 {
        while at < self.limit {
            at = match byte(at) {
                b'"' => return at + 1,
                b'\\' => self.after_escape(at),
                b'$' | b'`' => self.passed(at, true, nested, found),
                _ => at + 1,
            };
        }
        at
    }

    /// Behind the substitution that stands here, or its first byte if that is none.
    #[inline(never)]
    fn passed(self, at: u32, in_double: bool, nested: u32, found: &mut Found) -> u32 {
        let end = self.substitution(at, in_double, nested, found);
        if end == 0 { at + 1 } else { end }
    }

    /// Behind the substitution that stands here; 0 if it is none or does not close.
    #[inline(never)]
    pub fn substitution(self, at: u32, in_double: bool, nested: u32, found: &mut Found) -> u32 {
        let (next, is_tick) = (self.byte(at + 1), byte(at) == b'`');
        let opens = is_tick || byte(at) == b'$' && (next == b'(' || next == b'{');
        if found.gave_up || !opens {
            return 0;
        }
        let n_inner = found.len();
        let deeper = nested + 1;
        let end = if deeper > MAX_NESTED {
            0
        } else if is_tick {
            let end = self.after_tick(at + 1);
            if end != 0 {
                found.note(at + 1, end - 1, end - 1);
            }
            end
        } else if next == b'{' {
            self.after_brace(at + 2, in_double, deeper, found)
        } else if self.byte(at + 2) == b'(' {
            self.after_sum(at + 3, deeper, found)
        } else {
            let end = self.after_script(at + 2, deeper);
            if end != 0 {
                found.note(at + 2, end - 1, self.limit);
            }
            end
        };
        if end == 0 {
            if found.len() > n_inner {
                set_field(found.inner.0, 4, n_inner);
            }
            found.gave_up = true;
        }
        end
    }

    fn after_tick(self, mut at: u32) -> u32 {
        while at < self.limit {
            at = match byte(at) {
                b'\\' => self.after_escape(at),
                b'`' => return at + 1,
                _ => at + 1,
            };
        }
        0
    }

    /// Behind the brace that is open here.
    fn after_brace(self, mut at: u32, in_double: bool, nested: u32, found: &mut Found) -> u32 {
        while at < self.limit {
            at = match byte(at) {
                b'}' => return at + 1,
                b'\'' if in_double => at + 1,
                _ => self.after_part(at, in_double, nested, found),
            };
        }
        0
    }

    /// Behind the two brackets that are open here around a sum.
    fn after_sum(self, mut at: u32, nested: u32, found: &mut Found) -> u32 {
        let mut open = 2;
        while at < self.limit {
            let letter = byte(at);
            if letter == b')' && open == 2 {
                return if self.byte(at + 1) == b')' { at + 2 } else { 0 };
            }
            if letter == b'(' {
                open += 1;
            } else if letter == b')' {
                open -= 1;
            }
            at = self.after_part(at, false, nested, found);
        }
        0
    }

    /// Behind the escape, the quotes, the substitution or the letter that stands here.
    #[inline(never)]
    fn after_part(self, at: u32, in_double: bool, nested: u32, found: &mut Found) -> u32 {
        match byte(at) {
            b'\\' => self.after_escape(at),
            b'\'' => self.after(at + 1, b'\''),
            b'"' => self.after_double(at + 1, nested, found),
            b'$' | b'`' => self.passed(at, in_double, nested, found),
            _ => at + 1,
        }
    }

    /// Behind the bracket that is open here around a script; 0 if it does not close.
    fn after_script(self, mut at: u32, nested: u32) -> u32 {
        let found = &mut Found { inner: Text(0), gave_up: false };
        let mut here = Text(0);
        let mut open = 1;
        let mut begins = true;
        while at < self.limit {
            let letter = byte(at);
            let began = begins;
            begins = ends_word(letter);
            if letter == b'#' && began {
                at = self.find(at, b'\n');
                continue;
            }
            match letter {
                b'\\' => begins = began && self.joins_lines(at),
                b'\n' => {
                    at = self.after_here(at + 1, here);
                    here = Text(0);
                    continue;
                }
                b'<' | b'>' => {
                    let (sign, len) = self.redirection(at);
                    at += len;
                    if sign == Sign::Here {
                        at = self.here(at, &mut here);
                    }
                    continue;
                }
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return at + 1;
                    }
                }
                _ => {}
            }
            at = self.after_part(at, false, nested, found);
        }
        0
    }

    /// The redirection that stands here, and how long it is.
    #[inline(never)]
    pub fn redirection(self, at: u32) -> (Sign, u32) {
        let (first, second) = (byte(at), self.byte(at + 1));
        if first == b'<' && second == b'<' {
            return if self.byte(at + 2) == b'<' { (Sign::File, 3) } else { (Sign::Here, 2) };
        }
        match second {
            b'&' => (Sign::Copy, 2),
            b'>' => (Sign::File, 2),
            b'|' if first == b'>' => (Sign::File, 2),
            _ => (Sign::File, 1),
        }
    }

    /// Behind the number of a stream that is the whole word here, or `-`; here if it is none.
    pub fn after_number(self, at: u32) -> u32 {
        let mut end = at;
        while self.byte(end).is_ascii_digit() {
            end += 1;
        }
        if self.byte(end) == b'-' {
            end += 1;
        }
        if end >= self.limit || ends_word(byte(end)) { end } else { at }
    }

    /// Adds the here document whose mark stands here to a list, which is made if there is none. Where the mark ends.
    #[inline(never)]
    pub fn here(self, mut at: u32, list: &mut Text) -> u32 {
        let strips = self.byte(at) == b'-';
        at += u32::from(strips);
        while matches!(self.byte(at), b' ' | b'\t') {
            at += 1;
        }
        let start = at;
        let end = Text::new();
        while at < self.limit && !ends_word(byte(at)) {
            let letter = byte(at);
            if letter == b'\'' || letter == b'"' {
                let to = self.find(at + 1, letter);
                end.push_at(at + 1, to - at - 1);
                at = self.after(at + 1, letter);
            } else if letter == b'\\' {
                let is_text = !self.joins_lines(at) && at + 1 < self.limit;
                if is_text {
                    end.push_byte(byte(at + 1));
                }
                at = if is_text { at + 2 } else { self.after_escape(at) };
            } else {
                end.push_byte(letter);
                at += 1;
            }
        }
        if at != start {
            if list.0 == 0 {
                *list = Text::new();
            }
            let row = take(HERE);
            set_word(row, end.0);
            set_field(row, 4, u32::from(strips));
            list.push_at(row, HERE);
        }
        at
    }

    /// Behind the here documents of a list that begin here.
    #[inline(never)]
    pub fn after_here(self, mut at: u32, list: Text) -> u32 {
        let mut nth = 0;
        while list.0 != 0 && nth != list.len() {
            let row = list.ptr() + nth;
            while at < self.limit {
                let end = self.find(at, b'\n');
                let mut from = at;
                while field(row, 4) != 0 && from < end && byte(from) == b'\t' {
                    from += 1;
                }
                let to = if end > from && byte(end - 1) == b'\r' { end - 1 } else { end };
                at = self.after(at, b'\n');
                if crate::node::bytes(from, to - from) == Text(word(row)).bytes() {
                    break;
                }
            }
            nth += HERE;
        }
        at
    }
}
