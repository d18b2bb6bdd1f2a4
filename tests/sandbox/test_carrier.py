"""The carrier and the exchange rates, with the official library."""

import json
import re
from datetime import UTC, datetime

import easypost
import pytest
from easypost.util import validate_webhook

from daigou.sandbox.carrier import s10
from daigou.sandbox.rates import PUBLISHED

SENDER = {
    "name": "Warehouse",
    "street1": "1-1 Nankokita",
    "city": "Osaka",
    "zip": "559-0034",
    "country": "JP",
}
SHOPPER = {"name": "Frau Müller", "street1": "Markt 1", "city": "Leipzig", "zip": "04109", "country": "DE"}
PARCEL = {"length": 12, "width": 8, "height": 6, "weight": 30}
ITEM = {
    "description": "Figure", "quantity": 1, "value": "90.00", "weight": 20, "origin_country": "JP",
    "hs_tariff_number": "950300", "currency": "EUR",
}  # fmt: skip
CUSTOMS = {"contents_type": "merchandise", "customs_items": [ITEM]}


def shipment(sandbox, **more):
    fields = {"to_address": SHOPPER, "from_address": SENDER, "parcel": PARCEL, "customs_info": CUSTOMS}
    return sandbox.easypost().shipment.create(**{**fields, **more})


def bought(sandbox, **more):
    found = shipment(sandbox)
    return sandbox.easypost().shipment.buy(found.id, rate=found.lowest_rate(), **more)


def test_rates_weigh_the_parcel_or_its_volume_by_line(sandbox):
    rates = {rate.service: rate for rate in shipment(sandbox).rates}
    # 30 oz are 851 g; 12 x 8 x 6 inches are 9439 cm³, by 6000 that is 1574 g.
    assert rates["EMS"].chargeable_weight_grams == 851
    assert rates["AirPacket"].chargeable_weight_grams == 1574
    assert {rate.currency for rate in rates.values()} == {"JPY"}
    assert rates["EMS"].rate == "4400.00"
    heavy = shipment(sandbox, parcel={"weight": 100})
    assert [rate.service for rate in heavy.rates] == ["EMS", "Courier"]
    assert "AirPacket takes up to" in heavy.messages[0].message


def test_a_bought_shipment_has_a_label_a_valid_code_and_forms(sandbox):
    found = bought(sandbox, insurance="120.00")
    assert s10.valid(found.tracking_code)
    assert found.insurance == "120.00000"
    assert {form.form_type for form in found.forms} == {"commercial_invoice", "cn23"}
    label = sandbox.get(found.postage_label.label_url.removeprefix(sandbox.url))
    assert label.content.startswith(b"%PDF-")
    with pytest.raises(easypost.errors.InvalidRequestError, match="already exists"):
        sandbox.easypost().shipment.buy(found.id, rate=found.rates[0])


def test_a_parcel_abroad_without_customs_papers_is_refused(sandbox):
    found = sandbox.easypost().shipment.create(to_address=SHOPPER, from_address=SENDER, parcel=PARCEL)
    with pytest.raises(easypost.errors.InvalidRequestError, match="customs_info"):
        sandbox.easypost().shipment.buy(found.id, rate=found.rates[0])
    with pytest.raises(easypost.errors.InvalidRequestError):
        shipment(sandbox, parcel={"weight": -1})


def test_a_parcel_travels_and_each_step_is_a_signed_webhook(sandbox, receiver):
    found = bought(sandbox)

    def mine():
        return [e for e in receiver.events("/easypost") if e["result"]["tracking_code"] == found.tracking_code]

    receiver.wait(lambda _: mine() and mine()[-1]["result"]["status"] == "delivered")
    assert [e["description"] for e in mine()] == ["tracker.created"] + ["tracker.updated"] * 6
    statuses = list(dict.fromkeys(e["result"]["status"] for e in mine()))
    assert statuses == ["pre_transit", "in_transit", "out_for_delivery", "delivered"]
    _, headers, body = next(row for row in receiver.got if mine()[-1]["id"].encode() in row[2])
    assert validate_webhook(body, headers, "sécret")["object"] == "Event"
    with pytest.raises(easypost.errors.SignatureVerificationError):
        validate_webhook(body + b" ", headers, "sécret")
    details = sandbox.easypost().tracker.retrieve(found.tracker.id).tracking_details
    assert "Frankfurt customs" in {d.tracking_location.city for d in details}


def test_customs_can_ask_hold_and_return(own):
    sandbox = own(tracker_step_seconds=0)
    found = bought(sandbox)
    step = lambda outcome: sandbox.post(f"/controls/trackers/{found.tracking_code}", outcome=outcome).json()  # noqa: E731
    for _ in range(3):
        row = step("step")
    assert row["status_detail"] == "held"
    assert step("information_required")["status_detail"] == "awaiting_information"
    assert step("step")["status_detail"] == "awaiting_information"
    assert step("duty_due")["tracking_details"][-1]["message"].endswith("duty and taxes are due")
    assert step("release")["tracking_details"][-1]["message"] == "Released by import customs"
    step("step")
    assert step("step")["finalized"]
    assert "way has ended" in json.dumps(step("lost"))


def test_labels_are_refunded_before_use_only(own):
    sandbox = own(tracker_step_seconds=0)
    found = bought(sandbox)
    client = sandbox.easypost()
    refund = client.refund.create(carrier="NipponPost", tracking_codes=[found.tracking_code])[0]
    assert refund.status == "submitted"
    other = bought(sandbox)
    sandbox.post(f"/controls/trackers/{other.tracker.id}", outcome="step")
    with pytest.raises(easypost.errors.InvalidRequestError, match="used"):
        client.shipment.refund(other.id)


def test_trackers_insurances_and_hooks_stand_alone(sandbox):
    client = sandbox.easypost()
    code = "EJ473124829JP"
    tracker = client.tracker.create(tracking_code=code, carrier="NipponPost")
    assert client.tracker.create(tracking_code=code, carrier="NipponPost").id == tracker.id
    assert client.tracker.all(tracking_code=code).trackers[0].id == tracker.id
    with pytest.raises(easypost.errors.InvalidRequestError):
        client.tracker.create(tracking_code="EJ473124820JP")
    cover = client.insurance.create(tracking_code=code, amount="100", to_address=SHOPPER, from_address=SENDER)
    assert client.insurance.retrieve(cover.id).amount == "100.00000"
    hook = client.webhook.create(url="http://127.0.0.1:1/x", webhook_secret="s")
    client.webhook.delete(hook.id)
    with pytest.raises(easypost.errors.UnauthorizedError):
        easypost.EasyPostClient("EZTKwrong", api_base=f"{sandbox.url}/v2").tracker.all()


def test_the_check_digit_is_the_postal_unions():
    assert s10.check_digit("47312482") == 9
    assert all(s10.valid(s10.new("EJ", "JP")) for _ in range(50))


def test_rates_of_the_day_come_in_the_ecbs_form(sandbox):
    text = sandbox.get("/stats/eurofxref/eurofxref-daily.xml").text
    assert f"<Cube time='{datetime.now(UTC).date().isoformat()}'>" in text
    found = dict(re.findall(r"currency='(\w+)' rate='([\d.]+)'", text))
    assert set(found) == set(PUBLISHED)
    assert len(found) == 29
    history = sandbox.get("/stats/eurofxref/eurofxref-hist.csv").text.splitlines()
    assert history[0].startswith("Date,USD,JPY")
    assert history[1].split(",")[1] == found["USD"]
