"""What is known of a person in words: what one searches for once they are erased."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select

from daigou.core.crypto import ERASED
from daigou.core.db import db

from .subject import Person, models, owned_by

SHORTEST: Final = 6
"""Characters: what is shorter stands in any text by chance."""
MOST: Final = 200
# Lines of an address that lead to a person; a city or a country leads to a million.
_LINES: Final = ("name", "street", "phone", "email", "tax_id")


@dataclass(frozen=True, slots=True)
class Known:
    """``words`` are each at least SHORTEST characters long, e-mail addresses first."""

    emails: list[str]
    words: list[str]


def of(person: Person) -> Known:
    """E-mail, name, phone and address lines of the account, its book of addresses and its parcels."""
    account = db.session.get_one(models()["accounts"], person.account_id)
    emails = [account.email] if account.email and account.email != ERASED else []
    found = [*emails, account.name, account.phone, *_addresses(person)]
    words = dict.fromkeys(form for word in found if word and word != ERASED for form in _forms(str(word)))
    return Known(emails, [word for word in words if len(word) >= SHORTEST][:MOST])


def _addresses(person: Person) -> Iterator[Any]:
    for table, attribute in (("addresses", "content"), ("parcels", "consignee")):
        model = models()[table]
        for row in db.session.scalars(select(model).where(owned_by(model, person)).order_by(model.id.desc()).limit(50)):
            content = getattr(row, attribute)
            if isinstance(content, dict):
                yield from (content.get(name) for name in _LINES)


def _forms(word: str) -> Iterator[str]:
    """A phone number also without its blanks."""
    clean = " ".join(word.split())
    yield clean
    if clean.startswith("+"):
        yield "+" + "".join(c for c in clean if c.isdigit())
