"""The use cases of circles, under one name: pages import from here."""

from .checking import judge, kept_by, needed_for, obstacle
from .joining import choose_notices, join, last_alias, leave, of
from .keeping import Plan, close, edit, make, reopen
from .moderating import contest, exclude, readmit, report, reports_of, ruling_of
from .reading import (
    answers,
    circle,
    circle_of,
    circles,
    every,
    for_listing,
    mine,
    of_author,
    photo,
    post,
    thread,
    threads,
)
from .writing import Draft, answer, ask_peers, talk, withdraw

__all__ = [
    "Draft",
    "Plan",
    "answer",
    "answers",
    "ask_peers",
    "choose_notices",
    "circle",
    "circle_of",
    "circles",
    "close",
    "contest",
    "edit",
    "every",
    "exclude",
    "for_listing",
    "join",
    "judge",
    "kept_by",
    "last_alias",
    "leave",
    "make",
    "mine",
    "needed_for",
    "obstacle",
    "of",
    "of_author",
    "photo",
    "post",
    "readmit",
    "reopen",
    "report",
    "reports_of",
    "ruling_of",
    "talk",
    "thread",
    "threads",
    "withdraw",
]
