//! What conditions are on documents, and where it shows.

use std::cell::RefCell;
use std::collections::BTreeMap;

use palisade_lang::program::*;
use serde_json::{Value, json};

use crate::build::*;
use crate::guest::Guest;

/// The policies `true` with `deny condition, "m"` and `false` with `require condition, "m"`; locals 2 and 3 are free.
fn both_ways(condition: &Expr, element: &BaseType) -> Program {
    let policies = [("true", true), ("false", false)].map(|(name, finds_when)| {
        let mut p = policy(name);
        bind(&mut p, "x", element.clone(), Binding::Element);
        bind(&mut p, "y", element.clone(), Binding::Element);
        let stmt = check(&mut p, finds_when, condition.clone(), "m");
        p.bodies[0].block.stmts = vec![stmt];
        p
    });
    program(policies.into())
}

thread_local! {
    /// Compiling takes longer than everything else here.
    static GUESTS: RefCell<BTreeMap<String, Guest>> = const { RefCell::new(BTreeMap::new()) };
}

fn pod(spec: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "n"}, "spec": spec})
}

/// What a condition is, and the places of its results.
fn blame(condition: &Expr, element: BaseType, spec: &Value) -> String {
    let results = GUESTS.with_borrow_mut(|guests| {
        let guest = guests
            .entry(format!("{condition:?} {element:?}"))
            .or_insert_with(|| Guest::new(&both_ways(condition, &element)));
        guest.run(&pod(spec)).results
    });
    let of = |name: &str| -> Vec<&str> {
        let own = results
            .iter()
            .filter_map(|result| result.strip_prefix(name));
        own.map(|result| result.strip_prefix('/').unwrap())
            .collect()
    };
    let [of_true, of_false] = [of("true"), of("false")];
    let is_finding = |results: &[&str]| results.iter().any(|result| result.ends_with(": m"));
    let (name, decided) = match (is_finding(&of_true), is_finding(&of_false)) {
        (true, false) => ("true", of_true),
        (false, true) => ("false", of_false),
        _ => {
            assert_eq!(of_true, of_false);
            ("?", of_true)
        }
    };
    let places = decided
        .iter()
        .map(|result| match result.strip_suffix(": m") {
            Some(finding) => finding.strip_prefix("1 medium ").unwrap(),
            None => result,
        });
    format!("{name} {}", places.collect::<Vec<_>>().join(", "))
}

fn spec(path: &str, ty: BaseType) -> Expr {
    at(part(), &format!("spec.{path}"), ty)
}

fn x(ty: BaseType) -> Expr {
    local(2, ty)
}

#[test]
fn bools_ints_and_strings_compare_with_constants() {
    let b = spec("b", BaseType::Bool);
    let is_true = equal(Domain::Bool, b.clone(), bool(true));
    let is_false = equal(Domain::Bool, b, bool(false));
    for (value, one, other) in [
        (json!(true), "true .spec.b", "false .spec.b"),
        (json!(false), "false .spec.b", "true .spec.b"),
    ] {
        assert_eq!(blame(&is_true, record(), &json!({"b": value})), one);
        assert_eq!(blame(&is_false, record(), &json!({"b": value})), other);
    }
    assert_eq!(blame(&is_true, record(), &json!({})), "false .spec?.b");
    assert_eq!(
        blame(&is_false, record(), &json!({"b": null})),
        "false .spec?.b"
    );
    let i = equal(Domain::Int, spec("i", BaseType::Int), int(-3_000_000_000));
    assert_eq!(
        blame(&i, record(), &json!({"i": -3_000_000_000_i64})),
        "true .spec.i"
    );
    assert_eq!(
        blame(&i, record(), &json!({"i": 1_294_967_296})),
        "false .spec.i"
    );
    for text_value in [
        "",
        "a",
        "ab",
        "abc",
        "abcd",
        "abcdefg",
        "abcdefgh",
        "abcdefghijklmnopqrstuvwxyzabcdef",
        "abcdefghijklmnopqrstuvwxyzabcdefg",
    ] {
        let s = equal(Domain::String, spec("s", string()), text(text_value));
        assert_eq!(
            blame(&s, record(), &json!({"s": text_value})),
            "true .spec.s"
        );
        for cut in 0..text_value.len() {
            let mut other = text_value.as_bytes().to_vec();
            other[cut] ^= 1;
            let other = String::from_utf8(other).unwrap();
            assert_eq!(blame(&s, record(), &json!({"s": other})), "false .spec.s");
            assert_eq!(
                blame(&s, record(), &json!({"s": &text_value[..cut]})),
                "false .spec.s"
            );
        }
    }
}

