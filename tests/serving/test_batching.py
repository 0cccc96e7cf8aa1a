"""What comes at the same time goes through together, and nobody pays for what another one sent."""

from __future__ import annotations

import asyncio
import threading

import pytest

from headstart.serving.batching import Batcher
from headstart.serving.refusals import BUSY, Refused


@pytest.fixture
def made():
    """`made(answer, …)` is a batcher that is closed after the test."""
    several = []

    def make(answer, together=8, waiting=100):
        several.append(Batcher(answer, together, waiting))
        return several[-1]

    yield make
    for one in several:
        one.close()


def together(batcher, *requests):
    async def ask():
        return await asyncio.gather(*(batcher.ask(one) for one in requests), return_exceptions=True)

    return asyncio.run(ask())


def test_each_gets_its_own_answers_from_few_calls(made):
    sizes = []

    def answer(items):
        sizes.append(len(items))
        return [10 * item for item in items]

    asked = [[number, number + 1] for number in range(20)]
    assert together(made(answer), *asked) == [[10 * a, 10 * b] for a, b in asked]
    assert sum(sizes) == 40
    assert len(sizes) < 20, "nothing went through together"


def test_one_that_fails_fails_alone(made):
    def answer(items):
        if "bad" in items:
            raise ValueError("bad")
        return [item.upper() for item in items]

    first, second, third = together(made(answer), ["a"], ["bad"], ["c"])
    assert (first, third) == (["A"], ["C"])
    assert isinstance(second, ValueError)


def test_too_many_that_wait_are_refused_and_come_again_later(made):
    go = threading.Event()

    def answer(items):
        go.wait(10)
        return list(items)

    batcher = made(answer, together=1, waiting=3)

    async def ask():
        first = asyncio.create_task(batcher.ask([1, 2]))
        await asyncio.sleep(0.05)
        with pytest.raises(Refused) as refused:
            await batcher.ask([3, 4])
        go.set()
        return refused.value, await first

    error, found = asyncio.run(ask())
    assert (error.status, error.wait, found) == (BUSY, 1, [1, 2])
    assert together(batcher, [3, 4]) == [[3, 4]]
    assert batcher.waiting == 0


def test_a_large_request_is_taken_where_nothing_waits(made):
    assert together(made(list, waiting=2), [1, 2, 3]) == [[1, 2, 3]]


def test_what_waits_at_the_end_is_answered_and_nothing_more_is_taken(made):
    batcher = made(list)
    assert batcher.alive
    batcher.close()
    batcher.close()
    assert not batcher.alive
    (error,) = together(batcher, [1])
    assert isinstance(error, Refused)


def test_a_client_that_left_is_not_answered(made):
    seen, go = [], threading.Event()

    def answer(items):
        go.wait(10)
        seen.extend(items)
        return list(items)

    batcher = made(answer, together=1)

    async def ask():
        first = asyncio.create_task(batcher.ask(["first"]))
        left = asyncio.create_task(batcher.ask(["left"]))
        await asyncio.sleep(0.05)
        left.cancel()
        await asyncio.sleep(0)
        go.set()
        return await first

    asyncio.run(ask())
    assert together(batcher, ["last"]) == [["last"]]
    assert seen == ["first", "last"]
