//! Documents as YAML, each in a form of its own.

use std::fmt::Write as _;

use crate::document::Document;
use crate::generate::rng::Rng;

/// The document as YAML.
pub(super) fn write(document: &Document, rng: &mut Rng) -> String {
    let mut writer = Writer {
        rng,
        text: String::new(),
    };
    match writer.rng.below(4) {
        0 => writer.text.push_str("---\n"),
        1 => writer.text.push_str("# embedded\n"),
        _ => {}
    }
    match document {
        Document::Map(members) if !members.is_empty() => writer.members(members, 0),
        Document::List(items) if !items.is_empty() => writer.items(items, 0),
        other => {
            writer.inline(other);
            writer.text.push('\n');
        }
    }
    writer.text
}

struct Writer<'r> {
    rng: &'r mut Rng,
    text: String,
}

impl Writer<'_> {
    fn indent(&mut self, columns: usize) {
        self.text.extend(std::iter::repeat_n(' ', columns));
    }

    fn members(&mut self, members: &[(String, Document)], columns: usize) {
        for (nth, (key, value)) in members.iter().enumerate() {
            // The first one goes on in the line of a dash.
            if nth > 0 || self.text.is_empty() || self.text.ends_with('\n') {
                self.indent(columns);
            }
            self.key(key);
            self.text.push(':');
            match value {
                Document::Map(inner) if !inner.is_empty() && !self.rng.once_in(4) => {
                    self.end_line();
                    self.members(inner, columns + 2);
                }
                Document::List(items) if !items.is_empty() && !self.rng.once_in(4) => {
                    self.end_line();
                    // As deep as its key, or deeper.
                    let more = 2 * self.rng.below(2);
                    self.items(items, columns + more);
                }
                Document::String(text) if is_block(text) && self.rng.once_in(2) => {
                    self.block(text, columns + 2);
                }
                other => {
                    self.text.push(' ');
                    self.inline(other);
                    self.end_line();
                }
            }
        }
    }

    fn items(&mut self, items: &[Document], columns: usize) {
        for item in items {
            self.indent(columns);
            self.text.push_str("- ");
            match item {
                Document::Map(inner) if !inner.is_empty() && !self.rng.once_in(4) => {
                    self.members(inner, columns + 2);
                }
                other => {
                    self.inline(other);
                    self.end_line();
                }
            }
        }
    }

    fn end_line(&mut self) {
        if self.rng.once_in(6) {
            self.text.push_str(" # note");
        }
        self.text.push('\n');
        if self.rng.once_in(8) {
            self.text.push('\n');
        }
    }

    fn block(&mut self, text: &str, columns: usize) {
        self.text.push_str(if text.ends_with('\n') {
            " |\n"
        } else {
            " |-\n"
        });
        for line in text.trim_end_matches('\n').split('\n') {
            if !line.is_empty() {
                self.indent(columns);
                self.text.push_str(line);
            }
            self.text.push('\n');
        }
    }

    fn key(&mut self, key: &str) {
        if is_name(key) && !self.rng.once_in(6) {
            self.text.push_str(key);
        } else {
            self.quoted(key);
        }
    }

    fn inline(&mut self, value: &Document) {
        match value {
            Document::Null if self.rng.once_in(2) => self.text.push('~'),
            Document::String(text) if is_name(text) && self.rng.once_in(2) => {
                self.text.push_str(text);
            }
            Document::String(text) => self.quoted(text),
            Document::List(items) => {
                self.text.push('[');
                for (nth, item) in items.iter().enumerate() {
                    self.text.push_str(if nth == 0 { "" } else { ", " });
                    self.inline(item);
                }
                self.text.push(']');
            }
            Document::Map(members) => {
                self.text.push('{');
                for (nth, (key, item)) in members.iter().enumerate() {
                    self.text.push_str(if nth == 0 { "" } else { ", " });
                    self.key(key);
                    self.text.push_str(": ");
                    self.inline(item);
                }
                self.text.push('}');
            }
            Document::Template(text) => self.quoted(text),
            Document::Null | Document::Bool(_) | Document::Number(_) => {
                _ = write!(self.text, "{value}");
            }
        }
    }

    fn quoted(&mut self, text: &str) {
        if self.rng.once_in(2) && !text.contains(|letter: char| letter.is_control()) {
            _ = write!(self.text, "'{}'", text.replace('\'', "''"));
        } else {
            _ = write!(self.text, "{}", Document::String(text.to_owned()));
        }
    }
}

/// Text that is itself without quotes.
fn is_name(text: &str) -> bool {
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '/')
        && !words.contains(&text.to_ascii_lowercase().as_str())
}

/// Text of lines that a block scalar can hold as they are.
fn is_block(text: &str) -> bool {
    let is_plain = |letter: char| letter == '\n' || !letter.is_control();
    text.contains('\n')
        && text.chars().all(is_plain)
        && !text.starts_with([' ', '\n'])
        && !text.ends_with("\n\n")
        && !text.trim().is_empty()
        && text
            .lines()
            .all(|line| line.is_empty() || !line.trim().is_empty())
}
