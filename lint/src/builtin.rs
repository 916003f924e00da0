//! Findings of the reader itself, which need no policy: what the text of an object does that hardly anybody means.

use std::sync::Arc;

use palisade_abi::tape::NodeId;

use crate::finding::{PolicyInfo, Severity};
use crate::manifest::{Document, Span};

/// The pack that reports name for these findings.
pub(crate) const PACK: &str = "palisade";
const DUPLICATE_KEY: &str = "yaml-duplicate-key";
const MALFORMED_OBJECT: &str = "malformed-object";
const DUPLICATE_OBJECT: &str = "duplicate-object";
/// What they are called.
pub const NAMES: [&str; 3] = [DUPLICATE_KEY, MALFORMED_OBJECT, DUPLICATE_OBJECT];

/// A key that stands twice in a map. The API server takes the last value, and says nothing.
pub(crate) fn duplicate_key() -> (Arc<PolicyInfo>, Severity) {
    let policy = describe(DUPLICATE_KEY, "A key stands once in its map");
    (policy, Severity::Medium)
}

/// An object that stands twice in a file, of which one is lost.
pub(crate) fn duplicate_object() -> (Arc<PolicyInfo>, Severity) {
    let policy = describe(DUPLICATE_OBJECT, "An object stands once in its file");
    (policy, Severity::Medium)
}

/// An object that no API server takes, whatever its kind.
pub(crate) fn malformed_object() -> (Arc<PolicyInfo>, Severity) {
    let policy = describe(
        MALFORMED_OBJECT,
        "Objects have a kind that there is, and well-formed metadata",
    );
    (policy, Severity::High)
}

/// True if `span` lies in what `document` was read from.
pub(crate) fn holds(document: &Document, span: Span) -> bool {
    let whole = document.span(NodeId::ROOT);
    whole.start <= span.start && span.end <= whole.end
}

/// The path of the value whose key or text stands at `span`; the innermost that holds it if there is none.
pub(crate) fn path_at(document: &Document, span: Span) -> String {
    let nodes = (0..document.tape.len()).filter_map(|nth| u32::try_from(nth).ok().map(NodeId));
    let mut innermost = NodeId::ROOT;
    for node in nodes {
        let value = document.span(node);
        if document.key_span(node) == Some(span) || value == span {
            return document.path(node);
        }
        if value.start <= span.start && span.end <= value.end {
            innermost = node;
        }
    }
    document.path(innermost)
}

fn describe(name: &str, title: &str) -> Arc<PolicyInfo> {
    Arc::new(PolicyInfo {
        name: name.to_owned(),
        pack: PACK.to_owned(),
        title: title.to_owned(),
        controls: Vec::new(),
        on_by_default: true,
        judges_files: true,
    })
}
