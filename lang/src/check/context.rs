//! What travels through the checking of one policy: names in scope, facts, and what was found wrong.

use std::collections::BTreeSet;

use super::env::Env;
use super::facts::{Denied, Fact, Path};
use super::kinds::union;
use super::old::Old;
use crate::diagnostic::{Diagnostic, Edit};
use crate::program::{
    BaseType, Binding, Check, CheckId, Const, ContextPart, Expr, ExprKind, Local, LocalId,
    MinorVersion, ParamId, Type,
};
use crate::span::Span;
use crate::syntax::ast::{Name, Target};

/// What a name stands for that is no local.
#[derive(Debug, Clone)]
pub(super) enum Subst {
    /// A value, as an argument that was handed to a function.
    Value(Expr),
    /// A record written out, of which only members are values.
    Record(Written),
    /// Parts that are written out, of all objects.
    Query(Target),
    /// `effective(pod, container)`
    Effective {
        pod: Box<Expr>,
        container: Box<Expr>,
    },
}

/// A record written out.
#[derive(Debug, Clone)]
pub(super) struct Written {
    pub(super) members: Vec<(String, Expr)>,
    /// The object that it is a part of, if that is not the one that is judged.
    pub(super) whole: Option<Box<Expr>>,
}

impl Subst {
    /// A record written out, of the object that is judged.
    pub(super) fn written(members: Vec<(String, Expr)>) -> Self {
        Self::Record(Written {
            members,
            whole: None,
        })
    }
}

/// A name and what it stands for.
#[derive(Debug, Clone)]
pub(super) struct Substitution {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) used: bool,
    pub(super) stands_for: Subst,
}

/// What names mean at one place of the text.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Locals that can be used here, inner ones last.
    pub(super) locals: Vec<LocalId>,
    /// Names that stand for something else, inner ones last.
    pub(super) substitutions: Vec<Substitution>,
    /// The parameters of the policy.
    pub(super) params: Vec<(String, ParamId, Span)>,
    /// The object whose fields are in scope: in the arms of a view.
    pub(super) fields_of: Option<Expr>,
    /// True in a function, a constant and a type, which know nothing of a policy.
    pub(super) is_apart: bool,
    /// True where `low` and `high` are words of severity.
    pub(super) has_severities: bool,
}

/// The state of the walk over one policy.
#[derive(Debug)]
pub(super) struct Ctx<'s> {
    /// What the pack declares.
    pub(super) env: &'s Env<'s>,
    /// The text of the policy's file.
    pub(super) text: &'s str,
    /// What was found wrong.
    pub(super) diagnostics: Vec<Diagnostic>,
    /// All names of the policy.
    pub(super) names: Vec<NameInfo>,
    /// Where the names were bound that are no locals, went out of scope and were used.
    pub(super) used: Vec<Span>,
    /// Names that can be used here.
    pub(super) scope: Scope,
    /// What is known to be set here, inner facts last.
    pub(super) facts: Vec<Fact>,
    /// The `deny`s before, of this block and those around it, that something is not set.
    pub(super) denied: Vec<Denied>,
    /// Checks so far.
    pub(super) checks: Vec<Check>,
    /// Earlier `require`s on which what is being checked relies.
    pub(super) relied: BTreeSet<CheckId>,
    /// Earlier `require`s on which the headers around the current block rely.
    pub(super) ambient: BTreeSet<CheckId>,
    /// The newest of the releases that introduced what was read.
    pub(super) since: Option<MinorVersion>,
    /// True if a part of the policy could not be read, which may use any name.
    pub(super) broken: bool,
    /// What of the request the policy cannot do without.
    pub(super) needs: BTreeSet<ContextPart>,
    /// How many blocks there are around, in the policy's own.
    pub(super) depth: usize,
    /// Function calls so far.
    pub(super) n_calls: usize,
    /// Locals that stand for a part that a view's expression found.
    pub(super) parts: Vec<LocalId>,
    /// The policy is on the inventory as a whole.
    pub(super) is_on_inventory: bool,
    /// The policy reads files that others name.
    pub(super) owns_files: bool,
    /// What `old` is.
    pub(super) old: Old,
    /// The policy may read `old`.
    pub(super) reads_old: bool,
    /// Parts are looked for in other objects.
    pub(super) is_query: bool,
    /// Of generators over parts that are written out: by which way the parts are found now.
    pub(super) ways: Vec<(Span, usize)>,
}

