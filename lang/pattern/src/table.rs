//! A program to a deterministic automaton over bytes.
//!
//! ```text
//! 0 u32 0
//! 4 states, the first one first:
//!     u8     1 if the text may end here
//!     rows:  u8 last byte of a range, which begins after the one before; u16 target, little endian
//!            the last row's last byte is 255
//! target: 0 nothing can match any more, 1 it has matched, else the state's offset in the table
//! ```
//!
//! The subset construction over scalar values in UTF-8. A state knows what stood before it (the beginning, a line feed, a
//! word character, another one), as far as the program asks; whether an assertion holds is decided when the next byte is
//! known, or the end. Then equal states become one (Moore).

use std::collections::{BTreeMap, BTreeSet};

use crate::Syntax;
use crate::dialect::{
    ASSERT, AT_END, AT_LINE_END, AT_LINE_START, AT_START, AT_WORD, CHAR, CLASS, FORK, FORK_LATE,
    JUMP, MATCH, NOT_CLASS, OP, SHIFT,
};

/// Most states before equal ones are one.
const MAX_STATES: usize = 600;
/// Most bytes of a table.
const MAX_BYTES: usize = 4096;
/// Most work for one table, in places looked at.
const MAX_WORK: usize = 4_000_000;

/// Number of the state from which nothing matches.
const DEAD: usize = 0;
/// Number of the state that has matched.
const MATCHED: usize = 1;

/// The table of a program; nothing if it would be large.
#[must_use]
pub fn build(words: &[u32], syntax: Syntax) -> Option<Vec<u8>> {
    let mut build = Build::new(words, syntax);
    build.run()?;
    write(&merge(&build.rows))
}

/// What stood before a place, or stands after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    /// The beginning or the end of the text.
    Edge,
    LineFeed,
    Word,
    Other,
}

impl Side {
    fn of(byte: u8) -> Self {
        match byte {
            b'\n' => Self::LineFeed,
            b'_' => Self::Word,
            _ if byte.is_ascii_alphanumeric() => Self::Word,
            _ => Self::Other,
        }
    }
}

/// Something that a state may be in the middle of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Item {
    /// A place of the program.
    At(usize),
    /// Looking for the beginning of a match.
    Search,
    /// Within a scalar value: the bytes that still have to come, then another item.
    Within(Sequence, Box<Item>),
}

/// Ranges of bytes, one after the other.
type Sequence = Vec<(u8, u8)>;

/// What tells two states apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    items: Vec<Item>,
    before: Side,
}

/// A state's ways: the last byte of each range and the target, and whether the text may end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    accepts_end: bool,
    ways: Vec<(u8, usize)>,
}

struct Build<'a> {
    words: &'a [u32],
    syntax: Syntax,
    has_assertions: bool,
    numbers: BTreeMap<Key, usize>,
    waiting: Vec<Key>,
    rows: Vec<Row>,
    /// Byte sequences by the place of what takes a scalar value.
    sequences: BTreeMap<usize, Vec<Sequence>>,
    any: Vec<Sequence>,
    work: usize,
}

impl<'a> Build<'a> {
    fn new(words: &'a [u32], syntax: Syntax) -> Self {
        let mut sequences = BTreeMap::new();
        // A glob asks for the end only, which is no state's business.
        let mut has_assertions = false;
        let mut at = 0;
        while let Some(&word) = words.get(at) {
            let (op, operand) = (word & OP, word >> SHIFT);
            let mut len = 1;
            match op {
                CHAR => {
                    sequences.insert(at, encode(&[(operand, operand)]));
                }
                CLASS | NOT_CLASS => {
                    len += 2 * operand as usize;
                    let ranges = words.get(at + 1..at + len).unwrap_or_default();
                    let ranges = ranges.chunks_exact(2).filter_map(|pair| match pair {
                        [low, high] => Some((*low, *high)),
                        _ => None,
                    });
                    let set = normal(ranges.collect(), op == NOT_CLASS);
                    sequences.insert(at, encode(&set));
                }
                ASSERT => has_assertions |= operand != AT_END,
                _ => {}
            }
            at += len;
        }
        Self {
            words,
            syntax,
            has_assertions,
            numbers: BTreeMap::new(),
            waiting: Vec::new(),
            rows: Vec::new(),
            sequences,
            any: encode(&normal(Vec::new(), true)),
            work: 0,
        }
    }

    fn run(&mut self) -> Option<()> {
        for accepts_end in [false, true] {
            let target = usize::from(accepts_end);
            self.rows.push(Row {
                accepts_end,
                ways: vec![(255, target)],
            });
        }
        let start = match self.syntax {
            Syntax::Glob => Item::At(0),
            Syntax::Regex => Item::Search,
        };
        self.number(vec![start], Side::Edge);
        let mut nth = 0;
        while let Some(key) = self.waiting.get(nth).cloned() {
            nth += 1;
            let row = self.row(&key);
            self.rows.push(row);
            if self.rows.len() > MAX_STATES || self.work > MAX_WORK {
                return None;
            }
        }
        Some(())
    }

