//! What policies say about themselves, for a person and as JSON.
//!
//! ```text
//! no-host-network: Pods have a network of their own
//! high · on by default · pack starter
//!
//! On the host's network a pod can listen to the node's traffic, …
//!
//! judges      pod: Pod, PodTemplate, Deployment, …
//! controls    PSS baseline, CIS-K8s 5.2.5
//! example     kind: Pod
//!             spec:
//!               hostNetwork: true
//! ```

use std::io::{self, Write};

use owo_colors::OwoColorize;
use palisade_wasm::docs::{PackDocs, ParamDocs};
use serde_json::{Value, json};

use super::Look;
use super::text::{visible, width, wrap};
use crate::explain::Explained;
use crate::finding::Severity;

/// Columns of the words on the left.
const LABELS: usize = 12;

/// Writes all about one policy.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write_policy(
    out: &mut dyn Write,
    look: &Look,
    explained: &Explained<'_>,
    packs: &[PackDocs],
) -> io::Result<()> {
    let policy = explained.policy;
    let palette = &look.palette;
    write!(out, "{}", visible(&policy.name).style(palette.strong()))?;
    if !policy.title.is_empty() {
        let room = look.width.saturating_sub(width(&policy.name) + 2).max(20);
        write!(
            out,
            ": {}",
            wrap(&visible(&policy.title), room).join("\n    ")
        )?;
    }
    let mut facts = vec![format!("pack {}", visible(explained.pack))];
    facts.insert(
        0,
        if policy.on_by_default {
            "on by default".to_owned()
        } else {
            "off by default".to_owned()
        },
    );
    facts.extend(
        policy
            .category
            .as_deref()
            .map(|text| visible(text).into_owned()),
    );
    writeln!(
        out,
        "\n{} {}",
        visible(&policy.severity).style(severity_style(look, &policy.severity)),
        format!("· {}", facts.join(" · ")).style(palette.faint())
    )?;
    if !policy.doc.is_empty() {
        writeln!(out)?;
        write_markdown(out, look, &policy.doc)?;
    }
    writeln!(out)?;
    let mut page = Page { out, look };
    page.field("judges", &judged(explained, packs))?;
    page.field("profiles", &policy.profiles.join(", "))?;
    page.field("controls", &policy.controls.join(", "))?;
    if let Some(since) = &policy.since {
        page.field("needs", &format!("Kubernetes {since}"))?;
    }
    for (nth, param) in policy.params.iter().enumerate() {
        page.field(
            if nth == 0 { "parameters" } else { "" },
            &describe_param(param),
        )?;
        if !param.doc.is_empty() {
            page.field("", &format!("  {}", param.doc))?;
        }
    }
    for (nth, example) in policy.examples.iter().enumerate() {
        page.verbatim(if nth == 0 { "finds" } else { "" }, example)?;
    }
    for (nth, link) in policy.links.iter().enumerate() {
        page.verbatim(if nth == 0 { "read" } else { "" }, link)?;
    }
    Ok(())
}

/// Writes a line for each policy.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write_list(out: &mut dyn Write, look: &Look, policies: &[Explained<'_>]) -> io::Result<()> {
    let column =
        |text: &dyn Fn(&Explained<'_>) -> usize| policies.iter().map(text).max().unwrap_or(0);
    let names = column(&|explained| width(&visible(&explained.policy.name)));
    let packs = column(&|explained| width(&visible(explained.pack)));
    for explained in policies {
        let policy = explained.policy;
        let name = visible(&policy.name);
        let pack = visible(explained.pack);
        let severity = format!("{:<8}", visible(&policy.severity));
        let space = " ".repeat(names - width(&name));
        let used = names + packs + 8 + 6;
        let state = if policy.on_by_default { "" } else { " (off)" };
        let title = format!("{}{state}", visible(&policy.title));
        let title = wrap(&title, look.width.saturating_sub(used).max(24));
        let indent = format!("\n{}", " ".repeat(used));
        writeln!(
            out,
            "{}{space}  {}  {}  {}",
            name.style(look.palette.strong()),
            severity.style(severity_style(look, &policy.severity)),
            format!("{pack:<packs$}").style(look.palette.faint()),
            title.join(&indent)
        )?;
    }
    Ok(())
}

/// Writes policies as one JSON value.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write_json(out: &mut dyn Write, policies: &[Explained<'_>]) -> io::Result<()> {
    let policies: Vec<Value> = policies.iter().map(to_json).collect();
    serde_json::to_writer_pretty(&mut *out, &json!({"version": 1, "policies": policies}))?;
    writeln!(out)
}

