//! Readers of files that are no Kubernetes objects: values, places, and what is wrong.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod common;

use palisade_abi::tape::{Kind, NodeId, Value};
use palisade_lang::check::{Options, Source, compile};
use palisade_lang::program::FileKind;
use palisade_lang::span::FileId;
use palisade_lint::files::{self, FileMatcher};
use palisade_lint::manifest::{Document, Read};

/// The kind that a declaration makes.
fn kind(declaration: &str) -> FileKind {
    let text = format!(
        "{declaration}\n/// Trial\npolicy trial on K {{ severity low deny object is empty, \"x\" }}\n"
    );
    let source = Source {
        file: FileId(0),
        path: "k.pale",
        text: &text,
    };
    let compiled = compile(&[source], &Options::default());
    let errors = format!("{:?}", compiled.diagnostics);
    let program = compiled.program.unwrap_or_else(|| panic!("{errors}"));
    program.files.into_iter().next().unwrap()
}

fn read(declaration: &str, text: &str) -> Read {
    files::read(text.as_bytes(), "dir/name", &kind(declaration))
}

/// Scalars below `prefix` as `path: value @ text`, the text left out where it is the value.
fn leaves(document: &Document, text: &str, prefix: &str) -> Vec<String> {
    let nodes = (0..u32::try_from(document.tape.len()).unwrap()).map(NodeId);
    nodes
        .filter(|&node| document.path(node).starts_with(prefix))
        .filter_map(|node| {
            let value = match document.tape.value(node) {
                Value::List(_) | Value::Map(_) => return None,
                Value::Null => "null".to_owned(),
                Value::Bool(value) => value.to_string(),
                Value::Int(value) => value.to_string(),
                Value::Float(text) => text.to_owned(),
                Value::String(text) => format!("{text:?}"),
                Value::Unknown(text) => format!("?{text:?}"),
            };
            let path = document.path(node);
            let path = path.strip_prefix(prefix).unwrap();
            let written = document.span(node).text(text);
            if written == value || format!("{written:?}") == value {
                return Some(format!("{path}: {value}"));
            }
            Some(format!("{path}: {value} @ {written:?}"))
        })
        .collect()
}

#[track_caller]
fn check(declaration: &str, text: &str, prefix: &str, expected: &[&str]) {
    let found = read(declaration, text);
    assert_eq!(found.problems, []);
    assert_eq!(leaves(&found.documents[0], text, prefix), expected);
}

/// What is wrong, as `text: message`.
#[track_caller]
fn check_problems(declaration: &str, text: &str, expected: &[&str]) -> Read {
    let found = read(declaration, text);
    let seen: Vec<String> = found
        .problems
        .iter()
        .map(|problem| format!("{}: {}", problem.span.text(text), problem.message))
        .collect();
    assert_eq!(seen, expected);
    found
}

const DOCKERFILE: &str = "kind K from dockerfile \"**/Dockerfile\"";
const SYSCTL: &str = "kind K from keyvalue \"**/sysctl.conf\" merged last {
    \"net.ipv4.ip_forward\": int?, \"kernel.core_pattern\": string?, strict: bool?, list: [int] }";
const SSHD: &str =
    "kind K from keyvalue(separator: \" \", comments: \"#\", caseless: true, blocks: \"Match\")
    \"**/sshd_config\" merged first {
    PermitRootLogin: string?, UsePAM: bool?, Port: [int], AllowUsers: [string],
    Match: [{ condition: string, X11Forwarding: bool? }] }";

