//! Functions that a pack declares. A call is the function's body with the arguments for its parameters.
//!
//! Arguments that are a plain name, a constant or a parameter are put in directly; others become a `let` of their own, so
//! that they are evaluated once. What a body says wrong about its arguments is said at the call.

use super::context::{Ctx, Scope, Subst, Substitution, Written, error_expr};
use super::env::Declared;
use super::kinds::Absence;
use super::prelude;
use crate::diagnostic::{Diagnostic, Level};
use crate::program::{BaseType, Binding, Expr, ExprKind, LocalId, Type};
use crate::span::Span;
use crate::syntax::ast::{self, Name};

/// Calls in one policy, those within functions included.
const MAX_CALLS: usize = 10_000;

/// What is known of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checking {
    /// Its body is being looked at.
    Open,
    /// Its body is wrong, whatever the arguments.
    Failed,
    /// Its body is right, as far as that can be said without arguments.
    Sound,
}

/// What the result of a call is used as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    Value,
    Condition,
}

impl<'s> Ctx<'s> {
    /// `name(arguments)` of a declared function.
    pub(super) fn declared_call(
        &mut self,
        function: &'s Declared<'s, ast::Fn>,
        name: &Name,
        arguments: &[ast::Expr],
        span: Span,
        wanted: Wanted,
    ) -> Expr {
        function.used.set(true);
        if self.check_function(function, name) == Checking::Failed {
            for argument in arguments {
                self.value(argument, None);
            }
            return error_expr(span);
        }
        let Some((lets, substitutions)) = self.arguments(function.item, name, arguments) else {
            return error_expr(span);
        };
        self.n_calls += 1;
        if self.n_calls > MAX_CALLS {
            if self.n_calls == MAX_CALLS + 1 {
                self.report(
                    Diagnostic::error(
                        "too-large",
                        "this policy calls too many functions",
                        span,
                        "ten thousand calls before this",
                    )
                    .with_help("bind results with `let` instead of calling again"),
                );
            }
            return error_expr(span);
        }
        let scope = Scope {
            substitutions,
            is_apart: true,
            ..Scope::default()
        };
        let before = std::mem::replace(&mut self.scope, scope);
        let n_before = self.diagnostics.len();
        let expected = function
            .item
            .result
            .as_ref()
            .map(|ty| self.written_type(ty));
        let body = &function.item.body;
        let env = self.env;
        let result = env.deeper(name.span, || match (wanted, &expected) {
            (Wanted::Condition, _) => self.condition(body),
            (Wanted::Value, Some(ty)) => self.typed(body, &ty.base),
            (Wanted::Value, None) => self.value(body, None),
        });
        let mut result = result.unwrap_or_else(|| error_expr(span));
        self.scope = before;
        if self.blame_call(n_before, function, span) {
            return error_expr(span);
        }
        result.span = span;
        if lets.is_empty() || result.ty.base == BaseType::Error {
            return result;
        }
        match wanted {
            Wanted::Condition => wrap(lets, result, span),
            Wanted::Value => with_lets(&lets, result, span),
        }
    }

    /// `name(arguments)` of a declared function whose body is a record written out. `None` of any other, and of a call
    /// that is wrong, which says so as a value.
    pub(super) fn declared_record(
        &mut self,
        function: &'s Declared<'s, ast::Fn>,
        name: &Name,
        arguments: &[ast::Expr],
        span: Span,
    ) -> Option<Subst> {
        if !self.gives_record(&function.item.body) {
            return None;
        }
        let body = &function.item.body;
        let members = match &body.kind {
            ast::ExprKind::Record(members) => Some(members),
            _ => None,
        };
        if self.check_function(function, name) == Checking::Failed {
            return None;
        }
        let n_before = self.diagnostics.len();
        let Some((lets, substitutions)) = self.arguments(function.item, name, arguments) else {
            self.diagnostics.truncate(n_before);
            return None;
        };
        self.n_calls += 1;
        if self.n_calls > MAX_CALLS {
            return None;
        }
        let scope = Scope {
            substitutions,
            is_apart: true,
            ..Scope::default()
        };
        let before = std::mem::replace(&mut self.scope, scope);
        let env = self.env;
        let found = env.deeper(name.span, || match members {
            Some(members) => {
                let result = function.item.result.as_ref();
                Some(Subst::Record(Written {
                    members: self.record_members(members, result, body.span),
                    whole: None,
                }))
            }
            None => self.record_substitution(body),
        });
        self.scope = before;
        let mut found = found.flatten()?;
        function.used.set(true);
        self.blame_call(n_before, function, span);
        if let Subst::Record(record) = &mut found
            && !lets.is_empty()
        {
            for (_, member) in &mut record.members {
                *member = with_lets(&lets, member.clone(), span);
            }
        }
        Some(found)
    }

