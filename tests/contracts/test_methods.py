"""Every pre-training method is asked the same questions: found by its file name, with no list to keep."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

import headstart.pretraining
import languages
from headstart import data as stage
from headstart import registry
from headstart.adaptation.training import loop
from headstart.adaptation.training.optimizer import AdamW
from headstart.bases import load_base
from headstart.bases.formats import fingerprints
from headstart.bases.networks.costs import fingerprint
from headstart.pretraining import _watch
from headstart.pretraining._start import start
from makings import ARCHITECTURE, Base, contents, digests, hurry, make
from pictures import write_folder
from stories import KILL, PLENTY, refused, said, said_apart

HURRY = """
from headstart.pretraining import _plan as ours
training.loop.MIN_STEPS = ours.MIN_STEPS = 2
ours.PROBED = 1
ours.ADVANTAGE = float("inf")
"""
"""`makings.hurry` for a process of its own."""


@dataclass(frozen=True)
class World:
    """What methods of a modality learn from: tiny sets of it."""

    task: str
    write: Callable[..., Path]
    """`write(folder, classes, per_class, splits)`: class folders."""
    stray: str
    """Name of a file that is of no use here."""
    architectures: dict[str, str]
    """Folder of the network that a method starts from, by its name; others start from ARCHITECTURE."""
    size: int | None = None

    def start(self, name: str) -> tuple[object, ...]:
        """What a method starts from, on the command line."""
        size = () if self.size is None else ("--size", self.size)
        return ("--architecture", self.architectures.get(name, ARCHITECTURE), *size)

    def make(self, name: str, data: Path, out: Path, **changes: object) -> Base:
        begun = {"architecture": self.architectures.get(name, ARCHITECTURE), "size": self.size}
        more = {} if "base" in changes else begun
        return make(data, out, name, **{"epochs": 2, "task": self.task, **more, **changes})


def write_texts(
    folder: Path,
    classes: Sequence[str] = tuple(languages.TOPICS),
    per_class: int = 8,
    splits: Sequence[str] = ("",),
    seed: int = 0,
) -> Path:
    """Class folders of text files."""
    topics = sorted(languages.TOPICS)
    for number, split in enumerate(splits):
        for label, topic in zip(classes, topics, strict=False):
            (folder / split / label).mkdir(parents=True)
            for row, text in enumerate(languages.sentences(topic, per_class, seed=7 * seed + number)):
                (folder / split / label / f"{row}.txt").write_text(f"{text} {split}", "utf-8")
    return folder


@dataclass(frozen=True)
class Asked:
    """What a question is asked with."""

    world: World
    data: Path
    """Three classes of eight examples."""
    whole: Callable[[str], Base]
    """A base that the method made of them in two epochs; made once, not to be changed."""
    folder: Callable[[], Path]
    """A new empty folder."""
    patch: pytest.MonkeyPatch
    commands: Path
    """A folder with a `headstart` that starts at once."""

    def make(self, name: str, data: Path | None = None, **changes: object) -> Base:
        return self.world.make(name, data or self.data, self.folder() / "base", **changes)


def declares_itself(name: str, asked: Asked) -> None:
    method = registry.get("pretraining", name)
    assert len(method.summary.splitlines()) == 1
    assert 10 < len(method.summary) < 100
    assert type(method.labelled) is bool
    assert method.modalities
    assert {registry.get("tasks", task).modality.name for task in registry.names("tasks")} >= {
        *method.modalities
    }


def trains_every_part(name: str, asked: Asked) -> None:
    """No layer of the backbone is as it was: the loss reaches it, and what was kept is what was trained."""
    made = asked.whole(name)
    architecture, modality = asked.world.start(name)[1], registry.get("tasks", asked.world.task).modality.name
    begun = start(None, architecture, asked.world.size, modality, 0).build().state_dict()
    end = load_base(str(made.folder)).state
    assert begun.keys() == end.keys()
    still = [key for key in end if end[key].is_floating_point() and torch.equal(begun[key], end[key])]
    still = [key for key in still if not key.endswith("attention.bias")]  # GPT-2's mask of what is ahead
    assert not still, f"{still} did not move"
    assert all(tensor.isfinite().all() for tensor in end.values())


def repeats_with_the_same_seed(name: str, asked: Asked) -> None:
    """Bit for bit, and whatever torch's generator was at."""
    torch.rand(7)
    assert asked.make(name).weights == asked.whole(name).weights


def differs_with_another_seed(name: str, asked: Asked) -> None:
    """Also where both start from the same weights and the splits come with the data."""
    base, splits = str(asked.whole(name).folder), ("train", "validation", "test")
    data = asked.world.write(asked.folder() / "split", per_class=3, splits=splits, seed=1)
    made = [asked.make(name, data, base=base, seed=seed, epochs=1) for seed in (0, 1)]
    assert made[0].record["sha256"] != made[1].record["sha256"]


