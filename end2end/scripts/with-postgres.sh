#!/bin/bash
# Runs a command with a PostgreSQL of its own: with-postgres.sh COMMAND [ARGUMENT...]
#
# The server listens on a free port of loopback only, keeps its data in a folder that is removed afterwards, and is
# named to the command by BREAKWATER_TEST_POSTGRES. Where that is set already, that one is used.
set -euo pipefail

if [ -n "${BREAKWATER_TEST_POSTGRES-}" ]; then
    exec "$@"
fi

# The newest installed; Debian keeps it off the PATH.
bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort --version-sort | tail -n 1)
if [ ! -x "$bin/initdb" ]; then
    echo "with-postgres: PostgreSQL is not installed. Cure: sudo apt-get install postgresql" >&2
    exit 1
fi

folder=$(mktemp --directory -t breakwater-postgres-XXXXXX)
as_owner=()
if [ "$(id -u)" = 0 ]; then
    # PostgreSQL refuses to run as root.
    owner=postgres
    chown "$owner" "$folder"
    as_owner=(setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups --)
fi
control() { "${as_owner[@]}" "$bin/pg_ctl" --pgdata="$folder/data" --log="$folder/log" "$@"; }

finish() {
    if [ -f "$folder/data/postmaster.pid" ]; then
        control --mode=immediate --wait stop >/dev/null || true
    fi
    rm -rf "$folder"
}
trap finish EXIT
trap 'exit 130' INT TERM
cd "$folder"

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
printf '%s' "$password" >"$folder/password"
chmod 0644 "$folder/password"
"${as_owner[@]}" "$bin/initdb" --pgdata="$folder/data" --username=breakwater --pwfile="$folder/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$folder/initdb.log" 2>&1 \
    || { cat "$folder/initdb.log" >&2; exit 1; }
rm "$folder/password"

# Somebody may take the free port before PostgreSQL does.
for attempt in 1 2 3 4 5; do
    port=$(node --eval 'const s = require("net").createServer().listen(0, "127.0.0.1", () => { console.log(s.address().port); s.close() })')
    # Nothing of this outlives the tests, so it need not survive a power cut.
    if control --wait --options="-p $port -h 127.0.0.1 -k $folder -c max_connections=300 -c fsync=off \
        -c synchronous_commit=off -c full_page_writes=off" start >/dev/null; then
        break
    elif [ "$attempt" = 5 ]; then
        cat "$folder/log" >&2
        exit 1
    fi
done

export BREAKWATER_TEST_POSTGRES="postgres://breakwater:$password@127.0.0.1:$port/postgres"
cd "$OLDPWD"
"$@"
