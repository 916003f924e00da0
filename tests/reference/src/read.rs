//! Reads of members and elements, and what they find.

use palisade_abi::place::{Place, Step};
use palisade_abi::tape::{Kind, NodeId};
use palisade_lang::program::{BaseType, Binding, Expr, ExprKind, Presence};

use crate::eval::Evaluator;
use crate::number;
use crate::value::{Item, Node, Value};
use crate::verdict::{Reason, Status};

/// How a node was reached, for the words of a shape finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Site {
    Member,
    Element,
}

impl<'a> Evaluator<'a> {
    /// The member of a record.
    pub(crate) fn read(
        &mut self,
        expr: &'a Expr,
        base: &'a Expr,
        key: &str,
        presence: &Presence,
    ) -> Value {
        let base = self.eval(base);
        if let Some(reason) = base.unknown() {
            return Value::Unknown(reason);
        }
        let record = match &base {
            Value::Node(node) => *node,
            Value::Map(members) => {
                return match find(members, key) {
                    Some(value) => value,
                    None => absence(presence),
                };
            }
            _ => return Value::Absent,
        };
        if let Some(member) = self.tapes.live_member(record, key) {
            return self.accept(member, &expr.ty.base, Site::Member);
        }
        match presence {
            Presence::Required if !is_collection(&expr.ty.base) => {
                if let Some(record) = record.located() {
                    self.find_missing(record, key);
                }
                Value::Unknown(record.amiss(Reason::Missing))
            }
            presence => absence(presence),
        }
    }

    /// The value as `is set` asks for it: a default is not what was written.
    pub(crate) fn written(&mut self, expr: &'a Expr) -> Value {
        match &expr.kind {
            ExprKind::Member {
                base,
                key,
                presence: Presence::Default(_),
            } => self.read(expr, base, key, &Presence::Optional),
            _ => self.eval(expr),
        }
    }

    /// The member of a map.
    pub(crate) fn map_member(&mut self, expr: &'a Expr, base: &'a Expr, key: &'a Expr) -> Value {
        let base = self.eval(base);
        let key = self.eval(key);
        if base.unknown().is_some() || base.is_absent() {
            return base;
        }
        if let Some(reason) = key.unknown() {
            return Value::Unknown(reason);
        }
        let Some(key) = self.text_of(&key) else {
            return Value::Absent;
        };
        match &base {
            Value::Node(map) => match self.tapes.live_member(*map, &key) {
                Some(member) => self.accept(member, &expr.ty.base, Site::Member),
                None => Value::Absent,
            },
            Value::Map(members) => find(members, &key).unwrap_or(Value::Absent),
            _ => Value::Absent,
        }
    }

