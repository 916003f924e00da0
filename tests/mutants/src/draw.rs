//! The list of `cargo mutants --list --json`, and a sample of it.

use serde::Deserialize;

/// A change that `cargo mutants` would make.
#[derive(Debug, Clone, Deserialize)]
pub struct Mutant {
    /// Its name, which begins with file, line and column.
    pub name: String,
    /// The file, from the root of the repository.
    pub file: String,
    /// What sort of change it is, as `cargo mutants` calls it.
    pub genre: Genre,
    /// The text that is put in place of the span.
    pub replacement: String,
    /// What is replaced.
    pub span: Span,
}

/// The sorts of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Genre {
    /// A whole body by a value.
    FnValue,
    /// An operator by another.
    BinaryOperator,
    /// An operator is left out.
    UnaryOperator,
    /// An arm of a match is left out.
    MatchArm,
    /// The guard of an arm by a constant.
    MatchArmGuard,
    /// A field before a base expression is left out.
    StructField,
}

/// Lines and columns in characters, both from one; the end is behind the last character.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Span {
    /// Where it begins.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
}

/// A place in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Position {
    /// From one.
    pub line: usize,
    /// From one.
    pub column: usize,
}

/// Puts the mutants into an order that the seed alone decides.
pub fn shuffle(mutants: &mut [Mutant], seed: u64) {
    let mut state = seed;
    for left in (1..mutants.len()).rev() {
        mutants.swap(left, (next(&mut state) % (left as u64 + 1)) as usize);
    }
}

/// The next number of SplitMix64 (Steele, Lea, Flood 2014).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
