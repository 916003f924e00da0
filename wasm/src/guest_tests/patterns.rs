//! Patterns: the two engines of the guest against each other and against other libraries.

use std::fmt::Write as _;

use globset::GlobBuilder;
use palisade_abi::layout;
use palisade_pattern::{Block, Syntax};
use regex::Regex;

use super::functions::{call, show};
use super::{Guest, Runtime};

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len() as u64) as usize]
    }
}

const LETTERS: [&str; 14] = [
    "a", "b", "c", "A", "B", "_", "1", "2", "-", " ", "\n", "é", "😀", "/",
];

fn random_text(random: &mut Random) -> String {
    let len = random.below(9);
    (0..len).map(|_| random.pick(&LETTERS)).collect()
}

/// A regular expression and what says the same to the crate `regex`.
fn random_regex(random: &mut Random, depth: u32, ours: &mut String, theirs: &mut String) {
    for branch in 0..1 + random.below(5) / 3 {
        if branch != 0 {
            ours.push('|');
            theirs.push('|');
        }
        for _ in 0..random.below(4) {
            let begun = (ours.len(), theirs.len());
            let repeatable = random_atom(random, depth, ours, theirs);
            if repeatable && random.below(3) == 0 {
                let repetition = random.pick(&[
                    "*", "+", "?", "{2}", "{0,2}", "{1,3}", "{2,}", "{0}", "*?", "+?", "??",
                    "{1,2}?",
                ]);
                ours.push_str(repetition);
                theirs.push_str(repetition);
            }
            assert!(begun.0 < ours.len());
        }
    }
}

fn random_atom(random: &mut Random, depth: u32, ours: &mut String, theirs: &mut String) -> bool {
    let both = |ours: &mut String, theirs: &mut String, text: &str| {
        ours.push_str(text);
        theirs.push_str(text);
    };
    match random.below(16) {
        0 | 1 if depth != 0 => {
            both(
                ours,
                theirs,
                random.pick(&[
                    "(", "(?:", "(?P<n>", "(?i:", "(?s:", "(?m:", "(?-i:", "(?U:", "(?im-s:",
                ]),
            );
            if ours.ends_with("<n>") {
                // Names of groups have to differ for the other library.
                theirs.truncate(theirs.len() - "?P<n>".len());
            }
            random_regex(random, depth - 1, ours, theirs);
            both(ours, theirs, ")");
            true
        }
        2 => {
            both(ours, theirs, random.pick(&["^", "$", r"\A", r"\z"]));
            false
        }
        3 => {
            let assertion = random.pick(&[r"\b", r"\B"]);
            ours.push_str(assertion);
            // A boundary of bytes is one within a character too, which the other library refuses to look for in text.
            if assertion == r"\b" {
                theirs.push_str(r"(?-u:\b)");
            } else {
                theirs.push_str(r"(?:^|$|[^a])");
                ours.truncate(ours.len() - 2);
                ours.push_str(r"(?:^|$|[^a])");
            }
            false
        }
        4 | 5 => {
            let (name, set) = [
                (r"\d", "[0-9]"),
                (r"\D", "[^0-9]"),
                (r"\w", "[0-9A-Za-z_]"),
                (r"\W", "[^0-9A-Za-z_]"),
                (r"\s", r"[\t\n\x0C\r ]"),
                (r"\S", r"[^\t\n\x0C\r ]"),
            ][random.below(6) as usize];
            ours.push_str(name);
            theirs.push_str(set);
            true
        }
        6 | 7 => {
            let negation = random.pick(&["", "", "^"]);
            ours.push('[');
            theirs.push('[');
            both(ours, theirs, negation);
            for _ in 0..1 + random.below(3) {
                match random.below(6) {
                    0 => {
                        ours.push_str(r"\w");
                        theirs.push_str("[0-9A-Za-z_]");
                    }
                    1 => both(ours, theirs, "[:upper:]"),
                    2 => both(
                        ours,
                        theirs,
                        random.pick(&["a-b", "1-2", "A-B", "é-😀", "\\x00-é", "Z-c"]),
                    ),
                    _ => both(
                        ours,
                        theirs,
                        random.pick(&["a", "b", "1", "é", "\\n", "_", "\\-", "/", "😀"]),
                    ),
                }
            }
            both(ours, theirs, "]");
            true
        }
        8 => {
            both(ours, theirs, ".");
            true
        }
        _ => {
            both(
                ours,
                theirs,
                random.pick(&[
                    "a", "b", "A", "1", "_", "é", "😀", "\\-", "/", "\\.", "\\x61", "\\n", " ",
                ]),
            );
            true
        }
    }
}

