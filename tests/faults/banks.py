"""A shopper's bank takes a payment back: the case, and an officer who answers it."""

from __future__ import annotations

from daigou.disputes import answering
from daigou.disputes.models import Dispute
from tests import factories

from .rows import fresh


class Case:
    """The case of one paid order."""

    def __init__(self, life) -> None:
        self.life, self.shop = life, life.shop
        self.officer = factories.actor(factories.account("officer"))

    def row(self) -> Dispute | None:
        return fresh(Dispute, order_ref=self.life.ref)

    def open(self) -> Case:
        charge = self.shop.ask(self.life.charge)
        self.shop.provider.post("/controls/disputes", data={"charge": charge}).raise_for_status()
        return self

    def assembled(self) -> Case:
        self.shop.until("its evidence is gathered", lambda: (row := self.row()) and row.assembled_at)
        return self

    def answer(self) -> None:
        if self.row().is_("evidence_due"):
            answering.submit(self.officer, self.row().ref)

    def accept(self) -> None:
        answering.accept(self.officer, self.row().ref, "The parcel never arrived, as its tracking says.")

    def decide(self, outcome: str) -> None:
        page = f"/controls/disputes/{self.row().provider_id}"
        self.shop.provider.post(page, data={"outcome": outcome}).raise_for_status()

    def is_answered(self) -> bool:
        return self.row().is_("submitted", "won", "lost")

    def is_booked(self) -> bool:
        return self.row().settled_at is not None
