#!/bin/bash
# Runs a command, and with what that leaves of the machine a program beside it: beside.sh PROGRAM COMMAND [ARGUMENT...]
#
# Fails when one of them fails. What the program says comes after what the command says.
set -euo pipefail

said=$(mktemp -t breakwater-beside-XXXXXX)
nice -n 19 "$1" >"$said" 2>&1 &
beside=$!
finish() {
    kill "$beside" 2>/dev/null || true
    rm -f "$said"
}
trap finish EXIT
trap 'exit 130' INT TERM
shift

failed=0
"$@" || failed=$?
wait "$beside" || failed=$?
cat "$said"
exit "$failed"
