"""Pure rules of circles: who may speak how often, who counts as a peer, and what an officer must see."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from daigou.core.i18n import lazy
from daigou.core.states import Machine, move
from daigou.risk.words import FORBIDDEN, LURE, Found

CIRCLE = Machine(
    "circle",
    "open",
    move("close", "open", "closed", "circle.keep"),
    move("reopen", "closed", "open", "circle.keep"),
)

MEMBERSHIP = Machine(
    "membership",
    "joined",
    move("leave", "joined", "left", "circle.leave"),
    move("return", "left", "joined", "circle.join"),
    move("exclude", "joined left", "excluded", "circle.moderate"),
    move("readmit", "excluded", "left", "circle.moderate"),
)

POST = Machine(
    "circle_post",
    "shown",
    move("hold", "shown", "held", "post.hold"),  # a rule or several reports want an officer to see it first
    move("show", "held withheld", "shown", "post.hold"),
    move("withhold", "shown held", "withheld", "post.hold"),
    move("withdraw", "shown", "withdrawn", "post.withdraw"),
)

TALK, CHECK, ANSWER, VERDICT = "talk", "check", "answer", "verdict"
THREADS: Final = (TALK, CHECK)

GENUINE, DOUBTFUL, UNSURE = "genuine", "doubtful", "unsure"
VERDICTS: Final = {
    GENUINE: lazy("I think it is genuine"),
    DOUBTFUL: lazy("I doubt it"),
    UNSURE: lazy("I can’t say"),
}

# What somebody may report a post for (DSA art. 16).
REPORTS: Final = {
    "illegal": lazy("It offers or praises what the law forbids"),
    "counterfeit": lazy("It offers counterfeits"),
    "fraud": lazy("It tries to defraud somebody"),
    "abuse": lazy("It insults or threatens"),
    "private": lazy("It tells something private of somebody"),
    "advertising": lazy("It is advertising"),
    "rights": lazy("It uses words or photos of somebody else"),
    "other": lazy("Something else"),
}

ALIAS_LEAST, ALIAS_MOST = 2, 30
TITLE_MOST, WORDS_MOST, REASON_MOST = 120, 4000, 1000
PHOTOS_MOST: Final = 6
PHOTO_BYTES: Final = 10 * 1024 * 1024
OWN_PHOTOS: Final = 3
"""Photos without which nobody can say anything of a thing that is not on sale here."""

CONTEST_WITHIN: Final = timedelta(days=183)
"""DSA art. 20(1): a decision can be contested for at least six months."""

_RESERVED: Final = ("daigou", "support", "officer", "admin", "moderator", "客服", "官方", "管理员", "運営")


@dataclass(frozen=True, slots=True)
class Figure:
    """A dated row: one number of the house's terms."""

    what: str
    number: int
    valid_from: date
    valid_to: date | None
    source: str


_START: Final = date(2026, 1, 1)
FIGURES: Final = (
    # posts of one member in 24 hours
    Figure(TALK, 5, _START, None, "house terms 2026"),
    Figure(CHECK, 3, _START, None, "house terms 2026"),
    Figure(ANSWER, 60, _START, None, "house terms 2026"),
    Figure(VERDICT, 10, _START, None, "house terms 2026; against made-up verdicts"),
    Figure("report", 20, _START, None, "house terms 2026; DSA art. 23(2), against misuse"),
    # who is a peer: things bought here and kept, and for how many days
    Figure("kept_of_brand", 2, _START, None, "house terms 2026; seeds/000 §6.1"),
    Figure("kept_of_category", 3, _START, None, "house terms 2026; seeds/000 §6.1"),
    Figure("kept_days", 14, _START, None, "house terms 2026: as long as the longest window for returns"),
    # when several voices weigh enough
    Figure("hide_at", 3, _START, None, "house terms 2026: so many people reported a post, and it waits out of sight"),
    Figure("outcome_at", 3, _START, None, "house terms 2026: verdicts before an outcome is named"),
    Figure("strong_doubts", 3, _START, None, "house terms 2026: peers who doubt a listing before an officer looks"),
    Figure("strong_times", 2, _START, None, "house terms 2026: … and times as many as find it genuine"),
)


def figure(what: str, day: date) -> int:
    """The number in force on ``day``. LookupError for a name that no row has."""
    for row in FIGURES:
        if row.what == what and row.valid_from <= day and (row.valid_to is None or day <= row.valid_to):
            return row.number
    raise LookupError(what)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many peers said what."""

    genuine: int = 0
    doubtful: int = 0
    unsure: int = 0

    @property
    def total(self) -> int:
        return self.genuine + self.doubtful + self.unsure

    def outcome(self, day: date) -> str:
        """What the peers think together: GENUINE or DOUBTFUL when clearly more say so, else UNSURE; "" if too few."""
        if self.total < figure("outcome_at", day):
            return ""
        times = figure("strong_times", day)
        if self.genuine > 0 and self.genuine >= times * self.doubtful and self.genuine >= self.unsure:
            return GENUINE
        if self.doubtful > 0 and self.doubtful >= times * self.genuine and self.doubtful >= self.unsure:
            return DOUBTFUL
        return UNSURE

    def are_strong_doubts(self, day: date) -> bool:
        """Whether an officer must look at the listing that the verdicts are about."""
        enough = self.doubtful >= figure("strong_doubts", day)
        return enough and self.doubtful >= figure("strong_times", day) * self.genuine


def needed_of(brand: str) -> str:
    """Which figure says how many things a peer of a circle must have bought and kept."""
    return "kept_of_brand" if brand else "kept_of_category"


def needs_officer(found: Iterable[Found]) -> bool:
    """Whether an officer reads a post before others do: a way to reach somebody elsewhere, in words or numbers.

    A link alone is fair between people who compare things, and so is the name of what is forbidden where people tell
    genuine from false; both together look like an offer.
    """
    codes = {each.code for each in found}
    lures = {each.word for each in found if each.code == LURE}
    return bool(lures - {"link"}) or (FORBIDDEN in codes and bool(lures))


def key_of(alias: str) -> str:
    """What two names that look alike have in common: letters and digits alone, folded."""
    return "".join(c for c in unicodedata.normalize("NFKC", alias).casefold() if c.isalnum())


def fault_of(alias: str, name: str) -> str:
    """Why a name can't be borne: "" when it can. ``name`` is the person's own, which nobody is to read here."""
    key, own = key_of(alias), key_of(name)
    if len(key) < ALIAS_LEAST or len(alias) > ALIAS_MOST:
        return "length"
    if any(word in key for word in map(key_of, _RESERVED)):
        return "reserved"
    parts = {key_of(part) for part in name.split()}
    words = {key_of(part) for part in alias.split()}
    if (own and own in key) or any(len(part) > 2 and part in words for part in parts):
        return "own_name"
    return ""


def in_language(texts: Mapping[str, Mapping[str, str]], locale: str) -> Mapping[str, str]:
    """Name and description of a circle as the reader reads them best: their language if written, else English."""
    return texts.get(locale) or texts["en"]