#[test]
fn two_values_compare_by_domain() {
    let cases: [(Domain, BaseType, Value, Value, &str); 12] = [
        (Domain::Bool, BaseType::Bool, json!(true), json!(true), "="),
        (Domain::Int, BaseType::Int, json!(-5), json!(3), "<"),
        (
            Domain::Int,
            BaseType::Int,
            json!(i64::MAX),
            json!(i64::MIN),
            ">",
        ),
        (Domain::String, string(), json!("a"), json!("ab"), "<"),
        (Domain::String, string(), json!("ä"), json!("z"), ">"),
        (
            Domain::Quantity,
            BaseType::Quantity,
            json!("1Gi"),
            json!("1024Mi"),
            "=",
        ),
        (
            Domain::Quantity,
            BaseType::Quantity,
            json!("500m"),
            json!(1),
            "<",
        ),
        (
            Domain::Scalar,
            BaseType::Any,
            json!(1),
            json!({"$float": "1.0"}),
            "=",
        ),
        (
            Domain::Scalar,
            BaseType::Any,
            json!({"$float": "1e2"}),
            json!({"$float": "100.00"}),
            "=",
        ),
        (Domain::Scalar, BaseType::Any, json!(1), json!("1"), "≠"),
        (Domain::Scalar, BaseType::Any, json!([1]), json!([1]), "≠"),
        (
            Domain::Scalar,
            BaseType::Any,
            json!({"$float": "1e100"}),
            json!({"$float": "-1e100"}),
            "≠",
        ),
    ];
    for (domain, ty, left, right, relation) in cases {
        let document = json!({"a": left, "b": right});
        let is = |op| {
            let condition = compare(op, domain, spec("a", ty.clone()), spec("b", ty.clone()));
            let said = blame(&condition, record(), &document);
            assert!(said.ends_with(" .spec.a also .spec.b"), "{said}");
            said.starts_with("true")
        };
        assert_eq!(is(CompareOp::Equal), relation == "=", "{document}");
        if domain == Domain::Scalar || domain == Domain::Bool {
            continue;
        }
        assert_eq!(is(CompareOp::Less), relation == "<", "{document}");
        assert_eq!(is(CompareOp::LessEqual), relation != ">", "{document}");
        assert_eq!(is(CompareOp::Greater), relation == ">", "{document}");
        assert_eq!(is(CompareOp::GreaterEqual), relation != "<", "{document}");
    }
}

#[test]
fn absence_equals_only_absence() {
    let same = equal(Domain::String, spec("a", string()), spec("b", string()));
    let places = " .spec?.a also .spec.b";
    assert_eq!(
        blame(&same, record(), &json!({"b": "x"})),
        format!("false{places}")
    );
    assert_eq!(
        blame(&same, record(), &json!({})),
        "true .spec?.a also .spec?.b"
    );
    let none = equal(Domain::String, spec("a", string()), constant(Const::Absent));
    assert_eq!(blame(&none, record(), &json!({"a": "x"})), "false .spec.a");
    assert_eq!(blame(&none, record(), &json!({})), "true .spec?.a");
    let less = compare(
        CompareOp::Less,
        Domain::Int,
        spec("a", BaseType::Int),
        int(1),
    );
    assert_eq!(blame(&less, record(), &json!({})), "false .spec?.a");
}

