"""Erasing somebody: what is refused, what goes, what the law keeps, and that nothing brings it back."""

import io
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import func, select, text

from compliance.privacy import erasing, expiring, holds, jobs, requests, rules, subject
from compliance.privacy.models_requests import PrivacyRequest, Probes, Remainder
from daigou import schema
from daigou.accounts import directory
from daigou.accounts.models import Account, Address
from daigou.accounts.sessions.models import Session
from daigou.core import clock
from daigou.core.crypto import ERASED, vault
from daigou.core.db import db, transaction
from daigou.core.errors import Impossible, Invalid, NotFound
from daigou.core.keystore import KeyDestroyed
from daigou.core.outbox import OutboxRow
from daigou.documents import service as documents
from daigou.documents.inspection import Checked
from daigou.notices.models import Notice
from daigou.notices.service import tell
from tests import factories

PURPOSES = ("account", "conversation", "identity", "transaction")
EMAIL = "mara.vogel@example.test"


@pytest.fixture
def mara(app):
    """Somebody with an address, a session and a message, and nothing open."""
    account = factories.account(email=EMAIL)
    factories.session_of(account)
    row = Address(ref="ADR-1", account_id=account.id, subject=account.subject, country="DE")
    row.content = {"name": "Mara Vogel", "street": "Brühl 17", "city": "Leipzig", "phone": "+49 341 1234567"}
    with transaction():
        db.session.add(row)
        tell(account.id, "test", "Hello", "Dear Mara Vogel", "/")
    return account


@pytest.fixture
def erase(app):
    def run(account, **more):
        asked = requests.ask_erasure(factories.actor(account), subject.person_with(account.id), at_once=True, **more)
        erasing.run(asked.id)
        db.session.expire_all()
        return db.session.get(PrivacyRequest, asked.id)

    return run


def test_nothing_of_them_can_be_read_or_found_any_more(mara, erase):
    assert erase(mara).state == "answered"
    assert (mara.state, mara.email, mara.name, mara.password_hash) == ("closed", ERASED, ERASED, None)
    assert directory.by_email(EMAIL) is None
    for model in (Address, Session, Notice):
        assert db.session.query(model).filter_by(account_id=mara.id).count() == 0
    for purpose in PURPOSES:
        with pytest.raises(KeyDestroyed):
            vault().keys.current(mara.subject, purpose)


def test_the_address_is_free_for_a_new_account(mara, erase):
    erase(mara)
    assert factories.account(email=EMAIL).email == EMAIL


def test_every_session_ends(mara, erase, client_of):
    browser = client_of(mara)
    assert browser.get("/account/privacy").status_code == 200
    erase(mara)
    assert browser.get("/account/privacy").status_code == 303


def test_what_the_law_keeps_stays_sealed_until_its_day_and_then_goes(mara, erase):
    shop, _owner = factories.merchant()
    factories.rates()
    order = factories.order(mara, factories.listing(shop))
    finish(order)
    erase(mara)
    left = db.session.query(Remainder).filter_by(subject=mara.subject).one()
    assert (left.purpose, left.until) == ("transaction", clock.today() + timedelta(days=2922))
    assert "AO" in left.source
    vault().keys.current(mara.subject, "transaction")
    assert expiring.run_due() == 0
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=2923))):
        assert (expiring.run_due(), expiring.run_due()) == (1, 0)
    with pytest.raises(KeyDestroyed):
        vault().keys.current(mara.subject, "transaction")
    assert db.session.get(Remainder, left.id).gone_at is not None


def finish(order):
    """As an order ends whose bill nobody paid."""
    from daigou.orders import service as orders

    orders.cancel(factories.actor(db.session.get(Account, order.account_id)), order.ref)


