//! A tree as one short text, to compare and to look at.

use crate::syntax::ast::{
    BinaryOp, Block, CheckKind, Edit, EditKind, Expr, ExprKind, FieldDeclaration, Fix, Generator,
    ItemKind, KindSource, Name, Param, Pick, Policy, ProfileEntry, Quantifier, SourceFile, Stmt,
    StmtKind, StringPart, Target, Test, TypeExpr, TypeExprKind, UnaryOp,
};

pub(super) fn dump_file(file: &SourceFile) -> String {
    let mut out = String::new();
    if let Some(pack) = &file.pack {
        let edition = pack.edition.as_ref().map_or("", |edition| &edition.text);
        out += &format!("pack {} {edition}\n", pack.name.text);
    }
    for item in &file.items {
        out += &dump_item(&item.kind);
    }
    out
}

fn dump_item(item: &ItemKind) -> String {
    match item {
        ItemKind::Policy(policy) => dump_policy(policy),
        ItemKind::Profile(profile) => {
            let extends = profile
                .extends
                .as_ref()
                .map_or(String::new(), |other| format!(" extends {}", other.text));
            let entries: String = profile
                .entries
                .iter()
                .map(|entry| match entry {
                    ProfileEntry::Include(policies) => {
                        format!("  include {}\n", names(policies, ", "))
                    }
                    ProfileEntry::Set {
                        policy,
                        param,
                        value,
                    } => format!(
                        "  set {} {} {}\n",
                        policy.text,
                        param.text,
                        dump_expr(value)
                    ),
                })
                .collect();
            format!("profile {}{extends}\n{entries}", profile.name.text)
        }
        ItemKind::View(view) => {
            let extend = if view.extend { "extend " } else { "" };
            let arms: String = view
                .arms
                .iter()
                .map(|arm| {
                    format!(
                        "  {}{} => {}\n",
                        dump_targets(&arm.targets),
                        dump_guard(arm.guard.as_ref()),
                        dump_expr(&arm.value)
                    )
                })
                .collect();
            let ty = dump_annotation(view.ty.as_ref());
            format!("{extend}view {}{ty}\n{arms}", view.name.text)
        }
        ItemKind::Fn(function) => {
            let params: Vec<String> = function
                .params
                .iter()
                .map(|param| format!("{}{}", param.name.text, dump_annotation(param.ty.as_ref())))
                .collect();
            format!(
                "fn {}({}){} = {}\n",
                function.name.text,
                params.join(", "),
                dump_annotation(function.result.as_ref()),
                dump_expr(&function.body)
            )
        }
        ItemKind::Const(constant) => format!(
            "const {}{} = {}\n",
            constant.name.text,
            dump_annotation(constant.ty.as_ref()),
            dump_expr(&constant.value)
        ),
        ItemKind::Type(declared) => {
            format!(
                "type {} = {}\n",
                declared.name.text,
                dump_type(&declared.ty)
            )
        }
        ItemKind::Kind(kind) => {
            let source = match &kind.source {
                KindSource::Group(group) => format!("for {}", group.text),
                KindSource::File {
                    format,
                    options,
                    patterns,
                    merged,
                } => format!(
                    "from {}{} {}{}",
                    format.text,
                    options
                        .iter()
                        .map(|(name, value)| format!("({}: {})", name.text, value.text))
                        .collect::<String>(),
                    names(patterns, ", "),
                    merged
                        .as_ref()
                        .map_or(String::new(), |which| format!(" merged {}", which.text))
                ),
            };
            let fields = kind
                .fields
                .as_ref()
                .map_or(String::new(), |fields| format!(" {}", dump_fields(fields)));
            format!("kind {} {source}{fields}\n", kind.name.text)
        }
        ItemKind::Table(table) => format!(
            "table {} from tsv {} {}\n",
            table.name.text,
            names(std::slice::from_ref(&table.file), ", "),
            dump_fields(&table.columns)
        ),
        ItemKind::Use(pack) => format!("use {}\n", pack.text),
        ItemKind::Param(param) => format!("{}\n", dump_param(param)),
        ItemKind::Error => "<error>\n".to_owned(),
    }
}

fn dump_targets(targets: &[Target]) -> String {
    targets
        .iter()
        .map(dump_target)
        .collect::<Vec<_>>()
        .join(", ")
}

fn dump_target(target: &Target) -> String {
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
}

fn dump_guard(guard: Option<&Expr>) -> String {
    guard.map_or(String::new(), |guard| {
        format!(" where {}", dump_expr(guard))
    })
}

