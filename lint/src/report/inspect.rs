//! What a module holds, for a person and as JSON.

use std::io::{self, Write};

use owo_colors::OwoColorize;
use palisade_wasm::inspect::Inspection;
use serde_json::{Value, json};

use super::explain::{bare_kind, describe_param, param_to_json, severity_style};
use super::text::{visible, width, wrap};
use super::{Look, count};

/// Columns of the words on the left.
const LABELS: usize = 12;

/// Writes what a module holds. `name` is what it is called.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write(out: &mut dyn Write, look: &Look, name: &str, module: &Inspection) -> io::Result<()> {
    let palette = &look.palette;
    writeln!(
        out,
        "{} · {}, {}",
        visible(name).style(palette.strong()),
        count(module.index.policies.len(), "policy"),
        bytes(module.size)
    )?;
    let mut field = |label: &str, text: String| -> io::Result<()> {
        let label = format!("{label:<LABELS$}");
        let lines = wrap(&text, look.width.saturating_sub(LABELS).max(20));
        let indent = format!("\n{}", " ".repeat(LABELS));
        writeln!(
            out,
            "{}{}",
            label.style(palette.faint()),
            lines.join(&indent)
        )
    };
    field("pack", visible(&module.index.pack).into_owned())?;
    field(
        "target",
        match module.imports.len() {
            0 => "core: no imports".to_owned(),
            n => format!("{}: {}", target_of(module), count(n, "import")),
        },
    )?;
    for import in &module.imports {
        field("", visible(import).into_owned())?;
    }
    field("interface", format!("version {}", module.abi))?;
    field("core", core_text(module))?;
    field(
        "sizes",
        format!(
            "library {}, policies {}, data {}, sections and command {}",
            bytes(module.runtime_size),
            bytes(module.policy_sizes.iter().sum()),
            bytes(module.data_size),
            bytes(module.size.saturating_sub(module.core_size)),
        ),
    )?;
    field("kinds", kinds(module).join(", "))?;
    let profiles = module.docs.profiles();
    if !profiles.is_empty() {
        field("profiles", visible(&profiles.join(", ")).into_owned())?;
    }
    for (nth, param) in module.docs.params.iter().enumerate() {
        let label = if nth == 0 { "parameters" } else { "" };
        field(label, visible(&describe_param(param)).into_owned())?;
    }
    if !module.index.policies.is_empty() {
        writeln!(out)?;
        write_policies(out, look, module)?;
    }
    Ok(())
}

/// Writes the same as one JSON value.
///
/// # Errors
///
/// If `out` cannot be written to.
pub fn write_json(out: &mut dyn Write, name: &str, module: &Inspection) -> io::Result<()> {
    let policies: Vec<Value> = rows(module).map(|row| row.to_json(module)).collect();
    let value = json!({
        "version": 1,
        "module": name,
        "pack": module.index.pack,
        "target": target_of(module),
        "abi": module.abi,
        "size": module.size,
        "core": {
            "size": module.core_size,
            "blake3": module.core_hash.map(|hash| hex(&hash)),
            "intact": module.is_intact,
        },
        "sizes": {
            "library": module.runtime_size,
            "policies": module.policy_sizes.iter().sum::<usize>(),
            "data": module.data_size,
        },
        "imports": module.imports,
        "kinds": kinds(module),
        "profiles": module.docs.profiles(),
        "params": module.docs.params.iter().map(param_to_json).collect::<Vec<_>>(),
        "policies": policies,
    });
    serde_json::to_writer_pretty(&mut *out, &value)?;
    writeln!(out)
}

fn target_of(module: &Inspection) -> &'static str {
    if module.imports.is_empty() {
        "core"
    } else if (module.imports.iter()).all(|import| import.starts_with("wasi_snapshot_preview1.")) {
        "wasi"
    } else {
        "unknown"
    }
}

fn core_text(module: &Inspection) -> String {
    let size = bytes(module.core_size);
    match &module.core_hash {
        None => format!("{size}, without a hash"),
        Some(hash) if module.is_intact => format!("{size}, blake3 {}", hex(hash)),
        Some(hash) => format!(
            "{size}, changed since it was built: its blake3 was {}",
            hex(hash)
        ),
    }
}

