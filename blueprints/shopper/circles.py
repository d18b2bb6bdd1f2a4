"""What members of circles do: join, write, judge, report, take back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints import circles as pages
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.circles import service
from daigou.circles.models import Post
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _

from . import bp


@bp.get("/circles/mine")
@guarded("circle.join")
def my_posts() -> str:
    return pages.own()


@bp.post("/circles/<ref>/join")
@guarded("circle.join")
def join_circle(ref: str) -> ResponseReturnValue:
    form = pages.JoinForm()
    return _sent(form, lambda: redirect(_joined(ref, form), 303), lambda: pages.of(service.circle(ref), form))


@bp.post("/circles/<ref>/leave")
@guarded("circle.join")
def leave_circle(ref: str) -> ResponseReturnValue:
    service.leave(actor(), ref)
    flash(_("You have left the circle. What you wrote stays without your name, until you withdraw it."), "success")
    return redirect(_circle(ref), 303)


@bp.post("/circles/<ref>/notices")
@guarded("circle.join")
def choose_circle_notices(ref: str) -> ResponseReturnValue:
    service.choose_notices(actor(), ref, pages.NoticesForm().told.data)
    flash(_("Saved."), "success")
    return redirect(_circle(ref), 303)


@bp.get("/circles/<ref>/new")
@guarded("circle.write")
def new_thread(ref: str) -> str:
    return pages.opening(service.circle(ref), pages.ThreadForm(formdata=None))


@bp.post("/circles/<ref>/new")
@guarded("circle.write")
def open_thread(ref: str) -> ResponseReturnValue:
    form = pages.ThreadForm()
    return _written(
        form,
        lambda: service.talk(actor(), ref, form.draft()),
        lambda: pages.opening(service.circle(ref), form),
    )


@bp.get("/circles/<ref>/check")
@guarded("circle.write")
def new_check(ref: str) -> str:
    form = pages.CheckForm(formdata=None, listing_ref=request.args.get("listing", "")[:20])
    return pages.opening(service.circle(ref), form)


@bp.post("/circles/<ref>/check")
@guarded("circle.write")
def ask_peers(ref: str) -> ResponseReturnValue:
    form = pages.CheckForm()
    return _written(
        form,
        lambda: service.ask_peers(actor(), ref, form.listing_ref.data or "", form.draft()),
        lambda: pages.opening(service.circle(ref), form),
    )


@bp.post("/circles/threads/<ref>/answer")
@guarded("circle.write")
def answer_thread(ref: str) -> ResponseReturnValue:
    form = pages.WordsForm()
    return _written(
        form,
        lambda: service.answer(actor(), ref, form.draft()),
        lambda: pages.talk(service.thread(actor(), ref), answer=form),
    )


@bp.post("/circles/threads/<ref>/verdict")
@guarded("circle.write")
def judge_thing(ref: str) -> ResponseReturnValue:
    form = pages.VerdictForm()
    return _written(
        form,
        lambda: service.judge(actor(), ref, form.verdict.data, form.draft()),
        lambda: pages.talk(service.thread(actor(), ref), verdict=form),
    )


@bp.post("/circles/posts/<ref>/report")
@guarded("post.report")
def report_post(ref: str) -> ResponseReturnValue:
    form = pages.ReportForm()
    return _sent(
        form,
        lambda: redirect(_reported(ref, form), 303),
        lambda: pages.single(service.post(actor(), ref), report=form),
    )


@bp.post("/circles/posts/<ref>/withdraw")
@guarded("post.withdraw")
def withdraw_post(ref: str) -> ResponseReturnValue:
    service.withdraw(actor(), ref)
    flash(_("Your words and photos are gone."), "success")
    return redirect(url_for("shopper.my_posts"), 303)


@bp.post("/circles/posts/<ref>/contest")
@guarded("post.contest")
def contest_post(ref: str) -> ResponseReturnValue:
    service.contest(actor(), ref)
    flash(_("An officer looks at it again, within a day."), "success")
    return redirect(url_for("public.circle_post", ref=ref), 303)


def _written(form: pages.WordsForm, work: Callable[[], Post], page: Callable[[], str]) -> ResponseReturnValue:
    """A post, once, however often its form is sent."""
    return _sent(form, lambda: once(lambda: _place_of(work())), page)


def _sent(form: Any, work: Callable[[], ResponseReturnValue], page: Callable[[], str]) -> ResponseReturnValue:
    """Do it and go where it leads, or show the page again with what was typed."""
    if not form.validate():
        return page(), 422
    try:
        return work()
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return page(), refusal.status


def _place_of(row: Post) -> str:
    """Where a post is read; one that an officer sees first, on its author's own page."""
    if not row.is_("shown"):
        flash(_("An officer reads it before others do, within a day: it seems to lead away from here."), "info")
        return url_for("public.circle_post", ref=row.ref)
    return url_for("public.circle_thread", ref=row.thread_ref)


def _joined(ref: str, form: pages.JoinForm) -> str:
    service.join(actor(), ref, form.alias.data or "")
    flash(_("Others see you under this name now."), "success")
    return _circle(ref)


def _reported(ref: str, form: pages.ReportForm) -> str:
    row = service.report(actor(), ref, form.reason.data, form.explanation.data or "")
    flash(_("Thank you. An officer looks at it within a day, and we tell you what is decided."), "success")
    return _circle(service.circle_of(row).ref)


def _circle(ref: str) -> str:
    return url_for("public.circle", ref=ref)
