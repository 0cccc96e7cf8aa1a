"""The package keeps its own rules, and the checks of the rules catch planted violations."""

from __future__ import annotations

from pathlib import Path

import pytest

import layers

TESTS = Path(__file__).parent
SOURCE = TESTS.parent / "src" / "headstart"

WITHOUT_TEST = {
    "bases/base.py": "a contract and records: every base is asked about it in tests/bases",
    "preprocessing/base.py": "a contract",
    "tasks/fitters/base.py": "a contract",
    "verification/_final_model.py": "asked of whole runs, in tests/verification and tests/tasks",
    "ranking/base.py": "a contract",
    "tasks/base.py": "a contract",
    "samples/base.py": "a record: every sample is asked about it in tests/samples/test_samples.py",
    "workers/base.py": "a contract",
    "pretraining/base.py": "a contract: every method is asked about it in tests/contracts",
}
"""Files that need no test file of their own, and why."""

RULES = (
    layers.upward_imports,
    layers.private_imports,
    layers.long_files,
    layers.long_functions,
    layers.wide_functions,
    layers.deep_inheritance,
    layers.test_readers,
    layers.undocumented,
    layers.unpickling,
    layers.answering_for_others,
)


def listed(violations: list[str]) -> str:
    return "\n" + "\n".join(violations)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps(rule):
    violations = rule(SOURCE)
    assert not violations, listed(violations)


def test_every_file_has_its_test():
    violations = layers.without_mirror(SOURCE, TESTS, WITHOUT_TEST)
    assert not violations, listed(violations)


@pytest.fixture
def planted(tmp_path):
    """`planted({"data/x.py": "code"})` writes a package with that code, and gives its folder."""

    def plant(files: dict[str, str]) -> Path:
        for name in ("types.py", "data/__init__.py", "tasks/__init__.py", "adaptation/__init__.py", *files):
            path = tmp_path / "headstart" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files.get(name, ""), "utf-8")
        return tmp_path / "headstart"

    return plant


@pytest.mark.parametrize(
    "code",
    [
        "from ..adaptation import frozen",
        "from .. import adaptation",
        "from headstart import adaptation",
        "from headstart.adaptation.frozen import plugin",
        "import headstart.adaptation.frozen",
        "import headstart",
        "from headstart import run",
        "def late():\n    from ..adaptation import frozen",
        "try:\n    from ..adaptation import frozen\nexcept ImportError:\n    pass",
        "if TYPE_CHECKING:\n    pass\nelse:\n    from ..adaptation import frozen",
        "import importlib\nimportlib.import_module('headstart.adaptation.frozen')",
        "from .. import registry\nregistry.get('adaptation', 'frozen')",
    ],
)
def test_an_upward_import_is_caught(planted, code):
    violations = layers.upward_imports(planted({"registry.py": "", "tasks/x.py": code}))
    assert len(violations) == 1, listed(violations)
    assert violations[0].startswith("tasks/x.py:")


@pytest.mark.parametrize(
    "code",
    [
        "from ..types import Examples",
        "from .. import data",
        "from ..data.images import read",
        "from . import other",
        "from .base import Task",
        "from .scores.base import Score",
        "import torch, numpy.testing",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from ..adaptation import frozen",
        "import typing\nif typing.TYPE_CHECKING:\n    from ..adaptation import frozen",
        "'from ..adaptation import frozen'",
    ],
)
def test_a_downward_import_is_fine(planted, code):
    assert layers.upward_imports(planted({"tasks/x.py": code})) == []


def test_a_folder_that_is_no_layer_is_caught(planted):
    assert "no layer of this name" in layers.upward_imports(planted({"extras/x.py": ""}))[0]


def test_rooms_below_a_room_have_their_order(planted):
    files = {"data/strings.py": "", "data/texts/layouts.py": "from ..strings import lines"}
    assert layers.upward_imports(planted(files)) == []
    files = {"data/strings.py": "from .texts import layouts", "data/texts/layouts.py": ""}
    assert layers.upward_imports(planted(files)) == ["data/strings.py:1: data.strings imports data.texts"]


def test_a_private_file_is_imported_in_its_own_folder_only(planted):
    own = {"tasks/_x.py": "", "tasks/y.py": "from ._x import name", "data/_plain.py": ""}
    assert layers.private_imports(planted(own)) == []
    for code in ("from ..tasks._x import name", "from ..tasks import _x", "from headstart.tasks._x import y"):
        violations = layers.private_imports(planted({**own, "adaptation/x.py": code}))
        assert len(violations) == 1
        assert violations[0].startswith("adaptation/x.py:1: imports headstart.tasks._x")


