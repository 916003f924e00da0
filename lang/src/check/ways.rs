//! Parts of other objects that a view's arms write out as records: `any w in objects(workload): …`.
//!
//! Such a part is no value, so no list holds it. What goes through them is checked once for each way that leads to parts:
//! the view's plain paths, and each of its other arms. A way is made of generators and conditions, and the name of the part
//! stands for what the arm writes. The results of all ways are joined.

use std::collections::BTreeSet;

use super::context::{Ctx, OfQuery, Subst, Substitution, Written, condition_expr, error_expr};
use super::objects::{Tuples, whole_of, with};
use super::views::Computed;
use crate::diagnostic::Diagnostic;
use crate::program::join::names_of;
use crate::program::{
    BaseType, Binding, Block, Builtin, Expr, ExprKind, For, Generator, Local, LocalId,
    QuantifierKind, Stmt, Target, Type,
};
use crate::span::Span;
use crate::syntax::ast;

/// A generator that several ways stand for, and how many.
type Choice = (Span, usize);

/// What generators bind.
#[derive(Debug)]
pub(super) struct Bound {
    /// Nothing if one of them is wrong.
    pub(super) generators: Option<Vec<Generator>>,
    /// What holds of the parts.
    conditions: Vec<Expr>,
    /// Names that stand for parts of which there is one.
    pub(super) lets: Vec<LocalId>,
    /// There are none: such parts are elements as well.
    keeps_single: bool,
}

impl Bound {
    /// The condition of the ways and what was written after `where`.
    pub(super) fn guard(&mut self, own: Option<Expr>) -> Option<Expr> {
        let mut all = std::mem::take(&mut self.conditions);
        all.extend(own.map(|own| with(&self.lets, own)));
        match (all.len(), all.first().map(|first| first.span)) {
            (0 | 1, _) | (_, None) => all.pop(),
            (_, Some(span)) => Some(condition_expr(ExprKind::And(all), span)),
        }
    }
}

