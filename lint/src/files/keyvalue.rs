//! A setting a line: `sysctl.conf`, `sshd_config`, `.env`, systemd units.

use std::borrow::Cow;

use palisade_lang::program::{KeyValue, Merged, Shape};
use rustc_hash::FxHashMap;

use super::text::lines;
use crate::manifest::{Member, Problem, ProblemKind, Span, Tree, TreeValue, offset};

/// The value of a block's own line.
const CONDITION: &str = "condition";

/// The settings of a text as a map; what is wrong with single lines goes to `problems`.
pub(super) fn read(
    text: &str,
    options: &KeyValue,
    merged: Option<Merged>,
    shape: &Shape,
    problems: &mut Vec<Problem>,
) -> Tree {
    let mut reader = Reader {
        options,
        merged,
        shape,
        settings: Vec::new(),
        section: Section::Top,
        places: FxHashMap::default(),
        problems,
    };
    for (at, line) in joined(text, options) {
        reader.line(at, &line);
    }
    let all = Span::new(0, offset(text.len()));
    Tree::new(all, TreeValue::Map(reader.settings))
}

/// The lines. In files with sections one that ends in a backslash goes on in the next that is no comment, as systemd has
/// it: blanks stand for what joins them, so that places stay where they are.
fn joined<'t>(text: &'t str, options: &'t KeyValue) -> impl Iterator<Item = (usize, Cow<'t, str>)> {
    let mut lines = lines(text).peekable();
    std::iter::from_fn(move || {
        let (at, first) = lines.next()?;
        if !options.sections || !goes_on(first, options) {
            return Some((at, Cow::Borrowed(first)));
        }
        let mut whole = without_last(first);
        let mut is_open = true;
        while is_open && let Some((next_at, next)) = lines.next() {
            whole.extend(std::iter::repeat_n(' ', next_at - at - whole.len()));
            if is_comment(next, options) {
                continue;
            }
            is_open = goes_on(next, options);
            if is_open {
                whole.push_str(&without_last(next));
            } else {
                whole.push_str(next);
            }
        }
        Some((at, Cow::Owned(whole)))
    })
}

fn goes_on(line: &str, options: &KeyValue) -> bool {
    line.ends_with('\\') && !is_comment(line, options)
}

fn is_comment(line: &str, options: &KeyValue) -> bool {
    let first = line.trim_start_matches([' ', '\t']).chars().next();
    first.is_some_and(|first| options.comments.contains(first))
}

/// The line with a blank for its last character.
fn without_last(line: &str) -> String {
    let mut line = line.to_owned();
    line.pop();
    line.push(' ');
    line
}

/// Where settings go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Section {
    Top,
    /// The member at this position.
    Named(usize),
    /// The last block of the member at the first position; the second is its number.
    Block(usize, usize),
}

