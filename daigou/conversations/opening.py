"""Beginning a conversation: about a listing, about something bought, or with us."""

from __future__ import annotations

from typing import Any

from compliance.audit import door
from daigou.accounts.models import Account, Merchant
from daigou.catalog.models import Listing
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import advisory_lock, db, find, load, transaction
from daigou.core.errors import Impossible, Invalid, NotFound
from daigou.core.i18n import lazy
from daigou.orders.models import Order, OrderItem

from . import rules
from .models import Conversation
from .reading import side_of
from .writing import Words, add, write


def about_listing(actor: Actor, listing_ref: str, words: Words) -> Conversation:
    """A shopper's question before buying; a second one goes on in the same conversation."""
    require(actor, "conversation.open")
    with transaction():
        listing: Listing = load(Listing, ref=listing_ref)
        if listing.is_("draft"):
            raise NotFound("listing.not_found", lazy("There is no such item here any more."))
        if actor.merchant_id == listing.merchant_id:
            raise Impossible("conversation.own", lazy("This listing is your own shop’s."))
        merchant = load(Merchant, id=listing.merchant_id)
        about = {"kind": rules.QUESTION, "about_ref": listing.ref, "title": listing.title}
        who = db.session.get_one(Account, actor.account_id)
        return _said(actor, who, words, merchant_id=merchant.id, merchant_ref=merchant.ref, **about)


def about_item(actor: Actor, item_ref: str, words: Words) -> Conversation:
    """The shopper writes to the merchant about something that was bought, or the merchant to the shopper."""
    with transaction():
        item: OrderItem = load(OrderItem, ref=item_ref)
        require(actor, "conversation.open", item)
        who = db.session.get_one(Account, item.account_id)
        return _said(
            actor, who, words, kind=rules.ITEM, about_ref=item.ref, order_ref=item.order_ref, title=item.title,
            merchant_id=item.merchant_id, merchant_ref=item.merchant_ref,
        )  # fmt: skip


def ask_for_help(actor: Actor, topic: str, order_ref: str, words: Words) -> Conversation:
    """A shopper writes to us. Invalid at ``topic``, and at ``order_ref`` for an order that is not theirs."""
    require(actor, "conversation.open")
    if topic not in rules.TOPICS:
        raise Invalid({"topic": lazy("Choose one of these.")})
    with transaction():
        if order_ref and find(Order, ref=order_ref, account_id=actor.account_id) is None:
            raise Invalid({"order_ref": lazy("You have no order of this number.")})
        who = db.session.get_one(Account, actor.account_id)
        talk = _new(actor, who, kind=rules.HELP, topic=topic, order_ref=order_ref, about_ref=order_ref)
        add(actor, talk, rules.SHOPPER, words)
    return talk


def _said(actor: Actor, shopper: Account, words: Words, **about: Any) -> Conversation:
    """The shopper's conversation about this thing, begun if there is none, with these words in it."""
    advisory_lock(f"conversation/{shopper.id}/{about['about_ref']}")
    known: Conversation | None = find(
        Conversation, account_id=shopper.id, about_ref=about["about_ref"], kind=about["kind"]
    )
    if known is not None:
        write(actor, known.ref, words)
        return known
    talk = _new(actor, shopper, **about)
    add(actor, talk, side_of(actor, talk), words)
    return talk


def _new(actor: Actor, shopper: Account, **about: Any) -> Conversation:
    talk = Conversation(
        ref=ids.new_ref("CNV"), account_id=shopper.id, subject=shopper.subject, awaited=rules.SHOPPER,
        awaited_since=clock.now(), last_at=clock.now(), in_a_row=0, waited_s=0, answers=0, **about,
    )  # fmt: skip
    door.created(actor, talk, about=talk.about_ref or None, topic=talk.topic or None)
    db.session.flush()
    return talk
