//! A host that writes what is read gives the results of one that writes everything, and so does the guest from JSON.

use std::cell::Cell;

use palisade_lang::program::*;
use palisade_wasm::build::build_module;
use palisade_wasm::host::{Context, Engine, Instance, Module, Selection, Status};
use palisade_wasm::index::IndexView;
use palisade_wasm::section;
use palisade_wasm::target::Target;
use proptest::prelude::*;

use crate::build::*;
use crate::documents::{object, runner};

fn value(parts: Vec<Expr>) -> Vec<MessagePart> {
    let mut message = vec![MessagePart::Object(object_())];
    for part in parts {
        message.push(MessagePart::Text(" ".into()));
        message.push(MessagePart::Value(part));
    }
    message
}

fn object_() -> Expr {
    crate::build::object()
}

/// One policy: its checks are made with a container bound to local 2.
fn on_containers(name: &str, make: impl Fn(&mut Policy, Expr) -> Vec<Stmt>) -> Policy {
    let mut p = policy(name);
    let c = bind(&mut p, "c", record(), Binding::Element);
    let stmts = make(&mut p, local(c, record()));
    p.bodies[0].block.stmts = vec![for_each(generator(c, containers()), None, stmts)];
    p
}

fn set_message(p: &mut Policy, message: Vec<MessagePart>) {
    p.checks.last_mut().unwrap().message = message;
}

/// Policies that between them read in every way there is.
pub(crate) fn policies() -> Vec<Policy> {
    let map_member = |base: Expr, key: Expr, ty: BaseType| {
        let kind = ExprKind::MapMember {
            base: Box::new(base),
            key: Box::new(key),
        };
        expr(kind, ty)
    };
    let image_part = |part, of: Expr| expr(ExprKind::ImagePart(part, Box::new(of)), string());
    let role = |of: Expr| expr(ExprKind::ContainerRole(Box::new(of)), string());
    let labels = || at(object_(), "metadata.labels", map(string()));

    let images = on_containers("images", |p, c| {
        let image = member(c.clone(), "image", Presence::Required, string());
        let tag = image_part(ImagePart::Tag, image);
        let stmt = deny(p, equal(Domain::String, tag.clone(), text("latest")), "");
        set_message(
            p,
            value(vec![member(c, "name", Presence::Optional, string()), tag]),
        );
        vec![stmt]
    });
    let memory = on_containers("memory", |p, c| {
        let memory = at(c, "resources.limits.memory", BaseType::Quantity);
        let set = require(p, is_set(memory.clone()), "no limit");
        let small = compare(
            CompareOp::LessEqual,
            Domain::Quantity,
            memory.clone(),
            quantity("1Gi"),
        );
        let small = require(p, small, "");
        set_message(p, value(vec![memory]));
        p.checks[1].guards = vec![CheckId(0)];
        vec![set, small]
    });
    let odd_key = on_containers("odd-key", |p, c| {
        let limits = at(c.clone(), "resources.limits", map(BaseType::Quantity));
        let named = map_member(limits.clone(), text("a.b/c d"), BaseType::Quantity);
        let by_name = map_member(
            limits,
            member(c, "name", Presence::Optional, string()),
            BaseType::Quantity,
        );
        let one = deny(p, is_set(named), "odd");
        let two = deny(p, is_set(by_name), "by name");
        vec![one, two]
    });
    let commands = on_containers("commands", |p, c| {
        let command = at(c.clone(), "command", list(string()));
        let stmt = require(p, is_in(Domain::String, text("app"), command.clone()), "");
        set_message(p, value(vec![command.clone(), role(c.clone())]));
        let first = ExprKind::Element {
            base: Box::new(command.clone()),
            index: Box::new(int(0)),
        };
        let second = deny(
            p,
            equal(Domain::String, expr(first, string()), text("web")),
            "web first",
        );
        p.checks[1].place = Some(at(c, "securityContext", record()));
        let third = deny(p, is_empty(command), "empty");
        vec![stmt, second, third]
    });
    let roles = on_containers("roles", |p, c| {
        let is_sidecar = equal(Domain::String, role(c.clone()), text("sidecar"));
        let privileged = at(c, "securityContext.privileged", BaseType::Bool);
        let stmt = deny(
            p,
            and(vec![is_sidecar, either(privileged, bool(false))]),
            "sidecar",
        );
        vec![stmt]
    });
    let mut label_policy = policy("labels");
    let key = bind(&mut label_policy, "k", string(), Binding::Key);
    let element = bind(&mut label_policy, "v", string(), Binding::Element);
    let source = Generator {
        key: Some(LocalId(key)),
        element: LocalId(element),
        source: labels(),
    };
    let stmt = deny(
        &mut label_policy,
        equal(Domain::String, local(key, string()), text("spec")),
        "key",
    );
    let message = value(vec![local(key, string()), local(element, string())]);
    set_message(&mut label_policy, message);
    label_policy.bodies[0].block.stmts = vec![for_each(source, None, vec![stmt])];

    let mut quantified = policy("quantified");
    let c = bind(&mut quantified, "c", record(), Binding::Element);
    let w = bind(&mut quantified, "w", string(), Binding::Element);
    let name = at(object_(), "metadata.name", string());
    let bound = bind(
        &mut quantified,
        "name",
        string(),
        Binding::Let(Box::new(name)),
    );
    let inner = at(local(c, record()), "command", list(string()));
    let generators = vec![generator(c, containers()), generator(w, inner)];
    let same = equal(Domain::String, local(w, string()), local(bound, string()));
    let any = quantifier(QuantifierKind::Any, generators, None, same);
    let stmt = deny(&mut quantified, any, "says its name");
    quantified.bodies[0].block.stmts = vec![Stmt::Let(LocalId(bound)), stmt];

    let mut network = policy("network");
    let host = at(part(), "spec.hostNetwork", BaseType::Bool);
    network.bodies[0].guard = Some(not(is_empty(labels())));
    let stmt = deny(&mut network, truth(either(host, bool(false))), "");
    set_message(&mut network, value(vec![]));
    let otherwise = deny(
        &mut network,
        is_set(at(part(), "spec.restartPolicy", string())),
        "policy",
    );
    network.bodies[0].block.stmts = vec![Stmt::When {
        condition: is_in(
            Domain::String,
            at(object_(), "metadata.namespace", string()),
            texts(&["web", ""]),
        ),
        then: Block { stmts: vec![stmt] },
        otherwise: Block {
            stmts: vec![otherwise],
        },
    }];
    vec![
        privileged(),
        computed(),
        images,
        memory,
        odd_key,
        commands,
        roles,
        label_policy,
        quantified,
        network,
    ]
}

