#!/usr/bin/env bash
# The ten pod checks, Palisade's module against regorus, in turns on the same pods; prints the ratio of each turn.
#
#   benches/peers/compare.sh [MANIFESTS]     default: ../shared/corpus; build with --release before
set -euo pipefail
cd "$(dirname "$0")/../.."
manifests=${1:-../shared/corpus}
target=${CARGO_TARGET_DIR:-target}
pods=$target/release/examples/pods
documents=$(mktemp)
trap 'rm -f "$documents" "$documents.ours"' EXIT
"$pods" "$manifests" json > "$documents"
cargo build --quiet --release --manifest-path benches/peers/Cargo.toml

ratio() {
    awk -v what="$1" -v a="$2" -v b="$3" \
        'BEGIN { printf "%-48s %6d ns a pod, module %5d ns: %.1f times\n", what, a, b, a / b }'
}

ours() {
    sed -n "s/.* $1 \([0-9]*\) ns.*/\1/p" "$documents.ours"
}

for _ in 1 2 3 4 5; do
    "$pods" "$manifests" compare > "$documents.ours"
    for question in findings decisions; do
        for mode in rvm interpreter; do
            theirs=$("$target/release/palisade-peers" "$documents" "$question" "$mode" 40 |
                sed -n 's/.* \([0-9]*\) ns a pod/\1/p')
            ratio "$question, regorus $mode" "$theirs" "$(ours "$question")"
            if [ "$question" = decisions ]; then
                # Both from documents that are ready in their own form.
                ratio "$question on projected tapes, regorus $mode" "$theirs" "$(ours tapes)"
            fi
        done
    done
done
