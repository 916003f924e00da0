//! Where quotes, substitutions and here documents of a script end.

use super::JOINT;

/// How many substitutions are looked for within each other.
const MAX_NESTED: usize = 32;

/// A script and where it ends; positions are bytes of the text around it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ahead<'s> {
    pub(super) script: &'s str,
    pub(super) escape: u8,
    pub(super) to: usize,
}

/// A script within another.
#[derive(Debug, Clone, Copy)]
pub(super) struct Inner {
    pub(super) from: usize,
    pub(super) to: usize,
    /// How far was looked for its end, and is for what is in it.
    pub(super) limit: usize,
}

/// What was found of a script's own substitutions.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The scripts within them.
    pub(super) inner: Vec<Inner>,
    /// One of them does not close, and no others are looked for.
    gave_up: bool,
}

/// What a redirection is followed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    File,
    /// The number of a stream, or a file.
    Copy,
    /// The mark that ends a here document.
    Here,
}

/// A here document that is yet to come.
#[derive(Debug)]
pub(super) struct Here {
    end: String,
    /// Tabs at the beginning of lines do not count.
    strips: bool,
}

/// Whether a byte is in no word.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\r' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>'
    )
}

impl<'s> Ahead<'s> {
    pub(super) fn byte(self, at: usize) -> Option<u8> {
        if at >= self.to {
            return None;
        }
        self.script.as_bytes().get(at).copied()
    }

