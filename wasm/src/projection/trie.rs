//! The trie while it grows.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::index::ProjectionNode;

/// A position in the trie.
pub(super) type Position = usize;

/// What is read of one kind of object.
#[derive(Debug)]
pub(super) struct Trie<'a> {
    symbols: FxHashMap<&'a str, u32>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    value: bool,
    keys: bool,
    whole: bool,
    element: Option<Position>,
    members: BTreeMap<u32, Position>,
}

impl<'a> Trie<'a> {
    /// The object itself.
    pub(super) const ROOT: Position = 0;

    pub(super) fn new(symbols: &'a [String]) -> Self {
        Self {
            symbols: (symbols.iter().map(String::as_str)).zip(0..).collect(),
            nodes: vec![Node::default()],
        }
    }

    /// The member with `key`. A name without a symbol counts as any member: only the symbol could tell them apart.
    pub(super) fn member(&mut self, at: Position, key: &str) -> Position {
        match self.symbols.get(key) {
            Some(&symbol) => self.member_by_symbol(at, symbol),
            None => self.element(at),
        }
    }

    /// Any element or member.
    pub(super) fn element(&mut self, at: Position) -> Position {
        if let Some(element) = self.nodes.get(at).and_then(|node| node.element) {
            return element;
        }
        let added = self.add();
        self.change(at, |node| node.element = Some(added));
        added
    }

    pub(super) fn mark_value(&mut self, at: Position) {
        self.change(at, |node| node.value = true);
    }

    pub(super) fn mark_keys(&mut self, at: Position) {
        self.change(at, |node| node.keys = true);
    }

    pub(super) fn mark_whole(&mut self, at: Position) {
        self.change(at, |node| node.whole = true);
    }

    /// By what elements are told apart on the way to a position: the names of those that stand above it, and its own.
    pub(super) fn mark_names_above(&mut self, position: Position) {
        let mut elements = Vec::new();
        self.elements_above(Self::ROOT, position, &mut elements);
        for element in elements {
            let name = self.member(element, "name");
            self.mark_value(name);
        }
    }

    /// Adds the elements on the way from one position to another below it; false if that is not below it.
    fn elements_above(&self, at: Position, sought: Position, found: &mut Vec<Position>) -> bool {
        let Some(node) = self.nodes.get(at) else {
            return false;
        };
        if at == sought {
            return true;
        }
        let is_above = |&below: &Position, found: &mut Vec<Position>| {
            self.elements_above(below, sought, found)
        };
        if let Some(element) = node.element.filter(|element| is_above(element, found)) {
            found.push(element);
            return true;
        }
        node.members.values().any(|member| is_above(member, found))
    }

    /// What the name of an object is made of, apart from its kind.
    pub(super) fn add_name(&mut self, object: Position) {
        let metadata = self.member(object, "metadata");
        for key in ["name", "namespace", "generateName"] {
            let node = self.member(metadata, key);
            self.mark_value(node);
        }
    }

    /// Adds the nodes to `out`, equal ones once, and returns the root's number.
    pub(super) fn finish(
        mut self,
        out: &mut Vec<ProjectionNode>,
        known: &mut FxHashMap<ProjectionNode, u32>,
    ) -> u32 {
        self.spread(Self::ROOT);
        self.emit(Self::ROOT, out, known)
    }

    /// What is read of any member is read of those that are named as well.
    fn spread(&mut self, at: Position) {
        let Some(node) = self.nodes.get(at).cloned() else {
            return;
        };
        if let Some(element) = node.element {
            for &member in node.members.values() {
                self.merge(member, element);
            }
            self.spread(element);
        }
        for &member in node.members.values() {
            self.spread(member);
        }
    }

    fn merge(&mut self, to: Position, from: Position) {
        let Some(node) = self.nodes.get(from).cloned() else {
            return;
        };
        self.change(to, |into| {
            into.value |= node.value;
            into.keys |= node.keys;
            into.whole |= node.whole;
        });
        if let Some(element) = node.element {
            let into = self.element(to);
            self.merge(into, element);
        }
        for (symbol, member) in node.members {
            let into = self.member_by_symbol(to, symbol);
            self.merge(into, member);
        }
    }

    fn emit(
        &self,
        at: Position,
        out: &mut Vec<ProjectionNode>,
        known: &mut FxHashMap<ProjectionNode, u32>,
    ) -> u32 {
        let mut made = ProjectionNode::default();
        if let Some(node) = self.nodes.get(at)
            && node.whole
        {
            made.whole = true;
        } else if let Some(node) = self.nodes.get(at) {
            made.value = node.value;
            made.keys = node.keys;
            made.element = node.element.map(|element| self.emit(element, out, known));
            for (&symbol, &member) in &node.members {
                made.members.push((symbol, self.emit(member, out, known)));
            }
        }
        let next = u32::try_from(out.len()).unwrap_or(u32::MAX);
        *known.entry(made).or_insert_with_key(|made| {
            out.push(made.clone());
            next
        })
    }

    fn member_by_symbol(&mut self, at: Position, symbol: u32) -> Position {
        let known = self
            .nodes
            .get(at)
            .and_then(|node| node.members.get(&symbol));
        if let Some(&member) = known {
            return member;
        }
        let added = self.add();
        self.change(at, |node| {
            node.members.insert(symbol, added);
        });
        added
    }

    fn add(&mut self) -> Position {
        self.nodes.push(Node::default());
        self.nodes.len() - 1
    }

    fn change(&mut self, at: Position, change: impl FnOnce(&mut Node)) {
        if let Some(node) = self.nodes.get_mut(at) {
            change(node);
        }
    }
}
