#!/bin/sh
# Words of the code and templates -> messages.pot -> each language's messages.po -> messages.mo.
# Never guesses: a changed sentence is a new one, to be translated.
set -eu
cd "$(dirname "$0")/.."
babel=.venv/bin/pybabel
mapping="-F babel.cfg"
$babel -q extract $mapping -k _ -k lazy -k ngettext:1,2 -k nlazy:1,2 --no-location --sort-output --omit-header -o translations/messages.pot \
  daigou blueprints compliance traceability
for po in translations/*/LC_MESSAGES/messages.po; do
  [ -f "$po" ] || continue
  locale=$(basename "$(dirname "$(dirname "$po")")")
  $babel -q update -N --ignore-obsolete -i translations/messages.pot -d translations -D messages -l "$locale"
done
tools/catalogues.sh
