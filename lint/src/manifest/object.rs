//! What an object must have before the API server looks at its kind: the parts that every decoder reads.

use palisade_abi::tape::{Kind, NodeId, Value};

use super::document::Document;
use super::problem::{Problem, ProblemKind};
use super::span::Span;

/// Why the API server's tools would refuse `document` whatever its kind: it is no map, it has no kind, or its metadata
/// is not what metadata must be. A document that is not meant to be an object (a values file) fails this too; that is
/// for the caller to know.
#[must_use]
pub fn find_object_problems(document: &Document) -> Vec<Problem> {
    let mut check = Check {
        document,
        problems: Vec::new(),
    };
    check.root();
    check.problems
}

struct Check<'a> {
    document: &'a Document,
    problems: Vec<Problem>,
}

impl Check<'_> {
    fn root(&mut self) {
        if self.document.tape.kind(NodeId::ROOT) != Kind::Map {
            let span = self.document.span(NodeId::ROOT);
            self.report(span, "an object is a map".to_owned());
            return;
        }
        self.kind();
        self.string_member(NodeId::ROOT, "apiVersion");
        let Some(metadata) = self.document.tape.member(NodeId::ROOT, "metadata") else {
            return;
        };
        if self.document.tape.kind(metadata) == Kind::Null {
            return;
        }
        if self.document.tape.kind(metadata) != Kind::Map {
            self.report(
                self.document.span(metadata),
                "`metadata` is a map".to_owned(),
            );
            return;
        }
        for key in ["name", "generateName", "namespace"] {
            self.string_member(metadata, key);
        }
        for key in ["labels", "annotations"] {
            self.strings(metadata, key);
        }
    }

    fn kind(&mut self) {
        let tape = &self.document.tape;
        let kind = tape.member(NodeId::ROOT, "kind");
        match kind.map(|kind| tape.value(kind)) {
            Some(Value::String(kind_name)) if !kind_name.is_empty() => {
                let items = tape.member(NodeId::ROOT, "items");
                if kind_name == "List" && items.is_none() {
                    let span = kind
                        .map(|kind| self.document.span(kind))
                        .unwrap_or_default();
                    self.report(span, "a `List` has `items`".to_owned());
                }
            }
            Some(Value::String(_) | Value::Null) | None => {
                let span = kind
                    .and_then(|kind| self.document.key_span(kind))
                    .unwrap_or_else(|| self.first_key());
                self.report(span, "an object has a `kind`".to_owned());
            }
            Some(_) => self.string_member(NodeId::ROOT, "kind"),
        }
    }

    fn strings(&mut self, parent: NodeId, key: &str) {
        let tape = &self.document.tape;
        let Some(map) = tape.member(parent, key) else {
            return;
        };
        match tape.kind(map) {
            Kind::Null => {}
            Kind::Map => {
                for child in tape.children(map) {
                    self.string(child);
                }
            }
            Kind::Bool | Kind::Int | Kind::Float | Kind::String | Kind::List | Kind::Unknown => {
                self.report(
                    self.document.span(map),
                    format!("`{key}` is a map of strings"),
                );
            }
        }
    }

    fn string_member(&mut self, parent: NodeId, key: &str) {
        if let Some(node) = self.document.tape.member(parent, key) {
            self.string(node);
        }
    }

    /// Reports `node` unless it is a string, or null, which counts as absent.
    fn string(&mut self, node: NodeId) {
        let found = match self.document.tape.kind(node) {
            Kind::String | Kind::Null | Kind::Unknown => return,
            Kind::Bool => "a bool",
            Kind::Int | Kind::Float => "a number",
            Kind::List => "a list",
            Kind::Map => "a map",
        };
        let key = self.document.tape.key(node).unwrap_or_default();
        let message = format!("`{key}` is {found}, not a string");
        self.report(self.document.span(node), message);
    }

    fn first_key(&self) -> Span {
        self.document
            .tape
            .children(NodeId::ROOT)
            .next()
            .and_then(|child| self.document.key_span(child))
            .unwrap_or_else(|| self.document.span(NodeId::ROOT))
    }

    fn report(&mut self, span: Span, message: String) {
        self.problems
            .push(Problem::new(ProblemKind::Object, span, message));
    }
}
