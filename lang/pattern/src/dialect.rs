//! Globs and regular expressions to programs of words.
//!
//! This file is compiled twice: on the host, where constants are compiled and checked, and in the guest, which compiles
//! the patterns of its settings. It therefore uses `core` only, has no static data and allocates through [`Code`].
//!
//! A program is what Thompson's construction gives: words, of which the low three bits say what they do. Jumps are
//! relative, so that a part of a program can be moved and copied.
//!
//! ```text
//! MATCH
//! CHAR      scalar value
//! CLASS     number of ranges; for each two words follow: first and last scalar value
//! NOT_CLASS the same, of what is in none of them
//! JUMP      signed offset
//! FORK      signed offset of the second choice; the first is the next word
//! FORK_LATE signed offset of the first choice; the second is the next word
//! ASSERT    what has to hold: AT_*
//! ```

/// The bits of a word that say what it does.
pub const OP: u32 = 7;
/// How far the rest of a word is shifted.
pub const SHIFT: u32 = 3;
/// The pattern has matched.
pub const MATCH: u32 = 0;
/// Takes one scalar value.
pub const CHAR: u32 = 1;
/// Takes one of a set.
pub const CLASS: u32 = 2;
/// Takes one that is not of a set.
pub const NOT_CLASS: u32 = 3;
/// Goes on elsewhere.
pub const JUMP: u32 = 4;
/// Goes on with the next word or, if that fails, elsewhere.
pub const FORK: u32 = 5;
/// Goes on elsewhere or, if that fails, with the next word.
pub const FORK_LATE: u32 = 6;
/// Takes nothing.
pub const ASSERT: u32 = 7;

/// At the beginning of the text.
pub const AT_START: u32 = 0;
/// At its end.
pub const AT_END: u32 = 1;
/// At the beginning of a line.
pub const AT_LINE_START: u32 = 2;
/// At the end of a line.
pub const AT_LINE_END: u32 = 3;
/// Between a word character and another one.
pub const AT_WORD: u32 = 4;
/// Anywhere else.
pub const AT_NO_WORD: u32 = 5;

/// Longest pattern, in bytes.
pub const MAX_PATTERN: usize = 1000;
/// Most words of a program.
pub const MAX_WORDS: u32 = 10_000;
/// Deepest nesting of groups or braces.
pub const MAX_NESTING: u32 = 100;
/// Greatest number in a repetition.
const MAX_REPEAT: u32 = 1000;

/// Refused: longer than [`MAX_PATTERN`].
pub const TOO_LONG: u32 = 1;
/// Refused: more than [`MAX_WORDS`].
pub const TOO_LARGE: u32 = 2;
/// Refused: deeper than [`MAX_NESTING`].
pub const TOO_DEEP: u32 = 3;
/// Refused: a group, class or brace that is not closed.
pub const UNCLOSED: u32 = 4;
/// Refused: a parenthesis or brace that closes nothing.
pub const UNOPENED: u32 = 5;
/// Refused: a repetition of nothing, or of a repetition.
pub const REPEATS_NOTHING: u32 = 6;
/// Refused: a repetition of more than 1000 times, or of more at least than at most.
pub const BAD_REPEAT: u32 = 7;
/// Refused: a range that ends before it begins.
pub const BAD_RANGE: u32 = 8;
/// Refused: a backslash before what has no meaning there.
pub const BAD_ESCAPE: u32 = 9;
/// Refused: a group or class that is not of the dialect, such as look-around.
pub const UNSUPPORTED: u32 = 10;

/// The words of a program under construction.
pub trait Code {
    /// Their number.
    fn size(&self) -> u32;
    /// The word at a place; any word if there is none.
    fn get(&self, at: u32) -> u32;
    /// Changes the word at a place, which exists.
    fn set(&mut self, at: u32, word: u32);
    /// Adds a word.
    fn push(&mut self, word: u32);
    /// Drops the words from a place on.
    fn truncate(&mut self, len: u32);
}

