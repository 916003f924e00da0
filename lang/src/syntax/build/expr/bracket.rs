//! What stands in brackets.

use pest::iterators::Pair;

use super::{Built, Context, Tokens};
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{BinaryOp, Expr, ExprKind, Generator, Name};
use crate::syntax::build::Builder;
use crate::syntax::build::common::rules;
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    /// The expressions between brackets, and the height of the highest.
    pub(super) fn items(&mut self, pair: Pair<'s, Rule>, close: &str) -> (Vec<Expr>, usize) {
        let span = self.span(&pair);
        let open = self.char_at(span.start);
        let n_before = self.diagnostics.len();
        let mut items = Vec::new();
        let mut height = 0;
        let mut waiting = Some(open);
        let mut last = open;
        let mut before_last = open;
        let mut last_value = open;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::comma => {
                    if waiting.is_some() && self.diagnostics.len() == n_before {
                        self.report(
                            Diagnostic::error(
                                "missing-operand",
                                "expected a value before `,`",
                                part_span,
                                "nothing stands before this",
                            )
                            .with_help("remove the comma")
                            .with_edit(part_span, ""),
                        );
                    }
                    waiting = Some(part_span);
                }
                Rule::expr => {
                    before_last = last_value;
                    last_value = part_span;
                    let (built, _) = self.built(part, Context::Item);
                    height = height.max(built.height);
                    items.push(built.expr);
                    waiting = None;
                }
                Rule::group_where if self.diagnostics.len() == n_before => {
                    let at = self.word_at(part_span, "where");
                    self.report(
                        Diagnostic::error(
                            "misplaced-where",
                            "`where` needs names and a list before it",
                            at,
                            "not understood here",
                        )
                        .with_help("write `count(x in list where condition)`"),
                    );
                }
                Rule::group_close | Rule::bracket_close if part.as_str().is_empty() => {
                    // A string at the end of an open bracket in a condition is the message of the check.
                    let is_message = self.in_condition
                        && items.len() > 1
                        && matches!(
                            items.last(),
                            Some(Expr {
                                kind: ExprKind::String(_),
                                ..
                            })
                        );
                    let end = if is_message { before_last } else { last };
                    if self.diagnostics.len() == n_before {
                        self.report(
                            Diagnostic::error(
                                "missing-bracket",
                                format!("this `{}` is not closed", self.slice(open)),
                                open,
                                "opens here",
                            )
                            .with_help(format!("close it with `{close}`"))
                            .with_edit(end.after(), close),
                        );
                    }
                    continue;
                }
                _ => {}
            }
            last = part_span;
        }
        (items, height)
    }

    pub(super) fn group(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let Some(pair) = self.take(tokens) else {
            return self.built_hole(tokens.last);
        };
        let span = tokens.last;
        let n_before = self.diagnostics.len();
        let n_commas = rules(pair.clone(), &[Rule::comma]).count();
        let (mut items, height) = self.items(pair, ")");
        if self.diagnostics.len() == n_before {
            if items.is_empty() {
                self.report(Diagnostic::error(
                    "missing-operand",
                    "expected a value in `( )`",
                    span,
                    "nothing stands here",
                ));
            } else if n_commas > 0 {
                self.report(
                    Diagnostic::error(
                        "unexpected",
                        "expected one value in `( )`",
                        span,
                        "several values",
                    )
                    .with_help("write a list in `[ … ]`"),
                );
            }
        }
        let expr = if items.is_empty() {
            Expr {
                kind: ExprKind::Hole,
                span,
            }
        } else {
            items.swap_remove(0)
        };
        Built {
            expr,
            outer: span,
            height: height.max(1),
        }
    }

    /// `[a, b]`, `[e for x in xs where g by k]`
    pub(super) fn list(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let Some(pair) = self.take(tokens) else {
            return self.built_hole(tokens.last);
        };
        let span = tokens.last;
        let n_before = self.diagnostics.len();
        let generators = rules(pair.clone(), &[Rule::comprehension]).next();
        let (mut items, height) = self.items(pair, "]");
        let Some(generators) = generators else {
            return Built {
                expr: Expr {
                    kind: ExprKind::List(items),
                    span,
                },
                outer: span,
                height: height + 1,
            };
        };
        let keyword = self.word_at(self.span(&generators), "for");
        if self.diagnostics.len() == n_before {
            match items.get(1) {
                _ if items.is_empty() => self.report(
                    Diagnostic::error(
                        "missing-operand",
                        "expected a value before `for`",
                        keyword,
                        "nothing stands before this",
                    )
                    .with_help("write `[value for x in list]`"),
                ),
                Some(second) => {
                    let at = second.span;
                    self.report(
                        Diagnostic::error(
                            "unexpected",
                            "expected one value before `for`",
                            at,
                            "a second value",
                        )
                        .with_help("write `[value for x in list]`"),
                    );
                }
                None => {}
            }
        }
        let element = if items.is_empty() {
            let open = self.char_at(span.start);
            self.hole(open)
        } else {
            items.swap_remove(0)
        };
        let kind = self.comprehension(generators, element);
        Built {
            expr: Expr { kind, span },
            outer: span,
            height: height.max(2) + 2,
        }
    }

    /// `for x in xs, y in ys where g by k`, behind `element`.
    fn comprehension(&mut self, pair: Pair<'s, Rule>, element: Expr) -> ExprKind {
        let n_before = self.diagnostics.len();
        let mut generators = Vec::new();
        let mut guard = None;
        let mut order: Option<Expr> = None;
        for part in pair.into_inner() {
            let by = match part.as_rule() {
                Rule::generator => {
                    let (generator, by) = self.ordered_generator(part);
                    generators.push(generator);
                    by
                }
                Rule::where_clause => {
                    let (condition, by) = self.ordered_guard(part);
                    guard = Some(Box::new(condition));
                    by
                }
                Rule::late => {
                    self.late_generators(part, guard.as_deref(), &mut generators);
                    continue;
                }
                _ => continue,
            };
            if let Some(first) = &order
                && self.diagnostics.len() == n_before
            {
                self.second_order(first.span);
            }
            order = by.or(order);
        }
        ExprKind::Comprehension {
            element: Box::new(element),
            generators,
            guard,
            order: order.map(Box::new),
        }
    }

    /// Generators behind a `where`, which belongs behind all of them.
    pub(super) fn late_generators(
        &mut self,
        pair: Pair<'s, Rule>,
        guard: Option<&Expr>,
        generators: &mut Vec<Generator>,
    ) {
        let mut late: Option<Span> = None;
        for part in rules(pair, &[Rule::generator]) {
            let generator = self.generator(part);
            late = Some(late.map_or(generator.span, |first| first.to(generator.span)));
            generators.push(generator);
        }
        let Some(late) = late else { return };
        let mut misplaced = Diagnostic::error(
            "misplaced-where",
            "`where` comes after the last list",
            late,
            "a list after the condition",
        );
        if let Some(guard) = guard {
            misplaced = misplaced.with_label(guard.span, "this belongs after it");
        }
        self.report(misplaced.with_help("write `x in list, y in other where condition`"));
    }

    /// `count(x in xs, y in ys where g)`, whose `count` is taken.
    pub(super) fn count(&mut self, tokens: &mut Tokens<'s>, start: Span) -> Built {
        let Some(pair) = self.take(tokens) else {
            return self.built_hole(start);
        };
        let span = start.to(tokens.last);
        let n_before = self.diagnostics.len();
        let guard = rules(pair.clone(), &[Rule::group_where])
            .next()
            .and_then(|part| rules(part, &[Rule::where_clause]).next())
            .map(|clause| Box::new(self.guard(clause)));
        let n_guarded = self.diagnostics.len();
        let (items, height) = self.items(pair, ")");
        // That a `where` stands in an argument is right here.
        if let Some(at) = self
            .diagnostics
            .iter()
            .skip(n_guarded)
            .position(|found| found.code == "misplaced-where")
        {
            self.diagnostics.remove(n_guarded + at);
        }
        let generators = generators_of(items);
        let generators = match generators {
            Some(generators) => generators,
            None => {
                if self.diagnostics.len() == n_before {
                    self.report(
                        Diagnostic::error(
                            "missing-generator",
                            "expected a name and a list in `count( )`",
                            span,
                            "not `x in list`",
                        )
                        .with_help("write `count(x in list where condition)`, or `list.len()`"),
                    );
                }
                vec![self.empty_generator(start)]
            }
        };
        Built {
            height: height.max(2) + 2,
            outer: span,
            expr: Expr {
                kind: ExprKind::Count { generators, guard },
                span,
            },
        }
    }

    /// `{ key: value, "quoted": value }`
    pub(super) fn record(&mut self, tokens: &mut Tokens<'s>) -> Built {
        let Some(pair) = self.take(tokens) else {
            return self.built_hole(tokens.last);
        };
        let span = tokens.last;
        let open = self.char_at(span.start);
        let n_before = self.diagnostics.len();
        let mut entries: Vec<(Name, Expr)> = Vec::new();
        let mut height = 1;
        let mut last: Option<Span> = None;
        let mut has_comma = true;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            let is_silent = self.diagnostics.len() > n_before;
            match part.as_rule() {
                Rule::comma => {
                    if has_comma && !is_silent {
                        self.report(
                            Diagnostic::error(
                                "missing-operand",
                                "expected a key and a value before `,`",
                                part_span,
                                "nothing stands before this",
                            )
                            .with_help("remove the comma")
                            .with_edit(part_span, ""),
                        );
                    }
                    has_comma = true;
                }
                Rule::entry => {
                    if !std::mem::take(&mut has_comma)
                        && !is_silent
                        && let Some(last) = last
                    {
                        self.missing_comma("entries", last, part_span);
                    }
                    last = Some(part_span);
                    let n_reported = self.diagnostics.len();
                    let (key, built) = self.entry(part);
                    if is_silent {
                        self.diagnostics.truncate(n_reported);
                    }
                    height = height.max(built.height);
                    entries.push((key, built.expr));
                }
                Rule::bad_field if !is_silent => self.bad_field(part_span),
                Rule::braces_close if part.as_str().is_empty() && !is_silent => {
                    self.not_closed(open, "}");
                }
                _ => {}
            }
        }
        Built {
            height: height + 1,
            outer: span,
            expr: Expr {
                kind: ExprKind::Record(entries),
                span,
            },
        }
    }

    /// `key: value`
    fn entry(&mut self, pair: Pair<'s, Rule>) -> (Name, Built) {
        let span = self.span(&pair);
        let mut key = Name {
            text: String::new(),
            span,
        };
        let mut sign = span;
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::entry_key => key = self.key(part),
                Rule::entry_sign => {
                    sign = self.span(&part);
                    if part.as_str() != ":" {
                        self.report(
                            Diagnostic::error(
                                "wrong-assign",
                                "a key and its value are separated by `:`",
                                sign,
                                "not an operator",
                            )
                            .with_help("write `:`")
                            .with_edit(sign, ":"),
                        );
                    }
                }
                _ => value = Some(self.record_value(part)),
            }
        }
        let value = value.unwrap_or_else(|| {
            self.report(
                Diagnostic::error(
                    "missing-value",
                    format!("expected a value after `{}`", self.slice(sign)),
                    sign,
                    "nothing follows",
                )
                .with_help("write `key: value`"),
            );
            self.built_hole(sign)
        });
        (key, value)
    }

    /// The value of an entry. A word and a colon behind it belong to an entry whose comma is missing.
    fn record_value(&mut self, pair: Pair<'s, Rule>) -> Built {
        self.built(pair, Context::Item).0
    }
}

/// The generators that were read as arguments: `x in xs`, or `k` and `v in m`.
fn generators_of(items: Vec<Expr>) -> Option<Vec<Generator>> {
    let mut generators = Vec::new();
    let mut names: Vec<Name> = Vec::new();
    for item in items {
        let span = item.span;
        match item.kind {
            ExprKind::Name(text) if names.is_empty() => names.push(Name { text, span }),
            ExprKind::Binary {
                op: BinaryOp::In,
                left,
                right,
                ..
            } => {
                let ExprKind::Name(text) = left.kind else {
                    return None;
                };
                names.push(Name {
                    text,
                    span: left.span,
                });
                let start = names.first().map_or(span, |name| name.span);
                generators.push(Generator {
                    names: std::mem::take(&mut names),
                    source: *right,
                    span: start.to(span),
                });
            }
            _ => return None,
        }
    }
    (names.is_empty() && !generators.is_empty()).then_some(generators)
}
