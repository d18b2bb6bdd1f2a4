"""A report in the shape of goAML's XML (UNODC, schema 4): a draft to upload and complete in the unit's own portal.

Each unit adds code lists and rules of its own, so the portal's check is the last word. Names and order of elements are
those of "Standard XML Reporting Instructions and Specifications", version 4.0.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from daigou.core import clock

from .gathering import Movement, Person
from .models import IntelligenceUnit, SuspicionReport

UNKNOWN = "-"
"""goAML's own word for what a reporter does not know."""
FUNDS = "E"
"""Electronic transfer; each unit's list may name it otherwise."""


def xml(report: SuspicionReport, unit: IntelligenceUnit, who: Person, moves: Sequence[Movement]) -> bytes:
    """UTF-8. Amounts in the unit's currency, as decimals; what had no rate is told in the description alone."""
    root = Element("report")
    _put(root, "rentity_id", report.registration or UNKNOWN)
    _put(root, "submission_code", "E")
    _put(root, "report_code", "STR" if moves else "SAR")
    _put(root, "entity_reference", report.ref)
    _put(root, "submission_date", _moment(clock.now()))
    _put(root, "currency_code_local", unit.currency)
    _put(root, "reason", str(report.grounds))
    _put(root, "action", "The account is watched. Its holder has not been told.")
    for move in moves:
        _transaction(root, move, who, unit.currency)
    if not moves:
        parties = SubElement(SubElement(root, "activity"), "report_parties")
        _person(SubElement(SubElement(parties, "report_party"), "person"), who)
    _put(SubElement(root, "report_indicators"), "indicator", report.kind.upper())
    indent(root)
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found


def _transaction(root: Element, move: Movement, who: Person, currency: str) -> None:
    node = SubElement(root, "transaction")
    _put(node, "transactionnumber", move.ref)
    _put(node, "internal_ref_number", move.order_ref)
    _put(node, "transaction_description", f"{move.amount} paid by {move.method or UNKNOWN}; {move.returned} returned")
    _put(node, "date_transaction", _moment(move.at))
    _put(node, "transmode_code", FUNDS)
    _put(node, "amount_local", str(move.worth.decimal) if move.worth else "0")
    sent = SubElement(node, "t_from_my_client")
    _put(sent, "from_funds_code", FUNDS)
    if move.amount.currency != currency:
        foreign = SubElement(sent, "from_foreign_currency")
        _put(foreign, "foreign_currency_code", move.amount.currency)
        _put(foreign, "foreign_amount", str(move.amount.decimal))
    _person(SubElement(sent, "from_person"), who)
    _put(sent, "from_country", who.country)
    got = SubElement(node, "t_to")
    _put(got, "to_funds_code", FUNDS)
    _put(SubElement(got, "to_entity"), "name", "The reporting platform, held for the merchant")
    _put(got, "to_country", move.country or who.country)


def _person(node: Element, who: Person) -> None:
    first, _, last = who.name.rpartition(" ")
    _put(node, "first_name", first or UNKNOWN)
    _put(node, "last_name", last or UNKNOWN)
    _put(node, "residence", who.country)
    if who.email:
        _put(node, "email", who.email)
    _put(node, "comments", f"{who.subject}, customer since {who.since.date().isoformat()}")


def _put(node: Element, name: str, words: str) -> None:
    SubElement(node, name).text = "".join(letter for letter in words if letter >= " " or letter in "\n\t")


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S")
