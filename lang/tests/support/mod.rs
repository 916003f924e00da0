//! What the tests of the checker share: compiling a case, showing its diagnostics.
#![allow(dead_code, reason = "each test file uses its part of this")]

use palisade_lang::check::{Compiled, Options, Source, compile};
use palisade_lang::diagnostic::plain::render;
use palisade_lang::span::FileId;

/// Compiles one file.
pub(crate) fn compile_text(text: &str) -> Compiled {
    let source = Source {
        file: FileId(0),
        path: "case.pale",
        text,
    };
    compile(
        &[source],
        &Options {
            pack: Some("case".into()),
            ..Options::default()
        },
    )
}

/// The case as a file: statements alone become the body of a policy on `pod`.
pub(crate) fn whole_file(case: &str) -> String {
    if case.contains("policy ") || case.contains("pack ") {
        return case.to_owned();
    }
    format!("/// A case\npolicy case on pod {{\n    severity low\n{case}}}\n")
}

/// All diagnostics of a file, as text.
pub(crate) fn render_all(text: &str) -> String {
    let diagnostics = compile_text(text).diagnostics;
    diagnostics
        .iter()
        .map(|diagnostic| render(diagnostic, "case.pale", text))
        .collect()
}