/// A local and what only checking needs of it.
#[derive(Debug)]
pub(super) struct NameInfo {
    pub(super) local: Local,
    /// Where it is bound.
    pub(super) span: Span,
    pub(super) used: bool,
    /// True if its value is secret.
    pub(super) sensitive: bool,
    /// Earlier `require`s on which its value relies.
    pub(super) relied: BTreeSet<CheckId>,
    /// The path that a `let` copies.
    pub(super) alias: Option<Path>,
    /// How it is taken away if nothing uses it.
    pub(super) removal: Option<Edit>,
    /// Of an element: why it is no part of the document, if it is none.
    pub(super) made: Option<&'static str>,
    /// Of an element of `objects(…)`: what it is of its object.
    pub(super) of_query: Option<OfQuery>,
}

/// What an element of `objects(…)` is of its object.
#[derive(Debug, Clone)]
pub(super) enum OfQuery {
    /// All of it.
    Object,
    /// A part that a view found; of what type the objects are.
    Part(BaseType),
}

impl OfQuery {
    /// What an element is that is one of two.
    pub(super) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Part(one), Self::Part(other)) => {
                Self::Part(union(one, other).unwrap_or(BaseType::Any))
            }
            (Self::Part(_), Self::Object) | (Self::Object, Self::Part(_)) => {
                Self::Part(BaseType::Any)
            }
            (Self::Object, Self::Object) => Self::Object,
        }
    }
}

impl<'s> Ctx<'s> {
    pub(super) fn new(env: &'s Env<'s>, text: &'s str) -> Self {
        Self {
            env,
            text,
            diagnostics: Vec::new(),
            names: Vec::new(),
            used: Vec::new(),
            scope: Scope::default(),
            facts: Vec::new(),
            denied: Vec::new(),
            checks: Vec::new(),
            relied: BTreeSet::new(),
            ambient: BTreeSet::new(),
            since: None,
            broken: false,
            needs: BTreeSet::new(),
            depth: 0,
            n_calls: 0,
            parts: Vec::new(),
            is_on_inventory: false,
            owns_files: false,
            old: Old::Object,
            reads_old: false,
            is_query: false,
            ways: Vec::new(),
        }
    }

    /// For a declaration outside of policies, whose first two locals are nothing.
    pub(super) fn apart(env: &'s Env<'s>, text: &'s str) -> Self {
        let mut ctx = Self::new(env, text);
        ctx.scope.is_apart = true;
        for (name, binding) in [("object", Binding::Object), ("object", Binding::Part)] {
            ctx.add_local(name, Type::plain(BaseType::Any), binding, Span::default());
        }
        ctx
    }

    /// Adds a local that is in no scope.
    pub(super) fn add_local(
        &mut self,
        name: &str,
        ty: Type,
        binding: Binding,
        span: Span,
    ) -> LocalId {
        let id = LocalId(u32::try_from(self.names.len()).unwrap_or(u32::MAX));
        self.names.push(NameInfo {
            local: Local {
                name: name.to_owned(),
                ty,
                binding,
            },
            span,
            used: true,
            sensitive: false,
            relied: BTreeSet::new(),
            alias: None,
            removal: None,
            made: None,
            of_query: None,
        });
        id
    }

    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The source text of `span`, in backticks; `otherwise` if it is long or crosses lines.
    pub(super) fn quote(&self, span: Span, otherwise: &str) -> String {
        match self.source(span) {
            Some(text) if text.len() <= 48 && !text.contains(['\n', '`']) => format!("`{text}`"),
            _ => String::from(otherwise),
        }
    }

