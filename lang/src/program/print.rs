//! A typed program as compact text, for people and snapshots. Not a language: nothing reads it back.

use std::fmt::Write as _;

use super::{
    Binding, Block, Check, CompareOp, Const, Domain, Expr, ExprKind, For, Generator, ImagePart,
    LocalId, MessagePart, Policy, Presence, Program, QuantifierKind, Stmt, Target,
};

/// The program as text, one statement a line.
///
/// Names carry their number where they are bound (`limit#4`), absence is shown where it means something: `.name` reads
/// an optional member, `.name!` a required one, `.name=true` one with a default. The domain of a comparison follows its
/// sign.
#[must_use]
pub fn print(program: &Program) -> String {
    let mut out = format!("pack {}\n", program.pack);
    for view in &program.views {
        _ = writeln!(out, "\nview {}", view.name);
        for arm in &view.arms {
            let groups = arm.kind.groups.join("|");
            let path: String = arm.path.iter().map(|key| format!(".{key}")).collect();
            _ = writeln!(out, "    {groups}/{} => object{path}", arm.kind.kind);
        }
    }
    for policy in &program.policies {
        out.push('\n');
        out.push_str(&Printer { policy, program }.policy());
    }
    out
}

struct Printer<'p> {
    policy: &'p Policy,
    program: &'p Program,
}

