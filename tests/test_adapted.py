from __future__ import annotations

from pathlib import Path

import pytest

import headstart as hs
from headstart.adapted import Adapted
from headstart.errors import HeadstartError, UnknownName
from headstart.plain import Unfit, plain
from test_domains import outcome


def test_a_result_reads_its_record():
    told = outcome()
    assert Adapted(Path("run"), plain(told)).outcome == told
    with pytest.raises(Unfit):
        Adapted(Path("run"), {}).outcome  # noqa: B018


def test_a_misspelt_keyword_has_a_hint():
    with pytest.raises(UnknownName) as refused:
        hs.run_domains("a", "b", proportion="same")
    assert "proportions" in refused.value.hint


def test_data_that_are_not_there(tmp_path):
    with pytest.raises(HeadstartError, match="nowhere"):
        hs.run_domains(tmp_path / "nowhere", tmp_path / "nowhere")
    with pytest.raises(HeadstartError):
        hs.run_domains(tmp_path / "nowhere")
