"""Identity: verification sessions and their reports, with the outcomes that the hosted page can bring about."""

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import StripeError, missing, no_such
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.stripe.params import Params
from daigou.sandbox.wire import Route
from daigou.sandbox.words import words

# Outcome of the page: the error's code and Stripe's words for it. `verify` has none.
ERRORS = {
    "selfie_mismatch": ("selfie_face_mismatch", "The captured face image did not match with the document's face."),
    "document_expired": ("document_expired", "The provided identity document has expired."),
    "document_fake": ("document_unverified_other", "The document could not be verified."),
    "document_type": ("document_type_not_supported", "The provided file doesn't look like an identity document."),
    "country": ("country_not_supported", "Documents of this country are not supported."),
    "decline": ("consent_declined", "The user declined to be verified by Stripe."),
    "abandon": ("abandoned", "The user abandoned the verification."),
}
# After these Stripe makes no report: there was nothing to look at.
_WITHOUT_REPORT = frozenset(("decline", "abandon"))
_CREATE = words("type options metadata return_url provided_details client_reference_id related_customer")
_DOCUMENT = words("allowed_types require_id_number require_live_capture require_matching_selfie")


def _create(tx: Tx, call: Call) -> Json:
    kind = call.params.choice("type", ("document", "id_number"))
    if kind is None:
        raise missing("type")
    key, token = stripe_id("vs"), stripe_id("vst")
    row: Json = {
        "id": key,
        "object": "identity.verification_session",
        "client_reference_id": call.params.text("client_reference_id"),
        "client_secret": f"{key}_secret_{stripe_id('x')[2:]}",
        "created": tx.now,
        "last_error": None,
        "last_verification_report": None,
        "livemode": False,
        "metadata": call.params.metadata(),
        "options": _options(call.params, kind),
        "provided_details": call.params.group("provided_details").values or None,
        "redaction": None,
        "related_customer": None,
        "status": "requires_input",
        "type": kind,
        "url": f"{tx.settings.public_url}/identity/start/{token}",
        "_verified_outputs": None,
        "_return_url": call.params.url("return_url"),
        "_token": token,
        "_account": call.account,
    }
    tx.put("verification_token", {"id": token, "session": key})
    tx.put("verification_session", row)
    emit(tx, "identity.verification_session.created", row)
    return row


def _options(params: Params, kind: str) -> Json:
    options = params.group("options")
    options.only(("document", "id_number"))
    document = options.group("document")
    document.only(_DOCUMENT)
    flags = ("require_id_number", "require_live_capture", "require_matching_selfie")
    return {kind: {flag: document.flag(flag) for flag in flags}} if kind == "document" else {kind: {}}


def _retrieve(tx: Tx, call: Call) -> Json:
    row = tx.peek("verification_session", call.ids["id"])
    if row is None or row["_account"] != call.account:
        raise no_such("verification_session", call.ids["id"])
    return row


def _edit(tx: Tx, call: Call) -> Json:
    _retrieve(tx, call)
    return tx.edit("verification_session", call.ids["id"]) or {}


def _cancel(tx: Tx, call: Call) -> Json:
    row = _edit(tx, call)
    if row["status"] != "requires_input":
        raise _wrong_status(row, "canceled", "requires_input")
    row.update(status="canceled", url=None, client_secret=None)
    emit(tx, "identity.verification_session.canceled", row)
    return row


def _redact(tx: Tx, call: Call) -> Json:
    """What was collected is gone at once here; Stripe takes up to four days and says `processing` until then."""
    row = _edit(tx, call)
    if row["status"] == "processing":
        raise _wrong_status(row, "redacted", "requires_input, verified or canceled")
    if row["redaction"] is None:
        row.update(redaction={"status": "redacted"}, provided_details=None, url=None, client_secret=None)
        row["_verified_outputs"] = None
        if row["status"] == "requires_input":
            row["status"] = "canceled"
        report = tx.edit("verification_report", row["last_verification_report"] or "")
        if report is not None:
            report.update(_expiration_date=None)
            report["document"].update(first_name=None, last_name=None, address=None, files=[])
        emit(tx, "identity.verification_session.redacted", row)
    return row


