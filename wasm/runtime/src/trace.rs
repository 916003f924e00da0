//! Traces: where a value came from. Made only for what is already known to be reported.
//!
//! ```text
//! trace   0 value · 4 place: node, last missing step, number of missing steps · 16 first related, last related · 24 next witness
//! step    0 step before · 4 kind · 8 key or index
//! related 0 next · 4 place
//! list    0 first witness, last witness · 8 next list of a chain, last list of the chain · 16 whether an element elsewhere was counted
//! ```

use crate::arena::take;
use crate::embedded::{COMPUTED, is_within, is_written, whereabouts};
use crate::functions::times::{order_duration, order_timestamp};
use crate::functions::versions::order_version;
use crate::inventory::is_here;
use crate::layout::{FIRST_ADDRESS, STEP_INDEX, STEP_KEY, UNKNOWN_VALUE};
use crate::node::{copy_pair, field, first, second, set_field, set_word, word};
use crate::program::find_key;
use crate::results::depth;
use crate::state::origin;
use crate::value::{self, PATH_KEY, PATH_LAST};

const TRACE_SIZE: u32 = 28;
const LIST_SIZE: u32 = 20;

/// The address of a trace. A place is the address of three words; its node is 0 if there is none.
#[derive(Clone, Copy)]
pub struct Trace(pub u32);

impl Trace {
    /// A trace of no value at a node.
    #[inline(never)]
    pub fn at_node(node: u32) -> Self {
        Self::new(0, node, 0, 0)
    }

    /// A trace of no value that a node led to: at the node, or at the member of which it is the key. One of another
    /// object is related.
    #[inline(never)]
    fn of(node: u32) -> Self {
        let trace = Self::at_node(origin(node));
        if is_here(node) == 0 {
            trace.relate(Self::at_node(node).place());
        }
        trace
    }

    /// A trace at the place of another.
    #[inline(never)]
    fn beside(self, value: u32) -> Self {
        Self::new(value, self.node(), field(self.0, 8), field(self.0, 12))
    }

    fn new(value: u32, node: u32, last: u32, n_missing: u32) -> Self {
        let trace = take(TRACE_SIZE);
        set_word(trace, value);
        set_field(trace, 4, node);
        set_field(trace, 8, last);
        set_field(trace, 12, n_missing);
        set_field(trace, 16, 0);
        set_field(trace, 20, 0);
        set_field(trace, 24, 0);
        Self(trace)
    }

    /// A trace that missing steps are added to, of something that `value`, which has this trace, lacks.
    fn lacking(self, value: u32) -> Self {
        if is_here(value) == 0 {
            Self::of(value)
        } else if whereabouts(value) == COMPUTED && is_written(value) != 0 {
            Self::at_node(0)
        } else {
            self.beside(0)
        }
    }

    /// Adds a missing step to a trace that nothing else refers to.
    #[inline(never)]
    pub fn step(self, kind: u32, a: u32) -> Self {
        if self.node() != 0 {
            let step = take(12);
            set_word(step, field(self.0, 8));
            set_field(step, 4, kind);
            set_field(step, 8, a);
            set_field(self.0, 8, step);
            set_field(self.0, 12, field(self.0, 12) + 1);
        }
        self
    }

    pub fn value(self) -> u32 {
        word(self.0)
    }

    pub fn place(self) -> u32 {
        self.0 + 4
    }

    /// The node of the place.
    fn node(self) -> u32 {
        field(self.0, 4)
    }

    /// The first related place.
    pub fn related(self) -> u32 {
        field(self.0, 16)
    }

    /// The next witness of a list.
    pub fn next(self) -> u32 {
        field(self.0, 24)
    }

    #[inline(never)]
    fn relate(self, place: u32) {
        if word(place) == 0 {
            return;
        }
        let cell = take(16);
        set_word(cell, 0);
        set_field(cell, 4, word(place));
        copy_pair(cell + 8, place + 4);
        let last = field(self.0, 20);
        set_word(if last == 0 { self.0 + 16 } else { last }, cell);
        set_field(self.0, 20, cell);
    }

    /// Adds what is related to another trace.
    #[inline(never)]
    fn relate_all(self, other: Self) -> u32 {
        let mut cell = other.related();
        while cell != 0 {
            self.relate(cell + 4);
            cell = word(cell);
        }
        self.0
    }
}

