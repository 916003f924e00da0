//! `table NAME from tsv "file" { column: TYPE, … }`

use pest::iterators::Pair;

use super::Builder;
use super::declaration::Naming;
use crate::diagnostic::Diagnostic;
use crate::span::Span;
use crate::syntax::ast::{Item, ItemKind, Name, Table};
use crate::syntax::grammar::Rule;

/// What tables are read from.
const FORMAT: &str = "tsv";

const EXAMPLE: &str = "write `table name from tsv \"FILE\" { column: TYPE }`";

impl<'s> Builder<'s> {
    pub(super) fn table(&mut self, pair: Pair<'s, Rule>) -> Item {
        let span = self.span(&pair);
        let keyword = self.word_at(span, "table");
        let n_before = self.diagnostics.len();
        let (mut name, mut file, mut columns) = (None, None, None);
        let mut end = keyword;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            match part.as_rule() {
                Rule::decl_name => name = Some(self.declared_name(&part, Naming::Value)),
                Rule::table_from => file = Some(self.table_file(part)),
                Rule::type_braces => columns = Some(self.fields(part)),
                _ => {}
            }
            end = part_span;
        }
        let name = self.required_name(name, keyword, "table", EXAMPLE, n_before);
        let missing = |builder: &mut Self, what: &str, label: &str| {
            if builder.diagnostics.len() == n_before {
                let message = format!("table `{}` {what}", name.text);
                builder.report(
                    Diagnostic::error("missing-source", message, end, label).with_help(EXAMPLE),
                );
            }
        };
        if file.is_none() {
            missing(
                self,
                "does not say where it comes from",
                "`from` is missing after this",
            );
        } else if columns.is_none() {
            missing(self, "has no columns", "`{` is missing after this");
        }
        self.item(
            span,
            ItemKind::Table(Table {
                name,
                file: file.unwrap_or_else(|| nameless(end)),
                columns: columns.unwrap_or_default(),
            }),
        )
    }

    /// `from tsv "file"`
    fn table_file(&mut self, pair: Pair<'s, Rule>) -> Name {
        let keyword = self.word_at(self.span(&pair), "from");
        let (mut format, mut file) = (None, None);
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::format => format = Some(self.name(&part)),
                Rule::string => {
                    let text = self.plain_string(part);
                    file = Some(Name { text, span });
                }
                _ => {}
            }
        }
        let at = format.as_ref().map_or(keyword, |format| format.span);
        if format.as_ref().is_none_or(|format| format.text != FORMAT) {
            let diagnostic = match &format {
                Some(format) => Diagnostic::error(
                    "unknown-format",
                    format!("no tables are read as `{}`", format.text),
                    format.span,
                    "unknown format",
                )
                .with_edit(format.span, FORMAT),
                None => Diagnostic::error(
                    "missing-name",
                    "expected a format after `from`",
                    keyword,
                    "no name follows",
                )
                .with_edit(keyword.after(), format!(" {FORMAT}")),
            };
            self.report(diagnostic.with_help(format!("write `{FORMAT}`")));
        } else if file.is_none() {
            self.report(
                Diagnostic::error(
                    "missing-value",
                    format!("expected a string after `{FORMAT}`"),
                    at,
                    "no string follows",
                )
                .with_help(EXAMPLE),
            );
        }
        file.unwrap_or_else(|| nameless(at))
    }
}

fn nameless(before: Span) -> Name {
    Name {
        text: String::new(),
        span: before.after(),
    }
}
