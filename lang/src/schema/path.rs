//! Where a field is that was looked for one record too early.

use super::{FieldType, Record, RecordId, Schema};

/// How long a path may be: the `spec` of a `CronJob` has `containers` five fields further down.
const MOST: usize = 5;

/// The shortest path of fields from `record` to a field called `name`, or `None` if there is none of a few steps, or two
/// are equally short. Lists and maps are not entered: a path must be good to write.
///
/// From a container, `privileged` is at `securityContext`, `privileged`.
pub fn find_path(schema: &'static Schema, record: Record, name: &str) -> Option<Vec<&'static str>> {
    let mut seen: Vec<RecordId> = Vec::new();
    let mut level = vec![(record.id, Vec::new())];
    for _ in 0..MOST {
        let with_field = |(id, _): &&(RecordId, _)| schema.record(*id).field(name).is_some();
        let mut found = level.iter().filter(with_field);
        if let Some((id, path)) = found.next() {
            let field = schema.record(*id).field(name)?;
            let path = path.iter().copied().chain([field.name]).collect();
            return found.next().is_none().then_some(path);
        }
        seen.extend(level.iter().map(|(id, _)| *id));
        level = descend(schema, &level, &seen);
    }
    None
}

/// The records one field below those of `level`, each with its path, without those in `seen`.
fn descend(
    schema: &'static Schema,
    level: &[(RecordId, Vec<&'static str>)],
    seen: &[RecordId],
) -> Vec<(RecordId, Vec<&'static str>)> {
    let mut below = Vec::new();
    for (id, path) in level {
        for field in schema.record(*id).fields() {
            if let FieldType::Record(inner) = field.ty
                && !seen.contains(&inner)
            {
                below.push((inner, path.iter().copied().chain([field.name]).collect()));
            }
        }
    }
    below
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(record: &str, name: &str, expected: Option<&str>) {
        let schema = Schema::kubernetes();
        let record = schema.records_named(record).next().unwrap();
        let path = find_path(schema, record, name).map(|path| path.join("."));
        assert_eq!(path.as_deref(), expected);
    }

    #[test]
    fn a_field_is_found_below() {
        check(
            "Container",
            "privileged",
            Some("securityContext.privileged"),
        );
        check("Container", "limits", Some("resources.limits"));
        check(
            "DeploymentSpec",
            "containers",
            Some("template.spec.containers"),
        );
        check(
            "CronJobSpec",
            "containers",
            Some("jobTemplate.spec.template.spec.containers"),
        );
    }

    #[test]
    fn a_field_of_the_record_itself_is_its_own_path() {
        check("PodSpec", "hostPID", Some("hostPID"));
    }

    #[test]
    fn lists_are_not_entered() {
        check("PodSpec", "privileged", None);
    }

    #[test]
    fn of_two_equally_near_neither_is_meant() {
        // `postStart` and `preStop` both have an `exec`.
        check("Lifecycle", "exec", None);
    }
}
