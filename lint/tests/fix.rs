//! Fixes on texts of every form: `fix/*.txt` hold a text, what is done to it, and the text afterwards.
//!
//! ```text
//! ## What the case shows
//! set spec.hostPID = false          also: append VALUE to PATH, remove PATH; several lines are one fix,
//!                                   a line `and` between them begins another
//! with crlf                         also: with no final newline, with a byte order mark, as json, in document 1, in item 0
//! <<<
//! before
//! ===                               or: === refused: REASON
//! after
//! >>>
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use std::path::Path;

use palisade_abi::place::{EmbeddedFormat, Step};
use palisade_lint::fix::{Edit, EditKind, Fix, State, Value, Wanted, apply};
use palisade_lint::manifest::Format;

#[test]
fn texts_change_as_written_down() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fix");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let (mut n_done, mut n_refused, mut failures) = (0, 0, Vec::new());
    for path in &paths {
        let text = std::fs::read_to_string(path).unwrap();
        for case in text.split("\n## ").skip(1) {
            let case = Case::parse(case);
            let seen = case.run();
            if seen == case.after {
                n_done += usize::from(seen.is_ok());
                n_refused += usize::from(seen.is_err());
            } else {
                let show = |text: &Result<String, String>| match text {
                    Ok(text) => text.replace('\r', "␍"),
                    Err(reason) => format!("refused: {reason}\n"),
                };
                failures.push(format!(
                    "{}: {}\n--- expected\n{}--- seen\n{}",
                    path.file_name().unwrap().display(),
                    case.title,
                    show(&case.after),
                    show(&seen)
                ));
            }
        }
    }
    println!("fixes: {n_done} carried out, {n_refused} refused");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(n_done >= 100 && n_refused >= 12);
}

struct Case {
    title: String,
    fixes: Vec<Vec<Edit>>,
    format: Format,
    document: u32,
    item: Option<u32>,
    before: String,
    after: Result<String, String>,
}

impl Case {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\n<<<\n").unwrap();
        let mut lines = head.lines();
        let title = lines.next().unwrap().to_owned();
        let parts = body
            .split_once("\n===")
            .unwrap_or_else(|| panic!("{title}"));
        let (mut before, after) = (format!("{}\n", parts.0), parts.1);
        let (outcome, after) = after.split_once('\n').unwrap();
        let mut after = after.split_once(">>>").unwrap().0.to_owned();
        let mut case = Self {
            title,
            fixes: vec![Vec::new()],
            format: Format::Yaml,
            document: 0,
            item: None,
            before: String::new(),
            after: Ok(String::new()),
        };
        for line in lines.filter(|line| !line.is_empty()) {
            match line {
                "and" => case.fixes.push(Vec::new()),
                "as json" => case.format = Format::Json,
                "with crlf" => {
                    before = before.replace('\n', "\r\n");
                    after = after.replace('\n', "\r\n");
                }
                "with a byte order mark" => {
                    before.insert(0, '\u{feff}');
                    after.insert(0, '\u{feff}');
                }
                "with no final newline" => {
                    for text in [&mut before, &mut after] {
                        while text.ends_with(['\n', '\r']) {
                            text.pop();
                        }
                    }
                }
                _ => case.take(line),
            }
        }
        case.before = before;
        case.after = match outcome.strip_prefix(" refused: ") {
            Some(reason) => Err(reason.to_owned()),
            None => Ok(after),
        };
        case
    }

    fn take(&mut self, line: &str) {
        let value = |json: &str| Value::parse(json).unwrap_or_else(|| panic!("{json}"));
        let (verb, rest) = line.split_once(' ').unwrap();
        let edit = match verb {
            "in" => {
                let (what, number) = rest.split_once(' ').unwrap();
                match what {
                    "document" => self.document = number.parse().unwrap(),
                    "item" => self.item = Some(number.parse().unwrap()),
                    _ => panic!("{line}"),
                }
                return;
            }
            "set" => {
                let (path, json) = rest.split_once(" = ").unwrap();
                (EditKind::Set(value(json)), path)
            }
            "append" => {
                let (json, path) = rest.rsplit_once(" to ").unwrap();
                (EditKind::Append(value(json)), path)
            }
            "remove" => (EditKind::Remove, rest),
            _ => panic!("{line}"),
        };
        self.fixes.last_mut().unwrap().push(Edit {
            kind: edit.0,
            path: parse_path(edit.1),
        });
    }

    /// The text afterwards, or why there is none.
    fn run(&self) -> Result<String, String> {
        let to_fix = |edits: &Vec<Edit>| Fix {
            is_safe: true,
            edits: edits.clone(),
            refusal: None,
        };
        let fixes: Vec<Fix> = self.fixes.iter().map(to_fix).collect();
        let wanted: Vec<Wanted<'_>> = fixes
            .iter()
            .map(|fix| Wanted {
                document: self.document,
                item: self.item,
                fix,
            })
            .collect();
        let applied = apply(&self.before, self.format, &wanted);
        for state in &applied.states {
            if let State::Refused(refusal) = state {
                assert!(
                    fixes.len() > 1 || applied.text == self.before,
                    "{}",
                    self.title
                );
                return Err(refusal.to_string());
            }
        }
        Ok(applied.text)
    }
}

/// `spec.containers[0].x`, `labels["a.b/c"]`, `containers[name="app"]`; `$` is the root. `data.x -> a` is in the YAML that
/// a text holds, `data.x => a` in that which it stands for.
fn parse_path(text: &str) -> Vec<Step> {
    for (arrow, is_decoded) in [(" -> ", false), (" => ", true)] {
        if let Some((outer, inner)) = text.split_once(arrow) {
            let format = EmbeddedFormat::Yaml;
            let mut steps = parse_path(outer);
            steps.push(Step::Document { format, is_decoded });
            steps.extend(parse_path(inner));
            return steps;
        }
    }
    let mut steps = Vec::new();
    let mut rest = text.trim_start_matches('$');
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let end = inside.find(']').unwrap();
            let (inside, after) = (&inside[..end], &inside[end + 1..]);
            steps.push(match inside.split_once('=') {
                Some((key, value)) => Step::Element {
                    key: key.to_owned(),
                    value: value.to_owned(),
                },
                None if inside.starts_with('"') => Step::Key(inside.trim_matches('"').to_owned()),
                None => Step::Index(inside.parse().unwrap()),
            });
            rest = after;
            continue;
        }
        rest = rest.trim_start_matches('.');
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        steps.push(Step::Key(rest[..end].to_owned()));
        rest = &rest[end..];
    }
    steps
}