    /// Whether a body is a record written out, or the call of a function that gives one.
    fn gives_record(&self, body: &ast::Expr) -> bool {
        let mut body = body;
        // A chain that is longer calls itself, which is said elsewhere.
        for _ in 0..=self.env.n_functions() {
            match &body.kind {
                ast::ExprKind::Record(_) => return true,
                ast::ExprKind::Call { name, .. } => match self.env.function(name) {
                    Some(function) => body = &function.item.body,
                    None => return name.text == "effective",
                },
                _ => return false,
            }
        }
        false
    }

    /// The members of a record that a function gives, each a value.
    fn record_members(
        &mut self,
        members: &[(Name, ast::Expr)],
        result: Option<&ast::TypeExpr>,
        span: Span,
    ) -> Vec<(String, Expr)> {
        let base = result.map(|ty| self.quiet_type(ty).base);
        if let Some(base) = &base {
            self.check_members(members, base, span);
        }
        let mut values = Vec::new();
        for (name, member) in members {
            let field = match &base {
                Some(BaseType::Record(records)) => self.env.field_of(records, &name.text),
                _ => None,
            };
            let value = match &field {
                Some(field) => {
                    let value = self.typed(member, &field.base);
                    let is_needed = field.absence == Absence::Required;
                    if value.ty.base != BaseType::Error && is_needed {
                        self.expect_present(&value, None);
                    }
                    value
                }
                None => self.value(member, None),
            };
            values.push((name.text.clone(), value));
        }
        values
    }

    /// Moves what was said about the body of a function to its call. True if that was an error.
    fn blame_call(
        &mut self,
        n_before: usize,
        function: &Declared<'_, ast::Fn>,
        call: Span,
    ) -> bool {
        let said = self.diagnostics.split_off(n_before);
        let mut errors = said.into_iter().filter(|found| found.level == Level::Error);
        let Some(mut error) = errors.next() else {
            return false;
        };
        let of_prelude = |span: Span| span.file == prelude::FILE;
        error
            .labels
            .retain(|label| !is_within(call, label.span) && !of_prelude(label.span));
        let name = &function.item.name.text;
        error.labels.insert(
            0,
            crate::diagnostic::Label {
                span: call,
                text: format!("in this call of `{name}`"),
            },
        );
        error.labels.truncate(3);
        error.edits.clear();
        self.report(error);
        true
    }

    /// The arguments, as what the parameters stand for, and the `let`s that they need.
    fn arguments(
        &mut self,
        function: &ast::Fn,
        name: &Name,
        arguments: &[ast::Expr],
    ) -> Option<(Vec<LocalId>, Vec<Substitution>)> {
        if arguments.len() != function.params.len() {
            for argument in arguments {
                self.value(argument, None);
            }
            self.wrong_count(
                name,
                arguments,
                function.params.len(),
                Some(function.name.span),
            );
            return None;
        }
        let mut lets = Vec::new();
        let mut substitutions = Vec::new();
        let mut failed = false;
        for (param, argument) in function.params.iter().zip(arguments) {
            let stands_for = match self.record_substitution(argument) {
                Some(record) if param.ty.is_none() => record,
                _ => match self.argument(param, argument) {
                    Some(value) => Subst::Value(self.shared(param, value, &mut lets)),
                    None => {
                        failed = true;
                        continue;
                    }
                },
            };
            substitutions.push(Substitution {
                name: param.name.text.clone(),
                span: param.name.span,
                used: true,
                stands_for,
            });
        }
        (!failed).then_some((lets, substitutions))
    }

