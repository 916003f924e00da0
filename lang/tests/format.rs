//! The formatter: examples in `tests/format/`, the packs of the project, and properties of any text.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where its data is not what it should be"
)]

use std::path::{Path, PathBuf};

use palisade_lang::format::format;
use palisade_lang::span::FileId;
use palisade_lang::syntax::parse;
use proptest::prelude::*;

/// The text of the blocks of a Markdown file.
fn blocks(markdown: &str) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut parts = markdown.split("```pale\n");
    parts.next();
    for part in parts {
        let (block, _) = part.split_once("```\n").unwrap();
        blocks.push(block.to_owned());
    }
    blocks
}

/// The tree of a text, without its places.
fn tree(text: &str) -> String {
    let dump = format!("{:?}", parse(FileId(0), text).tree);
    let mut parts = dump.split("Span { file: FileId(0), start: ");
    let mut tree = parts.next().unwrap().to_owned();
    for part in parts {
        let (place, rest) = part.split_once('}').unwrap();
        assert!(place.contains("end: "));
        tree.push_str(rest);
    }
    tree
}

/// The comments of a text, without the blanks at their ends.
fn comments(text: &str) -> Vec<&str> {
    parse(FileId(0), text)
        .comments
        .iter()
        .map(|span| text[span.range()].trim_end())
        .collect()
}

/// Formats a text without syntax errors and asserts what is true of every such text.
fn formatted(text: &str) -> String {
    let formatted = format(FileId(0), text).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"));
    assert_eq!(tree(text), tree(&formatted), "{text}\n{formatted}");
    assert_eq!(comments(text), comments(&formatted), "{text}\n{formatted}");
    let again = format(FileId(0), &formatted).unwrap();
    assert_eq!(formatted, again, "formatted twice: {text}");
    formatted
}

fn pale_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pale_files(&path, files);
        } else if path.extension().is_some_and(|found| found == "pale") {
            files.push(path);
        }
    }
}

/// The texts of the project's packs and samples.
fn packs() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["stdlib-policies/packs", "samples", "benches/packs"] {
        pale_files(&root.join(folder), &mut files);
    }
    assert!(files.len() > 5);
    files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file).unwrap();
            (file, text)
        })
        .collect()
}

#[test]
fn examples_look_as_they_should() {
    let markdown = include_str!("format/layout.md");
    let blocks = blocks(markdown);
    assert!(blocks.len() >= 8 && blocks.len().is_multiple_of(2));
    for pair in blocks.chunks(2) {
        assert_eq!(formatted(&pair[0]), pair[1]);
        assert_eq!(formatted(&pair[1]), pair[1]);
    }
}

#[test]
fn packs_are_formatted() {
    for (file, text) in packs() {
        assert_eq!(formatted(&text), text, "{}", file.display());
    }
}

#[test]
fn a_text_with_errors_has_no_layout() {
    let text = "policy a on Pod {\n  require x,\n}\n";
    let errors = format(FileId(0), text).unwrap_err();
    assert_eq!(errors, parse(FileId(0), text).diagnostics);
    assert!(!errors.is_empty());
}

/// What may stand between two tokens of a text.
fn blank() -> BoxedStrategy<String> {
    prop_oneof![
        4 => Just(" "),
        2 => Just("\n"),
        1 => Just("\n\n\n  "),
        1 => Just("\t"),
        1 => Just("\r\n"),
        1 => Just(" // a comment\n"),
        1 => Just("\n    // a comment \n\n"),
        1 => Just("\n/// a title\n"),
    ]
    .prop_map(str::to_owned)
    .boxed()
}

