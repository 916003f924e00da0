//! What arrives in guest memory.

use super::*;
use crate::host::guest::Guest;
use crate::host::tape::{Extent, Space, TapeWriter};
use crate::testing::{Row, read_guest_tape, rows};

fn written(index: &Index, tape: &Tape, extent: Extent) -> Vec<Row> {
    let instance = load(&module_text("i32.const 0"), index);
    let module = instance.module().clone();
    let shared = module.shared();
    let mut writer = TapeWriter::default();
    let mut guest = Guest::new(&module, 100).unwrap();
    let size = (1 << 12, 1 << 12);
    let space = Space::new(guest.take(size.0 + size.1).unwrap(), size);
    writer.gather(&shared.tries, tape, extent, space).unwrap();
    assert!(space.holds(writer.size()));
    assert!(writer.copy_to(guest.memory_mut(), space));
    read_guest_tape(guest.memory(), space.base, &index.symbols)
}

#[test]
fn a_tape_arrives_as_it_is() {
    let index = index_reading(&["spec"], whole());
    assert_eq!(written(&index, &pod(), Extent::Projected(0)), rows(&pod()));
    assert_eq!(written(&index, &pod(), Extent::Full), rows(&pod()));
}

fn reading(value: bool, members: &[(u32, u32)], element: Option<u32>) -> ProjectionNode {
    ProjectionNode {
        value,
        element,
        members: members.to_vec(),
        ..ProjectionNode::default()
    }
}

#[test]
fn a_projected_tape_holds_what_is_read_and_true_sizes() {
    let index = index_reading(
        &["containers", "spec"],
        vec![
            reading(false, &[(0, 1), (1, 1), (20, 2)], None),
            reading(true, &[], None),
            reading(false, &[(19, 3)], None),
            reading(false, &[], Some(4)),
            reading(false, &[(3, 1)], None),
        ],
    );
    let tape = written(&index, &pod(), Extent::Projected(0));
    let seen: Vec<_> = (tape.iter())
        .map(|row| format!("{} {}", row.key.as_deref().unwrap_or("-"), row.value))
        .collect();
    assert_eq!(
        seen,
        [
            "- Map(4)",
            "apiVersion String(\"v1\")",
            "kind String(\"Pod\")",
            "spec Map(2)",
            "containers List(2)",
            "containers Map(2)",
            "name String(\"app\")",
            "containers Int(-7)",
        ]
    );
}

#[test]
fn keys_alone_are_written_without_the_values() {
    let index = index_reading(
        &["spec"],
        vec![
            reading(false, &[(19, 1)], None),
            ProjectionNode {
                keys: true,
                ..ProjectionNode::default()
            },
        ],
    );
    let tape = written(&index, &pod(), Extent::Projected(0));
    let keys: Vec<_> = tape.iter().filter_map(|row| row.key.as_deref()).collect();
    assert_eq!(keys, ["spec", "hostNetwork", "containers", "nothing"]);
    let sizes: Vec<_> = tape.iter().map(|row| row.value.as_str()).collect();
    assert_eq!(sizes, ["Map(4)", "Map(2)", "Bool(true)", "List(2)", "Null"]);
}

#[test]
fn a_large_set_of_members_is_found_by_hash() {
    let names: Vec<String> = (0..50).map(|i| format!("field{i}")).collect();
    let symbols: Vec<&str> = names.iter().map(String::as_str).collect();
    let members: Vec<_> = (0..50).map(|i| (19 + i, 1)).collect();
    let index = index_reading(
        &symbols,
        vec![reading(false, &members, None), reading(true, &[], None)],
    );
    let mut b = Builder::new();
    b.start_map();
    for name in ["field3", "other", "field49", "field50"] {
        b.key(name);
        b.string(name);
    }
    let tape = written(&index, &b.finish(), Extent::Projected(0));
    assert_eq!(tape.len(), 3);
    assert_eq!(tape[2].value, "String(\"field49\")");
}

#[test]
fn a_document_deeper_than_a_module_may_see_is_refused() {
    let nested = |depth: usize| {
        let mut b = Builder::new();
        for _ in 0..depth {
            b.start_list();
        }
        b.finish()
    };
    let index = index_reading(&[], whole());
    let tries =
        crate::host::trie::Tries::new(crate::index::IndexView::new(&index.encode()).unwrap())
            .unwrap();
    let mut writer = TapeWriter::default();
    let space = Space::new(16, Space::COMMON);
    let mut gather = |depth| writer.gather(&tries, &nested(depth), Extent::Full, space);
    assert!(gather(256).is_ok());
    assert!(gather(257).is_err());
}
