//! Nodes of the document, of the context and of the settings.

use palisade_abi::tape::{Kind, NodeId, Tape, Value as Scalar};
use palisade_lang::program::KindRef;

use crate::eval::Tapes;
use crate::value::{Node, Source};

impl<'a> Tapes<'a> {
    fn tape(&self, source: Source) -> Option<&'a Tape> {
        match source {
            Source::Document => Some(self.document),
            Source::Context => self.context,
            Source::Settings => Some(self.settings),
            Source::Object(object) => self.objects?.get(object as usize),
        }
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
        self.tape(node.source)
            .map_or(node.id, |tape| tape.after(node.id))
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
        self.tape(node.source)
            .map_or(Kind::Null, |tape| tape.kind(node.id))
    }

    /// What a node holds.
    pub(crate) fn scalar(&self, node: Node) -> Scalar<'a> {
        self.tape(node.source)
            .map_or(Scalar::Null, |tape| tape.value(node.id))
    }

    /// The elements or members of a node, null or not.
    pub(crate) fn children(&self, node: Node) -> Vec<Node> {
        let source = node.source;
        self.tape(source)
            .map(|tape| {
                tape.children(node.id)
                    .map(|id| Node { source, id })
                    .collect()
            })
            .unwrap_or_default()
    }

    /// The members of a map that are not null.
    pub(crate) fn live_children(&self, node: Node) -> Vec<Node> {
        let mut children = self.children(node);
        children.retain(|child| self.kind(*child) != Kind::Null);
        children
    }

    /// The member of a node that is there and not null; nothing for a node that is no map.
    pub(crate) fn live_member(&self, node: Node, key: &str) -> Option<Node> {
        let source = node.source;
        let id = self.tape(source)?.member(node.id, key)?;
        let member = Node { source, id };
        (self.kind(member) != Kind::Null).then_some(member)
    }

    /// The key of a member; of an element that of its list.
    pub(crate) fn key(&self, node: Node) -> Option<String> {
        self.tape(node.source)?.key(node.id).map(str::to_owned)
    }

    /// The text at a path of keys.
    pub(crate) fn str_at(&self, node: Node, path: &[&str]) -> Option<&'a str> {
        self.tape(node.source)?.str_at(node.id, path)
    }

    /// Whether a node is an element of a list.
    pub(crate) fn is_element(&self, node: Node) -> bool {
        let Some(tape) = self.tape(node.source) else {
            return false;
        };
        let mut at = NodeId::ROOT;
        while at != node.id {
            let next = tape
                .children(at)
                .find(|child| *child <= node.id && node.id < tape.after(*child));
            match next {
                Some(next) if next == node.id => return tape.kind(at) == Kind::List,
                Some(next) => at = next,
                None => return false,
            }
        }
        false
    }
}
