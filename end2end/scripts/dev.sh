#!/bin/bash
# Watch mode: dev.sh TARGET_FOLDER [ARGUMENT FOR breakwater serve...]
#
# Builds without optimising, starts the console, and does both again when a source file changes. While something does
# not compile, the console that ran before keeps running.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1
shift

stamp=$(mktemp)
server=
stop() { [ -z "$server" ] || { kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; }; }
trap 'stop; rm -f "$stamp"' EXIT
trap 'exit 130' INT TERM

changed() {
    local found
    found=$(find app server crates style public Cargo.toml Cargo.lock -newer "$stamp" -type f -print -quit)
    [ -n "$found" ]
}

while true; do
    touch "$stamp"
    if cargo build -p server && cargo run --quiet -p build-site -- --dev; then
        stop
        "$target/debug/breakwater" serve --site "$target/site-dev" "$@" &
        server=$!
    fi
    until changed; do sleep 0.5; done
done
