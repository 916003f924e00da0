//! What stands in expressions, and where it shows: functions, choices, comprehensions, casts, the context, fixes.

use palisade_lang::program::*;
use serde_json::{Value, json};

use crate::build::*;
use crate::guest::Guest;

fn pod(spec: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "n"}, "spec": spec})
}

fn spec(path: &str, ty: BaseType) -> Expr {
    at(part(), &format!("spec.{path}"), ty)
}

/// The policy `p` with `deny condition, "{value}"`; the names are locals from 2 on.
fn told(names: Vec<(BaseType, Binding)>, condition: Expr, value: Expr) -> Policy {
    let mut p = policy("p");
    for (nth, (base, binding)) in names.into_iter().enumerate() {
        bind(&mut p, &format!("n{nth}"), base, binding);
    }
    let stmt = deny(&mut p, condition, "");
    p.checks[0].message = vec![MessagePart::Value(value)];
    p.bodies[0].block.stmts = vec![stmt];
    p
}

/// What a policy says of specifications.
#[track_caller]
fn says(p: Policy, cases: &[(Value, &str)]) {
    let mut guest = Guest::new(&program(vec![p]));
    for (document, expected) in cases {
        let results = guest.run(&pod(document)).results.join("; ");
        assert_eq!(results, *expected, "{document}");
    }
}

fn element(base: BaseType) -> (BaseType, Binding) {
    (base, Binding::Element)
}

fn bound(definition: Expr) -> (BaseType, Binding) {
    (
        definition.ty.base.clone(),
        Binding::Let(Box::new(definition)),
    )
}

#[test]
fn functions_take_their_arguments_and_lead_to_them() {
    let starts = call(
        Builtin::StartsWith,
        vec![spec("a", string()), spec("b", string())],
        BaseType::Bool,
    );
    let upper = call(Builtin::Upper, vec![spec("a", string())], string());
    says(
        told(vec![], starts, upper),
        &[
            (
                json!({"a": "abc", "b": "ab"}),
                "p/1 medium .spec.a also .spec.b: ABC",
            ),
            (json!({"a": "abc", "b": "b"}), ""),
            (json!({"a": "abc"}), ""),
            (
                json!({"a": "abc", "b": {"$unknown": "{{ x }}"}}),
                "p/1 medium .spec.a also .spec.b: unknown template",
            ),
            (
                json!({"a": 1, "b": "b"}),
                "p/0 medium .spec.a: `a` is an int where a string is expected",
            ),
        ],
    );
    let joined = call(
        Builtin::Join,
        vec![spec("xs", list(string())), text("+")],
        string(),
    );
    says(
        told(
            vec![],
            equal(Domain::String, joined.clone(), text("a+b")),
            joined,
        ),
        &[
            (json!({"xs": ["a", "b"]}), "p/1 medium .spec.xs: a+b"),
            (json!({}), ""),
            (
                json!({"xs": ["a", 1, "b"]}),
                "p/0 medium .spec.xs[1]: an element of `xs` is an int where a string is expected",
            ),
        ],
    );
    let sum = call(
        Builtin::Add,
        vec![spec("a", BaseType::Int), int(1)],
        BaseType::Int,
    );
    says(
        told(
            vec![],
            compare(CompareOp::Greater, Domain::Int, sum.clone(), int(5)),
            sum,
        ),
        &[
            (json!({"a": 5}), "p/1 medium .spec.a: 6"),
            (json!({"a": 4}), ""),
            (json!({"a": i64::MAX}), "p/1 medium .spec.a: unknown value"),
        ],
    );
}

#[test]
fn a_choice_has_the_place_of_the_branch_taken() {
    let chosen = choice(
        truth(spec("c", BaseType::Bool)),
        spec("a", string()),
        spec("b", string()),
    );
    says(
        told(
            vec![],
            equal(Domain::String, chosen.clone(), text("x")),
            chosen,
        ),
        &[
            (
                json!({"c": true, "a": "x", "b": "y"}),
                "p/1 medium .spec.a: x",
            ),
            (
                json!({"c": false, "a": "y", "b": "x"}),
                "p/1 medium .spec.b: x",
            ),
            (json!({"c": false, "a": "x"}), ""),
            (
                json!({"c": {"$unknown": "?"}, "a": "x"}),
                "p/1 medium .spec.c: unknown template",
            ),
        ],
    );
    let condition = choice(
        truth(spec("c", BaseType::Bool)),
        is_set(spec("a", string())),
        is_set(spec("b", string())),
    );
    says(
        told(vec![], condition, text("m")),
        &[
            (json!({"c": true, "a": "x"}), "p/1 medium .spec.a: m"),
            (json!({"c": true, "b": "x"}), ""),
            (json!({"c": false, "b": "x"}), "p/1 medium .spec.b: m"),
            (
                json!({"c": {"$unknown": "?"}}),
                "p/1 medium .spec.c: unknown template",
            ),
        ],
    );
}

