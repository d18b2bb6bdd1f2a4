"""Cases of payers’ banks, and our answer to them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from daigou.providers.payment import DisputeSeen

from . import facts
from .connection import Connection, plain
from .errors import translated


class Disputes(Connection):
    def dispute_seen(self, provider_id: str) -> DisputeSeen:
        with translated("reading a dispute"):
            return facts.dispute(plain(self._client.v1.disputes.retrieve(provider_id)))

    def upload_evidence(self, key: str, name: str, content: bytes) -> str:
        """A paper for a bank's eyes; answers with the provider's id of it."""
        with translated("uploading evidence"):
            paper = io.BytesIO(content)
            paper.name = name
            params: Any = {"purpose": "dispute_evidence", "file": paper}
            return str(self._client.v1.files.create(params, {"idempotency_key": key}).id)

    def answer_dispute(self, key: str, provider_id: str, evidence: Mapping[str, str]) -> DisputeSeen:
        """Send the evidence, for good: the bank reads it once."""
        with translated("answering a dispute"):
            params: Any = {"evidence": dict(evidence), "submit": True}
            return facts.dispute(plain(self._client.v1.disputes.update(provider_id, params, {"idempotency_key": key})))

    def close_dispute(self, key: str, provider_id: str) -> DisputeSeen:
        """Accept it: the payer keeps the money."""
        with translated("accepting a dispute"):
            return facts.dispute(plain(self._client.v1.disputes.close(provider_id, {}, {"idempotency_key": key})))
