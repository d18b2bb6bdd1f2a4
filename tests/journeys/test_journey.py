"""The commands that a stranger types beside a running stack."""

import json
import os
import re
import subprocess
import sys

import psycopg
import pytest
from psycopg import sql

from daigou.embedded.stack import WholeStack
from daigou.logs import passes_luhn

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


def test_a_backup_of_all_this_comes_back_as_a_stack_that_holds(daigou, whole, tmp_path):
    """The shop runs while it is taken; what is restored is started and asked what the shop itself was asked."""
    place, other = tmp_path / "backups", tmp_path / "other"
    taken = daigou("backup", "--to", str(place))
    assert taken.returncode == 0, taken.stdout + taken.stderr
    back = daigou("restore", "--from", str(place), "--into", str(other))
    assert back.returncode == 0, back.stdout + back.stderr
    assert re.search(r"RPO: what happened in the 0:\d\d:\d\d since", back.stdout)
    assert re.search(r"RTO: [\d.]+ s", back.stdout)
    with WholeStack(other):
        for words in (("doctor",), ("ledger", "check")):
            done = daigou(*words, DAIGOU_HOME=str(other))
            assert done.returncode == 0, done.stdout + done.stderr


def test_no_log_of_all_this_tells_a_secret(whole):
    """Keys, passwords, addresses of people: after a whole order and every command above."""
    settings = json.loads(whole.home.env_file.read_text())
    secrets = {value for name, value in settings.items() if name.endswith(("_KEY", "_SECRET", "_TOKEN"))}
    secrets |= {line.partition(":")[2] for line in (whole.home.private / "kek").read_text().split()}
    secrets |= {(whole.home.private / "blind-index-key").read_text().strip()}
    secrets |= {login["password"] for login in json.loads(whole.home.logins_file.read_text())}
    # The supervisor's is what stood on the terminal, where the demo logins are shown on purpose.
    logs = sorted(log for log in whole.home.logs.iterdir() if log.name != "supervisor.log")
    assert {"web.log", "workers.log", "sandbox.log"} <= {log.name for log in logs}
    for log in logs:
        said = log.read_text(errors="replace")
        told = [secret for secret in secrets if secret in said]
        assert not told, f"{log.name} tells {len(told)} secrets"
        assert not re.findall(r"[\w.+-]+@(?:demo|journey)\.example", said), log.name
        assert not re.findall(r"/account/(?:confirm|reset|invite)/[\w-]{20,}", said), log.name
        cards = [digits for digits in re.findall(r"(?<![\w.])[2-6]\d{12,18}(?!\w)", said) if passes_luhn(digits)]
        assert not cards, log.name


def test_no_table_holds_a_persons_address_in_clear(whole):
    settings = json.loads(whole.home.env_file.read_text())
    words = ("@demo.example", ".journey.example", "Karl-Liebknecht", "Mara Vogel")
    with psycopg.connect(settings["DATABASE_OWNER_URL"]) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            for word in words:
                query = sql.SQL("SELECT count(*) FROM {table} t WHERE t::text LIKE {word}")
                found = connection.execute(query.format(table=sql.Identifier(table), word=f"%{word}%")).fetchone()[0]
                assert found == 0, f"{found} rows of {table} hold {word!r}"
