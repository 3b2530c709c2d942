#!/bin/sh
# Makes .venv in the checkout, or refreshes it: tools/environment.sh run|dev
#   run   what Linli itself needs        dev   and what its tests and linters need
# It acts only when pyproject.toml, the checkout's place or the interpreter changed. pip's own variables
# (PIP_INDEX_URL and the like) count.
set -eu
cd "$(dirname "$0")/.."

case "${1:-}" in
    run) target=. ;;
    dev) target='.[dev]' ;;
    *) echo "usage: tools/environment.sh run|dev" >&2; exit 2 ;;
esac

fits() {
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for candidate in python3 python3.11 python3.12 python3.13 python3.14; do
        if fits "$candidate"; then echo "$candidate"; return; fi
    done
    cat >&2 <<'MESSAGE'
Linli needs Python 3.11 or newer with its module `venv`, and none was found as python3, python3.11 .. python3.14.
需要 Python 3.11 或更高版本及其 venv 模块。
  Debian, Ubuntu:  apt-get install python3 python3-venv
  Fedora:          dnf install python3
  macOS:           brew install python3
MESSAGE
    exit 1
}

# A virtual environment holds absolute paths, so one that was moved or whose interpreter is gone is made anew.
state() { pwd -P; cksum <pyproject.toml; .venv/bin/python --version; }

# What `dev` installs holds what `run` needs.
for made in dev "$1"; do
    if [ -x .venv/bin/python ] && [ "$(cat ".venv/made-$made" 2>/dev/null)" = "$(state 2>/dev/null)" ]; then exit 0; fi
done

if ! [ -f .venv/place ] || [ "$(cat .venv/place)" != "$(pwd -P)" ] || ! fits .venv/bin/python; then
    python=$(find_python)
    echo "Making .venv with $("$python" --version) .. 正在创建 .venv"
    rm -rf .venv
    "$python" -m venv .venv
    pwd -P >.venv/place
fi
echo "Installing what Linli needs into .venv .. 正在安装依赖"
# No cache and no check for newer versions of pip: nothing is written outside the checkout.
export PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
.venv/bin/python -m pip install --quiet --editable "$target"
state >".venv/made-$1"