    fn argument(&mut self, param: &ast::FnParam, argument: &ast::Expr) -> Option<Expr> {
        let Some(ty) = &param.ty else {
            let value = self.value(argument, None);
            return (value.ty.base != BaseType::Error).then_some(value);
        };
        let wanted = self.quiet_type(ty);
        let mut value = self.typed(argument, &wanted.base);
        if value.ty.base == BaseType::Error {
            return None;
        }
        if !wanted.optional && !self.expect_present(&value, None) {
            return None;
        }
        if !matches!(wanted.base, BaseType::Any) {
            value.ty.base = wanted.base;
        }
        Some(value)
    }

    /// A type that was reported on where it is declared.
    fn quiet_type(&mut self, ty: &ast::TypeExpr) -> Type {
        let n_before = self.diagnostics.len();
        let found = self.written_type(ty);
        self.diagnostics.truncate(n_before);
        found
    }

    /// `value` itself if it costs nothing to evaluate it again, else a name for it.
    fn shared(&mut self, param: &ast::FnParam, value: Expr, lets: &mut Vec<LocalId>) -> Expr {
        let is_plain = matches!(
            value.kind,
            ExprKind::Local(_) | ExprKind::Const(_) | ExprKind::Param(_) | ExprKind::Context(_)
        );
        if is_plain {
            return value;
        }
        let (ty, span) = (value.ty.clone(), value.span);
        let alias = self.path_of(&value);
        let sensitive = self.is_sensitive(&value);
        let binding = Binding::Let(Box::new(value));
        let id = self.add_local(&param.name.text, ty.clone(), binding, span);
        if let Some(info) = self.name_mut(id) {
            info.alias = alias;
            info.sensitive = sensitive;
        }
        lets.push(id);
        Expr {
            kind: ExprKind::Local(id),
            ty,
            span,
        }
    }

    /// Looks at a function by itself, once. Finds what is wrong whatever the arguments, and functions that call themselves.
    fn check_function(&mut self, function: &'s Declared<'s, ast::Fn>, call: &Name) -> Checking {
        let name = state_name(function);
        let name = name.as_str();
        let known = self.env.fn_states.borrow().get(name).copied();
        match known {
            Some(Checking::Open) => {
                self.recursion(function, call);
                let states = &self.env.fn_states;
                for state in states.borrow_mut().values_mut() {
                    if *state == Checking::Open {
                        *state = Checking::Failed;
                    }
                }
                Checking::Failed
            }
            Some(known) => known,
            None => {
                let states = &self.env.fn_states;
                states.borrow_mut().insert(name.to_owned(), Checking::Open);
                self.env.fn_stack.borrow_mut().push(name.to_owned());
                let sound = self.env.deeper(call.span, || {
                    let mut ctx = Ctx::apart(self.env, self.env.text(function.span.file));
                    let sound = ctx.definition(function.item);
                    ctx.hand_over();
                    sound
                });
                let sound = sound.unwrap_or(false);
                self.env.fn_stack.borrow_mut().pop();
                let mut states = states.borrow_mut();
                let was_failed = states.get(name) == Some(&Checking::Failed);
                let found = if sound && !was_failed {
                    Checking::Sound
                } else {
                    Checking::Failed
                };
                states.insert(name.to_owned(), found);
                found
            }
        }
    }

    /// Checks a function that nothing calls.
    pub(super) fn check_alone(&mut self, function: &'s Declared<'s, ast::Fn>) {
        self.check_function(function, &function.item.name);
    }

