"""`python -m daigou.sandbox --port 9000 --data DIR [--config FILE.json]`."""

import argparse
import logging
import os
import signal
import sys
import threading
from dataclasses import replace
from pathlib import Path

from daigou.sandbox import config, server
from daigou.sandbox.app import Sandbox
from daigou.sandbox.journal import JournalDamaged

REFUSED = 2


def main(arguments: list[str] | None = None) -> int:
    """Run until SIGTERM or Ctrl-C. Exit code 2 stands for settings or books it will not start with."""
    parser = argparse.ArgumentParser(prog="daigou.sandbox", description="Payment and carrier sandbox: no real money.")
    parser.add_argument("--port", type=int, required=True, help="0 picks a free one")
    parser.add_argument("--data", type=Path, required=True, help="folder of the journal")
    parser.add_argument("--config", type=Path)
    options = parser.parse_args(arguments)
    logging.basicConfig(level=os.environ.get("SANDBOX_LOG", "WARNING"), format="sandbox: %(message)s")
    try:
        settings = config.load(options.config, os.environ)
        listening = server.listen(options.port)
        address = f"http://{server.LOOPBACK}:{listening.server_port}"
        settings = replace(settings, public_url=(settings.public_url or address).rstrip("/"))
        sandbox = Sandbox(settings, options.data)
    except (config.ConfigRefused, JournalDamaged) as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except OSError as error:
        print(f"sandbox: cannot listen on port {options.port}: {error}", file=sys.stderr)
        return REFUSED
    _run(listening, sandbox, address)
    return 0


def _run(listening: server.Server, sandbox: Sandbox, address: str) -> None:
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    listening.sandbox = sandbox
    sandbox.start()
    threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    print(f"sandbox: listening on {address} - no real money", flush=True)
    stopping.wait()
    listening.shutdown()
    listening.server_close()
    sandbox.stop()


if __name__ == "__main__":
    sys.exit(main())
