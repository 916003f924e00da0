//! Parameters: the rows from which the runtime checks settings, and the words that hold their values.
//!
//! The runtime draws the rows and the descriptions of types (`wasm/runtime/src/settings.rs`).

use palisade_abi::layout;
use palisade_lang::program::{BaseType, DECLARED_RECORDS, Param, Program, RecordField};
use walrus::FunctionId;

use super::body::Shared;
use super::kinds::mask;
use super::policy::emit_constraint;
use super::pool::{Pool, count};

/// Bytes of a parameter's row, and where in it the value is.
const ROW: u32 = 24;
const VALUE: u32 = 20;

/// How text is read in a type; the runtime has the same numbers.
const AS_QUANTITY: u32 = 1;
const AS_VERSION: u32 = 2;
const AS_GLOB: u32 = 3;
const AS_REGEX: u32 = 4;
const AS_CIDR: u32 = 5;
const AS_IP: u32 = 6;
const AS_IMAGE: u32 = 7;
const AS_DURATION: u32 = 8;
const AS_TIMESTAMP: u32 = 9;
const AS_VERSIONS: u32 = 10;
const AS_RANGE: u32 = 11;

/// Functions of the runtime that read text of a type, by number.
const READERS: [&str; 11] = [
    "settings_quantity",
    "settings_version",
    "settings_glob",
    "settings_regex",
    "settings_cidr",
    "settings_ip",
    "settings_image",
    "settings_duration",
    "settings_timestamp",
    "settings_versions",
    "settings_range",
];

/// Deepest nesting of records that is looked at; types of the language do not recur.
const MAX_LEVELS: u32 = 32;

/// Writes the rows of all parameters; the address of the first.
pub(super) fn write_params(shared: &mut Shared, program: &Program) -> u32 {
    let mut next_constraint = count(
        program
            .policies
            .iter()
            .map(|policy| policy.bodies.len())
            .sum(),
    );
    let mut words = Vec::new();
    for param in &program.params {
        let pool = &mut shared.pool;
        let default = match &param.default {
            Some(default) => pool.constant(default),
            None => layout::UNKNOWN_VALUE,
        };
        let ty = write_type(pool, program, &param.ty.base, MAX_LEVELS);
        let constraint = if param.constraint.is_some() {
            next_constraint += 1;
            next_constraint
        } else {
            0
        };
        let owner = param.policy.map_or(0, |policy| policy + 1);
        words.extend([
            pool.text(&param.name),
            owner | u32::from(param.default.is_some()) << 31,
            ty,
            default,
            constraint,
            default,
        ]);
    }
    // Equal tables are one, but these are written to.
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    let rows = shared.pool.put(&bytes, 4);
    shared.params = (0..count(program.params.len()))
        .map(|nth| rows + nth * ROW + VALUE)
        .collect();
    rows
}

/// The address after the rows.
pub(super) fn params_end(program: &Program, rows: u32) -> u32 {
    rows + ROW * count(program.params.len())
}

/// The functions of the constraints, in the order of parameters.
pub(super) fn emit_constraints(shared: &mut Shared, program: &Program) -> Vec<FunctionId> {
    program
        .params
        .iter()
        .filter_map(|param| {
            let constraint = param.constraint.as_ref()?;
            let name = format!("{}.{}: constraint", owner(program, param), param.name);
            Some(emit_constraint(shared, constraint, name))
        })
        .collect()
}

/// The policy or the pack that a parameter belongs to.
pub(super) fn owner<'p>(program: &'p Program, param: &Param) -> &'p str {
    let policy = param
        .policy
        .and_then(|policy| program.policies.get(policy as usize));
    policy.map_or(&program.pack, |policy| &policy.name)
}

/// Drops what the program cannot need from the runtime: readers of text, and the check of settings.
pub(super) fn drop_unused(shared: &mut Shared, program: &Program) {
    let mut used = 0_u32;
    for param in &program.params {
        note_readers(program, &param.ty.base, &mut used, MAX_LEVELS);
    }
    for (nth, name) in (1..).zip(READERS) {
        if used >> nth & 1 == 0 {
            shared.guest.replace_by_one(name);
        }
    }
    if program.params.is_empty() {
        for name in ["settings_begin", "settings_lack", "settings_end"] {
            shared.guest.replace_by_one(name);
        }
    }
    if !shared.has_quantities && used >> AS_QUANTITY & 1 == 0 {
        shared.guest.replace_by_one("reads_as_quantity");
    }
    for (used, name) in [
        (shared.has_mixed, "push_mixed"),
        (shared.has_any_fixes, "write_fixes"),
        (shared.has_any_fixes, "push_fix_part"),
        (shared.has_any_fixes, "fixes_size"),
        (shared.has_fix_tables, "written_fix"),
        (shared.has_objects, "text_add_object"),
        (shared.has_lists, "text_push_list"),
        (shared.has_required, "report_missing"),
        (shared.has_related, "write_related"),
    ] {
        if !used {
            shared.guest.replace_by_one(name);
        }
    }
    if !shared.has_owned {
        shared.guest.replace_by_one("is_foreign");
    }
    if !shared.has_keys && !shared.has_owned {
        shared.guest.replace_by_one("member_of_key");
    }
    if !shared.has_embedded && !shared.has_owned {
        for name in [
            "whereabouts",
            "place_of",
            "is_written",
            "write_inside",
            "push_inside",
            "depth_inside",
            "text_around",
            "is_apart",
        ] {
            shared.guest.replace_by_one(name);
        }
    }
}

