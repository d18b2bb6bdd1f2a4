"""The living page of the design system: tokens and parts with example data, nothing from the database."""

from __future__ import annotations

from collections import ChainMap
from datetime import UTC, datetime
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request

from blueprints.guard import guarded
from daigou.core.money import Money

bp = Blueprint("design", __name__)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COLOURS = _words("""
    paper card sunk ink ink-2 ink-3 rule edge seal seal-wash success success-wash info info-wash
    warning warning-wash error error-wash
""")
SEALS = ("verified", "inspected", "held", "checkpoint", "authentic", "approved", "released")
KINDS = _words("""
    ordered quoted paid purchased received inspected packed shipped transit customs duty delivered
    accepted completed returned refunded case made listed stored failed
""")
ICONS = _words("""
    cart search user globe check check-circle alert info error x chevron-next chevron-prev
    chevron-down chevron-up arrow-next truck box camera shield receipt clock document upload
    download eye lock key message refresh pencil plus minus menu map-pin scale percent bank flag
    copy external filter stamp sun moon contrast home link bell return barcode sign-out gauge star
    more
""")


def _eur(minor: int) -> Money:
    return Money(minor, "EUR")


def _on(day: int, hour: int = 9, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def _card(kind: str, seed: int, title: str, yen: int, merchant: str, **more: Any) -> SimpleNamespace:
    cent = yen * 61 // 100
    return SimpleNamespace(
        url="#cards",
        picture_url=f"/design/pictures/{kind}-{seed}-whole.webp",
        title=title,
        price=_eur(cent),
        original_price=Money(yen, "JPY"),
        merchant=merchant,
        **{"verified": True, "condition": "", **more},
    )


def _cards() -> list[SimpleNamespace]:
    return [
        _card("figure", 7, "Moon Courier Rin, 1/7 scale figure, 2024 release", 18_400, "Hoshino Hobby, Osaka"),
        _card(
            "camera",
            3,
            "Rangefinder film camera with 40 mm lens, serviced",
            42_000,
            "Kamera no Mori",
            condition="Used, very good",
        ),
        _card("ceramic", 5, "Tea bowl, ash glaze, signed box", 9_800, "Tani Kiln", condition="New"),
        _card("fountain-pen", 2, "Fountain pen, 14 k nib, medium", 16_500, "Sumi Stationery", verified=False),
    ]


def _events() -> list[ChainMap[str, Any]]:
    return [
        _event("ordered", "You placed the order", _on(3, 19, 12), "Leipzig", "You"),
        _event(
            "held",
            "You paid 142.80 euro, and it is held",
            _on(3, 19, 14),
            "Frankfurt",
            "daigou",
            seal="held",
            details=[("Amount", "€142.80"), ("Held until", "You accept the item, or 14 days after delivery")],
        ),
        _event("purchased", "Hoshino Hobby bought the item", _on(4, 2, 40), "Osaka", "Hoshino Hobby"),
        _event(
            "inspected",
            "Inspected: as described",
            _on(6, 5, 5),
            "Shenzhen",
            "Inspector L. Chen",
            seal="inspected",
            evidence_url="#passport",
            details=[("Photos", "5"), ("Weight", "612 g"), ("Serial number", "matches the box")],
        ),
        _event("shipped", "On its way to you", _on(9, 11, 30), "Tokyo", "Nippon Post", state="now"),
        _event("delivered", "Delivered", None, "Leipzig", "", state="next"),
    ]


def _event(kind: str, label: str, at: datetime | None, place: str, who: str, **more: Any) -> ChainMap[str, Any]:
    plain = {"kind": kind, "label": label, "at": at, "place": place, "who": who, "seal": "", "state": "done"}
    return ChainMap(more, plain)


def _fields() -> dict[str, SimpleNamespace]:
    return {
        "name": SimpleNamespace(
            id="f-name",
            name="name",
            label="Full name",
            type="text",
            value="Mara Vogel",
            errors=[],
            required=True,
        ),
        "postcode": SimpleNamespace(
            id="f-postcode",
            name="postcode",
            label="Postcode",
            type="text",
            value="0410",
            required=True,
            errors=["A German postcode has five digits, such as 04103."],
        ),
        "value": SimpleNamespace(
            id="f-value",
            name="value",
            label="Highest price you would pay",
            type="text",
            value="18 400",
            errors=[],
        ),
        "country": SimpleNamespace(
            id="f-country",
            name="country",
            label="Country",
            type="select",
            value="DE",
            errors=[],
            required=True,
            choices=[("DE", "Germany"), ("SA", "Saudi Arabia"), ("JP", "Japan")],
        ),
        "photo": SimpleNamespace(
            id="f-photo", name="photo", label="Photo of the receipt", type="file", errors=[], required=True
        ),
        "note": SimpleNamespace(
            id="f-note",
            name="note",
            label="Anything the inspector should look at",
            type="textarea",
            value="",
            errors=[],
        ),
        "terms": SimpleNamespace(
            id="f-terms",
            name="terms",
            label="The declared value is the price I paid.",
            type="checkbox",
            value=True,
            errors=[],
        ),
        "line": SimpleNamespace(
            id="f-line",
            name="line",
            label="Shipping line",
            type="radio",
            value="ems",
            errors=[],
            required=True,
            choices=[
                ("ems", "EMS, 5 to 8 days", "Duty paid at checkout, no bill at the door", "€31.40"),
                ("surface", "Sea mail, 6 to 10 weeks", "You pay duty on arrival", "€14.10"),
            ],
        ),
    }


@bp.get("/design")
@guarded("sandbox.view")
def page() -> str:
    rows = [
        (
            "Item",
            Money(18_400, "JPY"),
            "At 1 EUR = 163.93 JPY, ECB rate of 20 November 2026, locked until 22 November, 18:00",
        ),
        ("Freight within Japan", _eur(420), ""),
        ("Service fee, 5 %", _eur(561), "Shown before you pay, never added later"),
        ("Duty and import VAT", _eur(2076), "Tariff 9503 00, dated 1 July 2026"),
    ]
    panel = SimpleNamespace(
        title="Look at the inspection photos and accept the item",
        text="The inspector found the item as described. Until you decide it stays in storage, free.",
        who="You",
        by="Friday, 5 December, 18:00",
        money="€142.80 held by daigou, not yet with the merchant",
        held=True,
    )
    steps = [
        ("Order", "done"),
        ("Bought", "done"),
        ("Inspected", "now"),
        ("Shipped", "next"),
        ("Yours", "next"),
    ]
    fields = _fields()
    return render_template(
        "design.html",
        colours=COLOURS,
        seals=SEALS,
        kinds=KINDS,
        icons=ICONS,
        cards=_cards(),
        events=_events(),
        rows=rows,
        total=_eur(14_280),
        yen=Money(18_400, "JPY"),
        panel=panel,
        steps=steps,
        fields=fields,
        faults={field.id: field.errors for field in fields.values() if field.errors},
        forced={"dir": request.args.get("dir"), "theme": request.args.get("theme")},
    )


@bp.get("/design/pictures/<kind>-<int:seed>-<view>.webp")
@guarded("sandbox.view")
def picture(kind: str, seed: int, view: str) -> Response:
    from daigou.demo import pictures  # with all that draws: for this page alone

    if kind not in pictures.KINDS or view not in pictures.VIEWS or seed > 99:
        abort(404)
    response = current_app.response_class(_drawn(kind, seed, view), mimetype="image/webp")
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


@lru_cache(maxsize=64)
def _drawn(kind: str, seed: int, view: str) -> bytes:
    from daigou.demo import pictures

    return pictures.draw(kind, seed, view)
