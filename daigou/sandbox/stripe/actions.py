"""What a payment asks of its payer next: a page of a wallet or lender, or a transfer to bank details."""

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.stripe.methods import Method

# Actions that wait for money, not for a click.
_AWAITED = ("display_bank_transfer_instructions", "konbini_display_details")


def ask(tx: Tx, intent: Json, method: Method) -> None:
    """Leave the intent with the action of its method."""
    url = f"{tx.settings.public_url}/{'authorize' if method.pages else 'instructions'}/{intent['id']}"
    intent.update(status="requires_action", next_action={"type": method.action, method.action: _details(intent, url)})
    if method.action == "display_bank_transfer_instructions":
        intent["next_action"][method.action] |= _bank(intent)
    emit(tx, "payment_intent.requires_action", intent)


def _details(intent: Json, url: str) -> Json:
    return {"url": url, "return_url": intent["_return_url"], "hosted_instructions_url": url}


def _bank(intent: Json) -> Json:
    return {
        "amount_remaining": intent["amount"],
        "currency": intent["currency"],
        "financial_addresses": [],
        "reference": stripe_id("x")[2:12].upper(),
    }


def kind(intent: Json) -> str:
    return str((intent["next_action"] or {}).get("type", ""))


def is_awaited(intent: Json) -> bool:
    """Its money is on the way: the bank works, or the payer has the bank details."""
    if intent["status"] == "processing":
        return True
    return intent["status"] == "requires_action" and kind(intent) in _AWAITED


def has_page(intent: Json) -> bool:
    """It waits for a yes or no on the page of a wallet or lender."""
    return intent["status"] == "requires_action" and "_kind" in intent and kind(intent) not in _AWAITED
