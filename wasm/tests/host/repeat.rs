//! An instance remembers nothing.

use palisade_wasm::host::{Context, Selection};
use proptest::prelude::*;

use crate::documents::{object, runner};
use crate::projection::{instance, policies};

#[test]
fn a_then_b_then_a_gives_what_fresh_instances_give() {
    let used = std::cell::RefCell::new(instance(policies()));
    let module = used.borrow().module().clone();
    let mut runner = runner(150);
    let (context, selection) = (Context::default(), Selection::default());
    runner
        .run(&(object(), object()), |(a, b)| {
            let (a, b) = (a.to_tape(), b.to_tape());
            let mut used = used.borrow_mut();
            for tape in [&a, &b, &a] {
                let fresh = module
                    .instantiate()
                    .unwrap()
                    .evaluate(tape, &context, &selection);
                prop_assert_eq!(used.evaluate(tape, &context, &selection), fresh);
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn a_selection_runs_what_it_names_with_the_severity_it_says() {
    let mut host = instance(policies());
    let n = host.module().n_policies();
    let mut runner = runner(200);
    let cell = std::cell::RefCell::new(&mut host);
    runner
        .run(&(object(), 0..n), |(object, policy)| {
            let tape = object.to_tape();
            let mut host = cell.borrow_mut();
            let all = host
                .evaluate(&tape, &Context::default(), &Selection::default())
                .unwrap();
            let only = Selection::only(n, [policy]).with_severity(n, policy, 0);
            let now = Context {
                now: Some("2026-01-01T00:00:00Z".into()),
                cluster_version: Some("1.31".into()),
                ..Context::default()
            };
            let some = host.evaluate(&tape, &now, &only).unwrap();
            let mut expected = all.findings;
            expected.retain(|finding| finding.policy == policy);
            expected.iter_mut().for_each(|finding| finding.severity = 0);
            prop_assert_eq!(some.findings, expected);
            Ok(())
        })
        .unwrap();
}