def test_the_package_itself_may_import_everything(planted):
    assert layers.upward_imports(planted({"__init__.py": "from .adaptation import frozen"})) == []


def test_sizes_are_caught_just_above_the_limit(planted):
    wide = ", ".join(f"p{number}" for number in range(layers.MAX_PARAMETERS))
    fine = f"class A:\n    def method(self, {wide}):\n        pass\n"
    assert layers.wide_functions(planted({"types.py": fine})) == []
    assert layers.wide_functions(planted({"types.py": f"def f({wide}, *, by_name, **rest): ..."})) == []
    assert len(layers.wide_functions(planted({"types.py": f"def f({wide}, one_more): ..."}))) == 1
    assert len(layers.wide_functions(planted({"types.py": f"def f({wide}, *rest): ..."}))) == 1
    body = "    pass\n" * (layers.MAX_FUNCTION - 1)
    assert layers.long_functions(planted({"types.py": f"async def f():\n{body}"})) == []
    assert len(layers.long_functions(planted({"types.py": f"async def f():\n{body}    pass\n"}))) == 1
    assert layers.long_files(planted({"types.py": "\n" * layers.MAX_FILE})) == []
    assert len(layers.long_files(planted({"types.py": "\n" * layers.MAX_FILE + "\n"}))) == 1


def test_words_that_answered_for_others_are_caught(planted):
    fine = {"types.py": "headed = 'none'\nopen_ended_question = 1"}
    assert layers.answering_for_others(planted(fine)) == []
    for code in ("x = task.open_ended", "class A:\n    trained_head = True", "def has_sentences(): ..."):
        assert len(layers.answering_for_others(planted({"types.py": code}))) == 1


def test_a_tower_of_classes_is_caught_across_files(planted):
    two = {"types.py": "class A(Exception): ...\nclass B(A): ..."}
    assert layers.deep_inheritance(planted(two)) == []
    three = {**two, "data/x.py": "from .. import types\nclass C(types.B): ..."}
    assert layers.deep_inheritance(planted(three)) == ["C: 3 classes in a line"]


@pytest.mark.parametrize("code", ["print(splits.test)", "getattr(splits, 'test')", "x = lambda s: s.test[0]"])
def test_reading_the_test_split_is_caught(planted, code):
    root = planted({"adaptation/x.py": code, "data/x.py": code, "verification/x.py": code, "types.py": code})
    assert [line.split(":")[0] for line in layers.test_readers(root)] == ["adaptation/x.py"]


def test_a_file_without_its_test_is_caught(planted, tmp_path):
    root, tests = planted({"data/_x.py": "", "data/y.py": ""}), tmp_path / "tests"
    (tests / "data").mkdir(parents=True)
    (tests / "data" / "test_x.py").touch()
    assert layers.without_mirror(root, tests, {"types.py": "records"}) == ["data/y.py: no data/test_y.py"]
    stale = {
        "types.py": "records",
        "data/y.py": "a contract",
        "data/_x.py": "has a test",
        "gone.py": "is gone",
    }
    assert layers.without_mirror(root, tests, stale) == [
        "data/_x.py: exempt for nothing",
        "gone.py: exempt for nothing",
    ]


def test_public_names_without_a_docstring_are_caught(planted):
    code = "def shown(): ...\ndef _hidden(): ...\nclass Shown: ...\ndef said():\n    'Says.'\n"
    violations = layers.undocumented(planted({"types.py": code}))
    assert [line.split(": ")[1] for line in violations] == [
        "shown has no docstring",
        "Shown has no docstring",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "def late():\n    from joblib import load",
        "import joblib\njoblib.load(path)",
        "from pickle import UnpicklingError, loads",
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path, allow_pickle=True)",
        "pd.read_pickle(path)",
        "import cloudpickle as fine",
    ],
)
def test_unpickling_is_caught(planted, code):
    assert len(layers.unpickling(planted({"types.py": code}))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "from pickle import UnpicklingError",
        "torch.load(path, weights_only=True)",
        "np.load(path, allow_pickle=False)",
        "'never a pickle'",
        "import joblib\njoblib.Parallel(2)",
    ],
)
def test_what_cannot_unpickle_is_fine(planted, code):
    assert layers.unpickling(planted({"types.py": code})) == []
