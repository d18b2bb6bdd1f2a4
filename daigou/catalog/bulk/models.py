"""Tables of listings that merchants sent, and what became of each row."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.access import MERCHANT_ROLES
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import LISTING_IMPORT, WAITING


class ListingImport(Stateful, Model):
    """One table that was sent, perhaps with an archive of photos."""

    __tablename__ = "listing_imports"
    machine: Machine = LISTING_IMPORT

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    sent_by: Mapped[UUID]
    mode: Mapped[str] = mapped_column(String(10))  # all, good
    locale: Mapped[str] = mapped_column(String(12))  # of the words in the rows' faults
    rows: Mapped[int]
    archive_key: Mapped[str | None] = mapped_column(String(80))  # in the storage, until all is done
    # {"kept": 9, "there": 1, "wrong": 2}, when it has ended
    counts: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)

    __table_args__ = (
        Index("ix_listing_imports_merchant", "merchant_id", "id"),
        Index("ix_listing_imports_state", "state", "state_since"),
    )

    def parties(self) -> dict[str, object]:
        return dict.fromkeys(MERCHANT_ROLES, self.merchant_id)


class ImportRow(Model):
    """One row as it was sent. ``faults`` are pairs of a column's label and words, in the sender's language."""

    __tablename__ = "listing_import_rows"

    import_id: Mapped[UUID] = mapped_column(ForeignKey("listing_imports.id"))
    number: Mapped[int]  # as a spreadsheet counts: the first row after the names is 2
    key: Mapped[str] = mapped_column(String(80))
    cells: Mapped[dict[str, str]] = mapped_column(JSONB)
    verdict: Mapped[str] = mapped_column(String(10), default=WAITING)
    faults: Mapped[list[list[str]]] = mapped_column(JSONB, default=list)
    listing_ref: Mapped[str | None] = mapped_column(String(20))

    __table_args__ = (
        Index("uq_listing_import_rows", "import_id", "number", unique=True),
        Index("ix_listing_import_rows_verdict", "import_id", "verdict", "number"),
    )