fn dump_policy(policy: &Policy) -> String {
    let mut out = format!(
        "policy {} on {}{}\n",
        policy.name.text,
        dump_targets(&policy.targets),
        dump_guard(policy.guard.as_ref())
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
    for param in &policy.params {
        out += &format!("  {}\n", dump_param(param));
    }
    for stmt in &policy.body.stmts {
        out += &format!("  {}\n", dump_stmt(stmt));
    }
    for body in &policy.bodies {
        out += &format!(
            "  on {}{} {}\n",
            dump_targets(&body.targets),
            dump_guard(body.guard.as_ref()),
            dump_block(&body.body)
        );
    }
    out
}

fn dump_param(param: &Param) -> String {
    let default = param
        .default
        .as_ref()
        .map_or(String::new(), |value| format!(" = {}", dump_expr(value)));
    format!(
        "param {}: {}{default}{}",
        param.name.text,
        dump_type(&param.ty),
        dump_guard(param.constraint.as_ref())
    )
}

fn dump_annotation(ty: Option<&TypeExpr>) -> String {
    ty.map_or(String::new(), |ty| format!(": {}", dump_type(ty)))
}

pub(super) fn dump_type(ty: &TypeExpr) -> String {
    match &ty.kind {
        TypeExprKind::Name(target) => dump_target(target),
        TypeExprKind::List(inner) => format!("[{}]", dump_type(inner)),
        TypeExprKind::Map(inner) => format!("{{string: {}}}", dump_type(inner)),
        TypeExprKind::Record(fields) => dump_fields(fields),
        TypeExprKind::Enum { members, ordered } => {
            let members: Vec<String> = members
                .iter()
                .map(|member| format!("{:?}", member.text))
                .collect();
            members.join(if *ordered { " < " } else { " | " })
        }
        TypeExprKind::Union(types) => {
            let types: Vec<String> = types.iter().map(dump_type).collect();
            format!("({})", types.join(" | "))
        }
        TypeExprKind::Optional(inner) => format!("{}?", dump_type(inner)),
        TypeExprKind::Hole => "<hole>".to_owned(),
    }
}

fn dump_fields(fields: &[FieldDeclaration]) -> String {
    let fields: Vec<String> = fields
        .iter()
        .map(|field| {
            let default = field
                .default
                .as_ref()
                .map_or(String::new(), |value| format!(" = {}", dump_expr(value)));
            format!("{}: {}{default}", field.name.text, dump_type(&field.ty))
        })
        .collect();
    format!("{{ {} }}", fields.join(", "))
}

fn dump_fix(fix: &Fix) -> String {
    let word = if fix.is_unsafe { " fix unsafe" } else { " fix" };
    let edits: Vec<String> = fix.edits.iter().map(dump_edit).collect();
    let condition = fix.condition.as_ref().map_or(String::new(), |condition| {
        format!(" when {}", dump_expr(condition))
    });
    format!("{word} {}{condition}", edits.join("; "))
}

fn dump_edit(edit: &Edit) -> String {
    let path = dump_expr(&edit.path);
    let value = edit.value.as_ref().map_or(String::new(), dump_expr);
    match &edit.kind {
        EditKind::Set => format!("{path} = {value}"),
        EditKind::Remove => format!("remove {path}"),
        EditKind::Append => format!("append {value} to {path}"),
        EditKind::Upsert => format!("upsert {path} = {value}"),
        EditKind::Create(target) => format!("create {} {value}", dump_target(target)),
    }
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
                "{word} {}{}{}{}{}",
                dump_expr(&check.condition),
                optional("", &check.message),
                optional("severity ", &check.severity),
                optional("at ", &check.place),
                check.fixes.iter().map(dump_fix).collect::<String>()
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
        ExprKind::Objects(target) => format!("objects({})", dump_target(target)),
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
        ExprKind::If {
            condition,
            then,
            otherwise,
        } => format!(
            "(if {} {} {})",
            dump_expr(condition),
            dump_expr(then),
            dump_expr(otherwise)
        ),
        ExprKind::Comprehension {
            element,
            generators,
            guard,
            order,
        } => format!(
            "[{} for {}{}]",
            dump_expr(element),
            dump_generators(generators),
            dump_tail(guard.as_deref(), order.as_deref())
        ),
        ExprKind::Pick {
            which,
            generator,
            guard,
            order,
        } => {
            let word = match which {
                Pick::First => "first",
                Pick::Last => "last",
            };
            format!(
                "({word} {}{})",
                dump_generator(generator),
                dump_tail(guard.as_deref(), order.as_deref())
            )
        }
        ExprKind::Count { generators, guard } => format!(
            "(count {}{})",
            dump_generators(generators),
            dump_tail(guard.as_deref(), None)
        ),
        ExprKind::Cast { operand, ty } => {
            format!("(as {} {})", dump_expr(operand), dump_type(ty))
        }
        ExprKind::Record(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", key.text, dump_expr(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        ExprKind::Hole => "<hole>".to_owned(),
    }
}

fn dump_generators(generators: &[Generator]) -> String {
    let generators: Vec<String> = generators.iter().map(dump_generator).collect();
    generators.join(" ")
}

fn dump_tail(guard: Option<&Expr>, order: Option<&Expr>) -> String {
    let order = order.map_or(String::new(), |order| format!(" by {}", dump_expr(order)));
    format!("{}{order}", dump_guard(guard))
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
