//! Statements and blocks.

use super::context::{Ctx, Substitution};
use super::policy::{SEVERITIES, severity_named};
use super::words::{near, prose};
use crate::diagnostic::{Diagnostic, Edit};
use crate::program::{BaseType, Binding, Block, Check, CheckId, Expr, ExprKind, Stmt};
use crate::span::Span;
use crate::syntax::ast::{self, CheckKind, Name, StmtKind};

impl Ctx<'_> {
    /// A block: its names, and what its `require`s make sure of, end with it.
    pub(super) fn block(&mut self, block: &ast::Block) -> Block {
        self.depth += 1;
        let found = self.nested(|ctx| Block {
            stmts: block
                .stmts
                .iter()
                .flat_map(|stmt| ctx.stmts(stmt))
                .collect(),
        });
        self.depth -= 1;
        found
    }

    /// What a statement is: several where a `for` goes through what several arms of a view write out.
    fn stmts(&mut self, stmt: &ast::Stmt) -> Vec<Stmt> {
        match &stmt.kind {
            StmtKind::For {
                generator,
                guard,
                body,
            } => self.for_stmt(generator, guard.as_ref(), body),
            _ => self.stmt(stmt).into_iter().collect(),
        }
    }

    fn stmt(&mut self, stmt: &ast::Stmt) -> Option<Stmt> {
        match &stmt.kind {
            StmtKind::Let { name, value } => self.let_stmt(name, value, stmt.span),
            StmtKind::For { .. } => None,
            StmtKind::When {
                condition,
                then,
                otherwise,
            } => Some(self.when_stmt(condition, then, otherwise.as_ref())),
            StmtKind::Check(check) => Some(Stmt::Check(self.check(check, stmt.span))),
            StmtKind::Error => {
                self.broken = true;
                None
            }
        }
    }

    fn let_stmt(&mut self, name: &Name, value: &ast::Expr, span: Span) -> Option<Stmt> {
        if let Some(record) = self.record_substitution(value) {
            self.check_shadowing(name);
            self.scope.substitutions.push(Substitution {
                name: name.text.clone(),
                span: name.span,
                used: name.text.is_empty(),
                stands_for: record,
            });
            return None;
        }
        let (value, relied) = self.tracked(|ctx| ctx.value(value, None));
        let alias = self.path_of(&value);
        let sensitive = self.is_sensitive(&value);
        let ty = value.ty.clone();
        let id = self.bind(name, ty, Binding::Let(Box::new(value)));
        let removal = Edit {
            span: self.whole_lines(span),
            text: String::new(),
        };
        if let Some(info) = self.name_mut(id) {
            info.alias = alias;
            info.sensitive = sensitive;
            info.relied = relied;
            info.removal = Some(removal);
        }
        Some(Stmt::Let(id))
    }

    /// `span` with the rest of its lines, if nothing else is on them.
    fn whole_lines(&self, span: Span) -> Span {
        let (Some(before), Some(after)) = (
            self.text.get(..span.start as usize),
            self.text.get(span.end as usize..),
        ) else {
            return span;
        };
        let indent = before.len() - before.trim_end_matches([' ', '\t']).len();
        let trail = after.len() - after.trim_start_matches([' ', '\t', '\r']).len();
        let is_alone = before.trim_end_matches([' ', '\t']).ends_with('\n')
            && after
                .get(trail..)
                .is_some_and(|rest| rest.starts_with('\n'));
        if !is_alone {
            return span;
        }
        let width = |n: usize| u32::try_from(n).unwrap_or(0);
        Span {
            start: span.start - width(indent),
            end: span.end + width(trail + 1),
            ..span
        }
    }

    fn for_stmt(
        &mut self,
        generator: &ast::Generator,
        guard: Option<&ast::Expr>,
        body: &ast::Block,
    ) -> Vec<Stmt> {
        if let Some(choice) = self.open_choice(std::slice::from_ref(generator)) {
            let all = self.each_way(choice, |ctx| ctx.for_stmt(generator, guard, body));
            return all.into_iter().flatten().collect();
        }
        self.nested(|ctx| {
            let ((mut bound, guard), relied) = ctx.tracked(|ctx| {
                let bound = ctx.bound(std::slice::from_ref(generator), true);
                let guard = guard.map(|guard| ctx.condition(guard));
                (bound, guard)
            });
            if let Some(guard) = &guard {
                ctx.assume(guard, true);
            }
            let before = ctx.ambient.clone();
            ctx.ambient.extend(relied);
            let body = ctx.block(body);
            ctx.ambient = before;
            ctx.nested_fors(&mut bound, guard, body)
        })
    }

    fn when_stmt(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Block,
        otherwise: Option<&ast::Block>,
    ) -> Stmt {
        let (condition, relied) = self.tracked(|ctx| ctx.condition(condition));
        let before = self.ambient.clone();
        self.ambient.extend(relied);
        let then = self.branch(&condition, true, then);
        let otherwise = otherwise.map(|block| self.branch(&condition, false, block));
        self.ambient = before;
        Stmt::When {
            condition,
            then,
            otherwise: otherwise.unwrap_or_default(),
        }
    }

    fn branch(&mut self, condition: &Expr, value: bool, block: &ast::Block) -> Block {
        self.nested(|ctx| {
            ctx.assume(condition, value);
            ctx.block(block)
        })
    }

    fn check(&mut self, check: &ast::Check, span: Span) -> CheckId {
        let (condition, mut relied) = self.tracked(|ctx| ctx.condition(&check.condition));
        relied.extend(self.ambient.iter().copied());
        let finds_when = check.kind == CheckKind::Deny;
        // What a message or a place reads does not make the check depend on a `require`: both take absent values.
        let (message, _) = self.tracked(|ctx| {
            ctx.nested(|ctx| {
                ctx.assume(&condition, finds_when);
                check
                    .message
                    .as_ref()
                    .map(|message| ctx.message(message))
                    .unwrap_or_default()
            })
        });
        let (severity, _) = self.tracked(|ctx| {
            ctx.nested(|ctx| {
                ctx.assume(&condition, finds_when);
                let severity = check.severity.as_ref();
                severity.and_then(|severity| ctx.check_severity(severity))
            })
        });
        let (place, _) = self.tracked(|ctx| check.place.as_ref().and_then(|at| ctx.place(at)));
        let (fixes, _) = self.tracked(|ctx| {
            ctx.nested(|ctx| {
                ctx.assume(&condition, finds_when);
                check.fixes.iter().flat_map(|fix| ctx.fix(fix)).collect()
            })
        });
        let id = CheckId(u32::try_from(self.checks.len()).unwrap_or(u32::MAX));
        if finds_when {
            self.note_denied(&condition, span);
        } else {
            self.assume_required(&condition, id);
        }
        let guards = relied.into_iter().collect();
        self.checks.push(Check {
            finds_when,
            condition,
            message,
            severity,
            place,
            guards,
            fixes,
            span,
        });
        id
    }

    /// What follows `severity` under a check: a word, or an expression of such words.
    fn check_severity(&mut self, severity: &ast::Expr) -> Option<Expr> {
        let span = severity.span;
        let wrong_word = match &severity.kind {
            ast::ExprKind::Hole => return None,
            ast::ExprKind::Name(text) => {
                let is_known = severity_named(text).is_some() || self.value_names().contains(text);
                (!is_known).then(|| text.clone())
            }
            ast::ExprKind::String(parts) => match parts.as_slice() {
                [ast::StringPart::Text(text)] => Some(text.clone()),
                _ => None,
            },
            ast::ExprKind::Bool(_) | ast::ExprKind::Number(_) | ast::ExprKind::None => {
                Some(self.source(span).unwrap_or_default().to_owned())
            }
            _ => None,
        };
        if let Some(text) = wrong_word {
            self.report(unknown_severity(&text, span));
            return None;
        }
        let before = std::mem::replace(&mut self.scope.has_severities, true);
        let value = self.value(severity, None);
        self.scope.has_severities = before;
        let is_severity = match &value.ty.base {
            BaseType::Error => return None,
            BaseType::Enum(members) => members
                .iter()
                .all(|member| SEVERITIES.contains(&member.as_str())),
            BaseType::String => !matches!(value.kind, ExprKind::Const(_)),
            _ => false,
        };
        if !is_severity {
            let what = self.quote(span, "this");
            let message = format!("{what} is no severity");
            self.report(
                Diagnostic::error("unknown-severity", message, span, prose(&value.ty.base))
                    .with_help("write `critical`, `high`, `medium`, `low` or `info`"),
            );
            return None;
        }
        Some(Expr {
            ty: crate::program::Type {
                base: BaseType::String,
                ..value.ty
            },
            ..value
        })
    }

    /// The expression after `at`.
    fn place(&mut self, at: &ast::Expr) -> Option<Expr> {
        let value = self.value(at, None);
        if value.ty.base == BaseType::Error {
            return None;
        }
        let is_path =
            self.path_of(&value).is_some() || matches!(value.kind, ExprKind::Coalesce(..));
        if !is_path {
            let what = self.quote(value.span, "this");
            let message = format!("{what} has no place in the object");
            self.report(
                Diagnostic::error("no-place", message, value.span, prose(&value.ty.base))
                    .with_help("write the path of a field after `at`, such as `object.metadata`"),
            );
            return None;
        }
        Some(value)
    }
}

/// A word that is no severity.
pub(super) fn unknown_severity(word: &str, span: Span) -> Diagnostic {
    let message = format!("`{word}` is no severity");
    let diagnostic = Diagnostic::error("unknown-severity", message, span, "unknown severity");
    let words = ["critical", "high", "medium", "low", "info"];
    match near(word, words) {
        Some(near) => diagnostic
            .with_help(format!("write `{near}`"))
            .with_edit(span, near),
        None => diagnostic.with_help("write `critical`, `high`, `medium`, `low` or `info`"),
    }
}
