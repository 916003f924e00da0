//! Documents, places and paths, on small texts.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use palisade_abi::place::{Inner, Place, Step};
use palisade_abi::tape::NodeId;
use palisade_lint::manifest::{
    Document, Format, Layout, LineIndex, ProblemKind, Read, find_object_problems, print, read,
};

fn yaml(text: &str) -> Read {
    read(text.as_bytes(), Format::Yaml)
}

fn only(text: &str) -> Document {
    let mut found = yaml(text);
    assert_eq!(found.problems, []);
    assert_eq!(found.documents.len(), 1);
    found.documents.remove(0)
}

fn node(document: &Document, path: &str) -> NodeId {
    (0..u32::try_from(document.tape.len()).unwrap())
        .map(NodeId)
        .find(|&node| document.path(node) == path)
        .unwrap_or_else(|| panic!("no {path}"))
}

/// The JSON that `text` is read as, documents separated by blanks.
fn check(text: &str, expected: &str) {
    let found = yaml(text);
    let seen: Vec<_> = found
        .documents
        .iter()
        .map(|document| print(document, Layout::Compact))
        .collect();
    assert_eq!(seen.join(" "), expected, "{text}");
}

/// The bytes that are underlined for the place `missing` below `path`.
fn underlined<'a>(text: &'a str, path: &str, missing: &[&str]) -> &'a str {
    let document = only(text);
    let place = Place {
        missing: missing
            .iter()
            .map(|&key| Step::Key(key.to_owned()))
            .collect(),
        ..Place::node(node(&document, path))
    };
    document.place_span(text, &place).text(text)
}

#[test]
fn a_value_is_underlined_as_written() {
    let text = "a: \"x\\ty\"  # c\nb:\n- 'q'\n- |-\n  text\n  more\n\nc: {d: 0x10 , e: [ ]}\n";
    for (path, written) in [
        ("a", "\"x\\ty\""),
        ("b[0]", "'q'"),
        ("b[1]", "|-\n  text\n  more"),
        ("b", "- 'q'\n- |-\n  text\n  more"),
        ("c.d", "0x10"),
        ("c", "{d: 0x10 , e: [ ]}"),
        ("c.e", "[ ]"),
    ] {
        assert_eq!(underlined(text, path, &[]), written, "{path}");
    }
}

#[test]
fn what_is_missing_is_shown_at_the_key_above_it() {
    let text = "spec:\n  containers:\n  - name: x\n    resources:\n";
    assert_eq!(underlined(text, "spec", &["hostPID"]), "spec");
    assert_eq!(underlined(text, "spec.containers[0]", &["image"]), "name");
    assert_eq!(underlined(text, "$", &["kind"]), "spec");
    let inside = ["resources", "limits"];
    assert_eq!(underlined(text, "spec.containers[0]", &inside), "resources");
    assert_eq!(
        underlined(text, "spec.containers[0].resources", &[]),
        "resources"
    );
    assert_eq!(
        underlined(text, "spec.containers[0].resources", &["limits"]),
        "resources"
    );
}

#[test]
fn a_part_of_a_scalar_is_underlined_where_it_stands() {
    let text = "a: \"repo:latest\"\nb: repo:latest\nc: \"a\\tlatest\"\n";
    let document = only(text);
    for (path, range, written) in [
        ("a", (5, 11), "latest"),
        ("b", (5, 11), "latest"),
        ("c", (2, 8), "latest"),
    ] {
        let place = Place {
            inner: Some(Inner::Range(range.0, range.1)),
            ..Place::node(node(&document, path))
        };
        assert_eq!(document.place_span(text, &place).text(text), written);
    }
}

