"""A restore that dies half-way is known as one: nothing can be read of who was erased, and nobody goes on with half."""

import os
import signal

import psycopg
import pytest

from daigou.core import faults
from daigou.core.db import db
from daigou.operations import dumping
from daigou.operations.refused import Refused
from daigou.operations.restore import examine, restore
from tests import factories
from tests.faults.points import FAMILIES

from .test_backups import destroy, paper, places, take, target  # noqa: F401  fixtures


@pytest.mark.parametrize("point", FAMILIES["restoring"])
def test_half_a_restore_is_refused_as_a_place_to_go_on(keeping, places, take, target, tmp_path, point):  # noqa: F811
    factories.account()
    gone = factories.account()
    paper(gone)
    take()
    destroy(gone, "account")
    source = examine(*places, live_store=keeping.extensions["config"].keystore_url)
    assert killed_at(point, tmp_path / "faults", lambda: restore(source, target)) == signal.SIGKILL
    with psycopg.connect(dumping.plain(target.owner_url)) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()[0]
    with psycopg.connect(dumping.plain(target.keystore_url)) as connection:
        alive = "SELECT count(*) FROM data_keys WHERE subject = %s AND purpose = 'account'"
        keys = connection.execute(alive, [gone.subject]).fetchone()[0]
    assert not (tables and keys), "what was erased could be read"
    with pytest.raises(Refused, match="tables already"):
        restore(source, target)


def killed_at(point, folder, work):
    """The signal that a process of its own died of."""
    folder.mkdir()
    (folder / point).write_text("kill")
    db.session.remove()
    db.engine.dispose()
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) * -1
    try:
        faults.FOLDER = str(folder)
        work()
    finally:
        os._exit(1)
