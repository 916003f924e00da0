//! Comparisons, membership, and the scalars that values hold.

use std::cmp::Ordering;

use palisade_abi::tape::Value as Scalar;
use palisade_lang::program::{BaseType, CompareOp, Domain, Expr};

use crate::eval::Evaluator;
use crate::read::element_type;
use crate::value::{Kleene, Node, Value};
use crate::verdict::Reason;
use crate::{number, pattern, time, version};

/// A value read as what it is compared as.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// Nothing is compared as this, or the value is of no kind that could be.
    None,
    Bool(bool),
    Int(i64),
    Text(String),
    Number(number::Fraction),
    Json(number::Number),
    Version(version::Version),
    /// Nanoseconds: of a duration, or since 1970.
    Time(i128),
}

impl<'a> Evaluator<'a> {
    /// `left op right`
    pub(crate) fn compare(
        &mut self,
        op: CompareOp,
        domain: Domain,
        left: &'a Expr,
        right: &'a Expr,
    ) -> Kleene {
        let ty = &right.ty.base;
        let left = self.eval(left);
        let right = self.eval(right);
        if let Some(reason) = left.unknown().or(right.unknown()) {
            return Kleene::Unknown(reason);
        }
        if op == CompareOp::Equal {
            return self.equal(domain, &left, &right, ty);
        }
        if left.is_absent() || right.is_absent() {
            return Kleene::False;
        }
        let (left, right) = match self.both(domain, &left, &right) {
            Ok(keys) => keys,
            Err(reason) => return Kleene::Unknown(reason),
        };
        if left == Key::None || right == Key::None {
            return Kleene::False;
        }
        let order = left.cmp(&right);
        Kleene::from(match op {
            CompareOp::Less => order == Ordering::Less,
            CompareOp::LessEqual => order != Ordering::Greater,
            CompareOp::Greater => order == Ordering::Greater,
            CompareOp::GreaterEqual => order != Ordering::Less,
            CompareOp::Equal => order == Ordering::Equal,
        })
    }

    /// Whether two known values are equal; `ty` is the type of the right one.
    pub(crate) fn equal(
        &self,
        domain: Domain,
        left: &Value,
        right: &Value,
        ty: &BaseType,
    ) -> Kleene {
        match (left.is_absent(), right.is_absent()) {
            (true, true) => return Kleene::True,
            (false, false) => {}
            _ => return Kleene::False,
        }
        match domain {
            Domain::Scalar => Kleene::from(self.same_scalar(left, right)),
            Domain::Pattern => self.has_pattern(left, right, ty),
            _ => match self.both(domain, left, right) {
                Ok((left, right)) => Kleene::from(left != Key::None && left == right),
                Err(reason) => Kleene::Unknown(reason),
            },
        }
    }

    fn both(&self, domain: Domain, left: &Value, right: &Value) -> Result<(Key, Key), Reason> {
        Ok((self.key(domain, left)?, self.key(domain, right)?))
    }

    /// A present value as what it is compared as; the error says that its text does not read as that.
    pub(crate) fn key(&self, domain: Domain, value: &Value) -> Result<Key, Reason> {
        let text = || self.text_of(value).ok_or(Reason::Value);
        Ok(match domain {
            Domain::Bool => self.bool_of(value).map_or(Key::None, Key::Bool),
            Domain::Int => self.int_of(value).map_or(Key::None, Key::Int),
            Domain::String => self.text_of(value).map_or(Key::None, Key::Text),
            Domain::Quantity => {
                let text = self.written_text(value).unwrap_or_default();
                number::quantity(&text).map_or(Key::None, Key::Number)
            }
            Domain::Number => {
                let text = self.number_text(value).unwrap_or_default();
                number::number(&text).map_or(Key::None, Key::Json)
            }
            Domain::Version => version::version(&text()?)
                .map(Key::Version)
                .ok_or(Reason::Value)?,
            Domain::Duration => time::duration(&text()?)
                .map(Key::Time)
                .ok_or(Reason::Value)?,
            Domain::Timestamp => time::timestamp(&text()?)
                .map(Key::Time)
                .ok_or(Reason::Value)?,
            Domain::Pattern | Domain::Scalar => Key::None,
        })
    }

    /// Whether a text has a pattern of the type `ty`.
    pub(crate) fn has_pattern(&self, text: &Value, pattern: &Value, ty: &BaseType) -> Kleene {
        let (Some(text), Some(pattern)) = (self.text_of(text), self.text_of(pattern)) else {
            return Kleene::False;
        };
        let compiled = match ty {
            BaseType::Regex => pattern::regex(&pattern),
            _ => pattern::glob(&pattern),
        };
        match compiled {
            Some(compiled) => Kleene::from(compiled.is_match(&text)),
            None => Kleene::Unknown(Reason::Value),
        }
    }

