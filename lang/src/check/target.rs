//! What a policy is on: kinds, views, subresources.

use super::context::Ctx;
use super::kinds::{kind_ref, kind_since, record_ref, root_type, schema, union};
use super::views::Computed;
use super::wide::WIDE;
use super::words::near;
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, KindRef, MinorVersion, Target};
use crate::schema::Kind;
use crate::span::Span;
use crate::syntax::ast;

/// The view of the language.
pub(super) const POD: &str = "pod";

/// What the targets of a policy, or of one of its bodies, are.
#[derive(Debug)]
pub(super) struct Resolved {
    /// Kinds, or a view whose parts are at plain paths.
    pub(super) targets: Vec<Target>,
    pub(super) object: BaseType,
    pub(super) part: BaseType,
    /// What the part is called.
    pub(super) part_name: String,
    /// Other ways to parts of the view.
    pub(super) computed: Vec<Computed>,
}

/// One target with what it stands for.
#[derive(Debug)]
pub(super) struct Found {
    /// Absent for a view of which all parts are computed.
    pub(super) target: Option<Target>,
    view: Option<String>,
    pub(super) computed: Vec<Computed>,
    /// Its kinds.
    pub(super) kinds: Vec<KindRef>,
    pub(super) object: BaseType,
    pub(super) part: BaseType,
    pub(super) since: Option<MinorVersion>,
    span: Span,
}

