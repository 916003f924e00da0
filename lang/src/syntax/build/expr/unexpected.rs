//! What follows an expression and does not belong to it.

use pest::iterators::Pair;

use super::{Built, shorten};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::build::Builder;
use crate::syntax::build::attribute::ATTRIBUTES;
use crate::syntax::build::common::near;
use crate::syntax::build::words::STMT_WORDS;
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    /// The string before `next` if its closing quote is missing, so that it ends where the next one was meant to begin and
    /// the last quote of the line opens a string.
    pub(super) fn open_quote(
        &self,
        before: &Built,
        next: &Pair<'s, Rule>,
        rest: impl Iterator<Item = Pair<'s, Rule>>,
    ) -> Option<Span> {
        let at = self.span(next);
        let text = self.slice(before.outer);
        let is_adjacent = text.ends_with('"') && at.start == before.outer.end;
        let last = rest.last();
        let last = last.as_ref().unwrap_or(next);
        let opens = last.as_rule() == Rule::string && last.as_str().matches('"').count() == 1;
        if !is_adjacent || !opens {
            return None;
        }
        let inside = text.strip_suffix('"')?;
        let start = u32::try_from(inside.rfind('"')?).ok()?;
        Some(Span {
            start: before.outer.start + start,
            end: before.outer.end - 1,
            ..before.outer
        })
    }

    /// The part of a span on its first line.
    pub(in crate::syntax::build) fn first_line(&self, span: Span) -> Span {
        let line = self
            .slice(span)
            .split(['\n', '\r'])
            .next()
            .unwrap_or_default();
        self.word_at(span, line.trim_end())
    }

    pub(super) fn unexpected(&mut self, next: &Pair<'s, Rule>, before: &Built) {
        let at = self.span(next);
        let text = next.as_str();
        let on_next_line = self
            .slice(Span::new(self.file, before.outer.end, at.start))
            .contains('\n');
        let is_word = next.as_rule() == Rule::name;
        let diagnostic = if is_word
            && on_next_line
            && (near(text, STMT_WORDS).is_some() || near(text, ATTRIBUTES).is_some())
        {
            self.unknown_word(text, at)
        } else if next.as_rule() == Rule::hash {
            self.hash_comment(at)
        } else if matches!(text, "contains" | "has" | "includes") {
            Diagnostic::error(
                "unknown-operator",
                format!("`{text}` is not an operator"),
                at,
                "not an operator",
            )
            .with_help("write `ELEMENT in LIST`")
        } else if matches!(text, "equals" | "eq") {
            Diagnostic::error(
                "unknown-operator",
                format!("`{text}` is not an operator"),
                at,
                "not an operator",
            )
            .with_help("write `==`")
            .with_edit(at, "==")
        } else if text == "else" {
            self.unknown_word(text, at)
        } else {
            let shown = shorten(text);
            let subject = match next.as_rule() {
                Rule::quantified => {
                    format!("`{}`", text.split_whitespace().next().unwrap_or_default())
                }
                Rule::string | Rule::raw | Rule::quoted => "a string".to_owned(),
                _ => format!("`{shown}`"),
            };
            Diagnostic::error(
                "unexpected",
                format!("expected an operator before {subject}"),
                self.first_line(at),
                "not understood here",
            )
            .with_label(before.outer, "the expression before it")
            .with_help("join the two with an operator such as `and`, or separate them with `,`")
        };
        self.report(diagnostic);
    }
}
