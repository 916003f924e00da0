//! Real manifests: every file is read, and every value stands where its span says.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use std::panic::AssertUnwindSafe;

use common::{files, mapping, same, shared, value_of};
use palisade_abi::place::{Inner, Place};
use palisade_abi::tape::{Kind, NodeId, Value as TapeValue};
use palisade_lint::manifest::{Document, Format, LineIndex, Read, Span, read};
use serde_json::Value;

/// Text of a file, if it is UTF-8, and what was read of it.
fn read_file(path: &std::path::Path) -> (String, Read) {
    let bytes = std::fs::read(path).unwrap();
    let found = read(&bytes, Format::of_name(path.to_str().unwrap()));
    (String::from_utf8(bytes).unwrap(), found)
}

#[test]
fn every_file_is_read() {
    let Some(folder) = shared("corpus") else {
        return;
    };
    let exceptions = mapping("corpus.tsv");
    let (mut n_documents, mut n_refused, mut failures) = (0, 0, Vec::new());
    let paths = files(&folder, &["yaml", "yml", "json"]);
    for path in &paths {
        let (source, found) = read_file(path);
        n_documents += found.documents.len();
        let name = path.strip_prefix(&folder).unwrap().to_str().unwrap();
        let error = found.problems.iter().find(|problem| problem.is_error());
        match (error, exceptions.get(name)) {
            (None, None) => {}
            (None, Some(_)) => failures.push(format!("{name}: is read, so its exception goes")),
            (Some(_), Some(_)) => n_refused += 1,
            (Some(error), None) => {
                let (line, column) = LineIndex::new(&source).line_column(&source, error.span.start);
                failures.push(format!("{name}:{line}:{column}: {}", error.message));
            }
        }
    }
    println!(
        "corpus: {} files, {n_documents} documents, {n_refused} files refused with a reason",
        paths.len()
    );
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(n_refused, exceptions.len());
    assert!(paths.len() > 2000 && n_documents > 3000);
}

/// The value of `span` read on its own; `None` if it uses an anchor from outside.
fn read_again(source: &str, span: Span, format: Format) -> Option<Value> {
    let line = source[..span.start as usize]
        .rfind(['\n', '\r'])
        .map_or(0, |at| at + 1);
    let column = source[line..span.start as usize].chars().count();
    let text = format!("{}{}\n", " ".repeat(column), span.text(source));
    let found = read(text.as_bytes(), format);
    if let Some(problem) = found.problems.iter().find(|problem| problem.is_error()) {
        assert!(problem.message.contains("anchor"), "{text:?}: {problem:?}");
        return None;
    }
    Some(match found.documents.as_slice() {
        [] => Value::Null,
        [document] => value_of(document),
        // A list that is an object of its own was taken apart.
        _ => return None,
    })
}

/// True if a tag stands before `span`: it is no part of the value's span but decides what the value is.
fn is_tagged(source: &str, span: Span) -> bool {
    let before = source[..span.start as usize].trim_end();
    before
        .rsplit(char::is_whitespace)
        .take(2)
        .any(|word| word.starts_with('!'))
}

/// What was compared.
#[derive(Default)]
struct Tally {
    scalars: usize,
    collections: usize,
    keys: usize,
    skipped: usize,
}

fn check_key(source: &str, document: &Document, node: NodeId, tally: &mut Tally) {
    let (Some(span), Some(name)) = (document.key_span(node), document.tape.key(node)) else {
        return;
    };
    if document.anchored_span(node).is_some() && span.text(source).starts_with('*') {
        return;
    }
    tally.keys += 1;
    let text = span.text(source);
    if text != name {
        let read = read(format!("{text}: 1").as_bytes(), Format::Yaml);
        let value = read.documents.first().map(value_of).unwrap_or_default();
        assert!(value.get(name).is_some(), "{text} is not {name}");
    }
}