impl Ctx<'_> {
    /// Resolves the targets of a body; `before` are those of the bodies before it.
    pub(super) fn resolve_targets(
        &mut self,
        targets: &[ast::Target],
        before: &mut Vec<Found>,
    ) -> Resolved {
        let mut all: Vec<Found> = Vec::new();
        let mut failed = targets.is_empty();
        for target in targets {
            let Some(found) = self.resolve(target) else {
                failed = true;
                continue;
            };
            if let Some(other) = before.iter().find(|other| overlap(other, &found)) {
                let diagnostic = self.overlapping(other, &found, None);
                self.report(diagnostic);
                failed = true;
                continue;
            }
            if let Some(index) = all.iter().position(|other| overlap(other, &found)) {
                // The view stays where it meets a kind: the body was written for it.
                let mut surplus = found;
                if let (Some(other), true) = (all.get_mut(index), surplus.view.is_some()) {
                    std::mem::swap(other, &mut surplus);
                }
                if let Some(kept) = all.get(index) {
                    let removal = removal(targets, surplus.span);
                    let diagnostic = self.overlapping(kept, &surplus, Some(removal));
                    self.report(diagnostic);
                }
                continue;
            }
            all.push(found);
        }
        let views: Vec<String> = all.iter().filter_map(|found| found.view.clone()).collect();
        if !views.is_empty() && all.len() > 1 {
            failed = true;
            self.mixed(&all);
        }
        for found in &all {
            self.note_since(found.since);
        }
        let object = common(all.iter().map(|found| &found.object), failed);
        let part = common(all.iter().map(|found| &found.part), failed);
        // Where a target is not understood, `pod` may be what it would have bound.
        let part_name = match views.into_iter().next() {
            Some(name) => name,
            None if failed => POD.to_owned(),
            None => "object".to_owned(),
        };
        let computed = all
            .iter()
            .flat_map(|found| found.computed.clone())
            .collect();
        let targets = all
            .iter()
            .filter_map(|found| found.target.clone())
            .collect();
        before.append(&mut all);
        Resolved {
            targets,
            object,
            part,
            part_name,
            computed,
        }
    }

    fn mixed(&mut self, all: &[Found]) {
        let is_view = |found: &&Found| found.view.is_some();
        let Some(view) = all.iter().find(is_view) else {
            return;
        };
        let diagnostic = match all.iter().find(|found| !is_view(found)) {
            Some(kind) => Diagnostic::error(
                "mixed-targets",
                "a policy is on views or on kinds, not on both",
                kind.span,
                "a kind",
            )
            .with_label(view.span, "a view"),
            None => {
                let other = all.iter().rev().find(is_view).unwrap_or(view);
                Diagnostic::error(
                    "mixed-targets",
                    "the parts of two views have two names",
                    other.span,
                    "another view",
                )
                .with_label(view.span, "a view")
            }
        };
        self.report(diagnostic.with_help("write a policy for each"));
    }

    fn overlapping(&self, kept: &Found, surplus: &Found, removal: Option<Span>) -> Diagnostic {
        let (a, b) = (
            self.quote(kept.span, "the first"),
            self.quote(surplus.span, "the second"),
        );
        let message = if a == b {
            format!("{b} is named twice")
        } else {
            format!("{a} and {b} have objects in common")
        };
        let diagnostic =
            Diagnostic::error("targets-overlap", message, surplus.span, "already covered")
                .with_label(kept.span, "covered by this")
                .with_help(format!("remove {b}"));
        match removal {
            Some(removal) => diagnostic.with_edit(removal, ""),
            None => diagnostic,
        }
    }

    pub(super) fn resolve(&mut self, target: &ast::Target) -> Option<Found> {
        let name = target.name.text.as_str();
        if name.is_empty() {
            return None;
        }
        if target.group.is_none() && target.version.is_none() && self.env.views.contains_key(name) {
            return self.view_target(name, target.span);
        }
        if let Some(found) = self.subresource(target) {
            return found;
        }
        if let Some((kind, part)) = self.wide_target(target) {
            // `any` has no name of its own: what is judged is `object`.
            let view = (!kind.is_any()).then(|| name.to_owned());
            return Some(Found {
                target: Some(Target::Kind(kind.clone())),
                view,
                computed: Vec::new(),
                kinds: vec![kind],
                object: part.clone(),
                part,
                since: None,
                span: target.span,
            });
        }
        let (kind, object, since) = self.kind_with_since(target)?;
        Some(Found {
            target: Some(Target::Kind(kind.clone())),
            view: None,
            computed: Vec::new(),
            kinds: vec![kind],
            part: object.clone(),
            object,
            since,
            span: target.span,
        })
    }

    fn view_target(&mut self, name: &str, span: Span) -> Option<Found> {
        let info = self.view(name, span)?;
        let has_table = !info.table.is_empty();
        let target = has_table.then(|| Target::View(self.env.view_id(name)));
        Some(Found {
            target,
            view: Some(name.to_owned()),
            computed: info.computed.clone(),
            kinds: info.table.iter().map(|(arm, _)| arm.kind.clone()).collect(),
            object: info.object.clone(),
            part: info.part.clone(),
            since: None,
            span,
        })
    }

    /// `Pod/exec`: a kind and one of its subresources.
    #[expect(clippy::option_option, reason = "the outer one says whether it is one")]
    fn subresource(&mut self, target: &ast::Target) -> Option<Option<Found>> {
        let name = target.name.text.as_str();
        let (group, owner) = match (&target.group, &target.version) {
            (Some(owner), None) => (None, owner),
            (Some(group), Some(owner)) => (Some(group.clone()), owner),
            (None, _) => return None,
        };
        let is_kind = owner.text.starts_with(|c: char| c.is_ascii_uppercase());
        if !is_kind || !name.starts_with(|c: char| c.is_ascii_lowercase()) {
            return None;
        }
        let owner = ast::Target {
            group,
            version: None,
            name: owner.clone(),
            span: target.span,
        };
        let found = self.kind_with_since(&owner).map(|(kind, object, since)| {
            let object = subresource_type(name, object);
            Found {
                target: Some(Target::Subresource(kind, name.to_owned())),
                view: None,
                computed: Vec::new(),
                kinds: Vec::new(),
                part: object.clone(),
                object,
                since,
                span: target.span,
            }
        });
        Some(found)
    }

    /// The kind that a target names, and the type of its objects.
    pub(super) fn kind_of(&mut self, target: &ast::Target) -> Option<(KindRef, BaseType)> {
        self.kind_with_since(target)
            .map(|(kind, object, _)| (kind, object))
    }

    /// The type of the objects of a kind.
    pub(super) fn kind_type(&mut self, target: &ast::Target) -> Option<BaseType> {
        self.kind_with_since(target).map(|(_, object, _)| object)
    }

    fn kind_with_since(
        &mut self,
        target: &ast::Target,
    ) -> Option<(KindRef, BaseType, Option<MinorVersion>)> {
        let name = target.name.text.as_str();
        let (group, version) = group_and_version(target);
        if let Some((kind, object)) = self.declared_kind(group, name, target.span) {
            return object.map(|object| (kind, object, None));
        }
        let kind = match group {
            Some(group) => match schema().kind(group, name) {
                Some(kind) => kind,
                None => return self.outside_schema(group, target),
            },
            None => self.bare_kind(target)?,
        };
        let object = match version {
            Some(version) => self.version_of(&kind, group.unwrap_or_default(), version, target)?,
            None => root_type(&kind),
        };
        Some((kind_ref(&kind), object, kind_since(&kind)))
    }

    /// A kind without its group: the core group's, or the only one.
    fn bare_kind(&mut self, target: &ast::Target) -> Option<Kind> {
        let name = target.name.text.as_str();
        let kinds: Vec<Kind> = schema().kinds_named(name).collect();
        match kinds.as_slice() {
            [] => {
                let diagnostic = self.unknown_kind(target);
                self.report(diagnostic);
                None
            }
            [only] => Some(*only),
            [first, ..] if first.group.is_empty() => Some(*first),
            [..] => {
                let full: Vec<String> = kinds
                    .iter()
                    .map(|kind| format!("`{}/{name}`", kind.group))
                    .collect();
                let message = format!("`{name}` is a kind of {} groups", kinds.len());
                self.report(
                    Diagnostic::error("ambiguous-kind", message, target.span, "which of them?")
                        .with_help(format!("write {}", full.join(" or "))),
                );
                None
            }
        }
    }

    /// A kind of a group that the schema does not have it in.
    fn outside_schema(
        &mut self,
        group: &str,
        target: &ast::Target,
    ) -> Option<(KindRef, BaseType, Option<MinorVersion>)> {
        let name = target.name.text.as_str();
        let groups: Vec<&str> = known_groups();
        let elsewhere: Vec<Kind> = schema().kinds_named(name).collect();
        let is_custom = group.contains('.')
            && !groups.contains(&group)
            && !groups.iter().any(|known| is_misspelt(group, known));
        if is_custom {
            let message = format!("the fields of `{group}/{name}` are not known");
            self.report(
                Diagnostic::warning("untyped-kind", message, target.span, "no schema")
                    .with_note("Its fields are read untyped, so a misspelt one is not noticed."),
            );
            let kind = KindRef {
                groups: vec![group.to_owned()],
                kind: name.to_owned(),
            };
            return Some((kind, BaseType::Any, None));
        }
        let shown = if group.is_empty() { "core" } else { group };
        let message = format!("group `{shown}` has no kind `{name}`");
        let diagnostic = Diagnostic::error("unknown-kind", message, target.span, "unknown kind");
        let in_group: Vec<&str> = schema()
            .kinds()
            .filter(|kind| kind.group == group)
            .map(|kind| kind.name)
            .collect();
        let fixed = match elsewhere.first() {
            Some(kind) => Some(full_name(kind.group, kind.name)),
            None => match near(name, in_group) {
                Some(near) => Some(full_name(group, near)),
                None => near(group, groups)
                    .filter(|near| schema().kind(near, name).is_some())
                    .map(|near| full_name(near, name)),
            },
        };
        self.report(match fixed {
            Some(fixed) => diagnostic
                .with_help(format!("write `{fixed}`"))
                .with_edit(target.span, fixed),
            None => {
                diagnostic.with_help("write the kind as in a manifest's `apiVersion` and `kind`")
            }
        });
        None
    }

    /// The type of a kind in one version.
    fn version_of(
        &mut self,
        kind: &Kind,
        group: &str,
        version: &str,
        target: &ast::Target,
    ) -> Option<BaseType> {
        let span = target
            .version
            .as_ref()
            .or(target.group.as_ref())
            .map_or(target.span, |name| name.span);
        let Some(served) = kind.served(group, version) else {
            let versions: Vec<&str> = kind
                .versions()
                .filter(|served| served.group == group)
                .map(|served| served.version)
                .collect();
            let message = format!("`{}` has no version `{version}`", kind.name);
            let diagnostic = Diagnostic::error("unknown-kind", message, span, "unknown version");
            self.report(match versions.first() {
                Some(best) => diagnostic
                    .with_help(format!("write `{best}`"))
                    .with_edit(span, *best),
                None => diagnostic,
            });
            return None;
        };
        let root = served.root.unwrap_or(kind.root);
        let ty = BaseType::Record(vec![record_ref(root)]);
        if kind.versions().count() == 1 {
            return Some(ty);
        }
        let message = format!(
            "all versions of `{}` are judged, not only `{version}`",
            kind.name
        );
        self.report(
            Diagnostic::warning("version-not-kept", message, span, "has no effect yet")
                .with_help("leave the version out")
                .with_edit(target.span, full_name(kind.group, kind.name)),
        );
        Some(ty)
    }
}

