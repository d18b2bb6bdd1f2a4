"""Sealing and opening 64 bytes, key look-up and associated data included, beside AES-GCM alone."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from benchmarks.house import House
from benchmarks.report import Row
from benchmarks.rounds import interleave, per_second
from daigou.core import ids
from daigou.core.crypto import Vault

PLAIN, PLACE = os.urandom(64), f"accounts|email_sealed|{ids.new_id()}"


def seal_and_open(house: House) -> Iterator[Row]:
    vault: Vault = house.markets[0].app.extensions["vault"]
    subject, key = ids.new_subject(), AESGCM(os.urandom(32))
    sealed = vault.seal(subject, "account", PLACE, PLAIN)
    nonce = os.urandom(12)
    closed = key.encrypt(nonce, PLAIN, None)
    runs = {
        "seal": partial(hundred, lambda: vault.seal(subject, "account", PLACE, PLAIN)),
        "encrypt": partial(hundred, lambda: key.encrypt(os.urandom(12), PLAIN, None)),
        "open": partial(hundred, lambda: vault.open(PLACE, sealed)),
        "decrypt": partial(hundred, lambda: key.decrypt(nonce, closed, None)),
    }
    timed = {name: per_second(work, house.seconds / 2) for name, work in runs.items()}
    rates = {name: median(found) * 100 for name, found in interleave(timed, house.rounds).items()}
    for ours, bare in (("seal", "encrypt"), ("open", "decrypt")):
        part = rates[ours] / rates[bare]
        yield Row(
            f"{ours} 64 bytes", None, f"{rates[ours]:,.0f}/s", f"{rates[bare]:,.0f}/s", part, ">= 0.5", part >= 0.5
        )


def hundred(work: Callable[[], bytes], number: int) -> None:
    for _ in range(100):
        work()
