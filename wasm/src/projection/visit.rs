//! Going through a policy: which positions does each expression read, and how closely.

use palisade_lang::program::{
    BaseType, Binding, Block, Body, Builtin, Check, Comprehension, Const, Expr, ExprKind,
    Generator, KindRef, LocalId, MessagePart, Policy, Program, Stmt, Target,
};

use super::trie::{Position, Trie};

/// Where a value may come from. Empty for what is computed.
#[derive(Debug, Clone, Default)]
struct Origin {
    /// Positions of the document.
    positions: Vec<Position>,
    /// For a list written out: where its elements come from.
    items: Vec<Origin>,
}

impl Origin {
    fn at(position: Position) -> Self {
        Self {
            positions: vec![position],
            items: Vec::new(),
        }
    }

    fn join(mut self, other: Self) -> Self {
        self.positions.extend(other.positions);
        self.items.extend(other.items);
        self
    }
}

/// Which objects a trie is of.
#[derive(Debug, Clone, Copy)]
pub(super) enum Seen<'a> {
    /// The one that is judged, whose part is at this position.
    Judged(Position),
    /// Those of a kind that policies ask for.
    Asked(&'a KindRef),
}

/// Adds what a body of a policy reads of the objects that are seen.
pub(super) fn visit_body(
    trie: &mut Trie<'_>,
    (program, policy, body): (&Program, &Policy, &Body),
    seen: Seen<'_>,
) {
    let mut visit = Visit {
        trie,
        program,
        policy,
        seen,
        locals: vec![None; policy.locals.len()],
    };
    let (object, part) = match seen {
        Seen::Judged(part) => (Origin::at(Trie::ROOT), Origin::at(part)),
        Seen::Asked(_) => (Origin::default(), Origin::default()),
    };
    visit.bind(LocalId::OBJECT, object);
    visit.bind(LocalId::PART, part);
    if let Some(guard) = &body.guard {
        visit.expr(guard);
    }
    visit.block(&body.block);
}

struct Visit<'a, 'b> {
    trie: &'a mut Trie<'b>,
    program: &'a Program,
    policy: &'a Policy,
    seen: Seen<'a>,
    locals: Vec<Option<Origin>>,
}