/// Group and version of a target; `v1/Pod` is of the core group, and so is `core/Pod`.
pub(super) fn group_and_version(target: &ast::Target) -> (Option<&str>, Option<&str>) {
    let group = target.group.as_ref().map(|name| name.text.as_str());
    let version = target.version.as_ref().map(|name| name.text.as_str());
    match (group, version) {
        (Some(group), None) if is_version(group) => (Some(""), Some(group)),
        (Some("core"), version) => (Some(""), version),
        other => other,
    }
}

fn is_version(text: &str) -> bool {
    let rest = text.strip_prefix('v').unwrap_or_default();
    rest.starts_with(|c: char| c.is_ascii_digit())
}

/// Whether a group may be meant for another: as many words between dots, each of them the same or nearly.
fn is_misspelt(group: &str, known: &str) -> bool {
    let (words, others) = (group.split('.'), known.split('.'));
    words.clone().count() == others.clone().count()
        && (words.zip(others)).all(|(word, other)| word == other || near(word, [other]).is_some())
}

fn full_name(group: &str, kind: &str) -> String {
    if group.is_empty() {
        kind.to_owned()
    } else {
        format!("{group}/{kind}")
    }
}

fn known_groups() -> Vec<&'static str> {
    let mut groups: Vec<&str> = schema().kinds().map(|kind| kind.group).collect();
    groups.sort_unstable();
    groups.dedup();
    groups
}

