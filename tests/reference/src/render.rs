//! Verdicts as one line of text.

use std::fmt::Write as _;

use palisade_abi::place::{Place, Step};
use palisade_abi::tape::{Kind, NodeId, Tape};

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
    for step in &place.missing {
        let _ = match step {
            Step::Key(key) => write!(text, "+{key}"),
            Step::Index(index) => write!(text, "+{index}"),
            Step::Element { key, value } => write!(text, "+{key}={value}"),
        };
    }
    if text.is_empty() {
        text.push('/');
    }
    text
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
