"""Idempotency, faults, webhooks that misbehave, and books that outlive the process."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
import stripe

from daigou.sandbox.config import ConfigRefused, load
from tests.sandbox.client import http

AUTH = ("sk_test_sandboxtests", "")


def customer(sandbox, key, name="A", **options):
    headers = {"Idempotency-Key": key}
    return http.post(f"{sandbox.url}/v1/customers", data={"name": name}, headers=headers, auth=AUTH, **options)


def test_a_key_replays_the_first_answer(sandbox):
    first, second = customer(sandbox, "k1"), customer(sandbox, "k1")
    assert first.content == second.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert second.headers["original-request"] == first.headers["request-id"]
    other = customer(sandbox, "k1", "B")
    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    assert sandbox.post("/controls/idempotency/prune", key="k1").json() == {"pruned": 1}
    assert customer(sandbox, "k1").json()["id"] != first.json()["id"]


def test_refusals_are_saved_once_the_work_began_and_not_before(sandbox):
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.stripe().customers.create({"colour": "x"}, {"idempotency_key": "k2"})
    assert customer(sandbox, "k2").status_code == 200
    intent = sandbox.paid()
    body = {"payment_intent": intent.id, "amount": "99999"}
    ask = lambda: http.post(  # noqa: E731
        f"{sandbox.url}/v1/refunds", data=body, headers={"Idempotency-Key": "k3"}, auth=AUTH
    )
    assert [ask().status_code for _ in range(2)] == [400, 400]
    assert ask().headers["idempotent-replayed"] == "true"


def test_a_saved_500_is_replayed_and_a_plain_one_is_not(sandbox):
    match = {"method": "POST", "path": "/v1/customers"}
    sandbox.fault("status_500_saved", match=match)
    assert [customer(sandbox, "k4").status_code for _ in range(2)] == [500, 500]
    sandbox.fault("status_500", match=match)
    assert [customer(sandbox, "k5").status_code for _ in range(2)] == [500, 200]
    sandbox.fault("status_429", match=match)
    assert [customer(sandbox, "k6").status_code for _ in range(2)] == [429, 200]


def test_a_timeout_after_the_effect_is_found_again_under_its_key(sandbox):
    match = {"method": "POST", "path": "/v1/customers"}
    sandbox.fault("timeout_before", match=match, seconds=0.2)
    sandbox.fault("timeout_after", match=match, seconds=0.2)
    sandbox.fault("reset", match=match)
    for _ in range(2):
        with pytest.raises(httpx.TimeoutException):
            customer(sandbox, "k7", timeout=0.1)
    with pytest.raises(httpx.TransportError):
        customer(sandbox, "k7")
    assert customer(sandbox, "k7").headers["idempotent-replayed"] == "true"
    assert sandbox.get("/faults").json() == {"faults": []}


def test_the_same_key_at_the_same_time_is_a_conflict(sandbox):
    sandbox.fault("slow", match={"path": "/v1/customers"}, seconds=0.5)
    first = threading.Thread(target=customer, args=(sandbox, "k8"))
    first.start()
    while sandbox.get("/faults").json()["faults"]:
        time.sleep(0.01)
    assert customer(sandbox, "k8").status_code == 409
    first.join()
    assert customer(sandbox, "k8").headers["idempotent-replayed"] == "true"


def test_webhooks_are_repeated_until_they_are_taken(sandbox, receiver):
    receiver.wait(lambda _: sandbox.books()["undelivered_webhooks"] == 0)
    receiver.answers[:] = [500, 503]
    made = sandbox.stripe().customers.create({"name": "retry"})
    same = lambda r: [e for e in r.events() if e["data"]["object"]["id"] == made.id]  # noqa: E731
    got = receiver.wait(lambda r: len(same(r)) == 3 and same(r))
    assert len({event["id"] for event in got}) == 1


def test_webhooks_can_be_doubled_delayed_and_reversed(sandbox, receiver):
    def names():
        return [e["data"]["object"]["name"] for e in receiver.events() if e["type"] == "customer.created"]

    create = lambda name: sandbox.stripe().customers.create({"name": name})  # noqa: E731
    sandbox.fault("webhook_duplicate")
    create("twice")
    receiver.wait(lambda _: names().count("twice") == 2)
    sandbox.fault("webhook_delay", seconds=0.3)
    create("late")
    create("early")
    receiver.wait(lambda _: "late" in names())
    assert names()[-2:] == ["early", "late"]
    sandbox.fault("webhook_reverse", count=3, seconds=5)
    for name in "abc":
        create(name)
    receiver.wait(lambda _: names()[-3:] == ["c", "b", "a"])


def test_a_killed_sandbox_keeps_its_books_its_keys_and_its_webhooks(own):
    sandbox = own()
    intent = sandbox.paid(10000)
    first = customer(sandbox, "kept")
    sandbox.receiver.wait_type("checkout.session.completed")
    before = sandbox.books()
    sandbox.receiver.answers[:] = [500] * 50
    late = sandbox.stripe().customers.create({"name": "late"})
    sandbox.stop(signal.SIGKILL)
    with open(sandbox.folder / "data" / "journal.jsonl", "ab") as journal:
        journal.write(b'{"t":1,"w":[["customer","cus_torn"')
    sandbox.receiver.answers.clear()
    sandbox.start()
    after = sandbox.books()
    assert after["balances"] == before["balances"]
    assert after["charges"] == {"eur": {"count": 1, "amount": 10000}}
    assert sandbox.stripe().payment_intents.retrieve(intent.id).status == "succeeded"
    assert customer(sandbox, "kept").content == first.content
    sandbox.receiver.wait(lambda r: [e for e in r.events() if e["data"]["object"]["id"] == late.id])
    assert sandbox.stop() == 0
    sandbox.start()
    assert sandbox.stripe().customers.retrieve(late.id).name == "late"


@pytest.mark.parametrize("where", ["config", "environment"])
def test_it_refuses_to_start_beside_live_keys(tmp_path, where):
    live = "sk_live_" + "x" * 20
    config = tmp_path / "config.json"
    config.write_text('{"stripe_secret_key": "%s"}' % (live if where == "config" else "sk_test_x"))
    command = [
        sys.executable,
        "-m",
        "daigou.sandbox",
        "--port",
        "0",
        "--data",
        str(tmp_path),
        "--config",
        str(config),
    ]
    found = {"STRIPE_SECRET_KEY": live} if where == "environment" else {}
    ended = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **found}, timeout=10)
    assert ended.returncode == 2
    assert "live key" in ended.stderr
    assert live not in ended.stderr


def test_other_web_pages_cannot_use_the_controls(sandbox):
    origin = {"Origin": "http://evil.test"}
    assert http.post(f"{sandbox.url}/faults", json={"kind": "reset"}, headers=origin).status_code == 403
    assert http.get(f"{sandbox.url}/books.json", headers={"Host": "evil.test"}).status_code == 403
    assert http.post(f"{sandbox.url}/faults", json={"kind": "nonsense"}).status_code == 400


def test_every_plain_page_says_what_it_is(sandbox):
    sandbox.stripe().refunds.create({"payment_intent": sandbox.paid().id})
    sandbox.merchant()
    for path in ("/", "/books", "/carrier", "/nowhere", "/pay/cs_test_no"):
        assert "Sandbox – no real money" in sandbox.get(path).text
    assert sandbox.get("/healthz").json()["status"] == "ok"


def test_the_books_are_the_sum_of_the_lines(sandbox):
    sandbox.stripe().refunds.create({"payment_intent": sandbox.paid(10000).id, "amount": 4000})
    net = sum(line.net for line in sandbox.stripe().balance_transactions.list({"limit": 100}).auto_paging_iter())
    balance = sandbox.stripe().balance.retrieve()
    held = balance.available[0].amount + balance.pending[0].amount
    books = sandbox.books()["balances"]["jpy"]
    assert net == held == books["available"] + books["pending"]


def at_once(count, work):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def test_twenty_clicks_pay_once(sandbox):
    session = sandbox.session()
    answers = at_once(20, lambda _: sandbox.pay(session.id))
    assert {answer.headers["location"] for answer in answers} == {f"http://shop.test/done?s={session.id}"}
    intent = sandbox.stripe().checkout.sessions.retrieve(session.id).payment_intent
    assert len(sandbox.stripe().charges.list({"payment_intent": intent}).data) == 1


def test_of_two_refunds_at_once_that_exceed_the_charge_one_is_refused(sandbox):
    intent = sandbox.paid(10000)
    ask = {"payment_intent": intent.id, "amount": "6000"}
    answers = at_once(2, lambda _: http.post(f"{sandbox.url}/v1/refunds", data=ask, auth=AUTH))
    assert sorted(answer.status_code for answer in answers) == [200, 400]


def test_a_session_expires_by_the_sandboxs_clock(own):
    sandbox = own()
    session = sandbox.session()
    sandbox.advance(86401)
    assert sandbox.stripe().checkout.sessions.retrieve(session.id).status == "expired"
    sandbox.receiver.wait_type("checkout.session.expired")


@pytest.mark.parametrize("text", ["{", "[]", '{"colour": 1}', '{"settle_seconds": "soon"}', '{"webhooks": [{}]}'])
def test_a_wrong_config_is_refused_in_one_line(tmp_path, text):
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(ConfigRefused, match="sandbox: "):
        load(tmp_path / "config.json", {})