#[test]
fn stages_know_their_images_names_and_users() {
    let text = "# syntax=docker/dockerfile:1\n\
        ARG TAG=3.20\n\
        ARG REPO\n\
        FROM --platform=linux/amd64 alpine:${TAG} AS build\n\
        USER 1000:1000\n\
        FROM build\n\
        FROM $REPO/app\n\
        FROM scratch as Last\n";
    check(
        DOCKERFILE,
        text,
        "stages",
        &[
            "[0].base: \"alpine:3.20\" @ \"alpine:${TAG}\"",
            "[0].name: \"build\"",
            "[0].platform: \"linux/amd64\" @ \"--platform=linux/amd64\"",
            "[0].user: \"1000:1000\"",
            "[0].is_last: false @ \"alpine:${TAG}\"",
            "[0].image: \"alpine:3.20\" @ \"alpine:${TAG}\"",
            "[0].instructions[0].name: \"USER\"",
            "[0].instructions[0].text: \"1000:1000\"",
            "[0].instructions[0].words[0]: \"1000:1000\"",
            "[0].instructions[0].exec: false @ \"USER 1000:1000\"",
            "[0].instructions[0].on_build: false @ \"USER 1000:1000\"",
            "[1].parent: \"build\"",
            "[1].base: \"alpine:3.20\" @ \"alpine:${TAG}\"",
            "[1].user: \"1000:1000\"",
            "[1].is_last: false @ \"build\"",
            "[1].image: \"build\"",
            "[2].base: ?\"$REPO/app\" @ \"$REPO/app\"",
            "[2].is_last: false @ \"$REPO/app\"",
            "[2].image: ?\"$REPO/app\" @ \"$REPO/app\"",
            "[3].base: \"scratch\"",
            "[3].name: \"Last\"",
            "[3].is_last: true @ \"scratch\"",
            "[3].image: \"scratch\"",
        ],
    );
    check(
        DOCKERFILE,
        text,
        "directives",
        &[".syntax: \"docker/dockerfile:1\""],
    );
}

#[test]
fn lines_that_go_on_keep_the_places_of_their_words() {
    let text =
        "FROM a\nRUN apt-get update && \\  \n  # why\n\n  apt-get install \\\r\n    cu\\\nrl\n";
    check(
        DOCKERFILE,
        text,
        "stages[0].instructions[0].commands",
        &[
            "[0].name: \"apt-get\"",
            "[0].words[0]: \"apt-get\"",
            "[0].words[1]: \"update\"",
            "[1].name: \"apt-get\"",
            "[1].words[0]: \"apt-get\"",
            "[1].words[1]: \"install\"",
            "[1].words[2]: \"curl\" @ \"cu\\\\\\nrl\"",
            "[1].after: \"&&\" @ \"\"",
        ],
    );
}

#[test]
fn here_documents_are_scripts_or_files() {
    let text =
        "FROM a\nRUN <<EOF\nsudo id\nEOF\nCOPY <<-\"A\" <<B /x\n\tone\n\tA\ntwo\nB\nUSER x\n";
    let prefix = "stages[0].instructions";
    let found = read(DOCKERFILE, text);
    assert_eq!(found.problems, []);
    let all = leaves(&found.documents[0], text, prefix);
    for line in [
        "[0].commands[0].name: \"sudo\"",
        "[0].heredocs[0]: \"sudo id\\n\"",
        "[1].words[0]: \"/x\"",
        "[1].heredocs[0]: \"\\tone\\n\"",
        "[1].heredocs[1]: \"two\\n\"",
        "[2].name: \"USER\"",
    ] {
        assert!(all.iter().any(|seen| seen == line), "{line} in {all:#?}");
    }
}

#[test]
fn an_escape_of_its_own_leaves_backslashes_alone() {
    let text = "# escape=`\nFROM a\nCOPY x `\n  C:\\app\\\n";
    check(
        DOCKERFILE,
        text,
        "stages[0].instructions[0].words",
        &["[0]: \"x\"", "[1]: \"C:\\\\app\\\\\""],
    );
}

