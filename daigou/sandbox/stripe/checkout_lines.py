"""What a Checkout Session sells: its lines, of one currency and of a chargeable sum."""

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json
from daigou.sandbox.stripe.currencies import check_charge, check_shape, display, known
from daigou.sandbox.stripe.errors import StripeError, invalid, missing, no_such
from daigou.sandbox.stripe.params import Params


def line(params: Params) -> Json:
    params.only(("price_data", "quantity", "price", "adjustable_quantity"))
    if "price" in params:
        raise no_such("price", params.need("price"), params.path("price"))
    price = params.group("price_data")
    product = price.group("product_data")
    currency = known(price.need("currency"), price.path("currency"))
    unit = check_shape(price.need_number("unit_amount"), currency, price.path("unit_amount"))
    quantity = params.number("quantity")
    if quantity is None:
        raise missing(params.path("quantity"))
    if quantity < 1:
        raise invalid("This value must be greater than or equal to 1.", params.path("quantity"))
    key = stripe_id("price")
    return {
        "id": stripe_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": currency,
        "quantity": quantity,
        "description": product.need("name"),
        "metadata": {},
        "price": {
            "id": key,
            "object": "price",
            "active": False,
            "currency": currency,
            "type": "one_time",
            "unit_amount": unit,
            "unit_amount_decimal": str(unit),
            "product": stripe_id("prod"),
            "metadata": {},
        },
        "_note": product.text("description"),
    }


def one_currency(lines: list[Json]) -> str:
    currencies = {line["currency"] for line in lines}
    if len(currencies) > 1:
        raise invalid("All line items must use the same currency.", "line_items")
    return str(currencies.pop())


def check_total(total: int, currency: str) -> None:
    try:
        check_charge(total, currency, "line_items")
    except StripeError as error:
        if error.body.get("code") != "amount_too_small":
            raise
        least = error.body["message"].removeprefix("Amount must be at least ")
        raise invalid(
            f"The Checkout Session's total amount due must add up to at least {least}",
            "line_items",
            "amount_too_small",
        ) from None


def list_of_lines(key: str, lines: list[Json]) -> Json:
    url = f"/v1/checkout/sessions/{key}/line_items"
    return {"object": "list", "url": url, "has_more": False, "data": lines}


def totals(session: Json) -> list[tuple[str, str, int, str]]:
    """Name, note, quantity and amount of each line, for the page."""
    lines = session["_line_items"]["data"]
    return [
        (line["description"], note or "", line["quantity"], display(line["amount_total"], line["currency"]))
        for line, note in zip(lines, session["_notes"], strict=True)
    ]
