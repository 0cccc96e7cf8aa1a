"""The clock counts all attempts, seeds are the same everywhere, files are written whole."""

from __future__ import annotations

import json
import os

import pytest
import torch

from headstart import runtime
from headstart.runtime import (
    Clock,
    Runtime,
    Silent,
    derive,
    detect,
    has_bfloat16,
    seeded,
    using_threads,
    write_atomically,
)


@pytest.fixture
def now(monkeypatch):
    """A clock that the test moves: `now[0]` is the time in seconds."""
    moment = [100.0]
    monkeypatch.setattr(runtime.time, "monotonic", lambda: moment[0])
    return moment


def test_the_clock_counts_up_and_the_budget_down(now):
    clock = Clock(minutes=2)
    now[0] += 30
    assert (clock.elapsed(), clock.left()) == (30, 90)
    now[0] += 120
    assert clock.left() == -30


def test_earlier_attempts_count(now):
    clock = Clock(minutes=1)
    now[0] += 5
    clock.add(40)
    assert (clock.elapsed(), clock.left()) == (45, 15)


def test_what_went_by_before_counts(now):
    now[0] += 25
    assert Clock(minutes=1, begun=100.0).left() == 35


@pytest.mark.parametrize(
    ("wall", "computed", "slowness"),
    [(30, 10, 3.0), (30, 30, 1.0), (10, 30, 1.0), (90, 2, 4.0), (90, 0.5, 1.0)],
)
def test_a_machine_is_busy_where_more_time_goes_by_than_is_computed(
    now, monkeypatch, wall, computed, slowness
):
    spent = [7.0]
    monkeypatch.setattr(runtime.time, "process_time", lambda: spent[0])
    clock = Clock(minutes=1, begun=now[0] - 50)
    clock.add(40)
    now[0] += wall
    spent[0] += computed
    assert clock.slowness == pytest.approx(slowness), "of what this process did itself"


def test_without_minutes_there_is_no_end(now):
    clock = Clock()
    now[0] += 1e9
    assert clock.left() == float("inf")


def test_events_are_appended_one_a_line_in_plain_text(tmp_path, now):
    quiet, log = Runtime(), tmp_path / "log.jsonl"
    quiet.log("start")
    assert not log.exists()
    loud = Runtime(clock=Clock(), log_file=log)
    loud.log("start", name="ñandú")
    now[0] += 1.23456
    loud.log("end")
    assert [json.loads(line) for line in log.read_text("utf-8").splitlines()] == [
        {"event": "start", "elapsed": 0.0, "name": "ñandú"},
        {"event": "end", "elapsed": 1.235},
    ]
    assert "ñandú" in log.read_text("utf-8")


def test_silent_passes_the_items_through(capsys):
    silent = Silent()
    silent.note("hello")
    assert list(silent.track(iter("abc"), "reading", 3)) == ["a", "b", "c"]
    assert capsys.readouterr() == ("", "")


def test_this_machine_without_a_gpu_is_a_cpu_in_full_precision(monkeypatch, tmp_path):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    clock, voice = Clock(), Silent()
    found = detect(clock, voice, tmp_path / "log.jsonl")
    assert found == Runtime("cpu", torch.get_num_threads(), clock, voice, tmp_path / "log.jsonl")
    fabric = found.fabric()
    assert (fabric.device.type, fabric.world_size) == ("cpu", 1)


def test_derived_seeds_are_the_same_on_every_machine_and_differ_by_purpose():
    assert derive(0, "init") == 3953688860265627247
    several = [
        derive(seed, *purpose) for seed in (0, 1) for purpose in (("a",), ("b",), ("a", 1), ("a1",), ())
    ]
    assert len(set(several)) == len(several)
    assert all(0 <= seed < 2**63 for seed in several)


def test_a_seeded_block_repeats_and_leaves_the_generator_alone():
    before = torch.random.get_rng_state()
    with seeded(3):
        first = torch.rand(4)
    with seeded(3):
        again = torch.rand(4)
    with seeded(4):
        other = torch.rand(4)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_threads_are_put_back_even_after_an_error():
    before = torch.get_num_threads()
    inside = []

    def fails():
        inside.append(torch.get_num_threads())
        raise KeyError

    with pytest.raises(KeyError), using_threads(before + 1):
        fails()
    assert inside == [before + 1]
    assert torch.get_num_threads() == before


