import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pikepdf
import pytest

from compliance.customs import forms
from compliance.customs.forms import Declaration, Line, Party
from daigou.core.money import Money


def eur(minor):
    return Money(minor, "EUR")


def declaration(**more):
    plain = {
        "kind": "CN23",
        "reference": "PCL-7K3M9Q2XW4",
        "invoice_number": "PCL-7K3M9Q2XW4",
        "sender": Party("daigou", ("Nanko-kita 2-1-10", "559-0034 Osaka"), "JP", tax_ids=(("IOSS", "IM0123456789"),)),
        "addressee": Party(
            "Mara Vogel", ("Karl-Liebknecht-Straße 1", "04107 Leipzig"), "DE", tax_ids=(("EORI", "DE1"),)
        ),
        "importer_reference": "DE1",
        "lines": (
            Line("月の配達人 リン 1/7 figure", 2, 600, eur(8_001), "950300", "JP"),
            Line("Fountain pen", 1, 40, eur(1_999), "960830", "JP"),
        ),
        "gross_g": 850,
        "value": eur(10_000),
        "postage": eur(2_079),
        "insurance": eur(250),
        "incoterm": "DDP",
        "category": "sale_of_goods",
        "signed_on": date(2026, 11, 21),
        "signer": "daigou, Osaka",
    }
    return Declaration(**{**plain, **more})


def text_of(pdf):
    """Whether it opens as a PDF; the words themselves are in embedded subsets."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return len(document.pages)


def test_both_papers_are_set():
    assert text_of(forms.customs_form_pdf(declaration())) == 1
    assert text_of(forms.invoice_pdf(declaration())) == 1


def test_every_tax_number_code_and_origin_survives():
    data = forms.as_data(declaration())
    assert data["sender"]["tax_ids"] == (("IOSS", "IM0123456789"),)
    assert data["addressee"]["tax_ids"] == (("EORI", "DE1"),)
    assert data["importer_reference"] == "DE1"
    assert [(line["hs_code"], line["origin"]) for line in data["lines"]] == [("950300", "JP"), ("960830", "JP")]
    assert data["value"] == "100.00 EUR"
    assert data["grand_total"] == "123.29 EUR"
    assert data["lines"][0]["each"] == "40.00 EUR"


@pytest.mark.parametrize(
    "change",
    [
        {"value": eur(9_999)},
        {"lines": ()},
        {"gross_g": 639},
        {"category": "present"},
        {"lines": (replace(declaration().lines[0], value=eur(10_000), hs_code=""),)},
        {"lines": (replace(declaration().lines[0], value=eur(10_000), origin=""),)},
        {"lines": (replace(declaration().lines[0], value=eur(10_000), quantity=0),)},
    ],
)
def test_what_does_not_fit_together_is_never_printed(change):
    with pytest.raises(ValueError):
        declaration(**change)


@pytest.mark.parametrize(("sdr", "kind"), [(None, "CN23"), (Decimal(300), "CN22"), (Decimal("300.01"), "CN23")])
def test_the_short_form_only_where_the_value_surely_allows_it(sdr, kind):
    assert forms.form_kind(sdr) == kind
