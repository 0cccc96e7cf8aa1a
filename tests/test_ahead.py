"""Items come in order from a thread of their own, few of them wait, and old ones are dropped where asked."""

from __future__ import annotations

import threading
import time

import pytest

from headstart.ahead import ahead


def counting(n, taken, ended=None):
    try:
        for number in range(n):
            taken.append(number)
            yield number
    finally:
        if ended is not None:
            ended.append(threading.current_thread())


def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.001)
    return condition()


def test_items_come_in_order_with_their_numbers():
    assert list(ahead("abc", 2)) == [(1, "a"), (2, "b"), (3, "c")]
    assert list(ahead([], 2)) == []


def test_few_wait_and_the_source_is_read_by_another_thread():
    taken, ended = [], []
    items = ahead(counting(1000, taken, ended), 3)
    assert next(items) == (1, 0)
    assert until(lambda: len(taken) == 5), "one used, three wait, one is about to"
    time.sleep(0.02)
    assert len(taken) == 5
    items.close()
    assert ended != []
    assert ended[0] is not threading.current_thread()
    assert len(taken) == 5, "nobody wanted more"


def test_of_a_source_that_does_not_wait_the_newest_are_kept():
    used, made = threading.Event(), threading.Event()

    def camera():
        yield 0
        used.wait(60)
        yield from range(1, 1000)
        made.set()

    items = ahead(camera(), 2, newest=True)
    assert next(items) == (1, 0)
    used.set()
    assert made.wait(60)
    assert list(items) == [(999, 998), (1000, 999)]


def test_what_the_source_raises_comes_after_its_items():
    def broken():
        yield "a"
        raise ZeroDivisionError("here")

    items = ahead(broken(), 5)
    assert next(items) == (1, "a")
    with pytest.raises(ZeroDivisionError, match="here"):
        next(items)


def test_an_interrupt_ends_the_thread():
    ended = []

    def interrupted():
        for number, _ in ahead(counting(10**9, [], ended), 2):
            if number == 5:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert until(lambda: ended)
    assert until(lambda: not ended[0].is_alive())


def test_a_source_that_hangs_is_left_alone(monkeypatch):
    monkeypatch.setattr("headstart.ahead.PATIENCE", 0.05)
    gate = threading.Event()

    def hanging():
        yield 1
        gate.wait()

    items = ahead(hanging(), 1)
    assert next(items) == (1, 1)
    started = time.monotonic()
    items.close()
    assert time.monotonic() - started < 30, "the gate would never open"
    gate.set()
