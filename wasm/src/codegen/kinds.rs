//! What a type accepts, and what an expression is.

use std::collections::BTreeSet;

use palisade_abi::layout;
use palisade_lang::program::within::{generators, message_exprs, operands};
use palisade_lang::program::{
    BaseType, Block, Body, Const, Expr, ExprKind, Generator, LocalId, Policy, Stmt,
};

use super::body::definition;
use super::call::is_test;

/// Mark of a mask: the text must read as a quantity.
const QUANTITY: u32 = 1 << 11;
/// Mask of untyped JSON.
pub(super) const ANY: u32 = 0x17E;

/// The kinds of node that a type accepts, one bit each.
pub(super) fn mask(ty: &BaseType) -> u32 {
    match ty {
        BaseType::Bool => 1 << layout::KIND_BOOL,
        BaseType::Int => 1 << layout::KIND_INT,
        BaseType::Float => 1 << layout::KIND_INT | 1 << layout::KIND_FLOAT,
        BaseType::String
        | BaseType::Enum(_)
        | BaseType::Timestamp
        | BaseType::Duration
        | BaseType::Version
        | BaseType::Image
        | BaseType::Cidr
        | BaseType::Versions
        | BaseType::Range
        | BaseType::Ip => 1 << layout::KIND_STRING,
        BaseType::Glob | BaseType::Regex => 1 << layout::KIND_STRING | 1 << layout::KIND_PATTERN,
        BaseType::Quantity => {
            QUANTITY | 1 << layout::KIND_INT | 1 << layout::KIND_FLOAT | 1 << layout::KIND_STRING
        }
        BaseType::IntOrString => 1 << layout::KIND_INT | 1 << layout::KIND_STRING,
        BaseType::Record(_) | BaseType::Map(_) => 1 << layout::KIND_MAP,
        BaseType::List(_) => 1 << layout::KIND_LIST | 1 << layout::KIND_REFS,
        BaseType::Any | BaseType::Error => ANY,
    }
}

/// Whether the expression computes a condition rather than a value.
pub(super) fn is_condition(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::Compare { .. }
        | ExprKind::In { .. }
        | ExprKind::IsSet(_)
        | ExprKind::IsEmpty(_)
        | ExprKind::IsKnown(_)
        | ExprKind::Quantifier(_) => true,
        ExprKind::Call(function, _) => is_test(*function),
        ExprKind::With { body, .. } => is_condition(body),
        ExprKind::If {
            then, otherwise, ..
        } => {
            // Of a branch that is a value absence must stay absence.
            let is_certain = |branch: &Expr| {
                is_condition(branch) || matches!(branch.kind, ExprKind::Const(Const::Bool(_)))
            };
            (is_condition(then) || is_condition(otherwise))
                && is_certain(then)
                && is_certain(otherwise)
        }
        ExprKind::Truth(_)
        | ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Member { .. }
        | ExprKind::MapMember { .. }
        | ExprKind::Element { .. }
        | ExprKind::Concat(_)
        | ExprKind::List(_)
        | ExprKind::Coalesce(..)
        | ExprKind::Interpolate(_)
        | ExprKind::ImagePart(..)
        | ExprKind::ContainerRole(_)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_)
        | ExprKind::Comprehension(_)
        | ExprKind::Pick(..)
        | ExprKind::Count(_)
        | ExprKind::Cast(_)
        | ExprKind::Record(_) => false,
    }
}

/// Whether absence prints as an empty list.
pub(super) fn is_list(expr: &Expr) -> bool {
    matches!(expr.ty.base, BaseType::List(_))
}

/// A name for a read of members with constant keys from a local; equal reads of one policy have equal names.
pub(super) fn read_name(policy: &Policy, expr: &Expr) -> Option<String> {
    if let ExprKind::Local(name) = &expr.kind {
        // What is only another name for a name reads the same.
        return match definition(policy, *name) {
            Some(other) if matches!(other.kind, ExprKind::Local(_)) => read_name(policy, other),
            Some(_) | None => Some(name.0.to_string()),
        };
    }
    if let ExprKind::Member {
        base,
        key,
        presence,
    } = &expr.kind
    {
        let base = read_name(policy, base)?;
        let accepted = mask(&expr.ty.base);
        return Some(format!("{base}.{key:?} {accepted} {presence:?}"));
    }
    if let ExprKind::MapMember { base, key } = &expr.kind
        && let ExprKind::Const(key) = &key.kind
    {
        let base = read_name(policy, base)?;
        return Some(format!("{base}[{key:?}] {}", mask(&expr.ty.base)));
    }
    None
}

/// Whether a read with this name begins with a local.
pub(super) fn is_read_of(name: &str, local: LocalId) -> bool {
    let digits = name.bytes().take_while(u8::is_ascii_digit).count();
    name.get(..digits) == Some(&*local.0.to_string())
}

/// The reads that the statements of a body make more than once.
pub(super) fn repeated_reads(policy: &Policy, body: &Body) -> BTreeSet<String> {
    let mut reads = Reads::default();
    reads.block(policy, &body.block);
    if let Some(guard) = &body.guard {
        reads.expr(policy, guard);
    }
    reads.repeated
}

