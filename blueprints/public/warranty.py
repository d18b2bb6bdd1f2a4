"""Terms of warranty, drawn from the dated rows that decide."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from blueprints.pages import ui
from daigou.catalog.rules import CATEGORY_WORDS, CONDITION_WORDS, CONDITIONS
from daigou.core import clock
from daigou.core.i18n import _, format_money, ngettext
from daigou.core.money import Money
from daigou.pricing import service as pricing
from daigou.warranty import certificate, terms
from daigou.warranty.models import CoverPlan, WarrantyTerm

from . import bp


@bp.get("/warranty-terms")
@guarded("public.view")
def warranty_terms() -> ResponseReturnValue:
    today = clock.today()
    plans = terms.plans(today)
    rows = sorted(terms.terms(today), key=lambda row: (row.category, CONDITIONS.index(row.condition)))
    return render_template(
        "public/warranty_terms.html",
        term_rows=[_term(row) for row in rows],
        plan_rows=[_plan(row) for row in plans],
        promise=certificate.promise(),
        sources="; ".join(dict.fromkeys(row.source for row in (*rows, *plans))),
    )


def _term(row: WarrantyTerm) -> tuple[object, ...]:
    return CATEGORY_WORDS[row.category], CONDITION_WORDS[row.condition][0], row.days, _days(row.diagnose_days)


def _plan(row: CoverPlan) -> tuple[object, ...]:
    months = ngettext("%(num)d month", "%(num)d months", row.months)
    share = _("%(percent)s %% of the goods", percent=f"{(row.permille / 10).normalize():f}")
    return months, share, _shown(row.least_minor), _shown(row.most_minor), _days(row.diagnose_days)


def _days(count: int) -> str:
    return ngettext("%(num)d day", "%(num)d days", count)


def _shown(minor: int) -> str:
    """In the reader's currency, or in euros without a fresh rate."""
    euros = Money(minor, "EUR")
    return format_money(pricing.worth(euros, ui().currency) or euros)
