//! Text that policies read as documents means what it means as a file: the module's own reader of YAML and JSON against
//! that of files.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests"
)]

mod common;

use common::{cases, files, parse_json, same, shared, value_of};
use palisade_abi::tape::{Builder, Tape, is_template};
use palisade_lang::check::{Options, Source, compile};
use palisade_lang::span::FileId;
use palisade_lint::manifest::{Format, read_one};
use palisade_wasm::host::{Context, Engine, Instance, Module, Selection, Status};
use palisade_wasm::target::Target;
use serde_json::Value;

/// Policies that write out what they read.
const PACK: &str = "
kind Sample for test.example { text: string, yaml: any?, json: any? }

/// As YAML
policy as-yaml on Sample {
    severity low
    deny object.text is set, \"{parse_yaml(object.text) is known}\"
        fix unsafe object.yaml = parse_yaml(object.text)
}

/// As JSON
policy as-json on Sample {
    severity low
    deny object.text is set, \"{parse_json(object.text) is known}\"
        fix unsafe object.json = parse_json(object.text)
}
";

struct Guest(Instance);

/// What a module makes of a text.
#[derive(Debug, Clone, PartialEq)]
enum Meaning {
    /// It does not read.
    None,
    /// It reads, as nothing or with a template in it.
    Unwritten,
    Value(Value),
}

impl Guest {
    fn new() -> Self {
        let source = Source {
            file: FileId(0),
            path: "sample.pale",
            text: PACK,
        };
        let compiled = compile(&[source], &Options::default());
        let errors = format!("{:?}", compiled.diagnostics);
        let program = compiled.program.unwrap_or_else(|| panic!("{errors}"));
        let built = palisade_wasm::build::build_module(&program, Target::Core).unwrap();
        let module = Module::new(&Engine::new().unwrap(), &built).unwrap();
        Self(module.instantiate().unwrap())
    }

    fn read(&mut self, text: &str, format: Format) -> Meaning {
        let tape = sample(text);
        let outcome = (self.0).evaluate(&tape, &Context::default(), &Selection::default());
        let outcome = outcome.unwrap();
        assert!(!outcome.out_of_steps);
        let number = match format {
            Format::Yaml => 0,
            Format::Json => 1,
        };
        let finding = (outcome.findings.iter())
            .find(|finding| finding.policy == number && finding.status == Status::Finding);
        let finding = finding.unwrap();
        match (finding.message.as_str(), finding.fixes.first()) {
            ("false", None) => Meaning::None,
            ("true", None) => Meaning::Unwritten,
            ("true", Some(fix)) => Meaning::Value(parse_json(fix.value.as_bytes()).remove(0)),
            other => panic!("{other:?}"),
        }
    }
}

fn sample(text: &str) -> Tape {
    let mut builder = Builder::new();
    builder.start_map();
    for (key, value) in [
        ("apiVersion", "test.example/v1"),
        ("kind", "Sample"),
        ("text", text),
    ] {
        builder.key(key);
        builder.string(value);
    }
    builder.end();
    builder.finish()
}

/// What a file of the text means.
fn expected(text: &str, format: Format) -> Meaning {
    match read_one(text, format) {
        Err(_) => Meaning::None,
        Ok(None) => Meaning::Unwritten,
        Ok(Some(document)) => Meaning::Value(without_nulls(value_of(&document))),
    }
}

/// What a fix writes: absent members are left out.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, value)| !value.is_null());
            let members = members.map(|(key, value)| (key, without_nulls(value)));
            Value::Object(members.collect())
        }
        other => other,
    }
}

#[derive(Default)]
struct Tally {
    equal: usize,
    neither: usize,
    refused: Vec<String>,
    taken: Vec<String>,
    differ: Vec<String>,
}

impl Tally {
    fn compare(&mut self, guest: &mut Guest, name: &str, text: &str, format: Format) {
        let (found, expected) = (guest.read(text, format), expected(text, format));
        match (&found, &expected) {
            (Meaning::Value(a), Meaning::Value(b)) if same(a, b) => self.equal += 1,
            (Meaning::None, Meaning::None) => self.neither += 1,
            (Meaning::Unwritten, Meaning::Unwritten) => self.equal += 1,
            (Meaning::Unwritten, Meaning::Value(_)) if is_template(text) => {}
            (Meaning::None, _) => self.refused.push(name.to_owned()),
            (_, Meaning::None) => self.taken.push(name.to_owned()),
            _ => self.differ.push(format!("{name}: {found:?} {expected:?}")),
        }
    }

    fn print(&self, what: &str) {
        println!(
            "{what}: {} equal, {} no document to either, {} refused, {} taken, {} differ",
            self.equal,
            self.neither,
            self.refused.len(),
            self.taken.len(),
            self.differ.len()
        );
        for (list, what) in [
            (&self.refused, "refused"),
            (&self.taken, "taken"),
            (&self.differ, "differs"),
        ] {
            for name in list.iter().take(40) {
                println!("  {what} {name}");
            }
        }
    }
}

