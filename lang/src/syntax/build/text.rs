//! Strings: escapes, values in braces, and the forms that are not Pale.

use pest::iterators::Pair;

use super::Builder;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind, StringPart};
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    /// The expression of a string in any of its forms.
    pub(super) fn string_expr(&mut self, pair: Pair<'s, Rule>) -> Expr {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::version => ExprKind::Version(self.raw(pair)),
            Rule::raw => {
                let text = self.raw(pair);
                ExprKind::String(text_parts(text))
            }
            Rule::quoted => {
                let text = self.quoted(&pair);
                ExprKind::String(text_parts(text))
            }
            _ => ExprKind::String(self.string(pair)),
        };
        Expr { kind, span }
    }

    /// The text of a string that may not hold values, such as an attribute's.
    pub(super) fn plain_string(&mut self, pair: Pair<'s, Rule>) -> String {
        let mut text = String::new();
        for part in self.string(pair) {
            match part {
                StringPart::Text(part) => text.push_str(&part),
                StringPart::Value(value) => {
                    let braces = Span {
                        start: value.span.start.saturating_sub(1),
                        end: value.span.end + 1,
                        ..value.span
                    };
                    self.report(
                        Diagnostic::error(
                            "value-in-attribute",
                            "an attribute's string holds no values",
                            braces,
                            "a value",
                        )
                        .with_help("write `{{` and `}}` for braces"),
                    );
                }
            }
        }
        text
    }

    fn raw(&mut self, pair: Pair<'s, Rule>) -> String {
        let span = self.span(&pair);
        let mut text = String::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::raw_text => text.push_str(part.as_str()),
                _ if part.as_str().is_empty() => self.unterminated(span, "\""),
                _ => {}
            }
        }
        text
    }

    pub(super) fn unterminated(&mut self, span: Span, quote: &str) {
        let line = self.slice(span).trim_end();
        // What ends a check or a call was probably meant to stand outside.
        let inside = line.trim_end_matches([',', ')', ']', ' ']);
        let len = u32::try_from(inside.len().max(1)).unwrap_or_default();
        let end = Span {
            start: span.start + len,
            end: span.start + len,
            ..span
        };
        self.report(
            Diagnostic::error(
                "unterminated-string",
                "the string is not closed on its line",
                self.char_at(span.start),
                "opens here",
            )
            .with_help(format!("close it with `{quote}`"))
            .with_edit(end, quote),
        );
    }

    /// Text in single quotes or backticks, which is reported.
    pub(super) fn quoted(&mut self, pair: &Pair<'s, Rule>) -> String {
        let span = self.span(pair);
        let mut text = "";
        let mut is_closed = true;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::single_text | Rule::tick_text => text = part.as_str(),
                _ => is_closed = !part.as_str().is_empty(),
            }
        }
        let mut diagnostic = Diagnostic::error(
            "single-quotes",
            "a string is written in double quotes",
            self.char_at(span.start),
            "not a quote of Pale",
        );
        if is_closed {
            let mut proposal = "\"".to_owned();
            for letter in text.chars() {
                match letter {
                    '"' | '\\' => proposal.extend(['\\', letter]),
                    '{' | '}' => proposal.extend([letter, letter]),
                    _ => proposal.push(letter),
                }
            }
            proposal.push('"');
            diagnostic = diagnostic
                .with_help(format!("write `{proposal}`"))
                .with_edit(span, proposal);
        } else {
            diagnostic = diagnostic.with_help("write `\"…\"`");
        }
        self.report(diagnostic);
        text.to_owned()
    }

    fn string(&mut self, pair: Pair<'s, Rule>) -> Vec<StringPart> {
        let span = self.span(&pair);
        let mut parts = Vec::new();
        let mut text = String::new();
        let n_before = self.diagnostics.len();
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::text => text.push_str(part.as_str()),
                Rule::two_open => text.push('{'),
                Rule::two_close => text.push('}'),
                Rule::bad_close => {
                    text.push('}');
                    self.report(
                        Diagnostic::error(
                            "single-brace",
                            "a `}` in a string is written `}}`",
                            part_span,
                            "closes nothing",
                        )
                        .with_help("write `}}`")
                        .with_edit(part_span, "}}"),
                    );
                }
                Rule::escape => self.escape(part.as_str(), part_span, &mut text),
                Rule::value => {
                    if !text.is_empty() {
                        parts.push(StringPart::Text(std::mem::take(&mut text)));
                    }
                    let value = self.value(part);
                    parts.push(StringPart::Value(value));
                }
                // A value that is not closed took the quote, and is reported.
                Rule::string_end
                    if part.as_str().is_empty() && self.diagnostics.len() == n_before =>
                {
                    self.unterminated(span, "\"");
                }
                _ => {}
            }
        }
        if !text.is_empty() {
            parts.push(StringPart::Text(text));
        }
        parts
    }

    fn value(&mut self, pair: Pair<'s, Rule>) -> Expr {
        let span = self.span(&pair);
        let open = self.char_at(span.start);
        let n_before = self.diagnostics.len();
        let mut value = None;
        let mut is_closed = true;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::value_end => is_closed = !part.as_str().is_empty(),
                _ => value = Some(part),
            }
        }
        if !is_closed {
            let hole = self.hole(open);
            let value = match value {
                Some(value) => self.silently(|builder| builder.expression(value)),
                None => hole,
            };
            // A name or a path was surely meant as a value, anything else may be text.
            let (at, edit) = match value.kind {
                ExprKind::Name(_) | ExprKind::Field { .. } => (value.span.after(), "}"),
                _ => (
                    Span {
                        end: open.start,
                        ..open
                    },
                    "{",
                ),
            };
            self.report(
                Diagnostic::error(
                    "single-brace",
                    "this `{` in a string is not closed",
                    open,
                    "a value begins here",
                )
                .with_help("close the value with `}`, or write `{{` for a brace")
                .with_edit(at, edit),
            );
            return value;
        }
        let Some(value) = value else {
            self.report(
                Diagnostic::error(
                    "missing-operand",
                    "expected a value in `{ }`",
                    span,
                    "nothing stands here",
                )
                .with_help("write `{{` and `}}` for braces"),
            );
            return self.hole(open);
        };
        let value = self.expression(value);
        if value.kind == ExprKind::Hole && self.diagnostics.len() == n_before {
            self.report(Diagnostic::error(
                "missing-operand",
                "expected a value in `{ }`",
                span,
                "nothing stands here",
            ));
        }
        value
    }

    fn escape(&mut self, written: &str, span: Span, text: &mut String) {
        let mut letters = written.chars().skip(1);
        match letters.next() {
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some(same @ ('"' | '\\')) => text.push(same),
            Some(brace @ ('{' | '}')) => {
                text.push(brace);
                self.report(
                    Diagnostic::error(
                        "unknown-escape",
                        format!("a `{brace}` in a string is written twice"),
                        span,
                        "not an escape",
                    )
                    .with_help(format!("write `{brace}{brace}`"))
                    .with_edit(span, format!("{brace}{brace}")),
                );
            }
            Some('u') if written.starts_with("\\u{") => {
                let digits = written.trim_start_matches("\\u{").trim_end_matches('}');
                match u32::from_str_radix(digits, 16)
                    .ok()
                    .and_then(char::from_u32)
                {
                    Some(letter) => text.push(letter),
                    None => self.report(
                        Diagnostic::error(
                            "unknown-escape",
                            format!("`{written}` is not a character"),
                            span,
                            "no such character",
                        )
                        .with_help(
                            "write the hexadecimal number of a character, such as `\\u{e9}`",
                        ),
                    ),
                }
            }
            Some(other) => {
                text.push(other);
                self.report(
                    Diagnostic::error(
                        "unknown-escape",
                        format!("`\\{other}` is not an escape"),
                        span,
                        "unknown escape",
                    )
                    .with_help("write `\\\\` for a backslash, or a raw string `r\"…\"`")
                    .with_edit(self.word_at(span, "\\"), "\\\\"),
                );
            }
            // The string is not closed either, which is reported.
            None => {}
        }
    }
}

fn text_parts(text: String) -> Vec<StringPart> {
    if text.is_empty() {
        Vec::new()
    } else {
        vec![StringPart::Text(text)]
    }
}
