"""An entry: a row is believed once it is marked, whoever writes, however it ends."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from entries import EVERY, KEY, values
from headstart.cache import Cache, filling
from headstart.cache import rows as module
from headstart.errors import RunError

KILLED = """
import os, signal, sys
import numpy as np
from pathlib import Path
from headstart import cache
rows = cache.Cache(Path(sys.argv[1])).rows(sys.argv[2], (4, 3), "float32")
rows.write(np.array([0, 1]), np.full((2, 3), 7, "float32"))
rows.settle()
rows.write(np.array([2]), np.full((1, 3), 7, "float32"))
os.kill(os.getpid(), signal.SIGKILL)
"""

AT_ONCE = """
import sys
import numpy as np
from pathlib import Path
from headstart.cache import Cache, filling
number = int(sys.argv[3])
rows = Cache(Path(sys.argv[1])).rows(sys.argv[2], (200, 50), "int64")
mine = 0
with filling([rows], lambda: None):
    for row in rows.missing(np.arange(200)).tolist():
        rows.write(np.array([row]), np.full((1, 50), row))
        mine += 1
print(mine, (rows.read(np.arange(200)) == np.arange(200)[:, None]).all())
"""


def test_rows_are_read_as_they_were_written_in_any_order(cache):
    rows = cache.rows(KEY, (4, 3), "float32")
    assert rows.missing(EVERY).tolist() == [0, 1, 2, 3]
    rows.write(np.array([3, 0, 1]), values(3))
    assert rows.missing(EVERY).tolist() == [2]
    assert rows.read(np.array([0, 3, 0])).tolist() == values(3)[[1, 0, 1]].tolist()
    rows.write(np.array([2]), values(1, start=50))
    again = Cache(cache.folder).find(KEY)
    assert again.missing(EVERY).tolist() == []
    assert again.read(EVERY).tolist() == [*values(3)[1:].tolist(), [50, 51, 52], values(3)[0].tolist()]
    assert (again.mapped() == again.read(EVERY)).all()
    assert (again.dtype, again.shape) == (np.float32, (4, 3))


def test_a_row_that_is_not_written_is_never_read(cache):
    rows = cache.rows(KEY, (4, 3), "float32")
    rows.write(np.array([1]), values(1))
    with pytest.raises(ValueError, match="before they are written"):
        rows.read(np.array([1, 2]))


def test_the_whole_array_is_mapped_read_only(cache):
    rows = cache.rows(KEY, (4, 3), "float16")
    rows.write(EVERY, np.ones((4, 3), np.float16))
    with pytest.raises(ValueError, match="read-only"):
        rows.mapped()[0] = 1


@pytest.mark.parametrize("shape", [(0, 5), (3, 0), (2,), (2, 3, 4, 5)])
@pytest.mark.parametrize("dtype", ["uint8", "float16", "float32"])
def test_any_shape_and_dtype_comes_back(cache, shape, dtype):
    expected = np.ones(shape, dtype)
    rows = cache.rows(KEY, shape, dtype)
    rows.write(np.arange(shape[0]), expected)
    found = Cache(cache.folder).find(KEY)
    for back in (found.read(np.arange(shape[0])), found.mapped()):
        assert (back.shape, back.dtype) == (shape, np.dtype(dtype))
        assert (back == expected).all()


def test_a_kill_costs_only_what_was_not_marked(cache):
    command = [sys.executable, "-c", KILLED, cache.folder, KEY]
    assert subprocess.run(command, capture_output=True, timeout=300).returncode == -9
    found = cache.find(KEY)
    assert found.missing(EVERY).tolist() == [2, 3]
    assert (found.read(np.array([0, 1])) == 7).all()


def test_bytes_are_on_the_disk_before_their_marks(cache, monkeypatch):
    order = []
    rows = cache.rows(KEY, (4, 3), "float32")
    sync, write = os.fdatasync, module._pwrite
    monkeypatch.setattr(module.os, "fdatasync", lambda fd: (order.append("sync"), sync(fd)))
    monkeypatch.setattr(module, "_pwrite", lambda fd, v, at: (order.append(v.dtype.name), write(fd, v, at)))
    rows.write(np.array([0]), values(1))
    assert order == ["float32"]
    assert Cache(cache.folder).find(KEY).missing(EVERY).tolist() == [0, 1, 2, 3]
    rows.settle()
    assert order == ["float32", "sync", "uint8"]
    assert Cache(cache.folder).find(KEY).missing(EVERY).tolist() == [1, 2, 3]


def test_two_processes_at_once_write_each_row_once_and_agree(cache):
    command = [sys.executable, "-c", AT_ONCE, cache.folder, KEY]
    running = [
        subprocess.Popen([*command, str(n)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for n in (1, 2)
    ]
    said = [process.communicate(timeout=300) for process in running]
    found = [out.split() for out, _ in said]
    assert [one[1] for one in found] == ["True", "True"], said
    assert sum(int(one[0]) for one in found) == 200


def test_who_comes_second_waits_says_so_and_sees_what_was_written(cache):
    first = cache.rows(KEY, (4, 3), "float32")
    second = Cache(cache.folder).find(KEY)
    said, seen, waiting = [], [], threading.Event()

    def say():
        said.append("waiting")
        waiting.set()

    def wait():
        with filling([second], say):
            seen.append(second.missing(EVERY).tolist())

    with filling([first], lambda: pytest.fail("nobody else is there")):
        thread = threading.Thread(target=wait)
        thread.start()
        assert waiting.wait(60)
        first.write(EVERY, values(4))
    thread.join(timeout=60)
    assert (said, seen) == (["waiting"], [[]])


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_disk_that_fills_up_is_an_error_with_a_way_out_and_its_row_is_not_believed(cache, monkeypatch):
    rows = cache.rows(KEY, (4, 3), "float32")
    rows.write(np.array([0]), values(1))
    with monkeypatch.context() as patch:
        patch.setattr(module.os, "pwrite", full)
        with pytest.raises(RunError, match="No space left on device") as caught:
            rows.write(np.array([1]), values(1))
    assert str(cache.folder) in caught.value.message
    assert "HEADSTART_CACHE" in caught.value.hint
    rows.settle()
    assert Cache(cache.folder).find(KEY).missing(EVERY).tolist() == [1, 2, 3]


def test_those_who_fill_parts_do_not_wait_for_each_other_but_for_one_who_fills_it_alone(cache):
    first = cache.rows("k", (4, 2), "float32")
    second, third = cache.find("k"), cache.find("k")
    with filling([first], pytest.fail, alone=False), filling([second], pytest.fail, alone=False):
        first.write(np.array([0, 1]), np.ones((2, 2), np.float32))
        second.write(np.array([2, 3]), np.full((2, 2), 2, np.float32))
        with pytest.raises(RuntimeError), filling([third], _raise):
            pass
    np.testing.assert_array_equal(cache.find("k").read(np.arange(4))[:, 0], [1, 1, 2, 2])


def _raise():
    raise RuntimeError("it would wait")