struct Reader<'a> {
    options: &'a KeyValue,
    merged: Option<Merged>,
    shape: &'a Shape,
    settings: Vec<Member>,
    section: Section,
    /// Where settings are in their sections.
    places: FxHashMap<(Section, String), usize>,
    problems: &'a mut Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn line(&mut self, at: usize, line: &str) {
        let trimmed = line.trim_start_matches([' ', '\t']);
        let at = at + line.len() - trimmed.len();
        let line = trimmed.trim_end_matches([' ', '\t']);
        let Some(first) = line.chars().next() else {
            return;
        };
        if self.options.comments.contains(first) {
            return;
        }
        if self.options.sections && first == '[' {
            self.begin_section(at, line);
            return;
        }
        let whole = Span::new(offset(at), offset(at + line.len()));
        let Some((key, value_at)) = self.split(line) else {
            let separator = match self.options.separator {
                ' ' => "a blank",
                ':' => "`:`",
                _ => "`=`",
            };
            self.fail(whole, format!("expected a key, {separator} and a value"));
            return;
        };
        let key_span = Span::new(offset(at), offset(at + key.len()));
        // sysctl goes on if a key that begins so is not there.
        let bare = match self.options.separator {
            '=' => key.strip_prefix('-').unwrap_or(key),
            _ => key,
        };
        let key_span = Span::new(key_span.end - offset(bare.len()), key_span.end);
        let value = line.get(value_at..).unwrap_or_default();
        let is_block = self.options.blocks.as_deref().is_some_and(|block| {
            block == bare || self.options.caseless && block.eq_ignore_ascii_case(bare)
        });
        if is_block {
            self.begin_block(key_span, whole, at + value_at, value);
            return;
        }
        self.set(bare, key_span, at + value_at, value);
    }

    /// The key of a line, and where its value begins.
    fn split<'l>(&self, line: &'l str) -> Option<(&'l str, usize)> {
        let blanks = [' ', '\t'];
        if self.options.separator == ' ' {
            let end = line.find([' ', '\t', '='])?;
            let key = line.get(..end).filter(|key| !key.is_empty())?;
            let rest = line.get(end..)?;
            let value = rest.trim_start_matches(blanks);
            let value = match value.strip_prefix('=') {
                Some(value) => value.trim_start_matches(blanks),
                None => value,
            };
            return Some((key, line.len() - value.len()));
        }
        let (key, value) = line.split_once(self.options.separator)?;
        let key = key.trim_end_matches(blanks);
        let value = value.trim_start_matches(blanks);
        (!key.is_empty()).then_some((key, line.len() - value.len()))
    }

    fn begin_section(&mut self, at: usize, line: &str) {
        let whole = Span::new(offset(at), offset(at + line.len()));
        let name = line
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let Some(name) = name.map(|name| name.trim_matches([' ', '\t'])) else {
            self.fail(whole, "a section is written `[name]`".to_owned());
            return;
        };
        let place = self.place_of(Section::Top, name);
        self.section = Section::Named(place);
        if place == self.settings.len() {
            self.settings.push(Member {
                key: name.to_owned(),
                key_span: Some(whole),
                tree: Tree::new(whole, TreeValue::Map(Vec::new())),
            });
        } else if self.target().is_none() {
            self.fail(whole, format!("`{name}` is a setting as well"));
        }
    }

    /// The position of a setting in a section; one after the last if it is new.
    fn place_of(&mut self, section: Section, name: &str) -> usize {
        let folded = if self.options.caseless {
            name.to_ascii_lowercase()
        } else {
            name.to_owned()
        };
        let before = std::mem::replace(&mut self.section, section);
        let n_here = self.target().map_or(0, |into| into.len());
        self.section = before;
        *self.places.entry((section, folded)).or_insert(n_here)
    }

    fn begin_block(&mut self, key: Span, whole: Span, value_at: usize, value: &str) {
        let name = self.options.blocks.clone().unwrap_or_default();
        let span = Span::new(offset(value_at), offset(value_at + value.len()));
        let block = Tree::new(
            whole,
            TreeValue::Map(vec![Member {
                key: CONDITION.to_owned(),
                key_span: Some(key),
                tree: Tree::text(span, value),
            }]),
        );
        let place = self.place_of(Section::Top, &name);
        if place == self.settings.len() {
            self.settings.push(Member {
                key: name,
                key_span: Some(key),
                tree: Tree::list(whole, Vec::new()),
            });
        }
        let member = self.settings.get_mut(place);
        if let Some(blocks) = member.and_then(|member| member.tree.items_mut()) {
            self.section = Section::Block(place, blocks.len());
            blocks.push(block);
            self.places.insert((self.section, CONDITION.to_owned()), 0);
        }
    }

    /// Notes a setting where the section says.
    fn set(&mut self, key: &str, key_span: Span, value_at: usize, value: &str) {
        let fields = self.fields();
        let same =
            |known: &str| known == key || self.options.caseless && known.eq_ignore_ascii_case(key);
        let declared = fields.iter().find(|(name, _)| same(name));
        let (name, shape) = match declared {
            Some((name, shape)) => (name.as_str(), shape),
            None => (key, &Shape::Text),
        };
        let mut found: Vec<Tree> = match shape {
            Shape::List(of) if self.options.separator == ' ' => words(value_at, value)
                .map(|(at, word)| scalar(at, word, of, self.options))
                .collect(),
            Shape::List(of) => vec![scalar(value_at, value, of, self.options)],
            Shape::Text | Shape::Bool | Shape::Int | Shape::Float | Shape::Record(_) => {
                vec![scalar(value_at, value, shape, self.options)]
            }
        };
        let is_list = matches!(shape, Shape::List(_));
        let name = name.to_owned();
        let first_counts = self.merged == Some(Merged::First);
        let place = self.place_of(self.section, &name);
        let Some(into) = self.target() else {
            return;
        };
        let known = into.get_mut(place);
        let tree = if is_list {
            let end = offset(value_at + value.len());
            Tree::list(Span::new(offset(value_at), end), std::mem::take(&mut found))
        } else {
            let Some(tree) = found.pop() else { return };
            tree
        };
        match known {
            None => into.push(Member {
                key: name,
                key_span: Some(key_span),
                tree,
            }),
            Some(member) => match (&mut member.tree.value, tree) {
                (TreeValue::List(items), more) if is_list => {
                    if let TreeValue::List(more) = more.value {
                        items.extend(more);
                    }
                }
                (_, tree) if !first_counts => {
                    member.key_span = Some(key_span);
                    member.tree = tree;
                }
                _ => {}
            },
        }
    }

    /// The fields that are declared for the section.
    fn fields(&self) -> &'a [(String, Shape)] {
        let Shape::Record(top) = self.shape else {
            return &[];
        };
        let (Section::Named(place) | Section::Block(place, _)) = self.section else {
            return top;
        };
        let name = self.settings.get(place).map(|member| &member.key);
        let inner = top.iter().find(|(known, _)| Some(known) == name);
        let of_blocks = |shape: &'a Shape| {
            if let Shape::List(of) = shape {
                of
            } else {
                shape
            }
        };
        if let Some(Shape::Record(fields)) = inner.map(|(_, shape)| of_blocks(shape)) {
            fields
        } else {
            &[]
        }
    }

    /// The members that the section's settings go to.
    fn target(&mut self) -> Option<&mut Vec<Member>> {
        match self.section {
            Section::Top => Some(&mut self.settings),
            Section::Named(place) => self.settings.get_mut(place)?.tree.members_mut(),
            Section::Block(place, _) => {
                let blocks = self.settings.get_mut(place)?.tree.items_mut()?;
                blocks.last_mut()?.members_mut()
            }
        }
    }

    fn fail(&mut self, span: Span, message: String) {
        let problem = Problem::new(ProblemKind::Syntax, span, message);
        self.problems.push(problem);
    }
}