/// Lists that are made, picked from and counted, functions, choices, casts and fixes.
fn computed() -> Policy {
    let mut p = policy("computed");
    let c = bind(&mut p, "c", record(), Binding::Element);
    let argument = Binding::Let(Box::new(at(part(), "spec", record())));
    let spec = bind(&mut p, "spec", record(), argument);
    let read = |key: &str, ty: BaseType| at(local(c, record()), key, ty);
    let over = |guard, element, order| {
        comprehension(vec![generator(c, containers())], guard, element, order)
    };
    let is_privileged = truth(either(
        read("securityContext.privileged", BaseType::Bool),
        bool(false),
    ));
    let images = expr(
        ExprKind::Comprehension(over(
            Some(not(is_privileged)),
            read("image", string()),
            Some((read("name", string()), Domain::String)),
        )),
        list(string()),
    );
    let labels = || at(object_(), "metadata.labels", map(string()));
    let mut stmts = vec![deny(&mut p, not(is_empty(images.clone())), "")];
    set_message(&mut p, value(vec![images]));
    p.checks[0].fixes = vec![Fix {
        is_safe: false,
        condition: Some(is_set(at(part(), "spec.hostNetwork", BaseType::Bool))),
        edits: vec![Edit {
            kind: EditKind::Set,
            path: at(part(), "spec.copy", BaseType::Any),
            value: Some(expr(
                ExprKind::Record(vec![
                    ("labels".to_owned(), labels()),
                    (
                        "first".to_owned(),
                        at(part(), "spec.containers", list(record())),
                    ),
                ]),
                record(),
            )),
        }],
    }];
    let counted = expr(
        ExprKind::Count(over(None, read("name", string()), None)),
        BaseType::Int,
    );
    let many = compare(CompareOp::Greater, Domain::Int, counted, int(1));
    stmts.push(deny(&mut p, many, "more than one"));
    let element = local(c, record());
    let picked = ExprKind::Pick(
        Pick::First,
        over(
            None,
            element,
            Some((read("image", string()), Domain::String)),
        ),
    );
    let name = at(expr(picked, record()), "name", string());
    stmts.push(deny(&mut p, is_set(name.clone()), ""));
    set_message(&mut p, value(vec![name]));
    let keys = call(Builtin::Keys, vec![labels()], list(string()));
    let joined = call(Builtin::Join, vec![keys, text("+")], string());
    let upper = call(Builtin::Upper, vec![joined], string());
    stmts.push(deny(&mut p, not(is_empty(upper.clone())), ""));
    set_message(&mut p, value(vec![upper]));
    let chosen = choice(
        is_set(at(local(spec, record()), "hostNetwork", BaseType::Bool)),
        at(local(spec, record()), "restartPolicy", string()),
        at(object_(), "metadata.namespace", string()),
    );
    let with = ExprKind::With {
        locals: vec![LocalId(spec)],
        body: Box::new(chosen),
    };
    let chosen = expr(with, string());
    stmts.push(deny(&mut p, is_set(chosen.clone()), ""));
    set_message(&mut p, value(vec![chosen]));
    let untyped = at(part(), "spec.hostNetwork", BaseType::Any);
    let cast = expr(ExprKind::Cast(Box::new(untyped)), BaseType::Bool);
    stmts.push(deny(&mut p, is_set(cast), "is a bool"));
    p.bodies[0].block.stmts = stmts;
    p
}

