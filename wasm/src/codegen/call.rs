//! Calls of the functions of the language: each is a function of the runtime.

use palisade_lang::program::{BaseType, Builtin, Const, ContextPart, Expr};
use palisade_lang::schema::Schema;

use super::body::Body;
use super::pattern::{ANY_MATCHER, matcher};
use super::value::emit_value;

/// Whether a function gives a condition rather than a value.
pub(super) fn is_test(function: Builtin) -> bool {
    matches!(
        function,
        Builtin::StartsWith
            | Builtin::EndsWith
            | Builtin::Contains
            | Builtin::PathWithin
            | Builtin::Matches
            | Builtin::SubsetOf
            | Builtin::WithinCidr
            | Builtin::Selects
            | Builtin::Grants
            | Builtin::HostMatches
            | Builtin::Same
            | Builtin::WithinVersions
            | Builtin::WithinRange
    )
}

/// Leaves what a function gives: a value, or a condition if it [is a test](is_test).
pub(super) fn emit_call(b: &mut Body<'_>, function: Builtin, arguments: &[Expr]) {
    if function == Builtin::ClusterVersion {
        let newest = Schema::kubernetes().newest();
        let version = Const::String(newest.to_string());
        let address = b.shared.pool.constant(&version);
        b.word(address);
    }
    for argument in arguments {
        emit_value(b, argument);
        if let BaseType::List(element) = &argument.ty.base
            && looks_at_elements(function)
        {
            emit_list_check(b, element);
        }
    }
    if function == Builtin::Source {
        let key = b.shared.pool.symbol(ContextPart::Source.key());
        b.word(key);
        b.shared.has_sources = true;
    }
    b.shared.pool.finds |= function == Builtin::FindAll;
    let is_embedding = matches!(
        function,
        Builtin::ParseJson
            | Builtin::ParseYaml
            | Builtin::Flags
            | Builtin::Url
            | Builtin::Certificates
            | Builtin::SigningRequest
            | Builtin::Shell
    ) || is_part(function);
    b.shared.has_embedded |= is_embedding;
    b.shared.has_keys |= is_embedding
        || matches!(
            function,
            Builtin::Keys | Builtin::Base64Decode | Builtin::Base64UrlDecode
        );
    let name = runtime_name(function, arguments);
    b.shared.has_quantities |= name.contains("quantity");
    b.call(name);
}

/// Whether what a function gives are parts of its first argument, a text.
pub(super) fn is_part(function: Builtin) -> bool {
    gives_part(function) || matches!(function, Builtin::Split | Builtin::FindAll)
}

/// Whether a function gives one part of its first argument, a text.
pub(super) fn gives_part(function: Builtin) -> bool {
    matches!(
        function,
        Builtin::Trim | Builtin::TrimPrefix | Builtin::TrimSuffix | Builtin::Substring
    )
}

/// Whether a function looks at what the elements of its lists are.
fn looks_at_elements(function: Builtin) -> bool {
    !matches!(
        function,
        Builtin::Len
            | Builtin::Size
            | Builtin::Rank
            | Builtin::Walk
            | Builtin::Key
            | Builtin::Path
            | Builtin::Same
            | Builtin::Before
    )
}

/// Turns the list on the stack into the reason of its first element that is unknown, if there is one.
fn emit_list_check(b: &mut Body<'_>, element: &BaseType) {
    b.mask(element);
    b.call("fn_check_list");
}

