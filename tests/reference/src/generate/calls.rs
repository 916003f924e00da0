//! Random calls of the functions of the language.

use palisade_lang::program::{BaseType, Builtin, Const, Expr, LocalId, Type};

use crate::build::{call, constant, list_of, text};
use crate::generate::program::{Maker, Want};
use crate::generate::world;

/// What a function takes.
#[derive(Debug, Clone, Copy)]
enum Take {
    /// A value of a kind.
    One(Want),
    /// A list of scalars, of the type of the first such list of the call.
    Scalars,
    /// A label selector.
    Selector,
    /// A rule of a role.
    Rule,
    /// The object.
    Object,
    /// A constant list of text.
    Members,
    /// One of some words, or any text.
    Word(&'static [&'static str]),
}

use Take::{Members, Object, One, Rule, Scalars, Selector, Word};

const TEXT: Take = One(Want::Text);
const INT: Take = One(Want::Int);

/// Functions whose result is text.
const TEXTS: &[(Builtin, &[Take])] = &[
    (Builtin::Lower, &[TEXT]),
    (Builtin::Upper, &[TEXT]),
    (Builtin::Trim, &[TEXT]),
    (Builtin::TrimPrefix, &[TEXT, TEXT]),
    (Builtin::TrimSuffix, &[TEXT, TEXT]),
    (Builtin::TrimPrefix, &[TEXT, Word(&world::ENDS)]),
    (Builtin::TrimSuffix, &[TEXT, Word(&world::ENDS)]),
    (Builtin::Join, &[One(Want::Texts), TEXT]),
    (Builtin::Replace, &[TEXT, TEXT, TEXT]),
    (Builtin::Substring, &[TEXT, INT, INT]),
    (Builtin::CleanPath, &[Word(&world::PATHS)]),
    (Builtin::Namespace, &[Object]),
    (Builtin::Base64Decode, &[Word(&world::ENCODED)]),
    (Builtin::Cron, &[Word(&world::SCHEDULES)]),
    (Builtin::Key, &[One(Want::Anything)]),
    (Builtin::Path, &[One(Want::Anything)]),
];

const INTS: &[(Builtin, &[Take])] = &[
    (Builtin::Len, &[TEXT]),
    (Builtin::Entropy, &[TEXT]),
    (Builtin::Add, &[INT, INT]),
    (Builtin::Subtract, &[INT, INT]),
    (Builtin::Multiply, &[INT, INT]),
    (Builtin::IntegerDivide, &[INT, INT]),
    (Builtin::Remainder, &[INT, INT]),
    (Builtin::Negate, &[INT]),
    (Builtin::Abs, &[INT]),
    (Builtin::Min, &[INT, INT]),
    (Builtin::Max, &[INT, INT]),
    (Builtin::Min, &[One(Want::Ints)]),
    (Builtin::Max, &[One(Want::Ints)]),
    (Builtin::Sum, &[One(Want::Ints)]),
    (Builtin::Int, &[Word(&world::NUMERALS)]),
    (Builtin::Octal, &[Word(&world::NUMERALS)]),
    (Builtin::PercentOf, &[One(Want::IntOrString), INT]),
    (Builtin::PercentOf, &[Word(&world::NUMERALS), INT]),
    (
        Builtin::Rank,
        &[Word(&["a", "b", "Always", "Never", "1.2"]), Members],
    ),
    (Builtin::Size, &[One(Want::List)]),
    (Builtin::Size, &[One(Want::Map)]),
];

const BOOLS: &[(Builtin, &[Take])] = &[
    (Builtin::StartsWith, &[TEXT, TEXT]),
    (Builtin::EndsWith, &[TEXT, TEXT]),
    (Builtin::StartsWith, &[TEXT, Word(&world::ENDS)]),
    (Builtin::EndsWith, &[TEXT, Word(&world::ENDS)]),
    (Builtin::Contains, &[TEXT, TEXT]),
    (
        Builtin::PathWithin,
        &[Word(&world::PATHS), Word(&world::PATHS)],
    ),
    (Builtin::Matches, &[TEXT, One(Want::Glob)]),
    (Builtin::Matches, &[Word(&world::PATHS), One(Want::Glob)]),
    (Builtin::Matches, &[TEXT, One(Want::Regex)]),
    (Builtin::SubsetOf, &[Scalars, Scalars]),
    (Builtin::WithinCidr, &[One(Want::Ip), One(Want::Cidr)]),
    (Builtin::WithinCidr, &[One(Want::Cidr), One(Want::Cidr)]),
    (
        Builtin::WithinVersions,
        &[One(Want::Version), One(Want::Versions)],
    ),
    (Builtin::WithinRange, &[INT, One(Want::Range)]),
    (Builtin::Same, &[One(Want::Anything), One(Want::Anything)]),
    (Builtin::Selects, &[Selector, One(Want::Map)]),
    (Builtin::Selects, &[Selector, One(Want::Map)]),
    (
        Builtin::Grants,
        &[
            Rule,
            Word(&world::GRANTED),
            Word(&world::GRANTED),
            Word(&world::GRANTED),
        ],
    ),
    (
        Builtin::HostMatches,
        &[Word(&world::HOSTS), Word(&world::HOSTS)],
    ),
];

