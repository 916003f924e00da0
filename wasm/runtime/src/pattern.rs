//! Patterns: tables that came with the module, and programs, which the guest can also make itself.
//!
//! A pattern is a node of the kind `KIND_PATTERN`, whose payload is its text, as a string's is. Before the text stand the
//! addresses of its program, or 0, and of the block that is to match with; `lang/pattern/src/lib.rs` draws blocks, `dialect.rs` there programs and `table.rs` tables.

use crate::arena::{release, take, take_zeros};
use crate::dialect::{
    ASSERT, AT_END, AT_LINE_END, AT_LINE_START, AT_START, AT_WORD, CHAR, Code, FORK, FORK_LATE, JUMP, MATCH, NOT_CLASS,
    OP, SHIFT, compile_glob, compile_regex,
};
use crate::functions::{GIVEN, Items, given};
use crate::layout::{EXTENT_MASK, KIND_PATTERN, UNKNOWN_VALUE};
use crate::message::Text;
use crate::node::{byte, bytes, copy, field, first, kind, second, set_field, set_word, word};

/// Target of a table: it has matched. 0 is that nothing can.
const MATCHED: u32 = 1;

/// Whether a text has a pattern whose block is a table, as all constants have where [`match_pattern`] is not called.
#[unsafe(no_mangle)]
pub extern "C" fn match_table(text: u32, pattern: u32) -> u32 {
    let given = given(text, pattern);
    if given != GIVEN {
        return given;
    }
    run_table(text, word(first(pattern) - 4))
}

fn run_table(text: u32, table: u32) -> u32 {
    let mut state = table + 4;
    let mut at = first(text);
    let end = at + second(text);
    while at != end {
        let mut row = state + 1;
        while byte(row) < byte(at) {
            row += 3;
        }
        let target = u32::from(byte(row + 1)) | u32::from(byte(row + 2)) << 8;
        if target <= MATCHED {
            return target;
        }
        state = table + target;
        at += 1;
    }
    u32::from(byte(state))
}

/// Whether a text has a pattern; unknown if that is none.
#[unsafe(no_mangle)]
pub extern "C" fn match_pattern(text: u32, pattern: u32) -> u32 {
    let given = given(text, pattern);
    if given != GIVEN {
        return given;
    }
    if kind(pattern) != KIND_PATTERN {
        return UNKNOWN_VALUE;
    }
    let block = word(first(pattern) - 4);
    if word(block) == 0 {
        return run_table(text, block);
    }
    let begin = first(text);
    let mut run = Run::new(block, begin, begin + second(text));
    run.is_hasty = true;
    run.go(begin);
    u32::from(run.found_end != 0)
}

/// `find_all(text, pattern)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_find_all(text: u32, pattern: u32) -> u32 {
    let given = given(text, pattern);
    if given != GIVEN {
        return given;
    }
    let block = if kind(pattern) == KIND_PATTERN { word(first(pattern) - 8) } else { 0 };
    if block == 0 {
        return UNKNOWN_VALUE;
    }
    let found = Items::new();
    let begin = first(text);
    let end = begin + second(text);
    let mut run = Run::new(block, begin, end);
    let mut from = begin;
    loop {
        run.go(from);
        if run.found_end == 0 {
            return found.end(true);
        }
        // Ends are kept one higher, so that 0 is none.
        let stop = run.found_end - 1;
        if stop != run.found {
            if !found.push_part(text, run.found, stop - run.found) {
                return found.end(false);
            }
            from = stop;
        } else if stop == end {
            return found.end(true);
        } else {
            run.read(stop);
            from = stop + run.width;
        }
    }
}

