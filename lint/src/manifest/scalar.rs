//! What a scalar of YAML means to the API server.
//!
//! kubectl and the API server read YAML 1.1 as go-yaml v2 does, turn it into JSON and read that. So `yes` is true, `010`
//! is 8, `08` is 8 too (as a float), `1_000` is 1000, `1.50` is 1.5, and a whole number stays whole however it was
//! written. Dates are strings. What has no JSON, such as `.inf`, is an error.

use std::borrow::Cow;

/// A scalar as the API server sees it.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Int(i64),
    /// A number that is no whole number of 64 bits.
    Number(Number),
    Text(Cow<'a, str>),
}

/// A number outside `i64`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Number {
    Float(f64),
    Unsigned(u64),
}

/// Why a scalar has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// `.nan`, `.inf`: JSON has no such number.
    NotFinite,
    /// A tag such as `!!int` on text that is none.
    TagMismatch,
    /// `!!binary` on text that is not base64.
    NotBase64,
}

impl Refusal {
    pub(super) fn message(self) -> &'static str {
        match self {
            Self::NotFinite => "a number that is not finite has no JSON",
            Self::TagMismatch => "the value is not of the type that its tag says",
            Self::NotBase64 => "the value is not base64",
        }
    }
}

/// The tags that change how a scalar is read; all others make it a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Str,
    Bool,
    Int,
    Float,
    Null,
    Timestamp,
    Binary,
    Other,
}

impl Tag {
    /// The tag with this full name, such as `tag:yaml.org,2002:int`.
    pub(super) fn named(name: &str) -> Self {
        name.strip_prefix("tag:yaml.org,2002:")
            .map_or(Self::Other, Self::named_core)
    }

    /// The tag with this name among those of YAML itself, such as `int`.
    pub(super) fn named_core(name: &str) -> Self {
        match name {
            "str" => Self::Str,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "float" => Self::Float,
            "null" => Self::Null,
            "timestamp" => Self::Timestamp,
            "binary" => Self::Binary,
            _ => Self::Other,
        }
    }
}

/// The value of a plain scalar without a tag.
pub(super) fn resolve_plain(text: &str) -> Result<Scalar<'_>, Refusal> {
    let Some(&first) = text.as_bytes().first() else {
        return Ok(Scalar::Null);
    };
    match first {
        b'y' | b'Y' | b'n' | b'N' | b't' | b'T' | b'f' | b'F' | b'o' | b'O' | b'~' => {
            Ok(resolve_word(text).unwrap_or(Scalar::Text(Cow::Borrowed(text))))
        }
        b'0'..=b'9' | b'+' | b'-' | b'.' => resolve_number(text, first),
        _ => Ok(Scalar::Text(Cow::Borrowed(text))),
    }
}

/// True if `text`, written without quotes, is a string.
pub(crate) fn is_plain_string(text: &str) -> bool {
    matches!(resolve_plain(text), Ok(Scalar::Text(_)))
}

/// True if `text`, written without quotes, is the key of that name.
pub(crate) fn is_plain_key(text: &str) -> bool {
    text != "<<" && matches!(plain_key(text), Ok(Some(key)) if key == text)
}

/// The value of a scalar with a tag, whatever its style.
pub(super) fn resolve_tagged(tag: Tag, text: &str) -> Result<Scalar<'_>, Refusal> {
    let plain = || resolve_plain(text);
    let mismatch = Err(Refusal::TagMismatch);
    match tag {
        Tag::Str | Tag::Other => Ok(Scalar::Text(Cow::Borrowed(text))),
        Tag::Binary => decode_base64(text)
            .map(|text| Scalar::Text(Cow::Owned(text)))
            .ok_or(Refusal::NotBase64),
        Tag::Null => accept(plain()?, |value| matches!(value, Scalar::Null)),
        Tag::Bool => accept(plain()?, |value| matches!(value, Scalar::Bool(_))),
        Tag::Int => match resolve_digits(text) {
            Some(value) => Ok(value),
            None => mismatch,
        },
        Tag::Float => match resolve_digits(text) {
            Some(Scalar::Int(whole)) => finite(as_float(whole)),
            Some(_) => mismatch,
            None => accept(plain()?, |value| {
                matches!(value, Scalar::Int(_) | Scalar::Number(_))
            }),
        },
        Tag::Timestamp if is_timestamp(text) => Ok(Scalar::Text(Cow::Borrowed(text))),
        Tag::Timestamp => mismatch,
    }
}

