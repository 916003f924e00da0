//! The shortest piece of a test that shows what a policy finds: the marked line and what it stands in.
//!
//! Shared by the build script, which picks the examples of the packs here, and by `explain`, which picks those of others.

/// An example of what `policy` finds, from tests as (name, text); absent if none has a mark for it. Tests that are named
/// after the policy come first; what fixes make of tests, which keeps their marks, is none.
#[must_use]
pub fn find_example(policy: &str, tests: &[(String, String)]) -> Option<String> {
    let is_own = |name: &str| {
        let mut parts = name.split(['/', '\\']);
        parts.any(|part| part.split('.').next() == Some(policy))
    };
    // `no-x.yaml` before `no-x.old.yaml`: the others are about what is special.
    let n_words = |(name, _): &&(String, String)| name.split('.').count();
    let is_test = |(name, _): &&(String, String)| !name.contains(".fixed.");
    let (mut own, others): (Vec<_>, Vec<_>) =
        (tests.iter().filter(is_test)).partition(|(name, _)| is_own(name));
    own.sort_by_key(n_words);
    (own.into_iter().chain(others)).find_map(|(_, text)| cut_out(policy, text))
}

/// A test whose format has no comments, with a mark on each line that the file of expectations beside it speaks of.
#[must_use]
pub fn with_expectations(text: &str, expectations: &str) -> String {
    let mut marked = String::new();
    for (line, number) in text.lines().zip(1_usize..) {
        marked.push_str(line);
        for expected in expectations.lines() {
            let (at, policy) = expected.split_once(' ').unwrap_or_default();
            if at.parse() == Ok(number) && !policy.starts_with('?') {
                marked.push_str(" #~ ");
                marked.push_str(policy);
            }
        }
        marked.push('\n');
    }
    marked
}

fn cut_out(policy: &str, text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let marked = lines.iter().enumerate().find_map(|(nth, line)| {
        let up = marks(line).find_map(|(mark, up)| (mark == policy).then_some(up))?;
        nth.checked_sub(up)
    })?;
    let mut kept: Vec<String> = Vec::new();
    // Column of the line kept last, and whether it begins an item of a list.
    let mut below = (usize::MAX, false);
    for line in lines.get(..=marked)?.iter().rev() {
        if line.starts_with("---") {
            break;
        }
        let bare = without_marks(line);
        let content = bare.trim_start();
        let here = (bare.len() - content.len(), content.starts_with("- "));
        // The dashes of a list may stand in the column of its key.
        let is_outside = here.0 < below.0 || here.0 == below.0 && below.1 && !here.1;
        if is_outside && !content.is_empty() && !content.starts_with('#') {
            kept.push(bare.to_owned());
            below = here;
        }
    }
    kept.reverse();
    // `kind` says what is looked at, and stands beside the way to the place, not on it.
    if let Some(kind) = kind_of(&lines, marked)
        && kept
            .first()
            .is_some_and(|first| !first.starts_with("kind:"))
    {
        kept.insert(0, kind.to_owned());
    }
    Some(kept.join("\n"))
}

/// The `kind` line of the document that holds a line, if it is written in the usual way.
fn kind_of<'a>(lines: &[&'a str], at: usize) -> Option<&'a str> {
    let start = lines
        .get(..at)?
        .iter()
        .rposition(|line| line.starts_with("---"))
        .map_or(0, |nth| nth + 1);
    (lines.get(start..)?.iter())
        .take_while(|line| !line.starts_with("---"))
        .find(|line| line.starts_with("kind:"))
        .map(|line| without_marks(line))
}

/// The policies of the marks of a line that expect a finding, and how many lines up they point.
fn marks(line: &str) -> impl Iterator<Item = (&str, usize)> {
    line.match_indices("#~").filter_map(move |(at, _)| {
        let rest = line.get(at + 2..)?;
        let name = rest.trim_start_matches('^');
        let up = rest.len() - name.len();
        let name = name.strip_prefix(' ')?.trim_start();
        let end = name
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
            .unwrap_or(name.len());
        Some((name.get(..end)?, up))
    })
}

fn without_marks(line: &str) -> &str {
    let end = line.find("#~").unwrap_or(line.len());
    line.get(..end).unwrap_or(line).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(policy: &str, text: &str) -> Option<String> {
        find_example(policy, &[("tests/x.yaml".into(), text.into())])
    }

    #[test]
    fn an_example_is_the_line_and_what_it_stands_in() {
        let text = "\
# A test.
kind: Role
---
apiVersion: v1
kind: Pod
spec:
  volumes: []
  containers:
  - name: first
    image: a
  - name: app
    # why not
    securityContext:
      runAsUser: 0
      privileged: true   #~ other #~ no-x: text
";
        let expected = "\
kind: Pod
spec:
  containers:
  - name: app
    securityContext:
      privileged: true";
        assert_eq!(example("no-x", text).as_deref(), Some(expected));
        assert_eq!(example("no", text), None);
    }

    #[test]
    fn a_mark_may_point_up_and_own_tests_come_first() {
        let tests = [
            ("tests/a.yaml".to_owned(), "a: 1 #~ no-x\n".to_owned()),
            (
                "tests/no-x.fixed.yaml".to_owned(),
                "b: 2 #~ no-x\n".to_owned(),
            ),
            (
                "tests/no-x.more.yaml".to_owned(),
                "b: |\n  c\n#~^^ no-x\n".to_owned(),
            ),
        ];
        assert_eq!(find_example("no-x", &tests).as_deref(), Some("b: |"));
    }
}
