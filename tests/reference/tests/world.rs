//! The random world by itself: what the evaluator meets, and how often it finds something.

use palisade_reference::constructs;
use palisade_reference::coverage::Coverage;
use palisade_reference::generate::{document, program, rng::Rng};
use palisade_reference::{Selection, configure, evaluate_counting};

/// Programs that are tried.
const N_PROGRAMS: u32 = 6_000;

#[test]
fn random_policies_meet_every_construct_in_every_outcome() {
    let mut rng = Rng::new(1);
    let mut coverage = Coverage::default();
    let mut n_refused = 0;
    for _ in 0..N_PROGRAMS {
        let program = program::program(&mut rng);
        let Ok(settings) = configure(&program, &document::settings(&mut rng, &program)) else {
            n_refused += 1;
            continue;
        };
        for _ in 0..20 {
            let tape = document::object(&mut rng).to_tape();
            let selection = Selection {
                // A policy that is off may lack the value of a parameter.
                enabled: rng.once_in(4).then(|| vec![true; 3]),
                context: document::context(&mut rng),
                inventory: Some(document::inventory(&mut rng)),
                ..Selection::default()
            };
            let _ = evaluate_counting(&program, &settings, &tape, &selection, &mut coverage);
        }
    }
    println!("{n_refused} settings of {N_PROGRAMS} refused");
    println!("{coverage}");
    let unmet = constructs::unmet(&coverage);
    assert!(unmet.is_empty(), "reachable and not reached: {unmet:#?}");
    assert!(
        coverage.with_findings * 5 >= coverage.evaluations,
        "under a fifth of the evaluations find something"
    );
}
