"""Other ways back than the one it was paid by: to the shopper's balance with us, or to a bank account.

To a bank account it takes two officers: one proposes it, the other has looked at amount and account and agrees; only
then it may be sent.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from daigou.core import outbox
from daigou.core.access import Actor, require
from daigou.core.db import load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, format_money, lazy
from daigou.ledger.service import post
from daigou.payments.actor import SYSTEM
from daigou.payments.paying import wallet
from daigou.risk.network import service as network

from . import rules
from .models import Refund

WAYS = ("original", "wallet", "bank")
KIND = "refund.by_bank"


@dataclass(frozen=True, slots=True)
class BankAccount:
    """Where a shopper wants the money: the holder's name, an IBAN or account number, and the bank's name or BIC."""

    holder: str
    account: str
    bank: str


def refuse_closed(way: str) -> None:
    if way not in WAYS:
        raise ValueError(f"no such way to refund: {way}")
    if way == "wallet" and not wallet.is_on():
        raise Impossible("refund.wallet_off", lazy("There are no balances here. Refund the way it was paid."))


def to_balance(row: Refund) -> None:
    """A promised refund of what the balance had paid: at once, for no provider has to be asked."""
    lines = rules.to_wallet(str(row.id), str(row.account_id), row.amount)
    post(SYSTEM, row, "refunded", f"refund:{row.id}:{row.tries}:wallet", lines)
    door.transition(SYSTEM, row, "succeed", to=wallet.SOURCE)
    outbox.put("refund.succeeded", refund_id=row.id)


def bank_form(actor: Actor, ref: str) -> Refund:
    """The refund whose bank account its shopper may name."""
    row: Refund = load(Refund, ref=ref)
    require(actor, "refund.name_bank", row)
    return row


def name_bank(actor: Actor, ref: str, account: BankAccount) -> Refund:
    """The shopper says where to send it. May be corrected until it was paid."""
    with transaction():
        row: Refund = load_locked(Refund, ref=ref)
        door.transition(actor, row, "name_bank", refund=row.ref)
        row.bank_account = asdict(account)
        network.link(row.account_id, network.BANK, "".join(account.account.split()))
    return row


def look(actor: Actor, ref: str) -> Refund:
    """The bank account of one refund, for who agrees to it and who sends it. The look is in the log first."""
    with transaction():
        row: Refund = load_locked(Refund, ref=ref)
        require(actor, "refund.retry", row)
        if not row.is_("bank_named", "bank_approved"):
            raise Impossible("refund.no_account", lazy("No bank account is named for this refund now."))
        door.record(actor, row, "account_viewed")
    return row


def propose_by_bank(actor: Actor, ref: str, reason: str) -> Proposal:
    """Put a refund to the account that its shopper named before a second officer. Impossible while one waits."""
    with transaction():
        row: Refund = load_locked(Refund, ref=ref)
        row.machine.find(row.state, "approve_bank")
        if waiting(row) is not None:
            raise Impossible("refund.proposed", lazy("This refund waits for a second officer already."))
        summary = _(
            "Refund %(ref)s of order %(order)s: %(amount)s by bank transfer to the account that the shopper named.",
            ref=row.ref,
            order=row.order_ref,
            amount=format_money(row.amount),
        )
        payload = {"refund": row.ref, "amount": str(row.amount), "account": _digest(row)}
        return proposals.propose(actor, KIND, about=row.stream, summary=summary, reason=reason, payload=payload)


def waiting(row: Refund) -> Proposal | None:
    """The proposal to send it that a second officer has not decided yet."""
    return proposals.open_about(KIND, row.stream)


def _digest(row: Refund) -> str:
    """Which account was agreed to, without saying it: salted with the row's number."""
    said = json.dumps(row.bank_account, sort_keys=True, ensure_ascii=False)
    return sha256(row.id.bytes + said.encode()).hexdigest()


def _approve(actor: Actor, proposal: Proposal) -> None:
    """The second officer agreed to this amount and this account, and to no other."""
    row: Refund = load_locked(Refund, ref=proposal.payload["refund"])
    row.machine.find(row.state, "approve_bank")
    if (str(row.amount), _digest(row)) != (proposal.payload["amount"], proposal.payload["account"]):
        raise Impossible(
            "refund.account_changed", lazy("The shopper has named another account since. Decline this, and look anew.")
        )
    door.transition(actor, row, "approve_bank", refund=row.ref, proposal=proposal.ref)


def pay_by_bank(actor: Actor, ref: str, reference: str) -> Refund:
    """An officer has sent it from our own bank account, under that bank's ``reference``: two have agreed to it."""
    reference = " ".join(reference.split())
    if not 4 <= len(reference) <= 80:
        raise Invalid({"reference": lazy("The bank’s reference of the transfer has 4 to 80 characters.")})
    with transaction():
        row: Refund = load_locked(Refund, ref=ref)
        door.transition(actor, row, "pay_by_bank", refund=row.ref, reference=reference)
        row.bank_reference = reference
        lines = rules.refunded_by_bank(str(row.id), row.amount)
        post(actor, row, "refunded_by_bank", f"refund:{row.id}:{row.tries}:bank", lines)
        outbox.put("refund.succeeded", refund_id=row.id)
    return row


def give_up_bank(actor: Actor, ref: str) -> Refund:
    """No account was named, or another way was found: the money is held again and a person decides anew."""
    with transaction():
        row: Refund = load_locked(Refund, ref=ref)
        lines = [-line for line in rules.refund_promised(row.escrow_owner, str(row.id), row.amount)]
        post(actor, row, "refund_undone", f"refund:{row.id}:{row.tries}:undone", lines)
        row.refusal = "bank_given_up"
        door.transition(actor, row, "give_up_bank", refund=row.ref)
    return row


_TITLE = lazy("Refund by bank transfer")
proposals.register(
    proposals.Kind(KIND, propose="refund.propose_bank", decide="refund.approve_bank", title=_TITLE, apply=_approve)
)
