"""What our bank reports: each line finds what it belongs to and is posted once, or waits for a person under a name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import clock, faults
from daigou.core.access import Actor, require
from daigou.core.db import Page, advisory_lock, db, find, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.ledger.service import post
from daigou.payments.actor import SYSTEM
from daigou.payments.payouts import news as payout_news
from daigou.payments.payouts import sending
from daigou.payments.payouts.models import Payout, ProviderPayout

from . import camt, rules
from .camt import Line
from .models import BankEntry, BankReport

# What a line turned out to be. Those of the second row moved no money and wait for a person.
POSTED = ("confirmed", "returned", "topped_up", "deposited")
ODD = ("unmatched", "duplicate", "wrong_amount", "unexpected")
RETURNED = "bank_returned"
_DEPOSIT = re.compile(r"DEP-?(MER-[A-Z0-9]{10})")
_PAYOUT = re.compile(r"po_[A-Za-z0-9]+")
_RECENT = timedelta(days=30)

FAULTS = {
    "large": lazy("This file is larger than a bank’s report ever is."),
    "encoding": lazy("This file is not in UTF-8. Ask your bank for that."),
    "doctype": lazy("This file has a document type or entities in it, which no bank’s report needs. It was not read."),
    "xml": lazy("This file is no XML, or it ends too early."),
    "kind": lazy("This is not a camt.054 report."),
    "entry": lazy("An entry of this file has no amount, day or direction that could be read. Nothing was taken of it."),
    "many": lazy("This file has too many entries. Ask your bank for one file a day."),
}


def take(actor: Actor, content: bytes) -> BankReport:
    """Import a report. The same one again changes nothing and answers with the first. Invalid at ``file``."""
    try:
        report = camt.read(content)
    except camt.BadReport as bad:
        raise Invalid({"file": FAULTS[bad.code]}, code=f"bank.{bad.code}") from bad
    digest = sha256(content).hexdigest()
    with transaction():
        faults.step("bank.import")
        require(actor, "bank.import")
        advisory_lock("bank_report")
        known = find(BankReport, message_id=report.message_id)
        if known is not None:
            return _same(known, digest)
        row = BankReport(
            message_id=report.message_id, sha256=digest, entries=len(report.lines), imported_by=actor.account_id
        )
        db.session.add(row)
        db.session.flush()
        fresh = list(_fresh(report.lines))
        payouts = _payouts(fresh)
        for line in fresh:
            _take_line(row.id, line, payouts.get(line.reference))
        door.note(actor, f"bank_report/{row.id}", "bank_report:imported", sha256=digest, entries=row.entries)
    return row


def _same(known: BankReport, digest: str) -> BankReport:
    if known.sha256 != digest:
        raise Impossible(
            "bank.same_number", lazy("Another file with the same message number was imported before. Ask your bank.")
        )
    return known


def _fresh(lines: Sequence[Line]) -> Iterable[Line]:
    """A line that another report brought already is the same line, not another movement."""
    known = set()
    keys = [line.key for line in lines]
    for start in range(0, len(keys), 1000):
        page = select(BankEntry.entry_key).where(BankEntry.entry_key.in_(keys[start : start + 1000]))
        known |= set(db.session.execute(page).scalars())
    for line in lines:
        if line.key not in known:
            known.add(line.key)
            yield line


def _payouts(lines: Sequence[Line]) -> dict[str, Payout]:
    """The payouts that these lines name, locked in one order, by their references."""
    wanted, found = sorted({line.reference for line in lines if len(line.reference) <= 20}), {}
    for start in range(0, len(wanted), 1000):
        page = (
            select(Payout)
            .where(Payout.ref.in_(wanted[start : start + 1000]), Payout.rail == "bank_file")
            .order_by(Payout.ref)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        found.update({row.ref: row for row in db.session.execute(page).scalars()})
    return found


def _take_line(report_id: UUID, line: Line, payout: Payout | None) -> None:
    verdict = _verdict(line, payout)
    row = BankEntry(
        report_id=report_id,
        entry_key=line.key,
        reference=line.reference or line.text[:140],
        currency=line.amount.currency,
        amount_minor=line.amount.minor,
        booked_on=line.booked_on,
        verdict=verdict,
        payout_id=payout.id if payout else None,
        code=line.code,
        settled_at=clock.now() if verdict in POSTED else None,
    )
    db.session.add(row)


def _verdict(line: Line, payout: Payout | None) -> str:
    if payout is not None:
        return (_went_out if line.amount.minor < 0 else _came_back)(payout, line)
    return _came_in(line) if line.amount.minor > 0 else "unmatched"


def _went_out(payout: Payout, line: Line) -> str:
    """Our bank has sent a payout."""
    if payout.is_("paid", "returned"):
        return "duplicate"
    if not payout.is_("submitted"):
        return "unexpected"
    if -line.amount != payout.amount:
        return "wrong_amount"
    post(SYSTEM, payout, "paid_out", f"bank:{line.key}", rules.confirmed(str(payout.id), payout.amount))
    sending.settle(payout, bank=line.key)
    return "confirmed"


def _came_back(payout: Payout, line: Line) -> str:
    """The merchant's bank sent a payout back: it is owed again, and its releases wait for a person."""
    if payout.is_("returned"):
        return "duplicate"
    if not payout.is_("paid"):
        return "unexpected"
    if line.amount != payout.amount:
        return "wrong_amount"
    lines = rules.bounced(str(payout.merchant_id), payout.amount, payout.out_of)
    post(SYSTEM, payout, "payout_returned", f"bank:{line.key}", lines)
    payout.refusal = RETURNED
    door.transition(SYSTEM, payout, "bounce", code=line.code or None)
    for release in sending.releases_of(payout, "paid"):
        release.refusal = RETURNED
        door.transition(SYSTEM, release, "bounce", payout=payout.ref)
    payout_news.sent_back(payout)
    if payout.out_of == "deposit":
        payout_news.deposit_stays(payout)
    else:
        payout_news.stuck(load(Merchant, id=payout.merchant_id), RETURNED, payout.id)
    return "returned"


