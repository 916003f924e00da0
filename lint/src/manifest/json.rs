//! JSON as RFC 8259 has it, several values in one file allowed, straight into a tape with spans.
//!
//! Numbers keep their text unless they are whole and fit 64 bits. Half of a surrogate pair in an escape is read as
//! U+FFFD, as the API server's reader does.

use std::borrow::Cow;

use palisade_abi::tape::NodeId;

use super::draft::Draft;
use super::problem::{Problem, ProblemKind};
use super::reading::Reading;
use super::scalar::Scalar;
use super::span::{Span, offset};

/// Bytes for which room is made ahead, as a file may hold many values.
const MAX_ROOM: usize = 16 << 10;

/// Reads the values of `text` into `reading`; false if it is not JSON to its end.
pub(super) fn read(text: &str, reading: &mut Reading) -> bool {
    let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at,
    };
    loop {
        reader.skip_space();
        if reader.at >= reader.bytes.len() || reading.is_full() {
            return true;
        }
        let mut draft = Draft::new((text.len() - reader.at).min(MAX_ROOM), offset(reader.at));
        let result = reader.value(&mut draft);
        let had_content = draft.next_id() != NodeId::ROOT;
        match result {
            Ok(()) => reading.take(draft),
            Err(problem) => {
                reading.fail(problem, had_content);
                return false;
            }
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

type Result<T> = std::result::Result<T, Problem>;

impl<'a> Reader<'a> {
    /// One value and all that is in it, without recursion.
    fn value(&mut self, draft: &mut Draft) -> Result<()> {
        loop {
            self.skip_space();
            let start = self.at;
            let mut opened = false;
            match self.peek() {
                Some(b'{' | b'[') => {
                    self.open(draft)?;
                    opened = true;
                }
                Some(b'"') => {
                    let text = self.string()?;
                    draft.string(&text, self.span_from(start));
                }
                Some(b'-' | b'0'..=b'9') => self.number(draft)?,
                _ => self.word(draft)?,
            }
            if self.close_or_continue(draft, opened)? {
                return Ok(());
            }
        }
    }

    fn open(&mut self, draft: &mut Draft) -> Result<()> {
        let start = offset(self.at);
        let opened = if self.peek() == Some(b'{') {
            draft.start_map(start)
        } else {
            draft.start_list(start)
        };
        self.at += 1;
        opened
            .map(|_| ())
            .map_err(|_| Problem::too_deep(Span::new(start, start + 1)))
    }

    /// After a value or an opening bracket: everything up to where the next value begins. True if the root has ended.
    fn close_or_continue(&mut self, draft: &mut Draft, opened: bool) -> Result<bool> {
        let mut is_first = opened;
        while draft.depth() > 0 {
            self.skip_space();
            let is_map = draft.innermost_is_map();
            let close = if is_map { b'}' } else { b']' };
            if self.peek() == Some(close) {
                self.at += 1;
                draft.end_at(offset(self.at));
                is_first = false;
                continue;
            }
            if !is_first {
                if self.peek() != Some(b',') {
                    return self.fail(if is_map {
                        "expected `,` or `}`"
                    } else {
                        "expected `,` or `]`"
                    });
                }
                self.at += 1;
                self.skip_space();
            }
            if is_map {
                self.key(draft)?;
            }
            return Ok(false);
        }
        Ok(true)
    }

    fn key(&mut self, draft: &mut Draft) -> Result<()> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return self.fail("expected a key in double quotes");
        }
        let key = self.string()?;
        draft.key(&key, self.span_from(start));
        self.skip_space();
        if self.peek() != Some(b':') {
            return self.fail("expected `:`");
        }
        self.at += 1;
        Ok(())
    }

    fn word(&mut self, draft: &mut Draft) -> Result<()> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let (value, length) = if rest.starts_with(b"true") {
            (Scalar::Bool(true), 4)
        } else if rest.starts_with(b"false") {
            (Scalar::Bool(false), 5)
        } else if rest.starts_with(b"null") {
            (Scalar::Null, 4)
        } else {
            return self.fail("expected a value");
        };
        let start = self.at;
        self.at += length;
        if self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            self.at = start;
            return self.fail("expected a value");
        }
        draft.scalar(&value, self.span_from(start));
        Ok(())
    }

    fn number(&mut self, draft: &mut Draft) -> Result<()> {
        let start = self.at;
        let is_negative = self.peek() == Some(b'-');
        self.at += usize::from(is_negative);
        let whole = self.at;
        self.digits()?;
        if self.at > whole + 1 && self.bytes.get(whole) == Some(&b'0') {
            self.at = whole;
            return self.fail("a number has no leading zero");
        }
        let mut is_whole = true;
        if self.peek() == Some(b'.') {
            is_whole = false;
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            is_whole = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        let span = self.span_from(start);
        let text = span.text(self.text);
        // `-0` is no whole number: its text would not come back.
        match text.parse() {
            Ok(value) if is_whole && text != "-0" => draft.scalar(&Scalar::Int(value), span),
            _ => draft.float(text, span),
        };
        Ok(())
    }

    fn digits(&mut self) -> Result<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start {
            return self.fail("expected a digit");
        }
        Ok(())
    }

    /// The string at the cursor, decoded.
    fn string(&mut self) -> Result<Cow<'a, str>> {
        let open = self.at;
        self.at += 1;
        let start = self.at;
        loop {
            match self.peek() {
                Some(b'"') => {
                    let text = self.text.get(start..self.at).unwrap_or_default();
                    self.at += 1;
                    return Ok(Cow::Borrowed(text));
                }
                Some(b'\\') => break,
                Some(byte) if byte >= 0x20 => self.at += 1,
                Some(_) => {
                    return self.fail("a control character in a string is written as an escape");
                }
                None => return self.fail_at(open, "the string has no end"),
            }
        }
        let mut decoded = self.text.get(start..self.at).unwrap_or_default().to_owned();
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(decoded));
                }
                Some(b'\\') => decoded.push(self.escape()?),
                Some(byte) if byte >= 0x20 => {
                    let from = self.at;
                    while self
                        .peek()
                        .is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\')
                    {
                        self.at += 1;
                    }
                    decoded.push_str(self.text.get(from..self.at).unwrap_or_default());
                }
                Some(_) => {
                    return self.fail("a control character in a string is written as an escape");
                }
                None => return self.fail_at(open, "the string has no end"),
            }
        }
    }

    fn escape(&mut self) -> Result<char> {
        let start = self.at;
        let escaped = self.bytes.get(start + 1).copied();
        self.at += 2;
        Ok(match escaped {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let high = self.unit(start)?;
                if !(0xD800..0xDC00).contains(&high) {
                    return Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                let after = self.at;
                if self.bytes.get(after..after + 2) == Some(b"\\u") {
                    self.at += 2;
                    let low = self.unit(after)?;
                    if (0xDC00..0xE000).contains(&low) {
                        let code = 0x1_0000 + ((high - 0xD800) << 10) + (low - 0xDC00);
                        return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
                    }
                    self.at = after;
                }
                char::REPLACEMENT_CHARACTER
            }
            _ => return self.fail_at(start, "unknown escape"),
        })
    }

    /// Four hexadecimal digits of the escape that began at `start`.
    fn unit(&mut self, start: usize) -> Result<u32> {
        let digits = self.bytes.get(self.at..self.at + 4).unwrap_or_default();
        let is_hex = digits.len() == 4 && digits.iter().all(u8::is_ascii_hexdigit);
        let value = std::str::from_utf8(digits)
            .ok()
            .filter(|_| is_hex)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok());
        let Some(value) = value else {
            return self.fail_at(start, "`\\u` takes four hexadecimal digits");
        };
        self.at += 4;
        Ok(value)
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn span_from(&self, start: usize) -> Span {
        Span::new(offset(start), offset(self.at))
    }

    fn fail<T>(&self, message: &str) -> Result<T> {
        self.fail_at(self.at, message)
    }

    fn fail_at<T>(&self, at: usize, message: &str) -> Result<T> {
        let width = self
            .text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .filter(|found| !found.is_control())
            .map_or(0, char::len_utf8);
        let span = Span::new(offset(at), offset(at + width));
        Err(Problem::new(ProblemKind::Syntax, span, message))
    }
}
