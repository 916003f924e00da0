//! Ranges of versions and of whole numbers, by regular expressions of the grammar in `docs/meaning.md`.

use std::sync::LazyLock;

use regex::Regex;

use crate::version::{Version, version};

/// The least and the greatest version of a term, each with whether it is included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Term {
    low: Option<(Version, bool)>,
    high: Option<(Version, bool)>,
}

static BOUND: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\Av?[0-9]+(\.[0-9]+)*([-+][0-9A-Za-z.+-]*)?\z").ok());

static TERM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\A *(>=|<=|>|<|=|) *([^ ]+)(?: +|\z)").ok());

/// The alternatives of a range of versions, each the terms that must hold; `None` if the text is none.
pub(crate) fn versions(text: &str) -> Option<Vec<Vec<Term>>> {
    text.split(';').map(alternative).collect()
}

fn alternative(text: &str) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    let mut rest = text;
    while !rest.trim_matches(' ').is_empty() {
        let found = TERM.as_ref()?.captures(rest)?;
        terms.push(term(found.get(1)?.as_str(), found.get(2)?.as_str())?);
        rest = rest.get(found.get(0)?.end()..)?;
    }
    (!terms.is_empty()).then_some(terms)
}

fn term(sign: &str, text: &str) -> Option<Term> {
    let between = Regex::new(r"\A(.*?)-([0-9].*)\z").ok()?;
    if sign.is_empty()
        && let Some(found) = between.captures(text)
    {
        return Some(Term {
            low: Some((bound(found.get(1)?.as_str())?, true)),
            high: Some((bound(found.get(2)?.as_str())?, true)),
        });
    }
    let version = bound(text)?;
    let is_included = sign != "<" && sign != ">";
    Some(Term {
        low: (!sign.starts_with('<')).then(|| (version.clone(), is_included)),
        high: (!sign.starts_with('>')).then_some((version, is_included)),
    })
}

fn bound(text: &str) -> Option<Version> {
    BOUND.as_ref()?.is_match(text).then(|| version(text))?
}

/// Whether a version is in one of the alternatives.
pub(crate) fn holds(version: &Version, alternatives: &[Vec<Term>]) -> bool {
    let is_in = |term: &Term| {
        let above =
            |(low, included): &(Version, bool)| version > low || *included && version == low;
        let below =
            |(high, included): &(Version, bool)| version < high || *included && version == high;
        term.low.as_ref().is_none_or(above) && term.high.as_ref().is_none_or(below)
    };
    alternatives.iter().any(|terms| terms.iter().all(is_in))
}

/// The bounds of a range of whole numbers; `None` if the text is none.
pub(crate) fn range(text: &str) -> Option<(i64, i64)> {
    let shape = Regex::new(r"\A([0-9]{0,18})(-([0-9]{0,18}))?\z").ok()?;
    let found = shape.captures(text)?;
    let low = found.get(1)?.as_str();
    let (low, high) = match found.get(3).map(|high| high.as_str()) {
        None => (low.parse().ok()?, low.parse().ok()?),
        Some("") => (low.parse().ok()?, i64::MAX),
        Some(high) if low.is_empty() => (i64::MIN, high.parse().ok()?),
        Some(high) => (low.parse().ok()?, high.parse().ok()?),
    };
    (low <= high).then_some((low, high))
}

#[cfg(test)]
mod tests {
    use super::{holds, range, version, versions};

    #[test]
    fn alternatives_are_tried_one_by_one() {
        for (text, ranges, expected) in [
            ("1.30", ">=1.28 <1.31", Some(true)),
            ("1.31", ">=1.28 <1.31", Some(false)),
            ("1.31-rc.1", ">=1.28 <1.31", Some(true)),
            ("1.22.13", "<=1.21.14; 1.22.0-1.22.13", Some(true)),
            ("1.22.14", "<=1.21.14; 1.22.0-1.22.13", Some(false)),
            ("1.25", "1.25.0", Some(true)),
            ("1.4.1", "1.4.0-rc.3-1.4.2", Some(true)),
            ("1.2", "1.2, 1.3", None),
            ("1.2", "1.2;", None),
        ] {
            let version = version(text).unwrap();
            let said = versions(ranges).map(|alternatives| holds(&version, &alternatives));
            assert_eq!(said, expected, "{text} in {ranges}");
        }
    }

    #[test]
    fn either_bound_may_be_left_out() {
        assert_eq!(range("1000-1999"), Some((1000, 1999)));
        assert_eq!(range("10000-"), Some((10000, i64::MAX)));
        assert_eq!(range("-5"), Some((i64::MIN, 5)));
        assert_eq!(range("80"), Some((80, 80)));
        for text in ["", "-", "2-1", "1-2-3", "a", "1000000000000000000"] {
            assert_eq!(range(text), None, "{text}");
        }
    }
}