fn accept(value: Scalar<'_>, is_right: fn(&Scalar<'_>) -> bool) -> Result<Scalar<'_>, Refusal> {
    if is_right(&value) {
        Ok(value)
    } else {
        Err(Refusal::TagMismatch)
    }
}

#[expect(clippy::cast_precision_loss, reason = "what the tag asks for")]
fn as_float(whole: i64) -> f64 {
    whole as f64
}

fn resolve_word(text: &str) -> Option<Scalar<'static>> {
    Some(match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Scalar::Bool(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Scalar::Bool(false)
        }
        "~" | "null" | "Null" | "NULL" => Scalar::Null,
        _ => return None,
    })
}

fn resolve_number(text: &str, first: u8) -> Result<Scalar<'_>, Refusal> {
    // Most text that begins like a number is `-` and a word, an address or a version; a number holds few letters.
    if let Some(whole) = resolve_short_decimal(text) {
        return Ok(Scalar::Int(whole));
    }
    match text {
        ".nan" | ".NaN" | ".NAN" | ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF"
        | "-.inf" | "-.Inf" | "-.INF" => return Err(Refusal::NotFinite),
        _ => {}
    }
    // After a leading dot underscores must stand between digits; elsewhere they are just taken out.
    if first == b'.' {
        if !separates_digits(text) {
            return Ok(Scalar::Text(Cow::Borrowed(text)));
        }
    } else if let Some(value) = resolve_digits(text) {
        return Ok(value);
    }
    Ok(match parse_float(&without_underscores(text)) {
        Some(value) => finite(value)?,
        None => Scalar::Text(Cow::Borrowed(text)),
    })
}

/// Whole numbers of up to 18 digits without sign and leading zero: nearly all there are.
fn resolve_short_decimal(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() > 18 || (bytes.len() > 1 && bytes.first() == Some(&b'0')) {
        return None;
    }
    bytes.iter().try_fold(0_i64, |value, &byte| {
        byte.is_ascii_digit()
            .then(|| value * 10 + i64::from(byte - b'0'))
    })
}

/// True if every underscore has a digit on both sides.
fn separates_digits(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    text.match_indices('_')
        .all(|(at, _)| is_digit(at.checked_sub(1)) && is_digit(Some(at + 1)))
}

fn without_underscores(text: &str) -> Cow<'_, str> {
    if text.contains('_') {
        Cow::Owned(text.replace('_', ""))
    } else {
        Cow::Borrowed(text)
    }
}

/// A whole number in any base that Go knows: `0b`, `0o`, `0x`, or a leading zero for octal. `None` if it is none.
fn resolve_digits(text: &str) -> Option<Scalar<'static>> {
    let first = *text.as_bytes().first()?;
    if !(first.is_ascii_digit() || first == b'+' || first == b'-') {
        return None;
    }
    let plain = without_underscores(text);
    let (negative, signed, digits) = match plain.as_bytes().first() {
        Some(b'-') => (true, true, plain.get(1..)?),
        Some(b'+') => (false, true, plain.get(1..)?),
        _ => (false, false, plain.as_ref()),
    };
    let (base, digits) = match digits.as_bytes() {
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    // The sign is gone: a second one is no digit.
    if !digits.as_bytes().first()?.is_ascii_alphanumeric() {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, base).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Scalar::Int);
    }
    match i64::try_from(magnitude) {
        Ok(whole) => Some(Scalar::Int(whole)),
        Err(_) if signed => None,
        Err(_) => Some(Scalar::Number(Number::Unsigned(magnitude))),
    }
}

