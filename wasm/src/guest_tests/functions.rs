//! The functions of the language, case by case as `docs/meaning.md` has them.

use palisade_abi::layout;

use super::{Guest, Runtime};

/// An argument or a result: JSON, `absent`, or the word of an unknown value.
fn argument(guest: &mut Guest, text: &str) -> u32 {
    if let Some(code) = unknown(text) {
        return code;
    }
    if text == "absent" {
        return 0;
    }
    let place = guest.put(text.as_bytes());
    let answer: u32 = guest.call("palisade_read_json", place);
    let root = guest.word(answer);
    assert_ne!(root, 0, "{text} is no JSON");
    root
}

fn unknown(text: &str) -> Option<u32> {
    Some(match text {
        "shape" => layout::UNKNOWN_SHAPE,
        "missing" => layout::UNKNOWN_MISSING,
        "template" => layout::UNKNOWN_TEMPLATE,
        "inventory" => layout::UNKNOWN_INVENTORY,
        "budget" => layout::UNKNOWN_BUDGET,
        "value" => layout::UNKNOWN_VALUE,
        _ => return None,
    })
}

fn code(word: u32) -> String {
    let names = [
        "shape",
        "missing",
        "template",
        "inventory",
        "budget",
        "value",
    ];
    let found = names.iter().find(|name| unknown(name) == Some(word));
    found.map_or_else(|| format!("word {word}"), ToString::to_string)
}

/// What a value says.
pub(super) fn show(guest: &Guest, value: u32) -> String {
    if value == 0 {
        return "absent".to_owned();
    }
    if value < layout::FIRST_ADDRESS {
        return code(value);
    }
    assert!(value.is_multiple_of(layout::NODE_SIZE));
    let head = guest.word(value);
    let (first, second) = (guest.word(value + 8), guest.word(value + 12));
    match head & layout::KIND_MASK {
        layout::KIND_NULL => "null".to_owned(),
        layout::KIND_BOOL => (first != 0).to_string(),
        layout::KIND_INT => (u64::from(first) | u64::from(second) << 32)
            .cast_signed()
            .to_string(),
        layout::KIND_STRING => serde_json::to_string(&guest.text(first, second)).unwrap(),
        layout::KIND_FLOAT => guest.text(first, second),
        layout::KIND_LIST => {
            let (mut at, end) = (value + 16, value + (head & layout::EXTENT_MASK));
            let mut items = Vec::new();
            while at != end {
                items.push(show(guest, at));
                at += guest.word(at) & layout::EXTENT_MASK;
            }
            format!("[{}]", items.join(","))
        }
        layout::KIND_REFS => {
            let items: Vec<String> = (0..first)
                .map(|nth| show(guest, guest.word(second + 4 * nth)))
                .collect();
            format!("[{}]", items.join(","))
        }
        kind => format!("kind {kind}"),
    }
}

/// Calls a function of up to four words.
pub(super) fn call(guest: &mut Guest, name: &str, words: &[u32]) -> u32 {
    guest.set_static("PALISADE_STEPS", layout::STEP_BUDGET);
    match *words {
        [a] => guest.call(name, a),
        [a, b] => guest.call(name, (a, b)),
        [a, b, c] => guest.call(name, (a, b, c)),
        [a, b, c, d] => guest.call(name, (a, b, c, d)),
        _ => panic!("{} words", words.len()),
    }
}

/// Calls `fn_NAME`, which gives a value; a result that is a scalar is a node of its own.
fn value(guest: &mut Guest, name: &str, arguments: &[&str]) -> String {
    let words: Vec<u32> = arguments.iter().map(|text| argument(guest, text)).collect();
    let result = call(guest, &format!("fn_{name}"), &words);
    // Of these a part that is all of the text is the text.
    let gives_parts = ["trim", "trim_prefix", "trim_suffix", "substring"].contains(&name);
    assert!(
        gives_parts || result < layout::FIRST_ADDRESS || !words.contains(&result),
        "{name} gives an argument"
    );
    show(guest, result)
}

/// Calls a function that gives a condition, or an order.
fn condition(guest: &mut Guest, name: &str, arguments: &[&str]) -> String {
    let words: Vec<u32> = arguments.iter().map(|text| argument(guest, text)).collect();
    match call(guest, name, &words) {
        0 => "false".to_owned(),
        1 => "true".to_owned(),
        word => code(word),
    }
}

/// Each row: arguments separated by spaces (JSON without spaces), then the result.
fn values(name: &str, rows: &[&str]) {
    let mut guest = Runtime::get().guest(&[], &[]);
    for row in rows {
        guest.call::<(), ()>("palisade_reset", ());
        let (arguments, expected) = row.rsplit_once(" => ").unwrap();
        let arguments: Vec<&str> = arguments.split(' ').collect();
        assert_eq!(
            value(&mut guest, name, &arguments),
            expected,
            "{name} {row}"
        );
    }
}

fn conditions(name: &str, rows: &[&str]) {
    let mut guest = Runtime::get().guest(&[], &[]);
    for row in rows {
        guest.call::<(), ()>("palisade_reset", ());
        let (arguments, expected) = row.rsplit_once(" => ").unwrap();
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let got = condition(&mut guest, &format!("fn_{name}"), &arguments);
        assert_eq!(got, expected, "{name} {row}");
    }
}

/// Each row: two texts and `<`, `=` or `>`, or `value` where they cannot be compared; both ways round.
fn orders(name: &str, rows: &[&str]) {
    let mut guest = Runtime::get().guest(&[], &[]);
    for row in rows {
        guest.call::<(), ()>("palisade_reset", ());
        let parts: Vec<&str> = row.split(' ').collect();
        let &[left, order, right] = parts.as_slice() else {
            panic!("{row}")
        };
        let (a, b) = (argument(&mut guest, left), argument(&mut guest, right));
        let (there, back) = match order {
            "<" => (-1, 1),
            "=" => (0, 0),
            ">" => (1, -1),
            _ => (layout::UNKNOWN_VALUE as i32, layout::UNKNOWN_VALUE as i32),
        };
        assert_eq!(call(&mut guest, name, &[a, b]) as i32, there, "{row}");
        assert_eq!(
            call(&mut guest, name, &[b, a]) as i32,
            back,
            "{row} the other way"
        );
    }
}

