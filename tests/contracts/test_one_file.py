"""A task of a modality, an answer and a score that nobody has comes from outside; the whole story runs on it.

The package is the one that `docs/extend.md` shows, word for word.
"""

import json
import re
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

PAGE = (Path(__file__).parents[2] / "docs" / "extend.md").read_text("utf-8")
BEARINGS = '''
import numpy as np
import torch
from torch import nn

from headstart.data.tabular import Tabular
from headstart.targets import Targets
from headstart.tasks.answers.base import Answer
from headstart.tasks.base import Task
from headstart.tasks.baselines.base import Baseline, Dull
from headstart.tasks.scores.base import Score, Scores
from numbers_task import Numbers


class Bearings(Answer):
    """Degrees, of which 360 are 0."""

    headed = "trained"

    def targets(self, labels):
        right = np.array([float(label) % 360 for label in labels])
        return Targets(right, (right // 180).astype(np.int64), ("east", "west"), ("cos", "sin"))

    def wanted(self, targets, train):
        angles = torch.from_numpy(np.deg2rad(targets.right)).float()
        return torch.stack([angles.cos(), angles.sin()], 1)

    def head(self, width, categories, maps=None):
        return nn.Linear(width, 2)

    def loss(self, outputs, targets):
        return (outputs - targets).square().sum(1)

    def answers(self, model, inputs, preprocess):
        cos, sin = model(inputs).double().cpu().numpy().T
        return np.rad2deg(np.arctan2(sin, cos)) % 360

    def decode(self, outputs, categories, sources=()):
        return [{"bearing": float(one)} for one in outputs]


class North(Dull):
    def outputs(self, rows):
        return np.zeros(len(rows))


def apart(outputs, right):
    return np.abs((outputs - right + 180) % 360 - 180)


north = Baseline("always north", lambda bench, train: North(), deaf=True)
plugin = Task(
    summary="which way a row points",
    modality=Numbers(),
    reader=Tabular(("numbers", "bearing"), "give a CSV file").reader(),
    answer=Bearings(),
    scores=Scores((Score("degrees", apart, better="lower", high=np.inf),)),
    baselines=("north", "nearest"),
    references=("scratch",),
    strategies=("frozen",),
)
'''


def package(folder):
    """The page's file and another one, as installed: modules and the entry points of their distribution."""
    blocks = dict(re.findall(r"```(python|toml)\n(.*?)```", PAGE, re.DOTALL))  # the last of each
    (folder / "numbers_task.py").write_text(blocks["python"], "utf-8")
    (folder / "bearings_task.py").write_text(BEARINGS, "utf-8")
    points = tomllib.loads(blocks["toml"])["project"]["entry-points"]
    points["headstart.tasks"]["bearings"] = "bearings_task:plugin"
    points["headstart.baselines"] = {"north": "bearings_task:north"}
    about = folder / "numbers_task-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: numbers-task\nVersion: 1\n")
    lines = [
        line
        for group, names in points.items()
        for line in (f"[{group}]", *(f"{name} = {place}" for name, place in names.items()))
    ]
    (about / "entry_points.txt").write_text("\n".join(lines))


def base(folder):
    """A network with random weights, in the page's format."""
    folder.mkdir()
    (folder / "numbers.json").write_text(json.dumps({"size": 4, "width": 16}))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU())
    save_file(network.state_dict(), folder / "model.safetensors")


