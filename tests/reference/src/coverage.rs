//! Which constructs were exercised, and how they came out.

use std::collections::BTreeMap;
use std::fmt;

use palisade_lang::program::{
    BaseType, Builtin, Check, CompareOp, Comprehension, Const, Domain, EditKind, Expr, ExprKind,
    ImagePart, MessagePart, Pick, Presence, QuantifierKind, Target,
};

use crate::policy::Decided;
use crate::value::{Kleene, Value};
use crate::verdict::{Change, Reason, Status, Verdict};

/// How an expression came out. For values: there, absent, unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    True,
    False,
    Unknown,
}

impl From<Kleene> for Outcome {
    fn from(truth: Kleene) -> Self {
        match truth {
            Kleene::True => Self::True,
            Kleene::False => Self::False,
            Kleene::Unknown(_) => Self::Unknown,
        }
    }
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
        self.count(&format!("stmt {name}"), truth.map(Outcome::from));
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

    pub(crate) fn count_not_applicable(&mut self) {
        self.count("not applicable", None);
    }

    pub(crate) fn count_severity(&mut self, is_severity: bool, value: &Value) {
        self.count(
            "severity of a check",
            Some(match (is_severity, value.unknown()) {
                (true, _) => Outcome::True,
                (false, Some(_)) => Outcome::Unknown,
                (false, None) => Outcome::False,
            }),
        );
    }

