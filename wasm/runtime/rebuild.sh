#!/bin/sh
# Renews wasm/runtime/prebuilt with the pinned toolchain. With --check it changes nothing and fails unless the committed
# runtime is, byte for byte, what the sources give.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
rustc --edition 2024 -o "$scratch/rebuild" rebuild.rs
mkdir -p prebuilt
"$scratch/rebuild" "$(dirname "$PWD")" "$scratch" "$@"
