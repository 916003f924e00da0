//! Writes what is used of a module, with new numbers.

use std::collections::BTreeMap;

use wasmparser::{ExternalKind, FuncType, ValType};

use super::body::{Body, Index, write_signed};
use super::read::Source;
use super::{Result, Used, count};
use crate::section::{self, write_leb};

const TYPE: u8 = 1;
const IMPORT: u8 = 2;
const FUNCTION: u8 = 3;
const GLOBAL: u8 = 6;
const EXPORT: u8 = 7;
const ELEMENT: u8 = 9;
const CODE: u8 = 10;
const NAMES: &str = "name";
/// The part of the section with names that has those of functions.
const NAMES_OF_FUNCTIONS: u8 = 1;

/// Old numbers and new ones.
struct Numbers {
    functions: BTreeMap<u32, u32>,
    types: BTreeMap<u32, u32>,
    globals: BTreeMap<u32, u32>,
}

/// The module with another code section.
pub(super) fn replace_code(source: &Source<'_>, code: &[u8]) -> Result<Vec<u8>> {
    let mut out = header();
    for (id, range) in &source.sections {
        let contents = source.bytes(range.clone());
        write_section(&mut out, *id, if *id == CODE { code } else { contents });
    }
    if let Some(range) = &source.name_section {
        write_section(&mut out, 0, source.bytes(range.clone()));
    }
    Ok(out)
}

pub(super) fn write(source: &Source<'_>, used: &Used<'_>) -> Result<Vec<u8>> {
    let number = |used: &mut dyn Iterator<Item = &u32>| used.copied().zip(0..).collect();
    let mut kept: BTreeMap<u32, u32> = number(&mut used.functions.keys());
    for (&function, same) in &used.same {
        if let Some(&number) = kept.get(same) {
            kept.insert(function, number);
        }
    }
    let numbers = Numbers {
        functions: kept,
        types: number(&mut used.types.iter()),
        globals: number(&mut used.globals.iter()),
    };
    let mut out = header();
    for (id, range) in &source.sections {
        let contents = match *id {
            TYPE => types(source, used)?,
            IMPORT => imports(source, &numbers)?,
            FUNCTION => functions(source, used, &numbers)?,
            GLOBAL => globals(source, used)?,
            EXPORT => exports(source, &numbers)?,
            ELEMENT => elements(source, &numbers)?,
            CODE => code(used, &numbers)?,
            _ => {
                write_section(&mut out, *id, source.bytes(range.clone()));
                continue;
            }
        };
        // A section without items is none.
        if contents.first() != Some(&0) {
            write_section(&mut out, *id, &contents);
        }
    }
    let names = names(source, &numbers);
    if !names.is_empty() {
        section::append(&mut out, NAMES, &names);
    }
    Ok(out)
}

fn header() -> Vec<u8> {
    section::HEADER.to_vec()
}

fn write_section(out: &mut Vec<u8>, id: u8, contents: &[u8]) {
    out.push(id);
    write_leb(out, contents.len());
    out.extend_from_slice(contents);
}

fn write_text(out: &mut Vec<u8>, text: &str) {
    write_leb(out, text.len());
    out.extend_from_slice(text.as_bytes());
}

fn new_number(numbers: &BTreeMap<u32, u32>, old: u32) -> Result<usize> {
    let new = numbers.get(&old);
    new.map(|&new| new as usize)
        .ok_or_else(|| format!("item {old} is used and missing"))
}

fn types(source: &Source<'_>, used: &Used<'_>) -> Result<Vec<u8>> {
    const FUNCTION_TYPE: u8 = 0x60;
    let mut out = Vec::new();
    write_leb(&mut out, used.types.len());
    for &ty in &used.types {
        let ty: &FuncType = (source.types.get(ty as usize)).ok_or("there is no such type")?;
        out.push(FUNCTION_TYPE);
        for values in [ty.params(), ty.results()] {
            write_leb(&mut out, values.len());
            for value in values {
                out.push(match value {
                    ValType::I32 => 0x7F,
                    ValType::I64 => 0x7E,
                    ValType::F32 => 0x7D,
                    ValType::F64 => 0x7C,
                    ValType::V128 | ValType::Ref(_) => {
                        return Err(format!("has values of type {value}"));
                    }
                });
            }
        }
    }
    Ok(out)
}

fn imports(source: &Source<'_>, numbers: &Numbers) -> Result<Vec<u8>> {
    const OF_FUNCTION: u8 = 0;
    let used: Vec<_> = (source.imports.iter().zip(0..))
        .filter(|(_, number)| numbers.functions.contains_key(number))
        .collect();
    let mut out = Vec::new();
    write_leb(&mut out, used.len());
    for (import, number) in used {
        write_text(&mut out, import.module);
        write_text(&mut out, import.name);
        out.push(OF_FUNCTION);
        write_leb(
            &mut out,
            new_number(&numbers.types, source.type_of(number)?)?,
        );
    }
    Ok(out)
}

