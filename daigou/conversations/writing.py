"""Writing in a conversation, asking us to step in, and closing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy, nlazy
from daigou.documents import service as documents
from daigou.documents.inspection import IMAGES
from daigou.risk import service as risk
from daigou.risk import words as watch

from . import letters, papers, rules  # noqa: F401  papers registers who may see a message's photos
from .models import Conversation, Message
from .reading import require_part, side_of

PHOTO_KIND = "message_photo"


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody writes: text, and photos as they were uploaded."""

    body: str
    photos: Sequence[Any] = ()


def write(actor: Actor, ref: str, words: Words) -> Message:
    """Add a message; the other side is awaited and told. Impossible after too many that nobody answered."""
    with transaction():
        talk: Conversation = load_locked(Conversation, ref=ref)
        require_part(actor, "conversation.write", talk)
        side = side_of(actor, talk)
        if talk.awaited != side and talk.in_a_row >= rules.IN_A_ROW:
            raise Impossible("conversation.wait", lazy("Wait for an answer before you write more."))
        if talk.is_("closed"):
            door.transition(actor, talk, "reopen")
        return add(actor, talk, side, words)


def add(actor: Actor, talk: Conversation, side: str, words: Words) -> Message:
    """The message itself, inside the running transaction."""
    found = watch.look_in_message(words.body, clock.today())
    message = Message(
        conversation_id=talk.id, subject=talk.subject, author=side, author_id=actor.account_id,
        photos=len(words.photos), found=sorted({each.code for each in found}),
    )  # fmt: skip
    message.body = words.body
    db.session.add(message)
    db.session.flush()
    _keep_photos(actor, talk, message, words.photos)
    _turn(talk, side)
    door.record(actor, talk, "written", side=side, message=str(message.id), photos=message.photos, found=message.found)
    if side == rules.MERCHANT and found:
        about = risk.About("message", talk.id, talk.ref, talk.merchant_id, talk.merchant_ref)
        risk.open_case(about, [{"code": each.code, "word": each.word} for each in found])
    letters.written(talk, side)
    return message


def _turn(talk: Conversation, side: str) -> None:
    """It is the other side's turn now; how long this one was waited for is counted."""
    now = clock.now()
    if talk.awaited == side == rules.MERCHANT and talk.in_a_row:
        talk.waited_s += int((now - talk.awaited_since).total_seconds())
        talk.answers += 1
    talk.in_a_row = 1 if talk.awaited == side else talk.in_a_row + 1
    awaited = rules.awaited_after(talk.kind, side, talk.stepped_in_at is not None)
    if awaited != talk.awaited or talk.answer_until is None:
        talk.awaited_since, talk.answer_until = now, _until(talk, awaited, now)
    talk.awaited, talk.last_at = awaited, now


def _until(talk: Conversation, awaited: str, now: datetime) -> datetime | None:
    return rules.answer_until(awaited, "stepped_in" if talk.stepped_in_at else talk.topic, now)


def _keep_photos(actor: Actor, talk: Conversation, message: Message, photos: Sequence[Any]) -> None:
    if len(photos) > rules.PHOTOS_MOST:
        words = nlazy("Choose at most %(num)d photo.", "Choose at most %(num)d photos.", rules.PHOTOS_MOST)
        raise Invalid({"photos": words})
    for photo in photos:
        try:
            documents.store(
                actor, message.stream, talk.subject, "conversation", PHOTO_KIND, photo,
                allowed=IMAGES, limit=rules.PHOTO_BYTES,
            )  # fmt: skip
        except Invalid as refused:
            raise Invalid({"photos": next(iter(refused.fields.values()))}) from refused


def step_in(actor: Actor, ref: str) -> Conversation:
    """Either side asks us to take part: from now on staff reads it, and answers within a day (S50)."""
    with transaction():
        talk: Conversation = load_locked(Conversation, ref=ref)
        require_part(actor, "conversation.write", talk)
        if talk.is_ours:
            raise Impossible("conversation.stepped_in", lazy("We take part already, and answer within a day."))
        talk.stepped_in_at = clock.now()
        talk.awaited, talk.awaited_since = rules.STAFF, clock.now()
        talk.answer_until = _until(talk, rules.STAFF, clock.now())
        door.record(actor, talk, "stepped_in", by=side_of(actor, talk))
        letters.stepped_in(talk)
    return talk


def close(actor: Actor, ref: str) -> Conversation:
    """Settled. Whoever writes again opens it again."""
    with transaction():
        talk: Conversation = load_locked(Conversation, ref=ref)
        require_part(actor, "conversation.close", talk)
        require(actor, "conversation.close", talk)
        door.transition(actor, talk, "close", answered=talk.awaited == rules.SHOPPER)
        talk.answer_until = None
    return talk
