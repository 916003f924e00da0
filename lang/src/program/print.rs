//! A typed program as compact text, for people and snapshots. Not a language: nothing reads it back.

use std::fmt::Write as _;

use super::{
    BaseType, Binding, Block, Body, Check, CompareOp, Comprehension, Const, Domain, Edit, EditKind,
    Expr, ExprKind, Fix, For, Generator, ImagePart, LocalId, MessagePart, Operation, ParamId, Pick,
    Policy, Presence, Profile, Program, QuantifierKind, Stmt, Target, Type,
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
    for record in &program.records {
        let fields: Vec<String> = record
            .fields
            .iter()
            .map(|field| {
                let default = field
                    .default
                    .as_ref()
                    .map(|value| format!(" = {}", constant(value)));
                format!(
                    "{}: {}{}",
                    field.name,
                    whole_type(&field.ty),
                    default.unwrap_or_default()
                )
            })
            .collect();
        _ = writeln!(
            out,
            "\ntype {} = {{{}}}",
            if record.name.is_empty() {
                "record"
            } else {
                &record.name
            },
            fields.join(", ")
        );
    }
    if !program.params.is_empty() {
        out.push('\n');
    }
    for param in &program.params {
        let owner = match param
            .policy
            .map(|policy| program.policies.get(policy as usize))
        {
            Some(policy) => policy.map_or("?", |policy| policy.name.as_str()),
            None => program.pack.as_str(),
        };
        let ty = whole_type(&param.ty);
        _ = write!(out, "param {owner}.{}: {ty}", param.name);
        if let Some(default) = &param.default {
            _ = write!(out, " = {}", constant(default));
        }
        out.push('\n');
        if let Some(policy) = &param.constraint {
            let printer = Printer { policy, program };
            for check in &policy.checks {
                _ = writeln!(out, "    {}", printer.check(check, "    "));
            }
        }
    }
    for profile in &program.profiles {
        _ = writeln!(out, "\n{}", selection(program, profile));
    }
    for policy in &program.policies {
        out.push('\n');
        out.push_str(&Printer { policy, program }.policy());
    }
    out
}

/// `profile NAME: POLICIES` and what it sets.
fn selection(program: &Program, profile: &Profile) -> String {
    let names: Vec<&str> = profile
        .policies
        .iter()
        .map(|at| {
            program
                .policies
                .get(*at as usize)
                .map_or("?", |policy| policy.name.as_str())
        })
        .collect();
    let mut out = format!("profile {}: {}", profile.name, names.join(", "));
    for (id, value) in &profile.settings {
        let param = program.params.get(id.0 as usize);
        let name = param.map_or("?", |param| param.name.as_str());
        _ = write!(out, "\n    set {name} = {}", constant(value));
    }
    out
}

fn whole_type(ty: &Type) -> String {
    let mark = if ty.optional { "?" } else { "" };
    format!("{}{mark}", type_name(&ty.base))
}

struct Printer<'p> {
    policy: &'p Policy,
    program: &'p Program,
}

