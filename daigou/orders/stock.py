"""Taking pieces out of listings and putting them back, each in one statement.

Rows are locked in the order of their keys, so that two orders never wait for each other. Written as SQL: a table of
values would be compiled anew for every order.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, TextClause, Uuid, bindparam, text

from daigou.core.db import db


def _statement(sql: str, *numbers: str) -> TextClause:
    arrays = [bindparam(name, type_=ARRAY(BigInteger)) for name in numbers]
    return text(sql).bindparams(bindparam("ids", type_=ARRAY(Uuid)), *arrays)


_TAKE = _statement(
    """
    WITH asked AS (
        SELECT * FROM unnest(:ids, :quantities, :versions) AS t (id, quantity, version)
    ), locked AS (
        SELECT listings.id, asked.quantity
        FROM listings JOIN asked ON asked.id = listings.id JOIN merchants ON merchants.id = listings.merchant_id
        WHERE listings.state = 'active' AND merchants.state = 'active'
            AND listings.version = asked.version AND listings.stock >= asked.quantity
        ORDER BY listings.id FOR UPDATE OF listings
    ), emptied AS (
        DELETE FROM cart_lines USING asked WHERE cart_lines.owner = :owner AND cart_lines.listing_id = asked.id
    )
    UPDATE listings SET stock = listings.stock - locked.quantity FROM locked WHERE listings.id = locked.id
    RETURNING listings.id
    """,
    "quantities",
    "versions",
)

_PUT_BACK = _statement(
    """
    WITH back AS (
        SELECT id, sum(quantity)::bigint AS quantity FROM unnest(:ids, :quantities) AS t (id, quantity) GROUP BY id
    ), locked AS (
        SELECT listings.id, back.quantity FROM listings JOIN back ON back.id = listings.id
        ORDER BY listings.id FOR UPDATE OF listings
    )
    UPDATE listings SET stock = listings.stock + locked.quantity FROM locked WHERE listings.id = locked.id
    """,
    "quantities",
)


def take(wanted: Iterable[tuple[UUID, int, int]], owner: str) -> set[UUID]:
    """Take pieces of listings that still stand at this version: (key, quantity, version); the keys that had them. They
    leave the cart of ``owner`` at once, so the caller rolls back where some are lacking."""
    rows = list(wanted)
    if not rows:
        return set()
    ids, quantities, versions = (list(column) for column in zip(*rows, strict=True))
    values = {"ids": ids, "quantities": quantities, "versions": versions, "owner": owner}
    return set(db.session.execute(_TAKE, values).scalars())


def put_back(pieces: Iterable[tuple[UUID, int]]) -> None:
    """Give pieces back to their listings, whatever became of these: (key, quantity)."""
    rows = list(pieces)
    if rows:
        ids, quantities = (list(column) for column in zip(*rows, strict=True))
        db.session.execute(_PUT_BACK, {"ids": ids, "quantities": quantities})
