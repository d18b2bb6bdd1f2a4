"""What officers see of money that is not where it shall be, and of the days that were compared."""

import re
from datetime import timedelta

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.payments.payouts.banking.models import BankEntry, BankReport
from daigou.payments.payouts.models import Payout, ProviderPayout
from daigou.reconciliation import service
from daigou.reconciliation.models import ReconciliationRun
from tests import factories


def test_money_on_its_way_and_money_that_belongs_to_nothing_stand_on_the_page(app, client_of):
    """Between two sides it is on its way, after some days it is late, and what the bank can't name is misposted."""
    officer, day = factories.account("officer"), clock.today()
    shop, _owner = factories.merchant(country="KR", currency="KRW")
    with transaction():
        ours = ProviderPayout(provider_id="po_1", currency="JPY", amount_minor=700, arrives=day)
        sent = Payout(ref="PAY-1", merchant_id=shop.id, merchant_ref=shop.ref, rail="bank_file", currency="KRW",
                      amount_minor=50_000, releases=1)  # fmt: skip
        for row in (ours, sent):
            door.created(system("test"), row)
        db.session.flush()
        door.transition(system("test"), sent, "submit")
        report = BankReport(message_id="M", sha256="0" * 64, entries=1, imported_by=officer.id)
        db.session.add(report)
        db.session.flush()
        db.session.add(BankEntry(report_id=report.id, entry_key="E", reference="?", currency="KRW", amount_minor=-5,
                                 booked_on=day, verdict="unmatched"))  # fmt: skip
    page = client_of(officer).get("/officer/reconciliation").text
    assert [(row.what, row.amount.minor) for row in service.moving()] == [("bank_file", 50_000), ("own_payout", 700)]
    assert [row.what for row in service.delayed()] == ["bank_entry"]
    assert "From our bank to merchants" in page
    assert "belong to nothing we know" in page
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=5))):
        assert {row.what for row in service.delayed()} == {"bank_entry", "bank_file", "own_payout"}


def test_the_list_of_days_turns_and_leaves_the_other_lists_where_they_are(app, client_of):
    with transaction():
        for n in range(15):
            door.created(system("test"), ReconciliationRun(day=clock.today() - timedelta(days=n)))
    desk = client_of(factories.account("officer"))
    older = re.search(r'rel="next" href="([^"]+)"', desk.get("/officer/reconciliation").text)[1].replace("&amp;", "&")
    last = desk.get(older)
    assert (clock.today() - timedelta(days=14)).isoformat() in last.text
    assert 'rel="prev" href="/officer/reconciliation#runs"' in last.text
