"""A witness outside (C2SP tlog-witness): it keeps the newest checkpoint it saw of a log and refuses any other past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import httpx

LIMIT_BYTES: Final = 64 * 1024
_TIMEOUT: Final = httpx.Timeout(10.0, connect=5.0)
_SIZE: Final = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Answer:
    """``lines``: the cosignatures; ``size``: what the witness has, where it was told otherwise; else ``refused``."""

    lines: str = ""
    size: int | None = None
    refused: str = ""


def add_checkpoint(prefix: str, body: str) -> Answer:
    """Hand one on. Raises httpx.HTTPError while the witness can't be reached or is out of order (5xx, 429)."""
    with httpx.Client(timeout=_TIMEOUT, follow_redirects=False) as client:
        answer = client.post(f"{prefix.rstrip('/')}/add-checkpoint", content=body.encode())
    text = answer.text[:LIMIT_BYTES]
    if answer.status_code == httpx.codes.OK:
        return Answer(lines=text)
    if answer.status_code == httpx.codes.CONFLICT and answer.headers.get("content-type", "").startswith(_SIZE):
        return Answer(size=_size(text))
    if answer.status_code >= 500 or answer.status_code == httpx.codes.TOO_MANY_REQUESTS:
        answer.raise_for_status()
    return Answer(refused=f"{answer.status_code}: {text[:300].strip()}")


def _size(text: str) -> int | None:
    return int(text) if text.strip().isascii() and text.strip().isdigit() and len(text) < 21 else None
