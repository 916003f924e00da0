//! Views: one name and type for the same thing in many kinds.
//!
//! An arm that is a plain path stands in the program's table of views. Any other arm is *computed*: a policy on the view
//! gets a body for it, on the arm's kinds, that goes through what the arm's expression gives.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use super::context::{Ctx, Subst, Substitution};
use super::env::{Env, State};
use super::kinds::{kind_ref, record_ref, root_type, schema};
use super::old::Old;
use super::target::{POD, common};
use super::words::{near, prose};
use crate::diagnostic::Diagnostic;
use crate::program::{
    Arm, BaseType, Binding, Block, Expr, ExprKind, For, Generator, LocalId, Stmt, Target, Type,
    View, ViewId,
};
use crate::span::Span;
use crate::syntax::ast::{self, ExprKind as Ast};

/// Group, kind and path of what `pod` finds.
const POD_ARMS: &[(&str, &str, &[&str])] = &[
    ("", "Pod", &[]),
    ("", "PodTemplate", &["template"]),
    ("", "ReplicationController", &["spec", "template"]),
    ("apps", "ReplicaSet", &["spec", "template"]),
    ("apps", "Deployment", &["spec", "template"]),
    ("apps", "StatefulSet", &["spec", "template"]),
    ("apps", "DaemonSet", &["spec", "template"]),
    ("batch", "Job", &["spec", "template"]),
    (
        "batch",
        "CronJob",
        &["spec", "jobTemplate", "spec", "template"],
    ),
];

/// A view as it is declared.
#[derive(Debug)]
pub(super) struct ViewDef<'t> {
    /// The type of a part; none for the view `pod` of the language.
    ty: Option<&'t ast::TypeExpr>,
    /// Its name, if a source declares it.
    pub(super) span: Option<Span>,
    pub(super) is_own: bool,
    /// Its arms and those that extend it.
    arms: Vec<&'t ast::ViewArm>,
    pub(super) used: Cell<bool>,
    info: RefCell<Option<State<Option<Rc<ViewInfo>>>>>,
    id: Cell<Option<ViewId>>,
}

/// A view after checking.
#[derive(Debug)]
pub(super) struct ViewInfo {
    name: String,
    pub(super) part: BaseType,
    /// The type of what the objects of the table have in common.
    pub(super) object: BaseType,
    /// Arms that are plain paths, and the type of their objects.
    pub(super) table: Vec<(Arm, BaseType)>,
    pub(super) computed: Vec<Computed>,
}

/// A way to parts that is no plain path.
#[derive(Debug, Clone)]
pub(super) struct Computed {
    root: Root,
    /// Views and their arms, from the object to the part; at least one.
    steps: Vec<(String, usize)>,
}

impl Computed {
    /// What is called the part where the way begins.
    pub(super) fn root_name(&self) -> &str {
        match &self.root {
            Root::Kind(..) => "object",
            Root::View(name) => name,
        }
    }
}

/// Where a computed part begins.
#[derive(Debug, Clone)]
enum Root {
    Kind(crate::program::KindRef, BaseType),
    View(String),
}

/// What an arm's expression gives.
pub(super) enum Parts {
    List(Expr),
    One(Expr),
    Record(Vec<(String, Expr)>),
}

/// The views of the language.
pub(super) fn prelude<'t>() -> BTreeMap<&'t str, ViewDef<'t>> {
    let pod = ViewDef {
        ty: None,
        span: None,
        is_own: false,
        arms: Vec::new(),
        used: Cell::new(true),
        info: RefCell::default(),
        id: Cell::default(),
    };
    BTreeMap::from([(POD, pod)])
}

impl<'t> Env<'t> {
    /// Adds a view, or notes arms for one. Gives where the name was declared before.
    pub(super) fn add_view(&mut self, view: &'t ast::View, is_own: bool) -> Option<Span> {
        if view.extend {
            self.extensions.push(view);
            return None;
        }
        let known = self.views.get(view.name.text.as_str());
        if let Some(first) = known.and_then(|known| known.span) {
            return Some(first);
        }
        if known.is_some() && is_own {
            let message = format!("`{}` is a view of the language", view.name.text);
            self.report(
                Diagnostic::warning("hides-built-in", message, view.name.span, "hides it")
                    .with_help(format!(
                        "write `extend view {}` to add kinds",
                        view.name.text
                    )),
            );
        }
        self.views.insert(
            &view.name.text,
            ViewDef {
                ty: view.ty.as_ref(),
                span: Some(view.name.span),
                is_own,
                arms: view.arms.iter().collect(),
                used: Cell::new(!is_own || view.name.text.starts_with('_')),
                info: RefCell::default(),
                id: Cell::default(),
            },
        );
        None
    }