    fn recursion(&mut self, function: &Declared<'_, ast::Fn>, call: &Name) {
        let stack = self.env.fn_stack.borrow();
        let name = function.item.name.text.as_str();
        let start = stack.iter().position(|other| other == name).unwrap_or(0);
        let mut cycle: Vec<String> = stack.iter().skip(start).cloned().collect();
        cycle.push(name.to_owned());
        let message = if cycle.len() == 2 {
            format!("`{name}` calls itself")
        } else {
            format!("`{name}` calls itself: {}", cycle.join(" → "))
        };
        let diagnostic = Diagnostic::error("recursion", message, call.span, "recursive call")
            .with_label(function.span, "declared here")
            .with_help("go through a list with `any`, `all` or a comprehension")
            .with_note("A policy always ends, so functions cannot call themselves.");
        drop(stack);
        self.report(diagnostic);
    }

    /// Checks a body with parameters of which only the written types are known.
    fn definition(&mut self, function: &ast::Fn) -> bool {
        for param in &function.params {
            self.check_shadowing(&param.name);
            let ty = match &param.ty {
                Some(ty) => self.written_type(ty),
                None => Type::plain(BaseType::Error),
            };
            let id = self.add_local(
                &param.name.text,
                ty.clone(),
                Binding::Element,
                param.name.span,
            );
            let kind = ExprKind::Local(id);
            self.scope.substitutions.push(Substitution {
                name: param.name.text.clone(),
                span: param.name.span,
                used: false,
                stands_for: Subst::Value(Expr {
                    kind,
                    ty,
                    span: param.name.span,
                }),
            });
        }
        let result = function.result.as_ref().map(|ty| self.written_type(ty));
        let members = match &function.body.kind {
            ast::ExprKind::Record(members) => Some(members),
            _ => None,
        };
        match (&result, members) {
            (ty, Some(members))
                if ty
                    .as_ref()
                    .is_none_or(|ty| matches!(ty.base, BaseType::Record(_))) =>
            {
                self.record_members(members, function.result.as_ref(), function.body.span);
            }
            (Some(ty), _) => {
                let value = self.typed(&function.body, &ty.base);
                if !ty.optional && value.ty.base != BaseType::Error {
                    self.expect_present(&value, None);
                }
            }
            (None, _) if self.record_substitution(&function.body).is_some() => {}
            (None, _) => drop(self.value(&function.body, None)),
        }
        let has_errors = self
            .diagnostics
            .iter()
            .any(|found| found.level == Level::Error);
        let unused: Vec<Substitution> = self
            .scope
            .substitutions
            .iter()
            .filter(|known| !known.used && !known.name.starts_with('_'))
            .cloned()
            .collect();
        for param in unused {
            if has_errors {
                break;
            }
            let message = format!("nothing uses `{}`", param.name);
            let kept = format!("_{}", param.name);
            self.report(
                Diagnostic::warning("unused-name", message, param.span, "unused")
                    .with_help(format!("write `{kept}` if it is not needed"))
                    .with_edit(param.span, kept),
            );
        }
        !has_errors
    }
}

/// A value with the names that it needs; a bool stays a value.
fn with_lets(lets: &[LocalId], value: Expr, span: Span) -> Expr {
    if value.ty == Type::plain(BaseType::Bool) {
        let condition = super::condition::of_bool(value);
        super::condition::as_value(wrap(lets.to_vec(), condition, span))
    } else if value.ty.base == BaseType::Error {
        value
    } else {
        wrap(lets.to_vec(), value, span)
    }
}

/// What is known of a function is noted under this.
fn state_name(function: &Declared<'_, ast::Fn>) -> String {
    let name = &function.item.name.text;
    if function.span.file == prelude::FILE {
        format!("{name} of the language")
    } else {
        name.clone()
    }
}

/// `with LETS: body`
fn wrap(locals: Vec<LocalId>, body: Expr, span: Span) -> Expr {
    let ty = body.ty.clone();
    let kind = ExprKind::With {
        locals,
        body: Box::new(body),
    };
    Expr { kind, ty, span }
}

fn is_within(outer: Span, inner: Span) -> bool {
    outer.file == inner.file && outer.start <= inner.start && inner.end <= outer.end
}
