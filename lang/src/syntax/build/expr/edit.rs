//! Edits: a run of tokens that begins with a path or with a verb.

use pest::iterators::Pair;

use super::{Level, Tokens};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Edit, EditKind, Expr, ExprKind, Name, Target};
use crate::syntax::build::Builder;
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    /// The edit of an `expr` or `line_expr` pair.
    pub(in crate::syntax::build) fn edit(&mut self, pair: Pair<'s, Rule>) -> Edit {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let mut tokens = self.tokens(pair);
        let verb = tokens.peek_name();
        let is_verb = tokens.second().is_some_and(|(rule, text)| {
            rule != Rule::field && text != "=" && rule != Rule::bracket
        });
        let (kind, path, value) = match verb {
            Some("remove") if is_verb => {
                self.take(&mut tokens);
                let path = self.edited_path(&mut tokens, "remove");
                (EditKind::Remove, path, None)
            }
            Some("append")
                if is_verb
                    || tokens
                        .second()
                        .is_some_and(|(rule, _)| rule == Rule::bracket) =>
            {
                self.append(&mut tokens)
            }
            Some("upsert") if is_verb => {
                self.take(&mut tokens);
                let path = self.edited_path(&mut tokens, "upsert");
                let value = self.edit_value(&mut tokens, &path, n_before);
                self.upserted(&path, n_before);
                (EditKind::Upsert, path, Some(value))
            }
            Some("create") if is_verb => self.create(&mut tokens),
            _ => {
                let path = self.postfix(&mut tokens).expr;
                let value = self.edit_value(&mut tokens, &path, n_before);
                (EditKind::Set, path, Some(value))
            }
        };
        self.end_of_edit(&mut tokens, span, n_before);
        Edit {
            kind,
            path,
            value,
            span,
        }
    }

    /// The path after a verb.
    fn edited_path(&mut self, tokens: &mut Tokens<'s>, verb: &str) -> Expr {
        let at = tokens.last;
        if tokens.peek().is_none() {
            self.report(
                Diagnostic::error(
                    "missing-value",
                    format!("expected a path after `{verb}`"),
                    at,
                    "nothing follows",
                )
                .with_help("name a field, such as `c.securityContext.privileged`"),
            );
            return self.hole(at);
        }
        self.postfix(tokens).expr
    }

    /// `= value`
    fn edit_value(&mut self, tokens: &mut Tokens<'s>, path: &Expr, n_before: usize) -> Expr {
        let is_silent = self.diagnostics.len() > n_before;
        match tokens.peek() {
            Some((Rule::symbol, "=")) => {
                self.take(tokens);
                self.value_after(tokens, "value")
            }
            Some((Rule::symbol, written @ ("==" | "=>" | "=~"))) => {
                self.take(tokens);
                if !is_silent {
                    self.report(
                        Diagnostic::error(
                            "wrong-assign",
                            format!("a value is given with `=`, not `{written}`"),
                            tokens.last,
                            "not an assignment",
                        )
                        .with_help("write `=`")
                        .with_edit(tokens.last, "="),
                    );
                }
                self.value_after(tokens, "value")
            }
            _ => {
                if !is_silent {
                    let shown = self.first_line(path.span);
                    let shown = if shown.start == shown.end {
                        path.span
                    } else {
                        shown
                    };
                    self.report(
                        Diagnostic::error(
                            "missing-value",
                            format!("expected `=` and a value after `{}`", self.slice(shown)),
                            shown,
                            "`=` is missing after this",
                        )
                        .with_help(
                            "write `PATH = value`, or `remove PATH`, `append value to PATH`",
                        ),
                    );
                }
                tokens.skip_all();
                self.hole(path.span)
            }
        }
    }

    /// The value after a sign or a word.
    fn value_after(&mut self, tokens: &mut Tokens<'s>, what: &str) -> Expr {
        let at = tokens.last;
        let n_before = self.diagnostics.len();
        if tokens.peek().is_none() {
            if self.diagnostics.len() == n_before {
                self.report(
                    Diagnostic::error(
                        "missing-value",
                        format!("expected a {what} after `{}`", self.slice(at)),
                        at,
                        "nothing follows",
                    )
                    .with_help("write a value of the field's type"),
                );
            }
            return self.hole(at);
        }
        self.binary(tokens, Level::Or).expr
    }

    /// `append value to PATH`
    fn append(&mut self, tokens: &mut Tokens<'s>) -> (EditKind, Expr, Option<Expr>) {
        self.take(tokens);
        let n_before = self.diagnostics.len();
        let value = self.value_after(tokens, "value");
        let path = if tokens.peek_name() == Some("to") {
            self.take(tokens);
            self.edited_path(tokens, "to")
        } else {
            if self.diagnostics.len() == n_before {
                self.report(
                    Diagnostic::error(
                        "missing-value",
                        "expected `to` and a list after the value",
                        value.span,
                        "`to` is missing after this",
                    )
                    .with_help("write `append value to PATH`"),
                );
            }
            tokens.skip_all();
            self.hole(value.span)
        };
        (EditKind::Append, path, Some(value))
    }

    fn upserted(&mut self, path: &Expr, n_before: usize) {
        if !matches!(path.kind, ExprKind::Index { .. } | ExprKind::Hole)
            && self.diagnostics.len() == n_before
        {
            self.report(
                Diagnostic::error(
                    "missing-index",
                    "`upsert` names an element by its key",
                    path.span,
                    "no key in `[ ]`",
                )
                .with_help("write `upsert PATH[key] = value`"),
            );
        }
    }

    /// `create KIND { … }`
    fn create(&mut self, tokens: &mut Tokens<'s>) -> (EditKind, Expr, Option<Expr>) {
        self.take(tokens);
        let keyword = tokens.last;
        let mut kind: Option<Span> = None;
        while matches!(
            tokens.peek(),
            Some((Rule::name | Rule::field, _) | (Rule::symbol, "/"))
        ) {
            self.take(tokens);
            kind = Some(kind.map_or(tokens.last, |kind| kind.to(tokens.last)));
        }
        let target = kind.map(|span| self.written_target(span));
        if target.is_none() {
            self.report(
                Diagnostic::error(
                    "missing-name",
                    "expected a kind after `create`",
                    keyword,
                    "no name follows",
                )
                .with_help("write `create KIND { … }`"),
            );
        }
        let target = target.unwrap_or(Target {
            group: None,
            version: None,
            name: Name {
                text: String::new(),
                span: keyword.after(),
            },
            span: keyword.after(),
        });
        let value = if matches!(tokens.peek(), Some((Rule::record, _))) {
            self.postfix(tokens).expr
        } else {
            if kind.is_some() {
                self.report(
                    Diagnostic::error(
                        "missing-value",
                        format!(
                            "expected `{{` and fields after `{}`",
                            self.slice(target.span)
                        ),
                        target.span,
                        "no fields follow",
                    )
                    .with_help("write `create KIND { metadata: { name: \"…\" } }`"),
                );
            }
            tokens.skip_all();
            self.hole(target.span)
        };
        let path = self.hole(target.span);
        (EditKind::Create(target), path, Some(value))
    }

    /// The target that is written in a span without blanks.
    fn written_target(&self, span: Span) -> Target {
        let mut start = span.start;
        let mut parts: Vec<Name> = Vec::new();
        for text in self.slice(span).split('/') {
            let end = start + u32::try_from(text.len()).unwrap_or_default();
            parts.push(Name {
                text: text.trim().to_owned(),
                span: Span { start, end, ..span },
            });
            start = end + 1;
        }
        Self::target_of(parts, span)
    }

    /// Reports what follows an edit on its line.
    fn end_of_edit(&mut self, tokens: &mut Tokens<'s>, span: Span, n_before: usize) {
        let Some(next) = tokens.list.next() else {
            return;
        };
        tokens.skip_all();
        if self.diagnostics.len() > n_before {
            return;
        }
        let at = self.span(&next);
        let before = Span {
            end: at.start,
            ..span
        };
        let before = self.word_at(before, self.slice(before).trim_end());
        self.report(
            Diagnostic::error(
                "unexpected",
                format!(
                    "`{}` does not belong to the edit",
                    super::shorten(next.as_str())
                ),
                self.first_line(at),
                "not understood here",
            )
            .with_label(before, "the edit before it")
            .with_help("write each edit on a line of its own, in `fix { … }`"),
        );
    }
}
