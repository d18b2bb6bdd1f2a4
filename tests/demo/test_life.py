"""The demo's business: what may be known of it without playing it (tests/journeys plays it beside a whole stack)."""

from daigou.demo import people
from daigou.life.applying import KIKU, LANTERN, TSURU
from daigou.life.diary import Diary
from daigou.life.scenes import SCENES
from daigou.sandbox.carrier import timeline


def test_a_scene_is_begun_once_even_when_the_machine_was_stopped_in_between(tmp_path):
    file = tmp_path / "life.json"
    assert Diary(file).begin("a pen arrives")
    assert not Diary(file).begin("a pen arrives")
    assert Diary(file).begin("a figure waits")
    assert file.stat().st_mode & 0o077 == 0


def test_every_scene_has_a_name_of_its_own():
    assert len({scene.__name__ for scene in SCENES}) == len(SCENES)


def test_applicants_are_three_shops_with_numbers_of_their_own():
    assert len({who.number for who in (KIKU, LANTERN, TSURU)}) == 3


def test_what_takes_two_people_can_be_tried():
    officers = [mailbox for mailbox, _called, role, *_ in people.PEOPLE if role == "officer"]
    assert len(officers) == 2


def test_a_parcel_under_way_stays_under_way():
    (only,) = timeline.BRANCHES["under_way"]
    assert only not in timeline.FINAL
