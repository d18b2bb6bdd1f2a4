"""Two at the same moment, on real PostgreSQL: one code, one invitation, one recovery code."""

import threading

import pytest

from daigou.accounts import members
from daigou.accounts.factors import recovery, totp
from daigou.accounts.factors.models import Totp
from daigou.accounts.models import Account, Invitation, Member
from daigou.core import clock
from daigou.core.db import db, transaction
from tests import factories

from .test_factors import SECRET, code


@pytest.fixture
def race(committed_app):
    """Run the works at once, each with a session of its own: what each answered."""

    def run(*works):
        found, together = [], threading.Barrier(len(works))

        def go(work):
            with committed_app.app_context():
                together.wait()
                try:
                    found.append(work())
                except Exception as error:
                    found.append(type(error).__name__)
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=go, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return found

    return run


def test_one_code_of_the_app_opens_one_door(committed_app, race):
    account = factories.account()
    with transaction():
        row = Totp(account_id=account.id, subject=account.subject, confirmed_at=clock.now())
        row.secret = SECRET
        db.session.add(row)
    now, key = code(), row.id

    def use():
        with transaction():
            return totp.takes(db.session.get(Totp, key), now)

    assert sorted(race(*[use] * 6)) == [False] * 5 + [True]


def test_one_recovery_code_opens_one_door(committed_app, race):
    account = factories.account()
    with transaction():
        paper = recovery.issue(account)[0]
    key = account.id

    def use():
        with transaction():
            return recovery.takes(db.session.get(Account, key), paper)

    assert sorted(race(*[use] * 6)) == [False] * 5 + [True]


def test_one_invitation_makes_one_member(committed_app, race):
    _shop, owner = factories.merchant()
    person = factories.account()
    ref = members.invite(factories.actor(owner), person.email, ["lister"], "en").ref
    who = factories.actor(person)
    assert sorted(map(str, race(*[lambda: members.accept(who, ref)] * 4))) == ["Impossible"] * 3 + ["None"]
    assert db.session.query(Member).filter_by(account_id=person.id).count() == 1
    assert db.session.query(Invitation).filter_by(closed_at=None).count() == 0
