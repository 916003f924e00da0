//! Parameters: their declarations, and their use.

use super::context::Ctx;
use super::words::{near, type_name};
use crate::diagnostic::{Diagnostic, Level};
use crate::program::{
    BaseType, Block, Body, Check, CheckId, DECLARED_RECORDS, Expr, ExprKind, MessagePart, Param,
    ParamId, Policy, Severity, Stmt, Type,
};
use crate::span::Span;
use crate::syntax::ast;

impl Ctx<'_> {
    /// Declares the parameters of a policy, or of the pack.
    pub(super) fn declare_params(&mut self, params: &[&ast::Param], policy: Option<u32>) {
        for param in params {
            self.declare_param(param, policy);
        }
    }

    fn declare_param(&mut self, param: &ast::Param, policy: Option<u32>) {
        self.check_shadowing(&param.name);
        let mut ty = self.apart_type(&param.ty);
        if !self.is_settable(&ty.base) {
            let message = format!("a parameter cannot be of type `{}`", type_name(&ty));
            self.report(
                Diagnostic::error("type-mismatch", message, param.ty.span, "not settable")
                    .with_help("write a scalar, a list, a map or a record of such types"),
            );
            ty = Type::plain(BaseType::Error);
        }
        let default = param
            .default
            .as_ref()
            .and_then(|value| self.apart_constant(value, &ty));
        let default = match (&param.default, ty.optional) {
            (None, true) => Some(crate::program::Const::Absent),
            _ => default,
        };
        let id = {
            let mut params = self.env.params.borrow_mut();
            params.push(Param {
                policy,
                name: param.name.text.clone(),
                doc: param.doc.as_ref().map(doc_text).unwrap_or_default(),
                ty,
                default,
                constraint: None,
                span: param.span,
            });
            self.env.params_used.borrow_mut().push(false);
            ParamId(u32::try_from(params.len() - 1).unwrap_or(u32::MAX))
        };
        let entry = (param.name.text.clone(), id, param.name.span);
        self.scope.params.push(entry);
        if let Some(constraint) = &param.constraint {
            let policy = self.constraint(param, constraint);
            if let Some(param) = self.env.params.borrow_mut().get_mut(id.0 as usize) {
                param.constraint = policy.map(Box::new);
            }
        }
        // Its own constraint is no use.
        if let Some(used) = self.env.params_used.borrow_mut().get_mut(id.0 as usize) {
            *used = false;
        }
    }

    /// A type in which the policy's names mean nothing.
    fn apart_type(&mut self, ty: &ast::TypeExpr) -> Type {
        let mut ctx = Ctx::apart(self.env, self.text);
        let found = ctx.written_type(ty);
        self.diagnostics.append(&mut ctx.diagnostics);
        found
    }

    fn apart_constant(&mut self, value: &ast::Expr, ty: &Type) -> Option<crate::program::Const> {
        let mut ctx = Ctx::apart(self.env, self.text);
        let found = ctx.constant(value, ty);
        self.diagnostics.append(&mut ctx.diagnostics);
        found
    }

    /// Whether settings can say a value of this type.
    fn is_settable(&self, base: &BaseType) -> bool {
        match base {
            BaseType::Any => false,
            BaseType::List(inner) | BaseType::Map(inner) => self.is_settable(inner),
            BaseType::Record(records) => {
                let is_declared = records.iter().all(|record| record.id >= DECLARED_RECORDS);
                is_declared
                    && self.env.field_names(records).iter().all(|name| {
                        let field = self.env.field_of(records, name);
                        field.is_none_or(|field| self.is_settable(&field.base))
                    })
            }
            BaseType::Bool
            | BaseType::Int
            | BaseType::Float
            | BaseType::String
            | BaseType::Enum(_)
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
            | BaseType::Error => true,
        }
    }

    /// What must be true of a parameter, as a policy without targets.
    fn constraint(&mut self, param: &ast::Param, constraint: &ast::Expr) -> Option<Policy> {
        let mut ctx = Ctx::apart(self.env, self.text);
        ctx.scope.params.clone_from(&self.scope.params);
        let condition = ctx.condition(constraint);
        let failed = condition.ty.base == BaseType::Error;
        let name = &param.name.text;
        let what = self.source(constraint.span).unwrap_or_default();
        let message = format!("`{name}` must satisfy `{what}`");
        self.diagnostics.append(&mut ctx.diagnostics);
        let span = constraint.span;
        let check = Check {
            finds_when: false,
            condition,
            message: vec![MessagePart::Text(message)],
            severity: None,
            place: None,
            guards: Vec::new(),
            fixes: Vec::new(),
            span,
        };
        (!failed).then(|| Policy {
            name: name.clone(),
            title: String::new(),
            doc: String::new(),
            severity: Severity::Medium,
            profiles: Vec::new(),
            controls: Vec::new(),
            category: None,
            links: Vec::new(),
            on_by_default: true,
            operations: Vec::new(),
            needs: Vec::new(),
            owns_files: false,
            since: None,
            locals: ctx.names.into_iter().map(|info| info.local).collect(),
            bodies: vec![Body {
                targets: Vec::new(),
                guard: None,
                block: Block {
                    stmts: vec![Stmt::Check(CheckId(0))],
                },
            }],
            checks: vec![check],
            span,
        })
    }

    /// The parameter of this name, of the policy or of the pack.
    pub(super) fn param(&mut self, name: &str, span: Span) -> Option<Expr> {
        let own = self.scope.params.iter().find(|(param, ..)| param == name);
        let id = match own {
            Some((_, id, _)) => *id,
            None => *self.env.pack_params.get(name)?,
        };
        self.env.use_param(id);
        let ty = self
            .env
            .params
            .borrow()
            .get(id.0 as usize)
            .map(|param| param.ty.clone())?;
        Some(self.narrow(Expr {
            kind: ExprKind::Param(id),
            ty,
            span,
        }))
    }

    /// Warns of parameters of the policy that nothing uses.
    pub(super) fn warn_of_unused_params(&mut self) {
        let has_errors = self
            .diagnostics
            .iter()
            .any(|found| found.level == Level::Error);
        if self.broken || has_errors {
            return;
        }
        for (name, id, span) in self.scope.params.clone() {
            let used = self.env.params_used.borrow().get(id.0 as usize).copied();
            if used == Some(false) && !name.starts_with('_') {
                let diagnostic = unused_param(&name, span);
                self.report(diagnostic);
            }
        }
    }

    /// The names that values may have here, for suggestions.
    pub(super) fn value_names(&self) -> Vec<String> {
        let locals = self
            .scope
            .locals
            .iter()
            .filter_map(|id| self.name(*id).map(|info| info.local.name.clone()));
        let substitutions = self
            .scope
            .substitutions
            .iter()
            .map(|known| known.name.clone());
        let params = self.scope.params.iter().map(|(name, ..)| name.clone());
        let pack = self.env.pack_params.keys().map(|name| (*name).to_owned());
        let constants = self.env.consts.keys().map(|name| (*name).to_owned());
        let tables = self.env.tables.keys().map(|name| (*name).to_owned());
        let all = locals
            .chain(substitutions)
            .chain(params)
            .chain(pack)
            .chain(constants)
            .chain(tables);
        let severities: &[&str] = if self.scope.has_severities {
            &super::policy::SEVERITIES
        } else {
            &[]
        };
        let words = severities.iter().chain(&["cluster_version"]);
        all.chain(words.map(|word| (*word).to_owned())).collect()
    }

    /// The one of them that was probably meant.
    pub(super) fn near_value(&self, name: &str) -> Option<String> {
        let names = self.value_names();
        near(name, names.iter().map(String::as_str)).map(str::to_owned)
    }
}

/// A parameter that nothing uses.
pub(super) fn unused_param(name: &str, span: Span) -> Diagnostic {
    let message = format!("nothing uses the parameter `{name}`");
    Diagnostic::warning("unused-param", message, span, "unused").with_help("remove it")
}

/// The documentation of a declaration as one text.
fn doc_text(doc: &ast::Doc) -> String {
    if doc.text.is_empty() {
        return doc.title.clone();
    }
    format!("{}\n\n{}", doc.title, doc.text)
}