impl Printer<'_> {
    fn policy(&self) -> String {
        let policy = self.policy;
        let mut out = format!("policy {}", policy.name);
        if let [only] = policy.bodies.as_slice() {
            out.push_str(&self.head(only));
        }
        _ = write!(out, "\n    {:?}", policy.severity);
        if let Some(since) = policy.since {
            _ = write!(out, ", since 1.{}", since.0);
        }
        if !policy.on_by_default {
            out.push_str(", off by default");
        }
        _ = writeln!(out, ": {}", policy.title);
        self.facts(&mut out);
        match policy.bodies.as_slice() {
            [only] => self.block(&only.block, 1, &mut out),
            bodies => {
                for body in bodies {
                    _ = writeln!(out, "   {}:", self.head(body));
                    self.block(&body.block, 2, &mut out);
                }
            }
        }
        out
    }

    /// What is not as usual: operations, needs.
    fn facts(&self, out: &mut String) {
        let policy = self.policy;
        if policy.operations != [Operation::Create, Operation::Update] {
            let words: Vec<String> = policy
                .operations
                .iter()
                .map(|one| format!("{one:?}"))
                .collect();
            _ = writeln!(out, "    operations {}", words.join(", "));
        }
        if !policy.needs.is_empty() {
            let words: Vec<&str> = policy.needs.iter().map(|part| part.key()).collect();
            _ = writeln!(out, "    needs {}", words.join(", "));
        }
        if policy.owns_files {
            _ = writeln!(out, "    owns files");
        }
    }

    /// ` on TARGETS where GUARD`
    fn head(&self, body: &Body) -> String {
        let targets: Vec<String> = body
            .targets
            .iter()
            .map(|target| self.target(target))
            .collect();
        let mut out = format!(" on {}", targets.join(", "));
        if let Some(guard) = &body.guard {
            _ = write!(out, " where {}", self.expr(guard));
        }
        out
    }

    fn target(&self, target: &Target) -> String {
        match target {
            Target::Kind(kind) => format!("{}/{}", kind.groups.join("|"), kind.kind),
            Target::Subresource(kind, name) => {
                format!("{}/{}/{name}", kind.groups.join("|"), kind.kind)
            }
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
        if let Some(severity) = &check.severity {
            _ = write!(out, " severity {}", self.expr(severity));
        }
        if let Some(place) = &check.place {
            _ = write!(out, " at {}", self.expr(place));
        }
        for fix in &check.fixes {
            _ = write!(out, "\n{indent}    {}", self.fix(fix));
        }
        out
    }

    fn fix(&self, fix: &Fix) -> String {
        let safe = if fix.is_safe { "" } else { " unsafe" };
        let edits: Vec<String> = fix.edits.iter().map(|edit| self.edit(edit)).collect();
        let when = match &fix.condition {
            Some(condition) => format!(" when {}", self.expr(condition)),
            None => String::new(),
        };
        format!("fix{safe} {}{when}", edits.join("; "))
    }

    fn edit(&self, edit: &Edit) -> String {
        let path = self.expr(&edit.path);
        let value = edit
            .value
            .as_ref()
            .map(|value| self.expr(value))
            .unwrap_or_default();
        match edit.kind {
            EditKind::Set => format!("{path} = {value}"),
            EditKind::Remove => format!("remove {path}"),
            EditKind::Append => format!("append {value} to {path}"),
            EditKind::Create => format!("create {value}"),
        }
    }

    /// `for x in xs where g by k`
    fn comprehension(&self, comprehension: &Comprehension) -> String {
        let generators: Vec<String> = comprehension
            .generators
            .iter()
            .map(|one| self.generator(one))
            .collect();
        let mut out = generators.join(", ");
        if let Some(guard) = &comprehension.guard {
            _ = write!(out, " where {}", self.expr(guard));
        }
        if let Some((key, domain)) = &comprehension.order {
            _ = write!(out, " by:{} {}", domain_name(*domain), self.expr(key));
        }
        out
    }

    fn with(&self, locals: &[LocalId], body: &Expr) -> String {
        let lets: Vec<String> = locals
            .iter()
            .filter_map(|id| {
                let local = self.policy.locals.get(id.0 as usize)?;
                let Binding::Let(value) = &local.binding else {
                    return None;
                };
                Some(format!("{} = {}", self.bound(*id), self.expr(value)))
            })
            .collect();
        format!("(with {}: {})", lets.join(", "), self.expr(body))
    }

    fn param(&self, id: ParamId) -> String {
        let param = self.program.params.get(id.0 as usize);
        format!("${}", param.map_or("?", |param| param.name.as_str()))
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
            ExprKind::Param(id) => self.param(*id),
            ExprKind::Context(part) => part.key().to_owned(),
            ExprKind::Objects(target) => format!("objects({})", self.target(target)),
            ExprKind::With { locals, body } => self.with(locals, body),
            ExprKind::If {
                condition,
                then,
                otherwise,
            } => {
                let (condition, then) = (self.expr(condition), self.expr(then));
                format!("(if {condition} then {then} else {})", self.expr(otherwise))
            }
            ExprKind::Comprehension(of) => {
                format!(
                    "[{} for {}]",
                    self.expr(&of.element),
                    self.comprehension(of)
                )
            }
            ExprKind::Pick(which, of) => {
                let word = match which {
                    Pick::First => "first",
                    Pick::Last => "last",
                };
                format!("({word} {})", self.comprehension(of))
            }
            ExprKind::Count(of) => format!("count({})", self.comprehension(of)),
            ExprKind::Cast(value) => {
                format!("({} as {})", self.expr(value), type_name(&expr.ty.base))
            }
            ExprKind::Call(builtin, arguments) => {
                format!("{builtin:?}({})", all(arguments, ", "))
            }
            ExprKind::Record(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(name, value)| format!("{name:?}: {}", self.expr(value)))
                    .collect();
                format!("{{{}}}", members.join(", "))
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
        Domain::Number => "number",
        Domain::Version => "version",
        Domain::Duration => "duration",
        Domain::Timestamp => "timestamp",
        Domain::Pattern => "pattern",
        Domain::Scalar => "scalar",
    }
}

/// A type as text: `[string]`, `Container|EphemeralContainer`.
fn type_name(base: &BaseType) -> String {
    match base {
        BaseType::List(element) => format!("[{}]", type_name(element)),
        BaseType::Map(value) => format!("{{string: {}}}", type_name(value)),
        BaseType::Record(records) => {
            let names: Vec<&str> = records
                .iter()
                .map(|record| match record.name.as_str() {
                    "" => "record",
                    name => name,
                })
                .collect();
            names.join("|")
        }
        BaseType::Enum(members) => {
            let members: Vec<String> = members.iter().map(|member| format!("{member:?}")).collect();
            members.join("|")
        }
        BaseType::Bool
        | BaseType::Int
        | BaseType::Float
        | BaseType::String
        | BaseType::Quantity
        | BaseType::IntOrString
        | BaseType::Version
        | BaseType::Image
        | BaseType::Cidr
        | BaseType::Versions
        | BaseType::Range
        | BaseType::Ip
        | BaseType::Glob
        | BaseType::Regex
        | BaseType::Timestamp
        | BaseType::Duration
        | BaseType::Any
        | BaseType::Error => format!("{base:?}").to_lowercase(),
    }
}

fn constant(value: &Const) -> String {
    match value {
        Const::Absent => "none".to_owned(),
        Const::Bool(value) => value.to_string(),
        Const::Int(value) => value.to_string(),
        Const::Float(text) | Const::Quantity(text) => text.clone(),
        Const::String(text) => format!("{text:?}"),
        Const::Glob(text) => format!("glob {text:?}"),
        Const::Regex(text) => format!("regex {text:?}"),
        Const::Map(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name:?}: {}", constant(value)))
                .collect();
            format!("{{{}}}", members.join(", "))
        }
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
