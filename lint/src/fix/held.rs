//! Documents that texts hold: an edit inside one is an edit of its text, which is then written where the text stands.
//!
//! ```text
//!   config.yaml: |            the lines that change are indented as the others are
//!     readOnlyPort: 10255
//!   config.json: "{\"a\":1}"  the text is escaped as it was; a text that was escaped oddly keeps what does not change
//!   key: aGVsbG8=             what base64 stands for is encoded again
//! ```

use palisade_abi::place::{EmbeddedFormat, Step};
use palisade_abi::tape::Value as TapeValue;

use super::change::{Change, change_text};
use super::plan::{Plan, plan, set_value};
use super::scalar::quote;
use super::site::{Site, Trail};
use super::value::Value;
use super::{Edit, Refusal};
use crate::manifest::{self, Document, Format, decode_base64, find_part};

/// How a text is read as a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// As what.
    pub format: EmbeddedFormat,
    /// Whether the text is base64, and what that stands for is meant.
    pub is_decoded: bool,
}

impl Holding {
    /// The text that is read.
    fn decode(self, text: &str) -> Option<String> {
        if !self.is_decoded {
            return Some(text.to_owned());
        }
        let decoded = decode_base64(text)?;
        // A byte that is no UTF-8 would be written as another.
        (!decoded.contains(char::REPLACEMENT_CHARACTER)).then_some(decoded)
    }

    fn encode(self, text: String) -> String {
        if self.is_decoded {
            encode_base64(text.as_bytes())
        } else {
            text
        }
    }

    fn format(self) -> Format {
        match self.format {
            EmbeddedFormat::Json => Format::Json,
            EmbeddedFormat::Yaml => Format::Yaml,
        }
    }

    fn read(self, text: &str) -> Option<Document> {
        manifest::read_one(text, self.format()).ok()?
    }

    /// What the document says that `text` holds; nothing if it holds none.
    pub(super) fn value(self, text: &str) -> Option<Value> {
        let document = self.read(&self.decode(text)?)?;
        Some(Value::of_document(&document))
    }
}

/// The steps to the first text that `path` goes into, how that is read, and the steps in it.
pub(super) fn split(path: &[Step]) -> Option<(&[Step], Holding, &[Step])> {
    let at = path
        .iter()
        .position(|step| matches!(step, Step::Document { .. }))?;
    let (outer, rest) = path.split_at(at);
    let (first, inner) = rest.split_first()?;
    let &Step::Document { format, is_decoded } = first else {
        return None;
    };
    Some((outer, Holding { format, is_decoded }, inner))
}

/// The changes that `edit` asks for, whose path goes into the text at `outer` and there along `inner`.
pub(super) fn plan_within(
    site: &Site<'_>,
    edit: &Edit,
    (outer, holding, inner): (&[Step], Holding, &[Step]),
) -> Result<Plan, Refusal> {
    let (trail, rest) = site.find(outer);
    let tape = &site.document.tape;
    let TapeValue::String(written) = tape.value(trail.node()) else {
        return Err(no_document());
    };
    if !rest.is_empty() {
        return Err(no_document());
    }
    site.check_unshared(&trail)?;
    let text = holding.decode(written).ok_or_else(no_document)?;
    let document = holding.read(&text).ok_or_else(no_document)?;
    let within = Site::new(&text, &document, holding.format());
    let edit = Edit {
        kind: edit.kind.clone(),
        path: inner.to_vec(),
    };
    let changes = plan(&within, &edit)?.changes;
    let mut plan = Plan::default();
    if changes.is_empty() {
        return Ok(plan);
    }
    let after = change_text(&text, &changes);
    let after = after.ok_or_else(|| Refusal::new("its changes overlap"))?;
    if holding.is_decoded {
        let encoded = Value::Text(holding.encode(after));
        set_value(site, &mut plan, &trail, &encoded)?;
    } else {
        write(
            site,
            &mut plan,
            &trail,
            (&text, &after),
            &hull(&text, &changes),
        )?;
    }
    // One edit of a text at a time.
    plan.claims.push(trail.node());
    Ok(plan)
}

pub(super) fn no_document() -> Refusal {
    Refusal::new("the text that it would change holds no document")
}

/// All changes of `text` as one.
fn hull(text: &str, changes: &[Change]) -> Change {
    let start = changes.iter().map(|change| change.span.start).min();
    let end = changes.iter().map(|change| change.span.end).max();
    let (start, end) = (start.unwrap_or(0) as usize, end.unwrap_or(0) as usize);
    let within: Vec<Change> = changes
        .iter()
        .map(|change| {
            let (from, to) = (change.span.start as usize, change.span.end as usize);
            Change::replace(from - start, to - start, change.text.clone())
        })
        .collect();
    let old = text.get(start..end).unwrap_or_default();
    Change::replace(start, end, change_text(old, &within).unwrap_or_default())
}

