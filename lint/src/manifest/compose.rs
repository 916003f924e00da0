//! Settles aliases, merge keys and repeated keys of a document.
//!
//! What is merged or repeated follows the order in the file, as go-yaml v2 does it: each merge and each member sets what
//! came before it, so a merge key overrides members above it. In a list of merges the first wins.
//!
//! A value read through an alias has the alias as its place; where it is written is kept beside it.

use palisade_abi::layout::MAX_DEPTH;
use palisade_abi::tape::{Builder, Kind, NodeId, Tape, Value};
use rustc_hash::{FxHashMap, FxHashSet};

use super::draft::{NO_KEY, NodeSpan, Written};
use super::problem::{Problem, ProblemKind};
use super::span::Span;
use super::{MAX_ALIAS_NODES, MAX_BYTES};

/// What aliases of one file may still add.
#[derive(Debug, Clone)]
pub(super) struct AliasBudget {
    nodes: usize,
    text: usize,
}

impl Default for AliasBudget {
    fn default() -> Self {
        Self {
            nodes: MAX_ALIAS_NODES,
            text: MAX_BYTES,
        }
    }
}

/// A document whose nodes are all in place.
#[derive(Debug)]
pub(super) struct Composed {
    pub(super) tape: Tape,
    pub(super) spans: Vec<NodeSpan>,
    /// Nodes read through an alias, in order, and where they are written.
    pub(super) related: Vec<(NodeId, Span)>,
}

/// The document that `written` means.
pub(super) fn compose(written: Written, budget: &mut AliasBudget) -> Result<Composed, Problem> {
    if written.aliases.is_empty() && written.merges.is_empty() && written.repeats.is_empty() {
        return Ok(Composed {
            tape: written.tape,
            spans: written.spans,
            related: written.related,
        });
    }
    let mut composer = Composer {
        targets: written.aliases.iter().map(|a| (a.node, a.target)).collect(),
        merges: written.merges.iter().copied().collect(),
        shadowed: written
            .repeats
            .iter()
            .map(|&(earlier, _)| earlier)
            .collect(),
        origins: written.related.iter().copied().collect(),
        source: &written.tape,
        source_spans: &written.spans,
        builder: Builder::with_capacity(written.tape.len(), 0),
        spans: Vec::with_capacity(written.spans.len()),
        related: Vec::new(),
        budget,
    };
    composer.write(NodeId::ROOT, NO_KEY, None)?;
    Ok(Composed {
        tape: composer.builder.finish(),
        spans: composer.spans,
        related: composer.related,
    })
}

struct Composer<'a> {
    source: &'a Tape,
    source_spans: &'a [NodeSpan],
    targets: FxHashMap<NodeId, NodeId>,
    merges: FxHashSet<NodeId>,
    shadowed: FxHashSet<NodeId>,
    origins: FxHashMap<NodeId, Span>,
    builder: Builder,
    spans: Vec<NodeSpan>,
    related: Vec<(NodeId, Span)>,
    budget: &'a mut AliasBudget,
}

/// A member of the map being written: its node in the source, and the alias it comes through.
#[derive(Clone, Copy)]
struct Member {
    node: NodeId,
    key: Span,
    via: Option<Span>,
}

