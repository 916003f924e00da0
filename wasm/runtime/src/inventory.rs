//! The objects that policies ask for besides the one that is judged, and the tables by which they are found.
//!
//! A host hands them over once; they lie below what a reset frees. Lists of them and tables are made when they are first
//! asked for, and kept like them.
//!
//! ```text
//! QUERIES   0 asked u32, end u32       rows of 8: kind text; list of groups, texts
//!           8 queries u32              rows of 8: list of parts: kind asked for, list of symbols (the path); list or 0
//!          12 end u32
//!          16 sites u32, end u32       rows of 16: query; number of the function that adds an object's keys; table or 0; 0
//! object    0 node; 4 row of the kind asked for, or 0
//! table     0 mask; 4 heads; 8 entries; 12 indices of objects whose keys are unknown: count, words
//! entry     0 hash; 8 entry after it with the same head, counted from 1; 12 node
//! ```

use crate::arena::{mark, release, take, take_zeros};
use crate::embedded::{ELSEWHERE, whereabouts};
use crate::dispatch::{call_function, group_of, has_group, walk};
use crate::layout::{FIRST_ADDRESS, KIND_BOOL, KIND_INT, KIND_MAP, UNKNOWN_INVENTORY};
use crate::message::member_string;
use crate::node::{after, byte, byte_field, field, first, kind, second, set_field, set_word, word};
use crate::program::{SYM_API_VERSION, SYM_KIND, is_text};
use crate::state::state;
use crate::value::{left_out, refs_to};

/// Filled in by code generation.
#[unsafe(no_mangle)]
pub static mut PALISADE_QUERIES: [u32; 6] = [0; 6];

/// Bytes of a kind asked for, of a query, of a site.
const ASKED_ROW: u32 = 8;
const QUERY_ROW: u32 = 8;
const SITE_ROW: u32 = 16;
/// Bytes of an object and of an entry.
const OBJECT_ROW: u32 = 8;
const ENTRY_ROW: u32 = 16;

/// What a host knows of a kind.
const COMPLETE: u8 = 2;

/// What the host gave.
struct Inventory {
    /// The list, and the address after its last node; 0 for none.
    list: u32,
    end: u32,
    /// Its objects, in order.
    objects: u32,
    count: u32,
    /// A byte for each kind asked for; 0 if all of them are complete.
    knowledge: u32,
}

static mut INVENTORY: Inventory = Inventory {
    list: 0,
    end: 0,
    objects: 0,
    count: 0,
    knowledge: 0,
};

/// The key that is being made: FNV-1a of what was added, and whether some of it is unknown.
struct Key {
    hash: u64,
    is_unknown: bool,
}

static mut KEY: Key = Key {
    hash: 0,
    is_unknown: false,
};

fn inventory() -> &'static mut Inventory {
    // SAFETY: a guest has one thread, and no caller keeps the reference across a call that takes it.
    unsafe { &mut *(&raw mut INVENTORY) }
}

fn made() -> &'static mut Key {
    // SAFETY: see `inventory`.
    unsafe { &mut *(&raw mut KEY) }
}

fn at(offset: u32) -> u32 {
    // SAFETY: nothing but code generation writes it, and not while the module runs.
    word((&raw const PALISADE_QUERIES) as u32 + offset)
}

/// Takes the objects over; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_inventory(list: u32, knowledge: u32) {
    inventory_forget();
    if list == 0 {
        return;
    }
    let inventory = inventory();
    inventory.list = list;
    inventory.end = after(list);
    inventory.knowledge = knowledge;
    inventory.count = first(list);
    inventory.objects = take(OBJECT_ROW * inventory.count);
    let mut object = list + 16;
    let mut row = inventory.objects;
    while object < inventory.end {
        set_word(row, object);
        set_field(row, 4, asked_of(object));
        object = after(object);
        row += OBJECT_ROW;
    }
    mark();
}

/// Forgets the objects and all that was made of them. Code generation puts 1 in its place where a program asks for none.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn inventory_forget() -> u32 {
    let mut query = at(8);
    while query != at(12) {
        set_field(query, 4, 0);
        query += QUERY_ROW;
    }
    let mut site = at(16);
    while site != at(20) {
        set_field(site, 8, 0);
        site += SITE_ROW;
    }
    let inventory = inventory();
    inventory.list = 0;
    inventory.end = 0;
    inventory.count = 0;
    1
}