fn expr() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("x".to_owned()),
        Just("object.spec.any".to_owned()),
        Just("4Gi".to_owned()),
        Just("1.5e+3".to_owned()),
        Just("v\"1.29\"".to_owned()),
        Just("r\"\\d//{\"".to_owned()),
        Just("\"a {b(\"]\", [1])} {{ \\\" // \\u{e9} é\"".to_owned()),
        Just("none".to_owned()),
        Just("[]".to_owned()),
        Just("a_name_that_is_long_so_that_lines_are_broken".to_owned()),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let pair = (inner.clone(), blank(), inner.clone());
        prop_oneof![
            (
                pair.clone(),
                prop::sample::select(vec!["and", "or", "+", "??", "-", "*", "/", "%", "div"])
            )
                .prop_map(|((a, blank, b), op)| format!("({a}){blank}{op} ({b})")),
            (
                pair.clone(),
                prop::sample::select(vec![
                    "==", "!=", "<", ">=", "in", "not in", "matches", "like"
                ])
            )
                .prop_map(|((a, blank, b), op)| format!("({a}) {op}{blank}({b})")),
            (pair.clone(), prop::sample::select(vec!["any", "all", "no"])).prop_map(
                |((a, blank, b), word)| format!(
                    "({word}{blank}k ,v in ({a}),w in m where({b}):({a}))"
                )
            ),
            (pair.clone(), blank())
                .prop_map(|((a, blank, b), other)| format!("[{blank}{a},{b}{other}]")),
            pair.clone()
                .prop_map(|(a, blank, b)| format!("f({blank}{a} ,{b}).g({blank}{b})[{a}].h")),
            (pair.clone(), blank()).prop_map(|((a, blank, b), other)| format!(
                "(if{blank}({a}) then{other}({b}) else{blank}({a}))"
            )),
            (pair.clone(), blank()).prop_map(|((a, blank, b), other)| format!(
                "[({a}){blank}for x in ({b}){other}, k,v in m where ({a}){blank}by ({b})]"
            )),
            (pair.clone(), prop::sample::select(vec!["first", "last"])).prop_map(
                |((a, blank, b), word)| format!(
                    "({word} x{blank}in ({a}){blank}where ({b}) by{blank}({a}))"
                )
            ),
            pair.clone()
                .prop_map(|(a, blank, b)| format!("count({blank}x in ({a}){blank}where ({b}))")),
            (pair.clone(), ty())
                .prop_map(|((a, blank, b), ty)| format!(
                    "({a}) as{blank}[{ty}] == ({b} as{blank}apps/v1/Deployment)"
                ))
                .prop_map(|cast| format!("({cast})")),
            (pair, blank()).prop_map(|((a, blank, b), other)| format!(
                "{{{other}a :{blank}{a},{blank}\"b-c\":{{d: {b}{other}}},}}"
            )),
            inner.clone().prop_map(|a| format!("(not ({a}))")),
            inner.clone().prop_map(|a| format!("-({a})")),
            inner.prop_map(|a| format!("(({a}) is not set)")),
        ]
    })
}

fn ty() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("string".to_owned()),
        Just("apps/v1/Deployment".to_owned()),
        Just("\"A\" <\"B\"".to_owned()),
        Just("\"A\"|\"B\"|\"C\"".to_owned()),
        Just("AVeryLongNameOfATypeSoThatLinesAreBroken".to_owned()),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), blank()).prop_map(|(ty, blank)| format!("[{blank}{ty}]?")),
            (inner.clone(), blank()).prop_map(|(ty, blank)| format!("{{{blank}string:{ty}}}")),
            (inner.clone(), blank(), inner).prop_map(|(a, blank, b)| format!(
                "{{{blank}a:[{a}]={blank}[1],{blank}\"b-c\" :{{string:{b}}}?}}|int"
            )),
        ]
    })
}

fn edit() -> impl Strategy<Value = String> {
    prop_oneof![
        expr().prop_map(|value| format!("c.x[\"y\"] = ({value})")),
        Just("remove c.x".to_owned()),
        expr().prop_map(|value| format!("append ({value}) to c.xs")),
        expr().prop_map(|value| format!("upsert c.xs[({value})]= [{value}]")),
        (expr(), blank()).prop_map(|(value, blank)| format!(
            "create apps/v1/Deployment {{{blank}a :{blank}{{b: ({value})}}}}"
        )),
    ]
}

fn fix() -> impl Strategy<Value = String> {
    let condition = prop_oneof![
        Just(String::new()),
        expr().prop_map(|c| format!(" when ({c})"))
    ];
    let edits = prop_oneof![
        edit(),
        prop::collection::vec((edit(), blank()), 1..3).prop_map(|edits| {
            let edits: String = edits
                .into_iter()
                .map(|(edit, blank)| format!("{blank}{edit}{blank}\n"))
                .collect();
            format!("{{{edits}}}")
        }),
    ];
    (edits, condition, blank())
        .prop_map(|(edits, condition, blank)| format!("fix unsafe{blank}{edits}{condition}"))
}

