//! A tree as one short text, to compare and to look at.

use crate::syntax::ast::{
    BinaryOp, Block, CheckKind, Expr, ExprKind, Generator, ItemKind, Name, Quantifier, SourceFile,
    Stmt, StmtKind, StringPart, Test, UnaryOp,
};

pub(super) fn dump_file(file: &SourceFile) -> String {
    let mut out = String::new();
    if let Some(pack) = &file.pack {
        let edition = pack.edition.as_ref().map_or("", |edition| &edition.text);
        out += &format!("pack {} {edition}\n", pack.name.text);
    }
    for item in &file.items {
        let ItemKind::Policy(policy) = &item.kind else {
            out += "<error>\n";
            continue;
        };
        let targets: Vec<String> = policy
            .targets
            .iter()
            .map(|target| {
                let part = |name: &Option<Name>| name.as_ref().map(|name| name.text.clone());
                match (part(&target.group), part(&target.version)) {
                    (None, None) => target.name.text.clone(),
                    (group, version) => format!(
                        "{}/{}/{}",
                        group.unwrap_or_default(),
                        version.unwrap_or_default(),
                        target.name.text
                    ),
                }
            })
            .collect();
        let guard = policy.guard.as_ref().map_or(String::new(), |guard| {
            format!(" where {}", dump_expr(guard))
        });
        out += &format!(
            "policy {} on {}{guard}\n",
            policy.name.text,
            targets.join(", ")
        );
        let attributes: Vec<String> = policy
            .attributes
            .iter()
            .map(|attribute| format!("{} {}", attribute.name.text, names(&attribute.values, ", ")))
            .collect();
        if !attributes.is_empty() {
            out += "  ";
        }
        out += &attributes.join("; ");
        out.push('\n');
        for stmt in &policy.body.stmts {
            out += &format!("  {}\n", dump_stmt(stmt));
        }
    }
    out
}

fn names(names: &[Name], separator: &str) -> String {
    names
        .iter()
        .map(|name| name.text.as_str())
        .collect::<Vec<_>>()
        .join(separator)
}

fn dump_block(block: &Block) -> String {
    let stmts: String = block
        .stmts
        .iter()
        .map(|stmt| dump_stmt(stmt) + " ")
        .collect();
    format!("{{ {stmts}}}")
}

fn dump_stmt(stmt: &Stmt) -> String {
    match &stmt.kind {
        StmtKind::Let { name, value } => format!("let {} {}", name.text, dump_expr(value)),
        StmtKind::For {
            generator,
            guard,
            body,
        } => {
            let guard = guard.as_ref().map_or(String::new(), |guard| {
                format!(" where {}", dump_expr(guard))
            });
            format!(
                "for {}{guard} {}",
                dump_generator(generator),
                dump_block(body)
            )
        }
        StmtKind::When {
            condition,
            then,
            otherwise,
        } => {
            let otherwise = otherwise.as_ref().map_or(String::new(), |block| {
                format!(" else {}", dump_block(block))
            });
            format!(
                "when {} {}{otherwise}",
                dump_expr(condition),
                dump_block(then)
            )
        }
        StmtKind::Check(check) => {
            let word = match check.kind {
                CheckKind::Require => "require",
                CheckKind::Deny => "deny",
            };
            let optional = |word: &str, expr: &Option<Expr>| {
                expr.as_ref()
                    .map_or(String::new(), |expr| format!(" {word}{}", dump_expr(expr)))
            };
            format!(
                "{word} {}{}{}{}",
                dump_expr(&check.condition),
                optional("", &check.message),
                optional("severity ", &check.severity),
                optional("at ", &check.place)
            )
        }
        StmtKind::Error => "<error>".to_owned(),
    }
}

fn dump_generator(generator: &Generator) -> String {
    format!(
        "({} {})",
        names(&generator.names, " "),
        dump_expr(&generator.source)
    )
}

fn dump_all(exprs: &[Expr]) -> String {
    exprs.iter().map(dump_expr).collect::<Vec<_>>().join(" ")
}

pub(super) fn dump_expr(expr: &Expr) -> String {
    match &expr.kind {
        ExprKind::Bool(value) => value.to_string(),
        ExprKind::None => "none".to_owned(),
        ExprKind::Number(text) | ExprKind::Name(text) => text.clone(),
        ExprKind::Version(text) => format!("v\"{text}\""),
        ExprKind::String(parts) if parts.is_empty() => "\"\"".to_owned(),
        ExprKind::String(parts) => parts
            .iter()
            .map(|part| match part {
                StringPart::Text(text) => {
                    format!("\"{}\"", text.replace('\\', "\\\\").replace('\n', "\\n"))
                }
                StringPart::Value(value) => dump_expr(value),
            })
            .collect::<Vec<_>>()
            .join(" "),
        ExprKind::List(items) => format!("[{}]", dump_all(items)),
        ExprKind::Field { base, name } => format!("(. {} {})", dump_expr(base), name.text),
        ExprKind::Index { base, index } => format!("([] {} {})", dump_expr(base), dump_expr(index)),
        ExprKind::Call {
            name,
            arguments,
            method,
        } => {
            let dot = if *method { "." } else { "" };
            format!("({dot}{} {})", name.text, dump_all(arguments))
        }
        ExprKind::Unary { op, operand } => {
            let op = match op {
                UnaryOp::Not => "not",
                UnaryOp::Minus => "-",
            };
            format!("({op} {})", dump_expr(operand))
        }
        ExprKind::Binary {
            op, left, right, ..
        } => {
            format!(
                "({} {} {})",
                operator(*op),
                dump_expr(left),
                dump_expr(right)
            )
        }
        ExprKind::Test {
            test,
            negated,
            operand,
        } => {
            let test = match test {
                Test::Set => "set",
                Test::Empty => "empty",
                Test::Known => "known",
            };
            let not = if *negated { "not-" } else { "" };
            format!("(is-{not}{test} {})", dump_expr(operand))
        }
        ExprKind::Quantifier {
            quantifier,
            generators,
            guard,
            body,
        } => {
            let word = match quantifier {
                Quantifier::Any => "any",
                Quantifier::All => "all",
                Quantifier::No => "no",
            };
            let generators: String = generators
                .iter()
                .map(|one| dump_generator(one) + " ")
                .collect();
            let guard = guard.as_ref().map_or(String::new(), |guard| {
                format!("where {} ", dump_expr(guard))
            });
            format!("({word} {generators}{guard}{})", dump_expr(body))
        }
        ExprKind::If { .. }
        | ExprKind::Comprehension { .. }
        | ExprKind::Pick { .. }
        | ExprKind::Count { .. }
        | ExprKind::Cast { .. }
        | ExprKind::Record(_) => format!("{:?}", expr.kind),
        ExprKind::Hole => "<hole>".to_owned(),
    }
}

fn operator(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Or => "or",
        BinaryOp::And => "and",
        BinaryOp::Equal => "==",
        BinaryOp::NotEqual => "!=",
        BinaryOp::Less => "<",
        BinaryOp::LessEqual => "<=",
        BinaryOp::Greater => ">",
        BinaryOp::GreaterEqual => ">=",
        BinaryOp::In => "in",
        BinaryOp::NotIn => "not-in",
        BinaryOp::Coalesce => "??",
        BinaryOp::Plus => "+",
        BinaryOp::Minus => "-",
        BinaryOp::Times => "*",
        BinaryOp::Divide => "/",
        BinaryOp::IntegerDivide => "div",
        BinaryOp::Remainder => "%",
        BinaryOp::Matches => "matches",
        BinaryOp::Like => "like",
    }
}
