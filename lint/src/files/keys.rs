//! Keys of YAML as they are written. To the API server `on:` is the key `true`; to everything else it is `on`.

use palisade_abi::tape::NodeId;

use crate::manifest::{Document, Tree, TreeValue};

/// The document with the keys that are words for true and false as they are written; nothing if it has none.
pub(crate) fn as_written(document: &Document, text: &str) -> Option<Document> {
    let nodes = (0..document.tape.len()).filter_map(|nth| u32::try_from(nth).ok().map(NodeId));
    let is_read = |node: NodeId| {
        let key = document.tape.key(node)?;
        let written = document.key_span(node)?.text(text);
        Some(is_truth(key) && key != written && !written.starts_with(['"', '\'']))
    };
    if !nodes.into_iter().any(|node| is_read(node) == Some(true)) {
        return None;
    }
    let mut tree = Tree::of_document(document, 0);
    restore(&mut tree, text);
    tree.into_document(document.index).ok()
}

fn is_truth(key: &str) -> bool {
    matches!(key, "true" | "false")
}

fn restore(tree: &mut Tree, text: &str) {
    match &mut tree.value {
        TreeValue::List(items) => items.iter_mut().for_each(|item| restore(item, text)),
        TreeValue::Map(members) => {
            for member in members {
                let written = member.key_span.map_or("", |span| span.text(text));
                let is_word = written.bytes().all(|byte| byte.is_ascii_alphabetic());
                if is_truth(&member.key) && is_word && !written.is_empty() {
                    written.clone_into(&mut member.key);
                }
                restore(&mut member.tree, text);
            }
        }
        TreeValue::Null
        | TreeValue::Bool(_)
        | TreeValue::Int(_)
        | TreeValue::Float(_)
        | TreeValue::Text(_)
        | TreeValue::Unknown(_) => {}
    }
}
