//! Targets that are no kind: `file`, every text file; `any`, every object; `inventory`, all objects as a whole.

use super::context::Ctx;
use super::files::{ANY_FILE, any_file_ref, field};
use super::kinds::{record_ref, schema};
use super::request::{INVENTORY_FIELDS, INVENTORY_RECORD};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, DECLARED_RECORDS, KindRef};
use crate::span::Span;
use crate::syntax::ast;

/// The target that every object meets.
const ANY: &str = "any";
/// The target that all objects of a run together meet, once.
const INVENTORY: &str = "inventory";
/// All of them.
pub(super) const WIDE: [&str; 3] = [ANY_FILE, ANY, INVENTORY];

impl Ctx<'_> {
    /// What a target stands for that is no kind of its own, unless the pack has a kind of that name.
    pub(super) fn wide_target(&mut self, target: &ast::Target) -> Option<(KindRef, BaseType)> {
        let name = target.name.text.as_str();
        if target.group.is_some() || target.version.is_some() || self.env.kinds.contains_key(name) {
            return None;
        }
        match name {
            ANY_FILE => Some((any_file_ref(), self.any_file())),
            ANY => Some((KindRef::any(), self.any_object())),
            INVENTORY => Some((KindRef::inventory(), self.inventory())),
            _ => None,
        }
    }

    /// What every object has.
    fn any_object(&self) -> BaseType {
        let metadata = schema().records_named("ObjectMeta").next();
        let metadata = metadata.map_or(BaseType::Any, |metadata| {
            BaseType::Record(vec![record_ref(metadata.id)])
        });
        self.record(
            "Object",
            vec![
                field("apiVersion", BaseType::String),
                field("kind", BaseType::String),
                field("metadata", metadata),
            ],
        )
    }

    /// What an inventory is besides its objects.
    fn inventory(&self) -> BaseType {
        self.inventory_type(field("root", BaseType::String))
    }

    /// Whether a value is the inventory, or has it in it.
    pub(super) fn holds_inventory(&self, base: &BaseType) -> bool {
        match base {
            BaseType::Record(records) => records.iter().all(|record| {
                record.name == INVENTORY_RECORD
                    && record.id >= DECLARED_RECORDS
                    && self.env.field_names(records) == INVENTORY_FIELDS
            }),
            BaseType::List(of) | BaseType::Map(of) => self.holds_inventory(of),
            _ => false,
        }
    }

    /// Says that the inventory cannot be gone through as the map that it is: whether all its objects are known is known
    /// of `objects(…)` only.
    pub(super) fn inventory_as_value(&mut self, span: Span) {
        self.report(
            Diagnostic::error(
                "type-mismatch",
                "the inventory is no list or map of its objects",
                span,
                "its fields can be read one by one",
            )
            .with_help("`objects(any)` are its objects"),
        );
    }
}
