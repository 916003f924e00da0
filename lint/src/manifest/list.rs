//! Takes lists apart: `kind: List` and typed ones such as `kind: RoleList`.

use palisade_abi::tape::{Builder, Kind, NodeId, Tape, Value};

use super::Read;
use super::document::Document;
use super::draft::{NO_KEY, NodeSpan};
use super::problem::{Problem, ProblemKind};
use super::span::{Span, offset};

/// Adds `document` to `read`, or its items if it is a list.
pub(super) fn flatten(document: Document, read: &mut Read) {
    let Some(items) = list_items(&document) else {
        read.documents.push(document);
        return;
    };
    let mut n_items = 0;
    flatten_items(&document, items, &mut n_items, read);
}

/// The items of a list: of an object whose kind ends in `List` and that has `items`.
fn list_items(document: &Document) -> Option<NodeId> {
    let kind = document.tape.str_at(NodeId::ROOT, &["kind"])?;
    if !kind.ends_with("List") {
        return None;
    }
    let items = document.tape.member(NodeId::ROOT, "items")?;
    (document.tape.kind(items) == Kind::List).then_some(items)
}

fn flatten_items(list: &Document, items: NodeId, n_items: &mut u32, read: &mut Read) {
    for element in list.tape.children(items) {
        let mut item = take_item(list, element);
        item.item = Some(*n_items);
        let Some(inner) = list_items(&item) else {
            *n_items += 1;
            read.documents.push(item);
            continue;
        };
        // kubectl gives up here. The objects inside are read all the same, so that none goes unseen.
        read.problems.push(Problem::new(
            ProblemKind::Object,
            item.tape
                .member(NodeId::ROOT, "kind")
                .map_or_else(|| item.span(NodeId::ROOT), |kind| item.span(kind)),
            "a list inside a list is not taken apart by the API server's tools",
        ));
        flatten_items(&item, inner, n_items, read);
    }
}

/// The element `node` of `list` as a document of its own. Where it has neither kind nor version, the list tells them.
fn take_item(list: &Document, node: NodeId) -> Document {
    let from = node.0 as usize;
    let end = list.tape.after(node).0 as usize;
    let mut spans: Vec<NodeSpan> = list.spans.get(from..end).unwrap_or_default().to_vec();
    if let Some(root) = spans.first_mut() {
        root.key = NO_KEY;
    }
    // In the order of the nodes, so that the item's are one run.
    let first = list
        .related
        .partition_point(|(at, _)| (at.0 as usize) < from);
    let last = list
        .related
        .partition_point(|(at, _)| (at.0 as usize) < end);
    let related = list.related.get(first..last).unwrap_or_default();
    let related = related
        .iter()
        .map(|&(at, span)| (NodeId(at.0 - node.0), span))
        .collect();
    let item = Document {
        index: list.index,
        item: None,
        tape: list.tape.subtree(node),
        spans,
        related,
    };
    if item.tape.kind(NodeId::ROOT) != Kind::Map
        || has_text(&item.tape, "kind")
        || has_text(&item.tape, "apiVersion")
    {
        return item;
    }
    add_kind(item, list)
}

fn has_text(tape: &Tape, key: &str) -> bool {
    tape.str_at(NodeId::ROOT, &[key])
        .is_some_and(|text| !text.is_empty())
}

fn add_kind(item: Document, list: &Document) -> Document {
    let kind = list
        .tape
        .str_at(NodeId::ROOT, &["kind"])
        .unwrap_or_default();
    let kind = kind.strip_suffix("List").unwrap_or(kind);
    if kind.is_empty() {
        return item;
    }
    let version = list.tape.str_at(NodeId::ROOT, &["apiVersion"]);
    let mut writer = ItemWriter {
        builder: Builder::with_capacity(item.tape.len() + 2, 0),
        spans: Vec::with_capacity(item.spans.len() + 2),
        related: Vec::new(),
        item: &item,
    };
    writer.builder.start_map();
    writer.spans.extend(item.spans.first().copied());
    for (key, value) in [("apiVersion", version), ("kind", Some(kind))] {
        let Some(value) = value else { continue };
        let spans = list
            .tape
            .member(NodeId::ROOT, key)
            .and_then(|node| list.spans.get(node.0 as usize))
            .copied();
        writer.builder.key(key);
        writer.builder.string(value);
        writer.spans.extend(spans);
    }
    for child in item.tape.children(NodeId::ROOT) {
        // An empty kind or version gives way to the list's.
        if !matches!(item.tape.key(child), Some("kind" | "apiVersion")) {
            writer.copy(child);
        }
    }
    Document {
        tape: writer.builder.finish(),
        spans: writer.spans,
        related: writer.related,
        index: item.index,
        item: item.item,
    }
}

struct ItemWriter<'a> {
    builder: Builder,
    spans: Vec<NodeSpan>,
    related: Vec<(NodeId, Span)>,
    item: &'a Document,
}

impl ItemWriter<'_> {
    fn copy(&mut self, node: NodeId) {
        let item = self.item;
        let spans = item.spans.get(node.0 as usize).copied();
        // Elements of lists take their list's key.
        if spans.is_some_and(|spans| spans.key != NO_KEY)
            && let Some(key) = item.tape.key(node)
        {
            self.builder.key(key);
        }
        if let Some(origin) = item.anchored_span(node) {
            self.related
                .push((NodeId(offset(self.spans.len())), origin));
        }
        self.spans.extend(spans);
        match item.tape.value(node) {
            Value::Null => self.builder.null(),
            Value::Bool(value) => self.builder.bool(value),
            Value::Int(value) => self.builder.int(value),
            Value::Float(text) => self.builder.float(text),
            Value::String(text) => self.builder.string(text),
            Value::Unknown(text) => self.builder.unknown(text),
            Value::List(_) => self.copy_children(node, Builder::start_list),
            Value::Map(_) => self.copy_children(node, Builder::start_map),
        };
    }

    fn copy_children(&mut self, node: NodeId, start: fn(&mut Builder) -> NodeId) -> NodeId {
        let id = start(&mut self.builder);
        for child in self.item.tape.children(node) {
            self.copy(child);
        }
        self.builder.end();
        id
    }
}
