//! The functions of the language: one line each.

use crate::program::{BaseType, Builtin, RecordRef};

/// What an argument must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Takes {
    Text,
    Int,
    Quantity,
    /// An int or text.
    IntOrText,
    Regex,
    /// A list of texts.
    Texts,
    Ints,
    Quantities,
    /// A list of anything.
    List,
    /// A list of scalars.
    Scalars,
    /// A map of anything.
    Map,
    /// A map or a record.
    Keyed,
    /// A map of texts.
    TextMap,
    /// A label selector, which may be absent.
    Selector,
    /// A rule of a role.
    Rule,
    Timestamp,
    /// Any value.
    Anything,
}

/// What a function gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    Bool,
    Int,
    Text,
    Texts,
    Quantity,
    MaybeInt,
    MaybeFloat,
    MaybeQuantity,
    MaybeVersion,
    MaybeDuration,
    MaybeTimestamp,
    MaybeImage,
    MaybeCidr,
    MaybeIp,
    MaybeText,
    MaybeVersions,
    MaybeRange,
    MaybeAny,
    Anys,
    TextMap,
    MaybeUrl,
    Certificates,
    Commands,
    MaybeRequest,
    Duration,
    /// The type of the first argument.
    First,
    /// A list of what the map holds.
    MapValues,
    /// The type of all lists together.
    Joined,
}

/// A function, or one of its forms.
#[derive(Debug)]
pub(super) struct Function {
    pub(super) name: &'static str,
    pub(super) builtin: Builtin,
    pub(super) takes: &'static [Takes],
    pub(super) gives: Gives,
}

const fn function(
    name: &'static str,
    builtin: Builtin,
    takes: &'static [Takes],
    gives: Gives,
) -> Function {
    Function {
        name,
        builtin,
        takes,
        gives,
    }
}

use Builtin as B;
use Gives as G;
use Takes as T;

