//! Values and conditions of the constructs beyond reads and comparisons.

use palisade_lang::program::{
    BaseType, Binding, Comprehension, Const, Domain, Expr, ExprKind, Generator, LocalId, Pick, Type,
};

use crate::build::{compare, condition, constant, equal, expr, is_in, list_of, local, map_of};
use crate::generate::document::words_of;
use crate::generate::program::{Maker, Want, field};
use crate::generate::world;

impl Maker<'_> {
    /// A condition.
    pub(super) fn wider_condition(&mut self, depth: usize) -> Expr {
        let inner = depth.saturating_sub(1);
        match self.rng.below(12) {
            0 if depth > 0 => {
                let parts = [
                    self.condition(inner),
                    self.condition(inner),
                    self.condition(inner),
                ];
                let [test, then, otherwise] = parts.map(Box::new);
                condition(ExprKind::If {
                    condition: test,
                    then,
                    otherwise,
                })
            }
            1 if depth > 0 => {
                let locals = self.lets(inner);
                let body = Box::new(self.condition(inner));
                self.leave(&locals);
                condition(ExprKind::With { locals, body })
            }
            2 => self.in_domain(Want::Version, Domain::Version, depth),
            3 => self.in_domain(Want::Duration, Domain::Duration, depth),
            4 => self.in_domain(Want::Timestamp, Domain::Timestamp, depth),
            5 => self.numbers(depth),
            6 => {
                let want = self.pattern();
                let (text, pattern) = (self.value(Want::Text, inner), self.value(want, inner));
                equal(Domain::Pattern, text, pattern)
            }
            7 => self.pattern_in_list(depth),
            _ => self.featured(inner),
        }
    }

    pub(super) fn pattern(&mut self) -> Want {
        if self.rng.once_in(2) {
            Want::Glob
        } else {
            Want::Regex
        }
    }

    pub(super) fn in_domain(&mut self, want: Want, domain: Domain, depth: usize) -> Expr {
        if self.rng.once_in(3) {
            let (left, right) = (self.value(want, depth), self.value(want, depth));
            return equal(domain, left, right);
        }
        let (left, right) = (self.present(want, depth), self.present(want, depth));
        let op = self.order();
        compare(op, domain, left, right)
    }

    pub(super) fn numbers(&mut self, depth: usize) -> Expr {
        let wants = [Want::Float, Want::Int];
        let left = self.present(Want::Float, depth);
        let want = self.rng.pick(&wants).copied().unwrap_or(Want::Int);
        let right = self.present(want, depth);
        let op = self.order();
        match self.rng.below(3) {
            0 => equal(Domain::Number, left, right),
            1 => compare(op, Domain::Number, right, left),
            _ => compare(op, Domain::Number, left, right),
        }
    }

    pub(super) fn pattern_in_list(&mut self, depth: usize) -> Expr {
        let needle = self.value(Want::Text, depth);
        let is_pattern = |ty: &BaseType| {
            matches!(ty, BaseType::List(element)
                if matches!(**element, BaseType::Glob | BaseType::Regex))
        };
        for _ in 0..4 {
            if let Some(list) = self.path(Want::List)
                && is_pattern(&list.ty.base)
            {
                return is_in(Domain::Pattern, needle, list);
            }
        }
        let given: Vec<Expr> = self
            .params
            .iter()
            .filter(|param| is_pattern(&param.ty.base))
            .cloned()
            .collect();
        if let Some(list) = self.rng.pick(&given) {
            return is_in(Domain::Pattern, needle, list.clone());
        }
        let want = self.pattern();
        let items: Vec<Const> = (0..1 + self.rng.below(3))
            .filter_map(|_| match self.literal(want).kind {
                ExprKind::Const(item) => Some(item),
                _ => None,
            })
            .collect();
        let element = match want {
            Want::Glob => BaseType::Glob,
            _ => BaseType::Regex,
        };
        let list = constant(Const::List(items), list_of(element));
        is_in(Domain::Pattern, needle, list)
    }

    /// A value of a construct beyond reads; nothing if the one that was drawn cannot give such a value.
    pub(super) fn wider_value(&mut self, want: Want, depth: usize) -> Option<Expr> {
        let inner = depth.saturating_sub(1);
        let found = match self.rng.below(12) {
            0 if depth > 0 => self.conditional(want, inner)?,
            1 if depth > 0 => {
                let locals = self.lets(inner);
                let body = self.value(want, inner);
                self.leave(&locals);
                let ty = body.ty.clone();
                let body = Box::new(body);
                expr(ExprKind::With { locals, body }, ty)
            }
            2 | 3 if depth > 0 => self.pick(want, inner)?,
            4 | 5 => self.cast(want)?,
            6 | 7 if want == Want::List && depth > 0 => self.comprehension(inner),
            6 if want == Want::Int && depth > 0 => self.count(inner),
            7 => {
                let given: Vec<Expr> = self
                    .params
                    .iter()
                    .filter(|param| want.takes(&param.ty.base))
                    .cloned()
                    .collect();
                self.rng.pick(&given)?.clone()
            }
            _ => self.call(want, inner)?,
        };
        want.takes(&found.ty.base).then_some(found)
    }

    pub(super) fn conditional(&mut self, want: Want, depth: usize) -> Option<Expr> {
        let condition = Box::new(self.condition(depth));
        let then = self.value(want, depth);
        let otherwise = (0..4)
            .map(|_| self.value(want, depth))
            .find(|other| other.ty.base == then.ty.base)?;
        let ty = Type {
            base: then.ty.base.clone(),
            optional: then.ty.optional || otherwise.ty.optional,
        };
        let kind = ExprKind::If {
            condition,
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        };
        Some(expr(kind, ty))
    }

    /// Binds names as a called function does.
    pub(super) fn lets(&mut self, depth: usize) -> Vec<LocalId> {
        let wants = [Want::Text, Want::Int, Want::List, Want::Anything];
        (0..1 + self.rng.below(2))
            .map(|_| {
                let want = self.rng.pick(&wants).copied().unwrap_or(Want::Int);
                let value = match self.rng.below(2) {
                    0 => self.path(want),
                    _ => None,
                };
                let value = match value {
                    Some(path) => path,
                    None => self.value(want, depth),
                };
                let ty = value.ty.clone();
                self.bind("given", ty, Binding::Let(Box::new(value)))
            })
            .collect()
    }

    pub(super) fn leave(&mut self, locals: &[LocalId]) {
        self.scope.retain(|id| !locals.contains(id));
    }

    pub(super) fn cast(&mut self, want: Want) -> Option<Expr> {
        let base = match want {
            Want::Bool => BaseType::Bool,
            Want::Int => BaseType::Int,
            Want::Float => BaseType::Float,
            Want::Text => BaseType::String,
            Want::Quantity => BaseType::Quantity,
            Want::IntOrString => BaseType::IntOrString,
            Want::Texts | Want::List => list_of(BaseType::String),
            Want::Map | Want::Collection => map_of(BaseType::String),
            Want::Printable => BaseType::String,
            Want::Version => BaseType::Version,
            Want::Duration => BaseType::Duration,
            Want::Timestamp => BaseType::Timestamp,
            Want::Image => BaseType::Image,
            Want::Cidr => BaseType::Cidr,
            Want::Ip => BaseType::Ip,
            Want::Versions => BaseType::Versions,
            Want::Range => BaseType::Range,
            Want::Anything => match self.rng.below(5) {
                0 => map_of(BaseType::String),
                1 => BaseType::Float,
                2 => BaseType::Enum(world::POLICIES.map(str::to_owned).to_vec()),
                _ => crate::build::record(8),
            },
            _ => return None,
        };
        let whole = field(&self.use_of(LocalId::PART), "spec")
            .and_then(|spec| field(&spec, "network"))
            .and_then(|network| field(&network, "whole"));
        let operand = match whole {
            Some(whole) if self.rng.once_in(2) => whole,
            _ => self.path(Want::Any)?,
        };
        let is_collection = matches!(base, BaseType::List(_) | BaseType::Map(_));
        let ty = Type {
            base,
            optional: !is_collection,
        };
        Some(expr(ExprKind::Cast(Box::new(operand)), ty))
    }

    /// Generators with a `where` and an order; `element` makes the element once the names are bound.
    pub(super) fn tuples(
        &mut self,
        depth: usize,
        element: impl FnOnce(&mut Self, &[Generator]) -> Expr,
    ) -> Comprehension {
        let n_scope = self.scope.len();
        let n_generators = 1 + usize::from(self.rng.once_in(4));
        let generators: Vec<Generator> = (0..n_generators).map(|_| self.generator()).collect();
        let guard = self.rng.once_in(2).then(|| self.condition(depth.min(1)));
        let element = element(self, &generators);
        let last = generators.last().map(|generator| generator.element);
        let order = self.rng.once_in(2).then(|| self.order_by(depth, last));
        self.scope.truncate(n_scope);
        Comprehension {
            generators,
            guard,
            element,
            order,
        }
    }

    fn order_by(&mut self, depth: usize, last: Option<LocalId>) -> (Expr, Domain) {
        let wants = [
            (Want::Int, Domain::Int),
            (Want::Text, Domain::String),
            (Want::Quantity, Domain::Quantity),
            (Want::Float, Domain::Number),
            (Want::Version, Domain::Version),
            (Want::Duration, Domain::Duration),
            (Want::Timestamp, Domain::Timestamp),
        ];
        // The element itself, if it is ordered.
        if let Some(element) = last
            && let used = self.use_of(element)
            && let Some((_, domain)) = wants.iter().find(|(want, _)| want.takes(&used.ty.base))
            && self.rng.below(4) > 0
        {
            return (used, *domain);
        }
        let (want, domain) = self
            .rng
            .pick(&wants)
            .copied()
            .unwrap_or((Want::Int, Domain::Int));
        (self.value(want, depth.min(1)), domain)
    }

    /// How many tuples there are.
    pub(super) fn count(&mut self, depth: usize) -> Expr {
        let comprehension = self.tuples(depth, |maker, _| maker.literal(Want::Int));
        let count = Comprehension {
            order: None,
            ..comprehension
        };
        expr(ExprKind::Count(Box::new(count)), Type::plain(BaseType::Int))
    }

    pub(super) fn comprehension(&mut self, depth: usize) -> Expr {
        let comprehension = self.tuples(depth, |maker, generators| {
            let last = generators.last().map(|generator| generator.element);
            match (maker.rng.below(3), last) {
                (0, Some(element)) => maker.use_of(element),
                (1, _) => maker.value(Want::Text, depth),
                _ => match maker.path(Want::Anything) {
                    Some(path) => path,
                    None => maker.literal(Want::Int),
                },
            }
        });
        let ty = Type::plain(list_of(comprehension.element.ty.base.clone()));
        expr(ExprKind::Comprehension(Box::new(comprehension)), ty)
    }

    /// `first` or `last` of a list whose elements are wanted.
    pub(super) fn pick(&mut self, want: Want, depth: usize) -> Option<Expr> {
        let pick = if self.rng.once_in(2) {
            Pick::First
        } else {
            Pick::Last
        };
        let comprehension = self.tuples(depth, |maker, generators| {
            let first = generators.first().map(|generator| generator.element);
            let ty = first
                .and_then(|id| maker.locals.get(id.0 as usize))
                .map_or_else(|| Type::plain(BaseType::Any), |known| known.ty.clone());
            local(first.unwrap_or(LocalId::PART), ty)
        });
        let base = comprehension.element.ty.base.clone();
        let is_collection = matches!(base, BaseType::List(_) | BaseType::Map(_));
        let ty = Type {
            base,
            optional: !is_collection,
        };
        let picked = expr(ExprKind::Pick(pick, Box::new(comprehension)), ty);
        // What is in the element may be what is wanted.
        self.within(picked, want)
    }

    /// A constant of a type of text.
    pub(super) fn typed(&mut self, ty: BaseType) -> Expr {
        let text = self.rng.word(words_of(&ty).0).to_owned();
        constant(Const::String(text), ty)
    }

    /// A map, constant or of the world.
    pub(super) fn map(&mut self) -> Expr {
        match self.path(Want::Map) {
            Some(map) => map,
            None => constant(Const::Map(Vec::new()), map_of(BaseType::String)),
        }
    }
}
