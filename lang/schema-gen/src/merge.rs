//! Finds records of one shape and keeps one of each.
//!
//! Records may refer to themselves (`JSONSchemaProps`), so shapes are compared by refinement: first all records of one
//! name are one class, then a class is split while its records' fields lead to different classes.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Field, Model, Record, rank_version};

/// The records that kinds lead to, one of each shape, in the table's order: by name, then best version first.
pub fn merge_records(model: &Model) -> Merged {
    let reachable = reachable_records(model);
    let mut classes: BTreeMap<&str, String> = BTreeMap::new();
    for key in &reachable {
        if let Some(record) = model.records.get(*key) {
            classes.insert(key, record.name.clone());
        }
    }
    loop {
        let (next, n_classes) = refine(model, &classes);
        let before: BTreeSet<&String> = classes.values().collect();
        let done = before.len() == n_classes;
        classes = next;
        if done {
            return choose(model, &classes);
        }
    }
}

/// The records kept, and the index of the record that each key leads to.
#[derive(Debug)]
pub struct Merged {
    /// Keys of [`Model::records`].
    pub records: Vec<String>,
    /// Position in `records` by key, for every key that is reachable.
    pub index: BTreeMap<String, usize>,
}

fn reachable_records(model: &Model) -> BTreeSet<&str> {
    let roots = model.kinds.values().flat_map(|kind| &kind.versions);
    let mut open: Vec<&str> = roots.filter_map(|served| served.root.as_deref()).collect();
    let mut seen = BTreeSet::new();
    while let Some(key) = open.pop() {
        let Some((key, record)) = model.records.get_key_value(key) else {
            continue;
        };
        if seen.insert(key.as_str()) {
            open.extend(record.fields.values().filter_map(|field| field.ty.record()));
        }
    }
    seen
}

/// One step: the new class of a record is its old one and the signature of its fields.
fn refine<'m>(
    model: &'m Model,
    classes: &BTreeMap<&'m str, String>,
) -> (BTreeMap<&'m str, String>, usize) {
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    let mut next = BTreeMap::new();
    for (key, class) in classes {
        let Some(record) = model.records.get(*key) else {
            continue;
        };
        let signature = format!("{}|{class}|{}", record.name, signature(record, classes));
        let fresh = numbers.len();
        let number = *numbers.entry(signature).or_insert(fresh);
        next.insert(*key, number.to_string());
    }
    (next, numbers.len())
}

fn signature(record: &Record, classes: &BTreeMap<&str, String>) -> String {
    let class_of = |key: &str| classes.get(key).cloned().unwrap_or_default();
    let fields = record.fields.iter().map(|(name, field)| {
        let Field { ty, required, members, default, sensitive, list_keys, since: _, until: _ } = field;
        let (since, until) = span_in(record, field);
        let ty = ty.map_record(&class_of);
        format!("{name}:{ty:?},{required},{since:?},{until:?},{members:?},{default:?},{sensitive},{list_keys:?}")
    });
    fields.collect::<Vec<_>>().join(";")
}

/// Since and until when the record has the field, `None` where that is as long as the record exists.
pub fn span_in(record: &Record, field: &Field) -> (Option<u8>, Option<u8>) {
    let since = (field.since > record.since).then_some(field.since);
    let until = (field.until < record.until).then_some(field.until);
    (since, until)
}

fn choose(model: &Model, classes: &BTreeMap<&str, String>) -> Merged {
    let mut by_class: BTreeMap<&String, Vec<&str>> = BTreeMap::new();
    for (key, class) in classes {
        by_class.entry(class).or_default().push(key);
    }
    let mut groups: Vec<Vec<&str>> = by_class.into_values().collect();
    for group in &mut groups {
        group.sort_by_key(|key| rank_definition(key));
    }
    groups.sort_by_key(|group| {
        let key = group.first().copied().unwrap_or_default();
        (
            model.records.get(key).map(|record| record.name.clone()),
            rank_definition(key),
        )
    });
    let mut merged = Merged {
        records: Vec::new(),
        index: BTreeMap::new(),
    };
    for (number, group) in groups.iter().enumerate() {
        merged
            .records
            .extend(group.first().map(|key| (*key).to_owned()));
        merged
            .index
            .extend(group.iter().map(|key| ((*key).to_owned(), number)));
    }
    merged
}

