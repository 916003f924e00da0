//! Modules that misbehave, and files that are no modules.

use super::*;

fn evaluate(instance: &mut Instance) -> Result<Outcome, EvaluateError> {
    instance.evaluate(&pod(), &Context::default(), &Selection::default())
}

/// Stores words at an address and returns it.
fn answer(address: u32, words: &[u32]) -> String {
    let stores: String = (words.iter().enumerate())
        .map(|(i, word)| {
            format!(
                "(i32.store (i32.const {}) (i32.const {}))\n",
                address as usize + 4 * i,
                word.cast_signed()
            )
        })
        .collect();
    format!("{stores} i32.const {address}")
}

/// One result record at 1024 behind its outcome at 1000, changed by `change`.
fn one_result(change: impl Fn(&mut [u32])) -> String {
    let mut words = [0_u32; 22];
    words[..4].copy_from_slice(&[1024, 1, 0, 0]);
    let mut record = [0_u32; 16];
    record[1] = 3;
    record[2] = 2 << 8;
    record[12] = 16;
    change(&mut record);
    words[6..].copy_from_slice(&record);
    answer(1000, &words)
}

#[test]
fn a_result_is_read_with_its_policy_and_place() {
    // The place is the third node of the tape.
    let body = format!(
        "{} drop
        (i32.store (i32.const 1040) (i32.add (local.get $object) (i32.const 32)))
        i32.const 1000",
        one_result(|_| ())
    );
    let outcome = evaluate(&mut load(&module_text(&body), &index_reading(&[], whole()))).unwrap();
    let [finding] = outcome.findings.as_slice() else {
        panic!("{outcome:?}")
    };
    assert_eq!((finding.policy, finding.check, finding.severity), (1, 1, 2));
    assert_eq!(
        finding.place,
        palisade_abi::place::Place::node(palisade_abi::tape::NodeId(2))
    );
}

#[test]
fn results_that_break_the_interface_are_an_error_and_nothing_worse() {
    let huge = u32::MAX;
    let cases: [(&str, String); 11] = [
        ("outcome outside", "i32.const -8".into()),
        ("record outside", answer(1000, &[huge - 3, 1, 0, 0])),
        ("count too high", answer(1000, &[0, 5, 0, 0])),
        ("a ring", one_result(|record| record[0] = 1024)),
        ("unknown check", one_result(|record| record[1] = 600)),
        ("unknown status", one_result(|record| record[2] = 77)),
        ("unknown severity", one_result(|record| record[2] = 9 << 8)),
        ("place in the wild", one_result(|record| record[4] = 48)),
        (
            "endless tail",
            one_result(|record| (record[5], record[6]) = (2000, huge)),
        ),
        (
            "endless related",
            one_result(|record| (record[10], record[11]) = (2000, huge)),
        ),
        (
            "message outside",
            one_result(|record| (record[12], record[13]) = (huge - 10, 20)),
        ),
    ];
    for (name, body) in cases {
        let mut instance = load(&module_text(&body), &index_reading(&[], whole()));
        let error = evaluate(&mut instance).unwrap_err();
        assert!(matches!(error.cause, Cause::Results(_)), "{name}: {error}");
        assert_eq!(error.object, "Pod shop/web");
    }
}

#[test]
fn a_module_that_cannot_decide_evaluates_and_its_results_are_marks() {
    // Two results of check 3 and one of check 2, the last of them.
    let mut words = [0_u32; 4 + 2 + 3 * 16];
    words[..4].copy_from_slice(&[1024, 3, 0, 0]);
    for (nth, (next, check)) in [(1088, 3), (1152, 3), (0, 2)].into_iter().enumerate() {
        let record = &mut words[6 + 16 * nth..];
        record[..3].copy_from_slice(&[next, check, 4 << 8]);
    }
    let text = module_text(&answer(1000, &words));
    let mut instance = load(&text, &index_reading(&[], whole()));
    let outcome = evaluate(&mut instance).unwrap();
    let decision = instance.decide(&pod(), &Context::default(), &Selection::default());
    let decision = decision.unwrap();
    assert_eq!(outcome.findings.len(), 3);
    assert!(decision.fits(&outcome), "{decision:?}");
    let marks: Vec<_> = (decision.marks.iter())
        .map(|mark| (mark.policy, mark.check, mark.severity))
        .collect();
    assert_eq!(marks, [(1, 1, 4), (1, 0, 4)]);
}

