"""What a person must see before everybody does: words, prices, pictures and a new shop's valuables (S67-S71)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, find, load
from daigou.core.money import Money
from daigou.documents.models import StoredFile
from daigou.pricing import service as pricing
from daigou.risk import rules, words
from daigou.risk import service as risk
from daigou.risk.models import MerchantStanding

from .models import Listing

SYSTEM = system("catalog")
PEERS_MOST = 200  # compared with at most
Reason = dict[str, Any]


def hold_back(listing: Listing, before_minor: int | None = None) -> bool:
    """Whether it waits for an officer now, in the transaction that would show it; the row is locked.

    ``before_minor`` is the price that people saw until this edit. What an officer has cleared is not asked again.
    """
    known = risk.cleared_reasons(listing.id)
    reasons = [reason for reason in _reasons(listing, before_minor) if reason not in known]
    if not reasons:
        return False
    merchant = load(Merchant, id=listing.merchant_id)
    door.transition(SYSTEM, listing, "check", reasons=sorted({str(reason["code"]) for reason in reasons}))
    risk.open_case(risk.About("listing", listing.id, listing.ref, merchant.id, merchant.ref), reasons)
    return True


def _reasons(listing: Listing, before_minor: int | None) -> list[Reason]:
    return [
        *_words(listing),
        *_price(listing, before_minor),
        *_pictures(listing),
        *_valuables(listing),
        *_score(listing),
    ]


def _words(listing: Listing) -> list[Reason]:
    other = [text for each in listing.translations.values() for text in each.values()] if listing.translations else []
    own = [listing.title, listing.brand, listing.model, listing.description, *(listing.details or {}).values()]
    found = words.look("\n".join(str(text) for text in (*own, *other)), clock.today())
    return [{"code": each.code, "word": each.word} for each in found]


def _price(listing: Listing, before_minor: int | None) -> list[Reason]:
    own, reasons = _euro(listing.price), list[Reason]()
    if own is not None and rules.is_far_below(own, _peers(listing)):
        reasons.append({"code": "far_below_market", "price": f"{listing.price_minor} {listing.currency}"})
    if before_minor is not None and rules.has_fallen(before_minor, listing.price_minor):
        reasons.append({"code": "price_edit", "before": before_minor, "price": listing.price_minor})
    return reasons


def _peers(listing: Listing) -> list[float]:
    """What other shops ask for the same model in a condition that is no better, in euro."""
    if not listing.brand or not listing.model:
        return []
    statement = (
        select(Listing.price_minor, Listing.currency)
        .where(
            Listing.brand == listing.brand, Listing.model == listing.model, Listing.condition == listing.condition,
            Listing.state == "active", Listing.merchant_id != listing.merchant_id,
        )
        .limit(PEERS_MOST)
    )  # fmt: skip
    prices = (_euro(Money(minor, currency)) for minor, currency in db.session.execute(statement))
    return [price for price in prices if price is not None]


def _euro(money: Money) -> float | None:
    found = pricing.worth(money, "EUR")
    return None if found is None else float(found.decimal)


def _pictures(listing: Listing) -> list[Reason]:
    """Photos that another shop has sent in before."""
    mine = load(Merchant, id=listing.merchant_id).subject
    theirs = StoredFile.__table__.alias()
    own = select(StoredFile.sha256).where(StoredFile.ref.in_(listing.photos or []))
    statement = select(func.count(func.distinct(theirs.c.sha256))).where(
        theirs.c.sha256.in_(own), theirs.c.kind == "listing_photo", theirs.c.subject != mine,
        theirs.c.deleted_at.is_(None),
    )  # fmt: skip
    count = int(db.session.execute(statement).scalar_one())
    return [{"code": "stolen_pictures", "photos": count}] if count else []


def _score(listing: Listing) -> list[Reason]:
    """A shop that stands low loses the privilege to publish at once (S12)."""
    standing = find(MerchantStanding, merchant_id=listing.merchant_id)
    return [{"code": "low_score"}] if standing is not None and standing.score < rules.LOW_SCORE else []


def _valuables(listing: Listing) -> list[Reason]:
    """A shop verified within the month that shows many valuables at once."""
    shop = load(Merchant, id=listing.merchant_id)
    least = pricing.worth(Money(rules.VALUABLE_EURO * 100, "EUR"), listing.currency)
    is_new = shop.verified_at is not None and clock.now() - shop.verified_at < rules.NEW_SHOP
    if not is_new or least is None or listing.price_minor < least.minor:
        return []
    shown = select(Listing.id).where(
        Listing.merchant_id == shop.id, Listing.state == "active", Listing.price_minor >= least.minor,
        Listing.id != listing.id,
    )  # fmt: skip
    count = select(func.count()).select_from(shown.limit(rules.VALUABLES_MOST).subquery())
    many = int(db.session.execute(count).scalar_one()) >= rules.VALUABLES_MOST
    return [{"code": "new_shop_valuables", "more_than": rules.VALUABLES_MOST}] if many else []
