//! Every construct of the typed program, and the outcomes that it can have.

use crate::coverage::{Coverage, Row};

/// Columns of the table: true (there), false (absent), unknown, part of a check that found something.
const ALL: &str = "tfuF";

/// Rows of [`Coverage`] and their columns that are no zeros in a run that met everything.
const CONSTRUCTS: &[(&str, &str)] = &[
    ("all", ALL),
    ("all nested", ALL),
    ("all where", ALL),
    ("all where nested", ALL),
    ("and", ALL),
    ("any", ALL),
    ("any nested", ALL),
    ("any where", ALL),
    ("any where nested", ALL),
    ("as bool", ALL),
    ("as cidr", ALL),
    ("as duration", ALL),
    ("as enum", ALL),
    ("as float", ALL),
    ("as image", ALL),
    ("as int", ALL),
    ("as int or string", ALL),
    ("as ip", ALL),
    ("as list", ALL),
    ("as map", ALL),
    ("as quantity", ALL),
    ("as range", ALL),
    ("as record", "tfu"),
    ("as string", ALL),
    ("as timestamp", ALL),
    ("as version", ALL),
    ("as versions", ALL),
    ("at", "F"),
    ("by duration", ALL),
    ("by int", ALL),
    ("by number", ALL),
    ("by quantity", ALL),
    ("by string", ALL),
    ("by timestamp", ALL),
    ("by version", ALL),
    ("call Abs", ALL),
    ("call Add", ALL),
    ("call AddQuantity", ALL),
    ("call Base64Decode", ALL),
    ("call Base64UrlDecode", ALL),
    ("call Before", ALL),
    ("call Certificates", "tuF"),
    ("call Cidr", ALL),
    ("call CleanPath", ALL),
    ("call ClusterVersion", "tF"),
    ("call Contains", ALL),
    ("call Cron", ALL),
    ("call Divide", ALL),
    ("call Duration", ALL),
    ("call EndsWith", ALL),
    ("call Entropy", ALL),
    ("call FindAll", ALL),
    ("call Flags", "tuF"),
    ("call Float", ALL),
    ("call Grants", ALL),
    ("call HostMatches", ALL),
    ("call Image", ALL),
    ("call Int", ALL),
    ("call IntegerDivide", ALL),
    ("call Intersect", "tuF"),
    ("call Ip", ALL),
    ("call Join", ALL),
    ("call Key", ALL),
    ("call Keys", "tuF"),
    ("call Keys of record", "tuF"),
    ("call Len", ALL),
    ("call Lower", ALL),
    ("call Matches glob", ALL),
    ("call Matches regex", ALL),
    ("call Max", ALL),
    ("call Max of list", ALL),
    ("call Max quantity", ALL),
    ("call Min", ALL),
    ("call Min of list", ALL),
    ("call Min quantity", ALL),
    ("call Minus", "tuF"),
    ("call Multiply", ALL),
    ("call MultiplyQuantity", ALL),
    ("call Namespace", "tuF"),
    ("call Negate", ALL),
    ("call Now", "tuF"),
    ("call Octal", ALL),
    ("call ParseJson", ALL),
    ("call ParseYaml", ALL),
    ("call Path", ALL),
    ("call PathWithin", ALL),
    ("call PercentOf", ALL),
    ("call Quantity", ALL),
    ("call Range", ALL),
    ("call Rank", "tuF"),
    ("call Remainder", ALL),
    ("call Replace", ALL),
    ("call Same", ALL),
    ("call Selects", ALL),
    ("call Shell", "tuF"),
    ("call SigningRequest", ALL),
    ("call Size", "tuF"),
    ("call Size of map", "tuF"),
    ("call Sort", "tuF"),
    ("call Source", ALL),
    ("call Split", ALL),
    ("call StartsWith", ALL),
    ("call SubsetOf", ALL),
    ("call Substring", ALL),
    ("call Subtract", ALL),
    ("call SubtractQuantity", ALL),
    ("call Sum", "tuF"),
    ("call TimeBetween", ALL),
    ("call Timestamp", ALL),
    ("call Trim", ALL),
    ("call TrimPrefix", ALL),
    ("call TrimSuffix", ALL),
    ("call Union", "tuF"),
    ("call Unique", "tuF"),
    ("call Upper", ALL),
    ("call Url", ALL),
    ("call Values", "tuF"),
    ("call Version", ALL),
    ("call Versions", ALL),
    ("call Walk", "tuF"),
    ("call Whole", "tF"),
    ("call WithinCidr", ALL),
    ("call WithinRange", ALL),
    ("call WithinVersions", ALL),
    ("coalesce", ALL),
    ("coalesce of contexts", ALL),
    ("compare < duration", ALL),
    ("compare < int", ALL),
    ("compare < number", ALL),
    ("compare < quantity", ALL),
    ("compare < string", ALL),
    ("compare < timestamp", ALL),
    ("compare < version", ALL),
    ("compare <= duration", ALL),
    ("compare <= int", ALL),
    ("compare <= number", ALL),
    ("compare <= quantity", ALL),
    ("compare <= string", ALL),
    ("compare <= timestamp", ALL),
    ("compare <= version", ALL),
    ("compare == bool", ALL),
    ("compare == duration", ALL),
    ("compare == enum", ALL),
    ("compare == int", ALL),
    ("compare == number", ALL),
    ("compare == pattern", ALL),
    ("compare == quantity", ALL),
    ("compare == scalar", ALL),
    ("compare == string", ALL),
    ("compare == timestamp", ALL),
    ("compare == version", ALL),
    ("compare > duration", ALL),
    ("compare > int", ALL),
    ("compare > number", ALL),
    ("compare > quantity", ALL),
    ("compare > string", ALL),
    ("compare > timestamp", ALL),
    ("compare > version", ALL),
    ("compare >= duration", ALL),
    ("compare >= int", ALL),
    ("compare >= number", ALL),
    ("compare >= quantity", ALL),
    ("compare >= string", ALL),
    ("compare >= timestamp", ALL),
    ("compare >= version", ALL),
    ("compare ordered enum", ALL),
    ("concat", "tuF"),
    ("const bool", "tF"),
    ("const float", "tF"),
    ("const glob", "tF"),
    ("const int", "tF"),
    ("const list", "tF"),
    ("const map", "tF"),
    ("const none", "fF"),
    ("const quantity", "tF"),
    ("const regex", "tF"),
    ("const string", "tF"),
    ("context inventory", "tfF"),
    ("context old", "tfF"),
    ("context request", "tfF"),
    ("context source", "tfF"),
    ("count", "tuF"),
    ("count nested", "tuF"),
    ("count where", "tuF"),
    ("element", ALL),
    ("first", ALL),
    ("first by", ALL),
    ("first nested", ALL),
    ("first where", ALL),
    ("fix", "tf"),
    ("fix append", "t"),
    ("fix create", "t"),
    ("fix flag", "tf"),
    ("fix inside", "t"),
    ("fix remove", "t"),
    ("fix set", "t"),
    ("fix when", "tfu"),
    ("if", ALL),
    ("image digest", ALL),
    ("image registry", ALL),
    ("image repository", ALL),
    ("image tag", ALL),
    ("in bool", ALL),
    ("in duration", ALL),
    ("in int", ALL),
    ("in number", ALL),
    ("in pattern", ALL),
    ("in quantity", ALL),
    ("in scalar", ALL),
    ("in string", ALL),
    ("in timestamp", ALL),
    ("in version", ALL),
    ("interpolate", "tuF"),
    ("is empty", ALL),
    ("is known", "tfF"),
    ("is set", ALL),
    ("join ==", ""),
    ("join in", ""),
    ("join of a table", ""),
    ("join of lists", ""),
    ("last", ALL),
    ("last by", ALL),
    ("last nested", ALL),
    ("last where", ALL),
    ("list", "tF"),
    ("list of", "tuF"),
    ("list of by", "tuF"),
    ("list of nested", "tuF"),
    ("list of where", "tuF"),
    ("local", ALL),
    ("local element", "tu"),
    ("local index", "t"),
    ("local key", "t"),
    ("local let", "tfu"),
    ("local object", "t"),
    ("local part", "t"),
    ("map member", ALL),
    ("member default", ALL),
    ("member optional", ALL),
    ("member required", ALL),
    ("no", ALL),
    ("no nested", ALL),
    ("no where", ALL),
    ("no where nested", ALL),
    ("not", ALL),
    ("objects", "tuF"),
    ("objects any", "tuF"),
    ("not applicable", ""),
    ("operation", "tf"),
    ("or", ALL),
    ("param", ALL),
    ("param any", "tfF"),
    ("param bool", "tfF"),
    ("param cidr", "tfF"),
    ("param duration", "tfF"),
    ("param enum", "tfF"),
    ("param float", "tfF"),
    ("param glob", "tfF"),
    ("param image", "tfF"),
    ("param int", "tfF"),
    ("param int or string", "tfF"),
    ("param ip", "tfF"),
    ("param list", "tF"),
    ("param map", "tF"),
    ("param quantity", "tfF"),
    ("param range", "tfF"),
    ("param record", "tfF"),
    ("param regex", "tfF"),
    ("param string", "tfF"),
    ("param timestamp", "tfF"),
    ("param version", "tfF"),
    ("param versions", "tfF"),
    ("part object", "F"),
    ("part text", "F"),
    ("part value", "F"),
    ("path of a view", "tfu"),
    ("policy guard", "tfu"),
    ("record", "t"),
    ("role", "tuF"),
    ("several bodies", ""),
    ("severity of a check", "tfu"),
    ("stmt deny", ALL),
    ("stmt for", "tfu"),
    ("stmt for over", "tu"),
    ("stmt for where", "tfu"),
    ("stmt guarded check", "tfuF"),
    ("stmt let", ""),
    ("stmt require", ALL),
    ("stmt when", "tfu"),
    ("target any", ""),
    ("target inventory", ""),
    ("target subresource", ""),
    ("truth", ALL),
    ("type any", ALL),
    ("type bool", ALL),
    ("type cidr", ALL),
    ("type duration", ALL),
    ("type enum", ALL),
    ("type float", ALL),
    ("type glob", "tfF"),
    ("type image", ALL),
    ("type int", ALL),
    ("type int or string", ALL),
    ("type ip", ALL),
    ("type list", ALL),
    ("type map", ALL),
    ("type quantity", ALL),
    ("type range", ALL),
    ("type record", ALL),
    ("type regex", "tfF"),
    ("type string", ALL),
    ("type timestamp", ALL),
    ("type version", ALL),
    ("type versions", ALL),
    ("with", ALL),
];

