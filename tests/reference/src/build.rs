//! Typed expressions in few words, for generators and cases.

use palisade_lang::program::{
    BaseType, Binding, Block, Body, Builtin, Check, CompareOp, Const, Domain, Expr, ExprKind, For,
    Generator, KindRef, Local, LocalId, MessagePart, Operation, Param, Policy, Presence, Program,
    Quantifier, QuantifierKind, RecordRef, Severity, Stmt, Target, Type,
};
use palisade_lang::span::Span;

/// An expression of a type.
#[must_use]
pub fn expr(kind: ExprKind, ty: Type) -> Expr {
    Expr {
        kind,
        ty,
        span: Span::default(),
    }
}

/// A condition.
#[must_use]
pub fn condition(kind: ExprKind) -> Expr {
    expr(kind, Type::plain(BaseType::Bool))
}

/// A record type; its name carries no meaning here.
#[must_use]
pub fn record(id: u32) -> BaseType {
    BaseType::Record(vec![RecordRef {
        id,
        name: format!("Record{id}"),
    }])
}

/// A list type.
#[must_use]
pub fn list_of(element: BaseType) -> BaseType {
    BaseType::List(Box::new(element))
}

/// A map type.
#[must_use]
pub fn map_of(value: BaseType) -> BaseType {
    BaseType::Map(Box::new(value))
}

/// A constant.
#[must_use]
pub fn constant(constant: Const, base: BaseType) -> Expr {
    let optional = constant == Const::Absent;
    expr(ExprKind::Const(constant), Type { base, optional })
}

/// A text constant.
#[must_use]
pub fn text(text: &str) -> Expr {
    constant(Const::String(text.to_owned()), BaseType::String)
}

/// A whole number.
#[must_use]
pub fn int(value: i64) -> Expr {
    constant(Const::Int(value), BaseType::Int)
}

/// A quantity.
#[must_use]
pub fn quantity(text: &str) -> Expr {
    constant(Const::Quantity(text.to_owned()), BaseType::Quantity)
}

/// A list of text constants.
#[must_use]
pub fn texts(items: &[&str]) -> Expr {
    let items = items.iter().map(|item| Const::String((*item).to_owned()));
    constant(Const::List(items.collect()), list_of(BaseType::String))
}

/// A use of a local.
#[must_use]
pub fn local(id: LocalId, ty: Type) -> Expr {
    expr(ExprKind::Local(id), ty)
}

/// The object judged.
#[must_use]
pub fn object() -> Expr {
    local(LocalId::OBJECT, Type::plain(record(0)))
}

/// The part judged.
#[must_use]
pub fn part() -> Expr {
    local(LocalId::PART, Type::plain(record(0)))
}

/// The member of a record.
#[must_use]
pub fn member(base: Expr, key: &str, ty: BaseType, presence: Presence) -> Expr {
    let is_collection = matches!(ty, BaseType::List(_) | BaseType::Map(_));
    let optional = !is_collection && (base.ty.optional || matches!(presence, Presence::Optional));
    let kind = ExprKind::Member {
        base: Box::new(base),
        key: key.to_owned(),
        presence,
    };
    expr(kind, Type { base: ty, optional })
}

/// A comparison.
#[must_use]
pub fn compare(op: CompareOp, domain: Domain, left: Expr, right: Expr) -> Expr {
    condition(ExprKind::Compare {
        op,
        domain,
        left: Box::new(left),
        right: Box::new(right),
    })
}

/// A test for equality.
#[must_use]
pub fn equal(domain: Domain, left: Expr, right: Expr) -> Expr {
    compare(CompareOp::Equal, domain, left, right)
}

/// A test of membership.
#[must_use]
pub fn is_in(domain: Domain, needle: Expr, list: Expr) -> Expr {
    condition(ExprKind::In {
        domain,
        needle: Box::new(needle),
        list: Box::new(list),
    })
}

/// A bool value as a condition.
#[must_use]
pub fn truth(value: Expr) -> Expr {
    condition(ExprKind::Truth(Box::new(value)))
}

/// A negation.
#[must_use]
pub fn not(operand: Expr) -> Expr {
    condition(ExprKind::Not(Box::new(operand)))
}

