"""HTTP to others than the payment provider. The library is loaded by the first who asks: with what it brings it takes
12 MiB, and a web process may never ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


def client(seconds: float, connect: float = 5.0) -> httpx.Client:
    """A client of patience: ``seconds`` for an answer, ``connect`` for the connection. It follows no redirect."""
    import httpx

    return httpx.Client(timeout=httpx.Timeout(seconds, connect=min(seconds, connect)), follow_redirects=False)
