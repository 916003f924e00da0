//! The command line as a user meets it: each case is a command with its input, output, errors and status.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use support::{Folder, case, palisade, pipe};

/// A pack with one policy, as most cases need no more.
const PRIVILEGED: &str = r#"
/// Containers do not run privileged
policy no-privileged-containers on pod {
    severity critical
    for c in containers(pod) {
        deny c.securityContext.privileged == true, "container `{c.name}` runs privileged"
    }
}
"#;

const LIMITS: &str = r#"
/// Memory is limited
policy memory-limit on pod {
    severity medium
    for c in containers(pod) {
        let limit = c.resources.limits["memory"]
        require limit is set, "container `{c.name}` has no memory limit"
        require limit <= 4Gi, "container `{c.name}` may use {limit} of memory"
    }
}

/// Roles grant no wildcards
policy no-wildcards on Role {
    severity high
    for rule in object.rules {
        deny "*" in rule.verbs, "grants every verb on {rule.resources}"
    }
}
"#;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
  namespace: shop
spec:
  containers:
  - name: app
    image: nginx:1.27
    securityContext:
      privileged: yes
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("privileged.pale", PRIVILEGED);
    folder.write("limits.pale", LIMITS);
    folder
}

#[test]
fn a_finding_is_underlined_where_the_value_stands() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p privileged.pale pod.yaml"
    ));
}

#[test]
fn what_is_missing_is_shown_at_its_container() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    insta::assert_snapshot!(case(&folder, "lint --no-stdlib -p limits.pale pod.yaml"));
}

#[test]
fn places_hold_through_anchors_lists_flow_style_and_documents() {
    let folder = folder();
    folder.write(
        "all.yaml",
        "\
apiVersion: v1
kind: Pod
metadata: {name: first}
spec:
  containers:
  - &app
    name: a
    securityContext: &loud {privileged: true}
  - <<: *app
    name: b
---
# nothing here
---
apiVersion: v1
kind: List
items:
- apiVersion: batch/v1
  kind: CronJob
  metadata: {name: nightly}
  spec: {schedule: '0 0 * * *', jobTemplate: {spec: {template: {spec: {containers: [{name: c, securityContext: {privileged: on}}]}}}}}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: all}
  rules:
  - apiGroups: ['']
    resources: [pods,
      secrets]
    verbs:
    - get
    - '*'
",
    );
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p privileged.pale -p limits.pale all.yaml"
    ));
}

#[test]
fn a_value_of_the_wrong_shape_is_a_finding_at_the_value() {
    let folder = folder();
    folder.write(
        "pod.json",
        &r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "w"},
  "spec": {"containers": [{"name": "a", "securityContext": {"privileged": "true"}}]}}"#
            .replace('\n', "\r\n"),
    );
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p privileged.pale pod.json"
    ));
}

#[test]
fn one_line_a_finding() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p privileged.pale -p limits.pale --format compact pod.yaml"
    ));
}

#[test]
fn json_holds_every_field() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    folder.write("bad.yaml", "a: [\n");
    folder.write("template.yaml", &POD.replace("nginx:1.27", "'{{ image }}'"));
    folder.write(
        "image.pale",
        "/// Images have a tag\npolicy tag on pod { severity low\n for c in containers(pod) { require image(c.image).tag == \"1\", \"m\" } }\n",
    );
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p privileged.pale -p image.pale --format json bad.yaml pod.yaml template.yaml"
    ));
}

#[test]
fn nothing_found_is_said() {
    let folder = folder();
    folder.write("pod.yaml", &POD.replace("yes", "no"));
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p privileged.pale pod.yaml"
    ));
}

#[test]
fn severities_filter_and_decide_the_status() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    let lint = "lint --no-stdlib -p privileged.pale -p limits.pale -f compact pod.yaml";
    insta::assert_snapshot!(case(&folder, &format!("{lint} --min-severity high")));
    assert_eq!(
        palisade(
            &folder,
            "lint --no-stdlib -p limits.pale pod.yaml --fail-on high"
        )
        .status,
        0
    );
    assert_eq!(
        palisade(
            &folder,
            "lint --no-stdlib -p limits.pale pod.yaml --fail-on medium"
        )
        .status,
        1
    );
}

