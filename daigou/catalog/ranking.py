"""In which order the window stands: by the moment of publication, moved by how the shop stands (S12).

One number carries both, so that the window is read by one index however many listings there are. What moves a listing
is told on the page /help/decisions, from the rows below (DSA art. 27, Regulation (EU) 2019/1150 art. 5).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import update

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, find
from daigou.risk.models import MerchantStanding

from .models import Listing

SYSTEM: Final = system("catalog")
DAY: Final = 24 * 3600 * 1000 << 20
"""One day in the numbers of the window: milliseconds, and twenty bits that keep two of one millisecond apart."""


@dataclass(frozen=True, slots=True)
class Lead:
    """A dated row: a shop of at least this score (0 to 100) stands as if it had published so many days later."""

    score: int
    days: int
    valid_from: date
    valid_to: date | None
    source: str


LEADS: Final = (  # the highest score first
    Lead(90, 2, date(2026, 1, 1), None, "house terms 2026; seeds/000 §1.2: privileges by score"),
    Lead(50, 0, date(2026, 1, 1), None, "house terms 2026"),
    Lead(0, -7, date(2026, 1, 1), None, "house terms 2026; seeds/000 §1.2: a low score is shown less"),
)


def leads(day: date) -> list[Lead]:
    """The rows in force, the highest score first."""
    return [row for row in LEADS if row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)]


def lead_days(score: int | None) -> int:
    """What a shop's score gives its listings today; nothing while it has none."""
    if score is None:
        return 0
    return next((row.days for row in leads(clock.today()) if score >= row.score), 0)


def place(listing: Listing) -> None:
    """Give a listing that appears now its place in the window; the row is locked."""
    standing = find(MerchantStanding, merchant_id=listing.merchant_id)
    listing.lead_days = lead_days(standing.score if standing else None)
    moment = int(clock.now().timestamp() * 1000) << 20 | secrets.randbits(20)
    listing.published_no = moment + listing.lead_days * DAY


def follow(merchant_id: UUID, score: int) -> int:
    """Move the listings of a shop whose standing has changed enough; how many. Joins the running transaction."""
    days = lead_days(score)
    moved = db.session.execute(
        update(Listing)
        .where(Listing.merchant_id == merchant_id, Listing.state == "active", Listing.lead_days != days)
        .values(published_no=Listing.published_no + (days - Listing.lead_days) * DAY, lead_days=days)
        .execution_options(synchronize_session=False)
    )
    count = int(moved.rowcount)  # type: ignore[attr-defined]
    if count:
        door.note(SYSTEM, f"ranking/{merchant_id}", "ranking:moved", days=days, listings=count)
    return count