#[test]
fn paths_quote_what_is_no_identifier() {
    let document =
        only("metadata:\n  annotations:\n    a.b/c: x\nspec: {containers: [{image: y}]}\n");
    let image = node(&document, "spec.containers[0].image");
    assert_eq!(document.tape.key(image), Some("image"));
    node(&document, "metadata.annotations[\"a.b/c\"]");
    let place = Place {
        missing: vec![
            Step::Key("env".to_owned()),
            Step::Element {
                key: "name".to_owned(),
                value: "\"A\"".to_owned(),
            },
            Step::Index(2),
        ],
        ..Place::node(node(&document, "spec.containers[0]"))
    };
    assert_eq!(
        document.path_of(&place),
        "spec.containers[0].env[name=\"A\"][2]"
    );
    let place = Place {
        missing: vec![Step::Key("kind".to_owned())],
        ..Place::node(NodeId::ROOT)
    };
    assert_eq!(document.path_of(&place), "kind");
    assert_eq!(document.path(NodeId::ROOT), "$");
}

#[test]
fn an_alias_is_the_place_of_what_it_brings() {
    let text = "base: &b {x: 1, l: [2]}\nuse: *b\nmerged:\n  <<: *b\n  z: 3\n";
    let document = only(text);
    assert_eq!(
        print(&document, Layout::Compact),
        r#"{"base":{"x":1,"l":[2]},"use":{"x":1,"l":[2]},"merged":{"x":1,"l":[2],"z":3}}"#
    );
    for (path, anchored) in [
        ("use", "{x: 1, l: [2]}"),
        ("use.l[0]", "2"),
        ("merged.x", "1"),
    ] {
        let node = node(&document, path);
        assert_eq!(document.span(node).text(text), "*b", "{path}");
        let related = document.anchored_span(node).map(|span| span.text(text));
        assert_eq!(related, Some(anchored), "{path}");
    }
    assert_eq!(document.anchored_span(node(&document, "base.x")), None);
    assert_eq!(
        document
            .key_span(node(&document, "use"))
            .unwrap()
            .text(text),
        "use"
    );
    assert_eq!(document.span(node(&document, "merged.z")).text(text), "3");
}

