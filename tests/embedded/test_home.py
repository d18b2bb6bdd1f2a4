import os
import stat
from pathlib import Path

import pytest

from daigou.core.config import Config
from daigou.embedded.home import CannotStart, Home, claim, environment, write_private
from daigou.embedded.plan import make_plan, port_of, sandbox_config, wants_sandbox


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_secrets_are_made_once_and_read_by_the_owner_only(home):
    first = home.secrets()
    assert home.secrets() == first
    assert mode(home.private) == 0o700
    files = list(home.private.iterdir())
    assert {file.name for file in files} == {"audit.key", "kek", "blind-index-key", "made-once.json"}
    assert {mode(file) for file in files} == {0o600}


def test_secrets_are_not_made_anew_over_data_that_needs_the_old_ones(home):
    home.postgres.mkdir()
    (home.postgres / "PG_VERSION").write_text("18")
    with pytest.raises(CannotStart, match="is gone"):
        home.secrets()


def test_the_derived_settings_are_accepted(home):
    plan = make_plan(home, {})
    config = Config.from_env(plan.environ)
    assert config.is_sandbox
    assert sandbox_config(plan)["stripe_secret_key"] == config.stripe_key


def test_what_is_given_is_used_and_not_embedded(home):
    given = {"DATABASE_URL": "postgresql://a@b/c", "REDIS_URL": "redis://b/0", "STORAGE_URL": "s3://bucket"}
    plan = make_plan(home, given)
    assert plan.postgres is None
    assert plan.redis is None
    assert "KEYSTORE_URL" not in plan.environ
    assert plan.environ["STORAGE_URL"] == "s3://bucket"


def test_a_given_provider_needs_all_its_settings_given(home):
    plan = make_plan(home, {"STRIPE_SECRET_KEY": "sk_test_real"})
    assert "STRIPE_API_URL" not in plan.environ
    assert "STRIPE_WEBHOOK_SECRET" not in plan.environ
    assert "EASYPOST_API_KEY" in plan.environ


@pytest.mark.parametrize(
    "given",
    [
        {"STRIPE_SECRET_KEY": "sk_live_x"},
        {"STRIPE_SECRET_KEY": "rk_live_x"},
        {"EASYPOST_API_KEY": "EZAKx"},
        {"STRIPE_SECRET_KEY": "sk_test_x", "EASYPOST_API_KEY": "EZTKx"},
    ],
)
def test_no_sandbox_beside_live_keys_or_when_nothing_needs_it(given):
    assert not wants_sandbox(given)


@pytest.mark.parametrize("text", ["eighty", "-1", "0", "70000", "8000 "])
def test_a_malformed_port_is_refused_by_name(text):
    with pytest.raises(CannotStart, match="PORT"):
        port_of({"PORT": text})


def test_the_sandbox_keeps_its_port(home):
    assert make_plan(home, {"PORT": "8640"}).sandbox_port == make_plan(home, {"PORT": "8740"}).sandbox_port


def test_commands_beside_a_stack_find_its_settings(home):
    assert environment({"DAIGOU_HOME": str(home.folder)}) == {}
    write_private(home.env_file, '{"DATABASE_URL": "postgresql:///x"}')
    assert environment({"DAIGOU_HOME": str(home.folder)}) == {"DATABASE_URL": "postgresql:///x"}


def test_sockets_have_short_names_wherever_home_is(tmp_path):
    long = Home(tmp_path / ("long-" * 30) / ("longer-" * 20))
    assert len(os.fsencode(long.sockets / ".s.PGSQL.5432.lock")) < 100
    assert long.sockets != Home(tmp_path).sockets


def test_a_planted_socket_folder_is_refused(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    planted = tmp_path / "sockets"
    planted.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CannotStart, match="somebody else"):
        claim(planted)


def test_one_folder_has_one_supervisor(home):
    with home.locked():
        assert home.is_running()
        with pytest.raises(CannotStart, match=f"process {os.getpid()}"), home.locked():
            pass
    assert not home.is_running()
