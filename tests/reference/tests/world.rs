//! The random world by itself: what the evaluator meets, and how often it finds something.

use palisade_reference::coverage::{Coverage, Row};
use palisade_reference::generate::{document, program, rng::Rng};
use palisade_reference::{Selection, configure, evaluate_counting};

/// Programs that are tried.
const N_PROGRAMS: u32 = 12_000;

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
    ("as bool", ALL),
    ("as float", ALL),
    ("as int", ALL),
    ("as int or string", ALL),
    ("as list", ALL),
    ("as map", ALL),
    ("as quantity", ALL),
    ("as record", "tfu"),
    ("as string", ALL),
    ("at", "F"),
    ("by bool", ALL),
    ("by int", ALL),
    ("by quantity", ALL),
    ("by string", ALL),
    ("by version", ALL),
    ("call Abs", ALL),
    ("call Add", ALL),
    ("call AddQuantity", ALL),
    ("call Cidr", ALL),
    ("call CleanPath", ALL),
    ("call ClusterVersion", "tF"),
    ("call Contains", ALL),
    ("call Divide", ALL),
    ("call Duration", ALL),
    ("call EndsWith", ALL),
    ("call Entropy", ALL),
    ("call FindAll", ALL),
    ("call Float", ALL),
    ("call Grants", ALL),
    ("call HostMatches", ALL),
    ("call Image", ALL),
    ("call Int", ALL),
    ("call IntegerDivide", ALL),
    ("call Intersect", "tuF"),
    ("call Ip", ALL),
    ("call Join", ALL),
    ("call Keys", "tuF"),
    ("call Len", ALL),
    ("call Lower", ALL),
    ("call Matches glob", ALL),
    ("call Matches regex", ALL),
    ("call Max", ALL),
    ("call Max of list", ALL),
    ("call Max quantity", ALL),
    ("call Min", ALL),
    ("call Min of list", ALL),
    ("call Min quantity", ALL),
    ("call Minus", "tuF"),
    ("call Multiply", ALL),
    ("call MultiplyQuantity", ALL),
    ("call Namespace", "tuF"),
    ("call Negate", ALL),
    ("call Octal", ALL),
    ("call PathWithin", ALL),
    ("call PercentOf", ALL),
    ("call Quantity", ALL),
    ("call Rank", "tuF"),
    ("call Remainder", ALL),
    ("call Replace", ALL),
    ("call Selects", ALL),
    ("call Size", "tuF"),
    ("call Size of map", "tuF"),
    ("call Sort", "tuF"),
    ("call Split", ALL),
    ("call StartsWith", ALL),
    ("call SubsetOf", ALL),
    ("call Substring", ALL),
    ("call Subtract", ALL),
    ("call SubtractQuantity", ALL),
    ("call Sum", "tuF"),
    ("call Timestamp", ALL),
    ("call Trim", ALL),
    ("call TrimPrefix", ALL),
    ("call TrimSuffix", ALL),
    ("call Union", "tuF"),
    ("call Unique", "tuF"),
    ("call Upper", ALL),
    ("call Values", "tuF"),
    ("call Version", ALL),
    ("call WithinCidr", ALL),
    ("coalesce", ALL),
    ("compare < duration", ALL),
    ("compare < int", ALL),
    ("compare < number", ALL),
    ("compare < quantity", ALL),
    ("compare < string", ALL),
    ("compare < timestamp", ALL),
    ("compare < version", ALL),
    ("compare <= duration", ALL),
    ("compare <= int", ALL),
    ("compare <= number", ALL),
    ("compare <= quantity", ALL),
    ("compare <= string", ALL),
    ("compare <= timestamp", ALL),
    ("compare <= version", ALL),
    ("compare == bool", ALL),
    ("compare == duration", ALL),
    ("compare == int", ALL),
    ("compare == number", ALL),
    ("compare == pattern", ALL),
    ("compare == quantity", ALL),
    ("compare == scalar", ALL),
    ("compare == string", ALL),
    ("compare == timestamp", ALL),
    ("compare == version", ALL),
    ("compare > duration", ALL),
    ("compare > int", ALL),
    ("compare > number", ALL),
    ("compare > quantity", ALL),
    ("compare > string", ALL),
    ("compare > timestamp", ALL),
    ("compare > version", ALL),
    ("compare >= duration", ALL),
    ("compare >= int", ALL),
    ("compare >= number", ALL),
    ("compare >= quantity", ALL),
    ("compare >= string", ALL),
    ("compare >= timestamp", ALL),
    ("compare >= version", ALL),
    ("concat", "tuF"),
    ("const bool", "tF"),
    ("const float", "tF"),
    ("const glob", "tF"),
    ("const int", "tF"),
    ("const list", "tF"),
    ("const map", "tF"),
    ("const none", "fF"),
    ("const quantity", "tF"),
    ("const regex", "tF"),
    ("const string", "tF"),
    ("context old", "tfF"),
    ("context request", "tfF"),
    ("count", "tuF"),
    ("count nested", "tuF"),
    ("count where", "tuF"),
    ("element", ALL),
    ("first", ALL),
    ("first by", ALL),
    ("first nested", ALL),
    ("first where", ALL),
    ("fix", "tf"),
    ("fix append", "t"),
    ("fix remove", "t"),
    ("fix set", "t"),
    ("if", ALL),
    ("image digest", ALL),
    ("image registry", ALL),
    ("image repository", ALL),
    ("image tag", ALL),
    ("in bool", ALL),
    ("in int", ALL),
    ("in pattern", ALL),
    ("in quantity", ALL),
    ("in scalar", ALL),
    ("in string", ALL),
    ("interpolate", "tuF"),
    ("is empty", ALL),
    ("is known", "tfF"),
    ("is set", ALL),
    ("last", ALL),
    ("last by", ALL),
    ("last nested", ALL),
    ("last where", ALL),
    ("list", "tF"),
    ("list of", "tuF"),
    ("list of by", "tuF"),
    ("list of nested", "tuF"),
    ("list of where", "tuF"),
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
    ("not applicable", ""),
    ("or", ALL),
    ("param", "tfF"),
    ("param any", "tfF"),
    ("param bool", "tfF"),
    ("param cidr", "tfF"),
    ("param duration", "tfF"),
    ("param enum", "tfF"),
    ("param float", "tfF"),
    ("param glob", "tfF"),
    ("param image", "tfF"),
    ("param int", "tfF"),
    ("param int or string", "tfF"),
    ("param ip", "tfF"),
    ("param list", "tF"),
    ("param map", "tF"),
    ("param quantity", "tfF"),
    ("param record", "tfF"),
    ("param regex", "tfF"),
    ("param string", "tfF"),
    ("param timestamp", "tfF"),
    ("param version", "tfF"),
    ("part object", "F"),
    ("part text", "F"),
    ("part value", "F"),
    ("path of a view", "tfu"),
    ("role", "tuF"),
    ("severity of a check", "tfu"),
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
    ("type cidr", ALL),
    ("type duration", ALL),
    ("type enum", ALL),
    ("type float", ALL),
    ("type glob", ALL),
    ("type image", ALL),
    ("type int", ALL),
    ("type int or string", ALL),
    ("type ip", ALL),
    ("type list", ALL),
    ("type map", ALL),
    ("type quantity", ALL),
    ("type record", ALL),
    ("type regex", ALL),
    ("type string", ALL),
    ("type timestamp", ALL),
    ("type version", ALL),
    ("with", ALL),
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
