"""Columns beside the values: read, refused, and shown to a base."""

import json

import numpy as np
import pandas as pd
import pytest

import serial
from headstart import data, registry
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.data.reading import Reading
from headstart.data.series.asked import series_asked
from headstart.data.series.beside import KNOWN, framed_beside
from headstart.data.series.histories import decoded
from headstart.data.series.layouts import read, series_of
from headstart.errors import DataError, SettingsError
from headstart.preprocessing.series import BESIDE, NUMBERS, SeriesPreprocess
from headstart.runtime import Runtime
from headstart.tasks.baselines import base as baselines

SIX = Reading(options={"horizon": "6"})
PROMO = Reading(options={"horizon": "6", "known": "promo"})


def asked_for(names, **options):
    return Reading(options={"horizon": "6", "known": names, **options})


def findings(listing, kind):
    return [one for one in listing.findings if one.kind == kind]


def test_windows_hold_the_columns_of_the_steps_ahead():
    table = serial.promoted(3, 60)
    listing = read(table, PROMO)
    first = next(row for row in listing.rows if row.split == "test")
    window = decoded(first.source)
    assert window.known == ("promo",)
    np.testing.assert_array_equal(window.beside[0], table["promo"][:60][: len(window.values) + 6])
    again = decoded(window.encoded())
    np.testing.assert_array_equal(again.beside, window.beside)
    np.testing.assert_array_equal(again.values, window.values)
    # without the option windows are what they always were
    plain = read(table, SIX)
    assert all(b"known" not in row.source for row in plain.rows)
    assert "--set known=NAME" in findings(plain, "unused_columns")[0].message
    assert not findings(listing, "unused_columns")


def test_the_future_of_the_values_changes_nothing_that_is_shown():
    table = serial.promoted(8, 60)
    scrambled = table.copy()
    last = scrambled.groupby("unique_id").cumcount() >= 54
    scrambled.loc[last, "y"] = np.random.default_rng(0).uniform(0, 500, int(last.sum()))
    one, other = (
        [row for row in read(some, PROMO).rows if row.split == "test"] for some in (table, scrambled)
    )
    assert [row.source for row in one] == [row.source for row in other]
    assert [row.label for row in one] != [row.label for row in other]


def test_a_step_is_shown_by_itself_and_by_what_the_column_did():
    history = np.tile([10.0, 10.0, 10.0, 20.0], 10)
    promo = np.append(np.tile([0.0, 0.0, 0.0, 1.0], 10), [1.0, 0.0, 0.0])
    shown = framed_beside(history, promo[None], 1, 2.0, 3).reshape(BESIDE, 3)
    ahead, before, effect, effect_before = shown
    spread = promo.std()
    np.testing.assert_allclose(ahead, (promo[40:] - promo[:40].mean()) / spread)
    assert (before == before[0]).all()
    # a promotion is worth 10, in a unit of 2
    assert effect[0] - effect[1] == pytest.approx(5, rel=0.05)
    np.testing.assert_allclose(effect_before, before * effect[0] / ahead[0])
    assert not framed_beside(history, np.full((1, 43), np.nan), 1, 2.0, 3).any()


def bench_of(table, folder, reading):
    task = registry.get("tasks", "forecasting")
    splits = data.load(table, task, 0, reading)
    base = task.suited(load_base(serial.write_base(folder / "base"), "series"), splits.examples, splits.train)
    pool = np.concatenate([splits.train, splits.validation])
    return Bench(task, splits.examples, pool, base, FrozenPass(Cache(folder / "cache"), Runtime())), splits


def errors_of(table, reading, folder):
    """MASE on validation and test of a ridge on lags, and of a head on a base's features."""
    bench, splits = bench_of(table, folder, reading)
    right, rows = bench.examples.answers, np.concatenate([splits.validation, splits.test])
    dull, features = baselines.get("lagged_ridge").fit(bench, splits.train), np.asarray(bench.features())
    head = bench.task.answer.solver.solve(features[splits.train], right[splits.train], 6)
    told = dull.outputs(rows), head.outputs(features[rows])
    return [bench.task.score.value(one, right[rows]) for one in told]


@pytest.mark.slow
def test_a_column_that_decides_is_worth_much_and_a_scrambled_one_costs_nothing(tmp_path):
    found = []
    for seed in (0, 100, 200):
        table, draws = serial.promoted(20, 80, seed=seed), np.random.default_rng(seed)
        scrambled = table.assign(promo=draws.permutation(table["promo"]))
        asked = {"with": (table, PROMO), "scrambled": (scrambled, PROMO), "without": (table, SIX)}
        found.append([errors_of(*one, tmp_path / f"{kind} {seed}") for kind, one in asked.items()])
    known, scrambled, without = np.mean(found, 0)
    assert (known < 0.5 * without).all()
    assert (scrambled < 1.05 * without).all()


def test_a_shared_column_of_a_wide_table_belongs_to_every_series():
    wide = serial.promoted(2, 60).pivot(index="ds", columns="unique_id", values="y").reset_index()
    wide["holiday"] = np.arange(60) % 7 == 0
    wide["holiday"] = wide["holiday"].astype(int)
    series, _ = series_of(wide, asked_for("holiday"))
    assert [one.name for one in series] == ["s0", "s1"]
    for one in series:
        np.testing.assert_array_equal(one.beside[0], wide["holiday"])


