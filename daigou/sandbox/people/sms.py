"""A text-message gateway in Twilio's REST form; `/sms` shows what would have been sent.

A number that ends in 0000 is invalid (21211), in 0001 has unsubscribed (21610), in 0002 is asked for too often (429).
"""

import base64
import hmac
import secrets

from daigou.sandbox.pages.draw import draw
from daigou.sandbox.store import Json, Store
from daigou.sandbox.wire import Request, Response, Route, as_json

SHOWN = 50
REFUSED = {
    "0000": (400, 21211, "The 'To' number is not a valid phone number."),
    "0001": (400, 21610, "Attempt to send to unsubscribed recipient"),
    "0002": (429, 20429, "Too Many Requests"),
}


def send(store: Store, request: Request, account: str) -> Response:
    if not _is_known(store, request, account):
        return _error(401, 20003, "Authenticate")
    form = request.form()
    to, body = form.get("To", ""), form.get("Body", "")
    if not to.startswith("+") or not to[1:].isdigit() or not body or not form.get("From"):
        return _error(400, 21211 if body else 21602, "To, From and Body are required.")
    if to[-4:] in REFUSED:
        return _error(*REFUSED[to[-4:]])
    with store.write() as tx:
        row = tx.put("sms", {"id": f"SM{secrets.token_hex(16)}", "to": to, "body": body[:1600], "at": tx.now})
    return as_json({"sid": row["id"], "to": to, "status": "queued", "error_code": None}, 201)


def show(store: Store, _request: Request) -> Response:
    with store.lock:
        rows: list[Json] = [row for row, _n in zip(store.collection("sms").newest_first(), range(SHOWN), strict=False)]
    return draw("sms.html", messages=rows)


def _is_known(store: Store, request: Request, account: str) -> bool:
    try:
        name, _, token = base64.b64decode(request.headers.get("authorization", "")[6:]).decode().partition(":")
    except ValueError:
        return False
    known = (store.settings.sms_account, store.settings.sms_token)
    given = (name, token)
    right = all(hmac.compare_digest(a.encode(), b.encode()) for a, b in zip(known, given, strict=True))
    return right and account == name and bool(name)


def _error(status: int, code: int, words: str) -> Response:
    return as_json({"code": code, "message": words, "status": status}, status)


ROUTES = (
    Route("POST", "/2010-04-01/Accounts/<account>/Messages.json", send),
    Route("GET", "/sms", show),
)
