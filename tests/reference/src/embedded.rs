//! Documents that texts hold, and parts of texts, which are documents of one string.
//!
//! Their nodes are numbered on from [`FIRST_ID`], each document after the other, so that a node of whatever document is one
//! number. Reading is that of files, not that of the guest.

use std::cell::OnceCell;

use palisade_abi::place::{Embedded, EmbeddedFormat, Inner, Place, Step};
use palisade_abi::tape::{Builder, Kind, NodeId, Tape};
use palisade_lint::manifest::{self, Format};

use crate::made::CommandLine;
use crate::value::{Node, Source};

/// The number of the first node of the first embedded document; no tape is as long.
const FIRST_ID: u32 = 1 << 28;

/// A document that a text holds, or that it holds none.
#[derive(Debug)]
pub(crate) struct Nested {
    /// The node whose text holds it, and how the text comes from there.
    origin: Option<(Node, bool)>,
    format: EmbeddedFormat,
    text: String,
    /// Nothing if the text does not read; an empty tape if there is nothing in it.
    pub(crate) tape: Option<Tape>,
    /// The number of its root.
    base: u32,
    /// Of a record that a function made, where its nodes stand.
    stands: Option<Vec<Option<Node>>>,
    /// Of a record of flags, what it was made of.
    line: Option<CommandLine>,
    /// Of a part of a text, which bytes it is of the text of the node.
    part: Option<(u32, u32)>,
}

/// All of an evaluation, in the order in which they were met.
#[derive(Debug, Default)]
pub(crate) struct Nest {
    first: OnceCell<Box<Link>>,
}

#[derive(Debug)]
struct Link {
    nested: Nested,
    next: OnceCell<Box<Link>>,
}

impl Nest {
    fn all(&self) -> impl Iterator<Item = &Nested> {
        let mut at = self.first.get();
        std::iter::from_fn(move || {
            let link = at?;
            at = link.next.get();
            Some(&link.nested)
        })
    }

    /// The document that a text holds: as it was read before, if it was.
    pub(crate) fn read(
        &self,
        text: &str,
        format: EmbeddedFormat,
        origin: Option<(Node, bool)>,
    ) -> &Nested {
        let is_same = |nested: &Nested| {
            let is_text = nested.stands.is_none() && nested.part.is_none();
            is_text && nested.origin == origin && nested.format == format && nested.text == text
        };
        self.find(is_same, |base| Nested {
            origin,
            format,
            text: text.to_owned(),
            tape: read(text, format),
            base,
            stands: None,
            line: None,
            part: None,
        })
    }

    /// Keeps a record that a function made: its root.
    pub(crate) fn keep(
        &self,
        tape: Tape,
        stands: Vec<Option<Node>>,
        line: Option<CommandLine>,
    ) -> Node {
        let made = self.find(
            |_| false,
            |base| Nested {
                origin: None,
                format: EmbeddedFormat::Json,
                text: String::new(),
                tape: Some(tape),
                base,
                stands: Some(stands),
                line,
                part: None,
            },
        );
        made.node(NodeId::ROOT)
    }

    /// Bytes of the text of a node, or of a part of one, as a node.
    pub(crate) fn part(&self, of: Node, text: &str, (start, end): (u32, u32)) -> Node {
        let (outer, before) = match self.of(of.id) {
            Some(Nested {
                part: Some((before, _)),
                origin: Some((outer, _)),
                ..
            }) => (*outer, *before),
            _ => (of, 0),
        };
        let (origin, part) = (Some((outer, false)), Some((before + start, before + end)));
        let found = self.find(
            |nested| nested.origin == origin && nested.part == part,
            |base| {
                let mut builder = Builder::new();
                builder.string(text);
                Nested {
                    origin,
                    format: EmbeddedFormat::Json,
                    text: text.to_owned(),
                    tape: Some(builder.finish()),
                    base,
                    stands: None,
                    line: None,
                    part,
                }
            },
        );
        found.node(NodeId::ROOT)
    }

    /// The first that is what is sought, or what `make` makes with the number of its root.
    fn find(
        &self,
        is_sought: impl Fn(&Nested) -> bool,
        make: impl FnOnce(u32) -> Nested,
    ) -> &Nested {
        let mut end = &self.first;
        let mut base = FIRST_ID;
        while let Some(link) = end.get() {
            if is_sought(&link.nested) {
                return &link.nested;
            }
            base = link.nested.end();
            end = &link.next;
        }
        let made = Link {
            nested: make(base),
            next: OnceCell::new(),
        };
        &end.get_or_init(|| Box::new(made)).nested
    }

