"""Transfers to connected accounts, their reversals, and the reasons for which Stripe refuses them."""

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe import charges, countries, payouts
from daigou.sandbox.stripe.balance import available, book
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.currencies import check_shape, convert, display, known
from daigou.sandbox.stripe.errors import StripeError, invalid, no_such
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.wire import Route
from daigou.sandbox.words import words

_CREATE = words("amount currency destination description metadata source_transaction transfer_group source_type")


def _create(tx: Tx, call: Call) -> Json:
    currency = known(call.params.need("currency"))
    destination = _destination(tx, call.params.need("destination"))
    source = call.params.text("source_transaction")
    amount = _amount(tx, call, currency, source)
    _check_pair(tx, destination)
    _check_capability(destination)
    ready = _check_funds(tx, amount, currency, source, call.account)
    row: Json = {
        "id": stripe_id("tr"),
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": None,
        "created": tx.now,
        "currency": currency,
        "description": call.params.text("description"),
        "destination": destination["id"],
        "destination_payment": None,
        "livemode": False,
        "metadata": call.params.metadata(),
        "reversed": False,
        "source_transaction": source,
        "source_type": "card",
        "transfer_group": call.params.text("transfer_group") or _group_of(tx, source),
        "_account": None,
        "_reversals": [],
    }
    line = book(tx, "transfer", row["id"], -amount, currency, available_on=ready)
    row["balance_transaction"] = line["id"]
    row["destination_payment"] = _arrive(tx, row, destination, ready)["id"]
    tx.put("transfer", row)
    emit(tx, "transfer.created", row)
    return _with_reversals(tx, row)


def _destination(tx: Tx, key: str) -> Json:
    row = tx.peek("account", key)
    if row is None:
        raise no_such("destination", key, "destination")
    return row


def _amount(tx: Tx, call: Call, currency: str, source: str | None) -> int:
    """Defaults to the whole net of the source charge, as at Stripe to its amount."""
    amount = call.params.number("amount")
    if amount is None and source is not None:
        amount = charges.need(tx, source, "source_transaction", None)["amount"]
    if amount is None:
        raise invalid("Missing required param: amount.", "amount", "parameter_missing")
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    return check_shape(amount, currency)


def _check_pair(tx: Tx, destination: Json) -> None:
    home, there = tx.settings.platform_country, destination["country"]
    agreement = destination["tos_acceptance"]["service_agreement"]
    if not countries.pair_allowed(home, there):
        raise StripeError(
            f"Cannot create transfers between a platform in {home} and a connected account in {there}:"
            " transfers are restricted to accounts in the same region."
            " See https://stripe.com/docs/connect/account-capabilities#transfers-cross-border",
            code="transfers_not_allowed",
            param="destination",
        )
    if home != there and agreement != "recipient":
        raise StripeError(
            f"Funds can't be sent to accounts located in {there} when the account is under the `{agreement}`"
            " service agreement. To learn more, see https://stripe.com/docs/connect/service-agreement-types.",
            code="transfers_not_allowed",
            param="destination",
        )


def _check_capability(destination: Json) -> None:
    if destination["capabilities"].get("transfers") != "active":
        raise StripeError(
            "Your destination account needs to have at least one of the following capabilities enabled:"
            " transfers, crypto_transfers, legacy_payments",
            code="insufficient_capabilities_for_transfer",
        )


def _check_funds(tx: Tx, amount: int, currency: str, source: str | None, account: str | None) -> int:
    """When the money leaves: now, or with the source charge's own funds. Raises when there is none."""
    if source is not None:
        return _check_source(tx, amount, currency, source)
    if available(tx, account, currency) < amount:
        raise StripeError(
            "You have insufficient available funds in your Stripe account. Try adding funds directly to your"
            " available balance by creating Charges using the 4000000000000077 test card."
            " See: https://stripe.com/docs/testing#available-balance",
            code="balance_insufficient",
        )
    return tx.now


def _check_source(tx: Tx, amount: int, currency: str, source: str) -> int:
    charge = charges.need(tx, source, "source_transaction", None)
    line = tx.peek("balance_transaction", charge["balance_transaction"] or "")
    if line is None:
        message = "source_transaction must be a successful charge."
        raise StripeError(message, code="charge_invalid_parameter", param="source_transaction")
    if line["currency"] != currency:
        raise StripeError(
            f"The currency of source_transaction's balance transaction ({line['currency']}) must be the same"
            f" as the transfer currency ({currency})",
            code="transfer_source_balance_parameters_mismatch",
            param="currency",
        )
    used = sum(t["amount"] for t in tx.rows("transfer") if t["source_transaction"] == source)
    if used + amount > line["amount"]:
        left = display(line["amount"] - used, currency)
        raise StripeError(
            f"The transfers must not exceed the source_transaction's amount (remaining: {left}).",
            code="charge_exceeds_source_limit",
            param="amount",
        )
    return max(tx.now, int(line["available_on"]))


def _group_of(tx: Tx, source: str | None) -> str | None:
    charge = tx.peek("charge", source) if source else None
    return charge["transfer_group"] if charge else None