/// The trace of a value without place.
#[unsafe(no_mangle)]
pub extern "C" fn trace_nowhere(value: u32) -> u32 {
    trace_value(Trace::at_node(0).0, value)
}

/// The trace of `value`, which `node` led to.
#[unsafe(no_mangle)]
pub extern "C" fn trace_node(node: u32, value: u32) -> u32 {
    trace_value(Trace::of(node).0, value)
}

/// The trace of what a path ([`read_path`]) leads to from `value`, which `node` led to.
#[unsafe(no_mangle)]
pub extern "C" fn trace_path(node: u32, value: u32, path: u32) -> u32 {
    // An element of a list that the policy made may be nothing.
    let base = if node == 0 { Trace::at_node(0) } else { Trace(0) };
    follow(base, node, value, path)
}

/// The same from a value that has a trace.
#[unsafe(no_mangle)]
pub extern "C" fn trace_path_on(base: u32, path: u32) -> u32 {
    follow(Trace(base), 0, Trace(base).value(), path)
}

/// Goes a path until a value is unknown. What is there is a new place; what is missing is a step more. `base` counts as
/// long as there is no `node`.
#[inline(never)]
fn follow(base: Trace, mut node: u32, mut value: u32, path: u32) -> u32 {
    let mut trace = base;
    let mut is_made = false;
    let mut at = path;
    while !is_unknown(value) {
        let step = word(at);
        let member = value::read_node(value, step >> PATH_KEY);
        if member != 0 {
            node = member;
            value = value::checked(member, step);
        } else {
            // What a function did not find is not missing where it looked.
            is_made |= value != 0 && is_written(value) == 0;
            if node != 0 {
                trace = Trace::of(node);
                node = 0;
            } else if trace.0 == base.0 {
                trace = base.lacking(value);
            }
            if !is_made {
                trace.step(STEP_KEY, step >> PATH_KEY);
            }
            if value != 0 {
                value = value::instead(at);
            }
        }
        if step & PATH_LAST != 0 {
            break;
        }
        at = value::next_step(at);
    }
    if node != 0 {
        trace = Trace::of(node);
    }
    trace_value(trace.0, value)
}

/// The trace of the member with the key that the string of the trace `key` says.
#[unsafe(no_mangle)]
pub extern "C" fn trace_map_member(base: u32, key: u32, mask: u32) -> u32 {
    let (from, text) = (Trace(base), Trace(key).value());
    if is_unknown(from.value()) {
        return base;
    }
    if text < FIRST_ADDRESS {
        return undirected(from, key);
    }
    let node = value::present(value::map_node(from.value(), text));
    reach(from, node, mask, find_key(first(text), second(text)))
}

/// The trace of the element with the index that the int of the trace `index` says.
#[unsafe(no_mangle)]
pub extern "C" fn trace_element(base: u32, index: u32, mask: u32) -> u32 {
    let (from, at) = (Trace(base), Trace(index).value());
    if is_unknown(from.value()) {
        return base;
    }
    if at < FIRST_ADDRESS {
        return undirected(from, index);
    }
    let node = value::element_node(from.value(), at);
    let value = value::checked_element(node, mask);
    if node >= FIRST_ADDRESS && value::present(node) != 0 {
        return trace_node(node, value);
    }
    // A list made by the policy has elements that are nowhere, and no list has one beyond 32 bits.
    if node != 0 && node < FIRST_ADDRESS {
        trace_nowhere(value)
    } else if second(at) == 0 {
        from.beside(value).step(STEP_INDEX, first(at)).0
    } else {
        from.beside(value).0
    }
}

/// The same for a list made by a function or a comprehension: an element that is nowhere has the list's place.
#[unsafe(no_mangle)]
pub extern "C" fn trace_element_made(base: u32, index: u32, mask: u32) -> u32 {
    let trace = trace_element(base, index, mask);
    if Trace(index).value() >= FIRST_ADDRESS && element_of(base, index) != 0 {
        trace_or(trace, base)
    } else {
        trace
    }
}

fn element_of(base: u32, index: u32) -> u32 {
    value::element_node(Trace(base).value(), Trace(index).value())
}

/// The trace of an element, which has the place of its list if it has none of its own.
#[unsafe(no_mangle)]
pub extern "C" fn trace_or(trace: u32, list: u32) -> u32 {
    if Trace(trace).node() != 0 {
        return trace;
    }
    let found = Trace(trace_again(list));
    found.relate_all(Trace(trace));
    trace_value(found.0, Trace(trace).value())
}

