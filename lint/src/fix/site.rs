//! A document to be changed and the text that holds it: what stands where, and how it is written.

use palisade_abi::place::Step;
use palisade_abi::tape::{Kind, NodeId};

use super::Refusal;
use super::lines::Lines;
use super::scalar::Around;
use super::value::Value;
use super::write::{BracketLines, Brackets, Style};
use crate::manifest::{Document, Format};

/// Nodes that are looked at to see how a file indents.
const MAX_SEEN: u32 = 4096;

/// A document in its text.
#[derive(Debug)]
pub(super) struct Site<'a> {
    pub(super) lines: Lines<'a>,
    pub(super) document: &'a Document,
    format: Format,
}

/// The nodes from the root down to one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trail(Vec<NodeId>);

impl Trail {
    pub(super) fn node(&self) -> NodeId {
        self.0.last().copied().unwrap_or(NodeId::ROOT)
    }

    /// The list or map that the node is in.
    pub(super) fn parent(&self) -> Option<Self> {
        let (_, above) = self.0.split_last()?;
        (!above.is_empty()).then(|| Self(above.to_vec()))
    }

    pub(super) fn child(&self, node: NodeId) -> Self {
        let mut below = self.clone();
        below.0.push(node);
        below
    }

    fn upwards(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.0.iter().rev().copied()
    }
}

