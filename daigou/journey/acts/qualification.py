"""A merchant applies, an officer decides, and the merchant opens an account to be paid."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from stdnum.jp import cn

from daigou.core import clock

from ..papers import paper
from ..stage import Stage, refused
from ..story import wait_until

PAPERS = {
    "business_licence": "Business licence",
    "representative_id": "Identity card",
    "supply_proof": "Supply contract",
}


def corporate_number(run: str) -> str:
    """A number of Japan's register with a right check digit, of this run alone: two shops of one number are noticed."""
    digits = f"{int(sha256(run.encode()).hexdigest(), 16) % 10**12:012}"
    return cn.calc_check_digit(digits) + digits


def apply(stage: Stage) -> None:
    with stage.story.step("a merchant in Osaka opens an account"):
        stage.browsers["merchant"] = stage.cast.sign_up("merchant", "Haruka Hoshino", "JP")
    merchant = stage["merchant"]
    name = f"Hoshino Hobby {stage.cast.run}"
    number = corporate_number(stage.cast.run)
    with stage.story.step("the merchant applies, step by step"):
        merchant.open("/merchant/apply")
        merchant.send(r"/merchant/apply$", {"kind": "company", "country": "JP", "trade_name": name})
        phone = f"+81 6 {number[-8:-4]} {number[-4:]}"
        company = {"legal_name": name, "representative": "Haruka Hoshino", "phone": phone}
        merchant.send(r"/apply/company$", {**company, "registration_number": "123"}, status=422)
        merchant.send(r"/apply/company$", {**company, "registration_number": number})
        merchant.send(r"/apply/place$", {"address": f"{number[-3:]}-4 Nipponbashi, Naniwa-ku", "city": "Osaka"})
    until = (clock.today() + timedelta(days=900)).isoformat()
    with stage.story.step("the merchant sends the papers; one of a wrong type is refused"):
        for kind, title in PAPERS.items():
            facts = {"issuer": "City of Osaka", "country": "JP", "number": number, "valid_to": until}
            page = f"/merchant/apply/papers/{kind}"
            page_file = {"file": paper(title, number)}
            merchant.open(page)
            if kind == "business_licence":
                wrong = {"file": ("licence.html", b"<html><script>alert(1)</script></html>", "text/html")}
                merchant.send(rf"{page}$", facts, wrong, status=422)
            merchant.send(rf"{page}$", facts, page_file)
    with stage.story.step("the merchant submits the application and can't list anything yet"):
        merchant.open("/merchant/apply").send(r"/apply/submit$")
        refused(merchant, "/merchant/listings/new", 403)


def review(stage: Stage) -> None:
    officer = stage["officer"]
    name = f"Hoshino Hobby {stage.cast.run}"
    with stage.story.step("the officer finds the application and takes it"):
        officer.open("/officer/applications")
        officer.open(officer.link_named(r"/officer/applications/APP-", name))
        ref = stage.keep("application", "APP", officer.path)
        officer.send(rf"/applications/{ref}/take$")
    with stage.story.step("the officer looks at each paper and accepts it"):
        for _ in PAPERS:
            officer.open(f"/officer/applications/{ref}").send(r"/papers/[^/]+/accept$")
    with stage.story.step("the officer ticks the points of the check-list"):
        points = officer.open(f"/officer/applications/{ref}").page.css('input[name="point"]')
        officer.send(rf"/applications/{ref}/points$", {"point": [node.attributes["value"] for node in points]})
    with stage.story.step("the officer approves; the shop is a verified merchant"):
        officer.open(f"/officer/applications/{ref}").send(rf"/applications/{ref}/approve$")


def onboard(stage: Stage) -> None:
    merchant = stage["merchant"]
    with stage.story.step("the merchant opens an account to be paid, on the provider's pages"):
        merchant.open("/merchant/payouts").send(r"/payouts/onboard$")
        merchant.send(r"/connect/onboarding/", {"outcome": "complete"})

        def enabled() -> bool:
            return not merchant.open("/merchant/payouts").has_form(r"/payouts/onboard$")

        wait_until("the payout account is enabled", enabled)