/// A glob and the regular expression of the other library that says the same.
fn random_glob(random: &mut Random, depth: u32, ours: &mut String, theirs: &mut String) {
    for _ in 0..random.below(5) {
        match random.below(10) {
            0 => {
                ours.push('*');
                theirs.push_str("[^/]*");
                // Two in a row mean more than one after the other.
                ours.push('a');
                theirs.push('a');
            }
            1 => {
                ours.push_str("**b");
                theirs.push_str("(?s:.*)b");
            }
            2 => {
                ours.push('?');
                theirs.push_str("[^/]");
            }
            3 => {
                let class = random.pick(&["a-b", "é", "]a", "-_", "\\]1", "a-é"]);
                write!(ours, "[{class}]").unwrap();
                let class = if class == "]a" { "\\]a" } else { class };
                write!(theirs, "[{class}]").unwrap();
            }
            4 => {
                ours.push_str("[!a-b1]");
                theirs.push_str("[^a-b1/]");
            }
            5 if depth != 0 => {
                ours.push('{');
                theirs.push_str("(?:");
                for nth in 0..1 + random.below(3) {
                    if nth != 0 {
                        ours.push(',');
                        theirs.push('|');
                    }
                    random_glob(random, depth - 1, ours, theirs);
                }
                ours.push('}');
                theirs.push(')');
            }
            6 => {
                ours.push_str("\\*");
                theirs.push_str("\\*");
            }
            _ => {
                let letter = random.pick(&LETTERS);
                ours.push_str(letter);
                theirs.push_str(letter);
            }
        }
    }
}

/// A guest's node for a string.
fn string(guest: &mut Guest, text: &str) -> u32 {
    let (at, len) = guest.put(text.as_bytes());
    node(guest, layout::KIND_STRING, at, len)
}

fn node(guest: &mut Guest, kind: u32, first: u32, second: u32) -> u32 {
    let words = [16 | kind, layout::KEY_NONE, first, second];
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    guest.put(&bytes).0
}

/// A guest's node for a pattern that was compiled before.
fn compiled(guest: &mut Guest, text: &str, block: &Block) -> u32 {
    let (block, _) = guest.put(&block.0);
    let mut bytes = [0, block].map(u32::to_le_bytes).concat();
    bytes.extend(text.as_bytes());
    let (at, _) = guest.put(&bytes);
    node(guest, layout::KIND_PATTERN, at + 8, text.len() as u32)
}

/// A guest's node for a pattern of its settings; 0 if it is refused.
fn from_settings(guest: &mut Guest, text: &str, syntax: Syntax) -> u32 {
    let node = string(guest, text);
    node * call(
        guest,
        "compile_value",
        &[node, u32::from(syntax == Syntax::Glob)],
    )
}

/// What the guest says of a text: by the program it makes, by that of the host, and by the host's table, if it is small.
struct Answers {
    by_guest: u32,
    by_host: u32,
    by_table: Option<u32>,
}

fn ask(guest: &mut Guest, pattern: &str, syntax: Syntax, texts: &[String]) -> Vec<Answers> {
    guest.call::<(), ()>("palisade_reset", ());
    let own = from_settings(guest, pattern, syntax);
    assert_ne!(own, 0, "{pattern:?} is refused by the guest");
    let program = Block::to_find(pattern, syntax).unwrap();
    let block = Block::to_match(pattern, syntax).unwrap();
    let program = compiled(guest, pattern, &program);
    let table = compiled(guest, pattern, &block);
    let mut answers = Vec::new();
    for text in texts {
        let text = string(guest, text);
        answers.push(Answers {
            by_guest: call(guest, "match_pattern", &[text, own]),
            by_host: call(guest, "match_pattern", &[text, program]),
            by_table: block
                .is_table()
                .then(|| call(guest, "match_table", &[text, table])),
        });
    }
    answers
}

