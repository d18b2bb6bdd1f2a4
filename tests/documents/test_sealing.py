import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.core.keystore import DataKey
from daigou.documents import sealing

KEY = DataKey(uuid4(), os.urandom(32))
PLACE = "stored_files|content|1"


def sealed(plain, place=PLACE):
    return b"".join(sealing.seal(KEY, place, [plain]))


def opened(data, place=PLACE, piece=1000):
    pieces = [data[i : i + piece] for i in range(0, len(data), piece)]
    return b"".join(sealing.unseal(lambda _: KEY, place, pieces))


@pytest.mark.parametrize(
    "size", [0, 1, sealing.CHUNK - 1, sealing.CHUNK, sealing.CHUNK + 1, 3 * sealing.CHUNK, 200_001]
)
def test_what_was_sealed_opens_whatever_its_length(size):
    plain = os.urandom(size)
    assert opened(sealed(plain)) == plain


@given(st.binary(max_size=2000), st.integers(1, 300))
def test_the_pieces_storage_answers_in_do_not_matter(plain, piece):
    assert opened(sealed(plain), piece=piece) == plain


@pytest.mark.parametrize("cut", [1, 17, sealing.CHUNK + 16, sealing.CHUNK + 17])
def test_a_file_cut_off_anywhere_does_not_open(cut):
    with pytest.raises(sealing.Damaged):
        opened(sealed(os.urandom(2 * sealing.CHUNK))[:-cut])


def test_a_cut_in_the_header_is_damage_too():
    with pytest.raises(sealing.Damaged):
        opened(sealed(b"hello")[:30])


def test_chunks_may_not_change_places():
    data = sealed(os.urandom(3 * sealing.CHUNK))
    step, head = sealing.CHUNK + sealing.TAG, sealing.HEADER
    swapped = data[:head] + data[head + step : head + 2 * step] + data[head : head + step] + data[head + 2 * step :]
    with pytest.raises(sealing.Damaged):
        opened(swapped)


def test_a_file_moved_to_another_row_does_not_open():
    with pytest.raises(sealing.Damaged):
        opened(sealed(b"paper"), place="stored_files|content|2")


@given(st.integers(sealing.HEADER - 32, 300))
def test_any_changed_byte_is_found(at):
    data = bytearray(sealed(b"x" * 400))
    data[at] ^= 1
    with pytest.raises(sealing.Damaged):
        opened(bytes(data))


def test_two_files_of_one_key_share_no_cipher_text():
    assert sealed(b"same")[sealing.HEADER :] != sealed(b"same")[sealing.HEADER :]
