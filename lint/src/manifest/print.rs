//! A document as JSON text.

use std::fmt::Write;

use palisade_abi::tape::{NodeId, Tape, Value};

use super::document::Document;
use super::span::Span;

/// How [`print`] lays a document out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One line, no blank space.
    Compact,
    /// One value a line, two spaces a level.
    Pretty,
    /// As [`Layout::Pretty`], each value as `{"span": [start, end], "value": …}`, members with `"key"` for the key's
    /// span and values read through an alias with `"anchor"` for where they are written.
    Spans,
}

/// The document as JSON text, members in the order of the file.
#[must_use]
pub fn print(document: &Document, layout: Layout) -> String {
    let mut printer = Printer {
        document,
        tape: &document.tape,
        layout,
        level: 0,
        out: String::new(),
    };
    printer.node(NodeId::ROOT);
    printer.out
}

struct Printer<'a> {
    document: &'a Document,
    tape: &'a Tape,
    layout: Layout,
    level: usize,
    out: String,
}

impl Printer<'_> {
    fn node(&mut self, node: NodeId) {
        if self.layout != Layout::Spans {
            self.value(node);
            return;
        }
        self.out.push('{');
        let places = [
            ("span", Some(self.document.span(node))),
            ("key", self.document.key_span(node)),
            ("anchor", self.document.anchored_span(node)),
        ];
        for (name, span) in places {
            if let Some(Span { start, end }) = span {
                // Writing to a string does not fail.
                let _ = write!(self.out, "\"{name}\": [{start}, {end}], ");
            }
        }
        self.out.push_str("\"value\": ");
        self.value(node);
        self.out.push('}');
    }

    fn value(&mut self, node: NodeId) {
        match self.tape.value(node) {
            Value::Null => self.out.push_str("null"),
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Int(value) => {
                let _ = write!(self.out, "{value}");
            }
            Value::Float(text) => self.out.push_str(text),
            Value::String(text) | Value::Unknown(text) => push_string(&mut self.out, text),
            Value::List(_) => self.children(node, '[', ']'),
            Value::Map(_) => self.children(node, '{', '}'),
        }
    }

    fn children(&mut self, node: NodeId, open: char, close: char) {
        self.out.push(open);
        self.level += 1;
        let mut is_empty = true;
        let tape = self.tape;
        for child in tape.children(node) {
            if !is_empty {
                self.out.push(',');
            }
            is_empty = false;
            self.line();
            if open == '{' {
                push_string(&mut self.out, tape.key(child).unwrap_or_default());
                self.out.push(':');
                if self.layout != Layout::Compact {
                    self.out.push(' ');
                }
            }
            self.node(child);
        }
        self.level -= 1;
        if !is_empty {
            self.line();
        }
        self.out.push(close);
    }

    fn line(&mut self) {
        if self.layout != Layout::Compact {
            self.out.push('\n');
            self.out.extend(std::iter::repeat_n("  ", self.level));
        }
    }
}

/// Adds `text` as a JSON string with its quotes.
pub(crate) fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for found in text.chars() {
        match found {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\0'..='\u{1f}' | '\u{7f}' => {
                let _ = write!(out, "\\u{:04x}", u32::from(found));
            }
            _ => out.push(found),
        }
    }
    out.push('"');
}
