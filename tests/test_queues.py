"""Hints to queues are shared by threads that ask at the same time."""

import threading

import pytest

from daigou.queues import Shared


def test_nobody_who_asked_is_left_out():
    """Whatever the threads' order: work that began after one had asked was done before one's call ended."""
    landed, seen = set(), set()
    shared = Shared(lambda: seen.update(landed.copy()))
    missed = []

    def ask(number: int) -> None:
        for turn in range(200):
            landed.add((number, turn))
            shared.call()
            if (number, turn) not in seen:
                missed.append((number, turn))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not missed


def test_who_waited_for_work_that_failed_tries_again():
    tries = []

    def work() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise ConnectionError

    shared = Shared(work)
    with pytest.raises(ConnectionError):
        shared.call()
    shared.call()
    assert len(tries) == 2
