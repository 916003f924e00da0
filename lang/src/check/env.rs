//! What a pack declares, for all who check its policies: names, declared records, parameters.
//!
//! Declarations may stand in any order, so they are collected first ([`Env::collect`]) and looked into when they are
//! used. What is found out on the way is kept in cells.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::functions::Checking;
use super::kinds::{Absence, FieldInfo, merged_field, schema, schema_field};
use super::prelude;
use super::views::ViewDef;
use super::{Files, Options};
use crate::diagnostic::Diagnostic;
use crate::program::{
    BaseType, Const, DECLARED_RECORDS, Param, ParamId, RecordField, RecordRef, RecordType, Type,
};
use crate::schema::RecordId;
use crate::span::{FileId, Span};
use crate::syntax::ast::{self, Item, ItemKind, Name, SourceFile};

/// How many declarations may use each other in a row.
const MAX_DEPTH: usize = 100;

/// A declaration and what is known of its use.
#[derive(Debug)]
pub(super) struct Declared<'t, T> {
    pub(super) item: &'t T,
    /// Its name.
    pub(super) span: Span,
    /// False if it is of a pack that this one uses.
    pub(super) is_own: bool,
    pub(super) used: Cell<bool>,
}

/// What is known of a type or a constant that is looked into when it is used.
#[derive(Debug, Clone)]
pub(super) enum State<T> {
    /// Its value is being found out: it uses itself if it is asked for now.
    Open,
    Done(T),
}

/// The groups of a declared kind, and the type of its objects.
pub(super) type KindType = (Vec<String>, BaseType);

/// All that a pack declares.
#[derive(Debug)]
pub(super) struct Env<'t> {
    texts: BTreeMap<FileId, &'t str>,
    /// The pack's name.
    pub(super) pack: String,
    pub(super) files: Option<&'t dyn Files>,
    pub(super) fns: BTreeMap<&'t str, Declared<'t, ast::Fn>>,
    /// The functions of the language that are written in it.
    prelude: BTreeMap<&'t str, Declared<'t, ast::Fn>>,
    pub(super) consts: BTreeMap<&'t str, Declared<'t, ast::Const>>,
    pub(super) tables: BTreeMap<&'t str, Declared<'t, ast::Table>>,
    pub(super) types: BTreeMap<&'t str, Declared<'t, ast::TypeDeclaration>>,
    pub(super) kinds: BTreeMap<&'t str, Declared<'t, ast::KindDeclaration>>,
    pub(super) views: BTreeMap<&'t str, ViewDef<'t>>,
    /// `extend view`s that are not joined to their views yet.
    pub(super) extensions: Vec<&'t ast::View>,
    /// Names of the views that policies use, in the order of their numbers.
    pub(super) view_order: RefCell<Vec<String>>,
    /// `param`s of the pack, by name, and where they are in [`Env::params`].
    pub(super) pack_params: BTreeMap<&'t str, ParamId>,
    pub(super) n_policies: usize,
    /// The parameters of the program, so far.
    pub(super) params: RefCell<Vec<Param>>,
    /// For each parameter whether something uses it.
    pub(super) params_used: RefCell<Vec<bool>>,
    records: RefCell<Vec<Rc<RecordType>>>,
    /// Fields that hold secrets, with their records.
    secrets: RefCell<BTreeSet<(u32, String)>>,
    /// Names of the kinds of file that `objects(…)` asks for.
    pub(super) asked_files: RefCell<BTreeSet<String>>,
    /// Members of the ordered enums.
    pub(super) orders: RefCell<Vec<Vec<String>>>,
    pub(super) type_states: RefCell<BTreeMap<String, State<Type>>>,
    pub(super) const_states: RefCell<BTreeMap<String, State<(Const, BaseType)>>>,
    pub(super) kind_states: RefCell<BTreeMap<String, State<KindType>>>,
    pub(super) fn_states: RefCell<BTreeMap<String, Checking>>,
    /// How many declarations are being looked into, each because another uses it.
    depth: Cell<usize>,
    /// Functions whose bodies are being looked at, the innermost last.
    pub(super) fn_stack: RefCell<Vec<String>>,
    pub(super) diagnostics: RefCell<Vec<Diagnostic>>,
}