#[test]
fn unknown_is_neither() {
    let template = json!({"$unknown": "{{ x }}"});
    let a = || equal(Domain::Int, spec("a", BaseType::Int), int(1));
    let b = || equal(Domain::Int, spec("b", BaseType::Int), int(1));
    let c = || equal(Domain::Int, spec("c", BaseType::Int), int(1));
    let document = json!({"a": template, "b": 1, "c": 2});
    let cases = [
        (a(), "? 1 medium .spec.a: unknown template"),
        (not(a()), "? 1 medium .spec.a: unknown template"),
        (and(vec![a(), c()]), "false .spec.c"),
        (and(vec![b(), a()]), "? 1 medium .spec.a: unknown template"),
        (or(vec![a(), b()]), "true .spec.b"),
        (or(vec![c(), a()]), "? 1 medium .spec.a: unknown template"),
        (
            equal(
                Domain::Int,
                spec("b", BaseType::Int),
                spec("a", BaseType::Int),
            ),
            "? 1 medium .spec.a: unknown template",
        ),
        // It is something, whatever it will say.
        (is_set(spec("a", BaseType::Int)), "true .spec.a"),
        (
            condition(ExprKind::IsKnown(Box::new(spec("a", BaseType::Int)))),
            "false .spec.a",
        ),
        (
            condition(ExprKind::IsKnown(Box::new(spec("z", BaseType::Int)))),
            "true .spec?.z",
        ),
        (
            is_empty(spec("a", string())),
            "? 1 medium .spec.a: unknown template",
        ),
    ];
    for (condition, expected) in cases {
        assert_eq!(blame(&condition, record(), &document), expected);
    }
}

#[test]
fn shape_and_missing_are_findings_of_the_read() {
    let read = equal(Domain::Int, spec("i", BaseType::Int), int(1));
    assert_eq!(
        blame(&read, record(), &json!({"i": "1"})),
        "? 0 medium .spec.i: `i` is a string where an int is expected"
    );
    let limit = compare(
        CompareOp::Less,
        Domain::Quantity,
        spec("memory", BaseType::Quantity),
        quantity("4Gi"),
    );
    assert_eq!(
        blame(&limit, record(), &json!({"memory": "4GB"})),
        "? 0 medium .spec.memory: `memory` is `4GB` where a quantity is expected"
    );
    assert_eq!(
        blame(&limit, record(), &json!({"memory": [4]})),
        "? 0 medium .spec.memory: `memory` is a list where a quantity is expected"
    );
    assert_eq!(
        blame(&limit, record(), &json!({"memory": "4095Mi"})),
        "true .spec.memory"
    );
    let name = member(
        at(part(), "spec", record()),
        "name",
        Presence::Required,
        string(),
    );
    let named = equal(Domain::String, name, text("x"));
    assert_eq!(
        blame(&named, record(), &json!({})),
        "? 0 medium .spec?.name: `name` is required and missing"
    );
    let among = is_in(Domain::String, text("x"), spec("command", list(string())));
    assert_eq!(
        blame(&among, record(), &json!({"command": ["a", 1]})),
        "? 0 medium .spec.command[1]: an element of `command` is an int where a string is expected"
    );
    assert_eq!(
        blame(&among, record(), &json!({"command": [null, "x"]})),
        "true 0 medium .spec.command[0]: an element of `command` is null where a string is expected, .spec.command[1]"
    );
}

