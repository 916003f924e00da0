//! Values that no report shows: the data of Secrets, and fields that a pack declares as `secret`.

use palisade_abi::tape::{NodeId, Value};
use palisade_lang::program::{KindRef, SecretFields};

use crate::manifest::{self, Document, Format, Span};

/// In a path, any element of a list or member of a map.
const ANY: &str = "*";
/// What stands for a byte of a secret in an excerpt: as long, so that marks stay where they are.
const MASK: char = '*';

/// How deep documents in texts of documents are looked into.
const MAX_NESTED: usize = 4;
/// Longest text that is looked into, in bytes.
const MAX_TEXT: usize = 1 << 20;

/// Kinds of the API with secrets, and where. The annotation is where `kubectl apply` keeps the object once more.
const OF_THE_API: [(&str, &[&[&str]]); 3] = [
    (
        "Secret",
        &[
            &["data"],
            &["stringData"],
            &[
                "metadata",
                "annotations",
                "kubectl.kubernetes.io/last-applied-configuration",
            ],
        ],
    ),
    ("TokenRequest", &[&["status", "token"]]),
    ("TokenReview", &[&["spec", "token"]]),
];

/// Where the secrets of an object of the API are written.
pub(crate) fn of_object<'s>(
    document: &Document,
    declared: impl Iterator<Item = &'s SecretFields>,
    spans: &mut Vec<Span>,
) {
    of_the_api(document, spans);
    let text = |key| document.tape.str_at(NodeId::ROOT, &[key]);
    let Some(kind) = text("kind") else {
        return;
    };
    let version = text("apiVersion").unwrap_or_default();
    let group = version.split_once('/').map_or("", |(group, _)| group);
    for secrets in declared {
        let is_of_group = secrets.kind.groups.iter().any(|known| known == group);
        if is_of_group && secrets.kind.kind == kind {
            of_paths(document, secrets, spans);
        }
    }
}

fn of_the_api(document: &Document, spans: &mut Vec<Span>) {
    let kind = document.tape.str_at(NodeId::ROOT, &["kind"]);
    for (_, paths) in OF_THE_API.iter().filter(|(name, _)| Some(*name) == kind) {
        for path in *paths {
            find(document, NodeId::ROOT, path, spans);
        }
    }
}

/// Where the secrets of the documents are written that texts of a document hold: of objects of the API, and those that
/// packs declare of what they read in texts. `source` is the text of the file.
pub(crate) fn of_texts<'s>(
    document: &Document,
    source: &str,
    declared: impl Iterator<Item = &'s SecretFields>,
    spans: &mut Vec<Span>,
) {
    let is_of_texts = |secrets: &&SecretFields| secrets.kind == KindRef::in_texts();
    let declared: Vec<&SecretFields> = declared.filter(is_of_texts).collect();
    add_texts(document, source, &declared, MAX_NESTED, spans);
}

fn add_texts(
    document: &Document,
    source: &str,
    declared: &[&SecretFields],
    levels: usize,
    spans: &mut Vec<Span>,
) {
    for node in 0..u32::try_from(document.tape.len()).unwrap_or(0) {
        let node = NodeId(node);
        let Value::String(text) = document.tape.value(node) else {
            continue;
        };
        if text.len() > MAX_TEXT {
            continue;
        }
        for span in in_text(text, declared, levels) {
            let part = document.inner_span(source, node, span.start, span.end);
            spans.push(part.unwrap_or_else(|| document.span(node)));
        }
        let decoded = manifest::text_of_base64(text);
        if decoded.is_some_and(|decoded| !in_text(&decoded, declared, levels).is_empty()) {
            spans.push(document.span(node));
        }
    }
}

/// Where the secrets of the document that a text holds are in the text.
fn in_text(text: &str, declared: &[&SecretFields], levels: usize) -> Vec<Span> {
    let mut spans = Vec::new();
    let paths = || declared.iter().flat_map(|secrets| &secrets.paths);
    let names = paths().filter_map(|path| path.iter().rfind(|step| *step != ANY));
    let names = names.map(String::as_str);
    let names = names.chain(OF_THE_API.iter().map(|(kind, _)| *kind));
    if levels == 0 || !names.into_iter().any(|name| text.contains(name)) {
        return spans;
    }
    let is_json = text.trim_start().starts_with(['{', '[']);
    let as_json = is_json.then(|| manifest::read_one(text, Format::Json));
    let held = match as_json {
        Some(Ok(held)) => Ok(held),
        _ => manifest::read_one(text, Format::Yaml),
    };
    if let Ok(Some(held)) = held {
        of_the_api(&held, &mut spans);
        paths().for_each(|path| find(&held, NodeId::ROOT, path, &mut spans));
        if matches!(
            held.tape.value(NodeId::ROOT),
            Value::Map(_) | Value::List(_)
        ) {
            add_texts(&held, text, declared, levels - 1, &mut spans);
        }
    }
    spans
}

