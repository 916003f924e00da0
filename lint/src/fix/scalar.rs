//! Scalars and keys as text: plain where every reader of YAML takes them for what they are, else in quotes.

use super::value::Value;
use crate::manifest::{is_plain_key, is_plain_string, push_string};

/// What surrounds a scalar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Around {
    /// Lists and maps by indentation.
    Block,
    /// Lists and maps in brackets.
    Flow,
    /// Brackets, with everything as JSON has it.
    Json,
}

/// A scalar, or an empty list or map. `old` is the scalar that it replaces, whose quotes are kept.
pub(super) fn write_scalar(value: &Value, around: Around, old: &str) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Number(text) => text.clone(),
        Value::Text(text) | Value::Unknown(text) => write_string(text, around, old),
        // Edits are not written from such values.
        Value::Held(_, value) => write_scalar(value, around, old),
        Value::List(_) => "[]".to_owned(),
        Value::Map(_) => "{}".to_owned(),
    }
}

/// A key as a member of a map has it; `quotes` says to write quotes also where none are needed.
pub(super) fn write_key(key: &str, around: Around, quotes: bool) -> String {
    let is_plain = around != Around::Json && !quotes && is_plain(key, around) && is_plain_key(key);
    if is_plain { key.to_owned() } else { quote(key) }
}

fn write_string(text: &str, around: Around, old: &str) -> String {
    let wants_quotes = around == Around::Json || old.starts_with('"');
    if old.starts_with('\'') && around != Around::Json && is_printable(text) {
        return format!("'{}'", text.replace('\'', "''"));
    }
    if !wants_quotes && is_plain(text, around) {
        return text.to_owned();
    }
    quote(text)
}

/// In double quotes, with escapes that JSON and YAML share.
pub(super) fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    push_string(&mut out, text);
    // YAML counts these as line breaks or as nothing at all.
    for (odd, escape) in [
        ('\u{85}', "\\u0085"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
        ('\u{feff}', "\\ufeff"),
    ] {
        if out.contains(odd) {
            out = out.replace(odd, escape);
        }
    }
    out
}

/// True if `text` without quotes is the same text to readers of YAML 1.1 and 1.2.
fn is_plain(text: &str, around: Around) -> bool {
    let Some(first) = text.chars().next() else {
        return false;
    };
    let opens = match first {
        '-' => text.as_bytes().get(1).is_some_and(|next| *next != b' ') && !text.starts_with("---"),
        _ => !"?:,[]{}#&*!|>'\"%@`=<~".contains(first),
    };
    let is_inside = |found: char| around == Around::Flow && ",[]{}:".contains(found);
    opens
        && is_printable(text)
        && !text.starts_with(' ')
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.contains(is_inside)
        && !looks_like_number(text)
        && is_plain_string(text)
}

/// Dates, versions and base 60: text to the API server, but not to every reader.
fn looks_like_number(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_digit() || b"+-.:_eETtZz ".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first))
        && text.bytes().all(is_part)
}

fn is_printable(text: &str) -> bool {
    !text.contains(|found: char| {
        found.is_control() || matches!(found, '\u{2028}' | '\u{2029}' | '\u{feff}')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, around: Around, old: &str) -> String {
        write_scalar(&Value::Text(text.to_owned()), around, old)
    }

    #[test]
    fn plain_where_it_stays_a_string() {
        for plain in [
            "RuntimeDefault",
            "128Mi",
            "10m",
            "a b",
            "nginx:1.2",
            "--flag=x",
            "/etc",
            "a,b",
            "x#y",
            "1.2.3a",
        ] {
            assert_eq!(text(plain, Around::Block, ""), plain);
        }
        for quoted in [
            "",
            "yes",
            "No",
            "on",
            "null",
            "~",
            "true",
            "1",
            "0x1F",
            "1e3",
            "1.5",
            ".5",
            "1_000",
            "012",
            "2001-01-01",
            "1:30",
            "1.2.3",
            "a: b",
            "a #b",
            " a",
            "a ",
            "a:",
            "- x",
            "-",
            "---",
            "*x",
            "&x",
            "!x",
            "#x",
            "@x",
            "%x",
            "[x",
            "{x",
            "y",
            "=",
            "<<",
            "|",
            ">",
            "?",
            "? x",
            "'x'",
            ".inf",
            "+1",
        ] {
            assert_eq!(text(quoted, Around::Block, ""), format!("\"{quoted}\""));
        }
        assert_eq!(text("a\nb\t\"", Around::Block, ""), r#""a\nb\t\"""#);
        assert_eq!(
            text("\u{85}\u{feff}", Around::Block, ""),
            r#""\u0085\ufeff""#
        );
        assert_eq!(text("a,b", Around::Flow, ""), "\"a,b\"");
        assert_eq!(text("nginx:1", Around::Flow, ""), "\"nginx:1\"");
        assert_eq!(text("abc", Around::Json, ""), "\"abc\"");
    }

    #[test]
    fn quotes_are_kept() {
        assert_eq!(text("new", Around::Block, "'old'"), "'new'");
        assert_eq!(text("it's", Around::Block, "'old'"), "'it''s'");
        assert_eq!(text("a\nb", Around::Block, "'old'"), "\"a\\nb\"");
        assert_eq!(text("new", Around::Block, "\"old\""), "\"new\"");
        let bool = write_scalar(&Value::Bool(true), Around::Block, "\"false\"");
        assert_eq!(bool, "true");
    }

    #[test]
    fn keys_are_quoted_where_they_must() {
        let key = |key| write_key(key, Around::Block, false);
        assert_eq!(key("app.kubernetes.io/name"), "app.kubernetes.io/name");
        assert_eq!(key("on"), "\"on\"");
        assert_eq!(key("8080"), "\"8080\"");
        assert_eq!(key("<<"), "\"<<\"");
        assert_eq!(write_key("a", Around::Block, true), "\"a\"");
        assert_eq!(write_key("a", Around::Json, false), "\"a\"");
    }
}
