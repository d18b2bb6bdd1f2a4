"""Puts the demo market into an empty database, all of it or nothing."""

from __future__ import annotations

import logging
from datetime import timedelta

import httpx
from sqlalchemy import exists, select

from daigou.accounts.models import Account
from daigou.app import create_app
from daigou.core import clock
from daigou.core.config import Config
from daigou.core.db import db, transaction
from daigou.pricing import jobs as pricing
from daigou.providers import ecb

from . import market, people, talk

log = logging.getLogger(__name__)

OPENED, BETWEEN = timedelta(days=35), timedelta(hours=26)

Pictures = dict[market.Picture, bytes]


def seed_once(config: Config) -> list[people.Login]:
    """The demo logins, or none when somebody is there already or a provider is real. Safe to call at every start."""
    if not config.is_sandbox:
        return []
    with create_app(config).app_context():
        if db.session.execute(select(exists(select(Account.id)))).scalar_one():
            return []
        db.session.rollback()
        drawn = market.pictures()
        with transaction():
            logins = _over_weeks(drawn) if not config.timestamp_url else _at_once(drawn)
        _fetch_rates()
    return logins


def _over_weeks(drawn: Pictures) -> list[people.Login]:
    """The market opened five weeks ago and has put up a listing a day since: the use cases run by that clock."""
    past = clock.FixedClock(clock.now() - OPENED)
    with clock.use(past):
        logins, shops = people.settle_in()
        market.offer(shops, drawn, lambda: past.advance(BETWEEN))
        talk.begin(drawn)
    return logins


def _at_once(drawn: Pictures) -> list[people.Login]:
    """Where a timestamp service vouches for the log, no entry may say another time than its own."""
    logins, shops = people.settle_in()
    market.offer(shops, drawn)
    talk.begin(drawn)
    return logins


def _fetch_rates() -> None:
    """The first rates, so that prices can be shown at once. Without them the clock-work tries again soon."""
    try:
        pricing.refresh_missing_rates()
    except (httpx.HTTPError, ecb.BadFile):
        log.warning("no exchange rates yet", exc_info=True)