impl<'a> Site<'a> {
    pub(super) fn new(text: &'a str, document: &'a Document, format: Format) -> Self {
        Self {
            lines: Lines::new(text),
            document,
            format,
        }
    }

    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// The deepest node on `path` that exists, and the steps below it. Null has nothing below it.
    pub(super) fn find<'p>(&self, path: &'p [Step]) -> (Trail, &'p [Step]) {
        let mut trail = Trail(vec![NodeId::ROOT]);
        let mut rest = path;
        while let Some((step, after)) = rest.split_first() {
            let Some(child) = self.child(trail.node(), step) else {
                break;
            };
            trail.0.push(child);
            rest = after;
        }
        (trail, rest)
    }

    pub(super) fn child(&self, node: NodeId, step: &Step) -> Option<NodeId> {
        let tape = &self.document.tape;
        match step {
            Step::Key(key) => tape.member(node, key),
            Step::Index(index) if tape.kind(node) == Kind::List => {
                tape.children(node).nth(*index as usize)
            }
            Step::Element { key, value } if tape.kind(node) == Kind::List => {
                let named = Value::parse(value)?;
                tape.children(node).find(|&element| {
                    let member = tape.member(element, key);
                    member.is_some_and(|member| Value::of(tape, member).is_same(&named))
                })
            }
            Step::Index(_) | Step::Element { .. } | Step::Document { .. } => None,
        }
    }

    pub(super) fn kind(&self, node: NodeId) -> Kind {
        self.document.tape.kind(node)
    }

    pub(super) fn children(&self, node: NodeId) -> impl Iterator<Item = NodeId> + '_ {
        self.document.tape.children(node)
    }

    /// First byte and the byte after the last one of the value as written.
    pub(super) fn span(&self, node: NodeId) -> (usize, usize) {
        let span = self.document.span(node);
        (span.start as usize, span.end as usize)
    }

    /// The same of the key.
    pub(super) fn key(&self, node: NodeId) -> Option<(usize, usize)> {
        let span = self.document.key_span(node)?;
        Some((span.start as usize, span.end as usize))
    }

    /// The text of the value.
    pub(super) fn written(&self, node: NodeId) -> &'a str {
        let (start, end) = self.span(node);
        self.lines.slice(start, end)
    }

    /// True for a list or map in brackets.
    pub(super) fn has_brackets(&self, node: NodeId) -> bool {
        matches!(self.kind(node), Kind::List | Kind::Map)
            && self.written(node).starts_with(['{', '['])
    }

    /// True if the node, or something above it, is in brackets.
    pub(super) fn is_flow(&self, trail: &Trail) -> bool {
        trail.upwards().any(|node| self.has_brackets(node))
    }

    /// Refuses what is not written at its place alone: values through aliases and merge keys, and what they share.
    pub(super) fn check_unshared(&self, trail: &Trail) -> Result<(), Refusal> {
        let mut above = Some(trail.clone());
        while let Some(at) = above {
            self.check_node(&at)?;
            above = at.parent();
        }
        Ok(())
    }

    fn check_node(&self, trail: &Trail) -> Result<(), Refusal> {
        let node = trail.node();
        if self.document.anchored_span(node).is_some() {
            let alias = self.written(node);
            return Err(Refusal::new(if alias.starts_with('*') {
                format!("its value comes through the alias `{alias}`")
            } else {
                "its value is shared through an alias".to_owned()
            }));
        }
        let Some(anchor) = self.anchor(trail) else {
            return Ok(());
        };
        if self.has_alias(anchor) {
            return Err(Refusal::new(format!(
                "other places share its value through the anchor `&{anchor}`"
            )));
        }
        Ok(())
    }

    /// The name of the anchor on a value.
    fn anchor(&self, trail: &Trail) -> Option<&'a str> {
        let from = self.indicator(trail)?;
        let (start, _) = self.span(trail.node());
        let mut at = self.lines.skip_comments(from);
        // Of an empty value the span is right behind the colon, and its anchor behind that.
        while at < start.max(self.lines.end(from)) {
            let end = self.lines.skip_properties(at);
            if end == at {
                return None;
            }
            let property = self.lines.slice(at, end);
            let anchor = property
                .split([' ', '\t'])
                .find_map(|word| word.strip_prefix('&'));
            if anchor.is_some() {
                return anchor;
            }
            at = self.lines.skip_comments(end);
        }
        None
    }

    fn has_alias(&self, anchor: &str) -> bool {
        let alias = format!("*{anchor}");
        let text = self.lines.text();
        text.match_indices(&alias).any(|(at, _)| {
            let after = self.lines.byte(at + alias.len());
            after.is_none_or(|byte| b" \t\r\n,]}:".contains(&byte))
        })
    }

    /// The position behind the `:` or `-` that asks for a value, which must be of a block.
    fn indicator(&self, trail: &Trail) -> Option<usize> {
        let node = trail.node();
        if let Some((_, end)) = self.key(node) {
            let colon = self.lines.skip_blank(end);
            return (self.lines.byte(colon) == Some(b':')).then_some(colon + 1);
        }
        let list = trail.parent()?.node();
        if self.kind(list) != Kind::List || self.has_brackets(list) {
            return None;
        }
        self.dash(list, node).map(|dash| dash + 1)
    }

    /// The end of what comes before a value in a block: the `:` or `-`, and anchors and tags beside it.
    pub(super) fn head(&self, trail: &Trail) -> Option<usize> {
        self.indicator(trail)
            .map(|at| self.lines.skip_properties(at))
    }

    /// True if nothing but the dash comes before an element.
    pub(super) fn is_bare_element(&self, trail: &Trail) -> bool {
        self.key(trail.node()).is_none() && self.indicator(trail) == self.head(trail)
    }

    /// The dash of an element of a block list.
    pub(super) fn dash(&self, list: NodeId, element: NodeId) -> Option<usize> {
        let (first, _) = self.span(list);
        let before = (self.children(list)).take_while(|&sibling| sibling < element);
        let Some(before) = before.last() else {
            return (self.lines.byte(first) == Some(b'-')).then_some(first);
        };
        let column = self.lines.column(first);
        let (_, before_end) = self.span(before);
        let (start, _) = self.span(element);
        let mut line = self.lines.next(before_end);
        while line <= start && line < self.lines.text().len() {
            let at = line + column;
            if self.lines.byte(at) == Some(b'-') && self.lines.begins_line(at) {
                return Some(at);
            }
            line = self.lines.next(line);
        }
        None
    }

    /// How the block at the end of `trail`, and what is near it, indents.
    pub(super) fn style(&self, trail: &Trail) -> Style<'a> {
        let node = trail.node();
        let near = |kind| {
            let mut maps = trail.upwards();
            maps.find_map(|map| self.inner_column(map, kind))
                .or_else(|| {
                    let count = u32::try_from(self.document.tape.len()).unwrap_or(MAX_SEEN);
                    let mut all = (0..count.min(MAX_SEEN)).map(NodeId);
                    all.find_map(|map| self.inner_column(map, kind))
                })
        };
        let (_, end) = self.span(node);
        Style {
            step: near(Kind::Map).unwrap_or(2),
            dash: near(Kind::List).unwrap_or(0),
            line_break: self.lines.line_break(end),
        }
    }

    /// Columns from a block map to the first list or map in it.
    fn inner_column(&self, map: NodeId, kind: Kind) -> Option<usize> {
        if self.kind(map) != Kind::Map || self.has_brackets(map) {
            return None;
        }
        let column = self.lines.column(self.span(map).0);
        let is_block = |child: &NodeId| {
            self.kind(*child) == kind
                && !self.has_brackets(*child)
                && self.document.anchored_span(*child).is_none()
                && self.lines.begins_line(self.span(*child).0)
        };
        let child = self.children(map).find(is_block)?;
        let inner = self.lines.column(self.span(child).0).checked_sub(column)?;
        (inner > 0 || kind == Kind::List).then_some(inner)
    }

    /// How the brackets at the end of `trail` are written, for something new in them. `lines` says whether what is in
    /// them stands on lines of its own.
    pub(super) fn brackets(&self, trail: &Trail, lines: bool) -> Brackets<'a> {
        let named = |node: NodeId| {
            let is_map = self.kind(node) == Kind::Map && self.has_brackets(node);
            is_map.then(|| self.children(node).next()).flatten()
        };
        // The nearest member in brackets shows how members are written; the root has one of JSON at least.
        let seen = trail.upwards().find_map(named);
        let colon = seen.and_then(|member| {
            let (_, end) = self.key(member)?;
            Some(self.lines.slice(end, self.span(member).0))
        });
        let has_quotes = seen
            .map(|member| self.key(member))
            .map(|key| key.is_some_and(|(start, _)| self.lines.byte(start) == Some(b'"')));
        let is_json = has_quotes.unwrap_or(self.format == Format::Json);
        let is_tight = is_json && colon == Some(":");
        let step = self.bracket_step();
        let node = trail.node();
        Brackets {
            around: if is_json { Around::Json } else { Around::Flow },
            colon: if is_tight { ":" } else { ": " },
            comma: if is_tight { "," } else { ", " },
            lines: step.filter(|_| lines && is_json).map(|step| BracketLines {
                indent: self.lines.indent(self.span(node).0).to_owned(),
                step,
                line_break: self.lines.line_break(self.span(node).0),
            }),
        }
    }

    /// What a document in brackets over several lines adds to each level; nothing if it is on one line.
    pub(super) fn bracket_step(&self) -> Option<&'a str> {
        let (root, _) = self.span(NodeId::ROOT);
        if !self.has_brackets(NodeId::ROOT) {
            return None;
        }
        let first = self.children(NodeId::ROOT).next()?;
        let (start, _) = self.key(first).unwrap_or(self.span(first));
        if !self.lines.begins_line(start) {
            return None;
        }
        let (outer, inner) = (self.lines.indent(root), self.lines.indent(start));
        Some(inner.strip_prefix(outer).unwrap_or(inner))
    }
}
