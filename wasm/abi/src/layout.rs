//! The numbers of the interface: node kinds, record sizes, reasons. Frozen by `docs/abi.md`.
//!
//! This file is compiled twice: into the host as part of `palisade-abi`, and into the guest runtime, which is `no_std`
//! and takes it by path. It therefore holds constants only.

/// Version of the interface. A host refuses a module with another one.
pub const ABI_VERSION: u32 = 1;

/// Bytes of one node. A node's address in guest memory is a multiple of it.
///
/// ```text
/// 0        4        8                16
/// ├ head ──┼ key ───┼ payload ───────┤
///   │        │        int: i64 · bool: u32 0 or 1 · string, float, unknown: ptr u32, len u32 · list, map: size u32, 0
///   │        └ in a map: a symbol, or KEY_TEXT | address of {len u32, bytes}; in a list: the key of that list
///   └ kind in the low 4 bits; the rest is the number of bytes of the subtree, this node included
/// ```
pub const NODE_SIZE: u32 = 16;

/// Mask of the kind in a node's head.
pub const KIND_MASK: u32 = 0xF;
/// Mask of the subtree's extent in bytes in a node's head: `address + (head & EXTENT_MASK)` is the next sibling.
pub const EXTENT_MASK: u32 = !KIND_MASK;

/// JSON null. Reads as absent.
pub const KIND_NULL: u32 = 0;
/// A boolean; payload 0 or 1.
pub const KIND_BOOL: u32 = 1;
/// A number written without fraction or exponent that fits 64 bits; payload is the value.
pub const KIND_INT: u32 = 2;
/// Any other number; payload is its JSON text, exact.
pub const KIND_FLOAT: u32 = 3;
/// Text, UTF-8.
pub const KIND_STRING: u32 = 4;
/// A list; payload is the number of elements, whether or not all were written.
pub const KIND_LIST: u32 = 5;
/// A map; payload is the number of members that are not null, whether or not all were written.
pub const KIND_MAP: u32 = 6;
/// A scalar whose value is not known (an unrendered template); payload is its text.
pub const KIND_UNKNOWN: u32 = 7;
/// Guest only: a list made of nodes elsewhere; payload is the count and the address of an array of node addresses.
pub const KIND_REFS: u32 = 8;

/// Guest only: a pattern; payload is its text, as of a string. Before the text stand two addresses: of the program that
/// finds where it matches, or 0, and of what tells whether it does (`wasm/runtime/src/pattern.rs`).
pub const KIND_PATTERN: u32 = 9;

/// Bit of a key that is spelled out rather than a symbol of the module.
pub const KEY_TEXT: u32 = 0x8000_0000;
/// The key of a root, and of an element of a root list.
pub const KEY_NONE: u32 = 0x7FFF_FFFF;

/// A value or condition below this number is not an address but a code.
pub const FIRST_ADDRESS: u32 = 16;
/// The absent value; as a condition, false.
pub const ABSENT: u32 = 0;
/// As a condition, false.
pub const FALSE: u32 = 0;
/// As a condition, true.
pub const TRUE: u32 = 1;
/// Unknown because a value contradicts its type; the finding of that read says so.
pub const UNKNOWN_SHAPE: u32 = 2;
/// Unknown because a required value is missing; the finding of that read says so.
pub const UNKNOWN_MISSING: u32 = 3;
/// Unknown because a template has not been rendered.
pub const UNKNOWN_TEMPLATE: u32 = 4;
/// Unknown because the host does not know the objects asked for in full.
pub const UNKNOWN_INVENTORY: u32 = 5;
/// Unknown because the evaluation ran out of steps.
pub const UNKNOWN_BUDGET: u32 = 6;
/// Unknown because arithmetic left its range or text could not be read as what it should be.
pub const UNKNOWN_VALUE: u32 = 7;

/// Steps of generated loops that one evaluation may take.
pub const STEP_BUDGET: u32 = 4_000_000;

/// Bytes of one result record.
///
/// ```text
///  0 next u32        address of the next result, 0 at the end
///  4 check u32       number of the check in the module
///  8 status u8, severity u8, reason u16
/// 12 part u32        address of the part that the policy judged
/// 16 place           24 bytes
/// 40 related u32 ptr, u32 count     places
/// 48 message u32 ptr, u32 len       UTF-8
/// 56 fixes u32 ptr, u32 count       fix records
/// ```
pub const RESULT_SIZE: u32 = 64;
/// Bytes of a mark, which is a result without its explanation: what a result begins with, up to its reason, and 4 unused
/// bytes.
pub const MARK_SIZE: u32 = 16;
/// Result status: the check fails at this place.
pub const STATUS_FINDING: u32 = 0;
/// Result status: the check could not be decided.
pub const STATUS_UNKNOWN: u32 = 1;
/// Result status: the policy does not apply to this evaluation (kind of operation, context).
pub const STATUS_NOT_APPLICABLE: u32 = 2;
/// Result status: the module is at fault.
pub const STATUS_ERROR: u32 = 3;