    /// The element of a list.
    pub(crate) fn element(&mut self, expr: &'a Expr, base: &'a Expr, index: &'a Expr) -> Value {
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
            Value::Node(node) if self.tapes.kind(*node) == Kind::List => {
                let child = self.tapes.children(*node).get(index).copied();
                child.map(Item::Node)
            }
            Value::List(items) => items.items.get(index).cloned(),
            _ => None,
        }
    }

    /// Looks at an element or member: a node is compared with its type, any other value has been.
    pub(crate) fn take(&mut self, item: Item, ty: &BaseType, site: Site) -> Value {
        match item {
            Item::Node(node) => self.accept(node, ty, site),
            Item::Value(value) | Item::Placed(value, _) => value,
        }
    }

    /// The node as a value of its type.
    pub(crate) fn accept(&mut self, node: Node, ty: &BaseType, site: Site) -> Value {
        let kind = self.tapes.kind(node);
        if kind == Kind::Unknown {
            return Value::Unknown(Reason::Template);
        }
        if !accepts(ty, kind) {
            self.find_shape(node, site, kind_in_words(kind), expectation(ty));
            return Value::Unknown(node.amiss(Reason::Shape));
        }
        if *ty == BaseType::Quantity {
            let text = self.text_of_scalar(node).unwrap_or_default();
            if number::quantity(&text).is_none() {
                self.find_shape(node, site, &format!("`{text}`"), expectation(ty));
                return Value::Unknown(node.amiss(Reason::Shape));
            }
        }
        Value::Node(node)
    }

    /// `e as T`
    pub(crate) fn cast(&mut self, expr: &'a Expr, operand: &'a Expr) -> Value {
        let value = self.eval(operand);
        let ty = &expr.ty.base;
        let node = match &value {
            Value::Node(node) => *node,
            Value::Absent | Value::Unknown(_) => return value,
            computed => return self.cast_computed(computed, ty),
        };
        let kind = self.tapes.kind(node);
        if kind == Kind::Unknown {
            return Value::Unknown(Reason::Template);
        }
        if is_collection(ty) || matches!(ty, BaseType::Record(_)) {
            let site = self.site(operand);
            return self.accept(node, ty, site);
        }
        let reads = accepts(ty, kind)
            && (*ty != BaseType::Quantity
                || self
                    .text_of_scalar(node)
                    .is_some_and(|text| number::quantity(&text).is_some()));
        if reads { value } else { Value::Absent }
    }

    /// What a value is, by how it was come to.
    fn site(&self, expr: &'a Expr) -> Site {
        match &expr.kind {
            ExprKind::Element { .. } => Site::Element,
            ExprKind::Pick(_, comprehension) => self.site(&comprehension.element),
            ExprKind::Local(local) => match (self.binding(*local), self.slot(*local).origin) {
                (Some(Binding::Let(bound)), _) => self.site(bound),
                (_, Some(source)) if !matches!(source.ty.base, BaseType::Map(_)) => Site::Element,
                _ => Site::Member,
            },
            _ => Site::Member,
        }
    }

    /// The same of a value that is no node. What is not accepted has no place where that could be found.
    fn cast_computed(&self, value: &Value, ty: &BaseType) -> Value {
        let kind = match value {
            Value::Bool(_) => Kind::Bool,
            Value::Int(_) => Kind::Int,
            Value::Float(_) => Kind::Float,
            Value::String(_) | Value::Key(..) | Value::Quantity(_) => Kind::String,
            Value::List(_) => Kind::List,
            Value::Map(_) => Kind::Map,
            Value::Absent | Value::Unknown(_) | Value::Node(_) => return value.clone(),
        };
        let is_whole = is_collection(ty) || matches!(ty, BaseType::Record(_));
        let reads = accepts(ty, kind)
            && (*ty != BaseType::Quantity
                || self
                    .written_text(value)
                    .is_some_and(|text| number::quantity(&text).is_some()));
        match (reads, is_whole) {
            (true, _) => value.clone(),
            (false, true) => Value::Unknown(Reason::Shape),
            (false, false) => Value::Absent,
        }
    }

    /// Records that a node of the document contradicts its type.
    pub(crate) fn find_shape(&mut self, node: Node, site: Site, is: &str, expected: &str) {
        let key = self.tapes.key(node).unwrap_or_default();
        let message = match site {
            Site::Member => format!("`{key}` is {is} where {expected} is expected"),
            Site::Element => {
                format!("an element of `{key}` is {is} where {expected} is expected")
            }
        };
        if let Some(node) = node.located() {
            self.find_read(Place::node(node), message);
        }
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
            let severity = self.severity();
            self.record(0, Status::Finding, severity, (place, Vec::new()), message);
        }
    }
}

fn find(members: &[(String, Value)], key: &str) -> Option<Value> {
    let (_, value) = members.iter().find(|(known, _)| known == key)?;
    (!value.is_absent()).then(|| value.clone())
}

/// What the absence of a member that is not required is.
fn absence(presence: &Presence) -> Value {
    match presence {
        Presence::Default(constant) => Value::constant(constant),
        Presence::Required | Presence::Optional => Value::Absent,
    }
}

/// The type of what a list or map holds.
pub(crate) fn element_type(ty: &BaseType) -> &BaseType {
    match ty {
        BaseType::List(element) | BaseType::Map(element) => element,
        _ => &BaseType::Any,
    }
}

/// Lists and maps, which are never optional.
pub(crate) fn is_collection(ty: &BaseType) -> bool {
    matches!(ty, BaseType::List(_) | BaseType::Map(_))
}

/// Whether a value of the type may be a node of this kind.
pub(crate) fn accepts(ty: &BaseType, kind: Kind) -> bool {
    match ty {
        BaseType::Bool => kind == Kind::Bool,
        BaseType::Int => kind == Kind::Int,
        BaseType::Float => matches!(kind, Kind::Int | Kind::Float),
        BaseType::String
        | BaseType::Enum(_)
        | BaseType::Version
        | BaseType::Image
        | BaseType::Cidr
        | BaseType::Versions
        | BaseType::Range
        | BaseType::Ip
        | BaseType::Glob
        | BaseType::Regex
        | BaseType::Timestamp
        | BaseType::Duration => kind == Kind::String,
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
        BaseType::String
        | BaseType::Enum(_)
        | BaseType::Version
        | BaseType::Image
        | BaseType::Cidr
        | BaseType::Versions
        | BaseType::Range
        | BaseType::Ip
        | BaseType::Glob
        | BaseType::Regex
        | BaseType::Timestamp
        | BaseType::Duration => "a string",
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
