//! What is left of an evaluation in which a policy runs out of steps.
//!
//! How many steps an evaluation takes is the module's own affair: it evaluates again where it explains. What the evaluator
//! can say is what comes before the policy that runs out, and what may come after it.

use palisade_abi::tape::NodeId;
use palisade_lang::program::print::print;
use palisade_lang::program::{
    BaseType, Binding, Block, CheckId, Domain, Generator, KindRef, LocalId, Policy, Presence,
    Program, QuantifierKind, Stmt, Target, Type,
};
use palisade_reference::build::{
    check, equal, list_of, local, member, named, object, policy, quantifier, text,
};
use palisade_reference::document::Document;
use palisade_reference::generate::rng::Rng;
use palisade_reference::generate::{document, program};
use palisade_reference::{Reason, Selection, Status, Verdict, configure, evaluate, object_name};
use palisade_wasm::host::Engine;

use crate::guest::Guest;

/// Elements of a list, whose pairs are more than an evaluation has steps.
const MANY: usize = 2_100;
const PROGRAMS: u64 = 20;

/// A policy on every object that goes through the pairs of a list.
fn greedy() -> Policy {
    let mut greedy = policy("");
    greedy.name = "greedy".to_owned();
    greedy.locals.truncate(2);
    let mut generators = Vec::new();
    for name in ["x", "y"] {
        let id = LocalId(greedy.locals.len() as u32);
        let ty = Type::plain(BaseType::String);
        greedy.locals.push(named(name, ty, Binding::Element));
        generators.push(Generator {
            key: None,
            element: id,
            source: member(
                object(),
                "many",
                list_of(BaseType::String),
                Presence::Optional,
            ),
        });
    }
    let y = local(generators[1].element, Type::plain(BaseType::String));
    let never = equal(Domain::String, y, text("never"));
    let condition = quantifier(QuantifierKind::Any, generators, None, never);
    greedy.checks = vec![check(true, condition, "m")];
    greedy.bodies.truncate(1);
    greedy.bodies[0].targets = vec![Target::Kind(KindRef::any())];
    greedy.bodies[0].block = Block {
        stmts: vec![Stmt::Check(CheckId(0))],
    };
    greedy
}

/// The program with one more policy, before the one that had its number.
fn with(program: &Program, more: Policy, at: usize) -> Program {
    let mut longer = program.clone();
    longer.policies.insert(at, more);
    for param in &mut longer.params {
        param.policy = param
            .policy
            .map(|policy| policy + u32::from(policy as usize >= at));
    }
    longer
}

fn with_many(document: Document) -> Document {
    let Document::Map(mut members) = document else {
        return document;
    };
    let many = vec![Document::String("a".to_owned()); MANY];
    members.push(("many".to_owned(), Document::List(many)));
    Document::Map(members)
}

fn is_out_of_steps(verdict: &Verdict) -> bool {
    verdict.status == Status::Unknown(Reason::Budget)
}

/// The verdicts of each policy.
fn by_policy(verdicts: Vec<Verdict>, n_policies: usize) -> Vec<Vec<Verdict>> {
    let mut all = vec![Vec::new(); n_policies];
    for verdict in verdicts {
        all[verdict.policy].push(verdict);
    }
    all
}

#[test]
fn a_policy_that_runs_out_of_steps_spoils_nothing_before_it() {
    let engine = Engine::trusting().unwrap();
    let (mut n_cases, mut n_whole, mut n_later) = (0, 0, 0);
    for seed in 0..PROGRAMS {
        let mut rng = Rng::new(3_000_000 + seed);
        let program = program::program(&mut rng);
        let at = rng.below(program.policies.len() + 1);
        let longer = with(&program, greedy(), at);
        let mut guest = Guest::new(&engine, &longer).unwrap();
        let settings = document::settings(&mut rng, &program);
        let Ok(configured) = configure(&program, &settings) else {
            continue;
        };
        assert_eq!(guest.configure(&settings).unwrap(), Vec::<String>::new());
        for _ in 0..4 {
            let judged = with_many(document::object(&mut rng));
            let tape = judged.to_tape();
            let identity = ["apiVersion", "kind"];
            if identity
                .iter()
                .any(|key| tape.str_at(NodeId::ROOT, &[key]).is_none())
            {
                continue;
            }
            let selection = Selection::default();
            let expected = evaluate(&program, &configured, &tape, &selection);
            let mut expected = by_policy(expected, program.policies.len());
            expected.insert(at, Vec::new());
            let found = guest.evaluate_out_of_steps(&tape, &selection).unwrap();
            let found = by_policy(found, longer.policies.len());
            n_cases += 1;
            for (number, (found, mut expected)) in found.into_iter().zip(expected).enumerate() {
                for verdict in &mut expected {
                    verdict.policy = number;
                }
                if number < at {
                    assert_eq!(found, expected, "seed {seed}\n{}", print(&longer));
                    n_whole += usize::from(!found.is_empty());
                } else if number == at {
                    assert_eq!(found.len(), 1, "seed {seed} {found:?}");
                    assert!(is_out_of_steps(&found[0]), "seed {seed} {found:?}");
                    assert_eq!(found[0].check, 0, "seed {seed}");
                    assert_eq!(found[0].place, object_name(&tape), "seed {seed}");
                } else if found.iter().any(is_out_of_steps) {
                    n_later += 1;
                } else {
                    // Nothing is otherwise without a word.
                    assert_eq!(found, expected, "seed {seed}\n{}", print(&longer));
                }
            }
        }
    }
    println!(
        "{n_cases} evaluations ran out: {n_whole} policies before with results, {n_later} after that ran out too"
    );
    assert!(n_cases > 30 && n_whole > 10 && n_later > 10);
}
