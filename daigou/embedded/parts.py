"""The parts of the one-machine default, as data: what each one is, needs, and how it is ended."""

import http.client
import os
import sys
from collections.abc import Callable, Mapping

from daigou.embedded import postgres, redis
from daigou.embedded.children import Child, Spawn
from daigou.embedded.home import CHECKOUT
from daigou.embedded.plan import LOOPBACK, Plan, log_of
from daigou.embedded.supervisor import Part

QUEUES = ("money", "default", "mail", "audit", "bulk")  # as in daigou/topics.py; imported, that would cost a second
WORKERS = 2
WEB_PROCESSES = 1
WEB_THREADS = 16
# Sixteen threads with a heap each keep thirty megabytes more, in pieces that nobody uses.
WEB_ENVIRON = {"MALLOC_ARENA_MAX": "2"}
# Those that hold data: at the next start they are asked to stop, all others are killed.
GENTLY = {postgres.NAME: postgres.STOP, redis.NAME: redis.STOP}


def parts_of(plan: Plan) -> list[Part]:
    found = []
    if queue := plan.redis:
        found.append(Part(redis.NAME, queue.prepare, lambda child: queue.is_ready(), stage=3))
    if plan.sandbox_port:
        found.append(sandbox(plan, plan.sandbox_port))
    behind = ("schema", *(part.name for part in found))
    # It waits for PostgreSQL by itself: what it must import loads while the server starts.
    found.append(Part("schema", python(plan, "schema", "-m", "daigou.embedded.schema"), once=True))
    if server := plan.postgres:
        up = Part(postgres.NAME, server.prepare, lambda child: server.is_ready(), stage=3, patience=(30,))
        found.append(up)
    return [*found, workers(plan, behind), cron(plan, behind), web(plan, behind), demo(plan), *life(plan)]


def sandbox(plan: Plan, port: int) -> Part:
    where = ["--port", str(port), "--data", str(plan.home.sandbox), "--config", str(plan.home.sandbox_config)]
    spawn = python(plan, "sandbox", "-m", "daigou.sandbox", *where)
    return Part("sandbox", spawn, answers(port, "/healthz"), stage=2, patience=(5,))


def workers(plan: Plan, needs: tuple[str, ...]) -> Part:
    spawn = python(plan, "workers", "-m", "daigou.embedded.workers", str(WORKERS), *QUEUES)
    # Asked once they finish the job at hand, asked twice they drop it; the outbox's sweep puts it back.
    return Part("workers", spawn, said("istening on", 6), needs, stage=1, patience=(6, 3))


def cron(plan: Plan, needs: tuple[str, ...]) -> Part:
    spawn = python(plan, "cron", "-m", "daigou.cron")
    return Part("cron", spawn, said("cron leads", 3), needs, patience=(3,))


def web(plan: Plan, needs: tuple[str, ...]) -> Part:
    spawn = python(plan, "web", *serving(plan.port), environ=WEB_ENVIRON)
    return Part("web", spawn, answers(plan.port, "/healthz"), needs, patience=(12,))


def serving(port: int, app: str = "wsgi:app") -> list[str]:
    """What Python is asked to run to serve ``app``. Benchmarks serve their bare limits with the same."""
    return [
        "-m", "granian", "--interface", "wsgi", "--host", LOOPBACK, "--port", str(port),
        "--workers", str(WEB_PROCESSES), "--blocking-threads", str(WEB_THREADS),
        "--respawn-failed-workers", "--workers-kill-timeout", "10", "--no-ws", app,
    ]  # fmt: skip


def demo(plan: Plan) -> Part:
    """The demo market, seeded once. It goes through the real services, so everything must be up."""
    spawn = python(plan, "demo", "-m", "daigou.embedded.demo")
    return Part("demo", spawn, needs=("web", "workers"), once=True, optional=True)


def life(plan: Plan) -> list[Part]:
    """The demo market's business, behind a shop that answers already. DAIGOU_DEMO=still leaves it out."""
    if os.environ.get("DAIGOU_DEMO") == "still":
        return []
    spawn = python(plan, "life", "-m", "daigou.life")
    return [Part("life", spawn, needs=("demo",), once=True, optional=True, behind=True, patience=(1,))]


def python(plan: Plan, part: str, *arguments: str, environ: Mapping[str, str] = {}) -> Callable[[], Spawn]:
    environ = {**os.environ, **plan.environ, **environ, "PYTHONUNBUFFERED": "1", "PYTHONPATH": str(CHECKOUT)}
    # rq's commands read their address here; on the command line everybody could see its password.
    environ |= {"RQ_REDIS_URL": environ.get("REDIS_URL", ""), "DAIGOU_HOME": str(plan.home.folder)}
    argv = [sys.executable, *arguments]
    return lambda: Spawn(argv, environ, CHECKOUT, log_of(plan.home, part))


def answers(port: int, path: str) -> Callable[[Child], bool]:
    def asked(child: Child) -> bool:
        link = http.client.HTTPConnection(LOOPBACK, port, timeout=2)
        try:
            link.request("GET", path)
            return link.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            link.close()

    return asked


def said(word: str, patience: float) -> Callable[[Child], bool]:
    """It wrote the word to its log, or has lived so long that it must be well."""
    return lambda child: child.age() > patience or word in child.said()
