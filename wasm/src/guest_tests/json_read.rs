//! The guest reads JSON to the same nodes as the host.

use palisade_lint::manifest::{self, Format};
use proptest::prelude::*;

use super::{Guest, Runtime};
use crate::testing::{Row, read_guest_tape, rows};

/// The nodes, or the error's number and the byte where.
fn read(guest: &mut Guest, json: &[u8]) -> Result<Vec<Row>, (u32, u32)> {
    guest.call::<(), ()>("palisade_reset", ());
    let place = guest.put(json);
    let answer: u32 = guest.call("palisade_read_json", place);
    let (root, error) = (guest.word(answer), guest.word(answer + 4));
    assert_eq!(root == 0, error != 0);
    if root == 0 {
        return Err((error, guest.word(answer + 8)));
    }
    Ok(read_guest_tape(
        guest.memory.data(&guest.store),
        root,
        &guest.symbols,
    ))
}

/// What the host's reader makes of one JSON value; nothing if it refuses.
fn read_in_host(json: &[u8]) -> Option<Vec<Row>> {
    let mut read = manifest::read(json, Format::Json);
    if read.problems.iter().any(manifest::Problem::is_error) || read.documents.len() != 1 {
        return None;
    }
    Some(rows(&read.documents.remove(0).tape))
}

fn check(guest: &mut Guest, json: &[u8]) {
    let (in_guest, in_host) = (read(guest, json), read_in_host(json));
    let text = String::from_utf8_lossy(json);
    match (in_guest, in_host) {
        (Ok(in_guest), Some(in_host)) => assert_eq!(in_guest, in_host, "{text}"),
        (Err(_), None) => {}
        (in_guest, in_host) => panic!("{text}\nguest {in_guest:?}\nhost {in_host:?}"),
    }
}

#[test]
fn chosen_texts_read_the_same_in_guest_and_host() {
    let long_key = format!("{{\"{}\":1}}", "k".repeat(70_000));
    let many: Vec<String> = (0..300).map(|i| format!("\"k{}\":{i}", i % 250)).collect();
    let many = format!("{{{}}}", many.join(","));
    let deep = |n: usize| format!("{}{}", "[".repeat(n), "]".repeat(n));
    let (deep_256, deep_257) = (deep(256), deep(257));
    let cases: &[&str] = &[
        r#"{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"a"},{"image":null}]}}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"b":null,"a":null}"#,
        r#"{"a":{"x":[1,2,{"y":1}]},"spec":1,"a":[],"spec":{"q":{}},"z":0}"#,
        r#"[{"a":1,"a":{"b":1,"b":[1]}},{"a":1}]"#,
        r#"{"\u0061":1,"a":2}"#,
        r#"{"sp\u0065c":1,"\u00fc":2,"ü":3}"#,
        r#"["\"\\\/\b\f\n\r\t\u0000\u001f\u007f\u00e9\u20ac\ud83d\ude00"]"#,
        r#"["\ud800","\udc00","\ud800\u0041","\ud800\ud800\udc00","\ud83d\n","\ud83dx"]"#,
        r#"["\ud800\u00"]"#,
        r#"["\uD83D\uDE00","\uFFFF","\u12G4"]"#,
        r#"["a\x"]"#,
        r#"["a"#,
        r#"["a\"#,
        r#"["\u12"#,
        "[\"a\nb\"]",
        "[\"a\tb\"]",
        "[\"é€😀\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}\"]",
        "[0,-0,1,-1,10,01]",
        "[0,-0,1,-1,10,-10]",
        "[9223372036854775807,9223372036854775808,-9223372036854775808,-9223372036854775809]",
        "[18446744073709551615,18446744073709551616,99999999999999999999,100000000000000000000000]",
        "[1.0,1.50,-0.0,1e2,1E+2,1e-2,0.1e10,123456789012345678901234567890.5]",
        "[1.]",
        "[.5]",
        "[+1]",
        "[1e]",
        "[1e+]",
        "[-]",
        "[- 1]",
        "[0x1]",
        "[1 2]",
        "[1,]",
        "[,1]",
        "[",
        "]",
        "{",
        "}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{'a':1}",
        "[tru]",
        "[truex]",
        "[true,false,null]",
        "[nulll]",
        "[NaN]",
        "\u{feff}[1]",
        " \t\r\n[ 1 , { \"a\" : [ ] } ] \n",
        "\u{b}[1]",
        "\u{a0}[1]",
        "[1] x",
        "\"text\"",
        "true",
        "12",
        "-",
        &deep_256,
        &deep_257,
        &long_key,
        &many,
    ];
    let mut guest = Runtime::get().guest(&[], b"");
    for case in cases {
        check(&mut guest, case.as_bytes());
    }
    // Bytes that are no UTF-8, inside and outside of strings; overlong forms and surrogates.
    let broken: [&[u8]; 12] = [
        b"[\"\xff\"]",
        b"[\"\xc3\"]",
        b"[\"\xc3",
        b"[\"\xe2\x82\"]",
        b"[\"\xf0\x9f\x98",
        b"[\"\xc0\x80\"]",
        b"[\"\xc1\xbf\"]",
        b"[\"\xe0\x80\x80\"]",
        b"[\"\xed\xa0\x80\"]",
        b"[\"\xf0\x80\x80\x80\"]",
        b"[\"\xf4\x90\x80\x80\"]",
        b"[\xc3\xa9]",
    ];
    for case in broken {
        check(&mut guest, case);
    }
}

