"""A customer credit transfer initiation, ISO 20022 pain.001.001.09. Pure: facts in, bytes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from xml.etree import ElementTree as Tree

from daigou.core.money import Money

from .rules import Account

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
LONGEST_NAME = 140  # Max140Text


@dataclass(frozen=True, slots=True)
class Transfer:
    """One credit transfer. ``reference`` is its end-to-end id: at most 35 characters, unique for ever."""

    reference: str
    amount: Money
    to: Account
    country: str
    text: str


@dataclass(frozen=True, slots=True)
class Order:
    """One message: all its transfers are in one currency and leave one account of ours."""

    message_id: str
    made_at: datetime
    execute_on: date
    ours: Account
    country: str
    transfers: Sequence[Transfer]


def write(order: Order) -> bytes:
    """The file. Raises ValueError for references that are too long or not unique, or amounts of two currencies."""
    _refuse_nonsense(order)
    root = Tree.Element("Document", xmlns=NAMESPACE)
    message = Tree.SubElement(root, "CstmrCdtTrfInitn")
    _header(message, order)
    _payments(message, order)
    Tree.indent(root)
    found: bytes = Tree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return found


def _refuse_nonsense(order: Order) -> None:
    references = [one.reference for one in order.transfers]
    if len(set(references)) != len(references) or not references:
        raise ValueError("references of one file are unique, and there is at least one")
    if any(len(text) > 35 for text in (*references, order.message_id)):
        raise ValueError("references have at most 35 characters")
    if len({one.amount.currency for one in order.transfers}) != 1:
        raise ValueError("one file is in one currency")
    if any(one.amount.minor <= 0 for one in order.transfers):
        raise ValueError("amounts are positive")


def _header(message: Tree.Element, order: Order) -> None:
    header = Tree.SubElement(message, "GrpHdr")
    _text(header, "MsgId", order.message_id)
    _text(header, "CreDtTm", order.made_at.isoformat(timespec="seconds"))
    _totals(header, order)
    _text(Tree.SubElement(header, "InitgPty"), "Nm", order.ours.holder[:LONGEST_NAME])


def _totals(parent: Tree.Element, order: Order) -> None:
    _text(parent, "NbOfTxs", str(len(order.transfers)))
    _text(parent, "CtrlSum", f"{sum((one.amount.decimal for one in order.transfers), Decimal(0)):f}")


def _payments(message: Tree.Element, order: Order) -> None:
    block = Tree.SubElement(message, "PmtInf")
    _text(block, "PmtInfId", f"{order.message_id}-1")
    _text(block, "PmtMtd", "TRF")
    _text(block, "BtchBookg", "false")  # each transfer is booked, and so confirmed, by itself
    _totals(block, order)
    _text(Tree.SubElement(block, "ReqdExctnDt"), "Dt", order.execute_on.isoformat())
    _party(block, "Dbtr", order.ours, order.country)
    _account(block, "DbtrAcct", order.ours)
    _agent(block, "DbtrAgt", order.ours)
    _text(block, "ChrgBr", "SLEV" if order.transfers[0].amount.currency == "EUR" else "SHAR")
    for one in order.transfers:
        _transfer(block, one)


def _transfer(block: Tree.Element, one: Transfer) -> None:
    entry = Tree.SubElement(block, "CdtTrfTxInf")
    marks = Tree.SubElement(entry, "PmtId")
    _text(marks, "InstrId", one.reference)
    _text(marks, "EndToEndId", one.reference)
    amount = Tree.SubElement(Tree.SubElement(entry, "Amt"), "InstdAmt", Ccy=one.amount.currency)
    amount.text = f"{one.amount.decimal:f}"
    if one.to.bic:
        _agent(entry, "CdtrAgt", one.to)
    _party(entry, "Cdtr", one.to, one.country)
    _account(entry, "CdtrAcct", one.to)
    _text(Tree.SubElement(entry, "RmtInf"), "Ustrd", one.text[:140])


def _party(parent: Tree.Element, name: str, account: Account, country: str) -> None:
    party = Tree.SubElement(parent, name)
    _text(party, "Nm", account.holder[:LONGEST_NAME])
    _text(Tree.SubElement(party, "PstlAdr"), "Ctry", country)


def _account(parent: Tree.Element, name: str, account: Account) -> None:
    mark = Tree.SubElement(Tree.SubElement(parent, name), "Id")
    if account.iban:
        _text(mark, "IBAN", account.iban)
    else:
        _text(Tree.SubElement(mark, "Othr"), "Id", account.number)


def _agent(parent: Tree.Element, name: str, account: Account) -> None:
    bank = Tree.SubElement(Tree.SubElement(parent, name), "FinInstnId")
    if account.bic:
        _text(bank, "BICFI", account.bic)
    else:
        _text(Tree.SubElement(bank, "Othr"), "Id", "NOTPROVIDED")


def _text(parent: Tree.Element, name: str, text: str) -> None:
    Tree.SubElement(parent, name).text = text