#[test]
fn codes_pass_through_every_function() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let of_text: &[(&str, usize)] = &[
        ("len", 1),
        ("starts_with", 2),
        ("ends_with", 2),
        ("contains", 2),
        ("lower", 1),
        ("upper", 1),
        ("trim", 1),
        ("trim_prefix", 2),
        ("trim_suffix", 2),
        ("split", 2),
        ("replace", 3),
        ("find_all", 2),
        ("entropy", 1),
        ("clean_path", 1),
        ("path_within", 2),
        ("int", 1),
        ("octal", 1),
        ("quantity", 1),
        ("version", 1),
        ("image", 1),
        ("cidr", 1),
        ("ip", 1),
        ("within_cidr", 2),
        ("versions", 1),
        ("within_versions", 2),
        ("range", 1),
        ("base64_decode", 1),
        ("base64url_decode", 1),
        ("host_matches", 2),
        ("add_quantity", 2),
        ("subtract_quantity", 2),
        ("min_quantity", 2),
        ("max_quantity", 2),
    ];
    let of_ints: &[(&str, usize)] = &[
        ("add", 2),
        ("subtract", 2),
        ("multiply", 2),
        ("integer_divide", 2),
        ("remainder", 2),
        ("negate", 1),
        ("abs", 1),
        ("min", 2),
        ("max", 2),
        ("percent_of", 2),
    ];
    let cases = of_text.iter().map(|case| (case, "\"1\""));
    for (&(name, n_arguments), known) in cases.chain(of_ints.iter().map(|case| (case, "1"))) {
        for odd in 0..n_arguments {
            let mut arguments = vec![known; n_arguments];
            arguments[odd] = "template";
            assert_eq!(value(&mut guest, name, &arguments), "template", "{name}");
            arguments[odd] = "absent";
            assert_eq!(value(&mut guest, name, &arguments), "absent", "{name}");
            // The first unknown decides, wherever something is absent.
            arguments[n_arguments - 1] = "missing";
            arguments[0] = if n_arguments == 1 {
                "missing"
            } else {
                "absent"
            };
            assert_eq!(value(&mut guest, name, &arguments), "missing", "{name}");
            arguments[0] = "shape";
            assert_eq!(value(&mut guest, name, &arguments), "shape", "{name}");
        }
    }
    for name in [
        "size",
        "keys",
        "values",
        "sort",
        "unique",
        "sum",
        "min_of",
        "max_of",
        "min_quantity_of",
        "max_quantity_of",
        "namespace",
    ] {
        assert_eq!(value(&mut guest, name, &["budget"]), "budget", "{name}");
    }
    for name in ["union", "intersect", "minus", "subset_of"] {
        assert_eq!(
            value(&mut guest, name, &["[1]", "template"]),
            "template",
            "{name}"
        );
        assert_eq!(
            value(&mut guest, name, &["value", "template"]),
            "value",
            "{name}"
        );
    }
}

#[test]
fn texts() {
    values("len", &["\"\" => 0", "\"héé😀\" => 4"]);
    conditions(
        "starts_with",
        &[
            "\"abc\" \"ab\" => true",
            "\"ab\" \"abc\" => false",
            "\"x\" \"\" => true",
            "\"\" \"\" => true",
        ],
    );
    conditions(
        "ends_with",
        &[
            "\"abc\" \"bc\" => true",
            "\"bc\" \"abc\" => false",
            "\"abc\" \"b\" => false",
            "\"\" \"\" => true",
        ],
    );
    conditions(
        "contains",
        &[
            "\"ababac\" \"abac\" => true",
            "\"aaaa\" \"aaab\" => false",
            "\"abc\" \"abc\" => true",
            "\"abc\" \"abcd\" => false",
            "\"\" \"\" => true",
            "\"x\" \"\" => true",
            "\"\" \"x\" => false",
            "\"aabaabaaab\" \"aabaaa\" => true",
        ],
    );
    values("lower", &["\"ABÇz@[\" => \"abÇz@[\""]);
    values("upper", &["\"abçZ`{\" => \"ABçZ`{\""]);
    values(
        "trim",
        &[
            "\"\\t\\r\\nax\\u00a0\\n\" => \"ax\u{a0}\"",
            "\"\\n\\t\" => \"\"",
            "\"\" => \"\"",
        ],
    );
    values(
        "trim_prefix",
        &[
            "\"aab\" \"a\" => \"ab\"",
            "\"ab\" \"b\" => \"ab\"",
            "\"a\" \"a\" => \"\"",
        ],
    );
    values(
        "trim_suffix",
        &[
            "\"abb\" \"b\" => \"ab\"",
            "\"ab\" \"a\" => \"ab\"",
            "\"a\" \"a\" => \"\"",
        ],
    );
    values(
        "split",
        &[
            "\"a,b\" \",\" => [\"a\",\"b\"]",
            "\",a,,\" \",\" => [\"\",\"a\",\"\",\"\"]",
            "\"\" \",\" => [\"\"]",
            "\"aaa\" \"aa\" => [\"\",\"a\"]",
            "\"abc\" \"abc\" => [\"\",\"\"]",
            "\"a\" \"\" => value",
            "\"x→y\" \"→\" => [\"x\",\"y\"]",
        ],
    );
    values(
        "join",
        &[
            "[\"a\",\"b\",\"\"] \"--\" => \"a--b--\"",
            "[] \",\" => \"\"",
            "absent \",\" => \"\"",
            "[\"a\"] absent => absent",
            "[\"a\"] value => value",
            "template absent => template",
        ],
    );
    values(
        "replace",
        &[
            "\"aaa\" \"aa\" \"b\" => \"ba\"",
            "\"abab\" \"ab\" \"\" => \"\"",
            "\"abc\" \"x\" \"y\" => \"abc\"",
            "\"abc\" \"abc\" \"abcabc\" => \"abcabc\"",
            "\"abc\" \"\" \"y\" => value",
            "\"a.b\" \".\" \"→\" => \"a→b\"",
        ],
    );
    values(
        "substring",
        &[
            "\"héllo\" 1 3 => \"él\"",
            "\"héllo\" 0 99 => \"héllo\"",
            "\"héllo\" 7 9 => \"\"",
            "\"héllo\" 3 1 => \"\"",
            "\"héllo\" -1 1 => value",
            "\"héllo\" 1 -1 => value",
            "\"\" 0 0 => \"\"",
            "\"x\" 0 9223372036854775807 => \"x\"",
        ],
    );
    values(
        "entropy",
        &[
            "\"\" => 0",
            "\"aaaa\" => 0",
            "\"ab\" => 1000",
            "\"abcdefgh\" => 3000",
            "\"aab\" => 918",
            "\"é\" => 1000",
            "\"aaab\" => 811",
        ],
    );
}

