use super::*;

#[test]
fn the_committed_table_is_readable() {
    assert_eq!(Schema::kubernetes().oldest(), Version::minor(25));
    assert!(Schema::kubernetes().kinds().count() > 80);
}
