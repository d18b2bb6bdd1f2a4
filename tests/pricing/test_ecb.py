import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from daigou.providers import ecb

FILE = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01" xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<gesmes:subject>Reference rates</gesmes:subject><Cube><Cube time='2026-11-20'>
<Cube currency='USD' rate='1.1580'/><Cube currency='JPY' rate='178.90'/><Cube currency='GBP' rate='0.8805'/>
<Cube currency='CNY' rate='8.2350'/><Cube currency='KRW' rate='1695.00'/>
</Cube></Cube></gesmes:Envelope>"""


def test_a_days_rates_are_read():
    found = ecb.parse(FILE.encode())
    assert found.day.isoformat() == "2026-11-20"
    assert found.rates["JPY"] == Decimal("178.90")
    assert len(found.rates) == 5


@pytest.mark.parametrize(
    "body",
    [
        "",
        "not xml",
        "<html><body>Service unavailable</body></html>",
        FILE.replace("178.90", "-1"),
        FILE.replace("178.90", "NaN"),
        FILE.replace("178.90", "Infinity"),
        FILE.replace("'JPY'", "'jpy; DROP TABLE'"),
        FILE.replace("2026-11-20", "yesterday"),
        FILE.replace("<Cube time='2026-11-20'>", "<Cube>"),
        FILE[: len(FILE) // 2],
        FILE.replace("?>", '?><!DOCTYPE x [<!ENTITY lol "lol">]>', 1),
        FILE.replace("?>", '?><!DOCTYPE x SYSTEM "file:///etc/passwd">', 1),
    ],
)
def test_anything_else_is_refused(body):
    with pytest.raises(ecb.BadFile):
        ecb.parse(body.encode())


@pytest.fixture
def server():
    """A server that answers what is put into its list."""
    answers = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers.pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    running = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=running.serve_forever, daemon=True)
    thread.start()
    yield answers, f"http://127.0.0.1:{running.server_port}/"
    running.shutdown()
    running.server_close()


def test_it_is_fetched_over_http(server):
    answers, url = server
    answers.append((200, FILE.encode()))
    assert ecb.fetch(url).rates["USD"] == Decimal("1.1580")


def test_an_error_or_an_endless_answer_is_no_rate(server):
    answers, url = server
    answers.append((503, b"later"))
    with pytest.raises(httpx.HTTPStatusError):
        ecb.fetch(url)
    answers.append((200, b"x" * (ecb.LIMIT_BYTES + 1)))
    with pytest.raises(ecb.BadFile, match="larger"):
        ecb.fetch(url)
