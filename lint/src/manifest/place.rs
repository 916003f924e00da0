//! From a place in a document to bytes of the file and to a path that people read.

use std::fmt::Write;

use palisade_abi::place::{Embedded, EmbeddedFormat, Inner, Place, Step};
use palisade_abi::tape::{Kind, NodeId, Value};

use super::Format;
use super::document::Document;
use super::inner::find_part;
use super::span::{Span, offset};

impl Document {
    /// The bytes to underline for `place`: the value, or the part of it that is meant; for what is missing the key of
    /// its nearest ancestor, and for an ancestor without a key the first key inside it. `source` is the file's text.
    #[must_use]
    pub fn place_span(&self, source: &str, place: &Place) -> Span {
        let inner = match &place.inner {
            None => None,
            Some(Inner::Range(start, end)) => self.inner_span(source, place.node, *start, *end),
            Some(Inner::Document(within)) => {
                self.embedded_span(source, place.node, within, &place.missing)
            }
        };
        if let Some(span) = inner {
            return span;
        }
        if place.inner.is_none() && !place.missing.is_empty() {
            return self.missing_span(place);
        }
        // An empty value has nothing to underline but its key.
        let span = self.span(place.node);
        if span.is_empty() {
            return self.key_span(place.node).unwrap_or(span);
        }
        span
    }

    fn missing_span(&self, place: &Place) -> Span {
        // `resources:` without a value is itself the place to look at when something in it is missing.
        if let Some(Step::Key(key)) = place.missing.first()
            && let Some(null) = self.tape.member(place.node, key)
            && let Some(span) = self.key_span(null)
        {
            return span;
        }
        let inside = || {
            self.tape
                .children(place.node)
                .find_map(|child| self.key_span(child))
        };
        self.key_span(place.node)
            .or_else(inside)
            .unwrap_or_else(|| self.span(place.node))
    }

    /// The bytes of a place in the document that a text holds; none where the text is not written in the file as it is.
    fn embedded_span(
        &self,
        source: &str,
        node: NodeId,
        within: &Embedded,
        missing: &[Step],
    ) -> Option<Span> {
        let Value::String(all) = self.tape.value(node) else {
            return None;
        };
        let (start, end) = within.range.unwrap_or((0, offset(all.len())));
        if within.is_decoded {
            let range = within.range.is_some();
            return range.then(|| self.inner_span(source, node, start, end))?;
        }
        let text = all.get(start as usize..end as usize)?;
        let format = match within.format {
            EmbeddedFormat::Json => Format::Json,
            EmbeddedFormat::Yaml => Format::Yaml,
        };
        let document = super::read_one(text, format).ok()??;
        let mut at = NodeId::ROOT;
        for step in &within.path {
            at = match step {
                Step::Key(key) => document.tape.member(at, key)?,
                Step::Index(index) => document.tape.children(at).nth(*index as usize)?,
                Step::Element { .. } | Step::Document { .. } => return None,
            };
        }
        let span = document.place_span(
            text,
            &Place {
                node: at,
                missing: missing.to_vec(),
                inner: within.inner.clone(),
            },
        );
        self.inner_span(source, node, start + span.start, start + span.end)
    }

    /// The bytes of a range of a decoded scalar. A value read through an alias has none: the alias is its place.
    fn inner_span(&self, source: &str, node: NodeId, start: u32, end: u32) -> Option<Span> {
        let (Value::String(text) | Value::Float(text) | Value::Unknown(text)) =
            self.tape.value(node)
        else {
            return None;
        };
        let written = self.span(node);
        if self.anchored_span(node).is_some() {
            return None;
        }
        let part = find_part(written.text(source), text, start as usize, end as usize)?;
        Some(Span::new(
            written.start + part.start,
            written.start + part.end,
        ))
    }

    /// The path of `node`, such as `spec.containers[0].image` or `metadata.annotations["a.b/c"]`. The root is `$`.
    #[must_use]
    pub fn path(&self, node: NodeId) -> String {
        let mut path = String::new();
        let mut at = NodeId::ROOT;
        while at != node {
            let is_map = self.tape.kind(at) == Kind::Map;
            let found = self
                .tape
                .children(at)
                .enumerate()
                .find(|&(_, child)| child <= node && node < self.tape.after(child));
            let Some((index, child)) = found else { break };
            if is_map {
                push_key(&mut path, self.tape.key(child).unwrap_or_default());
            } else {
                push_index(&mut path, index);
            }
            at = child;
        }
        if path.is_empty() {
            path.push('$');
        }
        path
    }

    /// The path of `place`, with the steps that are missing; of a place in a document that a text holds the path of the text,
    /// ` -> ` and the path inside.
    #[must_use]
    pub fn path_of(&self, place: &Place) -> String {
        let mut path = self.path(place.node);
        let mut inner = place.inner.as_ref();
        if !matches!(inner, Some(Inner::Document(_))) {
            if path == "$" && matches!(place.missing.first(), Some(Step::Key(_))) {
                path.clear();
            }
            push_steps(&mut path, &place.missing);
        }
        while let Some(Inner::Document(within)) = inner {
            inner = within.inner.as_ref();
            let mut steps = within.path.clone();
            if !matches!(inner, Some(Inner::Document(_))) {
                steps.extend(place.missing.iter().cloned());
            }
            let mut part = String::new();
            if !matches!(steps.first(), Some(Step::Key(_))) {
                part.push('$');
            }
            push_steps(&mut part, &steps);
            path.push_str(" -> ");
            path.push_str(&part);
        }
        path
    }
}

fn push_steps(path: &mut String, steps: &[Step]) {
    for step in steps {
        match step {
            Step::Key(key) => push_key(path, key),
            Step::Index(index) => push_index(path, *index as usize),
            Step::Element { key, value } => {
                path.push('[');
                path.push_str(key);
                path.push('=');
                path.push_str(value);
                path.push(']');
            }
            Step::Document { .. } => path.push_str(" -> $"),
        }
    }
}

fn push_index(path: &mut String, index: usize) {
    // Writing to a string does not fail.
    let _ = write!(path, "[{index}]");
}

fn push_key(path: &mut String, key: &str) {
    if is_plain(key, path.is_empty()) {
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(key);
    } else {
        path.push('[');
        super::print::push_string(path, key);
        path.push(']');
    }
}

/// True for what looks like a name. The first one of a path may have dashes, as those of policies have in settings.
fn is_plain(key: &str, is_first: bool) -> bool {
    let is_start = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || letter == '$';
    let is_part = |letter: char| letter.is_ascii_digit() || letter == '-' && is_first;
    key.starts_with(is_start)
        && key
            .chars()
            .all(|letter| is_start(letter) || is_part(letter))
}
