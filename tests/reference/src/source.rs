//! Typed programs as text that reads like Pale, for reports of failing cases.

use std::fmt::Write as _;

use palisade_lang::program::{
    BaseType, Block, CheckId, CompareOp, Const, Domain, Expr, ExprKind, Generator, LocalId,
    MessagePart, Policy, Presence, Program, QuantifierKind, Stmt, Target,
};

/// The policies of a program. Reads show their type and presence: `.replicas:int=1`, `.name:string!`, `.image:string?`.
#[must_use]
pub fn program(program: &Program) -> String {
    program.policies.iter().map(policy).collect()
}

fn policy(policy: &Policy) -> String {
    let printer = Printer { policy };
    let mut text = format!("policy {} on", policy.name);
    for target in &policy.targets {
        // Writing to a string cannot fail.
        let _ = match target {
            Target::Kind(kind) => write!(text, " {}", kind.kind),
            Target::View(view) => write!(text, " view{}", view.0),
        };
    }
    if let Some(guard) = &policy.guard {
        let _ = write!(text, " where {}", printer.expr(guard));
    }
    if !policy.on_by_default {
        text.push_str(" default off");
    }
    let _ = writeln!(text, " severity {:?} {{", policy.severity);
    printer.block(&policy.body, 1, &mut text);
    text.push_str("}\n");
    text
}

struct Printer<'p> {
    policy: &'p Policy,
}

impl Printer<'_> {
    fn block(&self, block: &Block, depth: usize, text: &mut String) {
        let indent = "    ".repeat(depth);
        for stmt in &block.stmts {
            let _ = match stmt {
                Stmt::Let(id) => {
                    writeln!(text, "{indent}let {} = {}", self.name(*id), self.bound(*id))
                }
                Stmt::For(stmt) => {
                    let guard = match &stmt.guard {
                        Some(guard) => format!(" where {}", self.expr(guard)),
                        None => String::new(),
                    };
                    let generator = self.generator(&stmt.generator);
                    let _ = writeln!(text, "{indent}for {generator}{guard} {{");
                    self.block(&stmt.body, depth + 1, text);
                    writeln!(text, "{indent}}}")
                }
                Stmt::When {
                    condition,
                    then,
                    otherwise,
                } => {
                    let _ = writeln!(text, "{indent}when {} {{", self.expr(condition));
                    self.block(then, depth + 1, text);
                    let _ = writeln!(text, "{indent}}} else {{");
                    self.block(otherwise, depth + 1, text);
                    writeln!(text, "{indent}}}")
                }
                Stmt::Check(id) => writeln!(text, "{indent}{}", self.check(*id)),
            };
        }
    }

    fn check(&self, id: CheckId) -> String {
        let Some(check) = self.policy.checks.get(id.0 as usize) else {
            return "no such check".to_owned();
        };
        let word = if check.finds_when { "deny" } else { "require" };
        let mut text = format!(
            "{word} {}, {}",
            self.expr(&check.condition),
            self.parts(&check.message)
        );
        if let Some(place) = &check.place {
            let _ = write!(text, " at {}", self.expr(place));
        }
        if let Some(severity) = check.severity {
            let _ = write!(text, " severity {severity:?}");
        }
        let _ = write!(text, " // {}", id.0 + 1);
        for guard in &check.guards {
            let _ = write!(text, " guarded by {}", guard.0 + 1);
        }
        text
    }

    fn generator(&self, generator: &Generator) -> String {
        let key = match generator.key {
            Some(key) => format!("{}, ", self.name(key)),
            None => String::new(),
        };
        let element = self.name(generator.element);
        format!("{key}{element} in {}", self.expr(&generator.source))
    }

    fn parts(&self, parts: &[MessagePart]) -> String {
        let mut text = "\"".to_owned();
        for part in parts {
            let _ = match part {
                MessagePart::Text(literal) => write!(text, "{}", literal.escape_debug()),
                MessagePart::Value(value) => write!(text, "{{{}}}", self.expr(value)),
                MessagePart::Object(value) => write!(text, "{{object {}}}", self.expr(value)),
            };
        }
        text.push('"');
        text
    }

    fn name(&self, id: LocalId) -> String {
        let local = self.policy.locals.get(id.0 as usize);
        local.map_or_else(|| format!("local{}", id.0), |local| local.name.clone())
    }

    fn bound(&self, id: LocalId) -> String {
        let local = self.policy.locals.get(id.0 as usize);
        match local.map(|local| &local.binding) {
            Some(palisade_lang::program::Binding::Let(bound)) => self.expr(bound),
            _ => "nothing".to_owned(),
        }
    }

    fn joined(&self, operands: &[Expr], between: &str) -> String {
        let texts: Vec<String> = operands.iter().map(|operand| self.expr(operand)).collect();
        texts.join(between)
    }

    fn expr(&self, expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Const(value) => constant(value),
            ExprKind::Local(id) => self.name(*id),
            ExprKind::Member {
                base,
                key,
                presence,
            } => {
                let presence = match presence {
                    Presence::Optional => "?".to_owned(),
                    Presence::Required => "!".to_owned(),
                    Presence::Default(value) => format!("={}", constant(value)),
                };
                let ty = type_name(&expr.ty.base);
                format!("{}.{key}:{ty}{presence}", self.expr(base))
            }
            ExprKind::MapMember { base, key } => {
                let ty = type_name(&expr.ty.base);
                format!("{}[{}]:{ty}", self.expr(base), self.expr(key))
            }
            ExprKind::Element { base, index } => {
                let ty = type_name(&expr.ty.base);
                format!("{}[{}]:{ty}", self.expr(base), self.expr(index))
            }
            ExprKind::Concat(operands) => format!("({})", self.joined(operands, " + ")),
            ExprKind::List(items) => format!("[{}]", self.joined(items, ", ")),
            ExprKind::Coalesce(left, right) => {
                format!("({} ?? {})", self.expr(left), self.expr(right))
            }
            ExprKind::Interpolate(parts) => self.parts(parts),
            ExprKind::ImagePart(part, text) => format!("image({}).{part:?}", self.expr(text)),
            ExprKind::ContainerRole(container) => format!("{}.role", self.expr(container)),
            ExprKind::Truth(value) => format!("truth({})", self.expr(value)),
            ExprKind::And(operands) => format!("({})", self.joined(operands, " and ")),
            ExprKind::Or(operands) => format!("({})", self.joined(operands, " or ")),
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
                format!("({} {op}{domain} {})", self.expr(left), self.expr(right))
            }
            ExprKind::In {
                domain,
                needle,
                list,
            } => {
                let domain = domain_name(*domain);
                format!("({} in{domain} {})", self.expr(needle), self.expr(list))
            }
            ExprKind::IsSet(operand) => format!("({} is set)", self.expr(operand)),
            ExprKind::IsEmpty(operand) => format!("({} is empty)", self.expr(operand)),
            ExprKind::IsKnown(operand) => format!("({} is known)", self.expr(operand)),
            ExprKind::Quantifier(quantifier) => {
                let kind = match quantifier.kind {
                    QuantifierKind::Any => "any",
                    QuantifierKind::All => "all",
                    QuantifierKind::No => "no",
                };
                let generators: Vec<String> = quantifier
                    .generators
                    .iter()
                    .map(|g| self.generator(g))
                    .collect();
                let guard = match &quantifier.guard {
                    Some(guard) => format!(" where {}", self.expr(guard)),
                    None => String::new(),
                };
                let body = self.expr(&quantifier.body);
                format!("({kind} {}{guard}: {body})", generators.join(", "))
            }
        }
    }
}

