"""Idempotency keys as Stripe documents them: the first answer is saved and replayed, a 500 included."""

import hashlib
import json
import threading
from typing import Any

from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.errors import StripeError

KEY_LIMIT = 255
KEPT_SECONDS = 86400


class InFlight:
    """Keys whose first request has not answered yet. Lives in memory: a crash frees them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: set[str] = set()

    def enter(self, key: str) -> None:
        """Raises Stripe's 409 while another request holds the key."""
        with self._lock:
            if key in self._keys:
                raise StripeError(
                    "There is currently another in-progress request using this Idempotent Key (that probably"
                    " means you submitted twice, and the other request is still going through)."
                    " Please try again later.",
                    code="idempotency_key_in_use",
                    kind="idempotency_error",
                    status=409,
                    saved=False,
                )
            self._keys.add(key)

    def leave(self, key: str) -> None:
        with self._lock:
            self._keys.discard(key)


def row_id(key: str, account: str | None) -> str:
    """A key belongs to the account it was used on."""
    return f"{account or 'platform'}/{key}"


def fingerprint(path: str, params: Json) -> str:
    return hashlib.sha256(f"{path}\n{json.dumps(params, sort_keys=True)}".encode()).hexdigest()


def check_length(key: str) -> None:
    if len(key) > KEY_LIMIT:
        raise StripeError(
            f"Idempotency keys can be at most {KEY_LIMIT} characters long.",
            kind="idempotency_error",
            saved=False,
        )


def replay(tx: Tx, row: str, path: str, params: Json) -> Json | None:
    """The saved answer, or None when the key is new. Raises when it was used for something else."""
    saved = tx.peek("idempotency", row)
    if saved is None or tx.now - saved["created"] > KEPT_SECONDS:
        return None
    if saved["path"] != path or saved["fingerprint"] != fingerprint(path, params):
        key = row.partition("/")[2]
        what = "the same parameters" if saved["path"] == path else f"the same endpoint ('{saved['path']}' vs '{path}')"
        raise StripeError(
            f"Keys for idempotent requests can only be used with {what} they were first used with."
            f" Try using a key other than '{key}' if you meant to execute a different request.",
            kind="idempotency_error",
            saved=False,
        )
    return saved


def save(tx: Tx, row: str, path: str, params: Json, answer: tuple[int, Any, str]) -> None:
    """Remember (status, body, request id) in the same journal line as the effect itself."""
    status, body, request = answer
    tx.put("idempotency", {
        "id": row, "path": path, "fingerprint": fingerprint(path, params), "created": tx.now,
        "status": status, "body": body, "request": request,
    })  # fmt: skip
