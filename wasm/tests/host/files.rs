//! The files that are made of a program.

use palisade_abi::place::Step;
use palisade_wasm::build::build_module;
use palisade_wasm::host::{Context, Engine, Image, Module, Selection, Status};
use palisade_wasm::target::{CORE_SECTION, Target, strip};
use palisade_wasm::{index, section};

use crate::build::program;
use crate::projection::policies;

#[test]
fn the_core_of_a_program_is_the_same_in_every_target() {
    let program = program(policies());
    let [core, wasi] =
        [Target::Core, Target::Wasi].map(|target| build_module(&program, target).unwrap());
    assert_eq!(strip(&core).unwrap(), strip(&wasi).unwrap());
    assert_eq!(
        section::find(&core, CORE_SECTION),
        section::find(&wasi, CORE_SECTION)
    );
    assert_eq!(
        section::find(&core, index::SECTION),
        section::find(&wasi, index::SECTION)
    );
    assert_eq!(
        build_module(&program, Target::Wasi).unwrap(),
        wasi,
        "the same program gives the same bytes"
    );
}

#[test]
fn every_file_finds_the_same() {
    let program = program(policies());
    let engine = Engine::new().unwrap();
    let pod = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"labels":{"spec":"x"}},
        "spec":{"containers":[{"image":"nginx","command":[]}]}}"#;
    let tape = palisade_lint::manifest::read(pod.as_bytes(), palisade_lint::manifest::Format::Json)
        .documents
        .remove(0)
        .tape;
    let [core, wasi] =
        [Target::Core, Target::Wasi].map(|target| build_module(&program, target).unwrap());
    let image = Image::precompile(&engine, &wasi).unwrap();
    #[expect(unsafe_code, reason = "the image was made in the line above")]
    // SAFETY: the image was made in the line above.
    let native =
        unsafe { Module::from_image(&engine, image.index.clone(), &image.native) }.unwrap();
    let modules = [&core, &wasi].map(|wasm| Module::new(&engine, wasm).unwrap());
    let quick = Module::compile_quickly(&engine, &core).unwrap();
    let [first, second, third, fourth] =
        [&modules[0], &modules[1], &native, &quick].map(|module| {
            let mut host = module.instantiate().unwrap();
            host.evaluate(&tape, &Context::default(), &Selection::default())
                .unwrap()
        });
    assert_eq!(first, second);
    assert_eq!(first, third);
    assert_eq!(first, fourth);
    let said: Vec<_> = (first.findings.iter())
        .map(|finding| {
            assert_eq!(finding.status, Status::Finding);
            let policy = modules[0].policy(finding.policy).unwrap().name;
            let missing: Vec<_> = (finding.place.missing.iter())
                .map(|step| match step {
                    Step::Key(key) => key.as_str(),
                    Step::Index(_) | Step::Element { .. } | Step::Document { .. } => "?",
                })
                .collect();
            format!(
                "{policy}/{} {} {}: {}",
                finding.check,
                finding.place.node.0,
                missing.join("."),
                finding.message
            )
        })
        .collect();
    assert_eq!(
        said,
        [
            "computed/1 6 initContainers: Pod (unnamed) nginx",
            "computed/4 4 : Pod (unnamed) SPEC",
            "images/1 9 : Pod (unnamed) (not set) latest",
            "memory/1 8 resources.limits.memory: no limit",
            "commands/1 10 : Pod (unnamed) (none) app",
            "commands/3 10 : empty",
            "labels/1 5 : Pod (unnamed) spec x",
        ]
    );
}
