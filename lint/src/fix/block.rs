//! Changes of lists and maps that are written by indentation.
//!
//! ```text
//!   securityContext: &a   # why       head: behind the anchor
//!     # note                          comments above a member stay when it goes
//!     privileged: true    # note      a comment beside it goes with it
//!     ▲                               what is new comes below the last line, at the column of the first key
//! ```

use super::Refusal;
use super::change::Change;
use super::scalar::{Around, write_scalar};
use super::site::{Site, Trail};
use super::value::Value;
use super::write::{write_block, write_element, write_member};

type Changes = Vec<Change>;

fn crowded() -> Refusal {
    Refusal::new("something else stands on its line")
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
    let Some(head) = site.head(trail) else {
        return replace_root(site, trail, new, changes);
    };
    let is_inline = start <= lines.end(head);
    let is_block = new.is_filled_collection();
    let is_lines = site.children(node).next().is_some() && !site.has_brackets(node);
    if !is_block && (is_inline || (start < end && !is_lines)) {
        let text = write_scalar(new, Around::Block, site.written(node));
        changes.push(if start == end {
            Change::insert(head, format!(" {text}"))
        } else {
            Change::replace(start, value_end(site, trail), text)
        });
        return Ok(());
    }
    let style = site.style(trail);
    if is_inline && site.is_bare_element(trail) && matches!(new, Value::Map(_)) {
        changes.push(if start == end {
            let column = lines.column(head) + 1;
            Change::insert(head, format!(" {}", write_block(new, column, style)))
        } else {
            let text = write_block(new, lines.column(start), style);
            Change::replace(start, value_end(site, trail), text)
        });
        return Ok(());
    }
    // The lines of the old value, or what of it stands behind the head.
    let old_end = end.max(head);
    if !lines.is_rest_comment(old_end) {
        return Err(crowded());
    }
    let body = if is_block {
        block_below(site, trail, new)
    } else {
        String::new()
    };
    if !is_block {
        let text = write_scalar(new, Around::Block, "");
        changes.push(Change::insert(head, format!(" {text}")));
    }
    if is_inline {
        let eol = lines.end(old_end);
        let gone = if lines.skip_blank(old_end) == eol {
            eol
        } else {
            old_end
        };
        changes.push(Change::delete(head, gone));
        changes.push(Change::insert(eol, body));
    } else {
        let above = lines.end_above(start);
        changes.push(Change::replace(above, lines.end(end), body));
    }
    Ok(())
}

/// The end of a value that is replaced where it begins: a comment beside its last member goes with it.
fn value_end(site: &Site<'_>, trail: &Trail) -> usize {
    let node = trail.node();
    let (_, end) = site.span(node);
    let is_lines = site.children(node).next().is_some() && !site.has_brackets(node);
    if is_lines && site.lines.is_rest_comment(end) {
        return site.lines.end(end);
    }
    end
}

/// A filled list or map as the lines below its key or dash, with the line break before them.
fn block_below(site: &Site<'_>, trail: &Trail, new: &Value) -> String {
    let style = site.style(trail);
    let parent = trail.parent().unwrap_or_else(|| trail.clone());
    let (above, _) = site.span(parent.node());
    let column = site.lines.column(above)
        + match (site.key(trail.node()), new) {
            (None, _) => 2,
            (Some(_), Value::List(_)) => style.dash,
            (Some(_), _) => style.step,
        };
    let indent = " ".repeat(column);
    let text = write_block(new, column, style);
    format!("{}{indent}{text}", style.line_break)
}

fn replace_root(
    site: &Site<'_>,
    trail: &Trail,
    new: &Value,
    changes: &mut Changes,
) -> Result<(), Refusal> {
    let (start, _) = site.span(trail.node());
    if !site.lines.begins_line(start) {
        return Err(crowded());
    }
    let text = if new.is_filled_collection() {
        write_block(new, site.lines.column(start), site.style(trail))
    } else {
        write_scalar(new, Around::Block, "")
    };
    changes.push(Change::replace(start, value_end(site, trail), text));
    Ok(())
}

