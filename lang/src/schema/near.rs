//! The name that was meant.

use strsim::damerau_levenshtein;

/// How many names a suggestion has at most.
const MOST: usize = 3;
/// A shorter beginning says nothing about the rest.
const MIN_PREFIX: usize = 4;

/// The one name among `candidates` that `name` is likely to mean, or up to three equally near ones, or none.
///
/// A name that differs in case only is nearest; next are names a few edits away, no more than a third of the length;
/// then names that begin with `name`, or that it begins with.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let wanted = name.to_ascii_lowercase();
    let measured = candidates
        .into_iter()
        .filter_map(|other| Some((distance(&wanted, other)?, other)));
    let mut near: Vec<(usize, &str)> = measured.collect();
    near.sort_unstable();
    near.dedup();
    let best = near.first().map(|(distance, _)| *distance);
    let best = near
        .into_iter()
        .take_while(|(distance, _)| Some(*distance) == best);
    best.take(MOST).map(|(_, other)| other).collect()
}

/// How far the candidate is from the name in lower case; `None` if it is not near.
fn distance(wanted: &str, candidate: &str) -> Option<usize> {
    let candidate = candidate.to_ascii_lowercase();
    let allowed = wanted.len().max(candidate.len()) / 3;
    // The lengths tell most candidates apart without looking at their letters.
    if wanted.len().abs_diff(candidate.len()) <= allowed {
        let edits = damerau_levenshtein(wanted, &candidate);
        if edits <= allowed {
            return Some(edits);
        }
    }
    let (short, long) = if wanted.len() < candidate.len() {
        (wanted, &*candidate)
    } else {
        (&*candidate, wanted)
    };
    let begins = short.len() >= MIN_PREFIX && long.starts_with(short);
    begins.then(|| long.len() - short.len() + allowed)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    fn check(name: &str, candidates: &[&str], expected: &[&str]) {
        assert_eq!(nearest(name, candidates.iter().copied()), expected);
    }

    #[test]
    fn one_edit_finds_the_name() {
        check(
            "priviledged",
            &["procMount", "privileged", "capabilities"],
            &["privileged"],
        );
        check(
            "conatiners",
            &["containers", "initContainers"],
            &["containers"],
        );
    }

    #[test]
    fn case_alone_is_nearest() {
        check("hostpid", &["hostPID", "hostIPC"], &["hostPID"]);
    }

    #[test]
    fn equally_near_names_are_all_given_up_to_three() {
        check(
            "hostPXX",
            &["hostPID", "hostIPC", "hostPAD"],
            &["hostPAD", "hostPID"],
        );
        check(
            "cat",
            &["car", "cab", "can", "cap", "dog"],
            &["cab", "can", "cap"],
        );
    }

    #[test]
    fn unlike_names_are_not_suggested() {
        check("foo", &["containers", "volumes"], &[]);
        check("", &["name"], &[]);
    }

    #[test]
    fn a_beginning_finds_the_longer_name() {
        check(
            "readOnlyRoot",
            &["readOnlyRootFilesystem", "runAsNonRoot"],
            &["readOnlyRootFilesystem"],
        );
    }
}
