//! Fields that a record does not have, and those that were probably meant.

use super::context::Ctx;
use super::env::Env;
use super::kinds::schema;
use super::words::{base_name, listed, near};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Expr, ExprKind, LocalId, RecordRef};
use crate::schema::near::nearest;
use crate::syntax::ast::Name;

/// Records with at most so many fields are shown whole.
const FEW_FIELDS: usize = 6;

impl Ctx<'_> {
    /// `name` is not a field of `records`, which `base` is.
    pub(super) fn unknown_field(
        &self,
        records: &[RecordRef],
        base: &Expr,
        name: &Name,
    ) -> Diagnostic {
        let ty = base_name(&base.ty.base);
        let message = format!("`{ty}` has no field `{}`", name.text);
        let diagnostic = Diagnostic::error("unknown-field", message, name.span, "unknown field");
        let fields = self.env.field_names(records);
        if let Some(same) = fields
            .iter()
            .find(|field| field.eq_ignore_ascii_case(&name.text))
        {
            return diagnostic
                .with_help(format!("write `{same}`"))
                .with_edit(name.span, self.spelt(name, same));
        }
        if let Some(part) = self.part_instead(base, name) {
            return diagnostic
                .with_help(format!("write `{part}.{}`", name.text))
                .with_edit(base.span, part)
                .with_note("`object` has only what all kinds of the view have.");
        }
        if let Some(diagnostic) = self.on_neighbour(records, base, name, &diagnostic) {
            return diagnostic;
        }
        // A real field of other records is no slip of the fingers, unless it is a small one.
        let is_real = schema().records_with_field(&name.text).next().is_some();
        let is_far = |near: &str| strsim::damerau_levenshtein(&name.text, near) > 2;
        match nearest(&name.text, fields.iter().map(String::as_str)).as_slice() {
            [] => {}
            [near, ..] if is_real && is_far(near) => {}
            [only] => {
                return diagnostic
                    .with_help(format!("write `{only}`"))
                    .with_edit(name.span, self.spelt(name, only));
            }
            several => {
                return diagnostic.with_help(format!("fields like it: {}", listed(several, 3)));
            }
        }
        if let [only] = self.lacking(records, &name.text).as_slice()
            && records.len() > 1
        {
            return diagnostic
                .with_help(format!("name only kinds that have it; `{only}` does not"));
        }
        self.elsewhere(diagnostic, &fields, name)
    }

    /// The name of the part, if `base` is the object and the part has the field.
    fn part_instead(&self, base: &Expr, name: &Name) -> Option<String> {
        let part = &self.name(LocalId::PART)?.local;
        let BaseType::Record(records) = &part.ty.base else {
            return None;
        };
        let is_object = base.kind == ExprKind::Local(LocalId::OBJECT) && part.name != "object";
        (is_object && self.env.field_of(records, &name.text).is_some()).then(|| part.name.clone())
    }

    /// `path` as it is written where `name` stands, which may be in `["…"]`.
    fn spelt(&self, name: &Name, path: &str) -> String {
        if self.is_quoted(name) {
            format!("\"{}\"", path.replace('.', "\"][\""))
        } else {
            path.to_owned()
        }
    }

    fn is_quoted(&self, name: &Name) -> bool {
        self.source(name.span)
            .is_some_and(|text| text.starts_with('"'))
    }

    /// The records among `records` that lack the field.
    fn lacking<'r>(&self, records: &'r [RecordRef], name: &str) -> Vec<&'r str> {
        let lacks = |record: &&RecordRef| {
            self.env
                .field_of(std::slice::from_ref(*record), name)
                .is_none()
        };
        records
            .iter()
            .filter(lacks)
            .map(|record| record.name.as_str())
            .collect()
    }

    /// The right name one step away: in a record that this one holds, or in the one that holds it.
    fn on_neighbour(
        &self,
        records: &[RecordRef],
        base: &Expr,
        name: &Name,
        diagnostic: &Diagnostic,
    ) -> Option<Diagnostic> {
        let found = |record: &str, path: String| {
            let help = format!("write `{path}`: `{}` is a field of `{record}`", name.text);
            diagnostic.clone().with_help(help)
        };
        if let Some((step, record)) = inside(self.env, records, &name.text) {
            let path = format!("{step}.{}", name.text);
            return Some(
                found(&record, path.clone()).with_edit(name.span, self.spelt(name, &path)),
            );
        }
        let ExprKind::Member { base: outer, .. } = &base.kind else {
            return None;
        };
        let BaseType::Record(around) = &outer.ty.base else {
            return None;
        };
        self.env.field_of(around, &name.text)?;
        if self.is_quoted(name) {
            return None;
        }
        let up = crate::span::Span {
            start: outer.span.end,
            ..name.span
        };
        let path = match self.source(outer.span).filter(|text| !text.contains('\n')) {
            Some(outer) => format!("{outer}.{}", name.text),
            None => name.text.clone(),
        };
        let record = base_name(&outer.ty.base);
        Some(found(&record, path).with_edit(up, format!(".{}", name.text)))
    }

    fn elsewhere(&self, diagnostic: Diagnostic, fields: &[String], name: &Name) -> Diagnostic {
        let mut owners: Vec<&str> = schema()
            .records_with_field(&name.text)
            .map(|record| record.name)
            .collect();
        owners.dedup();
        let owned = (!owners.is_empty() && owners.len() <= 3)
            .then(|| format!("`{}` is a field of {}", name.text, listed(&owners, 3)));
        let has = (!fields.is_empty() && fields.len() <= FEW_FIELDS)
            .then(|| format!("its fields are {}", listed(fields, FEW_FIELDS)));
        match (has, owned) {
            (Some(has), Some(owned)) => diagnostic.with_help(format!("{has}; {owned}")),
            (Some(help), None) | (None, Some(help)) => diagnostic.with_help(help),
            (None, None) => diagnostic,
        }
    }

    /// How a field of the target is written whose name stands alone: `pod.spec.hostNetwork`.
    pub(super) fn path_from_target(&self, name: &str) -> Option<String> {
        for id in [LocalId::PART, LocalId::OBJECT] {
            let local = &self.name(id)?.local;
            let BaseType::Record(records) = &local.ty.base else {
                continue;
            };
            if self.env.field_of(records, name).is_some() {
                return Some(format!("{}.{name}", local.name));
            }
            let spec = self.env.field_of(records, "spec").map(|field| field.base);
            if let Some(BaseType::Record(specs)) = spec {
                if self.env.field_of(&specs, name).is_some() {
                    return Some(format!("{}.spec.{name}", local.name));
                }
                let names = self.env.field_names(&specs);
                if let Some(near) = near(name, names.iter().map(String::as_str)) {
                    return Some(format!("{}.spec.{near}", local.name));
                }
            }
        }
        None
    }
}

/// The only record field of `records` whose record has the field `name`, and that record.
fn inside(env: &Env<'_>, records: &[RecordRef], name: &str) -> Option<(String, String)> {
    let mut steps = env.field_names(records).into_iter().filter_map(|step| {
        let field = env.field_of(records, &step)?;
        let BaseType::Record(inner) = &field.base else {
            return None;
        };
        env.field_of(inner, name)?;
        Some((step, base_name(&field.base)))
    });
    // `metadata` is beside most things and rarely what is meant, but then it is the only one.
    steps.next().filter(|_| steps.next().is_none())
}