#[test]
fn paths() {
    values(
        "clean_path",
        &[
            "\"\" => \".\"",
            "\"/\" => \"/\"",
            "\"//a//b/\" => \"/a/b\"",
            "\"a/./b/..\" => \"a\"",
            "\"/../a\" => \"/a\"",
            "\"/a/..\" => \"/\"",
            "\"a/..\" => \".\"",
            "\"..\" => \"..\"",
            "\"../../a\" => \"../../a\"",
            "\"a/../../b\" => \"../b\"",
            "\"/a/b/../../../c\" => \"/c\"",
            "\"./.\" => \".\"",
            "\"...\" => \"...\"",
            "\"a/..b\" => \"a/..b\"",
        ],
    );
    conditions(
        "path_within",
        &[
            "\"/var/lib\" \"/var\" => true",
            "\"/var\" \"/var/\" => true",
            "\"/variable\" \"/var\" => false",
            "\"/var/../etc\" \"/var\" => false",
            "\"/a\" \"/\" => true",
            "\"/\" \"/\" => true",
            "\"/\" \"/a\" => false",
            "\"a/b\" \".\" => true",
            "\"/a\" \".\" => false",
            "\"../a\" \".\" => false",
            "\"..\" \".\" => false",
            "\"..a\" \".\" => true",
            "\".\" \".\" => true",
            "\"../../x\" \"..\" => false",
            "\"../x\" \"..\" => true",
            "\"a\" \"/\" => false",
        ],
    );
}

#[test]
fn whole_numbers() {
    let (least, most) = (i64::MIN.to_string(), i64::MAX.to_string());
    let rows = |rows: &[&str]| -> Vec<String> {
        rows.iter()
            .map(|row| row.replace("LEAST", &least).replace("MOST", &most))
            .collect()
    };
    let check = |name: &str, list: &[&str]| {
        let list = rows(list);
        values(name, &list.iter().map(String::as_str).collect::<Vec<_>>());
    };
    check(
        "add",
        &[
            "1 2 => 3",
            "MOST 1 => value",
            "LEAST -1 => value",
            "MOST LEAST => -1",
        ],
    );
    check(
        "subtract",
        &[
            "1 2 => -1",
            "LEAST 1 => value",
            "0 LEAST => value",
            "-1 LEAST => MOST",
        ],
    );
    check(
        "multiply",
        &[
            "6 -7 => -42",
            "0 LEAST => 0",
            "-1 LEAST => value",
            "LEAST -1 => value",
            "LEAST 1 => LEAST",
            "4294967296 2147483648 => value",
            "4294967296 -2147483648 => LEAST",
            "3037000500 3037000500 => value",
            "MOST MOST => value",
        ],
    );
    check(
        "integer_divide",
        &[
            "7 2 => 3",
            "-7 2 => -3",
            "7 -2 => -3",
            "1 0 => value",
            "LEAST -1 => value",
        ],
    );
    check(
        "remainder",
        &[
            "7 2 => 1",
            "-7 2 => -1",
            "7 -2 => 1",
            "1 0 => value",
            "LEAST -1 => 0",
        ],
    );
    check("negate", &["5 => -5", "LEAST => value"]);
    check("abs", &["-5 => 5", "5 => 5", "LEAST => value"]);
    check("min", &["1 -2 => -2"]);
    check("max", &["1 -2 => 1", "LEAST MOST => MOST"]);
    check(
        "min_of",
        &["[3,1,2] => 1", "[] => absent", "absent => absent"],
    );
    check("max_of", &["[3,LEAST,4] => 4", "[] => absent"]);
    check(
        "sum",
        &[
            "[1,2,3] => 6",
            "[] => 0",
            "absent => 0",
            "[MOST,1] => value",
            "[MOST,1,-5] => value",
        ],
    );
    check(
        "int",
        &[
            "\"12\" => 12",
            "\"+12\" => 12",
            "\"-012\" => -12",
            "\"9223372036854775807\" => MOST",
            "\"9223372036854775808\" => absent",
            "\"-9223372036854775808\" => LEAST",
            "\"-9223372036854775809\" => absent",
            "\"00000000000000000000000000000000001\" => 1",
            "\"\" => absent",
            "\"-\" => absent",
            "\"1x\" => absent",
            "\"1.0\" => absent",
            "\"--1\" => absent",
        ],
    );
    check(
        "octal",
        &[
            "\"0644\" => 420",
            "\"0o644\" => 420",
            "\"644\" => 420",
            "\"0\" => 0",
            "\"0o\" => absent",
            "\"08\" => absent",
            "\"\" => absent",
            "\"777777777777777777777\" => MOST",
            "\"1000000000000000000000\" => absent",
        ],
    );
    check(
        "percent_of",
        &[
            "5 3 => 5",
            "\"50%\" 3 => 2",
            "\"25%\" 4 => 1",
            "\"0%\" 10 => 0",
            "\"1%\" 1 => 1",
            "\"100%\" MOST => MOST",
            "\"101%\" MOST => value",
            "\"50%\" -3 => -1",
            "\"9223372036854775807%\" 100 => MOST",
            "\"9223372036854775807%\" 101 => value",
            "\"99999999999999999999%\" 1 => value",
            "\"%\" 3 => absent",
            "\"50\" 3 => absent",
            "\"-5%\" 3 => absent",
            "\"5.5%\" 3 => absent",
        ],
    );
    check(
        "rank",
        &[
            "\"b\" [\"a\",\"b\"] => 1",
            "\"a\" [\"a\",\"b\"] => 0",
            "\"c\" [\"a\"] => value",
            "absent [\"a\"] => absent",
        ],
    );
}