fn to_json(explained: &Explained<'_>) -> Value {
    let policy = explained.policy;
    json!({
        "name": policy.name,
        "pack": explained.pack,
        "title": policy.title,
        "doc": policy.doc,
        "severity": policy.severity,
        "default": policy.on_by_default,
        "on": policy.on,
        "kinds": explained.kinds,
        "category": policy.category,
        "profiles": policy.profiles,
        "controls": policy.controls,
        "links": policy.links,
        "since": policy.since,
        "checks": policy.n_checks,
        "params": policy.params.iter().map(param_to_json).collect::<Vec<_>>(),
        "examples": policy.examples,
    })
}

pub(super) fn param_to_json(param: &ParamDocs) -> Value {
    json!({"name": param.name, "type": param.ty, "default": param.default, "doc": param.doc})
}

/// `max: quantity = 4Gi`; without a default that one must be given.
pub(super) fn describe_param(param: &ParamDocs) -> String {
    let (name, ty) = (&param.name, &param.ty);
    match &param.default {
        Some(default) => format!("{name}: {ty} = {default}"),
        None => format!("{name}: {ty}, must be given"),
    }
}

/// The word of a severity as it is colored everywhere.
pub(super) fn severity_style(look: &Look, word: &str) -> owo_colors::Style {
    let known = Severity::ALL
        .into_iter()
        .find(|severity| severity.as_str() == word);
    known.map_or_else(owo_colors::Style::new, |severity| {
        look.palette.severity(severity)
    })
}

/// `pod: Pod, Deployment` for a view, the kind itself for a kind.
fn judged(explained: &Explained<'_>, packs: &[PackDocs]) -> String {
    let views = (packs.iter())
        .find(|docs| docs.pack == explained.pack)
        .map_or(&[][..], |docs| &docs.views);
    let targets = explained.policy.on.iter().map(|target| {
        match views.iter().find(|view| view.name == *target) {
            Some(view) => format!("{target}: {}", bare_kinds(&view.kinds)),
            None => bare_kind(target).to_owned(),
        }
    });
    targets.collect::<Vec<_>>().join(", ")
}

fn bare_kinds(kinds: &[String]) -> String {
    let kinds: Vec<&str> = kinds.iter().map(|kind| bare_kind(kind)).collect();
    kinds.join(", ")
}

/// The kind without its group, which people know.
pub(super) fn bare_kind(kind: &str) -> &str {
    kind.rsplit_once('/').map_or(kind, |(_, kind)| kind)
}

/// Words on the left, text on the right.
struct Page<'a> {
    out: &'a mut dyn Write,
    look: &'a Look,
}

impl Page<'_> {
    fn field(&mut self, label: &str, text: &str) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        let room = self.look.width.saturating_sub(LABELS).max(20);
        let indent = text.len() - text.trim_start().len();
        let lines = wrap(&visible(text.trim_start()), room - indent);
        let lines: Vec<String> = (lines.iter())
            .map(|line| format!("{}{line}", " ".repeat(indent)))
            .collect();
        self.lines(label, lines.iter().map(String::as_str))
    }

    fn verbatim(&mut self, label: &str, text: &str) -> io::Result<()> {
        let lines: Vec<_> = text.lines().map(visible).collect();
        self.lines(label, lines.iter().map(AsRef::as_ref))
    }

    fn lines<'b>(&mut self, label: &str, lines: impl Iterator<Item = &'b str>) -> io::Result<()> {
        for (nth, line) in lines.enumerate() {
            let label = if nth == 0 { label } else { "" };
            let label = format!("{label:<LABELS$}");
            writeln!(self.out, "{}{line}", label.style(self.look.palette.faint()))?;
        }
        Ok(())
    }
}

/// Writes Markdown as text: paragraphs and items of lists wrapped, code as it stands.
fn write_markdown(out: &mut dyn Write, look: &Look, text: &str) -> io::Result<()> {
    let mut paragraph = String::new();
    let mut is_code = false;
    for line in text.lines() {
        let content = line.trim();
        let is_fence = content.starts_with("```");
        let is_item = content.starts_with("- ") || content.starts_with("* ");
        if is_fence || is_code || content.is_empty() || is_item {
            flush(out, look, &mut paragraph)?;
        }
        if is_fence {
            is_code = !is_code;
        } else if is_code {
            writeln!(out, "    {}", visible(line))?;
        } else if content.is_empty() {
            writeln!(out)?;
        } else {
            if !paragraph.is_empty() {
                paragraph.push(' ');
            }
            paragraph.push_str(content);
        }
    }
    flush(out, look, &mut paragraph)
}

fn flush(out: &mut dyn Write, look: &Look, paragraph: &mut String) -> io::Result<()> {
    if paragraph.is_empty() {
        return Ok(());
    }
    let indent = if paragraph.starts_with("- ") || paragraph.starts_with("* ") {
        "\n  "
    } else {
        "\n"
    };
    let lines = wrap(&visible(paragraph), look.width.min(88) - 2);
    writeln!(out, "{}", lines.join(indent))?;
    paragraph.clear();
    Ok(())
}