def rows(file, column, count=90):
    """Points around the middle: their quarter, or which way they lie."""
    draws = np.random.default_rng(0)
    lines = [f"numbers,{column}"]
    for _ in range(count):
        angle = draws.uniform(0, 360)
        x, y = np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))
        noisy = np.array([x, y, 0, 0]) * draws.uniform(1, 2) + draws.normal(0, 0.1, 4)
        answer = f"{angle:.1f}" if column == "bearing" else "abcd"[int(angle // 90)]
        lines.append(f'"{" ".join(f"{value:.3f}" for value in noisy)}",{answer}')
    file.write_text("\n".join(lines))


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A folder with the package beside a base and two tables."""
    folder = tmp_path_factory.mktemp("home")
    package(folder)
    base(folder / "my-network")
    rows(folder / "rows.csv", "label")
    rows(folder / "ways.csv", "bearing")
    return folder


PROGRAM = """
import json, sys
sys.path[:0] = json.loads(sys.argv[1])
import stories, pytest
stories.shorten(pytest.MonkeyPatch())
done = {name: vars(stories.said(*words)) for name, words in json.loads(sys.argv[2]).items()}
import headstart, pandas
words = {"text": [f"{word} {n}" for n in range(9) for word in ("red", "blue")], "label": ["r", "b"] * 9}
assert headstart.check(pandas.DataFrame(words)).examples.categories == ("b", "r")
print(json.dumps(done))
"""
MINUTES = ("--minutes", "0.2", "--json")
COMMANDS = {
    "list": ["list"],
    "check": ["check", "rows.csv"],
    "check ways": ["check", "ways.csv"],
    "rank": ["rank", "rows.csv", "--base", "my-network"],
    "run": ["run", "rows.csv", "--base", "my-network", "--strategy", "frozen", *MINUTES, "--out", "rows"],
    "predict": ["predict", "rows/bundle", "2 0.3 0 0", "--json"],
    "export": ["export", "rows/bundle", "--data", "rows.csv", "--to", "onnx", "--json"],
    "run ways": ["run", "ways.csv", "--base", "my-network", *MINUTES, "--out", "ways"],
    "predict ways": ["predict", "ways/bundle", "0 2 0 0", "--json"],
    "evaluate ways": ["evaluate", "ways/bundle", "ways.csv", "--json"],
}


@pytest.fixture(scope="module")
def said(home, commands):
    """What each command says where the package is installed; one process that starts at once."""
    places = [str(home), str(Path(__file__).parents[1])]
    done = subprocess.run(
        [commands / "python", "-c", PROGRAM, json.dumps(places), json.dumps(COMMANDS)],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    every = json.loads(done.stdout.splitlines()[-1])
    assert {name: one["code"] for name, one in every.items()} == dict.fromkeys(COMMANDS, 0), every
    return {name: one["out"] for name, one in every.items()}


def test_what_the_page_shows_is_found_and_checked(said):
    assert "one label for each row of numbers" in said["list"]
    assert "always north" in said["list"]
    assert "read as numbers_classification" in said["check"]
    assert "read as bearings" in said["check ways"]


def test_its_bases_are_ranked_and_what_ships_predicts(said):
    assert "my-network" in said["rank"]
    result = json.loads(said["run"])
    names = [arm["name"] for arm in result["arms"]]
    assert names == ["majority", "knn", "frozen", "reinit", "scratch"]
    assert result["metric"]["name"] == "accuracy"
    assert result["metric"]["value"] > 0.6
    (record,) = map(json.loads, said["predict"].splitlines())
    assert record["label"] == "a"


def test_it_is_exported_like_any_other(said, home):
    exported = json.loads(said["export"])
    assert exported["difference"] < 1e-4
    assert (home / "rows" / "bundle" / "model.onnx").is_file()


def test_an_answer_and_a_score_that_nobody_has_go_through_the_whole_story(said, home):
    result = json.loads(said["run ways"])
    arms = {arm["name"]: arm["value"] for arm in result["arms"]}
    assert arms.keys() == {"north", "nearest", "frozen", "scratch"}
    assert (result["metric"]["higher_is_better"], result["metric"]["range"]) == (False, [0.0, None])
    assert arms["nearest"] < 30 < 60 < arms["north"] < 120, "degrees, of which fewer are better"
    assert result["metric"]["value"] > 1, "a value that nobody clips to 0..1"
    (record,) = map(json.loads, said["predict ways"].splitlines())
    assert 0 <= record["bearing"] < 360
    assert json.loads(said["evaluate ways"])["metric"]["name"] == "degrees"
    report = (home / "ways" / "report.html").read_text("utf-8")
    assert "lower is better" in report
    assert "always north" in report, "the glossary is made of summaries"
