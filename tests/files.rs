//! Files that are no Kubernetes objects, through the whole program.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use serde_json::Value;
use support::{Folder, palisade, palisade_words, pipe};

const PACK: &str = r##"pack trial edition 2026

kind DockerDaemon from json "**/daemon.json" { icc: bool = true, "log-opts": {string: string} }
kind Compose from yaml "**/compose.yaml" { services: {string: { image: string?, privileged: bool = false }} }
kind Containerd from toml "**/containerd/config.toml" { version: int?, plugins: {string: any} }
kind Sysctl from keyvalue "**/sysctl.d/*.conf", "**/sysctl.conf" merged last { "net.ipv4.ip_forward": int = 0, a: int = 0 }
kind SshdConfig from keyvalue(separator: " ", comments: "#", caseless: true) "**/sshd_config.d/*.conf", "**/sshd_config" merged first {
    PermitRootLogin: string = "prohibit-password",
    AcceptEnv: [string],
}
kind Dockerfile from dockerfile "**/Dockerfile"

/// Containers of one network do not talk to each other
policy icc-off on DockerDaemon {
    severity medium
    require object.icc == false, "containers talk to each other"
        fix object.icc = false
    for name, value in object["log-opts"] { deny value == "", "`{name}` is empty" }
}

/// Services are not privileged
policy not-privileged on Compose {
    severity high
    for name, service in object.services {
        deny service.privileged == true, "`{name}` runs privileged"
            fix remove service.privileged
    }
}

/// Containerd speaks version 2
policy version-2 on Containerd {
    severity low
    require object.version == 2, "is of version {object.version}"
        fix object.version = 2
}

/// Nothing is forwarded
policy no-forwarding on Sysctl {
    severity low
    deny object["net.ipv4.ip_forward"] == 1, "forwards packets"
    deny object.a == 1, "a is 1"
}

/// Root does not log in
policy no-root-login on SshdConfig {
    severity high
    deny object.PermitRootLogin == "yes", "root may log in"
        fix object.PermitRootLogin = "no"
    for name in object.AcceptEnv { deny name == "LD_PRELOAD", "takes {name}" }
}

/// Images do not run as root
policy no-root on Dockerfile {
    severity high
    for stage in object.stages where stage.is_last {
        require stage.user is set, "`{stage.base}` runs as root" at stage.image
    }
}

/// No conflicts are left
policy no-conflicts on file {
    severity low
    for line in file.lines { deny line.starts_with("<<<<<<<"), "a conflict is left in {file.path}" }
}

/// Pods are few
policy few-pods on Pod { severity low deny object.metadata.name == "x", "is called x" }
"##;

fn folder(files: &[(&str, &str)]) -> Folder {
    let folder = Folder::new();
    folder.write("pack/pack.pale", PACK);
    for (name, text) in files {
        folder.write(name, text);
    }
    folder
}

const LINT: &str = "lint -p pack --no-stdlib --format compact";

/// What `lint` says about the folder `r`.
#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str], status: i32) {
    let folder = folder(files);
    let run = palisade(&folder, &format!("{LINT} r"));
    let lines: Vec<&str> = run.stdout.lines().chain(run.stderr.lines()).collect();
    assert_eq!((lines.as_slice(), run.status), (expected, status));
}

#[test]
fn files_of_every_format_are_found_and_judged_at_their_bytes() {
    check(
        &[
            (
                "r/etc/docker/daemon.json",
                "{\n  \"log-opts\": {\"é\": \"\"},\n  \"icc\": true\n}\n",
            ),
            ("r/compose.yaml", "services:\n  web: {privileged: true}\n"),
            ("r/etc/containerd/config.toml", "# c\nversion = 3\n"),
            (
                "r/app/Dockerfile",
                "ARG V=1\nFROM a:$V AS b\nUSER x\nFROM b\n",
            ),
            ("r/web/Dockerfile", "ARG V=1\nFROM a:$V\n"),
            ("r/README.md", "one\n<<<<<<< HEAD\n"),
            ("r/binary", "\0<<<<<<<"),
            ("r/other.conf", "net.ipv4.ip_forward = 1\n"),
        ],
        &[
            "r/README.md:2:1: low[no-conflicts] a conflict is left in r/README.md",
            "r/compose.yaml:2:21: high[not-privileged] `web` runs privileged",
            "r/etc/containerd/config.toml:2:11: low[version-2] is of version 3",
            "r/etc/docker/daemon.json:2:21: medium[icc-off] `é` is empty",
            "r/etc/docker/daemon.json:3:10: medium[icc-off] containers talk to each other",
            "r/web/Dockerfile:2:6: high[no-root] `a:1` runs as root",
        ],
        1,
    );
}