/// Compiles a regular expression, UTF-8. Gives 0, or the number of why it is refused and, from bit 8, the byte where.
pub fn compile_regex(text: &[u8], code: &mut impl Code) -> u32 {
    let mut parser = Parser::new(text, code);
    parser.alternatives(0);
    if parser.refusal == 0 && parser.peek() != END {
        parser.refuse(UNOPENED);
    }
    parser.push(MATCH);
    parser.refusal
}

/// Compiles a glob, which begins where the text begins; see [`compile_regex`].
pub fn compile_glob(text: &[u8], code: &mut impl Code) -> u32 {
    let mut parser = Parser::new(text, code);
    parser.is_glob = true;
    parser.choices(0);
    parser.push(ASSERT | AT_END << SHIFT);
    parser.push(MATCH);
    parser.refusal
}

/// The end of the pattern, where a scalar value is expected.
const END: u32 = u32::MAX;
/// What a set of characters is called that has none.
const NO_SET: u64 = 0;
/// No jump waits for its target.
const NONE: u32 = 0xFFFF;

const FOLDS: u32 = 1;
const BY_LINE: u32 = 2;
const DOT_TAKES_ALL: u32 = 4;
const LAZY: u32 = 8;

struct Parser<'a, C> {
    text: &'a [u8],
    code: &'a mut C,
    at: usize,
    flags: u32,
    is_glob: bool,
    refusal: u32,
    /// The name of the set that an escape means, packed.
    set: u64,
}

/// A short word as a number.
const fn name(word: &[u8]) -> u64 {
    let mut packed = 0;
    let mut rest = word;
    while let [first, tail @ ..] = rest {
        packed = packed << 8 | *first as u64;
        rest = tail;
    }
    packed
}

impl<'a, C: Code> Parser<'a, C> {
    fn new(text: &'a [u8], code: &'a mut C) -> Self {
        let refusal = if text.len() > MAX_PATTERN {
            TOO_LONG
        } else {
            0
        };
        Self {
            text: if refusal == 0 { text } else { &[] },
            code,
            at: 0,
            flags: 0,
            is_glob: false,
            refusal,
            set: NO_SET,
        }
    }

    /// Notes the first reason to refuse the pattern, after which there is nothing more to read.
    #[inline(never)]
    fn refuse(&mut self, why: u32) {
        if self.refusal == 0 {
            self.refusal = why | (self.at as u32) << 8;
        }
        self.text = &[];
    }

    #[inline(never)]
    fn byte(&self, ahead: usize) -> u32 {
        match self.text.get(self.at + ahead) {
            Some(byte) => u32::from(*byte),
            None => END,
        }
    }

    /// The next scalar value.
    fn peek(&self) -> u32 {
        let first = self.byte(0);
        if first < 0x80 || first == END {
            return first;
        }
        let n_more = u32::from(first >= 0xE0) + u32::from(first >= 0xF0) + 1;
        let mut scalar = first & (0x3F >> n_more);
        let mut nth = 1;
        while nth <= n_more {
            scalar = scalar << 6 | (self.byte(nth as usize) & 0x3F);
            nth += 1;
        }
        scalar
    }

    #[inline(never)]
    fn next(&mut self) -> u32 {
        let scalar = self.peek();
        if scalar != END {
            self.at += 1
                + usize::from(scalar >= 0x80)
                + usize::from(scalar >= 0x800)
                + usize::from(scalar >= 0x1_0000);
        }
        scalar
    }

    /// Passes over an ASCII character if it is the next.
    #[inline(never)]
    fn take(&mut self, letter: u8) -> bool {
        let is_next = self.byte(0) == u32::from(letter);
        self.at += usize::from(is_next);
        is_next
    }

    #[inline(never)]
    fn push(&mut self, word: u32) {
        if self.code.size() >= MAX_WORDS {
            return self.refuse(TOO_LARGE);
        }
        if self.refusal == 0 {
            self.code.push(word);
        }
    }

    /// Puts a word before those from `at` on.
    #[inline(never)]
    fn insert(&mut self, at: u32, word: u32) {
        self.push(0);
        if self.refusal != 0 {
            return;
        }
        let mut to = self.code.size() - 1;
        while to > at {
            let moved = self.code.get(to - 1);
            self.code.set(to, moved);
            to -= 1;
        }
        self.code.set(at, word);
    }