#[test]
fn a_text_that_does_not_read_is_where_a_comparison_is_unknown() {
    let unknown = |at: &str| format!("p/1 medium .spec.{at}: unknown value");
    let times = compare(
        CompareOp::Less,
        Domain::Timestamp,
        spec("a", BaseType::Timestamp),
        spec("b", BaseType::Timestamp),
    );
    let versions = is_in(
        Domain::Version,
        spec("a", BaseType::Version),
        spec("v", list(BaseType::Version)),
    );
    says(
        told(vec![], times, text("m")),
        &[
            (json!({"a": "then", "b": "2026-11-21"}), &unknown("a")),
            (json!({"a": "2026-11-21", "b": "then"}), &unknown("b")),
            (json!({"a": "then", "b": "now"}), &unknown("a")),
            (
                json!({"a": "then", "b": {"$unknown": "?"}}),
                "p/1 medium .spec.b: unknown template",
            ),
        ],
    );
    says(
        told(vec![], versions, text("m")),
        &[
            (json!({"a": "1.2", "v": ["1", "x", "y"]}), &unknown("v[1]")),
            (json!({"a": "x", "v": ["1", "y"]}), &unknown("a")),
            (json!({"a": "x", "v": []}), ""),
            (
                json!({"a": "x", "v": [{"$unknown": "?"}, "1"]}),
                "p/1 medium .spec.v[0]: unknown template",
            ),
        ],
    );
}

#[test]
fn the_names_of_a_function_are_evaluated_once_and_keep_their_places() {
    // fn f(x) = x.b ?? x.a, called with the specification.
    let argument = bound(at(part(), "spec", record()));
    let x = || local(2, record());
    let body = either(at(x(), "b", string()), at(x(), "a", string()));
    let called = expr(
        ExprKind::With {
            locals: vec![LocalId(2)],
            body: Box::new(body),
        },
        string(),
    );
    says(
        told(
            vec![argument],
            equal(Domain::String, called.clone(), text("x")),
            called,
        ),
        &[
            (json!({"a": "x"}), "p/1 medium .spec.a: x"),
            (json!({"b": "x"}), "p/1 medium .spec.b: x"),
            (
                json!({"b": 1}),
                "p/0 medium .spec.b: `b` is an int where a string is expected",
            ),
            (json!({"b": "y", "a": "x"}), ""),
        ],
    );
    // A function that joins lists joins them for a `for` too, one of them unknown.
    let joins = ExprKind::With {
        locals: vec![LocalId(2)],
        body: Box::new(expr(
            ExprKind::Concat(vec![
                at(local(2, record()), "xs", list(string())),
                at(local(2, record()), "ys", list(string())),
            ]),
            list(string()),
        )),
    };
    let mut p = policy("p");
    bind(
        &mut p,
        "x",
        record(),
        Binding::Let(Box::new(at(part(), "spec", record()))),
    );
    let y = bind(&mut p, "y", string(), Binding::Element);
    let stmt = deny(
        &mut p,
        equal(Domain::String, local(y, string()), text("x")),
        "m",
    );
    p.bodies[0].block.stmts = vec![for_each(
        generator(y, expr(joins, list(string()))),
        None,
        vec![stmt],
    )];
    says(
        p,
        &[
            (
                json!({"xs": ["x"], "ys": ["y", "x"]}),
                "p/1 medium .spec.xs[0]: m; p/1 medium .spec.ys[1]: m",
            ),
            (
                json!({"xs": ["x"], "ys": {"$unknown": "?"}}),
                "p/1 medium .spec.xs[0]: m; p/0 medium .spec.xs also .spec.ys: unknown template",
            ),
        ],
    );
}

