"""Every line to every country beside the carrier's own price list, and parcels abroad at the front door."""

from dataclasses import replace

import pytest

from daigou import reference
from daigou.core.db import find
from daigou.core.i18n import format_money
from daigou.sandbox.carrier import rating
from daigou.shipping import papers, service
from daigou.shipping.models import Parcel
from tests import factories
from tests.warehouse import bench

(TARIFF,) = reference.tables("daigou.shipping")
HOMES = {
    "DE": {},
    "US": {"city": "Portland", "postal_code": "97201", "region": "OR"},
    "GB": {"city": "London", "postal_code": "SW1A 1AA"},
    "AU": {"city": "Sydney", "postal_code": "2000", "region": "NSW"},
    "CA": {"city": "Toronto", "postal_code": "M5V 2T6", "region": "ON"},
    "KR": {"city": "Seoul", "postal_code": "03051"},
    "AE": {"city": "Dubai", "postal_code": "", "region": "Dubai"},
}


@pytest.mark.parametrize("row", TARIFF["rows"], ids=lambda r: f"{r['code']}-{r['destination']}")
def test_a_row_is_the_carriers_own_price_list(row):
    line = rating.BY_SERVICE[row["service"]]
    assert (row["divisor"], row["max_weight_g"], row["carrier"]) == (line.divisor, line.max_grams, rating.CARRIER)
    before = 0
    for step in row["steps"]:
        lightest, heaviest = (rating.quote(line, row["destination"], g, 0) for g in (before + 1, step["up_to_g"]))
        assert lightest.yen == heaviest.yen == step["minor"]
        before = step["up_to_g"]
    assert before == line.max_grams
    assert row["days_min"] <= heaviest.days <= row["days_max"]


def test_every_line_goes_to_every_country():
    per_country = {}
    for row in TARIFF["rows"]:
        per_country.setdefault(row["destination"], []).append(row["service"])
    assert all(sorted(services) == sorted(rating.BY_SERVICE) for services in per_country.values())
    assert len(per_country) == 42


@pytest.fixture
def abroad(market, once):
    """The page of a draft of both items to a home in this country, as its shopper sees it."""
    factories.rates(GBP="0.8", USD="1.25", AUD="1.8", CAD="1.6", KRW="1600", JPY="160")

    def go(country, **more):
        home = bench.address(market.shopper, country, **HOMES[country], **more)
        form = {"items": [i.ref for i in market.items], "address": home.ref, **once()}
        answer = market.mine.post("/parcels/new", data=form)
        if answer.status_code != 303:
            return None, answer.text
        return find(Parcel, ref=answer.headers["Location"].rpartition("/")[2]), market.mine.get(
            answer.headers["Location"]
        ).text

    return go


@pytest.mark.parametrize(
    ("country", "words"),
    [
        ("US", ("Additional duty", "no value-added tax")),
        ("GB", ("within the relief", "Import tax", "20 % of £", "VAT at sale")),
        ("AU", ("within the relief", "10 % of A$", "GST at sale")),
    ],
)
def test_a_parcel_abroad_shows_duty_and_tax_in_its_own_money(market, abroad, country, words):
    parcel, _page = abroad(country)
    contents = service.contents_of(service.items_of(parcel))
    offer = service.chosen(contents, parcel, service.Choice("nippon-ems", "DDP", False))
    price = rating.quote(rating.BY_SERVICE["EMS"], country, contents.size.weight_g, 0)
    assert offer.carrier_price.minor == price.yen
    assert offer.assessment.total.minor > 0
    assert (offer.border.currency, offer.assessment.total.currency[:2]) == ("EUR", country)
    page = market.mine.get(f"/parcels/{parcel.ref}?line=nippon-ems&incoterm=DDP").text
    for expected in (*words, format_money(offer.assessment.total), format_money(offer.total), "Paid now, no surprise"):
        assert expected in page


@pytest.mark.parametrize(("country", "words"), [("CA", "Provincial sales tax"), ("AE", "We can’t estimate")])
def test_where_the_estimate_is_not_whole_nothing_is_paid_in_advance(market, once, abroad, country, words):
    parcel, page = abroad(country)
    assert words in page
    assert "Paid now, no surprise" not in page
    form = {"line": "nippon-ems", "incoterm": "DDP"}
    refused = market.mine.post(f"/parcels/{parcel.ref}/submit", data={**form, **once()})
    assert (refused.status_code, "paid in advance" in refused.text) == (422, True)
    sent = market.mine.post(f"/parcels/{parcel.ref}/submit", data={**form, "incoterm": "DAP", **once()})
    assert sent.status_code == 303
    assert bench.fresh(parcel).duty_minor == 0
    assert (words in market.mine.get(f"/parcels/{parcel.ref}").text) == (country == "CA")  # kept as it was shown


def test_a_country_that_asks_for_the_recipients_number_gets_no_parcel_without_it(abroad):
    parcel, page = abroad("KR")
    assert parcel is None
    assert "PCCC" in page
    assert abroad("KR", tax_id="P123456789012")[0] is not None


@pytest.mark.parametrize(
    ("country", "number", "told"),
    [
        ("KR", "P123456789012", {("SENDER", "EORI"), ("RECEIVER", "PCCC")}),
        ("DE", "DE123456789012345", {("SENDER", "EORI"), ("SENDER", "IOSS"), ("RECEIVER", "EORI")}),
        ("US", "", {("SENDER", "EORI")}),
    ],
)
def test_each_customs_office_reads_the_numbers_that_are_its_own(app, market, once, abroad, country, number, told):
    plain = app.extensions["config"]
    app.extensions["config"] = replace(plain, eori_number="DE1234567", ioss_number="IM0123456789")
    try:
        parcel, _page = abroad(country, tax_id=number)
        form = {"line": "nippon-ems", "incoterm": "DAP", **once()}
        assert market.mine.post(f"/parcels/{parcel.ref}/submit", data=form).status_code == 303
        sent = papers.consignment(bench.fresh(parcel))
        printed = papers.declaration(bench.fresh(parcel), sent)
    finally:
        app.extensions["config"] = plain
    assert {(t.entity, t.kind) for t in sent.tax_ids} == told
    assert printed.importer_reference == number
    assert {k for k, _n in printed.addressee.tax_ids} == {kind for entity, kind in told if entity == "RECEIVER"}
