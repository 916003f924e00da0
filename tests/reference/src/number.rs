//! Numbers and quantities as exact fractions.

use std::cmp::Ordering;

use num_bigint::BigInt;

/// A fraction whose denominator is positive.
#[derive(Debug, Clone)]
pub(crate) struct Fraction {
    numerator: BigInt,
    denominator: BigInt,
}

impl Fraction {
    /// Compares exactly, by multiplying crosswise.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}

/// Digits a quantity may have, without the zeros at both ends.
const SIGNIFICANT: usize = 18;

/// Reads a quantity as `docs/meaning.md` spells it; `None` if the text is none.
pub(crate) fn quantity(text: &str) -> Option<Fraction> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, rest) = split_digits(rest);
    let (fraction, suffix) = match rest.strip_prefix('.') {
        Some(rest) => split_digits(rest),
        None => ("", rest),
    };
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || digits.trim_matches('0').len() > SIGNIFICANT {
        return None;
    }
    let (base, exponent) = scale(suffix)?;
    let mut numerator: BigInt = digits.parse().ok()?;
    if negative {
        numerator = -numerator;
    }
    let mut denominator = BigInt::from(10_u32).pow(u32::try_from(fraction.len()).ok()?);
    let factor = BigInt::from(base).pow(exponent.unsigned_abs());
    if exponent < 0 {
        denominator *= factor;
    } else {
        numerator *= factor;
    }
    Some(Fraction {
        numerator,
        denominator,
    })
}

/// Base and exponent of a suffix.
fn scale(suffix: &str) -> Option<(u32, i32)> {
    Some(match suffix {
        "" => (10, 0),
        "n" => (10, -9),
        "u" => (10, -6),
        "m" => (10, -3),
        "k" => (10, 3),
        "M" => (10, 6),
        "G" => (10, 9),
        "T" => (10, 12),
        "P" => (10, 15),
        "E" => (10, 18),
        "Ki" => (2, 10),
        "Mi" => (2, 20),
        "Gi" => (2, 30),
        "Ti" => (2, 40),
        "Pi" => (2, 50),
        "Ei" => (2, 60),
        _ => {
            let written = suffix.strip_prefix(['e', 'E'])?;
            let digits = written.strip_prefix(['+', '-']).unwrap_or(written);
            let plain = digits.bytes().all(|b| b.is_ascii_digit());
            if !plain || !(1..=3).contains(&digits.len()) {
                return None;
            }
            (10, written.parse().ok()?)
        }
    })
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Whether two JSON numbers are the same number.
///
/// Both are brought to digits without zeros at the ends and a power of ten, so that no exponent is ever expanded.
pub(crate) fn same_number(left: &str, right: &str) -> bool {
    match (normal_form(left), normal_form(right)) {
        (Some(left), Some(right)) => left == right,
        _ => false,
    }
}

/// Sign, digits and power of ten; zero has no digits and no sign.
fn normal_form(text: &str) -> Option<(bool, String, BigInt)> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent)),
        None => (rest, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let kept = digits.trim_end_matches('0');
    if kept.trim_start_matches('0').is_empty() {
        return Some((false, String::new(), BigInt::from(0)));
    }
    let mut power: BigInt = exponent.parse().ok()?;
    power -= BigInt::from(fraction.len());
    power += BigInt::from(digits.len() - kept.len());
    Some((negative, kept.trim_start_matches('0').to_owned(), power))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(left: &str, right: &str) -> Ordering {
        quantity(left).unwrap().compare(&quantity(right).unwrap())
    }

    #[test]
    fn equal_quantities_have_many_spellings() {
        for (left, right) in [
            ("1Gi", "1024Mi"),
            ("1", "1000m"),
            ("1", "1.0"),
            ("0.5", "500m"),
            (".5", "500000u"),
            ("5.", "5"),
            ("+1k", "1e3"),
            ("1E3", "1000"),
            ("1E", "1000P"),
            ("-0", "0"),
            ("1e-3", "1m"),
            ("1n", "1e-9"),
            ("1000000000000000000000", "1e21"),
        ] {
            assert_eq!(order(left, right), Ordering::Equal, "{left} {right}");
        }
    }

    #[test]
    fn quantities_are_ordered_exactly() {
        for (left, right) in [
            ("999m", "1"),
            ("1G", "1Gi"),
            ("-1Ei", "-1E"),
            ("1e-999", "1n"),
            ("999999999999999999", "1e999"),
            ("0", "1e-999"),
        ] {
            assert_eq!(order(left, right), Ordering::Less, "{left} {right}");
        }
    }

    #[test]
    fn everything_else_is_no_quantity() {
        for text in [
            "",
            "+",
            ".",
            "-.",
            "Gi",
            "4GB",
            "1K",
            "1ki",
            "1e",
            "1e+",
            "1e1000",
            "1e--1",
            "1 Gi",
            " 1",
            "1 ",
            "--1",
            "1_000",
            "0x10",
            "NaN",
            "1mm",
            "1234567890123456789",
            "１",
            "1.2.3",
            "1e1.5",
            "E",
            "9223372036854775807",
        ] {
            assert!(quantity(text).is_none(), "{text}");
        }
    }

    #[test]
    fn numbers_are_equal_by_value() {
        for (left, right) in [
            ("1", "1.0"),
            ("1", "1e0"),
            ("10", "1E+1"),
            ("-0.0", "0"),
            ("0e999999999999", "0"),
            ("100000000000000000000", "1e20"),
            ("1.50", "15e-1"),
            ("0.001", "1e-3"),
            ("9223372036854775807", "9223372036854775807.0"),
        ] {
            assert!(same_number(left, right), "{left} {right}");
        }
        for (left, right) in [
            ("1", "-1"),
            ("1", "1.0000000000000000000001"),
            ("9223372036854775807", "9223372036854775808"),
            ("1e999999999", "1e999999998"),
            ("0", "1e-400"),
        ] {
            assert!(!same_number(left, right), "{left} {right}");
        }
    }
}
