//! Typed programs by hand.

use palisade_lang::program::*;
use palisade_lang::span::Span;

pub(crate) fn expr(kind: ExprKind, base: BaseType) -> Expr {
    Expr {
        kind,
        ty: Type::optional(base),
        span: Span::default(),
    }
}

pub(crate) fn string() -> BaseType {
    BaseType::String
}

pub(crate) fn list(of: BaseType) -> BaseType {
    BaseType::List(Box::new(of))
}

pub(crate) fn map(of: BaseType) -> BaseType {
    BaseType::Map(Box::new(of))
}

pub(crate) fn record() -> BaseType {
    BaseType::Record(Vec::new())
}

pub(crate) fn constant(value: Const) -> Expr {
    let base = match &value {
        Const::Absent => BaseType::Any,
        Const::Bool(_) => BaseType::Bool,
        Const::Int(_) => BaseType::Int,
        Const::Float(_) => BaseType::Float,
        Const::String(_) => BaseType::String,
        Const::Quantity(_) => BaseType::Quantity,
        Const::Glob(_) => BaseType::Glob,
        Const::Regex(_) => BaseType::Regex,
        Const::Map(members) => map(members
            .first()
            .map_or(BaseType::Any, |(_, item)| constant(item.clone()).ty.base)),
        Const::List(items) => list(
            items
                .first()
                .map_or(BaseType::Any, |item| constant(item.clone()).ty.base),
        ),
    };
    expr(ExprKind::Const(value), base)
}

pub(crate) fn text(value: &str) -> Expr {
    constant(Const::String(value.to_owned()))
}

pub(crate) fn int(value: i64) -> Expr {
    constant(Const::Int(value))
}

pub(crate) fn bool(value: bool) -> Expr {
    constant(Const::Bool(value))
}

pub(crate) fn quantity(value: &str) -> Expr {
    constant(Const::Quantity(value.to_owned()))
}

pub(crate) fn texts(values: &[&str]) -> Expr {
    let items = values.iter().map(|text| Const::String((*text).to_owned()));
    constant(Const::List(items.collect()))
}

pub(crate) fn object() -> Expr {
    expr(ExprKind::Local(LocalId::OBJECT), record())
}

pub(crate) fn part() -> Expr {
    expr(ExprKind::Local(LocalId::PART), record())
}

pub(crate) fn local(id: u32, base: BaseType) -> Expr {
    expr(ExprKind::Local(LocalId(id)), base)
}

/// A path of optional members that are records, the last of a type.
pub(crate) fn at(base: Expr, path: &str, ty: BaseType) -> Expr {
    let keys: Vec<_> = path.split('.').collect();
    keys.iter().enumerate().fold(base, |base, (nth, key)| {
        let ty = if nth + 1 == keys.len() {
            ty.clone()
        } else {
            record()
        };
        member(base, key, Presence::Optional, ty)
    })
}

pub(crate) fn member(base: Expr, key: &str, presence: Presence, ty: BaseType) -> Expr {
    let kind = ExprKind::Member {
        base: Box::new(base),
        key: key.to_owned(),
        presence,
    };
    expr(kind, ty)
}

pub(crate) fn condition(kind: ExprKind) -> Expr {
    expr(kind, BaseType::Bool)
}

pub(crate) fn equal(domain: Domain, left: Expr, right: Expr) -> Expr {
    compare(CompareOp::Equal, domain, left, right)
}

pub(crate) fn compare(op: CompareOp, domain: Domain, left: Expr, right: Expr) -> Expr {
    condition(ExprKind::Compare {
        op,
        domain,
        left: Box::new(left),
        right: Box::new(right),
    })
}

pub(crate) fn is_in(domain: Domain, needle: Expr, list: Expr) -> Expr {
    condition(ExprKind::In {
        domain,
        needle: Box::new(needle),
        list: Box::new(list),
    })
}

pub(crate) fn is_set(inner: Expr) -> Expr {
    condition(ExprKind::IsSet(Box::new(inner)))
}

pub(crate) fn is_empty(inner: Expr) -> Expr {
    condition(ExprKind::IsEmpty(Box::new(inner)))
}

pub(crate) fn truth(inner: Expr) -> Expr {
    condition(ExprKind::Truth(Box::new(inner)))
}

pub(crate) fn not(inner: Expr) -> Expr {
    condition(ExprKind::Not(Box::new(inner)))
}

pub(crate) fn and(operands: Vec<Expr>) -> Expr {
    condition(ExprKind::And(operands))
}

pub(crate) fn or(operands: Vec<Expr>) -> Expr {
    condition(ExprKind::Or(operands))
}

pub(crate) fn either(left: Expr, right: Expr) -> Expr {
    let ty = left.ty.base.clone();
    expr(ExprKind::Coalesce(Box::new(left), Box::new(right)), ty)
}

pub(crate) fn generator(element: u32, source: Expr) -> Generator {
    Generator {
        key: None,
        element: LocalId(element),
        source,
    }
}

