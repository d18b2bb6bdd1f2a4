"""Every named point of the code is one that a test has somebody die at (tests/faults/points.py)."""

import re
from pathlib import Path

from tests.faults.points import FAMILIES, in_the_code

TESTS = Path(__file__).parents[1]


def test_every_point_of_the_code_belongs_to_a_life_and_no_other_is_armed():
    ours = {point for points in FAMILIES.values() for point in points}
    assert in_the_code() == ours


def test_every_family_of_points_is_armed_by_a_test():
    folders = (TESTS / "faults", TESTS / "operations")
    said = "".join(path.read_text() for folder in folders for path in folder.glob("test_*.py"))
    assert [name for name in FAMILIES if not re.search(rf'FAMILIES\["{name}"\]|family", \[.*"{name}"', said)] == []