impl Ctx<'_> {
    fn unknown_kind(&self, target: &ast::Target) -> Diagnostic {
        let name = target.name.text.as_str();
        let message = format!("there is no kind or view `{name}`");
        let diagnostic = Diagnostic::error("unknown-kind", message, target.span, "unknown kind");
        // `pods` is `pod`, `deployments` is `Deployment`.
        let by_plural = schema()
            .kinds()
            .find(|kind| kind.plural.eq_ignore_ascii_case(name));
        let meant = match by_plural {
            Some(kind) if kind.name == "Pod" => Some(POD),
            Some(kind) => Some(kind.name),
            None => {
                let declared = self.env.views.keys().chain(self.env.kinds.keys()).copied();
                let kinds = schema().kinds().map(|kind| kind.name);
                near(name, kinds.chain(declared).chain(WIDE))
            }
        };
        match meant {
            Some(meant) => diagnostic
                .with_help(format!("write `{meant}`"))
                .with_edit(target.span, meant),
            None => {
                diagnostic.with_help("write a custom kind with its group: `argoproj.io/Rollout`")
            }
        }
    }
}

/// What is taken away with the target at `span`: it and the comma that it does not need any more.
fn removal(targets: &[ast::Target], span: Span) -> Span {
    let before = targets
        .iter()
        .rev()
        .find(|target| target.span.end <= span.start);
    let after = targets.iter().find(|target| target.span.start >= span.end);
    match (before, after) {
        (Some(before), _) => Span {
            start: before.span.end,
            ..span
        },
        (None, Some(after)) => Span {
            end: after.span.start,
            ..span
        },
        (None, None) => span,
    }
}

fn overlap(a: &Found, b: &Found) -> bool {
    if a.view.is_some() && a.view == b.view {
        return true;
    }
    if let (Some(a @ Target::Subresource(..)), Some(b)) = (&a.target, &b.target) {
        return a == b;
    }
    let is_same = |a: &KindRef, b: &KindRef| {
        let is_any = |one: &KindRef, other: &KindRef| one.is_any() && other.is_of_api();
        let share = || a.groups.iter().any(|group| b.groups.contains(group));
        a == b || is_any(a, b) || is_any(b, a) || a.kind == b.kind && share()
    };
    a.kinds
        .iter()
        .any(|a| b.kinds.iter().any(|b| is_same(a, b)))
}

/// The type of what is of one of `types`.
pub(super) fn common<'t>(types: impl Iterator<Item = &'t BaseType>, failed: bool) -> BaseType {
    if failed {
        return BaseType::Error;
    }
    let mut all = BaseType::Error;
    for base in types {
        all = union(all, base.clone()).unwrap_or(BaseType::Any);
    }
    all
}

/// What the request for a subresource carries.
fn subresource_type(name: &str, owner: BaseType) -> BaseType {
    let record = match name {
        "exec" => "PodExecOptions",
        "attach" => "PodAttachOptions",
        "portforward" => "PodPortForwardOptions",
        "proxy" => "PodProxyOptions",
        "log" => "PodLogOptions",
        "scale" => "Scale",
        "eviction" => "Eviction",
        "binding" => "Binding",
        "token" => "TokenRequest",
        // The object itself.
        "status" | "ephemeralcontainers" | "resize" | "finalize" | "approval" => return owner,
        _ => return BaseType::Any,
    };
    let found = schema().records_named(record).next();
    found.map_or(BaseType::Any, |found| {
        BaseType::Record(vec![record_ref(found.id)])
    })
}
