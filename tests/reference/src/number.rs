//! Numbers and quantities as exact fractions.

use std::cmp::Ordering;

use num_bigint::BigInt;

/// A fraction whose denominator is positive.
#[derive(Debug, Clone)]
pub(crate) struct Fraction {
    numerator: BigInt,
    denominator: BigInt,
}

impl Ord for Fraction {
    /// Compares exactly, by multiplying crosswise.
    fn cmp(&self, other: &Self) -> Ordering {
        (&self.numerator * &other.denominator).cmp(&(&other.numerator * &self.denominator))
    }
}

impl PartialOrd for Fraction {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Fraction {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Fraction {}

impl Fraction {
    /// The sum, or the difference.
    pub(crate) fn add(&self, other: &Self, subtracts: bool) -> Self {
        let right = &other.numerator * &self.denominator;
        let left = &self.numerator * &other.denominator;
        Self {
            numerator: if subtracts {
                left - right
            } else {
                left + right
            },
            denominator: &self.denominator * &other.denominator,
        }
    }

    /// The product.
    pub(crate) fn times(&self, other: &Self) -> Self {
        Self {
            numerator: &self.numerator * &other.numerator,
            denominator: &self.denominator * &other.denominator,
        }
    }

    /// The quotient in decimal digits, of which 15 count, rounded half away from zero; nothing by zero.
    pub(crate) fn over(&self, other: &Self) -> Option<String> {
        let zero = BigInt::from(0);
        if other.numerator == zero {
            return None;
        }
        let is_negative = (self.numerator < zero) != (other.numerator < zero);
        let plain = |number: BigInt| if number < zero { -number } else { number };
        let mut above = plain(&self.numerator * &other.denominator);
        let mut below = plain(&self.denominator * &other.numerator);
        if above == zero {
            return Some("0".to_owned());
        }
        // Scaled until the whole part has the digits that count.
        let ten = BigInt::from(10);
        let (least, most) = (ten.pow(QUOTIENT - 1), ten.pow(QUOTIENT));
        let mut scale = BigInt::from(1);
        while &above / &below < least {
            above *= &ten;
            scale *= &ten;
        }
        let mut unit = BigInt::from(1);
        while &above / &below >= most {
            below *= &ten;
            unit *= &ten;
        }
        let twice: BigInt = &above * 2 + &below;
        let rounded = twice / (&below * 2);
        let numerator: BigInt = rounded * unit;
        let quotient = Self {
            numerator: if is_negative { -numerator } else { numerator },
            denominator: scale,
        };
        quotient.to_decimal()
    }

    /// The number in decimal digits without suffix; nothing if that takes more significant digits than a quantity has.
    pub(crate) fn to_decimal(&self) -> Option<String> {
        let ten = BigInt::from(10);
        let zero = BigInt::from(0);
        // The denominator has no factors but 2 and 5, so that some power of ten makes it whole.
        let mut scaled = self.numerator.clone();
        let mut n_decimals = 0_usize;
        while &scaled % &self.denominator != zero {
            scaled *= &ten;
            n_decimals += 1;
        }
        let whole = scaled / &self.denominator;
        let (sign, digits) = match whole.to_string() {
            text if text.starts_with('-') => ("-", text.trim_start_matches('-').to_owned()),
            text => ("", text),
        };
        if digits.trim_matches('0').len() > SIGNIFICANT {
            return None;
        }
        let digits = format!("{digits:0>width$}", width = n_decimals + 1);
        let (before, after) = digits.split_at_checked(digits.len() - n_decimals)?;
        let point = if n_decimals > 0 { "." } else { "" };
        Some(format!("{sign}{before}{point}{after}"))
    }
}

/// Digits of a quotient that count.
const QUOTIENT: u32 = 15;

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

/// Whether a text is a number as JSON has it.
pub(crate) fn is_json(text: &str) -> bool {
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    is_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(is_digits)
        && exponent.is_none_or(|power| is_digits(power.strip_prefix(['+', '-']).unwrap_or(power)))
}

/// A JSON number: digits without zeros at the ends and a power of ten, so that no exponent is ever expanded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Number {
    is_negative: bool,
    /// Empty for zero, which has no sign.
    digits: String,
    power: BigInt,
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.digits.is_empty(), number.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let by_sign = sign(self).cmp(&sign(other));
        if by_sign != Ordering::Equal || self.digits.is_empty() {
            return by_sign;
        }
        // Digits begin with no zero: the one that reaches further left is greater, else the digits are as text.
        let reach = |number: &Self| &number.power + BigInt::from(number.digits.len());
        let by_size = reach(self)
            .cmp(&reach(other))
            .then_with(|| self.digits.cmp(&other.digits));
        if self.is_negative {
            by_size.reverse()
        } else {
            by_size
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Reads a JSON number; `None` if the text is none.
pub(crate) fn number(text: &str) -> Option<Number> {
    let (is_negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.strip_prefix('+').unwrap_or(exponent)),
        None => (rest, "0"),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() {
        return None;
    }
    let kept = digits.trim_end_matches('0');
    let mut power: BigInt = exponent.parse().ok()?;
    power -= BigInt::from(fraction.len());
    power += BigInt::from(digits.len() - kept.len());
    let digits = kept.trim_start_matches('0').to_owned();
    let is_zero = digits.is_empty();
    Some(Number {
        is_negative: is_negative && !is_zero,
        digits,
        power: if is_zero { BigInt::from(0) } else { power },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(left: &str, right: &str) -> Ordering {
        quantity(left).unwrap().cmp(&quantity(right).unwrap())
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
            assert_eq!(
                number(left).unwrap(),
                number(right).unwrap(),
                "{left} {right}"
            );
        }
        for (left, right) in [
            ("1", "-1"),
            ("1", "1.0000000000000000000001"),
            ("9223372036854775807", "9223372036854775808"),
            ("1e999999999", "1e999999998"),
            ("0", "1e-400"),
        ] {
            assert_ne!(
                number(left).unwrap(),
                number(right).unwrap(),
                "{left} {right}"
            );
        }
    }

    #[test]
    fn numbers_are_ordered_exactly() {
        for (left, right) in [
            ("-1", "-0.5"),
            ("-1e99999999999", "0"),
            ("1e-400", "1"),
            ("9223372036854775807", "9223372036854775808"),
            ("9.9", "10"),
            ("1.01", "1.1"),
            ("1e10", "1e99999999999"),
        ] {
            assert!(number(left) < number(right), "{left} {right}");
        }
    }

    #[test]
    fn sums_are_written_without_suffix() {
        let sum = |left, right, subtracts| {
            let left: Fraction = quantity(left).unwrap();
            left.add(&quantity(right).unwrap(), subtracts).to_decimal()
        };
        for (left, right, subtracts, expected) in [
            ("1Gi", "500m", false, Some("1073741824.5")),
            ("1", "1", true, Some("0")),
            ("100m", "200m", true, Some("-0.1")),
            ("1e3", "0", false, Some("1000")),
            (
                "999999999999999999",
                "1",
                false,
                Some("1000000000000000000"),
            ),
            ("999999999999999999", "2", false, None),
            ("1Ei", "0", false, None),
        ] {
            assert_eq!(
                sum(left, right, subtracts).as_deref(),
                expected,
                "{left} {right}"
            );
        }
    }
}