def survives_a_kill_bit_for_bit(name: str, asked: Asked) -> None:
    home = asked.folder()
    command = ("pretrain", asked.data, "--out", "base", "--method", name, "--epochs", 2)
    command = (*command, *asked.world.start(name))
    kill = KILL.format(name="pretrain.checkpoint", time=3)  # in the second epoch
    assert said_apart(asked.commands, *command, cwd=home, before=HURRY + kill).code == -9
    assert (home / "base" / "work" / "pretrain.checkpoint").exists()
    assert not (home / "base" / "model.safetensors").exists()
    with asked.patch.context() as patch:
        patch.chdir(home)
        taken = []
        step = loop.Loop._step
        patch.setattr(loop.Loop, "_step", lambda *all_: taken.append(1) or step(*all_))
        done = said(*command, "--json")
    assert done.code == 0, done.err
    assert len(taken) == 2, "two of four steps were in the checkpoint"
    assert (home / "base" / "model.safetensors").read_bytes() == asked.whole(name).weights
    for part in ("sha256", "losses", "watched", "kept", "steps", "sources"):
        assert done.json[part] == asked.whole(name).record[part], part
    assert not [path for path in (home / "base").rglob("*") if path.suffix == ".part" or path.name == "work"]


def works_on_the_smallest_data(name: str, asked: Asked) -> None:
    """Three pictures of two classes where it needs labels, else two files."""
    labelled = registry.get("pretraining", name).labelled
    few = asked.folder() / "few"
    asked.world.write(few, classes=("a", "b")[: 1 + labelled], per_class=2 + labelled)
    with asked.patch.context() as patch:
        patch.setattr(_watch, "COLLAPSED", 0.0)  # two pictures differ in one way only
        made = asked.make(name, few)
    assert sum(source["train"] for source in made.record["sources"]) == 2
    assert all(tensor.isfinite().all() for tensor in load_base(str(made.folder)).state.values())


def refuses_what_it_cannot_learn_from(name: str, asked: Asked) -> None:
    home = asked.folder()
    for folder in ("empty", "stray", "one"):
        (home / folder).mkdir()
    (home / "stray" / asked.world.stray).write_text("words")
    example = next(path for path in asked.data.rglob("*") if path.is_file())
    shutil.copy(example, home / "one" / example.name)
    for data in ("empty", "stray", "one", f"one/{example.name}", "gone"):
        out = home / "base"
        begun = asked.world.start(name)
        refused(said("pretrain", home / data, "--out", out, "--method", name, *begun))
        assert not out.exists()


def makes_a_base_that_loads_with_what_was_trained(name: str, asked: Asked) -> None:
    made = asked.whole(name)
    base = load_base(str(made.folder))
    assert base.receipt.fresh == ()
    assert base.receipt.fraction == 1
    assert base.card.sha256 == fingerprint(base.state) == made.record["sha256"]
    assert base.preprocess.size == made.record["size"] == (asked.world.size or languages.WINDOW)
    saved = load_file(made.folder / "model.safetensors")
    assert all(torch.equal(saved[key.removeprefix("model.")], one) for key, one in base.state.items())
    assert made.record["dimensions"] > 2
    assert len(made.record["losses"]["train"]) == len(made.record["watched"]) == made.record["epochs"] == 2


def makes_a_base_that_a_run_takes(name: str, asked: Asked) -> None:
    """The same data, the same seed: nothing that the base knows is in the test split."""
    home = asked.folder()
    with asked.patch.context() as patch:
        patch.setattr("headstart.adaptation._plan.MOST_SEEDS", 2)
        command = ("--base", asked.whole(name).folder, "--strategy", "frozen", "--minutes", PLENTY)
        done = said("run", asked.data, *command, "--out", home / "run", "--json")
    assert done.code == 0, done.err
    assert done.json["base"]["sha256"] == asked.whole(name).record["sha256"]
    assert (home / "run" / "bundle").is_dir()


def carries_along_what_it_saw(name: str, asked: Asked) -> None:
    """Training and validation of the split that a run would have, whether labels were looked at or not."""
    splits = stage.load(asked.data, registry.get("tasks", asked.world.task))
    seen = load_base(str(asked.whole(name).folder)).seen
    np.testing.assert_array_equal(
        seen, fingerprints.shortened(sorted(digests(splits, "train", "validation")))
    )


def changes_nothing_of_the_data(name: str, asked: Asked) -> None:
    copy = shutil.copytree(asked.data, asked.folder() / "copy")
    asked.make(name, copy, epochs=1, probe=copy)
    assert contents(copy) == contents(asked.data)


