//! Random programs that keep the promises of the type checker.
//!
//! Ordering and truth are only of values that are there; a value is narrowed only where a condition or a `require` has
//! asked for it, and the check then names that `require` as a guard; reads have the types of the world.

use palisade_lang::program::{
    BaseType, Binding, Block, Body, Builtin, Check, CheckId, CompareOp, Const, ContextPart,
    DECLARED_RECORDS, Domain, Edit, EditKind, Expr, ExprKind, Fix, Generator, ImagePart, KindRef,
    Local, LocalId, MessagePart, Operation, Param, ParamId, Policy, Program, QuantifierKind,
    Severity, Stmt, Target, Type, ViewId,
};
use palisade_lang::span::Span;

use crate::build::{
    and, call, compare, condition, constant, equal, expr, is_empty, is_in, is_known, is_set,
    list_of, local, member, named, not, or, policy, quantifier, record, truth,
};
use crate::generate::rng::Rng;
use crate::generate::{params, world};

/// A random program of one to three policies.
#[must_use]
pub fn program(rng: &mut Rng) -> Program {
    let n_policies = 2 + rng.below(2);
    let records = params::records();
    let params = params::params(rng, n_policies);
    let policies = (0..n_policies)
        .map(|number| random_policy(rng, number, &params))
        .collect();
    Program {
        pack: "random".to_owned(),
        records,
        params,
        profiles: Vec::new(),
        views: vec![world::pod_view()],
        files: Vec::new(),
        secrets: Vec::new(),
        policies,
    }
}

fn random_policy(rng: &mut Rng, number: usize, params: &[Param]) -> Policy {
    let view = || Target::View(ViewId(0));
    let pod = || Target::Kind(world::kind(0));
    let role = || Target::Kind(world::kind(3));
    let file = || Target::Kind(world::kind(world::FILE));
    let any = || Target::Kind(KindRef::any());
    let inventory = || Target::Kind(KindRef::inventory());
    let (targets, object, part) = match rng.below(16) {
        0..=5 => (vec![vec![view()]], world::COMMON, world::POD),
        6 | 7 => (vec![vec![pod()]], world::POD, world::POD),
        8 => (vec![vec![role()]], world::ROLE, world::ROLE),
        9 => (
            vec![vec![role()], vec![view()]],
            world::COMMON,
            world::COMMON,
        ),
        10 => (vec![vec![pod()], vec![pod()]], world::POD, world::POD),
        11 => (vec![vec![file(), pod()]], world::POD, world::POD),
        12 => (vec![vec![any()]], world::COMMON, world::COMMON),
        13 | 14 => (vec![vec![inventory()]], world::INVENTORY, world::INVENTORY),
        _ => (vec![vec![role(), view()]], world::COMMON, world::COMMON),
    };
    let mut targets = targets;
    if rng.once_in(12) {
        let exec = Target::Subresource(world::kind(0), "exec".to_owned());
        targets.push(vec![exec]);
    }
    let locals = vec![
        named("object", Type::plain(record(object)), Binding::Object),
        named("part", Type::plain(record(part)), Binding::Part),
    ];
    let visible = params
        .iter()
        .zip(0_u32..)
        .filter(|(param, _)| {
            param
                .policy
                .is_none_or(|policy| usize::try_from(policy).is_ok_and(|policy| policy == number))
        })
        .map(|(param, id)| expr(ExprKind::Param(ParamId(id)), param.ty.clone()))
        .collect();
    let mut maker = Maker {
        rng,
        locals,
        checks: Vec::new(),
        scope: vec![LocalId::OBJECT, LocalId::PART, LocalId::PART],
        params: visible,
        uses_context: true,
        facts: Vec::new(),
        relied: Vec::new(),
    };
    let mut bodies = Vec::new();
    for targets in targets {
        let guard = maker.rng.once_in(5).then(|| maker.condition(1));
        maker.relied.clear();
        let mut block = maker.block(3);
        for _ in 0..4 {
            let stmt = maker.featured_check();
            block.stmts.push(stmt);
        }
        bodies.push(Body {
            targets,
            guard,
            block,
        });
    }
    let (locals, mut checks) = (maker.locals, maker.checks);
    let is_inventory =
        |target: &Target| matches!(target, Target::Kind(kind) if kind.is_inventory());
    if bodies
        .iter()
        .flat_map(|body| &body.targets)
        .any(is_inventory)
    {
        // There is no file that could be changed.
        checks.iter_mut().for_each(|check| check.fixes.clear());
    }
    let operations = match rng.below(8) {
        0 => vec![Operation::Update],
        1 => vec![
            Operation::Create,
            Operation::Update,
            Operation::Delete,
            Operation::Connect,
        ],
        _ => vec![Operation::Create, Operation::Update],
    };
    let needs = match rng.below(16) {
        0 => vec![ContextPart::Request],
        1 => vec![ContextPart::Old],
        2 => vec![ContextPart::Request, ContextPart::Old],
        _ => Vec::new(),
    };
    Policy {
        name: format!("policy-{number}"),
        severity: severity(rng),
        on_by_default: !rng.once_in(5),
        operations,
        needs,
        locals,
        bodies,
        checks,
        ..policy("")
    }
}

fn severity(rng: &mut Rng) -> Severity {
    let all = [
        Severity::Info,
        Severity::Low,
        Severity::Medium,
        Severity::High,
        Severity::Critical,
    ];
    rng.pick(&all).copied().unwrap_or(Severity::Info)
}

/// What kind of value is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Want {
    Version,
    Duration,
    Timestamp,
    Glob,
    Regex,
    Image,
    Cidr,
    Ip,
    Versions,
    Range,
    /// A list of text.
    Texts,
    /// A list of whole numbers.
    Ints,
    /// A list of quantities.
    Quantities,
    /// A map.
    Map,
    Record,
    Bool,
    Int,
    Float,
    Text,
    Quantity,
    IntOrString,
    Any,
    List,
    Scalars,
    Collection,
    Printable,
    Anything,
    Sizeable,
}

