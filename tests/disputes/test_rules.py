from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from daigou.core.money import Money
from daigou.disputes import rules
from daigou.ledger.rules import imbalance
from daigou.providers.payment import BookLine

amounts = st.integers(1, 10**7)


@given(st.lists(amounts, min_size=1, max_size=6), st.data())
def test_what_a_lost_case_takes_sums_to_what_the_bank_took_and_never_more_than_is_held(prices, data):
    parts = [(str(n), Money(minor, "EUR")) for n, minor in enumerate(prices)]
    held = {owner: Money(data.draw(st.integers(0, m.minor)), "EUR") for owner, m in parts}
    disputed = Money(data.draw(st.integers(1, sum(prices))), "EUR")
    taken = rules.takings(disputed, parts, held)
    assert sum(t.held.minor + t.gone.minor for t in taken) == disputed.minor
    assert all(0 <= t.held.minor <= held[t.owner].minor and t.gone.minor >= 0 for t in taken)


@given(st.lists(amounts, min_size=1, max_size=4), amounts, amounts, st.sampled_from(["EUR", "JPY"]))
def test_a_lost_case_balances_in_every_currency(prices, cost, worth, settled):
    parts = [(str(n), Money(minor, "EUR")) for n, minor in enumerate(prices)]
    held = {owner: Money(m.minor // 2, "EUR") for owner, m in parts}
    taken = rules.takings(Money(sum(prices), "EUR"), parts, held)
    lines = rules.lost("case", taken, Money(cost, settled), Money(worth, settled))
    assert imbalance(lines) == {}


def test_taken_and_given_back_leaves_nothing_on_the_case():
    at = datetime(2026, 11, 1, tzinfo=UTC)
    away = BookLine("1", "dispute", "d", Money(-100, "JPY"), Money(15, "JPY"), at)
    back = BookLine("2", "dispute_reversal", "d", Money(100, "JPY"), Money(0, "JPY"), at)
    lines = rules.moved("case", away) + rules.moved("case", back)
    assert imbalance(lines) == {}
    assert sum(line.amount for line in lines if line.book.kind == "disputed") == 0


def test_words_are_kept_within_what_the_provider_takes():
    texts = {"uncategorized_text": "x" * 200_000, "customer_name": " Mara ", "secret": "no", "receipt": "f"}
    found = rules.trimmed(texts)
    assert found["customer_name"] == "Mara"
    assert set(found) == {"customer_name", "uncategorized_text"}
    assert sum(map(len, found.values())) <= rules.ALL_TEXTS
