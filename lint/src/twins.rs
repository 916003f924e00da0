//! Objects of one file that are one object: whoever applies the file keeps the last.
//!
//! Files of their own may say the same object for several clusters or stages; what stands in one file is meant for one.

use palisade_abi::tape::{Kind, NodeId};
use rustc_hash::FxHashMap;

use crate::manifest::{Document, Problem, ProblemKind};

/// What an object is known by: group, kind, namespace and name.
type Identity<'a> = (&'a str, &'a str, Option<&'a str>, &'a str);

/// The objects of a file that stand in it before, each at its name; the position among `documents` goes with it.
pub(crate) fn find_twins(documents: &[Document]) -> Vec<(usize, Problem)> {
    let mut twins = Vec::new();
    if documents.len() < 2 {
        return twins;
    }
    let mut known: FxHashMap<Identity<'_>, &Document> = FxHashMap::default();
    for (nth, document) in documents.iter().enumerate() {
        let Some(identity) = identify(document) else {
            continue;
        };
        let Some(first) = known.get(&identity) else {
            known.insert(identity, document);
            continue;
        };
        let (Some(name), Some(earlier)) = (name_of(document), name_of(first)) else {
            continue;
        };
        let (_, kind, namespace, text) = identity;
        let within = namespace.map_or_else(String::new, |namespace| format!("{namespace}/"));
        let message =
            format!("`{kind} {within}{text}` stands in this file before; the last one counts");
        let problem = Problem::new(ProblemKind::Twin, document.span(name), message);
        twins.push((
            nth,
            Problem {
                related: Some(first.span(earlier)),
                ..problem
            },
        ));
    }
    twins
}

/// What an object is known by; nothing where a template or the API server decides it.
fn identify(document: &Document) -> Option<Identity<'_>> {
    let tape = &document.tape;
    let text = |path: &[&str]| tape.str_at(NodeId::ROOT, path);
    let group = text(&["apiVersion"])?;
    let group = group.split_once('/').map_or("", |(group, _)| group);
    let metadata = tape.member(NodeId::ROOT, "metadata")?;
    let namespace = tape.member(metadata, "namespace");
    let is_open = namespace.is_some_and(|node| tape.kind(node) == Kind::Unknown);
    if is_open {
        return None;
    }
    let namespace = text(&["metadata", "namespace"]);
    Some((
        group,
        text(&["kind"])?,
        namespace,
        text(&["metadata", "name"])?,
    ))
}

fn name_of(document: &Document) -> Option<NodeId> {
    let metadata = document.tape.member(NodeId::ROOT, "metadata")?;
    document.tape.member(metadata, "name")
}
