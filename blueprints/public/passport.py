"""An item's passport, open to everybody who has its address. It says nothing of who bought it."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, json, render_template, url_for

from blueprints.guard import guarded
from daigou.core.db import load
from daigou.core.i18n import _, country_name, lazy
from daigou.warranty import covering, words
from traceability.passport import rules, service
from traceability.passport.models import Passport, PassportEvent

from . import bp

# What each step looks like: the stamp's sign and its words. CBV's word stands in the evidence.
STAMPS = {
    "commissioning": ("made", lazy("Passport opened")),
    "accepting": ("purchased", lazy("Bought from the seller")),
    "collecting": ("purchased", lazy("Bought from the seller")),
    "receiving": ("received", lazy("Arrived at our warehouse")),
    "inspecting": ("inspected", lazy("Inspected")),
    "storing": ("stored", lazy("Put into storage")),
    "packing": ("packed", lazy("Packed into a parcel")),
    "unpacking": ("stored", lazy("Taken out of a parcel")),
    "shipping": ("shipped", lazy("Handed to the carrier")),
    "departing": ("transit", lazy("Released by customs")),
    "transporting": ("transit", lazy("On its way")),
    "arriving": ("delivered", lazy("Delivered")),
    "holding": ("customs", lazy("With customs")),
    "void_shipping": ("returned", lazy("Shipping called off")),
    "destroying": ("failed", lazy("Destroyed")),
}
VERDICTS = {
    "conformant": lazy("as described"),
    "non_conformant": lazy("not as described"),
    "damaged": lazy("damaged"),
    "returned": lazy("on its way back"),
}
EVIDENCE = {
    "receipt": lazy("Purchase receipt"),
    "qc_report": lazy("Inspection report"),
    "photo": lazy("Photo"),
    "photos": lazy("Photo"),
    "label": lazy("Shipping label"),
    "customs_form": lazy("Customs declaration"),
    "weight_g": lazy("Weight in grams"),
    "checks": lazy("Checks made"),
    "template": lazy("Inspection plan"),
    "carrier": lazy("Carrier"),
}


@bp.get("/passport/<ref>")
@guarded("passport.view")
def passport(ref: str) -> str:
    row = load(Passport, ref=ref)
    return render_template(
        "public/passport.html",
        passport=row,
        country=country_name(row.origin),
        events=[stamp(event) for event in service.events_of(row)],
        covers=covering.of_items([row.item_id]).get(row.item_id, ()),
        cover_words=words,
    )


@bp.get("/passport/<ref>.json")
@guarded("passport.view")
def passport_document(ref: str) -> Response:
    body = json.dumps(service.as_document(load(Passport, ref=ref)), ensure_ascii=False)
    response = current_app.response_class(body, mimetype="application/ld+json")
    response.headers["Link"] = f'<{url_for(".passport", ref=ref)}>; rel="alternate"; type="text/html"'
    return response


def stamp(event: PassportEvent) -> dict[str, Any]:
    """An event as the design's passport draws it."""
    kind, label = STAMPS.get(event.biz_step, ("made", event.biz_step.replace("_", " ")))
    verdict = VERDICTS.get(event.disposition) if event.biz_step in ("inspecting", "receiving", "arriving") else None
    return {
        "id": f"stamp-{event.id.hex[-12:]}",
        "kind": kind,
        "label": f"{label}: {verdict}" if verdict else str(label),
        "place": event.place,
        "at": event.at,
        "who": event.who,
        "seal": "inspected" if (event.biz_step, event.disposition) == ("inspecting", "conformant") else "",
        "state": "trouble" if event.disposition in ("damaged", "non_conformant", "destroyed", "stolen") else "done",
        "details": proof(event),
        "evidence_url": None,
    }


def proof(event: PassportEvent) -> list[tuple[str, str]]:
    """What opening a stamp shows: the evidence by its digests, the event's own digest, and GS1's words."""
    rows = [
        (str(EVIDENCE.get(name, name.replace("_", " "))), f"SHA-256 {value}" if rules.is_digest(value) else str(value))
        for name, values in event.evidence.items()
        for value in (values if isinstance(values, list) else [values])
        if value is not None
    ]
    words = f"{event.document['type']} · {event.biz_step} · {event.disposition}"
    return [
        *rows,
        (_("In GS1 EPCIS words"), words),
        (_("Digest of this stamp"), f"SHA-256 {rules.digest(event.document)}"),
    ]
