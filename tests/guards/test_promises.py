"""docs/promises.md says where each promise is kept: every place, file and number in it is true."""

import re
from pathlib import Path

from daigou.cli import main

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs/promises.md").read_text("utf-8").splitlines()
    if line.startswith("| S")
]
NOT_BUILT = "–"


def quoted(cell):
    return re.findall(r"`([^`]+)`", cell)


def test_each_of_the_105_promises_has_one_row_in_order():
    assert [row[0] for row in ROWS] == [f"S{number}" for number in range(1, 106)]


def test_every_place_is_a_page_or_a_command(shared_app):
    pages = {re.sub(r"<\w+:", "<", rule.rule) for rule in shared_app.url_map.iter_rules()}
    wrong = [
        (row[0], place)
        for row in ROWS
        for place in quoted(row[2])
        if place not in pages and place not in main.commands
    ]
    assert wrong == []


def test_every_module_and_test_exists():
    wrong = [(row[0], path) for row in ROWS for path in quoted(row[3] + row[4]) if not (ROOT / path).is_file()]
    assert wrong == []


def test_a_promise_without_a_place_says_that_it_is_missing():
    for row in ROWS:
        built = bool(quoted(row[2]) and quoted(row[3]) and quoted(row[4]))
        assert built or (row[2] == NOT_BUILT and row[5]), row