#[test]
fn presence_and_emptiness() {
    let on = |value| Presence::Default(Const::Bool(value));
    let base = || at(part(), "spec", record());
    let icc = member(base(), "icc", on(true), BaseType::Bool);
    assert_eq!(
        blame(&truth(icc.clone()), record(), &json!({})),
        "true .spec?.icc"
    );
    assert_eq!(
        blame(&is_set(icc.clone()), record(), &json!({})),
        "false .spec?.icc"
    );
    assert_eq!(
        blame(&truth(icc), record(), &json!({"icc": false})),
        "false .spec.icc"
    );
    for (ty, value, expected) in [
        (string(), json!(""), true),
        (string(), json!("a"), false),
        (list(string()), json!([]), true),
        (list(string()), json!([1]), false),
        (map(string()), json!({"a": null}), true),
        (map(string()), json!({"a": 1}), false),
        (BaseType::Any, json!(0), false),
        (BaseType::Any, json!(""), true),
        (BaseType::Any, json!([]), true),
        (BaseType::Int, json!(0), false),
        (string(), Value::Null, true),
    ] {
        let said = blame(&is_empty(spec("v", ty)), record(), &json!({"v": value}));
        assert!(
            said.starts_with(&format!("{expected} .spec")),
            "{value}: {said}"
        );
    }
}

#[test]
fn membership() {
    let kinds = ["ALL", "NET_ADMIN", "SYS_ADMIN"];
    let needle = is_in(Domain::String, spec("c", string()), texts(&kinds));
    assert_eq!(
        blame(&needle, record(), &json!({"c": "NET_ADMIN"})),
        "true .spec.c"
    );
    assert_eq!(
        blame(&needle, record(), &json!({"c": "NET_RAW"})),
        "false .spec.c"
    );
    assert_eq!(blame(&needle, record(), &json!({})), "false .spec?.c");
    let many: Vec<String> = (0..40).map(|n| format!("cap-{n}")).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let long = is_in(Domain::String, spec("c", string()), texts(&many));
    assert_eq!(
        blame(&long, record(), &json!({"c": "cap-39"})),
        "true .spec.c"
    );
    assert_eq!(
        blame(&long, record(), &json!({"c": "cap-40"})),
        "false .spec.c"
    );
    let verbs = is_in(Domain::String, text("*"), spec("verbs", list(string())));
    assert_eq!(
        blame(
            &verbs,
            record(),
            &json!({"verbs": ["get", "*", "list", "*"]})
        ),
        "true .spec.verbs[1], .spec.verbs[3]"
    );
    assert_eq!(
        blame(&verbs, record(), &json!({"verbs": ["get"]})),
        "false .spec.verbs"
    );
    assert_eq!(blame(&verbs, record(), &json!({})), "false .spec?.verbs");
    let both = is_in(
        Domain::String,
        spec("c", string()),
        spec("verbs", list(string())),
    );
    assert_eq!(
        blame(
            &both,
            record(),
            &json!({"c": "a", "verbs": ["b", "a", "a"]})
        ),
        "true .spec.c also .spec.verbs[1]"
    );
    let template = json!({"$unknown": "$(X)"});
    assert_eq!(
        blame(&verbs, record(), &json!({"verbs": ["get", template]})),
        "? 1 medium .spec.verbs[1]: unknown template"
    );
    let concat = expr(
        ExprKind::Concat(vec![spec("a", list(string())), spec("b", list(string()))]),
        list(string()),
    );
    let joined = is_in(Domain::String, text("*"), concat);
    assert_eq!(
        blame(&joined, record(), &json!({"a": ["x"], "b": ["*"]})),
        "true .spec.b[0]"
    );
    assert_eq!(
        blame(&joined, record(), &json!({"a": template, "b": ["y"]})),
        "? 1 medium .spec.a also .spec?.b: unknown template"
            .replace(" also .spec?.b", " also .spec.b")
    );
    assert_eq!(
        blame(&joined, record(), &json!({"a": template, "b": ["*"]})),
        "true .spec.b[0]"
    );
}