#[test]
fn numbers_and_times_in_text() {
    values(
        "float",
        &[
            "\"1\" => 1",
            "\"-0.50\" => -0.50",
            "\"1e3\" => 1e3",
            "\"0\" => 0",
            "\"01\" => absent",
            "\"1.\" => absent",
            "\".5\" => absent",
            "\"+1\" => absent",
            "\"1e\" => absent",
            "\"-\" => absent",
            "\"\" => absent",
            "absent => absent",
        ],
    );
    values(
        "duration",
        &[
            "\"1h30m\" => \"1h30m\"",
            "\"1d\" => absent",
            "\"\" => absent",
            "absent => absent",
        ],
    );
    values(
        "timestamp",
        &[
            "\"2026-11-20\" => \"2026-11-20\"",
            "\"2026-02-29\" => absent",
            "\"\" => absent",
            "absent => absent",
        ],
    );
}

#[test]
fn quantities() {
    values(
        "quantity",
        &[
            "\"1Gi\" => \"1Gi\"",
            "\"1GB\" => absent",
            "\"\" => absent",
            "\".5\" => \".5\"",
        ],
    );
    values(
        "add_quantity",
        &[
            "\"1Gi\" \"1Mi\" => \"1074790400\"",
            "\"100m\" \"0.9\" => \"1\"",
            "1 \"500m\" => \"1.5\"",
            "1.5 -2 => \"-0.5\"",
            "\"1e3\" 0 => \"1000\"",
            "\"1n\" \"-1n\" => \"0\"",
            "\"1E\" \"1n\" => value",
            "\"999999999999999999\" 1 => \"1000000000000000000\"",
            "\"999999999999999999\" 2 => value",
            "\"1e999\" \"1e-999\" => value",
            "\"1e21\" \"2e21\" => \"3000000000000000000000\"",
            "\"1u\" 0 => \"0.000001\"",
            "\"123456789012345678Ei\" 0 => value",
            "\"-1Ki\" \"1k\" => \"-24\"",
            "\"x\" 1 => value",
        ],
    );
    values(
        "subtract_quantity",
        &[
            "\"1Gi\" \"1G\" => \"73741824\"",
            "1 2 => \"-1\"",
            "\"1\" \"1000m\" => \"0\"",
            "\"0\" \"5m\" => \"-0.005\"",
        ],
    );
    values(
        "multiply_quantity",
        &[
            "\"2.5\" \"100Mi\" => \"262144000\"",
            "2 \"500m\" => \"1\"",
            "-1.5 \"1Ki\" => \"-1536\"",
            "0 \"1Gi\" => \"0\"",
            "\"1e-999\" \"1e999\" => \"1\"",
            "\"1Ei\" 1 => value",
            "\"1Ei\" \"1Ei\" => value",
            // 2⁶⁰ · 5²⁴ = 2³⁶ · 10²⁴
            "\"1Ei\" \"59604644775390625\" => \"68719476736000000000000000000000000\"",
            "999999999999999999 1 => \"999999999999999999\"",
            "333333333333333333 3 => \"999999999999999999\"",
            "333333333333333334 3 => value",
            "9223372036854775807 1 => value",
            "\"x\" 1 => value",
            "absent 1 => absent",
        ],
    );
    values(
        "divide",
        &[
            "1 2 => 0.5",
            "6 -3 => -2",
            "1 3 => 0.333333333333333",
            "2 3 => 0.666666666666667",
            "-2 3 => -0.666666666666667",
            "999999999999999999 1 => 1000000000000000000",
            "0 5 => 0",
            "5 0 => value",
            "\"1Gi\" \"512Mi\" => 2",
            "\"1Ei\" \"1Pi\" => 1024",
            "2.5 \"500m\" => 5",
            "1 \"1Ei\" => 0.000000000000000000867361737988404",
            "absent 1 => absent",
        ],
    );
    values(
        "min_quantity",
        &["\"1Gi\" \"1G\" => \"1G\"", "2 \"2\" => 2"],
    );
    values(
        "max_quantity",
        &["\"1Gi\" \"1G\" => \"1Gi\"", "\"2\" 2 => \"2\""],
    );
    values(
        "min_quantity_of",
        &[
            "[\"1Gi\",\"1G\",2] => 2",
            "[] => absent",
            "absent => absent",
        ],
    );
    values("max_quantity_of", &["[\"1G\",\"1Gi\",2] => \"1Gi\""]);
    orders(
        "order_number",
        &[
            "1 < 2",
            "1 = 1.0",
            "-1 < 0.5",
            "-0.0 = 0",
            "-2 < -1.5",
            "1e2 = 100",
            "123456789012345678901234567890 < 123456789012345678901234567891",
            "0.1 < 0.11",
            "-1e400 < 1e-400",
            "9223372036854775807 < 9223372036854775808",
            "1e999999999999999999999999999 > 5",
            "100 > 99.999",
        ],
    );
}

#[test]
fn versions() {
    values(
        "version",
        &[
            "\"v1.30.2\" => \"v1.30.2\"",
            "\"1\" => \"1\"",
            "\"\" => absent",
            "\"v\" => absent",
            "\"x1\" => absent",
            "\"1.2-gke.100\" => \"1.2-gke.100\"",
            "\"999999999.1\" => \"999999999.1\"",
            "\"1000000000\" => absent",
            "\"0000000001\" => absent",
            "\"1.2.3.4.5.6.7.8\" => \"1.2.3.4.5.6.7.8\"",
            "\"1.2.3.4.5.6.7.8.9\" => absent",
            "\"1.0-rc1000000000\" => absent",
            "\"1.\" => \"1.\"",
            "\"latest\" => absent",
        ],
    );
    orders(
        "order_version",
        &[
            "\"1.30\" > \"1.9\"",
            "\"v1.30\" = \"1.30.0\"",
            "\"1.30.0-rc.1\" < \"1.30.0\"",
            "\"1.30.0-alpha.2\" < \"1.30.0-beta.1\"",
            "\"1.30.0-beta\" < \"1.30.0-rc\"",
            "\"1.30.0-rc.2\" < \"1.30.0-rc.10\"",
            "\"1.30.0-rc1\" = \"1.30.0-rc.1\"",
            "\"1.30-rc\" = \"1.30-rc0\"",
            "\"1.30.1-gke.5\" = \"1.30.1\"",
            "\"1.30+k3s1\" = \"1.30\"",
            "\"1.30-rcx\" = \"1.30\"",
            "\"1.30-rc1x\" = \"1.30\"",
            "\"1.30-rc1-eks\" < \"1.30\"",
            "\"1.30-rc1-eks\" = \"1.30-rc.1+x\"",
            "\"1.30-\" = \"1.30\"",
            "\"1.2.\" = \"1.2\"",
            "\"1.2.x\" = \"1.2\"",
            "\"1.2.3.4.5.6.7.8\" > \"1.2.3.4.5.6.7\"",
            "\"x\" value \"1\"",
            "\"\" value \"1\"",
        ],
    );
}