impl<'a> Visit<'a, '_> {
    fn block(&mut self, block: &'a Block) {
        for stmt in &block.stmts {
            match stmt {
                Stmt::Let(local) => {
                    self.local(*local);
                }
                Stmt::For(statement) => {
                    self.generator(&statement.generator);
                    self.optional(statement.guard.as_ref());
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
                Stmt::Check(check) => {
                    if let Some(check) = self.policy.checks.get(check.0 as usize) {
                        self.check(check);
                    }
                }
            }
        }
    }

    fn check(&mut self, check: &'a Check) {
        self.expr(&check.condition);
        self.message(&check.message);
        self.optional(check.place.as_ref());
        if let Some(severity) = &check.severity {
            self.value(severity);
        }
        for fix in &check.fixes {
            self.optional(fix.condition.as_ref());
            for edit in &fix.edits {
                self.expr(&edit.path);
                if let Some(value) = &edit.value {
                    self.whole(value);
                }
            }
        }
    }

    /// An expression whose value is written out with all that is in it.
    fn whole(&mut self, expr: &'a Expr) -> Origin {
        let origin = self.expr(expr);
        self.mark_whole(&origin);
        origin
    }

    fn mark_whole(&mut self, origin: &Origin) {
        for &position in &origin.positions {
            self.trie.mark_whole(position);
        }
        for item in &origin.items {
            self.mark_whole(item);
        }
    }

    /// The arguments of a function; its value may be made of their elements.
    fn call(&mut self, function: Builtin, arguments: &'a [Expr]) -> Origin {
        if let (Builtin::Whole | Builtin::Namespace, [of]) = (function, arguments) {
            let of = self.expr(of);
            if of.positions.is_empty() {
                return Origin::default();
            }
            if function == Builtin::Whole {
                return Origin::at(Trie::ROOT);
            }
            for position in of.positions {
                self.trie.add_name(position);
            }
            return Origin::default();
        }
        if let (Builtin::Before, [of]) = (function, arguments) {
            for position in self.expr(of).positions {
                self.trie.mark_names_above(position);
            }
            return Origin::default();
        }
        if let (Builtin::Source, [of]) = (function, arguments) {
            self.expr(of);
            return Origin::default();
        }
        let mut items = Vec::new();
        for argument in arguments {
            let origin = self.expr(argument);
            if function == Builtin::Walk {
                self.mark_whole(&origin);
            }
            match &argument.ty.base {
                // Lists and maps have their size in any case.
                BaseType::List(_) | BaseType::Map(_)
                    if matches!(function, Builtin::Len | Builtin::Size) => {}
                BaseType::List(_) | BaseType::Map(_) | BaseType::Record(_) | BaseType::Any => {
                    self.mark_whole(&origin);
                    items.push(self.elements(&origin));
                }
                BaseType::Bool
                | BaseType::Int
                | BaseType::Float
                | BaseType::String
                | BaseType::Enum(_)
                | BaseType::Quantity
                | BaseType::IntOrString
                | BaseType::Version
                | BaseType::Image
                | BaseType::Cidr
                | BaseType::Versions
                | BaseType::Range
                | BaseType::Ip
                | BaseType::Glob
                | BaseType::Regex
                | BaseType::Timestamp
                | BaseType::Duration
                | BaseType::Error => self.mark_value(&origin),
            }
        }
        Origin {
            positions: Vec::new(),
            items,
        }
    }

    /// What a comprehension goes through, and the elements it gives.
    fn comprehension(&mut self, comprehension: &'a Comprehension) -> Origin {
        for generator in &comprehension.generators {
            self.generator(generator);
        }
        self.optional(comprehension.guard.as_ref());
        let element = self.expr(&comprehension.element);
        if let Some((key, _)) = &comprehension.order {
            self.value(key);
        }
        element
    }

    fn optional(&mut self, expr: Option<&'a Expr>) {
        if let Some(expr) = expr {
            self.expr(expr);
        }
    }

    fn generator(&mut self, generator: &'a Generator) {
        let source = self.expr(&generator.source);
        if let Some(key) = generator.key {
            self.mark_keys(&source);
            self.bind(key, Origin::default());
        }
        let element = self.elements(&source);
        if let Some(local) = self.policy.locals.get(generator.element.0 as usize) {
            self.check_type(&element, &local.ty.base);
        }
        self.bind(generator.element, element);
    }

    fn message(&mut self, parts: &'a [MessagePart]) {
        for part in parts {
            match part {
                MessagePart::Text(_) => {}
                MessagePart::Value(expr) => {
                    // A list is printed by its elements.
                    let value = self.value(expr);
                    if is_list(expr) {
                        let elements = self.elements(&value);
                        self.mark_value(&elements);
                    }
                }
                MessagePart::Object(expr) => {
                    let object = self.expr(expr);
                    for position in object.positions {
                        let kind = self.trie.member(position, "kind");
                        self.trie.mark_value(kind);
                        self.trie.add_name(position);
                    }
                }
            }
        }
    }

    /// An expression whose text or number is looked at.
    fn value(&mut self, expr: &'a Expr) -> Origin {
        let origin = self.expr(expr);
        self.mark_value(&origin);
        origin
    }

    /// Where the value of an expression comes from; what is read on the way is added.
    fn expr(&mut self, expr: &'a Expr) -> Origin {
        let origin = self.kind(&expr.kind);
        self.check_type(&origin, &expr.ty.base);
        origin
    }

    fn kind(&mut self, kind: &'a ExprKind) -> Origin {
        match kind {
            ExprKind::Const(_) => return Origin::default(),
            ExprKind::Local(local) => return self.local(*local),
            ExprKind::Member { base, key, .. } => {
                let base = self.expr(base);
                return self.members(&base, key);
            }
            ExprKind::MapMember { base, key } => {
                let base = self.expr(base);
                self.value(key);
                if let ExprKind::Const(Const::String(key)) = &key.kind {
                    return self.members(&base, key);
                }
                return self.elements(&base);
            }
            ExprKind::Element { base, index } => {
                let base = self.expr(base);
                self.value(index);
                return self.elements(&base);
            }
            ExprKind::Concat(lists) => {
                return lists.iter().fold(Origin::default(), |all, list| {
                    let list = self.expr(list);
                    // Joining refers to elements, so they must be there even where only their number matters.
                    self.elements(&list);
                    all.join(list)
                });
            }
            ExprKind::List(items) => {
                let items = items.iter().map(|item| self.expr(item)).collect();
                return Origin {
                    positions: Vec::new(),
                    items,
                };
            }
            ExprKind::Coalesce(first, second) => {
                let first = self.expr(first);
                let second = self.expr(second);
                return first.join(second);
            }
            // Emptiness of text is seen by its length, which is written with the text.
            ExprKind::ImagePart(_, text) | ExprKind::IsEmpty(text) => {
                self.value(text);
            }
            ExprKind::Interpolate(parts) => self.message(parts),
            ExprKind::ContainerRole(container) => {
                let container = self.expr(container);
                let policy = self.members(&container, "restartPolicy");
                self.mark_value(&policy);
            }
            ExprKind::Truth(value) => {
                self.value(value);
            }
            ExprKind::And(operands) | ExprKind::Or(operands) => {
                for operand in operands {
                    self.expr(operand);
                }
            }
            ExprKind::Not(operand) | ExprKind::IsSet(operand) | ExprKind::IsKnown(operand) => {
                self.expr(operand);
            }
            ExprKind::Compare { left, right, .. } => {
                self.value(left);
                self.value(right);
            }
            ExprKind::In { needle, list, .. } => {
                self.value(needle);
                let list = self.expr(list);
                let elements = self.elements(&list);
                self.mark_value(&elements);
            }
            ExprKind::Param(_) | ExprKind::Context(_) => {}
            ExprKind::Objects(target) => {
                return Origin {
                    positions: Vec::new(),
                    items: self.objects(target),
                };
            }
            ExprKind::With { locals, body } => {
                for local in locals {
                    self.local(*local);
                }
                return self.expr(body);
            }
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                self.expr(condition);
                let then = self.expr(then);
                let otherwise = self.expr(otherwise);
                return then.join(otherwise);
            }
            ExprKind::Cast(inner) => return self.expr(inner),
            ExprKind::Call(function, arguments) => return self.call(*function, arguments),
            ExprKind::Comprehension(comprehension) => {
                let element = self.comprehension(comprehension);
                return Origin {
                    positions: Vec::new(),
                    items: vec![element],
                };
            }
            ExprKind::Pick(_, comprehension) => return self.comprehension(comprehension),
            ExprKind::Count(comprehension) => {
                self.comprehension(comprehension);
            }
            ExprKind::Record(members) => {
                for (_, member) in members {
                    self.whole(member);
                }
            }
            ExprKind::Quantifier(quantifier) => {
                for generator in &quantifier.generators {
                    self.generator(generator);
                }
                self.optional(quantifier.guard.as_ref());
                self.expr(&quantifier.body);
            }
        }
        Origin::default()
    }

    /// Where the elements of `objects(…)` come from.
    fn objects(&mut self, target: &Target) -> Vec<Origin> {
        let Seen::Asked(kind) = self.seen else {
            return Vec::new();
        };
        match target {
            Target::Kind(other) if other.is_any() || other == kind => {
                vec![Origin::at(Trie::ROOT)]
            }
            Target::Kind(_) | Target::Subresource(..) => Vec::new(),
            Target::View(view) => {
                let view = self.program.views.get(view.0 as usize);
                let arms = view.map_or(&[][..], |view| &view.arms).iter();
                arms.filter(|arm| arm.kind == *kind)
                    .map(|arm| {
                        let path = arm.path.iter();
                        Origin::at(path.fold(Trie::ROOT, |at, key| self.trie.member(at, key)))
                    })
                    .collect()
            }
        }
    }

    fn local(&mut self, id: LocalId) -> Origin {
        if let Some(Some(origin)) = self.locals.get(id.0 as usize) {
            return origin.clone();
        }
        let binding = self
            .policy
            .locals
            .get(id.0 as usize)
            .map(|local| &local.binding);
        let Some(Binding::Let(expr)) = binding else {
            return Origin::default();
        };
        let origin = self.expr(expr);
        self.bind(id, origin.clone());
        origin
    }

    fn bind(&mut self, id: LocalId, origin: Origin) {
        if let Some(local) = self.locals.get_mut(id.0 as usize) {
            *local = Some(origin);
        }
    }

    fn members(&mut self, base: &Origin, key: &str) -> Origin {
        let positions = (base.positions.iter()).map(|&position| self.trie.member(position, key));
        Origin {
            positions: positions.collect(),
            items: Vec::new(),
        }
    }

    fn elements(&mut self, list: &Origin) -> Origin {
        let positions = (list.positions.iter()).map(|&position| self.trie.element(position));
        let elements = Origin {
            positions: positions.collect(),
            items: Vec::new(),
        };
        let items = list.items.iter().cloned();
        items.fold(elements, Origin::join)
    }

    fn mark_value(&mut self, origin: &Origin) {
        for &position in &origin.positions {
            self.trie.mark_value(position);
        }
    }

    fn mark_keys(&mut self, origin: &Origin) {
        for &position in &origin.positions {
            self.trie.mark_keys(position);
        }
    }

    /// Checking the type of a value looks at its kind alone, but a quantity must parse.
    fn check_type(&mut self, origin: &Origin, ty: &BaseType) {
        if matches!(ty, BaseType::Quantity) {
            self.mark_value(origin);
        }
    }
}

fn is_list(expr: &Expr) -> bool {
    matches!(expr.ty.base, BaseType::List(_) | BaseType::Any)
}
