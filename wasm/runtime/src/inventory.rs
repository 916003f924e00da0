//! The objects that policies ask for besides the one that is judged, and the tables by which they are found.
//!
//! A host hands them over once; they lie below what a reset frees. Lists of them and tables are made when they are first
//! asked for, and kept like them.
//!
//! ```text
//! QUERIES   0 asked u32, end u32       rows of 8: kind text; list of groups, texts
//!           8 queries u32              rows of 8: list of parts: kind asked for, list of symbols (the path); list or 0
//!          12 end u32
//!          16 sites u32, end u32       rows of 16: query; number of the function that adds the keys of an object or row;
//!                                      table of entries or 0; the list of rows, or 0 for objects
//!          24 the symbol of `objects`
//! object    0 node; 4 row of the kind asked for, or 0
//! table     0 mask; 4 heads; 8 entries; 12 indices of objects whose keys are unknown: count, words
//! entry     0 hash; 8 entry after it with the same head, counted from 1; 12 node
//! ```

use crate::arena::{mark, release, take, take_zeros};
use crate::embedded::{ELSEWHERE, whereabouts};
use crate::dispatch::{call_function, group_of, has_group, walk};
use crate::layout::{FIRST_ADDRESS, KEY_TEXT, KIND_BOOL, KIND_INT, KIND_LIST, KIND_MAP, UNKNOWN_INVENTORY};
use crate::message::{member_string, word_number};
use crate::node::{after, byte, byte_field, field, first, kind, second, set_field, set_word, word};
use crate::program::{SYM_API_VERSION, SYM_KIND, SYM_KNOWLEDGE, is_text};
use crate::state::{is_located, spend, state};
use crate::value::{checked_element, context_part, element_at, elements, elements_end, left_out, member_node, next_element, refs_to};

/// Filled in by code generation.
#[unsafe(no_mangle)]
pub static mut PALISADE_QUERIES: [u32; 7] = [0; 7];

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
    /// There may be others of every kind.
    is_partial: bool,
    /// They came with what is judged, and go with it.
    is_passing: bool,
    /// A word for each: where it is written; 0 for none.
    sources: u32,
    n_sources: u32,
}

static mut INVENTORY: Inventory = Inventory {
    list: 0,
    end: 0,
    objects: 0,
    count: 0,
    knowledge: 0,
    is_partial: false,
    is_passing: false,
    sources: 0,
    n_sources: 0,
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
    adopt(list, knowledge);
    if list != 0 {
        mark();
    }
}

/// Takes over where the objects are written, a list in their order; see `docs/abi.md`.
#[unsafe(no_mangle)]
pub extern "C" fn palisade_sources(list: u32) {
    let inventory = inventory();
    inventory.n_sources = 0;
    if list == 0 || kind(list) != KIND_LIST {
        return;
    }
    inventory.sources = take(4 * first(list));
    let mut source = list + 16;
    while inventory.n_sources != first(list) {
        set_word(inventory.sources + 4 * inventory.n_sources, source);
        inventory.n_sources += 1;
        source = after(source);
    }
    mark();
}

/// `source(object)`: where an object of the inventory is written; of any other what the context says by a key.
#[unsafe(no_mangle)]
pub extern "C" fn fn_source(of: u32, key: u32) -> u32 {
    if of < FIRST_ADDRESS {
        return of;
    }
    if !is_of_inventory(of) {
        return context_part(key);
    }
    let nth = (row_of(of) - inventory().objects) / OBJECT_ROW;
    if nth < inventory().n_sources { word(inventory().sources + 4 * nth) } else { 0 }
}

/// What the context calls an inventory as a whole, and what it may say of what is known; each with a comma behind.
const WHOLE: &[u8] = b"inventory,";
const KNOWN: &[u8] = b"complete,";

/// Takes over the objects that come with what is judged: those of an inventory as a whole, or of the context. Code
/// generation puts 1 in its place where a program asks for none.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn inventory_brought(object: u32) -> u32 {
    if inventory().is_passing {
        inventory_forget();
    }
    let context = state().context;
    let file = member_string(context, SYM_KIND);
    let is_whole = file != 0 && word_number(WHOLE, file) == 0;
    let list = member_node(if is_whole { object } else { context }, at(24));
    if list >= FIRST_ADDRESS && kind(list) == KIND_LIST && list != inventory().list {
        adopt(list, 0);
        let known = member_string(context, SYM_KNOWLEDGE);
        inventory().is_partial = known != 0 && word_number(KNOWN, known) != 0;
        inventory().is_passing = true;
    }
    1
}

/// Takes objects over; 0 for none.
fn adopt(list: u32, knowledge: u32) {
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
}

/// Keeps what was made of the objects as long as they stay.
fn keep() {
    if !inventory().is_passing {
        mark();
    }
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
    inventory.is_partial = false;
    inventory.is_passing = false;
    inventory.n_sources = 0;
    1
}

