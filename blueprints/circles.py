"""The pages of circles, which everybody reads and members write on: their forms, and what they show."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_wtf import FlaskForm
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField

from blueprints.fields import Line, OneOf, Passage
from blueprints.guard import actor
from blueprints.pages import ui
from daigou.catalog.rules import CATEGORY_WORDS
from daigou.circles import rules, service
from daigou.circles.models import Circle, Post
from daigou.core import clock
from daigou.core.access import can
from daigou.core.i18n import lazy

KINDS = {"": lazy("All"), rules.TALK: lazy("Talk"), rules.CHECK: lazy("Is it genuine?")}
STATES = {
    "shown": (lazy("Shown"), "success"),
    "held": (lazy("Being looked at"), "info"),
    "withheld": (lazy("Not shown"), "warning"),
    "withdrawn": (lazy("Withdrawn"), ""),
}
OUTCOMES = {
    rules.GENUINE: (lazy("Most find it genuine"), "success"),
    rules.DOUBTFUL: (lazy("Most doubt it"), "warning"),
    rules.UNSURE: (lazy("No clear answer"), "info"),
    "": (lazy("Too few verdicts yet"), ""),
}


PICTURES = {"accept": "image/*", "multiple": True}


class JoinForm(FlaskForm):
    alias = Line(lazy("The name that others see"), rules.ALIAS_MOST, required=True)


class NoticesForm(FlaskForm):
    told = BooleanField(lazy("Tell me when somebody answers me"))


class WordsForm(FlaskForm):
    words = Passage(lazy("What you want to say"), rules.WORDS_MOST, required=True)
    photos = MultipleFileField(lazy("Photos"), render_kw=PICTURES)

    def draft(self) -> service.Draft:
        photos = [file for file in self.photos.data or () if getattr(file, "filename", "")]
        return service.Draft(self.words.data or "", photos, self.heading())

    def heading(self) -> str:
        return ""


class ThreadForm(WordsForm):
    title = Line(lazy("Title"), rules.TITLE_MOST, required=True)

    def heading(self) -> str:
        return str(self.title.data or "")


class CheckForm(ThreadForm):
    listing_ref = Line(lazy("Number of a listing here"), 20)


class VerdictForm(WordsForm):
    verdict = OneOf(lazy("What do you think?"), (("", lazy("Choose one of these.")), *rules.VERDICTS.items()))
    words = Passage(lazy("By what do you see it?"), rules.WORDS_MOST, required=True, id="grounds")
    photos = MultipleFileField(lazy("Photos"), render_kw=PICTURES, id="grounds-photos")


class ReportForm(FlaskForm):
    reason = OneOf(lazy("What is wrong with it?"), rules.REPORTS.items())
    explanation = Passage(lazy("Explain it, so that an officer can judge"), rules.REASON_MOST, required=True)


class ExclusionForm(FlaskForm):
    reason = Passage(lazy("Reason, as the author will read it"), rules.REASON_MOST, required=True, id="exclusion")


def listed() -> str:
    """Every circle."""
    return render_template(
        "public/circles.html",
        rows=[(row, _words(row), last) for row, last in service.circles()],
        mine=service.mine(actor()),
        categories=CATEGORY_WORDS,
    )


def of(circle: Circle, join: JoinForm | None = None) -> str:
    """One circle, with the form to join it where it was sent and is wrong."""
    kind = request.args.get("kind", "")
    kind = kind if kind in KINDS else ""
    member = service.of(actor(), circle.id)
    return render_template(
        "public/circle.html",
        **_frame(circle),
        page=service.threads(circle, kind, request.args.get("cursor")),
        kind=kind,
        kinds=KINDS,
        member=member,
        join=join or JoinForm(formdata=None, alias=_offered(member)),
        notices=NoticesForm(formdata=None, told=member.is_told if member else True),
        outcomes=OUTCOMES,
        today=clock.today(),
        needed=service.needed_for(circle),
        days=rules.figure("kept_days", clock.today()),
    )


def opening(circle: Circle, form: ThreadForm) -> str:
    """The form that opens a thread."""
    asks = isinstance(form, CheckForm)
    return render_template(
        "shopper/circle_thread.html", **_frame(circle), form=form, asks=asks, photos_needed=rules.OWN_PHOTOS,
        needed=service.needed_for(circle),
    )  # fmt: skip


def talk(thread: Post, answer: WordsForm | None = None, verdict: VerdictForm | None = None) -> str:
    """A thread with its answers, and the forms of those who may write."""
    circle = service.circle_of(thread)
    member = service.of(actor(), circle.id)
    may_judge = thread.kind == rules.CHECK and can(actor(), "circle.write")
    return render_template(
        "public/circle_talk.html",
        **_frame(circle),
        thread=thread,
        page=service.answers(thread, request.args.get("cursor")),
        member=member,
        may_write=member is not None and member.is_("joined") and circle.is_("open") and thread.is_("shown"),
        obstacle=service.obstacle(actor(), circle, thread) if may_judge else "",
        may_judge=may_judge,
        answer=answer or WordsForm(formdata=None),
        verdict=verdict or VerdictForm(formdata=None),
        verdicts=rules.VERDICTS,
        outcome=OUTCOMES[thread.counts.outcome(clock.today())],
        needed=service.needed_for(circle),
    )


def single(row: Post, report: ReportForm | None = None, exclusion: ExclusionForm | None = None) -> str:
    """One post on a page of its own: to report it, and to read what was decided on it."""
    decides = can(actor(), "circle.moderate")
    is_own = row.account_id == actor().account_id
    return render_template(
        "public/circle_post.html",
        **_frame(service.circle_of(row)),
        row=row,
        is_own=is_own,
        decides=decides,
        case=service.ruling_of(row) if is_own or decides else None,
        reports=service.reports_of(actor(), row) if decides else (),
        reasons=rules.REPORTS,
        report=report or ReportForm(formdata=None),
        exclusion=exclusion or ExclusionForm(formdata=None),
        may_report=can(actor(), "post.report") and row.is_("shown") and not is_own,
        may_contest=is_own and _may_contest(row),
        states=STATES,
    )


def own() -> str:
    """All that somebody wrote, and their circles."""
    page = service.of_author(actor(), request.args.get("cursor"))
    return render_template("shopper/circles.html", page=page, states=STATES)


def _may_contest(row: Post) -> bool:
    in_time = clock.now() - row.state_since <= rules.CONTEST_WITHIN
    return row.is_("withheld") and row.contested_at is None and in_time


def _frame(circle: Circle) -> dict[str, Any]:
    return {"circle": circle, "about": _words(circle), "category": CATEGORY_WORDS[circle.category]}


def _words(circle: Circle) -> Any:
    return rules.in_language(circle.texts, ui().locale)


def _offered(member: Any) -> str:
    """The name that they bear already, here or in another circle."""
    return str(member.alias) if member else service.last_alias(actor()) if actor().account_id else ""
