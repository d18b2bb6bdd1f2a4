"""Files, encrypted where they lie. The bytes are with the storage provider; here is what opens and proves them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model


class StoredFile(Model):
    """``sha256`` is of the plain bytes; ``about`` names the stream of the thing it belongs to (``item/<id>``)."""

    __tablename__ = "stored_files"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    subject: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(20))
    kind: Mapped[str] = mapped_column(
        String(30)
    )  # paper, receipt, qc_photo, qc_report, listing_photo, label, customs_form
    about: Mapped[str] = mapped_column(String(120))
    media_type: Mapped[str] = mapped_column(String(60))
    size: Mapped[int]
    pages: Mapped[int] = mapped_column(default=1)  # of a PDF
    sha256: Mapped[str] = mapped_column(String(64))
    storage_key: Mapped[str] = mapped_column(Text, unique=True)
    data_key_id: Mapped[UUID | None]  # None: a public file (listing photo), stored plain
    uploaded_by: Mapped[UUID | None]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_stored_files_about", "about", "kind", "id"),
        Index("ix_stored_files_sha256", "sha256"),  # the same paper sent by two people
    )