    /// The number of a state, which is new or not.
    fn number(&mut self, items: Vec<Item>, before: Side) -> usize {
        if items.is_empty() {
            return DEAD;
        }
        let before = if self.has_assertions {
            before
        } else {
            Side::Other
        };
        let next = self.waiting.len() + 2;
        let key = Key { items, before };
        if let Some(&number) = self.numbers.get(&key) {
            return number;
        }
        self.waiting.push(key.clone());
        self.numbers.insert(key, next);
        next
    }

    fn row(&mut self, key: &Key) -> Row {
        let accepts_end = self.steps(key, Side::Edge).is_none();
        let mut ways: Vec<(u8, usize)> = Vec::new();
        let by_side = [Side::LineFeed, Side::Word, Side::Other].map(|side| self.steps(key, side));
        let mut firsts = BTreeSet::from([0]);
        if self.has_assertions {
            // Where the class of the byte changes.
            let changes = (1..=255_u8).filter(|&byte| Side::of(byte) != Side::of(byte - 1));
            firsts.extend(changes);
        }
        for (sequence, _) in by_side.iter().flatten().flatten() {
            if let Some(&(low, high)) = sequence.first() {
                firsts.insert(low);
                firsts.extend(high.checked_add(1));
            }
        }
        let firsts: Vec<u8> = firsts.into_iter().collect();
        for (nth, &first) in firsts.iter().enumerate() {
            let last = firsts.get(nth + 1).map_or(255, |next| next - 1);
            let side = Side::of(first);
            let steps = match side {
                Side::LineFeed => &by_side[0],
                Side::Word => &by_side[1],
                Side::Other | Side::Edge => &by_side[2],
            };
            let target = match steps {
                None => MATCHED,
                Some(steps) => {
                    self.work += steps.len();
                    let items: BTreeSet<Item> = steps
                        .iter()
                        .filter_map(|(sequence, then)| match sequence.as_slice() {
                            [(low, high), rest @ ..] if (*low..=*high).contains(&first) => {
                                Some(if rest.is_empty() {
                                    then.clone()
                                } else {
                                    Item::Within(rest.to_vec(), Box::new(then.clone()))
                                })
                            }
                            _ => None,
                        })
                        .collect();
                    self.number(items.into_iter().collect(), side)
                }
            };
            match ways.last_mut() {
                Some(way) if way.1 == target => way.0 = last,
                _ => ways.push((last, target)),
            }
        }
        Row { accepts_end, ways }
    }

    /// The byte sequences that a state can go on with, when `after` comes; nothing if it has matched.
    fn steps(&mut self, key: &Key, after: Side) -> Option<Vec<(Sequence, Item)>> {
        let mut steps = Vec::new();
        let mut seen = BTreeSet::new();
        for item in &key.items {
            match item {
                Item::At(at) => self.close(*at, key.before, after, &mut seen)?,
                Item::Search => {
                    for sequence in &self.any {
                        steps.push((sequence.clone(), Item::Search));
                    }
                    self.close(0, key.before, after, &mut seen)?;
                }
                Item::Within(rest, then) => steps.push((rest.clone(), then.as_ref().clone())),
            }
        }
        for at in seen {
            if let Some(sequences) = self.sequences.get(&at) {
                let word = self.words.get(at).copied().unwrap_or(0);
                let len = if word & OP == CHAR {
                    1
                } else {
                    1 + 2 * (word >> SHIFT) as usize
                };
                for sequence in sequences {
                    steps.push((sequence.clone(), Item::At(at + len)));
                }
            }
        }
        Some(steps)
    }

    /// Adds the places that can be reached from one without taking anything; nothing if the end is among them.
    fn close(
        &mut self,
        from: usize,
        before: Side,
        after: Side,
        seen: &mut BTreeSet<usize>,
    ) -> Option<()> {
        let mut stack = vec![from];
        while let Some(at) = stack.pop() {
            if !seen.insert(at) {
                continue;
            }
            self.work += 1;
            let word = self.words.get(at).copied().unwrap_or(MATCH);
            let target = at.wrapping_add_signed((word.cast_signed() >> SHIFT) as isize);
            match word & OP {
                MATCH => return None,
                JUMP => stack.push(target),
                FORK | FORK_LATE => stack.extend([target, at + 1]),
                ASSERT if holds(word >> SHIFT, before, after) => stack.push(at + 1),
                _ => {}
            }
        }
        Some(())
    }
}

fn holds(assertion: u32, before: Side, after: Side) -> bool {
    match assertion {
        AT_START => before == Side::Edge,
        AT_END => after == Side::Edge,
        AT_LINE_START => matches!(before, Side::Edge | Side::LineFeed),
        AT_LINE_END => matches!(after, Side::Edge | Side::LineFeed),
        _ => ((before == Side::Word) != (after == Side::Word)) == (assertion == AT_WORD),
    }
}

