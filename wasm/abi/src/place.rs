//! A position in a document: symbolic first, bytes last.

use crate::tape::NodeId;

/// One step from a node to what lies below it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// A member of a map.
    Key(String),
    /// An element of a list, from 0.
    Index(u32),
    /// The element of a keyed list whose `key` is `value`.
    Element {
        /// The member that identifies elements, such as `name`.
        key: String,
        /// The value it has, as JSON text.
        value: String,
    },
    /// The root of the document that a text holds. Only paths of edits have it; a place says it as [`Inner`].
    Document {
        /// How the text is read.
        format: EmbeddedFormat,
        /// See [`Embedded::is_decoded`].
        is_decoded: bool,
    },
}

/// What lies inside the scalar at a place.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Inner {
    /// A half-open range of bytes of the decoded scalar.
    Range(u32, u32),
    /// A node of the embedded document that the scalar holds.
    Document(Box<Embedded>),
}

/// A node of a document that a text holds.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Embedded {
    /// The bytes of what the scalar holds that are the text, or are decoded to it; nothing: all of them.
    pub range: Option<(u32, u32)>,
    /// How the text is read.
    pub format: EmbeddedFormat,
    /// Whether the text is not what the scalar holds there, but what that stands for (base64), or its key.
    pub is_decoded: bool,
    /// From the root of the document to the node.
    pub path: Vec<Step>,
    /// What lies inside the text at that node, if the place is in it.
    pub inner: Option<Inner>,
}

/// How a text is read as a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EmbeddedFormat {
    /// `parse_json`
    Json,
    /// `parse_yaml`
    Yaml,
}

/// A place in a document: the nearest node that exists, and what is missing below it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Place {
    /// The nearest existing node.
    pub node: NodeId,
    /// Steps from there, or from the innermost node inside it, to what is absent; empty when the value is present.
    pub missing: Vec<Step>,
    /// A place inside the scalar, if the finding is about a part of it.
    pub inner: Option<Inner>,
}

impl Place {
    /// The place of a node that exists.
    #[must_use]
    pub fn node(node: NodeId) -> Self {
        Self {
            node,
            missing: Vec::new(),
            inner: None,
        }
    }
}
