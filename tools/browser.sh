#!/bin/sh
# A browser and fonts for the browser tests, from the system's packages where we may install them.
# Without one those tests are skipped, and say so; under CI=true that is a failure.
set -eu
found() { command -v chromium || command -v chromium-browser || command -v google-chrome; }
if found > /dev/null; then exit 0; fi

may=
if [ "$(id -u)" = 0 ]; then may=env; elif sudo -n true 2>/dev/null; then may="sudo -n env"; fi
if [ -n "$may" ] && command -v apt-get > /dev/null; then
  echo "Installing chromium and fonts from the system's packages …" >&2
  export DEBIAN_FRONTEND=noninteractive
  { $may apt-get update -qq && $may apt-get install -y -qq --no-install-recommends \
      chromium fonts-noto-core fonts-noto-cjk; } < /dev/null > /tmp/daigou-browser.$$ 2>&1 || tail -5 /tmp/daigou-browser.$$ >&2
  rm -f /tmp/daigou-browser.$$
fi
if found > /dev/null; then exit 0; fi
if [ "${CI:-}" = true ]; then echo "No browser here, and CI=true: the browser tests must run." >&2; exit 1; fi
echo "No browser here (Debian: apt install chromium fonts-noto-core fonts-noto-cjk): browser tests are skipped." >&2
