//! `palisade test`: marks, scenes, fixed files, `--update` and `--coverage`, as a user meets them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use support::{Folder, case, palisade};

const PACK: &str = "pack trial edition 2026\n";

const POLICIES: &str = r#"
/// Containers do not run privileged
policy no-privileged on pod {
    severity critical
    for c in containers(pod) {
        deny c.securityContext.privileged == true, "container `{c.name}` runs privileged"
    }
}

/// Images have a fixed version
policy fixed-image on pod {
    severity medium
    for c in containers(pod) {
        deny image(c.image).tag == "latest", "container `{c.name}` runs `{c.image}`"
    }
}

/// Roles grant no wildcards
policy no-wildcards on Role {
    severity high
    for rule in object.rules {
        deny "*" in rule.verbs, "grants every verb"
        deny "*" in rule.resources, "grants every resource"
    }
}
"#;

fn pack() -> Folder {
    let folder = Folder::new();
    folder.write("trial/pack.pale", PACK);
    folder.write("trial/policies.pale", POLICIES);
    folder
}

/// A pod with one container whose fields are `lines`, from line 8 on.
fn pod(lines: &str) -> String {
    format!(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: web\nspec:\n  containers:\n  - name: app\n{lines}"
    )
}

#[test]
fn marks_that_hold_are_a_pass() {
    let folder = pack();
    folder.write(
        "trial/tests/pod.yaml",
        &pod("    image: nginx   #~ fixed-image: `nginx`\n    securityContext:\n      privileged: true\n      #~^ no-privileged\n"),
    );
    folder.write(
        "trial/tests/deeper/half.yaml",
        &pod("    image: \"nginx:${TAG}\" #~? fixed-image: template\n"),
    );
    insta::assert_snapshot!(case(&folder, "test trial"));
}

#[test]
fn keys_of_the_old_object_are_known() {
    let folder = Folder::new();
    folder.write("trial/pack.pale", "pack trial edition 2026\n");
    folder.write(
        "trial/account.pale",
        r#"/// The account stays
policy account-stays on Deployment {
    severity high
    operations update
    let before = first x in walk(old) where key(x) == "serviceAccountName"
    let after = first x in walk(object) where key(x) == "serviceAccountName"
    deny before is set and after is set and before != after, "was `{before as string}`" at object.metadata.name
}
"#,
    );
    folder.write(
        "trial/tests/account-stays.yaml",
        "#! request {operation: UPDATE, oldObject: {spec: {template: {spec: {serviceAccountName: api}}}}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web #~ account-stays: was `api`
spec:
  selector: {}
  template: {spec: {serviceAccountName: admin, containers: []}}
",
    );
    insta::assert_snapshot!(case(&folder, "test trial"));
}

#[test]
fn what_is_not_as_marked_is_shown_at_its_place() {
    let folder = pack();
    folder.write(
        "trial/tests/pod.yaml",
        &pod("    image: nginx
    #~^ fixed-image: `httpd`
    securityContext:            #~ no-privileged
      privileged: true
  - name: other                 #~ fixed-image
    image: \"nginx:${TAG}\"       #~ fixed-image
"),
    );
    folder.write(
        "trial/tests/role.yaml",
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: all}\nrules:\n- verbs: ['*']\n  resources: [pods]\n  apiGroups: ['']\n",
    );
    insta::assert_snapshot!(case(&folder, "test trial"));
}

#[test]
fn a_test_that_means_nothing_is_status_2() {
    let folder = pack();
    folder.write(
        "trial/tests/a.yaml",
        "#! polices no-privileged\n#! cluster_version = 1.99\n#! profile restricted\n#! request UPDATE\n",
    );
    folder.write(
        "trial/tests/b.yaml",
        &pod("    image: nginx:1   #~ fixed-images\n    command: [a]  #~\n"),
    );
    folder.write(
        "trial/tests/c.yaml",
        "kind: Pod\napiVersion: v1\nmetadata: {name: [}\n",
    );
    folder.write("trial/tests/d.fixed.yaml", "");
    folder.write("trial/tests/e.expect", "");
    folder.write_bytes("trial/tests/f.yaml", b"a: \xff\n");
    insta::assert_snapshot!(case(&folder, "test trial"));
}

