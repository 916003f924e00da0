//! The runtime as a command.

use super::Runtime;

/// Runs the command: standard output, standard error, exit status.
fn run(arguments: &[&str], input: &[u8]) -> (String, String, i32) {
    let mut guest = Runtime::get().guest(arguments, input);
    let start = (guest.instance).get_typed_func::<(), ()>(&mut guest.store, "_start");
    let ended = start.unwrap().call(&mut guest.store, ());
    let files = guest.store.data().lock().unwrap();
    assert_eq!(ended.is_err(), files.status.is_some(), "{ended:?}");
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        text(&files.output),
        text(&files.errors),
        files.status.unwrap_or(0),
    )
}

const NOTHING: &str =
    "{\"version\":1,\"findings\":[],\"unknown\":[],\"notApplicable\":[],\"errors\":[]}\n";

#[test]
fn without_arguments_the_command_does_nothing() {
    assert_eq!(run(&[], b"{}"), (String::new(), String::new(), 0));
    assert_eq!(
        run(&["policy.wasm"], b"{}"),
        (String::new(), String::new(), 0)
    );
}

#[test]
fn evaluate_judges_standard_input() {
    let ok = (NOTHING.to_owned(), String::new(), 0);
    let evaluate = |input: &str| run(&["policy.wasm", "evaluate"], input.as_bytes());
    assert_eq!(evaluate("{\"kind\":\"Pod\"}"), ok);
    assert_eq!(
        evaluate("{\"document\":{\"kind\":\"Pod\"},\"settings\":{},\"context\":{}}"),
        ok
    );
    // With a kind it is a document itself.
    assert_eq!(
        evaluate("{\"kind\":\"X\",\"document\":{},\"settings\":{\"a\":1}}"),
        ok
    );
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(200_000));
    assert_eq!(evaluate(&long), ok);
}

#[test]
fn a_reason_is_given_where_there_is_no_verdict() {
    let fails = |arguments: &[&str], input: &str, reason: &str| {
        let (output, errors, status) = run(arguments, input.as_bytes());
        assert_eq!((output.as_str(), status), ("", 1), "{arguments:?} {input}");
        assert_eq!(errors, format!("palisade: {reason}\n"));
    };
    let evaluate = ["policy.wasm", "evaluate"];
    fails(&evaluate, "", "the input is no JSON, at byte 0");
    fails(&evaluate, "{\"a\": x}", "the input is no JSON, at byte 6");
    let settings = "{\"document\":{},\"settings\":{\"level\":1}}";
    fails(
        &evaluate,
        settings,
        "the settings were refused: `level` is neither a policy of this module nor its pack",
    );
    for command in ["validate", "validate-settings", "review"] {
        fails(
            &["x", command],
            "{}",
            &format!("{command} is not supported by this version"),
        );
    }
    fails(
        &["x", "frobnicate"],
        "{}",
        "unknown command; the commands are: evaluate",
    );
    fails(
        &["x", "evaluate", "file"],
        "{}",
        "`evaluate` takes no arguments",
    );
}