#[test]
fn a_misspelt_field_does_not_compile_and_the_right_one_is_named() {
    let folder = folder();
    folder.write(
        "typo.pale",
        &PRIVILEGED.replace(".privileged ==", ".priviledged =="),
    );
    insta::assert_snapshot!(case(&folder, "check typo.pale"));
    folder.write("pod.yaml", POD);
    let lint = palisade(&folder, "lint --no-stdlib -p typo.pale pod.yaml");
    assert_eq!((lint.status, lint.stdout.as_str()), (2, ""));
}

#[test]
fn an_input_that_cannot_be_read_is_status_3_and_the_others_are_linted() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    folder.write("tab.yaml", "a:\n\tb: 1\n");
    folder.write_bytes("latin.yaml", b"name: caf\xe9\n");
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p privileged.pale pod.yaml tab.yaml latin.yaml none.yaml"
    ));
}

#[test]
fn a_wrong_policy_outweighs_an_unreadable_input() {
    let folder = folder();
    folder.write("broken.pale", "policy p on Pod {");
    let run = palisade(&folder, "lint --no-stdlib -p broken.pale none.yaml");
    assert_eq!(run.status, 2);
}

#[test]
fn nothing_to_lint_is_status_2_unless_it_is_allowed() {
    let folder = folder();
    folder.write("empty.yaml", "");
    folder.write("values.yaml", "replicas: 2\n");
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p privileged.pale empty.yaml values.yaml"
    ));
    assert_eq!(
        palisade(
            &folder,
            "lint --no-stdlib -p privileged.pale --allow-empty empty.yaml"
        )
        .status,
        0
    );
    insta::assert_snapshot!(case(&folder, "lint --no-stdlib values.yaml"));
}

#[test]
fn options_that_mean_nothing_are_explained() {
    let folder = folder();
    insta::assert_snapshot!(case(&folder, "lint --fail-on urgent ."));
    insta::assert_snapshot!(case(&folder, "lint --kubernetes 2.0 ."));
    insta::assert_snapshot!(case(&folder, "lint --policies nowhere ."));
    insta::assert_snapshot!(case(&folder, "check ."));
}

#[test]
fn help_and_version_are_on_standard_output() {
    let folder = folder();
    insta::assert_snapshot!(case(&folder, "--help"));
    insta::assert_snapshot!(case(&folder, "lint --help"));
    assert!(
        palisade(&folder, "--version")
            .stdout
            .starts_with("palisade ")
    );
}

#[test]
fn a_duplicate_key_is_a_finding_at_the_duplicate() {
    let folder = folder();
    folder.write(
        "pod.yaml",
        &POD.replace("    image:", "    image: nginx:1.26\n    image:"),
    );
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p limits.pale pod.yaml --min-severity medium"
    ));
}

#[test]
fn findings_of_one_place_share_an_excerpt() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    folder.write(
        "more.pale",
        &LIMITS
            .replace("memory-limit", "memory-set")
            .replace("no-wildcards", "other"),
    );
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -p limits.pale -p more.pale pod.yaml"
    ));
}

#[test]
fn standard_input_is_a_file_called_stdin() {
    let folder = folder();
    let run = pipe(
        &folder,
        "lint --no-stdlib -p privileged.pale -f compact -",
        POD.as_bytes(),
    );
    insta::assert_snapshot!(run.to_string());
}

