//! Sentences of `docs/meaning.md`, one case or more for each.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "a test as a whole: what is not as expected ends it"
)]

use palisade_lang::program::{
    Arm, BaseType, Binding, Block, Builtin, Check, CheckId, CompareOp, Comprehension, Const,
    Domain, Edit, EditKind, Expr, ExprKind, Fix, Generator, ImagePart, KindRef, LocalId,
    MessagePart, Pick, Policy, Presence, Program, QuantifierKind, Severity, Stmt, Target, Type,
    View, ViewId,
};
use palisade_reference::build::*;
use palisade_reference::document::Document;
use palisade_reference::{Selection, Settings, configure, evaluate, render};

const X: LocalId = LocalId(2);
const Y: LocalId = LocalId(3);
const Z: LocalId = LocalId(4);

/// The results of a program on an object of kind `K` called `n` with more members.
fn run(members: &str, program: &Program) -> Vec<String> {
    let text = format!(r#"{{"apiVersion":"v1","kind":"K","metadata":{{"name":"n"}},{members}}}"#);
    run_on(&text, program)
}

fn run_on(text: &str, program: &Program) -> Vec<String> {
    let document = Document::parse(text).unwrap_or_else(|| panic!("{text} is not JSON"));
    let tape = document.to_tape();
    evaluate(program, &defaults(program), &tape, &Selection::default())
        .iter()
        .map(|verdict| render::verdict(&tape, verdict))
        .collect()
}

/// A program configured with nothing.
fn defaults(program: &Program) -> Settings {
    configure(program, &Document::Map(Vec::new())).unwrap()
}

/// A policy on `K` with three element names of a type and these statements and checks.
fn with(element: &BaseType, stmts: Vec<Stmt>, checks: Vec<Check>) -> Program {
    let mut policy = policy("K");
    for name in ["x", "y", "z"] {
        let ty = Type::plain(element.clone());
        policy.locals.push(named(name, ty, Binding::Element));
    }
    policy.bodies[0].block = Block { stmts };
    policy.checks = checks;
    program(policy)
}

/// `deny condition, "m"`
fn deny(condition: Expr) -> Program {
    let checks = vec![check(true, condition, "m")];
    with(&record(1), vec![Stmt::Check(CheckId(0))], checks)
}

/// `require condition, "m"`
fn require(condition: Expr) -> Program {
    let checks = vec![check(false, condition, "m")];
    with(&record(1), vec![Stmt::Check(CheckId(0))], checks)
}

/// How a condition comes out: `true`, `false` or what is recorded of an unknown one.
fn truth_of(members: &str, condition: Expr) -> String {
    let denied = run(members, &deny(condition.clone()));
    let required = run(members, &require(condition));
    let is_finding = |results: &[String]| results.iter().any(|r| r.ends_with(": m"));
    match (is_finding(&denied), is_finding(&required)) {
        (true, false) => "true".to_owned(),
        (false, true) => "false".to_owned(),
        _ => {
            assert_eq!(denied, required);
            denied.join("; ")
        }
    }
}

fn opt(key: &str, ty: BaseType) -> Expr {
    member(object(), key, ty, Presence::Optional)
}

fn req(key: &str, ty: BaseType) -> Expr {
    member(object(), key, ty, Presence::Required)
}

fn x(ty: BaseType) -> Expr {
    local(X, Type::plain(ty))
}

fn of(base: Expr, key: &str, ty: BaseType) -> Expr {
    member(base, key, ty, Presence::Optional)
}

fn element(base: Expr, index: i64, ty: BaseType) -> Expr {
    let kind = ExprKind::Element {
        base: Box::new(base),
        index: Box::new(int(index)),
    };
    expr(kind, Type::optional(ty))
}

fn at_key(base: Expr, key: Expr, ty: BaseType) -> Expr {
    let kind = ExprKind::MapMember {
        base: Box::new(base),
        key: Box::new(key),
    };
    expr(kind, Type::optional(ty))
}

fn concat(operands: Vec<Expr>) -> Expr {
    let ty = operands[0].ty.clone();
    expr(ExprKind::Concat(operands), ty)
}

fn coalesce(left: Expr, right: Expr) -> Expr {
    let ty = right.ty.clone();
    expr(ExprKind::Coalesce(Box::new(left), Box::new(right)), ty)
}

fn strings(key: &str) -> Expr {
    opt(key, list_of(BaseType::String))
}

fn string(key: &str) -> Expr {
    opt(key, BaseType::String)
}

fn boolean(key: &str) -> Expr {
    opt(key, BaseType::Bool)
}

fn is_true(key: &str) -> Expr {
    equal(
        Domain::Bool,
        boolean(key),
        constant(Const::Bool(true), BaseType::Bool),
    )
}

fn is(left: Expr, right: &str) -> Expr {
    equal(Domain::String, left, text(right))
}

fn any(source: Expr, body: Expr) -> Expr {
    quantifier(QuantifierKind::Any, vec![each(X, source)], None, body)
}

fn all(source: Expr, body: Expr) -> Expr {
    quantifier(QuantifierKind::All, vec![each(X, source)], None, body)
}

fn no(source: Expr, body: Expr) -> Expr {
    quantifier(QuantifierKind::No, vec![each(X, source)], None, body)
}

fn scalar(left: Expr, right: Expr) -> Expr {
    equal(Domain::Scalar, left, right)
}

#[track_caller]
fn truths(cases: impl IntoIterator<Item = (&'static str, Expr, &'static str)>) {
    for (members, condition, expected) in cases {
        assert_eq!(
            truth_of(members, condition.clone()),
            expected,
            "{members}\n{condition:?}"
        );
    }
}

#[track_caller]
fn results<const N: usize>(members: &str, program: &Program, expected: [&str; N]) {
    assert_eq!(run(members, program), expected, "{members}");
}

// Reads

#[test]
fn a_member_is_compared_with_its_type() {
    let set = |ty| is_set(opt("v", ty));
    let cases = [
        (r#""v":true"#, BaseType::Bool, "true"),
        (
            r#""v":1"#,
            BaseType::Bool,
            "0.0 Medium at /v: `v` is an int where a bool is expected",
        ),
        (r#""v":1"#, BaseType::Int, "true"),
        (
            r#""v":1.5"#,
            BaseType::Int,
            "0.0 Medium at /v: `v` is a float where an int is expected",
        ),
        (r#""v":1"#, BaseType::Float, "true"),
        (r#""v":1.5"#, BaseType::Float, "true"),
        (
            r#""v":"1""#,
            BaseType::Float,
            "0.0 Medium at /v: `v` is a string where a number is expected",
        ),
        (r#""v":"s""#, BaseType::String, "true"),
        (
            r#""v":[]"#,
            BaseType::String,
            "0.0 Medium at /v: `v` is a list where a string is expected",
        ),
        (
            r#""v":"other""#,
            BaseType::Enum(vec!["known".into()]),
            "true",
        ),
        (r#""v":"s""#, BaseType::Timestamp, "true"),
        (
            r#""v":false"#,
            BaseType::Duration,
            "0.0 Medium at /v: `v` is a bool where a string is expected",
        ),
        (r#""v":1"#, BaseType::Quantity, "true"),
        (r#""v":1e3"#, BaseType::Quantity, "true"),
        (r#""v":"1Gi""#, BaseType::Quantity, "true"),
        (
            r#""v":"4GB""#,
            BaseType::Quantity,
            "0.0 Medium at /v: `v` is `4GB` where a quantity is expected",
        ),
        (
            r#""v":{}"#,
            BaseType::Quantity,
            "0.0 Medium at /v: `v` is a map where a quantity is expected",
        ),
        (r#""v":1"#, BaseType::IntOrString, "true"),
        (r#""v":"x""#, BaseType::IntOrString, "true"),
        (
            r#""v":1.5"#,
            BaseType::IntOrString,
            "0.0 Medium at /v: `v` is a float where an int or a string is expected",
        ),
        (r#""v":{}"#, record(1), "true"),
        (
            r#""v":"s""#,
            record(1),
            "0.0 Medium at /v: `v` is a string where a map is expected",
        ),
        (
            r#""v":[]"#,
            map_of(BaseType::Any),
            "0.0 Medium at /v: `v` is a list where a map is expected",
        ),
        (
            r#""v":{}"#,
            list_of(BaseType::Any),
            "0.0 Medium at /v: `v` is a map where a list is expected",
        ),
        (r#""v":[1]"#, list_of(BaseType::String), "true"),
        (r#""v":1.5"#, BaseType::Any, "true"),
        (r#""v":null"#, BaseType::Any, "false"),
        (r#""v":null"#, BaseType::String, "false"),
        (r#""w":1"#, BaseType::Bool, "false"),
        // A template is something, whatever it will say.
        (r#""v":<t>"#, BaseType::Bool, "true"),
        (r#""v":<t>"#, record(1), "true"),
        (r#""v":<t>"#, BaseType::Any, "true"),
    ];
    truths(cases.map(|(members, ty, expected)| (members, set(ty), expected)));
}

#[test]
fn a_member_that_is_not_there_is_read_as_its_presence_says() {
    let default = |c| {
        member(
            object(),
            "v",
            BaseType::Bool,
            Presence::Default(Const::Bool(c)),
        )
    };
    truths([
        ("", truth(default(true)), "true"),
        ("", truth(default(false)), "false"),
        (r#""v":null"#, truth(default(true)), "true"),
        (r#""v":<t>"#, is_set(default(true)), "true"),
        (r#""v":false"#, truth(default(true)), "false"),
        ("", is_set(default(true)), "false"),
        (r#""v":false"#, is_set(default(true)), "true"),
        (
            "",
            is(req("v", BaseType::String), "s"),
            "0.0 Medium at +v: `v` is required and missing",
        ),
        (r#""v":"s""#, is(req("v", BaseType::String), "s"), "true"),
        (
            r#""v":null"#,
            is(req("v", BaseType::String), "s"),
            "0.0 Medium at +v: `v` is required and missing",
        ),
        ("", is_empty(req("v", list_of(BaseType::Any))), "true"),
        ("", is_empty(req("v", map_of(BaseType::Any))), "true"),
        (
            "",
            is_set(of(opt("r", record(1)), "v", BaseType::Bool)),
            "false",
        ),
        (
            "",
            is_set(member(
                opt("r", record(1)),
                "v",
                BaseType::Bool,
                Presence::Default(Const::Bool(true)),
            )),
            "false",
        ),
        (
            r#""r":1"#,
            is_set(of(opt("r", record(1)), "v", BaseType::Bool)),
            "0.0 Medium at /r: `r` is an int where a map is expected",
        ),
        (
            r#""r":<t>"#,
            is_set(of(opt("r", record(1)), "v", BaseType::Bool)),
            "0.1 Medium at /r: unknown (template)",
        ),
        (
            r#""a":1"#,
            is_set(of(opt("a", BaseType::Any), "v", BaseType::Any)),
            "false",
        ),
        (
            r#""a":{"v":1}"#,
            is_set(of(opt("a", BaseType::Any), "v", BaseType::Any)),
            "true",
        ),
    ]);
}

#[test]
fn elements_and_members_are_compared_when_they_are_met() {
    truths([
        (
            r#""v":["a",1]"#,
            is(element(strings("v"), 0, BaseType::String), "a"),
            "true",
        ),
        (
            r#""v":["a",1]"#,
            is(element(strings("v"), 1, BaseType::String), "a"),
            "0.0 Medium at /v/1: an element of `v` is an int where a string is expected",
        ),
        (
            r#""v":["a",null]"#,
            is(element(strings("v"), 1, BaseType::String), "a"),
            "0.0 Medium at /v/1: an element of `v` is null where a string is expected",
        ),
        (
            r#""v":["a"]"#,
            is_set(element(strings("v"), 1, BaseType::String)),
            "false",
        ),
        (
            r#""v":["a"]"#,
            is_set(element(strings("v"), -1, BaseType::String)),
            "false",
        ),
        (
            "",
            is_set(element(strings("v"), 0, BaseType::String)),
            "false",
        ),
        (
            r#""v":["4GB"]"#,
            is_set(element(
                opt("v", list_of(BaseType::Quantity)),
                0,
                BaseType::Quantity,
            )),
            "0.0 Medium at /v/0: an element of `v` is `4GB` where a quantity is expected",
        ),
        (
            r#""m":{"k":1}"#,
            is_set(at_key(
                opt("m", map_of(BaseType::String)),
                text("k"),
                BaseType::String,
            )),
            "0.0 Medium at /m/k: `k` is an int where a string is expected",
        ),
        (
            r#""m":{"k":"s"}"#,
            is_set(at_key(
                opt("m", map_of(BaseType::String)),
                text("k"),
                BaseType::String,
            )),
            "true",
        ),
        (
            r#""m":{"k":null}"#,
            is_set(at_key(
                opt("m", map_of(BaseType::String)),
                text("k"),
                BaseType::String,
            )),
            "false",
        ),
        (
            r#""m":{"k":"s"}"#,
            is_set(at_key(
                opt("m", map_of(BaseType::String)),
                string("key"),
                BaseType::String,
            )),
            "false",
        ),
        (
            r#""m":{"k":"s"},"key":<t>"#,
            is_set(at_key(
                opt("m", map_of(BaseType::String)),
                string("key"),
                BaseType::String,
            )),
            "0.1 Medium at /key: unknown (template)",
        ),
        (
            r#""v":[null]"#,
            is_set(element(opt("v", list_of(BaseType::Any)), 0, BaseType::Any)),
            "true",
        ),
        (
            r#""v":[null]"#,
            is_empty(element(opt("v", list_of(BaseType::Any)), 0, BaseType::Any)),
            "false",
        ),
    ]);
}

#[test]
fn generators_pass_over_null_members_and_not_over_null_elements() {
    let over = |source: Expr| {
        let body = vec![Stmt::Check(CheckId(0))];
        let checks = vec![check(true, is_known(x(BaseType::Any)), "m")];
        with(
            &BaseType::String,
            vec![for_each(each(X, source), None, body)],
            checks,
        )
    };
    results(
        r#""m":{"a":null,"b":"s"}"#,
        &over(opt("m", map_of(BaseType::String))),
        ["0.1 Medium at /m/b: m"],
    );
    results(
        r#""v":[null,"s"]"#,
        &over(strings("v")),
        [
            "0.0 Medium at /v/0: an element of `v` is null where a string is expected",
            "0.1 Medium at /v/1: m",
        ],
    );
    results(r#""w":1"#, &over(strings("v")), []);
    results(
        r#""v":<t>"#,
        &over(strings("v")),
        ["0.0 Medium at /v: unknown (template)"],
    );
    results(
        r#""v":1"#,
        &over(strings("v")),
        ["0.0 Medium at /v: `v` is an int where a list is expected"],
    );
}

#[test]
fn a_concatenation_goes_over_what_is_known_and_then_is_unknown() {
    let source = || concat(vec![strings("a"), strings("b"), strings("c")]);
    let members = r#""a":["1"],"b":<t>,"c":["2"]"#;
    let body = vec![Stmt::Check(CheckId(0))];
    let checks = vec![check(true, is_known(x(BaseType::String)), "m")];
    let stmts = vec![for_each(each(X, source()), None, body)];
    results(
        members,
        &with(&BaseType::String, stmts, checks),
        [
            "0.1 Medium at /a/0: m",
            "0.1 Medium at /c/0: m",
            "0.0 Medium at /a (/b /c): unknown (template)",
        ],
    );
    truths([
        (members, any(source(), is(x(BaseType::String), "2")), "true"),
        (
            members,
            any(source(), is(x(BaseType::String), "3")),
            "0.1 Medium at /a (/b /c): unknown (template)",
        ),
        (
            members,
            all(source(), is(x(BaseType::String), "1")),
            "false",
        ),
        (members, is_in(Domain::String, text("2"), source()), "true"),
        (
            members,
            is_in(Domain::String, text("3"), source()),
            "0.1 Medium at /a (/b /c): unknown (template)",
        ),
        (
            members,
            is_set(source()),
            "0.1 Medium at /a (/b /c): unknown (template)",
        ),
    ]);
}

#[test]
fn equal_findings_of_a_policy_are_one() {
    let condition = || is(req("v", BaseType::String), "s");
    let checks = vec![
        check(true, condition(), "m"),
        check(false, condition(), "m"),
    ];
    let stmts = vec![Stmt::Check(CheckId(0)), Stmt::Check(CheckId(1))];
    let program = with(&record(1), stmts, checks);
    results(
        "",
        &program,
        ["0.0 Medium at +v: `v` is required and missing"],
    );
}

// Conditions

#[test]
fn conjunction_and_disjunction_are_kleenes() {
    let unknown = || is_true("t");
    let yes = || is_true("y");
    let never = || is_true("n");
    let members = r#""t":<t>,"y":true,"n":false,"s":1"#;
    let shape = || is_set(string("s"));
    truths([
        (members, and(vec![yes(), yes()]), "true"),
        (members, and(vec![unknown(), never()]), "false"),
        (
            members,
            and(vec![unknown(), yes()]),
            "0.1 Medium at /t: unknown (template)",
        ),
        (members, or(vec![never(), never()]), "false"),
        (members, or(vec![unknown(), yes()]), "true"),
        (
            members,
            or(vec![unknown(), never()]),
            "0.1 Medium at /t: unknown (template)",
        ),
        (
            members,
            not(unknown()),
            "0.1 Medium at /t: unknown (template)",
        ),
        (members, not(never()), "true"),
        (members, and(vec![never(), shape()]), "false"),
        (members, or(vec![yes(), shape()]), "true"),
    ]);
    // Short circuit: the read of `s` is not evaluated after what decides, and is before.
    results(members, &deny(and(vec![never(), shape()])), []);
    results(
        members,
        &deny(and(vec![shape(), never()])),
        ["0.0 Medium at /s: `s` is an int where a string is expected"],
    );
    // The first unknown's reason counts: shape, which its read has reported.
    results(
        members,
        &deny(and(vec![shape(), unknown()])),
        ["0.0 Medium at /s: `s` is an int where a string is expected"],
    );
    results(
        members,
        &deny(and(vec![unknown(), shape()])),
        [
            "0.0 Medium at /s: `s` is an int where a string is expected",
            "0.1 Medium at /t: unknown (template)",
        ],
    );
}

#[test]
fn comparisons_are_by_domain() {
    let less = |a: &str, b: Expr| {
        compare(
            CompareOp::Less,
            Domain::Quantity,
            opt(a, BaseType::Quantity),
            b,
        )
    };
    let any_is = |c, ty| scalar(opt("v", BaseType::Any), constant(c, ty));
    truths([
        ("", equal(Domain::String, string("a"), string("b")), "true"),
        (
            r#""a":"s""#,
            equal(Domain::String, string("a"), string("b")),
            "false",
        ),
        (
            r#""a":"s","b":"s""#,
            equal(Domain::String, string("a"), string("b")),
            "true",
        ),
        (
            r#""a":"Z","b":"a""#,
            compare(CompareOp::Less, Domain::String, string("a"), string("b")),
            "true",
        ),
        (
            r#""a":"\uffff","b":"😀""#,
            compare(CompareOp::Less, Domain::String, string("a"), string("b")),
            "true",
        ),
        (
            "",
            compare(CompareOp::Less, Domain::String, string("a"), string("b")),
            "false",
        ),
        (
            "",
            compare(
                CompareOp::GreaterEqual,
                Domain::String,
                string("a"),
                string("b"),
            ),
            "false",
        ),
        (
            r#""v":3"#,
            compare(
                CompareOp::LessEqual,
                Domain::Int,
                opt("v", BaseType::Int),
                int(3),
            ),
            "true",
        ),
        (
            r#""v":-9223372036854775808"#,
            compare(
                CompareOp::Less,
                Domain::Int,
                opt("v", BaseType::Int),
                int(i64::MAX),
            ),
            "true",
        ),
        (
            r#""v":"1024Mi""#,
            equal(
                Domain::Quantity,
                opt("v", BaseType::Quantity),
                quantity("1Gi"),
            ),
            "true",
        ),
        (r#""v":"1G""#, less("v", quantity("1Gi")), "true"),
        (r#""v":0.5"#, less("v", quantity("500m")), "false"),
        (r#""v":"1""#, any_is(Const::Int(1), BaseType::Int), "false"),
        (r#""v":1.0"#, any_is(Const::Int(1), BaseType::Int), "true"),
        (
            r#""v":1"#,
            any_is(Const::Float("1e0".into()), BaseType::Float),
            "true",
        ),
        (
            r#""v":true"#,
            any_is(Const::Bool(true), BaseType::Bool),
            "true",
        ),
        (
            r#""v":1"#,
            any_is(Const::Bool(true), BaseType::Bool),
            "false",
        ),
        (
            r#""v":"true""#,
            any_is(Const::Bool(true), BaseType::Bool),
            "false",
        ),
        (
            r#""v":[],"w":[]"#,
            scalar(opt("v", BaseType::Any), opt("w", BaseType::Any)),
            "false",
        ),
        (
            r#""v":{},"w":{}"#,
            scalar(opt("v", BaseType::Any), opt("w", BaseType::Any)),
            "false",
        ),
        // Left, then right; the left unknown is the result.
        (
            r#""a":<t>,"b":"s""#,
            equal(Domain::String, string("a"), string("b")),
            "0.1 Medium at /a: unknown (template)",
        ),
        (
            r#""a":"s","b":<t>"#,
            equal(Domain::String, string("a"), string("b")),
            "0.1 Medium at /b: unknown (template)",
        ),
        (
            r#""a":<t>,"b":1"#,
            equal(Domain::String, string("a"), string("b")),
            "0.0 Medium at /b: `b` is an int where a string is expected; 0.1 Medium at /a: unknown (template)",
        ),
    ]);
}

#[test]
fn membership_looks_at_elements_in_order() {
    let a_in = |list| is_in(Domain::String, text("a"), list);
    truths([
        (r#""v":["b","a"]"#, a_in(strings("v")), "true"),
        (r#""v":["b"]"#, a_in(strings("v")), "false"),
        ("", a_in(strings("v")), "false"),
        (r#""v":[<t>,"a"]"#, a_in(strings("v")), "true"),
        (
            r#""v":[<t>,"b"]"#,
            a_in(strings("v")),
            "0.1 Medium at /v/0: unknown (template)",
        ),
        (
            r#""v":<t>"#,
            a_in(strings("v")),
            "0.1 Medium at /v: unknown (template)",
        ),
        (r#""v":["a",1]"#, a_in(strings("v")), "true"),
        (
            r#""v":[1,"b"]"#,
            a_in(strings("v")),
            "0.0 Medium at /v/0: an element of `v` is an int where a string is expected",
        ),
        (
            r#""v":["a"]"#,
            is_in(Domain::String, string("w"), strings("v")),
            "false",
        ),
        (
            r#""v":["a"],"w":<t>"#,
            is_in(Domain::String, string("w"), strings("v")),
            "0.1 Medium at /w: unknown (template)",
        ),
        (
            r#""w":"a""#,
            is_in(Domain::String, string("w"), texts(&["b", "a"])),
            "true",
        ),
    ]);
    // The list is evaluated also when the needle decides.
    results(
        r#""v":1"#,
        &deny(is_in(Domain::String, string("w"), strings("v"))),
        ["0.0 Medium at /v: `v` is an int where a list is expected"],
    );
}

#[test]
fn tests_of_values() {
    let e = |ty| is_empty(opt("v", ty));
    truths([
        ("", e(BaseType::Any), "true"),
        (r#""v":"""#, e(BaseType::Any), "true"),
        (r#""v":" ""#, e(BaseType::Any), "false"),
        (r#""v":[]"#, e(BaseType::Any), "true"),
        (r#""v":[null]"#, e(BaseType::Any), "false"),
        (r#""v":{}"#, e(BaseType::Any), "true"),
        (r#""v":{"a":null}"#, e(BaseType::Any), "true"),
        (r#""v":{"a":1}"#, e(BaseType::Any), "false"),
        (r#""v":0"#, e(BaseType::Any), "false"),
        (r#""v":false"#, e(BaseType::Any), "false"),
        (
            r#""v":<t>"#,
            e(BaseType::Any),
            "0.1 Medium at /v: unknown (template)",
        ),
        (r#""v":<t>"#, is_known(string("v")), "false"),
        ("", is_known(string("v")), "true"),
        (r#""v":true"#, truth(boolean("v")), "true"),
        ("", truth(boolean("v")), "false"),
        (
            r#""v":<t>"#,
            is(coalesce(string("v"), text("d")), "d"),
            "0.1 Medium at /v: unknown (template)",
        ),
        ("", is(coalesce(string("v"), text("d")), "d"), "true"),
        (
            r#""v":"s""#,
            is(coalesce(string("v"), text("d")), "s"),
            "true",
        ),
    ]);
}

#[test]
fn quantifiers_fold() {
    let s = || x(BaseType::String);
    let guarded =
        |kind, guard| quantifier(kind, vec![each(X, strings("v"))], Some(guard), is(s(), "a"));
    let not_b = || not(is(s(), "b"));
    truths([
        (r#""v":["b","a"]"#, any(strings("v"), is(s(), "a")), "true"),
        (r#""v":["b"]"#, any(strings("v"), is(s(), "a")), "false"),
        (r#""v":[]"#, any(strings("v"), is(s(), "a")), "false"),
        (r#""v":["a","a"]"#, all(strings("v"), is(s(), "a")), "true"),
        (r#""v":["a","b"]"#, all(strings("v"), is(s(), "a")), "false"),
        ("", all(strings("v"), is(s(), "a")), "true"),
        (r#""v":["b"]"#, no(strings("v"), is(s(), "a")), "true"),
        (r#""v":["a"]"#, no(strings("v"), is(s(), "a")), "false"),
        (r#""v":[<t>,"a"]"#, any(strings("v"), is(s(), "a")), "true"),
        (
            r#""v":["b",<t>]"#,
            any(strings("v"), is(s(), "a")),
            "0.1 Medium at /v/1: unknown (template)",
        ),
        (r#""v":[<t>,"b"]"#, all(strings("v"), is(s(), "a")), "false"),
        (
            r#""v":[<t>,"a"]"#,
            all(strings("v"), is(s(), "a")),
            "0.1 Medium at /v/0: unknown (template)",
        ),
        (
            r#""v":<t>"#,
            all(strings("v"), is(s(), "a")),
            "0.1 Medium at /v: unknown (template)",
        ),
        (
            r#""v":["a","b"]"#,
            guarded(QuantifierKind::All, not_b()),
            "true",
        ),
        (
            r#""v":["b"]"#,
            guarded(QuantifierKind::Any, not_b()),
            "false",
        ),
        (
            r#""v":["a"]"#,
            guarded(QuantifierKind::No, not_b()),
            "false",
        ),
    ]);
    // `all` with an unknown guard is `not g or p`: a true body decides the element.
    let unknown_guard = quantifier(
        QuantifierKind::All,
        vec![each(X, strings("v"))],
        Some(is_true("t")),
        is(s(), "a"),
    );
    truths([
        (r#""t":<t>,"v":["a"]"#, unknown_guard.clone(), "true"),
        (
            r#""t":<t>,"v":["b"]"#,
            unknown_guard,
            "0.1 Medium at /v/0 (/t): unknown (template)",
        ),
    ]);
    // Stops at the first decisive element: the 1 is not looked at.
    results(
        r#""v":["a",1]"#,
        &deny(any(strings("v"), is(s(), "a"))),
        ["0.1 Medium at /v/0: m"],
    );
}

#[test]
fn computed_text() {
    let role = |ty| {
        expr(
            ExprKind::ContainerRole(Box::new(element(
                opt("initContainers", list_of(record(1))),
                0,
                ty,
            ))),
            Type::optional(BaseType::String),
        )
    };
    let image = |part| {
        expr(
            ExprKind::ImagePart(part, Box::new(string("i"))),
            Type::optional(BaseType::String),
        )
    };
    let hello = || {
        expr(
            ExprKind::Interpolate(vec![
                MessagePart::Text("hi ".into()),
                MessagePart::Value(string("v")),
            ]),
            Type::plain(BaseType::String),
        )
    };
    truths([
        (
            r#""initContainers":[{}]"#,
            is(role(record(1)), "init"),
            "true",
        ),
        (
            r#""initContainers":[{"restartPolicy":"Always"}]"#,
            is(role(record(1)), "sidecar"),
            "true",
        ),
        (
            r#""initContainers":[{"restartPolicy":1}]"#,
            is(role(record(1)), "init"),
            "true",
        ),
        (
            r#""initContainers":[<t>]"#,
            is(role(record(1)), "init"),
            "0.1 Medium at /initContainers/0: unknown (template)",
        ),
        ("", is_set(role(record(1))), "false"),
        (
            r#""i":"nginx""#,
            is(image(ImagePart::Registry), "docker.io"),
            "true",
        ),
        (r#""i":"a b""#, is_set(image(ImagePart::Registry)), "false"),
        ("", is_set(image(ImagePart::Tag)), "false"),
        (
            r#""i":"x:{{ .v }}""#,
            is_set(image(ImagePart::Registry)),
            "0.1 Medium at /i: unknown (template)",
        ),
        (
            r#""i":"x:${v}""#,
            is_set(image(ImagePart::Registry)),
            "0.1 Medium at /i: unknown (template)",
        ),
        (
            r#""i":"x:$(v)""#,
            is_set(image(ImagePart::Registry)),
            "0.1 Medium at /i: unknown (template)",
        ),
        (r#""v":"s""#, is(hello(), "hi s"), "true"),
        ("", is(hello(), "hi (not set)"), "true"),
        (
            r#""v":<t>"#,
            is(hello(), "hi "),
            "0.1 Medium at /v: unknown (template)",
        ),
    ]);
}

// Statements

#[test]
fn the_guard_of_a_policy_says_whether_it_runs() {
    let mut program = deny(is_set(string("v")));
    program.policies[0].bodies[0].guard = Some(is_true("g"));
    results(r#""v":"s","g":true"#, &program, ["0.1 Medium at /v: m"]);
    results(r#""v":"s","g":false"#, &program, []);
    results(
        r#""v":"s","g":<t>"#,
        &program,
        ["0.0 Medium at /g: unknown (template)"],
    );
    results(
        r#""v":"s","g":1"#,
        &program,
        ["0.0 Medium at /g: `g` is an int where a bool is expected"],
    );
}

#[test]
fn where_leaves_out_and_an_unknown_one_is_recorded() {
    let ready = of(x(record(1)), "on", BaseType::Bool);
    let guard = truth(ready);
    let body = vec![Stmt::Check(CheckId(0))];
    let stmts = vec![for_each(
        each(X, opt("v", list_of(record(1)))),
        Some(guard),
        body,
    )];
    let checks = vec![check(false, is_set(string("nothing")), "m")];
    let program = with(&record(1), stmts, checks);
    results(
        r#""v":[{"on":true},{"on":false},{"on":<t>},{"on":1},2,<t>]"#,
        &program,
        [
            "0.1 Medium at +nothing: m",
            "0.0 Medium at /v/2/on: unknown (template)",
            "0.0 Medium at /v/3/on: `on` is an int where a bool is expected",
            "0.0 Medium at /v/4: an element of `v` is an int where a map is expected",
            "0.0 Medium at /v/5: unknown (template)",
        ],
    );
}

#[test]
fn when_runs_one_block_or_none() {
    let stmts = vec![Stmt::When {
        condition: is_true("c"),
        then: Block {
            stmts: vec![Stmt::Check(CheckId(0))],
        },
        otherwise: Block {
            stmts: vec![Stmt::Check(CheckId(1))],
        },
    }];
    let never = || is_set(string("nothing"));
    let checks = vec![check(false, never(), "then"), check(false, never(), "else")];
    let program = with(&record(1), stmts, checks);
    results(r#""c":true"#, &program, ["0.1 Medium at +nothing: then"]);
    results(r#""c":false"#, &program, ["0.2 Medium at +nothing: else"]);
    results(
        r#""c":<t>"#,
        &program,
        ["0.0 Medium at /c: unknown (template)"],
    );
    results(
        r#""c":1"#,
        &program,
        ["0.0 Medium at /c: `c` is an int where a bool is expected"],
    );
}

#[test]
fn guards_decide_a_check_without_evaluating_it() {
    let mut second = check(true, is_set(opt("w", BaseType::Int)), "second");
    second.guards = vec![CheckId(0)];
    let mut third = check(true, is_set(string("u")), "third");
    third.guards = vec![CheckId(1)];
    third.severity = Some(text("low"));
    let first = and(vec![
        is_set(string("v")),
        equal(Domain::String, string("v"), string("v")),
    ]);
    let checks = vec![check(false, first, "first"), second, third];
    let stmts = (0..3).map(|id| Stmt::Check(CheckId(id))).collect();
    let program = with(&record(1), stmts, checks);
    // `w` has the wrong shape, which nothing says while the guard is not true.
    results(r#""w":"x","u":"s""#, &program, ["0.1 Medium at +v: first"]);
    results(
        r#""v":<t>,"w":"x","u":"s""#,
        &program,
        [
            "0.1 Medium at /v: unknown (template)",
            "0.2 Medium at /v: unknown (template)",
            "0.3 Low at /v: unknown (template)",
        ],
    );
    results(
        r#""v":"s","w":"x","u":"s""#,
        &program,
        ["0.0 Medium at /w: `w` is a string where an int is expected"],
    );
    results(
        r#""v":"s","w":1,"u":"s""#,
        &program,
        ["0.2 Medium at /w: second", "0.3 Low at /u: third"],
    );
}

#[test]
fn a_let_is_evaluated_once_where_it_stands() {
    let mut program = with(
        &record(1),
        vec![
            Stmt::Let(Z),
            Stmt::Check(CheckId(0)),
            Stmt::Check(CheckId(1)),
        ],
        vec![
            check(
                true,
                is_set(local(Z, Type::optional(BaseType::String))),
                "one",
            ),
            check(
                true,
                is_set(local(Z, Type::optional(BaseType::String))),
                "two",
            ),
        ],
    );
    program.policies[0].locals[Z.0 as usize].binding = Binding::Let(Box::new(string("v")));
    results(
        r#""v":"s""#,
        &program,
        ["0.1 Medium at /v: one", "0.2 Medium at /v: two"],
    );
    results(
        r#""v":1"#,
        &program,
        ["0.0 Medium at /v: `v` is an int where a string is expected"],
    );
}

// Places

#[test]
fn a_trace_is_the_node_or_what_is_missing() {
    let nested = |ty: BaseType| of(of(opt("a", record(1)), "b", record(2)), "c", ty);
    let c = || is(nested(BaseType::String), "s");
    for (members, expected) in [
        (r#""a":{"b":{"c":"x"}}"#, "/a/b/c"),
        (r#""a":{"b":{"c":null}}"#, "/a/b+c"),
        (r#""a":{"b":{}}"#, "/a/b+c"),
        (r#""a":{}"#, "/a+b+c"),
        (r#""a":null"#, "+a+b+c"),
        ("", "+a+b+c"),
    ] {
        results(
            members,
            &require(c()),
            [format!("0.1 Medium at {expected}: m").as_str()],
        );
    }
    let at = |index| is(element(strings("v"), index, BaseType::String), "s");
    results(r#""v":["x"]"#, &require(at(0)), ["0.1 Medium at /v/0: m"]);
    results(r#""v":["x"]"#, &require(at(7)), ["0.1 Medium at /v+7: m"]);
    results(r#""v":["x"]"#, &require(at(-1)), ["0.1 Medium at /v: m"]);
    results("", &require(at(2)), ["0.1 Medium at +v+2: m"]);
    let key = |key| {
        is_set(at_key(
            opt("m", map_of(BaseType::String)),
            key,
            BaseType::String,
        ))
    };
    results(
        r#""m":{}"#,
        &require(key(text("k"))),
        ["0.1 Medium at /m+k: m"],
    );
    results(
        r#""m":{}"#,
        &require(key(string("w"))),
        ["0.1 Medium at +w: m"],
    );
    results(
        r#""m":{"k":""}"#,
        &deny(key(text("k"))),
        ["0.1 Medium at /m/k: m"],
    );
    // The base is unknown: its place.
    results(
        r#""a":<t>"#,
        &require(c()),
        ["0.1 Medium at /a: unknown (template)"],
    );
    // A default stands for what is absent.
    let default = member(
        object(),
        "d",
        BaseType::Bool,
        Presence::Default(Const::Bool(true)),
    );
    results("", &deny(truth(default)), ["0.1 Medium at +d: m"]);
}

#[test]
fn coalesce_takes_the_place_of_what_supplied_the_value() {
    let c = |b: Expr| is(coalesce(string("a"), b), "no");
    results(
        r#""a":"x","b":"y""#,
        &require(c(string("b"))),
        ["0.1 Medium at /a: m"],
    );
    results(
        r#""b":"y""#,
        &require(c(string("b"))),
        ["0.1 Medium at /b: m"],
    );
    results("", &require(c(string("b"))), ["0.1 Medium at +a: m"]);
    results("", &require(c(text("d"))), ["0.1 Medium at +a: m"]);
    let from_const = is(
        coalesce(constant(Const::Absent, BaseType::String), string("b")),
        "no",
    );
    results("", &require(from_const), ["0.1 Medium at +b: m"]);
}

#[test]
fn comparisons_blame_left_and_relate_right() {
    let c = equal(Domain::String, string("a"), string("b"));
    results(
        r#""a":"x","b":"y""#,
        &require(c),
        ["0.1 Medium at /a (/b): m"],
    );
    let c = equal(Domain::String, text("x"), string("b"));
    results(r#""b":"y""#, &require(c), ["0.1 Medium at /b: m"]);
    let c = equal(Domain::String, text("x"), text("y"));
    results("", &require(c), ["0.1 Medium at /metadata/name: m"]);
    let joined = expr(
        ExprKind::Interpolate(vec![
            MessagePart::Value(string("a")),
            MessagePart::Value(string("b")),
        ]),
        Type::plain(BaseType::String),
    );
    results(
        r#""b":"y""#,
        &require(is(joined, "z")),
        ["0.1 Medium at +a (/b): m"],
    );
}

#[test]
fn membership_blames_the_needle_or_the_elements() {
    let both = is_in(Domain::String, string("a"), strings("v"));
    results(
        r#""a":"x","v":["y","x","x"]"#,
        &deny(both.clone()),
        ["0.1 Medium at /a (/v/1): m"],
    );
    results(
        r#""a":"x","v":["y"]"#,
        &require(both),
        ["0.1 Medium at /a: m"],
    );
    let star = is_in(Domain::String, text("*"), strings("v"));
    results(
        r#""v":["*","y","*"]"#,
        &deny(star.clone()),
        ["0.1 Medium at /v/0: m", "0.1 Medium at /v/2: m"],
    );
    results(
        r#""v":["y"]"#,
        &require(star.clone()),
        ["0.1 Medium at /v: m"],
    );
    results("", &require(star), ["0.1 Medium at +v: m"]);
    let constants = is_in(Domain::String, text("*"), texts(&["*"]));
    results("", &deny(constants), ["0.1 Medium at /metadata/name: m"]);
}

#[test]
fn a_text_that_does_not_read_is_the_place() {
    let version = |key| opt(key, BaseType::Version);
    let less = compare(CompareOp::Less, Domain::Version, version("a"), version("b"));
    for (members, place) in [
        (r#""a":"x","b":"1""#, "/a"),
        (r#""a":"1","b":"x""#, "/b"),
        (r#""a":"x","b":"y""#, "/a"),
    ] {
        let expected = format!("0.1 Medium at {place}: unknown (value)");
        results(members, &deny(less.clone()), [&expected]);
    }
    let list = opt("v", list_of(BaseType::Version));
    let among = is_in(Domain::Version, version("a"), list);
    for (members, place) in [
        (r#""a":"1.2","v":["1","x","y"]"#, "/v/1"),
        (r#""a":"x","v":["1","y"]"#, "/a"),
    ] {
        let expected = format!("0.1 Medium at {place}: unknown (value)");
        results(members, &deny(among.clone()), [&expected]);
    }
    results(r#""a":"x","v":[]"#, &deny(among), []);
}

#[test]
fn a_joined_list_is_unknown_as_a_whole_where_it_is_handed_on() {
    let joined = || concat(vec![strings("v"), strings("w")]);
    let members = r#""c":true,"v":["x"],"w":<t>"#;
    let source = expr(
        ExprKind::If {
            condition: Box::new(is_true("c")),
            then: Box::new(joined()),
            otherwise: Box::new(strings("v")),
        },
        Type::plain(list_of(BaseType::String)),
    );
    let is_x = |source| any(source, is(x(BaseType::String), "x"));
    results(members, &deny(is_x(joined())), ["0.1 Medium at /v/0: m"]);
    results(
        members,
        &deny(is_x(source)),
        ["0.1 Medium at /v (/w): unknown (template)"],
    );
}

#[test]
fn and_and_or_choose_and_relate() {
    let deep = || is_set(of(opt("r", record(1)), "s", BaseType::String));
    let members = r#""a":"1","b":"2","r":{"s":"3"}"#;
    let a = || is_set(string("a"));
    let b = || is_set(string("b"));
    results(
        members,
        &deny(and(vec![a(), deep(), b()])),
        ["0.1 Medium at /r/s (/a /b): m"],
    );
    results(
        members,
        &deny(and(vec![b(), a()])),
        ["0.1 Medium at /b (/a): m"],
    );
    results(
        members,
        &require(and(vec![a(), not(b()), deep()])),
        ["0.1 Medium at /b: m"],
    );
    results(
        members,
        &deny(or(vec![not(a()), b()])),
        ["0.1 Medium at /b: m"],
    );
    results(
        members,
        &require(or(vec![not(a()), not(deep())])),
        ["0.1 Medium at /a (/r/s): m"],
    );
    let constant_false = is(text("x"), "y");
    results(
        members,
        &require(or(vec![constant_false, not(b())])),
        ["0.1 Medium at /b: m"],
    );
    // Missing steps count for depth.
    let absent = || not(is_set(of(opt("q", record(1)), "s", BaseType::String)));
    results(
        members,
        &deny(and(vec![a(), absent()])),
        ["0.1 Medium at +q+s (/a): m"],
    );
}

#[test]
fn quantifiers_blame_each_element_that_decides() {
    let name = || is(of(x(record(1)), "s", BaseType::String), "bad");
    let source = || opt("v", list_of(record(1)));
    let members = r#""v":[{"s":"bad"},{"s":"ok"},{"s":"bad"}],"a":"1""#;
    results(
        members,
        &deny(any(source(), name())),
        ["0.1 Medium at /v/0/s: m", "0.1 Medium at /v/2/s: m"],
    );
    results(
        members,
        &require(no(source(), name())),
        ["0.1 Medium at /v/0/s: m", "0.1 Medium at /v/2/s: m"],
    );
    results(
        members,
        &require(all(source(), name())),
        ["0.1 Medium at /v/1/s: m"],
    );
    results(
        r#""v":[]"#,
        &require(any(source(), name())),
        ["0.1 Medium at /v: m"],
    );
    results("", &deny(no(source(), name())), ["0.1 Medium at +v: m"]);
    results("", &deny(all(source(), name())), ["0.1 Medium at +v: m"]);
    // A witness outside the element is drawn to it.
    results(
        r#""v":[{}],"a":"1""#,
        &deny(any(source(), is_set(string("a")))),
        ["0.1 Medium at /v/0 (/a): m"],
    );
    // Elements of constants do not multiply.
    let constants = any(texts(&["p", "q"]), is_set(string("a")));
    results(r#""a":"1""#, &deny(constants), ["0.1 Medium at /a: m"]);
    // Drawn to the element of the last generator.
    let nested = quantifier(
        QuantifierKind::Any,
        vec![
            each(X, source()),
            each(
                Y,
                member(
                    x(record(1)),
                    "w",
                    list_of(BaseType::String),
                    Presence::Optional,
                ),
            ),
        ],
        None,
        is(local(Y, Type::plain(BaseType::String)), "*"),
    );
    results(
        r#""v":[{"w":["*"]},{},{"w":["x","*"]}]"#,
        &deny(nested),
        ["0.1 Medium at /v/0/w/0: m", "0.1 Medium at /v/2/w/1: m"],
    );
}

#[test]
fn keys_and_indices_have_the_place_of_their_member() {
    let mut program = with(
        &BaseType::String,
        vec![for_each(
            Generator {
                key: Some(Y),
                element: X,
                source: opt("m", map_of(BaseType::String)),
            },
            None,
            vec![Stmt::Check(CheckId(0))],
        )],
        vec![check(
            true,
            is(local(Y, Type::plain(BaseType::String)), "k"),
            "m",
        )],
    );
    program.policies[0].locals[Y.0 as usize].binding = Binding::Key;
    results(
        r#""m":{"j":"1","k":"2"}"#,
        &program,
        ["0.1 Medium at /m/k: m"],
    );
    let mut program = with(
        &BaseType::String,
        vec![for_each(
            Generator {
                key: Some(Y),
                element: X,
                source: strings("v"),
            },
            None,
            vec![Stmt::Check(CheckId(0))],
        )],
        vec![check(
            true,
            equal(Domain::Int, local(Y, Type::plain(BaseType::Int)), int(1)),
            "m",
        )],
    );
    program.policies[0].locals[Y.0 as usize].binding = Binding::Index;
    results(r#""v":["a","b"]"#, &program, ["0.1 Medium at /v/1: m"]);
}

#[test]
fn a_witness_without_a_place_takes_the_loop_or_the_name() {
    let nowhere = || is(text("a"), "b");
    let program = require(nowhere());
    assert_eq!(
        run_on(r#"{"apiVersion":"v1","kind":"K"}"#, &program),
        ["0.1 Medium at +metadata+name: m"]
    );
    assert_eq!(
        run_on(r#"{"apiVersion":"v1","kind":"K","metadata":{}}"#, &program),
        ["0.1 Medium at /metadata+name: m"]
    );
    assert_eq!(
        run_on(
            r#"{"apiVersion":"v1","kind":"K","metadata":null}"#,
            &program
        ),
        ["0.1 Medium at +metadata+name: m"]
    );
    let stmts = |source| {
        vec![for_each(
            each(X, source),
            None,
            vec![Stmt::Check(CheckId(0))],
        )]
    };
    let checks = || vec![check(false, nowhere(), "m")];
    let program = with(&BaseType::String, stmts(strings("v")), checks());
    results(r#""v":["a"]"#, &program, ["0.1 Medium at /v/0: m"]);
    let program = with(&BaseType::String, stmts(texts(&["a"])), checks());
    results("", &program, ["0.1 Medium at /metadata/name: m"]);
}

#[test]
fn at_sets_the_place_and_relates_the_blame() {
    let mut program = deny(and(vec![is_set(string("a")), is_set(string("b"))]));
    program.policies[0].checks[0].place = Some(string("p"));
    results(
        r#""a":"1","b":"2""#,
        &program,
        ["0.1 Medium at +p (/a /b): m"],
    );
    results(
        r#""a":"1","b":"2","p":1"#,
        &program,
        ["0.1 Medium at /p (/a /b): m"],
    );
    results(
        r#""a":<t>,"b":"2""#,
        &program,
        ["0.1 Medium at +p (/a /b): m"],
    );
}

#[test]
fn related_places_are_distinct_and_at_most_eight() {
    let set = |key: &str| is_set(string(key));
    let keys = ["a", "b", "a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
    let members: String = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]
        .map(|key| format!(r#""{key}":"1""#))
        .join(",");
    results(
        &members,
        &deny(and(keys.map(set).to_vec())),
        ["0.1 Medium at /a (/b /c /d /e /f /g /h /i): m"],
    );
}

#[test]
fn conditions_used_as_values_have_the_places_of_their_operands() {
    let mut program = deny(truth(local(Z, Type::plain(BaseType::Bool))));
    program.policies[0].bodies[0]
        .block
        .stmts
        .insert(0, Stmt::Let(Z));
    let both = and(vec![is_set(string("a")), is_set(string("b"))]);
    program.policies[0].locals[Z.0 as usize].binding = Binding::Let(Box::new(both));
    results(r#""a":"1","b":"2""#, &program, ["0.1 Medium at /a (/b): m"]);
}

// Messages

#[test]
fn values_print_by_their_kind() {
    let print = |ty| {
        let mut program = deny(is_known(text("x")));
        program.policies[0].checks[0].message = vec![MessagePart::Value(opt("v", ty))];
        program
    };
    for (members, ty, expected) in [
        (r#""v":"é""#, BaseType::String, "é"),
        (r#""v":true"#, BaseType::Bool, "true"),
        (r#""v":-12"#, BaseType::Int, "-12"),
        (r#""v":1.50e3"#, BaseType::Float, "1.50e3"),
        (r#""v":"1024Mi""#, BaseType::Quantity, "1024Mi"),
        (r#""v":7"#, BaseType::Quantity, "7"),
        ("", BaseType::String, "(not set)"),
        (r#""v":<t>"#, BaseType::String, "(unknown)"),
        (r#""v":1"#, BaseType::String, "(unknown)"),
        (r#""v":[]"#, list_of(BaseType::String), "(none)"),
        ("", list_of(BaseType::String), "(none)"),
        (r#""v":["a"]"#, list_of(BaseType::String), "a"),
        (r#""v":["a","b"]"#, list_of(BaseType::String), "a and b"),
        (
            r#""v":["a","b","c"]"#,
            list_of(BaseType::String),
            "a, b and c",
        ),
        (
            r#""v":[1,2,3,4,5]"#,
            list_of(BaseType::String),
            "1, 2, 3, 4 and 5",
        ),
        (
            r#""v":[1,2,3,4,5,6]"#,
            list_of(BaseType::String),
            "1, 2, 3, 4, 5 and 1 more",
        ),
        (
            r#""v":[{},[],null,<t>]"#,
            list_of(BaseType::Any),
            "…, …, null and (unknown)",
        ),
        (r#""v":{"a":1}"#, BaseType::Any, "…"),
    ] {
        results(
            members,
            &print(ty),
            [format!("0.1 Medium at /metadata/name: {expected}").as_str()],
        );
    }
}

#[test]
fn objects_print_as_kind_and_name() {
    let mut program = deny(is_known(text("x")));
    program.policies[0].checks[0].message = vec![MessagePart::Object(object())];
    for (metadata, expected) in [
        (r#"{"name":"n","namespace":"s"}"#, "K s/n"),
        (r#"{"name":"n"}"#, "K n"),
        (r#"{"name":"n","namespace":null}"#, "K n"),
        (r#"{"generateName":"g-","namespace":"s"}"#, "K s/g-*"),
        (r#"{"namespace":"s"}"#, "K (unnamed)"),
        ("1", "K (unnamed)"),
    ] {
        let text = format!(r#"{{"apiVersion":"v1","kind":"K","metadata":{metadata}}}"#);
        let results = run_on(&text, &program);
        assert!(
            results[0].ends_with(&format!(": {expected}")),
            "{results:?}"
        );
    }
    program.policies[0].checks[0].message = vec![MessagePart::Object(opt("v", record(1)))];
    for (members, expected) in [
        (r#""v":{}"#, "object (unnamed)"),
        (r#""v":{"metadata":{"name":"a"}}"#, "object a"),
        ("", "(not set)"),
        (r#""v":<t>"#, "(unknown)"),
    ] {
        results(
            members,
            &program,
            [format!("0.1 Medium at /metadata/name: {expected}").as_str()],
        );
    }
}

// Dispatch

fn kind(group: &str, kind: &str) -> KindRef {
    KindRef {
        groups: vec![group.to_owned(), "old".to_owned()],
        kind: kind.to_owned(),
    }
}

#[test]
fn a_policy_runs_on_its_kinds_in_every_group() {
    let mut program = require(is_set(string("v")));
    program.policies[0].bodies[0].targets =
        vec![Target::Kind(kind("apps", "D")), Target::Kind(kind("", "K"))];
    for (version, name, runs) in [
        ("apps/v1", "D", true),
        ("old/v1beta1", "D", true),
        ("v1", "D", false),
        ("other/v1", "D", false),
        ("v1", "K", true),
        ("apps/v1", "K", false),
        ("v1", "Z", false),
    ] {
        let text = format!(r#"{{"apiVersion":"{version}","kind":"{name}"}}"#);
        assert_eq!(run_on(&text, &program).len(), usize::from(runs), "{text}");
    }
    assert!(run_on(r#"{"apiVersion":1,"kind":"K"}"#, &program).is_empty());
    assert!(run_on(r#"{"kind":"K"}"#, &program).is_empty());
    assert!(run_on(r#"["v1"]"#, &program).is_empty());
}

#[test]
fn a_file_is_of_the_kind_that_the_host_says() {
    let mut program = require(is_set(string("v")));
    let file = KindRef {
        groups: Vec::new(),
        kind: "F".to_owned(),
    };
    program.policies[0].bodies[0].targets = vec![Target::Kind(file), Target::Kind(kind("", "K"))];
    let run = |text: &str, context: &str| {
        let tape = Document::parse(text).unwrap().to_tape();
        let selection = Selection {
            context: Document::parse(context),
            ..Selection::default()
        };
        evaluate(&program, &defaults(&program), &tape, &selection).len()
    };
    assert_eq!(run("{}", r#"{"kind":"F"}"#), 1);
    assert_eq!(
        run(r#"{"apiVersion":"v1","kind":"K"}"#, r#"{"kind":"F"}"#),
        1
    );
    assert_eq!(
        run(r#"{"apiVersion":"v1","kind":"K"}"#, r#"{"kind":"K"}"#),
        0
    );
    assert_eq!(run(r#"{"apiVersion":"v1","kind":"K"}"#, r#"{"kind":1}"#), 1);
    assert_eq!(run(r#"{"apiVersion":"v1","kind":"F"}"#, "{}"), 0);
    let exec = r#"{"kind":"F","request":{"subResource":"exec"}}"#;
    assert_eq!(run("{}", exec), 1);
}

#[test]
fn a_view_leads_to_its_part() {
    let mut program = require(is_set(member(
        part(),
        "v",
        BaseType::String,
        Presence::Optional,
    )));
    program.views = vec![View {
        name: "w".to_owned(),
        arms: vec![
            Arm {
                kind: kind("", "Z"),
                path: vec![],
            },
            Arm {
                kind: kind("", "K"),
                path: vec!["spec".to_owned(), "template".to_owned()],
            },
        ],
    }];
    program.policies[0].bodies[0].targets = vec![Target::View(ViewId(0))];
    results(
        r#""spec":{"template":{}}"#,
        &program,
        ["0.1 Medium at /spec/template+v: m"],
    );
    results(r#""spec":{"template":null}"#, &program, []);
    results(r#""spec":{}"#, &program, []);
    results("", &program, []);
    results(
        r#""spec":1"#,
        &program,
        ["0.0 Medium at /spec: `spec` is an int where a map is expected"],
    );
    results(
        r#""spec":{"template":"s"}"#,
        &program,
        ["0.0 Medium at /spec/template: `template` is a string where a map is expected"],
    );
    results(
        r#""spec":<t>"#,
        &program,
        ["0.0 Medium at /spec: unknown (template)"],
    );
}

#[test]
fn policies_run_in_order_unless_they_are_off() {
    let mut program = require(is_set(string("v")));
    let mut second: Policy = program.policies[0].clone();
    second.severity = Severity::Critical;
    second.on_by_default = false;
    program.policies.push(second);
    let tape = Document::parse(r#"{"apiVersion":"v1","kind":"K"}"#)
        .unwrap()
        .to_tape();
    let numbers = |enabled| -> Vec<usize> {
        let selection = Selection {
            enabled,
            ..Selection::default()
        };
        let results = evaluate(&program, &defaults(&program), &tape, &selection);
        results.iter().map(|verdict| verdict.policy).collect()
    };
    assert_eq!(numbers(None), [0]);
    assert_eq!(numbers(Some(vec![true, true])), [0, 1]);
    assert_eq!(numbers(Some(vec![false, true])), [1]);
}

// The rest of the language

fn result(function: Builtin, arguments: Vec<Expr>, ty: BaseType) -> Expr {
    call(function, arguments, Type::optional(ty))
}

#[test]
fn functions_of_unknown_and_absent_arguments() {
    let lower = || result(Builtin::Lower, vec![string("s")], BaseType::String);
    let joined = |list| result(Builtin::Join, vec![list, text(",")], BaseType::String);
    truths([
        (r#""s":"A""#, is(lower(), "a"), "true"),
        ("", is_set(lower()), "false"),
        (
            r#""s":<t>"#,
            is(lower(), "a"),
            "0.1 Medium at /s: unknown (template)",
        ),
        (
            r#""s":1"#,
            is(lower(), "a"),
            "0.0 Medium at /s: `s` is an int where a string is expected",
        ),
        ("", is(joined(strings("v")), ""), "true"),
        (r#""v":["a","b"]"#, is(joined(strings("v")), "a,b"), "true"),
        (
            r#""v":["a",1,2]"#,
            is(joined(strings("v")), "a"),
            "0.0 Medium at /v/1: an element of `v` is an int where a string is expected",
        ),
        (
            r#""v":["a",<t>]"#,
            is(joined(strings("v")), "a"),
            "0.1 Medium at /v: unknown (template)",
        ),
    ]);
}

#[test]
fn walking_goes_below_constants_and_keeps_what_is_unknown() {
    let walked = |of: Expr| call(Builtin::Walk, vec![of], Type::plain(list_of(BaseType::Any)));
    let holds = |of: Expr| is_in(Domain::Scalar, text("x"), walked(of));
    let inner = Const::Map(vec![
        ("a".to_owned(), Const::Absent),
        (
            "b".to_owned(),
            Const::List(vec![Const::String("x".to_owned())]),
        ),
    ]);
    let limits = constant(
        Const::Map(vec![("c".to_owned(), inner)]),
        map_of(BaseType::Any),
    );
    let strings = || Type::plain(list_of(BaseType::String));
    let list = |items| expr(ExprKind::List(items), strings());
    truths([
        ("", holds(limits), "true"),
        (
            r#""v":["x"]"#,
            holds(list(vec![string("v")])),
            "0.0 Medium at /v: `v` is a list where a string is expected",
        ),
        (
            r#""s":<t>"#,
            holds(list(vec![string("s")])),
            "0.1 Medium at /metadata/name: unknown (template)",
        ),
        (
            r#""s":<t>"#,
            holds(list(vec![string("s"), text("x")])),
            "true",
        ),
        ("", holds(list(vec![string("s"), text("y")])), "false"),
        (
            "",
            holds(expr(
                ExprKind::List(vec![list(vec![string("s"), text("x")])]),
                Type::plain(list_of(list_of(BaseType::String))),
            )),
            "true",
        ),
    ]);
}

#[test]
fn a_label_of_the_wrong_kind_is_unknown_wherever_it_comes_from() {
    let labels = |value| {
        constant(
            Const::Map(vec![("app".to_owned(), value)]),
            map_of(BaseType::Int),
        )
    };
    let selects = |value| {
        let selector = opt("s", record(1));
        truth(call(
            Builtin::Selects,
            vec![selector, labels(value)],
            Type::plain(BaseType::Bool),
        ))
    };
    let selector = r#""s":{"matchExpressions":[{"key":"app","operator":"DoesNotExist"}]}"#;
    truths([
        (selector, selects(Const::Absent), "true"),
        (selector, selects(Const::String("a".to_owned())), "false"),
        // The reason shape says nothing of its own where there is no place.
        (selector, selects(Const::Int(1)), ""),
    ]);
}

#[test]
fn keys_are_located_wherever_they_are_passed_on() {
    let keys = || {
        let map = opt("m", map_of(BaseType::String));
        call(
            Builtin::Keys,
            vec![map],
            Type::plain(list_of(BaseType::String)),
        )
    };
    let members = r#""m":{"a":"1","b":"2"}"#;
    results(
        members,
        &deny(any(keys(), is(x(BaseType::String), "b"))),
        ["0.1 Medium at /m/b: m"],
    );
    results(
        members,
        &deny(is_in(Domain::String, text("b"), keys())),
        ["0.1 Medium at /m/b: m"],
    );
    results(
        members,
        &require(is_in(Domain::String, text("c"), keys())),
        ["0.1 Medium at /m: m"],
    );
    let second = Expr {
        kind: ExprKind::Element {
            base: Box::new(result(
                Builtin::Unique,
                vec![keys()],
                list_of(BaseType::String),
            )),
            index: Box::new(int(1)),
        },
        ty: Type::optional(BaseType::String),
        span: keys().span,
    };
    results(members, &deny(is(second, "b")), ["0.1 Medium at /m/b: m"]);
}

#[test]
fn arithmetic_that_leaves_its_range_is_unknown() {
    let divide = |right| {
        let quotient = result(
            Builtin::IntegerDivide,
            vec![int(-7), int(right)],
            BaseType::Int,
        );
        equal(Domain::Int, quotient, int(-3))
    };
    let add = |right| {
        let sum = result(Builtin::Add, vec![int(i64::MAX), int(right)], BaseType::Int);
        equal(Domain::Int, sum, int(i64::MAX))
    };
    truths([
        ("", divide(2), "true"),
        (
            "",
            divide(0),
            "0.1 Medium at /metadata/name: unknown (value)",
        ),
        ("", add(0), "true"),
        ("", add(1), "0.1 Medium at /metadata/name: unknown (value)"),
    ]);
}

#[test]
fn versions_are_compared_as_versions() {
    let below = |right: &str| {
        let right = constant(Const::String(right.to_owned()), BaseType::Version);
        compare(
            CompareOp::Less,
            Domain::Version,
            opt("v", BaseType::Version),
            right,
        )
    };
    truths([
        (r#""v":"1.9""#, below("1.10"), "true"),
        (r#""v":"1.30-rc.1""#, below("1.30"), "true"),
        (
            r#""v":"x""#,
            below("1.10"),
            "0.1 Medium at /v: unknown (value)",
        ),
    ]);
}

#[test]
fn a_comprehension_keeps_places_and_its_order() {
    let sorted = |by: Expr, domain| Comprehension {
        generators: vec![each(X, opt("v", list_of(BaseType::Int)))],
        guard: None,
        element: x(BaseType::Int),
        order: Some((by, domain)),
    };
    let first = |pick| {
        let kind = ExprKind::Pick(pick, Box::new(sorted(x(BaseType::Int), Domain::Int)));
        equal(
            Domain::Int,
            expr(kind, Type::optional(BaseType::Int)),
            int(1),
        )
    };
    let program = |condition| {
        with(
            &BaseType::Int,
            vec![Stmt::Check(CheckId(0))],
            vec![check(true, condition, "m")],
        )
    };
    results(
        r#""v":[3,1,2,1]"#,
        &program(first(Pick::First)),
        ["0.1 Medium at /v/1: m"],
    );
    results(r#""v":[3,1,2]"#, &program(first(Pick::Last)), []);
    let count = expr(
        ExprKind::Count(Box::new(Comprehension {
            order: None,
            ..sorted(int(0), Domain::Int)
        })),
        Type::plain(BaseType::Int),
    );
    results(
        r#""v":[3,1]"#,
        &program(equal(Domain::Int, count, int(2))),
        ["0.1 Medium at /v: m"],
    );
}

#[test]
fn a_fix_is_attached_if_it_can_be_made() {
    let fixed = |edit: Edit| {
        let mut program = deny(is_true("b"));
        program.policies[0].checks[0].fixes = vec![Fix {
            is_safe: true,
            condition: None,
            edits: vec![edit],
        }];
        program
    };
    let edit = |kind, path, value| Edit { kind, path, value };
    let set = |value| fixed(edit(EditKind::Set, boolean("b"), Some(value)));
    results(
        r#""b":true"#,
        &set(constant(Const::Bool(false), BaseType::Bool)),
        ["0.1 Medium at /b: m [Set /b false]"],
    );
    // A value that is absent cannot be set.
    results(r#""b":true"#, &set(string("s")), ["0.1 Medium at /b: m"]);
    results(
        r#""b":true,"s":<t>"#,
        &set(string("s")),
        ["0.1 Medium at /b: m"],
    );
    let remove = |key| fixed(edit(EditKind::Remove, boolean(key), None));
    results(
        r#""b":true"#,
        &remove("b"),
        ["0.1 Medium at /b: m [Remove /b]"],
    );
    results(r#""b":true"#, &remove("c"), ["0.1 Medium at /b: m"]);
    let append = fixed(edit(EditKind::Append, strings("v"), Some(text("a"))));
    results(
        r#""b":true"#,
        &append,
        [r#"0.1 Medium at /b: m [Append +v "a"]"#],
    );
}

#[test]
fn a_cast_of_the_wrong_kind_is_absent_or_a_finding() {
    let cast = |ty: BaseType| {
        let operand = Box::new(opt("a", BaseType::Any));
        is_set(expr(ExprKind::Cast(operand), Type::optional(ty)))
    };
    truths([
        (r#""a":"x""#, cast(BaseType::String), "true"),
        (r#""a":1"#, cast(BaseType::String), "false"),
        (r#""a":"4GB""#, cast(BaseType::Quantity), "false"),
        ("", cast(record(1)), "false"),
        (r#""a":{}"#, cast(record(1)), "true"),
        (
            r#""a":1"#,
            cast(record(1)),
            "0.0 Medium at /a: `a` is an int where a map is expected",
        ),
    ]);
}

#[test]
fn settings_are_checked_before_they_are_used() {
    let mut program = deny(equal(
        Domain::Int,
        expr(
            ExprKind::Param(palisade_lang::program::ParamId(0)),
            Type::plain(BaseType::Int),
        ),
        int(2),
    ));
    program.params = vec![param("n", Type::plain(BaseType::Int), Some(Const::Int(1)))];
    let problems = |settings: &str| -> Vec<String> {
        match configure(&program, &Document::parse(settings).unwrap()) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|problem| problem.path).collect(),
        }
    };
    assert!(problems(r#"{"random":{"n":2}}"#).is_empty());
    assert!(problems(r#"{"random":{"n":null}}"#).is_empty());
    assert_eq!(problems(r#"{"random":{"n":"2"}}"#), ["random.n"]);
    assert_eq!(problems(r#"{"random":{"m":2}}"#), ["random.m"]);
    assert_eq!(problems(r#"{"other":{}}"#), ["other"]);
    let tape = Document::parse(r#"{"apiVersion":"v1","kind":"K"}"#)
        .unwrap()
        .to_tape();
    let found = |settings: &str| {
        let settings = configure(&program, &Document::parse(settings).unwrap()).unwrap();
        evaluate(&program, &settings, &tape, &Selection::default()).len()
    };
    assert_eq!(found(r#"{"random":{"n":2}}"#), 1);
    assert_eq!(found("{}"), 0);
}