/// What a run did not meet: constructs, outcomes that they can have, and rows that are not in the list.
#[must_use]
pub fn unmet(coverage: &Coverage) -> Vec<String> {
    let zeros = CONSTRUCTS
        .iter()
        .flat_map(|(construct, outcomes)| zeros(construct, outcomes, coverage.row(construct)));
    let unlisted = coverage
        .constructs()
        .filter(|seen| CONSTRUCTS.iter().all(|(construct, _)| construct != seen))
        .map(|seen| format!("{seen}: not in the list"));
    zeros.chain(unlisted).collect()
}

/// Whether what [`unmet`] says is about an outcome, not about a construct as a whole.
#[must_use]
pub fn is_outcome(unmet: &str) -> bool {
    [": true", ": false", ": unknown", ": finding"]
        .iter()
        .any(|end| unmet.ends_with(end))
}

fn zeros(construct: &str, outcomes: &str, row: Row) -> Vec<String> {
    let columns = [
        ('t', row.was_true, "true"),
        ('f', row.was_false, "false"),
        ('u', row.unknown, "unknown"),
        ('F', row.finding, "finding"),
    ];
    let mut zeros: Vec<String> = columns
        .iter()
        .filter(|(letter, count, _)| outcomes.contains(*letter) && *count == 0)
        .map(|(_, _, column)| format!("{construct}: {column}"))
        .collect();
    if row.evaluated == 0 && construct != "at" {
        zeros.push(format!("{construct}: evaluated"));
    }
    zeros
}

