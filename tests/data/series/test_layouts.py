"""Series as rows of a task: cut by time, and nothing of the future in what comes before."""

import json

import numpy as np
import pandas as pd
import pytest

import serial
from headstart import data, tasks
from headstart.data.reading import PLAIN, Reading
from headstart.data.series import layouts
from headstart.data.series.histories import decoded
from headstart.data.series.layouts import claims, read, read_heap, series_of
from headstart.errors import DataError, SettingsError

SIX = Reading(options={"horizon": "6"})


def by_split(listing, split):
    return [row for row in listing.rows if row.split == split]


def series_in(listing):
    return {row.name.rpartition(" from ")[0] for row in listing.rows}


def told(row):
    """The values that are right, in the series' own unit."""
    label = json.loads(row.label)
    values = np.array([np.nan if one is None else one for one in label["values"]])
    return values * label["scale"] + np.array(label["reference"])


def test_the_last_steps_are_the_test_and_those_before_validation():
    table = serial.long_table(40, 60)
    listing = read(table, SIX)
    test = by_split(listing, "test")
    assert len(test) == 40
    assert test[0].name == "s0 from 2019-07-01"
    np.testing.assert_allclose(told(test[0]), table["y"][54:60])
    assert len(decoded(test[0].source).values) == 54
    validation = [row for row in by_split(listing, "validation") if row.name.startswith("s0 ")]
    np.testing.assert_allclose(told(validation[-1]), table["y"][48:54])
    assert len(validation) == 2


def test_nothing_is_learned_from_what_is_chosen_on_or_tested():
    table = serial.long_table(3, 60)
    for name, own in table.groupby("unique_id"):
        rows = [row for row in read(table, SIX).rows if row.name.startswith(f"{name} ")]
        ends = {split: [] for split in ("train", "validation", "test")}
        begins = {split: [] for split in ends}
        for row in rows:
            origin, known = len(decoded(row.source).values), np.isfinite(told(row))
            begins[row.split].append(origin)
            ends[row.split].append(origin + int(np.flatnonzero(known)[-1]) + 1)
            np.testing.assert_allclose(told(row)[known], own["y"].to_numpy()[origin : origin + 6][known])
        assert max(ends["train"]) <= min(begins["validation"])
        assert max(ends["validation"]) <= min(begins["test"])
        assert max(ends["test"]) == 60


def test_scrambling_the_future_changes_nothing_before_it():
    table = serial.long_table(20, 60)
    scrambled = table.copy()
    last = scrambled.groupby("unique_id").cumcount() >= 54
    scrambled.loc[last, "y"] = np.random.default_rng(0).permutation(scrambled.loc[last, "y"]) * 9 - 100
    one, other = read(table, SIX), read(scrambled, SIX)
    for split in ("train", "validation"):
        assert by_split(one, split) == by_split(other, split)
    tested = [[row.source for row in by_split(listing, "test")] for listing in (one, other)]
    assert tested[0] == tested[1]
    assert [row.label for row in by_split(one, "test")] != [row.label for row in by_split(other, "test")]


def test_windows_do_not_depend_on_what_other_series_hold():
    table = serial.long_table(4, 60)
    other = table.copy()
    other.loc[other["unique_id"] != "s1", "y"] *= -3
    ours = [[row for row in read(one, SIX).rows if row.name.startswith("s1 ")] for one in (table, other)]
    assert ours[0] == ours[1]


def test_what_is_too_short_or_constant_is_said():
    short = pd.concat([serial.long_table(5, 60), serial.long_table(1, 7).assign(unique_id="short")])
    flat = serial.long_table(1, 60).assign(unique_id="flat", y=4.0)
    tiny = serial.long_table(1, 10).assign(unique_id="tiny")
    listing = read(pd.concat([short, flat, tiny]), SIX)
    reasons = {one.file: one.reason for one in listing.dropped}
    assert "too short: 7 values" in reasons["short"]
    assert "constant" in reasons["flat"]
    (finding,) = (one for one in listing.findings if one.kind == "short")
    assert finding.items == ("tiny",)
    with pytest.raises(DataError, match="no series can be used for 600 steps") as caught:
        read(short, Reading(options={"horizon": "600"}))
    assert "--set horizon" in caught.value.hint


def test_horizon_season_and_frequency_are_found_shown_and_set():
    listing = read(serial.long_table(), PLAIN)
    assert "12 steps ahead" in listing.findings[0].message
    assert listing.findings[0].items == ("monthly, season 12: 6",)
    asked = Reading(options={"season": "4", "freq": "numbered", "horizon": "3"})
    table = serial.long_table().assign(ds=[*range(60)] * 6)
    assert read(table, asked).findings[0].items == ("numbered, season 4: 6",)
    with pytest.raises(SettingsError, match="expected yearly"):
        read(table, Reading(options={"freq": "often"}))
    with pytest.raises(SettingsError, match="expected a whole number"):
        read(table, Reading(options={"horizon": "0"}))


def test_a_test_of_few_windows_is_said():
    kinds = [[one.kind for one in read(serial.long_table(many, 40), SIX).findings] for many in (4, 12)]
    assert ["few_examples" in some for some in kinds] == [True, False]


