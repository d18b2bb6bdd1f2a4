"""The inspection report as its shopper sees it, and the word that takes the item into stock."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from blueprints.once import once
from daigou.core import clock
from daigou.core.i18n import _, format_money, lazy
from daigou.documents import service as documents
from daigou.orders.models import OrderItem
from daigou.warehouse import rules, service
from traceability.inspection.models import Inspection
from traceability.inspection.templates import TEMPLATES
from traceability.passport import service as passports

from . import bp

VERDICTS = {
    "conformant": (lazy("As described"), lazy("Every check passed.")),
    "non_conformant": (lazy("Not as described"), lazy("Something is not as it was offered. You decide what happens.")),
    "damaged": (lazy("Damaged"), lazy("The inspector found damage. You decide what happens.")),
}
# Where the money is once it is no longer held.
OVER = {
    "completed": lazy("With the merchant"),
    "refunded": lazy("With you"),
    "returned": lazy("On its way back to you"),
    "invalid": lazy("On its way back to you"),
    "withdrawn": lazy("With you"),
}
RESULTS = {
    "pass": (lazy("Pass"), "success"),
    "fail": (lazy("Fail"), "error"),
    "not_applicable": (lazy("Not applicable"), ""),
}


@bp.get("/orders/items/<ref>/report")
@guarded("order.view")
def report(ref: str) -> ResponseReturnValue:
    item = service.item_for_report(actor(), ref)
    inspection = service.inspection_of(item)
    if inspection is not None and not inspection.is_("concluded"):
        inspection = None
    papers = documents.files_about(inspection.stream, "qc_report") if inspection else []
    return render_template(
        "shopper/report.html",
        item=item,
        inspection=inspection,
        paper=papers[0] if papers else None,
        photos=service.photos_of(inspection),
        checks=_checks(inspection) if inspection else [],
        verdict=VERDICTS.get(str(inspection.verdict)) if inspection else None,
        panel=_panel(item, inspection),
        passport=passports.ref_of(item.id),
        storage=_storage(item),
    )


@bp.post("/orders/items/<ref>/accept")
@guarded("item.accept")
def accept(ref: str) -> ResponseReturnValue:
    return once(lambda: _accept(ref))


def _accept(ref: str) -> str:
    service.accept(actor(), ref)
    flash(_("Accepted. The item is in stock and can go into a parcel."), "success")
    return url_for(".report", ref=ref)


def _checks(inspection: Inspection) -> list[tuple[object, object, str, str]]:
    """(what, result in words, its tone, note) of every check."""
    rows = [(c, inspection.results.get(c.key, {})) for c in TEMPLATES[inspection.template].checks]
    return [(c.title, *RESULTS.get(f.get("result", ""), ("–", "")), f.get("note", "")) for c, f in rows]


def _panel(item: OrderItem, inspection: Inspection | None) -> dict[str, object]:
    """What happens now, who acts, by when, where the money is."""
    still = item.state not in OVER
    held = str(OVER.get(item.state) or _("%(amount)s held by daigou, not yet with the merchant", amount=_amount(item)))
    if item.is_("inspected") and inspection is not None:
        good = inspection.verdict == "conformant"
        until = item.state_since + rules.ACCEPT_AFTER
        return {
            "title": _("Look at the report and decide"),
            "text": _("If you do nothing, it is accepted automatically.") if good else _("We wait for your decision."),
            "who": _("You"),
            "by": until if good else None,
            "money": held,
            "held": still,
        }
    if item.is_("in_stock"):
        title, who = _("The item is in stock. Put it into a parcel"), _("You")
    else:
        title, who = (
            (_("The report stays here as it was"), "") if inspection else (_("Not inspected yet"), _("Inspector"))
        )
    return {"title": title, "text": "", "who": who, "by": None, "money": held, "held": still}


def _amount(item: OrderItem) -> str:
    return format_money(item.total)


def _storage(item: OrderItem) -> int | None:
    """Days of free storage left, while it lies with us."""
    unit = service.unit_of(item)
    if unit is None or unit.left_at is not None:
        return None
    return rules.days_left(unit.storage_until, clock.now())