#[cfg(test)]
mod tests {
    use super::CONSTRUCTS;

    /// The variants of an enum of the typed program, as its source has them.
    fn variants(name: &str) -> Vec<&'static str> {
        let source = include_str!("../../../lang/src/program.rs");
        let start = source.find(&format!("pub enum {name} {{")).unwrap();
        let body = source[start..].split_once("{\n").unwrap().1;
        let body = body.split_once("\n}").unwrap().0;
        let lines = body.lines().filter_map(|line| line.strip_prefix("    "));
        let variants = lines.filter(|line| line.starts_with(char::is_uppercase));
        variants
            .filter_map(|line| line.split(|c: char| !c.is_alphanumeric()).next())
            .collect()
    }

    /// `Foo` and `FooBar` as `foo` and `foo bar`.
    fn words(variant: &str) -> String {
        let mut words = String::new();
        for letter in variant.chars() {
            if letter.is_uppercase() && !words.is_empty() {
                words.push(' ');
            }
            words.extend(letter.to_lowercase());
        }
        words
    }

    /// Fails if no row's name passes.
    fn assert_row(what: &str, is_row: impl Fn(&str) -> bool) {
        assert!(
            CONSTRUCTS.iter().any(|(name, _)| is_row(name)),
            "{what} is not in the list"
        );
    }

    #[test]
    fn every_variant_of_the_typed_program_has_a_row() {
        for function in variants("Builtin") {
            let name = format!("call {function}");
            assert_row(&name, |row| {
                row == name || row.starts_with(&format!("{name} "))
            });
        }
        for domain in variants("Domain") {
            assert_row(domain, |row| row == format!("compare == {}", words(domain)));
            assert_row(domain, |row| row == format!("in {}", words(domain)));
            if !matches!(domain, "Bool" | "Scalar" | "Pattern") {
                for op in ["<", "<=", ">", ">="] {
                    assert_row(domain, |row| {
                        row == format!("compare {op} {}", words(domain))
                    });
                }
                assert_row(domain, |row| row == format!("by {}", words(domain)));
            }
        }
        for ty in variants("BaseType").iter().filter(|ty| **ty != "Error") {
            assert_row(ty, |row| row == format!("type {}", words(ty)));
            assert_row(ty, |row| row == format!("param {}", words(ty)));
        }
        for constant in variants("Const").iter().filter(|name| **name != "Absent") {
            assert_row(constant, |row| row == format!("const {}", words(constant)));
        }
        for (name, prefix) in [
            ("ImagePart", "image "),
            ("EditKind", "fix "),
            ("ContextPart", "context "),
            ("QuantifierKind", ""),
            ("Pick", ""),
            ("MessagePart", "part "),
            ("Presence", "member "),
        ] {
            for variant in variants(name) {
                assert_row(variant, |row| row == format!("{prefix}{}", words(variant)));
            }
        }
        for binding in variants("Binding") {
            assert_row(binding, |row| row == format!("local {}", words(binding)));
        }
    }

    #[test]
    fn every_kind_of_expression_has_a_row() {
        let rows = [
            ("Const", "const int"),
            ("Local", "local"),
            ("Member", "member optional"),
            ("MapMember", "map member"),
            ("Element", "element"),
            ("Concat", "concat"),
            ("List", "list"),
            ("Coalesce", "coalesce"),
            ("Interpolate", "interpolate"),
            ("ImagePart", "image tag"),
            ("ContainerRole", "role"),
            ("Truth", "truth"),
            ("And", "and"),
            ("Or", "or"),
            ("Not", "not"),
            ("Compare", "compare == int"),
            ("In", "in int"),
            ("IsSet", "is set"),
            ("IsEmpty", "is empty"),
            ("IsKnown", "is known"),
            ("Quantifier", "any"),
            ("Param", "param"),
            ("Context", "context old"),
            ("Objects", "objects"),
            ("With", "with"),
            ("If", "if"),
            ("Comprehension", "list of"),
            ("Pick", "first"),
            ("Count", "count"),
            ("Cast", "as int"),
            ("Call", "call Len"),
            ("Record", "record"),
        ];
        for kind in variants("ExprKind") {
            let row = rows.iter().find(|(known, _)| *known == kind);
            let (_, row) = row.unwrap_or_else(|| panic!("no row for {kind}"));
            assert_row(kind, |name| name == *row);
        }
    }
}