    /// Lets the word at `at` lead to the place `to`.
    #[inline(never)]
    fn link(&mut self, at: u32, op: u32, to: u32) {
        if self.refusal == 0 {
            self.code.set(at, op | to.wrapping_sub(at) << SHIFT);
        }
    }

    /// `a|b`; whether it can take nothing.
    fn alternatives(&mut self, depth: u32) -> bool {
        let mut waiting = NONE;
        let mut nullable = false;
        loop {
            let branch = self.code.size();
            nullable |= self.sequence(depth);
            if !self.take(b'|') {
                break;
            }
            waiting = self.branch(branch, waiting);
        }
        self.land(waiting);
        nullable
    }

    /// Ends a branch that others follow; gives the jump from its end, which is chained to earlier ones.
    #[inline(never)]
    fn branch(&mut self, from: u32, waiting: u32) -> u32 {
        self.insert(from, 0);
        let end = self.code.size();
        self.push(JUMP | waiting << SHIFT);
        self.link(from, FORK, end + 1);
        end
    }

    /// Lets the jumps that wait lead here.
    #[inline(never)]
    fn land(&mut self, waiting: u32) {
        let mut waiting = waiting;
        let here = self.code.size();
        while waiting != NONE && self.refusal == 0 {
            let earlier = self.code.get(waiting) >> SHIFT;
            self.link(waiting, JUMP, here);
            waiting = earlier;
        }
    }

    /// What stands between bars; whether it can take nothing.
    fn sequence(&mut self, depth: u32) -> bool {
        let mut nullable = true;
        loop {
            let next = self.byte(0);
            if next == END || next == u32::from(b'|') || next == u32::from(b')') {
                return nullable;
            }
            let start = self.code.size();
            if next == u32::from(b'(') {
                self.at += 1;
                let flags = self.flags;
                if !self.open() {
                    continue;
                }
                if depth == MAX_NESTING {
                    self.refuse(TOO_DEEP);
                    return false;
                }
                let inner = self.alternatives(depth + 1);
                if !self.take(b')') {
                    self.refuse(UNCLOSED);
                }
                self.flags = flags;
                nullable &= self.repeat(start, inner);
            } else {
                let inner = self.atom();
                nullable &= self.repeat(start, inner);
            }
        }
    }

    /// What follows a parenthesis; false if that was all of a group that only sets flags.
    #[inline(never)]
    fn open(&mut self) -> bool {
        if !self.take(b'?') {
            return true;
        }
        let is_named = self.take(b'P');
        if self.take(b'<') {
            let start = self.at;
            while self.byte(0) < 0x80
                && ((self.byte(0) as u8).is_ascii_alphanumeric() || self.byte(0) == u32::from(b'_'))
            {
                self.at += 1;
            }
            if self.at == start || !self.take(b'>') {
                self.refuse(UNSUPPORTED);
            }
            return true;
        }
        let mut clears = false;
        loop {
            let letter = self.next();
            if letter == u32::from(b':') && !is_named {
                return true;
            }
            if letter == u32::from(b')') && !is_named {
                if self.repetition() != NONE {
                    self.refuse(REPEATS_NOTHING);
                }
                return false;
            }
            let flag = if letter == u32::from(b'i') {
                FOLDS
            } else if letter == u32::from(b'm') {
                BY_LINE
            } else if letter == u32::from(b's') {
                DOT_TAKES_ALL
            } else if letter == u32::from(b'U') {
                LAZY
            } else if letter == u32::from(b'-') && !clears {
                clears = true;
                0
            } else {
                self.refuse(if letter == END { UNCLOSED } else { UNSUPPORTED });
                return true;
            };
            if clears {
                self.flags &= !flag;
            } else {
                self.flags |= flag;
            }
        }
    }