impl<'t> Env<'t> {
    /// An environment without declarations.
    pub(super) fn new(pack: String, options: &'t Options) -> Self {
        Self {
            texts: BTreeMap::new(),
            pack,
            files: options.files.as_deref(),
            fns: BTreeMap::new(),
            prelude: BTreeMap::new(),
            consts: BTreeMap::new(),
            tables: BTreeMap::new(),
            types: BTreeMap::new(),
            kinds: BTreeMap::new(),
            views: super::views::prelude(),
            extensions: Vec::new(),
            view_order: RefCell::default(),
            pack_params: BTreeMap::new(),
            n_policies: 0,
            params: RefCell::default(),
            params_used: RefCell::default(),
            records: RefCell::default(),
            secrets: RefCell::default(),
            asked_files: RefCell::default(),
            orders: RefCell::default(),
            type_states: RefCell::default(),
            const_states: RefCell::default(),
            kind_states: RefCell::default(),
            fn_states: RefCell::default(),
            depth: Cell::new(0),
            fn_stack: RefCell::default(),
            diagnostics: RefCell::default(),
        }
    }

    /// Looks into a declaration that another one uses; `None` if too many do so in a row, which is reported.
    pub(super) fn deeper<T>(&self, span: Span, inner: impl FnOnce() -> T) -> Option<T> {
        if self.depth.get() >= MAX_DEPTH {
            self.report(
                Diagnostic::error(
                    "too-deep",
                    "this goes through too many declarations",
                    span,
                    "a hundred before this",
                )
                .with_help("use fewer declarations that use each other"),
            );
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let found = inner();
        self.depth.set(self.depth.get() - 1);
        Some(found)
    }

    pub(super) fn report(&self, diagnostic: Diagnostic) {
        self.diagnostics.borrow_mut().push(diagnostic);
    }

    /// Notes the declarations of a file, which is of this pack or of one that it uses.
    pub(super) fn collect(&mut self, tree: &'t SourceFile, text: &'t str, is_own: bool) {
        self.texts.insert(tree.file, text);
        for item in &tree.items {
            self.collect_item(item, is_own);
        }
    }

    /// Notes the functions of the language that are written in it, and what they need.
    pub(super) fn collect_prelude(&mut self, tree: &'t SourceFile) {
        self.texts.insert(tree.file, prelude::TEXT);
        for item in &tree.items {
            match &item.kind {
                ItemKind::Fn(f) => {
                    declare(&mut self.prelude, f, &f.name, false);
                }
                _ => self.collect_item(item, false),
            }
        }
    }

    /// The function that a name means where it is written.
    pub(super) fn function(&self, name: &Name) -> Option<&Declared<'t, ast::Fn>> {
        let word = name.text.as_str();
        if name.span.file == prelude::FILE {
            return self.prelude.get(word);
        }
        let of_language = || {
            self.prelude
                .get(word)
                .filter(|_| prelude::NAMES.contains(&word))
        };
        self.fns.get(word).or_else(of_language)
    }

    /// How many functions there are.
    pub(super) fn n_functions(&self) -> usize {
        self.fns.len() + self.prelude.len()
    }

    fn collect_item(&mut self, item: &'t Item, is_own: bool) {
        match &item.kind {
            ItemKind::Fn(f) => {
                let found = declare(&mut self.fns, f, &f.name, is_own);
                self.said(found, &f.name, is_own);
            }
            ItemKind::Const(c) => {
                let taken = self
                    .tables
                    .get(c.name.text.as_str())
                    .map(|table| table.span);
                let found = declare(&mut self.consts, c, &c.name, is_own);
                self.said(found.or(taken), &c.name, is_own);
            }
            ItemKind::Table(t) => {
                let taken = self
                    .consts
                    .get(t.name.text.as_str())
                    .map(|found| found.span);
                let found = declare(&mut self.tables, t, &t.name, is_own);
                self.said(found.or(taken), &t.name, is_own);
            }
            ItemKind::Type(t) => {
                let taken = self.kinds.get(t.name.text.as_str()).map(|kind| kind.span);
                let found = declare(&mut self.types, t, &t.name, is_own);
                self.said(found.or(taken), &t.name, is_own);
            }
            ItemKind::Kind(k) => {
                let taken = self.types.get(k.name.text.as_str()).map(|ty| ty.span);
                let found = declare(&mut self.kinds, k, &k.name, is_own);
                self.said(found.or(taken), &k.name, is_own);
            }
            ItemKind::View(view) => {
                let found = self.add_view(view, is_own);
                self.said(found, &view.name, is_own);
            }
            ItemKind::Policy(_) if is_own => self.n_policies += 1,
            ItemKind::Policy(_)
            | ItemKind::Param(_)
            | ItemKind::Profile(_)
            | ItemKind::Use(_)
            | ItemKind::Error => {}
        }
    }

