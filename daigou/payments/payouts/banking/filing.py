"""Payouts by bank: put into one file per currency, approved by a second officer, and fetched for our bank."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from flask import current_app
from sqlalchemy import func, select

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from daigou.core import clock, faults, ids
from daigou.core.access import Actor, require
from daigou.core.db import advisory_lock, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import _, format_money, lazy, ngettext
from daigou.core.money import Money, total
from daigou.payments.actor import SYSTEM
from daigou.payments.payouts import sending
from daigou.payments.payouts.models import Payout

from . import details, pain
from .models import BankDetails, BankFile
from .rules import Account, compact, is_bic, is_iban

KIND = "payout.bank_file"
MOST = 1000  # transfers in one file
LATEST = timedelta(days=10)  # a file may be dated so far ahead


@dataclass(frozen=True, slots=True)
class Due:
    """What waits for a file in one currency."""

    total: Money
    payouts: int


def due() -> list[Due]:
    """By currency."""
    statement = (
        select(Payout.currency, func.sum(Payout.amount_minor), func.count())
        .where(*_free())
        .group_by(Payout.currency)
        .order_by(Payout.currency)
    )
    return [Due(Money(int(amount), currency), count) for currency, amount, count in db.session.execute(statement)]


def _free() -> tuple[Any, ...]:
    return Payout.rail == "bank_file", Payout.state == "intended", Payout.file_id.is_(None)


def ours() -> Account:
    """Our own account at a bank, from the settings. Impossible when it is not set."""
    holder, _bar, rest = current_app.extensions["config"].bank_account.partition("|")
    number, _bar, bic = (compact(part) for part in rest.partition("|"))
    if not holder or not number or not is_bic(bic):
        raise Impossible(
            "bank.no_account", lazy("Our own bank account is not in the settings. Whoever runs the server can add it.")
        )
    return Account(holder, number if is_iban(number) else "", "" if is_iban(number) else number, bic)


def propose(actor: Actor, currency: str, execute_on: date, reason: str) -> BankFile:
    """Everything that is due in a currency, put before a second officer."""
    ours()
    _refuse_day(execute_on)
    with transaction():
        faults.step("bank.propose")
        require(actor, "payout.file")
        advisory_lock(f"bank_file:{currency}")
        drop_declined()
        rows = _locked(Payout.currency == currency, *_free())
        if not rows:
            raise Impossible("bank.nothing_due", lazy("Nothing is due in this currency any more."))
        file = _open(actor, rows, execute_on)
        summary = _summary(file, rows)
        payload = {"file": file.ref, "payouts": len(rows), "amount": str(file.amount)}
        proposals.propose(actor, KIND, about=file.stream, summary=summary, reason=reason, payload=payload)
    return file


def _refuse_day(day: date) -> None:
    if not clock.today() <= day <= clock.today() + LATEST:
        raise Impossible("bank.day", lazy("Choose a day from today on, within the next ten days."))


def _locked(*which: Any) -> list[Payout]:
    statement = select(Payout).where(*which).order_by(Payout.created_at, Payout.id).limit(MOST).with_for_update()
    return list(db.session.execute(statement.execution_options(populate_existing=True)).scalars())


def _open(actor: Actor, rows: Sequence[Payout], execute_on: date) -> BankFile:
    amount = total((row.amount for row in rows), rows[0].currency)
    file = BankFile(
        ref=ids.new_ref("BNK"),
        subject=actor.subject,
        currency=amount.currency,
        amount_minor=amount.minor,
        payouts=len(rows),
        execute_on=execute_on,
        proposed_by=actor.account_id,
    )
    door.created(actor, file, file=file.ref, amount=str(amount), payouts=len(rows))
    db.session.flush()
    for row in rows:
        row.file_id = file.id
    return file


def _summary(file: BankFile, rows: Sequence[Payout]) -> str:
    words = ngettext(
        "Bank file %(ref)s: %(num)d transfer, %(amount)s together, on %(day)s.",
        "Bank file %(ref)s: %(num)d transfers, %(amount)s together, on %(day)s.",
        len(rows),
        ref=file.ref,
        amount=format_money(file.amount),
        day=file.execute_on.isoformat(),
    )
    several = [row.merchant_ref for row in rows if _is_shared(row)]
    if several:
        refs = ", ".join(several)
        words += " " + _("These merchants name an account that another one has named too: %(refs)s.", refs=refs)
    return words


def _is_shared(row: Payout) -> bool:
    found = details.current(row.merchant_id)
    return found is not None and details.shared(found) > 0


def drop_declined() -> None:
    """Files whose proposal was declined, withdrawn or forgotten: their payouts are free for the next one."""
    waiting = select(BankFile).filter_by(state="proposed").with_for_update()
    for file in db.session.execute(waiting.execution_options(populate_existing=True)).scalars().all():
        if proposals.open_about(KIND, file.stream) is None:
            door.transition(SYSTEM, file, "drop", file=file.ref)
            for row in _locked(Payout.file_id == file.id, Payout.state == "intended"):
                row.file_id = None
    db.session.flush()


def approve(actor: Actor, proposal: Proposal) -> None:
    """The second officer agreed: what was owed is on its way, and the file is made, once."""
    faults.step("bank.approve")
    file = load_locked(BankFile, ref=proposal.payload["file"])
    door.transition(actor, file, "approve", file=file.ref, amount=str(file.amount))
    accounts = _accounts(file)
    transfers = []
    for row in _locked(Payout.file_id == file.id, Payout.state == "intended"):
        found = accounts.get(row.merchant_id)
        obstacle = details.obstacle(row.merchant_id)
        if found is None or obstacle:  # changed while the file waited: not with this one
            sending.undo(row, obstacle or "no_bank_details", mends=True)
            continue
        sending.depart(row)
        text = f"{row.ref} {current_app.extensions['config'].host}"
        transfers.append(pain.Transfer(row.ref, row.amount, details.account_of(found), found.country, text))
    _write(file, transfers)


def _accounts(file: BankFile) -> dict[Any, BankDetails]:
    statement = (
        select(BankDetails)
        .join(Payout, Payout.merchant_id == BankDetails.merchant_id)
        .where(Payout.file_id == file.id, BankDetails.ended_at.is_(None))
    )
    return {row.merchant_id: row for row in db.session.execute(statement).scalars()}


def _write(file: BankFile, transfers: Sequence[pain.Transfer]) -> None:
    if not transfers:
        raise Impossible("bank.nothing_due", lazy("None of its payouts can go out any more. Decline it."))
    country = current_app.extensions["config"].platform_country
    order = pain.Order(file.ref, clock.now(), file.execute_on, ours(), country, transfers)
    content = pain.write(order)
    amount = total((one.amount for one in transfers), file.currency)
    file.amount_minor, file.payouts = amount.minor, len(transfers)
    file.content, file.sha256 = content.decode(), sha256(content).hexdigest()


def fetch(actor: Actor, ref: str) -> tuple[BankFile, bytes]:
    """The file for our bank. That it was fetched stands in the log before its first byte leaves."""
    with transaction():
        file: BankFile = load_locked(BankFile, ref=ref)
        require(actor, "payout.file")
        if not file.is_("approved", "fetched"):
            raise Impossible("bank.not_approved", lazy("This file has not been approved by a second officer."))
        door.transition(actor, file, "fetch", file=file.ref, sha256=file.sha256)
        return file, str(file.content).encode()


def files(actor: Actor, cursor: str | None) -> Any:
    require(actor, "payout.file")
    return keyset(select(BankFile), BankFile.created_at, BankFile.id, cursor=cursor)


def file_of(actor: Actor, ref: str) -> BankFile:
    require(actor, "payout.file")
    found: BankFile = load(BankFile, ref=ref)
    return found


_TITLE = lazy("Bank file for merchants’ payouts")
proposals.register(proposals.Kind(KIND, propose="payout.file", decide="payout.approve", title=_TITLE, apply=approve))
