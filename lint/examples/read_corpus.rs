//! Reads the manifests below a folder N times, for counting instructions:
//! `valgrind --tool=callgrind read_corpus FOLDER N`, with N = 1 and 2; the difference is one reading of all bytes.
//! Files that define custom resources are left out, as they are nearly all schema.
#![allow(clippy::print_stdout, reason = "an example prints its figures")]

use std::path::PathBuf;

use palisade_lint::manifest::{Format, read};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(rounds)) = (arguments.next(), arguments.next()) else {
        println!("usage: read_corpus FOLDER N");
        return;
    };
    let rounds: usize = rounds.parse().unwrap_or(1);
    let files = load(PathBuf::from(folder));
    let n_bytes: usize = files.iter().map(|(bytes, _)| bytes.len()).sum();
    let (mut n_documents, mut n_nodes) = (0, 0);
    for _ in 0..rounds {
        for (bytes, format) in &files {
            let found = read(bytes, *format);
            n_documents += found.documents.len();
            n_nodes += found.documents.iter().map(|d| d.tape.len()).sum::<usize>();
        }
    }
    println!(
        "{} files, {n_bytes} bytes, {rounds} times: {n_documents} documents, {n_nodes} values",
        files.len()
    );
}

fn load(root: PathBuf) -> Vec<(Vec<u8>, Format)> {
    let mut paths = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|e| e == "yaml" || e == "yml" || e == "json")
            {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let is_crd = |bytes: &[u8]| {
        let needle = b"kind: CustomResourceDefinition";
        bytes.windows(needle.len()).any(|window| window == needle)
    };
    paths
        .iter()
        .filter_map(|path| Some((std::fs::read(path).ok()?, Format::of_name(path.to_str()?))))
        .filter(|(bytes, _)| !is_crd(bytes))
        .collect()
}