const QUANTITIES: &[(Builtin, &[Take])] = &[
    (
        Builtin::AddQuantity,
        &[One(Want::Quantity), One(Want::Quantity)],
    ),
    (
        Builtin::SubtractQuantity,
        &[One(Want::Quantity), One(Want::Quantity)],
    ),
    (
        Builtin::MultiplyQuantity,
        &[One(Want::Quantity), One(Want::Quantity)],
    ),
    (
        Builtin::MultiplyQuantity,
        &[One(Want::Int), One(Want::Quantity)],
    ),
    (
        Builtin::MultiplyQuantity,
        &[One(Want::Quantity), One(Want::Float)],
    ),
    (
        Builtin::AddQuantity,
        &[One(Want::Float), One(Want::Quantity)],
    ),
    (
        Builtin::SubtractQuantity,
        &[One(Want::Quantity), One(Want::Int)],
    ),
    (Builtin::Min, &[One(Want::Quantity), One(Want::Quantity)]),
    (Builtin::Max, &[One(Want::Quantity), One(Want::Quantity)]),
    (Builtin::Min, &[One(Want::Quantities)]),
    (Builtin::Max, &[One(Want::Quantities)]),
    (Builtin::Quantity, &[Word(&world::QUANTITIES)]),
];

const FLOATS: &[(Builtin, &[Take])] = &[
    (Builtin::Divide, &[One(Want::Int), One(Want::Int)]),
    (Builtin::Divide, &[One(Want::Quantity), One(Want::Quantity)]),
    (Builtin::Divide, &[One(Want::Float), One(Want::Int)]),
    (
        Builtin::Float,
        &[Word(&["1", "-0.5", "1e3", "01", "1.", ".5", "+1", "x"])],
    ),
];

const LISTS: &[(Builtin, &[Take])] = &[
    (Builtin::Split, &[TEXT, Word(&["/", ".", "", "a", "l"])]),
    (Builtin::FindAll, &[TEXT, One(Want::Regex)]),
    (Builtin::Keys, &[One(Want::Map)]),
    (Builtin::Keys, &[One(Want::Record)]),
    (Builtin::Values, &[One(Want::Map)]),
    (Builtin::Union, &[Scalars, Scalars]),
    (Builtin::Intersect, &[Scalars, Scalars]),
    (Builtin::Minus, &[Scalars, Scalars]),
    (Builtin::Unique, &[Scalars]),
    (Builtin::Sort, &[One(Want::Texts)]),
    (Builtin::Sort, &[One(Want::Ints)]),
    (Builtin::Walk, &[One(Want::Anything)]),
];