def _arrive(tx: Tx, row: Json, destination: Json, ready: int) -> Json:
    """The same money seen from the other account: a payment, in that account's currency."""
    target = destination["default_currency"]
    amount, rate = convert(row["amount"], row["currency"], target, tx.now)
    abroad = destination["country"] != tx.settings.platform_country
    on = ready + (countries.CROSS_BORDER_DELAY if abroad else 0)
    payment: Json = {
        "id": stripe_id("py"), "object": "charge", "amount": row["amount"], "amount_refunded": 0,
        "amount_captured": row["amount"], "balance_transaction": None, "captured": True, "created": tx.now,
        "currency": row["currency"], "customer": None, "description": row["description"], "disputed": False,
        "livemode": False, "metadata": {}, "paid": True, "payment_intent": None, "refunded": False,
        "source_transfer": row["id"], "status": "succeeded", "transfer_group": row["transfer_group"],
        "_account": destination["id"], "_method": "transfer", "_refunds": [], "_then": "",
    }  # fmt: skip
    line = book(
        tx, "payment", payment["id"], amount, target, category="charge", account=destination["id"],
        available_on=on, exchange_rate=rate,
    )  # fmt: skip
    payment["balance_transaction"] = line["id"]
    tx.put("charge", payment)
    emit(tx, "payment.created", payment)
    payouts.consider(tx, destination, on)
    return payment


# ---- reversals


def _reverse(tx: Tx, call: Call) -> Json:
    need(tx, call.ids["id"])
    row = tx.edit("transfer", call.ids["id"]) or {}
    left = row["amount"] - row["amount_reversed"]
    if left <= 0:
        raise StripeError(f"Transfer {row['id']} is already fully reversed.", param="id")
    amount = call.params.number("amount", left) or 0
    if not 1 <= amount <= left:
        asked, rest = display(amount, row["currency"]), display(left, row["currency"])
        text = f"Reversal amount ({asked}) is greater than unreversed amount on transfer ({rest})"
        raise StripeError(text, param="amount")
    destination = _destination(tx, row["destination"])
    back, rate = convert(amount, row["currency"], destination["default_currency"], tx.now)
    if available(tx, destination["id"], destination["default_currency"]) < back:
        raise StripeError(
            "The connected account has insufficient available funds to reverse this transfer.",
            code="balance_insufficient",
        )
    key = stripe_id("trr")
    line = book(tx, "transfer_refund", key, amount, row["currency"], category="transfer_reversal")
    other = stripe_id("pyr")
    book(
        tx, "payment_refund", other, -back, destination["default_currency"], category="refund",
        account=destination["id"], exchange_rate=rate,
    )  # fmt: skip
    reversal = {
        "id": key, "object": "transfer_reversal", "amount": amount, "balance_transaction": line["id"],
        "created": tx.now, "currency": row["currency"], "destination_payment_refund": other,
        "metadata": call.params.metadata(), "source_refund": None, "transfer": row["id"], "_account": None,
    }  # fmt: skip
    tx.put("reversal", reversal)
    row["amount_reversed"] += amount
    row["reversed"] = row["amount_reversed"] == row["amount"]
    row["_reversals"].append(key)
    emit(tx, "transfer.reversed", row)
    return reversal


def _list_reversals(tx: Tx, call: Call) -> Json:
    row = need(tx, call.ids["id"])
    return page(tx, call, "reversal", lambda reversal: reversal["transfer"] == row["id"])


def _one_reversal(tx: Tx, call: Call) -> Json:
    row = tx.peek("reversal", call.ids["reversal"])
    if row is None or row["transfer"] != call.ids["id"]:
        raise no_such("transfer reversal", call.ids["reversal"])
    return row


# ---- reading


def need(tx: Tx, key: str) -> Json:
    row = tx.peek("transfer", key)
    if row is None:
        raise no_such("transfer", key)
    return row


def _with_reversals(tx: Tx, row: Json) -> Json:
    url = f"/v1/transfers/{row['id']}/reversals"
    data = [tx.peek("reversal", key) or {} for key in reversed(row["_reversals"])]
    plain = [{k: v for k, v in r.items() if not k.startswith("_")} for r in data]
    listed = {"object": "list", "url": url, "has_more": False, "total_count": len(plain), "data": plain}
    return {**row, "reversals": listed}


def _retrieve(tx: Tx, call: Call) -> Json:
    return _with_reversals(tx, need(tx, call.ids["id"]))


def _update(tx: Tx, call: Call) -> Json:
    before = need(tx, call.ids["id"])
    row = tx.edit("transfer", before["id"]) or {}
    row["metadata"] = call.params.metadata(row["metadata"])
    row["description"] = call.params.text("description", row["description"])
    emit(tx, "transfer.updated", row, before)
    return _with_reversals(tx, row)


def _list(tx: Tx, call: Call) -> Json:
    filters = {k: call.params.text(k) for k in ("destination", "transfer_group")}
    found = page(tx, call, "transfer", lambda row: all(v in (None, row[k]) for k, v in filters.items()))
    return {**found, "data": [_with_reversals(tx, row) for row in found["data"]]}


ROUTES = (
    Route("POST", "/v1/transfers", _create, _CREATE),
    Route("GET", "/v1/transfers", _list, frozenset(("destination", "transfer_group", "created"))),
    Route("GET", "/v1/transfers/<id>", _retrieve),
    Route("POST", "/v1/transfers/<id>", _update, frozenset(("metadata", "description"))),
    Route("POST", "/v1/transfers/<id>/reversals", _reverse, frozenset(
        ("amount", "metadata", "description", "refund_application_fee"))),
    Route("GET", "/v1/transfers/<id>/reversals", _list_reversals),
    Route("GET", "/v1/transfers/<id>/reversals/<reversal>", _one_reversal),
)  # fmt: skip
