"""The inspection report: a PDF that says what was looked at, by which role, with the digests of every photo."""

from __future__ import annotations

import io
from importlib.resources import files
from typing import Any
from uuid import UUID

from flask_babel import force_locale

from compliance.audit import door
from daigou.accounts.models import Account
from daigou.core.access import system
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.i18n import _, format_moment, lazy
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from daigou.orders.models import OrderItem
from daigou.providers import typesetting
from traceability.inspection.models import Inspection
from traceability.inspection.templates import TEMPLATES
from traceability.passport import service as passports

from . import letters
from .inspecting import photos_of
from .receiving import home, place, who

WORKER = system("warehouse")
REPORT_LIMIT = 40 * 1024 * 1024
VERDICTS = {
    "conformant": lazy("As described"),
    "non_conformant": lazy("Not as described"),
    "damaged": lazy("Damaged"),
}
RESULTS = {"pass": lazy("Pass"), "fail": lazy("Fail"), "not_applicable": lazy("Not applicable")}


def write(inspection_id: UUID) -> StoredFile | None:
    """Set, store, stamp the passport and tell the shopper, once; None when that was done before."""
    inspection = load(Inspection, id=inspection_id)
    if inspection.report_file_id is not None:
        return None
    item = load(OrderItem, id=inspection.item_id)
    photos = photos_of(inspection)
    content = _set(inspection, item, photos)
    with transaction():
        inspection = load_locked(Inspection, id=inspection_id)
        if inspection.report_file_id is not None:
            return None
        report = _store(inspection, content)
        inspection.report_file_id = report.id
        door.record(WORKER, inspection, "reported", sha256=report.sha256)
        _stamp(inspection, item, report, photos)
        letters.inspected(item, str(inspection.verdict))
        return report


def _store(inspection: Inspection, content: bytes) -> StoredFile:
    return documents.store(
        WORKER,
        inspection.stream,
        inspection.subject,
        "transaction",
        "qc_report",
        io.BytesIO(content),
        allowed=documents.PAPERS,
        limit=REPORT_LIMIT,
    )


def _stamp(inspection: Inspection, item: OrderItem, report: StoredFile, photos: list[StoredFile]) -> None:
    evidence: dict[str, Any] = {
        "qc_report": report.sha256,
        "photos": [p.sha256 for p in photos],
        "template": inspection.template,
        "checks": len(inspection.results),
    }
    passports.open_passport(item.id, item.title, "", item.origin)
    at = inspection.concluded_at
    passports.record(item.id, "inspecting", str(inspection.verdict), place(home()), who(home()), evidence, at)


def _set(inspection: Inspection, item: OrderItem, photos: list[StoredFile]) -> bytes:
    pictures = {f"photo-{n}.jpg": typesetting.picture(documents.read(p)) for n, p in enumerate(photos)}
    account = db.session.get_one(Account, item.account_id)
    template = (files("daigou.warehouse") / "qc_report.typ").read_text()
    with force_locale(account.locale):
        data = {**_words(), **_facts(inspection, item), "photos": _captions(photos, list(pictures))}
        return typesetting.pdf(template, data, pictures)


def _words() -> dict[str, str]:
    return {
        "heading": _("Inspection report"),
        "checks_heading": _("What was looked at"),
        "photos_heading": _("Photos"),
        "remarks_heading": _("Remarks"),
        "check_word": _("Check"),
        "result_word": _("Result"),
        "note_word": _("Note"),
        "verdict_word": _("Verdict"),
        "foot": _("Each digest is SHA-256. The log of daigou keeps them, so that a changed photo or report shows."),
    }


def _facts(inspection: Inspection, item: OrderItem) -> dict[str, Any]:
    template = TEMPLATES[inspection.template]
    rows = [(check, inspection.results.get(check.key, {})) for check in template.checks]
    at = format_moment(inspection.concluded_at) if inspection.concluded_at else ""
    return {
        "title": item.title,
        "verdict": str(VERDICTS[str(inspection.verdict)]),
        "is_good": inspection.verdict == "conformant",
        "remarks": inspection.remarks,
        "facts": [
            [_("Report"), inspection.ref],
            [_("Item"), item.ref],
            [_("Quantity"), str(item.quantity)],
            [_("Serial number"), item.serial or "–"],
            [_("Inspected by"), _("Inspector, %(warehouse)s", warehouse=home().name)],
            [_("Inspected on"), f"{at} UTC" if at else ""],
            [_("Inspection plan"), inspection.template],
        ],
        "checks": [[str(c.title), str(RESULTS.get(f.get("result", ""), "–")), f.get("note", "")] for c, f in rows],
    }


def _captions(photos: list[StoredFile], names: list[str]) -> list[dict[str, str]]:
    return [{"file": name, "digest": photo.sha256} for photo, name in zip(photos, names, strict=True)]