fn item() -> impl Strategy<Value = String> {
    prop_oneof![
        (ty(), expr(), blank()).prop_map(|(ty, value, blank)| format!(
            "param p:{blank}{ty}{blank}={blank}({value}) where{blank}({value})"
        )),
        (ty(), expr(), blank()).prop_map(|(ty, value, blank)| format!(
            "fn f({blank}a:{ty},b{blank}){blank}={blank}{value}"
        )),
        (expr(), blank()).prop_map(|(value, blank)| format!("const c{blank}={value}")),
        (ty(), blank()).prop_map(|(ty, blank)| format!("type T ={blank}{ty}")),
        (ty(), blank()).prop_map(|(ty, blank)| format!(
            "kind K from json \"a\",{blank}\"b\" merged{blank}last{blank}{{{blank}a:{ty}}}"
        )),
        (expr(), blank(), expr()).prop_map(|(guard, blank, value)| format!(
            "view v:T{blank}{{{blank}Pod,{blank}apps/v1/Deployment where ({guard}){blank}=> ({value}){blank}\nJob=>object}}"
        )),
        (expr(), blank()).prop_map(|(value, blank)| format!(
            "profile a-b extends{blank}c-d{blank}{{{blank}include e-f,{blank}g;set e-f.x= ({value}){blank}\n}}"
        )),
        Just("use other-pack".to_owned()),
    ]
}

fn stmt() -> impl Strategy<Value = String> {
    let simple = prop_oneof![
        (expr(), blank()).prop_map(|(value, blank)| format!("let n{blank}= {value}")),
        (expr(), blank(), expr()).prop_map(|(condition, blank, place)| format!(
            "require{blank}{condition},{blank}\"m {{x}}\" at ({place}) severity{blank}low"
        )),
        (
            expr(),
            blank(),
            prop::collection::vec((fix(), blank()), 0..2)
        )
            .prop_map(|(condition, blank, fixes)| {
                let fixes: String = fixes
                    .into_iter()
                    .map(|(fix, blank)| format!("{blank}{fix}"))
                    .collect();
                format!("deny {condition}{blank},(\"message\"){fixes}")
            }),
    ];
    simple.prop_recursive(3, 20, 3, |inner| {
        let stmts = prop::collection::vec((inner, blank()), 0..3).prop_map(|stmts| {
            stmts
                .into_iter()
                .map(|(stmt, blank)| format!("{stmt}{blank}\n"))
                .collect::<String>()
        })
        .boxed();
        prop_oneof![
            (expr(), blank(), stmts.clone()).prop_map(|(source, blank, body)| format!(
                "for i,x in ({source}){blank}where (x){{{blank}{body}}}"
            )),
            (expr(), blank(), stmts.clone(), stmts).prop_map(
                |(condition, blank, then, otherwise)| format!(
                    "when ({condition}){blank}{{{then}}}{blank}else when x{blank}{{{otherwise}}} else{{{blank}}}"
                )
            ),
        ]
    })
}

fn file() -> impl Strategy<Value = String> {
    let stmts = prop::collection::vec((stmt(), blank()), 0..4).prop_map(|stmts| {
        stmts
            .into_iter()
            .map(|(stmt, blank)| format!("{stmt}{blank}\n"))
            .collect::<String>()
    });
    let items = prop::collection::vec((blank(), item()), 0..3).prop_map(|items| {
        items
            .into_iter()
            .map(|(blank, item)| format!("{blank}{item}\n"))
            .collect::<String>()
    });
    let policies = (blank(), blank(), stmts, items, ty());
    prop::collection::vec(policies, 0..3).prop_map(|policies| {
        policies
            .into_iter()
            .map(|(above, blank, body, items, ty)| {
                format!(
                    "{items}{above}policy a-b{blank}{{{blank}severity high \n controls \"a\" , \"b\"\nparam q:{ty}{blank}\non Pod{blank}{{{body}}}{body}}}{blank}\n"
                )
            })
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_file_keeps_its_meaning(text in file()) {
        formatted(&text);
    }

    #[test]
    fn any_blanks_of_the_packs_keep_their_meaning(choice in any::<prop::sample::Index>(), seed in prop::collection::vec(0_u8..8, 64)) {
        let packs = packs();
        let (_, text) = &packs[choice.index(packs.len())];
        let mut seed = seed.iter().cycle();
        // Comments and strings stay as they are: only the blanks at the beginnings of lines change.
        let mutated: String = text
            .lines()
            .map(|line| {
                let n_blanks = usize::from(*seed.next().unwrap());
                format!("{}{}{}\n", "\n".repeat(n_blanks / 4), " ".repeat(n_blanks), line.trim_start())
            })
            .collect();
        let formatted = formatted(&mutated);
        prop_assert_eq!(
            formatted.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>(),
            text.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>()
        );
    }
}
