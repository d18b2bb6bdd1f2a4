"""What everybody reads: circles, threads and what was answered. No account is needed, and no person is named."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import aliased, joinedload

from daigou.core.access import Actor
from daigou.core.db import Page, db, find, keyset, load
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy
from daigou.documents.models import StoredFile

from .models import Circle, Membership, Post

THREADS_SHOWN, ANSWERS_SHOWN = 20, 50
KEEPERS = frozenset({"officer", "support"})  # who read what others don’t


def circles() -> list[tuple[Circle, datetime | None]]:
    """Every open circle with the moment of its last post (None for a quiet one), by age. They are few, and ours."""
    post = aliased(Post)
    last = select(func.max(post.last_at)).where(
        post.circle_id == Circle.id, post.thread_id.is_(None), post.state == "shown"
    )  # fmt: skip
    statement = select(Circle, last.correlate(Circle).scalar_subquery()).where(Circle.state == "open")
    rows = db.session.execute(statement.order_by(Circle.id).limit(200))
    return [(found, at) for found, at in rows]


def every(cursor: str | None = None) -> Page:
    """Closed ones too, newest first: for those who keep them."""
    return keyset(select(Circle), Circle.id, cursor=cursor)


def mine(actor: Actor) -> dict[UUID, Membership]:
    """The circles that somebody is in, by the circle's key."""
    if actor.account_id is None:
        return {}
    rows = db.session.scalars(select(Membership).filter_by(account_id=actor.account_id, state="joined"))
    return {row.circle_id: row for row in rows}


def circle(ref: str) -> Circle:
    found: Circle = load(Circle, ref=ref)
    return found


def circle_of(row: Post) -> Circle:
    return db.session.get_one(Circle, row.circle_id)


def for_listing(category: str, brand: str) -> Circle | None:
    """The open circle that a listing's readers may like: of its brand, or else of its category."""
    statement = select(Circle).where(Circle.state == "open", Circle.category == category)
    of_either = Circle.brand.in_(("", brand)) if brand else Circle.brand == ""
    return db.session.scalars(statement.where(of_either).order_by(Circle.brand.desc(), Circle.id).limit(1)).first()


def threads(of: Circle, kind: str = "", cursor: str | None = None) -> Page:
    """What is talked of, the liveliest first; of one kind if named."""
    statement = select(Post).where(Post.circle_id == of.id, Post.thread_id.is_(None), Post.state == "shown")
    if kind:
        statement = statement.where(Post.kind == kind)
    return keyset(_with_author(statement), Post.last_at, Post.id, cursor=cursor, size=THREADS_SHOWN)


def thread(actor: Actor, ref: str) -> Post:
    """A thread that this reader may see; one that was withdrawn is still the head of what others answered."""
    found = post(actor, ref, answered=True)
    if not found.is_thread:
        raise _unknown()
    return found


def answers(of: Post, cursor: str | None = None) -> Page:
    """What was answered and is shown, oldest first."""
    statement = select(Post).where(Post.thread_id == of.id, Post.state == "shown")
    found = _with_author(statement)
    return keyset(found, Post.created_at, Post.id, cursor=cursor, size=ANSWERS_SHOWN, descending=False)


def post(actor: Actor, ref: str, *, answered: bool = False) -> Post:
    """One post: for everybody while it is shown, for its author and those who decide always. NotFound for others.

    ``answered``: one that was withdrawn is seen too, where others have answered it.
    """
    found = db.session.scalars(_with_author(select(Post).where(Post.ref == ref))).one_or_none()
    if found is None or not _is_seen(actor, found, answered):
        raise _unknown()
    return found


def photo(actor: Actor, ref: str) -> StoredFile:
    """A photo of a post that this reader may see."""
    file = find(StoredFile, ref=ref, kind="circle_photo", deleted_at=None)
    if file is None:
        raise _unknown()
    row = db.session.get_one(Post, UUID(file.about.partition("/")[2]))
    if not _is_seen(actor, row, False):
        raise _unknown()
    return file


def of_author(actor: Actor, cursor: str | None = None) -> Page:
    """All that somebody wrote, newest first."""
    statement = select(Post).where(Post.account_id == actor.account_id)
    return keyset(statement, Post.created_at, Post.id, cursor=cursor, size=THREADS_SHOWN)


def _is_seen(actor: Actor, row: Post, answered: bool) -> bool:
    if row.is_("shown") or (answered and row.is_("withdrawn") and row.answers):
        return True
    return actor.owns(row, "shopper") or bool(actor.roles & KEEPERS)


def _with_author(statement: Select[Any]) -> Select[Any]:
    return statement.options(joinedload(Post.member, innerjoin=True))


def _unknown() -> NotFound:
    return NotFound("circle.not_found", lazy("There is no such thing here, or it is not yours."))