fn domain_name(domain: Domain) -> &'static str {
    match domain {
        Domain::Bool => ":bool",
        Domain::Int => ":int",
        Domain::String => ":string",
        Domain::Quantity => ":quantity",
        Domain::Scalar => ":scalar",
    }
}

fn constant(value: &Const) -> String {
    match value {
        Const::Absent => "none".to_owned(),
        Const::Bool(value) => value.to_string(),
        Const::Int(value) => value.to_string(),
        Const::Float(text) => text.clone(),
        Const::Quantity(text) => format!("q{text}"),
        Const::String(text) => format!("{text:?}"),
        Const::List(items) => {
            let items: Vec<String> = items.iter().map(constant).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

fn type_name(ty: &BaseType) -> String {
    match ty {
        BaseType::Bool => "bool".to_owned(),
        BaseType::Int => "int".to_owned(),
        BaseType::Float => "float".to_owned(),
        BaseType::String => "string".to_owned(),
        BaseType::Enum(_) => "enum".to_owned(),
        BaseType::Quantity => "quantity".to_owned(),
        BaseType::IntOrString => "int-or-string".to_owned(),
        BaseType::Timestamp => "timestamp".to_owned(),
        BaseType::Duration => "duration".to_owned(),
        BaseType::Record(_) => "record".to_owned(),
        BaseType::List(element) => format!("[{}]", type_name(element)),
        BaseType::Map(value) => format!("{{{}}}", type_name(value)),
        BaseType::Any => "any".to_owned(),
        BaseType::Error => "error".to_owned(),
    }
}
