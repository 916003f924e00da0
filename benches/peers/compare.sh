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
trap 'rm -f "$documents"' EXIT
"$pods" "$manifests" json > "$documents"
cargo build --quiet --release --manifest-path benches/peers/Cargo.toml

for _ in 1 2 3 4 5; do
    ours=$("$pods" "$manifests" compare | sed -n 's/.*module \([0-9]*\) ns$/\1/p')
    for mode in rvm interpreter; do
        theirs=$("$target/release/palisade-peers" "$documents" "$mode" 40 | sed -n 's/.* \([0-9]*\) ns a pod/\1/p')
        awk -v mode="regorus $mode" -v a="$theirs" -v b="$ours" \
            'BEGIN { printf "%-20s %6d ns a pod, module %5d ns: %.1f times\n", mode, a, b, a / b }'
    done
done