fn check_value(source: &str, document: &Document, node: NodeId, format: Format, tally: &mut Tally) {
    let mut span = document.span(node);
    if let Some(anchored) = document.anchored_span(node) {
        assert!(span.text(source).starts_with('*'), "{span:?} is no alias");
        span = anchored;
    }
    let is_scalar = !matches!(document.tape.kind(node), Kind::List | Kind::Map);
    // An indentation that is written out (`|2`) counts from a parent that is not there when the scalar stands alone.
    let header = span.text(source).lines().next().unwrap_or_default();
    let is_relative = header.starts_with(['|', '>']) && header.contains(char::is_numeric);
    if span.end - span.start > 2000 || is_tagged(source, span) || is_relative {
        tally.skipped += 1;
        return;
    }
    let Some(seen) = read_again(source, span, format) else {
        tally.skipped += 1;
        return;
    };
    let mut alone = document.clone();
    alone.tape = document.tape.subtree(node);
    let expected = value_of(&alone);
    assert!(same(&seen, &expected), "{span:?} is {seen}, not {expected}");
    if is_scalar {
        tally.scalars += 1;
    } else {
        tally.collections += 1;
    }
}

#[test]
fn every_span_holds_the_value_of_its_node() {
    let Some(folder) = shared("corpus") else {
        return;
    };
    let mut tally = Tally::default();
    for path in files(&folder, &["yaml", "yml", "json"]) {
        let (source, found) = read_file(&path);
        let format = Format::of_name(path.to_str().unwrap());
        // Schemas are long and alike: those in small files are enough.
        if source.len() > 60_000 {
            continue;
        }
        for document in &found.documents {
            for index in 0..document.tape.len() {
                let node = NodeId(u32::try_from(index).unwrap());
                let checked = std::panic::catch_unwind(AssertUnwindSafe(|| {
                    check_key(&source, document, node, &mut tally);
                    check_value(&source, document, node, format, &mut tally);
                }));
                assert!(
                    checked.is_ok(),
                    "{}: {}",
                    path.display(),
                    document.path(node)
                );
            }
        }
    }
    let Tally {
        scalars,
        collections,
        keys,
        skipped,
    } = tally;
    println!(
        "corpus: {scalars} scalars, {collections} collections and {keys} keys stand where they should, {skipped} skipped"
    );
    assert!(scalars > 50_000 && collections > 20_000 && keys > 60_000);
    assert!(skipped * 20 < scalars + collections);
}

/// The stretches of letters and digits in `text`: what is written as it is in every style.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(|found: char| !found.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
}

#[test]
fn every_word_of_a_scalar_is_found_in_the_file() {
    let Some(folder) = shared("corpus") else {
        return;
    };
    let (mut n_found, mut n_lost) = (0, 0);
    for path in files(&folder, &["yaml", "yml", "json"]) {
        let (source, found) = read_file(&path);
        if source.len() > 60_000 {
            continue;
        }
        for document in &found.documents {
            for index in 0..document.tape.len() {
                let node = NodeId(u32::try_from(index).unwrap());
                let TapeValue::String(text) = document.tape.value(node) else {
                    continue;
                };
                if document.anchored_span(node).is_some() || text.len() > 4000 {
                    continue;
                }
                for (start, word) in words(text) {
                    let range = Inner::Range(
                        u32::try_from(start).unwrap(),
                        u32::try_from(start + word.len()).unwrap(),
                    );
                    let place = Place {
                        inner: Some(range),
                        ..Place::node(node)
                    };
                    let span = document.place_span(&source, &place);
                    if span == document.span(node) && span.text(&source) != word {
                        n_lost += 1;
                        continue;
                    }
                    let context =
                        || format!("{}: {} {text:?}", path.display(), document.path(node));
                    assert_eq!(span.text(&source), word, "{}", context());
                    n_found += 1;
                }
            }
        }
    }
    println!("corpus: {n_found} words of scalars found, {n_lost} not");
    assert!(n_found > 100_000 && n_lost * 1000 < n_found);
}
