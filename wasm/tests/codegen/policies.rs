//! Whole policies.

use palisade_abi::layout;
use palisade_lang::program::*;
use serde_json::{Value, json};

use crate::build::*;
use crate::guest::Guest;

fn pod(spec: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "n", "namespace": "ns"}, "spec": spec})
}

fn spec(path: &str, ty: BaseType) -> Expr {
    at(part(), &format!("spec.{path}"), ty)
}

#[test]
fn a_privileged_container_is_found_where_it_says_so() {
    let mut guest = Guest::new(&program(vec![privileged()]));
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
        "spec": {
            "initContainers": [{"name": "init", "securityContext": {"privileged": false}}],
            "containers": [
                {"name": "app", "securityContext": {"privileged": true}},
                {"name": "odd", "securityContext": {"privileged": "true"}},
                {"name": "open", "securityContext": {"privileged": {"$unknown": "{{ .Values.x }}"}}},
                {"name": "plain"},
            ],
        },
    });
    let outcome = guest.run(&pod);
    assert_eq!(
        outcome.results,
        [
            "no-privileged-containers/1 critical .spec.containers[0].securityContext.privileged: container `app` runs privileged",
            "no-privileged-containers/0 critical .spec.containers[1].securityContext.privileged: `privileged` is a string where a bool is expected",
            "no-privileged-containers/1 critical .spec.containers[2].securityContext.privileged: unknown template",
        ]
    );
    assert_eq!(outcome.steps, 5);
}

/// Memory is limited: a `let`, a `where`, and a check that another guards.
fn memory_limit() -> Policy {
    let mut p = policy("memory-limit");
    let c = bind(&mut p, "c", record(), Binding::Element);
    let container = local(c, record());
    let limits = at(
        container.clone(),
        "resources.limits",
        map(BaseType::Quantity),
    );
    let key = Box::new(text("memory"));
    let memory = expr(
        ExprKind::MapMember {
            base: Box::new(limits),
            key,
        },
        BaseType::Quantity,
    );
    let limit = bind(
        &mut p,
        "limit",
        BaseType::Quantity,
        Binding::Let(Box::new(memory)),
    );
    let limit_name = local(limit, BaseType::Quantity);
    let role = expr(ExprKind::ContainerRole(Box::new(container)), string());
    let guard = not(equal(Domain::String, role, text("ephemeral")));
    let set = require(&mut p, is_set(limit_name.clone()), "no memory limit");
    let low = compare(
        CompareOp::LessEqual,
        Domain::Quantity,
        limit_name.clone(),
        quantity("4Gi"),
    );
    let below = require(&mut p, low, "");
    p.checks[1].guards = vec![CheckId(0)];
    p.checks[1].message = vec![
        MessagePart::Text("memory limit ".to_owned()),
        MessagePart::Value(limit_name),
        MessagePart::Text(" is above ".to_owned()),
        MessagePart::Value(quantity("4Gi")),
    ];
    let stmts = vec![Stmt::Let(LocalId(limit)), set, below];
    p.bodies[0].block.stmts = vec![for_each(generator(c, containers()), Some(guard), stmts)];
    p
}

/// Roles grant no wildcards, on objects of two kinds.
fn wildcards() -> Policy {
    let mut p = policy("no-wildcard-permissions");
    p.severity = Severity::High;
    p.bodies[0].targets = ["Role", "ClusterRole"]
        .map(|kind| {
            Target::Kind(KindRef {
                groups: vec!["rbac.authorization.k8s.io".to_owned()],
                kind: kind.to_owned(),
            })
        })
        .into();
    let rule = bind(&mut p, "rule", record(), Binding::Element);
    let of = |key: &str| at(local(rule, record()), key, list(string()));
    let star = is_in(Domain::String, text("*"), of("verbs"));
    let verbs = deny(&mut p, star, "");
    p.checks[0].message = vec![
        MessagePart::Text("grants every verb on ".to_owned()),
        MessagePart::Value(of("resources")),
        MessagePart::Text(" in ".to_owned()),
        MessagePart::Object(object()),
    ];
    p.bodies[0].block.stmts = vec![for_each(
        generator(rule, at(object(), "rules", list(record()))),
        None,
        vec![verbs],
    )];
    p
}

