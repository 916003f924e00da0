//! Parameters: settings, defaults, constraints.

use palisade_lang::program::*;
use palisade_lang::span::Span;
use serde_json::{Value, json};

use crate::build::*;
use crate::guest::Guest;

fn pod(spec: &Value) -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "n"}, "spec": spec})
}

pub(crate) fn param(
    policy: Option<u32>,
    name: &str,
    base: BaseType,
    default: Option<Const>,
) -> Param {
    Param {
        policy,
        name: name.to_owned(),
        doc: String::new(),
        ty: Type::plain(base),
        default,
        constraint: None,
        span: Span::default(),
    }
}

pub(crate) fn value_of(id: u32, base: BaseType) -> Expr {
    expr(ExprKind::Param(ParamId(id)), base)
}

/// The pack `test` with `on: bool = true`, and the policy `p`, which prints the others where `on` is true.
fn with_params(params: Vec<Param>) -> Program {
    let mut p = policy("p");
    let on = truth(value_of(0, BaseType::Bool));
    let stmt = deny(&mut p, on, "");
    for (nth, param) in (1..).zip(&params) {
        let value = value_of(nth, param.ty.base.clone());
        p.checks[0].message.push(MessagePart::Value(value));
        p.checks[0].message.push(MessagePart::Text(" ".into()));
    }
    p.bodies[0].block.stmts = vec![stmt];
    let mut program = program(vec![p]);
    program.params = vec![param(None, "on", BaseType::Bool, Some(Const::Bool(true)))];
    program.params.extend(params);
    program
}

