//! Which files are of a kind.

use globset::{Glob, GlobBuilder, GlobMatcher};
use palisade_lang::program::FileKind;

/// The kind of every text file.
const ANY_FILE: &str = "file";

/// A kind with its globs, ready to match.
#[derive(Debug, Clone)]
pub struct FileMatcher {
    /// The kind.
    pub kind: FileKind,
    globs: Vec<GlobMatcher>,
    /// The globs without `**/` at their beginning, of a kind whose files are merged.
    rests: Vec<Option<GlobMatcher>>,
}

impl FileMatcher {
    /// The matcher of a kind.
    ///
    /// # Errors
    ///
    /// The glob that is none.
    pub fn new(kind: FileKind) -> Result<Self, String> {
        let compile = |glob: &String| {
            build(&below_any_folder(glob))
                .map(|glob| glob.compile_matcher())
                .map_err(|_| glob.clone())
        };
        let globs = kind.globs.iter().map(compile).collect::<Result<_, _>>()?;
        let rest = |glob: &String| {
            let rest = below_any_folder(glob);
            let rest = rest.strip_prefix("**/").filter(|_| kind.merged.is_some())?;
            build(rest).ok().map(|glob| glob.compile_matcher())
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

fn build(glob: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(glob).literal_separator(true).build()
}
