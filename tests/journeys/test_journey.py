"""The commands that a stranger types beside a running stack."""

import os
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def daigou(whole):
    """Runs `daigou …` beside the stack; answers the finished process."""

    def run(*words, **env):
        return subprocess.run(
            [sys.executable, "-m", "daigou.cli", *words],
            env={**os.environ, "DAIGOU_HOME": str(whole.home.folder), **env},
            capture_output=True,
            text=True,
            timeout=400,
        )

    return run


def test_one_order_from_wish_to_proof(daigou, whole):
    done = daigou("journey", "--base-url", whole.base_url)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    assert re.search(r"\d{2} steps held, in [\d.]+ s\.", done.stdout)


def test_the_books_hold_after_it(daigou):
    done = daigou("ledger", "check", "--verbose")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The books hold." in done.stdout


def test_the_doctor_finds_nothing_to_mend(daigou, whole):
    done = daigou("doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    smoke = daigou("doctor", "--smoke", "--base-url", whole.base_url)
    assert smoke.returncode == 0, smoke.stdout + smoke.stderr


def test_the_log_agrees_with_the_tables(daigou):
    done = daigou("audit", "fsck")
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_journey_ends_at_the_first_step_that_does_not_hold(daigou):
    done = daigou("journey", "--base-url", "http://127.0.0.1:9")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
