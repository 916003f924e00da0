//! Input that is made to hurt: every case ends soon, in documents or a problem with a place, and nothing panics.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use std::fmt::Write;
use std::time::{Duration, Instant};

use palisade_lint::manifest::{Format, MAX_BYTES, MAX_DOCUMENTS, ProblemKind, Read, read};

fn read_soon(text: &str, format: Format) -> Read {
    let start = Instant::now();
    let found = read(text.as_bytes(), format);
    assert!(
        start.elapsed() < Duration::from_secs(30),
        "{:?}",
        start.elapsed()
    );
    for problem in &found.problems {
        let (from, to) = (problem.span.start as usize, problem.span.end as usize);
        assert!(from <= to && to <= text.len(), "{problem:?}");
        assert!(
            text.is_char_boundary(from) && text.is_char_boundary(to),
            "{problem:?}"
        );
    }
    found
}

fn refused(text: &str, format: Format, kind: ProblemKind) -> Read {
    let found = read_soon(text, format);
    let seen: Vec<_> = found.problems.iter().map(|problem| problem.kind).collect();
    assert!(seen.contains(&kind), "{seen:?}");
    found
}

#[test]
fn deep_nesting_is_a_problem_at_the_level_that_is_too_deep() {
    for (open, format) in [
        ("[", Format::Json),
        ("[", Format::Yaml),
        ("{\"a\":", Format::Json),
        ("{a: ", Format::Yaml),
        ("- ", Format::Yaml),
        ("? ", Format::Yaml),
    ] {
        let found = read_soon(&open.repeat(10_000), format);
        assert!(found.problems.iter().any(|p| p.is_error()), "{open}");
        assert!(found.documents.is_empty());
    }
    let nested = |levels: usize| format!("{}1{}", "[".repeat(levels), "]".repeat(levels));
    for format in [Format::Json, Format::Yaml] {
        assert!(read_soon(&nested(256), format).problems.is_empty());
        let found = refused(&nested(257), format, ProblemKind::Limit);
        assert_eq!(found.problems[0].span.start, 256);
    }
    let mut steps = String::new();
    for level in 0..300 {
        let _ = writeln!(steps, "{}a:", " ".repeat(level));
    }
    refused(&steps, Format::Yaml, ProblemKind::Limit);
}

#[test]
fn aliases_cannot_multiply_without_bound() {
    let mut lists = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    let mut merges = "a0: &a0 {x: 1, y: 2}\n".to_owned();
    for level in 1..40 {
        let below = level - 1;
        let uses = vec![format!("*a{below}"); 10].join(", ");
        let _ = writeln!(lists, "a{level}: &a{level} [{uses}]");
        let _ = writeln!(merges, "a{level}: &a{level} {{<<: [{uses}]}}");
    }
    refused(&lists, Format::Yaml, ProblemKind::Limit);
    refused(&merges, Format::Yaml, ProblemKind::Limit);
    // Few values, much text.
    let text = format!(
        "a: &a \"{}\"\nb: [{}]\n",
        "x".repeat(1 << 20),
        "*a, ".repeat(100)
    );
    refused(&text, Format::Yaml, ProblemKind::Limit);
    // What stays within the bounds is read.
    let small = format!("a: &a [x, y]\nb: [{}]\n", "*a, ".repeat(1000));
    assert!(read_soon(&small, Format::Yaml).problems.is_empty());
}

#[test]
fn size_and_number_of_documents_are_bounded() {
    let long = "x".repeat(MAX_BYTES + 1);
    let found = refused(&long, Format::Yaml, ProblemKind::Limit);
    assert_eq!(found.problems[0].span.start as usize, MAX_BYTES);
    let many = "---\na: b\n".repeat(MAX_DOCUMENTS + 5);
    let found = refused(&many, Format::Yaml, ProblemKind::Limit);
    assert_eq!(found.documents.len(), MAX_DOCUMENTS);
    assert_eq!(found.problems[0].span.start as usize, 9 * MAX_DOCUMENTS + 4);
    let many = "{}".repeat(MAX_DOCUMENTS + 5);
    assert_eq!(
        refused(&many, Format::Json, ProblemKind::Limit)
            .documents
            .len(),
        MAX_DOCUMENTS
    );
    let items = format!("kind: List\nitems: [{}]", "{}, ".repeat(MAX_DOCUMENTS + 5));
    assert_eq!(
        refused(&items, Format::Yaml, ProblemKind::Limit)
            .documents
            .len(),
        MAX_DOCUMENTS
    );
}

