//! Values of expressions.

use std::cmp::Ordering;
use std::ops::ControlFlow;

use palisade_abi::place::{Place, Step};
use palisade_abi::tape::{Kind, NodeId, Tape, Value as Scalar};
use palisade_lang::program::{
    BaseType, Binding, Check, CompareOp, Domain, Expr, ExprKind, Generator, LocalId, MessagePart,
    Policy, Presence, Quantifier, QuantifierKind,
};

use crate::coverage::{Coverage, Outcome};
use crate::number;
use crate::policy::Decided;
use crate::value::{Item, Items, Kleene, Value};
use crate::verdict::{Reason, Status, Verdict};

/// One policy being run on one document.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    pub(crate) policy: &'a Policy,
    /// The number of the policy.
    pub(crate) number: usize,
    pub(crate) tape: &'a Tape,
    /// What the locals are bound to.
    pub(crate) slots: Vec<Slot>,
    /// The elements of the `for`s being run, outermost first, where they are located.
    pub(crate) elements: Vec<Option<NodeId>>,
    /// What became of the checks so far.
    pub(crate) decided: Vec<Option<Decided>>,
    /// True while a place or a message is computed: reads then make no findings.
    pub(crate) quiet: bool,
    pub(crate) results: Vec<Verdict>,
    pub(crate) coverage: &'a mut Coverage,
}

/// What a local is bound to.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) value: Value,
    /// Its node, also if the value is unknown because the node has the wrong kind.
    pub(crate) node: Option<NodeId>,
}

/// How a node was reached, for the words of a shape finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    Member,
    Element,
}

/// An element of a list or a member of a map, as a generator meets it.
#[derive(Debug, Clone)]
pub(crate) struct Turn {
    /// The key or the index.
    pub(crate) key: Value,
    pub(crate) item: Item,
    pub(crate) site: Site,
}

/// What the generators of a quantifier come to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Tuple<'a> {
    /// All names are bound; the node of the last generator's element.
    Bound(Option<NodeId>),
    /// The source of a generator is unknown.
    Unknown(&'a Expr, Reason),
}

impl<'a> Evaluator<'a> {
    /// The value of any expression.
    pub(crate) fn eval(&mut self, expr: &'a Expr) -> Value {
        let value = match &expr.kind {
            ExprKind::Const(constant) => Value::constant(constant),
            ExprKind::Local(local) => self.slot(*local).value,
            ExprKind::Member {
                base,
                key,
                presence,
            } => self.read(expr, base, key, presence),
            ExprKind::MapMember { base, key } => self.map_member(expr, base, key),
            ExprKind::Element { base, index } => self.element(expr, base, index),
            ExprKind::Concat(operands) => Value::List(self.concat(operands)),
            ExprKind::List(items) => Value::List(Items {
                items: items
                    .iter()
                    .map(|item| Item::Value(self.eval(item)))
                    .collect(),
                unknown: None,
            }),
            ExprKind::Coalesce(left, right) => match self.eval(left) {
                Value::Absent => self.eval(right),
                value => value,
            },
            ExprKind::Interpolate(parts) => self.interpolate(parts),
            ExprKind::ImagePart(part, text) => self.image(*part, text),
            ExprKind::ContainerRole(container) => self.role(container),
            ExprKind::Truth(_)
            | ExprKind::And(_)
            | ExprKind::Or(_)
            | ExprKind::Not(_)
            | ExprKind::Compare { .. }
            | ExprKind::In { .. }
            | ExprKind::IsSet(_)
            | ExprKind::IsEmpty(_)
            | ExprKind::IsKnown(_)
            | ExprKind::Quantifier(_) => return self.condition(expr).into_value(),
        };
        self.count(expr, || match (value.unknown(), &value) {
            (Some(_), _) => Outcome::Unknown,
            (None, Value::Absent) => Outcome::False,
            _ => Outcome::True,
        });
        value
    }

