"""What a parcel's page says: its state, the next step, the stamps of its way, the charges at the border."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.customs.models import DutyAssessment
from compliance.customs.rules import Assessment
from daigou.core.i18n import _, format_moment, format_money, lazy
from daigou.core.money import Money
from daigou.orders.models import Bill
from daigou.payments.escrow import rulebook
from daigou.shipping.models import CarrierLine, Parcel, TrackingEvent

ORIGIN = "JP"
# (words, badge tone)
STATES: Mapping[str, tuple[object, str]] = {
    "draft": (lazy("Draft"), ""),
    "freight_pending": (lazy("Freight to pay"), "warning"),
    "freight_paid": (lazy("To be packed"), "info"),
    "packed": (lazy("Packed"), "info"),
    "shipped": (lazy("With the carrier"), "info"),
    "in_transit": (lazy("On its way"), "info"),
    "customs": (lazy("With customs"), "info"),
    "customs_released": (lazy("Released by customs"), "info"),
    "out_for_delivery": (lazy("Out for delivery"), "info"),
    "delivered": (lazy("Delivered"), "success"),
    "completed": (lazy("Complete"), "success"),
    "cancelled": (lazy("Cancelled"), ""),
    "returned": (lazy("Came back to us"), "error"),
    "lost": (lazy("Lost"), "error"),
    "damaged": (lazy("Damaged on the way"), "error"),
    "seized": (lazy("Kept by customs"), "error"),
    "settled": (lazy("Settled"), ""),
}
LIVE = (
    "freight_pending", "freight_paid", "packed", "shipped", "in_transit", "customs", "customs_released",
    "out_for_delivery",
)  # fmt: skip
# Our word for a scan: (stamp, words)
SCANS: Mapping[str, tuple[str, object]] = {
    "announced": ("ordered", lazy("Announced to the carrier")),
    "accepted": ("received", lazy("Taken in by the carrier")),
    "in_transit": ("transit", lazy("On its way")),
    "customs": ("customs", lazy("With customs")),
    "customs_information_required": ("customs", lazy("Customs asks for information")),
    "customs_duty_due": ("duty", lazy("Customs asks for duty and tax")),
    "customs_released": ("released", lazy("Released by customs")),
    "out_for_delivery": ("transit", lazy("Out for delivery")),
    "delivered": ("delivered", lazy("Delivered")),
    "returning": ("returned", lazy("On its way back to us")),
    "returned": ("returned", lazy("Came back to us")),
    "lost": ("failed", lazy("Declared lost")),
    "damaged": ("failed", lazy("Found damaged")),
    "failed": ("failed", lazy("Something went wrong")),
}
TROUBLE = ("customs_information_required", "customs_duty_due", "returning", "returned", "lost", "damaged", "failed")
CHARGES: Mapping[str, object] = {
    "relief": lazy("No duty: the value is within the relief"),
    "flat": lazy("Customs duty per kind of goods"),
    "duty": lazy("Customs duty by tariff"),
    "surcharge": lazy("Additional duty"),
    "tax_relief": lazy("No import tax: the value is within the relief"),
    "vat": lazy("Import tax (VAT or GST)"),
    "waiver": lazy("Nothing to pay: customs does not collect so little"),
    "handling": lazy("Customs handling fee"),
}
EXCLUSIONS: Mapping[str, object] = {
    "cash": lazy("money, cards and vouchers"),
    "jewellery": lazy("jewellery and precious metal"),
    "fragile_unpacked": lazy("breakage of what its maker did not pack for sending"),
    "perishable": lazy("food, plants and what spoils"),
    "batteries_loose": lazy("loose batteries"),
}


def exclusions(line: CarrierLine) -> list[object]:
    return [EXCLUSIONS.get(code, code) for code in line.exclusions]


def charges(assessment: Assessment) -> list[tuple[object, Money, str]]:
    """(what, how much, by which rule) of an estimate."""
    return [
        (_label(c.code, c.hs_prefix), c.amount, _rule(c.permille, c.each, c.count, c.basis, c.source))
        for c in assessment.charges
        if c.code != "open"
    ]


def left_out(assessment: Assessment) -> list[str]:
    """What the estimate does not hold, in the words of its rows."""
    return [c.source for c in assessment.charges if c.code == "open"]


def kept_left_out(kept: DutyAssessment) -> list[str]:
    """The same of an estimate as it was kept."""
    return [str(r["source"]) for r in kept.rows if r["label"] == "open"]


def kept_charges(kept: DutyAssessment) -> list[tuple[object, Money, str]]:
    """The same of an estimate as it was kept."""
    currency = kept.currency
    return [
        (
            _label(r["label"], r.get("hs_prefix", "")),
            Money(r["minor"], currency),
            _rule(
                r.get("permille"),
                r.get("amount_minor"),
                r.get("count", 1),
                Money(r["basis_minor"], currency),
                r["source"],
            ),
        )
        for r in kept.rows
        if r["label"] != "open"
    ]


def _label(code: str, hs_prefix: str) -> object:
    return f"{CHARGES.get(code, code)} ({hs_prefix})" if hs_prefix else CHARGES.get(code, code)


def _rule(permille: Any, each: int | None, count: int, basis: Money, source: str) -> str:
    if permille is not None:
        percent = f"{float(permille) / 10:g}"
        return _("%(percent)s %% of %(basis)s. %(source)s", percent=percent, basis=format_money(basis), source=source)
    if each is not None:
        amount = format_money(Money(each, basis.currency))
        return _("%(count)d × %(amount)s. %(source)s", count=count, amount=amount, source=source)
    return source


def timeline(parcel: Parcel, events: Sequence[TrackingEvent]) -> list[dict[str, Any]]:
    """The stamps of its way, the newest last; the carrier's own words are the evidence."""
    stamps = [_stamp(e) for e in events]
    if stamps and parcel.is_(*LIVE):
        stamps[-1]["state"] = "now"
    return stamps


