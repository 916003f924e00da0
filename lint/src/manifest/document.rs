//! One object of a file: its tape, and where everything in it is written.

use palisade_abi::tape::{NodeId, Tape, Value};

use super::draft::{NO_KEY, NodeSpan};
use super::span::Span;

/// One document of a file, or one item of a list in it.
#[derive(Debug, Clone)]
pub struct Document {
    /// Position among the documents of the file that are not empty, from 0, broken ones counted.
    pub index: u32,
    /// Position in the items of the `List` that the document was, if it was one. A list in a list counts through.
    pub item: Option<u32>,
    /// The values.
    pub tape: Tape,
    pub(super) spans: Vec<NodeSpan>,
    pub(super) related: Vec<(NodeId, Span)>,
}

/// What an object is called; each part as far as it is written as a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Identity<'a> {
    /// Group and version, such as `apps/v1`.
    pub api_version: Option<&'a str>,
    /// Such as `Deployment`.
    pub kind: Option<&'a str>,
    /// The namespace, if the manifest gives one.
    pub namespace: Option<&'a str>,
    /// The name.
    pub name: Option<&'a str>,
}

impl Document {
    /// The value of `node` as written, quotes included; for a value read through an alias or a merge key the alias.
    /// Collections in block style run from their first key or dash to the end of their last value.
    #[must_use]
    pub fn span(&self, node: NodeId) -> Span {
        self.spans
            .get(node.0 as usize)
            .map_or_else(Span::default, |span| span.value)
    }

    /// The key of `node` as written; nothing for the root and for elements of lists.
    #[must_use]
    pub fn key_span(&self, node: NodeId) -> Option<Span> {
        self.spans
            .get(node.0 as usize)
            .map(|span| span.key)
            .filter(|&span| span != NO_KEY)
    }

    /// Where the value of `node` is written if it was read through an alias.
    #[must_use]
    pub fn anchored_span(&self, node: NodeId) -> Option<Span> {
        let found = self.related.binary_search_by_key(&node, |&(node, _)| node);
        found
            .ok()
            .and_then(|index| self.related.get(index))
            .map(|&(_, span)| span)
    }

    /// What the object is called.
    #[must_use]
    pub fn identity(&self) -> Identity<'_> {
        // A name that a template makes is still what it is called here.
        let text = |path: &[&str]| {
            let mut at = NodeId::ROOT;
            for key in path {
                at = self.tape.member(at, key)?;
            }
            match self.tape.value(at) {
                Value::String(text) | Value::Unknown(text) => Some(text),
                Value::Null
                | Value::Bool(_)
                | Value::Int(_)
                | Value::Float(_)
                | Value::List(_)
                | Value::Map(_) => None,
            }
        };
        Identity {
            api_version: text(&["apiVersion"]),
            kind: text(&["kind"]),
            namespace: text(&["metadata", "namespace"]),
            name: text(&["metadata", "name"]),
        }
    }
}
