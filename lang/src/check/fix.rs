//! What would mend a finding: `fix PATH = value` and its like.

use super::context::{Ctx, error_expr};
use super::words::{prose, type_name};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Binding, Edit, EditKind, Expr, ExprKind, Fix, Presence, Type};
use crate::span::Span;
use crate::syntax::ast;

impl Ctx<'_> {
    /// A fix; `None` if it is wrong.
    pub(super) fn fix(&mut self, fix: &ast::Fix) -> Option<Fix> {
        let condition = fix
            .condition
            .as_ref()
            .map(|condition| self.condition(condition));
        if let Some(condition) = &condition {
            self.assume(condition, true);
        }
        let edits: Vec<Option<Edit>> = fix.edits.iter().map(|edit| self.edit(edit)).collect();
        let edits: Option<Vec<Edit>> = edits.into_iter().collect();
        let failed = condition
            .as_ref()
            .is_some_and(|condition| condition.ty.base == BaseType::Error);
        let edits = edits.filter(|edits| !failed && !edits.is_empty())?;
        Some(Fix {
            is_safe: !fix.is_unsafe,
            condition,
            edits,
        })
    }

    fn edit(&mut self, edit: &ast::Edit) -> Option<Edit> {
        if let ast::EditKind::Create(target) = &edit.kind {
            self.create(target, edit);
            return None;
        }
        if edit.kind == ast::EditKind::Upsert && self.upsert_into_list(edit) {
            return None;
        }
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

    /// Checks an `upsert` whose path is an element of a list, by its key. False if it is none.
    fn upsert_into_list(&mut self, edit: &ast::Edit) -> bool {
        let ast::ExprKind::Index { base, index } = &edit.path.kind else {
            return false;
        };
        let n_before = self.diagnostics.len();
        let list = self.value(base, None);
        let BaseType::List(element) = list.ty.base.clone() else {
            // It is looked at again as a path.
            self.diagnostics.truncate(n_before);
            return false;
        };
        if self.is_editable(&list) {
            self.typed(index, &BaseType::String);
            if let Some(value) = &edit.value {
                self.edit_value(value, &element);
            }
            self.not_carried_out("`upsert` into a list", edit.span);
        }
        true
    }

    /// `create KIND { … }`
    fn create(&mut self, target: &ast::Target, edit: &ast::Edit) {
        if let (Some((_, object)), Some(value)) = (self.kind_of(target), &edit.value)
            && let ast::ExprKind::Record(members) = &value.kind
        {
            self.created(members, &object, value.span);
        }
        self.not_carried_out("`create`", edit.span);
    }

    /// Checks the members of a new object, whose kind is given by its name.
    fn created(&mut self, members: &[(ast::Name, ast::Expr)], object: &BaseType, span: Span) {
        let BaseType::Record(records) = object else {
            return;
        };
        for (name, value) in members {
            match self.env.field_of(records, &name.text) {
                Some(field) => drop(self.edit_value(value, &field.base)),
                None => {
                    let whole = Expr {
                        ty: Type::plain(object.clone()),
                        ..error_expr(span)
                    };
                    let diagnostic = self.unknown_field(records, &whole, name);
                    self.report(diagnostic);
                }
            }
        }
    }

    fn not_carried_out(&mut self, what: &str, span: Span) {
        let message = format!("fixes with {what} are not available yet");
        self.report(
            Diagnostic::error("not-yet", message, span, "not carried out")
                .with_help("leave this fix out, or set and append"),
        );
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
            (ast::ExprKind::List(items), BaseType::List(of)) if has_record(items) => {
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
            _ => self.typed(value, wanted),
        }
    }

    /// Whether a path leads to one place that can be written. Says why not.
    fn is_editable(&mut self, path: &Expr) -> bool {
        let Some((why, at)) = self.obstacle(path) else {
            return true;
        };
        let what = self.quote(path.span, "this");
        let message = format!("{what} cannot be written");
        self.report(
            Diagnostic::error("not-editable", message, at, why)
                .with_help("write the path of a field, a key or an element of a loop")
                .with_note("A fix edits the document, so its path must lead to one place."),
        );
        false
    }

    /// What in a path cannot be written, and where.
    fn obstacle(&self, path: &Expr) -> Option<(&'static str, Span)> {
        match &path.kind {
            ExprKind::Local(id) => match self.name(*id).map(|info| &info.local.binding) {
                Some(Binding::Object | Binding::Part | Binding::Element) => None,
                Some(Binding::Let(value)) => self.obstacle(value).map(|(why, _)| (why, path.span)),
                Some(Binding::Key | Binding::Index) => Some(("a key, not a value", path.span)),
                None => Some(("not a path", path.span)),
            },
            ExprKind::Member { base, .. } => self.obstacle(base),
            ExprKind::MapMember { base, .. } | ExprKind::Element { base, .. } => {
                self.obstacle(base)
            }
            ExprKind::With { body, .. } => self.obstacle(body),
            ExprKind::Cast(operand) => self.obstacle(operand),
            ExprKind::Param(_) => Some(("a parameter", path.span)),
            ExprKind::Context(_) => Some(("not part of the document", path.span)),
            ExprKind::Const(_) => Some(("a constant", path.span)),
            ExprKind::Coalesce(..) | ExprKind::If { .. } => Some(("one of two places", path.span)),
            ExprKind::Concat(_) | ExprKind::List(_) | ExprKind::Comprehension(_) => {
                Some(("several places", path.span))
            }
            _ => Some(("a computed value", path.span)),
        }
    }

    /// Whether a name is an element of a loop, whatever it is called.
    fn is_part_of_list(&self, path: &Expr) -> bool {
        let ExprKind::Local(id) = &path.kind else {
            return false;
        };
        match self.name(*id).map(|info| &info.local.binding) {
            Some(Binding::Element) => true,
            Some(Binding::Let(value)) => {
                !matches!(value.kind, ExprKind::Local(_)) || self.is_part_of_list(value)
            }
            _ => false,
        }
    }

    fn whole_object(&mut self, path: &Expr) {
        let what = self.quote(path.span, "this");
        let message = format!("{what} is not replaced as a whole");
        self.report(
            Diagnostic::error("not-editable", message, path.span, "all that is judged")
                .with_help("set a field of it"),
        );
    }
}

fn has_record(items: &[ast::Expr]) -> bool {
    items.iter().any(|item| match &item.kind {
        ast::ExprKind::Record(_) => true,
        ast::ExprKind::List(items) => has_record(items),
        _ => false,
    })
}

fn record(members: Vec<(String, Expr)>, base: &BaseType, span: Span) -> Expr {
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

/// What is required and missing is what a fix may add.
fn read_as_optional(path: &mut Expr) {
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