    /// Joins what extends a view to it.
    pub(super) fn extend_views(&mut self) {
        for view in std::mem::take(&mut self.extensions) {
            let name = view.name.text.as_str();
            if let Some(known) = self.views.get_mut(name) {
                known.arms.extend(&view.arms);
                continue;
            }
            let message = format!("there is no view `{name}`");
            let diagnostic =
                Diagnostic::error("unknown-view", message, view.name.span, "unknown view");
            let meant = near(name, self.views.keys().copied());
            self.report(match meant {
                Some(meant) => diagnostic
                    .with_help(format!("write `{meant}`"))
                    .with_edit(view.name.span, meant),
                None => diagnostic.with_help("declare it without `extend`"),
            });
        }
    }

    /// The number of a view in the program; the next one if nothing used it yet.
    pub(super) fn view_id(&self, name: &str) -> ViewId {
        let next = || ViewId(u32::try_from(self.view_order.borrow().len()).unwrap_or(u32::MAX));
        let Some(def) = self.views.get(name) else {
            return next();
        };
        if let Some(id) = def.id.get() {
            return id;
        }
        let id = next();
        def.id.set(Some(id));
        self.view_order.borrow_mut().push(name.to_owned());
        id
    }

    /// The views that policies use.
    pub(super) fn take_views(&self) -> Vec<View> {
        let order = self.view_order.borrow();
        let arms = |name: &String| {
            let def = self.views.get(name.as_str())?;
            match &*def.info.borrow() {
                Some(State::Done(Some(info))) => {
                    Some(info.table.iter().map(|(arm, _)| arm.clone()).collect())
                }
                _ => None,
            }
        };
        order
            .iter()
            .map(|name| View {
                name: name.clone(),
                arms: arms(name).unwrap_or_default(),
            })
            .collect()
    }
}

impl<'s> Ctx<'s> {
    /// A view by its name; `None` if there is none or it is wrong.
    pub(super) fn view(&mut self, name: &str, span: Span) -> Option<Rc<ViewInfo>> {
        let def = self.env.views.get(name)?;
        def.used.set(true);
        let state = def.info.borrow().clone();
        match state {
            Some(State::Done(info)) => info,
            Some(State::Open) => {
                let message = format!("view `{name}` is one of its own targets");
                self.report(
                    Diagnostic::error("recursion", message, span, "used in its own arm")
                        .with_help("name the kinds"),
                );
                None
            }
            None => {
                def.info.replace(Some(State::Open));
                let at = def.span.unwrap_or(span);
                let info = self.env.deeper(span, || {
                    let mut ctx = Ctx::apart(self.env, self.env.text(at.file));
                    let info = ctx.look_into_view(name, def).map(Rc::new);
                    ctx.hand_over();
                    info
                });
                let info = info.flatten();
                def.info.replace(Some(State::Done(info.clone())));
                info
            }
        }
    }

    /// The type of a view's part.
    pub(super) fn view_part(&mut self, name: &str) -> Option<BaseType> {
        let def = self.env.views.get(name)?;
        def.used.set(true);
        let Some(ty) = def.ty else {
            return Some(pod_template());
        };
        Some(self.written_type(ty).base)
    }

    fn look_into_view(&mut self, name: &str, def: &'s ViewDef<'s>) -> Option<ViewInfo> {
        let part = match def.ty {
            Some(ty) => self.written_type(ty).base,
            None if def.span.is_none() => pod_template(),
            None => BaseType::Error,
        };
        let mut info = ViewInfo {
            name: name.to_owned(),
            part: part.clone(),
            object: BaseType::Error,
            table: Vec::new(),
            computed: Vec::new(),
        };
        if def.span.is_none() {
            info.table = pod_arms();
        }
        for (index, arm) in def.arms.iter().enumerate() {
            for target in &arm.targets {
                self.look_into_arm(name, index, arm, target, &mut info);
            }
        }
        // An untyped kind among others does not make the others untyped.
        let is_typed = |object: &&BaseType| **object != BaseType::Any;
        let objects = || info.table.iter().map(|(_, object)| object);
        info.object = if objects().any(|object| is_typed(&object)) {
            common(objects().filter(is_typed), false)
        } else {
            common(objects(), false)
        };
        (part != BaseType::Error).then_some(info)
    }