def _wrong_status(row: Json, verb: str, wanted: str) -> StripeError:
    return StripeError(f"A VerificationSession with the status {row['status']} can't be {verb}: it must be {wanted}.")


def _list(tx: Tx, call: Call) -> Json:
    wanted = call.params.text("status")
    return page(tx, call, "verification_session", lambda row: wanted in (None, row["status"]))


def _report(tx: Tx, call: Call) -> Json:
    row = tx.peek("verification_report", call.ids["id"])
    if row is None:
        raise no_such("verification_report", call.ids["id"])
    return row


# ---- the hosted page


def of_token(tx: Tx, token: str) -> Json | None:
    link = tx.peek("verification_token", token)
    return tx.peek("verification_session", link["session"]) if link else None


def answer(tx: Tx, token: str, form: dict[str, str]) -> str:
    """The page was sent; answers with the address to go to. Nothing happens to a session that is over."""
    outcome = form.get("outcome", "")
    if outcome != "verify" and outcome not in ERRORS:
        raise StripeError(f"outcome must be one of verify, {', '.join(ERRORS)}", status=400)
    found = of_token(tx, token)
    if found is None:
        raise StripeError("There is no such session.", status=404)
    back = str(found["_return_url"] or tx.settings.public_url)
    if found["status"] != "requires_input":
        return back
    row = tx.edit("verification_session", found["id"]) or {}
    row.update(status="processing", last_error=None)
    emit(tx, "identity.verification_session.processing", row)
    if outcome not in _WITHOUT_REPORT:
        row["last_verification_report"] = _make_report(tx, row, outcome, form)["id"]
    if outcome == "verify":
        row.update(status="verified", url=None, client_secret=None)
        row["_verified_outputs"] = {**_name(form), "address": None, "dob": None, "id_number": None}
        emit(tx, "identity.verification_session.verified", row)
    else:
        code, reason = ERRORS[outcome]
        row.update(status="requires_input", last_error={"code": code, "reason": reason})
        emit(tx, "identity.verification_session.requires_input", row)
    return back


def _name(form: dict[str, str]) -> Json:
    return {"first_name": form.get("first_name") or "Jenny", "last_name": form.get("last_name") or "Rosen"}


def _make_report(tx: Tx, row: Json, outcome: str, form: dict[str, str]) -> Json:
    code, reason = ERRORS.get(outcome, ("", ""))
    error = {"code": code, "reason": reason} if code else None
    face = outcome == "selfie_mismatch"
    document = {
        "status": "verified" if not error or face else "unverified",
        "error": None if face else error,
        "type": "passport",
        "issuing_country": (form.get("country") or "DE").upper()[:2],
        "files": [],
        "address": None,
        **_name(form),
    }
    return tx.put(
        "verification_report",
        {
            "id": stripe_id("vr"),
            "object": "identity.verification_report",
            "created": tx.now,
            "document": document,
            "selfie": {"status": "unverified" if face else "verified", "error": error if face else None},
            "livemode": False,
            "type": "document",
            "verification_session": row["id"],
            "_expiration_date": _day(form.get("expires") or "2035-05-31"),
        },
    )


def _day(text: str) -> Json:
    year, month, day = (int(part) for part in text.split("-"))
    return {"year": year, "month": month, "day": day}


_ONE = "/v1/identity/verification_sessions/<id>"
ROUTES = (
    Route("POST", "/v1/identity/verification_sessions", _create, _CREATE),
    Route("GET", "/v1/identity/verification_sessions", _list, frozenset(("status", "created"))),
    Route("GET", _ONE, _retrieve),
    Route("POST", f"{_ONE}/cancel", _cancel),
    Route("POST", f"{_ONE}/redact", _redact),
    Route("GET", "/v1/identity/verification_reports/<id>", _report),
)
