//! Patterns in policies: constants, lists of them, what a regular expression finds, and parameters.

use palisade_lang::program::*;
use serde_json::json;

use crate::build::*;
use crate::guest::Guest;

fn glob(text: &str) -> Expr {
    expr(ExprKind::Const(Const::Glob(text.into())), BaseType::Glob)
}

fn regex(text: &str) -> Expr {
    expr(ExprKind::Const(Const::Regex(text.into())), BaseType::Regex)
}

fn globs(texts: &[&str]) -> Expr {
    let items = texts.iter().map(|text| Const::Glob((*text).into()));
    expr(
        ExprKind::Const(Const::List(items.collect())),
        list(BaseType::Glob),
    )
}

fn matches(text: Expr, pattern: Expr) -> Expr {
    condition(ExprKind::Call(Builtin::Matches, vec![text, pattern]))
}

fn node_name() -> Expr {
    at(part(), "spec.nodeName", string())
}

/// Whether the condition holds for each of the names.
fn holds(condition: &Expr, names: &[&str]) -> Vec<bool> {
    let mut p = policy("p");
    let stmt = deny(&mut p, condition.clone(), "m");
    p.bodies[0].block.stmts = vec![stmt];
    let mut guest = Guest::new(&program(vec![p]));
    names
        .iter()
        .map(|name| {
            let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "n"}, "spec": {"nodeName": name}});
            let results = guest.run(&pod).results;
            assert!(results.len() < 2, "{results:?}");
            results.iter().any(|result| result.ends_with(": m"))
        })
        .collect()
}

#[test]
fn constants_match_by_table_or_program() {
    let names = ["node-7", "Node-7", "xnode-7y", "AKIAKIAKIA0123456789AB01"];
    let by = |pattern| holds(&matches(node_name(), pattern), &names);
    assert_eq!(by(regex(r"^node-\d$")), [true, false, false, false]);
    assert_eq!(by(regex(r"(?i)node")), [true, true, true, false]);
    assert_eq!(by(regex(r"AKIA[0-9A-Z]{16}")), [false, false, false, true]);
    assert_eq!(by(glob("node-*")), [true, false, false, false]);
    assert_eq!(by(glob("*{7,1}")), [true, true, false, true]);
}

#[test]
fn lists_of_globs_have_what_matches_one() {
    let names = ["a/x", "a/x/y", "b/x/y", "h", "zz"];
    let short = globs(&["a/*", "b/**"]);
    let long = globs(&["a/*", "b/**", "c", "d", "e", "f", "g", "h", "i", "j"]);
    let by = |list| holds(&is_in(Domain::Pattern, node_name(), list), &names);
    assert_eq!(by(short), [true, false, true, false, false]);
    assert_eq!(by(long), [true, false, true, true, false]);
}

#[test]
fn what_a_pattern_finds_is_a_list() {
    let found = expr(
        ExprKind::Call(Builtin::FindAll, vec![node_name(), regex(r"\d+|é")]),
        list(string()),
    );
    let joined = expr(
        ExprKind::Call(Builtin::Join, vec![found, text("|")]),
        string(),
    );
    let names = ["a12é3", "none", "1"];
    let is = |expected| {
        holds(
            &equal(Domain::String, joined.clone(), text(expected)),
            &names,
        )
    };
    assert_eq!(is("12|é|3"), [true, false, false]);
    assert_eq!(is(""), [false, true, false]);
    // The same constant is looked for and matched.
    let both = and(vec![
        matches(node_name(), regex(r"\d+|é")),
        equal(Domain::String, joined, text("1")),
    ]);
    assert_eq!(holds(&both, &names), [false, false, true]);
}
