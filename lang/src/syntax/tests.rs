//! The shape of trees, the bounds, and what must hold for any text. The messages are in `tests/spec`.

mod declarations;
mod dump;
mod expressions;

use proptest::prelude::*;

use super::ast::{ExprKind, ItemKind, Stmt, StmtKind};
use super::{MAX_BYTES, MAX_NESTING, Parsed, RESERVED, parse};
use crate::span::FileId;
use dump::{dump_expr, dump_file};

fn read(text: &str) -> Parsed {
    parse(FileId(0), text)
}

fn codes(text: &str) -> Vec<&'static str> {
    let found = read(text).diagnostics;
    found.iter().map(|diagnostic| diagnostic.code).collect()
}

/// A policy with these statements.
fn policy(stmts: &str) -> String {
    format!("policy p on pod {{\n{stmts}\n}}\n")
}

fn first_stmt(parsed: &Parsed) -> &Stmt {
    let Some(ItemKind::Policy(policy)) = parsed.tree.items.first().map(|item| &item.kind) else {
        panic!("no policy in {parsed:?}");
    };
    &policy.body.stmts[0]
}

/// Compares the tree of an expression, and asserts that there is nothing to say about it.
fn check(expr: &str, expected: &str) {
    let text = policy(&format!("let x = {expr}"));
    let parsed = read(&text);
    assert_eq!(parsed.diagnostics, [], "{expr}");
    let StmtKind::Let { value, .. } = &first_stmt(&parsed).kind else {
        panic!("no let in {parsed:?}");
    };
    assert_eq!(dump_expr(value), expected, "{expr}");
}

#[test]
fn and_binds_stronger_than_or() {
    check("a or b and c", "(or a (and b c))");
    check("a and b or c", "(or (and a b) c)");
    check("a or b or c", "(or (or a b) c)");
}

#[test]
fn comparisons_bind_stronger_than_and() {
    check("a == 1 and b < 2", "(and (== a 1) (< b 2))");
    check(
        "a in [1, 2] or b not in c",
        "(or (in a [1 2]) (not-in b c))",
    );
    check(
        "a is set and b is not empty",
        "(and (is-set a) (is-not-empty b))",
    );
    check("a.b is known", "(is-known (. a b))");
}

#[test]
fn coalescing_binds_stronger_than_comparisons() {
    check("a ?? 1 == 2", "(== (?? a 1) 2)");
    check("a ?? b ?? c", "(?? (?? a b) c)");
    check("a ?? b + c", "(?? a (+ b c))");
    check("a + b == c", "(== (+ a b) c)");
}

#[test]
fn not_reaches_as_far_right_as_it_can() {
    check("not a == b", "(not (== a b))");
    check("not a or b", "(not (or a b))");
    check("a and not b or c", "(and a (not (or b c)))");
    check("(not a) or b", "(or (not a) b)");
    check("not not a", "(not (not a))");
}

#[test]
fn quantifiers_reach_as_far_right_as_they_can() {
    check("any x in xs: x == 1 or y", "(any (x xs) (or (== x 1) y))");
    check(
        "a and all x in xs where x: b",
        "(and a (all (x xs) where x b))",
    );
    check(
        "no x in xs, k, v in f(x): k == v",
        "(no (x xs) (k v (f x)) (== k v))",
    );
    check(
        "any x in xs where any y in ys: y == x: x is set",
        "(any (x xs) where (any (y ys) (== y x)) (is-set x))",
    );
    check("[any x in xs: x, 2]", "[(any (x xs) x) 2]");
}

#[test]
fn postfix_binds_strongest() {
    check("-a.b", "(- (. a b))");
    check("a.b[\"k\"].c[0]", "([] (. ([] (. a b) \"k\") c) 0)");
    check("f(a, b).g(c)", "(.g (f a b) c)");
    check("a.len() == 1", "(== (.len a) 1)");
    check("-1 < a", "(< (- 1) a)");
}

#[test]
fn any_word_may_follow_a_dot() {
    for word in RESERVED {
        check(&format!("a.{word}"), &format!("(. a {word})"));
    }
    check(
        "a.policy.kind.let == 1",
        "(== (. (. (. a policy) kind) let) 1)",
    );
}

#[test]
fn numbers_keep_their_text() {
    for number in [
        "80", "1.5", "500m", "4Gi", "1.29", "1.30", "1e3", "1.29.3", "0", "30s", "2E-3",
    ] {
        check(number, number);
    }
}

