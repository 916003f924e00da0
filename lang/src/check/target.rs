//! What a policy is on: kinds, and the view `pod`.

use super::context::Ctx;
use super::kinds::{kind_ref, kind_since, record_ref, root_type, schema, union};
use super::words::near;
use crate::diagnostic::Diagnostic;
use crate::program::{Arm, BaseType, KindRef, MinorVersion, Target, View, ViewId};
use crate::schema::Kind;
use crate::span::Span;
use crate::syntax::ast;

/// The name of the only view.
const POD: &str = "pod";

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

/// The views that a pack's policies use.
#[derive(Debug, Default)]
pub(super) struct Views {
    pod: Option<Pod>,
}

/// The view `pod`, looked up once for all policies.
#[derive(Debug)]
struct Pod {
    view: View,
    object: BaseType,
    part: BaseType,
}

impl Views {
    pub(super) fn into_views(self) -> Vec<View> {
        self.pod.map(|pod| pod.view).into_iter().collect()
    }

    fn pod(&mut self) -> &Pod {
        self.pod.get_or_insert_with(Pod::look_up)
    }
}

impl Pod {
    /// Its number among the views of a program.
    const ID: ViewId = ViewId(0);

    fn look_up() -> Self {
        let mut arms = Vec::new();
        let mut roots = Vec::new();
        for (group, name, path) in POD_ARMS {
            let Some(kind) = schema().kind(group, name) else {
                continue;
            };
            let path = path.iter().map(|key| (*key).to_owned()).collect();
            arms.push(Arm {
                kind: kind_ref(&kind),
                path,
            });
            roots.push(root_type(&kind));
        }
        let template = schema().records_named("PodTemplateSpec").next();
        let part = template.map_or(BaseType::Error, |template| {
            BaseType::Record(vec![record_ref(template.id)])
        });
        Self {
            view: View {
                name: POD.to_owned(),
                arms,
            },
            object: common(roots.iter(), false),
            part,
        }
    }
}

/// What the targets of a policy are.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) targets: Vec<Target>,
    pub(super) object: BaseType,
    pub(super) part: BaseType,
    /// What the part is called.
    pub(super) part_name: &'static str,
}

/// One target with what it stands for.
#[derive(Debug)]
struct Found {
    target: Target,
    /// Its kinds.
    kinds: Vec<KindRef>,
    object: BaseType,
    part: BaseType,
    since: Option<MinorVersion>,
    span: Span,
}

