"""Peers tell what is genuine: who is one, what they say, and what follows for a listing."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from daigou.accounts.models import Merchant
from daigou.catalog.models import Listing
from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.db import db, find, load, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.orders.models import OrderItem
from daigou.risk import service as risk

from . import letters, rules
from .joining import speaking
from .models import Circle, Post
from .writing import Draft, open_thread, say


def kept_by(actor: Actor, circle: Circle) -> int:
    """How many things of the circle's brand, or else category, somebody bought here and has kept long enough."""
    since = clock.now() - timedelta(days=rules.figure("kept_days", clock.today()))
    statement = select(func.count()).select_from(OrderItem).where(
        OrderItem.account_id == actor.account_id, OrderItem.state == "completed", OrderItem.state_since <= since,
        OrderItem.category == circle.category,
    )  # fmt: skip
    if circle.brand:
        of_brand = func.lower(Listing.brand) == circle.brand.lower()
        statement = statement.join(Listing, Listing.id == OrderItem.listing_id).where(of_brand)
    return int(db.session.execute(statement).scalar_one())


def needed_for(circle: Circle) -> int:
    """How many of them make a peer of the circle today."""
    return rules.figure(rules.needed_of(circle.brand), clock.today())


def judge(actor: Actor, thread_ref: str, verdict: str, draft: Draft) -> Post:
    """Say whether a thing is genuine, once, with grounds. Invalid at ``verdict``; Impossible for who is no peer.

    Strong doubts of several peers about a listing reach an officer, once for each listing.
    """
    if verdict not in rules.VERDICTS:
        raise Invalid({"verdict": lazy("Choose one of these.")})
    with transaction():
        circle, thread = open_thread(thread_ref)
        member = speaking(actor, circle)
        _refuse_partial(actor, thread)
        kept = kept_by(actor, circle)
        if kept < needed_for(circle):
            words = lazy("Verdicts are for members who have bought enough of these here and kept them.")
            raise Impossible("circle.no_peer", words)
        row = say(actor, circle, member, rules.VERDICT, draft, thread=thread, verdict=verdict, kept=kept)
        if row.is_("shown"):
            letters.judged(thread, row)
            _follow_doubts(thread)
        return row


def obstacle(actor: Actor, circle: Circle, thread: Post) -> object:
    """Why somebody can't judge this, in words; None when they can. For the page, before anything is typed."""
    try:
        speaking(actor, circle)
        _refuse_partial(actor, thread)
    except Impossible as refusal:
        return refusal.message
    return None if kept_by(actor, circle) >= needed_for(circle) else lazy("You have not kept enough of these yet.")


def _refuse_partial(actor: Actor, thread: Post) -> None:
    if thread.kind != rules.CHECK:
        raise Impossible("circle.no_check", lazy("Nobody has asked here whether something is genuine."))
    if thread.account_id == actor.account_id:
        raise Impossible("circle.own_check", lazy("You have asked yourself. Others judge."))
    if thread.listing_ref and actor.merchant_id is not None:
        words = lazy("Who works for a shop does not judge what another shop offers, nor what their own does.")
        raise Impossible("circle.partial", words)
    if _has_judged(actor, thread):
        raise Impossible("circle.judged", lazy("You have given your verdict already. You can withdraw it."))


def _has_judged(actor: Actor, thread: Post) -> bool:
    theirs = select(Post.id).where(
        Post.thread_id == thread.id, Post.account_id == actor.account_id, Post.kind == rules.VERDICT,
        Post.state != "withdrawn",
    )  # fmt: skip
    return db.session.execute(theirs).first() is not None


def _follow_doubts(thread: Post) -> None:
    """A listing that several peers doubt is looked at by an officer; it stays on offer until that is decided."""
    if not thread.listing_ref or not thread.counts.are_strong_doubts(clock.today()):
        return
    listing = find(Listing, ref=thread.listing_ref)
    if listing is None or not listing.is_("active") or risk.was_opened_for(listing.id, "peer_doubts"):
        return
    shop = load(Merchant, id=listing.merchant_id)
    about = risk.About("listing", listing.id, listing.ref, shop.id, shop.ref)
    risk.open_case(about, [{"code": "peer_doubts", "doubtful": thread.doubtful, "thread": thread.ref}])