    /// The source text of `span`.
    pub(super) fn source(&self, span: Span) -> Option<&'s str> {
        self.env.source(span)
    }

    /// Remembers that what is read exists since `since`.
    pub(super) fn note_since(&mut self, since: Option<MinorVersion>) {
        self.since = self.since.max(since);
    }

    /// Runs `inner` and gives what it relied on, without adding that to what is relied on here.
    pub(super) fn tracked<T>(
        &mut self,
        inner: impl FnOnce(&mut Self) -> T,
    ) -> (T, BTreeSet<CheckId>) {
        let before = std::mem::take(&mut self.relied);
        let result = inner(self);
        (result, std::mem::replace(&mut self.relied, before))
    }

    /// Runs `inner` with what was told more; names and facts of it end with it.
    pub(super) fn nested<T>(&mut self, inner: impl FnOnce(&mut Self) -> T) -> T {
        let (n_scope, n_facts) = (self.scope.locals.len(), self.facts.len());
        let n_substitutions = self.scope.substitutions.len();
        let n_denied = self.denied.len();
        let result = inner(self);
        self.facts.truncate(n_facts);
        self.denied.truncate(n_denied);
        for known in self.scope.substitutions.split_off(n_substitutions) {
            if known.used {
                self.used.push(known.span);
            } else if !self.broken && !known.name.starts_with('_') {
                let message = format!("nothing uses `{}`", known.name);
                self.report(
                    Diagnostic::warning("unused-name", message, known.span, "unused")
                        .with_help("remove it"),
                );
            }
        }
        for id in self.scope.locals.split_off(n_scope) {
            self.warn_if_unused(id);
        }
        result
    }

    pub(super) fn name(&self, id: LocalId) -> Option<&NameInfo> {
        self.names.get(id.0 as usize)
    }

    /// Binds `name` in the current scope.
    pub(super) fn bind(&mut self, name: &Name, ty: Type, binding: Binding) -> LocalId {
        self.check_shadowing(name);
        let id = self.add_local(&name.text, ty, binding, name.span);
        if let Some(info) = self.name_mut(id) {
            info.used = name.text.is_empty();
        }
        self.scope.locals.push(id);
        id
    }

    pub(super) fn name_mut(&mut self, id: LocalId) -> Option<&mut NameInfo> {
        self.names.get_mut(id.0 as usize)
    }

    /// The innermost local that is called `name`.
    pub(super) fn find(&self, name: &str) -> Option<LocalId> {
        let is_it = |id: &&LocalId| self.name(**id).is_some_and(|info| info.local.name == name);
        self.scope.locals.iter().rev().find(is_it).copied()
    }

    /// Says so if `name` means something else already.
    pub(super) fn check_shadowing(&mut self, name: &Name) {
        if name.text.is_empty() || name.text == "_" {
            return;
        }
        let Some((first, label)) = self.meaning(&name.text) else {
            return;
        };
        let message = format!("`{}` is already the name of something else", name.text);
        self.report(
            Diagnostic::error("shadowing", message, name.span, "bound again")
                .with_label(first, label)
                .with_help("give it another name"),
        );
    }

    /// Where a name got its meaning, and how.
    fn meaning(&self, name: &str) -> Option<(Span, &'static str)> {
        if let Some(info) = self.find(name).and_then(|id| self.name(id)) {
            let is_built_in = matches!(info.local.binding, Binding::Object | Binding::Part);
            let label = if is_built_in {
                "bound by the target"
            } else {
                "first bound here"
            };
            return Some((info.span, label));
        }
        if let Some(substitution) = self.substitution(name) {
            return Some((substitution.span, "first bound here"));
        }
        let params = &self.scope.params;
        if let Some((_, _, span)) = params.iter().find(|(param, ..)| param == name) {
            return Some((*span, "a parameter"));
        }
        if let Some(id) = self.env.pack_params.get(name) {
            let span = self
                .env
                .params
                .borrow()
                .get(id.0 as usize)
                .map(|param| param.span);
            return Some((span?, "a parameter of the pack"));
        }
        let constant = self.env.consts.get(name).filter(|constant| constant.is_own);
        let table = self.env.tables.get(name).filter(|table| table.is_own);
        constant
            .map(|constant| (constant.span, "a constant"))
            .or(table.map(|table| (table.span, "a table")))
    }

    /// What the name stands for, if it is no local.
    pub(super) fn substitution(&self, name: &str) -> Option<&Substitution> {
        let all = self.scope.substitutions.iter().rev();
        all.into_iter()
            .find(|substitution| substitution.name == name)
    }

    fn warn_if_unused(&mut self, id: LocalId) {
        let Some(info) = self.name(id) else { return };
        if info.used || self.broken || info.local.name.starts_with('_') {
            return;
        }
        let message = format!("nothing uses `{}`", info.local.name);
        let mut warning = Diagnostic::warning("unused-name", message, info.span, "unused");
        warning = match info.removal.clone() {
            Some(edit) => warning
                .with_help("remove it")
                .with_edit(edit.span, edit.text),
            None => {
                let kept = format!("_{}", info.local.name);
                let help = format!("write `{kept}` if it is not needed");
                warning.with_help(help).with_edit(info.span, kept)
            }
        };
        self.report(warning);
    }
}

/// The value of what could not be understood.
pub(super) fn error_expr(span: Span) -> Expr {
    Expr {
        kind: ExprKind::Const(Const::Absent),
        ty: Type::plain(BaseType::Error),
        span,
    }
}

/// A constant that is there.
pub(super) fn constant(value: Const, base: BaseType, span: Span) -> Expr {
    Expr {
        kind: ExprKind::Const(value),
        ty: Type::plain(base),
        span,
    }
}

/// A condition of `kind`.
pub(super) fn condition_expr(kind: ExprKind, span: Span) -> Expr {
    Expr {
        kind,
        ty: Type::plain(BaseType::Bool),
        span,
    }
}
