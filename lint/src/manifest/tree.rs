//! Values with their places, for readers that do not go through a file from its beginning to its end.

use palisade_abi::layout::MAX_DEPTH;
use palisade_abi::tape::{Builder, NodeId, Tape, Value};

use super::document::Document;
use super::draft::{NO_KEY, NodeSpan};
use super::problem::Problem;
use super::span::Span;

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree {
    /// Where.
    pub(crate) span: Span,
    /// What.
    pub(crate) value: TreeValue,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TreeValue {
    Null,
    Bool(bool),
    Int(i64),
    /// Another number, as JSON text.
    Float(String),
    Text(String),
    /// Text that something else has a part in, which is not known.
    Unknown(String),
    List(Vec<Tree>),
    /// Members in order; no two of them have the same key.
    Map(Vec<Member>),
}

/// A member of a map.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) key: String,
    /// Where the key is written; nothing if the reader gives it.
    pub(crate) key_span: Option<Span>,
    pub(crate) tree: Tree,
}

impl Tree {
    pub(crate) fn new(span: Span, value: TreeValue) -> Self {
        Self { span, value }
    }

    pub(crate) fn text(span: Span, text: impl Into<String>) -> Self {
        Self::new(span, TreeValue::Text(text.into()))
    }

    /// A map whose keys are not written in the file.
    pub(crate) fn record<const N: usize>(span: Span, members: [(&str, Option<Tree>); N]) -> Self {
        let members = members.into_iter().filter_map(|(key, tree)| {
            Some(Member {
                key: key.to_owned(),
                key_span: None,
                tree: tree?,
            })
        });
        Self::new(span, TreeValue::Map(members.collect()))
    }

    pub(crate) fn list(span: Span, items: Vec<Tree>) -> Self {
        Self::new(span, TreeValue::List(items))
    }

    /// The members of a map.
    pub(crate) fn members_mut(&mut self) -> Option<&mut Vec<Member>> {
        if let TreeValue::Map(members) = &mut self.value {
            Some(members)
        } else {
            None
        }
    }

    /// The elements of a list.
    pub(crate) fn items_mut(&mut self) -> Option<&mut Vec<Tree>> {
        if let TreeValue::List(items) = &mut self.value {
            Some(items)
        } else {
            None
        }
    }

    /// The tree as the document `index` of its file.
    ///
    /// # Errors
    ///
    /// If it is nested too deep.
    pub(crate) fn into_document(self, index: u32) -> Result<Document, Problem> {
        let mut writer = Writer {
            builder: Builder::new(),
            spans: Vec::new(),
        };
        writer.write(&self, NO_KEY)?;
        Ok(Document {
            index,
            item: None,
            tape: writer.builder.finish(),
            spans: writer.spans,
            related: Vec::new(),
        })
    }

    /// The values of a document, with `shift` added to their places.
    pub(crate) fn of_document(document: &Document, shift: u32) -> Self {
        of_node(document, &document.tape, NodeId::ROOT, shift)
    }
}

fn of_node(document: &Document, tape: &Tape, node: NodeId, shift: u32) -> Tree {
    let shifted = |span: Span| Span::new(span.start + shift, span.end + shift);
    let value = match tape.value(node) {
        Value::Null => TreeValue::Null,
        Value::Bool(value) => TreeValue::Bool(value),
        Value::Int(value) => TreeValue::Int(value),
        Value::Float(text) => TreeValue::Float(text.to_owned()),
        Value::String(text) => TreeValue::Text(text.to_owned()),
        Value::Unknown(text) => TreeValue::Unknown(text.to_owned()),
        Value::List(_) => {
            let items = tape.children(node);
            TreeValue::List(
                items
                    .map(|item| of_node(document, tape, item, shift))
                    .collect(),
            )
        }
        Value::Map(_) => {
            let members = tape.children(node).map(|child| Member {
                key: tape.key(child).unwrap_or_default().to_owned(),
                key_span: document.key_span(child).map(shifted),
                tree: of_node(document, tape, child, shift),
            });
            TreeValue::Map(members.collect())
        }
    };
    Tree::new(shifted(document.span(node)), value)
}

struct Writer {
    builder: Builder,
    spans: Vec<NodeSpan>,
}

impl Writer {
    fn write(&mut self, tree: &Tree, key: Span) -> Result<(), Problem> {
        self.spans.push(NodeSpan {
            value: tree.span,
            key,
        });
        match &tree.value {
            TreeValue::Null => drop(self.builder.null()),
            TreeValue::Bool(value) => drop(self.builder.bool(*value)),
            TreeValue::Int(value) => drop(self.builder.int(*value)),
            TreeValue::Float(text) => drop(self.builder.float(text)),
            TreeValue::Text(text) => drop(self.builder.string(text)),
            TreeValue::Unknown(text) => drop(self.builder.unknown(text)),
            TreeValue::List(items) => {
                self.check_depth(tree.span)?;
                self.builder.start_list();
                for item in items {
                    self.write(item, NO_KEY)?;
                }
                self.builder.end();
            }
            TreeValue::Map(members) => {
                self.check_depth(tree.span)?;
                self.builder.start_map();
                for member in members {
                    self.builder.key(&member.key);
                    self.write(&member.tree, member.key_span.unwrap_or(NO_KEY))?;
                }
                self.builder.end();
            }
        }
        Ok(())
    }

    fn check_depth(&self, at: Span) -> Result<(), Problem> {
        if self.builder.depth() < MAX_DEPTH as usize {
            return Ok(());
        }
        Err(Problem::too_deep(at))
    }
}
