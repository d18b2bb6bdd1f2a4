"""What a text gives away, however it is written."""

from datetime import date

import pytest

from daigou.risk import rules, words

DAY = date(2026, 11, 22)


def codes(text, look=words.look_in_message):
    return {each.code for each in look(text, DAY)}


@pytest.mark.parametrize(
    "text", ["高仿", "高 仿手办", "这是高-仿", "ＲＥＰＬＩＣＡ", "a re\u200bplica", "R.E.P.L.I.C.A", "走私"]
)
def test_forbidden_goods_are_found_however_they_are_spelled(text):
    assert "forbidden_word" in codes(text, words.look)


@pytest.mark.parametrize(
    "text",
    ["加微信聊", "my WeChat: rin", "w-e-c-h-a-t", "mail me at rin@example.jp", "rin (at) ex.jp", "+81 90 1234 5678",
     "13812345678", "https://pay.example.test/1", "pay me directly, it is cheaper", "t.me/rin"],
)  # fmt: skip
def test_ways_off_the_platform_are_found_in_a_message(text):
    assert "lure" in codes(text)


@pytest.mark.parametrize(
    "text",
    ["Is the box sealed?", "The outline identifies it", "18,400 yen is fine", "Ref ORD-7K3M9Q2XW4 please", "1/7 scale",
     "原来的厂家在大阪", "Made by Hoshino since 1998", "It signals quality"],
)  # fmt: skip
def test_ordinary_questions_raise_nothing(text):
    assert codes(text) == set()


def test_a_makers_link_is_fair_in_a_listing_and_leads_away_in_a_message():
    assert codes("https://hoshino.example/rin", words.look) == set()
    assert codes("https://hoshino.example/rin") == {"lure"}


def test_words_hold_from_their_day_on():
    assert words.look("replica", date(2025, 12, 31)) == []


def test_a_price_is_compared_only_where_there_is_enough_to_compare():
    assert not rules.is_far_below(1, [100, 100])
    assert rules.is_far_below(39, [100, 100, 100])
    assert not rules.is_far_below(40, [100, 100, 100])
    assert rules.has_fallen(100, 49)
    assert not rules.has_fallen(100, 50)