#[test]
fn times() {
    orders(
        "order_duration",
        &[
            "\"1h\" = \"60m\"",
            "\"1h30m\" = \"90m\"",
            "\"1.5h\" = \"90m\"",
            "\"-1s\" < \"0\"",
            "\"+1s\" > \"999ms\"",
            "\"1us\" = \"1000ns\"",
            "\"1µs\" = \"1us\"",
            "\"1μs\" = \"1us\"",
            "\"0.5ns\" = \"0\"",
            "\"0.0000000001s\" = \"0\"",
            "\"0.999999999999s\" < \"1s\"",
            "\"0.027777777777777777777777777777777777h\" < \"100s\"",
            "\"9223372036854775807ns\" > \"1h\"",
            "\"-9223372036854775808ns\" < \"1h\"",
            "\"9223372036854775808ns\" value \"1h\"",
            "\"-9223372036854775809ns\" value \"1h\"",
            "\"2562048h\" value \"1h\"",
            "\"2562047h47m16.854775807s\" > \"1h\"",
            "\"2562047h47m16.854775808s\" value \"1h\"",
            "\"\" value \"1h\"",
            "\"-\" value \"1h\"",
            "\"1\" value \"1h\"",
            "\"1d\" value \"1h\"",
            "\"h\" value \"1h\"",
            "\".5h\" value \"1h\"",
            "\"5.h\" value \"1h\"",
            "\"1h1\" value \"1h\"",
            "\"1hh\" value \"1h\"",
            "\"99999999999999999999999s\" value \"1h\"",
        ],
    );
    orders(
        "order_timestamp",
        &[
            "\"2024-01-01\" = \"2024-01-01T00:00:00Z\"",
            "\"2024-01-01T01:00:00+01:00\" = \"2024-01-01\"",
            "\"2023-12-31T23:30:00-00:30\" = \"2024-01-01\"",
            "\"2024-02-29\" < \"2024-03-01\"",
            "\"2024-01-01T00:00:00.1Z\" < \"2024-01-01T00:00:00.11Z\"",
            "\"2024-01-01T00:00:00.1234567891Z\" = \"2024-01-01t00:00:00.1234567892z\"",
            "\"0000-03-01\" > \"0000-02-29\"",
            "\"1999-12-31T23:59:59Z\" < \"2000-01-01\"",
            "\"2100-03-01\" > \"2100-02-28T23:59:59.999999999Z\"",
            "\"2000-02-29\" < \"2000-03-01\"",
            "\"2023-02-29\" value \"2024-01-01\"",
            "\"2100-02-29\" value \"2024-01-01\"",
            "\"2024-04-31\" value \"2024-01-01\"",
            "\"2024-13-01\" value \"2024-01-01\"",
            "\"2024-00-01\" value \"2024-01-01\"",
            "\"2024-01-00\" value \"2024-01-01\"",
            "\"2024-1-1\" value \"2024-01-01\"",
            "\"2024-01-01T00:00:00\" value \"2024-01-01\"",
            "\"2024-01-01T24:00:00Z\" value \"2024-01-01\"",
            "\"2024-01-01T00:00:60Z\" value \"2024-01-01\"",
            "\"2024-01-01T00:00:00.Z\" value \"2024-01-01\"",
            "\"2024-01-01T00:00:00.5\" value \"2024-01-01\"",
            "\"2024-01-01T00:00:00+0100\" value \"2024-01-01\"",
            "\"2024-01-01T00:00:00ZZ\" value \"2024-01-01\"",
            "\"2024-01-01Z\" value \"2024-01-01\"",
            "\"\" value \"2024-01-01\"",
        ],
    );
}

#[test]
fn lists() {
    values(
        "size",
        &[
            "[1,null,\"x\"] => 3",
            "[] => 0",
            "absent => 0",
            "{\"a\":1,\"b\":null} => 1",
        ],
    );
    values(
        "keys",
        &[
            "{\"a\":1,\"b\":null,\"spec\":{}} => [\"a\",\"spec\"]",
            "{} => []",
            "absent => []",
        ],
    );
    values(
        "values",
        &[
            "{\"a\":1,\"b\":null,\"spec\":[2]} => [1,[2]]",
            "{} => []",
            "absent => []",
        ],
    );
    conditions(
        "subset_of",
        &[
            "[1,2] [3,2,1] => true",
            "[1,4] [3,2,1] => false",
            "[] [] => true",
            "absent [] => true",
            "[1] absent => false",
            "[1] [1.0] => true",
            "[\"1\"] [1] => false",
            "[true] [true] => true",
        ],
    );
    values(
        "union",
        &[
            "[1,2,1] [3,2] => [1,2,3]",
            "[] [1,1] => [1]",
            "absent absent => []",
            "[1.0] [1] => [1.0]",
        ],
    );
    values(
        "intersect",
        &[
            "[1,2,1,3] [3,1] => [1,3]",
            "[1] [] => []",
            "absent [1] => []",
        ],
    );
    values(
        "minus",
        &[
            "[1,2,1,3,2] [3] => [1,2]",
            "[1] absent => [1]",
            "absent [1] => []",
        ],
    );
    values(
        "unique",
        &["[1,1.0,\"1\",\"1\",true] => [1,\"1\",true]", "absent => []"],
    );
    values(
        "sort",
        &[
            "[] => []",
            "absent => []",
            "[1] => [1]",
            "[3,-1,2,10] => [-1,2,3,10]",
            "[\"b\",\"a\",\"B\",\"\",\"é\"] => [\"\",\"B\",\"a\",\"b\",\"é\"]",
            "[\"a\",2,\"A\",1] => [1,2,\"A\",\"a\"]",
            "[1.0,1,0.5] => [0.5,1.0,1]",
        ],
    );
}