pub(crate) fn quantifier(
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

pub(crate) fn said(text: &str) -> Vec<MessagePart> {
    vec![MessagePart::Text(text.to_owned())]
}

/// A policy on objects of kind `Pod`; locals from 2 on are added with [`element`] and the like.
pub(crate) fn policy(name: &str) -> Policy {
    let bound = |name: &str, binding| Local {
        name: name.to_owned(),
        ty: Type::plain(record()),
        binding,
    };
    Policy {
        name: name.to_owned(),
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
            bound("object", Binding::Object),
            bound("pod", Binding::Part),
        ],
        bodies: vec![Body {
            targets: vec![Target::View(ViewId(0))],
            guard: None,
            block: Block::default(),
        }],
        checks: Vec::new(),
        span: Span::default(),
    }
}

/// Adds a name; its number.
pub(crate) fn bind(policy: &mut Policy, name: &str, base: BaseType, binding: Binding) -> u32 {
    policy.locals.push(Local {
        name: name.to_owned(),
        ty: Type::plain(base),
        binding,
    });
    policy.locals.len() as u32 - 1
}

/// Adds a check; its statement.
pub(crate) fn check(policy: &mut Policy, finds_when: bool, condition: Expr, message: &str) -> Stmt {
    policy.checks.push(Check {
        finds_when,
        condition,
        message: said(message),
        severity: None,
        place: None,
        guards: Vec::new(),
        fixes: Vec::new(),
        span: Span::default(),
    });
    Stmt::Check(CheckId(policy.checks.len() as u32 - 1))
}

pub(crate) fn deny(policy: &mut Policy, condition: Expr, message: &str) -> Stmt {
    check(policy, true, condition, message)
}

pub(crate) fn require(policy: &mut Policy, condition: Expr, message: &str) -> Stmt {
    check(policy, false, condition, message)
}

pub(crate) fn for_each(generator: Generator, guard: Option<Expr>, stmts: Vec<Stmt>) -> Stmt {
    Stmt::For(Box::new(For {
        generator,
        guard,
        body: Block { stmts },
    }))
}

/// A program with the view `pod` in a `Pod`, a `Deployment` and a `CronJob`.
pub(crate) fn program(policies: Vec<Policy>) -> Program {
    let arm = |groups: &[&str], kind: &str, path: &[&str]| Arm {
        kind: KindRef {
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            kind: kind.to_owned(),
        },
        path: path.iter().map(|key| (*key).to_owned()).collect(),
    };
    Program {
        pack: "test".to_owned(),
        records: Vec::new(),
        params: Vec::new(),
        profiles: Vec::new(),
        views: vec![View {
            name: "pod".to_owned(),
            arms: vec![
                arm(&[""], "Pod", &[]),
                arm(&["apps", "extensions"], "Deployment", &["spec", "template"]),
                arm(
                    &["batch"],
                    "CronJob",
                    &["spec", "jobTemplate", "spec", "template"],
                ),
            ],
        }],
        files: Vec::new(),
        secrets: Vec::new(),
        policies,
    }
}

/// `pod.spec.initContainers + pod.spec.containers + pod.spec.ephemeralContainers`
pub(crate) fn containers() -> Expr {
    let of = |key: &str| at(part(), &format!("spec.{key}"), list(record()));
    let operands = vec![
        of("initContainers"),
        of("containers"),
        of("ephemeralContainers"),
    ];
    expr(ExprKind::Concat(operands), list(record()))
}

/// Containers must not run privileged.
pub(crate) fn privileged() -> Policy {
    let mut p = policy("no-privileged-containers");
    p.severity = Severity::Critical;
    let c = bind(&mut p, "c", record(), Binding::Element);
    let container = local(c, record());
    let read = at(
        container.clone(),
        "securityContext.privileged",
        BaseType::Bool,
    );
    let stmt = deny(&mut p, equal(Domain::Bool, read, bool(true)), "");
    p.checks[0].message = vec![
        MessagePart::Text("container `".to_owned()),
        MessagePart::Value(member(container, "name", Presence::Required, string())),
        MessagePart::Text("` runs privileged".to_owned()),
    ];
    p.bodies[0].block.stmts = vec![for_each(generator(c, containers()), None, vec![stmt])];
    p
}

/// A function.
pub(crate) fn call(function: Builtin, arguments: Vec<Expr>, base: BaseType) -> Expr {
    expr(ExprKind::Call(function, arguments), base)
}

/// A comprehension; locals are added before.
pub(crate) fn comprehension(
    generators: Vec<Generator>,
    guard: Option<Expr>,
    element: Expr,
    order: Option<(Expr, Domain)>,
) -> Box<Comprehension> {
    Box::new(Comprehension {
        generators,
        guard,
        element,
        order,
    })
}

/// `if condition then a else b`
pub(crate) fn choice(condition: Expr, then: Expr, otherwise: Expr) -> Expr {
    let ty = then.ty.base.clone();
    let kind = ExprKind::If {
        condition: Box::new(condition),
        then: Box::new(then),
        otherwise: Box::new(otherwise),
    };
    expr(kind, ty)
}
