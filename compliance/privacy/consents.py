"""The register of consents: which text, in which version, when, and how; the newest of a kind counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from compliance.audit import door
from daigou.core.access import Actor
from daigou.core.db import Page, db, keyset, transaction
from daigou.core.errors import Impossible, NotFound
from daigou.core.i18n import lazy

from .models import Consent


@dataclass(frozen=True, slots=True)
class Text:
    """What people say yes to. A new ``version`` asks everybody anew; ``needed`` ones can't be taken back while the
    account is open, for without them there is no contract."""

    version: str
    name: object
    words: object
    needed: bool = False


TEXTS: Final[dict[str, Text]] = {
    "terms": Text(
        "2026-11",
        lazy("Terms of use"),
        lazy("What we do for you, what it costs, and how a dispute is decided."),
        needed=True,
    ),
    "privacy": Text(
        "2026-11",
        lazy("Privacy notice"),
        lazy("You have read what we keep, what for, and how long."),
        needed=True,
    ),
    "news": Text(
        "2026-11",
        lazy("News by mail"),
        lazy("Now and then a mail about new goods and shops. Not needed for anything else."),
    ),
    "sale_opt_out": Text(
        "2026-11",
        lazy("Do not sell or share my personal information"),
        lazy("We sell and share nothing. Your wish is on record all the same, and binds whoever runs this place."),
    ),
}
AT_SIGN_UP = ("terms", "privacy")


def record(actor: Actor, kinds: Iterable[str], *, given: bool, channel: str) -> None:
    """Write down what this account says now. Saying the same again adds nothing. NotFound for an unknown text,
    Impossible for taking back a needed one."""
    with transaction() as session:
        now = of(actor.account_id)
        for kind in kinds:
            text = _text(kind)
            if text.needed and not given:
                words = lazy("Without this there is no account. To take it back, close your account.")
                raise Impossible("consent.needed", words)
            last = now.get(kind)
            if last is not None and (last.given, last.version) == (given, text.version):
                continue
            row = Consent(
                account_id=actor.account_id, subject=actor.subject, kind=kind, version=text.version, given=given,
                channel=channel,
            )  # fmt: skip
            session.add(row)
            door.note(actor, f"consent/{actor.account_id}", "consent:given" if given else "consent:withdrawn",
                      subject=actor.subject, text=kind, version=text.version, channel=channel)  # fmt: skip


def honour_signal(actor: Actor) -> None:
    """The browser asks not to be sold (Global Privacy Control, CCPA § 7025): that counts as the person's own word."""
    record(actor, ["sale_opt_out"], given=True, channel="browser_signal")


def of(account_id: UUID | None) -> dict[str, Consent]:
    """What counts now, by kind: one query."""
    newest = (
        select(Consent)
        .ext(distinct_on(Consent.kind))
        .where(Consent.account_id == account_id)
        .order_by(Consent.kind, Consent.created_at.desc(), Consent.id.desc())
    )
    return {row.kind: row for row in db.session.scalars(newest)}


def outdated(account_id: UUID) -> list[str]:
    """Needed texts that this account has not seen in their version of today."""
    now = of(account_id)
    return [k for k, text in TEXTS.items() if text.needed and (k not in now or now[k].version != text.version)]


def history(account_id: UUID, cursor: str | None = None) -> Page:
    rows = select(Consent).where(Consent.account_id == account_id)
    return keyset(rows, Consent.created_at, Consent.id, cursor=cursor)


def _text(kind: str) -> Text:
    if kind not in TEXTS:
        raise NotFound("consent.unknown", lazy("There is no such text."))
    return TEXTS[kind]
