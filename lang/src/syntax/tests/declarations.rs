//! The shape of declarations and statements of the full language.

use super::dump::dump_file;
use super::read;

/// Compares the tree of a file, and asserts that there is nothing to say about it.
fn check(text: &str, expected: &str) {
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, [], "{text}");
    assert_eq!(dump_file(&parsed.tree), expected, "{text}");
}

/// Compares the only statement of a policy.
fn check_stmt(text: &str, expected: &str) {
    check(
        &format!("policy p on pod {{\n{text}\n}}\n"),
        &format!("policy p on pod\n\n  {expected}\n"),
    );
}

#[test]
fn parameters_have_a_type_a_default_and_a_constraint() {
    check(
        "/// Doc\nparam size: quantity = 4Gi\nparam names: [glob] where names is not empty\n",
        "param size: quantity = 4Gi\nparam names: [glob] where (is-not-empty names)\n",
    );
    check(
        "policy p on pod {\n  severity low\n  /// One\n  param a: string?\n  param b: { c: int = 1, d: {string: bool} } = { c: 2, d: {} }\n  param e: \"A\" < \"B\" = \"A\" where e != \"C\"\n  deny a, \"m\"\n}",
        "policy p on pod\n  severity low\n  param a: string?\n  param b: { c: int = 1, d: {string: bool} } = {c: 2, d: {}}\n  param e: \"A\" < \"B\" = \"A\" where (!= e \"C\")\n  deny a \"m\"\n",
    );
}

#[test]
fn types_have_their_shape() {
    check(
        "type A = [string] | int | {string: apps/v1/Deployment?}\ntype B = \"x\" | \"y\"\ntype C = { a: \"None\" < \"All\", \"b-c\": [B]?, }\n",
        "type A = ([string] | int | {string: apps/v1/Deployment?})\ntype B = \"x\" | \"y\"\ntype C = { a: \"None\" < \"All\", b-c: [B]? }\n",
    );
    check("type A = {string: int}", "type A = {string: int}\n");
    check("type A = { \"string\": int }", "type A = { string: int }\n");
    check("type A = { string: int, }", "type A = { string: int }\n");
}

#[test]
fn functions_and_constants_have_their_shape() {
    check(
        "fn containers(pod: pod, rest) = pod.a\n    + pod.b\nfn f(): int = 1\nconst a: [int] = [1]\nconst b = { c: 1 }\nuse other-pack\n",
        "fn containers(pod: pod, rest) = (+ (. pod a) (. pod b))\nfn f(): int = 1\nconst a: [int] = [1]\nconst b = {c: 1}\nuse other-pack\n",
    );
}

#[test]
fn views_have_arms() {
    check(
        "view pod: PodTemplateSpec {
    Pod => object // why
    ReplicaSet, apps/v1/Deployment,
    Job             => spec.template
    CronJob where spec.suspend != true and a =>
        spec.jobTemplate.spec
            .template
    X => [y for y in ys where
      y], Y => any a in b:
        c
    Z => { metadata: metadata, spec: -1 + 2 }
}
extend view pod { argoproj.io/Rollout => spec.template }
",
        "view pod: PodTemplateSpec
  Pod => object
  ReplicaSet, apps/v1/Deployment, Job => (. spec template)
  CronJob where (and (!= (. spec suspend) true) a) => (. (. (. spec jobTemplate) spec) template)
  X => [y for (y ys) where y]
  Y => (any (a b) c)
  Z => {metadata: metadata, spec: (+ (- 1) 2)}
extend view pod
  argoproj.io//Rollout => (. spec template)
",
    );
}

#[test]
fn kinds_have_a_source_and_fields() {
    check(
        "kind Daemon from json \"**/daemon.json\", \"x\" merged last {
    icc: bool = true,
    \"userns-remap\": string?,
    opts: {string: string},
}
kind Cert from crd \"crds/cert.yaml\"
kind Widget for example.org { spec: { size: int } }
",
        "kind Daemon from json **/daemon.json, x merged last { icc: bool = true, userns-remap: string?, opts: {string: string} }
kind Cert from crd crds/cert.yaml
kind Widget for example.org { spec: { size: int } }
",
    );
}

#[test]
fn profiles_have_entries() {
    check(
        "profile pss-restricted extends pss-baseline {
    include a-b, c,
        d
    set a-b.max = 4Gi
    set a-b.names = [\"x\",
        \"y\"]; include e
}
profile empty {}
",
        "profile pss-restricted extends pss-baseline
  include a-b, c, d
  set a-b max 4Gi
  set a-b names [\"x\" \"y\"]
  include e
profile empty
",
    );
}

#[test]
fn a_policy_may_have_several_bodies() {
    check(
        "policy p {
    severity low
    operations create, update
    let a = 1
    on Pod, apps/Deployment where object.x is set { deny a, \"m\" }
    on pod { }
}
",
        "policy p on \n  severity low; operations create, update\n  let a 1\n  on Pod, apps//Deployment where (is-set (. object x)) { deny a \"m\" }\n  on pod { }\n",
    );
}

#[test]
fn fixes_have_their_shape() {
    check_stmt(
        "deny a, \"m\" fix unsafe remove c.x.y",
        "deny a \"m\" fix unsafe remove (. (. c x) y)",
    );
    check_stmt(
        "deny a, \"m\" severity if a then \"low\" else \"high\" at c.x\n  fix c.x[\"y\"] = max when a and b\n  fix append { a: 1 } to c.xs",
        "deny a \"m\" severity (if a \"low\" \"high\") at (. c x) fix ([] (. c x) \"y\") = max when (and a b) fix append {a: 1} to (. c xs)",
    );
    check_stmt(
        "deny a, \"m\"\n  fix upsert c.env[\"A\"] = { value: \"x\" }\n  fix remove = 1\n",
        "deny a \"m\" fix upsert ([] (. c env) \"A\") = {value: \"x\"} fix remove = 1",
    );
    check_stmt(
        "deny a, \"m\"\n  fix create networking.k8s.io/v1/NetworkPolicy {\n    metadata: { name: \"x\" },\n    spec: { podSelector: {}, policyTypes: [\"Ingress\"] },\n  }",
        "deny a \"m\" fix create networking.k8s.io/v1/NetworkPolicy {metadata: {name: \"x\"}, spec: {podSelector: {}, policyTypes: [\"Ingress\"]}}",
    );
    check_stmt(
        "deny a, \"m\"\n  fix unsafe {\n    c.x = 1 +\n      2\n    remove c.y; append \"z\" to c.z // last\n    create Pod { }\n  } when a is set",
        "deny a \"m\" fix unsafe c.x = (+ 1 2); remove (. c y); append \"z\" to (. c z); create Pod {} when (is-set a)".replace("c.x", "(. c x)").as_str(),
    );
}

#[test]
fn a_when_on_the_next_line_is_no_condition_of_a_fix() {
    check(
        "policy p on pod {\n  deny a, \"m\"\n    fix c.x = 1\n  when b { deny c, \"n\" }\n}\n",
        "policy p on pod\n\n  deny a \"m\" fix (. c x) = 1\n  when b { deny c \"n\" }\n",
    );
}
