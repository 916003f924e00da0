//! Nodes of the document, of the context and of the settings.

use palisade_abi::tape::{Kind, NodeId, Tape, Value as Scalar};
use palisade_lang::program::KindRef;

use crate::embedded::Nested;
use crate::eval::Tapes;
use crate::value::{Node, Source};

/// The tape of a node.
struct Home<'a> {
    tape: &'a Tape,
    /// If it is an embedded document's.
    nested: Option<&'a Nested>,
}

impl Home<'_> {
    fn local(&self, id: NodeId) -> NodeId {
        self.nested.map_or(id, |nested| nested.local(id))
    }

    fn number(&self, id: NodeId) -> NodeId {
        self.nested.map_or(id, |nested| nested.number(id))
    }
}

impl<'a> Tapes<'a> {
    /// The tape that a node is of, and the number of its first node.
    fn tape(&self, node: Node) -> Option<Home<'a>> {
        if let Some(nested) = self.nest.of(node.id) {
            return Some(Home {
                tape: nested.tape.as_ref()?,
                nested: Some(nested),
            });
        }
        let tape = match node.source {
            Source::Document => Some(self.document),
            Source::Context => self.context,
            Source::Settings => Some(self.settings),
            Source::Object(object) => self.objects?.get(object as usize),
            Source::Origin(object) => self.origins?.get(object as usize),
            Source::Computed => None,
        };
        tape.map(|tape| Home { tape, nested: None })
    }

    /// A member of the context that is there and not null.
    pub(crate) fn of_context(&self, key: &str) -> Option<Node> {
        self.live_member(
            Node {
                source: Source::Context,
                id: NodeId::ROOT,
            },
            key,
        )
    }

    /// The node after a node and what is in it.
    pub(crate) fn after(&self, node: Node) -> NodeId {
        self.tape(node).map_or(node.id, |home| {
            home.number(home.tape.after(home.local(node.id)))
        })
    }

    /// The node at which a node of a record stands that a function made; else the node itself.
    pub(crate) fn stand(&self, node: Node) -> Node {
        let place = palisade_abi::place::Place::node(node.id);
        Node {
            id: self.nest.stand(place).node,
            ..node
        }
    }

    /// Whether a node is another or below it, also in a document that a text below it holds.
    pub(crate) fn is_within(&self, id: NodeId, other: Node) -> bool {
        let end = self.after(other);
        let (text, part) = self.nest.stretch(other.id);
        let mut at = Some(id);
        while let Some(id) = at {
            let (around, within) = self.nest.stretch(id);
            let is_part_of_it = match (part, within) {
                (Some((start, end)), Some((from, to))) => {
                    around == text && start <= from && to <= end
                }
                _ => false,
            };
            if is_part_of_it || other.id <= id && id < end {
                return true;
            }
            at = self.nest.outer(id);
        }
        false
    }

    /// Steps from the root of the document to a node, also in a document that a text holds.
    pub(crate) fn depth(&self, id: NodeId) -> i64 {
        let node = Node::of_document(id);
        let Some(home) = self.tape(node) else {
            return 0;
        };
        let sought = home.local(id);
        let mut depth = match self.nest.outer(id) {
            Some(outer) => self.depth(outer),
            None => 0,
        };
        if self.nest.is_made(id) {
            return depth;
        }
        if self.nest.stretch(id).1.is_some() {
            return depth + 1;
        }
        let mut at = NodeId::ROOT;
        while at != sought {
            let mut children = home.tape.children(at);
            match children.find(|child| *child <= sought && sought < home.tape.after(*child)) {
                Some(child) => at = child,
                None => break,
            }
            depth += 1;
        }
        depth
    }

    /// The objects of the document, if that is the inventory as a whole.
    pub(crate) fn own_objects(&self) -> Option<Vec<Node>> {
        let kind = self.of_context("kind")?;
        let is_whole = self.str_at(kind, &[]) == Some(KindRef::inventory().kind.as_str());
        let root = Node::of_document(NodeId::ROOT);
        let list = self.live_member(root, "objects").filter(|_| is_whole)?;
        (self.kind(list) == Kind::List).then(|| self.children(list))
    }

    /// The root of what a node is of: the document, or an object of the inventory.
    pub(crate) fn root_of(&self, node: Node) -> Node {
        let mut own = self.own_objects().unwrap_or_default().into_iter();
        if let (Source::Document, Some(object)) = (
            node.source,
            own.find(|object| object.id <= node.id && node.id < self.after(*object)),
        ) {
            return object;
        }
        Node {
            id: NodeId::ROOT,
            ..node
        }
    }

    /// The kind of a node.
    pub(crate) fn kind(&self, node: Node) -> Kind {
        self.tape(node)
            .map_or(Kind::Null, |home| home.tape.kind(home.local(node.id)))
    }

    /// What a node holds.
    pub(crate) fn scalar(&self, node: Node) -> Scalar<'a> {
        self.tape(node)
            .map_or(Scalar::Null, |home| home.tape.value(home.local(node.id)))
    }

    /// The elements or members of a node, null or not.
    pub(crate) fn children(&self, node: Node) -> Vec<Node> {
        let source = node.source;
        self.tape(node)
            .map(|home| {
                let children = home.tape.children(home.local(node.id));
                let children = children.map(|id| match home.nested {
                    Some(nested) => nested.node(id),
                    None => Node { source, id },
                });
                children.collect()
            })
            .unwrap_or_default()
    }

    /// The list or map that a node is in.
    pub(crate) fn parent(&self, node: Node) -> Option<Node> {
        let home = self.tape(node)?;
        let sought = home.local(node.id);
        let mut at = NodeId::ROOT;
        loop {
            let mut children = home.tape.children(at);
            let child = children.find(|child| *child <= sought && sought < home.tape.after(*child));
            match child {
                Some(child) if child == sought => break,
                Some(child) => at = child,
                None => return None,
            }
        }
        Some(match home.nested {
            Some(nested) => nested.node(at),
            None => Node {
                source: node.source,
                id: at,
            },
        })
    }

    /// The members of a map that are not null.
    pub(crate) fn live_children(&self, node: Node) -> Vec<Node> {
        let mut children = self.children(node);
        children.retain(|child| self.kind(*child) != Kind::Null);
        children
    }

    /// The member of a node that is there and not null; nothing for a node that is no map.
    pub(crate) fn live_member(&self, node: Node, key: &str) -> Option<Node> {
        let home = self.tape(node)?;
        let id = home.tape.member(home.local(node.id), key)?;
        let member = match home.nested {
            Some(nested) => nested.node(id),
            None => Node {
                source: node.source,
                id,
            },
        };
        (self.kind(member) != Kind::Null).then_some(member)
    }

    /// The key of a member; of an element that of its list.
    pub(crate) fn key(&self, node: Node) -> Option<String> {
        let home = self.tape(node)?;
        if let Some(key) = home.tape.key(home.local(node.id)) {
            return Some(key.to_owned());
        }
        // The root of what a text holds is called as the text is, and so are the elements of a list that it is.
        let outer = home.nested?.named_by()?;
        self.key(outer)
    }

    /// The text at a path of keys.
    pub(crate) fn str_at(&self, node: Node, path: &[&str]) -> Option<&'a str> {
        let home = self.tape(node)?;
        home.tape.str_at(home.local(node.id), path)
    }
}