#[test]
fn exec_form_flags_and_pairs_are_read() {
    let text = "FROM a\nENV A=1 B=\"x y\"\nENV C d e\nCOPY --from=build --link [\"a b\", \"/c\"]\nCMD [\"sh\", \"-c\", \"sudo id\"]\nHEALTHCHECK --interval=5s CMD curl -k x\nONBUILD RUN id\n";
    let found = read(DOCKERFILE, text);
    assert_eq!(found.problems, []);
    let all = leaves(&found.documents[0], text, "stages[0]");
    for line in [
        ".instructions[0].pairs.A: \"1\"",
        ".instructions[0].pairs.B: \"x y\"",
        ".instructions[1].pairs.C: \"d e\"",
        ".instructions[2].words[0]: \"a b\"",
        ".instructions[2].flags.from: \"build\" @ \"--from=build\"",
        ".instructions[2].flags.link: \"true\" @ \"--link\"",
        ".instructions[2].exec: true @ \"COPY --from=build --link [\\\"a b\\\", \\\"/c\\\"]\"",
        ".instructions[3].commands[0].name: \"sh\"",
        ".instructions[3].commands[1].name: \"sudo\"",
        ".healthcheck: \"CMD curl -k x\"",
        ".instructions[4].commands[0].words[1]: \"-k\"",
        ".instructions[5].name: \"RUN\"",
        ".instructions[5].on_build: true @ \"RUN id\"",
    ] {
        assert!(all.iter().any(|seen| seen == line), "{line} in {all:#?}");
    }
}

#[test]
fn what_docker_would_refuse_is_reported_and_the_rest_is_read() {
    let found = check_problems(
        DOCKERFILE,
        "FROM a\nFORM b\nRUN x\n",
        &["FORM: there is no instruction `FORM`"],
    );
    assert_eq!(
        leaves(
            &found.documents[0],
            "",
            "stages[0].instructions[0].words[0]"
        ),
        [": \"x\" @ \"\""]
    );
    let text = "FROM a\nUSER x\nRUN <<EOF\nid\n";
    let found = check_problems(
        DOCKERFILE,
        text,
        &["<<EOF: the here document `EOF` has no end"],
    );
    assert_eq!(
        leaves(&found.documents[0], text, "stages[0].user"),
        [": \"x\""]
    );
    check_problems(
        DOCKERFILE,
        "RUN x\n",
        &["RUN: `RUN` stands before the first `FROM`"],
    );
    check_problems(DOCKERFILE, "FROM\n", &["FROM: `FROM` names no image"]);
    let nothing = ": no stage: a Dockerfile has at least one `FROM`";
    check_problems(DOCKERFILE, "# c\n", &[nothing]);
}

#[test]
fn settings_are_read_as_their_fields_say() {
    let text = "# c\n; d\nnet.ipv4.ip_forward = 1\n-kernel.core_pattern=|/bin/x y\nstrict: no\nlist=1\nlist = 2\nother = x\nstrict=maybe\n";
    let found = check_problems(
        SYSCTL,
        text,
        &["strict: no: expected a key, `=` and a value"],
    );
    assert_eq!(
        leaves(&found.documents[0], text, ""),
        [
            "[\"net.ipv4.ip_forward\"]: 1",
            "[\"kernel.core_pattern\"]: \"|/bin/x y\"",
            "list[0]: 1",
            "list[1]: 2",
            "other: \"x\"",
            "strict: \"maybe\"",
        ]
    );
}

#[test]
fn keys_without_case_and_blocks() {
    let text = "permitrootlogin no\nPermitRootLogin yes\nUsePAM=YES\nPort 22\nport 2222\nAllowUsers bob  \"e v\"\n\nMatch User x\n  X11Forwarding yes\nMatch all\n  x11forwarding no\n";
    check(
        SSHD,
        text,
        "",
        &[
            "PermitRootLogin: \"no\"",
            "UsePAM: true @ \"YES\"",
            "Port[0]: 22",
            "Port[1]: 2222",
            "AllowUsers[0]: \"bob\"",
            "AllowUsers[1]: \"e v\"",
            "Match[0].condition: \"User x\"",
            "Match[0].X11Forwarding: true @ \"yes\"",
            "Match[1].condition: \"all\"",
            "Match[1].X11Forwarding: false @ \"no\"",
        ],
    );
}

#[test]
fn sections_are_members() {
    let text = "[Service]\nExecStart=/usr/bin/x\nPrivateTmp=yes\n[Install]\nWantedBy=a\n";
    check(
        "kind K from keyvalue(sections: true) \"**/*.service\" { Service: { PrivateTmp: bool = false } }",
        text,
        "",
        &[
            "Service.ExecStart: \"/usr/bin/x\"",
            "Service.PrivateTmp: true @ \"yes\"",
            "Install.WantedBy: \"a\"",
        ],
    );
}