#[test]
fn sorting_is_right_for_many_lengths() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let mut state = 1_u64;
    for len in 0..70 {
        let mut numbers: Vec<u64> = (0..len)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1);
                state >> 58
            })
            .collect();
        let list = format!("{numbers:?}").replace(' ', "");
        numbers.sort_unstable();
        let sorted = format!("{numbers:?}").replace(' ', "");
        assert_eq!(value(&mut guest, "sort", &[&list]), sorted);
    }
}

#[test]
fn elements_of_arguments_are_checked() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let strings = 1 << layout::KIND_STRING;
    let mut check = |list: &str, mask: u32| {
        let list = argument(&mut guest, list);
        let result = call(&mut guest, "fn_check_list", &[list, mask]);
        if result == list {
            "itself".to_owned()
        } else {
            code(result)
        }
    };
    assert_eq!(check("[\"a\",\"b\"]", strings), "itself");
    assert_eq!(check("[\"a\",1]", strings), "shape");
    assert_eq!(check("absent", strings), "itself");
    assert_eq!(check("template", strings), "itself");
    assert_eq!(check("[1,null]", 0x17E), "itself");
}

#[test]
fn steps_run_out() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let many: Vec<String> = (0..3000).map(|n| n.to_string()).collect();
    let list = format!("[{}]", many.join(","));
    assert_eq!(value(&mut guest, "unique", &[&list]), "budget");
    assert_eq!(guest.static_word("PALISADE_STEPS"), u32::MAX);
    assert_eq!(value(&mut guest, "union", &[&list, "absent"]), "budget");
    assert_eq!(
        condition(&mut guest, "fn_subset_of", &[&list, &list]),
        "budget"
    );
    let text = format!("\"{}\"", ",".repeat(4_000_001));
    assert_eq!(value(&mut guest, "split", &[&text, "\",\""]), "budget");
    let short = format!("\"{}\"", ",".repeat(9));
    let words = [argument(&mut guest, &short), argument(&mut guest, "\",\"")];
    call(&mut guest, "fn_split", &words);
    assert_eq!(
        guest.static_word("PALISADE_STEPS"),
        layout::STEP_BUDGET - 10
    );
}

#[test]
fn addresses() {
    values(
        "ip",
        &[
            "\"10.0.0.1\" => \"10.0.0.1\"",
            "\"10.0.0.256\" => absent",
            "\"10.0.0\" => absent",
            "\"10.0.0.1.2\" => absent",
            "\"10.0.0.01\" => absent",
            "\"10.0.0.\" => absent",
            "\"\" => absent",
            "\"::\" => \"::\"",
            "\"::1\" => \"::1\"",
            "\"1::\" => \"1::\"",
            "\"1:2:3:4:5:6:7:8\" => \"1:2:3:4:5:6:7:8\"",
            "\"1:2:3:4:5:6:7\" => absent",
            "\"1:2:3:4:5:6:7:8:9\" => absent",
            "\"1:2:3:4::5:6:7:8\" => absent",
            "\"1:2:3::5:6:7:8\" => \"1:2:3::5:6:7:8\"",
            "\"1::2::3\" => absent",
            "\":::\" => absent",
            "\":1\" => absent",
            "\"1:\" => absent",
            "\"12345::\" => absent",
            "\"::ffff:1.2.3.4\" => \"::ffff:1.2.3.4\"",
            "\"::1.2.3\" => absent",
            "\"1:2:3:4:5:6:1.2.3.4\" => \"1:2:3:4:5:6:1.2.3.4\"",
            "\"1:2:3:4:5:6:7:1.2.3.4\" => absent",
            "\"::1.2.3.4:5\" => absent",
            "\"fe80::1%eth0\" => absent",
            "\"10.0.0.1/8\" => absent",
            "\"FE80::A\" => \"FE80::A\"",
            "\":\" => absent",
        ],
    );
    values(
        "cidr",
        &[
            "\"10.0.0.1/8\" => \"10.0.0.1/8\"",
            "\"10.0.0.1\" => absent",
            "\"10.0.0.1/33\" => absent",
            "\"10.0.0.1/\" => absent",
            "\"10.0.0.1/08\" => absent",
            "\"::/128\" => \"::/128\"",
            "\"::/129\" => absent",
            "\"::/0\" => \"::/0\"",
            "\"/8\" => absent",
            "\"::/8/8\" => absent",
        ],
    );
    conditions(
        "within_cidr",
        &[
            "\"10.1.2.3\" \"10.0.0.0/8\" => true",
            "\"11.1.2.3\" \"10.0.0.0/8\" => false",
            "\"10.1.0.0/16\" \"10.0.0.0/8\" => true",
            "\"10.0.0.0/8\" \"10.1.0.0/16\" => false",
            "\"10.0.0.0/8\" \"10.9.9.9/8\" => true",
            "\"10.128.0.0\" \"10.127.0.0/9\" => false",
            "\"1.2.3.4\" \"0.0.0.0/0\" => true",
            "\"::1\" \"0.0.0.0/0\" => false",
            "\"::ffff:1.2.3.4\" \"1.2.3.4/32\" => false",
            "\"2001:db8::1\" \"2001:db8::/32\" => true",
            "\"1:2::3:4\" \"1:2:0:0:0:0:3:4/128\" => true",
            "\"1::\" \"1:0:0:0:0:0:0:0/128\" => true",
            "\"::1\" \"0:0:0:0:0:0:0:1/128\" => true",
            "\"1:2:3:4:5:6:7::\" \"1:2:3:4:5:6:7:0/128\" => true",
            "\"x\" \"10.0.0.0/8\" => value",
            "\"10.0.0.1\" \"10.0.0.1\" => value",
        ],
    );
}