def test_open_business_refuses_it_and_says_which(mara, erase):
    shop, _owner = factories.merchant()
    factories.rates()
    item = factories.items_of(factories.paid_order(mara, factories.listing(shop)))[0]
    with pytest.raises(requests.Hindered) as refused:
        erase(mara)
    assert [(str(o.words), o.refs) for o in refused.value.obstacles] == [
        ("Items that are not delivered and settled yet", (item.ref,))
    ]


def test_who_owns_a_shop_or_works_here_ends_that_first(app, erase):
    _shop, owner = factories.merchant()
    for account in (owner, factories.account("officer")):
        with pytest.raises(requests.Hindered):
            erase(account)


def test_there_are_days_to_think_better_of_it(mara, work):
    asked = requests.ask_erasure(factories.actor(mara), subject.person_with(mara.id))
    work()
    erasing.run(asked.id)
    assert db.session.get(Account, mara.id).state == "active"
    assert "can’t be undone" in db.session.query(Notice).filter_by(kind="privacy.asked").one().content["body"]
    requests.withdraw(factories.actor(mara), asked.ref)
    with clock.use(clock.FixedClock(clock.now() + rules.COOLING_OFF + timedelta(hours=1))):
        work()
    states = (db.session.get(Account, mara.id).state, db.session.get(PrivacyRequest, asked.id).state)
    assert states == ("active", "withdrawn")


def test_after_those_days_it_happens_by_itself(mara, work):
    asked = requests.ask_erasure(factories.actor(mara), subject.person_with(mara.id))
    with clock.use(clock.FixedClock(clock.now() + rules.COOLING_OFF + timedelta(hours=1))):
        work()
    db.session.expire_all()
    states = (db.session.get(Account, mara.id).state, db.session.get(PrivacyRequest, asked.id).state)
    assert states == ("closed", "answered")


def test_business_that_was_opened_meanwhile_puts_it_off(mara, work):
    asked = requests.ask_erasure(factories.actor(mara), subject.person_with(mara.id))
    shop, _owner = factories.merchant()
    factories.rates()
    factories.order(mara, factories.listing(shop))
    with clock.use(clock.FixedClock(clock.now() + rules.COOLING_OFF + timedelta(hours=1))):
        work()
        db.session.expire_all()
        row = db.session.get(PrivacyRequest, asked.id)
        state = db.session.get(Account, mara.id).state
        assert (row.state, row.runs_at > clock.now(), state) == ("received", True, "active")
    assert db.session.query(Notice).filter_by(kind="privacy.put_off").count() == 1


def test_a_second_wish_finds_the_first(mara):
    me, actor = subject.person_with(mara.id), factories.actor(mara)
    requests.ask_erasure(actor, me)
    with pytest.raises(Impossible):
        requests.ask_erasure(actor, me)


def test_nobody_asks_for_somebody_else(mara):
    with pytest.raises(NotFound):
        requests.ask_erasure(factories.actor(factories.account()), subject.person_with(mara.id))


def test_a_legal_hold_keeps_what_it_names_and_only_that_until_it_is_lifted(mara, erase):
    officer = factories.actor(factories.account("officer"))
    with pytest.raises(Invalid):
        holds.place(officer, mara.subject, ["everything"], "")
    hold = holds.place(officer, mara.subject, ["account"], "Court order 7 O 12/26")
    assert holds.stays(subject.person_with(mara.id))["account"].source == "Court order 7 O 12/26"
    erase(mara)
    assert (mara.state, directory.by_email(EMAIL), mara.email) == ("closed", None, EMAIL)
    with pytest.raises(KeyDestroyed):
        vault().keys.current(mara.subject, "conversation")
    assert expiring.run_due() == 0
    holds.release(officer, hold.ref)
    assert expiring.run_due() == 1
    db.session.expire_all()
    assert mara.email == ERASED
    assert db.session.query(Address).filter_by(account_id=mara.id).count() == 0


def test_erasing_twice_changes_nothing(mara, erase):
    row = erase(mara)
    before = (row.stream_no, mara.stream_no, audited())
    erasing.run(row.id)
    erasing.run(row.id)
    db.session.expire_all()
    assert (row.stream_no, mara.stream_no, audited()) == before


