"""What is behind the shop goes away and comes back while people buy."""

import os
import signal
import threading
import time

import pytest

PEOPLE = 4
# Clients give up after two seconds, so these show what a minute shows. The whole minute: FAULTS_AWAY_SECONDS=60.
AWAY_SECONDS = int(os.environ.get("FAULTS_AWAY_SECONDS", "8"))


def buying(shop, harm):
    """So many people order and pay at once; the harm comes in the middle. Everybody's item is paid for at the end."""
    lives = [shop.order() for _ in range(PEOPLE)]

    def buy(life):
        life.place().pay()
        return life

    def do_harm():
        time.sleep(0.4)
        harm()

    *bought, harmed = shop.together([*(lambda life=life: buy(life) for life in lives), do_harm])
    assert harmed is None, harmed
    assert bought == lives, bought
    for life in lives:
        shop.until(f"{life.item} is paid", life.is_paid)


@pytest.mark.parametrize(
    "number",
    [
        pytest.param(signal.SIGQUIT, id="crashed", marks=pytest.mark.everyday),
        pytest.param(signal.SIGINT, id="restarted"),
    ],
)
def test_postgresql_comes_back(shop, number):
    buying(shop, lambda: shop.servers.kill_postgres(number))


def test_postgresql_crashes_under_refunds_and_payouts(shop):
    back, on = [shop.order().paid() for _ in range(2)], [shop.order().paid().deliver() for _ in range(2)]
    works = [*(life.not_bought for life in back), *(life.confirm for life in on)]
    shop.together([*works, lambda: shop.servers.kill_postgres(signal.SIGQUIT)])
    for life in back:
        shop.until(f"{life.item} is refunded", life.is_refunded)
    for life in on:
        shop.until(f"{life.item} is released", life.is_released)


@pytest.mark.everyday
def test_redis_forgets_everything(shop):
    def flush():
        shop.tried.note("Redis flushed", 1)
        with shop.servers.redis() as redis:
            redis.flushall()

    buying(shop, flush)


def test_redis_is_killed(shop):
    buying(shop, lambda: shop.servers.kill("redis"))


@pytest.mark.parametrize("how", ["silent", "gone"])
def test_redis_is_away_for_a_while(shop, how):
    """Silent, it neither answers nor refuses: the worst way. Gone, everybody who needs it fails at once, again and
    again: nothing may be given up for that, neither by the supervisor nor by those who work."""
    away = threading.Event()

    def harm():
        with shop.servers.redis_away(silent=how == "silent"):
            away.set()
            time.sleep(AWAY_SECONDS)

    buying(shop, harm)
    assert away.is_set()
    assert all(shop.servers.processes(part) for part in ("web", "workers", "cron"))


@pytest.mark.parametrize("part", ["web", "workers", "cron"])
def test_a_whole_part_is_killed(shop, part):
    buying(shop, lambda: shop.servers.kill(part))


def test_the_provider_is_killed_and_keeps_its_books(shop):
    buying(shop, lambda: shop.servers.kill("sandbox"))
