"""Pure rules of conversations: who is awaited, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from daigou.core.i18n import lazy
from daigou.core.states import Machine, move

CONVERSATION = Machine(
    "conversation",
    "open",
    move("close", "open", "closed", "conversation.close"),
    move("reopen", "closed", "open", "conversation.write"),
)

QUESTION, ITEM, HELP = "question", "item", "help"
SHOPPER, MERCHANT, STAFF = "shopper", "merchant", "staff"

# What a shopper may ask us about. The first ones are answered by a page at once.
TOPICS = ("order", "payment", "parcel", "return", "account", "complaint", "idea", "praise", "other")
TOPIC_WORDS = {
    "order": lazy("An order"),
    "payment": lazy("A payment or a refund"),
    "parcel": lazy("A parcel, customs or duty"),
    "return": lazy("A return, or something is not as described"),
    "account": lazy("My account"),
    "complaint": lazy("A complaint"),
    "idea": lazy("An idea"),
    "praise": lazy("Praise"),
    "other": lazy("Something else"),
}

MESSAGE_MOST: Final = 4000  # characters
IN_A_ROW: Final = 10  # messages of one side that nobody has answered
PHOTOS_MOST: Final = 6
PHOTO_BYTES: Final = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Promise:
    """A dated row: within how many hours somebody is to answer."""

    awaited: str
    topic: str  # empty: whatever it is about
    hours: int
    valid_from: date
    valid_to: date | None
    source: str


PROMISES: Final = (
    Promise(STAFF, "complaint", 24, date(2026, 1, 1), None, "house terms 2026; seeds/002 §9 asks for a deadline"),
    Promise(STAFF, "stepped_in", 24, date(2026, 1, 1), None, "seeds/000 §3.3: the platform steps in within 24 hours"),
    Promise(STAFF, "", 24, date(2026, 1, 1), None, "house terms 2026"),
    Promise(MERCHANT, "", 48, date(2026, 1, 1), None, "house terms 2026"),
)


def answer_until(awaited: str, topic: str, now: datetime) -> datetime | None:
    """By when the awaited side has promised to answer; shoppers have promised nothing."""
    day = now.date()
    for row in PROMISES:
        if row.awaited == awaited and row.topic in (topic, "") and row.valid_from <= day <= (row.valid_to or day):
            return now + timedelta(hours=row.hours)
    return None


def awaited_after(kind: str, author: str, stepped_in: bool) -> str:
    """Who answers next when this side has written."""
    if author != SHOPPER:
        return SHOPPER
    return STAFF if kind == HELP or stepped_in else MERCHANT


def is_late(until: datetime | None, now: datetime) -> bool:
    return until is not None and until < now
