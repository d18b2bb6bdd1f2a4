"""Customs forms CN22 and CN23 (UPU) and the commercial invoice, as data and as PDF. Tax numbers survive into each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files
from typing import Any

from daigou.core.money import Money, total
from daigou.providers import typesetting

CN22_LIMIT_SDR = Decimal(300)  # UPU Convention manual: the short form up to 300 special drawing rights
CATEGORIES = ("gift", "documents", "commercial_sample", "returned_goods", "sale_of_goods", "other")


@dataclass(frozen=True, slots=True)
class Party:
    """``tax_ids`` are pairs of kind (EORI, IOSS, VAT) and number."""

    name: str
    lines: tuple[str, ...]
    country: str
    phone: str = ""
    email: str = ""
    tax_ids: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """``value`` and ``net_g`` are of the whole quantity."""

    description: str
    quantity: int
    net_g: int
    value: Money
    hs_code: str
    origin: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """All fields of a CN23 and of the invoice beside it. ValueError when its values do not fit together."""

    kind: str  # CN22 or CN23
    reference: str
    invoice_number: str
    sender: Party
    addressee: Party
    importer_reference: str
    lines: tuple[Line, ...]
    gross_g: int
    value: Money
    postage: Money
    insurance: Money
    incoterm: str
    category: str
    signed_on: date
    signer: str
    office: str = ""
    comments: str = ""
    licence: str = ""
    certificate: str = ""

    def __post_init__(self) -> None:
        if not self.lines:
            raise ValueError("a declaration needs goods")
        if total((line.value for line in self.lines), self.value.currency) != self.value:
            raise ValueError("the lines do not sum to the declared value")
        if sum(line.net_g for line in self.lines) > self.gross_g:
            raise ValueError("the goods weigh more than the parcel")
        if self.category not in CATEGORIES:
            raise ValueError(f"no such category: {self.category}")
        for line in self.lines:
            if line.quantity < 1 or line.net_g < 1 or line.value.minor < 1 or not line.hs_code or len(line.origin) != 2:
                raise ValueError(f"incomplete line: {line.description}")


def form_kind(value_sdr: Decimal | None) -> str:
    """CN22 where the value is surely within its limit; CN23 is always right."""
    return "CN22" if value_sdr is not None and value_sdr <= CN22_LIMIT_SDR else "CN23"


def tax_ids(numbers: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Those that are there, in a fixed order."""
    return tuple((kind, number) for kind, number in sorted(numbers.items()) if number)


def as_data(declaration: Declaration) -> dict[str, Any]:
    """Plain values for a template or a carrier's form."""
    plain = asdict(declaration)
    plain["lines"] = [{**asdict(line), "value": _amount(line.value), "each": _each(line)} for line in declaration.lines]
    for name in ("value", "postage", "insurance"):
        plain[name] = _amount(getattr(declaration, name))
    plain["grand_total"] = _amount(declaration.value + declaration.postage + declaration.insurance)
    plain["currency"] = declaration.value.currency
    plain["net_g"] = sum(line.net_g for line in declaration.lines)
    plain["quantity"] = sum(line.quantity for line in declaration.lines)
    plain["signed_on"] = declaration.signed_on.isoformat()
    return plain


def customs_form_pdf(declaration: Declaration) -> bytes:
    return typesetting.pdf(_template("declaration.typ"), as_data(declaration))


def invoice_pdf(declaration: Declaration) -> bytes:
    return typesetting.pdf(_template("invoice.typ"), as_data(declaration))


def _template(name: str) -> str:
    return (files("compliance.customs") / name).read_text()


def _amount(money: Money) -> str:
    return f"{money.decimal} {money.currency}"


def _each(line: Line) -> str:
    """The price of one piece; where it does not divide evenly, the line's total is what counts."""
    return _amount(Money(line.value.minor // line.quantity, line.value.currency))


def addressed(parts: Sequence[str]) -> tuple[str, ...]:
    return tuple(p for p in parts if p)
