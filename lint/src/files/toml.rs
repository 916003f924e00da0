//! TOML, with the places of keys and values.
//!
//! Tables that are written in several parts are one map, whose place is its first part. Dates and times are text.

use toml_edit::{Document, InlineTable, Item, Key, Table, Value};

use crate::manifest::{Member, Problem, ProblemKind, Span, Tree, TreeValue, offset};

/// What the parser says of the later of two equal keys.
const DUPLICATE: &str = "duplicate key";

/// The document of a text.
pub(super) fn read(text: &str) -> Result<Tree, Problem> {
    // The parser knows no mark at the beginning, and places are those of the file.
    let start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let body = text.get(start..).unwrap_or_default();
    let reader = Reader {
        shift: start,
        text: body,
    };
    let document = Document::parse(body).map_err(|error| {
        let at = error.span().unwrap_or(0..0);
        let message = error.message().lines().next().unwrap_or("no TOML");
        let message = match body.get(at.clone()) {
            Some(key) if message == DUPLICATE => format!("`{key}` is given twice"),
            _ => message.to_owned(),
        };
        Problem::new(ProblemKind::Syntax, reader.shifted(at), message)
    })?;
    let mut tree = reader.table(document.as_table(), None);
    tree.span = Span::new(0, offset(text.len()));
    Ok(tree)
}

struct Reader<'t> {
    shift: usize,
    text: &'t str,
}

impl Reader<'_> {
    fn shifted(&self, range: std::ops::Range<usize>) -> Span {
        Span::new(
            offset(range.start + self.shift),
            offset(range.end + self.shift),
        )
    }

    fn table(&self, table: &Table, key: Option<Span>) -> Tree {
        let members = table.iter().filter_map(|(name, item)| {
            let key = table.key(name).and_then(|key| self.key(key));
            Some(member(name, key, self.item(item, key)?))
        });
        let members: Vec<Member> = members.collect();
        // A table that dotted keys or the headers below it make has no header of its own.
        let written = table.span().map(|range| self.shifted(range));
        let first = members.first().and_then(|member| member.key_span);
        let span = written.or(key).or(first).unwrap_or_default();
        Tree::new(span, TreeValue::Map(members))
    }

    fn item(&self, item: &Item, key: Option<Span>) -> Option<Tree> {
        match item {
            Item::None => None,
            Item::Value(value) => Some(self.value(value, key)),
            Item::Table(table) => Some(self.table(table, key)),
            Item::ArrayOfTables(tables) => {
                let items: Vec<Tree> = tables.iter().map(|table| self.table(table, None)).collect();
                let first = items.first().map(|item| item.span);
                let span = tables.span().map(|range| self.shifted(range));
                Some(Tree::list(span.or(first).unwrap_or_default(), items))
            }
        }
    }

    fn value(&self, value: &Value, key: Option<Span>) -> Tree {
        let span = value.span().map(|range| self.shifted(range));
        let span = span.or(key).unwrap_or_default();
        let found = match value {
            Value::String(text) => TreeValue::Text(text.value().clone()),
            Value::Integer(value) => TreeValue::Int(*value.value()),
            Value::Float(value) => match serde_json::Number::from_f64(*value.value()) {
                Some(number) => TreeValue::Float(number.to_string()),
                // Infinities are no numbers to anything else.
                None => TreeValue::Text(value.value().to_string()),
            },
            Value::Boolean(value) => TreeValue::Bool(*value.value()),
            Value::Datetime(value) => TreeValue::Text(value.value().to_string()),
            Value::Array(items) => {
                let items = items.iter().map(|item| self.value(item, None));
                TreeValue::List(items.collect())
            }
            Value::InlineTable(table) => TreeValue::Map(self.inline(table)),
        };
        Tree::new(span, found)
    }

    fn inline(&self, table: &InlineTable) -> Vec<Member> {
        let members = table.iter().map(|(name, value)| {
            let key = table.key(name).and_then(|key| self.key(key));
            member(name, key, self.value(value, key))
        });
        members.collect()
    }

    /// Where a key is written, quotes included.
    fn key(&self, key: &Key) -> Option<Span> {
        let range = key.span()?;
        self.text.get(range.clone())?;
        Some(self.shifted(range))
    }
}

fn member(name: &str, key_span: Option<Span>, tree: Tree) -> Member {
    Member {
        key: name.to_owned(),
        key_span,
        tree,
    }
}