#[test]
fn ranges() {
    values(
        "versions",
        &[
            r#"">=1.28" => ">=1.28""#,
            r#""1.22.0-1.22.13;1.25.0" => "1.22.0-1.22.13;1.25.0""#,
            r#""1.4.0-rc.3-1.4.2" => "1.4.0-rc.3-1.4.2""#,
            r#""=v1.2+k3s1" => "=v1.2+k3s1""#,
            r#""" => absent"#,
            r#""1.2;" => absent"#,
            r#"">=" => absent"#,
            r#""1.2,1.3" => absent"#,
            r#""1.x" => absent"#,
            r#""~1.2" => absent"#,
            r#""1..2" => absent"#,
            r#""1." => absent"#,
            r#"">1-2-3" => ">1-2-3""#,
            r#""<>1" => absent"#,
        ],
    );
    conditions(
        "within_versions",
        &[
            r#""1.30" ">=1.28\u0020<1.31" => true"#,
            r#""1.31" ">=1.28\u0020<1.31" => false"#,
            r#""1.28" ">\u00201.28" => false"#,
            r#""1.28.0" "1.28" => true"#,
            r#""1.28.1" "=1.28" => false"#,
            r#""1.22.13" "<=1.21.14;1.22.0-1.22.13" => true"#,
            r#""1.22" "<=1.21.14;\u00201.22.0-1.22.13" => true"#,
            r#""1.23" "<=1.21.14;1.22.0-1.22.13" => false"#,
            r#""1.4.0-rc.4" "1.4.0-rc.3-1.4.2" => true"#,
            r#""1.4.0-beta" "1.4.0-rc.3-1.4.2" => false"#,
            r#""1.2" "1.2;x" => value"#,
            r#""x" "1.2" => value"#,
        ],
    );
    values(
        "range",
        &[
            r#""1000-1999" => "1000-1999""#,
            r#""10000-" => "10000-""#,
            r#""-5" => "-5""#,
            r#""80" => "80""#,
            r#""" => absent"#,
            r#""-" => absent"#,
            r#""2-1" => absent"#,
            r#""1-2-3" => absent"#,
            r#""+1" => absent"#,
            r#""1000000000000000000" => absent"#,
        ],
    );
    conditions(
        "within_range",
        &[
            r#"1000 "1000-1999" => true"#,
            r#"1999 "1000-1999" => true"#,
            r#"2000 "1000-1999" => false"#,
            r#"9223372036854775807 "10000-" => true"#,
            r#"-9223372036854775808 "-5" => true"#,
            r#"6 "-5" => false"#,
            r#"80 "80" => true"#,
            r#"80 "8-0" => value"#,
        ],
    );
}

#[test]
fn decoding() {
    values(
        "base64_decode",
        &[
            r#""YQ==" => "a""#,
            r#""YWI=" => "ab""#,
            r#""YWJj" => "abc""#,
            r#""" => """#,
            r#""w6k=" => "é""#,
            r#""YWJj\nYW\r\nJj" => "abcabc""#,
            r#""YR==" => "a""#,
            r#""/w==" => absent"#,
            r#""7aCA" => absent"#,
            r#""YQ" => absent"#,
            r#""YQ=" => absent"#,
            r#""YQ=a" => absent"#,
            r#""YQ==YQ==" => absent"#,
            r#""====" => absent"#,
            r#""Y===" => absent"#,
            r#""Y-==" => absent"#,
        ],
    );
    values(
        "base64url_decode",
        &[
            r#""YQ" => "a""#,
            r#""YQ==" => "a""#,
            r#""YWI" => "ab""#,
            r#""YWJj" => "abc""#,
            r#""4pyT-IMOg_" => absent"#,
            r#""Pz8_Pz8-" => "?????>""#,
            r#""Pz8/" => absent"#,
            r#""Y" => absent"#,
            r#""YWI==" => absent"#,
            r#""YQ=" => absent"#,
        ],
    );
}

#[test]
fn selectors() {
    let labels = "{\"app\":\"web\",\"spec\":\"x\"}";
    for (selector, expected) in [
        ("absent", "false"),
        ("{}", "true"),
        ("{\"matchLabels\":{\"app\":\"web\"}}", "true"),
        ("{\"matchLabels\":{\"app\":\"db\"}}", "false"),
        ("{\"matchLabels\":{\"tier\":\"web\"}}", "false"),
        ("{\"matchLabels\":{\"spec\":\"x\",\"app\":\"web\"}}", "true"),
        ("{\"matchLabels\":{\"app\":1}}", "shape"),
        ("{\"matchLabels\":{\"app\":1,\"spec\":\"y\"}}", "false"),
        ("{\"matchLabels\":[]}", "shape"),
        ("{\"matchLabels\":null}", "true"),
        (
            "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\",\"values\":[\"web\"]}]}",
            "true",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\",\"values\":[]}]}",
            "false",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\"}]}",
            "false",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"no\",\"operator\":\"In\",\"values\":[\"web\"]}]}",
            "false",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"no\",\"operator\":\"NotIn\",\"values\":[\"web\"]}]}",
            "true",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"NotIn\",\"values\":[\"web\"]}]}",
            "false",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"NotIn\",\"values\":[\"a\",\"b\"]}]}",
            "true",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"Exists\"}]}",
            "true",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"no\",\"operator\":\"Exists\"}]}",
            "false",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"no\",\"operator\":\"DoesNotExist\"}]}",
            "true",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"DoesNotExist\"}]}",
            "false",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"Like\"}]}",
            "value",
        ),
        ("{\"matchExpressions\":[{\"key\":\"app\"}]}", "shape"),
        ("{\"matchExpressions\":[{\"operator\":\"In\"}]}", "shape"),
        ("{\"matchExpressions\":[1]}", "shape"),
        ("{\"matchExpressions\":{}}", "shape"),
        (
            "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\",\"values\":[1,\"web\"]}]}",
            "true",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"app\",\"operator\":\"In\",\"values\":[1]}]}",
            "shape",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"no\",\"operator\":\"In\",\"values\":1}]}",
            "false",
        ),
        (
            "{\"matchExpressions\":[{\"key\":\"no\",\"operator\":\"NotIn\",\"values\":1}]}",
            "true",
        ),
        (
            "{\"matchExpressions\":[1,{\"key\":\"no\",\"operator\":\"Exists\"}]}",
            "false",
        ),
    ] {
        let row = format!("{selector} {labels} => {expected}");
        conditions("selects", &[&row]);
    }
    conditions(
        "selects",
        &[
            "{\"matchLabels\":{\"a\":\"b\"}} absent => false",
            "{} absent => true",
            "{\"matchLabels\":{\"a\":\"b\"}} {\"a\":1} => shape",
            "{\"matchLabels\":{\"a\":\"b\"}} {\"a\":null} => false",
            "{} template => template",
        ],
    );
}

