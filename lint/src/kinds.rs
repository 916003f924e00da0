//! Kinds that stand under an `apiVersion` that never had them.

use palisade_abi::tape::NodeId;
use palisade_lang::schema::Schema;

use crate::manifest::{Document, Problem, ProblemKind};

/// What is wrong with the kind of an object of a group of Kubernetes: it is in another group, or spelled in other case. No
/// policy would ever look at such an object, and no API server takes it.
///
/// Kinds that no schema knows are custom ones, about which nothing can be said.
pub(crate) fn find_misplaced_kind(document: &Document) -> Option<Problem> {
    let text = |key| document.tape.str_at(NodeId::ROOT, &[key]);
    let (version, kind) = (text("apiVersion")?, text("kind")?);
    let group = version.split_once('/').map_or("", |(group, _)| group);
    let schema = Schema::kubernetes();
    if schema.kind(group, kind).is_some() || !schema.kinds().any(|known| known.group == group) {
        return None;
    }
    let problem = |key, message| {
        let at = document.tape.member(NodeId::ROOT, key)?;
        let span = document.span(at);
        Some(Problem::new(ProblemKind::Object, span, message))
    };
    if let Some(best) = schema
        .kinds_named(kind)
        .find_map(|other| other.versions().next())
    {
        let (group, name) = (best.group, best.version);
        let slash = if group.is_empty() { "" } else { "/" };
        let message =
            format!("`{version}` has no kind `{kind}`, which is in `{group}{slash}{name}`");
        return problem("apiVersion", message);
    }
    let mut kinds = schema.kinds().filter(|known| known.group == group);
    let near = kinds.find(|known| known.name.eq_ignore_ascii_case(kind))?;
    problem(
        "kind",
        format!(
            "`{version}` has no kind `{kind}`; it is called `{}`",
            near.name
        ),
    )
}