/// Writes the text at the end of `trail`, of which `change` makes another, both of which are given.
fn write(
    site: &Site<'_>,
    plan: &mut Plan,
    trail: &Trail,
    (old, new): (&str, &str),
    change: &Change,
) -> Result<(), Refusal> {
    let written = site.written(trail.node());
    let is_as_usual = match written.as_bytes().first() {
        Some(b'|') => {
            plan.changes.push(in_lines(site, trail, old, change)?);
            return Ok(());
        }
        Some(b'>') => false,
        Some(b'"') => quote(old) == written,
        Some(b'\'') => format!("'{}'", old.replace('\'', "''")) == written,
        _ => old == written,
    };
    if is_as_usual {
        return set_value(site, plan, trail, &Value::Text(new.to_owned()));
    }
    plan.changes.push(in_part(site, trail, old, change)?);
    Ok(())
}

/// A change of a literal text, by whole lines.
fn in_lines(site: &Site<'_>, trail: &Trail, old: &str, change: &Change) -> Result<Change, Refusal> {
    let lines = site.lines;
    let (start, _) = site.span(trail.node());
    // Where the lines of the text begin in the file, and the file's line behind them.
    let mut starts = vec![lines.next(start)];
    for _ in 0..old.matches('\n').count() + 1 {
        starts.extend(starts.last().map(|&at| lines.next(at)));
    }
    let indents = old.split('\n').zip(&starts);
    let indent = indents
        .filter(|(line, _)| !line.trim_start_matches(' ').is_empty())
        .find_map(|(line, &at)| {
            let written = lines.indent(at);
            let own = line.len() - line.trim_start_matches(' ').len();
            written.get(..written.len().checked_sub(own)?)
        })
        .ok_or_else(odd)?;
    let (from, to) = (change.span.start as usize, change.span.end as usize);
    let number = |at: usize| old.get(..at).map(|before| before.matches('\n').count());
    let (first, last) = number(from).zip(number(to)).ok_or_else(odd)?;
    let begins_line = |at: usize| at == 0 || old.as_bytes().get(at - 1) == Some(&b'\n');
    let line_start = old.get(..from).and_then(|before| before.rfind('\n'));
    let before = old.get(line_start.map_or(0, |at| at + 1)..from);
    let mut text = format!("{}{}", before.unwrap_or_default(), change.text);
    let line_at = |nth: usize| starts.get(nth).copied().ok_or_else(odd);
    let end = if begins_line(to) && (text.is_empty() || text.ends_with('\n')) {
        line_at(last)?
    } else {
        let rest = old.get(to..).unwrap_or_default();
        text.push_str(rest.split('\n').next().unwrap_or_default());
        lines.end(line_at(last)?)
    };
    let indented: Vec<String> = text
        .split('\n')
        .map(|line| match line {
            "" => String::new(),
            line => format!("{indent}{line}"),
        })
        .collect();
    let indented = indented.join(lines.line_break(start));
    Ok(Change::replace(line_at(first)?, end, indented))
}

/// A change of a part of a text that is written in a way of its own.
fn in_part(site: &Site<'_>, trail: &Trail, old: &str, change: &Change) -> Result<Change, Refusal> {
    let written = site.written(trail.node());
    let (mut from, mut to) = (change.span.start as usize, change.span.end as usize);
    let mut text = change.text.clone();
    // Of what is inserted a neighbour tells where.
    if from == to {
        let behind = old.get(to..).and_then(|rest| rest.chars().next());
        let before = old.get(..from).and_then(|rest| rest.chars().next_back());
        if let Some(letter) = behind.filter(|letter| *letter != '\n') {
            text.push(letter);
            to += letter.len_utf8();
        } else {
            let letter = before.ok_or_else(odd)?;
            text.insert(0, letter);
            from -= letter.len_utf8();
        }
    }
    let part = find_part(written, old, from, to).ok_or_else(odd)?;
    let is_plain = !text.contains(|letter: char| letter.is_control());
    let text = match written.as_bytes().first() {
        Some(b'"') => {
            let quoted = quote(&text);
            let inside = quoted.get(1..quoted.len() - 1);
            inside.unwrap_or_default().to_owned()
        }
        Some(b'\'') if is_plain => text.replace('\'', "''"),
        _ if is_plain => text,
        _ => return Err(odd()),
    };
    let (start, _) = site.span(trail.node());
    Ok(Change::replace(
        start + part.start as usize,
        start + part.end as usize,
        text,
    ))
}

fn odd() -> Refusal {
    Refusal::new("the text that it would change is folded or escaped in a way that is not written")
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn encode_base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |nth: usize| u32::from(chunk.get(nth).copied().unwrap_or(0));
        let word = byte(0) << 16 | byte(1) << 8 | byte(2);
        for nth in 0..4 {
            let digit = (word >> (18 - 6 * nth)) & 63;
            let letter = DIGITS.get(digit as usize).filter(|_| nth <= chunk.len());
            out.push(letter.map_or('=', |&letter| char::from(letter)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_what_it_was_decoded_from() {
        for text in ["", "a", "ab", "abc", "abcd", "¿õ?>~"] {
            let encoded = encode_base64(text.as_bytes());
            assert_eq!(decode_base64(&encoded).as_deref(), Some(text), "{encoded}");
        }
        assert_eq!(
            encode_base64(b"any carnal pleas"),
            "YW55IGNhcm5hbCBwbGVhcw=="
        );
    }
}