    /// The truth of a condition, or of a bool value.
    pub(crate) fn condition(&mut self, expr: &'a Expr) -> Kleene {
        let truth = match &expr.kind {
            ExprKind::Truth(value) => self.truth(value),
            ExprKind::And(operands) => self.fold(operands, Kleene::False),
            ExprKind::Or(operands) => self.fold(operands, Kleene::True),
            ExprKind::Not(operand) => self.condition(operand).negated(),
            ExprKind::Compare {
                op,
                domain,
                left,
                right,
            } => self.compare(*op, *domain, left, right),
            ExprKind::In {
                domain,
                needle,
                list,
            } => self.is_in(*domain, needle, list),
            ExprKind::IsSet(operand) => {
                let value = self.written(operand);
                test(&value, || !value.is_absent())
            }
            ExprKind::IsEmpty(operand) => {
                let value = self.eval(operand);
                test(&value, || self.is_empty(&value))
            }
            ExprKind::IsKnown(operand) => Kleene::from(self.eval(operand).unknown().is_none()),
            ExprKind::Quantifier(quantifier) => self.quantifier(quantifier),
            ExprKind::Const(_)
            | ExprKind::Local(_)
            | ExprKind::Member { .. }
            | ExprKind::MapMember { .. }
            | ExprKind::Element { .. }
            | ExprKind::Concat(_)
            | ExprKind::List(_)
            | ExprKind::Coalesce(..)
            | ExprKind::Interpolate(_)
            | ExprKind::ImagePart(..)
            | ExprKind::ContainerRole(_) => return self.truth(expr),
        };
        self.count(expr, || match truth {
            Kleene::False => Outcome::False,
            Kleene::True => Outcome::True,
            Kleene::Unknown(_) => Outcome::Unknown,
        });
        truth
    }

    /// Computes without findings of reads, as for places and messages.
    pub(crate) fn quietly<T>(&mut self, compute: impl FnOnce(&mut Self) -> T) -> T {
        let before = std::mem::replace(&mut self.quiet, true);
        let value = compute(self);
        self.quiet = before;
        value
    }

    /// What a local is bound to.
    pub(crate) fn slot(&self, local: LocalId) -> Slot {
        self.slots.get(local.0 as usize).cloned().unwrap_or(Slot {
            value: Value::Absent,
            node: None,
        })
    }

    /// Binds a local.
    pub(crate) fn set(&mut self, local: LocalId, value: Value, node: Option<NodeId>) {
        if let Some(slot) = self.slots.get_mut(local.0 as usize) {
            *slot = Slot { value, node };
        }
    }

