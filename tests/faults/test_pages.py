"""What people see while a part behind the shop is away, and that nothing they did is lost."""

import httpx
import pytest

KIND = "We will be back in a few minutes"


def kind(answer):
    """A page for people: what it is, when to come back, and nothing of what broke."""
    assert answer.status_code == 503, (answer.status_code, answer.text[:300])
    assert int(answer.headers["Retry-After"]) > 0
    assert "no-store" in answer.headers["Cache-Control"] or "no-cache" in answer.headers["Cache-Control"]
    assert "psycopg" not in answer.text
    return answer


@pytest.mark.everyday
def test_without_postgresql_everybody_reads_when_to_come_back(shop):
    life = shop.order()
    base, client = shop.whole.base_url, life.browser.client
    with shop.servers.postgres_away():
        for path in ("/", "/orders", "/sign-in", "/quotes/QUO-NONE", "/no/such/page", "/protection"):
            answer = client.get(base + path, follow_redirects=False)
            assert answer.status_code == 503 or answer.is_success or answer.status_code == 404, (path, answer)
            assert answer.status_code != 500
        assert KIND in kind(client.get(f"{base}/orders")).text
        said = kind(client.get(f"{base}/orders", headers={"Accept-Language": "zh-CN,zh;q=0.9"})).text
        assert 'lang="zh-Hans"' in said
        assert httpx.get(f"{base}/healthz").status_code == 200
        assert httpx.get(f"{base}/readyz").json()["checks"]["database"] is False
        event = {"id": "evt_away", "type": "checkout.session.completed", "data": {"object": {"id": "cs_away"}}}
        assert kind(shop.provider.deliver(event)).json()["error"] == "unavailable"
    shop.until("the pages are back", lambda: client.get(f"{base}/orders").status_code == 200)


@pytest.mark.everyday
def test_a_form_that_met_no_database_is_sent_again_from_the_page_that_says_so(shop):
    life = shop.order()
    browser = life.browser
    browser.open(f"/quotes/{life.quote.ref}")
    form = browser.form(r"/order$")
    with shop.servers.postgres_away():
        browser.submit(form, status=503)
        kind(browser.response)
        again = browser.form(r"/order$")
        assert again.values == form.values
    shop.until("the web answers", shop.web_answers)
    browser.submit(again)
    assert "/orders/ORD-" in browser.path
    life.paid()


def test_a_server_that_does_not_even_refuse_is_waited_for_seconds_not_for_ever(shop):
    """The postmaster is stopped and its children are dead: a connection is taken by the kernel and never answered."""
    base = shop.whole.base_url
    with shop.servers.postgres_silent():
        kind(httpx.get(f"{base}/", timeout=30))
    shop.until("the pages are back", lambda: httpx.get(f"{base}/", timeout=20).status_code == 200)


@pytest.mark.parametrize("harm", ["killed", "silent"])
def test_without_redis_pages_forms_and_sign_in_go_on(shop, harm):
    base = shop.whole.base_url
    life = shop.order()
    with shop.servers.redis_away(silent=harm == "silent"):
        for path in ("/", "/orders", "/sign-in"):
            assert life.browser.client.get(base + path).status_code == 200
        life.place()
        form = {"email": "nobody@example.com", "password": "wrong horse battery"}
        stranger = httpx.Client(base_url=base, timeout=20)
        page = stranger.get("/sign-in").text
        token = page.split('name="csrf_token" value="')[1].split('"')[0]
        answer = stranger.post("/sign-in", data={**form, "csrf_token": token}, headers={"Referer": f"{base}/sign-in"})
        assert answer.status_code in (200, 401, 422), answer
    life.paid()