#[test]
fn random_regular_expressions_match_as_in_another_library() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let mut random = Random(7);
    let (mut n_patterns, mut n_matches, mut n_misses, mut n_tables, mut n_found) = (0, 0, 0, 0, 0);
    while n_patterns < 1000 {
        let (mut ours, mut theirs) = (String::new(), String::new());
        random_regex(&mut random, 3, &mut ours, &mut theirs);
        let reference = Regex::new(&theirs).unwrap_or_else(|error| panic!("{error}"));
        n_patterns += 1;
        let texts: Vec<String> = (0..8).map(|_| random_text(&mut random)).collect();
        let answers = ask(&mut guest, &ours, Syntax::Regex, &texts);
        let pattern = from_settings(&mut guest, &ours, Syntax::Regex);
        for (text, answer) in texts.iter().zip(answers) {
            let expected = u32::from(reference.is_match(text));
            assert_eq!(answer.by_guest, expected, "{ours:?} on {text:?}, program");
            assert_eq!(
                answer.by_host, expected,
                "{ours:?} on {text:?}, program of the host"
            );
            if let Some(by_table) = answer.by_table {
                assert_eq!(by_table, expected, "{ours:?} on {text:?}, table");
                n_tables += 1;
            }
            n_matches += expected;
            n_misses += 1 - expected;
            let found: Vec<&str> = reference
                .find_iter(text)
                .map(|found| found.as_str())
                .filter(|found| !found.is_empty())
                .collect();
            n_found += found.len();
            let node = string(&mut guest, text);
            let all = call(&mut guest, "fn_find_all", &[node, pattern]);
            assert_eq!(
                show(&guest, all),
                serde_json::to_string(&found).unwrap(),
                "{ours:?} in {text:?}"
            );
        }
    }
    println!(
        "{n_patterns} patterns: {n_matches} matches, {n_misses} misses, {n_tables} by tables, {n_found} found"
    );
    assert!(n_matches > 2000 && n_misses > 1000 && n_tables > 7000 && n_found > 2500);
}

#[test]
fn random_globs_match_as_they_mean() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let mut random = Random(11);
    let (mut n_patterns, mut n_matches, mut n_misses) = (0, 0, 0);
    while n_patterns < 1000 {
        let (mut ours, mut theirs) = (String::new(), String::new());
        random_glob(&mut random, 2, &mut ours, &mut theirs);
        let reference =
            Regex::new(&format!("^(?:{theirs})$")).unwrap_or_else(|error| panic!("{error}"));
        n_patterns += 1;
        let mut texts: Vec<String> = (0..6).map(|_| random_text(&mut random)).collect();
        // Something that may match: the pattern's own letters.
        texts.extend([
            ours.replace(['*', '?', '\\'], ""),
            ours.replace(['*', '?'], "a"),
            ours.replace('*', "a/b"),
        ]);
        for (text, answer) in texts
            .iter()
            .zip(ask(&mut guest, &ours, Syntax::Glob, &texts))
        {
            let expected = u32::from(reference.is_match(text));
            assert_eq!(answer.by_guest, expected, "{ours:?} on {text:?}, program");
            assert_eq!(
                answer.by_host, expected,
                "{ours:?} on {text:?}, program of the host"
            );
            assert_eq!(
                answer.by_table.unwrap_or(expected),
                expected,
                "{ours:?} on {text:?}, table"
            );
            n_matches += expected;
            n_misses += 1 - expected;
        }
    }
    println!("{n_patterns} globs: {n_matches} matches, {n_misses} misses");
    assert!(n_matches > 500 && n_misses > 2500);
}

/// Where the other library means the same: no `**`, no class that could take a slash.
#[test]
fn plain_globs_match_as_in_another_library() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let mut random = Random(13);
    let mut n_matches = 0;
    for _ in 0..1000 {
        let parts = 1 + random.below(5);
        let pattern: String = (0..parts)
            .map(|_| {
                random.pick(&[
                    "a", "b", "/", "a*", "?", "[a-c]", "{a,b*}", "{a/b,1}", "é", "\\*", "*b",
                ])
            })
            .collect();
        if pattern.contains("**") {
            continue;
        }
        let reference = GlobBuilder::new(&pattern)
            .literal_separator(true)
            .backslash_escape(true)
            .build()
            .unwrap();
        let reference = reference.compile_matcher();
        let mut texts: Vec<String> = (0..6).map(|_| random_text(&mut random)).collect();
        texts.extend([
            pattern.replace(['*', '?', '\\'], ""),
            pattern.replace(['*', '?'], "a"),
        ]);
        for (text, answer) in texts
            .iter()
            .zip(ask(&mut guest, &pattern, Syntax::Glob, &texts))
        {
            // The other library takes text for a path and has its own view of line feeds in it.
            let expected = u32::from(reference.is_match(text));
            assert_eq!(answer.by_guest, expected, "{pattern:?} on {text:?}");
            n_matches += expected;
        }
    }
    assert!(n_matches > 300, "{n_matches}");
}