impl Want {
    pub(super) fn takes(self, ty: &BaseType) -> bool {
        let is_text = matches!(ty, BaseType::String | BaseType::Enum(_));
        match self {
            Self::Version => *ty == BaseType::Version,
            Self::Duration => *ty == BaseType::Duration,
            Self::Timestamp => *ty == BaseType::Timestamp,
            Self::Glob => *ty == BaseType::Glob,
            Self::Regex => *ty == BaseType::Regex,
            Self::Image => *ty == BaseType::Image,
            Self::Cidr => *ty == BaseType::Cidr,
            Self::Ip => *ty == BaseType::Ip,
            Self::Versions => *ty == BaseType::Versions,
            Self::Range => *ty == BaseType::Range,
            Self::Texts => {
                matches!(ty, BaseType::List(element) if **element == BaseType::String)
            }
            Self::Ints => matches!(ty, BaseType::List(element) if **element == BaseType::Int),
            Self::Quantities => {
                matches!(ty, BaseType::List(element) if **element == BaseType::Quantity)
            }
            Self::Map => matches!(ty, BaseType::Map(_)),
            Self::Record => matches!(ty, BaseType::Record(_)),
            Self::Bool => *ty == BaseType::Bool,
            Self::Int => *ty == BaseType::Int,
            Self::Float => *ty == BaseType::Float,
            Self::Text => is_text,
            Self::Quantity => *ty == BaseType::Quantity,
            Self::IntOrString => *ty == BaseType::IntOrString,
            Self::Any => *ty == BaseType::Any,
            Self::List => matches!(ty, BaseType::List(_)),
            Self::Scalars => matches!(ty, BaseType::List(element)
                if !matches!(**element, BaseType::String | BaseType::Record(_) | BaseType::List(_))),
            Self::Collection => matches!(ty, BaseType::List(_) | BaseType::Map(_)),
            Self::Printable => prints(ty),
            Self::Anything => true,
            Self::Sizeable => {
                is_text || matches!(ty, BaseType::List(_) | BaseType::Map(_) | BaseType::Any)
            }
        }
    }
}

fn prints(ty: &BaseType) -> bool {
    match ty {
        BaseType::List(element) => prints(element),
        BaseType::Record(_) | BaseType::Map(_) => false,
        _ => true,
    }
}

/// A path that is known to be set, and the `require` that made sure of it.
#[derive(Debug, Clone)]
struct Fact {
    path: Expr,
    guard: Option<CheckId>,
}

pub(super) struct Maker<'r> {
    pub(super) rng: &'r mut Rng,
    pub(super) locals: Vec<Local>,
    checks: Vec<Check>,
    pub(super) scope: Vec<LocalId>,
    /// The parameters that may be used.
    pub(super) params: Vec<Expr>,
    /// Whether what the host says may be used.
    uses_context: bool,
    facts: Vec<Fact>,
    /// The `require`s that the condition being made depends on.
    relied: Vec<CheckId>,
}

