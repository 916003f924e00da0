//! Which policies run: profiles, switches and parameters.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use support::{Folder, case, palisade, pipe};

const POLICIES: &str = r#"
/// Pods have a network of their own
policy no-host-network on pod {
    severity high
    profiles pss-baseline, pss-restricted

    deny pod.spec.hostNetwork == true, "uses the host's network"
}

/// Pods do not see the host's processes
policy no-host-pid on pod {
    severity high
    profiles pss-restricted
    default off

    deny pod.spec.hostPID == true, "shares the host's PID namespace"
}

/// Pods do not share memory with the host
policy no-host-ipc on pod {
    severity low

    deny pod.spec.hostIPC == true, "shares the host's IPC namespace"
}
"#;

const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec: {hostNetwork: true, hostPID: true, hostIPC: true, containers: [{name: app}]}
";

const LINT: &str = "lint --no-stdlib -f compact -p pods.pale pod.yaml";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("pods.pale", POLICIES);
    folder.write("pod.yaml", POD);
    folder
}

/// The policies that find something, in the order of their names.
fn found(options: &str) -> Vec<String> {
    let folder = folder();
    let run = palisade(&folder, format!("{LINT} {options}").trim_end());
    assert_eq!(run.stderr, "");
    let names = run.stdout.lines().map(|line| {
        let (_, rest) = line.split_once('[').unwrap();
        rest.split_once(']').unwrap().0.to_owned()
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

#[test]
fn a_profile_runs_its_policies_and_no_others() {
    let cases: [(&str, &[&str]); 12] = [
        ("", &["no-host-ipc", "no-host-network"]),
        ("--profile default", &["no-host-ipc", "no-host-network"]),
        (
            "--profile all",
            &["no-host-ipc", "no-host-network", "no-host-pid"],
        ),
        ("--profile pss-baseline", &["no-host-network"]),
        ("--profile baseline", &["no-host-network"]),
        ("--profile restricted", &["no-host-network", "no-host-pid"]),
        (
            "--profile baseline --profile default",
            &["no-host-ipc", "no-host-network"],
        ),
        (
            "--profile baseline --enable no-host-ipc",
            &["no-host-ipc", "no-host-network"],
        ),
        (
            "--enable no-host-pid",
            &["no-host-ipc", "no-host-network", "no-host-pid"],
        ),
        (
            "--enable pods",
            &["no-host-ipc", "no-host-network", "no-host-pid"],
        ),
        ("--disable no-host-network", &["no-host-ipc"]),
        (
            "--profile all --disable no-host-pid,no-host-ipc",
            &["no-host-network"],
        ),
    ];
    for (options, expected) in cases {
        assert_eq!(found(options), expected, "{options}");
    }
}

#[test]
fn a_name_that_nothing_has_is_refused_with_what_was_meant() {
    let folder = folder();
    for options in [
        "--profile basline",
        "--profile strict",
        "--enable no-host-netwrok",
        "--disable pod",
        "--param no-host-pod.max=1",
        "--param max=1",
        "--param no-host-pid.max",
    ] {
        let name = options.replace([' ', '.', '='], "_");
        let command = format!("{LINT} {options}");
        insta::assert_snapshot!(format!("refused{name}"), case(&folder, &command));
    }
}

/// A pack whose policies can be set.
const SETTABLE: &str = r#"
/// Memory is limited
policy memory-limit on pod {
    severity medium
    profiles strict
    param max: quantity = 4Gi where max >= 1Mi

    for c in containers(pod) {
        let limit = c.resources.limits["memory"]
        require limit is set and limit <= max, "container `{c.name}` may use more than {max}"
    }
}

/// Names are among those that are known
policy known-name on Pod {
    severity low
    default off
    param names: [string]

    require object.metadata.name in names, "`{object.metadata.name}` is not known"
}

profile tight extends strict {
    set memory-limit.max = 1Gi
}
"#;

fn settable() -> Folder {
    let folder = Folder::new();
    folder.write("set.pale", SETTABLE);
    let limits = "containers: [{name: app, resources: {limits: {memory: 2Gi}}}]";
    folder.write(
        "pod.yaml",
        &format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{{limits}}}\n"),
    );
    folder
}

#[test]
fn a_parameter_is_what_the_command_line_says_else_the_profile_else_its_default() {
    let folder = settable();
    let lint = "lint --no-stdlib -q -f compact -p set.pale pod.yaml";
    for (options, expected) in [
        ("", ""),
        (" --profile tight", "may use more than 1Gi"),
        (" --profile tight --param memory-limit.max=3Gi", ""),
        (" --param memory-limit.max=1.5Gi", "may use more than 1.5Gi"),
        (
            " --param memory-limit.max=1000",
            "--param: `memory-limit.max`",
        ),
        (
            " --enable known-name --param known-name.names=[\"web\"]",
            "",
        ),
        (
            " --enable known-name --param known-name.names=[\"a\"]",
            "`web` is not known",
        ),
    ] {
        let run = palisade(&folder, &format!("{lint}{options}"));
        let said = format!("{}{}", run.stdout, run.stderr);
        assert_eq!(said.is_empty(), expected.is_empty(), "{options}: {run}");
        assert!(said.contains(expected), "{options}: {run}");
    }
}

#[test]
fn a_wrong_parameter_is_refused_in_words_about_the_option() {
    let folder = settable();
    let lint = "lint --no-stdlib -f compact -p set.pale pod.yaml";
    for (name, options) in [
        ("kind", "--param memory-limit.max=true"),
        ("quantity", "--param memory-limit.max=much"),
        ("constraint", "--param memory-limit.max=1Ki"),
        (
            "element",
            "--enable known-name --param known-name.names=[\"a\",7]",
        ),
        ("name", "--param memory-limit.maximum=1Gi"),
        ("missing", "--enable known-name"),
        ("null", "--enable known-name --param known-name.names=null"),
    ] {
        insta::assert_snapshot!(
            format!("param_{name}"),
            case(&folder, &format!("{lint} {options}"))
        );
    }
}

#[test]
fn nothing_left_to_run_is_an_error() {
    let folder = folder();
    insta::assert_snapshot!(case(&folder, &format!("{LINT} --disable pods")));
    let allowed = palisade(&folder, &format!("{LINT} --disable pods --allow-empty"));
    assert_eq!((allowed.status, allowed.stdout.as_str()), (0, ""));
}

#[test]
fn a_pack_without_policies_is_an_error() {
    let folder = folder();
    folder.write("empty/pack.pale", "pack nothing edition 2026\n");
    let lint = "lint -p pods.pale -p empty -f compact pod.yaml";
    insta::assert_snapshot!(case(&folder, lint));
    assert_eq!(
        palisade(&folder, &format!("{lint} --allow-empty")).status,
        1
    );
}

#[test]
fn findings_of_the_reader_can_be_left_out() {
    let folder = folder();
    let twice = POD.replace("hostPID: true", "hostIPC: true");
    folder.write("pod.yaml", &twice);
    let run = palisade(&folder, LINT);
    assert!(run.stdout.contains("[yaml-duplicate-key]"), "{run}");
    for name in ["yaml-duplicate-key", "palisade"] {
        let run = palisade(&folder, &format!("{LINT} --disable {name}"));
        assert!(!run.stdout.contains("yaml-duplicate-key"), "{run}");
        assert_eq!(run.status, 1);
    }
}

#[test]
fn the_summary_counts_what_ran() {
    let folder = folder();
    let run = palisade(
        &folder,
        "lint --no-stdlib -p pods.pale pod.yaml --profile baseline",
    );
    let summary = "1 finding (1 high) · 1 file, 1 object, 1 policy\n";
    assert!(run.stdout.ends_with(summary), "{run}");
}

#[test]
fn a_line_for_each_thing_that_is_said() {
    let folder = folder();
    folder.write("bad.yaml", "a: [");
    folder.write("chart/Chart.yaml", "name: chart\n");
    folder.write("chart/templates/pod.yaml", "{{ x }}");
    insta::assert_snapshot!(case(&folder, "lint --no-stdlib -p pods.pale -f jsonl ."));
}

#[test]
fn standard_input_has_the_name_that_it_is_given() {
    let folder = folder();
    let lint = "lint --no-stdlib -f compact -p pods.pale --stdin-filename deploy/web.yaml";
    let run = pipe(&folder, &format!("{lint} -"), POD.as_bytes());
    assert!(run.stdout.starts_with("deploy/web.yaml:4:"), "{run}");
    insta::assert_snapshot!(case(&folder, &format!("{lint} pod.yaml")));
    // The name says which format it is.
    let json = br#"{"apiVersion": "v1", "kind": "Pod", }"#;
    let run = pipe(
        &folder,
        &format!("{lint} -").replace(".yaml", ".json"),
        json,
    );
    assert_eq!(run.status, 3, "{run}");
}

#[test]
fn a_report_is_written_to_a_file_as_a_whole() {
    let folder = folder();
    for format in ["pretty", "compact", "json", "jsonl"] {
        let lint = format!("lint --no-stdlib -p pods.pale pod.yaml -f {format}");
        let printed = palisade(&folder, &lint);
        folder.write("report.txt", "old");
        let written = palisade(&folder, &format!("{lint} --output report.txt"));
        assert_eq!((written.status, written.stdout.as_str()), (1, ""));
        assert_eq!(folder.read("report.txt"), printed.stdout, "{format}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
}
