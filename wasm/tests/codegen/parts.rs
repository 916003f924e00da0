//! What is a function of its own in the code that is emitted, and what is written where it is needed.

use palisade_lang::program::*;

use crate::build::*;
use crate::kept::functions;
use crate::params::{param, value_of};

/// How many functions of a name the module of a program has.
fn count(program: &Program, name: &str) -> usize {
    let functions = functions(program);
    functions.iter().filter(|(known, _)| known == name).count()
}

/// Denies an object with a container of which the condition is true.
fn any_container(make: impl FnOnce(Expr) -> Expr) -> Policy {
    let mut p = policy("p");
    let c = bind(&mut p, "c", record(), Binding::Element);
    let condition = make(local(c, record()));
    let any = quantifier(
        QuantifierKind::Any,
        vec![generator(c, containers())],
        None,
        condition,
    );
    let stmt = deny(&mut p, any, "m");
    p.bodies[0].block.stmts = vec![stmt];
    p
}

#[test]
fn a_condition_of_eight_parts_is_a_function() {
    // The comparison, its constant, the element, and a read for each key.
    for (path, n_parts) in [("a.b.c.d", 7), ("a.b.c.d.e", 8), ("a.b.c.d.e.f", 9)] {
        let read = |c| equal(Domain::String, at(c, path, string()), text("x"));
        let found = count(&program(vec![any_container(read)]), "p: part");
        assert_eq!(found, usize::from(n_parts >= 8), "{path}");
    }
}

#[test]
fn what_judges_and_what_explains_share_a_function() {
    let name = || at(part(), "spec.a.b", string());
    let same = |c| equal(Domain::String, at(c, "a.b.c.d", string()), name());
    assert_eq!(count(&program(vec![any_container(same)]), "p: part"), 1);
}

#[test]
fn a_list_is_a_function_where_two_loops_join_it() {
    let named = |name: &str, joined: Expr| {
        let mut p = policy(name);
        let c = bind(&mut p, "c", record(), Binding::Element);
        let read = at(local(c, record()), "stdin", BaseType::Bool);
        let stmt = deny(&mut p, equal(Domain::Bool, read, bool(true)), "m");
        p.bodies[0].block.stmts = vec![for_each(generator(c, joined), None, vec![stmt])];
        p
    };
    let n_lists = |policies| {
        let program = program(policies);
        count(&program, "list 1") + count(&program, "list 2")
    };
    let others = || {
        let of = |key: &str| at(part(), &format!("spec.{key}"), list(record()));
        expr(ExprKind::Concat(vec![of("a"), of("b")]), list(record()))
    };
    assert_eq!(n_lists(vec![named("p", containers())]), 0);
    let apart = vec![named("p", containers()), named("q", others())];
    assert_eq!(n_lists(apart), 0);
    let same = vec![named("p", containers()), named("q", containers())];
    assert_eq!(n_lists(same), 1);
    let joined = || named("p", containers());
    let both = vec![
        joined(),
        joined(),
        named("q", others()),
        named("r", others()),
    ];
    assert_eq!(n_lists(both), 2);
}

#[test]
fn an_unknown_value_that_alone_decides_is_found_without_a_function() {
    let read = |key: &str| at(part(), &format!("spec.{key}"), string());
    for (left, right, n_functions) in [
        (read("a"), text("x"), 0),
        (text("x"), read("a"), 0),
        (read("a"), read("b"), 1),
    ] {
        let mut p = policy("p");
        p.bodies[0].guard = Some(equal(Domain::String, left, right));
        let stmt = deny(&mut p, bool(true), "m");
        p.bodies[0].block.stmts = vec![stmt];
        assert_eq!(count(&program(vec![p]), "p: unknown 1"), n_functions);
    }
}

#[test]
fn what_is_read_twice_is_read_once() {
    let size = |second: &str| {
        let mut p = policy("p");
        let stmts = ["a", second].map(|key| {
            let read = at(part(), &format!("spec.x.{key}"), BaseType::Bool);
            deny(&mut p, equal(Domain::Bool, read, bool(true)), "m")
        });
        p.bodies[0].block.stmts = stmts.into();
        let functions = functions(&program(vec![p]));
        functions.iter().find(|(name, _)| name == "p").unwrap().1
    };
    assert!(size("a") < size("b"), "{} and {}", size("a"), size("b"));
}

#[test]
fn constraints_are_named_after_their_parameters() {
    let constrained = |owner, name: &str| {
        let mut constraint = policy("p");
        constraint.bodies.clear();
        let given = not(equal(Domain::String, value_of(0, string()), text(name)));
        require(&mut constraint, given, "m");
        let mut param = param(owner, name, string(), Some(Const::String(String::new())));
        param.constraint = Some(Box::new(constraint));
        param
    };
    let mut program = program(vec![any_container(|c| is_set(at(c, "a", BaseType::Bool)))]);
    program.params = vec![constrained(None, "one"), constrained(Some(0), "two")];
    assert_eq!(count(&program, "test.one: constraint"), 1);
    assert_eq!(count(&program, "p.two: constraint"), 1);
}