/// The function of the runtime. Some have a form for each type of argument.
fn runtime_name(function: Builtin, arguments: &[Expr]) -> &'static str {
    let first = arguments.first().map(|argument| &argument.ty.base);
    let is_quantity = match first {
        Some(BaseType::List(element)) => **element == BaseType::Quantity,
        Some(other) => *other == BaseType::Quantity,
        None => false,
    };
    let of_list = matches!(first, Some(BaseType::List(_)));
    match function {
        Builtin::Len => "fn_len",
        Builtin::StartsWith => "fn_starts_with",
        Builtin::EndsWith => "fn_ends_with",
        Builtin::Contains => "fn_contains",
        Builtin::Lower => "fn_lower",
        Builtin::Upper => "fn_upper",
        Builtin::Trim => "fn_trim",
        Builtin::TrimPrefix => "fn_trim_prefix",
        Builtin::TrimSuffix => "fn_trim_suffix",
        Builtin::Split => "fn_split",
        Builtin::Join => "fn_join",
        Builtin::Replace => "fn_replace",
        Builtin::Substring => "fn_substring",
        Builtin::FindAll => "fn_find_all",
        Builtin::Entropy => "fn_entropy",
        Builtin::CleanPath => "fn_clean_path",
        Builtin::PathWithin => "fn_path_within",
        Builtin::Matches => arguments.get(1).map_or(ANY_MATCHER, matcher),
        Builtin::Add => "fn_add",
        Builtin::Subtract => "fn_subtract",
        Builtin::Multiply => "fn_multiply",
        Builtin::IntegerDivide => "fn_integer_divide",
        Builtin::Remainder => "fn_remainder",
        Builtin::Negate => "fn_negate",
        Builtin::Abs => "fn_abs",
        Builtin::Min => match (is_quantity, of_list) {
            (false, false) => "fn_min",
            (false, true) => "fn_min_of",
            (true, false) => "fn_min_quantity",
            (true, true) => "fn_min_quantity_of",
        },
        Builtin::Max => match (is_quantity, of_list) {
            (false, false) => "fn_max",
            (false, true) => "fn_max_of",
            (true, false) => "fn_max_quantity",
            (true, true) => "fn_max_quantity_of",
        },
        Builtin::Sum => "fn_sum",
        Builtin::AddQuantity => "fn_add_quantity",
        Builtin::SubtractQuantity => "fn_subtract_quantity",
        Builtin::MultiplyQuantity => "fn_multiply_quantity",
        Builtin::Divide => "fn_divide",
        Builtin::Int => "fn_int",
        Builtin::Octal => "fn_octal",
        Builtin::Float => "fn_float",
        Builtin::Quantity => "fn_quantity",
        Builtin::PercentOf => "fn_percent_of",
        Builtin::Version => "fn_version",
        Builtin::Duration => "fn_duration",
        Builtin::Timestamp => "fn_timestamp",
        Builtin::Rank => "fn_rank",
        Builtin::Size => "fn_size",
        Builtin::Keys => "fn_keys",
        Builtin::Values => "fn_values",
        Builtin::SubsetOf => "fn_subset_of",
        Builtin::Union => "fn_union",
        Builtin::Intersect => "fn_intersect",
        Builtin::Minus => "fn_minus",
        Builtin::Unique => "fn_unique",
        Builtin::Sort => "fn_sort",
        Builtin::Image => "fn_image",
        Builtin::Cidr => "fn_cidr",
        Builtin::Ip => "fn_ip",
        Builtin::WithinCidr => "fn_within_cidr",
        Builtin::Selects => "fn_selects",
        Builtin::Grants => "fn_grants",
        Builtin::HostMatches => "fn_host_matches",
        Builtin::Namespace => "fn_namespace",
        Builtin::Whole => "fn_whole",
        Builtin::Before => "fn_before",
        Builtin::Source => "fn_source",
        Builtin::ClusterVersion => "fn_cluster_version",
        Builtin::Versions => "fn_versions",
        Builtin::WithinVersions => "fn_within_versions",
        Builtin::Range => "fn_range",
        Builtin::WithinRange => "fn_within_range",
        Builtin::Base64Decode => "fn_base64_decode",
        Builtin::Base64UrlDecode => "fn_base64url_decode",
        Builtin::ParseJson => "fn_parse_json",
        Builtin::ParseYaml => "fn_parse_yaml",
        Builtin::Flags => "fn_flags",
        Builtin::Url => "fn_url",
        Builtin::Certificates => "fn_certificates",
        Builtin::SigningRequest => "fn_signing_request",
        Builtin::Cron => "fn_cron",
        Builtin::Shell => "fn_shell",
        Builtin::Walk => "fn_walk",
        Builtin::Key => "fn_key",
        Builtin::Path => "fn_path",
        Builtin::Same => "fn_same",
        Builtin::Now => "fn_now",
        Builtin::TimeBetween => "fn_time_between",
    }
}
