"""Brings the exchange rates up to date."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import current_app
from sqlalchemy import func, select

from daigou.core import clock
from daigou.core.db import db
from daigou.providers import ecb

from . import service
from .models import Rate

log = logging.getLogger(__name__)


def refresh_rates() -> None:
    """Fetch the ECB's daily file and keep what is new. Raises when it can't be had: the queue shows failed jobs."""
    found = ecb.fetch(current_app.extensions["config"].ecb_url)
    if found.day > clock.today() + timedelta(days=1):
        raise ecb.BadFile(f"rates of a day to come: {found.day}")
    made = service.record_rates(found.day, found.rates, found.source)
    log.info("exchange rates refreshed", extra={"day": found.day.isoformat(), "new": made})


def refresh_missing_rates() -> None:
    """At the first start, or after days without an answer: don't wait for tomorrow's run."""
    newest = db.session.execute(select(func.max(Rate.day))).scalar_one()
    if newest is None or (clock.today() - newest).days > 3:
        refresh_rates()
