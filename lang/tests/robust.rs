//! No text makes the compiler panic, and what it says about one can be shown.

mod support;

use proptest::prelude::*;

use palisade_lang::diagnostic::plain::{apply_edits, render};
use support::{compile_text, whole_file};

/// Words and signs of the language, and names that mean something in it.
const TOKENS: &[&str] = &[
    "policy",
    "on",
    "where",
    "let",
    "for",
    "in",
    "when",
    "else",
    "require",
    "deny",
    "severity",
    "at",
    "any",
    "all",
    "no",
    "and",
    "or",
    "not",
    "is",
    "set",
    "empty",
    "known",
    "true",
    "false",
    "none",
    "low",
    "x",
    "c",
    "y",
    "pod",
    "object",
    "Pod",
    "Role",
    "apps/Deployment",
    ".spec",
    ".containers",
    ".metadata",
    ".labels",
    ".name",
    ".securityContext",
    ".privileged",
    ".image",
    ".role",
    ".foo",
    "[\"a\"]",
    "[0]",
    "[x]",
    "containers(pod)",
    "image(c.image)",
    ".tag",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "=",
    "==",
    "!=",
    "<",
    "<=",
    "??",
    "+",
    "-",
    "80",
    "4Gi",
    "500m",
    "1.5",
    "\"text\"",
    "\"{x}\"",
    "\"{c.name}\"",
    "v\"1.2\"",
    "\n",
    "\n    ",
    "é",
    "/// doc\n",
    "// c\n",
    "param",
    "view",
    "extend",
    "fn",
    "const",
    "type",
    "kind",
    "profile",
    "include",
    "use",
    "if",
    "then",
    "first",
    "last",
    "by",
    "count(",
    "as",
    "as string",
    "string",
    "quantity",
    "fix",
    "unsafe",
    "remove",
    "append",
    "upsert",
    "create",
    "to",
    "=>",
    "?",
    "|",
    "*",
    "/",
    "div",
    "%",
    "matches",
    "like",
    "r\"^a\"",
    "{ a: 1 }",
    "operations",
    "from crd",
];

/// Every construct that the packs below do not have.
const EVERYTHING: &str = r#"/// Registries
param registries: [glob] = ["docker.io"] where registries is not empty
const low_ports = [80, 443]
/// The level of a port
fn level(port: int): string = if port in low_ports then "low" else "high"
type Limits = { max: quantity = 4Gi, "per-team": {string: quantity}, kind: "a" < "b" }
view template: PodTemplateSpec {
    Pod => object
    Deployment, apps/v1/StatefulSet where object.metadata.name is set => spec.template
}
extend view template { CronJob => spec.jobTemplate.spec.template }
kind Widget for example.org { spec: { size: int, names: [string] } }
profile small extends default { include ports; set ports.max = 8 }
/// Ports
policy ports {
    severity low
    operations create, update
    param max: int = 1024 where max > 0
    on Pod where object.metadata.labels["a"] is set {
        for c in object.spec.containers where c.image matches r"^a" {
            let ports = [p.containerPort for p in c.ports where p.containerPort < max by -p.containerPort]
            let one = first p in c.ports where p.name like "http*" by p.containerPort
            deny count(p in c.ports where p.containerPort > max - 1 * 2) > 3, "{c.name}: {ports}"
                severity if one is set then "high" else "low" at c.ports
                fix unsafe remove c.securityContext.privileged when c.tty is set
                fix { c.imagePullPolicy = "Always"; append { name: "a" } to c.env }
        }
    }
    on Service { deny object.spec.type == "NodePort", "m" fix create ConfigMap { data: {} } }
}
"#;

const POLICIES: &[&str] = &[
    EVERYTHING,
    include_str!("../../stdlib-policies/packs/starter/pods.pale"),
    include_str!("../../stdlib-policies/packs/starter/resources.pale"),
    include_str!("../../stdlib-policies/packs/starter/images.pale"),
    include_str!("../../stdlib-policies/packs/starter/rbac.pale"),
];

