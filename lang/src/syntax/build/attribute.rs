//! The attributes of a policy.

use pest::iterators::Pair;

use super::Builder;
use crate::diagnostic::Diagnostic;
use crate::syntax::ast::{Attribute, Name};
use crate::syntax::grammar::Rule;

/// The attributes of a policy.
pub(super) const ATTRIBUTES: &[&str] = &[
    "severity",
    "profiles",
    "controls",
    "category",
    "links",
    "default",
    "operations",
];

impl<'s> Builder<'s> {
    pub(super) fn attribute(&mut self, pair: Pair<'s, Rule>) -> Attribute {
        let span = self.span(&pair);
        let n_before = self.diagnostics.len();
        let mut name = Name {
            text: String::new(),
            span,
        };
        let mut values: Vec<Name> = Vec::new();
        // The comma, or the attribute's name, that still waits for a value.
        let mut waiting = None;
        for part in pair.into_inner() {
            let part_span = self.span(&part);
            if part.as_rule() == Rule::attr_name {
                name = self.name(&part);
                waiting = Some(part_span);
                continue;
            }
            if self.diagnostics.len() > n_before {
                if let Some(value) = self.silently(|builder| builder.attribute_value(part)) {
                    values.push(value);
                }
                continue;
            }
            if part.as_rule() == Rule::attr_comma {
                if waiting.is_some() {
                    let comma = self.char_at(part_span.start);
                    self.report(
                        Diagnostic::error(
                            "missing-value",
                            "expected a value before `,`",
                            comma,
                            "nothing stands before this",
                        )
                        .with_help("remove the comma")
                        .with_edit(comma, ""),
                    );
                }
                waiting = Some(self.char_at(part_span.start));
                continue;
            }
            if part.as_rule() == Rule::attr_bad {
                let mut diagnostic = Diagnostic::error(
                    "bad-attribute",
                    format!("expected a word or a string after `{}`", name.text),
                    part_span,
                    "not a value",
                );
                if matches!(part.as_str(), ":" | "=") {
                    diagnostic = diagnostic
                        .with_help(format!("write `{} VALUE`", name.text))
                        .with_edit(part_span, "");
                }
                self.report(diagnostic);
                continue;
            }
            if waiting.is_none()
                && let Some(last) = values.last()
            {
                let last = last.span;
                self.report(
                    Diagnostic::error(
                        "missing-comma",
                        "expected `,` between two values",
                        part_span,
                        "a second value",
                    )
                    .with_help("separate values with `,`")
                    .with_edit(last.after(), ","),
                );
            }
            waiting = None;
            if let Some(value) = self.attribute_value(part) {
                values.push(value);
            }
        }
        if let Some(waiting) = waiting
            && self.diagnostics.len() == n_before
        {
            self.report(
                Diagnostic::error(
                    "missing-value",
                    format!("expected a value after `{}`", self.slice(waiting)),
                    waiting,
                    "nothing follows",
                )
                .with_help(attribute_example(&name.text)),
            );
        }
        Attribute { name, values, span }
    }

    fn attribute_value(&mut self, pair: Pair<'s, Rule>) -> Option<Name> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::attr_word => Some(self.name(&pair)),
            Rule::string => {
                let text = self.plain_string(pair);
                Some(Name { text, span })
            }
            Rule::quoted => {
                let text = self.quoted(&pair);
                Some(Name { text, span })
            }
            _ => None,
        }
    }
}

fn attribute_example(name: &str) -> String {
    match name {
        "severity" => "write one of `critical`, `high`, `medium`, `low`, `info`".to_owned(),
        "profiles" => "name a profile, such as `profiles pss-baseline`".to_owned(),
        "default" => "write `default on` or `default off`".to_owned(),
        "operations" => "name operations, such as `operations create, update`".to_owned(),
        _ => format!("write a string, such as `{name} \"…\"`"),
    }
}
