#!/bin/sh
# Runs the tests, on SQLite and on PostgreSQL: tools/test.sh [PYTEST ARGUMENTS]
# PostgreSQL is the server that LINLI_TEST_POSTGRES names, else a throwaway one, else none, and that is said loudly.
# COVERAGE=1 measures branch coverage too, and prints it. All tests are shared by half as many processes again as there
# are cores, since they wait for servers; each takes a stretch of them, so that what a module makes once is made once.
set -eu
cd "$(dirname "$0")/.."
# What is compiled is kept, else pytest rewrites every module anew in each of its processes, and each `linli` that a test
# starts compiles Linli, which is a fifth of its start. `make clean` takes it away.
unset PYTHONDONTWRITEBYTECODE

python=.venv/bin/python
run="$python -m pytest"
if [ $# = 0 ]; then
    processes=$($python -c 'import os; print(min(8, (3 * (os.cpu_count() or 1) + 1) // 2))') # a server takes 200 connections
    run="$run --numprocesses=$processes --dist=worksteal"
fi
if [ -n "${COVERAGE:-}" ]; then run="$run --cov --cov-report="; fi

status=0
if [ -n "${LINLI_TEST_POSTGRES:-}" ]; then
    $run "$@" || status=$?
elif tools/postgres.sh find >/dev/null; then
    tools/postgres.sh run $run "$@" || status=$?
else
    $run "$@" || status=$?
    cat >&2 <<'MESSAGE'

!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!
!!  THE POSTGRESQL TESTS WERE SKIPPED: no server program is on this machine.  未在 PostgreSQL 上测试
!!  Install PostgreSQL (Debian, Ubuntu: apt-get install postgresql; macOS: brew install postgresql),
!!  or name a server in LINLI_TEST_POSTGRES=postgres://user@host/database, and run `make test` again.
!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!
MESSAGE
fi
if [ -n "${COVERAGE:-}" ]; then $python -m coverage report --skip-covered --skip-empty; fi
exit "$status"