/// A conjunction.
#[must_use]
pub fn and(operands: Vec<Expr>) -> Expr {
    condition(ExprKind::And(operands))
}

/// A disjunction.
#[must_use]
pub fn or(operands: Vec<Expr>) -> Expr {
    condition(ExprKind::Or(operands))
}

/// `e is set`
#[must_use]
pub fn is_set(operand: Expr) -> Expr {
    condition(ExprKind::IsSet(Box::new(operand)))
}

/// `e is empty`
#[must_use]
pub fn is_empty(operand: Expr) -> Expr {
    condition(ExprKind::IsEmpty(Box::new(operand)))
}

/// `e is known`
#[must_use]
pub fn is_known(operand: Expr) -> Expr {
    condition(ExprKind::IsKnown(Box::new(operand)))
}

/// A generator over a source.
#[must_use]
pub fn each(element: LocalId, source: Expr) -> Generator {
    Generator {
        key: None,
        element,
        source,
    }
}

/// A quantifier.
#[must_use]
pub fn quantifier(
    kind: QuantifierKind,
    generators: Vec<Generator>,
    guard: Option<Expr>,
    body: Expr,
) -> Expr {
    condition(ExprKind::Quantifier(Box::new(Quantifier {
        kind,
        generators,
        guard,
        body,
    })))
}

/// A `for` statement.
#[must_use]
pub fn for_each(generator: Generator, guard: Option<Expr>, body: Vec<Stmt>) -> Stmt {
    Stmt::For(Box::new(For {
        generator,
        guard,
        body: Block { stmts: body },
    }))
}

/// A check with a fixed message.
#[must_use]
pub fn check(finds_when: bool, condition: Expr, message: &str) -> Check {
    Check {
        finds_when,
        condition,
        message: vec![MessagePart::Text(message.to_owned())],
        severity: None,
        place: None,
        guards: Vec::new(),
        fixes: Vec::new(),
        span: Span::default(),
    }
}

/// A policy on `kind` of the core group, without statements. More locals follow the object and the part.
#[must_use]
pub fn policy(kind: &str) -> Policy {
    Policy {
        name: "p".to_owned(),
        title: String::new(),
        doc: String::new(),
        severity: Severity::Medium,
        profiles: Vec::new(),
        controls: Vec::new(),
        category: None,
        links: Vec::new(),
        on_by_default: true,
        operations: vec![Operation::Create, Operation::Update],
        needs: Vec::new(),
        owns_files: false,
        since: None,
        locals: vec![
            named("object", Type::plain(record(0)), Binding::Object),
            named("part", Type::plain(record(0)), Binding::Part),
        ],
        bodies: vec![body(vec![Target::Kind(KindRef {
            groups: vec![String::new()],
            kind: kind.to_owned(),
        })])],
        checks: Vec::new(),
        span: Span::default(),
    }
}

/// A body without statements.
#[must_use]
pub fn body(targets: Vec<Target>) -> Body {
    Body {
        targets,
        guard: None,
        block: Block::default(),
    }
}

/// A parameter of the pack.
#[must_use]
pub fn param(name: &str, ty: Type, default: Option<Const>) -> Param {
    Param {
        policy: None,
        name: name.to_owned(),
        doc: String::new(),
        ty,
        default,
        constraint: None,
        span: Span::default(),
    }
}

/// A call of a function.
#[must_use]
pub fn call(function: Builtin, arguments: Vec<Expr>, ty: Type) -> Expr {
    expr(ExprKind::Call(function, arguments), ty)
}

/// A local.
#[must_use]
pub fn named(name: &str, ty: Type, binding: Binding) -> Local {
    Local {
        name: name.to_owned(),
        ty,
        binding,
    }
}

/// A program of one policy and no views.
#[must_use]
pub fn program(policy: Policy) -> Program {
    Program {
        pack: "random".to_owned(),
        records: Vec::new(),
        params: Vec::new(),
        profiles: Vec::new(),
        views: Vec::new(),
        files: Vec::new(),
        secrets: Vec::new(),
        policies: vec![policy],
    }
}