#[test]
fn marks_that_break_the_interface_are_an_error() {
    let decide = |body: &str| {
        let text = module_text("i32.const 0").replacen(
            "(func (export \"palisade_evaluate\")",
            &format!(
                "(func (export \"palisade_decide\")
                    (param i32) (param i32) (param i32) (param i32) (result i32) {body})
                (func (export \"palisade_evaluate\")"
            ),
            1,
        );
        let mut instance = load(&text, &index_reading(&[], whole()));
        instance.decide(&pod(), &Context::default(), &Selection::default())
    };
    let fine = decide(&answer(1000, &[1016, 1, 0, 0, 0, 3, 3 << 8])).unwrap();
    assert_eq!(fine.marks.len(), 1, "{fine:?}");
    for words in [
        [1016, 2, 0, 0, 0, 3, 3 << 8],
        [1016, 1, 0, 0, 0, 600, 3 << 8],
        [1016, 1, 0, 0, 0, 3, 9 << 8],
        [1016, 1, 0, 0, 1016, 3, 3 << 8],
        [u32::MAX - 3, 1, 0, 0, 0, 3, 3 << 8],
    ] {
        let error = decide(&answer(1000, &words)).unwrap_err();
        assert!(
            matches!(error.cause, Cause::Results(_)),
            "{words:?}: {error}"
        );
    }
}

#[test]
fn a_module_that_never_ends_meets_its_deadline() {
    // Loops whenever policy 1 is enabled.
    let text = module_text(
        "(if (i32.eqz (local.get $enabled)) (then (loop $again (br $again))))
        (if (i32.and (i32.load8_u (local.get $enabled)) (i32.const 2)) (then (loop $again (br $again))))
        i32.const 1000",
    );
    let mut instance = load(&text, &index_reading(&[], whole()));
    instance.set_deadline(std::time::Duration::from_millis(300));
    let error = evaluate(&mut instance).unwrap_err();
    assert_eq!(
        error.to_string(),
        "policy `policy-1` ran past its deadline on Pod shop/web"
    );
}

#[test]
fn a_module_that_never_starts_meets_its_deadline() {
    let text = module_text("i32.const 0").replacen(
        "(module",
        "(module (func $forever (loop $again (br $again))) (start $forever)",
        1,
    );
    let wasm = build(&text, &index_reading(&[], whole()));
    let module = Module::new(&Engine::new().unwrap(), &wasm).unwrap();
    assert_eq!(module.instantiate().unwrap_err(), LoadError::Deadline);
}

#[test]
fn the_policy_that_traps_is_named_and_the_instance_goes_on() {
    // Traps whenever policy 1 is enabled, by the bit set or by default; else no results.
    let body = "(if (i32.eqz (local.get $enabled)) (then unreachable))
        (if (i32.and (i32.load8_u (local.get $enabled)) (i32.const 2)) (then unreachable))
        i32.const 1000";
    let mut instance = load(&module_text(body), &index_reading(&[], whole()));
    let error = evaluate(&mut instance).unwrap_err();
    assert_eq!(error.policy.as_deref(), Some("policy-1"));
    assert!(
        error.to_string().starts_with("policy `policy-1` failed: "),
        "{error}"
    );
    let rest = Selection::only(3, [0, 2]);
    let outcome = instance.evaluate(&pod(), &Context::default(), &rest);
    assert_eq!(outcome, Ok(Outcome::default()));
}

#[test]
fn memory_is_limited_and_a_swollen_instance_is_given_up() {
    let grows_forever = "(loop $again
        (br_if $again (i32.ne (memory.grow (i32.const 64)) (i32.const -1)))) unreachable";
    let mut instance = load(&module_text(grows_forever), &index_reading(&[], whole()));
    assert_eq!(evaluate(&mut instance).unwrap_err().cause, Cause::Memory);

    // Grows by 20 MiB; the next document would see what the first one left if the instance were kept.
    let grows_once = "(if (i32.load (i32.const 2000)) (then unreachable))
        (i32.store (i32.const 2000) (i32.const 1))
        (drop (memory.grow (i32.const 320)))
        i32.const 1000";
    let mut instance = load(&module_text(grows_once), &index_reading(&[], whole()));
    for _ in 0..3 {
        assert_eq!(evaluate(&mut instance), Ok(Outcome::default()));
    }
}