#[test]
fn a_check_waits_for_its_guard() {
    let mut guest = Guest::new(&program(vec![memory_limit()]));
    let template = json!({"$unknown": "{{ .Values.memory }}"});
    let limit = |memory: Value| json!({"resources": {"limits": {"memory": memory}}});
    let document = pod(&json!({
        "containers": [limit(json!("4096Mi")), limit(json!("5Gi")), {}, limit(template), limit(json!("x"))],
        "ephemeralContainers": [{}],
    }));
    assert_eq!(
        guest.run(&document).results,
        [
            "memory-limit/2 medium .spec.containers[1].resources.limits.memory: memory limit 5Gi is above 4Gi",
            "memory-limit/1 medium .spec.containers[2]?.resources?.limits?.memory: no memory limit",
            "memory-limit/2 medium .spec.containers[3].resources.limits.memory: unknown template",
            "memory-limit/0 medium .spec.containers[4].resources.limits.memory: `memory` is `x` where a quantity is expected",
        ]
    );
}

#[test]
fn roles_say_what_they_grant() {
    let mut guest = Guest::new(&program(vec![wildcards()]));
    let role = |kind: &str, version: &str, resources: Value| {
        json!({"apiVersion": version, "kind": kind, "metadata": {"name": "r", "namespace": "ns"}, "rules": [
            {"verbs": ["get"]}, {"verbs": ["list", "*"], "resources": resources},
        ]})
    };
    let v1 = "rbac.authorization.k8s.io/v1";
    for (resources, said) in [
        (json!(["a"]), "a"),
        (json!(["a", "b"]), "a and b"),
        (
            json!(["a", 1, true, null, {"$float": "1.50"}]),
            "a, 1, true, null and 1.50",
        ),
        (
            json!(["a", "b", "c", "d", "e", "f", "g"]),
            "a, b, c, d, e and 2 more",
        ),
        (
            json!([["x"], {"y": 1}, {"$unknown": "{{ z }}"}]),
            "…, … and (unknown)",
        ),
        (json!([]), "(none)"),
        (Value::Null, "(none)"),
        (json!("pods"), "(unknown)"),
    ] {
        assert_eq!(
            guest.run(&role("Role", v1, resources)).results,
            [format!(
                "no-wildcard-permissions/1 high .rules[1].verbs[1]: grants every verb on {said} in Role ns/r"
            )]
        );
    }
    for (kind, version) in [("Role", "v1"), ("Role", "apps/v1"), ("Pod", v1)] {
        assert!(
            guest
                .run(&role(kind, version, json!([])))
                .results
                .is_empty()
        );
    }
    assert!(guest.run(&json!("text")).results.is_empty());
}

#[test]
fn objects_are_named_by_what_they_have() {
    let mut p = policy("p");
    let stmt = deny(&mut p, bool(true), "");
    p.checks[0].message = vec![MessagePart::Object(object())];
    p.bodies[0].block.stmts = vec![stmt];
    let mut guest = Guest::new(&program(vec![p]));
    for (metadata, expected) in [
        (json!({"name": "a"}), ".metadata.name: Pod a"),
        (
            json!({"name": "a", "namespace": "b"}),
            ".metadata.name: Pod b/a",
        ),
        (json!({"generateName": "a-"}), ".metadata?.name: Pod a-*"),
        (json!({"namespace": "b"}), ".metadata?.name: Pod (unnamed)"),
        (json!("odd"), ".metadata?.name: Pod (unnamed)"),
        (Value::Null, "/?.metadata?.name: Pod (unnamed)"),
    ] {
        let document = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata});
        assert_eq!(
            guest.run(&document).results,
            [format!("p/1 medium {expected}")]
        );
    }
}

