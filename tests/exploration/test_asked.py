"""What an exploration is asked for."""

import pytest

from headstart.errors import MissingExtra, SettingsError
from headstart.exploration import maps
from headstart.exploration._asked import Asked


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"clusters": "many"}, "whole number"),
        ({"clusters": "0"}, "whole number"),
        ({"clusters": "2.5"}, "whole number"),
        ({"map": "globe"}, "expected auto, pca, tsne, umap"),
        ({"proof": "maybe"}, "expected yes, no"),
    ],
)
def test_values_that_cannot_be_are_refused(options, said):
    with pytest.raises(SettingsError, match=said):
        Asked("photos", options=options)


def test_a_seed_is_no_negative_number():
    with pytest.raises(SettingsError, match="--seed"):
        Asked("photos", seed=-1)


def test_an_extra_that_lacks_is_said_at_once(monkeypatch):
    monkeypatch.setattr(maps, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra):
        Asked("photos", options={"map": "umap"})


def test_a_folder_for_copies_is_new(tmp_path):
    (tmp_path / "theirs").write_text("kept")
    with pytest.raises(SettingsError, match="holds something"):
        Asked("photos", folders=tmp_path)
    with pytest.raises(SettingsError, match="holds something"):
        Asked("photos", folders=tmp_path / "theirs")


def test_what_is_read_is_asked_of_the_task_only():
    asked = Asked("photos", options={"clusters": "3", "window": "0:9"})
    assert asked.reading.options == {"window": "0:9"}


def test_another_seed_or_option_is_another_exploration():
    one, other = (Asked("a", seed=seed).identity("f", {"b": "s"}) for seed in (0, 1))
    assert one != other
    assert one == Asked("a").identity("f", {"b": "s"})
