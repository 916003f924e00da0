//! `objects(KIND or view)`: other objects, and what joins them to the one that is judged.

use super::context::{Ctx, OfQuery, Subst, condition_expr, error_expr};
use super::target::Found;
use super::views::Computed;
use crate::diagnostic::Diagnostic;
use crate::program::join::joins;
use crate::program::{
    BaseType, Binding, Block, Builtin, Comprehension, Expr, ExprKind, Generator, Local, LocalId,
    Stmt, Target, Type,
};
use crate::span::Span;
use crate::syntax::ast::{self, Name};

/// What a comprehension is made of.
#[derive(Debug, Default)]
pub(super) struct Tuples {
    pub(super) generators: Vec<Generator>,
    pub(super) conditions: Vec<Expr>,
    /// Names that stand for parts of which there is one.
    pub(super) lets: Vec<LocalId>,
    /// A part of which there is one is an element all the same.
    pub(super) keeps_single: bool,
}

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
        self.note_found(&found);
        let list = Type::plain(BaseType::List(Box::new(found.part.clone())));
        let of_table = found.target.map(|asked| Expr {
            kind: ExprKind::Objects(asked),
            ty: list.clone(),
            span,
        });
        let mut lists: Vec<Expr> = of_table.into_iter().collect();
        for computed in &found.computed {
            let Some(parts) = self.computed_parts(computed, &list, span) else {
                return error_expr(span);
            };
            lists.push(parts);
        }
        let kind = match lists.as_slice() {
            [_] => return lists.pop().unwrap_or_else(|| error_expr(span)),
            _ => ExprKind::Concat(lists),
        };
        Expr {
            kind,
            ty: list,
            span,
        }
    }

    /// Notes what the objects of a query are.
    pub(super) fn note_found(&mut self, found: &Found) {
        self.note_since(found.since);
        let of_files = found.kinds.iter().filter(|kind| !kind.is_of_api());
        let of_files = of_files.map(|kind| kind.kind.clone());
        self.env.asked_files.borrow_mut().extend(of_files);
    }

    /// The parts that a view's arm computes, of all objects: a comprehension.
    fn computed_parts(&mut self, computed: &Computed, list: &Type, span: Span) -> Option<Expr> {
        let (tuples, part) = self.way(computed, computed.root_name(), false, span)?;
        let Subst::Value(element) = part else {
            self.written_parts(span);
            return None;
        };
        let mut conditions = tuples.conditions;
        let guard = match conditions.len() {
            0 | 1 => conditions.pop(),
            _ => Some(condition_expr(ExprKind::And(conditions), span)),
        };
        let element = with(&tuples.lets, element);
        Some(Expr {
            kind: ExprKind::Comprehension(Box::new(Comprehension {
                generators: tuples.generators,
                guard,
                element,
                order: None,
            })),
            ty: list.clone(),
            span,
        })
    }

    /// The statements that lead to a part as generators and conditions. A part that is the only one is a `let`.
    pub(super) fn flatten(&mut self, block: Block, object: &BaseType, tuples: &mut Tuples) {
        for stmt in block.stmts {
            match stmt {
                Stmt::For(statement) => {
                    let element = statement.generator.element;
                    let only = match &statement.generator.source.kind {
                        ExprKind::List(items) if !tuples.keeps_single => items.first().cloned(),
                        _ => None,
                    };
                    if let Some(info) = self.name_mut(element) {
                        info.of_query = Some(OfQuery::Part(object.clone()));
                        if let Some(only) = &only {
                            info.local.binding = Binding::Let(Box::new(only.clone()));
                        }
                    }
                    match only {
                        Some(_) => tuples.lets.push(element),
                        None => tuples.generators.push(statement.generator),
                    }
                    let guard = statement.guard.map(|guard| with(&tuples.lets, guard));
                    tuples.conditions.extend(guard);
                    self.flatten(statement.body, object, tuples);
                }
                Stmt::When {
                    condition, then, ..
                } => {
                    tuples.conditions.push(with(&tuples.lets, condition));
                    self.flatten(then, object, tuples);
                }
                Stmt::Let(_) | Stmt::Check(_) => {}
            }
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
            ExprKind::Concat(lists) => {
                let all: Option<Vec<OfQuery>> =
                    lists.iter().map(|list| self.query_of(list)).collect();
                all?.into_iter().reduce(OfQuery::or)
            }
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
                    Binding::Let(value) if info.of_query.is_none() => self.element_of_query(value),
                    _ => info.of_query.clone(),
                }
            }
            ExprKind::Pick(_, picked) => self.element_of_query(&picked.element),
            ExprKind::Call(Builtin::Whole, _) => Some(OfQuery::Object),
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

    /// Says so if a query of objects has nothing by which they could be found. What is judged once may go through all.
    pub(super) fn warn_of_scan(&mut self, generators: &[Generator], conditions: &[&Expr]) {
        if self.is_on_inventory {
            return;
        }
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
                    "Objects are found by `==` or `in` between a value of theirs and one that needs none of them.",
                ),
            );
        }
    }
}

/// `with LETS: body`, if there are any.
pub(super) fn with(lets: &[LocalId], body: Expr) -> Expr {
    if lets.is_empty() {
        return body;
    }
    Expr {
        ty: body.ty.clone(),
        span: body.span,
        kind: ExprKind::With {
            locals: lets.to_vec(),
            body: Box::new(body),
        },
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