    /// Something that can be repeated, but no group; whether it takes nothing.
    #[inline(never)]
    fn atom(&mut self) -> bool {
        if self.repetition() != NONE {
            self.refuse(REPEATS_NOTHING);
            return false;
        }
        let letter = self.next();
        let by_line = u32::from(self.flags & BY_LINE != 0) << 1;
        if letter == u32::from(b'.') {
            self.any(self.flags & DOT_TAKES_ALL == 0, b'\n');
        } else if letter == u32::from(b'^') {
            return self.assert(AT_START + by_line);
        } else if letter == u32::from(b'$') {
            return self.assert(AT_END + by_line);
        } else if letter == u32::from(b'[') {
            self.class(b'^');
        } else if letter == u32::from(b'\\') {
            return self.escaped();
        } else {
            self.literal(letter);
        }
        false
    }

    fn assert(&mut self, what: u32) -> bool {
        self.push(ASSERT | what << SHIFT);
        true
    }

    /// A backslash and what follows, outside a class.
    fn escaped(&mut self) -> bool {
        let letter = self.byte(0);
        let what = if letter == u32::from(b'A') {
            AT_START
        } else if letter == u32::from(b'z') {
            AT_END
        } else if letter == u32::from(b'b') {
            AT_WORD
        } else if letter == u32::from(b'B') {
            AT_NO_WORD
        } else {
            NONE
        };
        if what != NONE {
            self.at += 1;
            return self.assert(what);
        }
        let scalar = self.escape();
        if self.set == NO_SET {
            self.literal(scalar);
            return false;
        }
        let start = self.code.size();
        self.push(CLASS);
        self.set_ranges(scalar != 0);
        self.end_class(start, CLASS);
        false
    }

    /// What a backslash means, within a class or not: a scalar value; or [`Self::set`] and 1 for all but that set.
    #[inline(never)]
    fn escape(&mut self) -> u32 {
        self.set = NO_SET;
        let letter = self.byte(0);
        if letter >= 0x80 {
            self.refuse(BAD_ESCAPE);
            return 0;
        }
        self.at += 1;
        let byte = letter as u8;
        let lower = byte | 0x20;
        if byte.is_ascii_punctuation() {
            return letter;
        }
        if lower == b'd' || lower == b's' || lower == b'w' {
            self.set = u64::from(lower);
            return u32::from(byte != lower);
        }
        if byte == b'n' {
            10
        } else if byte == b't' {
            9
        } else if byte == b'r' {
            13
        } else if byte == b'f' {
            12
        } else if byte == b'v' {
            11
        } else if byte == b'a' {
            7
        } else if byte == b'0' {
            let first = self.digit(8, 0);
            self.digit(8, first)
        } else if byte == b'x' {
            self.hexadecimal()
        } else {
            self.at -= 1;
            self.refuse(if lower == b'p' || byte == b'Q' {
                UNSUPPORTED
            } else {
                BAD_ESCAPE
            });
            0
        }
    }

    fn hexadecimal(&mut self) -> u32 {
        let mut scalar = 0;
        if self.take(b'{') {
            let start = self.at;
            while !self.take(b'}') {
                let before = self.at;
                scalar = self.digit(16, scalar);
                if self.at == before || scalar > 0x10_FFFF {
                    self.refuse(BAD_ESCAPE);
                    return 0;
                }
            }
            if self.at == start + 1 || scalar >> 11 == 0x1B {
                self.refuse(BAD_ESCAPE);
            }
            return scalar;
        }
        let start = self.at;
        scalar = self.digit(16, 0);
        scalar = self.digit(16, scalar);
        if self.at != start + 2 {
            self.refuse(BAD_ESCAPE);
        }
        scalar
    }

    /// A number with one more digit, if there is one.
    #[inline(never)]
    fn digit(&mut self, base: u32, number: u32) -> u32 {
        let letter = self.byte(0);
        let digit = if letter.wrapping_sub(48) < 10 {
            letter - 48
        } else if (letter | 0x20).wrapping_sub(97) < 6 {
            (letter | 0x20) - 87
        } else {
            base
        };
        if digit >= base {
            return number;
        }
        self.at += 1;
        number * base + digit
    }

