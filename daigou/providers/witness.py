"""A witness outside (C2SP tlog-witness): it keeps the newest checkpoint it saw of a log and refuses any other past."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from . import outside

LIMIT_BYTES: Final = 64 * 1024
_PATIENCE: Final = 10.0  # seconds
_SIZE: Final = "text/x.tlog.size"


@dataclass(frozen=True, slots=True)
class Answer:
    """``lines``: the cosignatures; ``size``: what the witness has, where it was told otherwise; else ``refused``."""

    lines: str = ""
    size: int | None = None
    refused: str = ""


def add_checkpoint(prefix: str, body: str) -> Answer:
    """Hand one on. Raises httpx.HTTPError while the witness can't be reached or is out of order (5xx, 429)."""
    with outside.client(_PATIENCE) as client:
        answer = client.post(f"{prefix.rstrip('/')}/add-checkpoint", content=body.encode())
    text = answer.text[:LIMIT_BYTES]
    if answer.status_code == HTTPStatus.OK:
        return Answer(lines=text)
    if answer.status_code == HTTPStatus.CONFLICT and answer.headers.get("content-type", "").startswith(_SIZE):
        return Answer(size=_size(text))
    if answer.status_code >= 500 or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        answer.raise_for_status()
    return Answer(refused=f"{answer.status_code}: {text[:300].strip()}")


def _size(text: str) -> int | None:
    return int(text) if text.strip().isascii() and text.strip().isdigit() and len(text) < 21 else None
