#!/bin/sh
# A PostgreSQL server for tests that lives only as long as a command: tools/postgres.sh find | run COMMAND..
#   find   prints the folder of PostgreSQL's programs; fails where there is none
#   run    makes a cluster in a temporary folder, runs COMMAND with LINLI_TEST_POSTGRES naming it, and takes it away
set -eu

find_programs() {
    for folder in "$(dirname "$(command -v initdb || echo /nowhere/initdb)")" /usr/lib/postgresql/*/bin \
        /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then found=$folder; fi
    done
    [ -n "${found:-}" ] && echo "$found"
}

# PostgreSQL refuses to run as root.
unprivileged() {
    if [ "$(id -u)" != 0 ]; then
        "$@"
    elif command -v runuser >/dev/null; then
        runuser -u "$owner" -- "$@"
    else
        su -s /bin/sh "$owner" -c 'exec "$0" "$@"' -- "$@"
    fi
}

free_port() {
    "$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# A Chinese collation, where the build has ICU, shows a query that forgot to state its own.
make_cluster() {
    for collation in "--locale-provider=icu --icu-locale=zh" "--no-locale"; do
        # shellcheck disable=SC2086  # two words
        if unprivileged "$programs/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 \
            --no-sync $collation >"$folder/initdb.log" 2>&1; then return; fi
        rm -rf "$folder/data"
    done
    cat "$folder/initdb.log" >&2
    return 1
}

start() {
    for _ in 1 2 3; do
        port=$(free_port)
        options="-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
        options="$options -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
        if unprivileged "$programs/pg_ctl" start --pgdata="$folder/data" --log="$folder/server.log" --wait --silent \
            --options="$options"; then return; fi
    done
    cat "$folder/server.log" >&2
    return 1
}

stop() {
    cd / # as in `run`: pg_ctl complains where its user may not read
    if [ -f "$folder/data/postmaster.pid" ]; then
        unprivileged "$programs/pg_ctl" stop --pgdata="$folder/data" --mode=immediate --silent || true
    fi
    rm -rf "$folder"
}

case "${1:-}" in
    find)
        find_programs
        ;;
    run)
        shift
        programs=$(find_programs) || { echo "No PostgreSQL server program was found." >&2; exit 1; }
        checkout=$(cd "$(dirname "$0")/.." && pwd)
        python=$checkout/.venv/bin/python
        [ -x "$python" ] || python=python3
        folder=$(mktemp -d /tmp/linli-postgres.XXXXXX)
        trap stop EXIT
        trap 'exit 130' INT
        trap 'exit 143' TERM HUP
        if [ "$(id -u)" = 0 ]; then
            owner=nobody
            if id postgres >/dev/null 2>&1; then owner=postgres; fi
            chown "$owner" "$folder"
        fi
        cd_back=$(pwd)
        cd "$folder" # the unprivileged user may not be allowed to read the checkout
        make_cluster
        start
        cd "$cd_back"
        LINLI_TEST_POSTGRES="postgres://postgres@127.0.0.1:$port/postgres" "$@"
        ;;
    *)
        echo "usage: tools/postgres.sh find | run COMMAND.." >&2
        exit 2
        ;;
esac