    /// One scalar value as it is.
    #[inline(never)]
    fn literal(&mut self, scalar: u32) {
        let lower = scalar | 0x20;
        if self.flags & FOLDS == 0 || lower.wrapping_sub(97) >= 26 {
            return self.push(CHAR | scalar << SHIFT);
        }
        let start = self.code.size();
        self.push(CLASS);
        self.range(scalar, scalar);
        self.end_class(start, CLASS);
    }

    /// Any scalar value, or any but one.
    fn any(&mut self, excepts: bool, except: u8) {
        self.push(NOT_CLASS | u32::from(excepts) << SHIFT);
        if excepts {
            self.push(u32::from(except));
            self.push(u32::from(except));
        }
    }

    /// Adds a range to the class at the end of the program, with the other case if that does not count.
    #[inline(never)]
    fn range(&mut self, low: u32, high: u32) {
        self.push(low);
        self.push(high);
        if self.flags & FOLDS != 0 {
            self.fold(low, high, 65);
            self.fold(low, high, 97);
        }
    }

    /// Adds the letters of a range that are of the case beginning with `first`, in the other case.
    fn fold(&mut self, low: u32, high: u32, first: u32) {
        let from = if low < first { first } else { low };
        let to = if high > first + 25 { first + 25 } else { high };
        if from <= to {
            self.push(from ^ 0x20);
            self.push(to ^ 0x20);
        }
    }

    /// Counts the ranges of a class that began at `start`.
    fn end_class(&mut self, start: u32, op: u32) {
        if self.refusal == 0 {
            let count = (self.code.size() - start - 1) / 2;
            self.code.set(start, op | count << SHIFT);
        }
    }

    /// What follows a bracket; `negation` after it takes the others.
    #[inline(never)]
    fn class(&mut self, negation: u8) {
        let start = self.code.size();
        self.push(CLASS);
        let op = if self.take(negation) {
            NOT_CLASS
        } else {
            CLASS
        };
        let mut is_first = true;
        loop {
            if self.byte(0) == END {
                self.refuse(UNCLOSED);
                return;
            }
            if !is_first && self.take(b']') {
                break;
            }
            is_first = false;
            // Other dialects take these for operations on sets.
            let next = self.byte(0);
            let is_doubled = next == self.byte(1)
                && (next == u32::from(b'&') || next == u32::from(b'~') || next == u32::from(b'-'));
            if is_doubled && !self.is_glob {
                self.refuse(UNSUPPORTED);
            }
            let low = self.class_item();
            if self.set != NO_SET {
                self.set_ranges(low != 0);
                continue;
            }
            let mut high = low;
            if self.byte(0) == u32::from(b'-')
                && self.byte(1) != u32::from(b']')
                && self.byte(1) != END
            {
                self.at += 1;
                high = self.class_item();
                if self.set != NO_SET || high < low {
                    self.refuse(BAD_RANGE);
                }
            }
            // A glob never takes a slash by a class.
            if self.is_glob && op == CLASS && low <= 47 && high >= 47 {
                if low < 47 {
                    self.range(low, 46);
                }
                if high > 47 {
                    self.range(48, high);
                }
            } else {
                self.range(low, high);
            }
        }
        if self.is_glob && op == NOT_CLASS {
            self.range(47, 47);
        }
        self.end_class(start, op);
    }

    /// A scalar value of a class, or [`Self::set`] and 1 for all but that set.
    #[inline(never)]
    fn class_item(&mut self) -> u32 {
        self.set = NO_SET;
        let letter = self.next();
        if letter == u32::from(b'\\') {
            if self.is_glob {
                if self.byte(0) == END {
                    self.refuse(BAD_ESCAPE);
                }
                return self.next();
            }
            return self.escape();
        }
        if letter != u32::from(b'[') || self.is_glob {
            return letter;
        }
        if !self.take(b':') {
            // A class in a class, or a bracket that stands for itself: dialects differ.
            self.refuse(UNSUPPORTED);
        }
        let but = self.take(b'^');
        let mut word = 0;
        while (self.byte(0) | 0x20).wrapping_sub(97) < 26 {
            word = word << 8 | u64::from(self.byte(0));
            self.at += 1;
        }
        if word != 0 && self.take(b':') && self.take(b']') {
            if !is_set(word) {
                self.refuse(UNSUPPORTED);
            }
            self.set = word;
            return u32::from(but);
        }
        self.refuse(UNSUPPORTED);
        letter
    }

