"""Carts: lines of listings, kept by account, or by the key in the cookie of somebody who has not signed in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, func, literal, select, update
from sqlalchemy.dialects.postgresql import insert

from daigou.accounts.models import Merchant
from daigou.catalog.models import Listing
from daigou.core import clock, ids
from daigou.core.access import Actor
from daigou.core.db import db, transaction
from daigou.core.errors import Impossible, NotFound
from daigou.core.i18n import lazy
from daigou.core.money import Money

from .models import CartLine
from .offers import offer_of
from .rules import Offer

MOST = 99  # pieces of one line
MOST_LINES = 50


@dataclass(frozen=True, slots=True)
class Shown:
    """One line as the cart page shows it: ``problem`` is what stands in the way of it, ``was`` a changed price."""

    offer: Offer
    listing_ref: str
    price: Money
    stock: int
    problem: str
    was: Money | None


def owner_of(actor: Actor, visitor: str | None = None) -> str:
    """The key of this person's cart."""
    return str(actor.account_id) if actor.account_id else f"visitor:{visitor}"


def add(owner: str, listing_ref: str, quantity: int) -> int:
    """Put pieces of a listing into the cart; how many lines it then has. Impossible when it is not for sale."""
    if not 1 <= quantity <= MOST:
        raise Impossible("cart.quantity", lazy("Choose between 1 and 99 pieces."))
    with transaction():
        if not _put(owner, listing_ref, quantity):
            _refuse(listing_ref)
        lines = count(owner)
        if lines > MOST_LINES:
            raise Impossible("cart.full", lazy("A cart holds 50 different things. Order some of them first."))
    return lines


def change(owner: str, listing_ref: str, quantity: int) -> int:
    """Set how many pieces of a line are wanted; zero takes it out. The changed price is taken as seen."""
    if not 0 <= quantity <= MOST:
        raise Impossible("cart.quantity", lazy("Choose between 1 and 99 pieces."))
    if quantity == 0:
        return remove(owner, listing_ref)
    statement = (
        update(CartLine)
        .where(CartLine.owner == owner, CartLine.listing_id == Listing.id, Listing.ref == listing_ref)
        .values(quantity=quantity, seen_minor=Listing.price_minor)
    )
    with transaction() as session:
        session.execute(statement, execution_options={"synchronize_session": False})
        return count(owner)


def remove(owner: str, listing_ref: str) -> int:
    """Take a line out; a line that is not there is no error."""
    listing = select(Listing.id).where(Listing.ref == listing_ref).scalar_subquery()
    statement = delete(CartLine).where(CartLine.owner == owner, CartLine.listing_id == listing)
    with transaction() as session:
        session.execute(statement, execution_options={"synchronize_session": False})
        return count(owner)


def count(owner: str) -> int:
    statement = select(func.count()).select_from(CartLine).where(CartLine.owner == owner)
    return int(db.session.execute(statement).scalar_one())


def lines(owner: str) -> list[Shown]:
    """The cart as it stands today, oldest line first."""
    statement = (
        select(CartLine, Listing, Merchant)
        .join(Listing, Listing.id == CartLine.listing_id)
        .join(Merchant, Merchant.id == Listing.merchant_id)
        .where(CartLine.owner == owner)
        .order_by(CartLine.id)
    )
    return [
        Shown(
            offer=offer_of(listing, merchant, line.quantity),
            listing_ref=listing.ref,
            price=listing.price,
            stock=listing.stock,
            problem=_problem(listing, merchant, line.quantity),
            was=Money(line.seen_minor, listing.currency) if line.seen_minor != listing.price_minor else None,
        )
        for line, listing, merchant in db.session.execute(statement)
    ]


def accept_prices(owner: str) -> None:
    """The person has looked at the cart and goes on: changed prices are taken as seen."""
    statement = (
        update(CartLine)
        .where(CartLine.owner == owner, CartLine.listing_id == Listing.id, CartLine.seen_minor != Listing.price_minor)
        .values(seen_minor=Listing.price_minor)
    )
    with transaction() as session:
        session.execute(statement, execution_options={"synchronize_session": False})


def adopt(visitor_key: str, account_id: UUID) -> int:
    """Move a visitor's cart to the account that has just signed in; how many lines it then has. Safe to run twice.

    Where both hold a listing, the larger quantity stays.
    """
    old, new = f"visitor:{visitor_key}", str(account_id)
    moved = select(
        func.gen_random_uuid(), CartLine.created_at, literal(new), CartLine.listing_id, CartLine.quantity,
        CartLine.seen_minor,
    ).where(CartLine.owner == old)  # fmt: skip
    names = ["id", "created_at", "owner", "listing_id", "quantity", "seen_minor"]
    statement = insert(CartLine.__table__).from_select(names, moved)
    larger = func.greatest(CartLine.__table__.c.quantity, statement.excluded.quantity)
    with transaction() as session:
        session.execute(
            statement.on_conflict_do_update(index_elements=["owner", "listing_id"], set_={"quantity": larger})
        )
        session.execute(delete(CartLine.__table__).where(CartLine.__table__.c.owner == old))
        return count(new)


def _put(owner: str, listing_ref: str, quantity: int) -> bool:
    """One statement: only of an active listing, never more than MOST."""
    source = select(
        literal(ids.new_id()), literal(clock.now()), literal(owner), Listing.id, literal(quantity), Listing.price_minor
    ).where(Listing.ref == listing_ref, Listing.state == "active", Listing.stock > 0)
    table = CartLine.__table__
    statement = insert(table).from_select(
        ["id", "created_at", "owner", "listing_id", "quantity", "seen_minor"], source
    )  # fmt: skip
    together = func.least(table.c.quantity + statement.excluded.quantity, MOST)
    values = {"quantity": together, "seen_minor": statement.excluded.seen_minor}
    statement = statement.on_conflict_do_update(index_elements=["owner", "listing_id"], set_=values)
    return db.session.execute(statement.returning(table.c.id)).first() is not None


def _refuse(listing_ref: str) -> None:
    state = db.session.execute(select(Listing.state).where(Listing.ref == listing_ref)).scalar_one_or_none()
    if state is None or state == "draft":
        raise NotFound("listing.not_found", lazy("There is no such item here any more."))
    raise Impossible("listing.not_for_sale", lazy("This item is not for sale at the moment."))


def _problem(listing: Listing, merchant: Merchant, quantity: int) -> str:
    """gone, sold_out, too_many or nothing."""
    if listing.state != "active" or merchant.state != "active":
        return "gone"
    if listing.stock == 0:
        return "sold_out"
    return "too_many" if listing.stock < quantity else ""
