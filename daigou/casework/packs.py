"""A legal pack: asked for with a reason, agreed to by a second person where it holds personal data, made by a job."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from typing import Final
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door, proposals, references
from compliance.audit.models import Proposal
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.crypto import vault
from daigou.core.db import Page, advisory_lock, db, find, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid, NotFound
from daigou.core.i18n import lazy, nlazy
from daigou.core.keystore import KeyDestroyed
from daigou.documents import sealing
from daigou.documents.service import storage
from daigou.orders.models import Order
from daigou.providers.storage import Missing
from daigou.shipping.models import Parcel

from . import things
from .models import LegalPack

HOURLY: Final = 10
"""Packs that one officer may ask for in an hour."""
KIND: Final = "legal_pack.personal"


def ask(actor: Actor, about: str, reason: str, locale: str, with_people: bool) -> LegalPack:
    """Of an order, a parcel, a return or a dispute. Invalid by field, NotFound. The caller has stepped up."""
    require(actor, "pack.ask")
    words = proposals.checked(reason)
    with transaction():
        advisory_lock(f"packs:{actor.account_id}")
        _check_rate(actor)
        order_ref, subject = matter(about)
        row = LegalPack(
            ref=ids.new_ref("LGL"), about_ref=about, order_ref=order_ref, subject=subject, reason=words,
            requested_by=actor.account_id, locale=locale, with_people=with_people,
        )  # fmt: skip
        # Under other names: a pack about an order is no part of the order's own life with its people.
        digest = sha256(row.id.bytes + words.encode()).hexdigest()
        door.created(actor, row, by_about=about, personal=with_people, step_up="proof", reason_sha256=digest)
        if with_people:
            _propose(actor, row)
        else:
            outbox.put("pack.build", pack_id=row.id)
    return row


def matter(about: str) -> tuple[str, str]:
    """The order or parcel that a reference belongs to, and whose it is. Invalid for what is no such case."""
    thing = things.by_ref(references.reference(about) or "")
    if thing is None or thing.kind not in ("order", "parcel", "return", "dispute", "item"):
        raise Invalid({"about": lazy("Give the reference of an order, a parcel, a return or a dispute.")})
    ref = thing.order_ref or thing.ref or ""
    subject: str = load(Parcel, ref=ref).subject if ref.startswith("PCL-") else load(Order, ref=ref).subject
    return ref, subject


def _check_rate(actor: Actor) -> None:
    since = clock.now() - timedelta(hours=1)
    mine = select(func.count()).where(LegalPack.requested_by == actor.account_id, LegalPack.created_at > since)
    if db.session.execute(mine).scalar_one() >= HOURLY:
        words = nlazy("You have asked for %(num)d pack within an hour. Wait a while.",
                      "You have asked for %(num)d packs within an hour. Wait a while.", HOURLY)  # fmt: skip
        raise Impossible("pack.too_many", words)


def _propose(actor: Actor, row: LegalPack) -> None:
    summary = f"{row.ref}: {row.about_ref}"
    proposals.propose(actor, KIND, about=row.stream, summary=summary, reason=row.reason, payload={"pack": str(row.id)})


def _agreed(actor: Actor, proposal: Proposal) -> None:
    row: LegalPack = load_locked(LegalPack, id=UUID(proposal.payload["pack"]))
    door.record(actor, row, "approved", proposal=proposal.ref)
    outbox.put("pack.build", pack_id=row.id)


proposals.register(
    proposals.Kind(
        KIND, propose="pack.ask", decide="pack.ask", title=lazy("Legal pack with personal data"), apply=_agreed
    )
)


def second_person(row: LegalPack) -> Proposal | None:
    """What the second person was asked, and answered; None where nobody had to be."""
    return find(Proposal, kind=KIND, about=row.stream) if row.with_people else None


def may_build(row: LegalPack) -> bool:
    asked = second_person(row)
    return not row.with_people or (asked is not None and asked.is_("approved"))


def history(actor: Actor, cursor: str | None = None) -> Page:
    """Every pack, newest first."""
    require(actor, "pack.ask")
    return keyset(select(LegalPack), LegalPack.created_at, LegalPack.id, cursor=cursor)


def about(actor: Actor, ref: str) -> list[LegalPack]:
    """The packs made of one case, newest first."""
    require(actor, "pack.ask")
    rows = select(LegalPack).where(LegalPack.about_ref == ref).order_by(LegalPack.created_at.desc()).limit(20)
    return list(db.session.scalars(rows))


def find_pack(actor: Actor, ref: str) -> LegalPack:
    require(actor, "pack.ask")
    found: LegalPack = load(LegalPack, ref=ref)
    return found


def fetch(actor: Actor, ref: str) -> tuple[LegalPack, Iterator[bytes]]:
    """The file in pieces. That it was fetched is in the log before the first byte leaves. NotFound, Impossible."""
    with transaction():
        row: LegalPack = load_locked(LegalPack, ref=ref)
        require(actor, "pack.fetch", row)
        if row.is_("ready") and row.storage_key is None:
            raise _gone()
        if not row.is_("ready") or row.storage_key is None:
            raise Impossible("pack.not_ready", lazy("This pack is not ready yet. Its page shows how far it is."))
        pieces = _open(row.storage_key, row)
        door.record(actor, row, "fetched", sha256=row.sha256)
    return row, pieces


def _open(key: str, row: LegalPack) -> Iterator[bytes]:
    try:
        return iter(sealing.unseal(vault().keys.by_id, place(row), storage().open(key)))
    except (Missing, KeyDestroyed) as error:
        raise _gone() from error


def _gone() -> NotFound:
    return NotFound("pack.gone", lazy("This pack is not kept any more. Ask for it again."))


def place(row: LegalPack) -> str:
    """What the sealed file is bound to."""
    return f"legal_packs|content|{row.id}"


def page_of(row: LegalPack) -> str:
    return f"/officer/packs/{row.ref}"