impl Maker<'_> {
    /// A call whose result is wanted.
    pub(super) fn call(&mut self, want: Want, depth: usize) -> Option<Expr> {
        let table: &[(Builtin, &[Take])] = match want {
            Want::Text => TEXTS,
            Want::Int => INTS,
            Want::Bool => BOOLS,
            Want::Quantity => QUANTITIES,
            Want::List | Want::Texts | Want::Collection => LISTS,
            Want::Version if self.rng.once_in(3) => {
                let ty = Type::plain(BaseType::Version);
                return Some(call(Builtin::ClusterVersion, Vec::new(), ty));
            }
            Want::Version => &[(Builtin::Version, &[Word(&world::VERSIONS)])],
            Want::Float => FLOATS,
            Want::Duration => &[
                (Builtin::Duration, &[Word(&world::DURATIONS)]),
                (
                    Builtin::TimeBetween,
                    &[One(Want::Timestamp), One(Want::Timestamp)],
                ),
            ],
            Want::Timestamp if self.rng.once_in(4) => {
                let ty = Type::plain(BaseType::Timestamp);
                return Some(call(Builtin::Now, Vec::new(), ty));
            }
            Want::Timestamp => &[(Builtin::Timestamp, &[Word(&world::TIMESTAMPS)])],
            Want::Image => &[(Builtin::Image, &[Word(&world::IMAGES)])],
            Want::Cidr => &[(Builtin::Cidr, &[Word(&world::RANGES)])],
            Want::Ip => &[(Builtin::Ip, &[Word(&world::ADDRESSES)])],
            Want::Versions => &[(Builtin::Versions, &[Word(&world::VERSION_RANGES)])],
            Want::Range => &[(Builtin::Range, &[Word(&world::INT_RANGES)])],
            _ => return None,
        };
        let (function, takes) = self.rng.pick(table)?;
        self.made(*function, takes, depth)
    }

    /// A call of any of the functions, each as often as the others.
    pub(super) fn any_call(&mut self, depth: usize) -> Option<Expr> {
        const TYPED: &[(Builtin, &[Take])] = &[
            (Builtin::ClusterVersion, &[]),
            (Builtin::Version, &[Word(&world::VERSIONS)]),
            (Builtin::Image, &[Word(&world::IMAGES)]),
            (Builtin::Cidr, &[Word(&world::RANGES)]),
            (Builtin::Ip, &[Word(&world::ADDRESSES)]),
            (Builtin::Versions, &[Word(&world::VERSION_RANGES)]),
            (Builtin::Range, &[Word(&world::INT_RANGES)]),
            (Builtin::Now, &[]),
            (
                Builtin::TimeBetween,
                &[One(Want::Timestamp), One(Want::Timestamp)],
            ),
        ];
        let tables = [TEXTS, INTS, BOOLS, QUANTITIES, LISTS, TYPED];
        let all: Vec<_> = tables.into_iter().flatten().collect();
        let (function, takes) = *self.rng.pick(&all)?;
        self.made(*function, takes, depth)
    }

    fn made(&mut self, function: Builtin, takes: &[Take], depth: usize) -> Option<Expr> {
        let mut arguments: Vec<Expr> = Vec::new();
        for take in takes {
            let argument = match take {
                One(want) => self.argument(*want, depth),
                Scalars => self.scalars(arguments.first(), depth)?,
                Selector => self.within_scope("selector")?,
                Rule => self.rule()?,
                Object => self.use_of(LocalId::OBJECT),
                Members => {
                    let words = ["a", "b", "Always", "Never", "1.2"];
                    let items = words.map(|word| Const::String(word.to_owned()));
                    constant(Const::List(items.to_vec()), list_of(BaseType::String))
                }
                Word(words) => match self.rng.below(4) {
                    0 => self.argument(Want::Text, depth),
                    1 => self
                        .within_scope(if words.contains(&"*.com") {
                            "host"
                        } else {
                            "path"
                        })
                        .filter(|_| words.contains(&"*.com") || words.contains(&"/.."))
                        .unwrap_or_else(|| text(words.first().copied().unwrap_or_default())),
                    2 if words.contains(&"10%") => {
                        self.within_scope("mode").unwrap_or_else(|| text("10%"))
                    }
                    _ => text(self.rng.word(words)),
                },
            };
            arguments.push(argument);
        }
        let is_optional = arguments.iter().any(|argument| argument.ty.optional);
        let ty = result(function, &arguments, is_optional);
        Some(call(function, arguments, ty))
    }

    /// Mostly a value that is there.
    fn argument(&mut self, want: Want, depth: usize) -> Expr {
        match self.rng.below(4) {
            0 => self.value(want, depth),
            1 if want == Want::Int => {
                let small = self.rng.below(5);
                crate::build::int(i64::try_from(small).unwrap_or(0))
            }
            _ => self.present(want, depth),
        }
    }

    fn scalars(&mut self, first: Option<&Expr>, depth: usize) -> Option<Expr> {
        let is_scalar = |ty: &BaseType| {
            matches!(ty, BaseType::List(element)
            if !matches!(
                **element,
                BaseType::Record(_)
                    | BaseType::List(_)
                    | BaseType::Map(_)
                    | BaseType::Glob
                    | BaseType::Regex
            ))
        };
        (0..8)
            .map(|_| match self.rng.below(3) {
                0 => self.value(Want::List, depth),
                1 => self.texts(),
                _ => match self.path(Want::List) {
                    Some(list) => list,
                    None => self.texts(),
                },
            })
            .find(|list| match first {
                Some(first) => list.ty.base == first.ty.base,
                None => is_scalar(&list.ty.base),
            })
    }

    /// A record that a function makes, or a list of such.
    fn record(&mut self) -> Option<Expr> {
        let records = |id| crate::build::record(id);
        let text = |this: &mut Self, words: &'static [&'static str]| match this.rng.below(3) {
            0 => this.within_scope("made"),
            1 => this.within_scope("config"),
            _ => Some(text(this.rng.word(words))),
        };
        Some(match self.rng.below(5) {
            4 => {
                let text = text(self, &world::SCRIPTS)?;
                let ty = Type::plain(list_of(records(world::COMMANDS)));
                call(Builtin::Shell, vec![text], ty)
            }
            0 => {
                let list = self.value(Want::Texts, 1);
                self.flags_of(list)
            }
            1 => {
                let text = text(self, &world::URLS)?;
                call(
                    Builtin::Url,
                    vec![text],
                    Type::optional(records(world::URL)),
                )
            }
            2 => {
                let text = text(self, &world::CERTIFICATES)?;
                let ty = Type::plain(list_of(records(world::CERTIFICATE)));
                call(Builtin::Certificates, vec![text], ty)
            }
            _ => {
                let text = text(self, &world::CERTIFICATES)?;
                let ty = Type::optional(records(world::SIGNING_REQUEST));
                call(Builtin::SigningRequest, vec![text], ty)
            }
        })
    }

    fn flags_of(&mut self, words: Expr) -> Expr {
        let is_typed = self.rng.once_in(2);
        let shapes = if is_typed { world::FLAG_SHAPES } else { "" };
        let ty = Type::plain(crate::build::map_of(BaseType::String));
        let shapes = constant(Const::String(shapes.to_owned()), BaseType::String);
        let flags = call(Builtin::Flags, vec![words, shapes], ty);
        if !is_typed {
            return flags;
        }
        crate::build::expr(
            palisade_lang::program::ExprKind::Cast(Box::new(flags)),
            Type::plain(crate::build::record(world::FLAGS)),
        )
    }

    /// A flag in words of the document, mostly.
    pub(super) fn flag(&mut self) -> Option<Expr> {
        let words = if self.rng.once_in(4) {
            self.value(Want::Texts, 1)
        } else {
            self.within_scope("flags")?
        };
        let flags = self.flags_of(words);
        self.step(&flags)
    }

    /// A document that a text holds, as a type.
    pub(super) fn embedded(&mut self) -> Option<Expr> {
        if self.rng.once_in(3) {
            return self.record();
        }
        let mut text = self.embedded_text(true)?;
        if self.rng.once_in(8) {
            let ty = Type::optional(BaseType::String);
            text = call(Builtin::Trim, vec![text], ty);
        }
        Some(self.parsed(text))
    }

    /// A text that holds a document: of the object, encoded in it, or of a document that another text holds.
    fn embedded_text(&mut self, may_nest: bool) -> Option<Expr> {
        match self.rng.below(6) {
            0 => {
                let encoded = self.within_scope("encoded")?;
                let ty = Type::optional(BaseType::String);
                Some(call(Builtin::Base64Decode, vec![encoded], ty))
            }
            1 if may_nest => {
                let outer = self.embedded_text(false)?;
                let outer = self.parsed(outer);
                match &outer.ty.base {
                    BaseType::Record(_) => crate::generate::program::field(&outer, "config"),
                    _ => self.within_scope("config"),
                }
            }
            _ => self.within_scope("config"),
        }
    }

    fn parsed(&mut self, text: Expr) -> Expr {
        let function = if self.rng.once_in(3) {
            Builtin::ParseJson
        } else {
            Builtin::ParseYaml
        };
        let parsed = call(function, vec![text], Type::optional(BaseType::Any));
        let ty = match self.rng.below(10) {
            0 => return parsed,
            1 => Type::plain(list_of(crate::build::record(world::PORT))),
            2 => Type::plain(crate::build::map_of(BaseType::Any)),
            _ => Type::optional(crate::build::record(world::EMBEDDED)),
        };
        crate::build::expr(palisade_lang::program::ExprKind::Cast(Box::new(parsed)), ty)
    }

    /// A member of that name of something in scope.
    fn within_scope(&mut self, key: &str) -> Option<Expr> {
        let spec = self.spec()?;
        crate::generate::program::field(&spec, key)
    }

    fn spec(&self) -> Option<Expr> {
        crate::generate::program::field(&self.use_of(LocalId::PART), "spec")
    }

    /// A rule in scope, or the first of the role.
    fn rule(&mut self) -> Option<Expr> {
        let rules: Vec<Expr> = self
            .scope
            .iter()
            .map(|id| self.use_of(*id))
            .filter(|used| used.ty.base == crate::build::record(world::RULE))
            .collect();
        if let Some(rule) = self.rng.pick(&rules) {
            return Some(rule.clone());
        }
        let list = match crate::generate::program::field(&self.use_of(LocalId::OBJECT), "rules") {
            Some(list) => list,
            None => self.within_scope("rules")?,
        };
        self.step(&list)
    }

    /// The value itself, or something in it that is wanted.
    pub(super) fn within(&mut self, value: Expr, want: Want) -> Option<Expr> {
        let mut at = value;
        for _ in 0..5 {
            if want.takes(&at.ty.base) {
                return Some(at);
            }
            at = self.step(&at)?;
        }
        None
    }
}

