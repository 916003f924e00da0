//! The random world by itself: what the evaluator meets, and how often it finds something.

use palisade_reference::coverage::{Coverage, Row};
use palisade_reference::generate::{document, program, rng::Rng};
use palisade_reference::{Selection, configure, evaluate_counting};

/// Programs that are tried.
const N_PROGRAMS: u32 = 2500;

/// Columns of the table: true (there), false (absent), unknown, part of a check that found something.
const ALL: &str = "tfuF";

/// Every construct of the typed program, and the outcomes that it can have.
const CONSTRUCTS: &[(&str, &str)] = &[
    ("all", ALL),
    ("all nested", ALL),
    ("all where", ALL),
    ("all where nested", ALL),
    ("and", ALL),
    ("any", ALL),
    ("any nested", ALL),
    ("any where", ALL),
    ("any where nested", ALL),
    ("at", "F"),
    ("coalesce", ALL),
    ("compare < int", ALL),
    ("compare < quantity", ALL),
    ("compare < string", ALL),
    ("compare <= int", ALL),
    ("compare <= quantity", ALL),
    ("compare <= string", ALL),
    ("compare == bool", ALL),
    ("compare == int", ALL),
    ("compare == quantity", ALL),
    ("compare == scalar", ALL),
    ("compare == string", ALL),
    ("compare > int", ALL),
    ("compare > quantity", ALL),
    ("compare > string", ALL),
    ("compare >= int", ALL),
    ("compare >= quantity", ALL),
    ("compare >= string", ALL),
    ("concat", "tuF"),
    ("const bool", "tF"),
    ("const float", "tF"),
    ("const int", "tF"),
    ("const list", "tF"),
    ("const none", "fF"),
    ("const quantity", "tF"),
    ("const string", "tF"),
    ("element", ALL),
    ("image digest", ALL),
    ("image registry", ALL),
    ("image repository", ALL),
    ("image tag", ALL),
    ("in bool", ALL),
    ("in int", ALL),
    ("in quantity", ALL),
    ("in scalar", ALL),
    ("in string", ALL),
    ("interpolate", "tuF"),
    ("is empty", ALL),
    ("is known", "tfF"),
    ("is set", ALL),
    ("list", "tF"),
    ("local", ALL),
    ("map member", ALL),
    ("member default", ALL),
    ("member optional", ALL),
    ("member required", ALL),
    ("no", ALL),
    ("no nested", ALL),
    ("no where", ALL),
    ("no where nested", ALL),
    ("not", ALL),
    ("or", ALL),
    ("part object", "F"),
    ("part text", "F"),
    ("part value", "F"),
    ("path of a view", "tfu"),
    ("role", "tuF"),
    ("stmt deny", ALL),
    ("stmt for", "tfu"),
    ("stmt for over", "tu"),
    ("stmt guarded check", "fuF"),
    ("stmt let", ""),
    ("stmt require", ALL),
    ("stmt when", "tfu"),
    ("truth", ALL),
    ("type any", ALL),
    ("type bool", ALL),
    ("type duration", ALL),
    ("type enum", ALL),
    ("type float", ALL),
    ("type int", ALL),
    ("type int or string", ALL),
    ("type list", ALL),
    ("type map", ALL),
    ("type quantity", ALL),
    ("type record", ALL),
    ("type string", ALL),
    ("type timestamp", ALL),
];

fn missing(construct: &str, outcomes: &str, row: Row) -> Vec<String> {
    let columns = [
        ('t', row.was_true, "true"),
        ('f', row.was_false, "false"),
        ('u', row.unknown, "unknown"),
        ('F', row.finding, "finding"),
    ];
    let mut zeros: Vec<String> = columns
        .iter()
        .filter(|(letter, count, _)| outcomes.contains(*letter) && *count == 0)
        .map(|(_, _, column)| format!("{construct}: {column}"))
        .collect();
    if row.evaluated == 0 && construct != "at" {
        zeros.push(format!("{construct}: evaluated"));
    }
    zeros
}

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
                context: document::context(&mut rng),
                ..Selection::default()
            };
            let _ = evaluate_counting(&program, &settings, &tape, &selection, &mut coverage);
        }
    }
    println!("{n_refused} settings of {N_PROGRAMS} refused");
    println!("{coverage}");
    let zeros: Vec<String> = CONSTRUCTS
        .iter()
        .flat_map(|(construct, outcomes)| missing(construct, outcomes, coverage.row(construct)))
        .collect();
    assert!(zeros.is_empty(), "reachable and not reached: {zeros:#?}");
    let unlisted: Vec<&str> = coverage
        .constructs()
        .filter(|seen| CONSTRUCTS.iter().all(|(construct, _)| construct != seen))
        .collect();
    assert!(unlisted.is_empty(), "not in the list: {unlisted:?}");
    assert!(
        coverage.with_findings * 5 >= coverage.evaluations,
        "under a fifth of the evaluations find something"
    );
}
