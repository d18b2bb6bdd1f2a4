"""Connected accounts: who may be paid, and what is still missing before they may."""

from daigou.sandbox.config import currency_of
from daigou.sandbox.ids import account_id, stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe import countries
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import StripeError, forbidden, invalid
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.stripe.params import Params
from daigou.sandbox.wire import Route
from daigou.sandbox.words import words

NEEDED = (
    "business_profile.url",
    "business_type",
    "external_account",
    "representative.dob",
    "representative.first_name",
    "representative.last_name",
    "tos_acceptance.date",
    "tos_acceptance.ip",
)
DOCUMENT = "individual.verification.document"
CAPABILITIES = ("card_payments", "transfers", "legacy_payments")
_UPDATE = words(
    "business_type business_profile company individual email metadata capabilities external_account",
    "settings tos_acceptance default_currency account_token",
)
_CREATE = _UPDATE | {"type", "country", "controller"}


def _create(tx: Tx, call: Call) -> Json:
    params = call.params
    country = (params.text("country") or tx.settings.platform_country).upper()
    if country not in countries.SUPPORTED:
        raise StripeError(
            f"{country} is not currently supported by Stripe.", code="country_unsupported", param="country"
        )
    kind = params.choice("type", ("custom", "express", "standard"))
    if kind is None and "controller" not in params:
        kind = "standard"
    row: Json = {
        "id": account_id(),
        "object": "account",
        "business_profile": {"mcc": None, "name": None, "product_description": None, "url": None},
        "business_type": None,
        "capabilities": {},
        "charges_enabled": False,
        "controller": {"type": "application", **params.group("controller").values},
        "country": country,
        "created": tx.now,
        "default_currency": params.text("default_currency", currency_of(country)),
        "details_submitted": False,
        "email": params.text("email"),
        "external_accounts": {"object": "list", "data": [], "has_more": False, "url": ""},
        "future_requirements": _requirements([]),
        "metadata": {},
        "payouts_enabled": False,
        "requirements": _requirements(list(NEEDED)),
        "settings": {"payouts": {
            "debit_negative_balances": kind != "custom",
            "schedule": {"delay_days": 4, "interval": "daily"}, "statement_descriptor": None,
        }},
        "tos_acceptance": {"date": None, "ip": None, "service_agreement": "full"},
        "type": kind or "none",
        "_given": [],
        "_trouble": "",
        "_payouts": "succeed",
    }  # fmt: skip
    row["external_accounts"]["url"] = f"/v1/accounts/{row['id']}/external_accounts"
    _fill(row, params)
    refresh(row)
    return tx.put("account", row)


def _requirements(due: list[str], disabled: str | None = None, pending: list[str] | None = None) -> Json:
    return {
        "alternatives": [], "current_deadline": None, "currently_due": due, "disabled_reason": disabled,
        "errors": [], "eventually_due": list(due), "past_due": list(due) if disabled else [],
        "pending_verification": pending or [],
    }  # fmt: skip


def _fill(row: Json, params: Params) -> None:
    """Take over what was sent, and note which requirements it meets."""
    given = set(row["_given"])
    row["email"] = params.text("email", row["email"])
    row["metadata"] = params.metadata(row["metadata"])
    if kind := params.choice("business_type", ("company", "individual", "non_profit", "government_entity")):
        row["business_type"] = kind
        given.add("business_type")
    row["business_profile"].update(params.group("business_profile").values)
    if row["business_profile"]["url"] or row["business_profile"]["product_description"]:
        given.add("business_profile.url")
    _fill_person(row, params, given)
    _fill_terms(row, params.group("tos_acceptance"), given)
    for name, wish in params.group("capabilities").values.items():
        _request(row, name, wish)
    if "external_account" in params:
        add_bank(row, params.values["external_account"])
        given.add("external_account")
    _fill_schedule(row, params.group("settings").group("payouts").group("schedule"))
    row["_given"] = sorted(given)


def _fill_person(row: Json, params: Params, given: set[str]) -> None:
    person = params.group("individual").values
    given |= {f"representative.{name}" for name in ("dob", "first_name", "last_name") if person.get(name)}
    if company := params.group("company").values:
        row["company"] = {**row.get("company", {}), **company}


def _fill_terms(row: Json, terms: Params, given: set[str]) -> None:
    agreement = terms.choice("service_agreement", ("full", "recipient"))
    if agreement:
        row["tos_acceptance"]["service_agreement"] = agreement
    if terms.number("date"):
        row["tos_acceptance"].update(date=terms.number("date"), ip=terms.text("ip", "127.0.0.1"))
        given |= {"tos_acceptance.date", "tos_acceptance.ip"}


def _request(row: Json, name: str, wish: Json) -> None:
    known = name in CAPABILITIES or name.endswith("_payments")
    if not known or not isinstance(wish, dict):
        raise invalid(f"Invalid capability: {name}", f"capabilities[{name}]")
    if name == "card_payments" and row["tos_acceptance"]["service_agreement"] == "recipient":
        raise invalid("The `recipient` service agreement does not allow card_payments.", "capabilities")
    if wish.get("requested") == "true":
        row["capabilities"].setdefault(name, "inactive")
    else:
        row["capabilities"].pop(name, None)


