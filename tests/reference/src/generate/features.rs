//! Conditions that are about one construct, each construct as often as the others.

use palisade_lang::program::{
    BaseType, Builtin, Const, ContextPart, Domain, Expr, ExprKind, LocalId, Type,
};

use crate::build::{
    call, compare, constant, equal, expr, int, is_empty, is_in, is_known, is_set, list_of, member,
    record, truth,
};
use crate::generate::program::{Maker, Want, field};
use crate::generate::world;

/// What is equal, and as what.
const EQUAL: [(Want, Domain); 14] = [
    (Want::Bool, Domain::Bool),
    (Want::Int, Domain::Int),
    (Want::Text, Domain::String),
    (Want::Quantity, Domain::Quantity),
    (Want::Version, Domain::Version),
    (Want::Duration, Domain::Duration),
    (Want::Timestamp, Domain::Timestamp),
    (Want::IntOrString, Domain::Scalar),
    (Want::Any, Domain::Scalar),
    (Want::Image, Domain::String),
    (Want::Ip, Domain::String),
    (Want::Cidr, Domain::String),
    (Want::Versions, Domain::String),
    (Want::Range, Domain::String),
];

/// What is ordered, and as what.
const ORDERED: [(Want, Domain); 6] = [
    (Want::Int, Domain::Int),
    (Want::Text, Domain::String),
    (Want::Quantity, Domain::Quantity),
    (Want::Version, Domain::Version),
    (Want::Duration, Domain::Duration),
    (Want::Timestamp, Domain::Timestamp),
];

