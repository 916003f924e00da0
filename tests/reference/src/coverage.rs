//! Which constructs were exercised, and how they came out.

use std::collections::BTreeMap;
use std::fmt;

use palisade_lang::program::{
    BaseType, Check, CompareOp, Const, Domain, Expr, ExprKind, ImagePart, MessagePart, Presence,
    QuantifierKind,
};

use crate::policy::Decided;
use crate::value::Kleene;
use crate::verdict::{Reason, Status, Verdict};

/// How an expression came out. For values: there, absent, unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    True,
    False,
    Unknown,
}

/// How often a construct was evaluated, came out true (there), false (absent) or unknown, and was part of a check that
/// found something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Row {
    /// Evaluations.
    pub evaluated: u64,
    /// True, or a value that is there.
    pub was_true: u64,
    /// False, or absent.
    pub was_false: u64,
    /// Unknown.
    pub unknown: u64,
    /// Part of a check that found something.
    pub finding: u64,
}

/// The table of constructs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    rows: BTreeMap<String, Row>,
    /// Evaluations of a whole program.
    pub evaluations: u64,
    /// Those that found something.
    pub with_findings: u64,
    /// Those that could not decide something.
    pub with_unknowns: u64,
}

impl Coverage {
    /// The row of a construct.
    #[must_use]
    pub fn row(&self, construct: &str) -> Row {
        self.rows.get(construct).copied().unwrap_or_default()
    }

    /// The constructs seen, in order of name.
    pub fn constructs(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// Adds the counts of another table.
    pub fn merge(&mut self, other: &Self) {
        for (name, row) in &other.rows {
            let sum = self.rows.entry(name.clone()).or_default();
            sum.evaluated += row.evaluated;
            sum.was_true += row.was_true;
            sum.was_false += row.was_false;
            sum.unknown += row.unknown;
            sum.finding += row.finding;
        }
        self.evaluations += other.evaluations;
        self.with_findings += other.with_findings;
        self.with_unknowns += other.with_unknowns;
    }

    pub(crate) fn count_evaluation(&mut self, results: &[Verdict]) {
        let finds = |result: &Verdict| result.status == Status::Finding;
        self.evaluations += 1;
        self.with_findings += u64::from(results.iter().any(finds));
        self.with_unknowns += u64::from(results.iter().any(|result| !finds(result)));
    }

    pub(crate) fn count_expr(&mut self, expr: &Expr, outcome: Outcome) {
        for name in names(expr) {
            self.count(&name, Some(outcome));
        }
    }

    pub(crate) fn count_part(&mut self, part: &MessagePart) {
        self.count(part_name(part), None);
    }

    pub(crate) fn count_stmt(&mut self, name: &str, truth: Option<Kleene>) {
        let outcome = truth.map(|truth| match truth {
            Kleene::True => Outcome::True,
            Kleene::False => Outcome::False,
            Kleene::Unknown(_) => Outcome::Unknown,
        });
        self.count(&format!("stmt {name}"), outcome);
    }

    pub(crate) fn count_guarded(&mut self, decided: &Decided) {
        let outcome = match decided {
            Decided::Holds => Outcome::True,
            Decided::Fails => Outcome::False,
            Decided::Unknown(..) => Outcome::Unknown,
        };
        self.count("stmt guarded check", Some(outcome));
    }

    pub(crate) fn count_path(&mut self, problem: Option<Reason>) {
        let outcome = match problem {
            None => Outcome::True,
            Some(Reason::Template) => Outcome::Unknown,
            Some(_) => Outcome::False,
        };
        self.count("path of a view", Some(outcome));
    }

    pub(crate) fn count_finding(&mut self, check: &Check) {
        let mut found = Vec::new();
        walk(&check.condition, &mut |expr| found.extend(names(expr)));
        if let Some(place) = &check.place {
            found.push("at".to_owned());
            walk(place, &mut |expr| found.extend(names(expr)));
        }
        for part in &check.message {
            found.push(part_name(part).to_owned());
        }
        found.push(format!(
            "stmt {}",
            if check.finds_when { "deny" } else { "require" }
        ));
        if !check.guards.is_empty() {
            found.push("stmt guarded check".to_owned());
        }
        found.sort_unstable();
        found.dedup();
        for name in found {
            self.rows.entry(name).or_default().finding += 1;
        }
    }

    fn count(&mut self, name: &str, outcome: Option<Outcome>) {
        let row = self.rows.entry(name.to_owned()).or_default();
        row.evaluated += 1;
        match outcome {
            Some(Outcome::True) => row.was_true += 1,
            Some(Outcome::False) => row.was_false += 1,
            Some(Outcome::Unknown) => row.unknown += 1,
            None => {}
        }
    }
}

impl fmt::Display for Coverage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<28}{:>11}{:>11}{:>11}{:>11}{:>11}",
            "construct", "evaluated", "true", "false", "unknown", "finding"
        )?;
        for (name, row) in &self.rows {
            writeln!(
                f,
                "{name:<28}{:>11}{:>11}{:>11}{:>11}{:>11}",
                row.evaluated, row.was_true, row.was_false, row.unknown, row.finding
            )?;
        }
        write!(
            f,
            "{} evaluations, {} with findings, {} with unknown results",
            self.evaluations, self.with_findings, self.with_unknowns
        )
    }
}

fn part_name(part: &MessagePart) -> &'static str {
    match part {
        MessagePart::Text(_) => "part text",
        MessagePart::Value(_) => "part value",
        MessagePart::Object(_) => "part object",
    }
}