/// Writes new members below the last one of a map that has some.
pub(super) fn insert_members(
    site: &Site<'_>,
    trail: &Trail,
    members: &[(String, Value)],
    changes: &mut Changes,
) -> Result<(), Refusal> {
    let lines = site.lines;
    let (start, _) = site.span(trail.node());
    let column = lines.column(start);
    let style = site.style(trail);
    // Where every key has quotes, the new one has them too.
    let mut keys = site
        .children(trail.node())
        .filter_map(|child| site.key(child));
    let quotes = keys.all(|(at, _)| lines.byte(at) == Some(b'"'));
    let at = end_of_last(site, trail)?;
    let mut text = String::new();
    for (key, value) in members {
        text.push_str(style.line_break);
        text.extend(std::iter::repeat_n(' ', column));
        text.push_str(&write_member(key, value, column, quotes, style));
    }
    changes.push(Change::insert(at, text));
    Ok(())
}

/// Writes new elements below the last one of a list that has some.
pub(super) fn insert_elements(
    site: &Site<'_>,
    trail: &Trail,
    elements: &[Value],
    changes: &mut Changes,
) -> Result<(), Refusal> {
    let lines = site.lines;
    let node = trail.node();
    let (dash, _) = site.span(node);
    let column = lines.column(dash);
    let style = site.style(trail);
    let first = lines.skip_blank(dash + 1);
    // As many blanks behind the dash as the first element has.
    let gap = if first == lines.end(dash) {
        2
    } else {
        first - dash
    };
    let at = end_of_last(site, trail)?;
    let last = site.children(node).last();
    let has_brackets = last.is_some_and(|last| site.has_brackets(last));
    let mut text = String::new();
    for value in elements {
        text.push_str(style.line_break);
        text.extend(std::iter::repeat_n(' ', column));
        text.push('-');
        text.extend(std::iter::repeat_n(' ', gap - 1));
        match last {
            Some(last) if has_brackets && value.is_filled_collection() => {
                let brackets = site.brackets(&trail.child(last), false);
                text.push_str(&brackets.write(value, ""));
            }
            _ => text.push_str(&write_element(value, column + gap, style)),
        }
    }
    changes.push(Change::insert(at, text));
    Ok(())
}

/// The end of the last line of a list or map, behind a comment.
fn end_of_last(site: &Site<'_>, trail: &Trail) -> Result<usize, Refusal> {
    let node = trail.node();
    let (_, end) = site.span(node);
    let last = site.children(node).last();
    let head = last.and_then(|last| site.head(&trail.child(last)));
    let end = head.map_or(end, |head| head.max(end));
    if !site.lines.is_rest_comment(end) {
        return Err(crowded());
    }
    Ok(site.lines.end(end))
}

/// Removes the node at the end of `trail` from its `parent`.
pub(super) fn remove(
    site: &Site<'_>,
    parent: &Trail,
    trail: &Trail,
    changes: &mut Changes,
) -> Result<(), Refusal> {
    let lines = site.lines;
    let (list, node) = (parent.node(), trail.node());
    if site.children(list).count() == 1 {
        let empty = match site.key(node) {
            Some(_) => Value::Map(Vec::new()),
            None => Value::List(Vec::new()),
        };
        return replace(site, parent, &empty, changes);
    }
    let (first, _) = site.span(list);
    let start = match site.key(node) {
        // The first member may have an anchor before its key.
        Some((start, _)) if lines.start(first) == lines.start(start) => start.min(first),
        Some((start, _)) => start,
        None => site.dash(list, node).ok_or_else(crowded)?,
    };
    let head = site.head(trail).ok_or_else(crowded)?;
    let end = site.span(node).1.max(head);
    if !lines.is_rest_comment(end) {
        return Err(crowded());
    }
    changes.push(if !lines.begins_line(start) {
        // Behind the dash of a list: the next line takes the place.
        Change::delete(start, lines.skip_space(lines.next(end)))
    } else if lines.next(end) == lines.end(end) {
        Change::delete(lines.end_above(start), lines.end(end))
    } else {
        Change::delete(lines.start(start), lines.next(end))
    });
    Ok(())
}
