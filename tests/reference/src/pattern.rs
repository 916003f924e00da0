//! Globs and regular expressions, translated to the syntax of the `regex` crate.
//!
//! That crate's classes and case folding are Unicode's, those of the language are of ASCII; what differs is written out.

use std::fmt::Write as _;

use regex::Regex;

/// A regular expression; `None` if it is none of the dialect.
pub(crate) fn regex(pattern: &str) -> Option<Regex> {
    if pattern.len() > 1000 {
        return None;
    }
    let mut translator = Translator {
        chars: pattern.chars().collect(),
        at: 0,
        folds: vec![false],
        out: String::new(),
    };
    translator.run()?;
    Regex::new(&translator.out).ok()
}

struct Translator {
    chars: Vec<char>,
    at: usize,
    /// Whether case counts not, for each open group.
    folds: Vec<bool>,
    out: String,
}

const DIGIT: &str = "0-9";
const SPACE: &str = r"\t\n\x0b\x0c\r ";
const WORD: &str = "0-9A-Za-z_";

/// The inside of a class of ASCII letters, and whether it is negated.
fn perl_class(letter: char) -> Option<(&'static str, bool)> {
    Some(match letter {
        'd' => (DIGIT, false),
        'D' => (DIGIT, true),
        's' => (SPACE, false),
        'S' => (SPACE, true),
        'w' => (WORD, false),
        'W' => (WORD, true),
        _ => return None,
    })
}

impl Translator {
    fn next(&mut self) -> Option<char> {
        let next = self.chars.get(self.at).copied()?;
        self.at += 1;
        Some(next)
    }

    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn is_folding(&self) -> bool {
        self.folds.last() == Some(&true)
    }

    fn run(&mut self) -> Option<()> {
        while let Some(next) = self.next() {
            match next {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '(' => self.open()?,
                ')' => {
                    self.folds.pop();
                    self.out.push(')');
                }
                '|' | '*' | '+' | '?' | '{' | '}' | ',' | '^' | '$' | '.' => self.out.push(next),
                other => self.literal(other),
            }
        }
        Some(())
    }

    fn literal(&mut self, literal: char) {
        if self.is_folding() && literal.is_ascii_alphabetic() {
            let (lower, upper) = (literal.to_ascii_lowercase(), literal.to_ascii_uppercase());
            // Writing to a string cannot fail.
            let _ = write!(self.out, "[{lower}{upper}]");
        } else if literal.is_ascii_digit() {
            self.out.push(literal);
        } else {
            self.out.push_str(&regex::escape(&literal.to_string()));
        }
    }

    fn escape(&mut self) -> Option<()> {
        let escaped = self.next()?;
        if let Some((inside, is_negated)) = perl_class(escaped) {
            let sign = if is_negated { "^" } else { "" };
            let _ = write!(self.out, "[{sign}{inside}]");
            return Some(());
        }
        match escaped {
            'b' => self.out.push_str(r"(?-u:\b)"),
            'A' | 'z' | 'n' | 't' | 'r' | 'f' => {
                self.out.push('\\');
                self.out.push(escaped);
            }
            c if c.is_ascii_alphanumeric() => return None,
            c => self.literal(c),
        }
        Some(())
    }

    fn open(&mut self) -> Option<()> {
        self.out.push('(');
        let mut folding = self.is_folding();
        if self.peek() == Some('?') {
            self.next();
            let mut flags = String::new();
            let mut is_on = true;
            loop {
                match self.next()? {
                    ':' => {
                        let _ = write!(self.out, "?{}:", flags.trim_end_matches('-'));
                        break;
                    }
                    ')' => {
                        // Flags for the rest of the group that is open.
                        if let Some(last) = self.folds.last_mut() {
                            *last = folding;
                        }
                        let flags = flags.trim_end_matches('-');
                        if flags.is_empty() {
                            self.out.pop();
                        } else {
                            let _ = write!(self.out, "?{flags})");
                        }
                        return Some(());
                    }
                    'i' => folding = is_on,
                    '-' => {
                        is_on = false;
                        flags.push('-');
                    }
                    flag @ ('m' | 's' | 'U') => flags.push(flag),
                    _ => return None,
                }
            }
        }
        self.folds.push(folding);
        Some(())
    }

    fn class(&mut self) -> Option<()> {
        let is_negated = self.peek() == Some('^');
        if is_negated {
            self.next();
        }
        let mut parts: Vec<(char, char)> = Vec::new();
        let mut inside = String::new();
        let mut is_first = true;
        loop {
            let next = self.next()?;
            if next == ']' && !is_first {
                break;
            }
            is_first = false;
            let Some(start) = self.class_char(next, &mut inside)? else {
                continue;
            };
            let is_range = self.peek() == Some('-')
                && self
                    .chars
                    .get(self.at + 1)
                    .is_some_and(|after| *after != ']');
            if !is_range {
                parts.push((start, start));
                continue;
            }
            self.next();
            let after = self.next()?;
            let end = self.class_char(after, &mut inside)??;
            if start > end {
                return None;
            }
            parts.push((start, end));
        }
        if self.is_folding() {
            let letters: Vec<char> = ('a'..='z').chain('A'..='Z').collect();
            let folded: Vec<char> = letters
                .into_iter()
                .filter(|letter| {
                    parts
                        .iter()
                        .any(|(start, end)| (*start..=*end).contains(&swap_case(*letter)))
                })
                .collect();
            parts.extend(folded.into_iter().map(|letter| (letter, letter)));
        }
        let sign = if is_negated { "^" } else { "" };
        let _ = write!(self.out, "[{sign}{inside}");
        for (start, end) in parts {
            let _ = write!(
                self.out,
                r"\u{{{:x}}}-\u{{{:x}}}",
                u32::from(start),
                u32::from(end)
            );
        }
        self.out.push(']');
        Some(())
    }

