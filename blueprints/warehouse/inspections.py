"""Inspections: two taps a check, the camera always ready, nothing lost when something is missing."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.guard import actor, guarded
from blueprints.once import once
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy
from daigou.orders.models import OrderItem
from daigou.warehouse import service
from traceability.inspection.rules import PHOTOS_NEEDED, VERDICTS, Finding, Findings
from traceability.inspection.templates import Check

from . import bp

NOTE_LENGTH, REMARKS_LENGTH, SERIAL_LENGTH = 500, 2000, 80
VERDICT_WORDS = {
    "conformant": lazy("As described"),
    "non_conformant": lazy("Not as described"),
    "damaged": lazy("Damaged"),
}
TOO_LONG = lazy("This is too long. Shorten it.")


class InspectionForm(FlaskForm):
    """The checks come from the template of the item's category, so their fields are read by name."""

    def read(self, checks: tuple[Check, ...]) -> Findings:
        """What was sent; Invalid names fields that are too long."""
        given = request.form
        found = {
            c.key: Finding(given[f"check-{c.key}"], given.get(f"note-{c.key}", "").strip())
            for c in checks
            if f"check-{c.key}" in given
        }
        long = {f"note-{k}": TOO_LONG for k, f in found.items() if len(f.note) > NOTE_LENGTH}
        serial, remarks = given.get("serial", "").strip(), given.get("remarks", "").strip()
        long |= {"serial": TOO_LONG} if len(serial) > SERIAL_LENGTH else {}
        long |= {"remarks": TOO_LONG} if len(remarks) > REMARKS_LENGTH else {}
        if long:
            raise Invalid(long)
        return Findings(found, given.get("verdict", ""), serial, remarks)


@bp.get("/inspections")
@guarded("warehouse.work")
def inspections() -> ResponseReturnValue:
    code = request.args.get("q", "").strip()[:60]
    found = service.scan(actor(), code) if code else []
    ready = [i for i in found if i.is_("received")]
    if len(ready) == 1:
        return redirect(url_for(".inspection", ref=ready[0].ref))
    page = service.waiting(actor(), request.args.get("after"))
    return render_template("warehouse/inspections.html", console=True, page=page, code=code, found=found)


@bp.get("/inspections/<ref>")
@guarded("warehouse.work")
def inspection(ref: str) -> ResponseReturnValue:
    return _page(service.item_to_inspect(actor(), ref))


@bp.post("/inspections/<ref>")
@guarded("warehouse.work")
def inspect(ref: str) -> ResponseReturnValue:
    item = service.item_to_inspect(actor(), ref)
    form = InspectionForm()
    errors = _keep_photos(item)
    if "keep" in request.form and not errors:
        return redirect(url_for(".inspection", ref=ref), 303)
    try:
        return once(lambda: _conclude(item, form, errors))
    except Invalid as refusal:
        return _page(item, {**refusal.fields, **errors}), 422


def _keep_photos(item: OrderItem) -> dict[str, Any]:
    """Photos are kept first, whatever else is missing; what is wrong with them comes back."""
    uploads = [f for f in request.files.getlist("photos") if f.filename]
    if not uploads or not item.is_("received"):
        return {}
    try:
        service.photograph(actor(), item.ref, uploads)
    except Invalid as refusal:
        return dict(refusal.fields)
    return {}


def _conclude(item: OrderItem, form: InspectionForm, errors: dict[str, Any]) -> str:
    findings = form.read(service.template_of(item).checks)
    if errors:
        raise Invalid(errors)
    service.conclude(actor(), item.ref, findings)
    flash(_("The inspection is concluded. The shopper is told, and the report is being written."), "success")
    return url_for(".inspections")


def _page(item: OrderItem, errors: dict[str, Any] | None = None) -> str:
    inspection = service.inspection_of(item)
    return render_template(
        "warehouse/inspection.html",
        console=True,
        item=item,
        inspection=inspection,
        template=service.template_of(item),
        photos=service.photos_of(inspection),
        unit=service.unit_of(item),
        needed=PHOTOS_NEEDED,
        verdicts=[(v, VERDICT_WORDS[v]) for v in VERDICTS],
        given=request.form,
        errors={k: str(v) for k, v in (errors or {}).items()},
    )
