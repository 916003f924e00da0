//! What the host says around a document reaches the policies, from a tape and from JSON alike.

use palisade_abi::tape::Tape;
use palisade_lang::program::*;
use palisade_lint::manifest::{self, Format};
use palisade_wasm::host::{Context, Selection};
use serde_json::{Value, json};

use crate::build::*;
use crate::projection::instance;

fn tape(document: &Value) -> Tape {
    let mut read = manifest::read(document.to_string().as_bytes(), Format::Json);
    read.documents.remove(0).tape
}

#[test]
fn the_old_object_and_the_request_are_read() {
    let mut p = policy("p");
    let old = expr(ExprKind::Context(ContextPart::Old), record());
    let request = expr(ExprKind::Context(ContextPart::Request), record());
    let was = at(old, "spec.n", BaseType::Int);
    let user = at(request, "userInfo.username", string());
    let condition = compare(
        CompareOp::Less,
        Domain::Int,
        at(part(), "spec.n", BaseType::Int),
        was.clone(),
    );
    let stmt = deny(&mut p, condition, "");
    p.checks[0].message = vec![
        MessagePart::Value(was),
        MessagePart::Text(" ".into()),
        MessagePart::Value(user),
    ];
    p.bodies[0].block.stmts = vec![stmt];
    let mut host = instance(vec![p]);
    let pod = |n: i64| json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"n": n}});
    let context = Context {
        request: Some(
            json!({"operation": "UPDATE", "userInfo": {"username": "eve", "groups": [null, 1.5]}}),
        ),
        old: Some(pod(7)),
        ..Context::default()
    };
    let tape = tape(&pod(3));
    let outcome = host
        .evaluate(&tape, &context, &Selection::default())
        .unwrap();
    let messages: Vec<_> = outcome
        .findings
        .iter()
        .map(|found| &*found.message)
        .collect();
    assert_eq!(messages, ["7 eve"]);
    let verdict = host.evaluate_json(&pod(3).to_string(), &context).unwrap();
    let verdict: Value = serde_json::from_str(&verdict).unwrap();
    assert_eq!(verdict["findings"][0]["message"], "7 eve");
    // Without the old object nothing is below it.
    let alone = host
        .evaluate(&tape, &Context::default(), &Selection::default())
        .unwrap();
    assert_eq!(alone.findings, []);
}
