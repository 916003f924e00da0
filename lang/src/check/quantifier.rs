//! Generators, and the quantifiers that use them.

use std::collections::BTreeSet;

use super::context::{Ctx, condition_expr, error_expr};
use super::objects::with;
use super::words::{base_name, prose};
use crate::diagnostic::{Diagnostic, Edit};
use crate::program::{
    BaseType, Binding, CheckId, Expr, ExprKind, Generator, Quantifier, QuantifierKind, Type,
};
use crate::span::Span;
use crate::syntax::ast;

impl Ctx<'_> {
    /// Binds the names of a generator in the current scope.
    pub(super) fn generator(&mut self, generator: &ast::Generator) -> Option<Generator> {
        let (source, relied) = self.tracked(|ctx| ctx.value(&generator.source, None));
        self.relied.extend(relied.iter().copied());
        self.generator_over(generator, source, &relied)
    }

    /// The same over a list that is known already, which relies on some `require`s.
    pub(super) fn generator_over(
        &mut self,
        generator: &ast::Generator,
        source: Expr,
        relied: &BTreeSet<CheckId>,
    ) -> Option<Generator> {
        let types = self.element_types(&source, generator);
        let sensitive = self.is_sensitive(&source);
        let made = self.made_of(&source);
        let of_query = self.query_of(&source);
        let (key_ty, element_ty, is_map) = match types {
            Some((element, is_map)) => {
                let key = if is_map {
                    BaseType::String
                } else {
                    BaseType::Int
                };
                (key, element, is_map)
            }
            None => (BaseType::Error, BaseType::Error, false),
        };
        let failed = element_ty == BaseType::Error;
        let (key_name, name) = match generator.names.as_slice() {
            [name] => (None, name),
            [key, name, ..] => (Some(key), name),
            [] => {
                self.broken = true;
                return None;
            }
        };
        let key = key_name.map(|key_name| {
            let binding = if is_map { Binding::Key } else { Binding::Index };
            let id = self.bind(key_name, Type::plain(key_ty), binding);
            let removal = Span {
                end: name.span.start,
                ..key_name.span
            };
            if let Some(info) = self.name_mut(id)
                && !is_map
            {
                info.removal = Some(Edit {
                    span: removal,
                    text: String::new(),
                });
            }
            id
        });
        let element = self.bind(name, Type::plain(element_ty), Binding::Element);
        for id in key.into_iter().chain([element]) {
            if let Some(info) = self.name_mut(id) {
                info.relied.clone_from(relied);
                info.sensitive = sensitive && id == element;
                info.made = made;
                info.of_query = of_query.clone().filter(|_| id == element);
            }
        }
        (!failed).then_some(Generator {
            key,
            element,
            source,
        })
    }

    /// What a generator over `source` binds, and whether `source` is a map.
    fn element_types(
        &mut self,
        source: &Expr,
        generator: &ast::Generator,
    ) -> Option<(BaseType, bool)> {
        match &source.ty.base {
            BaseType::Error => None,
            BaseType::List(element) => Some(((**element).clone(), false)),
            BaseType::Map(value) => {
                if let [name] = generator.names.as_slice() {
                    let message = "a map has keys and values".to_owned();
                    let start = Span {
                        end: name.span.start,
                        ..name.span
                    };
                    self.report(
                        Diagnostic::error("not-a-list", message, name.span, "key or value?")
                            .with_label(source.span, base_name(&source.ty.base))
                            .with_help(format!("name both: `key, {}`", name.text))
                            .with_edit(start, "_key, "),
                    );
                    return None;
                }
                Some(((**value).clone(), true))
            }
            other => {
                let what = self.quote(source.span, "this");
                let message = format!("{what} is {}, not a list", prose(other));
                let mut diagnostic =
                    Diagnostic::error("not-a-list", message, source.span, prose(other));
                diagnostic = match self.list_inside(source) {
                    Some(name) => diagnostic
                        .with_help(format!("go through `{name}` of it"))
                        .with_edit(source.span.after(), format!(".{name}")),
                    None if *other == BaseType::Any => {
                        diagnostic.with_help("say what it is, such as `as [any]`")
                    }
                    None if matches!(other, BaseType::Record(_)) => {
                        let start = Span {
                            end: source.span.start,
                            ..source.span
                        };
                        let text = self.source(source.span).unwrap_or("x");
                        let helped = diagnostic.with_help(format!(
                            "read it as a map: `({text} as {{string: any}})`; `keys` has the names alone"
                        ));
                        // With one name alone it would be a map without keys.
                        if generator.names.len() == 2 {
                            helped
                                .with_edit(start, "(")
                                .with_edit(source.span.after(), " as {string: any})")
                        } else {
                            helped
                        }
                    }
                    None => diagnostic.with_help("go through a list or a map"),
                };
                self.report(diagnostic);
                None
            }
        }
    }

    /// The only list that a record has.
    fn list_inside(&self, source: &Expr) -> Option<String> {
        let BaseType::Record(records) = &source.ty.base else {
            return None;
        };
        let mut lists = self.env.field_names(records).into_iter().filter(|name| {
            let field = self.env.field_of(records, name);
            field.is_some_and(|field| matches!(field.base, BaseType::List(_)))
        });
        lists.next().filter(|_| lists.next().is_none())
    }

    /// `any x in xs, y in ys where guard: body`
    pub(super) fn quantifier(
        &mut self,
        quantifier: ast::Quantifier,
        generators: &[ast::Generator],
        guard: Option<&ast::Expr>,
        body: &ast::Expr,
        span: Span,
    ) -> Expr {
        let kind = match quantifier {
            ast::Quantifier::Any => QuantifierKind::Any,
            ast::Quantifier::All => QuantifierKind::All,
            ast::Quantifier::No => QuantifierKind::No,
        };
        if let Some(choice) = self.open_choice(generators) {
            let all = self.each_way(choice, |ctx| {
                ctx.quantifier(quantifier, generators, guard, body, span)
            });
            return self.join_ways(kind, all, span);
        }
        self.nested(|ctx| {
            let mut bound = ctx.bound(generators, false);
            let guard = guard.map(|guard| ctx.condition(guard));
            if let Some(guard) = &guard {
                ctx.assume(guard, true);
            }
            let body = ctx.condition(body);
            let failed = body.ty.base == BaseType::Error
                || guard
                    .as_ref()
                    .is_some_and(|guard| guard.ty.base == BaseType::Error);
            let guard = bound.guard(guard);
            let body = with(&bound.lets, body);
            match bound.generators {
                Some(generators) if !failed && !generators.is_empty() => {
                    let mut must_hold: Vec<&Expr> = guard.iter().collect();
                    if kind != QuantifierKind::All {
                        must_hold.push(&body);
                    }
                    ctx.warn_of_scan(&generators, &must_hold);
                    let quantifier = Quantifier {
                        kind,
                        generators,
                        guard,
                        body,
                    };
                    condition_expr(ExprKind::Quantifier(Box::new(quantifier)), span)
                }
                _ => error_expr(span),
            }
        })
    }
}
