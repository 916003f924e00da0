//! Values while a policy is evaluated.

use palisade_abi::tape::NodeId;
use palisade_lang::program::Const;

use crate::verdict::Reason;

/// A value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Not there.
    Absent,
    /// Not known.
    Unknown(Reason),
    /// A node of the document, of a kind that its type accepts.
    Node(NodeId),
    /// A computed or constant scalar.
    Bool(bool),
    /// See [`Value::Bool`].
    Int(i64),
    /// A constant number with a fraction, as JSON text.
    Float(String),
    /// See [`Value::Bool`].
    String(String),
    /// A constant quantity, as written.
    Quantity(String),
    /// A list that is no node of the document.
    List(Items),
}

/// The elements of a list that was joined or written out.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Items {
    /// The elements that are known.
    pub(crate) items: Vec<Item>,
    /// Why there may be more: the first unknown operand of a concatenation.
    pub(crate) unknown: Option<Reason>,
}

/// An element of a list, or the value of a map's member, before it is looked at.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Item {
    /// An element or member of the document, whose kind has not been compared with its type.
    Node(NodeId),
    /// A value that was computed or already read.
    Value(Value),
}

impl Value {
    /// The value of a constant.
    pub(crate) fn constant(constant: &Const) -> Self {
        match constant {
            Const::Absent => Self::Absent,
            Const::Bool(b) => Self::Bool(*b),
            Const::Int(i) => Self::Int(*i),
            Const::Float(text) => Self::Float(text.clone()),
            Const::String(text) => Self::String(text.clone()),
            Const::Quantity(text) => Self::Quantity(text.clone()),
            Const::List(items) => Self::List(Items {
                items: items
                    .iter()
                    .map(|item| Item::Value(Self::constant(item)))
                    .collect(),
                unknown: None,
            }),
        }
    }

    /// Why it is unknown, if it is. A concatenation with an unknown operand counts as unknown.
    pub(crate) fn unknown(&self) -> Option<Reason> {
        match self {
            Self::Unknown(reason) => Some(*reason),
            Self::List(items) => items.unknown,
            Self::Absent
            | Self::Node(_)
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::String(_)
            | Self::Quantity(_) => None,
        }
    }

    /// The node it is, if it is located.
    pub(crate) fn node(&self) -> Option<NodeId> {
        match self {
            Self::Node(node) => Some(*node),
            Self::Absent
            | Self::Unknown(_)
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Float(_)
            | Self::String(_)
            | Self::Quantity(_)
            | Self::List(_) => None,
        }
    }

    /// True for the absent value.
    pub(crate) fn is_absent(&self) -> bool {
        *self == Self::Absent
    }
}

impl Item {
    /// The node it is, whether or not its kind is right.
    pub(crate) fn node(&self) -> Option<NodeId> {
        match self {
            Self::Node(node) => Some(*node),
            Self::Value(value) => value.node(),
        }
    }
}

/// The value of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kleene {
    /// It does not hold.
    False,
    /// It holds.
    True,
    /// It cannot be decided.
    Unknown(Reason),
}

impl From<bool> for Kleene {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

impl Kleene {
    /// Swaps true and false.
    pub(crate) fn negated(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::True => Self::False,
            Self::Unknown(reason) => Self::Unknown(reason),
        }
    }

    /// The condition as the value of a bool.
    pub(crate) fn into_value(self) -> Value {
        match self {
            Self::False => Value::Bool(false),
            Self::True => Value::Bool(true),
            Self::Unknown(reason) => Value::Unknown(reason),
        }
    }
}