/// 0 for a node of the inventory, unless that is what is judged. Code generation puts 1 in its place where a program asks
/// for no objects.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn is_here(node: u32) -> u32 {
    let is_here = !is_of_inventory(node) || is_located(node) || is_foreign(node) == 0;
    u32::from(is_here && whereabouts(node) != ELSEWHERE)
}

/// 0 for a node of a text file, where the policy that runs says what is wrong with text files in these. Code generation puts
/// 1 in its place where there is no such policy.
#[unsafe(no_mangle)]
#[inline(never)]
pub extern "C" fn is_foreign(node: u32) -> u32 {
    let policy = state().policy;
    let owns = policy != 0 && byte_field(policy, 10) & OWNS_FILES != 0;
    u32::from(!(owns && is_of_inventory(node) && is_text_file(word(row_of(node)))))
}

/// The bit of a policy's operations that says that text files own what is wrong with them.
const OWNS_FILES: u8 = 16;

/// Whether an element of the inventory is a text file, rather than of a kind that a pack declares.
fn is_text_file(object: u32) -> bool {
    let file = kind_of_file(object);
    file != 0 && word(file) == 4 && word(file + 4) == u32::from_le_bytes(*b"file")
}

/// The file that a node of the inventory is of, for a place in it.
pub fn file_of(node: u32) -> u32 {
    word(row_of(node))
}

fn is_of_inventory(node: u32) -> bool {
    node >= inventory().list && node < inventory().end
}

/// The kind of file that an element of the inventory is of, a text as keys are; 0 for an object of the API.
fn kind_of_file(object: u32) -> u32 {
    let key = field(object, 4);
    if key & KEY_TEXT == 0 { 0 } else { key & !KEY_TEXT }
}

/// The row of a kind of file that is asked for, or 0.
fn asked_of_file(name: u32) -> u32 {
    let mut row = at(0);
    while row != at(4) {
        // A kind of file has no groups.
        if word(field(row, 4)) == 0 && is_text(word(row), name + 4, word(name)) {
            return row;
        }
        row += ASKED_ROW;
    }
    0
}

/// The row of the kind that an object is of, or 0.
fn asked_of(object: u32) -> u32 {
    let file = kind_of_file(object);
    if file != 0 {
        return asked_of_file(file);
    }
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
    row = at(0);
    while row != at(4) {
        if is_every(row) {
            return row;
        }
        row += ASKED_ROW;
    }
    0
}

/// Whether every object is of a kind asked for, whatever its own.
fn is_every(row: u32) -> bool {
    is_text(word(row), EVERY.as_ptr() as u32, 1)
}

/// The kind that every object is of.
static EVERY: [u8; 1] = *b"*";

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
    keep();
    list
}

