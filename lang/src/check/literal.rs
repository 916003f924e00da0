//! Numbers take their type from what is expected.

use super::context::{Ctx, constant, error_expr};
use super::scalar::{
    is_cidr, is_duration, is_image, is_ip, is_range, is_timestamp, is_version, is_versions,
};
use crate::diagnostic::Diagnostic;
use crate::program::{BaseType, Const, Expr, ExprKind, Type};
use crate::span::Span;

/// Suffixes that only a quantity has. `m` is a duration's too.
const QUANTITY_UNITS: &[&str] = &[
    "n", "u", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei",
];

/// The most significant digits that a quantity may have.
const MAX_DIGITS: usize = 18;

impl Ctx<'_> {
    /// The number written as `text`, negative if it follows a minus.
    pub(super) fn number(
        &mut self,
        text: &str,
        negative: bool,
        expected: Option<&BaseType>,
        span: Span,
    ) -> Expr {
        let written = if negative {
            format!("-{text}")
        } else {
            text.to_owned()
        };
        let n_digits = text
            .bytes()
            .take_while(|b| b.is_ascii_digit() || *b == b'.')
            .count();
        let unit = text.get(n_digits..).unwrap_or_default();
        let is_whole = unit.is_empty() && !text.contains('.');
        if expected == Some(&BaseType::Version) && !negative {
            return self.version(text, span);
        }
        if expected == Some(&BaseType::Duration) && is_duration(&written) {
            return constant(Const::String(written), BaseType::Duration, span);
        }
        if expected == Some(&BaseType::Quantity) {
            return self.quantity(written, unit, span);
        }
        if is_whole {
            return match written.parse() {
                Ok(_) if expected == Some(&BaseType::Float) => {
                    constant(Const::Float(json_number(&written)), BaseType::Float, span)
                }
                Ok(value) => constant(Const::Int(value), BaseType::Int, span),
                Err(_) => {
                    let message = format!("`{written}` does not fit in 64 bits");
                    let label = "too large";
                    self.report(
                        Diagnostic::error("number-too-large", message, span, label)
                            .with_help("write a number up to 9223372036854775807"),
                    );
                    error_expr(span)
                }
            };
        }
        if unit.is_empty() || unit.strip_prefix(['e', 'E']).is_some_and(is_exponent) {
            return constant(Const::Float(json_number(&written)), BaseType::Float, span);
        }
        if QUANTITY_UNITS.contains(&unit) {
            return self.quantity(written, unit, span);
        }
        if unit == "m" {
            let message = format!("`{written}` may be a quantity or a duration");
            self.report(
                Diagnostic::error("type-unclear", message, span, "type not clear here")
                    .with_help("write it where a quantity is compared"),
            );
            return error_expr(span);
        }
        self.report(not_a_quantity(&written, unit, span));
        error_expr(span)
    }

    /// A version, as text.
    pub(super) fn version(&mut self, text: &str, span: Span) -> Expr {
        if is_version(text) {
            return constant(Const::String(text.to_owned()), BaseType::Version, span);
        }
        let message = format!("`{text}` is no version");
        self.report(
            Diagnostic::error("no-version", message, span, "not a version")
                .with_help("write numbers joined by `.`, such as `v\"1.29\"`"),
        );
        error_expr(span)
    }

    /// A text that is written out where something is expected that is written as text.
    pub(super) fn text_as(&mut self, value: Expr, expected: Option<&BaseType>) -> Expr {
        let (ExprKind::Const(Const::String(text)), Some(base)) = (&value.kind, expected) else {
            return value;
        };
        let (is_it, example): (fn(&str) -> bool, &str) = match base {
            BaseType::Glob => return self.glob(text.clone(), value.span),
            BaseType::Regex => return self.regex(text.clone(), value.span),
            BaseType::Image => (is_image, "docker.io/library/nginx:1.27"),
            BaseType::Cidr => (is_cidr, "10.0.0.0/8"),
            BaseType::Ip => (is_ip, "10.0.0.1"),
            BaseType::Versions => (is_versions, ">=1.28 <1.31"),
            BaseType::Range => (is_range, "1000-1999"),
            BaseType::Duration => (is_duration, "1h30m"),
            BaseType::Timestamp => (is_timestamp, "2026-01-01T00:00:00Z"),
            _ => return value,
        };
        if is_it(text) {
            return Expr {
                ty: Type::plain(base.clone()),
                ..value
            };
        }
        let what = super::words::prose(base);
        let message = format!("`\"{text}\"` is not {what}");
        self.report(
            Diagnostic::error("bad-text", message, value.span, format!("not {what}"))
                .with_help(format!("write {what}, such as `\"{example}\"`")),
        );
        error_expr(value.span)
    }

    fn quantity(&mut self, written: String, unit: &str, span: Span) -> Expr {
        if !is_quantity(&written) {
            self.report(not_a_quantity(&written, unit, span));
            return error_expr(span);
        }
        constant(Const::Quantity(written), BaseType::Quantity, span)
    }
}

