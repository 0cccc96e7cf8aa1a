"""What the data call their columns is typed one way, and handed on by every command that reads data."""

from __future__ import annotations

import pandas as pd
import pytest
import typer

from headstart import api, partial
from headstart.cli.columns import as_typed, columns_of
from stories import refused, said

CALLED = {"file_name": "where", "label": "what"}
TYPED = ("--columns", "file_name=where,label=what")


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        (None, {}),
        (["text=body"], {"text": "body"}),
        (["text=body, label=the topic"], {"text": "body", "label": "the topic"}),
        (["text=body", "label=a=b"], {"text": "body", "label": "a=b"}),
    ],
)
def test_pairs_are_read_as_they_are_typed(typed, wanted):
    assert columns_of(typed) == wanted


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("typed", ["body", "text=", "=body", "text=a,,label=b", ""])
def test_what_is_no_pair_is_a_usage_error(typed):
    with pytest.raises(typer.BadParameter, match="expected OURS=YOURS"):
        columns_of([typed])
    refused(said("check", "photos", "--columns", typed), 2)


@pytest.fixture
def photos(image_folder):
    """A folder whose metadata file has other names for its columns."""
    root = image_folder(per_class=5)
    names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*.png"))]
    table = pd.DataFrame({"where": names, "what": [name.split("/")[0] for name in names]})
    table.to_csv(root / "metadata.csv", index=False)
    return root


def test_check_reads_columns_by_their_own_names(photos):
    refused(said("check", photos))
    assert said("check", photos, *TYPED, "--json").json["labels"] == ["circle", "square", "triangle"]
    assert api.check(photos, columns=CALLED).examples.categories == ("circle", "square", "triangle")
    unknown = said("check", photos, "--columns", "source=en")
    refused(unknown)
    assert "no column `source` to map: this task reads file_name, label" in unknown.err


@pytest.mark.usefixtures("named")
def test_every_command_that_reads_data_hands_them_on(monkeypatch, finished, tmp_path):
    asked = []

    class Enough(Exception):
        """The command got as far as the test asks."""

    def take(*given, **more):
        asked.append(more["columns"] if "columns" in more else given[0].columns)
        raise Enough

    for where, name in ((api, "run_settings"), (partial, "rank_alone"), (partial, "adapt_alone")):
        monkeypatch.setattr(where, name, take)
    for name in ("pretrain", "evaluate"):
        monkeypatch.setattr(api, name, take)
    typed = (*TYPED, "--columns", "source=en,target=de")
    said("run", "photos", *typed)
    said("rank", "photos", *typed)
    said("adapt", "photos", "--base", "b", "--strategy", "frozen", "--out", tmp_path / "o", *typed)
    said("pretrain", "photos", "--out", tmp_path / "p", *typed)
    said("evaluate", "bundle", "photos", *typed)
    assert asked == [CALLED | {"source": "en", "target": "de"}] * 5


def test_evaluate_reads_columns_by_their_own_names(finished, tmp_path):
    names = sorted(finished.data.rglob("*.png"))[:6]
    table = pd.DataFrame({"where": map(str, names), "what": [name.parent.name for name in names]})
    assert api.evaluate(finished.bundle, table, columns=CALLED).metric.n == 6


def test_check_says_the_run_of_what_was_typed(photos):
    done = said("check", photos, *TYPED, "--seed", "3", "--set", "folds=2")
    assert done.code == 0, done.err
    (told,) = [line for line in done.out.splitlines() if line.startswith("next ")]
    assert told.split() == [*f"next headstart run {photos} --seed 3".split(), *TYPED, "--set", "folds=2"]


def test_words_of_a_command_line_are_quoted():
    assert (
        as_typed("my photos", task=None, seed=0, group="a b", set=["x=1"])
        == "'my photos' --group 'a b' --set x=1"
    )
