//! What a user sees for mistakes in a file, drawn.

use palisade_lang::diagnostic::plain::render;
use palisade_lang::span::FileId;
use palisade_lang::syntax;

/// The text and all that is said about it.
fn drawn(text: &str) -> String {
    let found = syntax::parse(FileId(0), text).diagnostics;
    let drawn: Vec<String> = found
        .iter()
        .map(|diagnostic| render(diagnostic, "pack/privileged.pale", text))
        .collect();
    format!("{text}\n{}", drawn.join("\n"))
}

#[test]
fn mistakes_of_a_first_policy() {
    insta::assert_snapshot!(drawn(
        r#"/// Containers must not run privileged
policy NoPrivileged on pod {
    serverity high
    for c in containers(pod) {
        deny c.securityContext.privileged = true "container `{c.name}` runs privileged"
        deny !c.ready && c.image == 'nginx', "é `{c.name` runs"
        require c.limits
        fix c.limits = 4Gi
}
"#
    ));
}

#[test]
fn a_string_without_its_quote() {
    insta::assert_snapshot!(drawn(
        "policy a on pod {\n\tdeny 1 < x < 5, \"x is {x}\n\tdeny x.\n\tdeny any y in x, \"m\"\n}\n"
    ));
}

#[test]
fn mistakes_of_declarations() {
    insta::assert_snapshot!(drawn(
        r#"param max quantity = 4Gi
fn containers(pod pod) = pod.spec
type Flags = { a-b: bool, c: "low" < "high" | int }
kind Daemon from jsonn "x" { }
view pod: PodTemplateSpec {
    Pod -> object
    Job CronJob => spec
}
profile base {
    include a b
    set a = 1
}
"#
    ));
}

#[test]
fn mistakes_of_values_and_fixes() {
    insta::assert_snapshot!(drawn(
        r#"policy a on pod {
    param limit: quantity =
    let a = if b then c
    let d = [x for x in xs by a where b]
    let e = { name = "x" kind: "y" }
    deny a, "m"
        fix c.x == 1
        fix append 1 c.xs
    deny a, "m" fix { c.x = 1 c.y = 2 }
    for c in cs {
        on Pod { deny c, "m" }
    }
}
"#
    ));
}
