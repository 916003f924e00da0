//! Both readers of YAML, compared.

use std::path::{Path, PathBuf};

use super::super::reading::Reading;
use super::super::{Problem, Read, yaml};
use super::*;

/// What the events of the other reader make of `text`.
fn read_events(text: &str) -> Read {
    let mut reading = Reading::default();
    yaml::read_parts(text, &mut reading, |_, _| None);
    reading.into_read()
}

/// What both readers make of `text`, and how many bytes this one took.
fn read_both(text: &str) -> (Read, usize) {
    let taken = std::cell::Cell::new(0);
    let mut reading = Reading::default();
    yaml::read_parts(text, &mut reading, |part, base| {
        let draft = read(part, base);
        taken.set(taken.get() + draft.as_ref().map_or(0, |_| part.len()));
        draft
    });
    (reading.into_read(), taken.get())
}

/// Requires that both readers agree on `text`; tells how many bytes this one took.
fn compare(text: &str, name: &str) -> usize {
    // Such a file is refused before any reader sees it.
    if super::super::find_control(text.as_bytes()).is_some() {
        return 0;
    }
    let (ours, taken) = read_both(text);
    let theirs = read_events(text);
    // Here the other reader is stricter than the API server's tools.
    let is_strict = |problem: &Problem| problem.message.starts_with("a line of quoted text");
    if theirs.problems.iter().any(is_strict) {
        return taken;
    }
    assert_eq!(ours.problems, theirs.problems, "{name}");
    assert_eq!(ours.documents.len(), theirs.documents.len(), "{name}");
    for (a, b) in ours.documents.iter().zip(&theirs.documents) {
        assert_eq!((a.index, a.item), (b.index, b.item), "{name}");
        assert!(a.tape == b.tape, "{name}: {:?} {:?}", a.tape, b.tape);
        assert_eq!(a.spans, b.spans, "{name}");
        assert_eq!(a.related, b.related, "{name}");
    }
    taken
}

fn files(name: &str) -> Vec<(PathBuf, String)> {
    let root = std::env::var_os("PALISADE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let required = std::env::var("PALISADE_REQUIRE").unwrap_or_default();
    let folder = root.join(name);
    assert!(
        folder.is_dir() || !required.contains("conformance"),
        "no {name}"
    );
    let (mut folders, mut found) = (vec![folder], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml" || e == "yml")
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                found.push((path, text));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn both_readers_agree_on_the_corpus() {
    let files = files("corpus");
    let (mut n_bytes, mut n_taken) = (0, 0);
    for (path, text) in &files {
        n_bytes += text.len();
        n_taken += compare(text, path.to_str().unwrap());
    }
    println!(
        "{} files, {n_taken} of {n_bytes} bytes read by the fast reader",
        files.len()
    );
    assert!(files.is_empty() || (files.len() > 2000 && n_taken * 10 > n_bytes * 7));
}

#[test]
fn both_readers_agree_on_odd_yaml() {
    for suite in ["conformance/k8s-yaml", "conformance/yaml-test-suite"] {
        for (path, text) in files(suite) {
            compare(&text, path.to_str().unwrap());
        }
    }
}

/// Small changes to real files, `PALISADE_ROUNDS` of each (4): what is nearly right is where two readers part ways.
#[test]
fn both_readers_agree_on_damaged_files() {
    let pieces = [
        " ", "\n", ":", ": ", "- ", "-", "#", " # ", "'", "\"", "|", ">", "|-\n", "{", "}", "[",
        "]", ",", "\t", "\\", "  ", "\n\n", "a: b\n", "---\n", "...\n", "?", "&a ", "*a", "!", "%",
        "@", "\u{e9}", "\u{85}", "<<: ", "~", ">+\n",
    ];
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut next = |limit: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % u64::try_from(limit).unwrap()).unwrap()
    };
    let mut n_taken = 0;
    let rounds = std::env::var("PALISADE_ROUNDS").map_or(4, |rounds| rounds.parse().unwrap());
    let files: Vec<_> = files("corpus")
        .into_iter()
        .chain(files("conformance/k8s-yaml"))
        .filter(|(_, text)| (10..1500).contains(&text.len()))
        .collect();
    for (path, text) in &files {
        for _ in 0..rounds {
            let mut damaged = text.clone();
            for _ in 0..=next(2) {
                let at = (0..=next(damaged.len()))
                    .rev()
                    .find(|&at| damaged.is_char_boundary(at))
                    .unwrap();
                if next(3) == 0 {
                    let end = (at + 1 + next(6)).min(damaged.len());
                    if damaged.is_char_boundary(end) {
                        damaged.replace_range(at..end, "");
                    }
                } else {
                    damaged.insert_str(at, pieces[next(pieces.len())]);
                }
                if damaged.is_empty() {
                    damaged.push('a');
                }
            }
            n_taken +=
                usize::from(compare(&damaged, &format!("{}: {damaged:?}", path.display())) > 0);
        }
    }
    println!(
        "{n_taken} of {} damaged files read by the fast reader",
        files.len() * rounds
    );
    assert!(files.is_empty() || n_taken > 1000);
}