    fn look_into_arm(
        &mut self,
        name: &str,
        index: usize,
        arm: &ast::ViewArm,
        target: &ast::Target,
        info: &mut ViewInfo,
    ) {
        let own_step = (name.to_owned(), index);
        let word = target.name.text.as_str();
        let is_view = target.group.is_none() && self.env.views.contains_key(word);
        if is_view {
            let Some(inner) = self.view(word, target.span) else {
                return;
            };
            let steps = |before: &[(String, usize)]| {
                let mut steps = before.to_vec();
                steps.push(own_step.clone());
                steps
            };
            match plain_path(&arm.value, word).filter(|_| arm.guard.is_none()) {
                Some(path) => {
                    for (below, object) in &inner.table {
                        let mut below = below.clone();
                        below.path.extend(path.iter().cloned());
                        self.add_arm(info, below, object.clone(), target.span);
                    }
                    self.check_path_arm(arm, &inner.part, word, info);
                }
                None if inner.table.is_empty() => {}
                None => info.computed.push(Computed {
                    root: Root::View(word.to_owned()),
                    steps: vec![own_step.clone()],
                }),
            }
            for computed in &inner.computed {
                info.computed.push(Computed {
                    root: computed.root.clone(),
                    steps: steps(&computed.steps),
                });
            }
            return;
        }
        let n_before = self.diagnostics.len();
        let Some((kind, object)) = self.kind_of(target) else {
            return;
        };
        if object == BaseType::Any {
            // Its part has a type all the same.
            self.diagnostics.truncate(n_before);
        }
        match plain_path(&arm.value, "object").filter(|_| arm.guard.is_none()) {
            Some(path) => {
                self.check_path_arm(arm, &object, "object", info);
                self.add_arm(info, Arm { kind, path }, object, target.span);
            }
            None => info.computed.push(Computed {
                root: Root::Kind(kind, object),
                steps: vec![own_step],
            }),
        }
    }

    fn add_arm(&mut self, info: &mut ViewInfo, arm: Arm, object: BaseType, span: Span) {
        let meets = |(other, _): &(Arm, BaseType)| {
            let groups = &other.kind.groups;
            other.kind.kind == arm.kind.kind
                && groups.iter().any(|group| arm.kind.groups.contains(group))
        };
        if info.table.iter().any(meets) {
            let message = format!("`{}` has an arm already", arm.kind.kind);
            self.report(
                Diagnostic::error("targets-overlap", message, span, "a second arm")
                    .with_help("remove one of the two"),
            );
            return;
        }
        info.table.push((arm, object));
    }

    /// Checks that the path of an arm leads to what the view says.
    fn check_path_arm(
        &mut self,
        arm: &ast::ViewArm,
        from: &BaseType,
        from_name: &str,
        info: &ViewInfo,
    ) {
        let mut ctx = Ctx::apart(self.env, self.text);
        ctx.enter_arm(from_name, LocalId::OBJECT, from);
        let value = ctx.value(&arm.value, None);
        self.diagnostics.append(&mut ctx.diagnostics);
        self.fits_view(&value, &info.part);
    }

    /// Says so if a value is not the part of a view.
    fn fits_view(&mut self, value: &Expr, part: &BaseType) -> bool {
        let base = &value.ty.base;
        if *base == BaseType::Error || *part == BaseType::Error {
            return false;
        }
        if *base == BaseType::Any || self.fits(base, part) {
            return true;
        }
        let message = format!("the part is {}, not {}", prose(base), prose(part));
        self.report(
            Diagnostic::error("type-mismatch", message, value.span, prose(base))
                .with_help(format!("write the path of {}", prose(part))),
        );
        false
    }