#[test]
fn a_view_finds_its_part_in_every_kind() {
    let mut p = policy("p");
    let stmt = deny(&mut p, truth(spec("hostPID", BaseType::Bool)), "m");
    p.bodies[0].block.stmts = vec![stmt];
    let mut off = p.clone();
    off.name = "off".to_owned();
    off.on_by_default = false;
    let mut guest = Guest::new(&program(vec![p, off]));
    let deployment = |template: Value| json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"template": template}});
    let bad = deployment(json!({"spec": {"hostPID": true}}));
    let place = ".spec.template.spec.hostPID: m";
    assert_eq!(guest.run(&bad).results, [format!("p/1 medium {place}")]);
    let both = guest.run_with(&bad, Some(&[0b11]), Some(&[255, 4])).results;
    assert_eq!(
        both,
        [
            format!("p/1 medium {place}"),
            format!("off/1 critical {place}")
        ]
    );
    assert!(guest.run_with(&bad, Some(&[0]), None).results.is_empty());
    let cron = json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c"},
        "spec": {"jobTemplate": {"spec": {"template": {"spec": {"hostPID": true}}}}}});
    assert_eq!(
        guest.run(&cron).results,
        ["p/1 medium .spec.jobTemplate.spec.template.spec.hostPID: m"]
    );
    assert_eq!(
        guest.run(&deployment(json!([]))).results,
        ["p/0 medium .spec.template: `template` is a list where a map is expected"]
    );
    assert_eq!(
        guest
            .run(&deployment(json!({"$unknown": "{{ toYaml . }}"})))
            .results,
        ["p/0 medium .spec.template: unknown template"]
    );
    assert!(guest.run(&deployment(Value::Null)).results.is_empty());
    let mut odd = cron;
    odd["spec"]["jobTemplate"] = json!(3);
    assert_eq!(
        guest.run(&odd).results,
        ["p/0 medium .spec.jobTemplate: `jobTemplate` is an int where a map is expected"]
    );
}

#[test]
fn statements_choose_and_repeat() {
    let mut p = policy("p");
    let key = bind(&mut p, "key", string(), Binding::Key);
    let value = bind(&mut p, "value", string(), Binding::Element);
    let idx = bind(&mut p, "idx", BaseType::Int, Binding::Index);
    let word = bind(&mut p, "word", string(), Binding::Element);
    let is_key = equal(Domain::String, local(key, string()), text("bad"));
    let bad_key = deny(&mut p, is_key, "bad key");
    let second = equal(Domain::Int, local(idx, BaseType::Int), int(1));
    let second = deny(&mut p, second, "second");
    p.checks[1].message = vec![
        MessagePart::Value(local(idx, BaseType::Int)),
        MessagePart::Value(local(word, string())),
    ];
    let nowhere = deny(&mut p, bool(true), "then");
    let other = deny(&mut p, bool(true), "otherwise");
    let at_place = deny(&mut p, truth(spec("on", BaseType::Bool)), "at");
    p.checks[4].place = Some(spec("at.this", string()));
    p.checks[4].severity = Some(text("low"));
    let mut over_map = generator(value, spec("map", map(string())));
    over_map.key = Some(LocalId(key));
    let mut over_list = generator(word, spec("list", list(string())));
    over_list.key = Some(LocalId(idx));
    p.bodies[0].guard = Some(not(truth(spec("skip", BaseType::Bool))));
    p.bodies[0].block.stmts = vec![
        for_each(over_map, None, vec![bad_key]),
        for_each(
            over_list,
            None,
            vec![
                second,
                Stmt::When {
                    condition: equal(Domain::String, local(word, string()), text("x")),
                    then: Block {
                        stmts: vec![nowhere],
                    },
                    otherwise: Block { stmts: vec![other] },
                },
            ],
        ),
        at_place,
    ];
    let mut guest = Guest::new(&program(vec![p]));
    let document = json!({"map": {"a": "1", "none": null, "bad": "2"}, "list": ["x", "y"], "on": true, "at": {}});
    let expected = [
        "p/1 medium .spec.map.bad: bad key",
        "p/3 medium .spec.list[0]: then",
        "p/2 medium .spec.list[1]: 1y",
        "p/4 medium .spec.list[1]: otherwise",
        "p/5 low .spec.at?.this also .spec.on: at",
    ];
    assert_eq!(guest.run(&pod(&document)).results, expected);
    assert!(
        guest
            .run(&pod(&json!({"skip": true, "on": true})))
            .results
            .is_empty()
    );
    let template = json!({"$unknown": "{{ x }}"});
    assert_eq!(
        guest
            .run(&pod(&json!({"skip": template, "on": true})))
            .results,
        ["p/0 medium .spec.skip: unknown template"]
    );
    assert_eq!(
        guest
            .run(&pod(
                &json!({"map": template, "list": [template, 3], "on": template})
            ))
            .results,
        [
            "p/0 medium .spec.map: unknown template",
            "p/0 medium .spec.list[0]: unknown template",
            "p/0 medium .spec.list[1]: an element of `list` is an int where a string is expected",
            "p/2 medium .spec.list[1]: 1(unknown)",
            "p/5 low .spec.at?.this also .spec.on: unknown template"
                .replace(".spec.at?.this", ".spec?.at?.this")
                .as_str(),
        ]
    );
}

