"""A bank's debit and credit notification, ISO 20022 camt.054 of any version. Pure: bytes in, lines out.

The file comes from outside: no document type, no entities, no other encoding than UTF-8, no more than a few megabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any
from xml.etree import ElementTree as Tree

from daigou.core.money import BadAmount, Money

LARGEST = 8 * 1024 * 1024  # bytes
MOST = 20_000  # entries
DEEPEST = 40
_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.054\.001\.\d\d")
_CURRENCY = re.compile(r"[A-Z]{3}")
_AMOUNT = re.compile(r"\d{1,15}(\.\d{1,5})?")
_NOT_GIVEN = "NOTPROVIDED"


class BadReport(ValueError):
    """A file that is no report we can read. ``code`` is large, encoding, doctype, xml, kind, entry or many."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Line:
    """One booked movement of our account. ``amount`` is positive when money came in."""

    key: str
    reference: str  # the end-to-end id; empty where there was none
    text: str  # all other words that came with it
    amount: Money
    booked_on: date
    is_return: bool
    code: str  # why it was returned, by ISO's external code list


@dataclass(frozen=True, slots=True)
class Report:
    message_id: str
    lines: tuple[Line, ...]


def read(content: bytes) -> Report:
    """Every booked line of the report. Raises BadReport."""
    root = _tree(content)
    message = _child(root, "BkToCstmrDbtCdtNtfctn")
    if message is None or not _NAMESPACE.fullmatch(_space(root)):
        raise BadReport("kind")
    number = _words(message, "GrpHdr/MsgId")
    if not number or len(number) > 80:
        raise BadReport("kind")
    lines: list[Line] = []
    for notice in _children(message, "Ntfctn"):
        account = _words(notice, "Acct/Id/IBAN") or _words(notice, "Acct/Id/Othr/Id")
        for entry in _children(notice, "Ntry"):
            lines += _lines(entry, account)
            if len(lines) > MOST:
                raise BadReport("many")
    return Report(number, tuple(lines))


def _tree(content: bytes) -> Tree.Element:
    if len(content) > LARGEST:
        raise BadReport("large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadReport("encoding") from error
    if "\0" in text or re.search(r"<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-8)", text[:200], re.IGNORECASE):
        raise BadReport("encoding")
    if "<!" in re.sub(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>", "", text, flags=re.DOTALL):
        raise BadReport("doctype")  # a document type or an entity: nothing of either is ever needed
    return _parsed(text)


def _parsed(text: str) -> Tree.Element:
    """Parsed step by step, so that a tower of elements is refused while it is being built."""
    parser: Any = Tree.XMLPullParser(("start", "end"))
    depth = 0
    root: Tree.Element | None = None
    try:
        for place in range(0, len(text), 65_536):
            parser.feed(text[place : place + 65_536])
            for event, node in parser.read_events():
                root = node if root is None else root
                depth += 1 if event == "start" else -1
                if depth > DEEPEST:
                    raise BadReport("xml")
        parser.close()
    except Tree.ParseError as error:
        raise BadReport("xml") from error
    if root is None:
        raise BadReport("xml")
    return root


def _lines(entry: Tree.Element, account: str) -> Iterator[Line]:
    """The transactions of one entry, or the entry itself where the bank gives none. Only what is booked counts."""
    status = _words(entry, "Sts/Cd") or _words(entry, "Sts")
    if status != "BOOK":
        return
    parts = [part for details in _children(entry, "NtryDtls") for part in _children(details, "TxDtls")]
    whole = _amount(entry)
    if len(parts) == 1 or not parts:
        yield _line(entry, parts[0] if parts else entry, account, whole, 0)
        return
    amounts = [_part_amount(part, whole) for part in parts]
    if any(amount is None for amount in amounts):
        yield _line(entry, entry, account, whole, 0)
        return
    for number, (part, amount) in enumerate(zip(parts, amounts, strict=True)):
        if amount is not None:
            yield _line(entry, part, account, amount, number)


def _line(entry: Tree.Element, part: Tree.Element, account: str, amount: Money, number: int) -> Line:
    reference = _words(part, "Refs/EndToEndId")
    reference = "" if reference == _NOT_GIVEN else reference[:140]
    booked = _day(entry)
    bank = _words(part, "Refs/AcctSvcrRef") or _words(entry, "AcctSvcrRef") or _words(entry, "NtryRef")
    marks = (account, bank, booked.isoformat(), amount.currency, str(amount.minor), reference, str(number))
    words = [_words(part, path) for path in ("AddtlTxInf", "Refs/InstrId", "Refs/TxId", "RltdPties/Dbtr/Nm")]
    remittance = _child(part, "RmtInf")
    words += ["" if remittance is None else " ".join(remittance.itertext()), _words(entry, "AddtlNtryInf")]
    reason = _words(part, "RtrInf/Rsn/Cd") or _words(part, "RtrInf/Rsn/Prtry")
    returned = _child(part, "RtrInf") is not None or _words(entry, "RvslInd") == "true"
    key = sha256("\n".join(marks).encode()).hexdigest()
    return Line(key, reference, " ".join(" ".join(words).split()), amount, booked, returned, reason[:40])


def _amount(node: Tree.Element) -> Money:
    sign = {"CRDT": 1, "DBIT": -1}.get(_words(node, "CdtDbtInd"))
    found = _money(_child(node, "Amt"))
    if sign is None or found is None:
        raise BadReport("entry")
    return found * sign


def _part_amount(part: Tree.Element, whole: Money) -> Money | None:
    found = _money(_child(part, "Amt")) or _money(_find(part, "AmtDtls/TxAmt/Amt"))
    sign = {"CRDT": 1, "DBIT": -1}.get(_words(part, "CdtDbtInd"), 1 if whole.minor > 0 else -1)
    return found * sign if found is not None and found.currency == whole.currency else None


def _money(node: Tree.Element | None) -> Money | None:
    if node is None:
        return None
    text, currency = (node.text or "").strip(), node.get("Ccy", "")
    if not _AMOUNT.fullmatch(text) or not _CURRENCY.fullmatch(currency):
        raise BadReport("entry")
    try:
        return Money.of(text, currency)
    except BadAmount as error:
        raise BadReport("entry") from error


def _day(entry: Tree.Element) -> date:
    text = _words(entry, "BookgDt/Dt") or _words(entry, "BookgDt/DtTm")[:10]
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadReport("entry") from error


# ---- elements by their local names: the versions of the message differ in their namespace only


def _space(node: Tree.Element) -> str:
    return node.tag[1:].partition("}")[0] if node.tag.startswith("{") else ""


def _children(node: Tree.Element, name: str) -> list[Tree.Element]:
    return [child for child in node if isinstance(child.tag, str) and child.tag.rpartition("}")[2] == name]


def _child(node: Tree.Element, name: str) -> Tree.Element | None:
    return next(iter(_children(node, name)), None)


def _find(node: Tree.Element, path: str) -> Tree.Element | None:
    found: Tree.Element | None = node
    for name in path.split("/"):
        found = _child(found, name) if found is not None else None
    return found


def _words(node: Tree.Element, path: str) -> str:
    found = _find(node, path)
    return (found.text or "").strip() if found is not None else ""
