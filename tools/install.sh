#!/bin/sh
# Installs for a server: `tools/install.sh /opt/daigou/venv` makes that environment from requirements/runtime.lock
# (no embedded servers, no tests), with front-end files and catalogues beside the code, and the `daigou` command.
set -eu
cd "$(dirname "$0")/.."
target=$1
# The set-up that `make run` uses brings uv, npm and Babel.
tools/setup.sh run
.venv/bin/python tools/front_end.py
tools/catalogues.sh
export UV_SYSTEM_CERTS=1 UV_NO_CONFIG=1
[ -x "$target/bin/python" ] || .venv/bin/uv venv -q --python "$(readlink -f .venv/bin/python)" "$target"
.venv/bin/uv pip sync -q --require-hashes --compile-bytecode --python "$target/bin/python" requirements/runtime.lock
# The code runs from here; only its place and its command are written there.
"$target/bin/python" - "$PWD" << 'END'
import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "daigou.pth").write_text(sys.argv[1] + "\n")
command = pathlib.Path(sys.executable).with_name("daigou")
command.write_text(f"#!{sys.executable}\nfrom daigou.cli import main\n\nmain()\n")
command.chmod(0o755)
END
"$target/bin/python" -m compileall -q daigou blueprints compliance traceability wsgi.py