#[test]
fn a_let_of_joined_lists_is_gone_through_twice() {
    let mut p = policy("p");
    let all = bind(
        &mut p,
        "all",
        list(record()),
        Binding::Let(Box::new(containers())),
    );
    let c = bind(&mut p, "c", record(), Binding::Element);
    let tty = deny(
        &mut p,
        truth(at(local(c, record()), "tty", BaseType::Bool)),
        "tty",
    );
    let empty = deny(
        &mut p,
        is_empty(local(all, list(record()))),
        "no containers",
    );
    p.bodies[0].block.stmts = vec![
        Stmt::Let(LocalId(all)),
        for_each(generator(c, local(all, list(record()))), None, vec![tty]),
        empty,
    ];
    let mut guest = Guest::new(&program(vec![p]));
    let document = pod(
        &json!({"initContainers": [{"tty": true}], "ephemeralContainers": [{}, {"tty": true}]}),
    );
    assert_eq!(
        guest.run(&document).results,
        [
            "p/1 medium .spec.initContainers[0].tty: tty",
            "p/1 medium .spec.ephemeralContainers[1].tty: tty"
        ]
    );
    let none = guest.run(&pod(&json!({"initContainers": []}))).results;
    assert_eq!(
        none,
        [
            "p/2 medium .spec.initContainers also .spec?.containers also .spec?.ephemeralContainers: no containers"
        ]
    );
}

#[test]
fn equal_findings_are_one_and_too_many_are_told() {
    let mut p = policy("p");
    let c = bind(&mut p, "c", BaseType::Int, Binding::Element);
    let on = || truth(spec("on", BaseType::Bool));
    let (once, again) = (deny(&mut p, on(), "m"), deny(&mut p, on(), "m"));
    p.bodies[0].block.stmts = vec![
        for_each(
            generator(c, spec("xs", list(BaseType::Int))),
            None,
            vec![once],
        ),
        again,
    ];
    let outcome = Guest::new(&program(vec![p])).run(&pod(&json!({"on": true, "xs": [1, 2, 3]})));
    assert_eq!(outcome.results, ["p/1 medium .spec.on: m"]);

    let mut p = policy("p");
    let c = bind(&mut p, "c", BaseType::Int, Binding::Element);
    let long = "long ".repeat(200);
    let each = deny(&mut p, bool(true), &long);
    p.bodies[0].block.stmts = vec![for_each(
        generator(c, spec("xs", list(BaseType::Int))),
        None,
        vec![each],
    )];
    let numbers: Vec<u32> = (0..2000).collect();
    let outcome = Guest::new(&program(vec![p])).run(&pod(&json!({"xs": numbers})));
    assert_eq!(outcome.flags, layout::OUTCOME_TRUNCATED);
    assert!(
        (900..1100).contains(&outcome.results.len()),
        "{}",
        outcome.results.len()
    );
}