/// The scalar values of ranges, or of all others: in order, apart from each other, without surrogates.
fn normal(mut ranges: Vec<(u32, u32)>, negate: bool) -> Vec<(u32, u32)> {
    ranges.sort_unstable();
    let mut joined: Vec<(u32, u32)> = Vec::new();
    for (low, high) in ranges {
        match joined.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => joined.push((low, high)),
        }
    }
    if negate {
        let mut next = 0;
        let mut others = Vec::new();
        for (low, high) in joined {
            if low > next {
                others.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= 0x10_FFFF {
            others.push((next, 0x10_FFFF));
        }
        joined = others;
    }
    let below = joined.iter().map(|&(low, high)| (low, high.min(0xD7FF)));
    let above = joined.iter().map(|&(low, high)| (low.max(0xE000), high));
    below
        .chain(above)
        .filter(|(low, high)| low <= high)
        .collect()
}

/// The byte sequences of ranges of scalar values: each is a range of bytes after the other.
fn encode(ranges: &[(u32, u32)]) -> Vec<Sequence> {
    let mut sequences = Vec::new();
    for &(low, high) in ranges {
        // By length of the encoding first.
        let mut from = low;
        for limit in [0x7F, 0x7FF, 0xFFFF, 0x10_FFFF] {
            if from <= high && from <= limit {
                encode_range(from, high.min(limit), &mut sequences);
                from = limit + 1;
            }
        }
    }
    sequences
}

/// Ranges of one length of encoding.
fn encode_range(low: u32, high: u32, sequences: &mut Vec<Sequence>) {
    // As long as the two differ in a byte that is not followed by all there is, cut there.
    for shift in [6, 12, 18] {
        let mask = (1 << shift) - 1;
        if low >> shift != high >> shift && high > 0x7F {
            if low & mask != 0 {
                encode_range(low, low | mask, sequences);
                return encode_range((low | mask) + 1, high, sequences);
            }
            if high & mask != mask {
                encode_range(low, (high & !mask) - 1, sequences);
                return encode_range(high & !mask, high, sequences);
            }
        }
    }
    let bytes = |scalar| {
        let mut buffer = [0; 4];
        char::from_u32(scalar)
            .map(|letter| letter.encode_utf8(&mut buffer).bytes().collect::<Vec<u8>>())
            .unwrap_or_default()
    };
    sequences.push(bytes(low).into_iter().zip(bytes(high)).collect());
}

/// The same automaton with one state for all that cannot be told apart. The first two stay first, the third is the start.
fn merge(rows: &[Row]) -> Vec<Row> {
    let mut classes: Vec<usize> = (0..rows.len())
        .map(|nth| {
            if nth == MATCHED {
                2
            } else {
                usize::from(rows.get(nth).is_some_and(|row| row.accepts_end))
            }
        })
        .collect();
    let mut n_classes = 0;
    loop {
        let mut numbers = BTreeMap::new();
        let next: Vec<usize> = rows
            .iter()
            .zip(&classes)
            .map(|(row, &class)| {
                let key = (class, translate(row, &classes));
                let fresh = numbers.len();
                *numbers.entry(key).or_insert(fresh)
            })
            .collect();
        classes = next;
        if numbers.len() == n_classes {
            break;
        }
        n_classes = numbers.len();
    }
    // Classes are numbered by their first member, so that dead and matched are 0 and 1.
    let mut merged: Vec<Row> = Vec::new();
    for (row, &class) in rows.iter().zip(&classes) {
        if class == merged.len() {
            merged.push(translate(row, &classes));
        }
    }
    // The start may be as good as dead.
    let start = classes.get(2).copied().unwrap_or(DEAD);
    if start < 2 {
        merged.truncate(2);
        merged.push(Row {
            accepts_end: start == MATCHED,
            ways: vec![(255, start)],
        });
    }
    merged
}

fn translate(row: &Row, classes: &[usize]) -> Row {
    let mut ways: Vec<(u8, usize)> = Vec::new();
    for &(last, target) in &row.ways {
        let target = classes.get(target).copied().unwrap_or(DEAD);
        match ways.last_mut() {
            Some(way) if way.1 == target => way.0 = last,
            _ => ways.push((last, target)),
        }
    }
    Row {
        accepts_end: row.accepts_end,
        ways,
    }
}

fn write(rows: &[Row]) -> Option<Vec<u8>> {
    let mut offsets = vec![0_u16, 1];
    let mut len = 4;
    for row in rows.get(2..)? {
        offsets.push(u16::try_from(len).ok()?);
        len += 1 + 3 * row.ways.len();
    }
    if len > MAX_BYTES {
        return None;
    }
    let mut table = vec![0; 4];
    for row in rows.get(2..)? {
        table.push(u8::from(row.accepts_end));
        for (last, target) in &row.ways {
            table.push(*last);
            table.extend(offsets.get(*target)?.to_le_bytes());
        }
    }
    Some(table)
}
