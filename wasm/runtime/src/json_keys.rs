//! Of equal keys in a map the last counts, as for the API server.

use core::cmp::Ordering;

use crate::arena::take;
use crate::layout::{KEY_TEXT, KIND_MAP, KIND_MASK, KIND_NULL};
use crate::node::{after, bytes, key, kind, set_word, word};

/// Mark of a member that goes; no kind of a document.
const GONE: u32 = KIND_MASK;

/// Removes all but the last of equal keys from the map `map` of `count` members, and returns the address after it.
#[inline(never)]
pub fn drop_repeated(map: u32, count: u32) -> u32 {
    if mark_repeated(map, count) {
        close_gaps(map);
    }
    after(map)
}

/// Sorts the members by key (a heap: no input makes it slow) and compares neighbours.
fn mark_repeated(map: u32, count: u32) -> bool {
    let heap = Heap {
        rows: take(4 * count),
    };
    let mut member = map + 16;
    let mut i = 0;
    while i < count {
        heap.set(i, member);
        member = after(member);
        i += 1;
    }
    heap.sort(count);
    let mut found = false;
    i = 1;
    while i < count {
        let member = heap.get(i - 1);
        if compare(member, heap.get(i)) == Ordering::Equal {
            set_word(member, word(member) | GONE);
            found = true;
        }
        i += 1;
    }
    found
}

fn close_gaps(map: u32) {
    let end = after(map);
    let (mut from, mut to, mut size) = (map + 16, map + 16, 0);
    while from < end {
        let next = after(from);
        if kind(from) != GONE {
            size += u32::from(kind(from) != KIND_NULL);
            while from < next {
                set_word(to, word(from));
                from += 4;
                to += 4;
            }
        }
        from = next;
    }
    set_word(map, to - map | KIND_MAP);
    set_word(map + 8, size);
}

/// By key: symbols by number, before texts by bytes.
fn compare(a: u32, b: u32) -> Ordering {
    let (a, b) = (key(a), key(b));
    if a & b & KEY_TEXT == 0 {
        return a.cmp(&b);
    }
    let text = |key: u32| {
        let at = key & !KEY_TEXT;
        bytes(at + 4, word(at))
    };
    text(a).cmp(text(b))
}

/// Addresses of members in memory.
struct Heap {
    rows: u32,
}

impl Heap {
    fn get(&self, i: u32) -> u32 {
        word(self.rows + 4 * i)
    }

    fn set(&self, i: u32, member: u32) {
        set_word(self.rows + 4 * i, member);
    }

    /// Of equal keys the earlier member comes first.
    fn is_before(a: u32, b: u32) -> bool {
        match compare(a, b) {
            Ordering::Less => true,
            Ordering::Equal => a < b,
            Ordering::Greater => false,
        }
    }

    fn sort(&self, count: u32) {
        let mut root = count / 2;
        while root > 0 {
            root -= 1;
            self.sink(root, count);
        }
        let mut left = count;
        while left > 1 {
            left -= 1;
            let top = self.get(0);
            self.set(0, self.get(left));
            self.set(left, top);
            self.sink(0, left);
        }
    }

    fn sink(&self, from: u32, count: u32) {
        let mut at = from;
        loop {
            let mut child = 2 * at + 1;
            if child >= count {
                return;
            }
            if child + 1 < count && Self::is_before(self.get(child), self.get(child + 1)) {
                child += 1;
            }
            let (above, below) = (self.get(at), self.get(child));
            if !Self::is_before(above, below) {
                return;
            }
            self.set(at, below);
            self.set(child, above);
            at = child;
        }
    }
}
