//! `if … then … else`, comprehensions, `first`, `last`, `count`, `as`.

use super::condition::{as_value, of_bool};
use super::context::{Ctx, error_expr};
use super::kinds::union;
use super::objects::with;
use super::words::{prose, type_name};
use crate::diagnostic::Diagnostic;
use crate::program::{
    BaseType, Builtin, Comprehension, Const, Domain, Expr, ExprKind, Generator, LocalId, Pick, Type,
};
use crate::span::Span;
use crate::syntax::ast::{self, TypeExpr};

impl Ctx<'_> {
    /// `if condition then a else b`
    pub(super) fn choice(
        &mut self,
        condition: &ast::Expr,
        then: &ast::Expr,
        otherwise: &ast::Expr,
        expected: Option<&BaseType>,
        span: Span,
    ) -> Expr {
        let condition = self.condition(condition);
        let branch = |ctx: &mut Self, value: bool, expr: &ast::Expr, of: Option<&BaseType>| {
            let n_facts = ctx.facts.len();
            ctx.assume(&condition, value);
            let found = ctx.value(expr, of);
            ctx.facts.truncate(n_facts);
            found
        };
        let a = branch(self, true, then, expected);
        let of = expected.cloned().unwrap_or_else(|| a.ty.base.clone());
        let b = branch(self, false, otherwise, Some(&of));
        let failed = [&condition, &a, &b]
            .iter()
            .any(|part| part.ty.base == BaseType::Error);
        if failed {
            return error_expr(span);
        }
        let is_none = |value: &Expr| matches!(value.kind, ExprKind::Const(Const::Absent));
        let base = if is_none(&a) {
            Some(b.ty.base.clone())
        } else if is_none(&b) {
            Some(a.ty.base.clone())
        } else {
            self.either(&a, &b)
        };
        let Some(base) = base else {
            let message = format!(
                "one branch is {}, the other {}",
                prose(&a.ty.base),
                prose(&b.ty.base)
            );
            self.report(
                Diagnostic::error("type-mismatch", message, b.span, prose(&b.ty.base))
                    .with_label(a.span, prose(&a.ty.base))
                    .with_help("make both branches of one type"),
            );
            return error_expr(span);
        };
        let ty = Type {
            base,
            optional: a.ty.optional || b.ty.optional,
        };
        let is_condition = ty == Type::plain(BaseType::Bool);
        let (then, otherwise) = if is_condition {
            (of_bool(a), of_bool(b))
        } else {
            (a, b)
        };
        let chosen = Expr {
            kind: ExprKind::If {
                condition: Box::new(condition),
                then: Box::new(then),
                otherwise: Box::new(otherwise),
            },
            ty,
            span,
        };
        if is_condition {
            as_value(chosen)
        } else {
            chosen
        }
    }

    /// The type of a value that is one of two.
    fn either(&self, a: &Expr, b: &Expr) -> Option<BaseType> {
        let constants = [a, b].map(|value| match &value.kind {
            ExprKind::Const(Const::String(text)) => Some(text.clone()),
            _ => None,
        });
        // Two texts written out are an enum: what is compared with them may be misspelt.
        if let [Some(a), Some(b)] = constants {
            let mut members = vec![a, b];
            members.dedup();
            return Some(BaseType::Enum(members));
        }
        let untyped = a.ty.base == BaseType::Any || b.ty.base == BaseType::Any;
        union(a.ty.base.clone(), b.ty.base.clone()).filter(|base| *base != BaseType::Any || untyped)
    }

    /// Generators and `where`; `None` if one of them is wrong.
    fn tuples(
        &mut self,
        generators: &[ast::Generator],
        guard: Option<&ast::Expr>,
    ) -> (Option<Vec<Generator>>, Option<Expr>, Vec<LocalId>) {
        let mut bound = self.bound(generators, false);
        let guard = guard.map(|guard| self.condition(guard));
        if let Some(guard) = &guard {
            self.assume(guard, true);
        }
        let failed = guard
            .as_ref()
            .is_some_and(|guard| guard.ty.base == BaseType::Error);
        let guard = bound.guard(guard);
        if let (Some(generators), Some(guard)) = (&bound.generators, &guard) {
            self.warn_of_scan(generators, &[guard]);
        }
        let found = bound.generators;
        let found = found.filter(|all| !failed && !all.is_empty());
        (found, guard, bound.lets)
    }

    /// `[element for x in xs where guard by order]`
    pub(super) fn comprehension(
        &mut self,
        element: &ast::Expr,
        generators: &[ast::Generator],
        guard: Option<&ast::Expr>,
        order: Option<&ast::Expr>,
        span: Span,
    ) -> Expr {
        if let Some(choice) = self.open_choice(generators) {
            if let (Some(order), true) = (order, choice.1 > 1) {
                self.report(
                    Diagnostic::error(
                        "not-yet",
                        "parts that several arms of a view write out are not sorted",
                        order.span,
                        "sorted by this",
                    )
                    .with_help("sort what is made of them: `sort([… for x in …])`"),
                );
                return error_expr(span);
            }
            let all = self.each_way(choice, |ctx| {
                ctx.comprehension(element, generators, guard, order, span)
            });
            return self.join_lists(all, span);
        }
        self.nested(|ctx| {
            let (generators, guard, lets) = ctx.tuples(generators, guard);
            let element = ctx.value(element, None);
            let element = with(&lets, element);
            let order = ctx.order(order);
            let order = order.map(|order| order.map(|(key, domain)| (with(&lets, key), domain)));
            let (Some(generators), Some(order)) = (generators, order) else {
                return error_expr(span);
            };
            if element.ty.base == BaseType::Error {
                return error_expr(span);
            }
            let base = BaseType::List(Box::new(element.ty.base.clone()));
            let of = Comprehension {
                generators,
                guard,
                element,
                order,
            };
            Expr {
                kind: ExprKind::Comprehension(Box::new(of)),
                ty: Type::plain(base),
                span,
            }
        })
    }

    /// `first x in xs where guard by order`
    pub(super) fn pick(
        &mut self,
        which: ast::Pick,
        generator: &ast::Generator,
        guard: Option<&ast::Expr>,
        order: Option<&ast::Expr>,
        span: Span,
    ) -> Expr {
        let which = match which {
            ast::Pick::First => Pick::First,
            ast::Pick::Last => Pick::Last,
        };
        if self.open_choice(std::slice::from_ref(generator)).is_some() {
            self.report(
                Diagnostic::error(
                    "misplaced-record",
                    "a part that a view writes out is no value",
                    generator.source.span,
                    "some parts are written out",
                )
                .with_help("take a field of the parts: `[x.FIELD for x in … where …][0]`"),
            );
            return error_expr(span);
        }
        self.nested(|ctx| {
            let (generators, guard, _) = ctx.tuples(std::slice::from_ref(generator), guard);
            let order = ctx.order(order);
            let (Some(generators), Some(order)) = (generators, order) else {
                // What is wrong is said; its name was needed all the same.
                ctx.broken = true;
                return error_expr(span);
            };
            let Some(first) = generators.first() else {
                return error_expr(span);
            };
            let id = first.element;
            let element = ctx.local(id, span);
            let base = element.ty.base.clone();
            let of = Comprehension {
                generators,
                guard,
                element,
                order,
            };
            let is_collection = matches!(base, BaseType::List(_) | BaseType::Map(_));
            ctx.narrow(Expr {
                kind: ExprKind::Pick(which, Box::new(of)),
                ty: Type {
                    base,
                    optional: !is_collection,
                },
                span,
            })
        })
    }

    /// `count(x in xs where guard)`
    pub(super) fn count(
        &mut self,
        generators: &[ast::Generator],
        guard: Option<&ast::Expr>,
        span: Span,
    ) -> Expr {
        if let Some(choice) = self.open_choice(generators) {
            let all = self.each_way(choice, |ctx| ctx.count(generators, guard, span));
            return self.join_lists(all, span);
        }
        let has_guard = guard.is_some();
        self.nested(|ctx| {
            let (generators, guard, _) = ctx.tuples(generators, guard);
            let Some(generators) = generators else {
                return error_expr(span);
            };
            if !has_guard {
                // Counting alone is a use of the name.
                for generator in &generators {
                    if let Some(info) = ctx.name_mut(generator.element) {
                        info.used = true;
                    }
                }
                for known in &mut ctx.scope.substitutions {
                    known.used = true;
                }
            }
            let of = Comprehension {
                generators,
                guard,
                element: super::context::constant(Const::Bool(true), BaseType::Bool, span),
                order: None,
            };
            Expr {
                kind: ExprKind::Count(Box::new(of)),
                ty: Type::plain(BaseType::Int),
                span,
            }
        })
    }

    /// What follows `by`: nothing, or a key and how keys are compared. `None` if it is wrong.
    #[expect(clippy::option_option, reason = "the outer one says that it is wrong")]
    fn order(&mut self, order: Option<&ast::Expr>) -> Option<Option<(Expr, Domain)>> {
        let Some(order) = order else {
            return Some(None);
        };
        let key = self.value(order, None);
        let domain = match &key.ty.base {
            BaseType::Error => return None,
            BaseType::Int => Domain::Int,
            BaseType::Float => Domain::Number,
            BaseType::Enum(members) if self.env.is_ordered(members) => {
                let members = members.clone();
                return Some(Some((rank(key, &members), Domain::Int)));
            }
            BaseType::String | BaseType::Enum(_) | BaseType::Image => Domain::String,
            BaseType::Quantity => Domain::Quantity,
            BaseType::Version => Domain::Version,
            BaseType::Duration => Domain::Duration,
            BaseType::Timestamp => Domain::Timestamp,
            base => {
                let message = format!("{} is not ordered", prose(base));
                self.report(
                    Diagnostic::error("type-mismatch", message, key.span, "no order")
                        .with_help("sort by a number or a text"),
                );
                return None;
            }
        };
        Some(Some((key, domain)))
    }

    /// `operand as ty`
    pub(super) fn cast(&mut self, operand: &ast::Expr, ty: &TypeExpr, span: Span) -> Expr {
        let value = self.value(operand, None);
        let wanted = self.written_type(ty);
        if value.ty.base == BaseType::Error || wanted.base == BaseType::Error {
            return error_expr(span);
        }
        if self.holds_inventory(&value.ty.base) {
            self.inventory_as_value(value.span);
            return error_expr(span);
        }
        let is_map_of_any = matches!(&value.ty.base, BaseType::Map(of) if **of == BaseType::Any);
        let allowed = match (&value.ty.base, &wanted.base) {
            (BaseType::Any, _) | (BaseType::Record(_), BaseType::Any) => true,
            (BaseType::IntOrString, BaseType::Int | BaseType::String) => true,
            (BaseType::Map(_), BaseType::Record(_)) => true,
            // Members that the record does not declare are read from the map that it is.
            (BaseType::Record(_), BaseType::Map(of)) => {
                **of == BaseType::Any && !matches!(value.kind, ExprKind::Record(_))
            }
            (BaseType::Map(_), BaseType::Map(_)) => is_map_of_any,
            (BaseType::List(of), BaseType::List(_)) => **of == BaseType::Any,
            _ => false,
        };
        if !allowed {
            let diagnostic = self.needless_cast(&value, &wanted, operand, span);
            self.report(diagnostic);
            return error_expr(span);
        }
        if self.env.holds_pattern(&wanted.base) {
            self.report(
                Diagnostic::error(
                    "type-mismatch",
                    "patterns are not read from documents",
                    ty.span,
                    "a pattern",
                )
                .with_help("write the pattern in the policy, or take it from a parameter"),
            );
            return error_expr(span);
        }
        if self.env.holds_pattern(&value.ty.base) {
            self.report(
                Diagnostic::error(
                    "type-mismatch",
                    "a pattern is no untyped value",
                    value.span,
                    "it holds a pattern",
                )
                .with_help("compare with it by `like`, `matches` or `in`"),
            );
            return error_expr(span);
        }
        let is_collection = matches!(wanted.base, BaseType::List(_) | BaseType::Map(_));
        let is_record = matches!(wanted.base, BaseType::Record(_));
        let optional = if is_record {
            value.ty.optional
        } else {
            !is_collection
        };
        let mut value = value;
        self.shape_flags(&mut value, &wanted.base);
        self.narrow(Expr {
            kind: ExprKind::Cast(Box::new(value)),
            ty: Type {
                base: wanted.base,
                optional,
            },
            span,
        })
    }

    fn needless_cast(
        &self,
        value: &Expr,
        wanted: &Type,
        operand: &ast::Expr,
        span: Span,
    ) -> Diagnostic {
        let (from, to) = (&value.ty.base, &wanted.base);
        let message = if from == to {
            format!("this is {} already", prose(to))
        } else {
            format!("{} is not read as {}", prose(from), prose(to))
        };
        let label = format!("of type `{}`", type_name(&value.ty));
        let diagnostic = Diagnostic::error("type-mismatch", message, operand.span, label);
        let rest = Span {
            start: operand.span.end,
            ..span
        };
        if from == to {
            return diagnostic
                .with_help("leave the `as` out")
                .with_edit(rest, "");
        }
        let function = match to {
            BaseType::Int => "int",
            BaseType::Float => "float",
            BaseType::Duration => "duration",
            BaseType::Timestamp => "timestamp",
            BaseType::Quantity => "quantity",
            BaseType::Version => "version",
            BaseType::Image => "image",
            BaseType::Cidr => "cidr",
            BaseType::Ip => "ip",
            BaseType::Versions => "versions",
            BaseType::Range => "range",
            _ => return diagnostic.with_help("`as` says what untyped values are"),
        };
        match self.source(operand.span) {
            Some(text) if matches!(from, BaseType::String | BaseType::Enum(_)) => {
                let call = format!("{function}({text})");
                if value.ty.optional {
                    return diagnostic.with_help(format!("write `{call}`"));
                }
                diagnostic
                    .with_help(format!("write `{call}`"))
                    .with_edit(span, call)
            }
            _ => diagnostic.with_help("`as` says what untyped values are"),
        }
    }
}

/// The position of a text among the members of an ordered enum.
pub(super) fn rank(value: Expr, members: &[String]) -> Expr {
    let span = value.span;
    if let ExprKind::Const(Const::String(text)) = &value.kind
        && let Some(at) = members.iter().position(|member| member == text)
    {
        let at = i64::try_from(at).unwrap_or(i64::MAX);
        return super::context::constant(Const::Int(at), BaseType::Int, span);
    }
    let optional = value.ty.optional;
    let order = members.iter().cloned().map(Const::String).collect();
    let list = super::context::constant(
        Const::List(order),
        BaseType::List(Box::new(BaseType::String)),
        span,
    );
    Expr {
        kind: ExprKind::Call(Builtin::Rank, vec![value, list]),
        ty: Type {
            base: BaseType::Int,
            optional,
        },
        span,
    }
}