impl Composer<'_> {
    /// Writes `node`, found at `key`; `via` is the outermost alias on the way to it.
    fn write(&mut self, node: NodeId, key: Span, via: Option<Span>) -> Result<(), Problem> {
        let mut node = node;
        let mut via = via;
        // An anchored node comes before its aliases, so this ends.
        while let Some(&target) = self.targets.get(&node) {
            via = via.or(Some(self.span(node)));
            node = target;
        }
        let span = self.span(node);
        if let Some(alias) = via {
            self.spend(node, alias)?;
            self.related.push((self.builder.next_id(), span));
        } else if let Some(&origin) = self.origins.get(&node) {
            self.related.push((self.builder.next_id(), origin));
        }
        self.spans.push(NodeSpan {
            value: via.unwrap_or(span),
            key,
        });
        let source = self.source;
        match source.value(node) {
            Value::Null => self.builder.null(),
            Value::Bool(value) => self.builder.bool(value),
            Value::Int(value) => self.builder.int(value),
            Value::Float(text) => self.builder.float(text),
            Value::String(text) => self.builder.string(text),
            Value::Unknown(text) => self.builder.unknown(text),
            Value::List(_) => {
                self.check_depth(via.unwrap_or(span))?;
                let id = self.builder.start_list();
                for child in source.children(node) {
                    self.write(child, NO_KEY, via)?;
                }
                self.builder.end();
                id
            }
            Value::Map(_) => {
                self.check_depth(via.unwrap_or(span))?;
                let id = self.builder.start_map();
                self.write_members(node, via)?;
                self.builder.end();
                id
            }
        };
        Ok(())
    }

    fn write_members(&mut self, map: NodeId, via: Option<Span>) -> Result<(), Problem> {
        let source = self.source;
        let has_merge = source
            .children(map)
            .any(|child| self.merges.contains(&child));
        if !has_merge {
            for child in source.children(map) {
                if !self.shadowed.contains(&child) {
                    self.builder.key(source.key(child).unwrap_or_default());
                    self.write(child, self.key_span(child, via), via)?;
                }
            }
            return Ok(());
        }
        let mut members = Vec::new();
        self.collect(map, via, &mut members)?;
        let mut last = FxHashMap::default();
        for (position, member) in members.iter().enumerate() {
            last.insert(source.key(member.node), position);
        }
        for (position, member) in members.iter().enumerate() {
            let key = source.key(member.node);
            if last.get(&key) == Some(&position) {
                self.builder.key(key.unwrap_or_default());
                self.write(member.node, member.key, member.via)?;
            }
        }
        Ok(())
    }

    /// The members of `map` with merged ones in the order in which they are set.
    fn collect(
        &mut self,
        map: NodeId,
        via: Option<Span>,
        members: &mut Vec<Member>,
    ) -> Result<(), Problem> {
        let source = self.source;
        for child in source.children(map) {
            if let Some(alias) = via {
                self.spend(child, alias)?;
            }
            if !self.merges.contains(&child) {
                members.push(Member {
                    node: child,
                    key: self.key_span(child, via),
                    via,
                });
                continue;
            }
            let is_list = !self.targets.contains_key(&child) && source.kind(child) == Kind::List;
            let mut merged: Vec<NodeId> = if is_list {
                source.children(child).collect()
            } else {
                vec![child]
            };
            // The first of a list wins, so it is set last.
            merged.reverse();
            for part in merged {
                let target = self.targets.get(&part).copied();
                let map = target.unwrap_or(part);
                if source.kind(map) != Kind::Map {
                    return Err(Problem::new(
                        ProblemKind::Syntax,
                        via.unwrap_or(self.span(part)),
                        "a merge key takes a map or a list of maps",
                    ));
                }
                let via = via.or(target.map(|_| self.span(part)));
                self.collect(map, via, members)?;
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

    fn spend(&mut self, node: NodeId, alias: Span) -> Result<(), Problem> {
        let key = self.source.key(node).map_or(0, str::len);
        let text = match self.source.value(node) {
            Value::Float(text) | Value::String(text) | Value::Unknown(text) => text.len(),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::List(_) | Value::Map(_) => 0,
        };
        let nodes = self.budget.nodes.checked_sub(1);
        let text = self.budget.text.checked_sub(key + text);
        let (Some(nodes), Some(text)) = (nodes, text) else {
            return Err(Problem::new(
                ProblemKind::Limit,
                alias,
                format!("aliases expand to more than {MAX_ALIAS_NODES} values or 64 MiB of text"),
            ));
        };
        *self.budget = AliasBudget { nodes, text };
        Ok(())
    }

    fn span(&self, node: NodeId) -> Span {
        self.source_spans
            .get(node.0 as usize)
            .map_or_else(Span::default, |span| span.value)
    }

    fn key_span(&self, node: NodeId, via: Option<Span>) -> Span {
        via.unwrap_or_else(|| {
            self.source_spans
                .get(node.0 as usize)
                .map_or(NO_KEY, |span| span.key)
        })
    }
}
