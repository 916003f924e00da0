//! Views: where the same thing is in many kinds.

use pest::iterators::Pair;

use super::Builder;
use super::declaration::Naming;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Item, ItemKind, Target, View, ViewArm};
use crate::syntax::grammar::Rule;

impl<'s> Builder<'s> {
    /// `view NAME: TYPE { … }`, `extend view NAME { … }`
    pub(super) fn view(&mut self, pair: Pair<'s, Rule>) -> Item {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let mut keyword = span;
        let mut end = span;
        let mut extend = false;
        let mut name = None;
        let mut ty = None;
        let mut block = None;
        for part in pair.into_inner() {
            end = self.span(&part);
            match part.as_rule() {
                Rule::kw_extend => extend = true,
                Rule::kw_view => keyword = end,
                Rule::decl_name => name = Some(self.declared_name(&part, Naming::Value)),
                Rule::type_part => ty = Some((self.type_part(part), end)),
                Rule::view_block => block = Some(part),
                _ => {}
            }
        }
        let help = "write `view name: TYPE { KIND => field }`";
        let name = self.required_name(name, keyword, "view", help, n_before);
        if self.diagnostics.len() == n_before {
            match &ty {
                Some((_, at)) if extend => self.report(
                    Diagnostic::error(
                        "bad-header",
                        format!("view `{}` has its type where it is declared", name.text),
                        *at,
                        "not repeated here",
                    )
                    .with_help("remove the type")
                    .with_edit(*at, ""),
                ),
                None if !extend => self.report(
                    Diagnostic::error(
                        "missing-type",
                        format!("expected `:` and a type after `{}`", name.text),
                        name.span,
                        "no type follows",
                    )
                    .with_help(help),
                ),
                _ => {}
            }
        }
        let arms = match block {
            Some(block) => self.arms(block, &name.text),
            None => {
                if self.diagnostics.len() == n_before {
                    self.report(
                        Diagnostic::error(
                            "missing-block",
                            format!("view `{}` has no block", name.text),
                            end,
                            "`{` is missing after this",
                        )
                        .with_help("write where it is in `{ KIND => field }`")
                        .with_edit(end.after(), " {}"),
                    );
                }
                Vec::new()
            }
        };
        let view = View {
            extend,
            name,
            ty: ty.map(|(ty, _)| ty),
            arms,
        };
        self.item(span, ItemKind::View(view))
    }

    fn arms(&mut self, pair: Pair<'s, Rule>, view: &str) -> Vec<ViewArm> {
        let open = self.char_at(self.span(&pair).start);
        let n_at_start = self.diagnostics.len();
        let mut arms = Vec::new();
        // Text that goes on after a broken arm belongs to the same mistake.
        let mut broken: Option<Span> = None;
        for part in pair.into_inner() {
            let span = self.span(&part);
            let n_before = self.diagnostics.len();
            match part.as_rule() {
                Rule::arm => {
                    let arm = self.arm(part);
                    arms.push(arm);
                    broken = (self.diagnostics.len() > n_before).then_some(span);
                }
                Rule::bad_arm if !self.is_on_line(broken, span) => {
                    let line = self.first_line(span);
                    self.report(
                        Diagnostic::error(
                            "unexpected",
                            "expected `KIND => field`",
                            line,
                            "not understood here",
                        )
                        .with_help("write `KIND, KIND => field`, one on a line"),
                    );
                    broken = Some(span);
                }
                Rule::close if part.as_str().is_empty() && self.diagnostics.len() == n_at_start => {
                    self.open_block(open, &format!("view `{view}`"));
                }
                _ => {}
            }
        }
        arms
    }

    /// `KIND, … [where GUARD] => EXPRESSION`
    fn arm(&mut self, pair: Pair<'s, Rule>) -> ViewArm {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let mut targets: Vec<Target> = Vec::new();
        let mut head = span;
        let mut guard = None;
        let mut arrow = None;
        let mut value = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::arm_kinds => targets = self.arm_kinds(part),
                Rule::arm_where => guard = Some(self.guard(part)),
                _ => {
                    for part in part.into_inner() {
                        match part.as_rule() {
                            Rule::arrow => {
                                arrow = Some(self.span(&part));
                                self.arrow(self.span(&part));
                            }
                            _ => value = Some(part),
                        }
                    }
                    continue;
                }
            }
            head = part_span;
        }
        if arrow.is_none() && self.diagnostics.len() == n_before {
            self.report(
                Diagnostic::error(
                    "missing-arrow",
                    format!("expected `=>` after `{}`", self.slice(head)),
                    head,
                    "`=>` is missing after this",
                )
                .with_help("write `KIND => field`"),
            );
        }
        let is_reported = self.diagnostics.len() > n_before;
        let value = match value {
            Some(value) if arrow.is_none() => self.silently(|builder| builder.expression(value)),
            Some(value) => self.expression(value),
            None => {
                let at = arrow.unwrap_or(head);
                if !is_reported {
                    self.report(
                        Diagnostic::error(
                            "missing-value",
                            format!("expected a value after `{}`", self.slice(at)),
                            at,
                            "nothing follows",
                        )
                        .with_help("write where the part is, such as `spec.template`"),
                    );
                }
                self.hole(at)
            }
        };
        ViewArm {
            targets,
            guard,
            value,
            span,
        }
    }

    /// `KIND, KIND`
    fn arm_kinds(&mut self, pair: Pair<'s, Rule>) -> Vec<Target> {
        let n_before = self.diagnostics.len();
        let mut targets: Vec<Target> = Vec::new();
        let mut has_comma = true;
        for part in pair.into_inner() {
            if part.as_rule() == Rule::comma {
                has_comma = true;
                continue;
            }
            let target = self.target(part);
            if !std::mem::take(&mut has_comma)
                && let Some(last) = targets.last()
                && self.diagnostics.len() == n_before
            {
                self.missing_comma("kinds", last.span, target.span);
            }
            targets.push(target);
        }
        targets
    }

    fn arrow(&mut self, span: Span) {
        if self.slice(span) != "=>" {
            self.report(
                Diagnostic::error(
                    "unknown-operator",
                    "a kind and its part are joined with `=>`",
                    span,
                    "not an operator",
                )
                .with_help("write `=>`")
                .with_edit(span, "=>"),
            );
        }
    }

    /// Whether a span begins on the line where another ends.
    pub(super) fn is_on_line(&self, before: Option<Span>, span: Span) -> bool {
        before.is_some_and(|before| {
            let between = Span::new(self.file, before.end, span.start);
            !self.slice(between).contains(['\n', '\r'])
        })
    }

    /// Reports a block of declarations that is not closed.
    pub(super) fn open_block(&mut self, open: Span, shown: &str) {
        self.report(
            Diagnostic::error(
                "missing-brace",
                format!("the block of {shown} is not closed"),
                open,
                "this block begins here",
            )
            .with_help("close the block with `}`"),
        );
    }
}
