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