fn functions(source: &Source<'_>, used: &Used<'_>, numbers: &Numbers) -> Result<Vec<u8>> {
    let own: Vec<u32> = (used.functions.iter())
        .filter_map(|(&number, body)| body.is_some().then_some(number))
        .collect();
    let mut out = Vec::new();
    write_leb(&mut out, own.len());
    for number in own {
        write_leb(
            &mut out,
            new_number(&numbers.types, source.type_of(number)?)?,
        );
    }
    Ok(out)
}

fn globals(source: &Source<'_>, used: &Used<'_>) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    write_leb(&mut out, used.globals.len());
    for &global in &used.globals {
        let range = source.globals.get(global as usize);
        let range = range.ok_or("there is no such global")?;
        out.extend_from_slice(source.bytes(range.clone()));
    }
    Ok(out)
}

fn exports(source: &Source<'_>, numbers: &Numbers) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    write_leb(&mut out, source.exports.len());
    for export in &source.exports {
        write_text(&mut out, export.name);
        let (kind, number) = match export.kind {
            ExternalKind::Func => (0, new_number(&numbers.functions, export.index)?),
            ExternalKind::Table => (1, export.index as usize),
            ExternalKind::Memory => (2, export.index as usize),
            ExternalKind::Global => (3, new_number(&numbers.globals, export.index)?),
            ExternalKind::Tag | ExternalKind::FuncExact => {
                return Err(format!("exports `{}` in an unknown way", export.name));
            }
        };
        out.push(kind);
        write_leb(&mut out, number);
    }
    Ok(out)
}

fn elements(source: &Source<'_>, numbers: &Numbers) -> Result<Vec<u8>> {
    /// In the first table, at a place.
    const ACTIVE: u8 = 0;
    let mut out = Vec::new();
    write_leb(&mut out, source.elements.len());
    for element in &source.elements {
        out.push(ACTIVE);
        out.extend_from_slice(source.bytes(element.offset.clone()));
        write_leb(&mut out, element.functions.len());
        for &function in &element.functions {
            write_leb(&mut out, new_number(&numbers.functions, function)?);
        }
    }
    Ok(out)
}

fn code(used: &Used<'_>, numbers: &Numbers) -> Result<Vec<u8>> {
    let bodies: Vec<&Body<'_>> = used.functions.values().flatten().collect();
    let mut out = Vec::new();
    write_leb(&mut out, bodies.len());
    let mut patched = Vec::new();
    for body in bodies {
        patched.clear();
        write_body(&mut patched, body, numbers)?;
        write_leb(&mut out, patched.len());
        out.extend_from_slice(&patched);
    }
    Ok(out)
}

fn write_body(out: &mut Vec<u8>, body: &Body<'_>, numbers: &Numbers) -> Result<()> {
    let bytes = |range| body.wasm.get(range).unwrap_or_default();
    let mut at = body.range.start;
    for patch in &body.patches {
        out.extend_from_slice(bytes(at..patch.range.start));
        match &patch.index {
            Index::Function(old) => write_leb(out, new_number(&numbers.functions, *old)?),
            Index::Type(old) => write_leb(out, new_number(&numbers.types, *old)?),
            Index::BlockType(old) => {
                let new = count(new_number(&numbers.types, *old)?)?;
                write_signed(out, new.cast_signed());
            }
            Index::Global(old) => write_leb(out, new_number(&numbers.globals, *old)?),
            Index::Bytes(bytes) => out.extend_from_slice(bytes),
        }
        at = patch.range.end;
    }
    out.extend_from_slice(bytes(at..body.range.end));
    Ok(())
}

fn names(source: &Source<'_>, numbers: &Numbers) -> Vec<u8> {
    let mut used: BTreeMap<u32, &str> = BTreeMap::new();
    for (old, name) in &source.names {
        if let Some(&number) = numbers.functions.get(old) {
            // Of functions that are one the first gave the name.
            used.entry(number).or_insert(name);
        }
    }
    if used.is_empty() {
        return Vec::new();
    }
    let mut list = Vec::new();
    write_leb(&mut list, used.len());
    for (number, name) in used {
        write_leb(&mut list, number as usize);
        write_text(&mut list, name);
    }
    let mut out = Vec::new();
    write_section(&mut out, NAMES_OF_FUNCTIONS, &list);
    out
}
