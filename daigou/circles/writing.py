"""Opening a thread, answering in it, and taking one's words back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from compliance.audit import door
from daigou.catalog.models import Listing
from daigou.core import clock, ids
from daigou.core.access import Actor, require, system
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid, NotFound
from daigou.core.i18n import lazy, nlazy
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from daigou.risk import service as risk
from daigou.risk import words as watch

from . import counting, letters, rules
from .joining import speaking
from .models import Circle, Membership, Post

SYSTEM = system("circles")
PHOTO_KIND = "circle_photo"


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes: words, photos as they were uploaded, and a title where it opens a thread."""

    words: str
    photos: Sequence[Any] = ()
    title: str = ""


def talk(actor: Actor, circle_ref: str, draft: Draft) -> Post:
    """Open a thread that anybody may answer."""
    with transaction():
        circle: Circle = load(Circle, ref=circle_ref)
        return say(actor, circle, speaking(actor, circle), rules.TALK, draft)


def ask_peers(actor: Actor, circle_ref: str, listing_ref: str, draft: Draft) -> Post:
    """Show a thing of one's own, or a listing before buying it, and ask whether it is genuine.

    Invalid at ``photos`` without enough of them (a listing has its own), and at ``listing_ref`` for one that is not
    on offer.
    """
    if not listing_ref and len(draft.photos) < rules.OWN_PHOTOS:
        words = nlazy("Show it in at least %(num)d photo.", "Show it in at least %(num)d photos.", rules.OWN_PHOTOS)
        raise Invalid({"photos": words})
    if listing_ref and find(Listing, ref=listing_ref, state="active") is None:
        raise Invalid({"listing_ref": lazy("There is no listing of this number in the shop.")})
    with transaction():
        circle: Circle = load(Circle, ref=circle_ref)
        return say(actor, circle, speaking(actor, circle), rules.CHECK, draft, listing_ref=listing_ref)


def answer(actor: Actor, thread_ref: str, draft: Draft) -> Post:
    """Say something in a thread; who opened it is told, once a day at most."""
    with transaction():
        circle, thread = open_thread(thread_ref)
        row = say(actor, circle, speaking(actor, circle), rules.ANSWER, draft, thread=thread)
        if row.is_("shown"):
            letters.answered(thread, row)
        return row


def withdraw(actor: Actor, ref: str) -> Post:
    """Take one's own post back: words and photos are gone. Impossible while an officer looks at it."""
    with transaction():
        row = locked(ref)
        if (case := risk.latest(row.id)) is not None and case.is_("open"):
            raise Impossible("post.in_case", lazy("An officer is looking at this post. Wait for the decision."))
        door.transition(actor, row, "withdraw")
        empty(actor, row, "withdrawn")
        counting.recount(row)
    return row


def empty(actor: Actor, row: Post, reason: str) -> None:
    """Words and photos of a post are no more."""
    for file in db.session.scalars(select(StoredFile).where(StoredFile.ref.in_(row.photos or []))):
        documents.destroy(actor, file, reason)
    row.title, row.words, row.photos = "", "", []


def open_thread(ref: str) -> tuple[Circle, Post]:
    """A thread that can be answered, locked. NotFound for one that nobody sees."""
    thread: Post = load_locked(Post, ref=ref)
    if not thread.is_thread or not thread.is_("shown"):
        raise NotFound("circle.no_thread", lazy("There is no such thing here, or it is not yours."))
    return load(Circle, id=thread.circle_id), thread


def locked(ref: str) -> Post:
    """A post for a change: its thread is locked first, in the order in which everybody locks."""
    row: Post = load(Post, ref=ref)
    if row.thread_id is not None:
        load_locked(Post, id=row.thread_id)
    found: Post = load_locked(Post, ref=ref)
    return found


def say(
    actor: Actor,
    circle: Circle,
    member: Membership,
    kind: str,
    draft: Draft,
    *,
    thread: Post | None = None,
    **more: Any,
) -> Post:
    """The post itself, inside the running transaction; the thread is locked. Held at once where an officer must see it.

    Invalid at ``photos``; Impossible for who has written enough for a day.
    """
    require(actor, "circle.write")
    _refuse_many(actor, kind)
    found = watch.look_in_message(f"{draft.title}\n{draft.words}", clock.today())
    row = Post(
        ref=ids.new_ref("PST"), kind=kind, circle_id=circle.id, thread_id=thread.id if thread else None,
        member_id=member.id, account_id=member.account_id, subject=member.subject,
        for_shop=actor.merchant_id is not None, title=draft.title, words=draft.words, photos=[],
        found=sorted({each.code for each in found}), last_at=clock.now(), answers=0, genuine=0, doubtful=0, unsure=0,
        **more,
    )  # fmt: skip
    row.thread_ref = thread.ref if thread else row.ref
    door.created(actor, row, circle=circle.ref, kind=kind, photos=len(draft.photos), found=row.found)
    db.session.flush()
    row.photos = _kept(actor, row, draft.photos)
    if thread is not None:
        counting.add(thread, row)
    if rules.needs_officer(found):
        hold(row, [{"code": each.code, "word": each.word} for each in found])
        counting.recount(row)
    return row


def hold(row: Post, reasons: Sequence[dict[str, Any]]) -> None:
    """Out of sight until an officer has read it, within a day."""
    if row.is_("shown"):
        door.transition(SYSTEM, row, "hold", reasons=sorted({str(each["code"]) for each in reasons}))
    risk.open_case(risk.About("post", row.id, row.ref), reasons)


def _refuse_many(actor: Actor, kind: str) -> None:
    since = clock.now() - timedelta(days=1)
    mine = select(Post.id).where(Post.account_id == actor.account_id, Post.created_at > since, Post.kind == kind)
    most = rules.figure(kind, clock.today())
    if db.session.execute(select(func.count()).select_from(mine.limit(most).subquery())).scalar_one() >= most:
        raise Impossible("circle.enough", lazy("That is enough for today. Come back tomorrow."))


def _kept(actor: Actor, row: Post, photos: Sequence[Any]) -> list[str]:
    """The refs of the photos, sealed under the author's key: they go with the account."""
    if len(photos) > rules.PHOTOS_MOST:
        words = nlazy("Choose at most %(num)d photo.", "Choose at most %(num)d photos.", rules.PHOTOS_MOST)
        raise Invalid({"photos": words})
    try:
        return [
            documents.store(
                actor, row.stream, row.subject, "account", PHOTO_KIND, photo, allowed=documents.IMAGES,
                limit=rules.PHOTO_BYTES,
            ).ref
            for photo in photos
        ]  # fmt: skip
    except Invalid as refused:
        raise Invalid({"photos": next(iter(refused.fields.values()))}) from refused
