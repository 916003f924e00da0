//! The host against modules written by hand, friendly and hostile.

mod guest_tape;
mod hostile;

use palisade_abi::tape::{Builder, Tape};

use super::*;
use crate::index::{self, FIXED_SYMBOLS, Index, PolicyEntry, ProjectionNode, Route};
use crate::section;

/// A module in text form with the exports of the interface; `evaluate` is the body of `palisade_evaluate`.
fn module_text(evaluate: &str) -> String {
    format!(
        r#"(module
            (memory (export "memory") 2)
            (global $next (mut i32) (i32.const 65536))
            (func (export "palisade_abi") (result i32) i32.const 1)
            (func (export "palisade_alloc") (param $bytes i32) (result i32)
                (local $start i32)
                (local.set $start (global.get $next))
                (global.set $next (i32.and
                    (i32.add (i32.add (global.get $next) (local.get $bytes)) (i32.const 15))
                    (i32.const -16)))
                (if (i32.gt_u (global.get $next) (i32.mul (memory.size) (i32.const 65536)))
                    (then (if (i32.eq (i32.const -1) (memory.grow (i32.add (i32.const 1)
                        (i32.shr_u (i32.sub (global.get $next) (i32.mul (memory.size) (i32.const 65536))) (i32.const 16)))))
                        (then (return (i32.const 0))))))
                (local.get $start))
            (func (export "palisade_reset") (global.set $next (i32.const 65536)))
            (func (export "palisade_configure") (param i32 i32) (result i32) i32.const 0)
            (func (export "palisade_evaluate_json") (param i32 i32 i32 i32) (result i32) i32.const 0)
            (func (export "palisade_evaluate")
                (param $object i32) (param $context i32) (param $enabled i32) (param $severities i32) (result i32)
                {evaluate}))"#
    )
}

/// An index with three policies of two checks, that reads pods as `projection` says (its first node is the root).
fn index_reading(symbols: &[&str], projection: Vec<ProjectionNode>) -> Index {
    Index {
        pack: "trial".into(),
        policies: (0..3)
            .map(|i| PolicyEntry {
                name: format!("policy-{i}"),
                title: String::new(),
                severity: 2,
                on_by_default: true,
                operations: 0,
                first_check: i * 2,
                n_checks: 2,
                controls: vec![],
                asks: 0,
            })
            .collect(),
        symbols: (FIXED_SYMBOLS.iter().chain(symbols))
            .map(ToString::to_string)
            .collect(),
        routes: vec![Route {
            source: None,
            secrets: Vec::new(),
            groups: vec![String::new()],
            kind: "Pod".into(),
            projection: 0,
        }],
        asked: Vec::new(),
        projection,
        profiles: vec![],
        params: vec![],
    }
}

fn whole() -> Vec<ProjectionNode> {
    vec![ProjectionNode {
        whole: true,
        ..ProjectionNode::default()
    }]
}

fn build(text: &str, index: &Index) -> Vec<u8> {
    let mut wasm = wat::parse_str(text).unwrap();
    section::append(&mut wasm, index::SECTION, &index.encode());
    wasm
}

fn load(text: &str, index: &Index) -> Instance {
    let engine = Engine::new().unwrap();
    let module = Module::new(&engine, &build(text, index)).unwrap();
    module.instantiate().unwrap()
}

/// A pod in the default namespace.
fn pod() -> Tape {
    let mut b = Builder::new();
    b.start_map();
    for (key, text) in [("apiVersion", "v1"), ("kind", "Pod")] {
        b.key(key);
        b.string(text);
    }
    b.key("metadata");
    b.start_map();
    for (key, text) in [("name", "web"), ("namespace", "shop")] {
        b.key(key);
        b.string(text);
    }
    b.end();
    b.key("spec");
    b.start_map();
    b.key("hostNetwork");
    b.bool(true);
    b.key("containers");
    b.start_list();
    b.start_map();
    b.key("name");
    b.string("app");
    b.key("odd key");
    b.float("1.50");
    b.end();
    b.int(-7);
    b.end();
    b.key("nothing");
    b.null();
    b.finish()
}
