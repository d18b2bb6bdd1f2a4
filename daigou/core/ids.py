"""Keys and public references.

Keys are UUIDs of version 7 (RFC 9562): made here, so that a row knows its own key before it is written, and sorted by
time (the house's, whichever host makes them), so that indexes grow at one end. References are what people see: short,
readable aloud, unguessable.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from . import clock

# Crockford's alphabet: no I, L, O or U, so nothing is misread and no word appears by accident.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_REF_LENGTH = 10  # 50 bits: 2**50 guesses for one reference

_source: ContextVar[Callable[[], UUID] | None] = ContextVar("id_source", default=None)


def uuid7() -> UUID:
    """A version 7 UUID: 48 bits of Unix milliseconds, then 74 random bits."""
    milliseconds = clock.system.unix_milliseconds()
    random = secrets.randbits(74)
    value = (milliseconds & (2**48 - 1)) << 80
    value |= 0x7 << 76
    value |= (random >> 62) << 64
    value |= 0b10 << 62
    value |= random & (2**62 - 1)
    return UUID(int=value)


def new_id() -> UUID:
    """A new primary key."""
    return (_source.get() or uuid7)()


def new_ref(prefix: str) -> str:
    """A new public reference such as ``ORD-7K3M9Q2XW4``."""
    number = secrets.randbits(5 * _REF_LENGTH)  # five bits choose a letter
    return f"{prefix}-{''.join(_ALPHABET[number >> 5 * place & 31] for place in range(_REF_LENGTH))}"


def new_subject() -> str:
    """An opaque subject reference: names a person in logs and keys without saying who it is."""
    return f"sub_{secrets.token_hex(12)}"


@contextmanager
def use(source: Callable[[], UUID]) -> Iterator[None]:
    """Run the block with another source of keys."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