fn note_readers(program: &Program, ty: &BaseType, used: &mut u32, levels: u32) {
    *used |= 1 << reader(ty);
    if let BaseType::List(element) | BaseType::Map(element) = ty {
        note_readers(program, element, used, levels);
    }
    if levels != 0 {
        for field in fields(program, ty).unwrap_or_default() {
            note_readers(program, &field.ty.base, used, levels - 1);
        }
    }
}

/// How text is read in a type; 0: as it is.
fn reader(ty: &BaseType) -> u32 {
    match ty {
        BaseType::Quantity => AS_QUANTITY,
        BaseType::Version => AS_VERSION,
        BaseType::Glob => AS_GLOB,
        BaseType::Regex => AS_REGEX,
        BaseType::Cidr => AS_CIDR,
        BaseType::Ip => AS_IP,
        BaseType::Image => AS_IMAGE,
        BaseType::Duration => AS_DURATION,
        BaseType::Timestamp => AS_TIMESTAMP,
        BaseType::Versions => AS_VERSIONS,
        BaseType::Range => AS_RANGE,
        BaseType::Bool
        | BaseType::Int
        | BaseType::Float
        | BaseType::String
        | BaseType::Enum(_)
        | BaseType::IntOrString
        | BaseType::Record(_)
        | BaseType::List(_)
        | BaseType::Map(_)
        | BaseType::Any
        | BaseType::Error => 0,
    }
}

/// What a problem says is expected; nothing for untyped JSON.
fn expected(ty: &BaseType) -> Option<&'static str> {
    Some(match ty {
        BaseType::Bool => "a bool",
        BaseType::Int => "an int",
        BaseType::Float => "a number",
        BaseType::String
        | BaseType::Enum(_)
        | BaseType::Timestamp
        | BaseType::Duration
        | BaseType::Version
        | BaseType::Image
        | BaseType::Cidr
        | BaseType::Versions
        | BaseType::Range
        | BaseType::Ip
        | BaseType::Glob
        | BaseType::Regex => "a string",
        BaseType::Quantity => "a quantity",
        BaseType::IntOrString => "an int or a string",
        BaseType::Record(_) | BaseType::Map(_) => "a map",
        BaseType::List(_) => "a list",
        BaseType::Any | BaseType::Error => return None,
    })
}

/// The members of a record that the sources declare.
fn fields<'p>(program: &'p Program, ty: &BaseType) -> Option<&'p [RecordField]> {
    let BaseType::Record(records) = ty else {
        return None;
    };
    let [record] = records.as_slice() else {
        return None;
    };
    let index = record.id.checked_sub(DECLARED_RECORDS)?;
    let record = program.records.get(index as usize)?;
    Some(&record.fields)
}

/// The address of the description of a type: kinds, what is expected, how text is read, list of members of an enum or 0,
/// type of elements or 0, list of members of a record or 0, as pairs of a name and a type whose highest bit says that it
/// must be given.
fn write_type(pool: &mut Pool, program: &Program, ty: &BaseType, levels: u32) -> u32 {
    let members = if let BaseType::Enum(members) = ty {
        let members: Vec<u32> = members.iter().map(|member| pool.text(member)).collect();
        pool.list(&members)
    } else {
        0
    };
    let element = if let BaseType::List(element) | BaseType::Map(element) = ty {
        write_type(pool, program, element, levels)
    } else {
        0
    };
    let fields = match fields(program, ty) {
        Some(fields) if levels != 0 => {
            let mut words = vec![count(fields.len())];
            for field in fields {
                let below = write_type(pool, program, &field.ty.base, levels - 1);
                let may_lack = field.ty.optional
                    || field.default.is_some()
                    || matches!(field.ty.base, BaseType::List(_) | BaseType::Map(_));
                words.extend([pool.text(&field.name), below | u32::from(!may_lack) << 31]);
            }
            pool.words(&words)
        }
        Some(_) | None => 0,
    };
    let text = expected(ty).map_or(0, |text| pool.text(text));
    let kinds = mask(ty) & 0x1FF | u32::from(*ty == BaseType::Any);
    pool.words(&[kinds, text, reader(ty), members, element, fields])
}
