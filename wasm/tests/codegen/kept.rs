//! What a module keeps of the runtime: what its program needs, and no more.

use std::collections::BTreeSet;

use palisade_lang::program::*;
use palisade_lang::span::Span;
use palisade_wasm::codegen::emit_module;
use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::build::*;

/// Bytes of a body that does nothing but give a number.
const STUB: usize = 4;

/// The functions of the module of a program that have names: each with the bytes of its body.
pub(crate) fn functions(program: &Program) -> Vec<(String, usize)> {
    let module = emit_module(program).bytes;
    let (mut n_imported, mut sizes, mut names) = (0, Vec::new(), Vec::new());
    for payload in Parser::new(0).parse_all(&module) {
        match payload.unwrap() {
            Payload::ImportSection(imports) => {
                let imports = imports.into_imports().map(|import| import.unwrap().ty);
                n_imported = imports.filter(|ty| matches!(ty, TypeRef::Func(_))).count();
            }
            Payload::CodeSectionEntry(body) => sizes.push(body.range().len()),
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(parts) = section.as_known() {
                    for part in parts {
                        if let Name::Function(functions) = part.unwrap() {
                            names.extend(functions.into_iter().map(Result::unwrap));
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let size = |index: u32| {
        sizes
            .get((index as usize).checked_sub(n_imported)?)
            .copied()
    };
    names
        .iter()
        .filter_map(|naming| Some((naming.name.to_owned(), size(naming.index)?)))
        .collect()
}

/// The functions of the runtime, by name, that do something in the module of a program.
fn kept(program: &Program) -> BTreeSet<String> {
    functions(program)
        .into_iter()
        .filter(|(_, size)| *size > STUB)
        .filter_map(|(name, _)| name.strip_prefix("runtime.").map(str::to_owned))
        .collect()
}

/// A policy that denies what a condition says.
fn denying(condition: Expr) -> Policy {
    let mut p = policy("p");
    let stmt = deny(&mut p, condition, "m");
    p.bodies[0].block.stmts = vec![stmt];
    p
}

fn spec(key: &str, ty: BaseType) -> Expr {
    at(part(), &format!("spec.{key}"), ty)
}

/// A policy that needs nothing of what the others need.
fn plain() -> Policy {
    denying(equal(
        Domain::Bool,
        spec("hostPID", BaseType::Bool),
        bool(true),
    ))
}

/// That a program keeps the functions, of which the plain one keeps none.
fn check(program: &Program, needed: &[&str]) {
    let (least, kept) = (kept(&crate::build::program(vec![plain()])), kept(program));
    for &name in needed {
        assert!(!least.contains(name), "{name} is there without need");
        assert!(kept.contains(name), "{name} is left out");
    }
}

fn check_policy(policy: Policy, needed: &[&str]) {
    check(&program(vec![policy]), needed);
}

/// The plain program with a parameter of a type.
fn with_param(base: BaseType) -> Program {
    let mut program = program(vec![plain()]);
    program.params = vec![Param {
        policy: None,
        name: "param".to_owned(),
        doc: String::new(),
        ty: Type::plain(base),
        default: Some(Const::Absent),
        constraint: None,
        span: Span::default(),
    }];
    program
}

#[test]
fn settings_are_read_where_there_are_parameters() {
    check(
        &with_param(string()),
        &["settings_begin", "settings_lack", "settings_end"],
    );
}

#[test]
fn a_type_of_parameters_is_read_where_one_has_it() {
    let readers = [
        (BaseType::Quantity, "settings_quantity"),
        (BaseType::Version, "settings_version"),
        (BaseType::Glob, "settings_glob"),
        (BaseType::Regex, "settings_regex"),
        (BaseType::Cidr, "settings_cidr"),
        (BaseType::Ip, "settings_ip"),
        (BaseType::Image, "settings_image"),
        (BaseType::Duration, "settings_duration"),
        (BaseType::Timestamp, "settings_timestamp"),
        (BaseType::Versions, "settings_versions"),
        (BaseType::Range, "settings_range"),
    ];
    for (base, reader) in &readers {
        check(&with_param(base.clone()), &[reader]);
        check(&with_param(list(map(base.clone()))), &[reader]);
        let kept = kept(&with_param(base.clone()));
        for (_, other) in readers.iter().filter(|(other, _)| other != base) {
            assert!(!kept.contains(*other), "{other} is there for {base:?}");
        }
    }
}

#[test]
fn types_that_are_written_in_several_ways_are_told_apart_where_they_are_read() {
    let quantity = compare(
        CompareOp::Less,
        Domain::Quantity,
        spec("q", BaseType::Quantity),
        quantity("1"),
    );
    check_policy(denying(quantity), &["reads_as_quantity", "push_mixed"]);
    check(&with_param(BaseType::Quantity), &["reads_as_quantity"]);
    check_policy(denying(is_set(spec("f", BaseType::Float))), &["push_mixed"]);
    check_policy(
        denying(is_set(spec("i", BaseType::IntOrString))),
        &["push_mixed"],
    );
}

#[test]
fn fixes_are_written_where_one_is_offered() {
    let mut p = plain();
    p.checks[0].fixes = vec![Fix {
        is_safe: false,
        condition: None,
        edits: vec![Edit {
            kind: EditKind::Set,
            path: spec("hostPID", BaseType::Bool),
            value: Some(bool(false)),
        }],
    }];
    let needed = ["write_fixes", "push_fix_part", "fixes_size", "written_fix"];
    check_policy(p, &needed);
}

#[test]
fn messages_keep_what_writes_their_values() {
    let with = |parts: Vec<MessagePart>| {
        let mut p = plain();
        p.checks[0].message = parts;
        p
    };
    check_policy(
        with(vec![MessagePart::Object(object())]),
        &["text_add_object"],
    );
    let tags = MessagePart::Value(spec("tags", list(string())));
    check_policy(with(vec![tags]), &["text_push_list"]);
}

#[test]
fn severities_are_worked_out_where_one_is_computed() {
    let with = |severity: Expr| {
        let mut p = plain();
        p.checks[0].severity = Some(severity);
        p
    };
    check_policy(with(spec("severity", string())), &["severity_tag"]);
    for known in ["info", "low", "medium", "high", "critical"] {
        let kept = kept(&program(vec![with(text(known))]));
        assert!(!kept.contains("severity_tag"), "{known}");
    }
}

#[test]
fn related_places_are_written_where_there_can_be_some() {
    let mut p = policy("p");
    let x = bind(&mut p, "x", record(), Binding::Element);
    let outside = quantifier(
        QuantifierKind::Any,
        vec![generator(x, spec("xs", list(record())))],
        None,
        equal(Domain::Int, spec("n", BaseType::Int), int(1)),
    );
    let stmt = deny(&mut p, outside, "m");
    p.bodies[0].block.stmts = vec![stmt];
    check_policy(p, &["write_related"]);
}

#[test]
fn a_required_value_is_missed_where_there_is_one() {
    let required = member(part(), "spec", Presence::Required, record());
    check_policy(denying(is_set(required)), &["report_missing"]);
}

#[test]
fn keys_are_places_where_a_loop_names_them() {
    let mut p = policy("p");
    let key = bind(&mut p, "key", string(), Binding::Key);
    let value = bind(&mut p, "value", string(), Binding::Element);
    let stmt = deny(&mut p, is_set(local(key, string())), "m");
    let labels = Generator {
        key: Some(LocalId(key)),
        element: LocalId(value),
        source: spec("labels", map(string())),
    };
    p.bodies[0].block.stmts = vec![for_each(labels, None, vec![stmt])];
    check_policy(p, &["member_of_key"]);
}

#[test]
fn documents_in_texts_are_led_into_where_a_text_is_read_as_one() {
    let parsed = call(
        Builtin::ParseYaml,
        vec![spec("text", string())],
        BaseType::Any,
    );
    check_policy(
        denying(is_set(parsed)),
        &[
            "whereabouts",
            "place_of",
            "is_written",
            "write_inside",
            "push_inside",
        ],
    );
}

#[test]
fn objects_are_looked_for_where_a_policy_asks() {
    let query = expr(
        ExprKind::Objects(Target::Kind(KindRef {
            groups: vec![String::new()],
            kind: "Service".to_owned(),
        })),
        list(record()),
    );
    check_policy(denying(is_empty(query)), &["is_here", "inventory_brought"]);
}
