//! Statements but checks: `let`, `for`, `when`.

use pest::iterators::Pair;

use super::Builder;
use super::common::rules;
use crate::diagnostic::{Diagnostic, Edit};
use crate::span::Span;
use crate::syntax::MAX_NESTING;
use crate::syntax::ast::{Block, Expr, ExprKind, Generator, Name, Stmt, StmtKind};
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    pub(super) fn stmt(&mut self, pair: Pair<'s, Rule>) -> Option<Stmt> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::check => self.check(pair),
            Rule::let_stmt => self.let_stmt(pair),
            Rule::for_stmt => self.for_stmt(pair),
            Rule::when_stmt => return Some(self.when_stmt(pair)),
            Rule::fix_stmt => {
                self.stray_fix(pair);
                StmtKind::Error
            }
            Rule::semicolon => {
                self.report(
                    Diagnostic::error(
                        "semicolon",
                        "a statement needs no `;` at its end",
                        span,
                        "not needed",
                    )
                    .with_help("remove it")
                    .with_edit(span, ""),
                );
                return None;
            }
            _ => {
                self.unknown_stmt(&pair, span);
                StmtKind::Error
            }
        };
        Some(Stmt { kind, span })
    }

    fn let_stmt(&mut self, pair: Pair<'s, Rule>) -> StmtKind {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "let");
        let n_before = self.diagnostics.len();
        let mut name = None;
        let mut assign = None;
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::let_name => name = Some(self.bound_name(&part)),
                Rule::assign => assign = Some((part.as_str(), self.span(&part))),
                Rule::expr => value = Some(part),
                _ => {}
            }
        }
        let at = name.as_ref().map_or(keyword, |name| name.span);
        match (&name, assign) {
            _ if self.diagnostics.len() > n_before => {}
            (None, _) => self.report(
                Diagnostic::error(
                    "missing-name",
                    "expected a name after `let`",
                    keyword,
                    "no name follows",
                )
                .with_help("write `let name = value`"),
            ),
            (Some(name), None) => {
                let mut diagnostic = Diagnostic::error(
                    "missing-value",
                    format!("expected `=` and a value after `{}`", name.text),
                    at,
                    "`=` is missing after this",
                )
                .with_help("write `let name = value`");
                if let Some(value) = &value
                    && value
                        .as_str()
                        .starts_with(|first: char| first.is_ascii_alphanumeric() || first == '"')
                {
                    diagnostic = diagnostic.with_edit(at.after(), " =");
                }
                self.report(diagnostic);
            }
            (Some(_), Some((":=", assign))) => self.report(
                Diagnostic::error(
                    "wrong-assign",
                    "a value is given with `=`",
                    assign,
                    "not an operator",
                )
                .with_help("write `=`")
                .with_edit(assign, "="),
            ),
            (Some(_), Some((":", assign))) => self.report(
                Diagnostic::error(
                    "wrong-assign",
                    "a `let` takes its type from its value",
                    assign,
                    "a type is not written here",
                )
                .with_help("write `let name = value`"),
            ),
            (Some(_), Some((_, assign))) if value.is_none() => self.report(
                Diagnostic::error(
                    "missing-value",
                    "expected a value after `=`",
                    assign,
                    "nothing follows",
                )
                .with_help("write `let name = value`"),
            ),
            (Some(_), Some(_)) => {}
        }
        let is_broken = self.diagnostics.len() > n_before && assign.is_none_or(|(op, _)| op == ":");
        let hole = self.hole(assign.map_or(at, |(_, assign)| assign));
        let value = match value {
            Some(value) if is_broken => self.silently(|builder| builder.expression(value)),
            Some(value) => self.expression(value),
            None => hole,
        };
        StmtKind::Let {
            name: name.unwrap_or_else(|| Name {
                text: String::new(),
                span: keyword.after(),
            }),
            value,
        }
    }

    fn for_stmt(&mut self, pair: Pair<'s, Rule>) -> StmtKind {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "for");
        let n_before = self.diagnostics.len();
        let mut head = keyword;
        let mut generator = None;
        let mut guard = None;
        let mut block = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::generator => generator = Some(self.generator(part)),
                Rule::where_clause => guard = Some(self.guard(part)),
                Rule::bad_head => self.bad_head(part_span, n_before),
                Rule::block => {
                    block = Some(part);
                    continue;
                }
                _ => {}
            }
            head = part_span;
        }
        let is_headless = generator.is_none() || self.diagnostics.len() > n_before;
        let generator = generator.unwrap_or_else(|| {
            self.report(
                Diagnostic::error(
                    "missing-generator",
                    "expected a name and a list after `for`",
                    keyword,
                    "nothing follows",
                )
                .with_help("write `for x in list { … }`"),
            );
            self.empty_generator(keyword)
        });
        let body = self.block_after(block, head, "this `for`", is_headless);
        StmtKind::For {
            generator,
            guard,
            body,
        }
    }

    /// Reports what stands between a head and its block, unless the head is reported already.
    pub(super) fn bad_head(&mut self, span: Span, n_before: usize) {
        let text = self.slice(span);
        if self.diagnostics.len() > n_before {
            // `for x of xs`: the word stands where `in` was expected.
            if let Some(last) = self.diagnostics.last_mut()
                && last.code == "missing-list"
                && let Some(word) = ["of", "from", "="].iter().find(|word| {
                    text.strip_prefix(**word)
                        .is_some_and(|rest| rest.starts_with(' '))
                })
            {
                let len = u32::try_from(word.len()).unwrap_or_default();
                let at = Span {
                    end: span.start + len,
                    ..span
                };
                last.edits.push(Edit {
                    span: at,
                    text: "in".to_owned(),
                });
            }
            return;
        }
        let mut diagnostic = Diagnostic::error(
            "bad-head",
            "expected `{` before the block",
            span,
            "not understood here",
        );
        if text == ":" || text == "do" || text == "then" {
            diagnostic = diagnostic.with_help("remove it").with_edit(span, "");
        }
        self.report(diagnostic);
    }

    pub(super) fn empty_generator(&self, after: Span) -> Generator {
        Generator {
            names: Vec::new(),
            source: self.hole(after),
            span: after.after(),
        }
    }

    /// `x in xs`, `k, v in m`
    pub(super) fn generator(&mut self, pair: Pair<'s, Rule>) -> Generator {
        let n_before = self.diagnostics.len();
        let (generator, order) = self.ordered_generator(pair);
        if let Some(order) = order
            && self.diagnostics.len() == n_before
        {
            self.report(
                Diagnostic::error(
                    "misplaced-order",
                    "nothing is sorted here",
                    order.span,
                    "an order",
                )
                .with_help("sort in `[x for x in list by key]`, `first` or `last`"),
            );
        }
        generator
    }

    /// `x in xs`, and the order of `x in xs by k`.
    pub(super) fn ordered_generator(&mut self, pair: Pair<'s, Rule>) -> (Generator, Option<Expr>) {
        let mut span = self.span(&pair);
        let mut names: Vec<Name> = Vec::new();
        let mut in_word = None;
        let mut source = None;
        let mut order = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::gen_name => names.push(self.bound_name(&part)),
                Rule::kw_in => in_word = Some(self.span(&part)),
                Rule::source | Rule::pick_source => {
                    let ordered = self.ordered(part);
                    source = Some(ordered.expr);
                    if ordered.order.is_some() {
                        span.end = ordered.outer.end;
                    }
                    order = ordered.order;
                }
                _ => {}
            }
        }
        let last = names.last().map_or(span, |name| name.span);
        let source = source.unwrap_or_else(|| {
            let (message, at) = match in_word {
                Some(at) => ("expected a list or map after `in`".to_owned(), at),
                None => (format!("expected `in` after `{}`", self.slice(last)), last),
            };
            self.report(
                Diagnostic::error("missing-list", message, at, "nothing follows")
                    .with_help("write `x in list`"),
            );
            self.hole(at)
        });
        let generator = Generator {
            names,
            source,
            span,
        };
        (generator, order)
    }

    /// The condition of `where CONDITION`.
    pub(super) fn guard(&mut self, pair: Pair<'s, Rule>) -> Expr {
        let keyword = self.word_at(self.span(&pair), "where");
        match rules(pair, &[Rule::head, Rule::arm_head]).next() {
            Some(condition) => self.expression(condition),
            None => self.missing_condition(keyword, "where"),
        }
    }

    /// The condition of `where CONDITION`, and the order of `where CONDITION by k`.
    pub(super) fn ordered_guard(&mut self, pair: Pair<'s, Rule>) -> (Expr, Option<Expr>) {
        let keyword = self.word_at(self.span(&pair), "where");
        match rules(pair, &[Rule::head, Rule::pick_head]).next() {
            Some(condition) => {
                let ordered = self.ordered(condition);
                (ordered.expr, ordered.order)
            }
            None => (self.missing_condition(keyword, "where"), None),
        }
    }

    /// The condition of `when CONDITION` behind a fix.
    pub(super) fn when_condition(&mut self, pair: Pair<'s, Rule>) -> Expr {
        let keyword = self.word_at(self.span(&pair), "when");
        match rules(pair, &[Rule::head]).next() {
            Some(condition) => self.expression(condition),
            None => self.missing_condition(keyword, "when"),
        }
    }

    pub(super) fn missing_condition(&mut self, keyword: Span, word: &str) -> Expr {
        self.report(
            Diagnostic::error(
                "missing-condition",
                format!("expected a condition after `{word}`"),
                keyword,
                "nothing follows",
            )
            .with_help(format!("write what to ask, such as `{word} x is set`")),
        );
        self.hole(keyword)
    }

    /// The empty expression just after `after`.
    pub(super) fn hole(&self, after: Span) -> Expr {
        Expr {
            kind: ExprKind::Hole,
            span: after.after(),
        }
    }

    fn when_stmt(&mut self, pair: Pair<'s, Rule>) -> Stmt {
        let span = self.span(&pair);
        let mut branches = Vec::new();
        let mut otherwise = None;
        let mut parts = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::else_when => branches.push((self.span(&part), part.into_inner().collect())),
                Rule::else_part => otherwise = Some(part),
                _ => parts.push(part),
            }
        }
        branches.insert(0, (span, parts));
        if let Some((at, _)) = branches.get(MAX_NESTING) {
            let at = self.word_at(*at, "else");
            self.report(
                Diagnostic::error(
                    "nesting-too-deep",
                    format!("more than {MAX_NESTING} branches in one `when`"),
                    at,
                    "one branch too many",
                )
                .with_help("use several `when`"),
            );
            branches.truncate(MAX_NESTING);
        }
        let mut built = Vec::new();
        for (at, parts) in branches {
            built.push((at, self.branch(at, parts)));
        }
        let mut rest = otherwise.map(|part| {
            let keyword = self.word_at(self.span(&part), "else");
            let block = rules(part, &[Rule::block]).next();
            self.block(block, keyword, "this `else`")
        });
        // From the last branch to the first, each is the `else` of the one before it.
        let mut result = None;
        while let Some((at, (at_when, condition, then))) = built.pop() {
            let stmt = Stmt {
                kind: StmtKind::When {
                    condition,
                    then,
                    otherwise: rest.take(),
                },
                span: at_when.to(span),
            };
            if built.is_empty() {
                result = Some(stmt);
            } else {
                rest = Some(Block {
                    stmts: vec![stmt],
                    span: Span {
                        end: span.end,
                        ..at
                    },
                });
            }
        }
        let mut stmt = result.unwrap_or(Stmt {
            kind: StmtKind::Error,
            span,
        });
        stmt.span = span;
        stmt
    }

    fn branch(&mut self, at: Span, parts: Vec<Pair<'s, Rule>>) -> (Span, Expr, Block) {
        let n_before = self.diagnostics.len();
        let mut word = at;
        let mut head = at;
        let mut condition = None;
        let mut block = None;
        for part in parts {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::when_word => {
                    word = part_span;
                    if part.as_str() == "if" {
                        self.report(
                            Diagnostic::error(
                                "if-statement",
                                "a conditional block begins with `when`",
                                word,
                                "not a statement",
                            )
                            .with_help("write `when`")
                            .with_edit(word, "when"),
                        );
                    }
                }
                Rule::head => condition = Some(self.expression(part)),
                Rule::bad_head => self.bad_head(part_span, n_before),
                Rule::block => {
                    block = Some(part);
                    continue;
                }
                _ => {}
            }
            head = part_span;
        }
        let is_headless = condition.is_none();
        let condition = condition.unwrap_or_else(|| self.missing_condition(word, "when"));
        let then = self.block_after(block, head, "this `when`", is_headless);
        (word, condition, then)
    }
}