#[test]
fn word_boundaries_are_between_characters() {
    let mut guest = Runtime::get().guest(&[], &[]);
    for (pattern, text, expected) in [
        (r"\B", "aéb", 0),
        (r"\B", "ab", 1),
        (r"\B", "", 1),
        (r"\b", "é", 0),
        (r"é\B", "é ", 1),
        (r"a\Bé", "aé", 0),
        (r"\bé", "aé", 1),
        (r"(?m)^b$", "a\nb\nc", 1),
        (r"(?m)a$\n^b", "a\nb", 1),
        (r"^b", "a\nb", 0),
        (r"a$", "a\n", 0),
        (r"(?s)a.b", "a\nb", 1),
        (r"a.b", "a\nb", 0),
        (r"(?i)aBc", "AbC", 1),
        (r"(?i)É", "é", 0),
        (r"(?i)[^a]", "A", 0),
        (r"x{2}y", "xxy", 1),
        (r"x{2", "x{2", 1),
        (r"{", "{", 1),
        (r"x{,2}", "x{,2}", 1),
        (r"x{a}", "x{a}", 1),
        (r"[]a]", "]", 1),
        (r"[^]a]", "]", 0),
        (r"[a-]", "-", 1),
        (r"[[:alpha:]1]+$", "ab1", 1),
        (r"^[[:^digit:]]$", "1", 0),
        (r"^[\[a]$", "[", 1),
        (r"\x{1F600}", "😀", 1),
        (r"\07", "\u{7}", 1),
        (r"a(?i)b|C", "aB", 1),
        (r"(a(?i)b)c", "aBC", 0),
        (r"", "", 1),
        (r"a||b", "x", 1),
        (r"()", "x", 1),
        (r"[^\x00-\x{10FFFF}]", "x", 0),
    ] {
        let answer = ask(&mut guest, pattern, Syntax::Regex, &[text.to_owned()]).remove(0);
        assert_eq!(answer.by_guest, expected, "{pattern:?} on {text:?}");
        assert_eq!(
            answer.by_table,
            Some(expected),
            "{pattern:?} on {text:?}, table"
        );
    }
    for (pattern, text, expected) in [
        ("ghcr.io/*", "ghcr.io/a", 1),
        ("ghcr.io/*", "ghcr.io/a/b", 0),
        ("ghcr.io/**", "ghcr.io/a/b", 1),
        ("**", "", 1),
        ("*", "", 1),
        ("*", "a\nb", 1),
        ("?", "/", 0),
        ("[/]", "/", 0),
        ("[!a]", "/", 0),
        ("[.-0]", "/", 0),
        ("[.-0]", "0", 1),
        ("{a,}b", "b", 1),
        ("{a,{b,c}d}e", "cde", 1),
        ("a,b", "a,b", 1),
        ("]", "]", 1),
        ("(a|b).+^$", "(a|b).+^$", 1),
        ("\\{a\\}", "{a}", 1),
        ("[\\]]", "]", 1),
        ("A", "a", 0),
        ("", "", 1),
        ("", "a", 0),
    ] {
        let answer = ask(&mut guest, pattern, Syntax::Glob, &[text.to_owned()]).remove(0);
        assert_eq!(answer.by_guest, expected, "{pattern:?} on {text:?}");
        assert_eq!(
            answer.by_table,
            Some(expected),
            "{pattern:?} on {text:?}, table"
        );
    }
}

#[test]
fn what_is_no_pattern_is_refused_by_host_and_guest() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let deep = format!("{}a{}", "(".repeat(101), ")".repeat(101));
    let long = "a".repeat(1001);
    let regexes = [
        "(",
        ")",
        "(a",
        "a)",
        "[",
        "[a",
        "[]",
        "[^]",
        "*",
        "a**",
        "a|*",
        "+",
        "?",
        "(?:*)",
        "a{2}{3}",
        "{2}",
        "a{3,2}",
        "a{1001}",
        "a{1,1001}",
        "(a{1000}){1000}",
        "[b-a]",
        "[a-\\d]",
        "\\",
        "\\1",
        "\\8",
        "\\pL",
        "\\PL",
        "[\\p{Greek}]",
        "\\C",
        "\\Q",
        "\\y",
        "\\é",
        "\\x",
        "\\x1",
        "\\x{}",
        "\\x{110000}",
        "\\x{D800}",
        "\\xg1",
        "[\\b]",
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
        "(?P=n)",
        "(?P<>a)",
        "(?x)a",
        "(?i",
        "(?i)*",
        "[[:what:]]",
        "(?--i)",
        "[[a]",
        "[a[b]]",
        "[a&&b]",
        "[a--b]",
        "[a~~b]",
        &deep,
        &long,
    ];
    let globs = [
        "[", "[a", "[!]", "{", "{a", "{a,b", "}", "a}", "\\", "[\\", "[b-a]", "{a,{b}",
    ];
    let all = regexes.map(|text| (text, Syntax::Regex));
    for (pattern, syntax) in all
        .into_iter()
        .chain(globs.map(|text| (text, Syntax::Glob)))
    {
        assert!(
            palisade_pattern::check(pattern, syntax).is_err(),
            "{pattern:?} is taken by the host"
        );
        assert_eq!(
            from_settings(&mut guest, pattern, syntax),
            0,
            "{pattern:?} is taken by the guest"
        );
    }
    let nested = format!("{}a{}", "(".repeat(100), ")".repeat(100));
    assert_ne!(from_settings(&mut guest, &nested, Syntax::Regex), 0);
    assert_ne!(
        from_settings(&mut guest, &"a".repeat(1000), Syntax::Regex),
        0
    );
}