#[test]
fn strings_hold_text_and_values() {
    check("\"\"", "\"\"");
    check(r#""a {b.c} d""#, r#""a " (. b c) " d""#);
    check(r#""{{x}} {y}""#, r#""{x} " y"#);
    check(r#""{m["k"]}""#, r#"([] m "k")"#);
    check(r#""{f("a", "{b}")}""#, r#"(f "a" b)"#);
    check(
        r#""{a == "x"} {a ?? "(none)"}""#,
        r#"(== a "x") " " (?? a "(none)")"#,
    );
    check(r#""\"\\\n\u{e9}""#, "\"\"\\\\\\né\"");
    check(r#"r"\d{2}""#, r#""\\d{2}""#);
    check(r#"v"1.29""#, r#"v"1.29""#);
    check("\"https://x/{a}//b\"", "\"https://x/\" a \"//b\"");
}

#[test]
fn contextual_words_are_names() {
    check("kind == \"Pod\"", "(== kind \"Pod\")");
    check("links is set and default", "(and (is-set links) default)");
    check("view + type + pack", "(+ (+ view type) pack)");
    check("set is set", "(is-set set)");
}

#[test]
fn an_expression_may_go_on_over_lines() {
    check(
        "a\n  and b // why\n  and\n c\n  .d",
        "(and (and a b) (. c d))",
    );
}

#[test]
fn spans_hold_parentheses_of_operands() {
    let text = policy("let x = (a or b) and (c)");
    let parsed = read(&text);
    let StmtKind::Let { value, .. } = &first_stmt(&parsed).kind else {
        panic!("no let");
    };
    assert_eq!(&text[value.span.range()], "(a or b) and (c)");
    let ExprKind::Binary { left, right, .. } = &value.kind else {
        panic!("no operator");
    };
    assert_eq!(&text[left.span.range()], "a or b");
    assert_eq!(&text[right.span.range()], "c");
}

#[test]
fn spans_end_with_the_last_token() {
    let text =
        "policy p on pod {\n  let x = a // one\n  // two\n  deny b, \"m\" // three\n}\n// four\n";
    let parsed = read(text);
    let Some(ItemKind::Policy(policy)) = parsed.tree.items.first().map(|item| &item.kind) else {
        panic!("no policy");
    };
    let stmts: Vec<&str> = policy
        .body
        .stmts
        .iter()
        .map(|stmt| &text[stmt.span.range()])
        .collect();
    assert_eq!(stmts, ["let x = a", "deny b, \"m\""]);
    assert!(text[parsed.tree.items[0].span.range()].ends_with('}'));
    let comments: Vec<&str> = parsed
        .comments
        .iter()
        .map(|span| &text[span.range()])
        .collect();
    assert_eq!(comments, ["// one", "// two", "// three", "// four"]);
}

#[test]
fn documentation_has_a_title_and_a_text() {
    let parsed = read(
        "//! The file\n//!\n//! More.\n\n/// Title\n///\n/// One.\n///   Two.\npolicy p on pod {}\n",
    );
    let file = parsed.tree.doc.unwrap();
    assert_eq!(
        (file.title.as_str(), file.text.as_str()),
        ("The file", "More.")
    );
    let item = parsed.tree.items[0].doc.clone().unwrap();
    assert_eq!(
        (item.title.as_str(), item.text.as_str()),
        ("Title", "One.\n  Two.")
    );
}

#[test]
fn a_whole_file_has_its_shape() {
    let text = "pack a-b edition 2026
        policy p on Role, argoproj.io/Rollout, apps/v1/Deployment, v1/Pod where x is set {
            severity low profiles a, b controls \"C 1\",
               \"D\"
            for k, v in m where k { require v, \"m {k}\" severity high at v.a }
            when a { } else when b { deny c, \"n\" } else { let d = none }
        }";
    let parsed = read(text);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(
        dump_file(&parsed.tree),
        "pack a-b 2026\n\
         policy p on Role, argoproj.io//Rollout, apps/v1/Deployment, /v1/Pod where (is-set x)\n\
         \x20 severity low; profiles a, b; controls C 1, D\n\
         \x20 for (k v m) where k { require v \"m \" k severity high at (. v a) }\n\
         \x20 when a { } else { when b { deny c \"n\" } else { let d none } }\n"
    );
}

#[test]
fn a_broken_statement_leaves_the_others() {
    let mut problems = Vec::new();
    for broken in [
        "deny a.",
        "deny a ==",
        "deny (a",
        "deny \"a",
        "deny a, \"{",
        "let",
        "let x",
        "let x =",
        "for",
        "for x",
        "for x in",
        "when",
        "require",
        "deny a b",
        "foo",
        ") (",
        "@",
        "deny a, \"m\" severity",
        "x = 1",
        "deny any",
        "deny any x in xs",
        "deny f(",
        "deny [a",
        "deny not",
        "param x: y = [",
        "fix a = b",
        "when a",
        "for x in xs",
        "param",
        "param x",
        "param x:",
        "param x: 5",
        "param x int",
        "param x: [string",
        "param x: string =",
        "param x: string where",
        "param x: { a",
        "let a = if b",
        "let a = if b then",
        "let a = if b then c",
        "let a = if b then c else",
        "let a = [x for x]",
        "let a = [x for x in xs",
        "let a = [for x in xs]",
        "let a = [x for x in xs by]",
        "let a = first x y",
        "let a = first x",
        "let a = last x in",
        "let a = count(x)",
        "let a = count(x in xs where)",
        "let a = b as",
        "let a = b as [",
        "let a = { a: }",
        "let a = { a: 1",
        "let a = { a: 1 b: 2 }",
        "let a = { a: 1, b }",
        "let a = b -",
        "let a = b % % c",
        "deny a, \"m\" fix",
        "deny a, \"m\" fix unsafe",
        "deny a, \"m\" fix b",
        "deny a, \"m\" fix b =",
        "deny a, \"m\" fix b = 1 c",
        "deny a, \"m\" fix remove",
        "deny a, \"m\" fix append b",
        "deny a, \"m\" fix append b to",
        "deny a, \"m\" fix upsert b = 1",
        "deny a, \"m\" fix create",
        "deny a, \"m\" fix create Pod",
        "deny a, \"m\" fix { }",
        "deny a, \"m\" fix {\n  b\n}",
        "deny a, \"m\" fix {\n  b = 1\n  )\n}",
        "deny a, \"m\" fix b = 1 when",
        "on",
        "on Pod",
        "for c in cs { param x: int }",
        "for c in cs { on Pod { } }",
    ] {
        let text = policy(&format!("{broken}\nlet after = 1"))
            + "\n/// Doc\npolicy q on Pod {\n  deny z, \"z\"\n}\n";
        let parsed = read(&text);
        if parsed.diagnostics.len() != 1 {
            problems.push(format!("{broken}: {:#?}", parsed.diagnostics));
        }
        let shape = dump_file(&parsed.tree);
        if !shape.contains("let after 1") || !shape.contains("policy q on Pod\n\n  deny z \"z\"") {
            problems.push(format!("{broken}: {shape}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n\n"));
}

#[test]
fn the_reserved_words_are_sorted_and_refused_as_names() {
    assert!(RESERVED.is_sorted());
    for word in RESERVED {
        assert_eq!(
            codes(&policy(&format!("let {word} = 1"))),
            ["reserved-word"],
            "{word}"
        );
        assert_eq!(
            codes(&policy(&format!("for {word} in xs {{ }}"))),
            ["reserved-word"],
            "{word}"
        );
    }
}

/// Without optimization a level takes about 15 KB of stack, with it 5 KB.
#[test]
fn nesting_is_bounded_in_every_form() {
    let thread = std::thread::Builder::new().stack_size(4 << 20);
    thread
        .spawn(assert_nesting_is_bounded)
        .unwrap()
        .join()
        .unwrap();
}

fn assert_nesting_is_bounded() {
    let forms = [
        ("(", ""),
        ("[", ""),
        ("f(", ""),
        ("a[", ""),
        ("{", ""),
        ("not ", "a"),
        ("- ", "a"),
        ("!", "a"),
        ("a and ", "b"),
        ("a + ", "b"),
        ("a ?? ", "b"),
        ("a == ", "b"),
        ("a.b", ""),
        ("a", ".b"),
        (".b", ""),
        ("[0]", ""),
        ("any x in xs: ", "a"),
        ("any x in xs where ", "a"),
        ("any x in ", "a"),
        ("any x in f(", "a"),
        ("when a { ", ""),
        ("when a ", ""),
        ("for x in xs ", ""),
        ("for x in xs { ", ""),
        ("else when a { } ", ""),
        ("\"{", ""),
        ("\"{f(", ""),
        ("\"{[\"", ""),
        ("deny (", ""),
        ("let x = ", ""),
        ("fix {", ""),
        ("param (", ""),
        ("} ", ""),
        (") ", ""),
        ("#", ""),
        ("'", ""),
        ("\"", ""),
        ("[a for x in ", ""),
        ("policy p on x { ", ""),
        ("view x {", ""),
        ("r\"", ""),
        ("a where ", ""),
        ("\\", ""),
        (", ", ""),
        ("{ a: ", ""),
        ("[{ a: ", ""),
        ("[x for x in [", ""),
        ("[x for x in xs where ", ""),
        ("first x in ", ""),
        ("first x in xs where ", ""),
        ("if ", "a"),
        ("if a then ", "b"),
        ("if a then b else ", "c"),
        ("a as [", ""),
        ("a as { b: ", ""),
        ("as ", ""),
        ("a - ", "b"),
        ("a * ", "b"),
        ("count(x in ", ""),
        ("fix { ", ""),
        ("deny a, \"m\" fix b = ", ""),
        ("fix b = 1 when ", ""),
        ("param x: [", ""),
        ("param x: { a: ", ""),
        ("param x: A | ", "B"),
        ("param x: A", "?"),
        ("on Pod { ", ""),
        ("on Pod ", ""),
        ("}\ntype A = [", ""),
        ("}\ntype A = { b: ", ""),
        ("}\nfn f(a: { b: ", ""),
        ("}\nview a: b { c where [", ""),
        ("}\nview a: b { c => { d: ", ""),
        ("}\nkind a from json { b: ", ""),
        ("}\nprofile a { set b.c = [", ""),
    ];
    for (again, last) in forms {
        for n in [MAX_NESTING - 10, 400] {
            let inner = again.repeat(n) + last;
            for text in [policy(&format!("let x = {inner}")), policy(&inner)] {
                let parsed = read(&text);
                drop(parsed.clone());
                drop(parsed);
            }
        }
    }
    assert_eq!(
        codes(&policy(&format!(
            "let x = {}a{}",
            "(".repeat(200),
            ")".repeat(200)
        ))),
        ["nesting-too-deep"]
    );
    assert_eq!(
        codes(&policy(&format!(
            "let x = {}a{}",
            "(".repeat(100),
            ")".repeat(100)
        ))),
        Vec::<&str>::new()
    );
    assert_eq!(
        codes(&policy(&format!("let x = {}a", "not ".repeat(20_000)))),
        ["nesting-too-deep"]
    );
    assert_eq!(
        codes(&policy(&format!("let x = {}a", "a and ".repeat(20_000)))),
        ["nesting-too-deep"]
    );
    assert_eq!(
        codes(&policy(&format!("let x = {}a", "a and ".repeat(200)))),
        Vec::<&str>::new()
    );
    for again in [
        "let x = [y for y in ys where y by z]\n",
        "deny a, \"m\" fix b = 1 when c\n",
        "deny a, \"m\" fix { remove b } when c\n",
        "param x: {string: [int]} where x\n",
        "let x = first y in ys where y.a\n",
        "let x = (count(y in ys where y)) + (last y in ys where y)\n",
        "for x in [y for y in ys] where x { }\n",
        "let x = { a: { b: [{ c: 1 }] } }\n",
        "let x = a as {string: int}\n",
    ] {
        assert_eq!(
            codes(&policy(&again.repeat(200))),
            Vec::<&str>::new(),
            "{again}"
        );
    }
    let branches = format!("when a {{ }} {}", "else when a { } ".repeat(1000));
    assert_eq!(codes(&policy(&branches)), ["nesting-too-deep"]);
}

#[test]
fn a_file_over_one_mebibyte_is_refused() {
    let text = format!("policy p on pod {{ }}\n{}", " ".repeat(MAX_BYTES));
    assert_eq!(codes(&text), ["file-too-large"]);
}

/// What holds for the reading of any text.
fn assert_sound(text: &str) {
    let parsed = read(text);
    let is_inside = |span: crate::span::Span| text.get(span.range()).is_some();
    for diagnostic in &parsed.diagnostics {
        assert!(!diagnostic.labels.is_empty());
        assert!(
            diagnostic.labels.iter().all(|label| is_inside(label.span)),
            "{diagnostic:?}"
        );
        assert!(
            diagnostic.edits.iter().all(|edit| is_inside(edit.span)),
            "{diagnostic:?}"
        );
    }
    assert!(
        parsed
            .comments
            .iter()
            .all(|span| text[span.range()].starts_with("//"))
    );
    let shape = dump_file(&parsed.tree);
    if shape.contains("<hole>") || shape.contains("<error>") {
        assert!(!parsed.diagnostics.is_empty(), "{shape}");
    }
}

const VALID: &str = "//! Doc
pack a edition 2026
/// Title
policy no-x on pod, apps/v1/Deployment where object.metadata.name is set {
    severity high
    profiles a, b
    param max: [quantity | {string: {a: int = 1}?}] = [4Gi] where max is not empty
    for c in containers(pod) where c.role != \"init\" {
        let limit = c.resources.limits[\"memory\"] ?? 4Gi // why
        require limit <= 4Gi and not (a or b), \"{c.name} {{}} {limit}\" severity low at c.image
        when any k, v in m where k is known: v in [1, r\"x\", -2] { deny a, \"b\" } else when d { } else { }
        deny if a then b else c as int == 1 - 2 * 3, \"m\" severity low
            fix unsafe c.x[\"y\"] = { z: first x in xs where x by k } when a
            fix {
                remove c.x; append [1 for x in xs] to c.y
                create apps/v1/Deployment { metadata: {} }
            }
    }
}
fn f(a: pod, b) = a + count(x in b where x)
const c: [int] = []
type T = \"a\" < \"b\"
view pod: Pod {
    Pod, Job where a => object
    CronJob => { a: spec }
}
kind D from json \"x\" merged last { a: bool = true, \"b\": string? }
use a-b
profile x extends y { include a, b; set a.b = [1] }
";

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read(text in "\\PC{0,200}") {
        assert_sound(&text);
    }

    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        assert_sound(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn any_tokens_are_read(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..80), inside in any::<bool>()) {
        let text = tokens.concat();
        assert_sound(&if inside { policy(&text) } else { text });
    }

    #[test]
    fn any_broken_file_is_read(cut in 0..VALID.len(), len in 0usize..12, token in prop::sample::select(TOKENS)) {
        let end = (cut + len).min(VALID.len());
        assert_sound(&format!("{}{token}{}", &VALID[..cut], &VALID[end..]));
    }
}

const TOKENS: &[&str] = &[
    "policy ",
    "pack ",
    "on ",
    "where ",
    "let ",
    "for ",
    "in ",
    "when ",
    "else ",
    "require ",
    "deny ",
    "severity ",
    "at ",
    "any ",
    "all ",
    "no ",
    "not ",
    "and ",
    "or ",
    "is ",
    "set ",
    "empty ",
    "none ",
    "true ",
    "if ",
    "then ",
    "fix ",
    "param ",
    "view ",
    "fn ",
    "kind ",
    "x ",
    "pod ",
    "a-b ",
    "a.b",
    "1 ",
    "4Gi ",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "\"",
    "\"s\" ",
    "{{",
    "}}",
    "\\",
    "r\"",
    "v\"1\" ",
    "'",
    "`",
    ",",
    ".",
    ":",
    ";",
    "=",
    "==",
    "!=",
    "<",
    "??",
    "+",
    "-",
    "*",
    "!",
    "&&",
    "?.",
    "\n",
    " ",
    "//",
    "///",
    "//!",
    "#",
    "@",
    "é",
    "\u{FEFF}",
    "\r\n",
    "\t",
    "profiles ",
    "a, b ",
    "=> ",
    "\"{a} ",
    "for x in xs ",
    "as ",
    "by ",
    "to ",
    "first ",
    "last ",
    "count(",
    "profile ",
    "extends ",
    "include ",
    "extend ",
    "type ",
    "const ",
    "use ",
    "from json ",
    "merged first ",
    "unsafe ",
    "remove ",
    "append ",
    "create ",
    "upsert ",
    "{ a: ",
    "string ",
    "?",
    "|",
    "/",
    "%",
    "div ",
    "like ",
    "operations create ",
    "severity if a then b ",
];

#[test]
fn the_valid_file_is_valid() {
    assert_eq!(read(VALID).diagnostics, []);
}