impl Maker<'_> {
    /// A condition that is about one construct.
    pub(super) fn featured(&mut self, depth: usize) -> Expr {
        let (call_depth, inner) = (depth.min(1), depth.saturating_sub(1));
        let value = match self.rng.below(46) {
            0..=13 => self.any_call(call_depth),
            14..=16 => {
                let (want, domain) = self.rng.pick(&ORDERED).copied().unwrap_or(ORDERED[0]);
                return self.ordering(want, domain, call_depth);
            }
            43..=45 => return self.query(depth),
            17 => return self.numbers(call_depth),
            18 | 19 => {
                let (want, domain) = self.rng.pick(&EQUAL).copied().unwrap_or(EQUAL[0]);
                return self.equality(want, domain, call_depth);
            }
            20 | 21 => {
                let list = self.network_list();
                return self.member_of(list, call_depth);
            }
            22 => return self.pattern_in_list(call_depth),
            23 | 24 => return self.quantifier(depth),
            25 => Some(self.comprehension(call_depth)),
            26 => Some(self.count(call_depth)),
            27 | 28 => self.pick(Want::Anything, call_depth),
            29..=31 => {
                let others = [
                    Want::Anything,
                    Want::Anything,
                    Want::Float,
                    Want::List,
                    Want::Map,
                ];
                let (want, _) = self.rng.pick(&EQUAL).copied().unwrap_or(EQUAL[0]);
                let want = match self.rng.below(3) {
                    0 => self.rng.pick(&others).copied().unwrap_or(want),
                    _ => want,
                };
                self.cast(want)
            }
            32 | 38 => {
                let params = self.params.clone();
                self.rng.pick(&params).cloned()
            }
            33 => self.context_part(),
            34 => match self.rng.below(3) {
                0 => self.image_part(),
                1 => self.role(),
                _ => Some(self.interpolation()),
            },
            35 => self.effective(),
            36 => return self.ranked(),
            37 => match self.rng.below(3) {
                0 => self.conditional(Want::Text, inner),
                1 => Some(self.concat(call_depth)),
                _ => Some(self.list(call_depth)),
            },
            39 => {
                let (want, _) = self.rng.pick(&EQUAL).copied().unwrap_or(EQUAL[0]);
                self.path(want)
            }
            _ => self.network_member(),
        };
        match value {
            Some(value) => self.condition_on(value, inner),
            None => self.quantifier(inner),
        }
    }

    /// A condition on a value.
    fn condition_on(&mut self, value: Expr, depth: usize) -> Expr {
        if self.rng.once_in(10) {
            return is_known(value);
        }
        if value.ty.optional && self.rng.once_in(8) {
            return is_set(value);
        }
        let (want, domain) = match &value.ty.base {
            BaseType::Bool if !value.ty.optional || matches!(value.kind, ExprKind::Call(..)) => {
                return truth(value);
            }
            BaseType::Bool => (Want::Bool, Domain::Bool),
            BaseType::Int => (Want::Int, Domain::Int),
            BaseType::Float => (Want::Float, Domain::Number),
            BaseType::String | BaseType::Enum(_) => (Want::Text, Domain::String),
            BaseType::Image
            | BaseType::Cidr
            | BaseType::Ip
            | BaseType::Versions
            | BaseType::Range => {
                let other = self.typed(value.ty.base.clone());
                return equal(Domain::String, value, other);
            }
            BaseType::Quantity => (Want::Quantity, Domain::Quantity),
            BaseType::IntOrString => (Want::IntOrString, Domain::Scalar),
            BaseType::Any => (Want::Any, Domain::Scalar),
            BaseType::Version => (Want::Version, Domain::Version),
            BaseType::Duration => (Want::Duration, Domain::Duration),
            BaseType::Timestamp => (Want::Timestamp, Domain::Timestamp),
            BaseType::Glob | BaseType::Regex if !value.ty.optional => {
                let text = self.value(Want::Text, depth);
                let ty = Type {
                    base: BaseType::Bool,
                    optional: text.ty.optional,
                };
                return truth(call(Builtin::Matches, vec![text, value], ty));
            }
            BaseType::List(element) => {
                let is_pattern = matches!(**element, BaseType::Glob | BaseType::Regex);
                if is_pattern {
                    let text = self.value(Want::Text, depth);
                    return is_in(Domain::Pattern, text, value);
                }
                return match self.rng.below(4) {
                    0 => is_empty(value),
                    1 => match self.step(&value) {
                        Some(element) => self.condition_on(element, depth),
                        None => is_empty(value),
                    },
                    _ => self.member_of(value, depth),
                };
            }
            BaseType::Map(_) | BaseType::Record(_) if !self.rng.once_in(4) => {
                return match self.step(&value) {
                    Some(inner) => self.condition_on(inner, depth),
                    None => is_known(value),
                };
            }
            BaseType::Map(_) => return is_empty(value),
            _ if value.ty.optional => return is_set(value),
            _ => return is_known(value),
        };
        let is_ordered = !matches!(domain, Domain::Bool | Domain::Scalar)
            && !value.ty.optional
            && !matches!(value.ty.base, BaseType::Enum(_));
        if is_ordered && self.rng.once_in(3) {
            let other = self.literal(want);
            return compare(self.order(), domain, value, other);
        }
        let other = match self.rng.below(3) {
            0 => self.value(want, depth),
            _ => self.literal(want),
        };
        equal(domain, value, other)
    }

    /// A part of what the host says, with its record.
    pub(super) fn context_root(&mut self) -> (ContextPart, u32) {
        match self.rng.below(6) {
            0 => (ContextPart::Source, world::SOURCE),
            1 => (ContextPart::Inventory, world::CALLED),
            2 | 3 => (ContextPart::Request, world::REQUEST),
            _ => (ContextPart::Old, world::POD),
        }
    }

    /// What something in scope was before, as what it is now.
    fn before(&mut self) -> Option<Expr> {
        let part = self.path(Want::Record)?;
        let (ty, any) = (part.ty.base.clone(), Type::optional(BaseType::Any));
        let untyped = Expr {
            ty: Type::plain(BaseType::Any),
            ..part
        };
        let before = expr(ExprKind::Call(Builtin::Before, vec![untyped]), any);
        let old = expr(ExprKind::Cast(Box::new(before)), Type::optional(ty));
        self.step(&old)
    }

    /// Something of what the host says.
    fn context_part(&mut self) -> Option<Expr> {
        if self.rng.once_in(3) {
            return self.before();
        }
        let (part, id) = self.context_root();
        let whole = expr(ExprKind::Context(part), Type::optional(record(id)));
        self.step(&whole)
    }

    /// What counts for a container: what it says, else what its pod says.
    fn effective(&mut self) -> Option<Expr> {
        let own: Vec<Expr> = self
            .scope
            .iter()
            .filter_map(|id| {
                let used = self.use_of(*id);
                field(&used, "image").and(field(&used, "securityContext"))
            })
            .collect();
        let shared = field(&self.use_of(LocalId::PART), "spec")?;
        let own = match self.rng.pick(&own) {
            Some(own) => own.clone(),
            None => {
                let first = self.step(&field(&shared, "containers")?)?;
                field(&first, "securityContext")?
            }
        };
        let shared = field(&shared, "securityContext")?;
        let key = self.rng.word(&["privileged", "runAsUser", "runAsNonRoot"]);
        let (own, shared) = (field(&own, key)?, field(&shared, key)?);
        let ty = Type {
            base: own.ty.base.clone(),
            optional: own.ty.optional && shared.ty.optional,
        };
        let kind = ExprKind::Coalesce(Box::new(own), Box::new(shared));
        Some(expr(kind, ty))
    }

    /// A comparison of the positions of two texts in an ordered enum.
    fn ranked(&mut self) -> Expr {
        let words = world::POLICIES;
        let items = words.map(|word| Const::String(word.to_owned()));
        let members = constant(Const::List(items.to_vec()), list_of(BaseType::String));
        let rank = |maker: &mut Self| {
            let text = match field(&maker.use_of(LocalId::PART), "spec")
                .and_then(|spec| field(&spec, "restartPolicy"))
            {
                Some(text) if maker.rng.once_in(2) => maker.or_else(text, words[0]),
                _ => maker.present(Want::Text, 0),
            };
            call(
                Builtin::Rank,
                vec![text, members.clone()],
                Type::plain(BaseType::Int),
            )
        };
        let left = rank(self);
        let right = match self.rng.below(3) {
            0 => rank(self),
            _ => int(i64::try_from(self.rng.below(words.len())).unwrap_or(0)),
        };
        let op = self.order();
        compare(op, Domain::Int, left, right)
    }

    /// The value, or a text where it is absent.
    fn or_else(&mut self, value: Expr, text: &str) -> Expr {
        if !value.ty.optional {
            return value;
        }
        let ty = Type::plain(value.ty.base.clone());
        let default = constant(Const::String(text.to_owned()), value.ty.base.clone());
        expr(ExprKind::Coalesce(Box::new(value), Box::new(default)), ty)
    }

    /// A value of any of the types of text, and some others.
    fn network_member(&mut self) -> Option<Expr> {
        let network =
            field(&self.use_of(LocalId::PART), "spec").and_then(|spec| field(&spec, "network"))?;
        self.step(&network)
    }

    /// A value that is wanted, where documents often hold something else.
    pub(super) fn network_field(&mut self, want: Want) -> Option<Expr> {
        let network =
            field(&self.use_of(LocalId::PART), "spec").and_then(|spec| field(&spec, "network"))?;
        let fields: Vec<_> = world::fields(world::NETWORK)
            .into_iter()
            .filter(|field| want.takes(&field.ty))
            .collect();
        let found = self.rng.pick(&fields)?;
        field(&network, found.key)
    }

    /// A list of values that are compared by more than their text.
    pub(super) fn network_list(&mut self) -> Expr {
        let lists = [
            ("versions", Want::Version, BaseType::Version),
            ("timeouts", Want::Duration, BaseType::Duration),
            ("times", Want::Timestamp, BaseType::Timestamp),
            ("factors", Want::Float, BaseType::Float),
            ("flags", Want::Bool, BaseType::Bool),
            ("sizes", Want::Quantity, BaseType::Quantity),
            ("numbers", Want::Int, BaseType::Int),
            ("mixed", Want::IntOrString, BaseType::IntOrString),
            ("any", Want::Any, BaseType::Any),
        ];
        let Some((key, want, element)) = self.rng.pick(&lists).cloned() else {
            return self.texts();
        };
        let network =
            field(&self.use_of(LocalId::PART), "spec").and_then(|spec| field(&spec, "network"));
        if let Some(network) = network
            && !self.rng.once_in(4)
        {
            let ty = list_of(element);
            return member(network, key, ty, palisade_lang::program::Presence::Optional);
        }
        let items = (0..1 + self.rng.below(3))
            .filter_map(|_| match self.literal(want).kind {
                ExprKind::Const(item) => Some(item),
                _ => None,
            })
            .collect();
        constant(Const::List(items), list_of(element))
    }
}