/// 0 for a node of the inventory. Code generation puts 1 in its place where a program asks for no objects.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn is_here(node: u32) -> u32 {
    u32::from((node < inventory().list || node >= inventory().end) && whereabouts(node) != ELSEWHERE)
}

/// The row of the kind that an object is of, or 0.
fn asked_of(object: u32) -> u32 {
    let (name, version) = (member_string(object, SYM_KIND), member_string(object, SYM_API_VERSION));
    if name == 0 || version == 0 {
        return 0;
    }
    let mut row = at(0);
    while row != at(4) {
        if is_text(word(row), first(name), second(name)) && has_group(field(row, 4), first(version), group_of(version)) {
            return row;
        }
        row += ASKED_ROW;
    }
    0
}

/// The objects of a query that are known, or their parts: a list, to which what is unknown is joined where there may be
/// others.
#[unsafe(no_mangle)]
pub extern "C" fn objects_known(query: u32) -> u32 {
    let row = at(8) + QUERY_ROW * query;
    let known = field(row, 4);
    if known != 0 {
        return known;
    }
    let words = take(4 * inventory().count);
    let mut end = words;
    let mut object = inventory().objects;
    let last = object + OBJECT_ROW * inventory().count;
    while object != last {
        let part = part_of(object, word(row));
        if part != 0 {
            set_word(end, part);
            end += 4;
        }
        object += OBJECT_ROW;
    }
    release((end + 15) & !15);
    let list = counted(words, end, objects_rest(query));
    set_field(row, 4, list);
    mark();
    list
}

/// The part of an object that a query asks for; 0 if it has none.
fn part_of(object: u32, parts: u32) -> u32 {
    let asked = field(object, 4);
    let mut part = parts + 4;
    let end = part + 8 * word(parts);
    while part != end {
        if asked != 0 && at(0) + ASKED_ROW * word(part) == asked {
            return walk(word(object), field(part, 4));
        }
        part += 8;
    }
    0
}

/// A list of the values between two addresses, to which what is unknown for a reason is joined, if that is not 0.
fn counted(words: u32, end: u32, reason: u32) -> u32 {
    let list = refs_to(words, (end - words) / 4);
    if reason != 0 {
        set_field(list, 4, reason);
    }
    list
}

/// Why there may be objects of a query that are not known; 0 if there are none.
fn objects_rest(query: u32) -> u32 {
    let inventory = inventory();
    if inventory.list == 0 {
        return UNKNOWN_INVENTORY;
    }
    let parts = word(at(8) + QUERY_ROW * query);
    let mut part = parts + 4;
    let end = part + 8 * word(parts);
    while part != end {
        if inventory.knowledge != 0 && byte(inventory.knowledge + word(part)) != COMPLETE {
            return UNKNOWN_INVENTORY;
        }
        part += 8;
    }
    0
}

/// The object of a part: the one that is judged, or one of the inventory.
#[unsafe(no_mangle)]
pub extern "C" fn fn_whole(part: u32) -> u32 {
    if part < FIRST_ADDRESS {
        return part;
    }
    if is_here(part) != 0 {
        return state().object;
    }
    let mut low = inventory().objects;
    let mut n_objects = inventory().count;
    while n_objects > 1 {
        let half = n_objects / 2;
        let middle = low + OBJECT_ROW * half;
        if word(middle) <= part {
            low = middle;
            n_objects -= half;
        } else {
            n_objects = half;
        }
    }
    word(low)
}

/// Begins a key.
#[unsafe(no_mangle)]
pub extern "C" fn key_begin() {
    made().hash = 0xCBF2_9CE4_8422_2325;
    made().is_unknown = false;
}

