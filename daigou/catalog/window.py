"""What everybody sees: the newest listings, by category and by words, and one item."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Row, Select, Uuid, any_, bindparam, literal, select

from daigou.accounts.models import Merchant
from daigou.core.db import db, look
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.risk.models import MerchantStanding

from .models import Listing
from .rules import in_language
from .words import asked

PAGE = 48

# The statements that are asked most are built once.
_L, _M, _S = Listing.__table__.c, Merchant.__table__.c, MerchantStanding.__table__.c
_PLACES = (
    select(_L.id, _L.version, _L.stock == 0, _L.published_no).where(_L.state == "active").limit(literal(PAGE + 1))
)
_CONDITIONS = {
    "category": _L.category == bindparam("category"),
    "tokens": _L.search.contains(bindparam("tokens")),
    "newer": _L.published_no > bindparam("newer"),
    "older": _L.published_no < bindparam("older"),
}
_GLANCE = (
    select(_L.id, _L.version, _L.state, _L.stock, _M.name.label("merchant"))
    .join_from(Listing.__table__, Merchant.__table__, _M.id == _L.merchant_id)
    .where(_L.ref == bindparam("ref"), _L.state != "draft")
)
_FACES = (
    select(
        _L.id, _L.ref, _L.title, _L.translations, _L.price_minor, _L.currency, _L.photos[1].label("cover"),
        _L.condition, _M.name, _L.stock, _S.sales, _S.positive_permille,
    )
    .join_from(Listing.__table__, Merchant.__table__, _M.id == _L.merchant_id)
    .outerjoin(MerchantStanding.__table__, _S.merchant_id == _L.merchant_id)
    .where(_L.id == any_(bindparam("keys", type_=ARRAY(Uuid))))
)  # fmt: skip
_ITEM = (
    select(Listing, Merchant).join(Merchant, Merchant.id == Listing.merchant_id).where(Listing.ref == bindparam("ref"))
)


class Place(NamedTuple):
    """One place in the window: enough to know whether its card is already drawn."""

    id: UUID
    version: int
    sold_out: bool
    number: int


@dataclass(frozen=True, slots=True)
class Window:
    """``newer`` and ``older`` are the numbers to go on from, or None at the ends."""

    places: Sequence[Place]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class Face:
    """What a card shows."""

    id: UUID
    ref: str
    title: str
    price: Money
    photo: str | None
    condition: str
    merchant: str
    sold_out: bool
    sales: int | None  # of its shop, and how many thousandths of its reviewers were content
    positive_permille: int | None


def window(*, category: str = "", words: str = "", older: int | None = None, newer: int | None = None) -> Window:
    """A page of active listings. Costs the same however far back; with words, all of them must be found."""
    tokens = asked(words)
    if words and not tokens:
        return Window((), None, None)  # nothing but signs: nothing is found
    values = {"category": category, "tokens": tokens, "newer": newer, "older": older}
    given = frozenset(name for name in ("category", "tokens") if values[name])
    if newer is not None:
        rows = _rows(given | {"newer"}, values)[::-1]
        beyond = len(rows) > PAGE
        places = rows[-PAGE:]
        return Window(places, places[0].number if beyond else None, places[-1].number if places else None)
    rows = _rows(given if older is None else given | {"older"}, values)
    places = rows[:PAGE]
    back = places[0].number if places and older is not None else None
    return Window(places, back, places[-1].number if len(rows) > PAGE else None)


def faces(keys: Iterable[UUID], locale: str) -> list[Face]:
    """What the cards of these listings show, in the reader's language; in no order."""
    return [_face(row, locale) for row in look(_FACES, {"keys": list(keys)})]


def glance(ref: str) -> Any:
    """Just enough of a listing to know whether its page is already drawn: id, version, state, stock, merchant."""
    for row in look(_GLANCE, {"ref": ref}):
        return row
    raise NotFound("listing.not_found", lazy("There is no such item here any more."))


def item(ref: str) -> tuple[Listing, Merchant]:
    """One listing with its merchant. Paused and ended ones can still be read; drafts don't exist for others."""
    row = db.session.execute(_ITEM, {"ref": ref}).one_or_none()
    if row is None or row[0].is_("draft"):
        raise NotFound("listing.not_found", lazy("There is no such item here any more."))
    return row[0], row[1]


def _rows(given: frozenset[str], values: dict[str, Any]) -> list[Place]:
    return [Place._make(row) for row in look(_places(given), {name: values[name] for name in given})]


@cache
def _places(given: frozenset[str]) -> Select[Any]:
    """Built once for each set of conditions."""
    statement = _PLACES.where(*(_CONDITIONS[name] for name in given))
    return statement.order_by(_L.published_no if "newer" in given else _L.published_no.desc())


def _face(row: Row[Any], locale: str) -> Face:
    return Face(
        id=row.id,
        ref=row.ref,
        title=in_language(row, locale, "title"),
        price=Money(row.price_minor, row.currency),
        photo=row.cover,
        condition=row.condition,
        merchant=row.name,
        sold_out=row.stock == 0,
        sales=row.sales,
        positive_permille=row.positive_permille,
    )