    /// Puts an arm's names in scope: `object`, or the part of the view that the arm is on, and its fields.
    fn enter_arm(&mut self, name: &str, id: LocalId, ty: &BaseType) {
        if let Some(info) = self.name_mut(id) {
            info.local.ty = Type::plain(ty.clone());
        }
        let value = Expr {
            kind: ExprKind::Local(id),
            ty: Type::plain(ty.clone()),
            span: Span::default(),
        };
        self.scope.is_apart = true;
        self.scope.substitutions.push(Substitution {
            name: name.to_owned(),
            span: Span::default(),
            used: true,
            stands_for: Subst::Value(value.clone()),
        });
        self.scope.fields_of = Some(value);
    }

    /// A field of the object, in the arms of a view.
    pub(super) fn field_in_scope(&mut self, name: &str, span: Span) -> Option<Expr> {
        let object = self.scope.fields_of.clone()?;
        let is_field = match &object.ty.base {
            BaseType::Record(records) => self.env.field_of(records, name).is_some(),
            BaseType::Any => true,
            _ => false,
        };
        if !is_field {
            return None;
        }
        let name = ast::Name {
            text: name.to_owned(),
            span,
        };
        let read = self.member(&Expr { span, ..object }, &name, span);
        Some(self.narrow(read))
    }

    /// What a computed way begins with.
    pub(super) fn root_of(&mut self, computed: &Computed) -> (Target, BaseType, BaseType) {
        match &computed.root {
            Root::Kind(kind, object) => {
                (Target::Kind(kind.clone()), object.clone(), object.clone())
            }
            Root::View(name) => {
                let target = Target::View(self.env.view_id(name));
                let info = self.view(name, Span::default());
                match info {
                    Some(info) => (target, info.object.clone(), info.part.clone()),
                    None => (target, BaseType::Error, BaseType::Error),
                }
            }
        }
    }

    /// Runs `inner` for each part of a computed way, with the part named as the view. Gives the guard of the first arm.
    pub(super) fn through(
        &mut self,
        computed: &Computed,
        inner: &mut dyn FnMut(&mut Self) -> Block,
    ) -> (Option<Expr>, Block) {
        let start = match &computed.root {
            Root::Kind(..) => (String::from("object"), LocalId::OBJECT),
            Root::View(name) => (name.clone(), LocalId::PART),
        };
        let ty = self.name(start.1).map(|info| info.local.ty.base.clone());
        let from = (start.0, start.1, ty.unwrap_or(BaseType::Any));
        self.arm_step(&computed.steps, 0, &from, inner)
    }

    /// The same from any object, or part of one, which a name stands for.
    pub(super) fn through_from(
        &mut self,
        computed: &Computed,
        root: LocalId,
        ty: &BaseType,
        inner: &mut dyn FnMut(&mut Self) -> Block,
    ) -> (Option<Expr>, Block) {
        let from = (computed.root_name().to_owned(), root, ty.clone());
        self.arm_step(&computed.steps, 0, &from, inner)
    }

    fn arm_step(
        &mut self,
        steps: &[(String, usize)],
        at: usize,
        from: &(String, LocalId, BaseType),
        inner: &mut dyn FnMut(&mut Self) -> Block,
    ) -> (Option<Expr>, Block) {
        let Some((view, index)) = steps.get(at) else {
            return (None, inner(self));
        };
        let Some(info) = self.view(view, Span::default()) else {
            return (None, Block::default());
        };
        let arm = self
            .env
            .views
            .get(view.as_str())
            .and_then(|def| def.arms.get(*index).copied());
        let Some(arm) = arm else {
            return (None, Block::default());
        };
        let n_facts = self.facts.len();
        let before = std::mem::take(&mut self.scope);
        self.enter_arm(&from.0, from.1, &from.2);
        let guard = arm.guard.as_ref().map(|guard| self.condition(guard));
        if let Some(guard) = &guard {
            self.assume(guard, true);
        }
        let block = self.parts_of(&arm.value, &info, before, &mut |ctx, part, old| {
            ctx.named_part(view, (part, old), steps, at, inner)
        });
        self.facts.truncate(n_facts);
        match (at, guard) {
            (0, guard) => (guard, block),
            (_, None) => (None, block),
            (_, Some(condition)) => {
                let when = Stmt::When {
                    condition,
                    then: block,
                    otherwise: Block::default(),
                };
                (None, Block { stmts: vec![when] })
            }
        }
    }

