//! Operands by themselves.

use super::{Built, Tokens, shorten};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Expr, ExprKind, Name, StringPart};
use crate::syntax::build::Builder;
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    /// An operand by itself.
    pub(super) fn primary(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let Some((rule, text)) = tokens.peek() else {
            return self.built_hole(tokens.last);
        };
        match rule {
            Rule::name if is_operator_word(text) => self.no_operand(tokens, text),
            Rule::symbol | Rule::field | Rule::cast => self.no_operand(tokens, text),
            Rule::name => self.word(tokens, text),
            Rule::group => self.group(tokens),
            Rule::bracket => self.list(tokens),
            Rule::record => self.record(tokens),
            Rule::objects => self.objects(tokens),
            _ => {
                let Some(pair) = self.take(tokens) else {
                    return self.built_hole(tokens.last);
                };
                let span = tokens.last;
                let expr = if rule == Rule::number {
                    Expr {
                        kind: ExprKind::Number(text.to_owned()),
                        span,
                    }
                } else if matches!(
                    rule,
                    Rule::string | Rule::raw | Rule::version | Rule::quoted
                ) {
                    self.string_expr(pair)
                } else {
                    self.report(
                        Diagnostic::error(
                            "unexpected",
                            format!("`{}` has no meaning here", shorten(text)),
                            span,
                            "not understood",
                        )
                        .with_help("remove it, or put it into a string"),
                    );
                    tokens.skip_all();
                    Expr {
                        kind: ExprKind::Hole,
                        span,
                    }
                };
                // The values inside of a string count as its children.
                let height = string_height(&expr);
                Built {
                    expr,
                    outer: span,
                    height,
                }
            }
        }
    }

    /// Reports that a value is missing before an operator, unless what came before that is to blame.
    fn no_operand(&mut self, tokens: &mut Tokens<'s>, text: &'s str) -> Built {
        let at = tokens
            .list
            .peek()
            .map_or(tokens.last, |pair| self.span(pair));
        if let Some(built) = self.pattern_in_slashes(tokens, at) {
            return built;
        }
        let shown = if text.starts_with('.') || text.starts_with("?.") {
            "."
        } else {
            text.split_whitespace().next().unwrap_or_default()
        };
        self.report(
            Diagnostic::error(
                "missing-operand",
                format!("expected a value before `{shown}`"),
                self.word_at(at, shown),
                "nothing stands before this",
            )
            .with_help(if shown == "." {
                "begin with a name, such as `object` or a `let`"
            } else {
                "write what the operator works on"
            }),
        );
        let before = Span {
            start: tokens.last.end,
            ..tokens.last
        };
        self.built_hole(before)
    }

    /// A regular expression as other languages write it, which is a string here.
    fn pattern_in_slashes(&mut self, tokens: &mut Tokens<'s>, at: Span) -> Option<Built> {
        let line = self.text.get(at.start as usize..)?.lines().next()?;
        let (pattern, _) = line.strip_prefix('/')?.split_once('/')?;
        let span = self.word_at(at, line.get(..pattern.len() + 2)?);
        let diagnostic = Diagnostic::error(
            "unexpected",
            "a regular expression stands in quotes",
            span,
            "not understood",
        );
        // What a string reads otherwise needs more thought than an edit.
        let diagnostic = if pattern.is_empty() || pattern.contains(['"', '\\', '{']) {
            diagnostic.with_help("write it as a string")
        } else {
            let quoted = format!("\"{pattern}\"");
            (diagnostic.with_help(format!("write `{quoted}`"))).with_edit(span, quoted)
        };
        self.report(diagnostic);
        tokens.skip_all();
        Some(self.built_hole(span))
    }

    /// `objects(KIND or view)`
    fn objects(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let target = self
            .take(tokens)
            .and_then(|pair| pair.into_inner().next())
            .map(|target| self.target(target));
        let span = tokens.last;
        let kind = target.map_or(ExprKind::Hole, ExprKind::Objects);
        Built {
            expr: Expr { kind, span },
            outer: span,
            height: 1,
        }
    }

    fn word(&mut self, tokens: &mut Tokens<'s>, text: &'s str) -> Built {
        self.take(tokens);
        let span = tokens.last;
        if matches!(tokens.peek(), Some((Rule::group, _))) {
            let name = Name {
                text: text.to_owned(),
                span,
            };
            return self.call(tokens, name);
        }
        let kind = match text {
            "true" => ExprKind::Bool(true),
            "false" => ExprKind::Bool(false),
            "none" => ExprKind::None,
            "null" | "nil" | "undefined" | "None" | "True" | "False" => {
                let (right, kind) = match text {
                    "True" => ("true", ExprKind::Bool(true)),
                    "False" => ("false", ExprKind::Bool(false)),
                    _ => ("none", ExprKind::None),
                };
                let message = if right == "none" {
                    format!("the absent value is `none`, not `{text}`")
                } else {
                    format!("`{right}` is written in lower case")
                };
                self.report(
                    Diagnostic::error("unknown-literal", message, span, "not a value")
                        .with_help(format!("write `{right}`"))
                        .with_edit(span, right),
                );
                kind
            }
            _ => ExprKind::Name(text.to_owned()),
        };
        Built {
            expr: Expr { kind, span },
            outer: span,
            height: 1,
        }
    }
}

fn string_height(expr: &Expr) -> usize {
    match &expr.kind {
        ExprKind::String(parts)
            if parts
                .iter()
                .any(|part| matches!(part, StringPart::Value(_))) =>
        {
            2
        }
        _ => 1,
    }
}

fn is_operator_word(text: &str) -> bool {
    matches!(
        text,
        "or" | "and" | "in" | "is" | "matches" | "like" | "div" | "not" | "then"
    )
}
