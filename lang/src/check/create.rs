//! `fix create KIND { … }`: an object of its own.

use super::context::{Ctx, constant};
use super::fix::record;
use super::kinds::schema;
use super::target::group_and_version;
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Const, Edit, EditKind, Expr, ExprKind, KindRef, LocalId, Type};
use crate::syntax::ast::{self, Name, Target};

/// Members that follow from the kind.
const KIND: &str = "kind";
const API_VERSION: &str = "apiVersion";

impl Ctx<'_> {
    /// The edit that `create KIND { … }` is; `None` if it is wrong.
    pub(super) fn create(&mut self, target: &Target, edit: &ast::Edit) -> Option<Edit> {
        // All versions of a kind are judged, but an object is made in one of them.
        let (group, version) = group_and_version(target);
        let any_version = Target {
            group: target.group.clone().filter(|_| group != Some("")),
            version: None,
            ..target.clone()
        };
        let (kind, object) = self.kind_of(&any_version)?;
        let value = edit.value.as_ref()?;
        let ast::ExprKind::Record(members) = &value.kind else {
            return None;
        };
        let mut complete = members.clone();
        for name in [API_VERSION, KIND] {
            let known = Name {
                text: name.to_owned(),
                span: target.span,
            };
            if members.iter().all(|(given, _)| given.text != name) {
                complete.push((known, edit.path.clone()));
            }
        }
        let mut failed = !self.check_members(&complete, &object, value.span);
        failed = failed || !self.has_name(members, value);
        let mut all = Vec::new();
        match self.version_of_new(&kind, version, target, members) {
            Some(text) => all.push((API_VERSION.to_owned(), text_of(text, target))),
            None => failed |= !members.iter().any(|(name, _)| name.text == API_VERSION),
        }
        all.push((KIND.to_owned(), text_of(kind.kind.clone(), target)));
        for (name, member) in members {
            let wanted = match &object {
                BaseType::Record(records) => self.env.field_of(records, &name.text),
                _ => None,
            };
            let wanted = wanted.map_or(BaseType::Any, |field| field.base);
            let member = self.edit_value(member, &wanted);
            match all.iter_mut().find(|(known, _)| *known == name.text) {
                Some(_) if name.text == KIND => {
                    failed = true;
                    self.report(
                        Diagnostic::error(
                            "duplicate-name",
                            "`kind` is the name after `create`",
                            name.span,
                            "given already",
                        )
                        .with_help("leave it out"),
                    );
                }
                Some((_, known)) => *known = member,
                None => all.push((name.text.clone(), member)),
            }
        }
        let value = record(all, &object, value.span);
        let path = Expr {
            kind: ExprKind::Local(LocalId::OBJECT),
            ty: Type::plain(object),
            span: edit.span,
        };
        (!failed && value.ty.base != BaseType::Error).then_some(Edit {
            kind: EditKind::Create,
            path,
            value: Some(value),
        })
    }

    /// Group and version of a new object; nothing if that is said among its members, or was found wrong.
    fn version_of_new(
        &mut self,
        kind: &KindRef,
        version: Option<&str>,
        target: &Target,
        members: &[(Name, ast::Expr)],
    ) -> Option<String> {
        let group = kind.groups.first().map_or("", String::as_str);
        let full = |group: &str, version: &str| match group {
            "" => version.to_owned(),
            group => format!("{group}/{version}"),
        };
        let known = schema().kind(group, &kind.kind);
        match (known, version) {
            (Some(known), None) => {
                let best = known.versions().next()?;
                Some(full(best.group, best.version))
            }
            (Some(known), Some(version)) => {
                let group = group_and_version(target).0.unwrap_or_default();
                if known.served(group, version).is_some() {
                    return Some(full(group, version));
                }
                let name = &kind.kind;
                let message = format!("`{name}` has no version `{version}`");
                let diagnostic =
                    Diagnostic::error("unknown-kind", message, target.span, "unknown version");
                self.report(match known.versions().next() {
                    Some(best) => {
                        let fixed = format!("{}/{name}", full(best.group, best.version));
                        diagnostic
                            .with_help(format!("write `{fixed}`"))
                            .with_edit(target.span, fixed)
                    }
                    None => diagnostic,
                });
                None
            }
            (None, Some(version)) => Some(full(group, version)),
            (None, None) => {
                if !members.iter().any(|(name, _)| name.text == API_VERSION) {
                    let name = &kind.kind;
                    let message = format!("a new `{name}` needs a version");
                    self.report(
                        Diagnostic::error(
                            "missing-field",
                            message,
                            target.span,
                            "its versions are not known here",
                        )
                        .with_help(format!("write `create {group}/v1/{name}`")),
                    );
                }
                None
            }
        }
    }

    /// Whether a new object is given a name, without which it cannot be told from others.
    fn has_name(&mut self, members: &[(Name, ast::Expr)], value: &ast::Expr) -> bool {
        let metadata = members.iter().find(|(name, _)| name.text == "metadata");
        let is_named = match metadata.map(|(_, metadata)| &metadata.kind) {
            None => false,
            Some(ast::ExprKind::Record(metadata)) => {
                metadata.iter().any(|(name, _)| name.text == "name")
            }
            Some(_) => true,
        };
        if !is_named {
            self.report(
                Diagnostic::error(
                    "missing-field",
                    "a new object needs a name",
                    value.span,
                    "without `metadata.name`",
                )
                .with_help("add `metadata: { name: … }`"),
            );
        }
        is_named
    }
}

fn text_of(text: String, target: &Target) -> Expr {
    constant(Const::String(text), BaseType::String, target.span)
}
