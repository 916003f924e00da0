//! Documents in texts, and what functions read in them: places on the command line, and what is wrong with the input.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use support::{Run, palisade_words};

/// What a pack of one file finds in a manifest: `line:column path: message` sorted, and how many results are unknown.
fn lint(policies: &str, manifest: &str) -> (Vec<String>, usize) {
    let folder = TempDir::new().unwrap();
    let pale = folder.path().join("trial.pale");
    let yaml = folder.path().join("trial.yaml");
    std::fs::write(&pale, policies).unwrap();
    std::fs::write(&yaml, manifest).unwrap();
    let words = [
        "lint",
        "--no-stdlib",
        "--format",
        "json",
        "--policies",
        pale.to_str().unwrap(),
        yaml.to_str().unwrap(),
    ];
    let run: Run = palisade_words(Path::new("."), &words);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run}"));
    let findings = report["findings"].as_array().unwrap().iter();
    let mut found: Vec<String> = findings
        .map(|finding| {
            let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
            format!(
                "{}:{} {}: {}",
                finding["line"],
                finding["column"],
                text("path"),
                text("message")
            )
        })
        .collect();
    found.sort();
    (found, report["unknown"].as_array().unwrap().len())
}

const CONFIG: &str = "
type Config = { enabled: bool?, issuer: string?, storage: { type: string? }?, list: [any], deep: string? }

