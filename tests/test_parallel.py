"""Results keep their order, failures come through, and warnings of decoders stay silent."""

import os
import threading
import time
import warnings

import pytest

from headstart.parallel import each


def test_results_are_in_the_order_of_the_items():
    assert each(lambda n: n * n, range(50)) == [n * n for n in range(50)]
    assert each(str, []) == []


def test_a_failure_is_raised_and_what_has_not_begun_is_dropped():
    begun = []
    gate = threading.Event()

    def work(n):
        begun.append(n)
        if n == 0:
            raise ValueError("first")
        gate.wait(0.05)

    with pytest.raises(ValueError, match="first"):
        each(work, range(10_000))
    assert len(begun) < 1000


def test_progress_sees_every_item_under_the_title():
    seen = []

    def progress(title, items):
        for item in items:
            seen.append((title, item))
            yield item

    assert each(abs, [-1, -2], "counting", progress) == [1, 2]
    assert seen == [("counting", -1), ("counting", -2)]


def test_only_warnings_of_the_decoder_are_silent():
    def warn(module):
        warnings.warn_explicit("odd", UserWarning, "file.py", 1, module)

    each(warn, ["PIL.TiffImagePlugin"])
    with pytest.raises(UserWarning, match="odd"):
        each(warn, ["mine"])


def test_few_of_many_items_wait_at_a_time():
    begun, then = [], []

    def work(n):
        begun.append(n)
        if n == 0:  # the first holds up what follows
            time.sleep(0.2)
            then.append(len(begun))
        return n

    assert each(work, range(20_000)) == list(range(20_000))
    assert then[0] <= 65 * os.cpu_count()


def test_progress_moves_with_what_is_done_not_with_what_is_under_way():
    done, seen = [], []

    def progress(_, items):
        for item in items:
            seen.append(len(done))
            yield item

    def work(n):
        time.sleep(0.01)
        done.append(n)

    each(work, range(8), "", progress)
    assert all(count >= place for place, count in enumerate(seen))
