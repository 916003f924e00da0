//! What policies say about themselves: those of the library, of packs and of modules, without running any.

use std::path::PathBuf;

use palisade_stdlib::example::{find_example, with_expectations};
use palisade_wasm::docs::{self, PackDocs, PolicyDocs, write_docs};
use palisade_wasm::section;

use crate::files::FileMatcher;
use crate::pack_test::find_tests;
use crate::packs::{self, Checked, PackError, Standard};

/// A policy, the pack that it is of, and the kinds that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained<'a> {
    /// The pack's name.
    pub pack: &'a str,
    /// What it says.
    pub policy: &'a PolicyDocs,
    /// Its kinds, views resolved.
    pub kinds: Vec<&'a str>,
}

/// What the standard library and the packs at `paths` say, in that order.
///
/// # Errors
///
/// If a path cannot be read or a pack does not compile.
pub fn load(standard: Standard, paths: &[PathBuf]) -> Result<Vec<PackDocs>, PackError> {
    let mut packs = match standard {
        Standard::Included => palisade_stdlib::docs().filter_map(PackDocs::read).collect(),
        Standard::Left => Vec::new(),
    };
    let mut checked = Vec::new();
    for path in paths {
        if packs::is_module(path) {
            let wasm = packs::read_module(path)?;
            packs.extend(section::find(&wasm, docs::SECTION).and_then(PackDocs::read));
        } else {
            checked.append(&mut packs::check(path)?);
        }
    }
    if checked.iter().any(Checked::has_errors) {
        return Err(PackError::Diagnostics(checked));
    }
    packs.extend(checked.iter().filter_map(read_pack));
    Ok(packs)
}

/// All policies of `packs`, sorted by name.
#[must_use]
pub fn list(packs: &[PackDocs]) -> Vec<Explained<'_>> {
    let mut all: Vec<Explained<'_>> = packs
        .iter()
        .flat_map(|docs| {
            docs.policies.iter().map(|policy| Explained {
                pack: &docs.pack,
                policy,
                kinds: docs.kinds_of(&policy.name),
            })
        })
        .collect();
    all.sort_by_key(|explained| (&explained.policy.name, explained.pack));
    all
}

fn read_pack(checked: &Checked) -> Option<PackDocs> {
    let program = checked.program.as_ref()?;
    let mut docs = PackDocs::read(write_docs(program).as_bytes())?;
    let kinds = program.files.iter().cloned().map(FileMatcher::new);
    let kinds: Vec<FileMatcher> = kinds.filter_map(Result::ok).collect();
    // A pack without readable tests has no examples, which is no reason to say nothing.
    let tests: Vec<(String, String)> = find_tests(checked.path.as_ref(), &kinds)
        .map(|found| found.tests)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|test| {
            let mut text = std::fs::read_to_string(&test.manifest).ok()?;
            let expectations = test.expectations.as_ref();
            if let Some(expected) = expectations.and_then(|path| std::fs::read_to_string(path).ok())
            {
                text = with_expectations(&text, &expected);
            }
            Some((test.manifest.display().to_string(), text))
        })
        .collect();
    for policy in &mut docs.policies {
        policy.examples = find_example(&policy.name, &tests).into_iter().collect();
    }
    Some(docs)
}