    /// Equality of scalars of whatever kind.
    pub(crate) fn same_scalar(&self, left: &Value, right: &Value) -> bool {
        let text = |value: &Value| match value {
            Value::Quantity(written) => Some(written.clone()),
            other => self.text_of(other),
        };
        if let (Some(left), Some(right)) = (text(left), text(right)) {
            return left == right;
        }
        if let (Some(left), Some(right)) = (self.bool_of(left), self.bool_of(right)) {
            return left == right;
        }
        match (self.number_text(left), self.number_text(right)) {
            (Some(left), Some(right)) => {
                let (left, right) = (number::number(&left), number::number(&right));
                left.is_some() && left == right
            }
            _ => false,
        }
    }

    /// `needle in list`
    pub(crate) fn is_in(&mut self, domain: Domain, needle: &'a Expr, list: &'a Expr) -> Kleene {
        let needle = self.eval(needle);
        let elements = self.eval(list);
        if let Some(reason) = needle.unknown() {
            return Kleene::Unknown(reason);
        }
        if needle.is_absent() {
            return Kleene::False;
        }
        let ty = element_type(&list.ty.base);
        let mut result = Kleene::False;
        for turn in self.turns(&elements) {
            let element = self.take(turn.item, ty, turn.site);
            let truth = match element.unknown() {
                Some(reason) => Kleene::Unknown(reason),
                None => self.equal(domain, &needle, &element, ty),
            };
            if truth == Kleene::True {
                return Kleene::True;
            }
            result = result.join(truth);
        }
        match elements.unknown() {
            Some(reason) => result.join(Kleene::Unknown(reason)),
            None => result,
        }
    }

    /// Whether a known value has nothing in it.
    pub(crate) fn is_empty(&self, value: &Value) -> bool {
        match value {
            Value::Absent => true,
            Value::String(text) | Value::Key(text, _) => text.is_empty(),
            Value::List(items) => items.items.is_empty(),
            Value::Map(members) => members.iter().all(|(_, value)| value.is_absent()),
            Value::Node(node) => match self.tapes.scalar(*node) {
                Scalar::String(text) => text.is_empty(),
                Scalar::List(_) => self.tapes.children(*node).is_empty(),
                Scalar::Map(_) => self.tapes.live_children(*node).is_empty(),
                _ => false,
            },
            _ => false,
        }
    }

    // Scalars

    /// The bool a value holds.
    pub(crate) fn bool_of(&self, value: &Value) -> Option<bool> {
        match value {
            Value::Bool(b) => Some(*b),
            Value::Node(node) => match self.tapes.scalar(*node) {
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
            Value::Node(node) => match self.tapes.scalar(*node) {
                Scalar::Int(i) => Some(i),
                _ => None,
            },
            _ => None,
        }
    }

    /// The text that a string holds.
    pub(crate) fn text_of(&self, value: &Value) -> Option<String> {
        match value {
            Value::String(text) | Value::Key(text, _) => Some(text.clone()),
            Value::Node(node) => match self.tapes.scalar(*node) {
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
            Value::Node(node) => match self.tapes.scalar(*node) {
                Scalar::Int(i) => Some(i.to_string()),
                Scalar::Float(text) => Some(text.to_owned()),
                _ => None,
            },
            _ => None,
        }
    }

    /// A quantity as it was written, a text or a number, without its place.
    pub(crate) fn unlocated_quantity(&self, value: &Value) -> Value {
        match value {
            Value::Node(node) => match self.tapes.scalar(*node) {
                Scalar::Int(int) => Value::Int(int),
                Scalar::Float(text) => Value::Float(text.to_owned()),
                Scalar::String(text) => Value::Quantity(text.to_owned()),
                _ => Value::Absent,
            },
            other => other.clone(),
        }
    }

    /// A quantity as written: text, or a number's JSON text.
    pub(crate) fn written_text(&self, value: &Value) -> Option<String> {
        match value {
            Value::Quantity(text)
            | Value::String(text)
            | Value::Key(text, _)
            | Value::Float(text) => Some(text.clone()),
            Value::Int(int) => Some(int.to_string()),
            Value::Node(node) => self.text_of_scalar(*node),
            _ => None,
        }
    }

    /// The text or the number of a scalar, as written.
    pub(crate) fn text_of_scalar(&self, node: Node) -> Option<String> {
        match self.tapes.scalar(node) {
            Scalar::Int(i) => Some(i.to_string()),
            Scalar::Float(text) | Scalar::String(text) => Some(text.to_owned()),
            _ => None,
        }
    }
}