/// Makes a pattern of a string node; 0 if it is none. `is_glob` is 0 for a regular expression.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn compile_value(node: u32, is_glob: u32) -> u32 {
    let (ptr, len) = (first(node), second(node));
    let mut words = Words(Text::new());
    words.push(0);
    let refusal = if is_glob != 0 {
        compile_glob(bytes(ptr, len), &mut words)
    } else {
        compile_regex(bytes(ptr, len), &mut words)
    };
    if refusal != 0 {
        return 0;
    }
    let block = words.0.ptr();
    set_word(block, 1 | u32::from(is_glob != 0) << 1 | words.size() << 2);
    let text = take(8 + len);
    set_word(text, block);
    set_field(text, 4, block);
    copy(text + 8, ptr, len);
    set_word(node, word(node) & EXTENT_MASK | KIND_PATTERN);
    set_field(node, 8, text + 8);
    1
}

/// The words of a program after one for the block's head.
struct Words(Text);

/// A word on its way into a program.
static mut WORD: u32 = 0;

impl Code for Words {
    fn size(&self) -> u32 {
        self.0.len() / 4 - 1
    }

    fn get(&self, at: u32) -> u32 {
        field(self.0.ptr() + 4 * at, 4)
    }

    fn set(&mut self, at: u32, word: u32) {
        set_field(self.0.ptr() + 4 * at, 4, word);
    }

    fn push(&mut self, word: u32) {
        // SAFETY: a guest has one thread.
        unsafe { WORD = word }
        self.0.push_at((&raw const WORD) as u32, 4);
    }

    fn truncate(&mut self, len: u32) {
        set_field(self.0.0, 4, 4 * len + 4);
    }
}

/// A program at work on a text: all its threads take a scalar value together (Thompson, Pike). The memory that this takes
/// is given back after each search.
struct Run {
    words: u32,
    n_words: u32,
    begin: u32,
    end: u32,
    is_glob: bool,
    /// Whether it is enough to know that there is a match.
    is_hasty: bool,
    /// Where the match begins, and the address after where it ends; 0 if there is none.
    found: u32,
    found_end: u32,
    /// What stands at the place read, and how many bytes it takes; [`EDGE`] at the end.
    scalar: u32,
    width: u32,
    before: u32,
    /// When a word was last reached; by word.
    reached: u32,
    now: u32,
    stack: u32,
    /// The threads that take something here, first choices first: the word and where its match begins.
    threads: u32,
    threads_end: u32,
}

/// The beginning or the end of the text.
const EDGE: u32 = u32::MAX;

impl Run {
    #[inline(never)]
    fn new(block: u32, begin: u32, end: u32) -> Self {
        Self {
            words: block + 4,
            n_words: word(block) >> 2,
            begin,
            end,
            is_glob: word(block) & 2 != 0,
            is_hasty: false,
            found: 0,
            found_end: 0,
            scalar: 0,
            width: 0,
            before: 0,
            reached: 0,
            now: 0,
            stack: 0,
            threads: 0,
            threads_end: 0,
        }
    }

    /// Finds the first match from `from` on.
    #[inline(never)]
    fn go(&mut self, from: u32) {
        let size = self.n_words + 1;
        self.reached = take_zeros(4 * size);
        self.stack = take(4 * size + 8);
        self.threads = take(8 * size);
        let waiting = take(8 * size);
        let mut waiting_end = waiting;
        self.now = 0;
        self.found_end = 0;
        self.before = EDGE;
        if from != self.begin {
            let mut last = from - 1;
            while byte(last) & 0xC0 == 0x80 {
                last -= 1;
            }
            self.read(last);
            self.before = self.scalar;
        }
        let mut at = from;
        loop {
            self.read(at);
            self.now += 1;
            self.threads_end = self.threads;
            let mut thread = waiting;
            let mut is_cut = false;
            while thread != waiting_end && !is_cut {
                is_cut = self.follow(word(thread), field(thread, 4), at);
                thread += 8;
            }
            if self.found_end == 0 && !is_cut && (!self.is_glob || at == self.begin) {
                self.follow(0, at, at);
            }
            if at == self.end || (self.found_end != 0 && (self.is_hasty || self.threads_end == self.threads)) {
                break;
            }
            if self.is_glob && self.threads_end == self.threads {
                break;
            }
            waiting_end = waiting;
            thread = self.threads;
            while thread != self.threads_end {
                let next = self.step(word(thread));
                if next != 0 {
                    set_word(waiting_end, next);
                    set_field(waiting_end, 4, field(thread, 4));
                    waiting_end += 8;
                }
                thread += 8;
            }
            self.before = self.scalar;
            at += self.width;
        }
        release(self.reached);
    }