/// The trace of what is inside of a text, a document or a part: that, if it is a place, else the trace of the text.
#[unsafe(no_mangle)]
pub extern "C" fn trace_embedded(text: u32, value: u32) -> u32 {
    if origin(value) != 0 || is_here(value) == 0 { trace_node(value, value) } else { trace_value(text, value) }
}

/// The trace of a value picked from a list, whose trace counts if the value is nowhere.
#[unsafe(no_mangle)]
pub extern "C" fn trace_found(value: u32, list: u32) -> u32 {
    if origin(value) != 0 {
        trace_node(value, value)
    } else {
        Trace(list).relate_all(Trace::of(value));
        trace_value(list, value)
    }
}

/// A trace made before, as one that nothing else refers to.
#[unsafe(no_mangle)]
pub extern "C" fn trace_again(trace: u32) -> u32 {
    let from = Trace(trace);
    from.beside(from.value()).relate_all(from)
}

/// A read whose key is no present value: the key's trace, with the value that the read has.
fn undirected(base: Trace, key: u32) -> u32 {
    let value = if base.value() == 0 { 0 } else { Trace(key).value() };
    Trace(key).beside(value).relate_all(Trace(key))
}

fn reach(from: Trace, node: u32, mask: u32, key: u32) -> u32 {
    if is_unknown(from.value()) {
        return from.0;
    }
    if node == 0 {
        let trace = from.lacking(from.value());
        let is_made = from.value() != 0 && is_written(from.value()) == 0;
        return if is_made { trace.0 } else { trace.step(STEP_KEY, key).0 };
    }
    trace_node(node, value::checked(node, mask))
}

/// The trace of `a ?? b`.
#[unsafe(no_mangle)]
pub extern "C" fn trace_coalesce(a: u32, b: u32) -> u32 {
    let (left, right) = (Trace(a), Trace(b));
    if left.value() != 0 {
        return a;
    }
    if left.node() == 0 || origin(right.value()) != 0 {
        return b;
    }
    left.beside(right.value()).relate_all(left)
}

/// Two traces joined, of no value, the deeper before the other.
#[unsafe(no_mangle)]
pub extern "C" fn trace_deeper(a: u32, b: u32) -> u32 {
    if trace_depth(b) > trace_depth(a) {
        trace_join(b, a)
    } else {
        trace_join(a, b)
    }
}

/// How deep the place of a trace is; -1 if it has none.
fn trace_depth(trace: u32) -> i32 {
    let place = Trace(trace).place();
    if word(place) == 0 {
        return -1;
    }
    depth(word(place)) + field(place, 8) as i32
}

/// Two traces joined, of no value.
#[unsafe(no_mangle)]
pub extern "C" fn trace_join(a: u32, b: u32) -> u32 {
    let (left, right) = (Trace(a), Trace(b));
    let is_nowhere = left.node() == 0;
    let joined = if is_nowhere { right } else { left }.beside(0);
    joined.relate_all(left);
    if !is_nowhere {
        joined.relate(right.place());
    }
    joined.relate_all(right)
}

/// Gives a trace its value.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn trace_value(trace: u32, value: u32) -> u32 {
    set_word(trace, value);
    trace
}

fn is_unknown(value: u32) -> bool {
    value != 0 && value < FIRST_ADDRESS
}

/// A list of no witnesses.
#[unsafe(no_mangle)]
pub extern "C" fn witness_none() -> u32 {
    new_list(0)
}

/// A list of one witness.
#[unsafe(no_mangle)]
pub extern "C" fn witness_one(trace: u32) -> u32 {
    new_list(trace)
}

fn new_list(witness: u32) -> u32 {
    let list = take(LIST_SIZE);
    set_word(list, witness);
    set_field(list, 4, witness);
    set_field(list, 8, 0);
    set_field(list, 12, 0);
    set_field(list, 16, 0);
    list
}

#[inline(never)]
fn push(list: u32, trace: Trace) {
    let last = field(list, 4);
    set_word(if last == 0 { list } else { last + 24 }, trace.0);
    set_field(list, 4, trace.0);
}