#[test]
fn values_come_from_the_settings_or_are_defaults() {
    let max = param(
        Some(0),
        "max",
        BaseType::Quantity,
        Some(Const::Quantity("4Gi".into())),
    );
    let names = param(
        Some(0),
        "names",
        list(string()),
        Some(Const::List(vec![
            Const::String("a".into()),
            Const::String("b".into()),
        ])),
    );
    let mut guest = Guest::new(&with_params(vec![max, names]));
    let document = pod(&json!({}));
    let said = |guest: &mut Guest| guest.run(&document).results.join("; ");
    let defaults = "p/1 medium .metadata.name: ?4Gi a and b ";
    assert_eq!(said(&mut guest), defaults.replace('?', ""));
    assert_eq!(
        guest.configure(r#"{"p":{"max":"1Gi","names":["x"]}}"#),
        [""; 0]
    );
    // Settings outlive what is evaluated after them, and only they do.
    for _ in 0..3 {
        assert_eq!(said(&mut guest), "p/1 medium .metadata.name: 1Gi x ");
    }
    assert_eq!(
        guest.configure(r#"{"p":{"max":7,"names":null},"test":{"on":true}}"#),
        [""; 0]
    );
    assert_eq!(said(&mut guest), "p/1 medium .metadata.name: 7 a and b ");
    assert_eq!(guest.configure(r#"{"test":{"on":false}}"#), [""; 0]);
    assert_eq!(said(&mut guest), "");
    assert_eq!(guest.configure(""), [""; 0]);
    assert_eq!(said(&mut guest), defaults.replace('?', ""));
}

#[test]
fn problems_say_where_they_are() {
    let enumeration = BaseType::Enum(vec!["a".into(), "b".into()]);
    let some = |base: BaseType, name: &str| param(Some(0), name, base, Some(Const::Absent));
    let limits = BaseType::Record(vec![RecordRef {
        id: DECLARED_RECORDS,
        name: "Limits".into(),
    }]);
    let mut program = with_params(vec![
        some(BaseType::Int, "n"),
        some(enumeration, "e"),
        some(list(BaseType::Quantity), "q"),
        some(limits, "r"),
        some(BaseType::Version, "v"),
        some(BaseType::Cidr, "c"),
        some(BaseType::Glob, "g"),
        some(BaseType::Float, "f"),
        param(Some(0), "must", string(), None),
    ]);
    let field = |name: &str, base: BaseType, default: Option<Const>| RecordField {
        name: name.into(),
        ty: Type::plain(base),
        default,
    };
    program.records = vec![RecordType {
        name: "Limits".into(),
        fields: vec![
            field("low", BaseType::Int, None),
            field("high", BaseType::Int, Some(Const::Int(9))),
            field("tags", list(string()), None),
        ],
    }];
    let mut guest = Guest::new(&program);
    let problems = |guest: &mut Guest, settings: &str| guest.configure(settings).join("; ");
    for (settings, expected) in [
        ("[]", ": is a list where a map is expected"),
        ("{", ": is no JSON"),
        (
            r#"{"q":{}}"#,
            "q: is neither a policy of this module nor its pack",
        ),
        (r#"{"p":1}"#, "p: is an int where a map is expected"),
        (r#"{"p":{"nn":1}}"#, "p.nn: is no parameter"),
        (
            r#"{"p":{"n":"1"}}"#,
            "p.n: is a string where an int is expected",
        ),
        (r#"{"p":{"e":"c"}}"#, "p.e: is none of `a` and `b`"),
        (
            r#"{"p":{"q":["1Gi","1GB",true]}}"#,
            "p.q[1]: is no quantity; p.q[2]: is a bool where a quantity is expected",
        ),
        (
            r#"{"p":{"r":{"hi":1,"high":"x"}}}"#,
            "p.r.hi: is no member of this record; p.r.high: is a string where an int is expected; p.r.low: is required and missing",
        ),
        (r#"{"p":{"v":"new"}}"#, "p.v: is no version"),
        (r#"{"p":{"c":"10.0.0.0"}}"#, "p.c: is no cidr"),
        (r#"{"p":{"g":"[a"}}"#, "p.g: is no glob"),
        (r#"{"p":{}}"#, "p.must: is required and not given"),
        ("", "p.must: is required and not given"),
        (
            r#"{"p":{"must":"x","f":1,"r":{"low":1},"g":"*","v":"1.2","c":"10.0.0.0/8"}}"#,
            "",
        ),
    ] {
        // One that is read at all also lacks `must`, unless it is the last.
        let is_read = settings != "{" && !expected.is_empty() && !expected.starts_with("p.must");
        let missing = if is_read {
            "; p.must: is required and not given"
        } else {
            ""
        };
        let all = format!("{expected}{missing}");
        assert_eq!(problems(&mut guest, settings), all, "{settings}");
    }
}

#[test]
fn a_constraint_must_be_true() {
    let mut names = param(Some(0), "names", list(string()), Some(Const::List(vec![])));
    let mut constraint = policy("p");
    let given = not(is_empty(value_of(1, list(string()))));
    require(&mut constraint, given, "at least one name must be given");
    constraint.bodies.clear();
    names.constraint = Some(Box::new(constraint));
    let mut guest = Guest::new(&with_params(vec![names]));
    let refused = ["p.names: at least one name must be given"];
    assert_eq!(guest.configure("{}"), refused);
    assert_eq!(guest.configure(r#"{"p":{"names":["a"]}}"#), [""; 0]);
    assert_eq!(guest.configure(r#"{"p":{"names":[]}}"#), refused);
}

#[test]
fn patterns_of_the_settings_are_compiled() {
    let mut p = policy("p");
    let registry = at(part(), "spec.r", string());
    let stmt = require(
        &mut p,
        is_in(Domain::Pattern, registry, value_of(0, list(BaseType::Glob))),
        "m",
    );
    p.bodies[0].block.stmts = vec![stmt];
    let mut program = program(vec![p]);
    let default = Const::List(vec![Const::Glob("a*".into())]);
    program.params = vec![param(
        Some(0),
        "allowed",
        list(BaseType::Glob),
        Some(default),
    )];
    let mut guest = Guest::new(&program);
    let said =
        |guest: &mut Guest, text: &str| guest.run(&pod(&json!({"r": text}))).results.join("; ");
    assert_eq!(said(&mut guest, "abc"), "");
    assert_eq!(said(&mut guest, "b.c"), "p/1 medium .spec.r: m");
    assert_eq!(guest.configure(r#"{"p":{"allowed":["x","b.*"]}}"#), [""; 0]);
    assert_eq!(said(&mut guest, "abc"), "p/1 medium .spec.r: m");
    assert_eq!(said(&mut guest, "b.c"), "");
}

#[test]
fn a_record_that_holds_itself_is_described_to_a_depth() {
    let node = || {
        BaseType::Record(vec![RecordRef {
            id: DECLARED_RECORDS,
            name: "Node".into(),
        }])
    };
    let mut program = with_params(vec![param(Some(0), "n", node(), Some(Const::Absent))]);
    let mut next = Type::plain(node());
    next.optional = true;
    program.records = vec![RecordType {
        name: "Node".into(),
        fields: vec![RecordField {
            name: "next".into(),
            ty: next,
            default: None,
        }],
    }];
    let mut guest = Guest::new(&program);
    let refused = ["p.n.next.next.last: is no member of this record"];
    let settings = r#"{"p":{"n":{"next":{"next":{"last":1}}}}}"#;
    assert_eq!(guest.configure(settings), refused);
    assert_eq!(guest.configure(r#"{"p":{"n":{"next":{}}}}"#), [""; 0]);
}