    /// Reads the scalar value at a place.
    #[inline(never)]
    fn read(&mut self, at: u32) {
        self.width = 1;
        if at == self.end {
            self.scalar = EDGE;
            return;
        }
        let first = u32::from(byte(at));
        self.scalar = first;
        if first < 0x80 {
            return;
        }
        let n_more = u32::from(first >= 0xE0) + u32::from(first >= 0xF0) + 1;
        let mut scalar = first & (0x3F >> n_more);
        while self.width <= n_more && at + self.width != self.end {
            scalar = scalar << 6 | u32::from(byte(at + self.width)) & 0x3F;
            self.width += 1;
        }
        self.scalar = scalar;
    }

    /// Goes from a word to all that take something; true if the program ends on the way, which decides against all
    /// later choices.
    #[inline(never)]
    fn follow(&mut self, from: u32, start: u32, at: u32) -> bool {
        let mut top = self.stack;
        set_word(top, from);
        top += 4;
        while top != self.stack {
            top -= 4;
            let pc = word(top);
            let reached = self.reached + 4 * pc;
            if word(reached) == self.now {
                continue;
            }
            set_word(reached, self.now);
            let instruction = word(self.words + 4 * pc);
            let op = instruction & OP;
            let operand = (instruction as i32 >> SHIFT) as u32;
            let target = pc.wrapping_add(operand);
            // The last one put on the stack comes first.
            if op == MATCH {
                self.found = start;
                self.found_end = at + 1;
                return true;
            } else if op == JUMP {
                set_word(top, target);
                top += 4;
            } else if op == FORK || op == FORK_LATE {
                set_word(top, if op == FORK { target } else { pc + 1 });
                set_field(top, 4, if op == FORK { pc + 1 } else { target });
                top += 8;
            } else if op == ASSERT {
                if self.holds(operand) {
                    set_word(top, pc + 1);
                    top += 4;
                }
            } else {
                set_word(self.threads_end, pc);
                set_field(self.threads_end, 4, start);
                self.threads_end += 8;
            }
        }
        false
    }

    fn holds(&self, what: u32) -> bool {
        let (before, after) = (self.before, self.scalar);
        if what == AT_START || what == AT_LINE_START {
            before == EDGE || (what == AT_LINE_START && before == 10)
        } else if what == AT_END || what == AT_LINE_END {
            after == EDGE || (what == AT_LINE_END && after == 10)
        } else {
            (is_word(before) != is_word(after)) == (what == AT_WORD)
        }
    }

    /// The word after the one at `pc` if that takes what is here, else 0.
    fn step(&self, pc: u32) -> u32 {
        let at = self.words + 4 * pc;
        let op = word(at) & OP;
        let operand = word(at) >> SHIFT;
        if op == CHAR {
            return if operand == self.scalar { pc + 1 } else { 0 };
        }
        let mut is_in = false;
        let mut range = at;
        let end = at + 8 * operand;
        while range != end {
            is_in |= self.scalar >= field(range, 4) && self.scalar <= field(range, 8);
            range += 8;
        }
        if is_in == (op == NOT_CLASS) { 0 } else { pc + 1 + 2 * operand }
    }
}

fn is_word(scalar: u32) -> bool {
    scalar < 0x80 && ((scalar as u8).is_ascii_alphanumeric() || scalar == u32::from(b'_'))
}