/// The part of an object that a query asks for; 0 if it has none.
fn part_of(object: u32, parts: u32) -> u32 {
    let asked = field(object, 4);
    let mut part = parts + 4;
    let end = part + 8 * word(parts);
    while part != end {
        let row = at(0) + ASKED_ROW * word(part);
        if asked != 0 && (row == asked || is_every(row) && kind_of_file(word(object)) == 0) {
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
    if inventory.list == 0 || inventory.is_partial {
        return UNKNOWN_INVENTORY;
    }
    let is_passing = inventory.is_passing;
    let parts = word(at(8) + QUERY_ROW * query);
    let mut part = parts + 4;
    let end = part + 8 * word(parts);
    while part != end {
        let is_partial = inventory.knowledge != 0 && byte(inventory.knowledge + word(part)) != COMPLETE;
        // Files cannot come with what is judged.
        if is_partial || is_passing && word(field(at(0) + ASKED_ROW * word(part), 4)) == 0 {
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
    if !is_of_inventory(part) {
        return state().object;
    }
    word(row_of(part))
}

/// The row of the object that a node of the inventory is of.
#[inline(never)]
fn row_of(part: u32) -> u32 {
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
    low
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

/// Of the elements of a site those whose keys are equal to the key that was made, or unknown; all if that is unknown.
#[unsafe(no_mangle)]
pub extern "C" fn objects_matching(site: u32) -> u32 {
    let row = at(16) + SITE_ROW * site;
    let (sought, is_unknown) = (made().hash, made().is_unknown);
    let known = all_of(row);
    if is_unknown {
        return known;
    }
    let table = table_of(row, known);
    // What follows may go on from the key.
    made().hash = sought;
    made().is_unknown = false;
    let count = count_entries(table, sought);
    let unknown = field(table, 12);
    let list = take(4 * (count + word(unknown)));
    // Both are in the order of the inventory.
    let mut end = list;
    let mut entry = next_equal(table, head_of(table, sought), sought);
    let mut other = 0;
    loop {
        let next = if other == word(unknown) { 0 } else { field(unknown + 4 * other, 4) };
        let chosen = if entry == 0 || (next != 0 && next < entry) {
            other += 1;
            next
        } else {
            let chosen = entry;
            entry = next_equal(table, field(entry_row(table, entry), 8), sought);
            chosen
        };
        if chosen == 0 {
            return counted(list, end, left_out(known));
        }
        set_word(end, field(entry_row(table, chosen), 12));
        end += 4;
    }
}

/// The same where the last key of the elements has to be equal to an element of a list, whose elements may have the kinds
/// of `mask`.
#[unsafe(no_mangle)]
pub extern "C" fn objects_among(site: u32, sought: u32, mask: u32) -> u32 {
    let row = at(16) + SITE_ROW * site;
    let (begun, is_unknown) = (made().hash, made().is_unknown);
    let known = all_of(row);
    if is_unknown || (sought != 0 && sought < FIRST_ADDRESS) {
        return known;
    }
    let table = table_of(row, known);
    let unknown = field(table, 12);
    let mut count = word(unknown);
    // First how many there are, then which.
    let mut found = 0;
    let mut end = 0;
    let mut is_known = sought == 0 || left_out(sought) == 0;
    loop {
        let mut element = if sought == 0 { 0 } else { elements(sought) };
        while is_known && element != 0 && element != elements_end(sought) {
            let value = checked_element(element_at(sought, element), mask);
            element = next_element(sought, element);
            is_known = (value == 0 || value >= FIRST_ADDRESS) && (found != 0 || spend(1));
            if value == 0 {
                // What is absent is equal to no key.
                continue;
            }
            made().hash = begun;
            key_add(value);
            let hash = made().hash;
            let mut entry = next_equal(table, head_of(table, hash), hash);
            while is_known && entry != 0 {
                if found == 0 {
                    count += 1;
                } else {
                    set_word(end, entry);
                    end += 4;
                }
                entry = next_equal(table, field(entry_row(table, entry), 8), hash);
            }
        }
        if found != 0 || !is_known {
            break;
        }
        found = take(4 * count);
        end = found;
        while end != found + 4 * word(unknown) {
            set_word(end, field(unknown, 4 + end - found));
            end += 4;
        }
    }
    made().hash = begun;
    made().is_unknown = false;
    if !is_known {
        return known;
    }
    sort(found, end);
    // Elements that are equal find the same.
    let mut kept = found;
    let mut at = found;
    let mut last = 0;
    while at != end {
        let entry = word(at);
        at += 4;
        if entry != last {
            set_word(kept, field(entry_row(table, entry), 12));
            kept += 4;
        }
        last = entry;
    }
    counted(found, kept, left_out(known))
}

/// Sorts words.
fn sort(start: u32, end: u32) {
    let count = (end - start) / 4;
    let mut gap = count / 2;
    while gap != 0 {
        let mut at = gap;
        while at < count {
            let word_at = word(start + 4 * at);
            let mut to = at;
            while to >= gap && word(start + 4 * (to - gap)) > word_at {
                set_word(start + 4 * to, word(start + 4 * (to - gap)));
                to -= gap;
            }
            set_word(start + 4 * to, word_at);
            at += 1;
        }
        gap /= 2;
    }
}

/// All elements of a site.
fn all_of(row: u32) -> u32 {
    let rows = field(row, 12);
    if rows == 0 { objects_known(word(row)) } else { rows }
}

/// The table of a site, made when it is first needed.
#[inline(never)]
fn table_of(row: u32, known: u32) -> u32 {
    if field(row, 8) == 0 {
        let table = make_table(known, field(row, 4));
        set_field(row, 8, table);
        keep();
    }
    field(row, 8)
}

fn count_entries(table: u32, hash: u64) -> u32 {
    let mut count = 0;
    let mut entry = next_equal(table, head_of(table, hash), hash);
    while entry != 0 {
        count += 1;
        entry = next_equal(table, field(entry_row(table, entry), 8), hash);
    }
    count
}

/// The first entry with the head of a hash.
fn head_of(table: u32, hash: u64) -> u32 {
    word(field(table, 4) + 4 * (slot(hash) & word(table)))
}

/// From an entry on the first that has the hash; 0 if none has.
#[inline(never)]
fn next_equal(table: u32, from: u32, hash: u64) -> u32 {
    let mut entry = from;
    while entry != 0 && hash_of(entry_row(table, entry)) != hash {
        entry = field(entry_row(table, entry), 8);
    }
    entry
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
    let mut entry = 0;
    let mut at = elements(list);
    while entry != count {
        entry += 1;
        set_field(entry_row(table, entry), 12, element_at(list, at));
        at = next_element(list, at);
    }
    // From the last to the first, so that each comes before those after it.
    while entry != 0 {
        let row = entry_row(table, entry);
        let node = field(row, 12);
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