/// Severity numbers, in the order of seriousness.
pub const SEVERITY_INFO: u32 = 0;
/// See [`SEVERITY_INFO`].
pub const SEVERITY_LOW: u32 = 1;
/// See [`SEVERITY_INFO`].
pub const SEVERITY_MEDIUM: u32 = 2;
/// See [`SEVERITY_INFO`].
pub const SEVERITY_HIGH: u32 = 3;
/// See [`SEVERITY_INFO`].
pub const SEVERITY_CRITICAL: u32 = 4;

/// Bytes of one place.
///
/// ```text
///  0 node u32        address of the nearest existing node; 0: the place is the object as a whole
///  4 tail u32 ptr, u32 count   steps from there that are missing, 12 bytes each: kind u32, a u32, b u32
/// 12 inner u32       0 none, 1 a byte range of the decoded scalar, 2 a node of an embedded document
/// 16 inner_a u32, inner_b u32   start and end of the range; or the address of what is inside, the address of the inner node
/// ```
///
/// A place inside an embedded document has the node whose text holds the document; its tail is missing below the inner
/// node. What is inside is `{how u32, steps u32 ptr, u32 count, next u32}`: how the text is read (`EMBEDDED_…`), the steps
/// from the document's root, and, if these lead to a text that holds a document in its turn, the same again. Where `how`
/// has a bit that says so, `start u32, end u32` follow: a byte range of the text.
pub const PLACE_SIZE: u32 = 24;
/// Bytes of one step of a place's tail.
pub const STEP_SIZE: u32 = 12;
/// Step: a member of a map; `a` is a key as in a node.
pub const STEP_KEY: u32 = 0;
/// Step: an element of a list; `a` is its index from 0.
pub const STEP_INDEX: u32 = 1;
/// Step: the element of a keyed list; `a` is the key field's key, `b` the address of the node of its value.
pub const STEP_ELEMENT: u32 = 2;
/// No inner place.
pub const INNER_NONE: u32 = 0;
/// The inner place is a byte range of the decoded scalar.
pub const INNER_RANGE: u32 = 1;
/// The inner place is a node of an embedded document.
pub const INNER_NODE: u32 = 2;
/// An embedded document is JSON.
pub const EMBEDDED_JSON: u32 = 0;
/// An embedded document is YAML.
pub const EMBEDDED_YAML: u32 = 1;
/// Bit: its text is not what the node holds, but what that stands for (base64), or the node's key.
pub const EMBEDDED_DECODED: u32 = 2;
/// Bit: the text is a range of what the node holds.
pub const EMBEDDED_PART: u32 = 4;
/// Bit, alone, of the last record: there is no document, the place is a range of what the node holds.
pub const EMBEDDED_RANGE: u32 = 8;

/// Bytes of one fix.
///
/// ```text
///  0 op u8, safe u8, group u16       fixes of one group apply together or not at all
///  4 place           24 bytes
/// 28 value u32 ptr, u32 len          JSON text; empty for a removal
/// ```
pub const FIX_SIZE: u32 = 36;
/// Fix: set the place to the value, creating parents.
pub const FIX_SET: u32 = 0;
/// Fix: remove what is at the place.
pub const FIX_REMOVE: u32 = 1;
/// Fix: append the value to the list at the place.
pub const FIX_APPEND: u32 = 2;
/// Fix: set the element of the keyed list at the place, or append it.
pub const FIX_UPSERT: u32 = 3;
/// Fix: create an object; the value is the whole of it.
pub const FIX_CREATE: u32 = 4;

/// Bytes of what an evaluation returns: `first` result address u32 (0: none), count u32, steps taken u32, flags u32.
pub const OUTCOME_SIZE: u32 = 16;
/// Outcome flag: some evaluation ran out of steps, which is a failure of the run.
pub const OUTCOME_BUDGET: u32 = 1;
/// Outcome flag: results were dropped because they outgrew the limit, which is a failure of the run.
pub const OUTCOME_TRUNCATED: u32 = 2;

/// Bytes that the results of one evaluation may take before the rest is dropped.
pub const RESULT_LIMIT: u32 = 1 << 20;

/// Error of reading JSON: the text is no JSON.
pub const JSON_SYNTAX: u32 = 1;
/// Error of reading JSON: it is nested deeper than [`MAX_DEPTH`].
pub const JSON_DEPTH: u32 = 2;
/// Error of reading JSON: a string is no UTF-8.
pub const JSON_UTF8: u32 = 3;

/// Deepest nesting that a document may have.
pub const MAX_DEPTH: u32 = 256;
