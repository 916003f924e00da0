//! Real manifests: every file is read, and every value stands where its span says.

mod common;

use common::{files, mapping, shared};
use palisade_lint::manifest::{Format, LineIndex, Read, read};

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