#[test]
fn the_last_of_equal_keys_counts_and_each_repeat_is_reported() {
    let text = "a: 1\nb: &b {c: 1, c: 2}\na: *b\na: 4\n";
    let found = yaml(text);
    assert_eq!(
        print(&found.documents[0], Layout::Compact),
        r#"{"b":{"c":2},"a":4}"#
    );
    let seen: Vec<_> = found
        .problems
        .iter()
        .map(|p| (p.kind, p.span.start, p.related.unwrap().start))
        .collect();
    let repeat = ProblemKind::DuplicateKey;
    assert_eq!(seen, [(repeat, 18, 12), (repeat, 24, 0), (repeat, 30, 24)]);
    assert!(found.problems.iter().all(|problem| !problem.is_error()));
    let json = read(br#"{"a": 1, "\u0061": 2}"#, Format::Json);
    assert_eq!(print(&json.documents[0], Layout::Compact), r#"{"a":2}"#);
    assert_eq!(json.problems.len(), 1);
}

#[test]
fn one_broken_document_does_not_take_the_others_along() {
    let found = yaml("a: 1\n---\nb: [\n---\nc: 3\n---\n# nothing\n---\nd: *x\n--- \ne: 5\n");
    let seen: Vec<_> = found.documents.iter().map(|d| d.index).collect();
    assert_eq!(seen, [0, 2, 4]);
    assert_eq!(found.problems.len(), 2);
    check("a: 1\n...\n---\nb: 2\n", r#"{"a":1} {"b":2}"#);
    check("%YAML 1.1\n---\na: yes\n", r#"{"a":true}"#);
    check(
        "\u{feff}a: 1\r\nb: |\r\n  x\r\n  y\r\n",
        r#"{"a":1,"b":"x\ny\n"}"#,
    );
}

#[test]
fn lists_are_taken_apart() {
    let text =
        "apiVersion: v1\nkind: RoleList\nitems:\n- metadata: {name: a}\n- {kind: X, k: [{v: 1}]}\n";
    let found = yaml(text);
    let [first, second] = found.documents.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(
        (first.index, first.item, second.item),
        (0, Some(0), Some(1))
    );
    assert_eq!(
        print(first, Layout::Compact),
        r#"{"apiVersion":"v1","kind":"Role","metadata":{"name":"a"}}"#
    );
    let identity = first.identity();
    assert_eq!((identity.kind, identity.name), (Some("Role"), Some("a")));
    assert_eq!(first.span(node(first, "kind")).text(text), "RoleList");
    assert_eq!(first.span(node(first, "metadata.name")).text(text), "a");
    assert_eq!(second.path(node(second, "k[0].v")), "k[0].v");
    assert_eq!(
        second.span(NodeId::ROOT).text(text),
        "{kind: X, k: [{v: 1}]}"
    );
    check("kind: List\nitems: []\n", "");
}

#[test]
fn json_keeps_the_text_of_numbers_and_yaml_does_not() {
    let json = read(
        b"{\"a\": 1.50, \"b\": 1e3, \"c\": -0, \"d\": 12}",
        Format::Json,
    );
    assert_eq!(
        print(&json.documents[0], Layout::Compact),
        r#"{"a":1.50,"b":1e3,"c":-0,"d":12}"#
    );
    check(
        "{a: 1.50, b: 1e3, c: -0, d: 012}",
        r#"{"a":1.5,"b":1000,"c":0,"d":10}"#,
    );
    // A flow map is YAML although it begins like JSON.
    check("{a: b}\n---\n{\"c\": 1.50}\n", r#"{"a":"b"} {"c":1.5}"#);
    check("{\"a\": 1.50}{}", r#"{"a":1.50} {}"#);
    for broken in [
        "{\"a\" 1}",
        "[1,]",
        "[01]",
        "{a: 1}",
        "\"\t\"",
        "[1 2]",
        "nul",
        "1.",
        "\"\\x\"",
        "truely",
    ] {
        let found = read(broken.as_bytes(), Format::Json);
        assert!(
            found.problems.iter().any(|problem| problem.is_error()),
            "{broken}"
        );
    }
}

#[test]
fn an_object_has_a_kind_and_metadata_of_strings() {
    for (text, at) in [
        ("a: 1", "a"),
        ("kind: 1", "1"),
        ("kind: X\nmetadata: []", "[]"),
        ("kind: X\nmetadata: {labels: {a: 1}}", "1"),
        ("kind: X\nmetadata: {namespace: no}", "no"),
        ("[1]", "[1]"),
        ("kind: List", "List"),
    ] {
        let problems = find_object_problems(&only(text));
        let seen: Vec<_> = problems.iter().map(|p| p.span.text(text)).collect();
        assert_eq!(seen, [at], "{text}");
    }
    assert_eq!(
        find_object_problems(&only("kind: X\nmetadata: {labels: {a: }}")),
        []
    );
}

#[test]
fn printing_with_spans_shows_where_things_are() {
    let text = "a: &x 1\nb: *x\n";
    let expected = "{\"span\": [0, 13], \"value\": {\n  \
        \"a\": {\"span\": [6, 7], \"key\": [0, 1], \"value\": 1},\n  \
        \"b\": {\"span\": [11, 13], \"key\": [8, 9], \"anchor\": [6, 7], \"value\": 1}\n}}";
    assert_eq!(print(&only(text), Layout::Spans), expected);
    assert_eq!(
        print(&only("a: [1, {}]"), Layout::Pretty),
        "{\n  \"a\": [\n    1,\n    {}\n  ]\n}"
    );
    let place = LineIndex::new(text).line_columns(text, only(text).span(NodeId(2)));
    assert_eq!(
        (place.line, place.column, place.end_line, place.end_column),
        (2, 4, 2, 6)
    );
}