def _came_in(line: Line) -> str:
    """Money from our balance at the provider, or a merchant's deposit; else nobody knows."""
    topped = _provider_payout(line)
    if topped is not None:
        if line.amount != topped.amount:
            return "wrong_amount"
        if topped.arrived_minor:
            return "duplicate"
        topped.arrived_minor = line.amount.minor
        lines = rules.topped_up(topped.provider_id, line.amount)
        post(SYSTEM, topped, "topped_up", f"bank:{line.key}", lines)
        return "topped_up"
    named = _DEPOSIT.search(f"{line.reference} {line.text}")
    merchant = find(Merchant, ref=named[1]) if named else None
    if merchant is None or line.amount.currency != merchant.currency:
        return "unmatched"
    locked = load_locked(Merchant, id=merchant.id)
    post(SYSTEM, locked, "deposited", f"bank:{line.key}", rules.deposited(str(merchant.id), line.amount))
    return "deposited"


def _provider_payout(line: Line) -> ProviderPayout | None:
    """By the provider's own number in the text; else by amount, where the text names the provider and one fits."""
    words = f"{line.reference} {line.text}"
    mine = select(ProviderPayout).where(ProviderPayout.merchant_id.is_(None)).with_for_update()
    if named := _PAYOUT.search(words):
        return db.session.execute(mine.filter_by(provider_id=named[0])).scalar_one_or_none()
    if "STRIPE" not in words.upper():
        return None
    fitting = mine.filter_by(currency=line.amount.currency, amount_minor=line.amount.minor, arrived_minor=0)
    found = db.session.execute(fitting.where(ProviderPayout.created_at > clock.now() - _RECENT)).scalars().all()
    return found[0] if len(found) == 1 else None


# ---- the human queue


def queue(cursor: str | None = None) -> Page:
    """Lines that nobody has explained yet, oldest first."""
    statement = select(BankEntry).where(BankEntry.settled_at.is_(None))
    return keyset(statement, BankEntry.created_at, BankEntry.id, cursor=cursor, descending=False)


def settle(actor: Actor, entry_id: UUID, note: str) -> BankEntry:
    """A person has dealt with a line and says how. No money moves by this."""
    with transaction():
        require(actor, "bank.import")
        row: Any = load_locked(BankEntry, id=entry_id)
        if row.settled_at is not None:
            raise Impossible("bank.settled", lazy("Somebody has dealt with this entry already."))
        if len(note.strip()) < 10:
            raise Invalid({"note": lazy("Say in a sentence what was done about it.")})
        row.settled_at, row.settled_note = clock.now(), note.strip()
        door.note(actor, row.stream, "bank_entry:settled", verdict=row.verdict, amount=str(row.amount))
        return row


def reports(actor: Actor, cursor: str | None) -> Page:
    require(actor, "bank.import")
    return keyset(select(BankReport), BankReport.created_at, BankReport.id, cursor=cursor)