impl Maker<'_> {
    // Statements

    fn block(&mut self, depth: usize) -> Block {
        let (n_scope, n_facts) = (self.scope.len(), self.facts.len());
        let n_stmts = 1 + self.rng.below(3);
        let mut stmts = Vec::new();
        for _ in 0..n_stmts {
            let stmt = match self.rng.below(10) {
                0 => self.let_stmt(),
                1 | 2 if depth > 0 => self.for_stmt(depth),
                3 if depth > 0 => self.when_stmt(depth),
                4 => self.narrowing_require(),
                _ => self.check(),
            };
            stmts.push(stmt);
        }
        self.scope.truncate(n_scope);
        self.facts.truncate(n_facts);
        Block { stmts }
    }

    fn let_stmt(&mut self) -> Stmt {
        let relied = self.relied.len();
        let value = match self.rng.below(4) {
            0 => expr(
                ExprKind::Truth(Box::new(self.unguarded_condition())),
                Type::plain(BaseType::Bool),
            ),
            1 => self.value(Want::Text, 2),
            _ => match self.path(Want::Anything) {
                Some(path) => path,
                None => self.value(Want::Int, 2),
            },
        };
        self.relied.truncate(relied);
        let ty = value.ty.clone();
        let id = self.bind("let", ty, Binding::Let(Box::new(value)));
        Stmt::Let(id)
    }

    /// A condition outside a check, which cannot rely on a `require`.
    fn unguarded_condition(&mut self) -> Expr {
        let guarded: Vec<Fact> = self.facts.clone();
        self.facts.retain(|fact| fact.guard.is_none());
        let condition = self.condition(1);
        self.facts = guarded;
        condition
    }

    fn for_stmt(&mut self, depth: usize) -> Stmt {
        let n_scope = self.scope.len();
        let generator = self.generator();
        let guard = self.rng.once_in(3).then(|| self.unguarded_condition());
        let body = self.block(depth - 1);
        self.scope.truncate(n_scope);
        Stmt::For(Box::new(palisade_lang::program::For {
            generator,
            guard,
            body,
        }))
    }

    fn when_stmt(&mut self, depth: usize) -> Stmt {
        let n_facts = self.facts.len();
        let asked = if self.rng.once_in(2) {
            self.optional_path()
        } else {
            None
        };
        let condition = match asked {
            Some(path) => {
                self.facts.push(Fact {
                    path: path.clone(),
                    guard: None,
                });
                is_set(path)
            }
            None => self.unguarded_condition(),
        };
        let then = self.block(depth - 1);
        self.facts.truncate(n_facts);
        let otherwise = if self.rng.once_in(2) {
            self.block(depth - 1)
        } else {
            Block::default()
        };
        Stmt::When {
            condition,
            then,
            otherwise,
        }
    }

    fn check(&mut self) -> Stmt {
        self.relied.clear();
        let condition = match self.rng.below(6) {
            0 => self.narrowed_condition(),
            1..=3 => self.featured(2),
            _ => self.condition(3),
        };
        let finds_when = self.rng.once_in(2);
        self.add_check(finds_when, condition)
    }

    /// A check that is about one construct.
    fn featured_check(&mut self) -> Stmt {
        self.relied.clear();
        let condition = self.featured(2);
        let finds_when = self.rng.once_in(2);
        self.add_check(finds_when, condition)
    }

    /// A condition on a path that an earlier `require` or condition has made sure of.
    fn narrowed_condition(&mut self) -> Expr {
        let wants = [Want::Text, Want::Int, Want::Quantity, Want::Bool];
        let known: Vec<Want> = wants
            .into_iter()
            .filter(|want| self.facts.iter().any(|fact| want.takes(&fact.path.ty.base)))
            .collect();
        match self.rng.pick(&known) {
            Some(Want::Text) => self.ordering(Want::Text, Domain::String, 0),
            Some(Want::Int) => self.ordering(Want::Int, Domain::Int, 0),
            Some(Want::Quantity) => self.ordering(Want::Quantity, Domain::Quantity, 0),
            Some(Want::Bool) => self.bool_condition(0),
            _ => self.condition(3),
        }
    }

    /// `require PATH is set`, which later checks of the block rely on.
    fn narrowing_require(&mut self) -> Stmt {
        self.relied.clear();
        let Some(path) = self.optional_path() else {
            return self.check();
        };
        let guard = CheckId(u32::try_from(self.checks.len()).unwrap_or(u32::MAX));
        let stmt = self.add_check(false, is_set(path.clone()));
        self.facts.push(Fact {
            path,
            guard: Some(guard),
        });
        stmt
    }

    fn add_check(&mut self, finds_when: bool, condition: Expr) -> Stmt {
        let mut guards = std::mem::take(&mut self.relied);
        guards.sort_unstable();
        guards.dedup();
        let message = self.message();
        let place = if self.rng.once_in(8) {
            self.path(Want::Anything)
        } else {
            None
        };
        self.relied.clear();
        let severity = self.rng.once_in(5).then(|| self.severity());
        let fixes = self.fixes();
        let id = CheckId(u32::try_from(self.checks.len()).unwrap_or(u32::MAX));
        self.checks.push(Check {
            finds_when,
            condition,
            message,
            severity,
            place,
            guards,
            fixes,
            span: Span::default(),
        });
        Stmt::Check(id)
    }

    /// The severity of a check: a word, or something that may be one.
    fn severity(&mut self) -> Expr {
        match self.rng.below(3) {
            0 => crate::build::text(self.rng.word(&world::SEVERITIES)),
            1 => {
                let words = [
                    crate::build::text(self.rng.word(&world::SEVERITIES)),
                    crate::build::text(self.rng.word(&world::SEVERITIES)),
                ];
                let condition = self.condition(0);
                self.relied.clear();
                let [then, otherwise] = words;
                expr(
                    ExprKind::If {
                        condition: Box::new(condition),
                        then: Box::new(then),
                        otherwise: Box::new(otherwise),
                    },
                    Type::plain(BaseType::String),
                )
            }
            _ => self.value(Want::Text, 1),
        }
    }

    fn fixes(&mut self) -> Vec<Fix> {
        if !self.rng.once_in(3) {
            return Vec::new();
        }
        let n_fixes = 1 + self.rng.below(2);
        let fixes = (0..n_fixes).map(|_| self.fix()).collect();
        self.relied.clear();
        fixes
    }

    fn fix(&mut self) -> Fix {
        let condition = self.rng.once_in(3).then(|| self.condition(0));
        let n_edits = 1 + usize::from(self.rng.once_in(4));
        Fix {
            is_safe: self.rng.once_in(2),
            condition,
            edits: (0..n_edits).filter_map(|_| self.edit()).collect(),
        }
    }

    fn edit(&mut self) -> Option<Edit> {
        if self.rng.once_in(8) {
            let path = self.use_of(LocalId::OBJECT);
            let value = self.value_of(&path.ty.base, 2);
            return Some(Edit {
                kind: EditKind::Create,
                path,
                value: Some(value),
            });
        }
        let params = std::mem::take(&mut self.params);
        self.uses_context = false;
        let want = match self.rng.below(4) {
            0 => Want::List,
            _ => Want::Anything,
        };
        let path = if self.rng.once_in(8) {
            self.flag()
        } else {
            self.path(want)
        };
        self.params = params;
        self.uses_context = true;
        let path = path.filter(stands_in_document)?;
        let element = match &path.ty.base {
            BaseType::List(element) => Some((**element).clone()),
            _ => None,
        };
        let kind = match (self.rng.below(3), &element) {
            (0, _) => EditKind::Remove,
            (_, Some(_)) => EditKind::Append,
            _ => EditKind::Set,
        };
        let value = match kind {
            EditKind::Remove => None,
            EditKind::Set | EditKind::Create => Some(self.value_of(&path.ty.base, 2)),
            EditKind::Append => Some(self.value_of(&element?, 2)),
        };
        Some(Edit { kind, path, value })
    }

    /// A value for an edit.
    fn value_of(&mut self, ty: &BaseType, depth: usize) -> Expr {
        let want = match ty {
            BaseType::Bool => Want::Bool,
            BaseType::Int => Want::Int,
            BaseType::Quantity => Want::Quantity,
            BaseType::List(element) => match **element {
                BaseType::String => Want::Texts,
                _ => Want::List,
            },
            BaseType::Record(refs) if depth > 0 => {
                let id = refs.first().map_or(0, |record| record.id);
                let fields = world::fields(id);
                let mut members = Vec::new();
                for _ in 0..self.rng.below(4) {
                    if let Some(field) = self.rng.pick(&fields).cloned()
                        && members.iter().all(|(known, _)| known != field.key)
                    {
                        let value = self.value_of(&field.ty, depth - 1);
                        members.push((field.key.to_owned(), value));
                    }
                }
                return expr(ExprKind::Record(members), Type::plain(ty.clone()));
            }
            BaseType::Record(_) | BaseType::Map(_) | BaseType::Any => {
                return match self.path(Want::Anything) {
                    Some(path) => path,
                    None => self.literal(Want::Text),
                };
            }
            _ => Want::Text,
        };
        self.value(want, 1)
    }

    fn message(&mut self) -> Vec<MessagePart> {
        (0..1 + self.rng.below(3)).map(|_| self.part()).collect()
    }

    fn part(&mut self) -> MessagePart {
        match self.rng.below(8) {
            0 | 1 => MessagePart::Text(self.rng.word(&["found ", "é ", "x", ""]).to_owned()),
            2 if !is_inventory(&self.object().ty.base) => MessagePart::Object(self.object()),
            3 => MessagePart::Value(self.value(Want::Text, 2)),
            4 => MessagePart::Value(self.value(Want::List, 1)),
            _ => match self.path(Want::Printable) {
                Some(path) => MessagePart::Value(path),
                None => MessagePart::Text("nothing".to_owned()),
            },
        }
    }

    pub(super) fn object(&self) -> Expr {
        self.use_of(LocalId::OBJECT)
    }

    pub(super) fn bind(&mut self, name: &str, ty: Type, binding: Binding) -> LocalId {
        let id = LocalId(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
        self.locals
            .push(named(&format!("{name}{}", id.0), ty, binding));
        self.scope.push(id);
        id
    }

    pub(super) fn use_of(&self, id: LocalId) -> Expr {
        let declared = self.locals.get(id.0 as usize);
        let ty = declared.map_or_else(|| Type::plain(BaseType::Any), |known| known.ty.clone());
        local(id, ty)
    }

    // Generators

    pub(super) fn generator(&mut self) -> Generator {
        let source = self.collection();
        let (element, key) = match &source.ty.base {
            BaseType::List(element) => ((**element).clone(), (BaseType::Int, Binding::Index)),
            BaseType::Map(value) => ((**value).clone(), (BaseType::String, Binding::Key)),
            other => (other.clone(), (BaseType::Int, Binding::Index)),
        };
        let is_map = matches!(source.ty.base, BaseType::Map(_));
        let key =
            (is_map || self.rng.once_in(4)).then(|| self.bind("key", Type::plain(key.0), key.1));
        let element = self.bind("element", Type::plain(element), Binding::Element);
        // What is bound last is used most.
        self.scope.push(element);
        self.scope.push(element);
        Generator {
            key,
            element,
            source,
        }
    }

    /// A list or map to go through.
    fn collection(&mut self) -> Expr {
        match self.rng.below(9) {
            0 => self.value(Want::List, 1),
            1 => self.network_list(),
            2 => self.containers(),
            3 => self.objects(),
            _ => match self.path(Want::Collection) {
                Some(path) => path,
                None => self.containers(),
            },
        }
    }

    /// Other objects, or parts of them.
    fn objects(&mut self) -> Expr {
        let (target, id) = match self.rng.below(6) {
            0 => (Target::Kind(world::kind(3)), world::ROLE),
            1 => (Target::Kind(world::kind(0)), world::POD),
            2 => (Target::Kind(KindRef::any()), world::COMMON),
            3 => (Target::Kind(world::kind(world::FILE)), world::POD),
            _ => (Target::View(ViewId(0)), world::POD),
        };
        let ty = Type::plain(list_of(record(id)));
        let one = expr(ExprKind::Objects(target), ty.clone());
        if id == world::POD && self.rng.once_in(4) {
            let other = Target::Kind(world::kind(0));
            let other = expr(ExprKind::Objects(other), ty.clone());
            return expr(ExprKind::Concat(vec![one, other]), ty);
        }
        one
    }

    /// Rows of a table, each with some of the columns.
    fn table(&mut self) -> Expr {
        let rows = (0..1 + self.rng.below(4)).map(|_| {
            let mut row = Vec::new();
            for column in ["name", "namespace", "generateName"] {
                if !self.rng.once_in(3) {
                    row.push((column.to_owned(), Const::String(self.word())));
                }
            }
            Const::Map(row)
        });
        let rows = Const::List(rows.collect());
        constant(rows, list_of(record(world::META)))
    }

    /// A quantifier over other objects, most of which are joined to the one that is judged.
    pub(super) fn query(&mut self, depth: usize) -> Expr {
        let n_scope = self.scope.len();
        let object = self.use_of(LocalId::OBJECT);
        let text = self.value(Want::Text, depth);
        let is_table = self.rng.once_in(5);
        let source = if is_table {
            self.table()
        } else {
            self.objects()
        };
        let BaseType::List(ty) = source.ty.base.clone() else {
            return self.quantifier(depth);
        };
        let element = self.bind("element", Type::plain(*ty), Binding::Element);
        self.scope.push(element);
        let found = self.use_of(element);
        let whole = call(
            Builtin::Whole,
            vec![found.clone()],
            Type::plain(record(world::COMMON)),
        );
        let key = self.rng.word(&["name", "namespace", "generateName"]);
        let name_of = |of: &Expr| field(&field(of, "metadata")?, key);
        let own = if self.rng.once_in(3) { &whole } else { &found };
        let own_key = if is_table {
            field(&found, key)
        } else {
            name_of(own)
        };
        let join = match (own_key, name_of(&object)) {
            (Some(key), sought) if self.rng.once_in(3) => {
                let list = self.texts_of(text, sought);
                is_in(Domain::String, key, list)
            }
            (Some(key), Some(sought)) if self.rng.once_in(2) => equal(Domain::String, key, sought),
            (Some(key), _) => equal(Domain::String, text, key),
            (None, _) => self.condition(0),
        };
        let more = match self.rng.below(4) {
            0 => Some(self.condition(0)),
            2 if !is_table => {
                let ty = Type::optional(record(world::SOURCE));
                let of = if self.rng.once_in(2) { whole } else { found };
                let written = call(Builtin::Source, vec![of], ty);
                let key = self.rng.word(&["path", "template"]);
                field(&written, key).map(|key| {
                    let sought = constant(Const::String("web".to_owned()), BaseType::String);
                    equal(Domain::String, key, sought)
                })
            }
            1 if !is_table => field(&whole, "kind").map(|kind| {
                let sought = constant(Const::String("Pod".to_owned()), BaseType::String);
                equal(Domain::String, kind, sought)
            }),
            _ => None,
        };
        let guard = match more {
            Some(more) => and(vec![join, more]),
            None => join,
        };
        let body = self.condition(depth.saturating_sub(1));
        self.scope.truncate(n_scope);
        let kinds = [QuantifierKind::Any, QuantifierKind::All, QuantifierKind::No];
        let kind = self.rng.pick(&kinds).copied();
        let kind = kind.unwrap_or(QuantifierKind::Any);
        let generator = Generator {
            key: None,
            element,
            source,
        };
        if self.rng.once_in(6) {
            return quantifier(kind, vec![generator], None, and(vec![guard, body]));
        }
        quantifier(kind, vec![generator], Some(guard), body)
    }

    /// All containers of the part, or what stands for them where the part is no pod.
    pub(super) fn containers(&mut self) -> Expr {
        let part = self.use_of(LocalId::PART);
        let Some(spec) = field(&part, "spec") else {
            return self.texts();
        };
        let lists: Vec<Expr> = ["initContainers", "containers", "ephemeralContainers"]
            .iter()
            .filter_map(|key| field(&spec, key))
            .collect();
        match lists.first().map(|first| first.ty.clone()) {
            Some(ty) => expr(ExprKind::Concat(lists), ty),
            None => self.texts(),
        }
    }

    /// A list of texts: constants, what the containers say, or what is given.
    fn texts_of(&mut self, text: Expr, other: Option<Expr>) -> Expr {
        match self.rng.below(3) {
            0 => self.texts(),
            1 => match self.path(Want::List) {
                Some(list) if list.ty == Type::plain(list_of(BaseType::String)) => list,
                _ => self.texts(),
            },
            _ => {
                let items = std::iter::once(text).chain(other).collect();
                expr(
                    ExprKind::List(items),
                    Type::plain(list_of(BaseType::String)),
                )
            }
        }
    }

    pub(super) fn texts(&mut self) -> Expr {
        let items = (0..self.rng.below(4))
            .map(|_| Const::String(self.word()))
            .collect();
        constant(Const::List(items), list_of(BaseType::String))
    }

    pub(super) fn word(&mut self) -> String {
        let word = match self.rng.below(9) {
            2 => self.rng.word(&world::VERSIONS),
            3 => self.rng.word(&world::GRANTED),
            0 => self.rng.word(&world::WORDS),
            1 => self.rng.word(&world::IMAGE_PARTS),
            _ => self.rng.word(&["a", "b", "*", "Always", "Never"]),
        };
        word.to_owned()
    }

    // Conditions

    pub(super) fn condition(&mut self, depth: usize) -> Expr {
        match self.rng.below(12) {
            0..=3 => return self.wider_condition(depth),
            4 if depth > 0 => return self.featured(depth - 1),
            _ => {}
        }
        let n_choices = if depth > 0 { 26 } else { 16 };
        match self.rng.below(n_choices) {
            0..=2 => self.equality(Want::Text, Domain::String, depth),
            3 => self.equality(Want::Bool, Domain::Bool, depth),
            4 => self.equality(Want::Int, Domain::Int, depth),
            5 => self.equality(Want::Quantity, Domain::Quantity, depth),
            6 => self.scalar_equality(depth),
            7 => self.ordering(Want::Int, Domain::Int, depth),
            8 => self.ordering(Want::Quantity, Domain::Quantity, depth),
            9 => self.ordering(Want::Text, Domain::String, depth),
            10 | 11 => self.membership(depth),
            12 => self.bool_condition(depth),
            13 => match self.optional_path() {
                Some(path) => is_set(path),
                None => is_set(self.value(Want::Text, 1)),
            },
            14 => match self.path(Want::Sizeable) {
                Some(path) => is_empty(path),
                None => is_empty(self.value(Want::List, 1)),
            },
            15 => match self.path(Want::Anything) {
                Some(path) => is_known(path),
                None => is_known(self.value(Want::Text, 1)),
            },
            16 | 17 => and(self.conditions(depth)),
            18 | 19 => or(self.conditions(depth)),
            20 => not(self.condition(depth - 1)),
            21 => self.narrowing_and(depth),
            _ => self.quantifier(depth),
        }
    }

    fn conditions(&mut self, depth: usize) -> Vec<Expr> {
        (0..2 + self.rng.below(2))
            .map(|_| self.condition(depth - 1))
            .collect()
    }

    /// Either operand may be absent.
    pub(super) fn equality(&mut self, want: Want, domain: Domain, depth: usize) -> Expr {
        let left = self.value(want, depth);
        let right = match self.rng.below(12) {
            0 => constant(Const::Absent, left.ty.base.clone()),
            1..=3 => self.value(want, depth),
            _ => self.literal(want),
        };
        match self.rng.below(20) {
            0 | 1 => equal(domain, right, left),
            2 | 3 => equal(domain, left.clone(), left),
            _ => equal(domain, left, right),
        }
    }

    fn scalar_equality(&mut self, depth: usize) -> Expr {
        let wants = [Want::IntOrString, Want::Any, Want::Float];
        let want = self.rng.pick(&wants).copied().unwrap_or(Want::Any);
        let left = match self.path(want) {
            Some(path) => path,
            None => self.literal(want),
        };
        let right = match self.rng.below(5) {
            0 => self.value(want, depth),
            1 if want != Want::Float => self.value(Want::Text, depth),
            2 => self.value(Want::Int, depth),
            _ => self.literal(want),
        };
        equal(Domain::Scalar, left, right)
    }

    pub(super) fn ordering(&mut self, want: Want, domain: Domain, depth: usize) -> Expr {
        let left = self.present(want, depth);
        let right = if self.rng.once_in(3) {
            self.present(want, depth)
        } else {
            self.literal(want)
        };
        let op = self.order();
        if self.rng.once_in(6) {
            return compare(op, domain, right, left);
        }
        compare(op, domain, left, right)
    }

    pub(super) fn order(&mut self) -> CompareOp {
        let ops = [
            CompareOp::Less,
            CompareOp::LessEqual,
            CompareOp::Greater,
            CompareOp::GreaterEqual,
        ];
        self.rng.pick(&ops).copied().unwrap_or(CompareOp::Less)
    }

    /// `path is set and path < …`
    fn narrowing_and(&mut self, depth: usize) -> Expr {
        let n_facts = self.facts.len();
        let Some(path) = self.optional_path() else {
            return self.condition(depth - 1);
        };
        self.facts.push(Fact {
            path: path.clone(),
            guard: None,
        });
        let narrowed = narrowed(&path);
        let second = match &path.ty.base {
            BaseType::Int => compare(self.order(), Domain::Int, narrowed, self.literal(Want::Int)),
            BaseType::String => compare(
                self.order(),
                Domain::String,
                narrowed,
                self.literal(Want::Text),
            ),
            BaseType::Quantity => compare(
                self.order(),
                Domain::Quantity,
                narrowed,
                self.literal(Want::Quantity),
            ),
            BaseType::Bool => truth(narrowed),
            _ => self.condition(depth - 1),
        };
        self.facts.truncate(n_facts);
        and(vec![is_set(path), second])
    }

    fn membership(&mut self, depth: usize) -> Expr {
        let list = match self.rng.below(3) {
            0 => self.path(Want::Scalars),
            _ => None,
        };
        let list = match list {
            Some(list) => list,
            None => self.value(Want::List, depth),
        };
        self.member_of(list, depth)
    }

    /// Whether something is in the list.
    pub(super) fn member_of(&mut self, list: Expr, depth: usize) -> Expr {
        let BaseType::List(element) = &list.ty.base else {
            return self.equality(Want::Text, Domain::String, depth);
        };
        let (want, domain) = match **element {
            BaseType::String | BaseType::Enum(_) => (Want::Text, Domain::String),
            BaseType::Int => (Want::Int, Domain::Int),
            BaseType::Quantity => (Want::Quantity, Domain::Quantity),
            BaseType::Bool => (Want::Bool, Domain::Bool),
            BaseType::Float => (Want::Float, Domain::Number),
            BaseType::Version => (Want::Version, Domain::Version),
            BaseType::Duration => (Want::Duration, Domain::Duration),
            BaseType::Timestamp => (Want::Timestamp, Domain::Timestamp),
            BaseType::IntOrString => (Want::IntOrString, Domain::Scalar),
            BaseType::Any => (Want::Any, Domain::Scalar),
            _ => return is_empty(list),
        };
        let needle = if self.rng.once_in(2) {
            self.literal(want)
        } else {
            self.value(want, depth)
        };
        is_in(domain, needle, list)
    }

    fn bool_condition(&mut self, depth: usize) -> Expr {
        truth(self.present(Want::Bool, depth))
    }

    pub(super) fn quantifier(&mut self, depth: usize) -> Expr {
        let n_scope = self.scope.len();
        let n_generators = 1 + usize::from(self.rng.once_in(4));
        let generators = (0..n_generators).map(|_| self.generator()).collect();
        let guard = self.rng.once_in(3).then(|| self.condition(0));
        let body = self.condition(depth.saturating_sub(1));
        self.scope.truncate(n_scope);
        let kinds = [QuantifierKind::Any, QuantifierKind::All, QuantifierKind::No];
        let kind = self
            .rng
            .pick(&kinds)
            .copied()
            .unwrap_or(QuantifierKind::Any);
        quantifier(kind, generators, guard, body)
    }

    // Values

    /// A value, absent or not.
    pub(super) fn value(&mut self, want: Want, depth: usize) -> Expr {
        if self.rng.once_in(3)
            && let Some(found) = self.wider_value(want, depth)
        {
            return found;
        }
        let found = match (want, self.rng.below(10)) {
            (Want::Text, 0) if depth > 0 => Some(self.interpolation()),
            (Want::Text, 1) => self.image_part(),
            (Want::Text, 2) => self.role(),
            (Want::List, 0) if depth > 0 => Some(self.concat(depth - 1)),
            (Want::List, 1) if depth > 0 => Some(self.list(depth - 1)),
            (Want::List, 2) => Some(self.texts()),
            (Want::List, 3) => Some(self.containers()),
            (Want::Bool, 0) if depth > 0 => Some(expr(
                ExprKind::Truth(Box::new(self.condition(depth - 1))),
                Type::plain(BaseType::Bool),
            )),
            (_, 4) if depth > 0 => self.coalesce(want, depth - 1),
            _ => self.path(want),
        };
        match found {
            Some(found) => found,
            None => self.literal(want),
        }
    }

    /// A value that is there.
    pub(super) fn present(&mut self, want: Want, depth: usize) -> Expr {
        let facts: Vec<Fact> = self
            .facts
            .iter()
            .filter(|fact| want.takes(&fact.path.ty.base))
            .cloned()
            .collect();
        if let Some(fact) = self.rng.pick(&facts)
            && self.rng.below(4) > 0
        {
            self.relied.extend(fact.guard);
            return narrowed(&fact.path);
        }
        let value = self.value(want, depth);
        if !value.ty.optional {
            return value;
        }
        let default = self.literal(want);
        let ty = default.ty.clone();
        expr(ExprKind::Coalesce(Box::new(value), Box::new(default)), ty)
    }

    pub(super) fn coalesce(&mut self, want: Want, depth: usize) -> Option<Expr> {
        if want == Want::List {
            return None;
        }
        let left = self.path(want).filter(|path| path.ty.optional)?;
        let right = match self.rng.below(4) {
            0 => constant(Const::Absent, left.ty.base.clone()),
            1 => self.literal(want),
            _ => self.value(want, depth),
        };
        let ty = Type {
            base: if left.ty.base == right.ty.base {
                left.ty.base.clone()
            } else {
                BaseType::String
            },
            optional: right.ty.optional,
        };
        (left.ty.base == right.ty.base || want == Want::Text)
            .then(|| expr(ExprKind::Coalesce(Box::new(left), Box::new(right)), ty))
    }

    pub(super) fn interpolation(&mut self) -> Expr {
        let mut parts = vec![MessagePart::Value(self.value(Want::Text, 0))];
        if self.rng.once_in(2) {
            parts.insert(
                0,
                MessagePart::Text(self.rng.word(&["a", "", "é"]).to_owned()),
            );
        }
        if self.rng.once_in(3) {
            parts.push(self.part());
        }
        expr(ExprKind::Interpolate(parts), Type::plain(BaseType::String))
    }

    pub(super) fn image_part(&mut self) -> Option<Expr> {
        let images: Vec<Expr> = self
            .scope
            .iter()
            .filter_map(|id| field(&self.use_of(*id), "image"))
            .collect();
        let text = match self.rng.pick(&images) {
            _ if self.rng.once_in(4) => self.value(Want::Image, 1),
            Some(image) => image.clone(),
            None => self.path(Want::Text)?,
        };
        let parts = [
            ImagePart::Registry,
            ImagePart::Repository,
            ImagePart::Tag,
            ImagePart::Digest,
        ];
        let part = self.rng.pick(&parts).copied()?;
        Some(expr(
            ExprKind::ImagePart(part, Box::new(text)),
            Type::optional(BaseType::String),
        ))
    }

    pub(super) fn role(&mut self) -> Option<Expr> {
        let containers: Vec<Expr> = self
            .scope
            .iter()
            .map(|id| self.use_of(*id))
            .filter(|used| field(used, "image").is_some())
            .collect();
        let container = self.rng.pick(&containers)?.clone();
        let ty = Type {
            base: BaseType::Enum(
                ["app", "init", "sidecar", "ephemeral"]
                    .map(str::to_owned)
                    .to_vec(),
            ),
            optional: container.ty.optional,
        };
        Some(expr(ExprKind::ContainerRole(Box::new(container)), ty))
    }

    pub(super) fn concat(&mut self, depth: usize) -> Expr {
        let first = self.value(Want::List, depth);
        let mut operands = vec![first.clone()];
        for _ in 0..10 {
            let other = self.value(Want::List, depth);
            if other.ty == first.ty && operands.len() < 3 {
                operands.push(other);
            }
        }
        if operands.len() < 2 {
            return first;
        }
        expr(ExprKind::Concat(operands), first.ty)
    }

    /// A list of which an item is no constant.
    pub(super) fn list(&mut self, depth: usize) -> Expr {
        let want = [Want::Text, Want::Int, Want::Quantity]
            .get(self.rng.below(5))
            .copied()
            .unwrap_or(Want::Text);
        let mut items: Vec<Expr> = (0..1 + self.rng.below(3))
            .map(|_| self.present(want, depth))
            .collect();
        if self.rng.once_in(3) {
            items.push(self.literal(want));
        }
        let base = match want {
            Want::Int => BaseType::Int,
            Want::Quantity => BaseType::Quantity,
            _ => BaseType::String,
        };
        if items
            .iter()
            .all(|item| matches!(item.kind, ExprKind::Const(_)))
        {
            let constants = items.into_iter().filter_map(|item| match item.kind {
                ExprKind::Const(constant) => Some(constant),
                _ => None,
            });
            return constant(Const::List(constants.collect()), list_of(base));
        }
        expr(ExprKind::List(items), Type::plain(list_of(base)))
    }

    pub(super) fn literal(&mut self, want: Want) -> Expr {
        match want {
            Want::Bool => constant(Const::Bool(self.rng.once_in(2)), BaseType::Bool),
            Want::Int => {
                let int = self.rng.pick(&world::INTS).copied().unwrap_or(0);
                constant(Const::Int(int), BaseType::Int)
            }
            Want::Float => {
                let text = self.rng.word(&world::FLOATS).to_owned();
                constant(Const::Float(text), BaseType::Float)
            }
            Want::Quantity => {
                let text = self.rng.word(&world::QUANTITIES).to_owned();
                constant(Const::Quantity(text), BaseType::Quantity)
            }
            Want::IntOrString | Want::Any if self.rng.once_in(2) => self.literal(Want::Int),
            Want::Any if self.rng.once_in(3) => self.literal(Want::Float),
            Want::Any if self.rng.once_in(3) => self.literal(Want::Bool),
            Want::List | Want::Collection | Want::Texts => self.texts(),
            Want::Map => self.map(),
            Want::Record => match self.use_of(LocalId::PART) {
                part if is_inventory(&part.ty.base) => expr(
                    ExprKind::Context(ContextPart::Request),
                    Type::optional(record(world::REQUEST)),
                ),
                part => part,
            },
            Want::Ints => {
                let items = (0..self.rng.below(4))
                    .map(|_| Const::Int(self.rng.pick(&world::INTS).copied().unwrap_or(0)))
                    .collect();
                constant(Const::List(items), list_of(BaseType::Int))
            }
            Want::Quantities => {
                let items = (0..self.rng.below(4))
                    .map(|_| Const::Quantity(self.rng.word(&world::QUANTITIES).to_owned()))
                    .collect();
                constant(Const::List(items), list_of(BaseType::Quantity))
            }
            Want::Version => self.typed(BaseType::Version),
            Want::Duration => self.typed(BaseType::Duration),
            Want::Timestamp => self.typed(BaseType::Timestamp),
            Want::Image => self.typed(BaseType::Image),
            Want::Cidr => self.typed(BaseType::Cidr),
            Want::Ip => self.typed(BaseType::Ip),
            Want::Versions => self.typed(BaseType::Versions),
            Want::Range => self.typed(BaseType::Range),
            Want::Glob => {
                let text = self.rng.word(&world::GLOBS).to_owned();
                constant(Const::Glob(text), BaseType::Glob)
            }
            Want::Regex => {
                let text = self.rng.word(&world::REGEXES).to_owned();
                constant(Const::Regex(text), BaseType::Regex)
            }
            _ => constant(Const::String(self.word()), BaseType::String),
        }
    }

    // Paths

    fn optional_path(&mut self) -> Option<Expr> {
        for _ in 0..8 {
            let path = self.path(Want::Anything)?;
            if path.ty.optional {
                return Some(path);
            }
        }
        None
    }

    /// A read of what is in scope.
    pub(super) fn path(&mut self, want: Want) -> Option<Expr> {
        if self.rng.once_in(4)
            && let Some(found) = self.network_field(want)
        {
            return Some(found);
        }
        for _ in 0..12 {
            let mut at = self.root()?;
            for _ in 0..6 {
                let is_record = matches!(at.ty.base, BaseType::Record(_));
                let stays = !is_record || self.rng.once_in(6) && !is_inventory(&at.ty.base);
                if want.takes(&at.ty.base) && stays {
                    return Some(at);
                }
                match self.step(&at) {
                    Some(next) => at = next,
                    None => break,
                }
            }
        }
        None
    }

    /// What a path begins with: a name, now and then a parameter or a part of the context.
    fn root(&mut self) -> Option<Expr> {
        if self.rng.once_in(8)
            && let Some(param) = self.rng.pick(&self.params)
        {
            return Some(param.clone());
        }
        if self.uses_context && self.rng.once_in(16) {
            let (part, id) = self.context_root();
            return Some(expr(ExprKind::Context(part), Type::optional(record(id))));
        }
        if self.rng.once_in(20)
            && let Some(embedded) = self.embedded()
        {
            return Some(embedded);
        }
        let id = *self.rng.pick(&self.scope)?;
        Some(self.use_of(id))
    }

    /// A name of the type that is in scope and there, or a constant.
    fn name_of(&mut self, want: Want) -> Expr {
        let names: Vec<Expr> = self
            .scope
            .iter()
            .map(|id| self.use_of(*id))
            .filter(|used| want.takes(&used.ty.base))
            .collect();
        match self.rng.pick(&names) {
            Some(name) => name.clone(),
            None => self.literal(want),
        }
    }

    /// Something in a value.
    pub(super) fn step(&mut self, at: &Expr) -> Option<Expr> {
        match &at.ty.base {
            BaseType::Record(refs) => {
                let id = refs.first()?.id;
                let fields = if id >= DECLARED_RECORDS {
                    params::fields(id)
                } else {
                    world::fields(id)
                };
                let field = self.rng.pick(&fields)?;
                Some(member(
                    at.clone(),
                    field.key,
                    field.ty.clone(),
                    field.presence.clone(),
                ))
            }
            BaseType::List(element) => {
                let index = match self.rng.below(6) {
                    0 => self.name_of(Want::Int),
                    1 => constant(Const::Int(-1), BaseType::Int),
                    2 => constant(Const::Int(1), BaseType::Int),
                    _ => constant(Const::Int(0), BaseType::Int),
                };
                Some(expr(
                    ExprKind::Element {
                        base: Box::new(at.clone()),
                        index: Box::new(index),
                    },
                    found(element),
                ))
            }
            BaseType::Map(value) => {
                let key = match self.rng.below(5) {
                    0 => self.name_of(Want::Text),
                    _ => {
                        let key = self.rng.word(&world::KEYS).to_owned();
                        constant(Const::String(key), BaseType::String)
                    }
                };
                Some(expr(
                    ExprKind::MapMember {
                        base: Box::new(at.clone()),
                        key: Box::new(key),
                    },
                    found(value),
                ))
            }
            BaseType::Any => {
                let key = self.rng.word(&world::KEYS);
                Some(member(
                    at.clone(),
                    key,
                    BaseType::Any,
                    palisade_lang::program::Presence::Optional,
                ))
            }
            _ => None,
        }
    }
}

