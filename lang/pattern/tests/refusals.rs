//! What is refused says why and where, and what is taken becomes a table or a program.

use palisade_pattern::{Block, Refusal, Syntax, check, compile};

fn refused(text: &str, syntax: Syntax) -> Option<(Refusal, usize)> {
    let error = compile(text, syntax).err()?;
    Some((error.refusal, error.at))
}

#[test]
fn refusals_say_where() {
    let (deep, long) = ("(".repeat(200), "a".repeat(1001));
    let regex = |text| refused(text, Syntax::Regex);
    assert_eq!(regex("ab)"), Some((Refusal::Unopened, 2)));
    assert_eq!(regex("(ab"), Some((Refusal::Unclosed, 3)));
    assert_eq!(regex("a**"), Some((Refusal::RepeatsNothing, 3)));
    assert_eq!(regex("a{3,2}"), Some((Refusal::BadRepeat, 6)));
    assert_eq!(regex("[b-a]"), Some((Refusal::BadRange, 4)));
    assert_eq!(regex(r"a\y"), Some((Refusal::BadEscape, 2)));
    assert_eq!(regex("(?=a)"), Some((Refusal::Unsupported, 3)));
    assert_eq!(
        regex("(a{1000}){1000}").map(|error| error.0),
        Some(Refusal::TooLarge)
    );
    assert_eq!(regex(&deep).map(|error| error.0), Some(Refusal::TooDeep));
    assert_eq!(regex(&long), Some((Refusal::TooLong, 0)));
    let glob = |text| refused(text, Syntax::Glob);
    assert_eq!(glob("a{b"), Some((Refusal::Unclosed, 3)));
    assert_eq!(glob("a}"), Some((Refusal::Unopened, 2)));
    assert_eq!(glob("a\\"), Some((Refusal::BadEscape, 2)));
}

#[test]
fn small_automata_are_tables_and_large_ones_programs() {
    let is_table = |text| Block::to_match(text, Syntax::Regex).unwrap().is_table();
    assert!(is_table("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"));
    assert!(!is_table("[ab]*a[ab]{14}c"));
    assert!(!Block::to_find("a", Syntax::Regex).unwrap().is_table());
    // What can never match is one state with one row.
    let never = Block::to_match("[^\\x00-\\x{10FFFF}]", Syntax::Regex).unwrap();
    assert_eq!(never.0, [0, 0, 0, 0, 0, 255, 0, 0]);
}

#[test]
fn the_same_pattern_gives_the_same_block() {
    for text in ["(?i)a|bc*", r"\bx\b", "é+[^a-z]"] {
        let block = Block::to_match(text, Syntax::Regex);
        assert_eq!(block, Block::to_match(text, Syntax::Regex));
        assert!(check(text, Syntax::Regex).is_ok());
    }
}