#[test]
fn junctions_choose_their_place() {
    let a = || equal(Domain::Int, spec("a", BaseType::Int), int(1));
    let deep = || equal(Domain::Int, spec("d.e.f", BaseType::Int), int(1));
    let document = json!({"a": 1, "d": {"e": {"f": 1}}});
    let all = and(vec![a(), deep(), is_set(spec("a", BaseType::Int))]);
    assert_eq!(
        blame(&all, record(), &document),
        "true .spec.d.e.f also .spec.a"
    );
    assert_eq!(
        blame(&all, record(), &json!({"a": 1})),
        "false .spec?.d?.e?.f"
    );
    let any = or(vec![bool(false), a(), deep()]);
    assert_eq!(
        blame(&any, record(), &json!({})),
        "false .spec?.a also .spec?.d?.e?.f"
    );
    assert_eq!(blame(&any, record(), &document), "true .spec.a");
}

#[test]
fn quantifiers_have_witnesses() {
    let items = || spec("xs", list(record()));
    let big = || truth(at(x(record()), "big", BaseType::Bool));
    let used = || truth(at(x(record()), "used", BaseType::Bool));
    let q = |kind, guard| quantifier(kind, vec![generator(2, items())], guard, big());
    let document = json!({"xs": [
        {"big": true, "used": true}, {"big": false, "used": true}, {"big": true}, {"used": true},
    ]});
    let any = q(QuantifierKind::Any, None);
    assert_eq!(
        blame(&any, record(), &document),
        "true .spec.xs[0].big, .spec.xs[2].big"
    );
    let any = q(QuantifierKind::Any, Some(used()));
    assert_eq!(blame(&any, record(), &document), "true .spec.xs[0].big");
    let all = q(QuantifierKind::All, None);
    assert_eq!(
        blame(&all, record(), &document),
        "false .spec.xs[1].big, .spec.xs[3]?.big"
    );
    let no = q(QuantifierKind::No, Some(used()));
    assert_eq!(blame(&no, record(), &document), "false .spec.xs[0].big");
    assert_eq!(blame(&no, record(), &json!({"xs": []})), "true .spec.xs");
    assert_eq!(blame(&all, record(), &json!({})), "true .spec?.xs");
    assert_eq!(
        blame(&any, record(), &json!({"xs": [{}]})),
        "false .spec.xs"
    );
    let template = json!({"$unknown": "{{ x }}"});
    assert_eq!(
        blame(
            &any,
            record(),
            &json!({"xs": [{"used": true}, {"used": true, "big": template}]})
        ),
        "? 1 medium .spec.xs[1].big: unknown template"
    );
    assert_eq!(
        blame(&any, record(), &json!({"xs": template})),
        "? 1 medium .spec.xs: unknown template"
    );
    // A witness outside of the element is drawn to it.
    let outside = quantifier(
        QuantifierKind::Any,
        vec![generator(2, items())],
        None,
        equal(Domain::Int, spec("n", BaseType::Int), int(1)),
    );
    assert_eq!(
        blame(&outside, record(), &json!({"n": 1, "xs": [{}, {}]})),
        "true .spec.xs[0] also .spec.n, .spec.xs[1] also .spec.n"
    );
    // Of constants only the first counts.
    let constants = quantifier(
        QuantifierKind::Any,
        vec![generator(2, texts(&["a", "b"]))],
        None,
        is_in(Domain::String, x(string()), spec("names", list(string()))),
    );
    assert_eq!(
        blame(&constants, string(), &json!({"names": ["b", "a"]})),
        "true .spec.names[1]"
    );
    // Two generators.
    let nested = quantifier(
        QuantifierKind::All,
        vec![
            generator(2, items()),
            generator(3, at(x(record()), "ports", list(BaseType::Int))),
        ],
        None,
        compare(
            CompareOp::Greater,
            Domain::Int,
            local(3, BaseType::Int),
            int(10),
        ),
    );
    let mut program = both_ways(&nested, &record());
    program.policies.remove(0);
    program.policies[0].locals[3].ty = Type::plain(BaseType::Int);
    let outcome = Guest::new(&program).run(&pod(
        &json!({"xs": [{"ports": [80]}, {}, {"ports": [11, 9, 8]}]}),
    ));
    assert_eq!(
        outcome.results,
        [
            "false/1 medium .spec.xs[2].ports[1]: m",
            "false/1 medium .spec.xs[2].ports[2]: m"
        ]
    );
    assert_eq!(
        outcome.steps,
        3 + 3 + 3 + 4,
        "three outer turns and three inner ones, and again for the witnesses"
    );
    // It is the inner list that is not known, or one of its elements.
    let ports = |ports: Value| json!({"xs": [{"ports": [80]}, {"ports": ports}]});
    let unknown = |ports: Value| Guest::new(&program).run(&pod(&ports)).results;
    assert_eq!(
        unknown(ports(template.clone())),
        ["false/1 medium .spec.xs[1].ports: unknown template"]
    );
    assert_eq!(
        unknown(ports(json!([12, template]))),
        ["false/1 medium .spec.xs[1].ports[1]: unknown template"]
    );
}

