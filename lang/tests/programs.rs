//! What the checker hands on, as text.

use std::fs;
use std::path::Path;

use palisade_lang::check::{Compiled, Options, Source, compile};
use palisade_lang::program::print::print;
use palisade_lang::span::FileId;

/// Compiles the pack in a folder, its files in the order of their names.
fn compile_pack(folder: &Path) -> Compiled {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the pack is there")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "pale")
        })
        .collect();
    paths.sort();
    let texts: Vec<String> = paths
        .iter()
        .map(|path| fs::read_to_string(path).expect("the file can be read"))
        .collect();
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let sources: Vec<Source<'_>> = texts
        .iter()
        .zip(&names)
        .enumerate()
        .map(|(index, (text, path))| Source {
            file: FileId(index as u32),
            path,
            text,
        })
        .collect();
    compile(&sources, &Options::default())
}

#[test]
fn the_starter_pack_compiles_without_a_word() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stdlib-policies/packs/starter");
    let compiled = compile_pack(&folder);
    assert_eq!(compiled.diagnostics, []);
    let program = compiled
        .program
        .expect("a pack without diagnostics has a program");
    assert_eq!(program.policies.len(), 5);
    insta::assert_snapshot!(print(&program));
}