#[test]
fn values_of_another_type_are_findings_and_objects_stay_objects() {
    check(
        &[
            (
                "r/daemon.json",
                "{\"icc\": \"no\", \"log-opts\": {\"a\": 5}}",
            ),
            (
                "r/compose.yaml",
                "services: []\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: x}\nservices: {a: {privileged: true}}\n",
            ),
        ],
        &[
            "r/compose.yaml:1:11: high[not-privileged] `services` is a list where a map is expected",
            "r/compose.yaml:5:18: low[few-pods] is called x",
            "r/daemon.json:1:9: medium[icc-off] `icc` is a string where a bool is expected",
            "r/daemon.json:1:33: medium[icc-off] `a` is an int where a string is expected",
        ],
        1,
    );
}

#[test]
fn drop_in_files_are_one_object_and_values_keep_their_file() {
    check(
        &[
            ("r/node/etc/sysctl.conf", "net.ipv4.ip_forward=0\n"),
            (
                "r/node/etc/sysctl.d/10.conf",
                "net.ipv4.ip_forward=1\na=1\n",
            ),
            ("r/node/etc/sysctl.d/20.conf", "# b\na = 1\n"),
            ("r/edge/etc/sysctl.d/10.conf", "net.ipv4.ip_forward=1\n"),
            (
                "r/node/etc/ssh/sshd_config",
                "PermitRootLogin no\nAcceptEnv LANG\nAcceptEnv LC_ALL LD_PRELOAD\n",
            ),
            (
                "r/node/etc/ssh/sshd_config.d/1.conf",
                "permitrootlogin yes\nAcceptEnv LD_PRELOAD\n",
            ),
        ],
        &[
            "r/edge/etc/sysctl.d/10.conf:1:21: low[no-forwarding] forwards packets",
            "r/node/etc/ssh/sshd_config:3:18: high[no-root-login] takes LD_PRELOAD",
            "r/node/etc/ssh/sshd_config.d/1.conf:1:17: high[no-root-login] root may log in",
            "r/node/etc/ssh/sshd_config.d/1.conf:2:11: high[no-root-login] takes LD_PRELOAD",
            "r/node/etc/sysctl.d/20.conf:2:5: low[no-forwarding] a is 1",
        ],
        1,
    );
}

#[test]
fn what_cannot_be_read_is_an_error_at_its_place_and_the_rest_is_judged() {
    check(
        &[
            ("r/a/Dockerfile", "FROM a\nRUN <<EOF\nid\n"),
            ("r/etc/containerd/config.toml", "version = 1\nversion = 2\n"),
            ("r/etc/sysctl.conf", "net.ipv4.ip_forward=1\nbroken\n"),
            ("r/etc/sysctl.d/1.conf", "also broken\n"),
            ("r/daemon.json", "{\"icc\": true,}"),
        ],
        &[
            "r/a/Dockerfile:1:6: high[no-root] `a` runs as root",
            "r/etc/sysctl.conf:1:21: low[no-forwarding] forwards packets",
            "r/a/Dockerfile:2:5: error the here document `EOF` has no end",
            "r/daemon.json:1:14: error expected a key in double quotes",
            "r/etc/containerd/config.toml:2:1: error `version` is given twice",
            "r/etc/sysctl.conf:2:1: error expected a key, `=` and a value",
            "r/etc/sysctl.d/1.conf:1:1: error expected a key, `=` and a value",
        ],
        3,
    );
}

#[test]
fn a_name_says_what_standard_input_and_named_files_are() {
    let folder = folder(&[
        ("x/notes.txt", "<<<<<<< HEAD\n"),
        ("x/Dockerfile", "FROM a\n"),
    ]);
    let run = pipe(
        &folder,
        &format!("{LINT} --stdin-filename etc/sysctl.conf -"),
        b"a=1\n",
    );
    assert_eq!(
        run.stdout,
        "etc/sysctl.conf:1:3: low[no-forwarding] a is 1\n"
    );
    let run = palisade(&folder, &format!("{LINT} x/Dockerfile"));
    assert_eq!(
        run.stdout,
        "x/Dockerfile:1:6: high[no-root] `a` runs as root\n"
    );
    assert_eq!((run.stderr.as_str(), run.status), ("", 1));
}

