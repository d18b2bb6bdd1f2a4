"""What people write to us about: figures by month, and what was said."""

from __future__ import annotations

from flask import render_template, request, url_for

from blueprints.guard import actor, guarded
from daigou.conversations import figures
from daigou.conversations.rules import TOPIC_WORDS

from . import bp

FIRST = "idea"


@bp.get("/feedback")
@guarded("support.work")
def feedback() -> str:
    asked = request.args.get("topic", FIRST)
    topic = asked if asked in TOPIC_WORDS else FIRST
    return render_template(
        "officer/feedback.html",
        console=True,
        months=figures.by_month(actor()),
        topics=TOPIC_WORDS,
        topic=topic,
        page=figures.about(actor(), topic, request.args.get("cursor")),
        tabs_of=[(words, url_for("officer.feedback", topic=key), key == topic) for key, words in TOPIC_WORDS.items()],
    )
