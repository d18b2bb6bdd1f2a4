"""The warehouse receives and inspects; the shopper looks at the report and accepts."""

from __future__ import annotations

from ..browser import Browser
from ..papers import photos
from ..stage import Stage, refused
from ..story import wait_until

ITEMS = {
    "item": {"bin": "A-01-3", "weight_g": "840", "length_mm": "300", "width_mm": "200", "height_mm": "180"},
    "second item": {"bin": "A-01-4", "weight_g": "130", "length_mm": "180", "width_mm": "60", "height_mm": "40"},
}
PICTURES = {"item": "figure", "second item": "fountain-pen"}
VERDICTS = {"item": "conformant", "second item": "non_conformant"}


def receive_and_inspect(stage: Stage) -> None:
    inspector = stage["inspector"]
    for name, measures in ITEMS.items():
        ref = stage.refs[name]
        with stage.story.step(f"the warehouse receives the {name}"):
            inspector.open(f"/warehouse/arrivals/{ref}").send(rf"/arrivals/{ref}/receive$", measures)
        with stage.story.step(f"the inspector looks at the {name}: two photos are not enough, three are"):
            inspector.open(f"/warehouse/inspections/{ref}")
            _conclude(inspector, ref, VERDICTS[name], PICTURES[name], 2, 422)
            inspector.open(f"/warehouse/inspections/{ref}")
            _conclude(inspector, ref, VERDICTS[name], PICTURES[name], 3, 200)


def _conclude(inspector: Browser, ref: str, verdict: str, kind: str, count: int, status: int) -> None:
    form = inspector.form(rf"/inspections/{ref}$")
    for name in form.values:
        if name.startswith("check-"):
            form.values[name] = ["pass"]
    form.values["verdict"] = [verdict]
    form.values["remarks"] = ["The nib is broad, not medium."] if verdict == "non_conformant" else [""]
    failed = [name for name in form.values if name.startswith("check-")][-1]
    if verdict == "non_conformant":
        form.values[failed] = ["fail"]
        form.values[failed.replace("check-", "note-")] = ["Not as ordered."]
    inspector.submit(form, {"photos": photos(kind, 7, count)}, status)


def accept(stage: Stage) -> None:
    shopper, ref = stage["shopper"], stage.refs["item"]
    with stage.story.step("the QC report stands with its photos; the shopper accepts the item"):
        report = f"/orders/items/{ref}/report"
        wait_until("the report as PDF", lambda: bool(shopper.open(report).links(r"/documents/")))
        refused(stage["stranger"], report, 404)
        shopper.send(rf"/orders/items/{ref}/accept$")
    with stage.story.step("the item's passport is public and says nothing of who bought it"):
        visitor = Browser(stage.cast.base_url, "a visitor")
        visitor.open(shopper.open(report).link(r"/passport/PAS-")).sees("Osaka")
        assert "Vogel" not in visitor.text
