//! How large modules are, and how they look.

use palisade_lang::program::{BaseType, Domain, Policy, Program};
use palisade_wasm::build::build_module;
use palisade_wasm::codegen::emit_module;
use palisade_wasm::target::{Target, strip};

use crate::build::{at, bool, deny, equal, part, policy, privileged, program};

/// A policy of one read of the pod and one comparison.
fn host_pid() -> Policy {
    let mut p = policy("no-host-pid");
    let read = at(part(), "spec.hostPID", BaseType::Bool);
    let stmt = deny(
        &mut p,
        equal(Domain::Bool, read, bool(true)),
        "shares the PID namespace",
    );
    p.bodies[0].block.stmts = vec![stmt];
    p
}

/// Bytes of the core with `n` policies, one after the other of those given.
fn core(n: usize, shapes: &[Policy]) -> usize {
    let policies = (0..n).map(|nth| {
        let mut policy = shapes[nth % shapes.len()].clone();
        policy.name = format!("no-privileged-{nth}");
        policy
    });
    strip(&emit_module(&program(policies.collect())).bytes)
        .unwrap()
        .len()
}

/// Bytes of the sections by id, and of the functions that are largest.
fn print_sections(program: &Program) {
    let module = strip(&emit_module(program).bytes).unwrap();
    for section in sections(&module) {
        println!("section {} {} bytes", section.0, section.1);
    }
}

fn sections(module: &[u8]) -> Vec<(u8, usize)> {
    let mut at = 8;
    let mut found = Vec::new();
    while at < module.len() {
        let id = module[at];
        at += 1;
        let (mut len, mut shift) = (0, 0);
        loop {
            let byte = module[at];
            at += 1;
            len |= ((byte & 0x7F) as usize) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        found.push((id, len));
        at += len;
    }
    found
}

#[test]
fn policies_are_small() {
    let loops = [1, 10, 100].map(|n| core(n, &[privileged()]));
    eprintln!("core with 1, 10, 100 policies of nine reads and a loop: {loops:?} bytes");
    let mixed = [1, 10, 100].map(|n| core(n, &[privileged(), host_pid()]));
    eprintln!("core with 1, 10, 100 policies, every other of two reads: {mixed:?} bytes");
    print_sections(&program(vec![privileged()]));
    let wasi = build_module(&program(vec![privileged()]), Target::Wasi).unwrap();
    eprintln!("wasi with 1 policy: {} bytes", wasi.len());
    assert!(loops[0] <= 15_600, "the core with one policy has grown");
    assert!(
        (mixed[2] - mixed[1]) / 90 <= 1024,
        "more than 1 KB a policy on average"
    );
    assert!((loops[2] - loops[1]) / 90 <= 256);
}