/// Adds the witnesses of one tuple to `list`, drawn to its element. Of elements that are not located the first counts.
#[unsafe(no_mangle)]
pub extern "C" fn witness_draw(list: u32, found: u32, element: u32) {
    if origin(element) == 0 {
        if field(list, 16) != 0 {
            return;
        }
        set_field(list, 16, 1);
    }
    let mut witness = word(found);
    while witness != 0 {
        let next = Trace(witness).next();
        set_field(witness, 24, 0);
        push(list, Trace(trace_draw(witness, element)));
        witness = next;
    }
}

/// A trace drawn to an element: its place, unless it is at or below it already.
#[unsafe(no_mangle)]
pub extern "C" fn trace_draw(trace: u32, element: u32) -> u32 {
    let from = Trace(trace);
    let node = origin(element);
    if is_here(element) == 0 {
        // What it is owed to of another object is related, at least the object itself.
        let mut cell = from.related();
        while cell != 0 && !is_within(field(cell, 4), element) {
            cell = word(cell);
        }
        if cell == 0 {
            from.relate(Trace::at_node(element).place());
        }
        return trace;
    }
    if node == 0 || is_within(from.node(), node) {
        return trace;
    }
    let drawn = Trace::at_node(node);
    set_word(drawn.0, from.value());
    drawn.relate(from.place());
    drawn.relate_all(from)
}

/// Adds a list to a chain of lists, one for each operand.
#[unsafe(no_mangle)]
pub extern "C" fn witness_chain(chain: u32, list: u32) -> u32 {
    if chain == 0 {
        set_field(list, 12, list);
        return list;
    }
    set_word(field(chain, 12) + 8, list);
    set_field(chain, 12, list);
    chain
}

/// Of a chain the list whose first witness is deepest, the others related to it.
#[unsafe(no_mangle)]
pub extern "C" fn witness_deepest(chain: u32) -> u32 {
    let mut best = chain;
    let mut deepest = first_depth(chain);
    let mut list = chain;
    while list != 0 {
        let depth = first_depth(list);
        if depth > deepest {
            best = list;
            deepest = depth;
        }
        list = field(list, 8);
    }
    relate_others(chain, best)
}

/// Of a chain the first list whose first witness has a place, the others related to it.
#[unsafe(no_mangle)]
pub extern "C" fn witness_placed(chain: u32) -> u32 {
    let mut list = chain;
    while list != 0 && word(first_place(list)) == 0 {
        list = field(list, 8);
    }
    relate_others(chain, if list == 0 { chain } else { list })
}

/// The place of the first witness.
fn first_place(list: u32) -> u32 {
    let witness = word(list);
    Trace(if witness == 0 { trace_nowhere(0) } else { witness }).place()
}

fn first_depth(list: u32) -> i32 {
    trace_depth(first_place(list) - 4)
}

fn relate_others(chain: u32, chosen: u32) -> u32 {
    let mut witness = word(chosen);
    while witness != 0 {
        let mut list = chain;
        while list != 0 {
            if list != chosen {
                Trace(witness).relate(first_place(list));
            }
            list = field(list, 8);
        }
        witness = Trace(witness).next();
    }
    set_field(chosen, 8, 0);
    chosen
}

/// One witness at a place named by the policy; what was found is related.
#[unsafe(no_mangle)]
pub extern "C" fn witness_at(trace: u32, found: u32) -> u32 {
    let at = Trace(trace).beside(0);
    at.relate_all(Trace(trace));
    let mut witness = word(found);
    while witness != 0 {
        at.relate(Trace(witness).place());
        at.relate_all(Trace(witness));
        witness = Trace(witness).next();
    }
    witness_one(at.0)
}

/// Witnesses of a needle that is in a list.
#[unsafe(no_mangle)]
pub extern "C" fn witness_in(needle: u32, list: u32, into: u32, mask: u32) -> u32 {
    equal_elements(needle, list, into, mask, |a, b| {
        crate::compare::same_scalar(a, b)
    })
}

/// See [`witness_in`], for quantities.
#[unsafe(no_mangle)]
pub extern "C" fn witness_in_quantity(needle: u32, list: u32, into: u32, mask: u32) -> u32 {
    equal_elements(needle, list, into, mask, |a, b| {
        u32::from(crate::quantity::order_quantity(a, b) == 0)
    })
}

