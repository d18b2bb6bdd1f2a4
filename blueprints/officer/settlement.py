"""How held money is settled: the rules in force, what each has done, the reserve fund and what merchants owe."""

from __future__ import annotations

from flask import render_template, request

from blueprints.guard import actor, guarded
from daigou.payments import books, waiting
from daigou.payments.escrow import rulebook
from daigou.payments.payouts import asking, depositing
from daigou.pricing import tariffs

from . import bp

FUND = ("reserve", "reserve_advanced", "claim", "deposit")


@bp.get("/settlement")
@guarded("books.view")
def settlement() -> str:
    return render_template(
        "officer/settlement.html",
        console=True,
        rules=rulebook.rules(),
        why=rulebook.WHY,
        effects=rulebook.EFFECTS,
        decisions=rulebook.all_decisions(actor(), request.args.get("cursor")),
        fund=[row for row in books.balances() if row["kind"] in FUND],
        shares=tariffs.history()["reserve"],
        claims=waiting.open_claims(request.args.get("claims")),
        deposits=depositing.held(request.args.get("deposits")),
        asked=asking.waiting(request.args.get("asked")),
    )
