"""How a row becomes the terms of a listing. The form of a single listing reads it: the room of pages gives it here, so
that a table and a form never differ in what they take."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from daigou.accounts.models import Merchant
from daigou.catalog.listing import Terms

Faults = list[list[str]]
"""Pairs of a column's label and words."""
Reader = Callable[[Mapping[str, str]], Terms | Faults]

_readers: list[Callable[[Merchant], Reader]] = []


def give(reader_for: Callable[[Merchant], Reader]) -> None:
    """blueprints.merchant.bulk says at import how rows of a merchant are read."""
    _readers[:] = [reader_for]


def reader_for(merchant: Merchant) -> Reader:
    return _readers[0](merchant)