    /// Which bytes of which node's text a node is a part of; the node itself of any other.
    pub(crate) fn stretch(&self, id: NodeId) -> (NodeId, Option<(u32, u32)>) {
        match self.of(id) {
            Some(Nested {
                part: Some(part),
                origin: Some((outer, _)),
                ..
            }) => (outer.id, Some(*part)),
            _ => (id, None),
        }
    }

    /// The words that a record of flags was made of.
    pub(crate) fn line(&self, root: NodeId) -> Option<&CommandLine> {
        let nested = self.of(root).filter(|nested| nested.base == root.0)?;
        nested.line.as_ref()
    }

    /// Whether a node is of a record that a function made.
    pub(crate) fn is_made(&self, id: NodeId) -> bool {
        self.of(id).is_some_and(|nested| nested.stands.is_some())
    }

    /// The place at the node where a node of a record stands that a function made.
    pub(crate) fn stand(&self, place: Place) -> Place {
        let mut place = place;
        while self.is_made(place.node)
            && let Some(outer) = self.outer(place.node)
        {
            place.node = outer;
        }
        place
    }

    /// The document that a node is of, if that is embedded.
    pub(crate) fn of(&self, id: NodeId) -> Option<&Nested> {
        self.all()
            .find(|nested| nested.base <= id.0 && id.0 < nested.end())
    }

    /// The place that hosts know a place by.
    pub(crate) fn settle(&self, place: Place) -> Place {
        let mut place = self.stand(place);
        while let Some(nested) = self.of(place.node)
            && let (Some(tape), Some((outer, is_decoded))) = (&nested.tape, nested.origin)
        {
            if let Some(part) = nested.part {
                place.inner = Some(match place.inner {
                    Some(Inner::Document(document)) => Inner::Document(Box::new(Embedded {
                        range: Some(part),
                        ..*document
                    })),
                    _ => Inner::Range(part.0, part.1),
                });
                place.node = outer.id;
                continue;
            }
            place.inner = Some(Inner::Document(Box::new(Embedded {
                range: None,
                format: nested.format,
                is_decoded,
                path: path(tape, NodeId(place.node.0 - nested.base)),
                inner: place.inner,
            })));
            place.node = outer.id;
        }
        place
    }

    /// The node whose text holds the document that a node is of.
    pub(crate) fn outer(&self, id: NodeId) -> Option<NodeId> {
        let nested = self.of(id)?;
        match &nested.stands {
            Some(stands) => {
                let stand = stands.get(nested.local(id).0 as usize)?;
                stand.map(|outer| outer.id)
            }
            None => nested.origin.map(|(outer, _)| outer.id),
        }
    }
}

impl Nested {
    fn end(&self) -> u32 {
        let len = self.tape.as_ref().map_or(0, Tape::len);
        self.base + u32::try_from(len).unwrap_or(u32::MAX >> 4)
    }

    /// The number of the node `id` of its tape.
    pub(crate) fn number(&self, id: NodeId) -> NodeId {
        NodeId(self.base + id.0)
    }

    /// The node of its tape with a number.
    pub(crate) fn local(&self, id: NodeId) -> NodeId {
        NodeId(id.0 - self.base)
    }

    /// Its root.
    pub(crate) fn root(&self) -> Node {
        self.node(NodeId::ROOT)
    }

    /// A node of its tape.
    pub(crate) fn node(&self, id: NodeId) -> Node {
        let outer = match &self.stands {
            Some(stands) => stands.get(id.0 as usize).copied().flatten(),
            None => self.origin.map(|(outer, _)| outer),
        };
        Node {
            source: outer.map_or(Source::Computed, |outer| outer.source),
            id: self.number(id),
        }
    }

    /// The node whose key its root has.
    pub(crate) fn named_by(&self) -> Option<Node> {
        self.origin.map(|(outer, _)| outer)
    }
}

fn read(text: &str, format: EmbeddedFormat) -> Option<Tape> {
    let format = match format {
        EmbeddedFormat::Json if text.trim().is_empty() => return None,
        EmbeddedFormat::Json => Format::Json,
        EmbeddedFormat::Yaml => Format::Yaml,
    };
    let read = manifest::read_one(text, format).ok()?;
    Some(read.map(|document| document.tape).unwrap_or_default())
}

/// Steps from the root of a tape to one of its nodes.
fn path(tape: &Tape, node: NodeId) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = NodeId::ROOT;
    while at != node {
        let is_map = tape.kind(at) == Kind::Map;
        let mut children = tape.children(at).enumerate();
        let Some((index, child)) =
            children.find(|(_, child)| *child <= node && node < tape.after(*child))
        else {
            break;
        };
        steps.push(if is_map {
            Step::Key(tape.key(child).unwrap_or_default().to_owned())
        } else {
            Step::Index(u32::try_from(index).unwrap_or(u32::MAX))
        });
        at = child;
    }
    steps
}
