//! A change of a file as a unified diff, which `git apply` and `patch -p1` take.
//!
//! ```text
//! --- a/deploy/app.yaml
//! +++ b/deploy/app.yaml
//! @@ -9,3 +9,3 @@
//!      securityContext:
//! -      privileged: true
//! +      privileged: false
//!      image: nginx:1.27
//! ```

use std::borrow::Cow;
use std::io::{self, Write};

use owo_colors::OwoColorize;
use similar::{ChangeTag, TextDiff};

use super::Look;
use super::text::visible;

/// Writes how `old` becomes `new`, three lines around each change; nothing if they are the same. `name` is the file's.
/// Without colour the lines are written as they are, so that the diff can be applied.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write(out: &mut dyn Write, look: &Look, name: &str, old: &str, new: &str) -> io::Result<()> {
    write_shown(out, look, name, (old, old), new)
}

/// The same of a text with secrets, which comes with how it is shown: as long, with the same lines. What is hidden in it
/// is hidden in the new text.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write_shown(
    out: &mut dyn Write,
    look: &Look,
    name: &str,
    (old, shown): (&str, &str),
    new: &str,
) -> io::Result<()> {
    if old == new {
        return Ok(());
    }
    let palette = &look.palette;
    let (before, after) = (named("a", name), named("b", name));
    writeln!(out, "{}", format!("--- {before}").style(palette.strong()))?;
    writeln!(out, "{}", format!("+++ {after}").style(palette.strong()))?;
    // Only `\n` ends a line of a diff: a lone `\r` is part of one, as for every tool that reads diffs.
    let old_lines: Vec<&str> = old.split_inclusive('\n').collect();
    let new_lines: Vec<&str> = new.split_inclusive('\n').collect();
    let shown_lines: Vec<&str> = shown.split_inclusive('\n').collect();
    let hidden = hidden(old, shown);
    let around: Vec<(&str, &str)> = old_lines
        .iter()
        .zip(&shown_lines)
        .filter_map(|(old, shown)| around(old, shown))
        .collect();
    let diff = TextDiff::from_slices(&old_lines, &new_lines);
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        writeln!(
            out,
            "{}",
            hunk.header().to_string().style(palette.related())
        )?;
        for change in hunk.iter_changes() {
            let (sign, style) = match change.tag() {
                ChangeTag::Equal => (' ', None),
                ChangeTag::Delete => ('-', Some(palette.removed())),
                ChangeTag::Insert => ('+', Some(palette.added())),
            };
            let line = match change.old_index() {
                Some(at) => Cow::Borrowed(shown_lines.get(at).copied().unwrap_or_default()),
                None => hide(change.value_ref(), &hidden, &around),
            };
            let text = line.strip_suffix('\n').unwrap_or(&line);
            match style.filter(|_| palette.is_colored()) {
                Some(style) => {
                    writeln!(out, "{}", format!("{sign}{}", visible(text)).style(style))?;
                }
                None if palette.is_colored() => writeln!(out, "{sign}{}", visible(text))?,
                None => writeln!(out, "{sign}{text}")?,
            }
            if text.len() == line.len() {
                writeln!(out, "\\ No newline at end of file")?;
            }
        }
    }
    Ok(())
}

/// Shortest secret that is looked for in lines that are new.
const MIN_HIDDEN: usize = 3;

/// The stretches of a text that are shown otherwise, within their lines.
fn hidden<'o>(old: &'o str, shown: &str) -> Vec<&'o str> {
    let mut found = Vec::new();
    let mut start = None;
    let pairs = old.bytes().zip(shown.bytes()).enumerate();
    for (at, is_hidden) in pairs
        .map(|(at, (old, shown))| (at, old != shown))
        .chain([(old.len(), false)])
    {
        match (start, is_hidden) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                found.extend(old.get(from..at).filter(|text| text.len() >= MIN_HIDDEN));
                start = None;
            }
            _ => {}
        }
    }
    found
}

/// What stands in a line before and behind what is hidden in it.
fn around<'o>(old: &'o str, shown: &str) -> Option<(&'o str, &'o str)> {
    let differs = |(old, shown): (u8, u8)| old != shown;
    let start = old.bytes().zip(shown.bytes()).position(differs)?;
    let from_end = old.bytes().rev().zip(shown.bytes().rev());
    let end = old.len() - from_end.into_iter().position(differs)?;
    Some((old.get(..start)?, old.get(end..)?))
}

/// Hides what a new line has of what was hidden before, and what it has in the place of that: a secret that is written
/// otherwise, such as one within base64, is one too.
fn hide<'l>(line: &'l str, hidden: &[&str], around: &[(&str, &str)]) -> Cow<'l, str> {
    let inner = around.iter().find_map(|(before, behind)| {
        let inner = line.strip_prefix(before)?.strip_suffix(behind)?;
        (!before.trim().is_empty() && !inner.is_empty()).then_some((*before, inner, *behind))
    });
    if let Some((before, inner, behind)) = inner {
        let stars = "*".repeat(inner.len());
        return Cow::Owned(format!("{before}{stars}{behind}"));
    }
    let mut line = Cow::Borrowed(line);
    for secret in hidden {
        if line.contains(secret) {
            line = Cow::Owned(line.replace(secret, &"*".repeat(secret.len())));
        }
    }
    line
}

/// The name with the side of the change before it, as git writes it; absolute names stand alone.
fn named(side: &str, name: &str) -> String {
    let name = visible(name);
    if name.starts_with('/') {
        return name.into_owned();
    }
    format!("{side}/{}", name.strip_prefix("./").unwrap_or(&name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Palette;

    fn show(name: &str, old: &str, new: &str) -> String {
        let look = Look {
            width: 80,
            palette: Palette::plain(),
        };
        let mut out = Vec::new();
        write(&mut out, &look, name, old, new).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_change_has_three_lines_around_it() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\n";
        let new = old.replace("e\n", "E\n");
        assert_eq!(
            show("./x/y.yaml", old, &new),
            "--- a/x/y.yaml\n+++ b/x/y.yaml\n@@ -2,7 +2,7 @@\n b\n c\n d\n-e\n+E\n f\n g\n h\n"
        );
        assert_eq!(show("y", old, old), "");
    }

    #[test]
    fn line_ends_are_kept_and_a_missing_one_is_said() {
        assert_eq!(
            show("/y", "a\r\nb", "a\r\nb\r\n"),
            "--- /y\n+++ /y\n@@ -1,2 +1,2 @@\n a\r\n-b\n\\ No newline at end of file\n+b\r\n"
        );
        assert_eq!(
            show("y", "", "a\n"),
            "--- a/y\n+++ b/y\n@@ -0,0 +1 @@\n+a\n"
        );
    }
}
