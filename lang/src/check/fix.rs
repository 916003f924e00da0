//! What would mend a finding: `fix PATH = value` and its like.

use super::context::{Ctx, condition_expr, error_expr};
use super::words::{prose, type_name};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Edit, EditKind, Expr, ExprKind, Fix, Presence, Type};
use crate::span::Span;
use crate::syntax::ast;

/// Each doubles the alternatives that a fix stands for.
const MAX_UPSERTS: usize = 3;

/// Edits that are made together under conditions.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) conditions: Vec<Expr>,
    pub(super) edits: Vec<Edit>,
}

impl Form {
    /// Both together.
    fn with(&self, other: &Self) -> Self {
        Self {
            conditions: [&*self.conditions, &other.conditions].concat(),
            edits: [&*self.edits, &other.edits].concat(),
        }
    }
}

impl Ctx<'_> {
    /// A fix, as the alternatives that it stands for; none if it is wrong.
    pub(super) fn fix(&mut self, fix: &ast::Fix) -> Vec<Fix> {
        if self.is_on_inventory {
            self.report(
                Diagnostic::error(
                    "no-file",
                    "an inventory is no file that could be changed",
                    fix.span,
                    "nothing to change",
                )
                .with_help("leave the fix out, or write it in a policy on the kind"),
            );
            return Vec::new();
        }
        let condition = fix
            .condition
            .as_ref()
            .map(|condition| self.condition(condition));
        if let Some(condition) = &condition {
            self.assume(condition, true);
        }
        let failed = condition
            .as_ref()
            .is_some_and(|condition| condition.ty.base == BaseType::Error);
        let forms: Vec<Option<Vec<Form>>> = fix.edits.iter().map(|edit| self.forms(edit)).collect();
        let forms: Option<Vec<Vec<Form>>> = forms.into_iter().collect();
        let Some(forms) = forms.filter(|forms| !failed && !forms.is_empty()) else {
            return Vec::new();
        };
        if forms.iter().filter(|forms| forms.len() > 1).count() > MAX_UPSERTS {
            self.too_many_upserts(fix);
            return Vec::new();
        }
        let mut all = vec![Form {
            conditions: condition.into_iter().collect(),
            edits: Vec::new(),
        }];
        for forms in forms {
            let add = |form: &Form| forms.iter().map(|more| form.with(more)).collect::<Vec<_>>();
            all = all.iter().flat_map(add).collect();
        }
        all.into_iter()
            .filter(|form| !form.edits.is_empty())
            .map(|form| Fix {
                is_safe: !fix.is_unsafe,
                condition: all_of(form.conditions),
                edits: form.edits,
            })
            .collect()
    }

    /// What an edit stands for, in the order in which it is tried; `None` if it is wrong.
    fn forms(&mut self, edit: &ast::Edit) -> Option<Vec<Form>> {
        if let ast::EditKind::Create(target) = &edit.kind {
            let edit = self.create(target, edit)?;
            return Some(vec![Form {
                conditions: Vec::new(),
                edits: vec![edit],
            }]);
        }
        if edit.kind == ast::EditKind::Upsert
            && let ast::ExprKind::Index { base, index } = &edit.path.kind
            && let Some(list) = self.keyed_list(base)
        {
            return self.upsert(list, index, edit);
        }
        let edit = self.edit(edit)?;
        let conditions = self.picks_of(&edit.path);
        Some(vec![Form {
            conditions,
            edits: vec![edit],
        }])
    }

    fn too_many_upserts(&mut self, fix: &ast::Fix) {
        let span = fix.edits.last().map_or(Span::default(), |edit| edit.span);
        self.report(
            Diagnostic::error(
                "too-large",
                format!("a fix has at most {MAX_UPSERTS} `upsert`s into lists"),
                span,
                "one too many",
            )
            .with_help("split it into several checks"),
        );
    }

    fn edit(&mut self, edit: &ast::Edit) -> Option<Edit> {
        let path = self.value(&edit.path, None);
        if path.ty.base == BaseType::Error {
            if let Some(value) = &edit.value
                && !matches!(value.kind, ast::ExprKind::Record(_))
            {
                self.value(value, None);
            }
            return None;
        }
        if !self.is_editable(&path) {
            return None;
        }
        let mut written = self.as_written(path);
        read_as_optional(&mut written);
        let (kind, wanted) = match &edit.kind {
            ast::EditKind::Remove => {
                return Some(Edit {
                    kind: EditKind::Remove,
                    path: written,
                    value: None,
                });
            }
            ast::EditKind::Set | ast::EditKind::Create(_) => {
                if matches!(written.kind, ExprKind::Local(_)) && !self.is_part_of_list(&written) {
                    self.whole_object(&written);
                    return None;
                }
                (EditKind::Set, written.ty.base.clone())
            }
            ast::EditKind::Append => match &written.ty.base {
                BaseType::List(element) => (EditKind::Append, (**element).clone()),
                other => {
                    let message = format!("`append` takes a list, not {}", prose(other));
                    let label = format!("of type `{}`", type_name(&written.ty));
                    self.report(
                        Diagnostic::error("not-a-list", message, written.span, label)
                            .with_help("write `PATH = value` to set it"),
                    );
                    return None;
                }
            },
            ast::EditKind::Upsert => {
                // Into a map this is what setting does anyway.
                (EditKind::Set, written.ty.base.clone())
            }
        };
        let value = edit
            .value
            .as_ref()
            .map(|value| self.edit_value(value, &wanted));
        let is_wrong = value
            .as_ref()
            .is_none_or(|value| value.ty.base == BaseType::Error);
        (!is_wrong).then_some(Edit {
            kind,
            path: written,
            value,
        })
    }

    /// The value of an edit, in which records may stand.
    pub(super) fn edit_value(&mut self, value: &ast::Expr, wanted: &BaseType) -> Expr {
        match (&value.kind, wanted) {
            (ast::ExprKind::Record(members), BaseType::Record(records)) => {
                if !self.check_members(members, wanted, value.span) {
                    return error_expr(value.span);
                }
                let mut all = Vec::new();
                for (name, member) in members {
                    let Some(field) = self.env.field_of(records, &name.text) else {
                        return error_expr(value.span);
                    };
                    all.push((name.text.clone(), self.edit_value(member, &field.base)));
                }
                record(all, wanted, value.span)
            }
            (ast::ExprKind::Record(members), BaseType::Map(_) | BaseType::Any) => {
                let of = match wanted {
                    BaseType::Map(of) => (**of).clone(),
                    _ => BaseType::Any,
                };
                let all = members
                    .iter()
                    .map(|(name, member)| (name.text.clone(), self.edit_value(member, &of)))
                    .collect();
                record(all, wanted, value.span)
            }
            (ast::ExprKind::List(items), BaseType::List(of))
                if has_record(items) || matches!(**of, BaseType::Enum(_)) =>
            {
                let items: Vec<Expr> = items.iter().map(|item| self.edit_value(item, of)).collect();
                if items.iter().any(|item| item.ty.base == BaseType::Error) {
                    return error_expr(value.span);
                }
                Expr {
                    kind: ExprKind::List(items),
                    ty: Type::plain(wanted.clone()),
                    span: value.span,
                }
            }
            _ => {
                let value = self.typed(value, wanted);
                if self.is_sensitive(&value) {
                    return self.refuse_secret(&value);
                }
                value
            }
        }
    }

    /// Reports say what a fix would write.
    fn refuse_secret(&mut self, value: &Expr) -> Expr {
        let what = self.quote(value.span, "this value");
        let message = format!("{what} is secret and no value of a fix");
        self.report(
            Diagnostic::error("does-not-print", message, value.span, "secret")
                .with_help("remove what is wrong, or write a value that is not secret")
                .with_note("Reports say what a fix would write."),
        );
        error_expr(value.span)
    }
}