#[test]
fn long_lines_and_large_maps_take_no_longer_than_their_size() {
    let size = 1 << 20;
    for (text, format) in [
        ("x".repeat(size), Format::Yaml),
        (format!("a: {}", "x ".repeat(size)), Format::Yaml),
        (format!("a: \"{}", "x".repeat(size)), Format::Yaml),
        (format!("a: '{}'", "''".repeat(size)), Format::Yaml),
        (format!("a: |\n{}", "\n".repeat(size)), Format::Yaml),
        (" ".repeat(size), Format::Yaml),
        ("#\n".repeat(size), Format::Yaml),
        ("---\n".repeat(size / 4), Format::Yaml),
        ("- ".repeat(200) + &"\n- ".repeat(size / 8), Format::Yaml),
        ("a: b: ".repeat(size / 8), Format::Yaml),
        ("&a ".repeat(size / 8), Format::Yaml),
        ("!!a ".repeat(size / 8), Format::Yaml),
        ("? ".repeat(size / 8), Format::Yaml),
        ("%TAG ! x\n".repeat(size / 16), Format::Yaml),
        (format!("[{}]", "1,".repeat(size)), Format::Json),
        (format!("\"{}\"", "\\u0041".repeat(size / 8)), Format::Json),
        ("[".repeat(size), Format::Yaml),
        ("*a ".repeat(size / 8), Format::Yaml),
    ] {
        read_soon(&text, format);
    }
    let mut map = String::new();
    for index in 0..50_000 {
        let _ = writeln!(map, "key-{}-with-one-end: {index}", index % 25_000);
    }
    let found = read_soon(&map, Format::Yaml);
    assert_eq!(found.documents[0].tape.len(), 25_001);
    assert_eq!(found.problems.len(), 10_000);
}

#[test]
fn broken_pieces_of_good_files_never_panic() {
    let whole = "apiVersion: v1\nkind: List\nitems:\n- &a {kind: A, \"b\\n\": 'it''s', c: [1, 2.5, ~]}\n- <<: *a\n  d: |2-\n      text\n\n  ? e\n  : !!str 12 # c\n--- # x\n\"ü\": >+\n  z\n\n...\n%YAML 1.1\n---\n[a, {b: c}, *d]\n";
    for end in (0..=whole.len()).filter(|&end| whole.is_char_boundary(end)) {
        read_soon(&whole[..end], Format::Yaml);
        read_soon(&whole[end..], Format::Yaml);
        for strange in [
            "\t", "\u{feff}", "\0", "\r", "- ", ": ", "{", "\"", "&", "*", "|", "\u{85}", "---\n",
            "%",
        ] {
            read_soon(
                &format!("{}{strange}{}", &whole[..end], &whole[end..]),
                Format::Yaml,
            );
        }
    }
    let json = r#"{"a": [1, -2.5e3, "\ud83d\ude00\n", {"b": null}], "c": true}"#;
    assert!(read_soon(json, Format::Json).problems.is_empty());
    for end in 0..json.len() {
        read_soon(&json[..end], Format::Json);
        read_soon(&json[end..], Format::Json);
        for strange in ["\\", "\"", ",", "\u{1}", "0", "}", "e"] {
            read_soon(
                &format!("{}{strange}{}", &json[..end], &json[end..]),
                Format::Json,
            );
        }
    }
}

#[test]
fn bytes_that_are_no_text_have_a_place() {
    let found = read(b"a: \xFF", Format::Yaml);
    assert_eq!(found.problems[0].span.start, 3);
    let found = read(b"\xFF\xFEa\0", Format::Yaml);
    assert!(found.problems[0].message.contains("UTF-16"));
    assert!(read(b"", Format::Yaml).problems.is_empty());
    assert!(read(b"", Format::Json).documents.is_empty());
}