#[test]
fn values_are_read_computed_and_chosen() {
    let labels = || spec("labels", map(string()));
    let constant_key = expr(
        ExprKind::MapMember {
            base: Box::new(labels()),
            key: Box::new(text("app")),
        },
        string(),
    );
    let is_web = equal(Domain::String, constant_key, text("web"));
    assert_eq!(
        blame(&is_web, record(), &json!({"labels": {"app": "web"}})),
        "true .spec.labels.app"
    );
    assert_eq!(
        blame(&is_web, record(), &json!({"labels": {}})),
        "false .spec.labels?.app"
    );
    let computed = expr(
        ExprKind::MapMember {
            base: Box::new(labels()),
            key: Box::new(spec("key", string())),
        },
        string(),
    );
    let is_web = equal(Domain::String, computed, text("web"));
    assert_eq!(
        blame(
            &is_web,
            record(),
            &json!({"key": "tier", "labels": {"tier": "web"}})
        ),
        "true .spec.labels.tier"
    );
    assert_eq!(
        blame(&is_web, record(), &json!({"key": "nope", "labels": {}})),
        "false .spec.labels?.\"nope\""
    );
    assert_eq!(
        blame(&is_web, record(), &json!({"labels": {"a": "web"}})),
        "false .spec?.key"
    );
    let at_index = |index| {
        let element = expr(
            ExprKind::Element {
                base: Box::new(spec("xs", list(string()))),
                index: Box::new(int(index)),
            },
            string(),
        );
        equal(Domain::String, element, text("b"))
    };
    assert_eq!(
        blame(&at_index(1), record(), &json!({"xs": ["a", "b"]})),
        "true .spec.xs[1]"
    );
    assert_eq!(
        blame(&at_index(2), record(), &json!({"xs": ["a", "b"]})),
        "false .spec.xs?[2]"
    );
    assert_eq!(
        blame(&at_index(-1), record(), &json!({"xs": ["a", "b"]})),
        "false .spec.xs"
    );
    let chosen = || either(spec("a", string()), spec("b", string()));
    let fallback = equal(Domain::String, either(chosen(), text("none")), text("none"));
    assert_eq!(
        blame(&fallback, record(), &json!({"b": "x"})),
        "false .spec.b"
    );
    assert_eq!(blame(&fallback, record(), &json!({})), "true .spec?.a");
    let made = expr(
        ExprKind::Interpolate(vec![
            MessagePart::Value(spec("a", string())),
            MessagePart::Text("-".to_owned()),
            MessagePart::Value(spec("b", BaseType::Int)),
        ]),
        string(),
    );
    let made = equal(Domain::String, made, text("x-3"));
    assert_eq!(
        blame(&made, record(), &json!({"a": "x", "b": 3})),
        "true .spec.a also .spec.b"
    );
    assert_eq!(
        blame(&made, record(), &json!({"a": "x"})),
        "false .spec.a also .spec?.b"
    );
    let written = expr(
        ExprKind::List(vec![spec("a", string()), text("k"), spec("b", string())]),
        list(string()),
    );
    let among = is_in(Domain::String, text("z"), written);
    assert_eq!(
        blame(&among, record(), &json!({"a": "y", "b": "z"})),
        "true .spec.b"
    );
    assert_eq!(
        blame(&among, record(), &json!({"b": "y"})),
        "false .metadata.name"
    );
}

