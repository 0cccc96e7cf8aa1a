"""The whole story for texts: language models in the hub's own format, run, shipped, and asked elsewhere."""

from __future__ import annotations

import json
import math

import pytest

import languages
from stories import PLENTY, Finished, said, said_apart, shorten

PER_CLASS = 27


@pytest.fixture(scope="module", params=["gpt2", "bert"])
def run(request, tmp_path_factory) -> Finished:
    """A finished run of an architecture on some 80 texts, of which GPT-2 cannot take the longest at once."""
    home = tmp_path_factory.mktemp(request.param)
    write = languages.write_texts if request.param == "gpt2" else languages.write_short_texts
    texts = write(home / "texts", PER_CLASS)
    base, folder = languages.write(home / "base", request.param)[0], home / "run"
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        options = ("--strategy", "frozen", "--strategy", "finetune", "--minutes", PLENTY, "--json")
        told = said("run", texts, "--base", base, *options, "--out", folder)
    assert told.code == 0, told.err
    return Finished(texts, base, folder, told)


def test_the_run_proves_and_ships(run):
    result = run.read("result.json")
    assert result == run.said.json
    assert result["task"] == "text_classification"
    assert result["base"]["name"] == str(run.base)
    assert result["receipt"]["fraction"] == 1
    names = {arm["name"] for arm in result["arms"]}
    assert names == {"majority", "tfidf", "knn", "frozen", "finetune", "reinit", "scratch"}
    assert result["verdict"]["transfer"] in ("frozen", "finetune")
    assert result["verdict"]["baseline"] in ("reinit", "scratch")
    data = result["data"]
    assert data["train"] + data["validation"] + data["test"] == 3 * PER_CLASS
    assert result["metric"]["value"] > 0.5


def test_a_fresh_process_predicts_what_the_run_measured(run, tmp_path, commands):
    rows = run.read("evidence.json")["predictions"]
    files = [run.data / row["file"] for row in rows]
    done = said_apart(commands, "predict", run.bundle, *files, "--json", cwd=tmp_path)
    assert done.code == 0, done.err
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [one["input"] for one in records] == [file.as_posix() for file in files]
    assert [one["label"] for one in records] == [row["predicted"] for row in rows]
    assert [one["probability"] for one in records] == pytest.approx(
        [row["probability"] for row in rows], abs=1e-3
    )
    assert all(math.fsum(one["probabilities"].values()) == pytest.approx(1) for one in records)