#[test]
fn a_text_means_what_a_file_means() {
    let Some(folder) = shared("corpus") else {
        return;
    };
    let mut guest = Guest::new();
    let mut tally = Tally::default();
    for path in files(&folder, &["yaml", "yml", "json"]) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            tally.compare(&mut guest, &name, &text, Format::Json);
            continue;
        }
        // Each document by itself, as what embeds them has one.
        for (nth, part) in text.split("\n---").enumerate() {
            tally.compare(&mut guest, &format!("{name} {nth}"), part, Format::Yaml);
        }
    }
    tally.print("corpus");
    assert_eq!(tally.refused, [""; 0]);
    assert_eq!(tally.differ, [""; 0]);
    assert!(tally.equal > 3000);
}

#[test]
fn rare_forms_mean_what_they_mean_in_files() {
    let mut guest = Guest::new();
    let mut tally = Tally::default();
    let texts = [
        "",
        "# nothing\n",
        "---\n---\na: 1\n...\n",
        "---\n# c\n--- !!str 12",
        "a: |\n  x",
        "a: |+\n  x\n\n\nb: >-\n  y\n  z\n\n   more\n  w\n",
        "a: |2\n    x\n   y\n",
        "- >\n folded\n text\n\n\n last\n",
        "a: 'it''s'\nb: \"\\x41\\u00e9\\U0001F600\\n\\\n   joined\"\n",
        "a: \"one\n  two\n\n  three\"\nb: plain\n  goes on\n\n  here\n",
        "a: &x {b: 1, c: [1, 2]}\nd: *x\ne:\n  <<: *x\n  b: 2\n",
        "x: &x {a: 1}\ny: &y {a: 2, b: 2}\nz: {<<: [*x, *y], c: 3}\n",
        "base: &b\n  a: 1\nitem:\n  a: 0\n  <<: *b\n",
        "a: &a\n- *a\n",
        "a: *b\n",
        "a: 1\na: 2\n",
        "a: 1\nb: {a: 1, a: 2}\na: 3\n",
        "yes: no\non: off\n~: 1\n",
        "{yes: no, True: TRUE, n: ~, 010: 1, 1_000: 2}",
        "a: [0x1F, 0b11, 0o17, 017, 08, +5, -5, -0, 1_000, 18446744073709551615, 9223372036854775807]\n",
        "a: [1.50, 1e3, 1.0, .5, 5., 1e-7, 1e21, 1e400, -1.5e-10, 0.1_0, 1.2.3, 1e, -, -x, 0.0, 100.0]\n",
        "a: .inf\n",
        "a: !!str 5\nb: !!int \"7\"\nc: !Ref x\nd: !!bool yes\ne: !!float 1\nf: !!null ~\n",
        "a: !!int x\n",
        "a: {b: c, \"d\":e, 'f': [g, {h: }], }\n",
        "a: [x,y , z#not, u #c\n  , v]\n",
        "a:\n- b\n-\n  - c\n- - d\n  - e\n- f: 1\n  g: 2\nh:\n  - i\n",
        "a:\tb\n\tc: d\n",
        "a: b: c\n",
        "a:\n   b: 1\n  c: 2\n",
        "a: x\n  b: y\n",
        "- a\nb: 1\n",
        "a: @x\n",
        "a: 'open\n",
        "[1, 2",
        "{\"a\": 1,, }",
        "{\"a\": 1.50}",
        "{a: 1.50}",
        "a: http://x:80/y\nb: x:y\nc: -1:2\n\"d\" : 1\n",
        "a: \u{e9}\u{1f600}\n\u{e9}: 1\n",
        "a:\r\n  b: |\r\n    x\r\n    y\r\n",
        "a: 1 # c\n# c\n  # c\nb: 2\n",
        "%YAML 1.1\n---\na: 1\n",
        "a: 1\n---\nb: 2\n",
        "text only\nover lines\n",
        "\"quoted\"",
        "- 1\n- {a: [b]}\n",
    ];
    for text in texts {
        tally.compare(&mut guest, &format!("{text:?}"), text, Format::Yaml);
    }
    for text in [
        "",
        " ",
        "null",
        "{}",
        "[1, {\"a\": [true, null, 1.50, -0, 1e5]}]",
        "{\"a\": 1} x",
        "{\"a\": 1, \"a\": 2}",
        "{\"a\": }",
        "\"\\u00e9\\ud83d\\ude00\"",
        "{'a': 1}",
    ] {
        if !text.trim().is_empty() {
            tally.compare(&mut guest, &format!("{text:?}"), text, Format::Json);
        }
    }
    tally.print("forms");
    assert_eq!(tally.differ, [""; 0]);
    assert_eq!(tally.taken, [""; 0]);
    assert_eq!(tally.refused, [""; 0]);
}

#[test]
fn what_the_suite_of_yaml_has_is_read_alike_or_refused() {
    let Some(folder) = shared("conformance/yaml-test-suite") else {
        return;
    };
    let mut guest = Guest::new();
    let mut tally = Tally::default();
    for case in cases(&folder) {
        let bytes = std::fs::read(folder.join(case["file"].as_str().unwrap())).unwrap();
        if let Ok(text) = String::from_utf8(bytes) {
            tally.compare(&mut guest, &case["id"].to_string(), &text, Format::Yaml);
        }
    }
    tally.print("suite");
    assert_eq!(tally.differ, [""; 0]);
}