def _fill_schedule(row: Json, schedule: Params) -> None:
    kept = row["settings"]["payouts"]["schedule"]
    interval = schedule.choice("interval", ("manual", "daily", "weekly", "monthly"))
    if interval:
        kept["interval"] = interval


def add_bank(row: Json, given: object) -> Json:
    """A bank account from its token or its fields. Stripe's test number ending in 1116 fails its payouts."""
    fields = given if isinstance(given, dict) else {}
    number = str(fields.get("account_number", "0001234"))
    if number.endswith(("1116", "1113")) or str(given).endswith("_fail"):
        row["_payouts"] = "fail"
    bank = {
        "id": stripe_id("ba"),
        "object": "bank_account",
        "account": row["id"],
        "bank_name": "STRIPE TEST BANK",
        "country": fields.get("country", row["country"]),
        "default_for_currency": True,
        "currency": str(fields.get("currency", row["default_currency"])).lower(),
        "last4": number[-4:],
        "metadata": {},
        "status": "new",
        "routing_number": fields.get("routing_number", "1100000"),
        "account_holder_name": fields.get("account_holder_name"),
    }
    row["external_accounts"]["data"] = [bank]
    return bank


def refresh(row: Json) -> None:
    """Derive requirements, capabilities and the two switches from what was given and what is wrong."""
    due = [name for name in NEEDED if name not in row["_given"]]
    trouble = row["_trouble"]
    if trouble == "document" and not due:
        due = [DOCUMENT]
    pending = [DOCUMENT] if trouble == "reviewing" else []
    disabled = {"restricted": "requirements.past_due", "rejected": "rejected.other"}.get(trouble)
    if not disabled and due:
        disabled = "requirements.past_due"
    elif not disabled and pending:
        disabled = "requirements.pending_verification"
    row["requirements"] = _requirements(due, disabled, pending)
    row["requirements"]["past_due"] = due if row["details_submitted"] else []
    state = "active" if disabled is None else ("pending" if pending else "inactive")
    row["capabilities"] = dict.fromkeys(row["capabilities"], state)
    row["charges_enabled"] = row["capabilities"].get("card_payments") == "active"
    row["payouts_enabled"] = disabled is None and bool(row["external_accounts"]["data"])


def tell(tx: Tx, row: Json, before: Json) -> None:
    emit(tx, "account.updated", row, before)
    for name, state in row["capabilities"].items():
        if before["capabilities"].get(name) != state:
            emit(tx, "capability.updated", _capability(row, name))


def _capability(row: Json, name: str) -> Json:
    return {
        "id": name,
        "object": "capability",
        "account": row["id"],
        "requested": True,
        "requested_at": row["created"],
        "requirements": row["requirements"],
        "status": row["capabilities"][name],
        "_account": row["id"],
    }


def need(tx: Tx, key: str) -> Json:
    row = tx.peek("account", key)
    if row is None:
        raise forbidden(
            f"The provided key does not have access to account '{key}' (or that account does not exist)."
            " Application access may have been revoked.",
            "account_invalid",
        )
    return row


def _update(tx: Tx, call: Call) -> Json:
    need(tx, call.ids["id"])
    row = tx.edit("account", call.ids["id"]) or {}
    before = {**row, "capabilities": dict(row["capabilities"])}
    _fill(row, call.params)
    if not [name for name in NEEDED if name not in row["_given"]]:
        row["details_submitted"] = True
    refresh(row)
    tell(tx, row, before)
    return row


def _retrieve(tx: Tx, call: Call) -> Json:
    return need(tx, call.ids["id"])


def _own(tx: Tx, call: Call) -> Json:
    """GET /v1/account: the account whose key, or header, this is."""
    if call.account:
        return need(tx, call.account)
    return {
        "id": "acct_sandboxplatform",
        "object": "account",
        "country": tx.settings.platform_country,
        "default_currency": tx.settings.currencies[0],
        "charges_enabled": True,
        "payouts_enabled": True,
        "details_submitted": True,
        "type": "standard",
        "metadata": {},
        "capabilities": {"transfers": "active"},
    }


def _delete(tx: Tx, call: Call) -> Json:
    row = need(tx, call.ids["id"])
    if any(sum(tx.balances.of(row["id"], c)) for c in tx.balances.currencies(row["id"])):
        raise StripeError("You cannot delete an account that has a non-zero balance.", code="account_invalid")
    tx.drop("account", row["id"])
    return {"id": row["id"], "object": "account", "deleted": True}


def _list(tx: Tx, call: Call) -> Json:
    return page(tx, call, "account", scoped=False)


ROUTES = (
    Route("GET", "/v1/account", _own),
    Route("POST", "/v1/accounts", _create, _CREATE),
    Route("GET", "/v1/accounts", _list, frozenset(("created",))),
    Route("GET", "/v1/accounts/<id>", _retrieve),
    Route("POST", "/v1/accounts/<id>", _update, _UPDATE),
    Route("DELETE", "/v1/accounts/<id>", _delete),
)
