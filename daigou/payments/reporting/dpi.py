"""The yearly message on sellers in the element names of the OECD's DPI schema, which Directive (EU) 2021/514 uses.

The names and their order are written from memory of the published schema (version 1) and are to be confirmed against
the schema file of the authority it is sent to. ``faults`` is a check of structure of our own, not that schema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from daigou.core.money import Money

VERSION: Final = "1.0"
SPACE: Final = "urn:oecd:ties:dpi:v1"
TYPES: Final = "urn:oecd:ties:dpistf:v1"
NEW, NOTHING = "DPI401", "DPI403"
"""MessageTypeIndic: new information, and that there is nothing to report."""
NEW_DATA: Final = "OECD1"
MISSING: Final = "NOTIN"
"""What stands where somebody has no tax number: the schema wants the element."""
FIGURES: Final = (("Consideration", "Cons", "consideration"), ("NumberOfActivities", "Numb", "activities"),
                  ("Fees", "Fees", "fees"), ("Taxes", "Tax", "taxes"))  # fmt: skip
_MONEY = re.compile(r"-?\d+(\.\d{1,4})?")


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the platform: name, address and tax number as on our invoices."""

    name: str
    address: str
    tin: str
    country: str


def message(year: int, operator: Operator, sellers: Sequence[Any], made_at: datetime) -> bytes:
    """The whole message; ``sellers`` are dac7.Seller rows with their identities opened. What is lacking (our own tax
    number, a seller's address) stands in a remark on top, so that nobody files it unread."""
    ET.register_namespace("dpi", SPACE)
    ET.register_namespace("stf", TYPES)
    root = ET.Element(_name("DPI_OECD"), {"version": VERSION})
    _message_spec(root, year, operator, bool(sellers), made_at)
    body = _under(root, "DPIBody")
    _operator(_under(body, "PlatformOperator"), operator, year)
    for seller in sellers:
        _seller(_under(body, "ReportableSeller"), seller, operator, year)
    content = ET.tostring(root, encoding="utf-8")
    wrong = "; ".join(faults(content)).replace("--", "")
    remark = f"<!-- Not complete: {wrong} -->\n".encode() if wrong else b""
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + remark + content


def _message_spec(root: ET.Element, year: int, operator: Operator, any_sellers: bool, made_at: datetime) -> None:
    spec = _under(root, "MessageSpec")
    _text(spec, "SendingEntityIN", operator.tin or MISSING)
    _text(spec, "TransmittingCountry", operator.country)
    _text(spec, "ReceivingCountry", operator.country)
    _text(spec, "MessageType", "DPI")
    _text(spec, "MessageRefId", f"{operator.country}{year}{made_at.astimezone(UTC):%Y%m%dT%H%M%S}")
    _text(spec, "MessageTypeIndic", NEW if any_sellers else NOTHING)
    _text(spec, "ReportingPeriod", f"{year}-12-31")
    _text(spec, "Timestamp", f"{made_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.000Z}")


def _operator(node: ET.Element, operator: Operator, year: int) -> None:
    _text(node, "ResCountryCode", operator.country)
    _tin(node, operator.tin, operator.country)
    _text(node, "Name", operator.name)
    _address(node, operator.country, operator.address)
    _doc_spec(node, f"{operator.country}{year}-operator")


def _seller(node: ET.Element, seller: Any, operator: Operator, year: int) -> None:
    merchant, known = seller.merchant, seller.identity
    person = merchant.kind == "individual"
    identity = _under(_under(node, "Identity"), "IndividualSeller" if person else "EntitySeller")
    standard = _under(identity, "Standard")
    _text(standard, "ResCountryCode", merchant.country)
    _tin(standard, known.get("tax_number", ""), merchant.country)
    if known.get("registration_number") and not person:
        _text(standard, "IN", known["registration_number"]).set("issuedBy", merchant.country)
    _text(standard, "Name", known.get("legal_name", "") or merchant.name)
    _address(standard, merchant.country, ", ".join(filter(None, (known.get("address"), known.get("city")))))
    if known.get("iban"):
        _text(_under(identity, "FinancialIdentifier"), "Identifier", known["iban"])
    goods = _under(_under(node, "RelevantActivities"), "SaleOfGoods")
    for name, short, attribute in FIGURES:
        parent = _under(goods, name)
        for number, quarter in sorted(seller.quarters.items()):
            _figure(parent, f"{short}Q{number}", getattr(quarter, attribute, 0), name, merchant.currency)
    _doc_spec(node, f"{operator.country}{year}-{merchant.ref}")