#[test]
fn comprehensions_keep_what_is_wanted_in_order() {
    let xs = || spec("xs", list(record()));
    let x = || local(2, record());
    let name = || at(x(), "name", string());
    let on = || truth(at(x(), "on", BaseType::Bool));
    let names = |order| {
        let made = comprehension(vec![generator(2, xs())], Some(on()), name(), order);
        expr(ExprKind::Comprehension(made), list(string()))
    };
    let shown = |value: Expr| {
        let condition = not(is_empty(value.clone()));
        told(vec![element(record())], condition, value)
    };
    says(
        shown(names(None)),
        &[
            (
                json!({"xs": [{"on": true, "name": "b"}, {"on": false, "name": "c"}, {"on": true}, {"on": true, "name": "a"}]}),
                "p/1 medium .spec.xs: b and a",
            ),
            (json!({"xs": [{"on": false, "name": "c"}]}), ""),
            (json!({}), ""),
            (
                json!({"xs": [{"on": {"$unknown": "?"}, "name": "c"}]}),
                "p/1 medium .spec.xs: unknown template",
            ),
            (
                json!({"xs": [{"on": true, "name": 1}]}),
                "p/0 medium .spec.xs[0].name: `name` is an int where a string is expected; p/1 medium .spec.xs: (unknown)",
            ),
        ],
    );
    let order = Some((at(x(), "at", BaseType::Int), Domain::Int));
    says(
        shown(names(order)),
        &[
            (
                json!({"xs": [{"on": true, "name": "c", "at": 2}, {"on": true, "name": "a", "at": 1}, {"on": true, "name": "d", "at": 2},
                {"on": true, "name": "z"}, {"on": true, "name": "b", "at": -3}]}),
                "p/1 medium .spec.xs: z, b, a, c and d",
            ),
            (
                json!({"xs": [{"on": true, "name": "c", "at": {"$unknown": "?"}}]}),
                "p/1 medium .spec.xs: unknown template",
            ),
        ],
    );
    // Picked: a value of the document is at its own place.
    for (pick, expected) in [(Pick::First, "b"), (Pick::Last, "d")] {
        let order = Some((at(x(), "at", BaseType::Int), Domain::Int));
        let made = comprehension(vec![generator(2, xs())], None, x(), order);
        let picked = expr(ExprKind::Pick(pick, made), record());
        let read = at(picked, "name", string());
        let place = if expected == "b" { 2 } else { 1 };
        says(
            told(vec![element(record())], is_set(read.clone()), read),
            &[
                (
                    json!({"xs": [{"name": "c", "at": 2}, {"name": "d", "at": 2}, {"name": "b", "at": 1}]}),
                    &format!("p/1 medium .spec.xs[{place}].name: {expected}"),
                ),
                (json!({"xs": []}), ""),
            ],
        );
    }
    let counted = expr(
        ExprKind::Count(comprehension(
            vec![generator(2, xs())],
            Some(on()),
            x(),
            None,
        )),
        BaseType::Int,
    );
    says(
        told(
            vec![element(record())],
            compare(CompareOp::Greater, Domain::Int, counted.clone(), int(1)),
            counted,
        ),
        &[
            (
                json!({"xs": [{"on": true}, {"on": false}, {"on": true}]}),
                "p/1 medium .spec.xs: 2",
            ),
            (json!({"xs": [{"on": true}]}), ""),
            (
                json!({"xs": {"$unknown": "?"}}),
                "p/1 medium .spec.xs: unknown template",
            ),
        ],
    );
}

#[test]
fn parts_of_a_text_are_places_in_it() {
    let words = call(
        Builtin::Split,
        vec![spec("a", string()), text(",")],
        list(string()),
    );
    let any = quantifier(
        QuantifierKind::Any,
        vec![generator(2, words)],
        None,
        equal(Domain::String, local(2, string()), text("x")),
    );
    says(
        told(vec![element(string())], any, text("m")),
        &[
            // One for each part.
            (
                json!({"a": "x,y,x"}),
                "p/1 medium .spec.a: m; p/1 medium .spec.a: m",
            ),
            (json!({"a": "y"}), ""),
            (json!({}), ""),
        ],
    );
    // A key stands at its member, wherever it is passed on.
    let keys = call(
        Builtin::Keys,
        vec![spec("m", map(string()))],
        list(string()),
    );
    let any = quantifier(
        QuantifierKind::Any,
        vec![generator(2, keys)],
        None,
        call(
            Builtin::StartsWith,
            vec![local(2, string()), text("x")],
            BaseType::Bool,
        ),
    );
    says(
        told(vec![element(string())], any, text("m")),
        &[(
            json!({"m": {"x1": "1", "y": "2", "x2": "3"}}),
            "p/1 medium .spec.m.x1: m; p/1 medium .spec.m.x2: m",
        )],
    );
}

