"""Who reads which conversation, and the lists of them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core.access import STAFF, Actor, foreign, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.documents import service as documents
from daigou.documents.models import StoredFile

from . import rules
from .models import Conversation, Message

LATE = rules.is_late
SHOWN = 200  # of one conversation; older ones by the cursor
TRANSCRIPT_MOST = 2_000


def side_of(actor: Actor, talk: Conversation) -> str:
    """In which of its three parts this actor takes part."""
    if actor.account_id == talk.account_id:
        return rules.SHOPPER
    if talk.merchant_id is not None and actor.merchant_id == talk.merchant_id:
        return rules.MERCHANT
    return rules.STAFF


def require_part(actor: Actor, permission: str, talk: Conversation) -> None:
    """NotFound for strangers, and for our own staff too until one of the two has asked us to step in."""
    require(actor, permission, talk)
    if side_of(actor, talk) == rules.STAFF and not (talk.is_ours and actor.roles & STAFF):
        raise foreign(actor, permission, talk)


def view(actor: Actor, ref: str) -> Conversation:
    """A conversation that the actor takes part in. An officer may read any: that they did stands in the log."""
    talk: Conversation = load(Conversation, ref=ref)
    if not talk.is_ours and "officer" in actor.roles and side_of(actor, talk) == rules.STAFF:
        with transaction():
            talk = load_locked(Conversation, ref=ref)
            require(actor, "conversation.inspect", talk)
            door.record(actor, talk, "viewed", conversation=ref)
        return talk
    require_part(actor, "conversation.view", talk)
    return talk


def messages(talk: Conversation, cursor: str | None = None) -> Page:
    """What was written, the newest first: a page turns back in time."""
    statement = select(Message).filter_by(conversation_id=talk.id)
    return keyset(statement, Message.created_at, Message.id, cursor=cursor, size=SHOWN)


def photos_of(rows: Iterable[Message]) -> dict[str, list[StoredFile]]:
    """The photos of these messages, by the message's stream, in one query."""
    streams = [row.stream for row in rows if row.photos]
    return documents.files_about_each(streams, "message_photo") if streams else {}


def mine(actor: Actor, cursor: str | None = None) -> Page:
    """A shopper's own conversations, the liveliest first."""
    statement = select(Conversation).where(Conversation.account_id == actor.account_id)
    return keyset(statement, Conversation.last_at, Conversation.id, cursor=cursor)


def of_shop(actor: Actor, cursor: str | None = None) -> Page:
    """A shop's conversations, the liveliest first."""
    statement = select(Conversation).where(Conversation.merchant_id == actor.merchant_id)
    return keyset(statement, Conversation.last_at, Conversation.id, cursor=cursor)


def queue(actor: Actor, cursor: str | None = None) -> Page:
    """What waits for staff, the most urgent first."""
    require(actor, "support.work")
    statement = select(Conversation).where(Conversation.state == "open", Conversation.awaited == rules.STAFF)
    return keyset(statement, Conversation.answer_until, Conversation.id, cursor=cursor, descending=False)


def transcript(order_refs: Iterable[str]) -> list[tuple[Conversation, Message]]:
    """All that was written about these orders, oldest first: evidence (S47)."""
    statement = (
        select(Conversation, Message)
        .join(Message, Message.conversation_id == Conversation.id)
        .where(Conversation.order_ref.in_(list(order_refs)))
        .order_by(Message.created_at, Message.id)
        .limit(TRANSCRIPT_MOST)
    )
    return [(talk, message) for talk, message in db.session.execute(statement)]


def of_message(message_id: UUID) -> Conversation:
    """The conversation that a message belongs to."""
    message = load(Message, id=message_id)
    return db.session.get_one(Conversation, message.conversation_id)
