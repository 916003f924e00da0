//! What is known to be set: facts about names and pure paths, and the conditions that give them.

use super::context::Ctx;
use crate::program::{
    BaseType, Builtin, CheckId, Const, ContextPart, Expr, ExprKind, ImagePart, LocalId, ParamId,
    QuantifierKind, Type,
};
use crate::span::Span;

/// A name, and constant keys from it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Path {
    root: Root,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Root {
    Local(LocalId),
    Param(ParamId),
    Context(ContextPart),
}

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Key(String),
    Index(i64),
    Image(ImagePart),
    /// The member whose key is the value of a path. Values never change, so it is always the same member.
    Dynamic(Box<Path>),
    /// Read as another type.
    Cast(BaseType),
    /// What a function makes of the value alone.
    Call(Builtin),
}

/// A path whose value is there.
#[derive(Debug, Clone)]
pub(super) struct Fact {
    path: Path,
    /// The `require` that made sure of it, if one did.
    origin: Option<CheckId>,
}

/// A `deny` that something is not set. It guards nothing, but was probably meant to.
#[derive(Debug, Clone)]
pub(super) struct Denied {
    path: Path,
    /// From the word `deny` to the end of the condition.
    pub(super) head: Span,
    /// The text of what is denied to be absent.
    pub(super) what: Span,
}

/// How much a condition tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// All that follows from it.
    All,
    /// Only what it asks for by `is set` or `is not empty`. What follows from a `require` makes later checks depend on
    /// it, and `require c.securityContext.a == 1` must not hide a finding about `c.securityContext.b`.
    Asked,
}

impl Path {
    /// A part of the context itself.
    pub(super) fn of_context(part: ContextPart) -> Self {
        Self {
            root: Root::Context(part),
            steps: Vec::new(),
        }
    }
}

