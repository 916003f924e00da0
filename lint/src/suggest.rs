//! Names that were probably meant.

/// Letters from which on a word may stand for the beginning of a name.
const MIN_PREFIX: usize = 5;

/// The one of `names` that is so near to `word` that it was probably meant; the first in the alphabet of several.
#[must_use]
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    names
        .into_iter()
        .filter_map(|name| {
            let limit = name.len().min(word.len()).div_ceil(3);
            let whole = strsim::damerau_levenshtein(word, name);
            // A name that was cut short, or misspelt and cut short, is nearer than it looks.
            let n_letters = word.chars().count();
            let start: String = name.chars().take(n_letters).collect();
            let cut = strsim::damerau_levenshtein(word, &start) + 1;
            let (distance, is_cut) = if cut < whole && n_letters >= MIN_PREFIX {
                (cut, true)
            } else {
                (whole, false)
            };
            (distance <= limit).then_some((distance, is_cut, name))
        })
        .min()
        .map(|(_, _, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_near_names_are_suggested() {
        let names = ["memory-limit", "no-host-network", "cpu-limit"];
        assert_eq!(nearest("memory-limits", names), Some("memory-limit"));
        assert_eq!(nearest("no-hostnetwork", names), Some("no-host-network"));
        assert_eq!(nearest("no-hosst", names), Some("no-host-network"));
        assert_eq!(nearest("pinned-image", names), None);
        assert_eq!(
            nearest("no-wildcard", ["no-wildcard-x", "no-wildcards"]),
            Some("no-wildcards")
        );
        assert_eq!(nearest("", names), None);
    }
}