def test_a_file_is_replaced_whole(tmp_path):
    write_atomically(tmp_path / "a.json", b"old")
    write_atomically(tmp_path / "a.json", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.json", b"new")]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    write_atomically(path, b"old")

    def full(*_):
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_atomically(path, b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a.json", b"old")]


def test_progress_passes_rows_through_the_reporter():
    tracked = []

    class Tracking(Silent):
        def track(self, items, label, total):
            tracked.append((label, total))
            yield from items

    shown = runtime.progress(Tracking())("reading", iter("abc"))
    assert list(shown) == ["a", "b", "c"]
    assert tracked == [("reading", 3)]
    assert list(runtime.progress(Silent())("reading", [])) == []


INTEL = (
    "processor\t: {n}\nmodel name\t: Xeon with avx512_bf16 on the box\n"
    "flags\t\t: fpu avx2 {flags}\nbugs\t\t: amx_bf16\n\n"
)


@pytest.fixture
def cpuinfo(tmp_path):
    """`cpuinfo(*processors)`: a file as Linux has it, with these flags."""

    def write(*processors, form=INTEL):
        path = tmp_path / "cpuinfo"
        path.write_text("".join(form.format(n=n, flags=flags) for n, flags in enumerate(processors)))
        return path

    return write


@pytest.mark.parametrize(
    ("processors", "has"),
    [
        (["avx512f avx512_bf16"] * 2, True),
        (["avx512f amx_tile amx_bf16"], True),
        (["avx512f avx512bw avx512_vnni"], False),
        (["avx_vnni avx_ne_convert"], False),
        ([""], False),
        (["avx512_bf16", ""], False),
        ([], False),
    ],
)
def test_bfloat16_needs_instructions_of_every_processor(cpuinfo, processors, has):
    assert has_bfloat16(cpuinfo(*processors), {}) == has


def test_bfloat16_of_arm(cpuinfo):
    form = "processor\t: {n}\nFeatures\t: fp asimd {flags}\nCPU part\t: 0xd40\n\n"
    assert has_bfloat16(cpuinfo("i8mm bf16", form=form), {})
    assert not has_bfloat16(cpuinfo("i8mm", form=form), {})


def test_what_is_not_known_counts_as_no_bfloat16(tmp_path):
    assert not has_bfloat16(tmp_path / "absent", {})
    (tmp_path / "strange").write_bytes(b"\xff\xfe bf16")
    assert not has_bfloat16(tmp_path / "strange", {})


@pytest.mark.parametrize(
    ("name", "cap", "has"),
    [
        ("ONEDNN_MAX_CPU_ISA", "AVX2", False),
        ("ONEDNN_MAX_CPU_ISA", "avx512_core_vnni", False),
        ("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_BF16", True),
        ("ONEDNN_MAX_CPU_ISA", "AVX512_CORE_AMX", True),
        ("ONEDNN_MAX_CPU_ISA", "ALL", True),
        ("ONEDNN_MAX_CPU_ISA", "", True),
        ("DNNL_MAX_CPU_ISA", "SSE41", False),
        ("ATEN_CPU_CAPABILITY", "avx2", False),
        ("ATEN_CPU_CAPABILITY", "default", False),
        ("ATEN_CPU_CAPABILITY", "avx512", True),
        ("OMP_NUM_THREADS", "1", True),
    ],
)
def test_bfloat16_that_pytorch_is_kept_from_counts_as_none(cpuinfo, name, cap, has):
    assert has_bfloat16(cpuinfo("avx512_bf16"), {name: cap}) == has


@pytest.mark.parametrize(("has", "precision"), [(True, "bf16-mixed"), (False, "32-true")])
def test_a_plan_in_half_precision_goes_on_in_full_where_there_is_none(monkeypatch, has, precision):
    monkeypatch.setattr(runtime, "has_bfloat16", lambda: has)
    assert Runtime(half=True).fabric()._connector._precision_input == precision
    assert Runtime(half=False).fabric()._connector._precision_input == "32-true"


def test_a_clock_that_is_sent_goes_on_by_the_time_of_day(monkeypatch):
    clock = Clock(5)
    clock.add(100)
    sent, worked = clock.__getstate__(), clock.elapsed()
    monkeypatch.setattr(runtime.time, "monotonic", lambda: -1e6)  # of a machine that started later
    other, then = Clock.__new__(Clock), runtime.time.time()
    monkeypatch.setattr(runtime.time, "time", lambda: then + 7)
    other.__setstate__(sent)
    assert other.minutes == 5
    assert worked + 6 < other.elapsed() < worked + 8
    assert other.left() == pytest.approx(300 - other.elapsed())


def test_one_process_on_a_processor_trains_alone(monkeypatch):
    assert isinstance(Runtime().trainer(), runtime.Alone)
    monkeypatch.setattr(Runtime, "fabric", lambda self: "fabric")
    for other in (Runtime(half=True), Runtime(devices=2), Runtime("cuda")):
        assert other.trainer() == "fabric"


def test_a_block_draws_from_its_seed_and_leaves_the_others_draws_alone():
    torch.manual_seed(7)
    expected = torch.rand(2)
    torch.manual_seed(7)
    with seeded(3):
        inside = torch.rand(2)
    assert torch.equal(torch.rand(2), expected)
    torch.manual_seed(3)
    assert torch.equal(torch.rand(2), inside)
