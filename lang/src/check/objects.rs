//! `objects(KIND or view)`: other objects, and what joins them to the one that is judged.

use super::context::{Ctx, OfQuery, error_expr};
use crate::diagnostic::Diagnostic;
use crate::program::join::joins;
use crate::program::{BaseType, Binding, Builtin, Expr, ExprKind, Generator, Local, Target, Type};
use crate::span::Span;
use crate::syntax::ast::{self, Name};

impl Ctx<'_> {
    /// `objects(KIND or view)`
    pub(super) fn objects(&mut self, target: &ast::Target, span: Span) -> Expr {
        let Some(found) = self.resolve(target) else {
            return error_expr(span);
        };
        if matches!(found.target, Some(Target::Subresource(..))) {
            self.report(
                Diagnostic::error(
                    "not-a-kind",
                    "requests for a subresource are no objects",
                    target.span,
                    "a subresource",
                )
                .with_help("name the kind alone"),
            );
            return error_expr(span);
        }
        self.note_since(found.since);
        let (Some(asked), true) = (found.target, found.computed.is_empty()) else {
            self.report(
                Diagnostic::error(
                    "not-yet",
                    "views with arms that are expressions are not available in `objects(…)` yet",
                    target.span,
                    "some parts are computed",
                )
                .with_help("name a kind"),
            );
            return error_expr(span);
        };
        Expr {
            kind: ExprKind::Objects(asked),
            ty: Type::plain(BaseType::List(Box::new(found.part))),
            span,
        }
    }

    /// `objects` of what is no kind.
    pub(super) fn wrong_query(&mut self, name: &Name, arguments: &[ast::Expr], span: Span) -> Expr {
        if arguments.len() == 1 {
            self.report(
                Diagnostic::error(
                    "not-a-kind",
                    "`objects` takes a kind or a view",
                    arguments.first().map_or(span, |argument| argument.span),
                    "not a kind",
                )
                .with_help("name one, such as `objects(Service)` or `objects(pod)`"),
            );
        } else {
            self.wrong_count(name, arguments, 1, None);
        }
        error_expr(span)
    }

    /// What the elements of a list are of their objects, if it is `objects(…)`.
    pub(super) fn query_of(&mut self, source: &Expr) -> Option<OfQuery> {
        match &source.kind {
            ExprKind::Objects(Target::View(id)) => {
                let name = self.env.view_order.borrow().get(id.0 as usize).cloned()?;
                let info = self.view(&name, source.span)?;
                Some(OfQuery::Part(info.object.clone()))
            }
            ExprKind::Objects(_) => Some(OfQuery::Object),
            ExprKind::Comprehension(of) => self.element_of_query(&of.element),
            ExprKind::With { body, .. } => self.query_of(&body.clone()),
            ExprKind::Local(id) => match self.name(*id).map(|info| info.local.binding.clone()) {
                Some(Binding::Let(value)) => self.query_of(&value),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a value is of its object, if it is an element of `objects(…)`.
    pub(super) fn element_of_query(&self, value: &Expr) -> Option<OfQuery> {
        match &value.kind {
            ExprKind::Local(id) => {
                let info = self.name(*id)?;
                match &info.local.binding {
                    Binding::Let(value) => self.element_of_query(value),
                    _ => info.of_query.clone(),
                }
            }
            ExprKind::Pick(_, picked) => self.element_of_query(&picked.element),
            ExprKind::With { body, .. } => self.element_of_query(body),
            _ => None,
        }
    }

    /// The namespaces that two objects are written with, where their namespaces are compared: what is left open is one
    /// namespace, equal to itself.
    pub(super) fn written_namespaces(&mut self, left: Expr, right: Expr) -> (Expr, Expr) {
        let objects = (self.of_namespace(&left), self.of_namespace(&right));
        let (Some(first), Some(second)) = objects else {
            return (left, right);
        };
        (
            self.written_namespace(&first, left.span),
            self.written_namespace(&second, right.span),
        )
    }

    /// The object whose namespace a value is.
    fn of_namespace(&self, value: &Expr) -> Option<Expr> {
        match &value.kind {
            ExprKind::Call(Builtin::Namespace, arguments) => arguments.first().cloned(),
            ExprKind::Local(id) => match &self.name(*id)?.local.binding {
                Binding::Let(value) => self.of_namespace(value),
                _ => None,
            },
            _ => None,
        }
    }

    fn written_namespace(&mut self, object: &Expr, span: Span) -> Expr {
        let word = |text: &str| Name {
            text: text.to_owned(),
            span,
        };
        let metadata = self.read(object, &word("metadata"));
        let namespace = self.read(&metadata, &word("namespace"));
        Expr { span, ..namespace }
    }

    /// Says so if a query of objects has nothing by which they could be found.
    pub(super) fn warn_of_scan(&mut self, generators: &[Generator], conditions: &[&Expr]) {
        let locals: Vec<Local> = self.names.iter().map(|info| info.local.clone()).collect();
        for (at, generator) in generators.iter().enumerate() {
            let ExprKind::Objects(_) = &generator.source.kind else {
                continue;
            };
            // What counts or lists all of them looks at all of them.
            if conditions.is_empty() || !joins(&locals, generators, at, conditions).is_empty() {
                continue;
            }
            let span = generator.source.span;
            let element = locals.get(generator.element.0 as usize);
            let name = element.map_or("x", |local| local.name.as_str());
            let quoted = match conditions {
                [only] => self.quote(only.span, "this condition"),
                _ => String::from("this condition"),
            };
            self.report(
                Diagnostic::warning(
                    "no-index",
                    format!("{quoted} is asked of every object"),
                    span,
                    "all of them are gone through",
                )
                .with_help(format!(
                    "add what they must equal, such as `{name}.metadata.name == …`"
                ))
                .with_note(
                    "Objects are found by `==` between a value of theirs and one that needs none of them.",
                ),
            );
        }
    }
}

/// The object of a part.
pub(super) fn whole_of(part: Expr, object: BaseType, span: Span) -> Expr {
    Expr {
        ty: Type {
            base: object,
            optional: part.ty.optional,
        },
        kind: ExprKind::Call(Builtin::Whole, vec![part]),
        span,
    }
}