fn has_record(items: &[ast::Expr]) -> bool {
    items.iter().any(|item| match &item.kind {
        ast::ExprKind::Record(_) => true,
        ast::ExprKind::List(items) => has_record(items),
        _ => false,
    })
}

pub(super) fn record(members: Vec<(String, Expr)>, base: &BaseType, span: Span) -> Expr {
    if members
        .iter()
        .any(|(_, member)| member.ty.base == BaseType::Error)
    {
        return error_expr(span);
    }
    Expr {
        kind: ExprKind::Record(members),
        ty: Type::plain(base.clone()),
        span,
    }
}

/// All conditions in one, each once.
fn all_of(conditions: Vec<Expr>) -> Option<Expr> {
    let mut all: Vec<Expr> = Vec::new();
    for condition in conditions {
        if !all.contains(&condition) {
            all.push(condition);
        }
    }
    match all.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        [first, ..] => {
            let span = first.span;
            Some(condition_expr(ExprKind::And(all), span))
        }
    }
}

/// What is required and missing is what a fix may add.
pub(super) fn read_as_optional(path: &mut Expr) {
    match &mut path.kind {
        ExprKind::Member { base, presence, .. } => {
            if *presence == Presence::Required {
                *presence = Presence::Optional;
            }
            read_as_optional(base);
        }
        ExprKind::MapMember { base, .. } | ExprKind::Element { base, .. } => {
            read_as_optional(base);
        }
        ExprKind::Cast(inner) | ExprKind::With { body: inner, .. } => read_as_optional(inner),
        _ => {}
    }
}