/// The constructs that an expression is an instance of.
fn names(expr: &Expr) -> Vec<String> {
    let kind = match &expr.kind {
        ExprKind::Const(constant) => format!("const {}", const_name(constant)),
        ExprKind::Local(_) => "local".to_owned(),
        ExprKind::Member { presence, .. } => {
            let presence = match presence {
                Presence::Optional => "optional",
                Presence::Required => "required",
                Presence::Default(_) => "default",
            };
            return vec![
                format!("member {presence}"),
                format!("type {}", type_name(&expr.ty.base)),
            ];
        }
        ExprKind::MapMember { .. } => "map member".to_owned(),
        ExprKind::Element { .. } => "element".to_owned(),
        ExprKind::Concat(_) => "concat".to_owned(),
        ExprKind::List(_) => "list".to_owned(),
        ExprKind::Coalesce(..) => "coalesce".to_owned(),
        ExprKind::Interpolate(_) => "interpolate".to_owned(),
        ExprKind::ImagePart(part, _) => {
            let part = match part {
                ImagePart::Registry => "registry",
                ImagePart::Repository => "repository",
                ImagePart::Tag => "tag",
                ImagePart::Digest => "digest",
            };
            format!("image {part}")
        }
        ExprKind::ContainerRole(_) => "role".to_owned(),
        ExprKind::Truth(_) => "truth".to_owned(),
        ExprKind::And(_) => "and".to_owned(),
        ExprKind::Or(_) => "or".to_owned(),
        ExprKind::Not(_) => "not".to_owned(),
        ExprKind::Compare { op, domain, .. } => {
            let op = match op {
                CompareOp::Equal => "==",
                CompareOp::Less => "<",
                CompareOp::LessEqual => "<=",
                CompareOp::Greater => ">",
                CompareOp::GreaterEqual => ">=",
            };
            format!("compare {op} {}", domain_name(*domain))
        }
        ExprKind::In { domain, .. } => format!("in {}", domain_name(*domain)),
        ExprKind::IsSet(_) => "is set".to_owned(),
        ExprKind::IsEmpty(_) => "is empty".to_owned(),
        ExprKind::IsKnown(_) => "is known".to_owned(),
        ExprKind::Quantifier(quantifier) => {
            let kind = match quantifier.kind {
                QuantifierKind::Any => "any",
                QuantifierKind::All => "all",
                QuantifierKind::No => "no",
            };
            let guard = if quantifier.guard.is_some() {
                " where"
            } else {
                ""
            };
            let nested = if quantifier.generators.len() > 1 {
                " nested"
            } else {
                ""
            };
            return vec![format!("{kind}{guard}{nested}")];
        }
    };
    vec![kind]
}

fn const_name(constant: &Const) -> &'static str {
    match constant {
        Const::Absent => "none",
        Const::Bool(_) => "bool",
        Const::Int(_) => "int",
        Const::Float(_) => "float",
        Const::String(_) => "string",
        Const::Quantity(_) => "quantity",
        Const::List(_) => "list",
    }
}

fn domain_name(domain: Domain) -> &'static str {
    match domain {
        Domain::Bool => "bool",
        Domain::Int => "int",
        Domain::String => "string",
        Domain::Quantity => "quantity",
        Domain::Scalar => "scalar",
    }
}

fn type_name(ty: &BaseType) -> &'static str {
    match ty {
        BaseType::Bool => "bool",
        BaseType::Int => "int",
        BaseType::Float => "float",
        BaseType::String => "string",
        BaseType::Enum(_) => "enum",
        BaseType::Quantity => "quantity",
        BaseType::IntOrString => "int or string",
        BaseType::Timestamp => "timestamp",
        BaseType::Duration => "duration",
        BaseType::Record(_) => "record",
        BaseType::List(_) => "list",
        BaseType::Map(_) => "map",
        BaseType::Any => "any",
        BaseType::Error => "error",
    }
}

/// Visits an expression and all that is in it.
pub(crate) fn walk<'e>(expr: &'e Expr, visit: &mut impl FnMut(&'e Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Const(_) | ExprKind::Local(_) => {}
        ExprKind::Member { base, .. } => walk(base, visit),
        ExprKind::MapMember { base: a, key: b }
        | ExprKind::Element { base: a, index: b }
        | ExprKind::Coalesce(a, b)
        | ExprKind::Compare {
            left: a, right: b, ..
        }
        | ExprKind::In {
            needle: a, list: b, ..
        } => {
            walk(a, visit);
            walk(b, visit);
        }
        ExprKind::Concat(items)
        | ExprKind::List(items)
        | ExprKind::And(items)
        | ExprKind::Or(items) => {
            for item in items {
                walk(item, visit);
            }
        }
        ExprKind::Interpolate(parts) => {
            for part in parts {
                match part {
                    MessagePart::Text(_) => {}
                    MessagePart::Value(expr) | MessagePart::Object(expr) => walk(expr, visit),
                }
            }
        }
        ExprKind::ImagePart(_, operand)
        | ExprKind::ContainerRole(operand)
        | ExprKind::Truth(operand)
        | ExprKind::Not(operand)
        | ExprKind::IsSet(operand)
        | ExprKind::IsEmpty(operand)
        | ExprKind::IsKnown(operand) => walk(operand, visit),
        ExprKind::Quantifier(quantifier) => {
            for generator in &quantifier.generators {
                walk(&generator.source, visit);
            }
            if let Some(guard) = &quantifier.guard {
                walk(guard, visit);
            }
            walk(&quantifier.body, visit);
        }
    }
}