#[test]
fn casts_of_scalars_are_absent_where_they_fail_and_of_others_findings() {
    let any = || spec("a", BaseType::Any);
    let cast = |ty: BaseType| expr(ExprKind::Cast(Box::new(any())), ty);
    says(
        told(vec![], not(is_set(cast(string()))), cast(string())),
        &[
            (json!({"a": "x"}), ""),
            (json!({"a": 1}), "p/1 medium .spec.a: (not set)"),
            (
                json!({"a": {"$unknown": "?"}}),
                "p/1 medium .spec.a: unknown template",
            ),
        ],
    );
    says(
        told(vec![], is_set(at(cast(record()), "b", string())), text("m")),
        &[
            (json!({"a": {"b": "x"}}), "p/1 medium .spec.a.b: m"),
            (json!({"a": {}}), ""),
            (
                json!({"a": [1]}),
                "p/0 medium .spec.a: `a` is a list where a map is expected",
            ),
        ],
    );
}

#[test]
fn texts_compare_as_what_they_say() {
    let versions = compare(
        CompareOp::Less,
        Domain::Version,
        spec("v", BaseType::Version),
        text("1.30"),
    );
    says(
        told(vec![], versions, text("m")),
        &[
            (json!({"v": "1.9"}), "p/1 medium .spec.v: m"),
            (json!({"v": "v1.30.0"}), ""),
            (json!({"v": "new"}), "p/1 medium .spec.v: unknown value"),
        ],
    );
    let same = equal(Domain::Version, spec("v", BaseType::Version), text("1.30"));
    says(
        told(vec![], same, text("m")),
        &[
            (json!({"v": "1.30.0"}), "p/1 medium .spec.v: m"),
            (json!({"v": "1.3"}), ""),
            (json!({}), ""),
            (json!({"v": "new"}), "p/1 medium .spec.v: unknown value"),
        ],
    );
    let either_version = is_in(
        Domain::Version,
        spec("v", BaseType::Version),
        texts(&["1.29", "1.30"]),
    );
    says(
        told(vec![], either_version, text("m")),
        &[
            (json!({"v": "1.30.0"}), "p/1 medium .spec.v: m"),
            (json!({"v": "1.31"}), ""),
        ],
    );
    let globs = constant(Const::List(vec![
        Const::Glob("*.example.com".into()),
        Const::Glob("docker.io".into()),
    ]));
    says(
        told(
            vec![],
            not(is_in(Domain::Pattern, spec("r", string()), globs.clone())),
            globs,
        ),
        &[
            (json!({"r": "a.example.com"}), ""),
            (json!({"r": "docker.io"}), ""),
            (
                json!({"r": "quay.io"}),
                "p/1 medium .spec.r: *.example.com and docker.io",
            ),
            (
                json!({}),
                "p/1 medium .spec?.r: *.example.com and docker.io",
            ),
        ],
    );
    let matches = call(
        Builtin::Matches,
        vec![spec("r", string()), constant(Const::Regex("^a+$".into()))],
        BaseType::Bool,
    );
    says(
        told(vec![], matches, text("m")),
        &[
            (json!({"r": "aaa"}), "p/1 medium .spec.r: m"),
            (json!({"r": "ab"}), ""),
        ],
    );
}

