"""Whole files, encrypted in chunks: AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015).

A sealed file is: ``DGF1``, data key id (16), salt (32), then chunks of 64 KiB plain text, each with its 16-byte tag.
The file's own key is HKDF-SHA256 of the subject's data key with the salt, so nonces never meet between files. A chunk's
nonce is a 7-byte prefix, its number (4 bytes) and whether it is the last (1 byte): nothing can be dropped or moved.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from daigou.core.keystore import DataKey

CHUNK = 64 * 1024
TAG = 16
MAGIC = b"DGF1"
HEADER = len(MAGIC) + 16 + 32


class Damaged(ValueError):
    """The bytes are not the ones that were sealed for this place: cut off, changed or moved."""


def seal(key: DataKey, place: str, plain: Iterable[bytes]) -> Iterator[bytes]:
    """The sealed form of ``plain``, a chunk at a time. ``place`` is ``table|column|file id``."""
    salt = os.urandom(32)
    cipher, prefix, bound = _open_cipher(key, salt, place)
    yield MAGIC + key.id.bytes + salt
    for number, (chunk, last) in enumerate(_with_last(_cut(plain, CHUNK))):
        yield cipher.encrypt(_nonce(prefix, number, last), chunk, bound)


def unseal(find_key: Callable[[bytes], DataKey], place: str, sealed: Iterable[bytes]) -> Iterator[bytes]:
    """The plain chunks; Damaged at the first byte that is not as it was sealed.

    The header is read and the key found at once, so that a destroyed key is known before anything is answered.
    """
    pieces = iter(sealed)
    head = b""
    while len(head) < HEADER:
        head += _next_piece(pieces)
    if head[:4] != MAGIC:
        raise Damaged("not a sealed file")
    key = find_key(head[4:20])
    return _unseal_chunks(key, head[20:HEADER], place, _chain(head[HEADER:], pieces))


def _unseal_chunks(key: DataKey, salt: bytes, place: str, sealed: Iterator[bytes]) -> Iterator[bytes]:
    cipher, prefix, bound = _open_cipher(key, salt, place)
    for number, (chunk, last) in enumerate(_with_last(_cut(sealed, CHUNK + TAG))):
        try:
            yield cipher.decrypt(_nonce(prefix, number, last), chunk, bound)
        except InvalidTag as error:
            raise Damaged(f"chunk {number}") from error


def _open_cipher(key: DataKey, salt: bytes, place: str) -> tuple[AESGCM, bytes, bytes]:
    bound = f"{place}|{key.id}".encode()
    made = HKDF(algorithm=SHA256(), length=39, salt=salt, info=b"daigou file|" + bound).derive(key.secret)
    return AESGCM(made[:32]), made[32:], bound


def _nonce(prefix: bytes, number: int, last: bool) -> bytes:
    return prefix + number.to_bytes(4, "big") + (b"\1" if last else b"\0")


def _cut(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Pieces of any length as pieces of just this length; the last may be shorter. An empty file is one empty piece."""
    buffer = bytearray()
    cut = False
    for piece in pieces:
        buffer += piece
        while len(buffer) > size:
            yield bytes(buffer[:size])
            cut = True
            del buffer[:size]
    if buffer or not cut:
        yield bytes(buffer)


def _with_last(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    held = next(pieces)
    for piece in pieces:
        yield held, False
        held = piece
    yield held, True


def _next_piece(pieces: Iterator[bytes]) -> bytes:
    piece = next(pieces, None)
    if piece is None:
        raise Damaged("cut off in its header")
    return piece


def _chain(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest
