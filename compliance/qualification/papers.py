"""The papers of an application: who may read them, which stand, which were seen before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import select

from daigou.core.access import Actor, require
from daigou.core.db import db, load
from daigou.documents import access
from daigou.documents.models import StoredFile

from .models import Application, Paper


def readable(actor: Actor, file: StoredFile) -> None:
    """The applicant and the officers; for all others there is no such file."""
    require(actor, "document.view", load(Paper, file_id=file.id))


access.by_kind["paper"] = readable


def of(application: Application) -> list[Paper]:
    """All papers of an application, replaced ones too, oldest first."""
    statement = select(Paper).where(Paper.application_id == application.id).order_by(Paper.id)
    return list(db.session.execute(statement).scalars())


def current(papers: Iterable[Paper]) -> dict[str, Paper]:
    """The newest paper of each kind."""
    return {paper.kind: paper for paper in papers if not paper.is_("replaced")}


def facts(papers: Iterable[Paper]) -> list[tuple[str, str, date | None]]:
    """As rules want them: (kind, state, valid_to)."""
    return [(paper.kind, paper.state, paper.valid_to) for paper in papers]


def files(papers: Sequence[Paper]) -> dict[object, StoredFile]:
    """The stored files of papers, by their ids."""
    statement = select(StoredFile).where(StoredFile.id.in_([paper.file_id for paper in papers]))
    return {file.id: file for file in db.session.execute(statement).scalars()}


def sent_by_others(found: Iterable[StoredFile], subject: str) -> set[str]:
    """The digests of those that somebody else has sent too."""
    digests = [file.sha256 for file in found]
    statement = select(StoredFile.sha256).where(
        StoredFile.sha256.in_(digests), StoredFile.kind == "paper", StoredFile.subject != subject
    )
    return set(db.session.execute(statement).scalars())