#[test]
fn rules_and_names() {
    let rule =
        "{\"apiGroups\":[\"\",\"apps\"],\"resources\":[\"pods\",\"*/scale\"],\"verbs\":[\"get\"]}";
    for (question, expected) in [
        ("\"get\" \"\" \"pods\"", "true"),
        ("\"list\" \"\" \"pods\"", "false"),
        ("\"get\" \"batch\" \"pods\"", "false"),
        ("\"get\" \"\" \"pods/exec\"", "false"),
        ("\"get\" \"apps\" \"deployments/scale\"", "true"),
        ("\"get\" \"apps\" \"scale\"", "false"),
        ("absent \"apps\" \"scale\"", "false"),
        ("\"get\" template \"scale\"", "template"),
    ] {
        conditions("grants", &[&format!("{rule} {question} => {expected}")]);
    }
    conditions(
        "grants",
        &[
            "{\"apiGroups\":[\"*\"],\"resources\":[\"*\"],\"verbs\":[\"*\"]} \"x\" \"y\" \"z/s\" => true",
            "{\"nonResourceURLs\":[\"*\"],\"verbs\":[\"*\"]} \"x\" \"y\" \"z\" => false",
            "{} \"x\" \"y\" \"z\" => false",
            "{\"apiGroups\":[1],\"resources\":[\"*\"],\"verbs\":[\"*\"]} \"x\" \"y\" \"z\" => shape",
            "{\"apiGroups\":[1],\"resources\":[\"a\"],\"verbs\":[\"*\"]} \"x\" \"y\" \"z\" => false",
            "{\"apiGroups\":[1,\"y\"],\"resources\":[\"*\"],\"verbs\":[\"*\"]} \"x\" \"y\" \"z\" => true",
            "{\"apiGroups\":\"*\",\"resources\":[\"*\"],\"verbs\":[\"*\"]} \"x\" \"y\" \"z\" => shape",
            "absent \"x\" \"y\" \"z\" => false",
        ],
    );
    conditions(
        "host_matches",
        &[
            "\"a.example.com\" \"*.example.com\" => true",
            "\"A.Example.com\" \"*.eXample.com\" => true",
            "\"a.b.example.com\" \"*.example.com\" => false",
            "\"example.com\" \"*.example.com\" => false",
            "\".example.com\" \"*.example.com\" => false",
            "\"example.com\" \"example.com\" => true",
            "\"\" \"\" => true",
            "\"a.\" \"*.\" => true",
            "\"*\" \"*\" => true",
            "\"a\" \"*\" => false",
        ],
    );
    values(
        "namespace",
        &[
            "{\"metadata\":{\"namespace\":\"x\"}} => \"x\"",
            "{\"metadata\":{}} => inventory",
            "{} => inventory",
            "{\"metadata\":{\"namespace\":1}} => shape",
            "{\"metadata\":[]} => shape",
            "{\"metadata\":{\"namespace\":null}} => inventory",
        ],
    );
    values(
        "image",
        &[
            "\"nginx\" => \"nginx\"",
            "\"NGINX\" => absent",
            "\"a:${tag}\" => template",
            "\"\" => absent",
        ],
    );
}

#[test]
fn huge_and_odd_arguments_do_not_trap() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let long = format!("\"{}\"", "a".repeat(1 << 20));
    let near = format!("\"{}b\"", "a".repeat(1 << 19));
    assert_eq!(
        condition(&mut guest, "fn_contains", &[&long, &near]),
        "false"
    );
    assert_eq!(
        value(&mut guest, "replace", &[&long, "\"a\"", &near]),
        "budget"
    );
    let list = format!("[{}]", vec!["\"x\""; 100].join(","));
    assert_eq!(value(&mut guest, "join", &[&list, &near]), "budget");
    let digits = format!("\"{}\"", "9".repeat(1 << 20));
    let zeros = format!("\"{}1\"", "0".repeat(1 << 20));
    let dots = format!("\"{}\"", "1.".repeat(1 << 19));
    let colons = format!("\"{}\"", ":".repeat(1 << 20));
    let slashes = format!("\"{}\"", "/../a".repeat(1 << 18));
    let braces = format!("\"{}\"", "a{{".repeat(1 << 18));
    let odd = [&long, &digits, &zeros, &dots, &colons, &slashes, &braces];
    for text in odd {
        for name in [
            "len",
            "lower",
            "upper",
            "trim",
            "entropy",
            "clean_path",
            "int",
            "octal",
            "quantity",
            "version",
            "image",
            "cidr",
            "ip",
            "versions",
            "range",
            "base64_decode",
            "base64url_decode",
        ] {
            guest.call::<(), ()>("palisade_reset", ());
            value(&mut guest, name, &[text]);
        }
        for name in [
            "starts_with",
            "ends_with",
            "contains",
            "trim_prefix",
            "trim_suffix",
            "path_within",
            "within_cidr",
            "host_matches",
            "add_quantity",
            "subtract_quantity",
            "min_quantity",
            "max_quantity",
        ] {
            guest.call::<(), ()>("palisade_reset", ());
            let words = [argument(&mut guest, text), argument(&mut guest, "\"1\"")];
            call(&mut guest, &format!("fn_{name}"), &words);
            call(&mut guest, &format!("fn_{name}"), &[words[1], words[0]]);
        }
        for name in ["order_version", "order_duration", "order_timestamp"] {
            guest.call::<(), ()>("palisade_reset", ());
            let word = argument(&mut guest, text);
            call(&mut guest, name, &[word, word]);
        }
    }
    assert_eq!(value(&mut guest, "int", &[&zeros]), "1");
    assert_eq!(value(&mut guest, "percent_of", &[&digits, "1"]), "absent");
}
