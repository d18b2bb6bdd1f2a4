"""Passwords: Argon2id, the same work whether or not the account exists, and none that is guessed first."""

from __future__ import annotations

import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import current_app

from daigou.core.errors import Invalid, Unavailable
from daigou.core.i18n import lazy
from daigou.providers.breaches import Breaches

# OWASP's password storage recommendation: 19 MiB, two passes, one lane.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
# Sign-ins in a crowd must not take the memory of everything else.
_places = threading.BoundedSemaphore(4)
_PATIENCE = 8.0

SHORTEST, LONGEST = 10, 200
_LOOKED_AT = 72  # zxcvbn's work grows with the square of the length; more than this is strong anyway
_STRONG = 3

ADVICE = {
    "short": lazy("Use at least 10 characters: four unrelated words are easy to remember and hard to guess."),
    "own": lazy("This password is made of your own name or address. Use four unrelated words instead."),
    "common": lazy("This password is on the lists that are tried first. Use four unrelated words instead."),
    "pattern": lazy("Rows of keys, repeats and dates are guessed quickly. Use four unrelated words instead."),
    "weak": lazy("This password is easy to guess. Make it longer: four unrelated words are a good one."),
    "breached": lazy("This password has leaked elsewhere and is tried first. Use four unrelated words instead."),
    "long": lazy("A password may have at most 200 characters."),
}


def hashed(password: str) -> str:
    """The Argon2id hash in PHC form. Unavailable when too many are being made at once."""
    with _Place():
        return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether it is the password. Without a hash the same work is done for nothing, so that time tells nothing."""
    with _Place():
        try:
            return _hasher.verify(password_hash or _nobodys(), password[:LONGEST]) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def is_outdated(password_hash: str) -> bool:
    """Made with other costs than today's."""
    return _hasher.check_needs_rehash(password_hash)


def require_strong(password: str, *own: str, field: str = "password") -> None:
    """Invalid, with advice, for what a guesser tries first. ``own`` are the person's name and address.

    Where a breach service is configured, passwords of known breaches are refused too.
    """
    breaches: Breaches | None = current_app.extensions.get("breaches")
    fault = weakness(password, *own)
    if fault is None and breaches is not None and breaches.has(password):
        fault = "breached"
    if fault:
        raise Invalid({field: ADVICE[fault]}, code=f"password.{fault}")


def weakness(password: str, *own: str) -> str | None:
    """The name of what is wrong with it, or None."""
    from zxcvbn import zxcvbn  # its lists of words take 14 MiB: loaded by the first who chooses a password

    if len(password) < SHORTEST:
        return "short"
    if len(password) > LONGEST:
        return "long"
    words = [text.replace("@", " ").replace(".", " ").split() for text in own]
    parts = [*own, *("".join(row) for row in words), *(word for row in words for word in row)]
    verdict = zxcvbn(password[:_LOOKED_AT], user_inputs=[part[:50] for part in parts if part])
    if verdict["score"] >= _STRONG:
        return None
    return _reason(verdict["sequence"])


def _reason(sequence: list[dict[str, str]]) -> str:
    """What the longest part of a weak password is."""
    longest = max(sequence, key=lambda part: len(part["token"]), default={"pattern": ""})
    if longest["pattern"] == "dictionary":
        return "own" if longest["dictionary_name"] == "user_inputs" else "common"
    return "pattern" if longest["pattern"] in ("spatial", "repeat", "sequence", "date") else "weak"


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody's password")


class _Place:
    def __enter__(self) -> None:
        if not _places.acquire(timeout=_PATIENCE):
            raise Unavailable("account.busy", lazy("Many people are signing in right now. Try again in a minute."))

    def __exit__(self, *error: object) -> None:
        _places.release()
