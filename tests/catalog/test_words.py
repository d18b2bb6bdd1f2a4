from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.catalog import tariff
from daigou.catalog.words import asked, words, words_of


def listing(**more):
    plain = dict.fromkeys(("title", "brand", "model", "ref", "description"), "")
    return SimpleNamespace(**{**plain, "translations": {}, **more})


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Moon Courier, 1/7", ["moon", "courier", "1", "7"]),
        ("月の使者Rin", ["月の", "の使", "使者", "rin"]),
        ("Ｆｉｇｕｒｅ Café", ["figure", "cafe"]),
        ("달의 배달부", ["달의", "배달", "달부"]),
        ("🙂 \u202e--", []),
    ],
)
def test_text_becomes_words_and_pairs(text, found):
    assert words(text) == found


@given(st.text(max_size=200))
def test_what_a_title_holds_is_found_by_it(title):
    assert set(asked(title)) <= set(words_of(listing(title=title)))


@given(st.text(max_size=40), st.text(alphabet="月之信使手办限定", min_size=1, max_size=8), st.text(max_size=40))
def test_any_part_of_a_chinese_title_finds_it(before, part, after):
    found = set(words_of(listing(title=f"{before} {part} {after}")))
    assert set(asked(part)) <= found


@pytest.mark.parametrize(("text", "code"), [("9503.00", "950300"), ("9503 00 70", "95030070"), ("950300", "950300")])
def test_a_tariff_number_is_read_as_people_write_it(text, code):
    assert tariff.normal(text) == code


@pytest.mark.parametrize(
    "text", ["", "9503", "999999", "abc", "95030", "950300701", "９５０３００", "🙂", "950300; DROP"]
)
def test_what_is_no_tariff_number_is_refused(text):
    assert tariff.normal(text) is None