/// Any text is read or refused alike by host and guest, and a search in it ends.
#[test]
fn random_text_as_a_pattern_never_traps() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let mut random = Random(17);
    let pieces = [
        "a", "b", "(", ")", "[", "]", "{", "}", "*", "+", "?", "|", "^", "$", ".", "\\", "-", "1",
        ",", ":", "(?", "i", "P<", "\\b", "[:", ":]", "é", "\\x", "!", "{2,", "**", "2}",
    ];
    let mut n_patterns = 0;
    for _ in 0..3000 {
        guest.call::<(), ()>("palisade_reset", ());
        let len = random.below(12);
        let pattern: String = (0..len).map(|_| random.pick(&pieces)).collect();
        for syntax in [Syntax::Glob, Syntax::Regex] {
            let in_guest = from_settings(&mut guest, &pattern, syntax);
            let in_host = palisade_pattern::compile(&pattern, syntax);
            assert_eq!(in_guest == 0, in_host.is_err(), "{pattern:?}");
            if in_guest != 0 {
                n_patterns += 1;
                let texts = [random_text(&mut random), random_text(&mut random)];
                for answer in ask(&mut guest, &pattern, syntax, &texts) {
                    assert_eq!(answer.by_guest, answer.by_host, "{pattern:?}");
                    assert_eq!(
                        answer.by_table.unwrap_or(answer.by_host),
                        answer.by_host,
                        "{pattern:?}"
                    );
                }
            }
        }
    }
    assert!(n_patterns > 1000, "{n_patterns}");
}

#[test]
fn large_patterns_and_texts_take_linear_time() {
    let mut guest = Runtime::get().guest(&[], &[]);
    let text = "a".repeat(100_000);
    for pattern in [
        "(a*)*b",
        "(a|a)*b",
        "(a|aa)+$b",
        "a*a*a*a*a*a*b",
        "(?:a?){30}a{30}b",
    ] {
        let answer = ask(
            &mut guest,
            pattern,
            Syntax::Regex,
            std::slice::from_ref(&text),
        )
        .remove(0);
        assert_eq!((answer.by_guest, answer.by_host), (0, 0), "{pattern}");
    }
    // Too many states for a table.
    for (wide, text) in [
        ("[ab]*a[ab]{12}c", "abababbabaabac"),
        ("AKIA[0-9A-Z]{16}", "key AKIAAKIA0123456789AB"),
    ] {
        assert!(!Block::to_match(wide, Syntax::Regex).unwrap().is_table());
        let answer = ask(&mut guest, wide, Syntax::Regex, &[text.to_owned()]).remove(0);
        assert_eq!((answer.by_guest, answer.by_host), (1, 1));
    }
}

#[test]
fn tables_are_small() {
    for (pattern, syntax) in [
        ("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", Syntax::Regex),
        (
            r"(?i)(password|passwd|secret|token|api[-_]?key)",
            Syntax::Regex,
        ),
        (r"^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$", Syntax::Regex),
        (r"\bsudo\b", Syntax::Regex),
        ("ghcr.io/**", Syntax::Glob),
        ("*.example.com", Syntax::Glob),
        ("{docker.io,ghcr.io,quay.io}/**", Syntax::Glob),
    ] {
        let block = Block::to_match(pattern, syntax).unwrap();
        let program = Block::to_find(pattern, syntax).unwrap();
        println!(
            "{pattern}: {} bytes, table {}, program {}",
            block.0.len(),
            block.is_table(),
            program.0.len()
        );
        assert!(
            block.is_table() && block.0.len() < 2500,
            "{pattern}: {} bytes",
            block.0.len()
        );
    }
}