impl Ctx<'_> {
    /// Whether a path is known to be set.
    pub(super) fn is_known_set(&self, path: &Path) -> bool {
        self.facts.iter().any(|fact| fact.path == *path)
    }

    /// The path that `expr` reads, if it is pure.
    pub(super) fn path_of(&self, expr: &Expr) -> Option<Path> {
        match &expr.kind {
            ExprKind::Local(id) => {
                let alias = self.name(*id).and_then(|info| info.alias.clone());
                Some(alias.unwrap_or(Path {
                    root: Root::Local(*id),
                    steps: Vec::new(),
                }))
            }
            ExprKind::Param(id) => Some(Path {
                root: Root::Param(*id),
                steps: Vec::new(),
            }),
            ExprKind::Context(part) => Some(Path::of_context(*part)),
            ExprKind::With { body, .. } => self.path_of(body),
            ExprKind::Cast(operand) => self.step(operand, Step::Cast(expr.ty.base.clone())),
            ExprKind::Call(builtin, arguments) => match arguments.as_slice() {
                [only] => self.step(only, Step::Call(*builtin)),
                _ => None,
            },
            ExprKind::Member { base, key, .. } => self.step(base, Step::Key(key.clone())),
            ExprKind::MapMember { base, key } => match &key.kind {
                ExprKind::Const(Const::String(key)) => self.step(base, Step::Key(key.clone())),
                _ => self.step(base, Step::Dynamic(Box::new(self.path_of(key)?))),
            },
            ExprKind::Element { base, index } => match &index.kind {
                ExprKind::Const(Const::Int(index)) => self.step(base, Step::Index(*index)),
                _ => self.step(base, Step::Dynamic(Box::new(self.path_of(index)?))),
            },
            ExprKind::ImagePart(part, base) => self.step(base, Step::Image(*part)),
            _ => None,
        }
    }

    fn step(&self, base: &Expr, step: Step) -> Option<Path> {
        let mut path = self.path_of(base)?;
        path.steps.push(step);
        Some(path)
    }

    /// `expr` with its type narrowed by what is known. Remembers the `require` that made sure of it.
    pub(super) fn narrow(&mut self, mut expr: Expr) -> Expr {
        if !expr.ty.optional {
            return expr;
        }
        let Some(path) = self.path_of(&expr) else {
            return expr;
        };
        let known = self.facts.iter().filter(|fact| fact.path == path);
        // A fact that follows from the conditions around needs no `require`.
        let Some(fact) = known.min_by_key(|fact| fact.origin) else {
            return expr;
        };
        self.relied.extend(fact.origin);
        expr.ty = Type::plain(expr.ty.base);
        expr
    }

    /// Adds what `condition` tells where its value is `value`.
    pub(super) fn assume(&mut self, condition: &Expr, value: bool) {
        for path in self.told(condition, value, Reach::All) {
            self.facts.push(Fact { path, origin: None });
        }
    }

    /// Adds what the `require` of `condition` makes sure of.
    pub(super) fn assume_required(&mut self, condition: &Expr, check: CheckId) {
        for path in self.told(condition, true, Reach::Asked) {
            self.facts.push(Fact {
                path,
                origin: Some(check),
            });
        }
    }

    /// Remembers a `deny` of `condition` if it is that something is not set.
    pub(super) fn note_denied(&mut self, condition: &Expr, check: Span) {
        let ExprKind::Not(inner) = &condition.kind else {
            return;
        };
        let ExprKind::IsSet(value) = &inner.kind else {
            return;
        };
        if let Some(path) = self.path_of(value) {
            let head = Span {
                end: condition.span.end,
                ..check
            };
            let what = value.span;
            self.denied.push(Denied { path, head, what });
        }
    }

    /// The `deny` before that `value` is not set.
    pub(super) fn denied_before(&self, value: &Expr) -> Option<&Denied> {
        let path = self.path_of(value)?;
        self.denied.iter().rev().find(|denied| denied.path == path)
    }

    /// The paths that are set where the value of `condition` is `value`.
    fn told(&self, condition: &Expr, value: bool, reach: Reach) -> Vec<Path> {
        match (&condition.kind, value) {
            (ExprKind::Not(inner), _) => self.told(inner, !value, reach),
            (ExprKind::And(operands), true) | (ExprKind::Or(operands), false) => operands
                .iter()
                .flat_map(|operand| self.told(operand, value, reach))
                .collect(),
            (ExprKind::IsSet(operand), true) | (ExprKind::IsEmpty(operand), false) => {
                self.paths_through(operand, reach)
            }
            (
                ExprKind::Compare {
                    left, right, op, ..
                },
                true,
            ) if reach == Reach::All => {
                let ordered = *op != crate::program::CompareOp::Equal;
                let mut paths = Vec::new();
                if ordered || !right.ty.optional {
                    paths.extend(self.paths_through(left, reach));
                }
                if ordered || !left.ty.optional {
                    paths.extend(self.paths_through(right, reach));
                }
                paths
            }
            (ExprKind::In { needle, list, .. }, true) if reach == Reach::All => {
                let mut paths = self.paths_through(needle, reach);
                paths.extend(self.paths_through(list, reach));
                paths
            }
            (ExprKind::With { body, .. }, _) => self.told(body, value, reach),
            // A function of an absent value is false.
            (ExprKind::Truth(call), true) if reach == Reach::All => match &call.kind {
                ExprKind::Call(_, arguments) => arguments
                    .iter()
                    .flat_map(|argument| self.paths_through(argument, reach))
                    .collect(),
                _ => Vec::new(),
            },
            (ExprKind::Quantifier(quantifier), true)
                if reach == Reach::All && quantifier.kind == QuantifierKind::Any =>
            {
                let first = quantifier.generators.first();
                first
                    .map(|first| self.paths_through(&first.source, reach))
                    .unwrap_or_default()
            }
            _ => Vec::new(),
        }
    }

    /// The path of `expr`, and all that it goes through if all is asked for.
    fn paths_through(&self, expr: &Expr, reach: Reach) -> Vec<Path> {
        let Some(mut path) = self.path_of(expr) else {
            return Vec::new();
        };
        let mut paths = vec![path.clone()];
        while reach == Reach::All && path.steps.pop().is_some() {
            paths.push(path.clone());
        }
        paths
    }
}