/// A value as its field wants it; what does not read so stays text, for the policy to find.
fn scalar(at: usize, text: &str, shape: &Shape, options: &KeyValue) -> Tree {
    let (at, text) = unquoted(at, text);
    let span = Span::new(offset(at), offset(at + text.len()));
    let lower = options.caseless.then(|| text.to_ascii_lowercase());
    let word = lower.as_deref().unwrap_or(text);
    let value = match shape {
        Shape::Bool => match word {
            "yes" | "true" | "on" => Some(TreeValue::Bool(true)),
            "no" | "false" | "off" => Some(TreeValue::Bool(false)),
            _ => None,
        },
        Shape::Int => text.parse().ok().map(TreeValue::Int),
        Shape::Float => match text.parse::<i64>() {
            Ok(value) => Some(TreeValue::Int(value)),
            Err(_) => is_number(text).then(|| TreeValue::Float(text.to_owned())),
        },
        Shape::Text | Shape::List(_) | Shape::Record(_) => None,
    };
    Tree::new(
        span,
        value.unwrap_or_else(|| TreeValue::Text(text.to_owned())),
    )
}

/// Whether JSON takes the text as a number.
fn is_number(text: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(text).is_ok()
}

/// The words of a value; quotes hold blanks together.
fn words(at: usize, value: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = value.get(from..)?;
        let start = from + rest.find(|found| !matches!(found, ' ' | '\t'))?;
        let word = value.get(start..)?;
        let len = match word.strip_prefix('"').and_then(|inner| inner.find('"')) {
            Some(close) => close + 2,
            None => word.find([' ', '\t']).unwrap_or(word.len()),
        };
        from = start + len;
        Some((at + start, value.get(start..from)?))
    })
}

/// A value without the quotes around it.
fn unquoted(at: usize, text: &str) -> (usize, &str) {
    for quote in ['"', '\''] {
        let inner = text
            .strip_prefix(quote)
            .and_then(|rest| rest.strip_suffix(quote));
        if let Some(inner) = inner {
            return (at + 1, inner);
        }
    }
    (at, text)
}