    pub(super) fn rest(self, at: usize) -> &'s str {
        self.script.get(at..self.to).unwrap_or_default()
    }

    fn is_escape(self, at: usize) -> bool {
        self.byte(at) == Some(self.escape)
    }

    /// Whether an escape stands here that is the last of its line.
    pub(super) fn joins_lines(self, at: usize) -> bool {
        let rest = self.rest(at + 1);
        self.is_escape(at) && (rest.starts_with('\n') || rest.starts_with("\r\n"))
    }

    /// Behind the escape that stands here.
    pub(super) fn after_escape(self, at: usize) -> usize {
        let rest = self.rest(at + 1);
        let escaped = if rest.starts_with("\r\n") {
            2
        } else {
            rest.chars().next().map_or(0, char::len_utf8)
        };
        at + 1 + escaped
    }

    /// Whether the escape that stands here is one between double quotes.
    pub(super) fn escapes_in_double(self, at: usize) -> bool {
        self.escape != b'\\'
            || self.joins_lines(at)
            || matches!(self.byte(at + 1), Some(b'$' | b'`' | b'"' | b'\\'))
    }

    pub(super) fn line_end(self, at: usize) -> usize {
        at + self.rest(at).find('\n').unwrap_or(self.rest(at).len())
    }

    /// Behind the quote that is open here, or the end.
    pub(super) fn after_single(self, at: usize) -> usize {
        let rest = self.rest(at);
        at + rest.find('\'').map_or(rest.len(), |len| len + 1)
    }

    fn after_double(self, mut at: usize, nested: usize, found: &mut Found) -> usize {
        while let Some(byte) = self.byte(at) {
            at = match byte {
                b'"' => return at + 1,
                _ if self.is_escape(at) => self.after_escape(at),
                b'$' | b'`' => self.passed(at, true, nested, found),
                _ => at + 1,
            };
        }
        at
    }

    /// Behind the substitution that stands here, or its first byte if that is none.
    fn passed(self, at: usize, in_double: bool, nested: usize, found: &mut Found) -> usize {
        let end = self.substitution(at, in_double, nested, found);
        end.unwrap_or(at + 1)
    }

    /// Behind the substitution that stands here, if it is one and closes.
    pub(super) fn substitution(
        self,
        at: usize,
        in_double: bool,
        nested: usize,
        found: &mut Found,
    ) -> Option<usize> {
        let kind = (self.byte(at)?, self.byte(at + 1));
        if found.gave_up || !matches!(kind, (b'`', _) | (b'$', Some(b'(' | b'{'))) {
            return None;
        }
        let n_inner = found.inner.len();
        let nested = nested + 1;
        let end = match kind {
            _ if nested > MAX_NESTED => None,
            (b'$', Some(b'(')) if self.byte(at + 2) == Some(b'(') => {
                self.after_sum(at + 3, nested, found)
            }
            (b'$', Some(b'(')) => {
                let end = self.after_script(at + 2, nested);
                let limit = self.to;
                found.inner.extend(end.map(|end| Inner {
                    from: at + 2,
                    to: end - 1,
                    limit,
                }));
                end
            }
            (b'$', _) => self.after_brace(at + 2, in_double, nested, found),
            _ => {
                let end = self.after_tick(at + 1);
                found.inner.extend(end.map(|end| Inner {
                    from: at + 1,
                    to: end - 1,
                    limit: end - 1,
                }));
                end
            }
        };
        if end.is_none() {
            found.inner.truncate(n_inner);
            found.gave_up = true;
        }
        end
    }

    fn after_tick(self, mut at: usize) -> Option<usize> {
        while let Some(byte) = self.byte(at) {
            at = match byte {
                _ if self.is_escape(at) => self.after_escape(at),
                b'`' => return Some(at + 1),
                _ => at + 1,
            };
        }
        None
    }

    /// Behind the brace that is open here.
    fn after_brace(
        self,
        mut at: usize,
        in_double: bool,
        nested: usize,
        found: &mut Found,
    ) -> Option<usize> {
        while let Some(byte) = self.byte(at) {
            at = match byte {
                b'}' => return Some(at + 1),
                _ if self.is_escape(at) => self.after_escape(at),
                b'\'' if !in_double => self.after_single(at + 1),
                b'"' => self.after_double(at + 1, nested, found),
                b'$' | b'`' => self.passed(at, in_double, nested, found),
                _ => at + 1,
            };
        }
        None
    }

    /// Behind the two brackets that are open here around a sum.
    fn after_sum(self, mut at: usize, nested: usize, found: &mut Found) -> Option<usize> {
        let mut open = 2_usize;
        while let Some(byte) = self.byte(at) {
            at = match byte {
                _ if self.is_escape(at) => self.after_escape(at),
                b'\'' => self.after_single(at + 1),
                b'"' => self.after_double(at + 1, nested, found),
                b'$' | b'`' => self.passed(at, false, nested, found),
                b')' if open == 2 => {
                    let ends = self.byte(at + 1) == Some(b')');
                    return ends.then_some(at + 2);
                }
                b'(' | b')' => {
                    open = if byte == b'(' { open + 1 } else { open - 1 };
                    at + 1
                }
                _ => at + 1,
            };
        }
        None
    }

    /// Behind the bracket that is open here around a script.
    fn after_script(self, mut at: usize, nested: usize) -> Option<usize> {
        let mut found = Found::default();
        let mut here = Vec::new();
        let mut open = 1_usize;
        let mut begins = true;
        while let Some(byte) = self.byte(at) {
            let began = std::mem::replace(&mut begins, ends_word(byte));
            at = match byte {
                JOINT => {
                    begins = began;
                    at + 1
                }
                _ if self.is_escape(at) => {
                    begins = began && self.joins_lines(at);
                    self.after_escape(at)
                }
                b'#' if began => self.line_end(at),
                b'\'' => self.after_single(at + 1),
                b'"' => self.after_double(at + 1, nested, &mut found),
                b'$' | b'`' => self.passed(at, false, nested, &mut found),
                b'\n' => self.after_here(at + 1, &std::mem::take(&mut here)),
                b'<' | b'>' => {
                    let (sign, len) = self.redirection(at);
                    if sign == Sign::Here {
                        let (end, after) = self.here(at + len);
                        here.extend(end);
                        after
                    } else {
                        at + len
                    }
                }
                b'(' => {
                    open += 1;
                    at + 1
                }
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Some(at + 1);
                    }
                    at + 1
                }
                _ => at + 1,
            };
        }
        None
    }

    /// The redirection that stands here, and how long it is.
    pub(super) fn redirection(self, at: usize) -> (Sign, usize) {
        const SIGNS: [(&str, Sign); 9] = [
            ("<<<", Sign::File),
            ("<<", Sign::Here),
            ("<>", Sign::File),
            ("<&", Sign::Copy),
            (">>", Sign::File),
            (">&", Sign::Copy),
            (">|", Sign::File),
            ("<", Sign::File),
            (">", Sign::File),
        ];
        let rest = self.rest(at);
        let sign = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign));
        sign.map_or((Sign::File, 1), |(text, sign)| (*sign, text.len()))
    }

    /// Whether digits stand there and nothing else.
    pub(super) fn is_number(self, from: usize, to: usize) -> bool {
        let digits = self.script.get(from..to).unwrap_or_default();
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Behind the number of a stream that is the whole word here, or `-`; here if it is none.
    pub(super) fn after_number(self, at: usize) -> usize {
        let rest = self.rest(at);
        let len = rest.bytes().take_while(u8::is_ascii_digit).count();
        let end = at + len + usize::from(self.byte(at + len) == Some(b'-'));
        if self.byte(end).is_none_or(ends_word) {
            end
        } else {
            at
        }
    }

    /// The here document whose mark stands here, if one does, and where that ends.
    pub(super) fn here(self, at: usize) -> (Option<Here>, usize) {
        let strips = self.byte(at) == Some(b'-');
        let mut at = at + usize::from(strips);
        while let Some(b' ' | b'\t') = self.byte(at) {
            at += 1;
        }
        let start = at;
        let mut end = String::new();
        while let Some(byte) = self.byte(at).filter(|&byte| !ends_word(byte)) {
            let (from, to, after) = match byte {
                _ if self.is_escape(at) => {
                    let after = self.after_escape(at);
                    let from = if self.joins_lines(at) { after } else { at + 1 };
                    (from, after, after)
                }
                b'\'' | b'"' => {
                    let rest = self.rest(at + 1);
                    let len = rest.find(char::from(byte));
                    let to = at + 1 + len.unwrap_or(rest.len());
                    (at + 1, to, (to + 1).min(self.to))
                }
                _ => {
                    let len = self.rest(at).chars().next().map_or(1, char::len_utf8);
                    (at, at + len, at + len)
                }
            };
            let text = self.script.get(from..to).unwrap_or_default();
            end.extend(text.chars().filter(|&found| found != char::from(JOINT)));
            at = after;
        }
        let here = (at > start).then_some(Here { end, strips });
        (here, at)
    }

    /// Behind the here documents that begin here.
    pub(super) fn after_here(self, mut at: usize, here: &[Here]) -> usize {
        for here in here {
            while at < self.to {
                let end = self.line_end(at);
                let line = self.script.get(at..end).unwrap_or_default();
                let line = line.strip_suffix('\r').unwrap_or(line);
                let line = if here.strips {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                at = (end + 1).min(self.to);
                if line == here.end {
                    break;
                }
            }
        }
        at
    }
}
