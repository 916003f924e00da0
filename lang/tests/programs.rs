//! What the checker hands on, as text.

#![expect(
    clippy::expect_used,
    reason = "a pack that cannot be read fails the test"
)]

mod support;

use std::fs;
use std::path::Path;

use palisade_lang::check::{Compiled, Options, Source, compile};
use palisade_lang::program::MinorVersion;
use palisade_lang::program::print::print;
use palisade_lang::span::FileId;

/// Compiles the pack in a folder, its files in the order of their names.
fn compile_pack(folder: &Path) -> Compiled {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .expect("the pack is there")
        .map(|entry| entry.expect("the folder can be read").path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "pale")
        })
        .collect();
    paths.sort();
    let texts: Vec<String> = paths
        .iter()
        .map(|path| fs::read_to_string(path).expect("the file can be read"))
        .collect();
    let names: Vec<String> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let sources: Vec<Source<'_>> = texts
        .iter()
        .zip(&names)
        .enumerate()
        .map(|(index, (text, path))| Source {
            file: FileId(index as u32),
            path,
            text,
        })
        .collect();
    compile(&sources, &Options::default())
}

#[test]
fn the_starter_pack_compiles_without_a_word() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../stdlib-policies/packs/starter");
    let compiled = compile_pack(&folder);
    assert_eq!(compiled.diagnostics, []);
    let program = compiled
        .program
        .expect("a pack without diagnostics has a program");
    assert_eq!(program.policies.len(), 5);
    insta::assert_snapshot!(print(&program));
}

/// The program of a policy on `pod` with this body.
fn check_program(name: &str, case: &str) {
    let text = support::whole_file(case);
    let compiled = support::compile_text(&text);
    assert_eq!(compiled.diagnostics, [], "{}", support::render_all(&text));
    let program = compiled
        .program
        .expect("a file without diagnostics has a program");
    let printed = print(&program);
    let (_, policies) = printed.split_once("\npolicy").expect("there is a policy");
    insta::assert_snapshot!(name.to_owned(), format!("{text}\n---\npolicy{policies}"));
}

#[test]
fn a_check_names_all_requires_that_it_relies_on() {
    check_program(
        "guards",
        r#"
    for c in containers(pod) {
        let limit = c.resources.limits["memory"]
        let request = c.resources.requests["memory"]
        require limit is set, "no limit"
        require request is set and c.name != "x", "no request"
        let half = [limit]
        require request <= limit, "more requested than allowed"
        deny 4Gi in half, "relies on what the let relied on"
        deny c.name == "x", "relies on nothing, though it prints {limit}"
        when limit > 1Gi {
            deny c.tty == true, "relies on the header around it"
        }
        for q in [limit] where q > 2Gi {
            deny q > 3Gi, "relies on the list around it"
        }
        when request is known {
            deny c.tty == true, "asks again"
        }
    }
"#,
    );
}

#[test]
fn a_require_about_a_value_guards_nothing() {
    check_program(
        "no_guards",
        r#"
    for c in containers(pod) {
        require c.securityContext.runAsNonRoot == true, "may run as root"
        require c.securityContext.readOnlyRootFilesystem == true, "may write"
        require c.securityContext.runAsUser is set, "no user"
        deny c.securityContext.runAsGroup == 0, "the record around it is no reason to be silent"
        require c.command is set, "a list is not optional, so nothing is narrowed"
        deny "sh" in c.command, "m"
    }
"#,
    );
}

#[test]
fn defaults_read_plain_and_is_set_asks_what_was_written() {
    check_program(
        "defaults",
        r#"
    for c in containers(pod) {
        deny c.stdin, "a default reads as a plain bool"
        deny c.stdin is set, "asks what was written"
        let stdin = c.stdin
        deny stdin is set or stdin is empty, "so it does through a name"
    }
    for v in pod.spec.volumes {
        deny v.secret.optional is set, "m"
    }
"#,
    );
}

#[test]
fn every_form_of_expression_has_its_node() {
    check_program(
        "expressions",
        r#"
    let known = ["a", "b"]
    deny pod.metadata.name not in known or pod.spec.priority in [1, 2], "object {object}, {known}"
    deny pod.metadata.labels["app"] == none and pod.spec.containers[0].name != "x", "m" severity critical at pod.metadata.labels
    deny pod.metadata["name"] == "{pod.spec.hostname}-x" or (pod.spec.priority ?? -1) < 0, "m"
    require all i, c in containers(pod) where i > 0: no p in c.ports, e in c.env: p.name == e.name, "m"
    for key, value in pod.metadata.annotations where key != "x" {
        when value is empty {
            deny key > "a", "{key}"
        } else when value == "y" {
            deny image(value).digest is not set, "{image(value).registry}"
        } else {
            require pod.spec.tolerations is not known, "m"
        }
    }
    for c in pod.spec.initContainers + pod.spec.containers {
        deny c.role == "sidecar" and c.imagePullPolicy ?? "None" == "None", "{c.name + "-x"}"
        for port in c.ports {
            deny port.containerPort in [80, 443], "m"
        }
        when c.livenessProbe.httpGet is set {
            deny c.livenessProbe.httpGet.port == 80 or c.livenessProbe.httpGet.port == "http", "m"
        }
    }
"#,
    );
}

#[test]
fn a_program_knows_the_oldest_release_that_has_all_it_reads() {
    let text = support::whole_file("    deny pod.spec.hostUsers == false, \"m\"\n");
    let program = support::compile_text(&text).program.expect("it compiles");
    assert_eq!(program.policies[0].since, None);
    let text = support::whole_file("    deny pod.spec.resources.limits is empty, \"m\"\n");
    let program = support::compile_text(&text).program.expect("it compiles");
    assert_eq!(program.policies[0].since, Some(MinorVersion(32)));
}

#[test]
fn all_files_of_a_pack_are_one() {
    let texts = [
        "pack two-files edition 2026\n",
        "/// One\npolicy one on Pod {\n    severity low\n    deny object.metadata.name == \"x\", \"m\"\n}\n",
        "/// Two\npolicy one on pod {\n    severity low\n    deny pod.metadata.name == \"x\", \"m\"\n}\n",
    ];
    let sources: Vec<Source<'_>> = texts
        .iter()
        .enumerate()
        .map(|(index, text)| Source {
            file: FileId(index as u32),
            path: "f.pale",
            text,
        })
        .collect();
    let compiled = compile(&sources[..2], &Options::default());
    assert_eq!(
        compiled.program.map(|program| program.pack).as_deref(),
        Some("two-files")
    );
    let compiled = compile(&sources, &Options::default());
    let codes: Vec<&str> = compiled
        .diagnostics
        .iter()
        .map(|found| found.code)
        .collect();
    assert_eq!(codes, ["duplicate-policy"]);
    assert_eq!(compiled.diagnostics[0].span().file, FileId(2));
    assert_eq!(compiled.program, None);
    let second = Source {
        file: FileId(3),
        path: "p.pale",
        text: "pack again edition 2026\n",
    };
    let compiled = compile(&[sources[0], second], &Options::default());
    let codes: Vec<&str> = compiled
        .diagnostics
        .iter()
        .map(|found| found.code)
        .collect();
    assert_eq!(codes, ["duplicate-pack"]);
}