    /// Adds the ranges of a named set of ASCII characters, or of all others.
    #[inline(never)]
    fn set_ranges(&mut self, but: bool) {
        let set = self.set;
        let mut at = 0;
        while at != 128 {
            let start = at;
            while at != 128 && is_in(set, at as u8) != but {
                at += 1;
            }
            if at != start {
                let end = if at == 128 && but { 0x10_FFFF } else { at - 1 };
                self.range(start, end);
            } else {
                at += 1;
            }
        }
    }

    /// A repetition, if one is next: the least number of times, from bit 16 the greatest, 0xFFFF for no limit; [`NONE`],
    /// which is no repetition, if there is none. It is passed over.
    #[inline(never)]
    fn repetition(&mut self) -> u32 {
        if self.take(b'*') {
            return 0xFFFF_0000;
        }
        if self.take(b'+') {
            return 0xFFFF_0001;
        }
        if self.take(b'?') {
            return 0x0001_0000;
        }
        let back = self.at;
        if !self.take(b'{') {
            return NONE;
        }
        let least = self.number();
        let mut most = least;
        if least != NONE && self.take(b',') {
            most = if self.byte(0) == u32::from(b'}') {
                0xFFFF
            } else {
                self.number()
            };
            if most == NONE && self.byte(0) != u32::from(b'}') {
                most = 0;
                self.at = back;
            }
        }
        if least == NONE || self.at == back || !self.take(b'}') {
            self.at = back;
            return NONE;
        }
        if least > MAX_REPEAT || (most != 0xFFFF && (most > MAX_REPEAT || most < least)) {
            self.refuse(BAD_REPEAT);
        }
        least | most << 16
    }

    /// Digits; [`NONE`] without.
    fn number(&mut self) -> u32 {
        let start = self.at;
        let mut number = 0;
        while self.byte(0).wrapping_sub(48) < 10 {
            number = self.digit(10, number);
            number = if number > MAX_REPEAT {
                MAX_REPEAT + 1
            } else {
                number
            };
        }
        if self.at == start { NONE } else { number }
    }

    /// Repeats what was compiled from `start` on if a repetition follows; whether the whole can take nothing.
    #[inline(never)]
    fn repeat(&mut self, start: u32, nullable: bool) -> bool {
        let times = self.repetition();
        if times == NONE {
            return nullable;
        }
        let is_lazy = self.take(b'?') != (self.flags & LAZY != 0);
        if self.repetition() != NONE {
            self.refuse(REPEATS_NOTHING);
        }
        if self.refusal != 0 {
            return false;
        }
        let (least, most) = (times & 0xFFFF, times >> 16);
        let (skip, again) = if is_lazy {
            (FORK_LATE, FORK)
        } else {
            (FORK, FORK_LATE)
        };
        let len = self.code.size() - start;
        if most == 0 {
            self.code.truncate(start);
            return true;
        }
        let mut done = 1;
        while done < least {
            self.copy(start, len);
            done += 1;
        }
        if most == 0xFFFF {
            let end = self.code.size();
            self.push(0);
            self.link(end, again, end - len);
            if least == 0 {
                self.insert(start, 0);
                let end = self.code.size();
                self.link(start, skip, end);
            }
            return nullable || least == 0;
        }
        // Each further time can be left out, and then all after it.
        let mut from = start;
        let mut forks = self.code.size();
        if least == 0 {
            self.insert(start, 0);
            from = start + 1;
            forks = start;
        }
        while done < most && self.refusal == 0 {
            self.push(0);
            self.copy(from, len);
            done += 1;
        }
        let end = self.code.size();
        while forks < end && self.refusal == 0 {
            self.link(forks, skip, end);
            forks += len + 1;
        }
        nullable || least == 0
    }

