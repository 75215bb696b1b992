#!/bin/bash
# Every check there is, cheapest first: test.sh TARGET_FOLDER
#
# Stops at the first step that fails and says how to run that step alone. Ends with the number of tests per step.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=$1
logs="$target/test-logs"
mkdir -p "$logs"
summary=()
began=$SECONDS

# step NAME COMMAND...: runs it, keeps what it says, and counts the tests in that.
step() {
    local name="$1" start=$SECONDS log count
    shift
    log="$logs/${name// /-}.log"
    printf '\n=== %s: %s\n' "$name" "$*"
    if ! "$@" 2>&1 | tee "$log"; then
        printf '\nFAILED: %s (after %s s)\n    run it alone: %s\n    what it said: %s\n' \
            "$name" "$((SECONDS - start))" "$*" "$log" >&2
        report >&2
        exit 1
    fi
    count=$(count_tests "$log")
    summary+=("$(printf '%-22s %5s s   %s' "$name" "$((SECONDS - start))" "${count:-done}")")
}

# Reads the closing lines of `cargo test` and of Playwright.
count_tests() {
    awk '
        /^test result:/ { passed += $4; failed += $6; ignored += $8; seen = 1 }
        /^  +[0-9]+ passed/ { passed += $1; seen = 1 }
        /^  +[0-9]+ failed/ { failed += $1 }
        /^  +[0-9]+ skipped/ { ignored += $1 }
        /^  +[0-9]+ flaky/ { flaky += $1; seen = 1 }
        END {
            if (!seen) exit
            printf "%d passed, %d failed, %d skipped", passed, failed, ignored
            if (flaky) printf ", %d flaky", flaky
        }' "$1"
}

report() {
    printf '\n=== Summary\n'
    printf '%s\n' "${summary[@]}"
    printf '%-22s %5s s\n' "altogether" "$((SECONDS - began))"
}

no_registry_in_lock() {
    if grep --line-number '"resolved"' end2end/package-lock.json; then
        echo "package-lock.json names a download address. Cure: npm install --prefix end2end --package-lock-only" \
            "with omit-lockfile-registry-resolved=true"
        return 1
    fi
}

contract=$(cd .. && pwd)/shared/harbor-contract
if [ -z "${HARBOR_CONTRACT_DIR-}" ] && [ -d "$contract" ]; then
    export HARBOR_CONTRACT_DIR=$contract
fi

step "tools" end2end/scripts/tools.sh test
step "package lock" no_registry_in_lock
step "format" cargo fmt --all --check
step "clippy" cargo clippy --workspace --all-targets --locked -- -D warnings
step "clippy in the browser" cargo clippy --package app --lib --locked --target wasm32-unknown-unknown \
    --no-default-features --features hydrate -- -D warnings
# All targets at once, so that the binaries share each compiled crate with the tests.
step "compile" cargo build --workspace --all-targets --locked
# Most tests wait for simulated Harbors: more of them at once than there are cores take half of the time, and leave some
# to make the site.
step "tests and site" env RUST_TEST_THREADS="$(($(nproc) * 4))" end2end/scripts/beside.sh "$target/debug/build-site" \
    end2end/scripts/with-postgres.sh cargo test --workspace --locked --no-fail-fast
# Ignored among the others, which are for whoever changes something; the same selection of crates, so that nothing is
# compiled for it.
step "random lives" env BREAKWATER_SOAK=0..300 cargo test --workspace --locked --test clusters soak:: -- \
    --ignored --nocapture
step "size budget" "$target/debug/build-site" check-size
step "browser tests" env BREAKWATER_TEST_BINARIES="$target/debug" BREAKWATER_TEST_SITE="$target/site" \
    npm --prefix end2end test
report
