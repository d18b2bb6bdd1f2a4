"""The provider’s own books: its balance, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from daigou.core.money import Money
from daigou.providers.payment import BookLine, Rejected

from . import facts
from .amounts import from_stripe
from .connection import PAGE_ROWS, Connection, plain
from .errors import translated


class Books(Connection):
    def balances(self) -> dict[str, Money]:
        """Available and pending together, by currency."""
        with translated("reading the balance"):
            found: dict[str, Money] = {}
            row = plain(self._client.v1.balance.retrieve())
            for part in (*row["available"], *row["pending"]):
                money = from_stripe(part["amount"], part["currency"])
                found[money.currency] = found.get(money.currency, Money.zero(money.currency)) + money
            return found

    def available(self, currency: str) -> Money:
        """What could be transferred this minute."""
        with translated("reading the balance"):
            for part in plain(self._client.v1.balance.retrieve())["available"]:
                if part["currency"].upper() == currency:
                    return from_stripe(part["amount"], part["currency"])
            return Money.zero(currency)

    def book_line(self, line_id: str) -> BookLine | None:
        """One line by its number; None when there is no such line."""
        try:
            with translated("reading a line of the provider's books"):
                return facts.line(plain(self._client.v1.balance_transactions.retrieve(line_id)))
        except Rejected:
            return None

    def book_lines(self, since: datetime, until: datetime | None = None) -> Iterator[BookLine]:
        """Newest first, a page at a time, so that memory stays the same however many there are."""
        asked: Any = {"created": {"gte": int(since.timestamp())}, "limit": PAGE_ROWS}
        if until:
            asked["created"]["lt"] = int(until.timestamp())
        with translated("reading the provider's books"):
            found = self._client.v1.balance_transactions.list(asked)
            for row in found.auto_paging_iter():
                seen = facts.line(plain(row))
                if seen is not None:
                    yield seen