def _stamp(event: TrackingEvent) -> dict[str, Any]:
    kind, words = SCANS.get(event.status, ("transit", event.status))
    return {
        "id": f"scan-{event.id.hex[-12:]}",
        "kind": kind,
        "label": str(words),
        "at": event.at,
        "place": ", ".join(filter(None, (event.city, event.country))),
        "who": _("Carrier"),
        "seal": "",
        "state": "trouble" if event.status in TROUBLE else "done",
        "details": [(_("In the carrier’s words"), event.message or f"{event.carrier_status} {event.carrier_detail}")],
        "evidence_url": None,
    }


_STEPS = (
    (("draft",), lazy("Built")),
    (("freight_pending",), lazy("Freight")),
    (("freight_paid", "packed"), lazy("Packed")),
    (("shipped", "in_transit"), lazy("On its way")),
    (("customs", "customs_released"), lazy("Customs")),
    (("out_for_delivery", "delivered"), lazy("Delivered")),
    (("completed",), lazy("Complete")),
)


def steps(parcel: Parcel) -> list[tuple[str, str]]:
    """How far it is, as a row of steps; empty where it ended otherwise."""
    here = next((n for n, (states, _words) in enumerate(_STEPS) if parcel.state in states), None)
    if here is None:
        return []
    return [
        (str(words), "done" if n < here or parcel.state == "completed" else "now" if n == here else "next")
        for n, (_states, words) in enumerate(_STEPS)
    ]


def panel(parcel: Parcel, bill: Bill | None, events: Sequence[TrackingEvent] = ()) -> dict[str, Any]:
    """What happens now, who acts, by when, where the money is."""
    asks = next((e.status for e in reversed(events) if e.status in SCANS and e.status != "announced"), "")
    title, text, who = _now(parcel, asks)
    by = None
    if parcel.is_("freight_pending") and bill is not None:
        by = format_moment(bill.due_until)
    if parcel.is_("delivered") and parcel.delivered_at is not None:
        by = format_moment(parcel.delivered_at + rulebook.span("delivery_silence"))
    return {"title": title, "text": text, "who": who, "by": by, "money": _money(parcel), "held": _is_held(parcel)}


