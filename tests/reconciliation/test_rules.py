from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.core.money import Money
from daigou.ledger.rules import imbalance
from daigou.providers.payment import BookLine
from daigou.reconciliation import rules
from daigou.reconciliation.rules import Pair, Verdict, judge

NOW = datetime(2026, 11, 22, 2, tzinfo=UTC)
OLD, YOUNG = NOW - timedelta(hours=9), NOW - timedelta(minutes=9)


def pair(theirs=90, ours=90, kind="charge", our_kind="captured", at=OLD, fee=10, our_fee=10, elsewhere=0):
    return Pair("stripe:txn_1", kind, at, theirs, fee, ours, our_fee, our_kind, elsewhere)


@pytest.mark.parametrize(
    ("found", "verdict"),
    [
        (pair(), None),
        (pair(ours=None, our_kind=None), Verdict("fault", "missing_here")),
        (pair(ours=None, our_kind=None, at=YOUNG), Verdict("timing", "on_its_way")),
        (pair(theirs=None), Verdict("fault", "missing_there")),
        (pair(theirs=None, at=YOUNG), Verdict("timing", "on_its_way")),
        (pair(ours=89), Verdict("fault", "amount_differs")),
        (pair(our_kind="refunded"), Verdict("fault", "misposted")),
        (pair(ours=0, elsewhere=90), Verdict("fault", "misposted")),
        (pair(our_fee=9), Verdict("fee", "fee_differs")),
        (pair(kind="payout", ours=None, our_kind=None), Verdict("timing", "own_movement")),
        (pair(kind="fee", ours=None, our_kind=None), Verdict("fee", "own_fee")),
        (pair(kind="something_new", our_kind="whatever"), None),
    ],
)
def test_a_pair_is_what_it_is(found, verdict):
    assert judge(found, NOW) == verdict


@given(st.integers(-(10**9), 10**9), st.integers(0, 10**6), st.sampled_from(sorted(rules.TO_BANK | rules.FEES)))
def test_own_movements_balance_and_move_clearing_by_just_their_net(gross, fee, kind):
    line = BookLine("txn_1", kind, "po_1", Money(gross, "JPY"), Money(fee, "JPY"), NOW)
    lines = rules.own_lines(line)
    assert imbalance(lines) == {}
    assert sum(x.amount for x in lines if x.book.kind == "clearing") == gross - fee
