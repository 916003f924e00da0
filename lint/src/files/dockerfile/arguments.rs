//! What follows the keyword of an instruction: flags, words, JSON lists, pairs.

use super::super::shell::{JOINT, Word};
use super::{Span, offset, plain};

/// `--name=value` before the other arguments.
#[derive(Debug, Clone)]
pub(super) struct Flag {
    pub(super) name: String,
    /// `true` for a flag without one.
    pub(super) value: String,
    pub(super) span: Span,
}

impl Flag {
    fn new(word: &Word) -> Self {
        let flag = word.text.trim_start_matches('-');
        let (name, value) = flag.split_once('=').unwrap_or((flag, "true"));
        Self {
            name: name.to_owned(),
            value: value.to_owned(),
            span: Span::new(offset(word.start), offset(word.end)),
        }
    }
}

/// Arguments without the flags before them.
#[derive(Debug)]
pub(super) struct Arguments<'m> {
    pub(super) flags: Vec<Flag>,
    pub(super) rest: &'m str,
    pub(super) rest_at: usize,
}

impl<'m> Arguments<'m> {
    pub(super) fn new(rest: &'m str, at: usize, escape: u8, has_flags: bool) -> Self {
        let words = if has_flags {
            split_words(rest, at, escape)
        } else {
            Vec::new()
        };
        let is_flag = |word: &&Word| word.text.starts_with("--");
        let flags: Vec<Flag> = words.iter().take_while(is_flag).map(Flag::new).collect();
        let rest_at = match words.get(flags.len()) {
            Some(word) => word.start,
            None if flags.is_empty() => at,
            None => at + rest.len(),
        };
        Self {
            flags,
            rest: rest.get(rest_at - at..).unwrap_or_default(),
            rest_at,
        }
    }

    /// The arguments as text.
    pub(super) fn text(&self) -> String {
        plain(self.rest).trim().to_owned()
    }
}

fn is_blank(found: char) -> bool {
    found.is_whitespace() || found == char::from(JOINT)
}

/// The words between blanks, without quotes; quotes and the escape hold blanks together.
pub(super) fn split_words(text: &str, at: usize, escape: u8) -> Vec<Word> {
    let mut words = Vec::new();
    let mut word: Option<Word> = None;
    let mut quote = None;
    let mut is_escaped = false;
    for (position, found) in text.char_indices() {
        if found == char::from(JOINT) {
            continue;
        }
        if quote.is_none() && !is_escaped && found.is_whitespace() {
            words.extend(word.take());
            continue;
        }
        let start = at + position;
        let word = word.get_or_insert_with(|| Word {
            start,
            end: start,
            text: String::new(),
        });
        word.end = start + found.len_utf8();
        if is_escaped {
            is_escaped = false;
            word.text.push(found);
        } else if found == char::from(escape) && quote != Some('\'') {
            is_escaped = true;
        } else if quote == Some(found) {
            quote = None;
        } else if quote.is_none() && matches!(found, '"' | '\'') {
            quote = Some(found);
        } else {
            word.text.push(found);
        }
    }
    words.extend(word);
    words
}

/// The elements of a JSON list of strings; nothing if it is none. A word's place has its quotes.
pub(super) fn json_words(text: &str, at: usize) -> Option<Vec<Word>> {
    let text = text.trim_end_matches(is_blank);
    let body = text.strip_prefix('[')?.strip_suffix(']')?;
    let mut words = Vec::new();
    let mut rest = body.trim_start_matches(is_blank);
    while !rest.is_empty() {
        if !words.is_empty() {
            rest = rest.strip_prefix(',')?.trim_start_matches(is_blank);
        }
        let inner = rest.strip_prefix('"')?;
        let mut is_escaped = false;
        let close = inner.find(|found| {
            let closes = found == '"' && !is_escaped;
            is_escaped = found == '\\' && !is_escaped;
            closes
        })?;
        let written = rest.get(..close + 2)?;
        let start = at + text.len() - 1 - rest.len();
        words.push(Word {
            start,
            end: start + written.len(),
            text: serde_json::from_str(&plain(written)).ok()?,
        });
        rest = rest.get(close + 2..)?.trim_start_matches(is_blank);
    }
    Some(words)
}

/// A name and its value.
#[derive(Debug, Clone)]
pub(super) struct Pair {
    pub(super) name: Word,
    pub(super) value: Option<Word>,
}

impl Pair {
    pub(super) fn span(&self) -> Span {
        let end = self.value.as_ref().map_or(self.name.end, |value| value.end);
        Span::new(offset(self.name.start), offset(end))
    }
}

/// `NAME=value …`, or of `ENV` and `LABEL` the old form `NAME value`. `may_lack` says that a name may stand alone.
pub(super) fn pairs(text: &str, at: usize, escape: u8, may_lack: bool) -> Vec<Pair> {
    let words = split_words(text, at, escape);
    let is_old = words.first().is_some_and(|word| !word.text.contains('='));
    if is_old && !may_lack {
        let [name, rest @ ..] = words.as_slice() else {
            return Vec::new();
        };
        let value = rest.first().zip(rest.last()).map(|(first, last)| Word {
            start: first.start,
            end: last.end,
            text: text
                .get(first.start - at..last.end - at)
                .map(plain)
                .unwrap_or_default(),
        });
        return vec![Pair {
            name: name.clone(),
            value,
        }];
    }
    words
        .into_iter()
        .map(|word| {
            let Some((name, value)) = word.text.split_once('=') else {
                return Pair {
                    name: word,
                    value: None,
                };
            };
            // A name has no quotes, so that its length is that of what is written.
            let end = word.start + name.len();
            Pair {
                name: Word {
                    start: word.start,
                    end,
                    text: name.to_owned(),
                },
                value: Some(Word {
                    start: end + 1,
                    end: word.end,
                    text: value.to_owned(),
                }),
            }
        })
        .collect()
}