/// Adds a value to the key: values that are equal make equal keys.
#[unsafe(no_mangle)]
pub extern "C" fn key_add(value: u32) {
    if value < FIRST_ADDRESS {
        made().is_unknown |= value != 0;
        add_byte(0);
        return;
    }
    let kind = kind(value);
    add_byte(1);
    let (mut at, mut left) = (first(value), second(value));
    if kind == KIND_INT || kind == KIND_BOOL {
        at = value + 8;
        left = if kind == KIND_INT { 8 } else { 4 };
    }
    while left != 0 {
        add_byte(byte_field(at, 0));
        at += 1;
        left -= 1;
    }
}

fn add_byte(byte: u8) {
    let key = made();
    key.hash = (key.hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
}

/// Of the objects of a query those whose keys are equal to the key that was made, or unknown; all if that is unknown.
#[unsafe(no_mangle)]
pub extern "C" fn objects_matching(site: u32) -> u32 {
    let row = at(16) + SITE_ROW * site;
    let (sought, is_unknown) = (made().hash, made().is_unknown);
    let known = objects_known(word(row));
    if is_unknown {
        return known;
    }
    if field(row, 8) == 0 {
        let table = make_table(known, field(row, 4));
        set_field(row, 8, table);
        mark();
    }
    let table = field(row, 8);
    let head = field(table, 4) + 4 * (slot(sought) & word(table));
    let mut count = 0;
    let mut entry = word(head);
    while entry != 0 {
        let row = entry_row(table, entry);
        count += u32::from(hash_of(row) == sought);
        entry = field(row, 8);
    }
    let unknown = field(table, 12);
    let list = take(4 * (count + word(unknown)));
    // Both are in the order of the inventory.
    let mut end = list;
    let mut entry = word(head);
    let mut other = 0;
    loop {
        while entry != 0 && hash_of(entry_row(table, entry)) != sought {
            entry = field(entry_row(table, entry), 8);
        }
        let next = if other == word(unknown) { 0 } else { field(unknown + 4 * other, 4) };
        let chosen = if entry == 0 || (next != 0 && next < entry) {
            other += 1;
            next
        } else {
            let chosen = entry;
            entry = field(entry_row(table, entry), 8);
            chosen
        };
        if chosen == 0 {
            return counted(list, end, left_out(known));
        }
        set_word(end, field(entry_row(table, chosen), 12));
        end += 4;
    }
}

fn slot(hash: u64) -> u32 {
    (hash ^ (hash >> 32)) as u32
}

fn entry_row(table: u32, entry: u32) -> u32 {
    field(table, 8) + ENTRY_ROW * (entry - 1)
}

fn hash_of(row: u32) -> u64 {
    u64::from(word(row)) | u64::from(field(row, 4)) << 32
}

/// The table of a list's elements by the keys that a function adds.
fn make_table(list: u32, function: u32) -> u32 {
    let count = first(list);
    let mut size = 1;
    while size < count {
        size *= 2;
    }
    let table = take(16);
    set_word(table, size - 1);
    let heads = take_zeros(4 * size);
    set_field(table, 4, heads);
    set_field(table, 8, take(ENTRY_ROW * count));
    let was_silent = state().silent;
    state().silent = true;
    let mut n_unknown = 0;
    // From the last to the first, so that each comes before those after it.
    let mut entry = count;
    while entry != 0 {
        let row = entry_row(table, entry);
        let node = word(second(list) + 4 * (entry - 1));
        let garbage = take(0);
        key_begin();
        if kind(node) == KIND_MAP {
            call_function(function, node, 0);
        } else {
            made().is_unknown = true;
        }
        release(garbage);
        let hash = made().hash;
        set_word(row, hash as u32);
        set_field(row, 4, (hash >> 32) as u32);
        set_field(row, 12, node);
        if made().is_unknown {
            // Marks it for the list below; no entry has this number.
            set_field(row, 8, u32::MAX);
            n_unknown += 1;
        } else {
            let head = heads + 4 * (slot(hash) & (size - 1));
            set_field(row, 8, word(head));
            set_word(head, entry);
        }
        entry -= 1;
    }
    state().silent = was_silent;
    let unknown = take(4 + 4 * n_unknown);
    set_word(unknown, n_unknown);
    let mut end = unknown;
    while entry != count {
        entry += 1;
        if field(entry_row(table, entry), 8) == u32::MAX {
            end += 4;
            set_word(end, entry);
        }
    }
    set_field(table, 12, unknown);
    table
}