#[test]
fn json_and_yaml_are_fixed_and_other_formats_say_why_not() {
    let folder = folder(&[
        ("r/daemon.json", "{\n  \"debug\": true\n}\n"),
        (
            "r/compose.yaml",
            "services:\n  web:\n    image: x  # kept\n    privileged: true\n",
        ),
        ("r/containerd/config.toml", "version = 1\n"),
        ("r/etc/sshd_config", "PermitRootLogin yes\n"),
        ("r/etc/sshd_config.d/a.conf", "X11Forwarding no\n"),
    ]);
    let run = palisade(&folder, "lint -p pack --no-stdlib --fix --format json r");
    assert_eq!(
        folder.read("r/daemon.json"),
        "{\n  \"debug\": true,\n  \"icc\": false\n}\n"
    );
    assert_eq!(
        folder.read("r/compose.yaml"),
        "services:\n  web:\n    image: x  # kept\n"
    );
    assert_eq!(folder.read("r/containerd/config.toml"), "version = 1\n");
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["summary"]["fixed"], 2);
    let left: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["policy"].as_str().unwrap())
        .collect();
    assert_eq!(left, ["version-2", "no-root-login"]);
    let run = palisade(&folder, "lint -p pack --no-stdlib --color never r");
    for reason in [
        "files of this format are not changed",
        "its value is spread over",
    ] {
        assert!(run.stdout.contains(reason), "{}", run.stdout);
    }
}