def bad(**columns):
    """A table with other columns, and the columns that stand beside."""
    return serial.promoted(3, 60).assign(**columns)


@pytest.mark.parametrize(
    ("table", "known", "says", "hint"),
    [
        (lambda: bad(promo="yes"), "promo", "column promo: 60 values are no numbers, the first is 'yes'", ""),
        (lambda: bad(), "promotion", "has no column `promotion`", "promo"),
        (lambda: bad(), "y", "`y` is no column beside the values", "name others"),
        (lambda: bad(), "ds", "`ds` is no column beside the values", "name others"),
        (lambda: bad(copy=lambda one: one["y"]), "copy", "`copy` says the values themselves", "leave it out"),
        (lambda: bad(tax=lambda one: 3 - 0.2 * one["y"]), "promo,tax", "`tax` says the values", "nobody"),
        (lambda: pd.concat([bad(), bad().head(1).assign(promo=7.0)]), "promo", "two different values", ""),
        (
            lambda: pd.DataFrame({"id": ["a", "b"], **{f"19{year}": [1, 2] for year in range(60, 90)}}),
            "1989",
            "has no row for each stamp",
            "a row for each value",
        ),
        (lambda: bad(promo=np.nan), "promo", "its column `promo` has no value", ""),
    ],
)  # fmt: skip
def test_a_table_that_does_not_hold_what_was_named_is_refused(table, known, says, hint):
    with pytest.raises(DataError) as caught:
        read(table(), asked_for(known))
    assert says in str(caught.value)
    assert hint in caught.value.hint


@pytest.mark.parametrize(("typed", "says"), [("promo,promo", "named twice"), ("promo,,price", "commas")])
def test_names_are_typed_once_each(typed, says):
    with pytest.raises(SettingsError, match=says):
        KNOWN.of({"known": typed})


def test_a_column_of_trend_is_not_taken_for_the_values():
    steady = bad(y=lambda one: one.groupby("unique_id").cumcount() * 2.0 + 5)
    assert read(steady.assign(number=lambda one: one["y"] * 2), asked_for("number")).rows


def test_gaps_of_a_column_are_counted_and_nothing_is_measured_there():
    table = bad()
    table.loc[[20, 57], "promo"] = np.nan
    listing = read(table, PROMO)
    (gaps,) = findings(listing, "gaps")
    assert gaps.items == ("s0: 2",)
    assert "`promo`" in gaps.message
    test = next(row for row in listing.rows if row.split == "test" and decoded(row.source).series == "s0")
    begins = len(decoded(test.source).values)
    values = json.loads(test.label)["values"]
    assert [place for place, one in enumerate(values) if one is None] == [57 - begins]
    assert np.isfinite(decoded(test.source).inputs(SeriesPreprocess(6, known=("promo",)))).all()


def test_a_series_without_the_column_is_left_out_with_the_reason():
    table = bad()
    table.loc[table["unique_id"] == "s1", "promo"] = None
    listing = read(table, PROMO)
    assert [(one.file, one.reason) for one in listing.dropped] == [("s1", "its column `promo` has no value")]
    assert {decoded(row.source).series for row in listing.rows} == {"s0", "s2"}


def test_a_column_that_never_changes_is_told():
    (finding,) = findings(read(bad(flat=1), asked_for("promo,flat")), "constant_columns")
    assert finding.items == ("flat",)


def test_a_file_without_the_column_is_named(tmp_path):
    for name in ("north", "south"):
        own = serial.promoted(1, 60)[["ds", "y", "promo"]]
        own.drop(columns="promo" if name == "south" else []).to_csv(tmp_path / f"{name}.csv", index=False)
    with pytest.raises(DataError, match=r"south\.csv has no column `promo`"):
        read(tmp_path, PROMO)


def test_the_first_step_without_a_value_is_named_for_each_series():
    table = serial.promoted(3, 60, ahead=6)
    table.loc[(table["unique_id"] == "s1") & (table["ds"] == "2020-03-01"), "promo"] = np.nan
    short = table[(table["unique_id"] != "s2") | (table["ds"] < "2020-02-01")]
    first, second, third = series_asked([short], Reading(), ("promo",), 6).inputs
    assert first.reason is None
    assert decoded(first.source).beside.shape == (1, 66)
    assert "`promo` has no value at 2020-03-01" in second.reason
    assert "`promo` has no value at 2020-02-01" in third.reason
    with pytest.raises(DataError, match="has no column `promo`"):
        list(series_asked([serial.long_table(1)], Reading(), ("promo",), 6).inputs)
    with pytest.raises(DataError, match="takes promo beside"):
        series_asked([table], asked_for("price"), ("promo",), 6)


def test_a_window_without_the_columns_of_a_model_says_what_to_type():
    with pytest.raises(DataError) as caught:
        serial.window().inputs(SeriesPreprocess(6, known=("promo",)))
    assert caught.value.hint == "say so: --set known=promo"
    window = decoded(read(serial.promoted(1, 60), PROMO).rows[0].source)
    shown = window.inputs(SeriesPreprocess(6, known=("promo",)))
    assert shown.shape == (NUMBERS + BESIDE, 6)
    np.testing.assert_array_equal(shown[:NUMBERS], window.inputs(SeriesPreprocess(6)))
