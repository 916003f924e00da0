//! Values while a policy is evaluated.

use palisade_abi::tape::NodeId;
use palisade_lang::program::Const;

use crate::verdict::Reason;

/// Which tape a node is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// The document judged: the only one whose nodes are places.
    Document,
    /// What the host says about the evaluation.
    Context,
    /// The settings, for values of parameters.
    Settings,
    /// An object of the inventory.
    Object(u32),
    /// Where an object of the inventory is written.
    Origin(u32),
    /// A document in a text that was computed.
    Computed,
}

/// A node of one of the tapes of an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Node {
    /// The tape.
    pub(crate) source: Source,
    /// The node in it.
    pub(crate) id: NodeId,
}

impl Node {
    /// A node of the document.
    pub(crate) fn of_document(id: NodeId) -> Self {
        Self {
            source: Source::Document,
            id,
        }
    }

    /// The node as a place, if it is one of the document.
    pub(crate) fn located(self) -> Option<NodeId> {
        (self.source == Source::Document).then_some(self.id)
    }

    /// The object of the inventory that it is of.
    pub(crate) fn elsewhere(self) -> Option<u32> {
        match self.source {
            Source::Object(object) => Some(object),
            Source::Document
            | Source::Context
            | Source::Settings
            | Source::Origin(_)
            | Source::Computed => None,
        }
    }

    /// Why a value is unknown that is not as its type says: what is amiss elsewhere is not known.
    pub(crate) fn amiss(self, reason: Reason) -> Reason {
        match self.source {
            Source::Object(_) => Reason::Inventory,
            Source::Computed => Reason::Value,
            Source::Document | Source::Context | Source::Settings | Source::Origin(_) => reason,
        }
    }
}

/// A value of an expression.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Not there.
    Absent,
    /// Not known.
    Unknown(Reason),
    /// A node, of a kind that its type accepts.
    Node(Node),
    /// A computed or constant scalar.
    Bool(bool),
    /// See [`Value::Bool`].
    Int(i64),
    /// A constant number with a fraction, as JSON text.
    Float(String),
    /// See [`Value::Bool`].
    String(String),
    /// A text that stands at a node: the key of a member, what a text stands for.
    Key(String, Node),
    /// A constant or computed quantity, as written.
    Quantity(String),
    /// A list that is no node.
    List(Items),
    /// A constant map or record.
    Map(Vec<(String, Value)>),
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
    /// An element or member, whose kind has not been compared with its type.
    Node(Node),
    /// A value that was computed or already read.
    Value(Value),
    /// A computed value that has the place of a node of the document.
    Placed(Value, NodeId),
}

impl Value {
    /// The value of a constant.
    pub(crate) fn constant(constant: &Const) -> Self {
        match constant {
            Const::Absent => Self::Absent,
            Const::Bool(b) => Self::Bool(*b),
            Const::Int(i) => Self::Int(*i),
            Const::Float(text) => Self::Float(text.clone()),
            Const::String(text) | Const::Glob(text) | Const::Regex(text) => {
                Self::String(text.clone())
            }
            Const::Quantity(text) => Self::Quantity(text.clone()),
            Const::List(items) => Self::List(Items {
                items: items
                    .iter()
                    .map(|item| Item::Value(Self::constant(item)))
                    .collect(),
                unknown: None,
            }),
            Const::Map(members) => Self::Map(
                members
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::constant(value)))
                    .collect(),
            ),
        }
    }

    /// A list of values that are known or not.
    pub(crate) fn list(items: impl IntoIterator<Item = Item>) -> Self {
        Self::List(Items {
            items: items.into_iter().collect(),
            unknown: None,
        })
    }

    /// The value where it is handed on: of a concatenation with an unknown operand nothing is left.
    pub(crate) fn handed_on(self) -> Self {
        match self.unknown() {
            Some(reason) => Self::Unknown(reason),
            None => self,
        }
    }

    /// Why it is unknown, if it is. A concatenation with an unknown operand counts as unknown.
    pub(crate) fn unknown(&self) -> Option<Reason> {
        match self {
            Self::Unknown(reason) => Some(*reason),
            Self::List(items) => items.unknown,
            _ => None,
        }
    }

    /// The node it is, of whatever tape.
    pub(crate) fn node(&self) -> Option<Node> {
        match self {
            Self::Node(node) => Some(*node),
            _ => None,
        }
    }

    /// The node it is, if it is located.
    pub(crate) fn located(&self) -> Option<NodeId> {
        match self {
            Self::Node(node) => node.located(),
            Self::Key(_, node) => node.located(),
            _ => None,
        }
    }

    /// True for the absent value.
    pub(crate) fn is_absent(&self) -> bool {
        *self == Self::Absent
    }
}

impl Item {
    /// Its node, if it is located; whether or not its kind is right.
    pub(crate) fn located(&self) -> Option<NodeId> {
        match self {
            Self::Node(node) => node.located(),
            Self::Value(value) => value.located(),
            Self::Placed(_, node) => Some(*node),
        }
    }

    /// Its node, if that is elsewhere; whether or not its kind is right.
    pub(crate) fn elsewhere(&self) -> Option<Node> {
        let node = match self {
            Self::Node(node) | Self::Value(Value::Node(node)) => *node,
            Self::Value(_) | Self::Placed(..) => return None,
        };
        node.elsewhere().map(|_| node)
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

    /// Folds in an operand that does not decide: the first unknown stays.
    pub(crate) fn join(self, operand: Self) -> Self {
        match (self, operand) {
            (Self::Unknown(_), _) => self,
            (_, Self::Unknown(_)) => operand,
            _ => self,
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