/// The number as JSON has it: `007` is `7`.
fn json_number(written: &str) -> String {
    let (sign, digits) = match written.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", written),
    };
    let short = digits.trim_start_matches('0');
    let zero = if short.starts_with(|c: char| c.is_ascii_digit()) {
        ""
    } else {
        "0"
    };
    format!("{sign}{zero}{short}")
}

fn not_a_quantity(written: &str, unit: &str, span: Span) -> Diagnostic {
    let message = format!("`{written}` is no quantity");
    let diagnostic = Diagnostic::error("no-quantity", message, span, "not a quantity");
    let number = written.strip_suffix(unit).unwrap_or(written);
    // `4GB`, `4gb`, `4gi`, `4GiB`: the unit that is probably meant.
    let lower = unit.to_ascii_lowercase();
    let meant = QUANTITY_UNITS.iter().find(|known| {
        let known = known.to_ascii_lowercase();
        lower == known || lower.strip_suffix('b') == Some(&known)
    });
    match meant {
        Some(meant) if is_quantity(&format!("{number}{meant}")) => {
            let fixed = format!("{number}{meant}");
            diagnostic
                .with_help(format!("write `{fixed}`"))
                .with_edit(span, fixed)
        }
        _ => diagnostic.with_help("write a number and a unit, such as `500m`, `4Gi` or `2k`"),
    }
}

fn is_exponent(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    (1..=3).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
}

/// True for the quantities of `docs/meaning.md`.
pub(super) fn is_quantity(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let n_number = text
        .bytes()
        .take_while(|b| b.is_ascii_digit() || *b == b'.')
        .count();
    let Some((number, suffix)) = text.split_at_checked(n_number) else {
        return false;
    };
    if number.matches('.').count() > 1 || !number.bytes().any(|b| b.is_ascii_digit()) {
        return false;
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if digits.trim_matches('0').len() > MAX_DIGITS {
        return false;
    }
    suffix.is_empty()
        || suffix == "m"
        || QUANTITY_UNITS.contains(&suffix)
        || suffix.strip_prefix(['e', 'E']).is_some_and(is_exponent)
}

#[cfg(test)]
mod tests {
    use super::{is_quantity, json_number};

    #[test]
    fn a_quantity_has_a_number_and_a_known_unit() {
        for text in [
            "0", "1", "-1", "+1.5", "500m", "4Gi", "1E", "1e3", "1E-3", ".5", "5.", "2k",
        ] {
            assert!(is_quantity(text), "{text}");
        }
        for text in [
            "", "-", ".", "Gi", "4GB", "4gi", "1.2.3", "1 Gi", "1e", "1e1000", "K",
        ] {
            assert!(!is_quantity(text), "{text}");
        }
        assert!(is_quantity("123456789012345678"));
        assert!(!is_quantity("1234567890123456789"));
        assert!(is_quantity("1000000000000000000000"));
    }

    #[test]
    fn a_number_is_written_as_json_has_it() {
        for (written, json) in [("007", "7"), ("00.5", "0.5"), ("-01e3", "-1e3"), ("0", "0")] {
            assert_eq!(json_number(written), json);
        }
    }
}
