"""People who go on clicking whatever happens, alone and all at once."""

from __future__ import annotations

import contextlib
import os
import threading
import time
import traceback
from concurrent.futures import ThreadPoolExecutor

import httpx
from sqlalchemy.exc import SQLAlchemyError

from daigou.core import faults
from daigou.core.db import db
from daigou.journey.browser import Astray, Browser
from tests import factories
from tests.conftest import signed_in

from .patience import NotHealed

GIVE_UP_CLICKING = 120.0


def csrf(browser: Browser, page: str) -> str:
    browser.open(page)
    node = browser.page.css_first("input[name=csrf_token]")
    return node.attributes["value"]


class People:
    """Those who use a shop that is being harmed."""

    def shopper(self):
        return factories.account()

    def browser(self, account) -> Browser:
        test_client = signed_in(self.app, account)
        browser = Browser(self.whole.base_url, account.subject)
        browser.client.cookies.set("session", test_client.get_cookie("session").value, domain="127.0.0.1")
        browser.client.timeout = httpx.Timeout(20)
        return browser

    def clicks(self, what: str, click):
        """Somebody who does it again until it is answered: a broken connection and a 5xx are no answers."""
        until, last = time.monotonic() + GIVE_UP_CLICKING, "nothing"
        while time.monotonic() < until:
            self.tried.note(f"clicks: {what}")
            try:
                answer = click()
            except (httpx.HTTPError, SQLAlchemyError, AssertionError, Astray) as broken:
                last = repr(broken)
            else:
                if answer.status_code < 500:
                    return answer
                last = f"{answer.status_code}"
            time.sleep(0.2)
        raise NotHealed(f"{what} was never answered: {last}")

    def insist(self, what: str, work) -> None:
        """Somebody who does it until it is done, each time in a process of its own that may be killed at a point."""
        until = time.monotonic() + GIVE_UP_CLICKING
        while time.monotonic() < until:
            self.tried.note(f"tries: {what}")
            if self.in_a_process(work) == 0:
                return
            time.sleep(0.1)
        raise NotHealed(f"{what} was never done")

    def in_a_process(self, work) -> int:
        """How it ended, 0 when well. Its points kill it; they are never told to kill its parent, which is the test."""
        db.session.remove()
        self.forget_connections()
        child = os.fork()
        if child:
            return os.waitpid(child, 0)[1]
        code = 1
        try:
            faults.FOLDER = str(self.points.folder)
            work()
            code = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(code)

    def together(self, works) -> list:
        """All of it at the same moment, each in a thread; what each came to, or the exception."""
        gate = threading.Barrier(len(works))

        def one(work):
            with self.app.app_context():
                gate.wait()
                try:
                    return work()
                except Exception as error:
                    return error
                finally:
                    with contextlib.suppress(SQLAlchemyError):  # its connection may be one of the dead
                        db.session.remove()

        with ThreadPoolExecutor(len(works)) as pool:
            return list(pool.map(one, works))

    def all_of(self, works) -> list:
        """Like together(), where nobody may fail."""
        found = self.together(works)
        failed = [error for error in found if isinstance(error, Exception)]
        if failed:
            raise ExceptionGroup(f"{len(failed)} of {len(found)} failed", failed)
        return found