QUESTIONS = (
    declares_itself,
    trains_every_part,
    repeats_with_the_same_seed,
    differs_with_another_seed,
    survives_a_kill_bit_for_bit,
    works_on_the_smallest_data,
    refuses_what_it_cannot_learn_from,
    makes_a_base_that_loads_with_what_was_trained,
    makes_a_base_that_a_run_takes,
    carries_along_what_it_saw,
    changes_nothing_of_the_data,
)


@pytest.fixture(scope="module")
def worlds(tmp_path_factory) -> dict[str, World]:
    folders = {
        method: str(languages.write(tmp_path_factory.mktemp(kind), kind)[0])
        for method, kind in (("masked", "bert"), ("causal", "gpt2"))
    }
    return {
        "image": World("image_classification", write_folder, "a.txt", {}, 32),
        "text": World("text_classification", write_texts, "a.png", folders),
    }


@pytest.fixture(scope="module")
def sets(worlds, tmp_path_factory) -> dict[str, Path]:
    """Three classes of eight examples by modality."""
    return {
        name: world.write(tmp_path_factory.mktemp("data") / "set", per_class=8)
        for name, world in worlds.items()
    }


@pytest.fixture(scope="module")
def whole(worlds, sets, tmp_path_factory) -> Callable[[str], Base]:
    found: dict[str, Base] = {}

    def once(name: str) -> Base:
        if name not in found:
            kind = registry.get("pretraining", name).modalities[0]
            found[name] = worlds[kind].make(name, sets[kind], tmp_path_factory.mktemp(name) / "base")
        return found[name]

    return once


@pytest.fixture
def asking(worlds, sets, whole, fresh, short, monkeypatch, commands) -> Callable[[str], Asked]:
    """What a method is asked with."""
    hurry(monkeypatch)

    def one(name: str) -> Asked:
        kind = registry.get("pretraining", name).modalities[0]
        return Asked(worlds[kind], sets[kind], whole, fresh, monkeypatch, commands)

    return one


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.__name__)
@pytest.mark.parametrize("name", registry.names("pretraining"))
def test_every_method(name, question, asking):
    question(name, asking(name))


def test_the_usual_methods_are_found():
    assert registry.names("pretraining") == ["causal", "masked", "rotation", "supervised", "vicreg"]


TOY = '''"""The whole of a new method: say how bright a picture is."""

from torch import nn


class Brightness:
    together = True

    def loss(self, outputs, rows, view=None):
        return (outputs.mean(1) - 1).square().mean()

    def validation(self, outputs, rows):
        raise NotImplementedError


class Toy:
    summary = "toy: how bright a picture is"
    labelled = False
    modalities = ("image",)

    def around(self, backbone, preprocess):
        return backbone

    def head(self, sources, width):
        return nn.Linear(width, 1)

    def objective(self, sources, head):
        return Brightness()

    def feed(self, live):
        return live


plugin = Toy()
'''


@pytest.fixture
def toy(tmp_path) -> Iterator[str]:
    """A method that is one new file; the package is as before afterwards."""
    (tmp_path / "plugins").mkdir()
    (tmp_path / "plugins" / "toy.py").write_text(TOY)
    headstart.pretraining.__path__.append(str(tmp_path / "plugins"))
    try:
        yield "toy"
    finally:
        headstart.pretraining.__path__.remove(str(tmp_path / "plugins"))
        sys.modules.pop("headstart.pretraining.toy", None)
        vars(headstart.pretraining).pop("toy", None)


def test_a_method_in_one_new_file_is_found_and_works(toy, asking):
    assert toy in registry.names("pretraining")
    assert "toy: how bright a picture is" in said("list").out
    for question in (declares_itself, trains_every_part, repeats_with_the_same_seed):
        question(toy, asking(toy))


def test_it_is_gone_again():
    assert "toy" not in registry.names("pretraining")


@pytest.mark.parametrize(
    ("where", "name", "fault", "question"),
    [
        (AdamW, "step", lambda *_, **__: None, trains_every_part),
        (headstart.pretraining._trainee, "derive", lambda *_: 0, differs_with_another_seed),
        (fingerprints, "contents", lambda seen: fingerprints.save({"sha256": seen[1:]}),
         carries_along_what_it_saw),
    ],
)  # fmt: skip
def test_a_fault_of_the_machinery_is_caught(asking, fresh, where, name, fault, question):
    asked = asking("rotation")
    asked.patch.setattr(where, name, fault)
    if name == "derive":
        asked.patch.setattr(loop, "derive", fault)
        asked.patch.setattr("headstart.adaptation.training.feed.derive", fault)
    broken = replace(asked, whole=lambda name: asked.world.make(name, asked.data, fresh() / "base"))
    with pytest.raises(AssertionError):
        question("rotation", broken)