    /// True: a fix is offered. False: none of those there are can be made.
    pub(crate) fn count_fix(&mut self, check: &Check, fix: &[Change]) {
        if check.fixes.is_empty() {
            return;
        }
        if fix.is_empty() {
            self.count("fix", Some(Outcome::False));
        }
        for change in fix {
            self.count("fix", Some(Outcome::True));
            let name = match change.kind {
                EditKind::Set => "fix set",
                EditKind::Remove => "fix remove",
                EditKind::Append => "fix append",
                EditKind::Create => "fix create",
            };
            self.count(name, Some(Outcome::True));
            if change.place.inner.is_some() {
                self.count("fix inside", Some(Outcome::True));
            }
        }
        let values = check.fixes.iter().flat_map(|fix| &fix.edits);
        let mut values = values.filter_map(|edit| edit.value.as_ref());
        if values.any(|value| matches!(value.kind, ExprKind::Record(_))) {
            self.count("record", Some(Outcome::True));
        }
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
            if let MessagePart::Value(value) = part {
                walk(value, &mut |expr| found.extend(names(expr)));
            }
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

    pub(crate) fn count(&mut self, name: &str, outcome: Option<Outcome>) {
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
        ExprKind::Param(_) => {
            return vec![
                "param".to_owned(),
                format!("param {}", type_name(&expr.ty.base)),
            ];
        }
        ExprKind::Context(part) => format!("context {}", part.key()),
        ExprKind::Objects(Target::Kind(kind)) if kind.is_any() => {
            return vec!["objects".to_owned(), "objects any".to_owned()];
        }
        ExprKind::Objects(_) => "objects".to_owned(),
        ExprKind::With { .. } => "with".to_owned(),
        ExprKind::If { .. } => "if".to_owned(),
        ExprKind::Record(_) => "record".to_owned(),
        // It says of a value that nothing is known of its type, and gives that value.
        ExprKind::Cast(_) if expr.ty.base == BaseType::Any => return Vec::new(),
        ExprKind::Cast(_) => format!("as {}", type_name(&expr.ty.base)),
        ExprKind::Call(function, arguments) => {
            let kind = match (function, arguments.first()) {
                (Builtin::Matches, _) => match arguments.get(1).map(|a| &a.ty.base) {
                    Some(BaseType::Regex) => " regex",
                    _ => " glob",
                },
                (Builtin::Min | Builtin::Max, Some(first)) => match &first.ty.base {
                    BaseType::List(_) => " of list",
                    BaseType::Quantity => " quantity",
                    _ => "",
                },
                (Builtin::Size, Some(first)) if matches!(first.ty.base, BaseType::Map(_)) => {
                    " of map"
                }
                (Builtin::Keys, Some(first)) if matches!(first.ty.base, BaseType::Record(_)) => {
                    " of record"
                }
                _ => "",
            };
            format!("call {function:?}{kind}")
        }
        ExprKind::Comprehension(inner) => return comprehension_names("list of", inner),
        ExprKind::Pick(Pick::First, inner) => return comprehension_names("first", inner),
        ExprKind::Pick(Pick::Last, inner) => return comprehension_names("last", inner),
        ExprKind::Count(inner) => return comprehension_names("count", inner),
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
        ExprKind::Coalesce(left, right) => {
            let mut names = vec!["coalesce".to_owned()];
            if let (ExprKind::Member { key, .. }, ExprKind::Member { key: other, .. }) =
                (&left.kind, &right.kind)
                && key == other
            {
                names.push("coalesce of contexts".to_owned());
            }
            return names;
        }
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
        ExprKind::Compare {
            op,
            domain,
            left,
            right,
        } => {
            let op = match op {
                CompareOp::Equal => "==",
                CompareOp::Less => "<",
                CompareOp::LessEqual => "<=",
                CompareOp::Greater => ">",
                CompareOp::GreaterEqual => ">=",
            };
            let mut names = vec![format!("compare {op} {}", domain_name(*domain))];
            let is_enum = |side: &Expr| matches!(side.ty.base, BaseType::Enum(_));
            let is_rank = |side: &Expr| matches!(side.kind, ExprKind::Call(Builtin::Rank, _));
            if op == "==" && (is_enum(left) || is_enum(right)) {
                names.push("compare == enum".to_owned());
            }
            if op != "==" && (is_rank(left) || is_rank(right)) {
                names.push("compare ordered enum".to_owned());
            }
            return names;
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
        Const::Glob(_) => "glob",
        Const::Regex(_) => "regex",
        Const::Map(_) => "map",
    }
}

fn domain_name(domain: Domain) -> &'static str {
    match domain {
        Domain::Bool => "bool",
        Domain::Int => "int",
        Domain::String => "string",
        Domain::Quantity => "quantity",
        Domain::Scalar => "scalar",
        Domain::Number => "number",
        Domain::Version => "version",
        Domain::Duration => "duration",
        Domain::Timestamp => "timestamp",
        Domain::Pattern => "pattern",
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
        BaseType::Version => "version",
        BaseType::Image => "image",
        BaseType::Cidr => "cidr",
        BaseType::Ip => "ip",
        BaseType::Versions => "versions",
        BaseType::Range => "range",
        BaseType::Glob => "glob",
        BaseType::Regex => "regex",
        BaseType::Timestamp => "timestamp",
        BaseType::Duration => "duration",
        BaseType::Record(_) => "record",
        BaseType::List(_) => "list",
        BaseType::Map(_) => "map",
        BaseType::Any => "any",
        BaseType::Error => "error",
    }
}

fn comprehension_names(what: &str, comprehension: &Comprehension) -> Vec<String> {
    let mut names = vec![what.to_owned()];
    if comprehension.guard.is_some() {
        names.push(format!("{what} where"));
    }
    if comprehension.generators.len() > 1 {
        names.push(format!("{what} nested"));
    }
    if let Some((_, domain)) = &comprehension.order {
        names.push(format!("{what} by"));
        names.push(format!("by {}", domain_name(*domain)));
    }
    names
}

/// Visits an expression and all that is in it.
pub(crate) fn walk<'e>(expr: &'e Expr, visit: &mut impl FnMut(&'e Expr)) {
    visit(expr);
    match &expr.kind {
        ExprKind::Const(_)
        | ExprKind::Local(_)
        | ExprKind::Param(_)
        | ExprKind::Context(_)
        | ExprKind::Objects(_) => {}
        ExprKind::With { body, .. } => walk(body, visit),
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => {
            walk(condition, visit);
            walk(then, visit);
            walk(otherwise, visit);
        }
        ExprKind::Record(members) => {
            for (_, value) in members {
                walk(value, visit);
            }
        }
        ExprKind::Comprehension(comprehension)
        | ExprKind::Pick(_, comprehension)
        | ExprKind::Count(comprehension) => {
            for generator in &comprehension.generators {
                walk(&generator.source, visit);
            }
            if let Some(guard) = &comprehension.guard {
                walk(guard, visit);
            }
            walk(&comprehension.element, visit);
            if let Some((by, _)) = &comprehension.order {
                walk(by, visit);
            }
        }
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
        | ExprKind::Or(items)
        | ExprKind::Call(_, items) => {
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
        | ExprKind::Cast(operand)
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
