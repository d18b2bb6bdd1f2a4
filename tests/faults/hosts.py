"""One more host of the same shop, whose clock is off by so many seconds: ``SECONDS web PORT`` or ``SECONDS work``.

It is a process of its own, and all of it believes that clock: our code, every library, and what it forks.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time

import httpx

from daigou.embedded.home import CHECKOUT
from daigou.embedded.parts import QUEUES
from daigou.embedded.plan import LOOPBACK, any_free_port


@contextlib.contextmanager
def wrong_clock(shop, seconds: int, *what: str):
    """Such a host, as long as the block lasts."""
    environ = {
        **os.environ, **shop.whole.given, "DAIGOU_HOME": str(shop.whole.home.folder), "PYTHONPATH": str(CHECKOUT),
        "RQ_REDIS_URL": shop.settings["REDIS_URL"],
    }  # fmt: skip
    shop.tried.note(f"hosts whose clock is off by {seconds} s")
    with tempfile.TemporaryFile() as log:
        argv = [sys.executable, "-m", __name__, str(seconds), *what]
        with subprocess.Popen(argv, env=environ, cwd=CHECKOUT, stdout=log, stderr=log, start_new_session=True) as host:
            try:
                yield
            except BaseException as error:
                log.seek(0)
                error.add_note(f"the host said: {log.read()[-6000:].decode(errors='replace')}")
                raise
            finally:
                os.killpg(host.pid, signal.SIGKILL)


@contextlib.contextmanager
def wrong_web(shop, seconds: int):
    """The address of such a host that serves pages."""
    port = any_free_port()
    address = f"http://{LOOPBACK}:{port}"
    with wrong_clock(shop, seconds, "web", str(port)):
        shop.until("it serves", lambda: httpx.get(f"{address}/healthz").is_success)
        yield address


@contextlib.contextmanager
def only_wrong_workers(shop, seconds: int):
    """Such a host does all the work: the others' workers are stopped, and Redis gives them nothing."""
    shop.at_rest()  # so that nobody is stopped with work in hand
    shop.servers.kill("workers", signal.SIGSTOP)
    try:
        with shop.servers.redis() as redis:
            redis.client_kill_filter(_type="normal", skipme=True)
        with wrong_clock(shop, seconds, "work"):
            yield
    finally:
        shop.servers.kill("workers", signal.SIGCONT)


def main(seconds: str, what: str, *more: str) -> None:
    import time_machine

    time_machine.travel(time.time() + float(seconds), tick=True).start()
    serve(int(*more)) if what == "web" else work()


def serve(port: int) -> None:
    from werkzeug.serving import run_simple

    from daigou.app import create_app

    run_simple(LOOPBACK, port, create_app(), threaded=True)


def work() -> None:
    from rq.cli.cli import main as rq

    rq(["worker", "-S", "json", "-w", "daigou.jobs.Worker", *QUEUES], prog_name="rq")


if __name__ == "__main__":
    main(*sys.argv[1:])
