#!/bin/sh
# Compiles the message catalogues that changed. Quiet when there are none yet.
set -eu
cd "$(dirname "$0")/.."
stale=
for one in translations/*/LC_MESSAGES/messages.po; do
  [ -f "$one" ] || exit 0
  if [ ! "${one%.po}.mo" -nt "$one" ]; then stale=yes; fi
done
[ -n "$stale" ] || exit 0
.venv/bin/pybabel -q compile -d translations -D messages
.venv/bin/python tools/pseudo.py