fn result(function: Builtin, arguments: &[Expr], is_optional: bool) -> Type {
    let first = arguments.first().map(|argument| &argument.ty.base);
    let base = match function {
        Builtin::Len
        | Builtin::Entropy
        | Builtin::Add
        | Builtin::Subtract
        | Builtin::Multiply
        | Builtin::IntegerDivide
        | Builtin::Remainder
        | Builtin::Negate
        | Builtin::Abs
        | Builtin::Sum
        | Builtin::Int
        | Builtin::Octal
        | Builtin::PercentOf
        | Builtin::Rank
        | Builtin::Size => BaseType::Int,
        Builtin::Min | Builtin::Max => match first {
            Some(BaseType::List(element)) => (**element).clone(),
            Some(ty) => ty.clone(),
            None => BaseType::Int,
        },
        Builtin::StartsWith
        | Builtin::EndsWith
        | Builtin::Contains
        | Builtin::PathWithin
        | Builtin::Matches
        | Builtin::SubsetOf
        | Builtin::WithinCidr
        | Builtin::WithinVersions
        | Builtin::WithinRange
        | Builtin::Selects
        | Builtin::Grants
        | Builtin::Same
        | Builtin::HostMatches => BaseType::Bool,
        Builtin::AddQuantity
        | Builtin::SubtractQuantity
        | Builtin::MultiplyQuantity
        | Builtin::Quantity => BaseType::Quantity,
        Builtin::Divide | Builtin::Float => BaseType::Float,
        Builtin::Duration | Builtin::TimeBetween => BaseType::Duration,
        Builtin::Timestamp | Builtin::Now => BaseType::Timestamp,
        Builtin::Walk => list_of(BaseType::Any),
        Builtin::Version | Builtin::ClusterVersion => BaseType::Version,
        Builtin::Image => BaseType::Image,
        Builtin::Cidr => BaseType::Cidr,
        Builtin::Ip => BaseType::Ip,
        Builtin::Versions => BaseType::Versions,
        Builtin::Range => BaseType::Range,
        Builtin::ParseJson | Builtin::ParseYaml => BaseType::Any,
        Builtin::Split | Builtin::FindAll | Builtin::Keys => list_of(BaseType::String),
        Builtin::Values => match first {
            Some(BaseType::Map(value)) => list_of((**value).clone()),
            _ => list_of(BaseType::Any),
        },
        Builtin::Union | Builtin::Intersect | Builtin::Minus | Builtin::Unique | Builtin::Sort => {
            first.cloned().unwrap_or_else(|| list_of(BaseType::Any))
        }
        _ => BaseType::String,
    };
    let may_fail = match function {
        Builtin::Min | Builtin::Max => arguments.len() == 1,
        Builtin::Int
        | Builtin::Octal
        | Builtin::Float
        | Builtin::Duration
        | Builtin::Timestamp
        | Builtin::Quantity
        | Builtin::PercentOf
        | Builtin::Version
        | Builtin::Image
        | Builtin::Cidr
        | Builtin::Ip
        | Builtin::Versions
        | Builtin::Base64Decode
        | Builtin::Cron
        | Builtin::Key
        | Builtin::Path
        | Builtin::ParseJson
        | Builtin::ParseYaml
        | Builtin::Range => true,
        _ => false,
    };
    Type {
        base,
        optional: is_optional || may_fail,
    }
}
