"""Drawn pictures: the same for the same seed, of one size, light enough for a phone."""

from io import BytesIO

import pytest
from PIL import Image

from daigou.demo import pictures


@pytest.mark.parametrize("kind", pictures.KINDS)
def test_a_picture_is_the_same_each_time_and_small(kind):
    first = pictures.draw(kind, 11, "whole")
    assert first == pictures.draw(kind, 11, "whole")
    assert len(first) < 60_000
    assert Image.open(BytesIO(first)).size == (960, 960)


@pytest.mark.parametrize("view", pictures.VIEWS)
def test_every_view_is_a_picture_of_its_own(view):
    picture = pictures.draw("camera", 4, view)
    assert len(picture) < 60_000
    assert all(picture != pictures.draw("camera", 4, other) for other in pictures.VIEWS if other != view)


def test_another_seed_is_another_picture():
    assert pictures.draw("ceramic", 1, "whole") != pictures.draw("ceramic", 2, "whole")


def test_the_names_that_people_use_work_too():
    assert pictures.draw("sunscreen", 1, "whole") == pictures.draw("cosmetics", 1, "whole")


def test_what_there_is_not_is_refused():
    with pytest.raises(KeyError):
        pictures.draw("car", 1, "whole")
    with pytest.raises(KeyError):
        pictures.draw("camera", 1, "behind")


def test_receipts_and_documents_are_drawn_from_lines():
    receipt = pictures.receipt(["Hoshino Hobby", "-", "Moon Courier Rin|¥18,400"])
    assert receipt == pictures.receipt(["Hoshino Hobby", "-", "Moon Courier Rin|¥18,400"])
    assert Image.open(BytesIO(receipt)).size == (720, 960)
    page = pictures.document("Business licence", ["Trade name|Hoshino Hobby K.K."])
    assert Image.open(BytesIO(page)).format == "WEBP"
    assert max(len(receipt), len(page)) < 60_000
