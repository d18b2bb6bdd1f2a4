"""Prometheus metrics: what a person would want to be woken for. Answers to loopback, or to who has the token."""

from __future__ import annotations

import hmac

from flask import Response, abort, current_app, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest
from sqlalchemy import text

from blueprints.guard import guarded
from daigou.core.db import db

from . import bp

# One statement: gauges of work that waits, and of things that wait for a person.
GAUGES = {
    "daigou_outbox_waiting": "SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL",
    "daigou_outbox_given_up": "SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL",
    "daigou_inbox_waiting": "SELECT count(*) FROM inbox_events WHERE done_at IS NULL",
    "daigou_refunds_failed": "SELECT count(*) FROM refunds WHERE state = 'failed'",
    "daigou_releases_failed": "SELECT count(*) FROM releases WHERE state = 'failed'",
    "daigou_audit_log_size": "SELECT coalesce(max(leaf_index) + 1, 0) FROM audit_leaves",
}


@bp.get("/metrics")
@guarded("metrics.view")
def metrics() -> Response:
    """404 for others: nobody needs to know that it is here."""
    if not _may_read():
        abort(404)
    registry = CollectorRegistry()
    columns = ", ".join(f"({sql}) AS {name}" for name, sql in GAUGES.items())
    row = db.session.execute(text(f"SELECT {columns}")).mappings().one()
    for name in GAUGES:
        Gauge(name, name.replace("_", " "), registry=registry).set(row[name])
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_read() -> bool:
    token = current_app.extensions["config"].metrics_token
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {token}")
    return request.remote_addr in ("127.0.0.1", "::1")
