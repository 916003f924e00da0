//! `upsert LIST[key] = { … }`: the element with that key gets the fields, or is appended.
//!
//! It stands for two fixes: one that sets fields of the element that is there, and one that appends it if there is none.

use super::context::{Ctx, condition_expr};
use super::editable::is_set;
use super::fix::{Form, read_as_optional};
use super::kinds::Absence;
use super::words::prose;
use crate::diagnostic::Diagnostic;
use crate::program::{
    BaseType, Binding, CompareOp, Comprehension, Domain, Edit, EditKind, Expr, ExprKind, Generator,
    Pick, Presence, Type,
};
use crate::syntax::ast::{self, Name};

/// The field that tells records apart of which no schema says how.
const NAME: &str = "name";

/// A list that an `upsert` goes into.
#[derive(Debug)]
pub(super) struct KeyedList {
    list: Expr,
    element: BaseType,
}

impl Ctx<'_> {
    /// The list that an `upsert` names; `None` if it is none. Says nothing.
    pub(super) fn keyed_list(&mut self, base: &ast::Expr) -> Option<KeyedList> {
        let n_before = self.diagnostics.len();
        let list = self.value(base, None);
        self.diagnostics.truncate(n_before);
        match list.ty.base.clone() {
            BaseType::List(element) => Some(KeyedList {
                list,
                element: *element,
            }),
            _ => None,
        }
    }

    /// The two forms of an `upsert`.
    pub(super) fn upsert(
        &mut self,
        into: KeyedList,
        index: &ast::Expr,
        edit: &ast::Edit,
    ) -> Option<Vec<Form>> {
        if !self.is_editable(&into.list) {
            return None;
        }
        let mut list = self.as_written(into.list);
        read_as_optional(&mut list);
        let keys = self.keys_of(&list, &into.element);
        let (Some(key), BaseType::Record(records)) = (keys.first(), &into.element) else {
            self.no_keys(&list);
            return None;
        };
        let value = edit.value.as_ref()?;
        let ast::ExprKind::Record(members) = &value.kind else {
            let message = "`upsert` into a list takes a record written out";
            self.report(
                Diagnostic::error("misplaced-record", message, value.span, "no record").with_help(
                    format!("write its fields: `{{ name: … }}`, without `{key}`"),
                ),
            );
            return None;
        };
        if let Some((name, _)) = members.iter().find(|(name, _)| name.text == *key) {
            let message = format!("`{key}` is the key of the element");
            self.report(
                Diagnostic::error(
                    "duplicate-name",
                    message,
                    name.span,
                    "given in the brackets",
                )
                .with_help("leave it out"),
            );
            return None;
        }
        let name = Name {
            text: key.clone(),
            span: index.span,
        };
        let mut whole = vec![(name, index.clone())];
        whole.extend(members.iter().cloned());
        let whole = ast::Expr {
            kind: ast::ExprKind::Record(whole),
            span: value.span,
        };
        let made = self.edit_value(&whole, &into.element);
        let ExprKind::Record(fields) = &made.kind else {
            return None;
        };
        if made.ty.base == BaseType::Error {
            return None;
        }
        let id = self.add_local(
            "element",
            Type::plain(into.element.clone()),
            Binding::Element,
            edit.path.span,
        );
        let element = Expr {
            kind: ExprKind::Local(id),
            ty: Type::plain(into.element.clone()),
            span: edit.path.span,
        };
        let mut equal = Vec::new();
        for key in &keys {
            let field = self.env.field_of(records, key)?;
            let read = self.read_quietly(&element, key)?;
            let given = fields.iter().find(|(name, _)| name == key);
            let sought = match (given, &field.absence) {
                (Some((_, given)), _) => given.clone(),
                (None, Absence::Default(default)) => Expr {
                    kind: ExprKind::Const(default.clone()),
                    ty: Type::plain(field.base.clone()),
                    span: edit.path.span,
                },
                (None, _) => continue,
            };
            equal.push(same(read, sought, &field.base));
        }
        let span = edit.path.span;
        let guard = match equal.len() {
            1 => equal.pop(),
            _ => Some(condition_expr(ExprKind::And(equal), span)),
        };
        let picked = Expr {
            kind: ExprKind::Pick(
                Pick::First,
                Box::new(Comprehension {
                    generators: vec![Generator {
                        key: None,
                        element: id,
                        source: list.clone(),
                    }],
                    guard,
                    element,
                    order: None,
                }),
            ),
            ty: Type::optional(into.element.clone()),
            span,
        };
        let there = is_set(&picked);
        let missing = condition_expr(ExprKind::Not(Box::new(there.clone())), span);
        let mut edits = Vec::new();
        for (name, value) in fields.iter().filter(|(name, _)| !keys.contains(name)) {
            edits.push(Edit {
                kind: EditKind::Set,
                path: self.read_quietly(&picked, name)?,
                value: Some(value.clone()),
            });
        }
        let conditions = self.picks_of(&list);
        let append = Edit {
            kind: EditKind::Append,
            path: list,
            value: Some(made),
        };
        let set = Form {
            conditions: [&*conditions, &[there]].concat(),
            edits,
        };
        let add = Form {
            conditions: [&*conditions, &[missing]].concat(),
            edits: vec![append],
        };
        Some(vec![set, add])
    }

    /// A field of a record, absent where it is missing.
    fn read_quietly(&self, base: &Expr, key: &str) -> Option<Expr> {
        let BaseType::Record(records) = &base.ty.base else {
            return None;
        };
        let field = self.env.field_of(records, key)?;
        let presence = match field.absence {
            Absence::Default(value) => Presence::Default(value),
            Absence::Optional | Absence::Required => Presence::Optional,
        };
        Some(Expr {
            kind: ExprKind::Member {
                base: Box::new(base.clone()),
                key: key.to_owned(),
                presence,
            },
            ty: Type::optional(field.base),
            span: base.span,
        })
    }

    /// The fields that tell the elements of a list apart: by the schema, and of records that a pack declares the name.
    fn keys_of(&self, list: &Expr, element: &BaseType) -> Vec<String> {
        let keys = self.list_keys(list);
        if keys.is_empty()
            && let BaseType::Record(records) = element
            && (records.iter()).all(|record| self.env.declared_record(record.id).is_some())
            && let Some(field) = self.env.field_of(records, NAME)
            && field.base == BaseType::String
        {
            return vec![NAME.to_owned()];
        }
        keys
    }

    /// The fields that tell the elements of a list apart, by the schema.
    fn list_keys(&self, list: &Expr) -> Vec<String> {
        match &list.kind {
            ExprKind::Member { base, key, .. } => match &base.ty.base {
                BaseType::Record(records) => self.env.list_keys(records, key),
                _ => Vec::new(),
            },
            ExprKind::Local(id) => match self.name(*id).map(|info| &info.local.binding) {
                Some(Binding::Let(value)) => self.list_keys(value),
                _ => Vec::new(),
            },
            ExprKind::With { body, .. } => self.list_keys(body),
            _ => Vec::new(),
        }
    }

    fn no_keys(&mut self, list: &Expr) {
        let what = self.quote(list.span, "this list");
        let message = format!("the elements of {what} have no key");
        self.report(
            Diagnostic::error("no-key", message, list.span, prose(&list.ty.base))
                .with_help("find the element with `let x = first y in LIST where …`, and set its fields")
                .with_note("`upsert` goes by the keys that Kubernetes merges lists by, such as `name` of `env`; records of a type of yours go by `name`."),
        );
    }
}

/// `left == right`, for a key.
fn same(left: Expr, right: Expr, base: &BaseType) -> Expr {
    let domain = match base {
        BaseType::Int => Domain::Int,
        BaseType::IntOrString => Domain::Scalar,
        _ => Domain::String,
    };
    let span = right.span;
    condition_expr(
        ExprKind::Compare {
            op: CompareOp::Equal,
            domain,
            left: Box::new(left),
            right: Box::new(right),
        },
        span,
    )
}