/// All functions; those with several forms have several lines, of which the first that fits is meant.
pub(super) const FUNCTIONS: &[Function] = &[
    // Text
    function("len", B::Len, &[T::Text], G::Int),
    function("len", B::Size, &[T::List], G::Int),
    function("len", B::Size, &[T::Map], G::Int),
    function("starts_with", B::StartsWith, &[T::Text, T::Text], G::Bool),
    function("ends_with", B::EndsWith, &[T::Text, T::Text], G::Bool),
    function("contains", B::Contains, &[T::Text, T::Text], G::Bool),
    function("lower", B::Lower, &[T::Text], G::Text),
    function("upper", B::Upper, &[T::Text], G::Text),
    function("trim", B::Trim, &[T::Text], G::Text),
    function("trim_prefix", B::TrimPrefix, &[T::Text, T::Text], G::Text),
    function("trim_suffix", B::TrimSuffix, &[T::Text, T::Text], G::Text),
    function("split", B::Split, &[T::Text, T::Text], G::Texts),
    function("join", B::Join, &[T::Texts, T::Text], G::Text),
    function("replace", B::Replace, &[T::Text, T::Text, T::Text], G::Text),
    function(
        "substring",
        B::Substring,
        &[T::Text, T::Int, T::Int],
        G::Text,
    ),
    function("find_all", B::FindAll, &[T::Text, T::Regex], G::Texts),
    function("entropy", B::Entropy, &[T::Text], G::Int),
    function("clean_path", B::CleanPath, &[T::Text], G::Text),
    function("path_within", B::PathWithin, &[T::Text, T::Text], G::Bool),
    // Numbers
    function("abs", B::Abs, &[T::Int], G::Int),
    function("min", B::Min, &[T::Int, T::Int], G::Int),
    function("min", B::Min, &[T::Quantity, T::Quantity], G::Quantity),
    function("min", B::Min, &[T::Ints], G::MaybeInt),
    function("min", B::Min, &[T::Quantities], G::MaybeQuantity),
    function("max", B::Max, &[T::Int, T::Int], G::Int),
    function("max", B::Max, &[T::Quantity, T::Quantity], G::Quantity),
    function("max", B::Max, &[T::Ints], G::MaybeInt),
    function("max", B::Max, &[T::Quantities], G::MaybeQuantity),
    function("sum", B::Sum, &[T::Ints], G::Int),
    function("int", B::Int, &[T::Text], G::MaybeInt),
    function("octal", B::Octal, &[T::Text], G::MaybeInt),
    function("float", B::Float, &[T::Text], G::MaybeFloat),
    function("quantity", B::Quantity, &[T::Text], G::MaybeQuantity),
    function(
        "percent_of",
        B::PercentOf,
        &[T::IntOrText, T::Int],
        G::MaybeInt,
    ),
    function("version", B::Version, &[T::Text], G::MaybeVersion),
    function("duration", B::Duration, &[T::Text], G::MaybeDuration),
    function("timestamp", B::Timestamp, &[T::Text], G::MaybeTimestamp),
    // Collections
    function("keys", B::Keys, &[T::Keyed], G::Texts),
    function("values", B::Values, &[T::Map], G::MapValues),
    function("subset_of", B::SubsetOf, &[T::Scalars, T::Scalars], G::Bool),
    function("union", B::Union, &[T::Scalars, T::Scalars], G::Joined),
    function(
        "intersect",
        B::Intersect,
        &[T::Scalars, T::Scalars],
        G::First,
    ),
    function("minus", B::Minus, &[T::Scalars, T::Scalars], G::First),
    function("unique", B::Unique, &[T::Scalars], G::First),
    function("sort", B::Sort, &[T::Ints], G::First),
    function("sort", B::Sort, &[T::Texts], G::First),
    // The field
    function("image", B::Image, &[T::Text], G::MaybeImage),
    function("cidr", B::Cidr, &[T::Text], G::MaybeCidr),
    function("ip", B::Ip, &[T::Text], G::MaybeIp),
    function("versions", B::Versions, &[T::Text], G::MaybeVersions),
    function("range", B::Range, &[T::Text], G::MaybeRange),
    function("base64_decode", B::Base64Decode, &[T::Text], G::MaybeText),
    function(
        "base64url_decode",
        B::Base64UrlDecode,
        &[T::Text],
        G::MaybeText,
    ),
    function("parse_json", B::ParseJson, &[T::Text], G::MaybeAny),
    function("parse_yaml", B::ParseYaml, &[T::Text], G::MaybeAny),
    function("flags", B::Flags, &[T::Texts], G::TextMap),
    function("url", B::Url, &[T::Text], G::MaybeUrl),
    function("certificates", B::Certificates, &[T::Text], G::Certificates),
    function(
        "signing_request",
        B::SigningRequest,
        &[T::Text],
        G::MaybeRequest,
    ),
    function("shell", B::Shell, &[T::Text], G::Commands),
    function("cron", B::Cron, &[T::Text], G::MaybeText),
    // Values by where they are
    function("walk", B::Walk, &[T::Anything], G::Anys),
    function("key", B::Key, &[T::Anything], G::MaybeText),
    function("path", B::Path, &[T::Anything], G::MaybeText),
    function("same", B::Same, &[T::Anything, T::Anything], G::Bool),
    function(
        "time_between",
        B::TimeBetween,
        &[T::Timestamp, T::Timestamp],
        G::Duration,
    ),
    function("selects", B::Selects, &[T::Selector, T::TextMap], G::Bool),
    function(
        "grants",
        B::Grants,
        &[T::Rule, T::Text, T::Text, T::Text],
        G::Bool,
    ),
    function("host_matches", B::HostMatches, &[T::Text, T::Text], G::Bool),
];

/// The type of label selectors, and the name of its record.
pub(super) const SELECTOR: &str = "selector";

/// The names of the records of rules: that of the API, and the rows of the prelude's table.
const RULES: [&str; 2] = ["PolicyRule", "kubernetes_roles"];

/// Functions that are not one [`Builtin`].
pub(super) const OTHERS: [&str; 6] = [
    "containers",
    "effective",
    "namespace",
    "objects",
    "source",
    "whole",
];

/// True if the language has a function of this name.
pub(super) fn is_function(name: &str) -> bool {
    OTHERS.contains(&name) || FUNCTIONS.iter().any(|function| function.name == name)
}

