"""Every sealed value and file of the erased person is tried to be opened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from flask import current_app
from sqlalchemy import select

from compliance.privacy.purposes import PURPOSES
from compliance.privacy.subject import models, sealed_of
from daigou.core.crypto import vault
from daigou.core.db import db, transaction
from daigou.core.keystore import KeyDestroyed
from daigou.documents import sealing
from daigou.documents.models import StoredFile

from .report import Finding, Known, Report

MOST_OPENED: Final = 100_000


def try_opening(report: Report, who: Known, part: str) -> None:
    """Try to open every sealed value and file of the erased person. What the law keeps may open, and is said."""
    if who.subject is None:
        report.left_out[f"{part}sealed values"] = "the words kept at the erasure are gone, so nobody knows whose"
        return
    with transaction():
        kept = who.kept
        report.kept += [f"{part}{purpose} until {until}: {source}" for purpose, (until, source) in kept.items()]
        tried = _try_rows(report, who.subject, kept, part) + _try_files(report, who.subject, kept, part)
    report.searched[f"{part}sealed values"] = f"{tried} tried to open"
    alive = [p for p in PURPOSES if p not in kept and who.subject not in vault().keys.erased(p)]
    report.findings += [Finding(f"{part}key store", f"no tombstone for {purpose}") for purpose in alive]


def _try_rows(report: Report, subject: str, kept: dict[str, Any], part: str) -> int:
    tried = 0
    for model in models().values():
        if "subject" not in model.__table__.columns:
            continue
        for sealed in sealed_of(model).values():
            column = getattr(model, sealed.column)
            rows = select(model.id, column).where(model.subject == subject, column.is_not(None)).limit(MOST_OPENED)
            opened = 0
            for row_id, octets in db.session.execute(rows):
                tried += 1
                opened += _opens(f"{model.__tablename__}|{sealed.column}|{row_id}", bytes(octets))
            if opened and sealed.purpose not in kept:
                place = f"{part}sealed {model.__tablename__}.{sealed.column}"
                report.findings.append(Finding(place, f"{opened} values can be read"))
    return tried


def _opens(place: str, octets: bytes) -> bool:
    try:
        vault().open(place, octets)
    except (KeyDestroyed, InvalidTag):
        return False
    return True


def _try_files(report: Report, subject: str, kept: dict[str, Any], part: str) -> int:
    storage, tried = current_app.extensions["storage"], 0
    for file in db.session.scalars(select(StoredFile).where(StoredFile.subject == subject)):
        if file.data_key_id is None or not storage.exists(file.storage_key):
            continue
        tried += 1
        if _file_opens(file, storage.open(file.storage_key)) and file.purpose not in kept:
            report.findings.append(Finding(f"{part}storage {file.storage_key}", "a sealed file can be read"))
    return tried


def _file_opens(file: StoredFile, pieces: Iterable[bytes]) -> bool:
    try:
        next(sealing.unseal(vault().keys.by_id, f"stored_files|content|{file.id}", pieces), b"")
    except (KeyDestroyed, sealing.Damaged):
        return False
    return True