#[test]
fn a_test_is_about_the_policies_it_names_or_is_named_after() {
    let folder = pack();
    let both = pod("    image: nginx\n    securityContext: {privileged: true} #~ no-privileged\n");
    folder.write("trial/tests/no-privileged.more.yaml", &both);
    folder.write("trial/tests/no-privileged/pod.yaml", &both);
    folder.write(
        "trial/tests/scene.yaml",
        &format!("#! policies no-privileged, no-wildcards\n{both}"),
    );
    assert_eq!(
        palisade(&folder, "test trial").stdout,
        "trial: 3 tests passed, 3 findings\n"
    );
    folder.write(
        "trial/tests/no-privileged.yaml",
        &format!("#! policies all\n{both}"),
    );
    let run = palisade(&folder, "test trial");
    assert_eq!(run.status, 1);
    assert!(
        run.stdout
            .contains("`fixed-image` finds something without a mark")
    );
}

#[test]
fn profiles_choose_policies_and_unknown_parameters_are_mistakes() {
    let folder = pack();
    folder.write(
        "trial/policies.pale",
        &POLICIES.replace(
            "    severity critical\n",
            "    severity critical\n    profiles pss-baseline\n",
        ),
    );
    let both = pod("    image: nginx\n    securityContext: {privileged: true} #~ no-privileged\n");
    folder.write(
        "trial/tests/a.yaml",
        &format!("#! profile baseline\n{both}"),
    );
    folder.write(
        "trial/tests/b.yaml",
        &format!("#! profile pss-baseline\n#! policies no-wildcards\n{both}"),
    );
    assert_eq!(
        palisade(&folder, "test trial").stdout,
        "trial: 2 tests passed, 2 findings\n"
    );
    folder.write(
        "trial/tests/c.yaml",
        &format!("#! param no-privileged.max = 4Gi\n#! param no-privilege.max = 1\n{both}"),
    );
    folder.write(
        "trial/tests/d.yaml",
        &format!("#! param no-privileged.max = 4Gi\n{both}"),
    );
    insta::assert_snapshot!(case(&folder, "test trial"));
}

#[test]
fn formats_without_comments_have_a_file_of_expectations() {
    let folder = pack();
    let json = r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
"spec": {"containers": [{"name": "app",
  "image": "nginx", "securityContext": {"privileged": true}}]}}"#;
    folder.write("trial/tests/pod.json", json);
    folder.write(
        "trial/tests/pod.expect",
        "# Both on one line.\n3 fixed-image: nginx\n2 no-privileged\n",
    );
    insta::assert_snapshot!(case(&folder, "test trial"));
    insta::assert_snapshot!(case(&folder, "test trial --update"));
    assert_eq!(palisade(&folder, "test trial").status, 0);
}