/// A float in the form that YAML has: digits with at most one dot, and an exponent. A finite one: what overflows stays
/// text, as in Go, where it is an error of the conversion.
fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at)?, Some(unsigned.get(at + 1..)?)),
        None => (unsigned, None),
    };
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    let is_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

/// A float as the JSON reader behind the conversion sees it: whole numbers of 64 bits are whole.
fn finite(value: f64) -> Result<Scalar<'static>, Refusal> {
    if !value.is_finite() {
        return Err(Refusal::NotFinite);
    }
    // What counts is the printed text: the shortest digits that read back, then zeros, which are not always the digits
    // of the exact value. From 2^63 on it does not fit.
    if value.fract() == 0.0 && value.abs() < 9_223_372_036_854_775_808.0 {
        let text = format!("{value}");
        if let Ok(whole) = text.parse() {
            return Ok(Scalar::Int(whole));
        }
    }
    Ok(Scalar::Number(Number::Float(value)))
}

impl Number {
    /// The number as JSON text, spelled as Go spells it.
    pub(super) fn json(self) -> String {
        match self {
            Self::Unsigned(value) => value.to_string(),
            Self::Float(value) => {
                let size = value.abs();
                if size != 0.0 && !(1e-6..1e21).contains(&size) {
                    let text = format!("{value:e}");
                    match text.split_once('e') {
                        Some((digits, power)) if !power.starts_with('-') => {
                            format!("{digits}e+{power}")
                        }
                        _ => text,
                    }
                } else {
                    format!("{value}")
                }
            }
        }
    }
}

impl Scalar<'_> {
    /// The scalar without a borrow.
    pub(super) fn into_owned(self) -> Scalar<'static> {
        match self {
            Scalar::Null => Scalar::Null,
            Scalar::Bool(value) => Scalar::Bool(value),
            Scalar::Int(value) => Scalar::Int(value),
            Scalar::Number(number) => Scalar::Number(number),
            Scalar::Text(text) => Scalar::Text(Cow::Owned(text.into_owned())),
        }
    }

    /// The member name that a scalar makes as a key; `None` if it cannot be one (null, whole numbers beyond 64 bits).
    pub(super) fn as_key(&self) -> Option<Cow<'_, str>> {
        Some(match self {
            Scalar::Text(text) => Cow::Borrowed(text.as_ref()),
            Scalar::Bool(true) => Cow::Borrowed("true"),
            Scalar::Bool(false) => Cow::Borrowed("false"),
            Scalar::Int(value) => Cow::Owned(value.to_string()),
            Scalar::Number(Number::Float(value)) => Cow::Owned(float_key(*value)),
            Scalar::Null | Scalar::Number(Number::Unsigned(_)) => return None,
        })
    }
}

/// The member name of a plain scalar: that of its value, except that floats go through 32 bits.
pub(super) fn plain_key(text: &str) -> Result<Option<Cow<'_, str>>, Refusal> {
    let value = match resolve_plain(text) {
        Err(Refusal::NotFinite) => {
            let word = text.trim_start_matches('+').to_ascii_lowercase();
            return Ok(Some(Cow::Owned(word)));
        }
        value => value?,
    };
    Ok(match value {
        Scalar::Text(text) => Some(text),
        Scalar::Int(value) if resolve_digits(text).is_none() => {
            // Written as a float: `1e6` is the key `1e+06`.
            Some(Cow::Owned(match parse_float(&without_underscores(text)) {
                Some(float) => float_key(float),
                None => value.to_string(),
            }))
        }
        value @ (Scalar::Null | Scalar::Bool(_) | Scalar::Int(_) | Scalar::Number(_)) => {
            value.as_key().map(|key| Cow::Owned(key.into_owned()))
        }
    })
}

