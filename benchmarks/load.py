"""A closed loop of HTTP/1.1 requests over kept-alive connections, from a process of its own.

One thread and epoll: about 30 µs a request, so that two cores measure the server and not the client.
"""

from __future__ import annotations

import itertools
import multiprocessing
import select
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"
BROWSER, LANGUAGES = "Mozilla/5.0 (X11; Linux x86_64) benchmark", "en-GB,en;q=0.9,de;q=0.7"
PATIENCE = 60.0  # seconds without any answer, after which the run is given up


@dataclass(frozen=True)
class Sample:
    """One round: requests answered in ``seconds``, their latencies in seconds, how many of each HTTP status."""

    seconds: float
    latencies: list[float]
    statuses: dict[int, int]
    octets: int

    @property
    def rate(self) -> float:
        return len(self.latencies) / self.seconds if self.seconds else 0.0

    def quantile(self, part: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


class Load:
    """The second process. ``with Load() as load: load.drive(...)``."""

    def __enter__(self) -> Load:
        self.pool = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))
        return self

    def __exit__(self, *_: object) -> None:
        self.pool.shutdown()

    def drive(self, port: int, requests: Sequence[bytes], connections: int, seconds: float = 0) -> Sample:
        """For ``seconds`` in a circle through ``requests``; without, each of them once."""
        return self.pool.submit(drive, port, list(requests), connections, seconds).result()


@dataclass
class Line:
    """One connection: what it waits for and what it has so far."""

    link: socket.socket
    begun: float = 0.0
    got: bytearray = field(default_factory=bytearray)
    wanted: int = -1  # whole length of the answer; -1 until its head is read, 0 while it comes in chunks


def drive(port: int, requests: list[bytes], connections: int, seconds: float = 0) -> Sample:
    source: Iterator[bytes] = itertools.cycle(requests) if seconds else iter(requests)
    lines = {line.link.fileno(): line for line in (connect(port) for _ in range(connections))}
    poll, latencies, statuses, octets = select.epoll(), [], Counter[int](), 0
    start = time.perf_counter()
    end = start + seconds if seconds else float("inf")
    open_lines = sum(begin(line, source, poll) for line in lines.values())
    while open_lines:
        events = poll.poll(PATIENCE)
        if not events:
            raise TimeoutError("the server answers no more")
        for number, _ in events:
            line = lines[number]
            if not read(line):
                continue
            now = time.perf_counter()
            latencies.append(now - line.begun)
            statuses[int(line.got[9:12])] += 1
            octets += len(line.got)
            if now >= end or not begin(line, source, None):
                poll.unregister(number)
                open_lines -= 1
    took = time.perf_counter() - start
    for line in lines.values():
        line.link.close()
    return Sample(took, latencies, dict(statuses), octets)


def connect(port: int) -> Line:
    link = socket.create_connection(("127.0.0.1", port))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Line(link)


def begin(line: Line, source: Iterator[bytes], poll: select.epoll | None) -> bool:
    request = next(source, None)
    if request is None:
        return False
    if poll:
        poll.register(line.link.fileno(), select.EPOLLIN)
    line.got.clear()
    line.wanted, line.begun = -1, time.perf_counter()
    line.link.sendall(request)
    return True


def read(line: Line) -> bool:
    """Take what has come; True when the answer is whole."""
    part = line.link.recv(262144)
    if not part:
        raise ConnectionError(f"the server closed the line after {bytes(line.got[:200])!r}")
    line.got += part
    if line.wanted < 0:
        head = line.got.find(HEAD_END)
        if head < 0:
            return False
        line.wanted = length(bytes(line.got[:head]).lower(), head)
    return len(line.got) >= line.wanted if line.wanted else line.got.endswith(b"0" + HEAD_END)


def length(head: bytes, end: int) -> int:
    place = head.find(b"content-length:")
    if place < 0:
        if b"transfer-encoding: chunked" in head:
            return 0
        return end + len(HEAD_END)
    return end + len(HEAD_END) + int(head[place + 15 :].split(b"\r\n", 1)[0])


def get(path: str, cookie: str = "") -> bytes:
    """A browser's request for a page."""
    return (_head("GET", path, cookie) + "\r\n").encode()


def post(path: str, body: str, cookie: str = "") -> bytes:
    """A browser's form."""
    kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body.encode())}\r\n\r\n"
    return (_head("POST", path, cookie) + kind + body).encode()


def _head(method: str, path: str, cookie: str) -> str:
    plain = (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/html,*/*;q=0.8\r\n"
        f"Accept-Language: {LANGUAGES}\r\nUser-Agent: {BROWSER}\r\n"
    )
    return plain + (f"Cookie: {cookie}\r\n" if cookie else "")