#[test]
fn jobs_do_not_show() {
    let folder = folder();
    for nth in 0..40 {
        folder.write(&format!("m/{}/pod.yaml", nth % 7 * 10 + nth), POD);
        folder.write(
            &format!("m/{nth}.yaml"),
            if nth % 9 == 0 { "a: [" } else { POD },
        );
    }
    for format in ["pretty", "compact", "json"] {
        let run = |jobs: u32| {
            let command = format!(
                "lint --no-stdlib -p privileged.pale -p limits.pale -f {format} -j {jobs} m"
            );
            palisade(&folder, &command)
        };
        let one = run(1);
        assert_eq!(one.status, 3);
        assert!(one.stdout.contains("runs privileged"));
        for jobs in [2, 4, 16] {
            assert_eq!(run(jobs), one, "{format} with {jobs} jobs");
        }
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = folder();
    for nth in 0..400 {
        folder.write(&format!("m/{nth}.yaml"), POD);
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args(["lint", "--no-stdlib", "-p", "privileged.pale", "m"])
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Closing the pipe before anything is read: the output is larger than what a pipe holds.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn colors_are_written_when_asked_for_and_say_nothing_else() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    let plain = palisade(&folder, "lint --no-stdlib -p privileged.pale pod.yaml");
    let colored = palisade(
        &folder,
        "lint --no-stdlib -p privileged.pale --color always pod.yaml",
    );
    assert!(!plain.stdout.contains('\u{1b}'));
    assert!(colored.stdout.contains("\u{1b}["));
    assert_eq!(support::strip_escapes(&colored.stdout), plain.stdout);
}

#[test]
fn a_manifest_cannot_steer_the_terminal() {
    let folder = folder();
    folder.write(
        "pod.yaml",
        &POD.replace("name: app", "name: \"a\\e[2Jb\\nc\\u202Ed\""),
    );
    let run = palisade(&folder, "lint --no-stdlib -p privileged.pale pod.yaml");
    assert!(
        run.stdout
            .contains("container `a␛[2Jb␊c\u{fffd}d` runs privileged"),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains('\u{1b}'));
}

#[test]
fn read_prints_what_the_api_server_sees() {
    let folder = folder();
    folder.write("pod.yaml", &POD.replace("name: app", "name: 010"));
    insta::assert_snapshot!(case(&folder, "read pod.yaml"));
    folder.write("bad.yaml", "a: {b: }\n---\na: *x\n");
    insta::assert_snapshot!(case(&folder, "read bad.yaml none.yaml"));
    folder.write("small.yaml", "a: &x [yes]\nb: *x\n");
    insta::assert_snapshot!(case(&folder, "read --places small.yaml"));
}

#[test]
fn a_built_module_is_a_policy_like_any_other() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    let from_source = palisade(&folder, "lint --no-stdlib -p limits.pale pod.yaml");
    for target in ["core", "wasi"] {
        let build = palisade(
            &folder,
            &format!("build limits.pale -o out.wasm --target {target}"),
        );
        assert_eq!(build.status, 0, "{build}");
        assert_eq!(
            palisade(&folder, "lint --no-stdlib -p out.wasm pod.yaml"),
            from_source
        );
        let again = std::fs::read(folder.path().join("out.wasm")).unwrap();
        palisade(
            &folder,
            &format!("build limits.pale -o out.wasm --target {target}"),
        );
        assert_eq!(
            std::fs::read(folder.path().join("out.wasm")).unwrap(),
            again
        );
    }
    assert!(
        std::fs::read_dir(folder.path()).unwrap().count() <= 5,
        "nothing is left behind"
    );
}

#[test]
fn what_is_no_module_is_refused() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    folder.write("text.wasm", "not wasm");
    folder.write_bytes("empty.wasm", b"\0asm\x01\0\0\0");
    insta::assert_snapshot!(case(&folder, "lint --no-stdlib -p text.wasm pod.yaml"));
    insta::assert_snapshot!(case(&folder, "lint --no-stdlib -p empty.wasm pod.yaml"));
}

#[test]
fn eval_prints_the_verdict() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    insta::assert_snapshot!(case(&folder, "eval limits.pale pod.yaml"));
    let run = pipe(&folder, "eval privileged.pale", POD.as_bytes());
    assert!(
        run.stdout
            .contains("spec.containers[0].securityContext.privileged"),
        "{run}"
    );
    folder.write("two.yaml", &format!("{POD}---\n{POD}"));
    insta::assert_snapshot!(case(&folder, "eval limits.pale two.yaml"));
}

#[test]
fn the_standard_library_is_there_without_being_asked_for() {
    let folder = folder();
    folder.write("pod.yaml", POD);
    let run = palisade(&folder, "lint pod.yaml");
    assert_eq!(run.status, 1);
    assert!(run.stdout.contains("no-privileged-containers"), "{run}");
    // The same packs from their sources say the same.
    let packs = concat!(env!("CARGO_MANIFEST_DIR"), "/stdlib-policies/packs");
    assert_eq!(
        palisade(&folder, &format!("lint --no-stdlib -p {packs} pod.yaml")),
        run
    );
}

#[test]
fn output_to_a_full_disk_is_an_error() {
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let folder = folder();
    folder.write("pod.yaml", POD);
    let mut child = Command::new(env!("CARGO_BIN_EXE_palisade"))
        .args(["lint", "--no-stdlib", "-p", "privileged.pale", "-"])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(std::fs::OpenOptions::new().write(true).open(full).unwrap())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(POD.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("error:"));
}

