//! The parts of a module, found without looking into bodies.

use std::ops::Range;

use wasmparser::{
    Element, ElementItems, ElementKind, Export, FromReader, FuncType, FunctionBody, Import,
    KnownCustom, Name, Parser, Payload, SectionLimited, TypeRef,
};

use super::{Result, body::read_error};

/// A module by its parts.
#[derive(Debug, Default)]
pub(super) struct Source<'a> {
    pub(super) wasm: &'a [u8],
    pub(super) types: Vec<FuncType>,
    /// All are functions.
    pub(super) imports: Vec<Import<'a>>,
    /// The types of functions, imported ones first.
    functions: Vec<u32>,
    pub(super) globals: Vec<Range<usize>>,
    pub(super) exports: Vec<Export<'a>>,
    pub(super) elements: Vec<Segment>,
    pub(super) bodies: Vec<FunctionBody<'a>>,
    /// Names of functions.
    pub(super) names: Vec<(u32, &'a str)>,
    /// All sections but those without a number, in the order of the file: number and contents.
    pub(super) sections: Vec<(u8, Range<usize>)>,
    /// Contents of the section with names.
    pub(super) name_section: Option<Range<usize>>,
}

/// Functions in a table.
#[derive(Debug)]
pub(super) struct Segment {
    /// Where the instructions are that give its place.
    pub(super) offset: Range<usize>,
    pub(super) functions: Vec<u32>,
}

impl<'a> Source<'a> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the other sections are written as they are"
    )]
    pub(super) fn read(wasm: &'a [u8]) -> Result<Self> {
        let mut source = Self {
            wasm,
            ..Self::default()
        };
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.map_err(read_error)?;
            if let Some((id, range)) = payload.as_section()
                && id != 0
            {
                source.sections.push((id, range));
            }
            match payload {
                Payload::TypeSection(types) => {
                    source.types = collect(types.into_iter_err_on_gc_types())?;
                }
                Payload::ImportSection(imports) => {
                    source.imports = collect(imports.into_imports())?;
                    for import in &source.imports {
                        let TypeRef::Func(ty) = import.ty else {
                            return Err(format!("imports `{}`, which is no function", import.name));
                        };
                        source.functions.push(ty);
                    }
                }
                Payload::FunctionSection(types) => {
                    source.functions.extend(collect(types.into_iter())?);
                }
                Payload::GlobalSection(globals) => source.globals = ranges(&globals)?,
                Payload::ExportSection(exports) => source.exports = collect(exports.into_iter())?,
                Payload::ElementSection(elements) => {
                    for element in elements {
                        source.elements.push(segment(element.map_err(read_error)?)?);
                    }
                }
                Payload::CodeSectionEntry(body) => source.bodies.push(body),
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        source.name_section = Some(section.range());
                        for name in names {
                            if let Name::Function(names) = name.map_err(read_error)? {
                                for naming in names {
                                    let naming = naming.map_err(read_error)?;
                                    source.names.push((naming.index, naming.name));
                                }
                            }
                        }
                    }
                }
                Payload::StartSection { .. } => return Err("starts by itself".to_owned()),
                Payload::TagSection(_) => return Err("throws exceptions".to_owned()),
                _ => {}
            }
        }
        Ok(source)
    }

    /// A part of the file.
    pub(super) fn bytes(&self, range: Range<usize>) -> &'a [u8] {
        self.wasm.get(range).unwrap_or_default()
    }

    pub(super) fn is_imported(&self, function: u32) -> bool {
        (function as usize) < self.imports.len()
    }

    pub(super) fn type_of(&self, function: u32) -> Result<u32> {
        let ty = self.functions.get(function as usize);
        ty.copied().ok_or_else(|| no_function(function))
    }

    pub(super) fn body(&self, function: u32) -> Result<&FunctionBody<'a>> {
        (function as usize)
            .checked_sub(self.imports.len())
            .and_then(|at| self.bodies.get(at))
            .ok_or_else(|| no_function(function))
    }
}

fn no_function(number: u32) -> String {
    format!("there is no function {number}")
}

fn collect<T>(items: impl Iterator<Item = wasmparser::Result<T>>) -> Result<Vec<T>> {
    items.collect::<wasmparser::Result<_>>().map_err(read_error)
}

/// Where each item of a section is.
fn ranges<'a, T: FromReader<'a>>(section: &SectionLimited<'a, T>) -> Result<Vec<Range<usize>>> {
    let mut starts = Vec::new();
    for item in section.clone().into_iter_with_offsets() {
        starts.push(item.map_err(read_error)?.0);
    }
    let ends = starts.iter().skip(1).copied().chain([section.range().end]);
    Ok(starts
        .iter()
        .zip(ends)
        .map(|(&start, end)| start..end)
        .collect())
}

fn segment(element: Element<'_>) -> Result<Segment> {
    let ElementKind::Active {
        table_index: None | Some(0),
        offset_expr,
    } = element.kind
    else {
        return Err("has functions in no table, or in a second one".to_owned());
    };
    let ElementItems::Functions(functions) = element.items else {
        return Err("computes what lies in its table".to_owned());
    };
    Ok(Segment {
        offset: offset_expr.get_binary_reader().range(),
        functions: collect(functions.into_iter())?,
    })
}