#[test]
fn the_context_says_what_is_judged() {
    let old = |path: &str| {
        at(
            expr(ExprKind::Context(ContextPart::Old), record()),
            path,
            string(),
        )
    };
    let mut p = told(
        vec![],
        not(equal(Domain::String, spec("a", string()), old("spec.a"))),
        old("spec.a"),
    );
    p.needs = vec![ContextPart::Old];
    p.operations = vec![Operation::Update];
    let mut guest = Guest::new(&program(vec![p]));
    let document = pod(&json!({"a": "x"}));
    assert_eq!(guest.run(&document).results, [""; 0]);
    let update = json!({"request": {"operation": "UPDATE"}});
    assert_eq!(
        guest.run_in(&document, &update).results,
        ["p/0 medium .metadata.name: not applicable"]
    );
    let changed = json!({"request": {"operation": "UPDATE"}, "old": pod(&json!({"a": "y"}))});
    assert_eq!(
        guest.run_in(&document, &changed).results,
        ["p/1 medium .spec.a: y"]
    );
    // What is wrong in the old object is unknown, and no finding.
    let wrong = json!({"request": {"operation": "UPDATE"}, "old": pod(&json!({"a": 1}))});
    assert_eq!(guest.run_in(&document, &wrong).results, [""; 0]);

    let version = call(Builtin::ClusterVersion, vec![], BaseType::Version);
    let p = told(
        vec![],
        compare(
            CompareOp::Less,
            Domain::Version,
            version.clone(),
            text("1.30"),
        ),
        version,
    );
    let mut guest = Guest::new(&program(vec![p]));
    assert_eq!(guest.run(&document).results, [""; 0]);
    assert_eq!(
        guest
            .run_in(&document, &json!({"clusterVersion": "1.29"}))
            .results,
        ["p/1 medium .metadata.name: 1.29"]
    );
}

#[test]
fn subresources_are_for_requests_that_name_them() {
    let mut p = told(
        vec![],
        is_set(at(part(), "command", BaseType::Any)),
        text("m"),
    );
    p.operations = vec![Operation::Connect];
    let kind = KindRef {
        groups: vec![String::new()],
        kind: "Pod".into(),
    };
    p.bodies[0].targets = vec![Target::Subresource(kind, "exec".into())];
    let mut guest = Guest::new(&program(vec![p, told(vec![], bool(true), text("other"))]));
    let options = json!({"apiVersion": "v1", "kind": "PodExecOptions", "command": ["sh"]});
    let request = |resource: &str, subresource: &str| {
        json!({"request": {"operation": "CONNECT", "subResource": subresource,
            "resource": {"group": "", "version": "v1", "resource": resource}}})
    };
    assert_eq!(
        guest.run_in(&options, &request("pods", "exec")).results,
        ["p/1 medium .command: m"]
    );
    for context in [
        request("pods", "attach"),
        request("services", "exec"),
        json!({}),
    ] {
        assert_eq!(guest.run_in(&options, &context).results, [""; 0]);
    }
    // A review of a whole object has an empty one.
    assert_eq!(
        guest
            .run_in(
                &pod(&json!({})),
                &json!({"request": {"operation": "CREATE", "subResource": ""}})
            )
            .results,
        ["p/1 medium .metadata.name: other"]
    );
    // Policies on the kind itself are for requests without subresource.
    let document = pod(&json!({}));
    assert_eq!(
        guest.run_in(&document, &request("pods", "exec")).results,
        [""; 0]
    );
    assert_eq!(
        guest.run(&document).results,
        ["p/1 medium .metadata.name: other"]
    );
}

#[test]
fn requests_name_kinds_by_their_resources() {
    for (kind, resource) in [
        ("Service", "services"),
        ("Ingress", "ingresses"),
        ("NetworkPolicy", "networkpolicies"),
        ("Gateway", "gateways"),
        ("Mailbox", "mailboxes"),
        ("Batch", "batches"),
        ("Mesh", "meshes"),
        ("Epoch", "epoches"),
        ("Path", "paths"),
    ] {
        let mut p = told(vec![], bool(true), text("m"));
        p.operations = vec![Operation::Update];
        let target = KindRef {
            groups: vec!["g".into()],
            kind: kind.into(),
        };
        p.bodies[0].targets = vec![Target::Subresource(target, "status".into())];
        let mut guest = Guest::new(&program(vec![p]));
        let document = json!({"apiVersion": "g/v1", "kind": kind, "metadata": {"name": "n"}});
        for (named, n_found) in [(resource, 1), ("others", 0)] {
            let request = json!({"request": {"operation": "UPDATE", "subResource": "status",
                "resource": {"group": "g", "version": "v1", "resource": named}}});
            let found = guest.run_in(&document, &request).results.len();
            assert_eq!(found, n_found, "{kind} as {named}");
        }
    }
}