#[test]
fn a_policy_that_runs_out_of_steps_says_so() {
    let mut p = policy("greedy");
    let x = bind(&mut p, "x", BaseType::Int, Binding::Element);
    let y = bind(&mut p, "y", BaseType::Int, Binding::Element);
    let xs = || spec("xs", list(BaseType::Int));
    let never = quantifier(
        QuantifierKind::Any,
        vec![generator(x, xs()), generator(y, xs())],
        None,
        compare(
            CompareOp::Less,
            Domain::Int,
            local(x, BaseType::Int),
            int(0),
        ),
    );
    let stmt = deny(&mut p, never, "m");
    p.bodies[0].block.stmts = vec![stmt];
    let mut later = policy("later");
    let looped = bind(&mut later, "x", BaseType::Int, Binding::Element);
    let stmts = vec![deny(&mut later, bool(true), "loop")];
    later.bodies[0].block.stmts = vec![for_each(generator(looped, xs()), None, stmts)];
    let mut straight = policy("straight");
    let stmt = deny(&mut straight, truth(spec("on", BaseType::Bool)), "m");
    straight.bodies[0].block.stmts = vec![stmt];
    let mut guest = Guest::new(&program(vec![p, later, straight]));
    let numbers: Vec<u32> = (0..3000).collect();
    let outcome = guest.run(&pod(&json!({"xs": numbers, "on": true})));
    assert_eq!(
        outcome.results,
        [
            "greedy/0 medium .metadata.name: unknown budget",
            "later/0 medium .metadata.name: unknown budget",
            "straight/1 medium .spec.on: m",
        ]
    );
    assert_eq!(outcome.flags, layout::OUTCOME_BUDGET);
    assert_eq!(outcome.steps, layout::STEP_BUDGET);
}

#[test]
fn an_evaluation_leaves_nothing_behind() {
    let compiled = program(vec![privileged(), memory_limit()]);
    let mut guest = Guest::new(&compiled);
    let a = pod(&json!({"containers": [{"name": "a", "securityContext": {"privileged": true}}]}));
    let b = pod(
        &json!({"initContainers": [{"name": "b", "resources": {"limits": {"memory": "9Gi"}}}]}),
    );
    let (first, other, again) = (guest.run(&a), guest.run(&b), guest.run(&a));
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert_eq!(first, Guest::new(&compiled).run(&a));
    assert_eq!(other, Guest::new(&compiled).run(&b));
}

#[test]
fn the_same_program_gives_the_same_bytes() {
    let compiled = program(vec![privileged(), memory_limit(), wildcards()]);
    let emit = || palisade_wasm::codegen::emit_module(&compiled);
    assert_eq!(emit(), emit());
}

/// The text form of the functions of three policies: reads, comparisons, junctions and loops are instructions.
#[test]
fn policies_are_inline_instructions() {
    let compiled = program(vec![privileged(), memory_limit(), wildcards()]);
    let module = palisade_wasm::codegen::emit_module(&compiled).bytes;
    let text = wasmprinter::print_bytes(&module).unwrap();
    let mut shown = String::new();
    let mut showing = false;
    for line in text.lines() {
        if line.starts_with("  (func ") {
            showing = compiled.policies.iter().any(|policy| {
                line.contains(&format!("${} ", policy.name))
                    || line.contains(&format!("{:?}", policy.name))
            });
        } else if line.starts_with("  (") && !line.starts_with("  (func") {
            showing = false;
        }
        if showing {
            shown += line;
            shown.push('\n');
        }
    }
    // Where static data lies is not what the snapshot is about.
    insta::with_settings!({ filters => [(r"offset=6\d{4}", "offset=DATA")] }, {
        insta::assert_snapshot!(shown);
    });
}