#[test]
fn update_writes_marks_where_a_comment_may_stand() {
    let folder = pack();
    let before = pod("    image: \"nginx:
      latest\"
    securityContext:
      privileged: true          #~ fixed-image
    command: [a]                #~ no-privileged
    #~^^ fixed-image
    args: [b]
  - name: second
    image: nginx                #~ fixed-image: container `first`
  - name: third
    image: nginx                # a comment #~ fixed-image: `nginx`
  - {name: fourth, image: nginx, args: [\"a
      b\"]}
  - name: fifth
    securityContext: {privileged: true}
    image: |
      nginx");
    folder.write("trial/tests/pod.yaml", &before);
    insta::assert_snapshot!(case(&folder, "test trial --update"));
    let after = palisade(&folder, "test trial");
    assert_eq!(after.status, 0, "{after}");
    let written = folder.read("trial/tests/pod.yaml");
    assert_eq!(palisade(&folder, "test trial --update").status, 0);
    assert_eq!(
        folder.read("trial/tests/pod.yaml"),
        written,
        "twice is once"
    );
}

#[test]
fn update_keeps_line_ends_and_a_missing_last_one() {
    let folder = pack();
    let before =
        pod("    image: nginx:1\n    securityContext: {privileged: true}").replace('\n', "\r\n");
    folder.write("trial/tests/pod.yaml", &before);
    assert_eq!(palisade(&folder, "test trial --update").status, 0);
    assert_eq!(
        folder.read("trial/tests/pod.yaml"),
        format!("{before}  #~ no-privileged")
    );
}

#[test]
fn update_leaves_a_test_that_it_cannot_read() {
    let folder = pack();
    let text = pod("    image: nginx  #~ fixed-imagee\n");
    folder.write(
        "trial/tests/pod.yaml",
        &format!("#! policies nothing\n{text}"),
    );
    let run = palisade(&folder, "test trial --update");
    assert_eq!(run.status, 2);
    assert_eq!(
        folder.read("trial/tests/pod.yaml"),
        format!("#! policies nothing\n{text}")
    );
}

#[test]
fn coverage_names_what_no_test_reaches() {
    let folder = pack();
    folder.write(
        "trial/tests/pod.yaml",
        &pod("    image: nginx   #~ fixed-image\n"),
    );
    insta::assert_snapshot!(case(&folder, "test trial --coverage"));
    folder.write(
        "trial/tests/role.yaml",
        "apiVersion: rbac.authorization.k8s.io/v1beta1\nkind: Role\nmetadata: {name: all}\nrules:\n- verbs: ['*'] #~ no-wildcards\n  resources: [pods]\n  apiGroups: ['']\n",
    );
    insta::assert_snapshot!(case(&folder, "test trial --coverage"));
}

#[test]
fn packs_without_tests_are_named_and_none_at_all_is_an_error() {
    let folder = pack();
    insta::assert_snapshot!(case(&folder, "test trial"));
    folder.write("other/pack.pale", "pack other edition 2026\n");
    folder.write(
        "other/p.pale",
        "/// T\npolicy p on Pod { severity low deny object.spec.hostPID == true, \"m\" }\n",
    );
    folder.write("other/tests/p.yaml", &pod("    image: nginx\n"));
    insta::assert_snapshot!(case(&folder, "test"));
}

#[test]
fn a_pack_that_does_not_compile_is_not_tested() {
    let folder = pack();
    folder.write(
        "trial/more.pale",
        "policy x on Pod { severity low deny object.spec.hostPid == true, \"m\" }\n",
    );
    folder.write("trial/tests/pod.yaml", &pod("    image: nginx\n"));
    let run = palisade(&folder, "test trial");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("hostPid"), "{}", run.stderr);
}

const LIMITS: &str = r#"
/// Memory is limited
policy memory-limit on pod {
    severity medium
    param max: quantity = 4Gi
    for c in containers(pod) {
        let limit = c.resources.limits["memory"]
        require limit is set, "container `{c.name}` has no memory limit"
            fix unsafe c.resources.limits["memory"] = max
        require limit <= max, "memory limit {limit} is above {max}"
            fix unsafe c.resources.limits["memory"] = max
    }
}
"#;

#[test]
fn fixed_manifests_are_what_fixes_make_with_the_parameters_of_the_test() {
    let folder = Folder::new();
    folder.write("trial/pack.pale", PACK);
    folder.write("trial/policies.pale", LIMITS);
    let manifest = pod(
        "    image: nginx   # no limit\n    #~^^ memory-limit: no memory limit\n  - name: b\n    resources: {limits: {memory: 3Gi}} #~ memory-limit: above 2Gi\n",
    );
    folder.write(
        "trial/tests/pod.yaml",
        &format!("#! param max = 2Gi\n{manifest}"),
    );
    folder.write("trial/tests/pod.fixed.yaml", "");
    insta::assert_snapshot!(case(&folder, "test trial"));
    assert_eq!(palisade(&folder, "test trial --update").status, 0);
    insta::assert_snapshot!(folder.read("trial/tests/pod.fixed.yaml"));
    assert_eq!(
        palisade(&folder, "test trial").stdout,
        "trial: 1 test passed, 2 findings\n"
    );
}

#[test]
fn a_fixed_manifest_without_a_fix_fails() {
    let folder = pack();
    folder.write("trial/tests/pod.yaml", &pod("    image: nginx:1\n"));
    folder.write("trial/tests/pod.fixed.yaml", &pod("    image: nginx:1\n"));
    insta::assert_snapshot!(case(&folder, "test trial"));
}

#[test]
fn help_says_how_a_test_is_written() {
    insta::assert_snapshot!(case(&Folder::new(), "test --help"));
}

#[test]
fn a_fix_that_makes_what_is_found_next_is_no_fix() {
    let folder = Folder::new();
    folder.write("trial/pack.pale", "pack trial edition 2026\n");
    folder.write(
        "trial/ports.pale",
        r#"/// Hosts keep their ports
policy no-host-ports on pod {
    severity high
    for c in pod.spec.containers {
        for p in c.ports {
            deny p.hostPort is set, "a port of the host"
                fix {
                    remove p.hostPort
                    p.name = "removed"
                }
        }
    }
}

/// Nothing is called so
policy no-odd-names on pod {
    severity low
    for c in pod.spec.containers {
        for p in c.ports {
            deny p.name == "removed", "an odd name"
        }
    }
}
"#,
    );
    folder.write(
        "trial/tests/a.yaml",
        &pod("    image: nginx\n    ports: [{containerPort: 80, hostPort: 80}] #~ no-host-ports\n"),
    );
    insta::assert_snapshot!(case(&folder, "test trial"));
}