#[test]
fn each_body_has_its_targets_and_its_guard() {
    let mut p = policy("p");
    let first = deny(&mut p, is_set(spec("a", string())), "first");
    let second = deny(&mut p, is_set(spec("a", string())), "second");
    p.bodies[0].block.stmts = vec![first];
    let mut other = p.bodies[0].clone();
    other.guard = Some(truth(spec("on", BaseType::Bool)));
    other.block.stmts = vec![second];
    p.bodies.push(other);
    says(
        p,
        &[
            (json!({"a": "x"}), "p/1 medium .spec.a: first"),
            (
                json!({"a": "x", "on": true}),
                "p/1 medium .spec.a: first; p/2 medium .spec.a: second",
            ),
        ],
    );
}

#[test]
fn a_severity_can_be_computed() {
    let mut p = told(vec![], is_set(spec("a", BaseType::Any)), text("m"));
    p.checks[0].severity = Some(spec("s", string()));
    says(
        p,
        &[
            (json!({"a": 1, "s": "critical"}), "p/1 critical .spec.a: m"),
            (json!({"a": 1, "s": "low"}), "p/1 low .spec.a: m"),
            (json!({"a": 1, "s": "grave"}), "p/1 medium .spec.a: m"),
            (json!({"a": 1}), "p/1 medium .spec.a: m"),
            (json!({"a": 1, "s": 3}), "p/1 medium .spec.a: m"),
        ],
    );
}

fn fix(is_safe: bool, condition: Option<Expr>, edits: Vec<(EditKind, Expr, Option<Expr>)>) -> Fix {
    Fix {
        is_safe,
        condition,
        edits: edits
            .into_iter()
            .map(|(kind, path, value)| Edit { kind, path, value })
            .collect(),
    }
}

#[test]
fn the_first_fix_that_can_be_made_is_offered() {
    let record_of = |members: Vec<(&str, Expr)>| {
        let members = members
            .into_iter()
            .map(|(name, member)| (name.to_owned(), member));
        expr(ExprKind::Record(members.collect()), record())
    };
    let mut p = told(vec![], is_set(spec("a", BaseType::Any)), text("m"));
    p.checks[0].fixes = vec![
        fix(
            true,
            Some(truth(spec("on", BaseType::Bool))),
            vec![(EditKind::Remove, spec("a", BaseType::Any), None)],
        ),
        fix(
            false,
            None,
            vec![
                (
                    EditKind::Set,
                    spec("b.c", BaseType::Any),
                    Some(record_of(vec![
                        ("text", text("a \"b\"")),
                        ("copied", spec("from", BaseType::Any)),
                        ("absent", spec("nothing", BaseType::Any)),
                        (
                            "inner",
                            record_of(vec![("n", int(-1)), ("q", quantity("4Gi"))]),
                        ),
                    ])),
                ),
                (
                    EditKind::Append,
                    spec("xs", list(string())),
                    Some(text("z")),
                ),
            ],
        ),
        fix(
            false,
            None,
            vec![(EditKind::Remove, spec("missing", string()), None)],
        ),
        fix(
            false,
            None,
            vec![(EditKind::Set, spec("a", BaseType::Any), Some(bool(false)))],
        ),
    ];
    says(
        p,
        &[
            (
                json!({"a": 1, "on": true}),
                "p/1 medium .spec.a: m <remove .spec.a = , safe, 1>",
            ),
            (
                json!({"a": 1, "from": {"k": [1, null, {"$float": "1.50"}], "n": null}, "xs": ["x"]}),
                "p/1 medium .spec.a: m <set .spec?.b?.c = {\"text\":\"a \\\"b\\\"\",\"copied\":{\"k\":[1,null,1.50]},\"inner\":{\"n\":-1,\"q\":\"4Gi\"}}, unsafe, 1> \
                 <append .spec.xs = \"z\", unsafe, 1>",
            ),
            // What is copied holds a template; what is removed next is not there; the last can be made.
            (
                json!({"a": 1, "from": [{"$unknown": "?"}]}),
                "p/1 medium .spec.a: m <set .spec.a = false, unsafe, 3>",
            ),
        ],
    );
    // A verdict says the same in JSON.
    let mut p = told(vec![], is_set(spec("a", BaseType::Any)), text("m"));
    p.checks[0].fixes = vec![fix(
        true,
        None,
        vec![(EditKind::Set, spec("b", BaseType::Any), Some(texts(&["x"])))],
    )];
    let verdict = Guest::new(&program(vec![p])).verdict(&pod(&json!({"a": 1})));
    assert_eq!(
        verdict["findings"][0]["fixes"],
        json!([{"op": "set", "path": "spec.b", "value": ["x"], "safe": true, "group": 1}])
    );
}