#[test]
fn a_pack_that_is_named_twice_finds_once_and_a_second_one_of_its_name_is_refused() {
    let folder = Folder::new();
    folder.write("pod.yaml", POD);
    for name in ["one", "two"] {
        folder.write(&format!("{name}/pack.pale"), "pack shop edition 2026\n");
        folder.write(&format!("{name}/privileged.pale"), PRIVILEGED);
    }
    let run = palisade(
        &folder,
        "lint --no-stdlib -p one -p ./one -f compact pod.yaml",
    );
    assert_eq!(run.stdout.lines().count(), 1, "{run}");
    let run = palisade(&folder, "lint --no-stdlib -p one -p two pod.yaml");
    assert_eq!(
        (run.stderr.as_str(), run.status),
        (
            "error: pack `shop` is given twice: policy `no-privileged-containers` is in one and in two; \
             leave one out\n",
            2
        )
    );
}

#[test]
fn eval_says_where_a_document_cannot_be_read() {
    let folder = folder();
    folder.write("bad.yaml", "a:\n\tb: c\n");
    let run = palisade(&folder, "eval privileged.pale bad.yaml");
    assert_eq!(
        (run.stderr.as_str(), run.status),
        ("error: bad.yaml:2:1: a tab cannot indent: use spaces\n", 3)
    );
}

#[test]
fn no_threads_is_no_number_of_threads() {
    for jobs in ["0", "x"] {
        let run = palisade(&folder(), &format!("lint --jobs {jobs}"));
        assert!(run.stderr.contains("write a number of threads, from 1 on"));
        assert_eq!(run.status, 2);
    }
}

#[cfg(unix)]
#[test]
fn build_writes_through_links_and_to_pipes_and_replaces_neither() {
    let folder = folder();
    folder.write("real.wasm", "old");
    let link = folder.path().join("link.wasm");
    std::os::unix::fs::symlink("real.wasm", &link).unwrap();
    assert_eq!(
        palisade(&folder, "build privileged.pale -o link.wasm").status,
        0
    );
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    let written = std::fs::read(folder.path().join("real.wasm")).unwrap();
    assert!(written.starts_with(b"\0asm"));

    // A pipe stands for every device: what must not be replaced is never tried on a real one.
    let pipe = folder.path().join("pipe.wasm");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let reader = {
        let pipe = pipe.clone();
        std::thread::spawn(move || std::fs::read(pipe).unwrap())
    };
    assert_eq!(
        palisade(&folder, "build privileged.pale -o pipe.wasm").status,
        0
    );
    assert!(!std::fs::metadata(&pipe).unwrap().is_file());
    assert_eq!(reader.join().unwrap(), written);

    let run = palisade(&folder, "build privileged.pale -o none/x.wasm");
    assert_eq!(
        (run.stderr.as_str(), run.status),
        (
            "error: cannot write none/x.wasm: there is no such folder\n",
            2
        )
    );
}

#[test]
fn fmt_lays_policies_out_and_says_which() {
    let folder = folder();
    let laid_out = LIMITS.trim_start();
    folder.write("limits.pale", laid_out);
    folder.write("privileged.pale", PRIVILEGED.trim_start());
    folder.write("odd.pale", &laid_out.replace("    ", " "));
    insta::assert_snapshot!(case(&folder, "fmt --check limits.pale odd.pale"));
    insta::assert_snapshot!(case(&folder, "fmt limits.pale odd.pale"));
    assert_eq!(folder.read("odd.pale"), laid_out);
    assert_eq!(palisade(&folder, "fmt --check .").status, 0);
    assert_eq!(
        pipe(&folder, "fmt -", b"policy  p on Pod{severity low\n}").status,
        0
    );
}

#[test]
fn fmt_leaves_what_it_cannot_parse() {
    let folder = folder();
    let broken = "policy p on Pod {\n  severity low\n  deny object.spec.hostPID == true \"m\"\n}\n";
    folder.write("broken.pale", broken);
    insta::assert_snapshot!(case(&folder, "fmt broken.pale"));
    assert_eq!(folder.read("broken.pale"), broken);
    assert_eq!(palisade(&folder, "fmt nowhere").status, 2);
}
