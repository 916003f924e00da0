//! Changes of lists and maps in brackets, JSON among them.

use palisade_abi::tape::{Kind, NodeId};

use super::Refusal;
use super::change::Change;
use super::site::{Site, Trail};
use super::value::Value;

type Changes = Vec<Change>;

/// What comes into a list or map.
#[derive(Debug, Clone, Copy)]
pub(super) enum New<'a> {
    Members(&'a [(String, Value)]),
    Elements(&'a [Value]),
}

/// Writes `new` instead of the value at the end of `trail`.
pub(super) fn replace(
    site: &Site<'_>,
    trail: &Trail,
    new: &Value,
    changes: &mut Changes,
) -> Result<(), Refusal> {
    let lines = site.lines;
    let node = trail.node();
    let (start, end) = site.span(node);
    let text = site.brackets(trail, true).write(new, site.written(node));
    if start < end {
        changes.push(Change::replace(start, end, text));
        return Ok(());
    }
    let Some((_, key)) = site.key(node) else {
        return Err(Refusal::new("an element without a value is not replaced"));
    };
    let colon = lines.skip_blank(key);
    changes.push(if lines.byte(colon) == Some(b':') {
        let head = lines.skip_properties(colon + 1);
        match lines.byte(head) {
            Some(b' ') => Change::insert(head + 1, text),
            _ => Change::insert(head, format!(" {text}")),
        }
    } else {
        Change::insert(key, format!(": {text}"))
    });
    Ok(())
}

/// The brackets of a list or map and what is in them.
struct Inside {
    open: usize,
    close: usize,
}

impl Inside {
    fn of(site: &Site<'_>, node: NodeId) -> Result<Self, Refusal> {
        let (start, end) = site.span(node);
        if !site.has_brackets(node) || end < start + 2 {
            // `[a: 1]` holds a map without brackets of its own.
            return Err(Refusal::new("the map around it has no brackets"));
        }
        Ok(Self {
            open: start,
            close: end - 1,
        })
    }
}

/// The end of a member or element, its key at least.
fn part_end(site: &Site<'_>, node: NodeId) -> usize {
    let (_, end) = site.span(node);
    let key = site.key(node).map_or(0, |(_, end)| end);
    end.max(key)
}

/// The start of a member or element.
fn part_start(site: &Site<'_>, node: NodeId) -> usize {
    site.key(node).unwrap_or(site.span(node)).0
}

/// Writes what is new behind what is there.
pub(super) fn insert(
    site: &Site<'_>,
    trail: &Trail,
    new: New<'_>,
    changes: &mut Changes,
) -> Result<(), Refusal> {
    let lines = site.lines;
    let node = trail.node();
    let Inside { open, close } = Inside::of(site, node)?;
    let Some(last) = site
        .children(node)
        .max_by_key(|&child| part_end(site, child))
    else {
        return insert_first(site, trail, new, changes);
    };
    let start = part_start(site, last);
    let end = part_end(site, last);
    let has_lines = lines.begins_line(start) && lines.start(open) < lines.start(start);
    let brackets = site.brackets(trail, has_lines);
    let mut inner = brackets.clone();
    if let Some(inner) = &mut inner.lines {
        lines.indent(start).clone_into(&mut inner.indent);
    }
    let parts: Vec<String> = match new {
        New::Members(members) => members
            .iter()
            .map(|(key, value)| inner.member(key, value))
            .collect(),
        New::Elements(elements) => elements
            .iter()
            .map(|value| inner.write(value, ""))
            .collect(),
    };
    let comma = lines.skip_comments(end);
    let has_comma = lines.byte(comma) == Some(b',') && comma < close;
    let between = if has_lines {
        format!(",{}{}", lines.line_break(start), lines.indent(start))
    } else {
        brackets.comma.to_owned()
    };
    let text = parts.join(&between);
    let (_, lead) = between.split_at(1);
    if has_lines {
        if !has_comma {
            changes.push(Change::insert(end, ","));
        }
        let from = if has_comma { comma + 1 } else { end };
        if !lines.is_rest_comment(from) {
            return Err(Refusal::new("something else stands on its line"));
        }
        let after = if has_comma { "," } else { "" };
        changes.push(Change::insert(
            lines.end(from),
            format!("{lead}{text}{after}"),
        ));
    } else if has_comma {
        changes.push(Change::insert(comma + 1, format!("{lead}{text},")));
    } else {
        changes.push(Change::insert(end, format!("{between}{text}")));
    }
    Ok(())
}

/// Fills an empty list or map.
fn insert_first(
    site: &Site<'_>,
    trail: &Trail,
    new: New<'_>,
    changes: &mut Changes,
) -> Result<(), Refusal> {
    let lines = site.lines;
    let Inside { open, close } = Inside::of(site, trail.node())?;
    let value = match new {
        New::Members(members) => Value::Map(members.to_vec()),
        New::Elements(elements) => Value::List(elements.to_vec()),
    };
    let inside = lines.slice(open + 1, close);
    let has_blank = !inside.is_empty() && super::lines::is_blank(inside);
    let has_comment = !inside.trim().is_empty();
    let text = site
        .brackets(trail, !has_blank && !has_comment)
        .write(&value, "");
    if has_blank || has_comment {
        let text = text
            .get(1..text.len().saturating_sub(1))
            .unwrap_or_default();
        // The blank space that is there stands on both sides afterwards.
        let lead = if has_blank { inside } else { "" };
        changes.push(Change::insert(open + 1, format!("{lead}{text}")));
    } else {
        changes.push(Change::replace(open, close + 1, text));
    }
    Ok(())
}

/// Removes `node` from the list or map at the end of `parent`.
pub(super) fn remove(
    site: &Site<'_>,
    parent: &Trail,
    node: NodeId,
    changes: &mut Changes,
) -> Result<(), Refusal> {
    let lines = site.lines;
    let Inside { open, close } = Inside::of(site, parent.node())?;
    let before = (site.children(parent.node()))
        .filter(|&sibling| part_end(site, sibling) <= part_start(site, node) && sibling != node)
        .last();
    let before_end = before.map_or(open + 1, |before| part_end(site, before));
    let first = lines.skip_comments(before_end);
    let comma = (lines.byte(first) == Some(b',')).then_some(first);
    let start = comma.map_or(first, |comma| lines.skip_comments(comma + 1));
    let end = part_end(site, node);
    let after = lines.skip_comments(end);
    let next_comma = (lines.byte(after) == Some(b',')).then_some(after);
    let next = next_comma.map_or(after, |comma| lines.skip_comments(comma + 1));
    let has_next = next < close;
    if site.kind(parent.node()) == Kind::Map && site.key(node).is_none() {
        return Err(Refusal::new("it has no key"));
    }
    match next_comma {
        Some(next_comma) if has_next => {
            let from = next_comma + 1;
            let is_last_of_line = lines.is_rest_comment(from);
            let to = if lines.begins_line(start) && is_last_of_line {
                lines.skip_space(lines.next(from))
            } else {
                lines.skip_space(from)
            };
            changes.push(Change::delete(start, to));
        }
        _ if before.is_none() => {
            let end = next_comma.map_or(end, |comma| comma + 1);
            let rest = [lines.slice(open + 1, start), lines.slice(end, close)];
            let is_blank = rest.iter().all(|rest| rest.trim().is_empty());
            changes.push(if is_blank {
                Change::delete(open + 1, close)
            } else {
                Change::delete(start, end)
            });
        }
        _ => remove_last(site, before_end, (start, end), comma, next_comma, changes),
    }
    Ok(())
}

/// Removes the last of several, with the comma before it unless one stands behind it.
fn remove_last(
    site: &Site<'_>,
    before_end: usize,
    (start, end): (usize, usize),
    comma: Option<usize>,
    next_comma: Option<usize>,
    changes: &mut Changes,
) {
    let lines = site.lines;
    let is_whole_line = lines.begins_line(start) && lines.is_rest_comment(end);
    let end = if is_whole_line { lines.end(end) } else { end };
    if !lines.slice(before_end, start).contains('#') {
        changes.push(Change::delete(before_end, end));
        return;
    }
    if let Some(comma) = comma.filter(|_| next_comma.is_none()) {
        changes.push(Change::delete(comma, comma + 1));
    }
    let from = if lines.begins_line(start) {
        lines.end_above(start)
    } else {
        start
    };
    let end = next_comma.map_or(end, |comma| comma + 1);
    changes.push(Change::delete(from, end));
}
