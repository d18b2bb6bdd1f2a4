#!/bin/sh
# Lint, staircase, types. All of them are run, so that one round shows everything that is wrong.
set -u
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=
check() { name=$1; shift; "$@" || { failed="$failed $name"; }; }

check ruff $bin/ruff check --quiet .
if [ -f .importlinter ]; then check staircase $bin/lint-imports --no-logo; fi
# Strict where a mistake costs money or a proof, and where the outside is played; the rest is typed, less strictly.
strict=$(ls -d daigou/core daigou/ledger daigou/embedded daigou/sandbox compliance/audit traceability 2>/dev/null)
rules=$(find daigou compliance traceability -name rules.py 2>/dev/null \
  | grep -vE '^(daigou/(core|ledger|embedded|sandbox)|compliance/audit|traceability)/')
check mypy $bin/mypy --strict --no-error-summary $strict $rules
check types $bin/mypy --no-error-summary --no-warn-unused-ignores daigou compliance traceability blueprints

if [ -n "$failed" ]; then echo "Not in order:$failed" >&2; exit 1; fi
echo "lint, staircase, types: in order"