def test_values_after_today_are_said():
    table = serial.long_table(1, 60)
    table["ds"] = pd.date_range("2190-01-01", periods=60, freq="MS").astype(str)
    assert [one.kind for one in read(table, SIX).findings].count("future") == 1


def test_a_folder_of_files_is_series_by_the_names_of_files(tmp_path):
    for name in ("north", "south"):
        serial.long_table(1, 60)[["ds", "y"]].to_csv(tmp_path / f"{name}.csv", index=False)
    series, _ = series_of(tmp_path, PLAIN)
    assert [one.name for one in series] == ["north", "south"]
    assert claims(tmp_path, PLAIN) == 2
    assert tasks.infer(tmp_path) == "forecasting"
    assert len(read_heap(tmp_path).rows) == 2
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="found none"):
        read(tmp_path / "empty", PLAIN)


def test_a_table_of_series_is_told_from_others():
    assert tasks.infer(serial.long_table()) == "forecasting"
    wide = pd.DataFrame({"date": pd.date_range("2020-01-01", periods=30), "north": range(30)})
    assert tasks.infer(wide) == "forecasting"
    assert tasks.infer(pd.DataFrame({"text": ["a b", "c d"], "y": ["p", "q"]})) == "text_classification"


def test_whole_series_are_held_out_and_nothing_is_learned_from_them():
    table = serial.long_table(20, 60)
    listing = read(table, Reading(options={"horizon": "6", "cutting": "series"}))
    names = {side: {row.group for row in by_split(listing, side)} for side in ("train", "validation", "test")}
    assert [len(names[side]) for side in names] == [14, 3, 3]
    assert not names["train"] & (names["validation"] | names["test"])
    assert not names["validation"] & names["test"]
    assert all(decoded(row.source).series == row.group for row in listing.rows)
    (finding,) = (one for one in listing.findings if one.kind == "held_out")
    assert set(finding.items) == names["test"] | names["validation"]
    assert "3 series are tested" in finding.message
    # what they hold decides, not what they are called
    other = table.assign(unique_id=table["unique_id"].map(lambda name: f"z{99 - int(name[1:])}"))
    renamed = read(other, Reading(options={"horizon": "6", "cutting": "series"}))
    assert {f"z{99 - int(name[1:])}" for name in names["test"]} == {
        r.group for r in by_split(renamed, "test")
    }


def test_held_out_series_are_units_and_no_later_time_is_learned_from():
    task = tasks.task_named("forecasting")
    splits = data.load(
        serial.long_table(20, 60), task, 0, Reading(options={"horizon": "6", "cutting": "series"})
    )
    examples = splits.examples
    owners = {
        side: {examples.groups[row] for row in rows} for side, rows in data.rows_by_side(splits).items()
    }
    assert not owners["train"] & owners["test"]
    assert len(np.unique(examples.units[splits.test])) == 3
    ends = [decoded(examples.sources[row]).last for row in splits.train]
    begins = [decoded(examples.sources[row]).last for row in splits.test]
    assert max(ends) < min(begins)
    assert not splits.dropped


def test_groups_are_answered_by_what_series_have_instead():
    with pytest.raises(DataError) as caught:
        read(serial.long_table(), Reading(group="unique_id", options={"horizon": "6"}))
    assert "cutting=series" in caught.value.hint
    with pytest.raises(SettingsError, match="expected time, series"):
        read(serial.long_table(), Reading(options={"cutting": "random"}))


def test_of_very_many_series_some_are_drawn_by_what_they_hold(monkeypatch):
    monkeypatch.setattr(layouts, "SERIES", 5)
    table = pd.concat([serial.long_table(12, 60), serial.long_table(1, 7).assign(unique_id="short")])
    listing = read(table, SIX)
    names = series_in(listing)
    assert len(names) == 5
    assert [one.file for one in listing.dropped] == ["short"]
    (finding,) = (one for one in listing.findings if one.kind == "sampled")
    assert finding.message.startswith("of 13 series 5 are learned from and tested")
    other = table.assign(unique_id="the " + table["unique_id"])[::-1]
    assert {row.name.rpartition(" from ")[0] for row in read(other, SIX).rows} == {
        f"the {one}" for one in names
    }
    last = table.groupby("unique_id").cumcount() >= 54
    later = table.assign(y=table["y"].where(~last, 7.0))
    assert series_in(read(later, SIX)) == names


@pytest.mark.parametrize(("many", "length", "unit"), [(3, 900, "time"), (40, 400, "series"), (40, 60, None)])
def test_windows_of_one_time_or_of_one_series_are_one_piece_of_evidence(many, length, unit):
    rows = [row for row in read(serial.long_table(many, length), SIX).rows if row.split == "test"]
    names = [row.name.rpartition(" from ") for row in rows]
    expected = {"time": lambda name: f"test {name[2]}", "series": lambda name: f"test {name[0]}"}
    assert [row.group for row in rows] == [unit and expected[unit](name) for name in names]
    splits = data.load(serial.long_table(many, length), tasks.task_named("forecasting"), 0, SIX)
    units = len(np.unique(splits.examples.units[splits.test]))
    assert units == {"time": len(rows) // many, "series": many, None: many}[unit]
    assert len(rows) == many if unit is None else len(rows) > many
    assert not [one for one in splits.findings if one.kind == "leak"]
