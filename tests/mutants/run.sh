#!/usr/bin/env bash
# Tries a seeded sample of the mutants of the code generator on the tests, and prints one line for each:
# its number, what became of it, which tests it was that noticed, and its name.
#
#   tests/mutants/run.sh FOLDER [NUMBER…]     all of the sample, or those of the numbers
#
# FOLDER is made, and holds what is built. Needs cargo-mutants, which says what can be changed; see README.md.
# SEED and COUNT choose the sample, UNVIABLE says which of its numbers do not compile.
set -euo pipefail
cd "$(dirname "$0")/../.."
root=$PWD
work=$(mkdir -p "$1" && realpath "$1")
shift
here=$root/tests/mutants
: "${SEED:=4}" "${COUNT:=133}"
: "${UNVIABLE:=$(awk -F '\t' '$2 == "unviable" { print $1 }' "$here/sample.tsv")}"
export CARGO_TARGET_DIR=$work/target

# A copy with all mutants in it, each behind a switch. The tests find the shared data beside it.
rm -rf "$work/tree"
mkdir "$work/tree"
git archive HEAD | tar -x -C "$work/tree"
ln -sfn "$(realpath "$root/../shared")" "$work/shared"
cargo mutants --list --json --package palisade-wasm \
    --file wasm/src/codegen.rs --file 'wasm/src/codegen/**' > "$work/list.json"
# shellcheck disable=SC2086
cargo run --quiet --manifest-path "$here/Cargo.toml" -- \
    "$work/list.json" "$SEED" "$COUNT" "$root" "$work/tree" $UNVIABLE > "$work/sample.tsv"
cat "$here/switch.rs" >> "$work/tree/wasm/src/lib.rs"
cd "$work/tree"
cargo test --release --workspace --no-run --test agree --test written --test codegen --test host 2>&1 |
    tee "$work/build.log" >&2

executable() {
    sed -n "s|.*Executable tests/$1[./].*(\(.*\))|\1|p" "$work/build.log"
}

# try NAME FOLDER ARGUMENTS: whether a test fails, or does not end, with the mutant that is on.
try() {
    local name=$1 folder=$2 status=0
    shift 2
    (cd "$folder" && timeout 150 "$(executable "$name")" "$@") > "$work/$name.log" 2>&1 || status=$?
    case $status in
        0) return 1 ;;
        124) verdict=timeout ;;
        *) verdict=caught ;;
    esac
    by=$name
}

export INSTA_UPDATE=no PALISADE_AGREE_ATTEMPTS=0
for number in ${*:-$(cut -f 1 "$work/sample.tsv")}; do
    verdict=missed by=-
    if grep -qw "$number" <<< "$UNVIABLE"; then
        verdict=unviable
    else
        export PALISADE_MUTANT=$number
        try agree tests/reference modules || try written tests/reference ||
            try host wasm || try codegen wasm || true
    fi
    awk -F '\t' -v OFS='\t' -v n="$number" -v verdict="$verdict" -v by="$by" \
        '$1 == n { print n, verdict, by, $2 }' "$work/sample.tsv"
done
