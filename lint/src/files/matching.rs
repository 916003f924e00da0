//! Which files are of a kind.

use std::sync::OnceLock;

use globset::{Glob, GlobBuilder, GlobMatcher};
use palisade_lang::program::FileKind;

/// The kind of every text file.
const ANY_FILE: &str = "file";

/// A kind with its globs, ready to match.
#[derive(Debug, Clone)]
pub struct FileMatcher {
    /// The kind.
    pub kind: FileKind,
    globs: Vec<Pattern>,
    /// The globs without `**/` at their beginning, of a kind whose files are merged.
    rests: Vec<Option<Pattern>>,
}

/// A glob that is made ready when a name might match it: most runs meet no file of most kinds.
#[derive(Debug, Clone)]
struct Pattern {
    glob: Glob,
    /// Texts that every name has that matches.
    literals: Vec<String>,
    matcher: OnceLock<GlobMatcher>,
}

impl Pattern {
    fn new(glob: &str) -> Result<Self, globset::Error> {
        Ok(Self {
            glob: GlobBuilder::new(glob).literal_separator(true).build()?,
            literals: literals(glob),
            matcher: OnceLock::new(),
        })
    }

    fn is_match(&self, name: &str) -> bool {
        let mut literals = self.literals.iter();
        literals.all(|literal| name.contains(literal))
            && (self.matcher)
                .get_or_init(|| self.glob.compile_matcher())
                .is_match(name)
    }
}

/// The texts between what stands for others in a glob. Slashes at their ends are left out: `**/` may stand for nothing.
fn literals(glob: &str) -> Vec<String> {
    if glob.contains(['\\', '[']) {
        return Vec::new();
    }
    let mut literals = vec![String::new()];
    let mut depth = 0_usize;
    for letter in glob.chars() {
        match letter {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            '*' | '?' => {}
            _ if depth > 0 => {}
            _ => {
                if let Some(last) = literals.last_mut() {
                    last.push(letter);
                }
                continue;
            }
        }
        literals.push(String::new());
    }
    let trimmed = literals.iter().map(|literal| literal.trim_matches('/'));
    (trimmed.filter(|literal| !literal.is_empty()))
        .map(str::to_owned)
        .collect()
}

impl FileMatcher {
    /// The matcher of a kind.
    ///
    /// # Errors
    ///
    /// The glob that is none.
    pub fn new(kind: FileKind) -> Result<Self, String> {
        let compile =
            |glob: &String| Pattern::new(&below_any_folder(glob)).map_err(|_| glob.clone());
        let globs = kind.globs.iter().map(compile).collect::<Result<_, _>>()?;
        let rest = |glob: &String| {
            let rest = below_any_folder(glob);
            let rest = rest.strip_prefix("**/").filter(|_| kind.merged.is_some())?;
            Pattern::new(rest).ok()
        };
        let rests = kind.globs.iter().map(rest).collect();
        Ok(Self { kind, globs, rests })
    }

    /// Whether the file of this name, with `/` between folders, is of the kind.
    #[must_use]
    pub fn is_match(&self, name: &str) -> bool {
        self.place_of(name).is_some()
    }

    /// True for the kind of every text file.
    #[must_use]
    pub fn is_any_file(&self) -> bool {
        self.kind.name == ANY_FILE
    }

    /// The first glob that the file matches.
    pub(super) fn place_of(&self, name: &str) -> Option<usize> {
        self.globs.iter().position(|glob| glob.is_match(name))
    }

    /// The folder that a family of files lies in: the longest beginning of the name whose rest the glob matches alone.
    pub(super) fn root_of<'n>(&self, name: &'n str) -> Option<&'n str> {
        let place = self.place_of(name)?;
        let Some(rest) = self.rests.get(place)? else {
            return Some("");
        };
        // The longest root: `**` took as much as it could.
        let starts = name.match_indices('/').map(|(at, _)| at + 1);
        let starts: Vec<usize> = std::iter::once(0).chain(starts).collect();
        let is_root = |&&at: &&usize| name.get(at..).is_some_and(|tail| rest.is_match(tail));
        let at = starts.iter().rev().find(is_root)?;
        name.get(..*at)
    }
}

/// A glob is about the end of a path, whatever folder the run began in.
fn below_any_folder(glob: &str) -> String {
    if glob.starts_with("**") {
        glob.to_owned()
    } else {
        format!("**/{}", glob.trim_start_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_a_literal_of_the_glob_do_not_match_it() {
        let cases: [(&str, &[&str]); 6] = [
            ("**/daemon.json", &["daemon.json"]),
            (
                "**/etc/ssh/sshd_config.d/*.conf",
                &["etc/ssh/sshd_config.d", ".conf"],
            ),
            ("**/compose.*.{yml,yaml}", &["compose.", "."]),
            ("a/**/b?c", &["a", "b", "c"]),
            ("**/[a-z].toml", &[]),
            ("**", &[]),
        ];
        for (glob, expected) in cases {
            assert_eq!(literals(glob), expected, "{glob}");
        }
        let matches = |glob, name| Pattern::new(glob).unwrap().is_match(name);
        assert!(matches("**/daemon.json", "daemon.json"));
        assert!(matches("**/daemon.json", "a/b/daemon.json"));
        assert!(!matches("**/daemon.json", "daemon.json/a"));
        assert!(!matches("**/daemon.json", "daemon.yaml"));
        assert!(matches("a/**/b", "a/b"));
        assert!(matches("**/compose.*.{yml,yaml}", "x/compose.dev.yml"));
    }
}