impl Ctx<'_> {
    /// The first generator over parts that are written out, if no way was chosen for it.
    pub(super) fn open_choice(&mut self, generators: &[ast::Generator]) -> Option<Choice> {
        for generator in generators {
            let at = generator.source.span;
            if self.ways.iter().any(|(other, _)| *other == at) {
                continue;
            }
            let Some(target) = self.written_query(&generator.source) else {
                continue;
            };
            if let Some(found) = self.resolve(&target) {
                return Some((
                    at,
                    found.computed.len() + usize::from(found.target.is_some()),
                ));
            }
        }
        None
    }

    /// What a list asks for, if some of that are parts that are written out.
    pub(super) fn written_query(&mut self, list: &ast::Expr) -> Option<ast::Target> {
        match &list.kind {
            ast::ExprKind::Objects(target) => {
                let name = target.name.text.as_str();
                let is_view = target.group.is_none()
                    && target.version.is_none()
                    && self.env.views.contains_key(name);
                let info = self.view(name, target.span).filter(|_| is_view)?;
                let mut computed = info.computed.iter();
                let is_written = computed.any(|computed| self.writes_record(computed));
                is_written.then(|| target.clone())
            }
            ast::ExprKind::Name(name) if self.find(name).is_none() => {
                let all = self.scope.substitutions.iter_mut().rev();
                let mut found = all.into_iter().filter(|known| known.name == *name);
                let known = found.next()?;
                let Subst::Query(target) = &known.stands_for else {
                    return None;
                };
                known.used = true;
                Some(target.clone())
            }
            _ => None,
        }
    }

    /// Runs `work` for each way.
    pub(super) fn each_way<T>(
        &mut self,
        (at, count): Choice,
        mut work: impl FnMut(&mut Self) -> T,
    ) -> Vec<T> {
        let first = self.diagnostics.len();
        let mut all = Vec::new();
        for way in 0..count {
            let n_before = self.diagnostics.len();
            self.ways.push((at, way));
            all.push(work(self));
            self.ways.pop();
            for said in self.diagnostics.split_off(n_before) {
                // What is constant of one way is not of another.
                let is_ways = count > 1 && said.code.starts_with("always-");
                let mut known = self.diagnostics.iter().skip(first);
                if !is_ways && !known.any(|known| *known == said) {
                    self.diagnostics.push(said);
                }
            }
        }
        all
    }

    /// Binds the names of generators in the current scope; with `keeps_single` by no `let`s.
    pub(super) fn bound(&mut self, generators: &[ast::Generator], keeps_single: bool) -> Bound {
        let mut bound = Bound {
            generators: Some(Vec::new()),
            conditions: Vec::new(),
            lets: Vec::new(),
            keeps_single,
        };
        for generator in generators {
            let at = generator.source.span;
            let chosen = self.ways.iter().rev().find(|(other, _)| *other == at);
            let way = chosen.map(|(_, way)| *way);
            let found = match way {
                Some(way) => self.bind_way(generator, way, &mut bound),
                None => self.generator(generator).map(|generator| vec![generator]),
            };
            match (&mut bound.generators, found) {
                (Some(all), Some(found)) => all.extend(found),
                _ => bound.generators = None,
            }
        }
        bound
    }

    fn bind_way(
        &mut self,
        generator: &ast::Generator,
        way: usize,
        bound: &mut Bound,
    ) -> Option<Vec<Generator>> {
        let span = generator.source.span;
        let target = self.written_query(&generator.source)?;
        let found = self.resolve(&target)?;
        self.note_found(&found);
        let mut computed = way;
        if let Some(asked) = found.target {
            let Some(before) = way.checked_sub(1) else {
                let source = Expr {
                    kind: ExprKind::Objects(asked),
                    ty: Type::plain(BaseType::List(Box::new(found.part))),
                    span,
                };
                let of_table = self.generator_over(generator, source, &BTreeSet::new());
                return of_table.map(|generator| vec![generator]);
            };
            computed = before;
        }
        let [name] = generator.names.as_slice() else {
            self.report(
                Diagnostic::error(
                    "not-a-list",
                    "parts that a view writes out have no index",
                    generator.names.first().map_or(span, |name| name.span),
                    "an index",
                )
                .with_help("leave it out"),
            );
            // What uses the names is no other mistake.
            for name in &generator.names {
                let id = self.bind(name, Type::plain(BaseType::Error), Binding::Element);
                if let Some(info) = self.name_mut(id) {
                    info.used = true;
                }
            }
            return None;
        };
        let (tuples, part) = self.way(
            found.computed.get(computed)?,
            &name.text,
            bound.keeps_single,
            span,
        )?;
        self.check_shadowing(name);
        self.scope.substitutions.push(Substitution {
            name: name.text.clone(),
            span: name.span,
            used: name.text.is_empty(),
            stands_for: part,
        });
        bound.conditions.extend(tuples.conditions);
        bound.lets.extend(tuples.lets);
        Some(tuples.generators)
    }

    /// The generators and conditions that lead to the parts of an arm in all objects, and what a part is. The objects have a
    /// name for messages.
    pub(super) fn way(
        &mut self,
        computed: &Computed,
        name: &str,
        keeps_single: bool,
        span: Span,
    ) -> Option<(Tuples, Subst)> {
        let (target, object, part) = self.root_of(computed);
        let of_query = match &target {
            Target::View(_) => OfQuery::Part(object.clone()),
            Target::Kind(_) | Target::Subresource(..) => OfQuery::Object,
        };
        let root = self.add_local(name, Type::plain(part.clone()), Binding::Element, span);
        if let Some(info) = self.name_mut(root) {
            info.of_query = Some(of_query.clone());
        }
        let mut found = None;
        let before = std::mem::replace(&mut self.is_query, true);
        let (guard, block) = self.through_from(computed, root, &part, &mut |ctx| {
            let part = ctx.scope.substitutions.last();
            found = part.map(|part| part.stands_for.clone());
            Block::default()
        });
        self.is_query = before;
        let found = match found? {
            Subst::Record(written) => {
                let root = Expr {
                    kind: ExprKind::Local(root),
                    ty: Type::plain(part.clone()),
                    span,
                };
                let whole = match of_query {
                    OfQuery::Part(object) => whole_of(root, object, span),
                    OfQuery::Object => root,
                };
                Subst::Record(Written {
                    whole: Some(Box::new(whole)),
                    ..written
                })
            }
            found => found,
        };
        let mut tuples = Tuples {
            generators: vec![Generator {
                key: None,
                element: root,
                source: Expr {
                    kind: ExprKind::Objects(target),
                    ty: Type::plain(BaseType::List(Box::new(part))),
                    span,
                },
            }],
            keeps_single,
            ..Tuples::default()
        };
        tuples.conditions.extend(guard);
        self.flatten(block, &object, &mut tuples);
        Some((tuples, found))
    }

    /// Joins what a quantifier is of each way.
    pub(super) fn join_ways(&self, kind: QuantifierKind, all: Vec<Expr>, span: Span) -> Expr {
        if all.iter().any(|one| one.ty.base == BaseType::Error) {
            return error_expr(span);
        }
        let mut all = all;
        if all.len() < 2 {
            return all.pop().unwrap_or_else(|| error_expr(span));
        }
        let kind = match kind {
            QuantifierKind::Any => ExprKind::Or(all),
            QuantifierKind::All | QuantifierKind::No => ExprKind::And(all),
        };
        condition_expr(kind, span)
    }

    /// Joins the lists, or the numbers, that each way gives.
    pub(super) fn join_lists(&mut self, all: Vec<Expr>, span: Span) -> Expr {
        let mut all = all.into_iter();
        let mut joined = all.next().unwrap_or_else(|| error_expr(span));
        for next in all {
            if joined.ty.base == BaseType::Error || next.ty.base == BaseType::Error {
                return error_expr(span);
            }
            if joined.ty.base == BaseType::Int {
                let ty = joined.ty.clone();
                let kind = ExprKind::Call(Builtin::Add, vec![joined, next]);
                joined = Expr { kind, ty, span };
            } else {
                joined = self.joined(joined, next, span);
            }
        }
        joined
    }

    /// The `for`s of generators, each with what of the conditions needs no later one.
    pub(super) fn nested_fors(
        &self,
        bound: &mut Bound,
        own: Option<Expr>,
        body: Block,
    ) -> Vec<Stmt> {
        let Some(generators) = bound.generators.take() else {
            return Vec::new();
        };
        let locals: Vec<Local> = self.names.iter().map(|info| info.local.clone()).collect();
        let mut conditions = std::mem::take(&mut bound.conditions);
        match own {
            Some(Expr {
                kind: ExprKind::And(operands),
                ..
            }) => conditions.extend(operands),
            own => conditions.extend(own),
        }
        let mut levels = Vec::new();
        let mut left = generators.as_slice();
        while let Some((_, after)) = left.split_first() {
            let later: Vec<LocalId> = (after.iter())
                .flat_map(|other| other.key.into_iter().chain([other.element]))
                .collect();
            let is_late = |condition: &Expr| {
                let names = names_of(&locals, condition);
                names.iter().any(|name| later.contains(name))
            };
            let (here, rest): (Vec<Expr>, Vec<Expr>) = conditions
                .into_iter()
                .partition(|condition| !is_late(condition));
            conditions = rest;
            levels.push(here);
            left = after;
        }
        let mut block = body;
        for (generator, mut here) in generators.into_iter().zip(levels).rev() {
            let guard = match (here.len(), here.first().map(|first| first.span)) {
                (0 | 1, _) | (_, None) => here.pop(),
                (_, Some(span)) => Some(condition_expr(ExprKind::And(here), span)),
            };
            let statement = For {
                generator,
                guard,
                body: block,
            };
            block = Block {
                stmts: vec![Stmt::For(Box::new(statement))],
            };
        }
        block.stmts
    }

    /// Says that parts that are written out are no list.
    pub(super) fn written_parts(&mut self, span: Span) {
        self.report(
            Diagnostic::error(
                "misplaced-record",
                "parts that a view writes out are no values, so they are no list",
                span,
                "some parts are written out",
            )
            .with_help("go through them by `for`, `any`, `all`, `no`, `count` or `[… for x in …]`"),
        );
    }
}