const TOML: &str = "kind K from toml \"**/config.toml\" { a: int? }";

#[test]
fn toml_has_its_places() {
    let text = "version = 2\nroot = \"/x\"  # c\n[plugins.\"io.cri\".registry]\nconfig_path = '/etc'\nn = [1, 0x10,\n 1.5]\nd = 2020-01-01\n[[list]]\nx = { y = true }\n[[list]]\n[plugins.z]\nk.l = \"m\"\n";
    check(
        TOML,
        text,
        "",
        &[
            "version: 2",
            "root: \"/x\"",
            "plugins[\"io.cri\"].registry.config_path: \"/etc\" @ \"'/etc'\"",
            "plugins[\"io.cri\"].registry.n[0]: 1",
            "plugins[\"io.cri\"].registry.n[1]: 16 @ \"0x10\"",
            "plugins[\"io.cri\"].registry.n[2]: 1.5",
            "plugins[\"io.cri\"].registry.d: \"2020-01-01\"",
            "plugins.z.k.l: \"m\"",
            "list[0].x.y: true",
        ],
    );
    let found = read(TOML, text);
    let document = &found.documents[0];
    let nodes = (0..u32::try_from(document.tape.len()).unwrap()).map(NodeId);
    let keys: Vec<&str> = nodes
        .filter_map(|node| Some(document.key_span(node)?.text(text)))
        .collect();
    assert_eq!(
        keys,
        [
            "version",
            "root",
            "plugins",
            "\"io.cri\"",
            "registry",
            "config_path",
            "n",
            "d",
            "z",
            "k",
            "l",
            "list",
            "x",
            "y"
        ]
    );
}

#[test]
fn toml_that_is_none_is_a_located_error() {
    let found = check_problems(TOML, "a = 1\nb = 2\na = 3\n", &["a: `a` is given twice"]);
    assert!(found.documents.is_empty());
    let found = read(TOML, "a = \n");
    assert_eq!(found.problems.len(), 1);
}

#[test]
fn text_has_located_lines() {
    check(
        "kind K from text \"**/*.txt\"",
        "a\r\n\n b\n",
        "",
        &[
            "path: \"dir/name\" @ \"\"",
            "name: \"name\" @ \"\"",
            "text: \"a\\r\\n\\n b\\n\"",
            "lines[0]: \"a\"",
            "lines[1]: \"\"",
            "lines[2]: \" b\"",
        ],
    );
}

#[test]
fn what_is_no_text_is_refused_in_every_format() {
    for declaration in [DOCKERFILE, SYSCTL, SSHD, TOML, "kind K from text \"x\""] {
        let found = files::read(b"a\xFFb", "x", &kind(declaration));
        assert_eq!(found.documents.len(), 0);
        assert_eq!(found.problems[0].message, "the file is not in UTF-8");
        assert_eq!(found.problems[0].span.start, 1);
    }
}

#[test]
fn globs_are_about_the_end_of_a_path() {
    let matches =
        |declaration: &str, name: &str| FileMatcher::new(kind(declaration)).unwrap().is_match(name);
    let json = "kind K from json \"**/daemon.json\", \".docker/config.json\" { a: int? }";
    assert!(matches(json, "daemon.json"));
    assert!(matches(json, "a/b/daemon.json"));
    assert!(!matches(json, "a/xdaemon.json"));
    assert!(matches(json, "home/.docker/config.json"));
    assert!(!matches(json, "home/config.json"));
    let folder = "kind K from json \"ci/*.json\" { a: int? }";
    assert!(matches(folder, "x/ci/a.json"));
    assert!(!matches(folder, "x/ci/b/a.json"));
}