    fn copy(&mut self, from: u32, len: u32) {
        let mut nth = 0;
        while nth != len && self.refusal == 0 {
            let word = self.code.get(from + nth);
            self.push(word);
            nth += 1;
        }
    }

    /// Choices of a glob up to `}`, or at the outside up to the end.
    fn choices(&mut self, depth: u32) {
        let mut waiting = NONE;
        loop {
            let branch = self.code.size();
            self.glob_sequence(depth);
            if depth == 0 || !self.take(b',') {
                break;
            }
            waiting = self.branch(branch, waiting);
        }
        self.land(waiting);
    }

    fn glob_sequence(&mut self, depth: u32) {
        loop {
            let letter = self.byte(0);
            if letter == END
                || (depth != 0 && (letter == u32::from(b',') || letter == u32::from(b'}')))
            {
                return;
            }
            let letter = self.next();
            if letter == u32::from(b'{') {
                if depth == MAX_NESTING {
                    return self.refuse(TOO_DEEP);
                }
                self.choices(depth + 1);
                if !self.take(b'}') {
                    self.refuse(UNCLOSED);
                }
            } else {
                self.glob_item(letter);
            }
        }
    }

    #[inline(never)]
    fn glob_item(&mut self, letter: u32) {
        if letter == u32::from(b'*') {
            let start = self.code.size();
            let all = self.take(b'*');
            self.push(0);
            self.any(!all, b'/');
            let end = self.code.size();
            self.push(0);
            self.link(end, FORK_LATE, start + 1);
            self.link(start, FORK, end + 1);
        } else if letter == u32::from(b'?') {
            self.any(true, b'/');
        } else if letter == u32::from(b'[') {
            self.class(b'!');
        } else if letter == u32::from(b'}') {
            self.refuse(UNOPENED);
        } else if letter == u32::from(b'\\') {
            if self.byte(0) == END {
                self.refuse(BAD_ESCAPE);
            }
            let next = self.next();
            self.literal(next);
        } else {
            self.literal(letter);
        }
    }
}

/// True for the names of sets of characters.
fn is_set(set: u64) -> bool {
    let mut at = 0;
    while at != 128 {
        if is_in(set, at) {
            return true;
        }
        at += 1;
    }
    false
}

/// Whether an ASCII character is in a named set.
fn is_in(set: u64, byte: u8) -> bool {
    const ALNUM: u64 = name(b"alnum");
    const ALPHA: u64 = name(b"alpha");
    const ASCII: u64 = name(b"ascii");
    const BLANK: u64 = name(b"blank");
    const CNTRL: u64 = name(b"cntrl");
    const DIGIT: u64 = name(b"digit");
    const GRAPH: u64 = name(b"graph");
    const LOWER: u64 = name(b"lower");
    const PRINT: u64 = name(b"print");
    const PUNCT: u64 = name(b"punct");
    const SPACE: u64 = name(b"space");
    const UPPER: u64 = name(b"upper");
    const WORD: u64 = name(b"word");
    const XDIGIT: u64 = name(b"xdigit");
    const D: u64 = name(b"d");
    const S: u64 = name(b"s");
    const W: u64 = name(b"w");
    match set {
        D | DIGIT => byte.is_ascii_digit(),
        W | WORD => byte.is_ascii_alphanumeric() || byte == b'_',
        S => byte == b' ' || (byte.wrapping_sub(9) < 5 && byte != 11),
        SPACE => byte == b' ' || byte.wrapping_sub(9) < 5,
        ALNUM => byte.is_ascii_alphanumeric(),
        ALPHA => byte.is_ascii_alphabetic(),
        ASCII => true,
        BLANK => byte == b' ' || byte == b'\t',
        CNTRL => byte.is_ascii_control(),
        GRAPH => byte.is_ascii_graphic(),
        LOWER => byte.is_ascii_lowercase(),
        PRINT => byte.is_ascii_graphic() || byte == b' ',
        PUNCT => byte.is_ascii_punctuation(),
        UPPER => byte.is_ascii_uppercase(),
        XDIGIT => byte.is_ascii_hexdigit(),
        _ => false,
    }
}
