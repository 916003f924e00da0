//! Blocks and their braces.

use pest::iterators::Pair;

use super::Builder;
use super::policy::PolicyParts;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Block, Name};
use crate::syntax::grammar::Rule;

/// A block that ends where its indentation says it should not.
#[derive(Debug)]
pub(super) struct Suspect {
    shown: String,
    open: Span,
    close: Span,
    indent: String,
}

impl<'s> Builder<'s> {
    /// The statements of a policy; the rest of its block goes into `parts`.
    pub(super) fn policy_block(
        &mut self,
        pair: Pair<'s, Rule>,
        head: Span,
        shown: &str,
        parts: &mut PolicyParts,
    ) -> Block {
        self.stmts(pair, head, shown, Some(parts))
    }

    pub(super) fn block(&mut self, pair: Option<Pair<'s, Rule>>, head: Span, shown: &str) -> Block {
        if let Some(pair) = pair {
            return self.stmts(pair, head, shown, None);
        }
        self.report(
            Diagnostic::error(
                "missing-block",
                format!("{shown} has no block"),
                head,
                "`{` is missing after this",
            )
            .with_help("write what depends on it in `{ … }`")
            .with_edit(head.after(), " {}"),
        );
        Block {
            stmts: Vec::new(),
            span: head.after(),
        }
    }

    /// The block of a head; if something was said about the head, it is to blame for a missing brace too.
    pub(super) fn block_after(
        &mut self,
        pair: Option<Pair<'s, Rule>>,
        head: Span,
        shown: &str,
        is_reported: bool,
    ) -> Block {
        let has_open = pair
            .as_ref()
            .is_some_and(|pair| pair.as_str().starts_with('{'));
        if !is_reported || has_open {
            return self.block(pair, head, shown);
        }
        match pair {
            None => self.silently(|builder| builder.block(None, head, shown)),
            Some(pair) => {
                let n_before = self.diagnostics.len();
                let block = self.block(Some(pair), head, shown);
                let missing = self
                    .diagnostics
                    .iter()
                    .skip(n_before)
                    .position(|found| found.code == "missing-brace" && found.span() == head);
                if let Some(at) = missing {
                    self.diagnostics.remove(n_before + at);
                }
                block
            }
        }
    }

