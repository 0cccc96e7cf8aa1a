"""A run is read by its folder or its bundle's; what is none, or too old, is refused with what to do."""

from __future__ import annotations

import pytest

from headstart.comparison import finished as read_run
from headstart.errors import RunError
from pairs_of_runs import like


def test_a_run_is_read_by_its_folder_or_its_bundles(finished):
    run = read_run(finished.folder)
    assert read_run(finished.bundle).folder == run.folder == finished.folder
    digests = [row.digest for row in run.predictions]
    assert digests == sorted(digests)
    assert run.scores("accuracy").mean() == pytest.approx(run.outcome.metric.value)


def test_what_is_no_run_is_refused(tmp_path):
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(RunError, match="not a finished run") as error:
            read_run(folder)
        assert "headstart runs" in error.value.hint
    (tmp_path / "result.json").write_text("{", "utf-8")
    with pytest.raises(RunError, match="not a finished run"):
        read_run(tmp_path)


def test_a_run_from_before_says_to_run_it_again(finished, tmp_path):
    def older(_, evidence):
        del evidence["scores"]

    with pytest.raises(RunError, match="did not keep what is compared") as error:
        read_run(like(finished.folder, tmp_path / "older", older))
    assert "headstart run --from" in error.value.hint
