"""Insurance for parcels, in US dollars as EasyPost sells it."""

from decimal import Decimal, InvalidOperation

from daigou.sandbox.carrier import rows
from daigou.sandbox.carrier.errors import CarrierError, required
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.wire import Route

MAXIMUM = Decimal(5000)
PERCENT = Decimal("0.01")


def make(tx: Tx, amount: str, code: str, reference: str | None, shipment: str | None) -> Json:
    """Raises CarrierError for an amount that is no number or beyond what is insured."""
    try:
        value = Decimal(amount)
    except InvalidOperation:
        raise CarrierError("INSURANCE.INVALID_AMOUNT", "amount must be a decimal number.") from None
    if not 0 < value <= MAXIMUM:
        raise CarrierError("INSURANCE.INVALID_AMOUNT", f"amount must be between 0 and {MAXIMUM} USD.")
    fee = max(Decimal("0.50"), value * PERCENT)
    shown = {
        "object": "Fee",
        "type": "InsuranceFee",
        "amount": f"{fee:.5f}",
        "charged": True,
        "refunded": False,
    }
    row = rows.new(
        tx,
        "ins",
        "Insurance",
        amount=f"{value:.5f}",
        status="purchased",
        provider="easypost",
        provider_id=None,
        reference=reference,
        tracking_code=code,
        shipment_id=shipment,
        fee=shown,
        messages=[],
    )
    return tx.put("insurance", row)


def _create(tx: Tx, given: Json) -> Json:
    fields = rows.part(given, "insurance")
    for name in ("tracking_code", "amount"):
        if not fields.get(name):
            raise required(f"insurance.{name}")
    return make(tx, str(fields["amount"]), str(fields["tracking_code"]), fields.get("reference"), None)


def _refund(tx: Tx, _given: Json, id: str) -> Json:
    rows.need(tx, "insurance", id)
    row = tx.edit("insurance", id) or {}
    row["status"] = "cancelled"
    row["fee"]["refunded"] = True
    return row


def _retrieve(tx: Tx, _given: Json, id: str) -> Json:
    return rows.need(tx, "insurance", id)


def _list(tx: Tx, given: Json) -> Json:
    found = rows.page(tx, "insurance", given)
    return {"insurances": found["data"], "has_more": found["has_more"]}


ROUTES = (
    Route("POST", "/v2/insurances", _create),
    Route("GET", "/v2/insurances", _list),
    Route("GET", "/v2/insurances/<id>", _retrieve),
    Route("POST", "/v2/insurances/<id>/refund", _refund),
)