impl Ctx<'_> {
    pub(super) fn resolve_targets(
        &mut self,
        targets: &[ast::Target],
        views: &mut Views,
    ) -> Resolved {
        let mut all: Vec<Found> = Vec::new();
        let mut failed = targets.is_empty();
        for target in targets {
            let Some(found) = self.resolve(target, views) else {
                failed = true;
                continue;
            };
            if let Some(index) = all.iter().position(|other| overlap(other, &found)) {
                // The view stays where it meets a kind: the body was written for it.
                let mut surplus = found;
                if let (Some(other), Target::View(_)) = (all.get_mut(index), &surplus.target) {
                    std::mem::swap(other, &mut surplus);
                }
                if let Some(kept) = all.get(index) {
                    let removal = removal(targets, surplus.span);
                    let diagnostic = self.overlapping(kept, &surplus, removal);
                    self.report(diagnostic);
                }
                continue;
            }
            all.push(found);
        }
        let n_views = all
            .iter()
            .filter(|found| matches!(found.target, Target::View(_)))
            .count();
        if n_views > 0 && all.len() > n_views {
            failed = true;
            self.mixed(&all);
        }
        for found in &all {
            self.note_since(found.since);
        }
        let object = common(all.iter().map(|found| &found.object), failed);
        let part = common(all.iter().map(|found| &found.part), failed);
        // Where a target is not understood, `pod` may be what it would have bound.
        let part_name = if n_views > 0 || failed { POD } else { "object" };
        let targets = all.into_iter().map(|found| found.target).collect();
        Resolved {
            targets,
            object,
            part,
            part_name,
        }
    }

    fn mixed(&mut self, all: &[Found]) {
        let is_view = |found: &&Found| matches!(found.target, Target::View(_));
        let (Some(view), Some(kind)) = (
            all.iter().find(is_view),
            all.iter().find(|found| !is_view(found)),
        ) else {
            return;
        };
        self.report(
            Diagnostic::error(
                "mixed-targets",
                "a policy is on views or on kinds, not on both",
                kind.span,
                "a kind",
            )
            .with_label(view.span, "a view")
            .with_help("write a policy for each"),
        );
    }

    fn overlapping(&self, kept: &Found, surplus: &Found, removal: Span) -> Diagnostic {
        let (a, b) = (
            self.quote(kept.span, "the first"),
            self.quote(surplus.span, "the second"),
        );
        let message = if a == b {
            format!("{b} is named twice")
        } else {
            format!("{a} and {b} have objects in common")
        };
        Diagnostic::error("targets-overlap", message, surplus.span, "already covered")
            .with_label(kept.span, "covered by this")
            .with_help(format!("remove {b}"))
            .with_edit(removal, "")
    }

    fn resolve(&mut self, target: &ast::Target, views: &mut Views) -> Option<Found> {
        let name = target.name.text.as_str();
        if name.is_empty() {
            return None;
        }
        if target.group.is_none() && target.version.is_none() && name == POD {
            let pod = views.pod();
            return Some(Found {
                target: Target::View(Pod::ID),
                kinds: pod.view.arms.iter().map(|arm| arm.kind.clone()).collect(),
                object: pod.object.clone(),
                part: pod.part.clone(),
                since: None,
                span: target.span,
            });
        }
        let (group, version) = group_and_version(target);
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
        Some(Found {
            target: Target::Kind(kind_ref(&kind)),
            kinds: vec![kind_ref(&kind)],
            part: object.clone(),
            object,
            since: kind_since(&kind),
            span: target.span,
        })
    }

    /// A kind without its group: the core group's, or the only one.
    fn bare_kind(&mut self, target: &ast::Target) -> Option<Kind> {
        let name = target.name.text.as_str();
        let kinds: Vec<Kind> = schema().kinds_named(name).collect();
        match kinds.as_slice() {
            [] => {
                let diagnostic = unknown_kind(target);
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
    fn outside_schema(&mut self, group: &str, target: &ast::Target) -> Option<Found> {
        let name = target.name.text.as_str();
        let groups: Vec<&str> = known_groups();
        let elsewhere: Vec<Kind> = schema().kinds_named(name).collect();
        let is_custom = group.contains('.')
            && !groups.contains(&group)
            && near(group, groups.iter().copied()).is_none();
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
            return Some(Found {
                target: Target::Kind(kind.clone()),
                kinds: vec![kind],
                object: BaseType::Any,
                part: BaseType::Any,
                since: None,
                span: target.span,
            });
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
fn group_and_version(target: &ast::Target) -> (Option<&str>, Option<&str>) {
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

fn unknown_kind(target: &ast::Target) -> Diagnostic {
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
        None => near(name, schema().kinds().map(|kind| kind.name).chain([POD])),
    };
    match meant {
        Some(meant) => diagnostic
            .with_help(format!("write `{meant}`"))
            .with_edit(target.span, meant),
        None => diagnostic.with_help("write a custom kind with its group: `argoproj.io/Rollout`"),
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
    a.kinds.iter().any(|a| {
        b.kinds
            .iter()
            .any(|b| a.kind == b.kind && a.groups.iter().any(|group| b.groups.contains(group)))
    })
}

/// The type of what is of one of `types`.
fn common<'t>(types: impl Iterator<Item = &'t BaseType>, failed: bool) -> BaseType {
    if failed {
        return BaseType::Error;
    }
    let mut all = BaseType::Error;
    for base in types {
        all = union(all, base.clone()).unwrap_or(BaseType::Any);
    }
    all
}
