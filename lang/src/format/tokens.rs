//! A text without syntax errors as a run of tokens.

use super::marks::Marks;

/// What a token is, as far as the layout cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A word of the language, or a name.
    Word,
    /// A number, a string, or a name that is more than a word.
    Value,
    /// An operator, a comma or a bracket.
    Symbol,
    /// A comment, from its slashes to the end of its line.
    Comment,
}

/// A token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token<'s> {
    /// What was written; a comment without the blanks at its end.
    pub(super) text: &'s str,
    /// The first byte.
    pub(super) start: usize,
    /// What it is.
    pub(super) kind: Kind,
}

impl Token<'_> {
    /// The byte after the last.
    pub(super) fn end(&self) -> usize {
        self.start + self.text.len()
    }
}

/// The tokens of a text, in order.
pub(super) fn tokens<'s>(text: &'s str, marks: &Marks) -> Vec<Token<'s>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(rest) = text.get(start..)
        && let Some(first) = rest.chars().next()
    {
        if matches!(first, ' ' | '\t'..='\r' | '\u{FEFF}') {
            start += first.len_utf8();
            continue;
        }
        let (kind, len) = match marks.names.get(&start) {
            Some(end) => (Kind::Value, end - start),
            None => token(rest, first),
        };
        let end = start + len.max(first.len_utf8());
        let written = text.get(start..end).unwrap_or(rest);
        tokens.push(Token {
            text: if kind == Kind::Comment {
                written.trim_end()
            } else {
                written
            },
            start,
            kind,
        });
        start = end;
    }
    tokens
}

/// The kind and length of the token that a text begins with.
fn token(rest: &str, first: char) -> (Kind, usize) {
    let run = |is_inside: fn(char) -> bool| {
        rest.find(|letter: char| !is_inside(letter))
            .unwrap_or(rest.len())
    };
    if rest.starts_with("//") {
        return (Kind::Comment, run(|letter| !matches!(letter, '\n' | '\r')));
    }
    if rest.starts_with("r\"") || rest.starts_with("v\"") {
        let inside = rest.get(2..).unwrap_or_default();
        let len = inside.find('"').map_or(rest.len(), |quote| quote + 3);
        return (Kind::Value, len);
    }
    if first == '"' {
        return (Kind::Value, string(rest));
    }
    if first.is_ascii_digit() {
        return (Kind::Value, number(rest));
    }
    if first.is_ascii_alphabetic() || first == '_' {
        return (
            Kind::Word,
            run(|letter| letter.is_ascii_alphanumeric() || letter == '_'),
        );
    }
    let is_double = ["==", "!=", "<=", ">=", "=>", "??"]
        .iter()
        .any(|double| rest.starts_with(double));
    let len = if is_double { 2 } else { first.len_utf8() };
    (Kind::Symbol, len)
}

/// The length of the number that a text begins with.
fn number(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut len = 1;
    while let Some(byte) = bytes.get(len) {
        let is_signed = matches!(bytes.get(len + 1), Some(b'+' | b'-')) && is_digit(len + 2);
        if matches!(byte, b'e' | b'E') && is_signed {
            len += 3;
        } else if *byte == b'.' && is_digit(len + 1) {
            len += 2;
        } else if byte.is_ascii_alphanumeric() || *byte == b'_' {
            len += 1;
        } else {
            break;
        }
    }
    len
}

/// The length of the string that a text begins with; the values in it may hold strings of their own.
fn string(rest: &str) -> usize {
    // What is open: `true` for a string, `false` for a value in it.
    let mut open = vec![true];
    let mut letters = rest.char_indices().skip(1).peekable();
    let mut is_raw = false;
    while let Some((at, letter)) = letters.next() {
        let in_string = open.last() == Some(&true);
        if is_raw {
            is_raw = letter != '"';
            continue;
        }
        match letter {
            '"' if in_string => {
                open.pop();
                if open.is_empty() {
                    return at + 1;
                }
            }
            '\\' if in_string => {
                let is_number = letters.next().is_some_and(|(_, next)| next == 'u');
                if is_number {
                    letters.next_if(|(_, next)| *next == '{');
                }
            }
            '{' if in_string => {
                let is_text = letters.next_if(|(_, next)| *next == '{').is_some();
                open.extend((!is_text).then_some(false));
            }
            '}' if !in_string => {
                open.pop();
            }
            'r' | 'v' if !in_string && ends_no_word(rest, at) => {
                is_raw = letters.next_if(|(_, next)| *next == '"').is_some();
            }
            '"' => open.push(true),
            _ => {}
        }
    }
    rest.len()
}

/// Whether the letter at `at` begins a word.
fn ends_no_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|before| before.chars().next_back());
    !before.is_some_and(|before| before.is_ascii_alphanumeric() || before == '_')
}