/// True if a function of this name takes one such value.
pub(super) fn takes_one(name: &str, base: &BaseType) -> bool {
    FUNCTIONS.iter().any(|function| {
        function.name == name && matches!(function.takes, [only] if only.accepts(base))
    })
}

impl Takes {
    /// The type that a literal takes here.
    pub(super) fn expected(self) -> Option<BaseType> {
        Some(match self {
            Self::Text => BaseType::String,
            Self::Int => BaseType::Int,
            Self::Quantity => BaseType::Quantity,
            Self::IntOrText => BaseType::IntOrString,
            Self::Regex => BaseType::Regex,
            Self::Texts => list(BaseType::String),
            Self::Ints => list(BaseType::Int),
            Self::Quantities => list(BaseType::Quantity),
            Self::TextMap => BaseType::Map(Box::new(BaseType::String)),
            Self::Timestamp => BaseType::Timestamp,
            Self::Anything
            | Self::List
            | Self::Scalars
            | Self::Map
            | Self::Keyed
            | Self::Selector
            | Self::Rule => {
                return None;
            }
        })
    }

    /// Whether an argument of this type will do.
    pub(super) fn accepts(self, base: &BaseType) -> bool {
        let is_text = |base: &BaseType| {
            matches!(base, BaseType::String | BaseType::Enum(_) | BaseType::Image)
        };
        match (self, base) {
            (_, BaseType::Error) | (Self::Anything, _) => true,
            (Self::Timestamp, BaseType::Timestamp) => true,
            (Self::Text, base) => is_text(base),
            (Self::Int, BaseType::Int) | (Self::Quantity, BaseType::Quantity) => true,
            (Self::IntOrText, BaseType::Int | BaseType::IntOrString) => true,
            (Self::IntOrText, base) => is_text(base),
            (Self::Regex, BaseType::Regex) => true,
            (Self::Texts, BaseType::List(of)) => is_text(of) || **of == BaseType::Any,
            (Self::Ints, BaseType::List(of)) => **of == BaseType::Int,
            (Self::Quantities, BaseType::List(of)) => **of == BaseType::Quantity,
            (Self::List, BaseType::List(_)) | (Self::Map, BaseType::Map(_)) => true,
            (Self::Scalars, BaseType::List(of)) => !matches!(
                **of,
                BaseType::Record(_)
                    | BaseType::List(_)
                    | BaseType::Map(_)
                    | BaseType::Glob
                    | BaseType::Regex
            ),
            (Self::Keyed, BaseType::Map(_) | BaseType::Record(_)) => true,
            (Self::TextMap, BaseType::Map(of)) => is_text(of) || **of == BaseType::Any,
            (Self::Selector, BaseType::Any) | (Self::Rule, BaseType::Any) => true,
            (Self::Selector, BaseType::Record(records)) => records
                .iter()
                .all(|record| record.name == "LabelSelector" || record.name == SELECTOR),
            (Self::Rule, BaseType::Record(records)) => {
                let is_rule = |record: &RecordRef| RULES.contains(&record.name.as_str());
                records.iter().all(is_rule)
            }
            _ => false,
        }
    }

    /// Whether an absent argument means something.
    pub(super) fn takes_absent(self) -> bool {
        self == Self::Selector
    }

    /// In a sentence: "takes …".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Int => "an int",
            Self::Quantity => "a quantity",
            Self::IntOrText => "an int or string",
            Self::Regex => "a constant pattern or a `regex` parameter",
            Self::Texts => "a list of strings",
            Self::Ints => "a list of ints",
            Self::Quantities => "a list of quantities",
            Self::List => "a list",
            Self::Scalars => "a list of scalars",
            Self::Map => "a map",
            Self::Keyed => "a map or a record",
            Self::TextMap => "a map of strings",
            Self::Selector => "a label selector",
            Self::Rule => "a rule of a role",
            Self::Timestamp => "a timestamp",
            Self::Anything => "a value",
        }
    }
}

fn list(of: BaseType) -> BaseType {
    BaseType::List(Box::new(of))
}