/// What the elements of each local are taken from, where that is a generator of the policy.
pub(super) fn element_sources(policy: &Policy) -> Vec<Option<&Generator>> {
    let mut sources = Sources {
        of: vec![None; policy.locals.len()],
    };
    for body in &policy.bodies {
        sources.block(&body.block);
        sources.exprs(&body.guard);
    }
    for check in &policy.checks {
        sources.expr(&check.condition);
        sources.exprs(check.place.iter().chain(&check.severity));
        sources.exprs(message_exprs(&check.message));
        for fix in &check.fixes {
            sources.exprs(&fix.condition);
            for edit in &fix.edits {
                sources.expr(&edit.path);
                sources.exprs(&edit.value);
            }
        }
    }
    for local in &policy.locals {
        if let palisade_lang::program::Binding::Let(definition) = &local.binding {
            sources.expr(definition);
        }
    }
    sources.of
}

/// What the loops of a policy go through.
pub(super) fn list_sources(policy: &Policy) -> impl Iterator<Item = &Expr> {
    let generators = element_sources(policy);
    generators
        .into_iter()
        .flatten()
        .map(|generator| &generator.source)
}

struct Sources<'p> {
    of: Vec<Option<&'p Generator>>,
}

impl<'p> Sources<'p> {
    fn block(&mut self, block: &'p Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(_) | Stmt::Check(_) => {}
                Stmt::For(statement) => {
                    self.generator(&statement.generator);
                    self.expr(&statement.generator.source);
                    self.exprs(&statement.guard);
                    self.block(&statement.body);
                }
                Stmt::When {
                    condition,
                    then,
                    otherwise,
                } => {
                    self.expr(condition);
                    self.block(then);
                    self.block(otherwise);
                }
            }
        }
    }

    fn exprs(&mut self, exprs: impl IntoIterator<Item = &'p Expr>) {
        for expr in exprs {
            self.expr(expr);
        }
    }

    fn expr(&mut self, expr: &'p Expr) {
        for generator in generators(expr) {
            self.generator(generator);
        }
        self.exprs(operands(expr));
    }

    fn generator(&mut self, generator: &'p Generator) {
        if let Some(place) = self.of.get_mut(generator.element.0 as usize) {
            *place = Some(generator);
        }
    }
}

/// Whether a list is made by a function or a comprehension, so that its elements without a place have the list's.
pub(super) fn is_computed(policy: &Policy, source: &Expr) -> bool {
    match &source.kind {
        ExprKind::Call(..) | ExprKind::Comprehension(_) => true,
        ExprKind::With { body, .. } => is_computed(policy, body),
        ExprKind::Local(name) => {
            definition(policy, *name).is_some_and(|source| is_computed(policy, source))
        }
        ExprKind::Const(_)
        | ExprKind::Member { .. }
        | ExprKind::MapMember { .. }
        | ExprKind::Element { .. }
        | ExprKind::Concat(_)
        | ExprKind::List(_)
        | ExprKind::Coalesce(..)
        | ExprKind::Interpolate(_)
        | ExprKind::ImagePart(..)
        | ExprKind::ContainerRole(_)
        | ExprKind::Truth(_)
        | ExprKind::And(_)
        | ExprKind::Or(_)
        | ExprKind::Not(_)
        | ExprKind::Compare { .. }
        | ExprKind::In { .. }
        | ExprKind::IsSet(_)
        | ExprKind::IsEmpty(_)
        | ExprKind::IsKnown(_)
        | ExprKind::Quantifier(_)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_)
        | ExprKind::If { .. }
        | ExprKind::Pick(..)
        | ExprKind::Count(_)
        | ExprKind::Cast(_)
        | ExprKind::Record(_) => false,
    }
}

#[derive(Debug, Default)]
struct Reads {
    seen: BTreeSet<String>,
    repeated: BTreeSet<String>,
}

impl Reads {
    fn block(&mut self, policy: &Policy, block: &Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(name) => {
                    if let Some(definition) = definition(policy, *name) {
                        self.expr(policy, definition);
                    }
                }
                Stmt::For(statement) => {
                    self.expr(policy, &statement.generator.source);
                    if let Some(guard) = &statement.guard {
                        self.expr(policy, guard);
                    }
                    self.block(policy, &statement.body);
                }
                Stmt::When {
                    condition,
                    then,
                    otherwise,
                } => {
                    self.expr(policy, condition);
                    self.block(policy, then);
                    self.block(policy, otherwise);
                }
                Stmt::Check(id) => {
                    if let Some(check) = policy.checks.get(id.0 as usize) {
                        self.expr(policy, &check.condition);
                    }
                }
            }
        }
    }

    fn expr(&mut self, policy: &Policy, expr: &Expr) {
        if !matches!(expr.kind, ExprKind::Local(_))
            && let Some(name) = read_name(policy, expr)
            && !self.seen.insert(name.clone())
        {
            self.repeated.insert(name);
            // What it reads from is not read again.
            return;
        }
        if let ExprKind::With { locals, .. } = &expr.kind {
            for definition in locals.iter().filter_map(|name| definition(policy, *name)) {
                self.expr(policy, definition);
            }
        }
        for operand in operands(expr) {
            self.expr(policy, operand);
        }
    }
}