    fn stmts(
        &mut self,
        pair: Pair<'s, Rule>,
        head: Span,
        shown: &str,
        mut parts: Option<&mut PolicyParts>,
    ) -> Block {
        let span = self.span(&pair);
        let n_at_start = self.diagnostics.len();
        let mut stmts = Vec::new();
        let mut open = span;
        let mut close = span.after();
        let mut last_end = head;
        let mut had_errors = false;
        let mut lacks_open = false;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            let n_before = self.diagnostics.len();
            match part.as_rule() {
                Rule::open | Rule::policy_open => {
                    open = part_span;
                    last_end = part_span;
                    lacks_open = part.as_str().is_empty();
                    if lacks_open {
                        last_end = head;
                        self.missing_open(head, shown);
                    }
                    continue;
                }
                Rule::close => {
                    close = Span {
                        end: part_span.start + u32::from(!part.as_str().is_empty()),
                        ..part_span
                    };
                    continue;
                }
                Rule::attribute => {
                    let attribute = self.attribute(part);
                    match parts.as_deref_mut() {
                        Some(parts) => parts.attributes.push(attribute),
                        None => self.misplaced("attribute", &attribute.name, n_before),
                    }
                }
                Rule::param => {
                    let param = self.param(part);
                    match parts.as_deref_mut() {
                        Some(parts) => parts.params.push(param),
                        None => {
                            self.misplaced("param", &self.keyword(part_span, "param"), n_before);
                        }
                    }
                }
                Rule::on_body => {
                    let body = self.on_body(part);
                    match parts.as_deref_mut() {
                        Some(parts) => parts.bodies.push(body),
                        None => self.misplaced("body", &self.keyword(part_span, "on"), n_before),
                    }
                }
                // Text that goes on after a broken statement belongs to the same mistake.
                Rule::error_stmt if had_errors && self.goes_on(part_span) => {}
                _ => {
                    if let Some(stmt) = self.stmt(part) {
                        stmts.push(stmt);
                    }
                }
            }
            last_end = part_span;
            had_errors = self.diagnostics.len() > n_before || (had_errors && stmts.is_empty());
        }
        if close.start == close.end {
            // A brace that is missing inside of this block took the one that was meant for it.
            let mut inside = self.diagnostics.iter().skip(n_at_start);
            let is_explained = self.took_brace || inside.any(|found| found.code == "missing-brace");
            if !lacks_open && !is_explained {
                self.missing_close(open, last_end, shown);
            }
        } else if lacks_open {
            self.took_brace = true;
        } else if self.suspect.is_none() {
            self.suspect = self.suspect(open, close, shown);
        }
        Block {
            stmts,
            span: open.to(if close.start == close.end {
                last_end
            } else {
                close
            }),
        }
    }

    /// Whether text cannot begin anything, so that it belongs to what stands before it.
    fn goes_on(&self, span: Span) -> bool {
        let text = self.slice(span);
        text.starts_with("where ") || !text.starts_with(|first: char| first.is_ascii_alphabetic())
    }

    fn missing_open(&mut self, head: Span, shown: &str) {
        self.report(
            Diagnostic::error(
                "missing-brace",
                format!("expected `{{` before the block of {shown}"),
                head,
                "`{` is missing after this",
            )
            .with_help("open the block with `{`")
            .with_edit(head.after(), " {"),
        );
    }

    fn missing_close(&mut self, open: Span, last_end: Span, shown: &str) {
        if let Some(suspect) = self.suspect.take()
            && suspect.open.start > open.start
        {
            let line = Span::new(
                self.file,
                self.line_start(suspect.close.start),
                self.line_start(suspect.close.start),
            );
            let edit = format!("{}}}\n", suspect.indent);
            self.report(
                Diagnostic::error(
                    "missing-brace",
                    format!("the block of {} is not closed", suspect.shown),
                    suspect.open,
                    "this block begins here",
                )
                .with_label(suspect.close, "this `}` is indented less")
                .with_help("close the block with `}`")
                .with_edit(line, edit),
            );
            return;
        }
        let indent = self.indent(open.start);
        let on_one_line = !self.slice(open.to(last_end)).contains('\n');
        let edit = if on_one_line {
            " }".to_owned()
        } else {
            format!("\n{indent}}}")
        };
        self.report(
            Diagnostic::error(
                "missing-brace",
                format!("the block of {shown} is not closed"),
                open,
                "this block begins here",
            )
            .with_help("close the block with `}`")
            .with_edit(self.line_rest(last_end), edit),
        );
    }

    /// The empty span at the end of the line of `span`'s end, so that an insertion does not land in a comment.
    fn line_rest(&self, span: Span) -> Span {
        let rest = self.text.get(span.end as usize..).unwrap_or_default();
        let line = rest.split('\n').next().unwrap_or_default();
        let len = if line.trim_start().starts_with("//") {
            line.trim_end().len()
        } else {
            0
        };
        let end = span.end + u32::try_from(len).unwrap_or_default();
        Span::new(self.file, end, end)
    }

    fn line_start(&self, at: u32) -> u32 {
        let before = self.text.get(..at as usize).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        u32::try_from(start).unwrap_or_default()
    }

    fn indent(&self, at: u32) -> &'s str {
        let line = self
            .text
            .get(self.line_start(at) as usize..at as usize)
            .unwrap_or_default();
        let blank = line.len() - line.trim_start_matches([' ', '\t']).len();
        line.get(..blank).unwrap_or_default()
    }

    fn suspect(&self, open: Span, close: Span, shown: &str) -> Option<Suspect> {
        let indent = self.indent(open.start);
        let close_indent = self.indent(close.start);
        let begins_line = self
            .text
            .get(self.line_start(close.start) as usize..close.start as usize)
            .is_some_and(|before| before.trim().is_empty());
        let is_less = close_indent.len() < indent.len();
        (begins_line && is_less).then(|| Suspect {
            shown: shown.to_owned(),
            open,
            close,
            indent: indent.to_owned(),
        })
    }

    fn keyword(&self, span: Span, word: &str) -> Name {
        Name {
            text: word.to_owned(),
            span: self.word_at(span, word),
        }
    }

    /// Reports a part of a policy inside of one of its statements, unless it is reported already.
    fn misplaced(&mut self, what: &str, word: &Name, n_before: usize) {
        if self.diagnostics.len() > n_before {
            return;
        }
        let code = match what {
            "attribute" => "misplaced-attribute",
            "param" => "misplaced-param",
            _ => "misplaced-body",
        };
        self.report(
            Diagnostic::error(
                code,
                format!("`{}` belongs to the policy as a whole", word.text),
                word.span,
                "inside of a statement",
            )
            .with_help("move it to the top of the policy's block"),
        );
    }
}
