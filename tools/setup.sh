#!/bin/sh
# Makes .venv ready from a lock file: `tools/setup.sh run` (what `make run` needs) or `tools/setup.sh dev` (and the
# tests). Does nothing, quickly, when that was done already. Everything is checked against the lock's hashes.
set -eu
cd "$(dirname "$0")/.."
kind=$1
venv=.venv
state=$venv/.daigou-installed

say() { echo "$*" >&2; }
digest() { cat "$1" pyproject.toml | cksum; }
lock_of() { if [ "$1" = dev ]; then echo requirements/dev.lock; else echo requirements/embedded.lock; fi; }

# A linked .venv belongs to somebody else's checkout: used as it is.
if [ -L "$venv" ]; then exit 0; fi

# What is installed for the tests is enough to run; going back and forth would take it away again.
installed=none
[ -f "$state" ] && installed=$(cut -d' ' -f1 "$state")
[ "$installed" = dev ] && kind=dev
lock=$(lock_of "$kind")
wanted="$kind $(digest "$lock")"
if [ -f "$state" ] && [ "$(cat "$state")" = "$wanted" ] && [ -x "$venv/bin/python" ]; then exit 0; fi

python=${PYTHON:-}
if [ -z "$python" ]; then
  for one in python3 python3.14 python3.13 python3.12 python3.11; do
    if "$one" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; then python=$one; break; fi
  done
fi
if [ -z "$python" ] || ! "$python" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null; then
  say "daigou needs Python 3.11 or newer, and found $(python3 --version 2>&1 || echo none)."
  say "Install one (Debian, Ubuntu: apt install python3 python3-venv), or name it: PYTHON=/path/to/python3.12 make run"
  exit 1
fi

# uv uses the certificates that this machine trusts, as a proxy with its own may need.
export UV_SYSTEM_CERTS=1 UV_NO_CONFIG=1 VIRTUAL_ENV="$PWD/$venv"
uv=$venv/bin/uv

begun=$(date +%s)
if [ ! -x "$venv/bin/python" ]; then
  say "Making $venv with $("$python" --version) …"
  "$python" -m venv "$venv" || {
    say "The venv module is missing (Debian, Ubuntu: apt install python3-venv)."; rm -rf "$venv"; exit 1
  }
fi
if [ ! -x "$uv" ]; then
  # The lock's own lines for uv, hashes included.
  only_uv=$venv/uv.txt
  awk '/^[^ #]/ { take = /^uv==/ } take && !/#/' "$lock" > "$only_uv"
  "$venv/bin/python" -m pip install -q --disable-pip-version-check --no-deps --require-hashes -r "$only_uv"
fi
say "Installing $(grep -c '==' "$lock") packages from $lock …"
"$uv" pip sync -q --require-hashes --compile-bytecode --python "$venv/bin/python" "$lock"

# The lock brings what builds us where it can; elsewhere the build fetches it.
isolated=
"$venv/bin/python" -c 'import setuptools' 2>/dev/null && isolated=--no-build-isolation
"$uv" pip install -q --no-deps $isolated --python "$venv/bin/python" -e .
echo "$wanted" > "$state"
say "Python packages ready in $(( $(date +%s) - begun )) s."
