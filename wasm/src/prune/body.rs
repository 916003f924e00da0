//! Bodies of functions: where numbers stand in them.

use std::collections::BTreeMap;
use std::ops::Range;

use wasmparser::{BlockType, Operator};

use super::Result;
use super::read::Source;
use crate::section::{read_leb, write_leb};

const I32_CONST: u8 = 0x41;
const UNREACHABLE: u8 = 0x00;
const END: u8 = 0x0B;
/// Instructions that hold numbers of other parts, none of which Palisade writes: exceptions, references to typed
/// functions, objects.
const UNKNOWN: [u8; 12] = [
    0x06, 0x07, 0x08, 0x09, 0x12, 0x13, 0x14, 0x15, 0x18, 0x19, 0x1F, 0xFB,
];

/// What an instruction names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Index {
    Function(u32),
    Type(u32),
    /// The type of a block, which is written as a signed number.
    BlockType(u32),
    Global(u32),
    /// Nothing; the linker that wrote the operand left room in it, and this is it without.
    Bytes(Vec<u8>),
}

/// An operand that is written anew.
#[derive(Debug)]
pub(super) struct Patch {
    /// Where it is in the file.
    pub(super) range: Range<usize>,
    pub(super) index: Index,
}

/// A function's locals and instructions.
#[derive(Debug)]
pub(super) struct Body<'a> {
    /// The file that it is from, and where it is there.
    pub(super) wasm: &'a [u8],
    pub(super) range: Range<usize>,
    /// In the order of the operands.
    pub(super) patches: Vec<Patch>,
}

impl Body<'_> {
    /// What the function does, whatever the file: equal bodies have equal texts. `same` says which functions are others.
    pub(super) fn text(&self, same: &BTreeMap<u32, u32>) -> Vec<u8> {
        let mut text = Vec::new();
        let mut at = self.range.start;
        for patch in &self.patches {
            text.extend_from_slice(self.wasm.get(at..patch.range.start).unwrap_or_default());
            let (kind, number) = match &patch.index {
                Index::Function(number) => (0, same.get(number).unwrap_or(number)),
                Index::Type(number) | Index::BlockType(number) => (1, number),
                Index::Global(number) => (2, number),
                Index::Bytes(bytes) => {
                    text.extend_from_slice(bytes);
                    at = patch.range.end;
                    continue;
                }
            };
            text.push(kind);
            text.extend(number.to_le_bytes());
            at = patch.range.end;
        }
        text.extend_from_slice(self.wasm.get(at..self.range.end).unwrap_or_default());
        text
    }

    /// Gives 1.
    pub(super) fn one() -> Self {
        const BODY: &[u8] = &[0, I32_CONST, 1, END];
        Self {
            wasm: BODY,
            range: 0..BODY.len(),
            patches: Vec::new(),
        }
    }
}

/// A body that nobody else writes, for a function of any type.
pub(super) fn stub(number: i32) -> Vec<u8> {
    let mut body = vec![0, I32_CONST];
    write_signed(&mut body, number);
    body.extend([UNREACHABLE, END]);
    body
}

/// The number of the function that a stub stands for; nothing for other bodies.
pub(super) fn number_of_stub(body: &[u8]) -> Option<u32> {
    let rest = body.strip_prefix(&[0, I32_CONST])?;
    let (number, rest) = read_leb(rest)?;
    (rest == [UNREACHABLE, END]).then_some(number)
}

/// A function of a module, by number.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the other instructions hold no number that changes"
)]
pub(super) fn read<'a>(source: &Source<'a>, function: u32) -> Result<Body<'a>> {
    let body = source.body(function)?;
    let mut patches = Vec::new();
    let mut operators = body.get_operators_reader().map_err(read_error)?;
    let mut after_else = None;
    while !operators.eof() {
        let (operator, start) = operators.read_with_offset().map_err(read_error)?;
        // An `else` of nothing is none: what is before it leaves nothing either.
        if let (Operator::End, Some(start)) = (&operator, after_else) {
            patches.push(Patch {
                range: start..start + 1,
                index: Index::Bytes(Vec::new()),
            });
        }
        after_else = matches!(operator, Operator::Else).then_some(start);
        let end = operators.original_position();
        let opcode = source.bytes(start..end).first();
        if opcode.is_none_or(|opcode| UNKNOWN.contains(opcode)) {
            return Err(format!(
                "an instruction at byte {start} is of no module of Palisade"
            ));
        }
        let index = match operator {
            Operator::Call { function_index } | Operator::RefFunc { function_index } => {
                Index::Function(function_index)
            }
            Operator::CallIndirect { type_index, .. } => Index::Type(type_index),
            Operator::GlobalGet { global_index } | Operator::GlobalSet { global_index } => {
                Index::Global(global_index)
            }
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                match blockty {
                    BlockType::FuncType(index) => Index::BlockType(index),
                    BlockType::Empty | BlockType::Type(_) => continue,
                }
            }
            Operator::I32Const { value } => {
                let mut bytes = Vec::new();
                write_signed(&mut bytes, value);
                Index::Bytes(bytes)
            }
            _ => match memory_operand(opcode.copied(), source.bytes(start + 1..end)) {
                Some(bytes) => Index::Bytes(bytes),
                None => continue,
            },
        };
        let end = match index {
            // What follows the type is the table.
            Index::Type(_) | Index::BlockType(_) | Index::Function(_) | Index::Global(_) => {
                let operand = source.bytes(start + 1..end);
                let (_, rest) = read_leb(operand).ok_or("an operand is cut short")?;
                end - rest.len()
            }
            Index::Bytes(_) => end,
        };
        let range = start + 1..end;
        let is_same = matches!(&index, Index::Bytes(bytes) if bytes == source.bytes(range.clone()));
        if !is_same {
            patches.push(Patch { range, index });
        }
    }
    Ok(Body {
        wasm: source.wasm,
        range: body.range(),
        patches,
    })
}

/// Alignment and offset of a load or store, as short as they can be.
fn memory_operand(opcode: Option<u8>, operand: &[u8]) -> Option<Vec<u8>> {
    if !matches!(opcode, Some(0x28..=0x3E)) {
        return None;
    }
    let (alignment, rest) = read_leb(operand)?;
    let (offset, rest) = read_leb(rest)?;
    // With several memories their number stands in between.
    if !rest.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    write_leb(&mut bytes, alignment as usize);
    write_leb(&mut bytes, offset as usize);
    Some(bytes)
}

/// A number of a signed operand, as short as it can be.
pub(super) fn write_signed(out: &mut Vec<u8>, value: i32) {
    let mut rest = value;
    loop {
        let byte = (rest & 0x7F) as u8;
        rest >>= 7;
        let sign = byte & 0x40 != 0;
        if (rest == 0 && !sign) || (rest == -1 && sign) {
            out.push(byte);
            return;
        }
        out.push(byte | 0x80);
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "`map_err` hands its error over"
)]
pub(super) fn read_error(error: wasmparser::BinaryReaderError) -> String {
    error.to_string()
}
