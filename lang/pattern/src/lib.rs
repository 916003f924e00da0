//! The dialect of patterns: globs and regular expressions to programs, and programs to tables.
//!
//! [`dialect`] reads a pattern and makes a program of it; [`table`] makes a deterministic automaton of a program, where
//! that is small. [`Block`] is what a module holds of a pattern: one of the two. What they mean to the guest, which runs
//! them, is drawn there and in `wasm/runtime/src/pattern.rs`; what patterns mean to a user is in `docs/meaning.md`.

pub mod dialect;
pub mod table;

use std::fmt;

use dialect::Code;

/// What kind of pattern a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Syntax {
    /// Matches whole values.
    Glob,
    /// Is found in values.
    Regex,
}

/// Why a text is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// More than 1,000 bytes.
    TooLong,
    /// More than 10,000 words of program.
    TooLarge,
    /// More than 100 groups or braces in each other.
    TooDeep,
    /// A group, class or brace is not closed.
    Unclosed,
    /// A parenthesis or brace closes nothing.
    Unopened,
    /// A repetition has nothing before it, or another repetition.
    RepeatsNothing,
    /// A repetition has a bound above 1,000, or bounds that cross.
    BadRepeat,
    /// A range ends before it begins.
    BadRange,
    /// A backslash stands before what has no meaning there.
    BadEscape,
    /// Look-around, a class such as `\pL`, or another thing that the dialect has not.
    Unsupported,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::TooLong => "the pattern is longer than 1,000 bytes",
            Self::TooLarge => "the pattern needs more than 10,000 states",
            Self::TooDeep => "the pattern is nested deeper than 100 groups",
            Self::Unclosed => "a group, class or brace is not closed",
            Self::Unopened => "this closes nothing",
            Self::RepeatsNothing => "there is nothing to repeat before this",
            Self::BadRepeat => "a repetition is `{least,most}`, at most 1,000",
            Self::BadRange => "the range ends before it begins",
            Self::BadEscape => "this backslash has no meaning",
            Self::Unsupported => {
                "patterns have no look-around, Unicode classes or operations on classes"
            }
        })
    }
}

/// A text that is no pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PatternError {
    /// Why.
    pub refusal: Refusal,
    /// The byte at which reading stopped; what is wrong is right before it.
    pub at: usize,
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.refusal.fmt(f)
    }
}

impl std::error::Error for PatternError {}

/// Reads a pattern; gives its program.
///
/// # Errors
///
/// Why it is refused, and where.
pub fn compile(text: &str, syntax: Syntax) -> Result<Vec<u32>, PatternError> {
    let mut words = Words(Vec::new());
    let refusal = match syntax {
        Syntax::Glob => dialect::compile_glob(text.as_bytes(), &mut words),
        Syntax::Regex => dialect::compile_regex(text.as_bytes(), &mut words),
    };
    let at = (refusal >> 8) as usize;
    let refusal = match refusal & 0xFF {
        0 => return Ok(words.0),
        dialect::TOO_LONG => Refusal::TooLong,
        dialect::TOO_LARGE => Refusal::TooLarge,
        dialect::TOO_DEEP => Refusal::TooDeep,
        dialect::UNCLOSED => Refusal::Unclosed,
        dialect::UNOPENED => Refusal::Unopened,
        dialect::REPEATS_NOTHING => Refusal::RepeatsNothing,
        dialect::BAD_REPEAT => Refusal::BadRepeat,
        dialect::BAD_RANGE => Refusal::BadRange,
        dialect::BAD_ESCAPE => Refusal::BadEscape,
        _ => Refusal::Unsupported,
    };
    Err(PatternError { refusal, at })
}

/// Whether the text is a pattern.
///
/// # Errors
///
/// See [`compile`].
pub fn check(text: &str, syntax: Syntax) -> Result<(), PatternError> {
    compile(text, syntax).map(|_| ())
}

#[derive(Debug)]
struct Words(Vec<u32>);

impl Code for Words {
    fn size(&self) -> u32 {
        u32::try_from(self.0.len()).unwrap_or(u32::MAX)
    }

    fn get(&self, at: u32) -> u32 {
        self.0.get(at as usize).copied().unwrap_or(0)
    }

    fn set(&mut self, at: u32, word: u32) {
        if let Some(place) = self.0.get_mut(at as usize) {
            *place = word;
        }
    }

    fn push(&mut self, word: u32) {
        self.0.push(word);
    }

    fn truncate(&mut self, len: u32) {
        self.0.truncate(len as usize);
    }
}

/// What a module holds of a pattern, little endian.
///
/// ```text
/// table     0 u32                            then states, the first one first; see `table`
/// program   1 | glob << 1 | words << 2  u32  then the words
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block(pub Vec<u8>);

impl Block {
    /// What is needed to tell whether a pattern matches: a table where that is small, else the program.
    ///
    /// # Errors
    ///
    /// See [`compile`].
    pub fn to_match(text: &str, syntax: Syntax) -> Result<Self, PatternError> {
        let words = compile(text, syntax)?;
        Ok(table::build(&words, syntax).map_or_else(|| Self::program(&words, syntax), Self))
    }

    /// What is needed to find where a pattern matches: the program.
    ///
    /// # Errors
    ///
    /// See [`compile`].
    pub fn to_find(text: &str, syntax: Syntax) -> Result<Self, PatternError> {
        Ok(Self::program(&compile(text, syntax)?, syntax))
    }

    /// True if the block is a table, which `match_table` reads by itself.
    #[must_use]
    pub fn is_table(&self) -> bool {
        self.0.first() == Some(&0)
    }

    fn program(words: &[u32], syntax: Syntax) -> Self {
        let count = u32::try_from(words.len()).unwrap_or(u32::MAX);
        let head = 1 | u32::from(syntax == Syntax::Glob) << 1 | count << 2;
        let all = [head].into_iter().chain(words.iter().copied());
        Self(all.flat_map(u32::to_le_bytes).collect())
    }
}