#[test]
fn images_have_parts() {
    let part_is = |part, wanted: Const| {
        let part = expr(
            ExprKind::ImagePart(part, Box::new(spec("image", string()))),
            string(),
        );
        equal(Domain::String, part, constant(wanted))
    };
    let some = |text: &str| Const::String(text.to_owned());
    let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
    let full = format!("registry.example:5000/a/b:1.2@{digest}");
    let pinned = format!("nginx@{digest}");
    let cases = [
        (
            "nginx",
            some("docker.io"),
            some("library/nginx"),
            some("latest"),
            Const::Absent,
        ),
        (
            "nginx:1.25",
            some("docker.io"),
            some("library/nginx"),
            some("1.25"),
            Const::Absent,
        ),
        (
            "index.docker.io/nginx",
            some("docker.io"),
            some("library/nginx"),
            some("latest"),
            Const::Absent,
        ),
        (
            "bitnami/redis",
            some("docker.io"),
            some("bitnami/redis"),
            some("latest"),
            Const::Absent,
        ),
        (
            "localhost/x",
            some("localhost"),
            some("x"),
            some("latest"),
            Const::Absent,
        ),
        (
            "[::1]:5000/x",
            some("[::1]:5000"),
            some("x"),
            some("latest"),
            Const::Absent,
        ),
        (
            &full,
            some("registry.example:5000"),
            some("a/b"),
            some("1.2"),
            some(&digest),
        ),
        (
            &pinned,
            some("docker.io"),
            some("library/nginx"),
            Const::Absent,
            some(&digest),
        ),
        (
            "Nginx",
            Const::Absent,
            Const::Absent,
            Const::Absent,
            Const::Absent,
        ),
        (
            "a//b",
            Const::Absent,
            Const::Absent,
            Const::Absent,
            Const::Absent,
        ),
        (
            "a/b:",
            Const::Absent,
            Const::Absent,
            Const::Absent,
            Const::Absent,
        ),
        (
            "a..b/c",
            Const::Absent,
            Const::Absent,
            Const::Absent,
            Const::Absent,
        ),
        (
            "-a/b",
            Const::Absent,
            Const::Absent,
            Const::Absent,
            Const::Absent,
        ),
        (
            "a/b__c",
            some("docker.io"),
            some("a/b__c"),
            some("latest"),
            Const::Absent,
        ),
        (
            "a/b___c",
            Const::Absent,
            Const::Absent,
            Const::Absent,
            Const::Absent,
        ),
    ];
    for (image, registry, repository, tag, digest) in cases {
        let document = json!({"image": image});
        for (part, wanted) in [
            (ImagePart::Registry, registry),
            (ImagePart::Repository, repository),
            (ImagePart::Tag, tag),
            (ImagePart::Digest, digest),
        ] {
            let said = blame(&part_is(part, wanted.clone()), record(), &document);
            assert_eq!(said, "true .spec.image", "{image} {part:?} {wanted:?}");
        }
    }
    let any = part_is(ImagePart::Tag, some("x"));
    for template in ["a:{{ tag }}", "a:${TAG}", "$(IMAGE)"] {
        assert_eq!(
            blame(&any, record(), &json!({"image": template})),
            "? 1 medium .spec.image: unknown template"
        );
    }
}