    /// What a local is declared as.
    pub(crate) fn binding(&self, local: LocalId) -> Option<&'a Binding> {
        let local = self.policy.locals.get(local.0 as usize)?;
        Some(&local.binding)
    }

    /// The check of a number.
    pub(crate) fn check(&self, index: u32) -> Option<&'a Check> {
        self.policy.checks.get(index as usize)
    }

    fn count(&mut self, expr: &Expr, outcome: impl FnOnce() -> Outcome) {
        if !self.quiet {
            self.coverage.count_expr(expr, outcome());
        }
    }

    // Reads

    fn read(&mut self, expr: &'a Expr, base: &'a Expr, key: &str, presence: &Presence) -> Value {
        let base = self.eval(base);
        if let Some(reason) = base.unknown() {
            return Value::Unknown(reason);
        }
        let Some(record) = base.node() else {
            return Value::Absent;
        };
        if let Some(member) = self.live_member(record, key) {
            return self.accept(member, &expr.ty.base, Site::Member);
        }
        match presence {
            Presence::Default(constant) => Value::constant(constant),
            Presence::Required if !is_collection(&expr.ty.base) => {
                self.find_missing(record, key);
                Value::Unknown(Reason::Missing)
            }
            Presence::Required | Presence::Optional => Value::Absent,
        }
    }

    /// The value as `is set` asks for it: a default is not what was written.
    fn written(&mut self, expr: &'a Expr) -> Value {
        match &expr.kind {
            ExprKind::Member {
                base,
                key,
                presence: Presence::Default(_),
            } => self.read(expr, base, key, &Presence::Optional),
            _ => self.eval(expr),
        }
    }

    fn map_member(&mut self, expr: &'a Expr, base: &'a Expr, key: &'a Expr) -> Value {
        let base = self.eval(base);
        let key = self.eval(key);
        if base.unknown().is_some() || base.is_absent() {
            return base;
        }
        if let Some(reason) = key.unknown() {
            return Value::Unknown(reason);
        }
        match (base.node(), self.text_of(&key)) {
            (Some(map), Some(key)) => match self.live_member(map, &key) {
                Some(member) => self.accept(member, &expr.ty.base, Site::Member),
                None => Value::Absent,
            },
            _ => Value::Absent,
        }
    }

    fn element(&mut self, expr: &'a Expr, base: &'a Expr, index: &'a Expr) -> Value {
        let base = self.eval(base);
        let index = self.eval(index);
        if let Some(reason) = base.unknown() {
            return Value::Unknown(reason);
        }
        if base.is_absent() {
            return base;
        }
        if let Some(reason) = index.unknown() {
            return Value::Unknown(reason);
        }
        match self.item_at(&base, &index) {
            Some(item) => self.take(item, &expr.ty.base, Site::Element),
            None => Value::Absent,
        }
    }

    /// The element of a list at an index that is a value.
    pub(crate) fn item_at(&self, list: &Value, index: &Value) -> Option<Item> {
        let index = usize::try_from(self.int_of(index)?).ok()?;
        match list {
            Value::Node(node) if self.tape.kind(*node) == Kind::List => {
                self.tape.children(*node).nth(index).map(Item::Node)
            }
            Value::List(items) => items.items.get(index).cloned(),
            _ => None,
        }
    }

    /// The member of a node that is there and not null; nothing for a node that is no map.
    pub(crate) fn live_member(&self, node: NodeId, key: &str) -> Option<NodeId> {
        let member = self.tape.member(node, key)?;
        (self.tape.kind(member) != Kind::Null).then_some(member)
    }

    /// Looks at an element or member: a node is compared with its type, any other value has been.
    pub(crate) fn take(&mut self, item: Item, ty: &BaseType, site: Site) -> Value {
        match item {
            Item::Node(node) => self.accept(node, ty, site),
            Item::Value(value) => value,
        }
    }

    /// The node as a value of its type.
    pub(crate) fn accept(&mut self, node: NodeId, ty: &BaseType, site: Site) -> Value {
        let kind = self.tape.kind(node);
        if kind == Kind::Unknown {
            return Value::Unknown(Reason::Template);
        }
        if !accepts(ty, kind) {
            self.find_shape(node, site, kind_in_words(kind), expectation(ty));
            return Value::Unknown(Reason::Shape);
        }
        if *ty == BaseType::Quantity {
            let text = self.text_of_scalar(node).unwrap_or_default();
            if number::quantity(&text).is_none() {
                self.find_shape(node, site, &format!("`{text}`"), expectation(ty));
                return Value::Unknown(Reason::Shape);
            }
        }
        Value::Node(node)
    }

    /// Records that a node contradicts its type.
    pub(crate) fn find_shape(&mut self, node: NodeId, site: Site, is: &str, expected: &str) {
        let key = self.tape.key(node).unwrap_or_default();
        let message = match site {
            Site::Member => format!("`{key}` is {is} where {expected} is expected"),
            Site::Element => {
                format!("an element of `{key}` is {is} where {expected} is expected")
            }
        };
        self.find_read(Place::node(node), message);
    }

    fn find_missing(&mut self, record: NodeId, key: &str) {
        let place = Place {
            node: record,
            missing: vec![Step::Key(key.to_owned())],
            inner: None,
        };
        self.find_read(place, format!("`{key}` is required and missing"));
    }

    fn find_read(&mut self, place: Place, message: String) {
        if !self.quiet {
            let severity = self.policy.severity;
            self.record(0, Status::Finding, severity, place, Vec::new(), message);
        }
    }

    // Lists

    fn concat(&mut self, operands: &'a [Expr]) -> Items {
        let mut joined = Items::default();
        for operand in operands {
            let value = self.eval(operand);
            joined.unknown = joined.unknown.or(value.unknown());
            joined
                .items
                .extend(self.turns(&value).into_iter().map(|turn| turn.item));
        }
        joined
    }

    /// The elements of a list or the members of a map that are not null, in order; of an unknown value what is known.
    pub(crate) fn turns(&self, source: &Value) -> Vec<Turn> {
        match source {
            Value::Node(node) => match self.tape.kind(*node) {
                Kind::List => numbered(self.tape.children(*node).map(Item::Node)),
                Kind::Map => self
                    .tape
                    .children(*node)
                    .filter(|child| self.tape.kind(*child) != Kind::Null)
                    .map(|child| Turn {
                        key: Value::String(self.tape.key(child).unwrap_or_default().to_owned()),
                        item: Item::Node(child),
                        site: Site::Member,
                    })
                    .collect(),
                _ => Vec::new(),
            },
            Value::List(items) => numbered(items.items.iter().cloned()),
            _ => Vec::new(),
        }
    }

    /// Binds the names of a generator to one element. The node of the element, if it is located.
    pub(crate) fn bind(&mut self, generator: &'a Generator, turn: Turn) -> Option<NodeId> {
        let node = turn.item.node();
        let value = self.take(
            turn.item,
            element_type(&generator.source.ty.base),
            turn.site,
        );
        self.set(generator.element, value, node);
        if let Some(key) = generator.key {
            self.set(key, turn.key, node);
        }
        node
    }

    // Conditions

    fn truth(&mut self, expr: &'a Expr) -> Kleene {
        let value = self.eval(expr);
        test(&value, || self.bool_of(&value) == Some(true))
    }

    /// `And` with `False` as what decides, `Or` with `True`.
    fn fold(&mut self, operands: &'a [Expr], decisive: Kleene) -> Kleene {
        let mut result = decisive.negated();
        for operand in operands {
            match self.condition(operand) {
                truth if truth == decisive => return decisive,
                truth => result = join(result, truth),
            }
        }
        result
    }

    fn compare(
        &mut self,
        op: CompareOp,
        domain: Domain,
        left: &'a Expr,
        right: &'a Expr,
    ) -> Kleene {
        let left = self.eval(left);
        let right = self.eval(right);
        if let Some(reason) = left.unknown().or(right.unknown()) {
            return Kleene::Unknown(reason);
        }
        if op == CompareOp::Equal {
            return Kleene::from(self.equal(domain, &left, &right));
        }
        Kleene::from(
            self.order(domain, &left, &right)
                .is_some_and(|order| match op {
                    CompareOp::Less => order == Ordering::Less,
                    CompareOp::LessEqual => order != Ordering::Greater,
                    CompareOp::Greater => order == Ordering::Greater,
                    CompareOp::GreaterEqual => order != Ordering::Less,
                    CompareOp::Equal => order == Ordering::Equal,
                }),
        )
    }

    /// Whether two known values are equal.
    pub(crate) fn equal(&self, domain: Domain, left: &Value, right: &Value) -> bool {
        match (left.is_absent(), right.is_absent()) {
            (true, true) => true,
            (false, false) => match domain {
                Domain::Scalar => self.same_scalar(left, right),
                _ => self.order(domain, left, right) == Some(Ordering::Equal),
            },
            _ => false,
        }
    }

    fn order(&self, domain: Domain, left: &Value, right: &Value) -> Option<Ordering> {
        Some(match domain {
            Domain::Bool => self.bool_of(left)?.cmp(&self.bool_of(right)?),
            Domain::Int => self.int_of(left)?.cmp(&self.int_of(right)?),
            Domain::String => self.text_of(left)?.cmp(&self.text_of(right)?),
            Domain::Quantity => number::quantity(&self.written_text(left)?)?
                .compare(&number::quantity(&self.written_text(right)?)?),
            Domain::Scalar => return None,
        })
    }

    fn same_scalar(&self, left: &Value, right: &Value) -> bool {
        if let (Some(left), Some(right)) = (self.text_of(left), self.text_of(right)) {
            return left == right;
        }
        if let (Some(left), Some(right)) = (self.bool_of(left), self.bool_of(right)) {
            return left == right;
        }
        match (self.number_text(left), self.number_text(right)) {
            (Some(left), Some(right)) => number::same_number(&left, &right),
            _ => false,
        }
    }

    fn is_in(&mut self, domain: Domain, needle: &'a Expr, list: &'a Expr) -> Kleene {
        let needle = self.eval(needle);
        let elements = self.eval(list);
        if let Some(reason) = needle.unknown() {
            return Kleene::Unknown(reason);
        }
        if needle.is_absent() {
            return Kleene::False;
        }
        let mut result = Kleene::False;
        for turn in self.turns(&elements) {
            let element = self.take(turn.item, element_type(&list.ty.base), turn.site);
            match element.unknown() {
                Some(reason) => result = join(result, Kleene::Unknown(reason)),
                None if self.equal(domain, &needle, &element) => return Kleene::True,
                None => {}
            }
        }
        match elements.unknown() {
            Some(reason) => join(result, Kleene::Unknown(reason)),
            None => result,
        }
    }

    fn is_empty(&self, value: &Value) -> bool {
        match value {
            Value::Absent => true,
            Value::String(text) => text.is_empty(),
            Value::List(items) => items.items.is_empty(),
            Value::Node(node) => match self.tape.value(*node) {
                Scalar::String(text) => text.is_empty(),
                Scalar::List(_) => self.tape.children(*node).next().is_none(),
                Scalar::Map(_) => self
                    .tape
                    .children(*node)
                    .all(|child| self.tape.kind(child) == Kind::Null),
                _ => false,
            },
            _ => false,
        }
    }

    fn quantifier(&mut self, quantifier: &'a Quantifier) -> Kleene {
        let decisive = Kleene::from(quantifier.kind != QuantifierKind::All);
        let mut result = decisive.negated();
        // Stopping at a decisive element is the only way in which the walk ends early.
        let _ = self.each_tuple(quantifier, 0, None, &mut |this, tuple| {
            let truth = match tuple {
                Tuple::Bound(_) => this.fold_tuple(quantifier).0,
                Tuple::Unknown(_, reason) => Kleene::Unknown(reason),
            };
            if truth == decisive {
                result = decisive;
                return ControlFlow::Break(());
            }
            result = join(result, truth);
            ControlFlow::Continue(())
        });
        match quantifier.kind {
            QuantifierKind::No => result.negated(),
            QuantifierKind::Any | QuantifierKind::All => result,
        }
    }

    /// What one tuple adds to the fold, `g and p` or `not g or p`, and which of guard and body made it unknown.
    pub(crate) fn fold_tuple(&mut self, quantifier: &'a Quantifier) -> (Kleene, Option<&'a Expr>) {
        let is_all = quantifier.kind == QuantifierKind::All;
        let guard = match &quantifier.guard {
            Some(guard) => (self.condition(guard), Some(guard)),
            None => (Kleene::True, None),
        };
        if guard.0 == Kleene::False {
            return (Kleene::from(is_all), None);
        }
        let body = self.condition(&quantifier.body);
        match (guard.0, body) {
            (Kleene::Unknown(_), body) if body == Kleene::from(is_all) => (body, None),
            (Kleene::Unknown(reason), _) => (Kleene::Unknown(reason), guard.1),
            (_, Kleene::Unknown(reason)) => (Kleene::Unknown(reason), Some(&quantifier.body)),
            (_, body) => (body, None),
        }
    }

    /// Goes through the tuples of a quantifier from its generator `depth`. After the elements that are known of a
    /// source that is unknown, `visit` gets the source itself.
    pub(crate) fn each_tuple(
        &mut self,
        quantifier: &'a Quantifier,
        depth: usize,
        last: Option<NodeId>,
        visit: &mut dyn FnMut(&mut Self, Tuple<'a>) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let Some(generator) = quantifier.generators.get(depth) else {
            return visit(self, Tuple::Bound(last));
        };
        let source = self.eval(&generator.source);
        for turn in self.turns(&source) {
            let node = self.bind(generator, turn);
            self.each_tuple(quantifier, depth + 1, node, visit)?;
        }
        match source.unknown() {
            Some(reason) => visit(self, Tuple::Unknown(&generator.source, reason)),
            None => ControlFlow::Continue(()),
        }
    }

    // Computed text

    fn interpolate(&mut self, parts: &'a [MessagePart]) -> Value {
        let mut unknown = None;
        let mut text = String::new();
        for part in parts {
            self.coverage_of_part(part);
            match part {
                MessagePart::Text(literal) => text.push_str(literal),
                MessagePart::Value(expr) => {
                    let value = self.eval(expr);
                    unknown = unknown.or(value.unknown());
                    text.push_str(&self.print(&value, &expr.ty.base));
                }
                MessagePart::Object(expr) => {
                    let value = self.eval(expr);
                    unknown = unknown.or(value.unknown());
                    text.push_str(&self.print_object(&value));
                }
            }
        }
        match unknown {
            Some(reason) => Value::Unknown(reason),
            None => Value::String(text),
        }
    }

    fn coverage_of_part(&mut self, part: &MessagePart) {
        if !self.quiet {
            self.coverage.count_part(part);
        }
    }

    fn image(&mut self, part: palisade_lang::program::ImagePart, text: &'a Expr) -> Value {
        let value = self.eval(text);
        if let Some(reason) = value.unknown() {
            return Value::Unknown(reason);
        }
        match self.text_of(&value) {
            Some(text) if ["{{", "${", "$("].iter().any(|mark| text.contains(mark)) => {
                Value::Unknown(Reason::Template)
            }
            Some(text) => {
                crate::image::image_part(&text, part).map_or(Value::Absent, Value::String)
            }
            None => Value::Absent,
        }
    }

    fn role(&mut self, container: &'a Expr) -> Value {
        let value = self.eval(container);
        if value.unknown().is_some() || value.is_absent() {
            return value;
        }
        let Some(node) = value.node() else {
            return Value::Absent;
        };
        let role = match self.tape.key(node) {
            Some("initContainers")
                if self.tape.str_at(node, &["restartPolicy"]) == Some("Always") =>
            {
                "sidecar"
            }
            Some("initContainers") => "init",
            Some("ephemeralContainers") => "ephemeral",
            _ => "app",
        };
        Value::String(role.to_owned())
    }

    // Scalars

    /// The bool a value holds.
    fn bool_of(&self, value: &Value) -> Option<bool> {
        match value {
            Value::Bool(b) => Some(*b),
            Value::Node(node) => match self.tape.value(*node) {
                Scalar::Bool(b) => Some(b),
                _ => None,
            },
            _ => None,
        }
    }

    /// The whole number of 64 bits that a value holds.
    pub(crate) fn int_of(&self, value: &Value) -> Option<i64> {
        match value {
            Value::Int(i) => Some(*i),
            Value::Node(node) => match self.tape.value(*node) {
                Scalar::Int(i) => Some(i),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text that a string holds.
    pub(crate) fn text_of(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) => Some(text.clone()),
            Value::Node(node) => match self.tape.value(*node) {
                Scalar::String(text) => Some(text.to_owned()),
                _ => None,
            },
            _ => None,
        }
    }

    /// A number as JSON text.
    fn number_text(&self, value: &Value) -> Option<String> {
        match value {
            Value::Int(i) => Some(i.to_string()),
            Value::Float(text) => Some(text.clone()),
            Value::Node(node) => match self.tape.value(*node) {
                Scalar::Int(i) => Some(i.to_string()),
                Scalar::Float(text) => Some(text.to_owned()),
                _ => None,
            },
            _ => None,
        }
    }

    /// A quantity as written: text, or a number's JSON text.
    fn written_text(&self, value: &Value) -> Option<String> {
        match value {
            Value::Quantity(text) => Some(text.clone()),
            Value::Node(node) => self.text_of_scalar(*node),
            _ => None,
        }
    }

    fn text_of_scalar(&self, node: NodeId) -> Option<String> {
        match self.tape.value(node) {
            Scalar::Int(i) => Some(i.to_string()),
            Scalar::Float(text) | Scalar::String(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}

/// A test of a value that is itself unknown for an unknown value.
fn test(value: &Value, holds: impl FnOnce() -> bool) -> Kleene {
    match value.unknown() {
        Some(reason) => Kleene::Unknown(reason),
        None => Kleene::from(holds()),
    }
}

/// Folds in an operand that does not decide: the first unknown stays.
fn join(result: Kleene, operand: Kleene) -> Kleene {
    match (result, operand) {
        (Kleene::Unknown(_), _) => result,
        (_, Kleene::Unknown(_)) => operand,
        _ => result,
    }
}

fn numbered(items: impl Iterator<Item = Item>) -> Vec<Turn> {
    items
        .zip(0_i64..)
        .map(|(item, index)| Turn {
            key: Value::Int(index),
            item,
            site: Site::Element,
        })
        .collect()
}

/// The type of what a list or map holds.
pub(crate) fn element_type(ty: &BaseType) -> &BaseType {
    match ty {
        BaseType::List(element) | BaseType::Map(element) => element,
        _ => &BaseType::Any,
    }
}

fn is_collection(ty: &BaseType) -> bool {
    matches!(ty, BaseType::List(_) | BaseType::Map(_))
}

/// Whether a value of the type may be a node of this kind.
fn accepts(ty: &BaseType, kind: Kind) -> bool {
    match ty {
        BaseType::Bool => kind == Kind::Bool,
        BaseType::Int => kind == Kind::Int,
        BaseType::Float => matches!(kind, Kind::Int | Kind::Float),
        BaseType::String | BaseType::Enum(_) | BaseType::Timestamp | BaseType::Duration => {
            kind == Kind::String
        }
        BaseType::Quantity => matches!(kind, Kind::Int | Kind::Float | Kind::String),
        BaseType::IntOrString => matches!(kind, Kind::Int | Kind::String),
        BaseType::Record(_) | BaseType::Map(_) => kind == Kind::Map,
        BaseType::List(_) => kind == Kind::List,
        BaseType::Any | BaseType::Error => true,
    }
}

/// What a shape finding says was expected.
fn expectation(ty: &BaseType) -> &'static str {
    match ty {
        BaseType::Bool => "a bool",
        BaseType::Int => "an int",
        BaseType::Float => "a number",
        BaseType::String | BaseType::Enum(_) | BaseType::Timestamp | BaseType::Duration => {
            "a string"
        }
        BaseType::Quantity => "a quantity",
        BaseType::IntOrString => "an int or a string",
        BaseType::Record(_) | BaseType::Map(_) => "a map",
        BaseType::List(_) => "a list",
        BaseType::Any | BaseType::Error => "anything",
    }
}

/// A kind as shape findings name it.
pub(crate) fn kind_in_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Null => "null",
        Kind::Bool => "a bool",
        Kind::Int => "an int",
        Kind::Float => "a float",
        Kind::String => "a string",
        Kind::List => "a list",
        Kind::Map => "a map",
        Kind::Unknown => "unknown",
    }
}
