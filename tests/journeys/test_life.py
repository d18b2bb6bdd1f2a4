"""The demo's people at work beside a whole stack: one scene for each kind of deed."""

import json
import os
import sys
from subprocess import run

import pytest

from daigou.life.company import Company
from daigou.life.scenes import (
    a_figure_waits_at_customs,
    payouts_are_set_up,
    the_office_decides_in_twos,
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def company(whole):
    sandbox = json.loads(whole.home.env_file.read_text())["EASYPOST_API_URL"]
    return Company(whole.base_url, sandbox, json.loads(whole.home.logins_file.read_text()))


def test_a_visitor_finds_a_parcel_that_customs_hold(company):
    payouts_are_set_up(company)
    a_figure_waits_at_customs(company)
    company["shopper"].open("/parcels").sees("ustoms")


def test_a_visitor_finds_two_decisions_by_two_and_one_that_waits(company):
    the_office_decides_in_twos(company)
    company["officer2"].open("/officer/proposals").sees("TWD")


def test_the_books_and_the_log_hold_with_it(company, whole):
    for words in (("ledger", "check"), ("audit", "fsck")):
        command = [sys.executable, "-m", "daigou.cli", *words]
        done = run(command, env={**os.environ, "DAIGOU_HOME": str(whole.home.folder)}, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