/// Trial
policy trial on ConfigMap {
    severity high
    for name, text in object.data {
        let config = parse_yaml(text) as Config
        require config is known, \"{name} is no document\"
        deny config.enabled == true, \"enabled\"
        deny config.storage.type == \"memory\", \"in memory\"
        deny any x in config.list: x == \"bad\", \"bad\"
        deny parse_json(config.deep ?? \"{{}}\").inner.bad == true, \"deep\"
        require config.issuer is set, \"no issuer\"
    }
}
";

#[test]
fn a_finding_in_a_text_stands_where_it_is_written() {
    let manifest = r#"apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  block: |
    # a comment
    issuer: x
    storage:
      type: memory
    list: [good, "bad"]
  quoted: "issuer: x\nlist:\n- \"bad\"\n"
  single: '{"issuer": "x", "enabled": true}'
  folded: >-
    {"issuer": "x",
    "deep": "{\"inner\": {\"bad\": true}}"}
  shape: |
    issuer: x
    enabled: "yes"
  missing: |
    storage: {}
"#;
    let (found, n_unknown) = lint(CONFIG, manifest);
    assert_eq!(
        found,
        [
            "10:18 data.block -> list[1]: bad",
            "11:32 data.quoted -> list[0]: bad",
            "12:39 data.single -> enabled: enabled",
            "15:36 data.folded -> deep -> inner.bad: deep",
            "18:14 data.shape -> enabled: `enabled` is a string where a bool is expected",
            "20:5 data.missing -> issuer: no issuer",
            "9:13 data.block -> storage.type: in memory",
        ]
    );
    assert_eq!(n_unknown, 0);
}

#[test]
fn what_is_no_document_is_found_and_never_passes() {
    let bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\\n".to_owned()
        + &(b'b'..=b'j')
            .map(|letter| {
                let before = char::from(letter - 1);
                let all = vec![format!("*{before}"); 10].join(", ");
                format!("{0}: &{0} [{all}]\\n", char::from(letter))
            })
            .collect::<String>();
    let nested = "[".repeat(10_000);
    let texts = [
        ("bomb", bomb),
        ("nested", nested),
        ("cut", "{\\\"a\\\": ".to_owned()),
        ("tab", "a:\\n\\tb: 1".to_owned()),
        ("two", "a: 1\\n---\\nb: 2".to_owned()),
        ("anchor", "a: *missing".to_owned()),
    ];
    let mut manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n".to_owned();
    for (name, text) in &texts {
        manifest.push_str(&format!("  {name}: \"{text}\"\n"));
    }
    let (found, n_unknown) = lint(CONFIG, &manifest);
    let expected: Vec<String> = {
        let mut lines: Vec<String> = texts
            .iter()
            .enumerate()
            .map(|(nth, (name, _))| {
                let column = name.len() + 5;
                format!("{}:{column} data.{name}: {name} is no document", nth + 5)
            })
            .collect();
        lines.sort();
        lines
    };
    assert_eq!(found, expected);
    // All other checks say that they could not be decided: `list` and `deep` of what is unknown, too.
    assert_eq!(n_unknown, 5 * texts.len());
}

#[test]
fn texts_in_base64_have_the_place_of_the_outer_text() {
    let policies = "
/// Trial
policy trial on Secret {
    severity high
    for name, value in object.data {
        let text = base64_decode(value)
        require text is set, \"{name} is no base64\"
        let outer = parse_yaml(text)
        deny parse_json(outer.inner as string ?? \"{{}}\").a == 1, \"inner\"
        deny outer.b == 2, \"outer\"
    }
}
";
    // inner: '{"a": 1}' and b: 2; no base64; base64 of no YAML.
    let manifest = "apiVersion: v1
kind: Secret
metadata: {name: a}
data:
  good: aW5uZXI6ICd7ImEiOiAxfScKYjogMgo=
  bad: '*'
  torn: ey0=
";
    let (found, n_unknown) = lint(policies, manifest);
    assert_eq!(
        found,
        [
            "5:9 data.good -> b: outer",
            "5:9 data.good -> inner -> a: inner",
            "6:8 data.bad: bad is no base64",
        ]
    );
    assert_eq!(n_unknown, 2);
}

#[test]
fn flags_have_the_places_of_their_words() {
    let policies = "
type Flags = { \"anonymous-auth\": bool = true, \"authorization-mode\": [string], maxage: int? }

/// Trial
policy trial on Pod {
    severity high
    for c in object.spec.containers {
        let given = flags(c.command + c.args) as Flags
        require given[\"anonymous-auth\"] == false, \"anonymous\"
        deny \"AlwaysAllow\" in given[\"authorization-mode\"], \"mode\"
        require given.maxage is set, \"no age\"
        require given.maxage >= 30, \"age {given.maxage}\"
    }
}
";
    let manifest = "apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: a
    command: [x, --anonymous-auth=false, --anonymous_auth, --maxage, '7']
    args: [--authorization-mode=Node, '--authorization-mode=RBAC,AlwaysAllow']
  - name: b
    command: [x, --anonymous-auth=yes, --maxage=many]
";
    let (found, n_unknown) = lint(policies, manifest);
    assert_eq!(
        found,
        [
            "10:18 spec.containers[1].command[1]: `anonymous-auth` is a string where a bool is expected",
            "10:40 spec.containers[1].command[2]: `maxage` is a string where an int is expected",
            "7:42 spec.containers[0].command[2]: anonymous",
            "7:70 spec.containers[0].command[4]: age 7",
            "8:39 spec.containers[0].args[1]: mode",
        ]
    );
    assert_eq!(n_unknown, 0);
}

#[test]
fn scripts_are_read_by_commands() {
    let policies = "
/// Trial
policy trial on Pod {
    severity high
    for c in object.spec.containers {
        for word in c.command + c.args {
            deny any run in shell(word): run.name == \"sudo\", \"runs sudo\"
        }
    }
}
";
    let manifest = "apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: a
    command: [sh, -c, 'A=1 /usr/bin/sudo id']
    args: ['echo pseudo', \"x; if true; then echo $(sudo id); fi\"]
";
    let (found, n_unknown) = lint(policies, manifest);
    assert_eq!(
        found,
        [
            "7:28 spec.containers[0].command[2]: runs sudo",
            "8:52 spec.containers[0].args[1]: runs sudo",
        ]
    );
    assert_eq!(n_unknown, 0);
}

/// What a pack of one file finds in a file of a name: for each finding the bytes that it points at, in order.
fn pointed_at(policies: &str, name: &str, text: &str) -> Vec<String> {
    let folder = TempDir::new().unwrap();
    let pale = folder.path().join("trial.pale");
    let file = folder.path().join(name);
    std::fs::write(&pale, policies).unwrap();
    std::fs::write(&file, text).unwrap();
    let words = [
        "lint",
        "--no-stdlib",
        "--format",
        "json",
        "--policies",
        pale.to_str().unwrap(),
        file.to_str().unwrap(),
    ];
    let run: Run = palisade_words(Path::new("."), &words);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run}"));
    let findings = report["findings"].as_array().unwrap().iter();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let offset = |line: &Value, column: &Value| {
        let (line, column) = (line.as_u64().unwrap(), column.as_u64().unwrap());
        let before: usize = lines[..line as usize - 1].iter().map(|l| l.len()).sum();
        let letters = lines.get(line as usize - 1).unwrap_or(&"").chars();
        before
            + letters
                .take(column as usize - 1)
                .map(char::len_utf8)
                .sum::<usize>()
    };
    findings
        .map(|finding| {
            let start = offset(&finding["line"], &finding["column"]);
            let end = offset(&finding["end_line"], &finding["end_column"]);
            format!(
                "{}|{}",
                &text[start..end],
                finding["message"].as_str().unwrap()
            )
        })
        .collect()
}

#[test]
fn a_part_of_a_text_stands_at_its_bytes() {
    let policies = r##"
type Config = { hosts: string?, script: string? }

/// Trial
policy trial on ConfigMap {
    severity high
    for name, text in object.data where name != "config" and name != "documents" {
        deny any found in find_all(text, r"pass\w*"): found == found, "password"
        for part in split(text, ";") {
            deny trim(part) == "ünsafe", "unsafe"
            deny "evil" in split(part, "="), "evil"
        }
        for c in shell(text) where c.name == "rm" {
            deny "-rf" in c.words, "{c.words}"
            deny c.after == "&&", "after"
        }
        deny substring(text, 0, 2) == "#!", "script"
        deny any w in split(trim_prefix(text, "#!"), " "): trim_suffix(w, ".sh") == "run", "runs"
    }
    let config = parse_yaml(object.data["config"] ?? "") as Config
    deny any host in split(config.hosts ?? "", ","): host == "ä.example", "host"
    for c in shell(config.script ?? "") {
        deny c.name == "sudo", "sudo"
        deny any inner in shell(c.words[2] ?? ""): inner.name == "id", "id"
    }
    for text in split(object.data["documents"] ?? "", "---\n") {
        let part = parse_yaml(text) as Config
        deny part.hosts == "x", "part"
        deny any host in split(part.hosts ?? "", ","): host == "y", "part of part"
    }
}
"##;
    let manifest = r##"apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  plain: user;password; ünsafe ;a=evil
  double: "pass\u0077ord\t;\u00fcnsafe"
  single: 'it''s passé;; ünsafe'
  literal: |
    x
      passphrase
    a=b=evil;c
  folded: >-
    first passwords
    and; ünsafe
  shell: |-
    cd / && rm "-rf" 'a b'
    # rm -rf /
  first: "#!run.sh now"
  second: ü

    run.sh
  config: |
    hosts: 'a,ä.example,b'
    script: >
      cd x;
      sudo  ls
      && sh -c 'id -u'
  documents: |
    ---
    hosts: x
    ---
    hosts: "x,y"
    ---
    hosts: x
"##;
    assert_eq!(
        pointed_at(policies, "trial.yaml", manifest),
        [
            "password|password",
            "ünsafe|unsafe",
            "evil|evil",
            r"pass\u0077ord|password",
            r"\u00fcnsafe|unsafe",
            "pass|password",
            "ünsafe|unsafe",
            "passphrase|password",
            "evil|evil",
            "passwords|password",
            "ünsafe|unsafe",
            "rm \"-rf\" 'a b'|after",
            "\"-rf\"|rm, -rf and a b",
            "#!|script",
            "run|runs",
            "ä.example|host",
            "sudo|sudo",
            "'id -u'|id",
            "x|part",
            "y|part of part",
            "x|part",
        ]
    );
}

#[test]
fn torn_certificates_and_odd_schedules_are_told() {
    let policies = "
/// Trial
policy trial on ConfigMap {
    severity high
    for name, text in object.data {
        when text like \"-----**\" {
            for c in certificates(text) {
                require c.is_ca, \"{name}: {c.subject}\"
            }
        } else {
            require cron(text) is set or url(text) is set, \"{name} is neither\"
        }
    }
}
";
    let manifest = "apiVersion: v1
kind: ConfigMap
metadata: {name: a}
data:
  torn: |
    -----BEGIN CERTIFICATE-----
    MIICYjCCAcugAwIBAgIURjFh
    -----END CERTIFICATE-----
  letters: |
    -----BEGIN CERTIFICATE-----
    not base64 at all
  none: |
    -----BEGIN PRIVATE KEY-----
  daily: '@daily'
  site: https://a.example
  seconds: '* * * * * *'
  sunday: 0 0 * * 7
";
    let (found, n_unknown) = lint(policies, manifest);
    assert_eq!(
        found,
        [
            "16:12 data.seconds: seconds is neither",
            "17:11 data.sunday: sunday is neither",
        ]
    );
    assert_eq!(n_unknown, 2);
}