#[test]
fn space_that_the_module_does_not_have_is_refused() {
    let text =
        module_text("i32.const 1000").replace("(local.get $start))", "(i32.const 0x7fff0000))");
    let error = evaluate(&mut load(&text, &index_reading(&[], whole()))).unwrap_err();
    assert!(matches!(error.cause, Cause::Results(_)), "{error}");
}

#[test]
fn an_object_that_no_policy_reads_makes_no_call() {
    let mut instance = load(&module_text("unreachable"), &index_reading(&[], whole()));
    let mut other = palisade_abi::tape::Builder::new();
    other.start_map();
    for (key, text) in [("apiVersion", "apps/v1"), ("kind", "Pod")] {
        other.key(key);
        other.string(text);
    }
    let outcome = instance.evaluate(&other.finish(), &Context::default(), &Selection::default());
    assert_eq!(outcome, Ok(Outcome::default()));
}

fn load_error(wasm: &[u8]) -> LoadError {
    Module::new(&Engine::new().unwrap(), wasm)
        .map(|_| ())
        .unwrap_err()
}

#[test]
fn a_file_that_is_no_module_of_ours_says_so() {
    assert_eq!(load_error(b"apiVersion: v1"), LoadError::NotWasm);
    assert_eq!(load_error(b"\0asm\x0d\0\x01\0"), LoadError::Component);
    assert_eq!(
        load_error(&wat::parse_str("(module)").unwrap()),
        LoadError::NotOurs
    );
    let mut newer = wat::parse_str("(module)").unwrap();
    let mut index = index_reading(&[], whole()).encode();
    index[4] = 7;
    section::append(&mut newer, index::SECTION, &index);
    assert_eq!(
        load_error(&newer).to_string(),
        "it speaks version 7 of the interface, and this is version 1"
    );
    let foreign = "(module (import \"env\" \"abort\" (func)))";
    let foreign = build(foreign, &index_reading(&[], whole()));
    assert_eq!(load_error(&foreign), LoadError::Import("env.abort".into()));
}

#[test]
fn exports_are_those_of_the_interface() {
    let instantiate = |text: &str| {
        let wasm = build(text, &index_reading(&[], whole()));
        let module = Module::new(&Engine::new().unwrap(), &wasm).unwrap();
        module.instantiate().map(|_| ()).unwrap_err()
    };
    let text = module_text("i32.const 0");
    let without = text.replace("palisade_reset", "another");
    assert_eq!(instantiate(&without), LoadError::Export("palisade_reset"));
    let newer = text.replace("(result i32) i32.const 1)", "(result i32) i32.const 4)");
    assert_eq!(instantiate(&newer), LoadError::Version(4));
}

#[test]
fn functions_of_wasi_are_answered() {
    let text = module_text("i32.const 1000").replacen(
        "(module",
        "(module (import \"wasi_snapshot_preview1\" \"fd_read\" (func (param i32 i32 i32 i32) (result i32)))
            (import \"wasi_snapshot_preview1\" \"proc_exit\" (func (param i32)))",
        1,
    );
    let mut instance = load(&text, &index_reading(&[], whole()));
    assert_eq!(evaluate(&mut instance), Ok(Outcome::default()));
}

#[test]
fn an_image_runs_as_its_module_does() {
    let engine = Engine::new().unwrap();
    let body = one_result(|_| ());
    let wasm = build(&module_text(&body), &index_reading(&[], whole()));
    let image = Image::precompile(&engine, &wasm).unwrap();
    #[expect(unsafe_code, reason = "the image was made two lines up")]
    // SAFETY: the image was made two lines up.
    let module =
        unsafe { Module::from_image(&Engine::new().unwrap(), image.index.clone(), &image.native) }
            .unwrap();
    let outcome = evaluate(&mut module.instantiate().unwrap()).unwrap();
    assert_eq!(outcome.findings.len(), 1);
    assert_eq!(
        evaluate(&mut load(&module_text(&body), &index_reading(&[], whole()))),
        Ok(outcome)
    );
}
