"""A virus scanner that speaks clamd's protocol. See clamd(8), INSTREAM: length-prefixed pieces, a zero at the end."""

from __future__ import annotations

import re
import socket
import struct
from contextlib import closing
from typing import IO, Protocol
from urllib.parse import unquote, urlsplit

PIECE = 64 * 1024
SECONDS = 30.0
_FOUND = re.compile(r"stream: (.+) FOUND")


class NotScanned(Exception):
    """Nobody knows whether the file is clean: the scanner does not answer, or says that it could not look."""


class Scanner(Protocol):
    def scan(self, content: IO[bytes]) -> str | None:
        """The name of what was found from the beginning of ``content`` to its end, or None. NotScanned otherwise."""


def from_url(url: str) -> Scanner | None:
    """``clamd://host:3310`` or ``clamd:///run/clamav/clamd.ctl`` (CLAMD_URL); None where nothing is configured."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.hostname:
        return Clamd(parts.hostname, parts.port or 3310)
    return Clamd(unquote(parts.path))


class Clamd:
    """Asks clamd over TCP, or over a Unix socket when no port is given. One connection a file, constant memory."""

    def __init__(self, place: str, port: int | None = None, *, seconds: float = SECONDS) -> None:
        self._place, self._port, self._seconds = place, port, seconds

    def scan(self, content: IO[bytes]) -> str | None:
        content.seek(0)
        try:
            with closing(self._connect()) as connection:
                answer = _converse(connection, content)
        except OSError as error:
            raise NotScanned(str(error)) from error
        found = _FOUND.fullmatch(answer)
        if found:
            return found[1]
        if answer != "stream: OK":
            raise NotScanned(answer[:200])
        return None

    def _connect(self) -> socket.socket:
        if self._port is not None:
            return socket.create_connection((self._place, self._port), timeout=self._seconds)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(self._seconds)
        try:
            connection.connect(self._place)
        except OSError:
            connection.close()
            raise
        return connection


def _converse(connection: socket.socket, content: IO[bytes]) -> str:
    """clamd hangs up on what is larger than its StreamMaxLength, and says so first: that answer is read."""
    try:
        connection.sendall(b"zINSTREAM\0")
        while piece := content.read(PIECE):
            connection.sendall(struct.pack("!I", len(piece)) + piece)
        connection.sendall(struct.pack("!I", 0))
    except (BrokenPipeError, ConnectionResetError):
        pass
    answer = bytearray()
    while piece := connection.recv(4096):
        answer += piece
        if len(answer) > 65536:
            raise NotScanned("the answer has no end")
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")
