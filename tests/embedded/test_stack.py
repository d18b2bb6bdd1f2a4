import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from redis import Redis

from daigou.embedded.home import CannotStart, Home
from daigou.embedded.stack import Stack

pytestmark = pytest.mark.slow


@pytest.fixture
def folder():
    """Not tmp_path: as root its parents are closed to the user that PostgreSQL runs as."""
    made = Path(tempfile.mkdtemp(prefix="daigou-case-"))
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def stack():
    with Stack() as stack:
        yield stack


def one(url: str, query: str):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query).fetchone()[0]


def test_the_roles_can_do_what_they_should_and_no_more(stack):
    app, owner = stack.environment["DATABASE_URL"], stack.environment["DATABASE_OWNER_URL"]
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("create table kept (n int)")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        one(app, "select count(*) from kept")
    with psycopg.connect(app) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("create table mine (n int)")
    roles = "select bool_or(rolsuper or rolcreatedb or rolcreaterole or rolbypassrls) from pg_roles"
    assert one(app, f"{roles} where rolname like 'daigou%'") is False


def test_the_keys_are_behind_a_door_of_their_own(stack):
    assert one(stack.environment["KEYSTORE_URL"], "select current_user") == "daigou_keys"
    for role in ("daigou_app", "daigou_owner"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            one(stack.url("daigou_keys", role), "select 1")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        one(stack.url("daigou", "daigou_keys"), "select 1")


def test_the_extensions_are_there_and_making_again_is_harmless(stack):
    stack.postgres.make_databases()
    found = one(stack.environment["DATABASE_URL"], "select array_agg(extname::text) from pg_extension")
    assert {"pg_trgm", "citext", "btree_gist", "unaccent"} <= set(found)


def test_only_the_owner_enters_the_socket_folder_and_no_port_is_open(stack):
    assert stat.S_IMODE(stack.home.sockets.stat().st_mode) == 0o700
    assert one(stack.url("postgres"), "show listen_addresses") == ""
    with Redis.from_url(stack.environment["REDIS_URL"]) as redis:
        assert redis.config_get("port") == {"port": "0"}
        assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_a_stopped_stack_leaves_nothing():
    stack = Stack().start()
    stack.stop()
    assert stack.trace.find() == []
    assert not stack.home.sockets.exists()
    assert not stack.home.folder.exists()


def test_a_stale_pid_file_that_names_a_living_stranger_is_no_obstacle(folder):
    first = Stack(folder).start()
    kept = (first.home.postgres / "postmaster.pid").read_text().splitlines()
    first.stop()
    kept[0] = str(os.getpid())
    stale = first.home.postgres / "postmaster.pid"
    stale.write_text("\n".join(kept) + "\n")
    with Stack(folder) as second:
        assert one(second.environment["DATABASE_URL"], "select 1") == 1


def test_a_very_long_home_works(folder):
    with Stack(folder / ("a-long-name-" * 12) / ("and-longer-" * 12)) as stack:
        assert one(stack.environment["DATABASE_URL"], "select 1") == 1


def may_map_users() -> bool:
    tried = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--", "true"]
    return shutil.which("unshare") is not None and not subprocess.run(tried, capture_output=True).returncode


@pytest.mark.skipif(os.getuid() != 0, reason="only root lends PostgreSQL another user")
def test_as_root_a_home_behind_a_closed_door_works(folder):
    if not may_map_users():
        pytest.skip("no user namespaces here")
    folder.chmod(0o700)
    with Stack(folder / "home") as stack:
        assert one(stack.environment["DATABASE_URL"], "select 1") == 1
        assert [part for _, part in stack.trace.find("postgresql")]
    assert stack.trace.find() == []
    folder.chmod(0o711)
    with Stack(folder / "home") as stack:  # the door was opened: the data changes hands
        assert one(stack.environment["DATABASE_URL"], "select 1") == 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root lends PostgreSQL another user")
def test_as_root_behind_a_closed_door_without_namespaces_it_says_why(folder, monkeypatch):
    folder.chmod(0o700)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    monkeypatch.setattr("daigou.embedded.redis.server", lambda: "/bin/true")
    with pytest.raises(CannotStart, match="pass through"):
        Stack(folder / "home").start()


def test_data_that_another_server_has_open_is_left_alone(folder, monkeypatch):
    with Stack(folder) as stack:
        monkeypatch.setattr("daigou.embedded.postgres.BACKENDS_END", 0.1)
        with pytest.raises(CannotStart, match="still has"):
            stack.postgres.prepare()
        assert Home(folder).sockets.exists()