    /// Goes on with a part that has the name of its view.
    fn named_part(
        &mut self,
        view: &str,
        (part, old): (Subst, Old),
        steps: &[(String, usize)],
        at: usize,
        inner: &mut dyn FnMut(&mut Self) -> Block,
    ) -> Block {
        let next = match &part {
            Subst::Value(Expr {
                kind: ExprKind::Local(id),
                ty,
                ..
            }) => {
                if !self.is_query {
                    self.parts.push(*id);
                }
                Some((view.to_owned(), *id, ty.base.clone()))
            }
            _ => None,
        };
        let old = if self.is_query { self.old.clone() } else { old };
        let old = std::mem::replace(&mut self.old, old);
        self.scope.substitutions.push(Substitution {
            name: view.to_owned(),
            span: Span::default(),
            used: true,
            stands_for: part,
        });
        let is_last = at + 1 >= steps.len();
        let block = match next {
            _ if is_last => inner(self),
            Some(next) => self.arm_step(steps, at + 1, &next, inner).1,
            None => {
                self.report(
                    Diagnostic::error(
                        "not-yet",
                        "views of parts that are written out are not available yet",
                        self.env
                            .views
                            .get(view)
                            .and_then(|def| def.span)
                            .unwrap_or_default(),
                        "written out as a record",
                    )
                    .with_help("name the kinds in the other view's arm"),
                );
                Block::default()
            }
        };
        self.scope.substitutions.pop();
        self.old = old;
        block
    }

    /// Whether the last arm of a way writes its parts out.
    pub(super) fn writes_record(&self, computed: &Computed) -> bool {
        let arm = computed.steps.last().and_then(|(view, index)| {
            let def = self.env.views.get(view.as_str())?;
            def.arms.get(*index).copied()
        });
        arm.is_some_and(|arm| match &arm.value.kind {
            Ast::Record(_) => true,
            Ast::Comprehension { element, .. } => matches!(element.kind, Ast::Record(_)),
            _ => false,
        })
    }

    /// The statements that go through the parts that an arm's expression gives. `outside` is the scope of what runs for
    /// each.
    fn parts_of(
        &mut self,
        value: &ast::Expr,
        info: &ViewInfo,
        outside: super::context::Scope,
        each: &mut dyn FnMut(&mut Self, Subst, Old) -> Block,
    ) -> Block {
        if let Ast::Comprehension {
            element,
            generators,
            guard,
            order: None,
        } = &value.kind
            && matches!(element.kind, Ast::Record(_))
        {
            let (block, outside) = self.nested(|ctx| {
                let found: Option<Vec<Generator>> = generators
                    .iter()
                    .map(|generator| ctx.generator(generator))
                    .collect();
                let mut guard = guard.as_ref().map(|guard| ctx.condition(guard));
                if let Some(guard) = &guard {
                    ctx.assume(guard, true);
                }
                let parts = ctx.arm_parts(element, info);
                let old = ctx.old_members(element, info);
                let arm_scope = std::mem::replace(&mut ctx.scope, outside);
                let mut block = match parts {
                    Some(Parts::Record(members)) => each(ctx, Subst::written(members), old),
                    _ => Block::default(),
                };
                let outside = std::mem::replace(&mut ctx.scope, arm_scope);
                for generator in found.unwrap_or_default().into_iter().rev() {
                    let body = std::mem::take(&mut block);
                    let guard = guard.take();
                    block.stmts.push(Stmt::For(Box::new(For {
                        generator,
                        guard,
                        body,
                    })));
                }
                (block, outside)
            });
            self.scope = outside;
            return block;
        }
        let parts = self.arm_parts(value, info);
        let old = match &parts {
            Some(Parts::Record(_)) => self.old_members(value, info),
            _ => Old::Computed,
        };
        self.scope = outside;
        let (source, is_optional) = match parts {
            None => return Block::default(),
            Some(Parts::Record(members)) => return each(self, Subst::written(members), old),
            Some(Parts::List(list)) => (list, None),
            Some(Parts::One(one)) => {
                let span = one.span;
                let ty = Type::plain(BaseType::List(Box::new(one.ty.base.clone())));
                let test = one.ty.optional.then(|| one.clone());
                let kind = ExprKind::List(vec![one]);
                (Expr { kind, ty, span }, test)
            }
        };
        let ty = Type::plain(info.part.clone());
        let span = source.span;
        let is_node = self.holds_nodes(&source);
        let element = self.add_local(&info.name, ty.clone(), Binding::Element, span);
        let old = if is_node {
            Old::Part(element)
        } else {
            Old::Computed
        };
        let body = each(
            self,
            Subst::Value(Expr {
                kind: ExprKind::Local(element),
                ty,
                span,
            }),
            old,
        );
        let each_part = Stmt::For(Box::new(For {
            generator: Generator {
                key: None,
                element,
                source,
            },
            guard: None,
            body,
        }));
        let stmt = match is_optional {
            None => each_part,
            Some(value) => Stmt::When {
                condition: super::context::condition_expr(ExprKind::IsSet(Box::new(value)), span),
                then: Block {
                    stmts: vec![each_part],
                },
                otherwise: Block::default(),
            },
        };
        Block { stmts: vec![stmt] }
    }