impl Printer<'_> {
    fn policy(&self) -> String {
        let policy = self.policy;
        let targets: Vec<String> = policy
            .targets
            .iter()
            .map(|target| self.target(target))
            .collect();
        let mut out = format!("policy {} on {}", policy.name, targets.join(", "));
        if let Some(guard) = &policy.guard {
            _ = write!(out, " where {}", self.expr(guard));
        }
        _ = write!(out, "\n    {:?}", policy.severity);
        if let Some(since) = policy.since {
            _ = write!(out, ", since 1.{}", since.0);
        }
        if !policy.on_by_default {
            out.push_str(", off by default");
        }
        _ = writeln!(out, ": {}", policy.title);
        self.block(&policy.body, 1, &mut out);
        out
    }

    fn target(&self, target: &Target) -> String {
        match target {
            Target::Kind(kind) => format!("{}/{}", kind.groups.join("|"), kind.kind),
            Target::View(id) => {
                let view = self.program.views.get(id.0 as usize);
                view.map(|view| view.name.clone()).unwrap_or_default()
            }
        }
    }

    fn block(&self, block: &Block, depth: usize, out: &mut String) {
        for stmt in &block.stmts {
            out.push_str(&"    ".repeat(depth));
            self.stmt(stmt, depth, out);
        }
    }

    fn stmt(&self, stmt: &Stmt, depth: usize, out: &mut String) {
        let indent = "    ".repeat(depth);
        match stmt {
            Stmt::Let(id) => {
                let local = self.policy.locals.get(id.0 as usize);
                if let Some(Binding::Let(value)) = local.map(|local| &local.binding) {
                    _ = writeln!(out, "let {} = {}", self.bound(*id), self.expr(value));
                }
            }
            Stmt::For(statement) => {
                let For {
                    generator,
                    guard,
                    body,
                } = &**statement;
                _ = write!(out, "for {}", self.generator(generator));
                if let Some(guard) = guard {
                    _ = write!(out, " where {}", self.expr(guard));
                }
                out.push_str(":\n");
                self.block(body, depth + 1, out);
            }
            Stmt::When {
                condition,
                then,
                otherwise,
            } => {
                _ = writeln!(out, "when {}:", self.expr(condition));
                self.block(then, depth + 1, out);
                if !otherwise.stmts.is_empty() {
                    _ = writeln!(out, "{indent}else:");
                    self.block(otherwise, depth + 1, out);
                }
            }
            Stmt::Check(id) => {
                if let Some(check) = self.policy.checks.get(id.0 as usize) {
                    _ = writeln!(out, "{}: {}", id.0, self.check(check, &indent));
                }
            }
        }
    }

    fn check(&self, check: &Check, indent: &str) -> String {
        let word = if check.finds_when { "deny" } else { "require" };
        let mut out = format!("{word} {}", self.expr(&check.condition));
        if !check.guards.is_empty() {
            let guards: Vec<String> = check.guards.iter().map(|id| id.0.to_string()).collect();
            _ = write!(out, " (after {})", guards.join(", "));
        }
        _ = write!(out, "\n{indent}    {}", self.parts(&check.message));
        if let Some(severity) = check.severity {
            _ = write!(out, " {severity:?}");
        }
        if let Some(place) = &check.place {
            _ = write!(out, " at {}", self.expr(place));
        }
        out
    }

    fn generator(&self, generator: &Generator) -> String {
        let key = generator
            .key
            .map(|key| format!("{}, ", self.bound(key)))
            .unwrap_or_default();
        format!(
            "{key}{} in {}",
            self.bound(generator.element),
            self.expr(&generator.source)
        )
    }

    fn bound(&self, id: LocalId) -> String {
        format!("{}#{}", self.name(id), id.0)
    }

    fn name(&self, id: LocalId) -> &str {
        self.policy
            .locals
            .get(id.0 as usize)
            .map_or("?", |local| local.name.as_str())
    }

    fn expr(&self, expr: &Expr) -> String {
        let all = |exprs: &[Expr], between: &str| {
            exprs
                .iter()
                .map(|expr| self.expr(expr))
                .collect::<Vec<_>>()
                .join(between)
        };
        match &expr.kind {
            ExprKind::Const(value) => constant(value),
            ExprKind::Local(id) => self.name(*id).to_owned(),
            ExprKind::Member {
                base,
                key,
                presence,
            } => {
                let mark = match presence {
                    Presence::Optional => String::new(),
                    Presence::Required => "!".to_owned(),
                    Presence::Default(value) => format!("={}", constant(value)),
                };
                format!("{}.{key}{mark}", self.expr(base))
            }
            ExprKind::MapMember { base, key } => {
                format!("{}[{}]", self.expr(base), self.expr(key))
            }
            ExprKind::Element { base, index } => {
                format!("{}[{}]", self.expr(base), self.expr(index))
            }
            ExprKind::Concat(lists) => format!("({})", all(lists, " + ")),
            ExprKind::List(items) => format!("[{}]", all(items, ", ")),
            ExprKind::Coalesce(a, b) => format!("({} ?? {})", self.expr(a), self.expr(b)),
            ExprKind::Interpolate(parts) => self.parts(parts),
            ExprKind::ImagePart(part, text) => {
                let part = match part {
                    ImagePart::Registry => "registry",
                    ImagePart::Repository => "repository",
                    ImagePart::Tag => "tag",
                    ImagePart::Digest => "digest",
                };
                format!("image({}).{part}", self.expr(text))
            }
            ExprKind::ContainerRole(container) => format!("role({})", self.expr(container)),
            ExprKind::Truth(value) => format!("truth({})", self.expr(value)),
            ExprKind::And(operands) => format!("({})", all(operands, " and ")),
            ExprKind::Or(operands) => format!("({})", all(operands, " or ")),
            ExprKind::Not(operand) => format!("not {}", self.expr(operand)),
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
                let domain = domain_name(*domain);
                format!("({} {op}:{domain} {})", self.expr(left), self.expr(right))
            }
            ExprKind::In {
                domain,
                needle,
                list,
            } => {
                let domain = domain_name(*domain);
                format!("({} in:{domain} {})", self.expr(needle), self.expr(list))
            }
            ExprKind::IsSet(value) => format!("({} is set)", self.expr(value)),
            ExprKind::IsEmpty(value) => format!("({} is empty)", self.expr(value)),
            ExprKind::IsKnown(value) => format!("({} is known)", self.expr(value)),
            ExprKind::Quantifier(quantifier) => {
                let word = match quantifier.kind {
                    QuantifierKind::Any => "any",
                    QuantifierKind::All => "all",
                    QuantifierKind::No => "no",
                };
                let generators: Vec<String> = quantifier
                    .generators
                    .iter()
                    .map(|one| self.generator(one))
                    .collect();
                let guard = match &quantifier.guard {
                    Some(guard) => format!(" where {}", self.expr(guard)),
                    None => String::new(),
                };
                let body = self.expr(&quantifier.body);
                format!("({word} {}{guard}: {body})", generators.join(", "))
            }
        }
    }

    fn parts(&self, parts: &[MessagePart]) -> String {
        let mut out = String::from("\"");
        for part in parts {
            match part {
                MessagePart::Text(text) => out.push_str(&escaped(text)),
                MessagePart::Value(value) => _ = write!(out, "{{{}}}", self.expr(value)),
                MessagePart::Object(value) => _ = write!(out, "{{object {}}}", self.expr(value)),
            }
        }
        out.push('"');
        out
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

fn constant(value: &Const) -> String {
    match value {
        Const::Absent => "none".to_owned(),
        Const::Bool(value) => value.to_string(),
        Const::Int(value) => value.to_string(),
        Const::Float(text) | Const::Quantity(text) => text.clone(),
        Const::String(text) => format!("{text:?}"),
        Const::List(items) => {
            format!(
                "[{}]",
                items.iter().map(constant).collect::<Vec<_>>().join(", ")
            )
        }
    }
}

/// The text as it stands between quotes.
fn escaped(text: &str) -> String {
    let quoted = format!("{text:?}");
    quoted
        .get(1..quoted.len() - 1)
        .unwrap_or_default()
        .to_owned()
}
