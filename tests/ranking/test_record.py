"""A choice as JSON, and back."""

import json

import numpy as np
import pytest

from benches import renamed
from headstart.bases.passes.engines import Choice as Engine
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.ranking import benches, choice_record, choose, chosen, rank, row_record
from headstart.runtime import Runtime


@pytest.fixture
def candidates(home, base):
    passes = FrozenPass(home.bench.passes.cache, Runtime())
    return benches(home.bench.task, home.splits, [renamed(base, name) for name in "ab"], passes)


def test_the_record_is_json_and_gives_the_same_bench_back(candidates):
    def training(bench, share):
        return np.full(len(bench.pool), float(bench.base.name == "b"))

    choice = choose(candidates, {}, {"training": training})
    record = json.loads(json.dumps(choice_record(choice)))
    assert record["chosen"]["base"] == "b"
    again = chosen(candidates, record)
    assert again.base.name == "b"
    assert again.base.preprocess == choice.bench.base.preprocess


def test_whole_pictures_are_remembered(candidates):
    record = {"chosen": {"base": "a", "framing": "whole picture"}}
    found = chosen(candidates, record).base.preprocess
    assert (found.crop_mode, found.crop_fraction) == ("squash", 1.0)
    assert found == candidates[0].base.preprocess.framings()[1]


def test_every_candidate_has_its_race_and_its_cost(candidates):
    record = choice_record(choose(candidates, {}, {}))
    assert len(record["rows"]) == 2
    for row in record["rows"]:
        assert [one["round"] for one in row["race"]] == ["features"]
        assert row["seconds"] >= row["race"][0]["seconds"]
        assert {"place", "tied", "scores", "ranks", "prior", "by_size", "by_list", "licence"} <= row.keys()


@pytest.mark.parametrize(
    ("engine", "said"),
    [
        (None, None),
        (Engine("onnxruntime", 4.333), "onnxruntime, 4.3x pytorch"),
        (Engine("pytorch"), "pytorch"),
    ],
)
def test_it_says_what_ran_the_pass(candidates, engine, said):
    (row,) = rank(candidates[:1]).rows
    bench: Bench = row.bench
    bench.passes.choices.clear()
    if engine:
        bench.passes.choices[bench.base.identity] = engine
    assert row_record(row)["engine"] == said
