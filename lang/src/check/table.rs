//! Tables: `table NAME from tsv "file" { column: TYPE, … }` is a constant list of records.

use super::context::{Ctx, constant};
use super::literal::is_quantity;
use super::prelude;
use super::scalar::is_version;
use super::words::{listed, near, prose};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Const, RecordRef, Type};
use crate::syntax::ast::{FieldDeclaration, Name, Table};

/// Mistakes of a file that are named; more of them are rarely read.
const MAX_MISTAKES: usize = 5;
/// Most rows.
const MAX_ROWS: usize = 10_000;

/// A column that is read, and where it is in the file.
struct Column<'t> {
    declared: &'t FieldDeclaration,
    ty: Type,
    has_default: bool,
    at: usize,
}

impl Ctx<'_> {
    /// The rows of a table and their type.
    pub(super) fn declared_table(&mut self, table: &Table) -> (Const, BaseType) {
        let failed = (Const::Absent, BaseType::Error);
        let record = self.record_type(&table.name.text, &table.columns);
        let BaseType::Record(records) = &record else {
            return failed;
        };
        // What is missing was said when it was parsed.
        if table.file.text.is_empty() || table.columns.is_empty() {
            return failed;
        }
        let read = match self.env.files {
            _ if table.file.span.file == prelude::FILE => Ok(prelude::ROLES.to_owned()),
            Some(files) => files.read_text(&table.file.text),
            None => Err("files cannot be read here".to_owned()),
        };
        let text = match read {
            Ok(text) => text,
            Err(problem) => {
                self.bad_table(&table.file, "cannot be read", &problem);
                return failed;
            }
        };
        let n_before = self.diagnostics.len();
        let mut lines = text.strip_prefix('\u{feff}').unwrap_or(&text).lines();
        let header: Vec<&str> = lines.next().unwrap_or_default().split('\t').collect();
        let Some(columns) = self.columns(table, records, &header) else {
            return failed;
        };
        let mut rows = Vec::new();
        for (number, line) in (2..).zip(lines).filter(|(_, line)| !line.is_empty()) {
            let cells: Vec<&str> = line.split('\t').collect();
            if cells.len() != header.len() {
                let count = |n: usize| format!("{n} cell{}", if n == 1 { "" } else { "s" });
                let (has, first) = (count(cells.len()), count(header.len()));
                let problem = format!("line {number} has {has}, the first line {first}");
                self.bad_table(&table.file, "is no table", &problem);
            } else {
                let row = columns.iter().filter_map(|column| {
                    let cell = cells.get(column.at).copied().unwrap_or_default();
                    let value = self.cell(&table.file, number, column, cell)?;
                    Some((column.declared.name.text.clone(), value))
                });
                rows.push(Const::Map(row.collect()));
            }
            if self.diagnostics.len() >= n_before + MAX_MISTAKES {
                break;
            }
        }
        if rows.len() > MAX_ROWS {
            let problem = format!("it has {} rows", rows.len());
            self.bad_table(&table.file, "is too long", &problem);
        }
        if self.diagnostics.len() > n_before {
            return failed;
        }
        (Const::List(rows), BaseType::List(Box::new(record.clone())))
    }

    fn bad_table(&mut self, file: &Name, what: &str, problem: &str) {
        let message = format!("`{}` {what}: {problem}", file.text);
        self.report(
            Diagnostic::error("bad-table", message, file.span, "no table").with_help(
                "name a file of lines with tabs between their cells, names of columns first",
            ),
        );
    }

    /// The columns that are declared; nothing if the file has not all of them, or one is of a type that no cell has.
    fn columns<'t>(
        &mut self,
        table: &'t Table,
        records: &[RecordRef],
        header: &[&str],
    ) -> Option<Vec<Column<'t>>> {
        let mut columns = Vec::new();
        let mut failed = false;
        for declared in &table.columns {
            let name = &declared.name;
            let Some(field) = self.env.field_of(records, &name.text) else {
                continue;
            };
            let is_list = matches!(field.base, BaseType::List(_));
            let in_cell = match &field.base {
                BaseType::List(element) => element,
                other => other,
            };
            if !is_cell(in_cell) {
                failed = true;
                let message = format!("a cell is never {}", prose(in_cell));
                self.report(
                    Diagnostic::error(
                        "type-mismatch",
                        message,
                        declared.ty.span,
                        "no type of cells",
                    )
                    .with_help("write a scalar, or a list of them"),
                );
            } else if is_list && declared.split.is_none() {
                failed = true;
                self.report(
                    Diagnostic::error(
                        "missing-split",
                        "it is not said what separates the elements of a cell",
                        declared.ty.span,
                        "a list",
                    )
                    .with_help("write `split \" \"` after it")
                    .with_edit(declared.ty.span.after(), " split \" \""),
                );
            }
            let Some(at) = header.iter().position(|known| *known == name.text) else {
                failed = true;
                let file = &table.file.text;
                let message = format!("`{file}` has no column `{}`", name.text);
                let diagnostic =
                    Diagnostic::error("unknown-field", message, name.span, "unknown column");
                self.report(match near(&name.text, header.iter().copied()) {
                    Some(near) => diagnostic
                        .with_help(format!("write `{near}`"))
                        .with_edit(name.span, near),
                    None => diagnostic.with_help(format!("its columns are {}", listed(header, 9))),
                });
                continue;
            };
            columns.push(Column {
                declared,
                ty: Type {
                    base: field.base.clone(),
                    optional: matches!(field.absence, super::kinds::Absence::Optional),
                },
                has_default: declared.default.is_some(),
                at,
            });
        }
        (!failed).then_some(columns)
    }

    /// The value of a cell; nothing if it is empty, or wrong, which is said.
    fn cell(&mut self, file: &Name, line: usize, column: &Column<'_>, text: &str) -> Option<Const> {
        let at = |problem: String| {
            format!(
                "line {line}, column `{}`: {problem}",
                column.declared.name.text
            )
        };
        let is_empty = text.is_empty() || text == "-";
        let split = column.declared.split.as_ref();
        let (parts, base) = match (&column.ty.base, split) {
            (BaseType::List(_), _) if is_empty => return Some(Const::List(Vec::new())),
            (BaseType::List(element), Some(split)) if !split.text.is_empty() => {
                (text.split(split.text.as_str()).collect(), element.as_ref())
            }
            (BaseType::List(element), _) => (vec![text], element.as_ref()),
            (other, _) => (vec![text], other),
        };
        if is_empty {
            if !column.ty.optional && !column.has_default {
                let problem = at("the cell is empty".to_owned());
                self.bad_cell(file, column, &problem, "write `?` after its type");
            }
            return None;
        }
        let mut values = Vec::new();
        for part in parts {
            let part = part.trim_matches(' ');
            let Some(value) = self.cell_value(part, base, column) else {
                let problem = at(format!("`{part}` is not {}", wanted(base)));
                self.bad_cell(
                    file,
                    column,
                    &problem,
                    "correct the file, or the type of the column",
                );
                return None;
            };
            values.push(value);
        }
        match &column.ty.base {
            BaseType::List(_) => Some(Const::List(values)),
            _ => values.pop(),
        }
    }

    fn bad_cell(&mut self, file: &Name, column: &Column<'_>, problem: &str, help: &str) {
        let message = format!("`{}` {problem}", file.text);
        let span = column.declared.ty.span;
        self.report(
            Diagnostic::error("bad-cell", message, span, "this column")
                .with_label(file.span, "the file")
                .with_help(help),
        );
    }

    /// A text as a value of a scalar type.
    fn cell_value(&mut self, text: &str, base: &BaseType, column: &Column<'_>) -> Option<Const> {
        let written = || Const::String(text.to_owned());
        match base {
            BaseType::Bool => text.parse().ok().map(Const::Bool),
            BaseType::Int => text.parse().ok().map(Const::Int),
            BaseType::Float => serde_json::from_str::<serde_json::Number>(text)
                .is_ok()
                .then(|| Const::Float(text.to_owned())),
            BaseType::String => Some(written()),
            BaseType::Enum(members) => members.iter().any(|member| member == text).then(written),
            BaseType::Quantity => is_quantity(text).then(|| Const::Quantity(text.to_owned())),
            BaseType::Version => is_version(text).then(written),
            _ => {
                let n_before = self.diagnostics.len();
                let value = constant(written(), BaseType::String, column.declared.ty.span);
                let value = self.text_as(value, Some(base));
                self.diagnostics.truncate(n_before);
                match value.kind {
                    crate::program::ExprKind::Const(value) if value_is(&value) => Some(value),
                    _ => None,
                }
            }
        }
    }
}

fn value_is(value: &Const) -> bool {
    matches!(value, Const::String(_) | Const::Glob(_) | Const::Regex(_))
}

/// Types that a cell may have.
fn is_cell(base: &BaseType) -> bool {
    !matches!(
        base,
        BaseType::Record(_)
            | BaseType::List(_)
            | BaseType::Map(_)
            | BaseType::Any
            | BaseType::IntOrString
            | BaseType::Error
    )
}

fn wanted(base: &BaseType) -> String {
    match base {
        BaseType::Enum(members) => super::words::quoted_choice(members, 6),
        BaseType::Bool => "`true` or `false`".to_owned(),
        other => prose(other),
    }
}