#[test]
fn every_word_of_real_dockerfiles_stands_where_it_says() {
    let Some(folder) = common::shared("conformance/checkov-dockerfile") else {
        return;
    };
    let kind = kind(DOCKERFILE);
    let mut n_files = 0;
    let (mut n_words, mut n_broken) = (0, 0);
    let mut open = vec![folder];
    while let Some(at) = open.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if !name.contains("Dockerfile") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8(bytes.clone()).unwrap();
            let found = files::read(&bytes, &name, &kind);
            n_files += 1;
            n_broken += usize::from(!found.problems.is_empty());
            let document = &found.documents[0];
            for node in (0..u32::try_from(document.tape.len()).unwrap()).map(NodeId) {
                let is_word = document.path(node).contains("words[");
                if let (true, Value::String(word)) = (is_word, document.tape.value(node)) {
                    let written = document.span(node).text(&text);
                    let bare: String = written
                        .chars()
                        .filter(|found| !matches!(found, '"' | '\'' | '\\' | '\n' | '\r'))
                        .collect();
                    let word: String = word
                        .chars()
                        .filter(|found| !matches!(found, '"' | '\'' | '\\' | '\n' | '\r'))
                        .collect();
                    assert_eq!(bare, word, "{} {}", path.display(), document.path(node));
                    n_words += 1;
                }
            }
        }
    }
    assert!(
        n_files > 20 && n_words > 200,
        "{n_files} files, {n_words} words"
    );
    // One ends in a line of a single `~`, which Docker refuses as well.
    assert_eq!(n_broken, 1);
}

#[test]
fn no_beginning_and_no_damage_of_a_file_makes_trouble() {
    let dockerfile = "# escape=\\\nARG A=1\nFROM --platform=x a:${A:-b} AS b\nRUN <<E cat && \"x $(a `b`)\" \\\n # c\n | y\nz\nE\nENV A=\"1 2\" B\nCMD [\"a\", \"\\u00e9\"]\nHEALTHCHECK --x CMD [\"sh\",\"-c\",\"a;b\"]\n";
    let sshd = "A b\nPort \"1\nMatch x\n \u{e9} = 2\nMatch\n[x\n";
    let toml = "a.b = [1,\n {x='é'}]\n[[c.d]]\ne=\"\"\"\nx\"\"\"\n[c.d.f]\n";
    for (declaration, text) in [(DOCKERFILE, dockerfile), (SSHD, sshd), (TOML, toml)] {
        let kind = kind(declaration);
        for end in (0..text.len()).filter(|&end| text.is_char_boundary(end)) {
            for damage in ["", "\"", "\\", "<<", "$(", "\u{1}", "\n", "[", "#"] {
                let changed = format!("{}{damage}{}", &text[..end], &text[end..]);
                for text in [&changed, &changed[..end + damage.len()]] {
                    let found = files::read(text.as_bytes(), "x", &kind);
                    for document in &found.documents {
                        for node in (0..u32::try_from(document.tape.len()).unwrap()).map(NodeId) {
                            let span = document.span(node);
                            assert!(span.start <= span.end && span.end as usize <= text.len());
                            assert!(
                                text.is_char_boundary(span.start as usize)
                                    && text.is_char_boundary(span.end as usize),
                                "{text:?}"
                            );
                            let _: Kind = document.tape.kind(node);
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn files_of_no_sensible_length_are_refused() {
    for (declaration, length, limit) in [
        (DOCKERFILE, 1 << 20, 1),
        (SYSCTL, 4 << 20, 4),
        (TOML, 4 << 20, 4),
    ] {
        let text = "#".repeat(length + 1);
        let found = files::read(text.as_bytes(), "x", &kind(declaration));
        assert_eq!(
            found.problems[0].message,
            format!("longer than {limit} MiB")
        );
        assert!(found.documents.is_empty());
    }
    let stages = "FROM a\n".repeat(1001);
    let found = files::read(stages.as_bytes(), "x", &kind(DOCKERFILE));
    assert_eq!(found.problems.len(), 1);
    assert!(!leaves(&found.documents[0], &stages, "stages[999]").is_empty());
    assert!(leaves(&found.documents[0], &stages, "stages[1000]").is_empty());
}

#[test]
fn keys_of_yaml_are_as_they_are_written() {
    let text = "on: push\njobs: {off: no, \"on\": 1}\nlist: [{true: 2}]\n";
    check(
        "kind K from yaml \"**/*.yml\" { on: string? }",
        text,
        "",
        &[
            "on: \"push\"",
            "jobs.off: false @ \"no\"",
            "jobs.on: 1",
            "list[0].true: 2",
        ],
    );
}