/// A float as a member name: shortest digits that tell 32-bit floats apart, with an exponent from 10⁶ on and below 10⁻⁴.
fn float_key(value: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the conversion rounds to 32 bits"
    )]
    let value = value as f32;
    if value.is_infinite() {
        return if value > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let text = format!("{value:e}");
    let Some((digits, power)) = text.split_once('e') else {
        return text;
    };
    let power: i32 = power.parse().unwrap_or(0);
    if value != 0.0 && !(-4..6).contains(&power) {
        let sign = if power < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", power.abs());
    }
    format!("{value}")
}

/// A date, alone or with a time, in one of the forms that go-yaml takes.
fn is_timestamp(text: &str) -> bool {
    let (date, time) = match text.find(['T', 't', ' ']) {
        Some(at) => (
            text.get(..at).unwrap_or_default(),
            text.get(at..).filter(|time| !time.is_empty()),
        ),
        None => (text, None),
    };
    let mut parts = date.split('-').map(|part| {
        let digits = part.bytes().all(|b| b.is_ascii_digit());
        (digits, part.len(), part.parse::<u32>().unwrap_or(0))
    });
    let (Some(year), Some(month), Some(day), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let in_range = |(digits, len, value): (bool, usize, u32), limit: u32| {
        digits && (1..=2).contains(&len) && (1..=limit).contains(&value)
    };
    if !(year.0 && year.1 == 4 && in_range(month, 12)) {
        return false;
    }
    let leap =
        year.2.is_multiple_of(4) && (!year.2.is_multiple_of(100) || year.2.is_multiple_of(400));
    let days = match month.2 {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    in_range(day, days) && time.is_none_or(is_time)
}

/// `T15:04:05.9Z`, `t…+02:00`, or a space and no zone.
fn is_time(time: &str) -> bool {
    let zoned = !time.starts_with(' ');
    let time = time.get(1..).unwrap_or_default();
    let zone_at = time.find(['Z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at_checked(zone_at).unwrap_or((time, ""));
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let number = |part: Option<&str>, limit: u32| {
        part.is_some_and(|part| {
            (1..=2).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_digit())
                && part.parse::<u32>().is_ok_and(|value| value < limit)
        })
    };
    let mut parts = clock.split(':');
    let is_clock = number(parts.next(), 24)
        && number(parts.next(), 60)
        && number(parts.next(), 60)
        && parts.next().is_none()
        && !fraction.is_empty()
        && fraction.bytes().all(|b| b.is_ascii_digit());
    let is_zone = match zone.as_bytes() {
        [] => !zoned,
        [b'Z'] => zoned,
        [b'+' | b'-', _, _, b':', _, _] => {
            zoned && number(zone.get(1..3), 25) && number(zone.get(4..6), 60)
        }
        _ => false,
    };
    is_clock && is_zone
}

/// The text in standard base64 with padding; line ends inside are passed over.
pub(crate) fn decode_base64(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut word, mut n_bits, mut n_chars, mut n_pads) = (0_u32, 0_u32, 0_usize, 0_usize);
    for byte in text.bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'\r' | b'\n' => continue,
            b'=' => {
                n_pads += 1;
                continue;
            }
            _ => return None,
        };
        if n_pads > 0 {
            return None;
        }
        n_chars += 1;
        word = word << 6 | u32::from(six);
        n_bits += 6;
        if n_bits >= 8 {
            n_bits -= 8;
            #[expect(clippy::cast_possible_truncation, reason = "the low eight bits")]
            bytes.push((word >> n_bits) as u8);
        }
    }
    let is_complete = (n_chars + n_pads).is_multiple_of(4) && n_pads <= 2;
    if !is_complete {
        return None;
    }
    // Like Go's JSON, one replacement character for each byte that is not UTF-8.
    let mut decoded = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        decoded.push_str(chunk.valid());
        decoded.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Some(decoded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Scalar<'_>) {
        assert_eq!(resolve_plain(text), Ok(expected), "{text}");
    }

    fn text(text: &str) -> Scalar<'_> {
        Scalar::Text(Cow::Borrowed(text))
    }

    #[test]
    fn words_are_booleans_and_nulls_as_in_yaml_1_1() {
        check("on", Scalar::Bool(true));
        check("N", Scalar::Bool(false));
        check("~", Scalar::Null);
        check("", Scalar::Null);
        check("nULL", text("nULL"));
        check("yEs", text("yEs"));
    }

    #[test]
    fn whole_numbers_have_many_spellings() {
        for (source, value) in [
            ("0", 0),
            ("0644", 420),
            ("0o644", 420),
            ("0x1F", 31),
            ("-0b101", -5),
            ("+12", 12),
            ("1_000", 1000),
            ("08", 8),
            ("1e3", 1000),
            ("1.0", 1),
            ("-0.0", 0),
            (".1_0e1", 1),
            ("-9223372036854775808", i64::MIN),
            ("9223372036854775807", i64::MAX),
        ] {
            check(source, Scalar::Int(value));
        }
    }

    #[test]
    fn numbers_outside_64_bits_are_spelled_as_go_spells_them() {
        for (source, json) in [
            ("1.50", "1.5"),
            ("18446744073709551615", "18446744073709551615"),
            ("18446744073709551616", "18446744073709552000"),
            ("1e21", "1e+21"),
            ("6.02e23", "6.02e+23"),
            ("0.0000001", "1e-7"),
            ("1e-10", "1e-10"),
            (".5", "0.5"),
        ] {
            let Ok(Scalar::Number(number)) = resolve_plain(source) else {
                panic!("{source} is a number");
            };
            assert_eq!(number.json(), json, "{source}");
        }
    }

    #[test]
    fn what_only_looks_like_a_number_is_text() {
        for source in [
            "1.2.3",
            "-x",
            "+",
            "-",
            ".",
            "..",
            "0x",
            "12:30",
            "1e",
            ".e1",
            "0o9",
            "1e999",
            "--1",
            "+-1",
            "0x-1",
            "2024-01-01",
            "1,000",
            "0b2",
            ".1__0",
            "._1",
            "_1",
            "1e3_",
            "1.5Gi",
        ] {
            if source == "1e3_" {
                check(source, Scalar::Int(1000));
            } else {
                check(source, text(source));
            }
        }
        assert_eq!(resolve_plain("-.inf"), Err(Refusal::NotFinite));
    }

    #[test]
    fn keys_take_the_spelling_of_their_value() {
        for (source, key) in [
            ("y", Some("true")),
            ("1.5", Some("1.5")),
            ("1e3", Some("1000")),
            ("1e6", Some("1e+06")),
            ("0.00001", Some("1e-05")),
            ("0644", Some("420")),
            ("null", None),
            ("18446744073709551615", None),
            ("name", Some("name")),
        ] {
            assert_eq!(plain_key(source).unwrap().as_deref(), key, "{source}");
        }
    }

    #[test]
    fn tags_decide_before_the_text_does() {
        assert_eq!(resolve_tagged(Tag::Str, "12"), Ok(text("12")));
        assert_eq!(resolve_tagged(Tag::Int, "012"), Ok(Scalar::Int(10)));
        assert_eq!(resolve_tagged(Tag::Int, "1.0"), Err(Refusal::TagMismatch));
        assert_eq!(resolve_tagged(Tag::Float, "3"), Ok(Scalar::Int(3)));
        assert_eq!(resolve_tagged(Tag::Null, ""), Ok(Scalar::Null));
        assert_eq!(resolve_tagged(Tag::Other, "12"), Ok(text("12")));
        assert_eq!(resolve_tagged(Tag::Binary, "aGVsbG8="), Ok(text("hello")));
        assert_eq!(
            resolve_tagged(Tag::Binary, "aGVsbG8"),
            Err(Refusal::NotBase64)
        );
        assert_eq!(
            resolve_tagged(Tag::Timestamp, "2001-12-14T21:59:43.1-05:00"),
            Ok(text("2001-12-14T21:59:43.1-05:00"))
        );
        assert_eq!(
            resolve_tagged(Tag::Timestamp, "2001-02-30"),
            Err(Refusal::TagMismatch)
        );
    }
}