    /// What an arm's expression gives, if that is what the view says.
    pub(super) fn arm_parts(&mut self, value: &ast::Expr, info: &ViewInfo) -> Option<Parts> {
        if let Ast::Record(members) = &value.kind {
            let BaseType::Record(records) = &info.part else {
                self.value(value, None);
                return None;
            };
            if !self.check_members(members, &info.part, value.span) {
                return None;
            }
            let mut all = Vec::new();
            for (name, member) in members {
                let field = self.env.field_of(records, &name.text)?;
                let value = self.typed(member, &field.base);
                if value.ty.base == BaseType::Error {
                    return None;
                }
                all.push((name.text.clone(), value));
            }
            for name in self.env.field_names(records) {
                if all.iter().any(|(given, _)| *given == name) {
                    continue;
                }
                let field = self.env.field_of(records, &name)?;
                all.push((name, super::kinds::absent_field(&field, value.span)));
            }
            return Some(Parts::Record(all));
        }
        let value = self.value(value, None);
        match &value.ty.base {
            BaseType::Error => None,
            BaseType::List(element) => {
                let one = Expr {
                    ty: Type::plain((**element).clone()),
                    ..value.clone()
                };
                self.fits_view(&one, &info.part)
                    .then_some(Parts::List(value))
            }
            _ => self
                .fits_view(&value, &info.part)
                .then_some(Parts::One(value)),
        }
    }

    /// Checks the arms of a view that no policy is on.
    pub(super) fn check_view_alone(&mut self, name: &str, span: Span) {
        let Some(info) = self.view(name, span) else {
            return;
        };
        for computed in &info.computed {
            let (object, part) = match &computed.root {
                Root::Kind(_, object) => (object.clone(), object.clone()),
                Root::View(inner) => {
                    let Some(inner) = self.view(inner, span) else {
                        continue;
                    };
                    (inner.object.clone(), inner.part.clone())
                }
            };
            let mut ctx = Ctx::apart(self.env, self.text);
            for (id, ty) in [(LocalId::OBJECT, object), (LocalId::PART, part)] {
                if let Some(info) = ctx.name_mut(id) {
                    info.local.ty = Type::plain(ty);
                }
            }
            ctx.through(computed, &mut |_| Block::default());
            ctx.hand_over();
        }
    }
}

fn pod_template() -> BaseType {
    let template = schema().records_named("PodTemplateSpec").next();
    template.map_or(BaseType::Error, |template| {
        BaseType::Record(vec![record_ref(template.id)])
    })
}

fn pod_arms() -> Vec<(Arm, BaseType)> {
    let mut arms = Vec::new();
    for (group, name, path) in POD_ARMS {
        let Some(kind) = schema().kind(group, name) else {
            continue;
        };
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        let arm = Arm {
            kind: kind_ref(&kind),
            path,
        };
        arms.push((arm, root_type(&kind)));
    }
    arms
}

/// The keys from what is called `start` to what an expression reads, if it only reads members.
fn plain_path(value: &ast::Expr, start: &str) -> Option<Vec<String>> {
    match &value.kind {
        Ast::Name(name) if name == start => Some(Vec::new()),
        Ast::Name(name) => Some(vec![name.clone()]),
        Ast::Field { base, name } => {
            let mut path = plain_path(base, start)?;
            path.push(name.text.clone());
            Some(path)
        }
        Ast::Index { base, index } => {
            let mut path = plain_path(base, start)?;
            path.push(super::access::literal_key(index)?);
            Some(path)
        }
        _ => None,
    }
}