def test_a_copy_that_was_being_made_is_made_for_nobody(mara, erase, work):
    """Erased between its beginning and its end: the job finds nobody, keeps nothing and does not come back."""
    key = requests.ask_copy(factories.actor(mara), subject.person_with(mara.id)).id
    erase(mara)
    work()
    row = db.session.get(PrivacyRequest, key)
    assert (row.state, row.file_id) == ("withdrawn", None)
    assert db.session.query(OutboxRow).filter(OutboxRow.last_error.is_not(None)).count() == 0


def audited():
    return db.session.scalar(select(func.count()).select_from(text("audit_entries")))


@pytest.mark.parametrize("step", ["_destroy_keys", "_finish"])
def test_what_died_half_way_is_taken_up_where_it_was(mara, step):
    """The keys go in a database of their own, so a crash can fall on both sides of it."""
    asked = requests.ask_erasure(factories.actor(mara), subject.person_with(mara.id), at_once=True)
    erasing._begin(asked.id)
    if step == "_finish":
        erasing._destroy_keys(mara.subject, erasing.leaving(mara.subject), asked.ref)
    erasing.run(asked.id)
    db.session.expire_all()
    assert (mara.state, mara.email, db.session.get(PrivacyRequest, asked.id).state) == ("closed", ERASED, "answered")


def test_news_for_who_is_gone_is_told_to_nobody(mara, erase, work):
    erase(mara)
    with transaction():
        tell(mara.id, "late", "Late news", "A job that was slow", "/")
    work()
    assert db.session.query(Notice).filter_by(account_id=mara.id).count() == 0
    assert db.session.query(OutboxRow).filter(OutboxRow.last_error.is_not(None)).count() == 0


def test_what_a_slow_job_wrote_meanwhile_is_tidied_away(mara, erase):
    erase(mara)
    with transaction():
        db.session.add(Notice(account_id=mara.id, subject=mara.subject, kind="late"))
    jobs.erase_due()
    assert db.session.query(Notice).filter_by(account_id=mara.id).count() == 0


def test_the_words_to_search_for_die_after_a_month(mara, erase):
    erase(mara)
    row = db.session.query(Probes).filter_by(erased_subject=mara.subject).one()
    key = row.subject
    assert EMAIL in row.words
    assert {"Mara Vogel", "Brühl 17", "+493411234567"} <= set(row.words)
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=32))):
        expiring.expire()
    assert db.session.query(Probes).count() == 0
    with pytest.raises(KeyDestroyed):
        vault().keys.current(key, "account")


def test_their_files_go_with_them(mara, erase, work):
    words = b"%PDF a paper of hers"
    file = documents.store(
        factories.actor(mara), f"account/{mara.id}", mara.subject, "account", "paper",
        Checked(io.BytesIO(words), "application/pdf", len(words), sha256(words).hexdigest()),
        allowed=documents.PAPERS, limit=1000,
    )  # fmt: skip
    key = file.storage_key
    erase(mara)
    work()
    assert not documents.storage().exists(key)


def test_the_log_still_proves_itself(mara, erase):
    erase(mara)
    kinds = set(db.session.scalars(text("SELECT kind FROM audit_entries WHERE subject = :s"), {"s": mara.subject}))
    assert {"account:created", "account:close", "privacy_request:answer"} <= kinds


def test_every_table_that_may_hold_a_persons_rows_says_what_becomes_of_them():
    owned = {name for name, table in schema.metadata.tables.items() if subject.has_owner(table)}
    assert owned == set(subject.FATE), "say in subject.FATE what becomes of it when the account goes"


def test_every_kind_of_open_business_names_states_that_there_are():
    for kind in holds.OPEN:
        assert set(kind.states) <= subject.model_of(kind.table).machine.states, kind.table