pub(crate) fn instance(policies: Vec<Policy>) -> Instance {
    let wasm = build_module(&program(policies), Target::Core).unwrap();
    let module = Module::new(&Engine::new().unwrap(), &wasm).unwrap();
    module.instantiate().unwrap()
}

#[test]
fn a_projected_document_gives_the_results_of_the_full_one() {
    let host = std::cell::RefCell::new(instance(policies()));
    let (n_findings, n_unknown) = (Cell::new(0), Cell::new(0));
    let seen = std::cell::RefCell::new(std::collections::BTreeSet::new());
    let mut runner = runner(2000);
    let context = Context::default();
    runner
        .run(&object(), |document| {
            let (tape, selection) = (document.to_tape(), Selection::default());
            let mut host = host.borrow_mut();
            let projected = host.evaluate(&tape, &context, &selection).unwrap();
            let full = host.evaluate_in_full(&tape, &context, &selection).unwrap();
            for finding in &full.findings {
                let count = match finding.status {
                    Status::Unknown => &n_unknown,
                    Status::Finding | Status::NotApplicable | Status::Error => &n_findings,
                };
                count.set(count.get() + 1);
                seen.borrow_mut().insert((finding.policy, finding.check));
            }
            prop_assert_eq!(projected, full);
            Ok(())
        })
        .unwrap();
    let (n_findings, n_unknown) = (n_findings.get(), n_unknown.get());
    assert!(
        n_findings > 2000 && n_unknown > 100,
        "{n_findings} findings, {n_unknown} unknown"
    );
    // Every check, and shape findings of every policy, were seen.
    let module = host.into_inner().module().clone();
    let unseen: Vec<_> = (0..module.n_policies())
        .flat_map(|i| (0..module.policy(i).unwrap().n_checks).map(move |check| (i, check)))
        .filter(|check| !seen.borrow().contains(check))
        .collect();
    assert_eq!(unseen, [], "checks without a result");
}

#[test]
fn only_what_is_read_is_in_the_projection() {
    let wasm = build_module(&program(vec![privileged()]), Target::Core).unwrap();
    let index = section::find(&wasm, palisade_wasm::index::SECTION).unwrap();
    let index = IndexView::new(index).unwrap();
    let mut paths = Vec::new();
    let (kind, _, root) = index.route(0).unwrap();
    list_paths(&index, root, kind, &mut paths);
    assert_eq!(
        paths,
        [
            "Pod",
            "Pod.apiVersion=",
            "Pod.kind=",
            "Pod.metadata",
            "Pod.metadata.name=",
            "Pod.metadata.namespace=",
            "Pod.metadata.generateName=",
            "Pod.spec",
            "Pod.spec.initContainers",
            "Pod.spec.initContainers[]",
            "Pod.spec.initContainers[].name=",
            "Pod.spec.initContainers[].securityContext",
            "Pod.spec.initContainers[].securityContext.privileged=",
            "Pod.spec.ephemeralContainers",
            "Pod.spec.ephemeralContainers[]",
            "Pod.spec.ephemeralContainers[].name=",
            "Pod.spec.ephemeralContainers[].securityContext",
            "Pod.spec.ephemeralContainers[].securityContext.privileged=",
            "Pod.spec.containers",
            "Pod.spec.containers[]",
            "Pod.spec.containers[].name=",
            "Pod.spec.containers[].securityContext",
            "Pod.spec.containers[].securityContext.privileged=",
        ]
    );
}

fn list_paths(index: &IndexView<'_>, node: u32, path: &str, to: &mut Vec<String>) {
    let found = index.projection(node).unwrap();
    to.push(format!("{path}{}", if found.value { "=" } else { "" }));
    if let Some(element) = found.element {
        list_paths(index, element, &format!("{path}[]"), to);
    }
    for (symbol, member) in found.members {
        let name = index.symbols().unwrap().get(symbol).unwrap();
        list_paths(index, member, &format!("{path}.{name}"), to);
    }
}
