"""The help and safety pages: articles, how we decide, and what we announce."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from blueprints.pages import ui
from daigou.aftersales import rules as returns
from daigou.announcing import rules, service
from daigou.catalog import ranking
from daigou.circles import rules as circles
from daigou.conversations.rules import PROMISES
from daigou.core import clock

from . import bp
from .articles import ARTICLES


@bp.get("/help")
@guarded("public.view")
def help_pages() -> str:
    return render_template("public/help.html", articles=ARTICLES)


@bp.get("/help/<slug>")
@guarded("public.view")
def help_article(slug: str) -> ResponseReturnValue:
    if slug not in ARTICLES:
        abort(404)
    return render_template("public/help_article.html", article=ARTICLES[slug])


@bp.get("/help/decisions")
@guarded("public.view")
def decisions() -> str:
    """From the rules themselves, so the page can't promise anything else than what is done."""
    today = clock.today()
    house = returns.HOUSE_WINDOW  # where a law gives less, ours stands
    laws = [row for row in returns.WINDOWS if row.valid_from <= today and row.days >= house.days]
    return render_template(
        "public/decisions.html",
        windows=[*laws, house],
        decide_days=returns.DECIDE_WITHIN.days,
        promises=PROMISES,
        leads=ranking.leads(today),
        peers={row.what: circles.figure(row.what, today) for row in circles.FIGURES},
    )


@bp.get("/safety")
@guarded("public.view")
def safety() -> str:
    page = service.shown(request.args.get("cursor"))
    texts = {row.ref: rules.in_language(row.texts, ui().locale) for row in page}
    return render_template("public/safety.html", page=page, texts=texts, kinds=rules.KINDS, articles=ARTICLES)
