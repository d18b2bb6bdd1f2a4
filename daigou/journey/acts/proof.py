"""The officer hands over a file that proves itself, and the books hold."""

from __future__ import annotations

import tempfile
from pathlib import Path

from compliance.audit.verify import verify_bundle

from ..browser import Astray, Browser
from ..stage import Stage
from ..story import wait_until


def export_and_verify(stage: Stage) -> None:
    officer = stage["officer"]
    with stage.story.step("the officer sees the whole life of the order on one page"):
        officer.open(f"/officer/audit/things/{stage.refs['order']}").sees(stage.refs["order"])
    with stage.story.step("the officer exports the trail, with the password asked again"):
        form = {"reason": "The journey's proof of a whole order.", "password": stage.cast.password("officer")}
        officer.open("/officer/exports").send(r"/officer/exports$", form)
        ref = stage.keep("export", "EXP", officer.path)
        page = f"/officer/exports/{ref}"
        wait_until("the bundle", lambda: bool(officer.open(page).links(r"/bundle\.zip$")))
    with stage.story.step("`daigou audit verify` says that it is whole, against the log's public key"):
        bundle = officer.client.get(stage.cast.base_url + f"{page}/bundle.zip").content
        vkey = Browser(stage.cast.base_url, "an auditor").client.get(stage.cast.base_url + "/log/vkey").text
        _prove(bundle, vkey)


def _prove(bundle: bytes, vkey: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "trail.zip"
        path.write_bytes(bundle)
        report = verify_bundle(path, vkey, None)
        if report.exit_code != 0:
            raise Astray(f"the bundle does not verify: {report}")
        # The proof must be able to fail: one byte of the log's leaves changed is found.
        broken = bytearray(bundle)
        broken[len(broken) // 2] ^= 1
        path.write_bytes(broken)
        if verify_bundle(path, vkey, None).exit_code == 0:
            raise Astray("a changed bundle verifies too")


def balance(stage: Stage) -> None:
    with stage.story.step("the ledger balances, and agrees with the provider's own books"):
        from daigou.payments import books

        def holds() -> bool:
            return books.check_all().holds

        wait_until("the books hold", holds)
