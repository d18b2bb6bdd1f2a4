import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.shipping.rules import is_s10, s10_check_digit

serials = st.from_regex(r"[0-9]{8}", fullmatch=True)


def test_the_standards_own_example():
    assert s10_check_digit("47312482") == 9
    assert is_s10("RA473124829JP")


@given(serials)
def test_the_check_digit_is_one_digit_and_makes_a_valid_code(serial):
    digit = s10_check_digit(serial)
    assert 0 <= digit <= 9
    assert is_s10(f"EJ{serial}{digit}JP")


@given(serials, st.integers(0, 7), st.integers(1, 9))
def test_a_mistyped_digit_is_found(serial, place, shift):
    digit = s10_check_digit(serial)
    wrong = serial[:place] + str((int(serial[place]) + shift) % 10) + serial[place + 1 :]
    # 10 and 0 share a check digit by the standard, and so do 11 and 5: such pairs can't be told apart.
    if s10_check_digit(wrong) != digit:
        assert not is_s10(f"EJ{wrong}{digit}JP")


@pytest.mark.parametrize(
    "code", ["", "RA473124820JP", "ra473124829jp", "RA47312482JP", "RA473124829J", "RA４73124829JP"]
)
def test_anything_else_is_refused(code):
    assert not is_s10(code)
