"""The second item is not what was ordered: returned and refunded."""

from __future__ import annotations

from ..stage import Stage, refused
from ..story import wait_until


def give_back(stage: Stage) -> None:
    shopper, ref = stage["shopper"], stage.refs["second item"]
    with stage.story.step("the shopper opens a return of the second item"):
        page = f"/orders/items/{ref}/return"
        refused(stage["stranger"], page, 404)
        story = {"reason": "not_as_described", "story": "The nib is broad; I had asked for medium."}
        shopper.open(page).send(rf"{page}$", story)
        case = stage.keep("return", "RET", shopper.path)
    with stage.story.step("the inspection says the same, so a rule decides; else support does"):
        support = stage["support"].open(f"/support/returns/{case}")
        if support.has_form(rf"/returns/{case}/approve$"):
            support.send(rf"/returns/{case}/approve$", {"ruling": "The report says so."})
    with stage.story.step("the money goes back the way it came"):
        wait_until("refunded", lambda: "went back the way you paid" in shopper.open(f"/returns/{case}").text)
