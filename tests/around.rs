//! Packs that use other packs, and kinds from manifests that define them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says what it saw"
)]

mod support;

use support::{Folder, case, palisade};

const SHARED: &str = "\
pack shared edition 2026

/// Most copies of anything
const most = 3

/// Is there more of it than there may be?
fn too_many(n) = n > most
";

const TRIAL: &str = "\
pack trial edition 2026

use shared

kind Widget from crd \"crds/widget.yaml\"

/// Widgets are few and quiet
policy few-widgets on Widget {
    severity low
    deny too_many(object.spec.size), \"has {object.spec.size} parts, at most {most} may be\" at object.spec.size
    deny object.spec.mode == \"loud\", \"is loud\"
}
";

const DEFINITION: &str = "\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  names: {kind: Widget, plural: widgets}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        required: [spec]
        properties:
          spec:
            type: object
            required: [size]
            properties:
              size: {type: integer}
              mode: {type: string, enum: [quiet, loud], default: quiet}
";

const WIDGETS: &str = "\
apiVersion: example.com/v1
kind: Widget
metadata: {name: big}
spec:
  size: 4
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: noisy}
spec: {size: 2, mode: loud}
";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("packs/shared/pack.pale", SHARED);
    folder.write("packs/trial/pack.pale", TRIAL);
    folder.write("packs/trial/crds/widget.yaml", DEFINITION);
    folder.write("widgets.yaml", WIDGETS);
    folder
}

#[test]
fn a_pack_uses_the_one_beside_it_and_kinds_of_a_definition() {
    let folder = folder();
    insta::assert_snapshot!(case(
        &folder,
        "lint --no-stdlib -f compact -p packs/trial widgets.yaml"
    ));
    // However the command is called.
    for policies in ["packs", "packs/trial/pack.pale", "./packs/../packs/trial"] {
        let run = palisade(
            &folder,
            &format!("lint --no-stdlib -f compact -p {policies} widgets.yaml"),
        );
        let n_found = run
            .stdout
            .lines()
            .filter(|line| line.contains("few-widgets"));
        assert_eq!(n_found.count(), 2, "{policies}: {run}");
    }
}

#[test]
fn mistakes_in_what_is_around_are_shown_where_they_are() {
    let folder = folder();
    folder.write(
        "packs/shared/pack.pale",
        &SHARED.replace("n > most", "n > mots"),
    );
    insta::assert_snapshot!(case(&folder, "check packs/trial"));
    folder.write("packs/shared/pack.pale", SHARED);
    folder.write(
        "packs/trial/pack.pale",
        &TRIAL.replace("spec.mode", "spec.moode"),
    );
    insta::assert_snapshot!(case(&folder, "check packs/trial"));
    folder.write(
        "packs/trial/pack.pale",
        &TRIAL.replace("use shared", "use sharde"),
    );
    insta::assert_snapshot!(case(&folder, "check packs/trial"));
    folder.write(
        "packs/trial/pack.pale",
        &TRIAL.replace("widget.yaml", "gadget.yaml"),
    );
    insta::assert_snapshot!(case(&folder, "check packs/trial"));
    folder.write("packs/trial/pack.pale", TRIAL);
    folder.write("packs/trial/crds/widget.yaml", "kind: [");
    insta::assert_snapshot!(case(&folder, "check packs/trial"));
}