/// Compiles, and looks at all that a report would look at.
fn check(text: &str) {
    let compiled = compile_text(text);
    for diagnostic in &compiled.diagnostics {
        assert!(
            !diagnostic.message.is_empty() && !diagnostic.labels.is_empty(),
            "{diagnostic:?}"
        );
        for label in &diagnostic.labels {
            assert!(text.get(label.span.range()).is_some(), "{label:?}\n{text}");
        }
        for edit in &diagnostic.edits {
            assert!(text.get(edit.span.range()).is_some(), "{edit:?}\n{text}");
        }
        drop(apply_edits(diagnostic, text));
        assert!(!render(diagnostic, "case.pale", text).is_empty());
    }
    if let Some(program) = compiled.program {
        assert!(!palisade_lang::program::print::print(&program).is_empty());
        assert!(!format!("{program:?}").contains("base: Error"), "{text}");
        for policy in &program.policies {
            for (index, check) in policy.checks.iter().enumerate() {
                assert!(
                    check.guards.iter().all(|guard| (guard.0 as usize) < index),
                    "{text}"
                );
            }
        }
    }
}

fn soup() -> impl Strategy<Value = String> {
    let token = proptest::sample::select(TOKENS);
    let spaced = (token, prop_oneof![4 => Just(" "), 1 => Just("")]);
    proptest::collection::vec(spaced, 0..60).prop_map(|tokens| {
        tokens
            .into_iter()
            .flat_map(|(token, space)| [token, space])
            .collect()
    })
}

/// The words of a policy with some of them replaced, doubled or left out.
fn mutated() -> impl Strategy<Value = String> {
    let change = (
        any::<prop::sample::Index>(),
        0..3u8,
        proptest::sample::select(TOKENS),
    );
    (
        proptest::sample::select(POLICIES),
        proptest::collection::vec(change, 1..6),
    )
        .prop_map(|(policy, changes)| {
            let mut words: Vec<&str> = policy.split_inclusive([' ', '.', '(', '[', '"']).collect();
            for (at, how, token) in changes {
                let at = at.index(words.len());
                match (how, words.get_mut(at)) {
                    (0, Some(word)) => *word = token,
                    (1, _) => words.insert(at, token),
                    (_, Some(word)) => *word = "",
                    (_, None) => {}
                }
            }
            words.concat()
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_soup_of_tokens_does_not_panic(text in soup()) {
        check(&text);
    }

    #[test]
    fn a_soup_of_tokens_in_a_policy_does_not_panic(text in soup()) {
        check(&whole_file(&text));
    }

    #[test]
    fn a_broken_policy_does_not_panic(text in mutated()) {
        check(&text);
    }
}

#[test]
fn everything_is_read() {
    let found = palisade_lang::syntax::parse(palisade_lang::span::FileId(0), EVERYTHING);
    assert_eq!(found.diagnostics, []);
}

#[test]
fn long_and_deep_expressions_do_not_overflow_the_stack() {
    for (first, link) in [
        (
            "pod.spec.hostNetwork == true",
            " and pod.spec.hostNetwork == true",
        ),
        (
            "pod.spec.hostNetwork == true",
            " or pod.spec.hostNetwork == true",
        ),
        ("pod", ".spec"),
        ("\"a\"", " + \"a\""),
        ("pod.spec.hostname", " ?? pod.spec.hostname"),
        ("not", " not"),
        ("(", "("),
        ("1", " - 1"),
        ("1", " * 1"),
        ("if true then 1 else 2", " + if true then 1 else 2"),
        ("pod", " as Pod"),
        (
            "first c in pod.spec.containers where ",
            "first c in pod.spec.containers where ",
        ),
        ("[", "[x for x in ["),
        ("{ a: 1 }", ".a"),
        ("{ a: ", "{ a: "),
        (
            "any x in pod.spec.containers: x.tty",
            " any x in pod.spec.containers: x.tty",
        ),
    ] {
        for n in [20, 200, 20_000] {
            let condition = format!("{first}{}", link.repeat(n));
            check(&whole_file(&format!("    deny {condition}, \"m\"\n")));
            check(&whole_file(&format!(
                "    let v = {condition}\n    deny v == \"m\", \"m\"\n"
            )));
        }
    }
}

#[test]
fn many_statements_inside_each_other_do_not_overflow_the_stack() {
    for (open, n) in [
        ("when pod.spec.hostNetwork == true {\n", 200),
        ("else when true {\n", 2000),
    ] {
        check(&whole_file(&format!(
            "    when true {{ }} {}",
            open.repeat(n)
        )));
        let chain = " else when pod.spec.hostNetwork == true { }".repeat(n);
        check(&whole_file(&format!(
            "    when pod.spec.hostPID == true {{ }}{chain}\n"
        )));
    }
}
