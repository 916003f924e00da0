//! Verdicts as one line of text.

use std::fmt::Write as _;

use palisade_abi::place::{Inner, Place, Step};
use palisade_abi::tape::{Kind, NodeId, Tape};

use crate::document::Document;
use crate::verdict::{Reason, Status, Verdict};

/// A place as a path: `/a/0/b`, and after a `+` what is missing there.
#[must_use]
pub fn place(tape: &Tape, place: &Place) -> String {
    let mut text = String::new();
    let mut at = NodeId::ROOT;
    while at != place.node {
        let found = tape
            .children(at)
            .zip(0..)
            .find(|(child, _)| *child <= place.node && place.node < tape.after(*child));
        let Some((child, index)) = found else {
            return format!("node {}", place.node.0);
        };
        // Writing to a string cannot fail.
        let _ = match tape.kind(at) {
            Kind::List => write!(text, "/{index}"),
            _ => write!(text, "/{}", tape.key(child).unwrap_or_default()),
        };
        at = child;
    }
    let mut inner = place.inner.as_ref();
    while let Some(Inner::Document(within)) = inner {
        let _ = write!(
            text,
            " {:?} -> {}",
            within.format,
            steps_in_words(&within.path)
        );
        inner = within.inner.as_ref();
    }
    for step in &place.missing {
        let _ = match step {
            Step::Key(key) => write!(text, "+{key}"),
            Step::Index(index) => write!(text, "+{index}"),
            Step::Element { key, value } => write!(text, "+{key}={value}"),
            Step::Document { .. } => write!(text, "+->"),
        };
    }
    if text.is_empty() {
        text.push('/');
    }
    text
}

/// A place as reports write it: `spec.a[0]["b.c"]`, and inside of a text `data.x -> a[0]`.
pub(crate) fn path(tape: &Tape, place: &Place) -> String {
    let mut steps = Vec::new();
    let mut at = NodeId::ROOT;
    while at != place.node {
        let mut children = tape.children(at).zip(0..);
        let found =
            children.find(|(child, _)| *child <= place.node && place.node < tape.after(*child));
        let Some((child, index)) = found else { break };
        steps.push(match tape.kind(at) {
            Kind::List => Step::Index(index),
            _ => Step::Key(tape.key(child).unwrap_or_default().to_owned()),
        });
        at = child;
    }
    let mut text = steps_in_words(&steps);
    let mut inner = place.inner.as_ref();
    while let Some(Inner::Document(within)) = inner {
        let _ = write!(text, " -> {}", steps_in_words(&within.path));
        inner = within.inner.as_ref();
    }
    text
}

fn steps_in_words(steps: &[Step]) -> String {
    let mut text = String::new();
    if !matches!(steps.first(), Some(Step::Key(_))) {
        text.push('$');
    }
    for (nth, step) in steps.iter().enumerate() {
        let _ = match step {
            Step::Index(index) => write!(text, "[{index}]"),
            Step::Key(key) if is_name(key, nth == 0) => {
                write!(text, "{}{key}", if nth == 0 { "" } else { "." })
            }
            Step::Key(key) => write!(text, "[{}]", Document::String(key.clone())),
            Step::Element { key, value } => write!(text, "[{key}={value}]"),
            Step::Document { .. } => write!(text, " -> "),
        };
    }
    text
}

/// What is written without quotes; the first name may have dashes.
fn is_name(key: &str, is_first: bool) -> bool {
    let is_start = |letter: char| letter.is_ascii_alphabetic() || letter == '_' || letter == '$';
    let is_more = |letter: char| letter.is_ascii_digit() || letter == '-' && is_first;
    key.starts_with(is_start)
        && key
            .chars()
            .all(|letter| is_start(letter) || is_more(letter))
}

/// A verdict as `policy.check severity at PLACE (RELATED …): message`.
#[must_use]
pub fn verdict(tape: &Tape, verdict: &Verdict) -> String {
    let mut text = format!(
        "{}.{} {:?} at {}",
        verdict.policy,
        verdict.check,
        verdict.severity,
        place(tape, &verdict.place)
    );
    if !verdict.related.is_empty() {
        let related: Vec<String> = verdict.related.iter().map(|r| place(tape, r)).collect();
        let _ = write!(text, " ({})", related.join(" "));
    }
    for (object, place) in &verdict.elsewhere {
        let _ = write!(text, " (object {object}: {place:?})");
    }
    let _ = match verdict.status {
        Status::Finding => write!(text, ": {}", verdict.message),
        Status::NotApplicable => write!(text, ": not applicable"),
        Status::Unknown(reason) => write!(text, ": unknown ({})", reason_in_words(reason)),
    };
    for change in &verdict.fix {
        let _ = write!(
            text,
            " [{}{:?} {}",
            if change.is_safe { "" } else { "unsafe " },
            change.kind,
            place(tape, &change.place)
        );
        let _ = match &change.value {
            Some(value) => write!(text, " {value}]"),
            None => write!(text, "]"),
        };
    }
    text
}

fn reason_in_words(reason: Reason) -> &'static str {
    match reason {
        Reason::Shape => "shape",
        Reason::Missing => "missing",
        Reason::Template => "template",
        Reason::Inventory => "inventory",
        Reason::Budget => "budget",
        Reason::Value => "value",
    }
}