def _is_held(parcel: Parcel) -> bool:
    return not parcel.is_("draft", "freight_pending", "completed", "cancelled")


def _money(parcel: Parcel) -> str:
    if parcel.is_("completed"):
        return _("Released: the merchants and the carrier are paid")
    if _is_held(parcel):
        return _("Goods and %(freight)s freight held by daigou", freight=format_money(parcel.freight_total))
    return _("The price of the goods is held by daigou. No freight is paid yet")


def _now(parcel: Parcel, asks: str) -> tuple[str, str, str]:
    if parcel.is_("customs") and asks == "customs_information_required":
        text = _(
            "Customs asks who the goods are for or what they cost. Answer the letter or call of the customs office."
        )
        return _("Answer the customs office"), text, _("You")
    if parcel.is_("customs") and asks == "customs_duty_due":
        return _("Duty and tax are due"), _duty_words(parcel), _("You") if parcel.incoterm == "DAP" else _("daigou")
    told, why, who = _NOW[parcel.state]
    return str(told), str(why), str(who)


def _duty_words(parcel: Parcel) -> str:
    if parcel.incoterm == "DDP":
        return _("You paid duty and tax with the freight, so we settle this with customs. You need not do anything.")
    return _("You chose to pay on arrival: the carrier or the customs office tells you how.")


_YOU, _WE, _CARRIER = lazy("You"), lazy("The warehouse"), lazy("The carrier")
_NOW: Mapping[str, tuple[object, object, object]] = {
    "draft": (lazy("Compare the lines and submit the parcel"), lazy("Every part of the price stands below."), _YOU),
    "freight_pending": (
        lazy("Pay the freight"),
        lazy("Then the parcel is packed. Until then you can change it."),
        _YOU,
    ),
    "freight_paid": (lazy("The parcel is being packed"), lazy("Until it is packed you can still cancel it."), _WE),
    "packed": (lazy("The parcel is packed and goes to the carrier"), "", _WE),
    "shipped": (lazy("The carrier has your parcel"), lazy("This page shows each step as it comes."), _CARRIER),
    "in_transit": (lazy("Your parcel is on its way"), lazy("This page shows each step as it comes."), _CARRIER),
    "customs": (lazy("Customs is looking at your parcel"), lazy("This takes a day or two as a rule."), lazy("Customs")),
    "customs_released": (lazy("Customs has released your parcel"), lazy("It goes on to you now."), _CARRIER),
    "out_for_delivery": (lazy("It arrives today"), lazy("Somebody should be there to take it."), _CARRIER),
    "delivered": (
        lazy("Look at everything, then confirm"),
        lazy("If something is wrong, ask for a return first. After this time without a word it counts as confirmed."),
        _YOU,
    ),
    "completed": (lazy("Everything is done"), lazy("The report and the passports stay where they are."), ""),
    "cancelled": (lazy("This parcel was cancelled"), lazy("Its items are in stock again."), ""),
    "returned": (lazy("The parcel came back to us"), lazy("We write to you about what went wrong."), _WE),
    "lost": (
        lazy("The carrier has lost this parcel"),
        lazy("Your money stays held while we settle it."),
        lazy("daigou"),
    ),
    "damaged": (lazy("The parcel was damaged"), lazy("Your money stays held while we settle it."), lazy("daigou")),
    "seized": (lazy("Customs keeps this parcel"), lazy("Your money stays held while we settle it."), lazy("daigou")),
    "settled": (lazy("This parcel is settled"), lazy("Your orders show what was refunded or kept for you."), ""),
}