    /// Says that a name is declared twice. What a used pack declares gives way in silence.
    fn said(&self, first: Option<Span>, name: &Name, is_own: bool) {
        let Some(first) = first.filter(|_| is_own) else {
            return;
        };
        let message = format!("`{}` is declared twice", name.text);
        self.report(
            Diagnostic::error("duplicate-name", message, name.span, "second declaration")
                .with_label(first, "first declaration")
                .with_help("give one of the two another name"),
        );
    }

    /// The source text of `span`.
    pub(super) fn source(&self, span: Span) -> Option<&'t str> {
        let text = self.texts.get(&span.file)?;
        text.get(span.range()).filter(|text| !text.is_empty())
    }

    /// The text of a file.
    pub(super) fn text(&self, file: FileId) -> &'t str {
        self.texts.get(&file).copied().unwrap_or_default()
    }

    /// Adds a record.
    pub(super) fn declare_record(&self, record: RecordType) -> RecordRef {
        let mut records = self.records.borrow_mut();
        let name = record.name.clone();
        // Types that are written out several times are one.
        let known = records.iter().position(|known| **known == record);
        let at = known.unwrap_or_else(|| {
            records.push(Rc::new(record));
            records.len() - 1
        });
        RecordRef {
            id: DECLARED_RECORDS + u32::try_from(at).unwrap_or(0),
            name,
        }
    }

    /// The record of label selectors, whose values may be written out and set.
    pub(super) fn selector(&self) -> BaseType {
        let field = |name: &str, ty: Type| RecordField {
            name: name.to_owned(),
            ty,
            default: None,
        };
        let record = |name: &str, fields: Vec<RecordField>| {
            BaseType::Record(vec![self.declare_record(RecordType {
                name: name.to_owned(),
                fields,
            })])
        };
        let list = |of: BaseType| Type::plain(BaseType::List(Box::new(of)));
        let labels = Type::plain(BaseType::Map(Box::new(BaseType::String)));
        let operators = ["In", "NotIn", "Exists", "DoesNotExist"].map(str::to_owned);
        let expression = record(
            "",
            vec![
                field("key", Type::plain(BaseType::String)),
                field("operator", Type::plain(BaseType::Enum(operators.to_vec()))),
                field("values", list(BaseType::String)),
            ],
        );
        record(
            super::builtins::SELECTOR,
            vec![
                field("matchLabels", labels),
                field("matchExpressions", list(expression)),
            ],
        )
    }

    /// All declared records.
    pub(super) fn take_records(&self) -> Vec<RecordType> {
        let records = self.records.borrow();
        records.iter().map(|record| (**record).clone()).collect()
    }

    /// Remembers that a field of a declared record holds a secret.
    pub(super) fn keep_secret(&self, record: &RecordRef, field: &str) {
        let key = (record.id, field.to_owned());
        self.secrets.borrow_mut().insert(key);
    }

    /// True for a value that has the fields of a declared record.
    pub(super) fn is_declared(&self, records: &[RecordRef]) -> bool {
        let mut records = records.iter();
        records.any(|record| self.declared_record(record.id).is_some())
    }

    pub(super) fn declared_record(&self, id: u32) -> Option<Rc<RecordType>> {
        let at = id.checked_sub(DECLARED_RECORDS)?;
        self.records.borrow().get(at as usize).cloned()
    }

    /// Whether a value of the type may hold a pattern.
    pub(super) fn holds_pattern(&self, base: &BaseType) -> bool {
        let (mut seen, mut left) = (Vec::new(), vec![base.clone()]);
        while let Some(base) = left.pop() {
            match base {
                BaseType::Glob | BaseType::Regex => return true,
                BaseType::List(of) | BaseType::Map(of) => left.push(*of),
                BaseType::Record(records) => {
                    for record in records {
                        if seen.contains(&record.id) {
                            continue;
                        }
                        seen.push(record.id);
                        if let Some(record) = self.declared_record(record.id) {
                            left.extend(record.fields.iter().map(|field| field.ty.base.clone()));
                        }
                    }
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
                | BaseType::Timestamp
                | BaseType::Duration
                | BaseType::Any
                | BaseType::Error => {}
            }
        }
        false
    }

    /// The field `name` that every one of `records` has; `None` if one lacks it, or their types have nothing in common.
    pub(super) fn field_of(&self, records: &[RecordRef], name: &str) -> Option<FieldInfo> {
        let mut all: Option<FieldInfo> = None;
        for record in records {
            let info = match self.declared_record(record.id) {
                Some(declared) => {
                    let field = declared.fields.iter().find(|field| field.name == name)?;
                    let is_secret = self
                        .secrets
                        .borrow()
                        .contains(&(record.id, name.to_owned()));
                    FieldInfo {
                        sensitive: is_secret,
                        ..declared_field(field)
                    }
                }
                None => schema_field(&schema().record(RecordId(record.id)).field(name)?),
            };
            all = Some(match all {
                Some(before) => merged_field(before, info)?,
                None => info,
            });
        }
        all
    }

    /// The fields that tell the elements of a list apart, where all of `records` agree; none if they are not known.
    pub(super) fn list_keys(&self, records: &[RecordRef], name: &str) -> Vec<String> {
        let keys_in = |record: &RecordRef| -> Vec<String> {
            if self.declared_record(record.id).is_some() {
                return Vec::new();
            }
            let field = schema().record(RecordId(record.id)).field(name);
            field.map_or_else(Vec::new, |field| {
                field.list_keys().map(str::to_owned).collect()
            })
        };
        let mut all = records.iter().map(keys_in);
        let first = all.next().unwrap_or_default();
        if all.all(|keys| keys == first) {
            first
        } else {
            Vec::new()
        }
    }

    /// Names of the fields that all of `records` have.
    pub(super) fn field_names(&self, records: &[RecordRef]) -> Vec<String> {
        let Some((first, others)) = records.split_first() else {
            return Vec::new();
        };
        let names: Vec<String> = match self.declared_record(first.id) {
            Some(declared) => declared
                .fields
                .iter()
                .map(|field| field.name.clone())
                .collect(),
            None => schema()
                .record(RecordId(first.id))
                .fields()
                .map(|field| field.name.to_owned())
                .collect(),
        };
        let has = |name: &str, other: &RecordRef| {
            self.field_of(std::slice::from_ref(other), name).is_some()
        };
        names
            .into_iter()
            .filter(|name| others.iter().all(|other| has(name, other)))
            .collect()
    }

    /// Whether an enum's members are in an order.
    pub(super) fn is_ordered(&self, members: &[String]) -> bool {
        self.orders.borrow().iter().any(|order| order == members)
    }

    pub(super) fn use_param(&self, id: ParamId) {
        if let Some(used) = self.params_used.borrow_mut().get_mut(id.0 as usize) {
            *used = true;
        }
    }
}

fn declare<'t, T>(
    all: &mut BTreeMap<&'t str, Declared<'t, T>>,
    item: &'t T,
    name: &'t Name,
    is_own: bool,
) -> Option<Span> {
    if name.text.is_empty() {
        return None;
    }
    // The pack's own declarations are collected before those of the packs that it uses.
    if let Some(first) = all.get(name.text.as_str()) {
        return Some(first.span);
    }
    all.insert(
        &name.text,
        Declared {
            item,
            span: name.span,
            is_own,
            used: Cell::new(!is_own || name.text.starts_with('_')),
        },
    );
    None
}

fn declared_field(field: &RecordField) -> FieldInfo {
    let absence = match &field.default {
        Some(value) => Absence::Default(value.clone()),
        None if field.ty.optional => Absence::Optional,
        None => Absence::Required,
    };
    FieldInfo {
        base: field.ty.base.clone(),
        absence,
        sensitive: false,
        since: None,
    }
}
