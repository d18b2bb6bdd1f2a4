from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from daigou.core import ids
from daigou.core.money import Money, total
from daigou.orders.rules import Offer, as_json, from_json, itemise
from daigou.pricing.rules import FeeRule, Quotation

DAY = date(2026, 11, 20)
FEE = FeeRule("service", Decimal(60), 300, "EUR", DAY, "test")
RATES = {
    "JPY": Quotation("JPY", "EUR", Decimal("0.0063437500"), DAY, "ECB", Decimal(15)),
    "KRW": Quotation("KRW", "EUR", Decimal("0.0006343750"), DAY, "ECB", Decimal(15)),
    "EUR": Quotation("EUR", "EUR", Decimal(1), DAY, ""),
}
COMMISSION = dict.fromkeys(RATES, Decimal(50))


def offer(goods, freight, currency="JPY", quantity=1):
    return Offer(
        ids.new_id(), 3, ids.new_id(), "MER-1", "Hoshino", "Rin", "FIL-1", "figures", "new", "JP", "950300", quantity,
        Money(goods, currency), Money(freight, currency), 900, 300, 200, 200,
    )  # fmt: skip


offers = st.lists(
    st.builds(offer, st.integers(1, 10**9), st.integers(0, 10**7), st.sampled_from(sorted(RATES)), st.integers(1, 99)),
    min_size=1,
    max_size=12,
)


@given(offers)
def test_the_lines_of_a_quote_sum_to_goods_freight_and_one_fee(found):
    lines = itemise(found, RATES, FEE, COMMISSION)
    goods = total((line.goods for line in lines), "EUR")
    assert total((line.fee for line in lines), "EUR") == FEE.of(goods)
    parts = goods + total((line.freight for line in lines), "EUR") + FEE.of(goods)
    assert total((line.total for line in lines), "EUR") == parts


@given(offers)
def test_nothing_in_a_quote_is_negative(found):
    for line in itemise(found, RATES, FEE, COMMISSION):
        assert min(line.goods.minor, line.freight.minor, line.fee.minor, line.commission.minor) >= 0


@given(offers)
def test_each_line_is_converted_half_to_even_by_its_locked_rate(found):
    for line in itemise(found, RATES, FEE, COMMISSION):
        shift = 1 if line.offer.goods.currency == "EUR" else 100
        assert line.goods.minor == round(line.offer.goods.minor * Fraction(line.rate.rate) * shift)


@given(offers)
def test_a_merchant_is_never_charged_more_commission_than_the_goods(found):
    for line in itemise(found, RATES, FEE, COMMISSION):
        assert line.commission <= line.offer.goods
        assert line.commission.currency == line.offer.goods.currency


@given(offers)
def test_a_kept_line_reads_back_as_it_was(found):
    for line in itemise(found, RATES, FEE, COMMISSION):
        assert from_json(as_json(line), "EUR") == line