/// See [`witness_in`], for versions.
#[unsafe(no_mangle)]
pub extern "C" fn witness_in_version(needle: u32, list: u32, into: u32, mask: u32) -> u32 {
    equal_elements(needle, list, into, mask, |a, b| u32::from(order_version(a, b) == 0))
}

/// See [`witness_in`], for spans of time.
#[unsafe(no_mangle)]
pub extern "C" fn witness_in_duration(needle: u32, list: u32, into: u32, mask: u32) -> u32 {
    equal_elements(needle, list, into, mask, |a, b| u32::from(order_duration(a, b) == 0))
}

/// See [`witness_in`], for points in time.
#[unsafe(no_mangle)]
pub extern "C" fn witness_in_timestamp(needle: u32, list: u32, into: u32, mask: u32) -> u32 {
    equal_elements(needle, list, into, mask, |a, b| u32::from(order_timestamp(a, b) == 0))
}

/// Adds what `list` (one list of a joined one) says to `into`; a needle with a place gathers the first located element.
#[inline(always)]
fn equal_elements(needle: u32, list: u32, into: u32, mask: u32, same: impl Fn(u32, u32) -> u32) -> u32 {
    let sought = Trace(needle);
    let placed = sought.node() != 0;
    let mut at = value::elements(list);
    while at != value::elements_end(list) {
        let element = value::element_at(list, at);
        at = value::next_element(list, at);
        let node = origin(element);
        let is_elsewhere = is_here(element) == 0;
        if (node == 0 && !is_elsewhere)
            || is_unknown(value::checked_element(element, mask))
            || same(sought.value(), element) == 0
        {
            continue;
        }
        if placed {
            if field(into, 16) == 0 {
                sought.relate(Trace::at_node(if is_elsewhere { element } else { node }).place());
                set_field(into, 16, 1);
            }
        } else if !is_elsewhere || word(into) == 0 {
            push(into, Trace::of(element));
        }
    }
    into
}

/// Ends what [`witness_in`] began: at least one witness.
#[unsafe(no_mangle)]
pub extern "C" fn witness_in_end(needle: u32, into: u32) -> u32 {
    if Trace(needle).node() != 0 {
        push(into, Trace(needle));
    } else if word(into) == 0 {
        push(into, Trace::at_node(0));
    }
    set_field(into, 16, 0);
    into
}

/// The trace of the first element of a known list that is unknown; else `trace`.
#[unsafe(no_mangle)]
pub extern "C" fn trace_unknown_element(list: u32, mask: u32, trace: u32) -> u32 {
    let mut at = value::elements(list);
    while at != value::elements_end(list) {
        let element = value::element_at(list, at);
        at = value::next_element(list, at);
        if is_unknown(value::checked_element(element, mask)) {
            return trace_node(element, 0);
        }
    }
    trace
}

/// The trace of what makes a known version's being in a known list unknown: of the first element that is unknown or no
/// version, or of the needle, whose trace and value are given, if that is none; else `trace`.
#[unsafe(no_mangle)]
pub extern "C" fn trace_unread_version(needle: u32, sought: u32, list: u32, mask: u32, trace: u32) -> u32 {
    unread(needle, sought, list, mask, trace, order_version)
}

/// See [`trace_unread_version`], for spans of time.
#[unsafe(no_mangle)]
pub extern "C" fn trace_unread_duration(needle: u32, sought: u32, list: u32, mask: u32, trace: u32) -> u32 {
    unread(needle, sought, list, mask, trace, order_duration)
}

/// See [`trace_unread_version`], for points in time.
#[unsafe(no_mangle)]
pub extern "C" fn trace_unread_timestamp(needle: u32, sought: u32, list: u32, mask: u32, trace: u32) -> u32 {
    unread(needle, sought, list, mask, trace, order_timestamp)
}

#[inline(always)]
fn unread(needle: u32, sought: u32, list: u32, mask: u32, trace: u32, order: extern "C" fn(u32, u32) -> u32) -> u32 {
    let mut at = value::elements(list);
    while at != value::elements_end(list) {
        let element = value::element_at(list, at);
        at = value::next_element(list, at);
        let is_known = !is_unknown(value::checked_element(element, mask));
        // A text that reads as something is in order with itself.
        if is_known && order(sought, sought) == UNKNOWN_VALUE {
            return needle;
        }
        if !is_known || order(element, element) == UNKNOWN_VALUE {
            return trace_node(element, 0);
        }
    }
    trace
}