#[test]
fn what_is_refused_says_why_and_where() {
    let mut guest = Runtime::get().guest(&[], b"");
    assert_eq!(read(&mut guest, b"{\"a\": nope}"), Err((1, 7)));
    assert_eq!(read(&mut guest, b""), Err((1, 0)));
    assert_eq!(read(&mut guest, b"[1]]"), Err((1, 3)));
    assert_eq!(read(&mut guest, b"[\"ab\xff\"]"), Err((3, 4)));
    let deep = "[".repeat(300);
    assert_eq!(read(&mut guest, deep.as_bytes()), Err((2, 256)));
}

/// A string as JSON might write it, some characters as escapes of every kind.
fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,3}",
        1 => "\\PC{1,3}".prop_filter("raw", |text| !text.contains(['"', '\\'])),
        1 => any::<u16>().prop_map(|unit| format!("\\u{unit:04X}")),
        1 => (0xd7f0..0xe010_u16).prop_map(|unit| format!("\\u{unit:04x}")),
        1 => prop::sample::select(vec!["\\n", "\\\\", "\\\"", "\\/", "\\b", "\\ud83d\\ude00"])
            .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<i64>().prop_map(|value| value.to_string()),
        any::<i128>().prop_map(|value| value.to_string()),
        any::<f64>().prop_filter_map("finite", |value| value
            .is_finite()
            .then(|| format!("{value:?}"))),
        "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?",
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::sample::select(vec!["\"a\"", "\"spec\"", "\"image\"", "\"\\u0061\"", "\"ü\"", "\"\""])
            .prop_map(str::to_owned),
        1 => string(),
    ]
}

fn json() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["null", "true", "false", "[]", "{}"]).prop_map(str::to_owned),
        number(),
        string(),
    ];
    leaf.prop_recursive(5, 60, 12, |inner| {
        let space = prop::sample::select(vec!["", " ", "\n\t"]);
        prop_oneof![
            (
                proptest::collection::vec(inner.clone(), 0..6),
                space.clone()
            )
                .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(","))),
            (proptest::collection::vec((key(), inner), 0..14), space).prop_map(
                |(members, space)| {
                    let members: Vec<_> = (members.iter())
                        .map(|(key, value)| format!("{key}{space}:{value}"))
                        .collect();
                    format!("{{{}{space}}}", members.join(","))
                }
            ),
        ]
    })
}

#[test]
fn random_texts_read_the_same_in_guest_and_host() {
    let guest = std::cell::RefCell::new(Runtime::get().guest(&[], b""));
    let cases = (json(), any::<prop::sample::Index>(), any::<u8>(), 0..10_u32);
    let config = ProptestConfig {
        cases: 3000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let counter = std::cell::Cell::new(0);
    let result = runner.run(&cases, |(text, at, byte, what)| {
        let mut json = format!("{{\"x\":{text}}}").into_bytes();
        let at = at.index(json.len());
        // Most texts stay whole; some lose a byte, get a wrong one, or end early.
        match what {
            0 => json[at] = byte,
            1 => json.truncate(at),
            2 => {
                json.remove(at);
            }
            _ => counter.set(counter.get() + 1),
        }
        check(&mut guest.borrow_mut(), &json);
        Ok(())
    });
    result.unwrap();
    let whole = counter.get();
    assert!(whole > 1500, "only {whole} texts were left whole");
}