def _figure(parent: ET.Element, name: str, value: int, kind: str, currency: str) -> None:
    if kind == "NumberOfActivities":
        _text(parent, name, str(value))
    else:
        _text(parent, name, str(Money(value, currency).decimal)).set("currCode", currency)


def _tin(node: ET.Element, number: str, country: str) -> None:
    child = _text(node, "TIN", number or MISSING)
    child.set("issuedBy", country)
    if not number:
        child.set("unknown", "true")


def _address(node: ET.Element, country: str, free: str) -> None:
    address = _under(node, "Address")
    _text(address, "CountryCode", country)
    _text(address, "AddressFree", free)


def _doc_spec(node: ET.Element, about: str) -> None:
    """One reference for one seller and year, however often the message is made."""
    spec = _under(node, "DocSpec")
    _text(spec, "DocTypeIndic", NEW_DATA, TYPES)
    _text(spec, "DocRefId", f"{about}-{uuid5(NAMESPACE_URL, about).hex[:12]}", TYPES)


def faults(content: bytes) -> list[str]:
    """What is wrong with the structure of a message, in words for a log: empty when nothing is. A check of our own."""
    root = ET.fromstring(content)  # noqa: S314  a message of our own
    return [*_spec_faults(root), *_body_faults(root)]


def _spec_faults(root: ET.Element) -> Iterator[str]:
    if root.tag != _name("DPI_OECD"):
        yield f"the root is {root.tag}"
    for name in ("SendingEntityIN", "TransmittingCountry", "ReceivingCountry", "MessageType", "MessageRefId",
                 "MessageTypeIndic", "ReportingPeriod", "Timestamp"):  # fmt: skip
        if not _said(root, f"MessageSpec/{name}"):
            yield f"MessageSpec lacks {name}"


def _body_faults(root: ET.Element) -> Iterator[str]:
    sellers = root.findall(_path("DPIBody/ReportableSeller"))
    for name in ("ResCountryCode", "TIN", "Name", "Address/CountryCode", "Address/AddressFree"):
        if not _said(root, f"DPIBody/PlatformOperator/{name}"):
            yield f"PlatformOperator lacks {name}"
    if (_said(root, "MessageSpec/MessageTypeIndic") == NOTHING) == bool(sellers):
        yield "MessageTypeIndic does not say whether there are sellers"
    references = [node.text for node in root.iter(_name("DocRefId", TYPES))]
    if len(set(references)) != len(references) or len(references) != len(sellers) + 1:
        yield "a DocRefId is missing or stands twice"
    for number, seller in enumerate(sellers, start=1):
        yield from (f"seller {number}: {words}" for words in _seller_faults(seller))


def _seller_faults(seller: ET.Element) -> Iterator[str]:
    identities = [*seller.findall(_path("Identity/IndividualSeller")), *seller.findall(_path("Identity/EntitySeller"))]
    if len(identities) != 1:
        yield "one identity is wanted"
        return
    for name in ("ResCountryCode", "TIN", "Name", "Address/CountryCode", "Address/AddressFree"):
        if not _said(identities[0], f"Standard/{name}"):
            yield f"lacks {name}"
    for name, short, _attribute in FIGURES:
        for number in range(1, 5):
            said = _said(seller, f"RelevantActivities/SaleOfGoods/{name}/{short}Q{number}")
            if not (said.isdigit() if name == "NumberOfActivities" else _MONEY.fullmatch(said)):
                yield f"{short}Q{number} is no figure"


def _said(node: ET.Element, path: str) -> str:
    return (node.findtext(_path(path)) or "").strip()


def _path(path: str) -> str:
    return "/".join(_name(part) for part in path.split("/"))


def _name(name: str, space: str = SPACE) -> str:
    return f"{{{space}}}{name}"


def _under(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, _name(name))


def _text(parent: ET.Element, name: str, text: str, space: str = SPACE) -> ET.Element:
    node = ET.SubElement(parent, _name(name, space))
    node.text = "".join(c for c in text if c >= " ")  # what XML 1.0 has no place for
    return node