/// The core group first, then stable before beta before alpha, then by name.
fn rank_definition(key: &str) -> (u8, (u8, u16, u16), String) {
    let version = key.rsplit('.').nth(1).unwrap_or_default();
    let core = u8::from(!key.starts_with("io.k8s.api.core."));
    (core, rank_version(version), key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Served, Type};

    /// A model of records (`key since until field:type …`, where a type is `int` or a key) and one kind for each key
    /// in `roots`.
    fn model(records: &[&str], roots: &[&str]) -> Model {
        let mut model = Model {
            oldest: 25,
            newest: 37,
            ..Model::default()
        };
        for line in records {
            let mut words = line.split(' ');
            let key = words.next().unwrap();
            let mut next_number = || words.next().unwrap().parse::<u8>().unwrap();
            let (since, until) = (next_number(), next_number());
            let fields = words.map(|word| {
                let (name, ty) = word.split_once(':').unwrap();
                let ty = if ty == "int" {
                    Type::Int
                } else {
                    Type::Record(ty.to_owned())
                };
                (name.to_owned(), Field::new(ty, since, until))
            });
            let name = key.rsplit('.').next().unwrap().to_owned();
            let record = Record {
                name,
                since,
                until,
                fields: fields.collect(),
            };
            model.records.insert(key.to_owned(), record);
        }
        for root in roots {
            let served = Served {
                group: String::new(),
                version: "v1".to_owned(),
                since: None,
                until: None,
                root: Some((*root).to_owned()),
            };
            let kind = Kind {
                versions: vec![served],
                ..Kind::default()
            };
            model
                .kinds
                .insert(((*root).to_owned(), String::new()), kind);
        }
        model
    }

    fn check(records: &[&str], roots: &[&str], expected: &[&str]) {
        assert_eq!(merge_records(&model(records, roots)).records, expected);
    }

    #[test]
    fn records_of_one_name_and_shape_are_one() {
        check(
            &["a.v1beta1.A 25 30 x:int", "a.v1.A 28 37 x:int"],
            &["a.v1beta1.A", "a.v1.A"],
            &["a.v1.A"],
        );
    }

    #[test]
    fn records_of_one_shape_and_two_names_stay_two() {
        let both = &["a.v1.A", "a.v1.B"];
        check(&["a.v1.A 25 37 x:int", "a.v1.B 25 37 x:int"], both, both);
    }

    #[test]
    fn a_difference_further_down_keeps_records_apart() {
        check(
            &[
                "a.v1.A 25 37 b:a.v1.B",
                "a.v2.A 25 37 b:a.v2.B",
                "a.v1.B 25 37 x:int",
                "a.v2.B 25 37 y:int",
            ],
            &["a.v1.A", "a.v2.A"],
            &["a.v2.A", "a.v1.A", "a.v2.B", "a.v1.B"],
        );
    }

    #[test]
    fn records_that_hold_themselves_are_compared() {
        check(
            &["a.v1.A 25 37 a:a.v1.A", "a.v1beta1.A 25 37 a:a.v1beta1.A"],
            &["a.v1.A", "a.v1beta1.A"],
            &["a.v1.A"],
        );
    }

    #[test]
    fn records_that_no_kind_leads_to_are_left_out() {
        check(
            &["a.v1.A 25 37 x:int", "a.v1.B 25 37 x:int"],
            &["a.v1.A"],
            &["a.v1.A"],
        );
    }

    #[test]
    fn versions_rank_as_the_api_server_prefers_them() {
        let mut versions = ["v1alpha1", "v1", "v2beta1", "v10", "v2beta2", "v2"];
        versions.sort_by_key(|version| rank_version(version));
        assert_eq!(
            versions,
            ["v10", "v2", "v1", "v2beta2", "v2beta1", "v1alpha1"]
        );
    }
}
