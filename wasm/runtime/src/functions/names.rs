//! Names of hosts and of namespaces.

use super::{GIVEN, given};
use crate::layout::{FIRST_ADDRESS, KIND_MAP, KIND_STRING, UNKNOWN_INVENTORY};
use crate::node::{byte, first, second};
use crate::program::{SYM_METADATA, SYM_NAMESPACE};
use crate::value::{checked, read_node, string_node};

/// `host_matches(host, pattern)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_host_matches(host: u32, pattern: u32) -> u32 {
    let given = given(host, pattern);
    if given != GIVEN {
        return given;
    }
    let (mut at, mut pattern_at) = (first(host), first(pattern));
    let (end, pattern_end) = (at + second(host), pattern_at + second(pattern));
    if second(pattern) > 1 && byte(pattern_at) == b'*' && byte(pattern_at + 1) == b'.' {
        // One label, which is not empty.
        let label = at;
        while at != end && byte(at) != b'.' {
            at += 1;
        }
        if at == label {
            return 0;
        }
        pattern_at += 1;
    }
    if end - at != pattern_end - pattern_at {
        return 0;
    }
    while at != end {
        if byte(at).to_ascii_lowercase() != byte(pattern_at).to_ascii_lowercase() {
            return 0;
        }
        at += 1;
        pattern_at += 1;
    }
    1
}

/// `namespace(object)`
#[unsafe(no_mangle)]
pub extern "C" fn fn_namespace(object: u32) -> u32 {
    if object < FIRST_ADDRESS {
        return object;
    }
    let metadata = silent_read(object, SYM_METADATA, 1 << KIND_MAP);
    let namespace = silent_read(metadata, SYM_NAMESPACE, 1 << KIND_STRING);
    if namespace == 0 {
        UNKNOWN_INVENTORY
    } else if namespace < FIRST_ADDRESS {
        namespace
    } else {
        string_node(first(namespace), second(namespace))
    }
}

/// A member, whose type nobody promised.
#[inline(never)]
fn silent_read(base: u32, key: u32, mask: u32) -> u32 {
    let node = read_node(base, key);
    if base < FIRST_ADDRESS {
        base
    } else if node == 0 {
        0
    } else {
        checked(node, mask)
    }
}
