//! New values as text: by indentation, in brackets, as JSON.

use super::scalar::{Around, quote, write_key, write_scalar};
use super::value::Value;

/// How a file indents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style<'a> {
    /// Columns from a map to a map in it.
    pub(super) step: usize,
    /// Columns from a map to the dashes of a list in it.
    pub(super) dash: usize,
    /// How lines end.
    pub(super) line_break: &'a str,
}

/// A filled list or map whose first key or dash stands at `column`; the first line comes without its indentation.
pub(super) fn write_block(value: &Value, column: usize, style: Style<'_>) -> String {
    let mut out = String::new();
    push_block(&mut out, value, column, style);
    out
}

/// A member as a line of a block map at `column`, without indentation and line break.
pub(super) fn write_member(
    key: &str,
    value: &Value,
    column: usize,
    quotes: bool,
    style: Style<'_>,
) -> String {
    let mut out = String::new();
    push_member(&mut out, key, value, column, quotes, style);
    out
}

/// A value that stands behind a dash, beginning at `column`.
pub(super) fn write_element(value: &Value, column: usize, style: Style<'_>) -> String {
    let mut out = String::new();
    push_inner(&mut out, value, column, style);
    out
}

fn push_block(out: &mut String, value: &Value, column: usize, style: Style<'_>) {
    match value {
        Value::Map(members) => {
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    push_line(out, column, style);
                }
                push_member(out, key, value, column, false, style);
            }
        }
        Value::List(elements) => {
            for (index, value) in elements.iter().enumerate() {
                if index > 0 {
                    push_line(out, column, style);
                }
                out.push_str("- ");
                push_inner(out, value, column + 2, style);
            }
        }
        Value::Null
        | Value::Bool(_)
        | Value::Int(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Unknown(_)
        | Value::Held(..) => push_inner(out, value, column, style),
    }
}

fn push_inner(out: &mut String, value: &Value, column: usize, style: Style<'_>) {
    if value.is_filled_collection() {
        push_block(out, value, column, style);
    } else {
        out.push_str(&write_scalar(value, Around::Block, ""));
    }
}

fn push_member(
    out: &mut String,
    key: &str,
    value: &Value,
    column: usize,
    quotes: bool,
    style: Style<'_>,
) {
    out.push_str(&write_key(key, Around::Block, quotes));
    out.push(':');
    if !value.is_filled_collection() {
        out.push(' ');
        out.push_str(&write_scalar(value, Around::Block, ""));
        return;
    }
    let inner = if matches!(value, Value::List(_)) {
        column + style.dash
    } else {
        column + style.step
    };
    push_line(out, inner, style);
    push_block(out, value, inner, style);
}

fn push_line(out: &mut String, column: usize, style: Style<'_>) {
    out.push_str(style.line_break);
    out.extend(std::iter::repeat_n(' ', column));
}

/// How brackets are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Brackets<'a> {
    /// JSON, or the shorter form of YAML.
    pub(super) around: Around,
    /// From a key to its value: `: ` or `:`.
    pub(super) colon: &'static str,
    /// From a value to the next: `, ` or `,`.
    pub(super) comma: &'static str,
    /// One value a line, if so.
    pub(super) lines: Option<BracketLines<'a>>,
}

/// How brackets are laid out over lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct BracketLines<'a> {
    /// What begins the line of the collection.
    pub(super) indent: String,
    /// What is added for what is in it.
    pub(super) step: &'a str,
    /// How lines end.
    pub(super) line_break: &'a str,
}

impl Brackets<'_> {
    /// `value` in brackets.
    pub(super) fn write(&self, value: &Value, old: &str) -> String {
        match value {
            Value::Map(members) if !members.is_empty() => {
                let parts: Vec<String> = members
                    .iter()
                    .map(|(key, value)| self.inner().member(key, value))
                    .collect();
                self.enclose('{', &parts, '}')
            }
            Value::List(elements) if !elements.is_empty() => {
                let inner = self.inner();
                let parts: Vec<String> = elements.iter().map(|at| inner.write(at, "")).collect();
                self.enclose('[', &parts, ']')
            }
            Value::Null
            | Value::Bool(_)
            | Value::Int(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::Unknown(_)
            | Value::Held(..)
            | Value::List(_)
            | Value::Map(_) => write_scalar(value, self.around, old),
        }
    }

    /// A member without what separates it from others.
    pub(super) fn member(&self, key: &str, value: &Value) -> String {
        let key = match self.around {
            Around::Json => quote(key),
            Around::Block | Around::Flow => write_key(key, self.around, false),
        };
        format!("{key}{}{}", self.colon, self.write(value, ""))
    }

    /// For what is inside a collection written so.
    pub(super) fn inner(&self) -> Self {
        let mut inner = self.clone();
        if let Some(lines) = &mut inner.lines {
            lines.indent.push_str(lines.step);
        }
        inner
    }

    fn enclose(&self, open: char, parts: &[String], close: char) -> String {
        let Some(lines) = &self.lines else {
            return format!("{open}{}{close}", parts.join(self.comma));
        };
        let BracketLines {
            indent,
            step,
            line_break,
        } = lines;
        let between = format!(",{line_break}{indent}{step}");
        let parts = parts.join(&between);
        format!("{open}{line_break}{indent}{step}{parts}{line_break}{indent}{close}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value() -> Value {
        Value::parse(r#"{"a": {"b": [1, {"c": "x", "d": {}}, [2, 3]]}, "e f": "no"}"#).unwrap()
    }

    #[test]
    fn by_indentation() {
        let style = Style {
            step: 4,
            dash: 0,
            line_break: "\n",
        };
        assert_eq!(
            write_block(&value(), 1, style),
            "a:\n     b:\n     - 1\n     - c: x\n       d: {}\n     - - 2\n       - 3\n e f: \"no\""
        );
    }

    #[test]
    fn in_brackets() {
        let mut brackets = Brackets {
            around: Around::Flow,
            colon: ": ",
            comma: ", ",
            lines: None,
        };
        assert_eq!(
            brackets.write(&value(), ""),
            "{a: {b: [1, {c: x, d: {}}, [2, 3]]}, e f: \"no\"}"
        );
        brackets.around = Around::Json;
        brackets.lines = Some(BracketLines {
            indent: "\t".to_owned(),
            step: "\t",
            line_break: "\n",
        });
        let small = Value::parse(r#"{"a": [1, {}]}"#).unwrap();
        assert_eq!(
            brackets.write(&small, ""),
            "{\n\t\t\"a\": [\n\t\t\t1,\n\t\t\t{}\n\t\t]\n\t}"
        );
    }
}
