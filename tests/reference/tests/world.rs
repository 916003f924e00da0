//! The random world by itself: what the evaluator meets, and how often it finds something.

use palisade_reference::coverage::Coverage;
use palisade_reference::generate::{document, program, rng::Rng};
use palisade_reference::{Selection, evaluate_counting};

#[test]
fn random_policies_meet_every_construct() {
    let mut rng = Rng::new(1);
    let mut coverage = Coverage::default();
    for _ in 0..1000 {
        let program = program::program(&mut rng);
        for _ in 0..20 {
            let tape = document::object(&mut rng).to_tape();
            let _ = evaluate_counting(&program, &tape, &Selection::default(), &mut coverage);
        }
    }
    println!("{coverage}");
}
