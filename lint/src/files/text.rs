//! Any text: where it is, what it says, and its lines.

use crate::manifest::{Span, Tree, offset};

/// The most lines that a file may have for each to be a value of its own.
pub(super) const MAX_LINES: usize = 1_000_000;

/// `path`, `name`, `text` and `lines`, each line without its end.
pub(super) fn read(text: &str, name: &str) -> Tree {
    let all = Span::new(0, offset(text.len()));
    let lines = lines(text)
        .take(MAX_LINES)
        .map(|(at, line)| Tree::text(Span::new(offset(at), offset(at + line.len())), line))
        .collect();
    let last = name.rsplit('/').next().unwrap_or(name);
    Tree::record(
        all,
        [
            ("path", Some(Tree::text(Span::at(0), name))),
            ("name", Some(Tree::text(Span::at(0), last))),
            ("text", Some(Tree::text(all, text))),
            ("lines", Some(Tree::list(all, lines))),
        ],
    )
}

/// The lines of a text with where they begin, without `\n`, `\r\n` or a mark at the beginning.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut at = start;
    let rest = text.get(start..).unwrap_or_default();
    rest.split_inclusive('\n').map(move |line| {
        let from = at;
        at += line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        (from, line.strip_suffix('\r').unwrap_or(line))
    })
}
