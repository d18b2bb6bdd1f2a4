"""The supervisor with real PostgreSQL and Redis, and stand-ins for the rest."""

import sys

from daigou.embedded.parts import answers, parts_of, python, said
from daigou.embedded.plan import Plan
from daigou.embedded.run import main
from daigou.embedded.supervisor import Part

# A parent that leaves a child of its own in another session, as RQ's work-horses are.
PARENT = """
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True)
print("listening", flush=True)
time.sleep(600)
"""


def stub_parts(plan: Plan) -> list[Part]:
    real = [part for part in parts_of(plan) if part.name in ("redis", "postgresql")]
    databases = python(plan, "schema", "-c", "from daigou.embedded.schema import make_databases as m; m()")
    schema = Part("schema", databases, once=True)
    page = python(plan, "web", "-m", "http.server", "--bind", "127.0.0.1", str(plan.port))
    web = Part("web", page, answers(plan.port, "/"), ("schema",))
    workers = Part("workers", python(plan, "workers", "-c", PARENT), said("listening", 5), ("schema",), stage=1)
    crash = python(plan, "cron", "-c", "print('what went wrong'); raise SystemExit(3)")
    extra = [Part("cron", crash, lambda child: False)] if "crash" in sys.argv else []
    return [*real, schema, web, workers, *extra]


if __name__ == "__main__":
    raise SystemExit(main(make_parts=stub_parts))
