//! Whole policies.

use serde_json::json;

use crate::build::{privileged, program};
use crate::guest::Guest;

#[test]
fn a_privileged_container_is_found_where_it_says_so() {
    let mut guest = Guest::new(&program(vec![privileged()]));
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
        "spec": {
            "initContainers": [{"name": "init", "securityContext": {"privileged": false}}],
            "containers": [
                {"name": "app", "securityContext": {"privileged": true}},
                {"name": "odd", "securityContext": {"privileged": "true"}},
                {"name": "open", "securityContext": {"privileged": {"$unknown": "{{ .Values.x }}"}}},
                {"name": "plain"},
            ],
        },
    });
    let outcome = guest.run(&pod);
    assert_eq!(
        outcome.results,
        [
            "no-privileged-containers/1 critical .spec.containers[0].securityContext.privileged: container `app` runs privileged",
            "no-privileged-containers/0 critical .spec.containers[1].securityContext.privileged: `privileged` is a string where a bool is expected",
            "no-privileged-containers/1 critical .spec.containers[2].securityContext.privileged: unknown template",
        ]
    );
    assert_eq!(outcome.steps, 5);
}