#[test]
fn eval_is_told_the_kind_and_says_what_lint_says() {
    let files = [
        (
            "daemon.json",
            "DockerDaemon",
            "{\"icc\": true, \"log-opts\": {\"a\": \"\"}}",
        ),
        (
            "compose.yaml",
            "Compose",
            "services: {web: {privileged: true}, api: 1}\n",
        ),
        ("containerd/config.toml", "Containerd", "[plugins]\n"),
        ("etc/sysctl.conf", "Sysctl", "a=1\nnet.ipv4.ip_forward=x\n"),
        ("Dockerfile", "Dockerfile", "FROM a\n"),
        ("notes", "file", "<<<<<<<\n"),
    ];
    let folder = folder(&files.map(|(name, _, text)| (name, text)));
    for (name, kind, _) in files {
        let run = palisade(&folder, &format!("eval pack {name} --kind {kind}"));
        let verdict: Value = serde_json::from_str(&run.stdout).unwrap();
        let said: Vec<String> = verdict["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|found| format!("{} {}", found["path"], found["message"]))
            .collect();
        let run = palisade(
            &folder,
            &format!("lint -p pack --no-stdlib --format json {name}"),
        );
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let mut expected: Vec<String> = findings
            .iter()
            .map(|found| format!("{} {}", found["path"], found["message"]))
            .collect();
        let mut said = said;
        said.sort();
        expected.sort();
        assert_eq!(said, expected, "{name}");
        assert!(!said.is_empty(), "{name}");
    }
    let run = palisade(&folder, "eval pack daemon.json --kind DockerDaemons");
    assert_eq!(run.status, 2);
    assert!(
        run.stderr
            .contains("no policy is on files of that kind; write `DockerDaemon`"),
        "{}",
        run.stderr
    );
}

#[test]
fn marks_are_tested_in_the_comments_of_each_format() {
    let files = [
        (
            "pack/tests/no-root/Dockerfile",
            "FROM a\n#~^ no-root: runs as root\n",
        ),
        ("pack/tests/no-root/fine/Dockerfile", "FROM a\nUSER 1\n"),
        (
            "pack/tests/no-root/unknown/Dockerfile",
            "ARG A\nFROM $A\nUSER 1\n",
        ),
        ("pack/tests/icc-off/daemon.json", "{\"icc\": true}\n"),
        ("pack/tests/icc-off/daemon.expect", "1 icc-off: talk\n"),
        ("pack/tests/icc-off/daemon.fixed.json", "{\"icc\": false}\n"),
        (
            "pack/tests/version-2/containerd/config.toml",
            "version = 1 #~ version-2\n",
        ),
        (
            "pack/tests/no-forwarding/sysctl.conf",
            "a = 1\n#~^ no-forwarding\n",
        ),
        (
            "pack/tests/not-privileged/compose.yaml",
            "services:\n  a: {privileged: true} #~ not-privileged\n",
        ),
    ];
    let folder = folder(&files);
    let run = palisade(&folder, "test pack");
    assert_eq!(
        run.stdout, "trial: 7 tests passed, 5 findings\n",
        "{}",
        run.stderr
    );
    folder.write("pack/tests/no-root/Dockerfile", "FROM a\n");
    let run = palisade(&folder, "test pack");
    assert_eq!(run.status, 1);
    assert!(
        run.stdout.contains("no-root/Dockerfile:1:6"),
        "{}",
        run.stdout
    );
}

#[test]
fn the_threads_and_the_order_of_paths_do_not_show() {
    let mut files = Vec::new();
    for nth in 0..40 {
        files.push((format!("r/{nth}/sysctl.conf"), "a=0\n".to_owned()));
        files.push((
            format!("r/{nth}/sysctl.d/x.conf"),
            format!("a={}\n", nth % 2),
        ));
        files.push((format!("r/{nth}/Dockerfile"), "FROM a\n".to_owned()));
    }
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    let folder = folder(&files);
    let one = palisade(&folder, &format!("{LINT} -j 1 r"));
    assert_eq!(one.stdout.lines().count(), 40);
    for jobs in ["2", "7"] {
        let words = [
            "lint",
            "-p",
            "pack",
            "--no-stdlib",
            "--format",
            "compact",
            "-j",
            jobs,
            "r",
        ];
        assert_eq!(palisade_words(folder.path(), &words), one);
    }
}

#[test]
fn packs_use_the_kinds_that_come_with_palisade() {
    let folder = Folder::new();
    folder.write(
        "pack/pack.pale",
        r#"pack trial edition 2026

use files

/// Workflows say what their token may do
policy permissions on GitHubWorkflow {
    severity medium
    require object.permissions is set, "says nothing of permissions"
    for name, job in object.jobs {
        for step in job.steps {
            deny (step.uses ?? "") matches r"@(main|master)$", "`{name}` uses `{step.uses}`" at step.uses
        }
    }
    deny (object.on as string) == "pull_request_target", "runs with secrets for strangers" at object.on
}

/// Root does not log in
policy no-root-login on SshdConfig {
    severity high
    deny object.PermitRootLogin == "yes", "root may log in"
}
"#,
    );
    folder.write(
        "r/.github/workflows/ci.yml",
        "on: pull_request_target\njobs:\n  build:\n    steps:\n      - uses: actions/checkout@main\n",
    );
    folder.write("r/etc/ssh/sshd_config", "permitRootLogin yes\n");
    let run = palisade(&folder, &format!("{LINT} r"));
    assert_eq!(
        run.stdout.lines().collect::<Vec<_>>(),
        [
            "r/.github/workflows/ci.yml:1:1: medium[permissions] says nothing of permissions",
            "r/.github/workflows/ci.yml:1:5: medium[permissions] runs with secrets for strangers",
            "r/.github/workflows/ci.yml:5:15: medium[permissions] `build` uses `actions/checkout@main`",
            "r/etc/ssh/sshd_config:1:17: high[no-root-login] root may log in",
        ],
        "{}",
        run.stderr
    );
}

#[test]
fn secrets_are_shown_nowhere() {
    let folder = Folder::new();
    folder.write(
        "pack/pack.pale",
        r#"pack trial edition 2026

kind Logins from yaml "**/logins.yaml" { logins: [{ user: string, password: secret? }] }
kind Vault for vault.example { spec: { tokens: {string: secret} } }

/// a
policy logins on Logins {
    severity high
    for l in object.logins { deny l.password is set, "`{l.user}` has a password" at l }
}

/// b
policy vaults on Vault {
    severity high
    for name, token in object.spec.tokens { deny len(token) < 9, "`{name}` is short" at token }
}

/// c
policy secrets on Secret {
    severity high
    for name, value in object.stringData { deny value is not empty, "`{name}` is written here" }
    deny object.metadata.name == "shop", "is called shop"
}
"#,
    );
    folder.write(
        "r/logins.yaml",
        "logins:\n- user: eve\n  password: hunter2 # a comment\n",
    );
    let vault = "apiVersion: vault.example/v1\nkind: Vault\nmetadata: {name: a}\nspec:\n  tokens:\n    one: \"geheim\"\n";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: shop, annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"data\": \"aHVudGVyMg==\"}'}}\ndata: {key: aHVudGVyMg==}\nstringData:\n  text: |\n    hunter2\n    geheim\n  plain: hunter2\n";
    folder.write("r/objects.yaml", &format!("{vault}---\n{secret}"));
    let said = palisade(&folder, "lint -p pack --no-stdlib r");
    insta::assert_snapshot!(said);
    for format in ["pretty", "compact", "json", "jsonl"] {
        let said = palisade(&folder, &format!("lint -p pack --no-stdlib -f {format} r"));
        assert_eq!(said.status, 1, "{said}");
        for secret in ["hunter2", "geheim", "aHVudGVyMg"] {
            assert!(!said.to_string().contains(secret), "{said}");
        }
    }
}