/// The kinds of object that hosts are asked for, `apps/Deployment`.
fn kinds(module: &Inspection) -> Vec<String> {
    let routes = module.index.routes.iter();
    routes
        .filter(|route| !route.kind.is_empty())
        .map(|route| match route.groups.first().map(String::as_str) {
            None | Some("") => visible(&route.kind).into_owned(),
            Some(group) => visible(&format!("{group}/{}", route.kind)).into_owned(),
        })
        .collect()
}

fn write_policies(out: &mut dyn Write, look: &Look, module: &Inspection) -> io::Result<()> {
    let cells: Vec<(Row<'_>, [String; 4])> = rows(module)
        .map(|row| {
            let checks = module.index.policies.get(row.number);
            let checks = checks.map_or(0, |policy| policy.n_checks.saturating_sub(1));
            let cells = [
                visible(row.name).into_owned(),
                count(checks as usize, "check"),
                bytes(row.size),
                row.targets(),
            ];
            (row, cells)
        })
        .collect();
    let widest = |nth: usize| {
        let texts = cells.iter().filter_map(|(_, cells)| cells.get(nth));
        texts.map(|text| width(text)).max().unwrap_or(0)
    };
    let [names, checks, sizes] = [widest(0), widest(1), widest(2)];
    for (row, [name, n_checks, size, targets]) in &cells {
        let pad = |text: &str, to: usize| " ".repeat(to.saturating_sub(width(text)));
        let state = if row.on_by_default { "on " } else { "off" };
        writeln!(
            out,
            "{}{}  {}  {state}  {n_checks}{}  {}{size}  {}",
            name.style(look.palette.strong()),
            pad(name, names),
            format!("{:<8}", row.severity).style(severity_style(look, row.severity)),
            pad(n_checks, checks),
            pad(size, sizes),
            targets.style(look.palette.faint()),
        )?;
        for param in row.params {
            writeln!(out, "  {}", visible(&describe_param(param)))?;
        }
    }
    Ok(())
}

/// A policy with what index, code and documentation say about it.
struct Row<'a> {
    number: usize,
    name: &'a str,
    title: &'a str,
    severity: &'static str,
    on_by_default: bool,
    size: usize,
    on: &'a [String],
    params: &'a [palisade_wasm::docs::ParamDocs],
}

impl Row<'_> {
    fn targets(&self) -> String {
        let names: Vec<&str> = self.on.iter().map(|target| bare_kind(target)).collect();
        visible(&names.join(", ")).into_owned()
    }

    fn to_json(&self, module: &Inspection) -> Value {
        let policy = module.index.policies.get(self.number);
        json!({
            "name": self.name,
            "title": self.title,
            "severity": self.severity,
            "default": self.on_by_default,
            "size": self.size,
            "checks": policy.map_or(0, |policy| policy.n_checks.saturating_sub(1)),
            "on": self.on,
            "kinds": module.docs.kinds_of(self.name),
            "controls": policy.map_or(&[][..], |policy| &policy.controls),
            "params": self.params.iter().map(param_to_json).collect::<Vec<_>>(),
        })
    }
}

fn rows(module: &Inspection) -> impl Iterator<Item = Row<'_>> {
    let sizes = module.policy_sizes.iter().copied();
    let policies = module.index.policies.iter().zip(sizes).enumerate();
    policies.map(|(number, (policy, size))| {
        let docs = module.docs.policy(&policy.name);
        Row {
            number,
            name: &policy.name,
            title: &policy.title,
            severity: crate::finding::Severity::from_number(policy.severity).as_str(),
            on_by_default: policy.on_by_default,
            size,
            on: docs.map_or(&[][..], |docs| &docs.on),
            params: docs.map_or(&[][..], |docs| &docs.params),
        }
    })
}

/// `12 345 bytes`: thin groups of three, as sizes are compared.
fn bytes(size: usize) -> String {
    let digits = size.to_string();
    let mut text = String::new();
    for (nth, digit) in digits.chars().enumerate() {
        if nth > 0 && (digits.len() - nth).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    format!("{text} bytes")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_grouped() {
        assert_eq!(bytes(7), "7 bytes");
        assert_eq!(bytes(1234), "1 234 bytes");
        assert_eq!(bytes(1_234_567), "1 234 567 bytes");
    }
}