/// Lists and maps are never optional.
fn found(base: &BaseType) -> Type {
    match base {
        BaseType::List(_) | BaseType::Map(_) => Type::plain(base.clone()),
        _ => Type::optional(base.clone()),
    }
}

/// The path where it is known to be set.
fn narrowed(path: &Expr) -> Expr {
    let mut narrowed = path.clone();
    narrowed.ty.optional = false;
    narrowed
}

/// The member of a record, if it has one of that name.
pub(super) fn field(base: &Expr, key: &str) -> Option<Expr> {
    let BaseType::Record(refs) = &base.ty.base else {
        return None;
    };
    let fields = world::fields(refs.first()?.id);
    let field = fields.into_iter().find(|field| field.key == key)?;
    Some(member(base.clone(), key, field.ty, field.presence))
}

/// A condition that is always this.
#[must_use]
pub fn always(value: bool) -> Expr {
    condition(ExprKind::Truth(Box::new(constant(
        Const::Bool(value),
        BaseType::Bool,
    ))))
}

/// Whether a value is the inventory as a whole, of which the checker lets nobody make anything.
pub(super) fn is_inventory(base: &BaseType) -> bool {
    *base == record(world::INVENTORY)
}

/// Whether a path begins in the document: the checker lets nobody edit what a function made.
fn stands_in_document(path: &Expr) -> bool {
    match &path.kind {
        ExprKind::Member { base, .. }
        | ExprKind::MapMember { base, .. }
        | ExprKind::Element { base, .. }
        | ExprKind::Cast(base) => stands_in_document(base),
        ExprKind::With { body, .. } => stands_in_document(body),
        ExprKind::Call(function, _) => matches!(
            function,
            Builtin::ParseJson | Builtin::ParseYaml | Builtin::Flags
        ),
        _ => true,
    }
}