    /// A character of a class; nothing for a class in it, which goes to `inside`.
    fn class_char(&mut self, next: char, inside: &mut String) -> Option<Option<char>> {
        if next != '\\' {
            return Some(Some(next));
        }
        let escaped = self.next()?;
        if let Some((named, is_negated)) = perl_class(escaped) {
            let sign = if is_negated { "^" } else { "" };
            let _ = write!(inside, "[{sign}{named}]");
            return Some(None);
        }
        Some(Some(match escaped {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'f' => '\u{c}',
            c if c.is_ascii_alphanumeric() => return None,
            c => c,
        }))
    }
}

fn swap_case(letter: char) -> char {
    if letter.is_ascii_lowercase() {
        letter.to_ascii_uppercase()
    } else {
        letter.to_ascii_lowercase()
    }
}

/// A glob as a regular expression for whole values; `None` if a bracket or a brace is not closed.
pub(crate) fn glob(pattern: &str) -> Option<Regex> {
    let mut out = String::from(r"\A(?s:");
    let mut depth = 0;
    let mut chars = pattern.chars().peekable();
    while let Some(next) = chars.next() {
        match next {
            '*' => {
                if chars.next_if_eq(&'*').is_some() {
                    out.push_str(".*");
                } else {
                    out.push_str("[^/]*");
                }
            }
            '?' => out.push_str("[^/]"),
            '[' => out.push_str(&glob_class(&mut chars)?),
            '{' => {
                depth += 1;
                out.push_str("(?:");
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(')');
            }
            ',' if depth > 0 => out.push('|'),
            '\\' => out.push_str(&regex::escape(&chars.next()?.to_string())),
            literal => out.push_str(&regex::escape(&literal.to_string())),
        }
    }
    if depth > 0 {
        return None;
    }
    out.push_str(r")\z");
    Regex::new(&out).ok()
}

fn glob_class(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Option<String> {
    let is_negated = chars.next_if_eq(&'!').is_some();
    let mut parts: Vec<(char, char)> = Vec::new();
    loop {
        let mut next = chars.next()?;
        if next == ']' && !parts.is_empty() {
            break;
        }
        if next == '\\' {
            next = chars.next()?;
        }
        let mut ahead = chars.clone();
        let end = match (ahead.next(), ahead.next()) {
            (Some('-'), Some(end)) if end != ']' => {
                *chars = ahead;
                if end == '\\' { chars.next()? } else { end }
            }
            _ => next,
        };
        if next > end {
            return None;
        }
        parts.push((next, end));
    }
    let class: String = parts
        .iter()
        .map(|(start, end)| format!(r"\u{{{:x}}}-\u{{{:x}}}", u32::from(*start), u32::from(*end)))
        .collect();
    Some(if is_negated {
        format!("[^/{class}]")
    } else {
        format!("[[{class}]--[/]]")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(compile: fn(&str) -> Option<Regex>, pattern: &str, yes: &[&str], no: &[&str]) {
        let compiled = compile(pattern).unwrap_or_else(|| panic!("{pattern} does not compile"));
        for text in yes {
            assert!(compiled.is_match(text), "{pattern} {text} {compiled}");
        }
        for text in no {
            assert!(!compiled.is_match(text), "{pattern} {text} {compiled}");
        }
    }

    #[test]
    fn globs_match_whole_values() {
        check(glob, "a*", &["a", "abc", "a\n"], &["ba", "a/b"]);
        check(glob, "a**", &["a", "a/b/c"], &["ba"]);
        check(glob, "*.io/**", &["x.io/a/b", ".io/"], &["x/y.io/a"]);
        check(glob, "?", &["a", "é"], &["", "ab", "/"]);
        check(glob, "[a-c!]", &["a", "b", "!"], &["d", "ab"]);
        check(glob, "[!a-c]", &["d", "é"], &["a", "/", ""]);
        check(glob, "[.-0]", &[".", "0"], &["/"]);
        check(glob, "{a,b{c,d}}x", &["ax", "bcx", "bdx"], &["bx", "a"]);
        check(glob, r"\*\{", &["*{"], &["a{"]);
        check(glob, "a.b", &["a.b"], &["axb"]);
        check(glob, "", &[""], &["a"]);
        for broken in ["[a", "{a", "{a,[b}", "\\"] {
            assert!(glob(broken).is_none(), "{broken}");
        }
    }

    #[test]
    fn expressions_are_of_ascii_letters() {
        check(regex, "a.c", &["xabcx", "aéc"], &["a\nc", "ac"]);
        check(regex, r"^\w+$", &["ab_1"], &["é", "", "a b"]);
        check(regex, r"\d", &["a1"], &["١"]);
        check(regex, r"[\W\d]", &["é", "1"], &["a"]);
        check(
            regex,
            "(?i)k[s-t]",
            &["KS", "kt"],
            &["\u{212a}s", "k\u{17f}"],
        );
        check(regex, "(?i:a)b", &["Ab"], &["AB"]);
        check(regex, "(a|(?i)b)c", &["Bc", "ac"], &["BC", "Ac"]);
        check(regex, r"\bab\b", &["ab", "é ab"], &["abc"]);
        check(regex, r"a{2,3}$", &["aa"], &["a"]);
        check(regex, "[^a-c]", &["d", "\n"], &["a"]);
        check(regex, r"[]a]\.\/", &["].\u{2f}"], &["b./"]);
        check(regex, "(?m)^b$", &["a\nb"], &["ab"]);
        for broken in ["(", "a)", "[a", r"\pL", r"(?=a)", "*", r"\1"] {
            assert!(regex(broken).is_none(), "{broken}");
        }
    }
}