/// Where the secrets of a file of a kind are written.
pub(crate) fn of_file<'s>(
    document: &Document,
    kind: &str,
    declared: impl Iterator<Item = &'s SecretFields>,
    spans: &mut Vec<Span>,
) {
    for secrets in declared {
        if secrets.kind.groups.is_empty() && secrets.kind.kind == kind {
            of_paths(document, secrets, spans);
        }
    }
}

fn of_paths(document: &Document, secrets: &SecretFields, spans: &mut Vec<Span>) {
    for path in &secrets.paths {
        find(document, NodeId::ROOT, path, spans);
    }
}

fn find(document: &Document, node: NodeId, path: &[impl AsRef<str>], spans: &mut Vec<Span>) {
    let Some((step, rest)) = path.split_first() else {
        return add_leaves(document, node, spans);
    };
    if step.as_ref() == ANY {
        for child in document.tape.children(node) {
            find(document, child, rest, spans);
        }
    } else if let Some(member) = document.tape.member(node, step.as_ref()) {
        find(document, member, rest, spans);
    }
}

fn add_leaves(document: &Document, node: NodeId, spans: &mut Vec<Span>) {
    match document.tape.value(node) {
        Value::List(_) | Value::Map(_) => {
            for child in document.tape.children(node) {
                add_leaves(document, child, spans);
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::Unknown(_) => {
            spans.push(document.span(node));
            spans.extend(document.anchored_span(node));
        }
    }
}

/// The text with `spans` made unreadable, byte by byte; line ends stay.
pub(crate) fn mask(text: &str, spans: &[Span]) -> String {
    let mut spans = spans.to_vec();
    spans.sort_unstable_by_key(|span| span.start);
    let mut spans = spans.into_iter().peekable();
    // Where the spans that began so far end.
    let mut end = 0;
    let mut masked = String::with_capacity(text.len());
    for (at, letter) in text.char_indices() {
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        while let Some(span) = spans.next_if(|span| span.start <= at) {
            end = end.max(span.end);
        }
        if at < end && letter != '\n' && letter != '\r' {
            masked.extend(std::iter::repeat_n(MASK, letter.len_utf8()));
        } else {
            masked.push(letter);
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use palisade_lang::schema::{FieldType, RecordId, Schema};

    use super::*;

    /// The paths of a record's secrets, at most two steps long.
    fn paths(record: RecordId, path: &[&'static str], found: &mut Vec<Vec<&'static str>>) {
        for field in Schema::kubernetes().record(record).fields() {
            let path: Vec<&'static str> = path.iter().copied().chain([field.name]).collect();
            if field.sensitive {
                found.push(path);
            } else if let FieldType::Record(inner) = field.ty
                && path.len() < 2
            {
                paths(inner, &path, found);
            }
        }
    }

    #[test]
    fn what_the_schema_calls_secret_is_hidden() {
        let mut n_paths = 0;
        for kind in Schema::kubernetes().kinds() {
            let mut found = Vec::new();
            paths(kind.root, &[], &mut found);
            for path in found {
                n_paths += 1;
                let known = OF_THE_API.iter().filter(|(name, _)| *name == kind.name);
                let mut known = known.flat_map(|(_, paths)| *paths);
                assert!(known.any(|known| *known == path), "{}: {path:?}", kind.name);
            }
        }
        assert!(n_paths >= 4, "{n_paths} secrets");
    }

    #[test]
    fn a_masked_text_is_as_long_and_has_the_same_lines() {
        let text = "a: é\nb: |\n  x\r\n  y\nc";
        let spans = [Span::new(3, 5), Span::new(9, 19)];
        let masked = mask(text, &spans);
        assert_eq!(masked, "a: **\nb: *\n***\r\n***\nc");
        assert_eq!(masked.len(), text.len());
    }
}
