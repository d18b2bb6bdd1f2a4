"""Uploaded files, as evidence for disputes: `base_addresses` needs `files` beside `api` for them."""

import hashlib
from email.parser import BytesParser
from email.policy import HTTP

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import invalid, missing, no_such
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.wire import Request, Route

PURPOSES = ("dispute_evidence", "identity_document", "business_logo", "additional_verification")
LIMIT = 5 * 2**20


def fields(request: Request) -> Json:
    """A multipart body as parameters; the file itself becomes its name, type, size and digest."""
    head = f"Content-Type: {request.headers.get('content-type', '')}\r\n\r\n".encode()
    found: Json = {}
    for part in BytesParser(policy=HTTP).parsebytes(head + request.body).iter_parts():
        name = str(part.get_param("name", header="content-disposition") or "")
        body = part.get_payload(decode=True)
        content = body if isinstance(body, bytes) else b""
        found[name] = _described(part, content) if name == "file" else content.decode("utf-8", "replace")
    return found


def _described(part: object, content: bytes) -> Json:
    get_filename = getattr(part, "get_filename", lambda: None)
    digest = hashlib.sha256(content).hexdigest()
    return {
        "name": get_filename() or "file",
        "size": len(content),
        "sha256": digest,
        "head": content[:8].hex(),
    }


def _create(tx: Tx, call: Call) -> Json:
    purpose = call.params.choice("purpose", PURPOSES)
    if purpose is None:
        raise missing("purpose")
    given = call.params.group("file").values
    if not given:
        raise missing("file")
    if not 0 < given["size"] <= LIMIT:
        raise invalid("File size must be between 1 byte and 5 MB.", "file", "file_too_large")
    # The bytes are not kept: nobody here reads them, and the journal stays small.
    return tx.put("file", {
        "id": stripe_id("file"), "object": "file", "created": tx.now, "expires_at": None,
        "filename": given["name"], "links": None, "purpose": purpose, "size": given["size"], "title": None,
        "type": _kind(given["head"]), "url": None, "_sha256": given["sha256"], "_account": call.account,
    })  # fmt: skip


def _kind(head: str) -> str | None:
    kinds = {"25504446": "pdf", "89504e47": "png", "ffd8ff": "jpg"}
    return next((kind for mark, kind in kinds.items() if head.startswith(mark)), None)


def _retrieve(tx: Tx, call: Call) -> Json:
    row = tx.peek("file", call.ids["id"])
    if row is None or row["_account"] != call.account:
        raise no_such("file upload", call.ids["id"])
    return row


def _list(tx: Tx, call: Call) -> Json:
    purpose = call.params.text("purpose")
    return page(tx, call, "file", lambda row: purpose in (None, row["purpose"]))


ROUTES = (
    Route("POST", "/v1/files", _create, frozenset(("purpose", "file", "file_link_data"))),
    Route("GET", "/v1/files", _list, frozenset(("purpose", "created"))),
    Route("GET", "/v1/files/<id>", _retrieve),
)
