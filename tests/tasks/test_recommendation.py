"""A whole run on made tastes: what ships recommends, nothing looks ahead, and chance is not called help."""

import json

import numpy as np
import pandas as pd
import pytest

import headstart as hs
import tastes
from headstart.errors import HeadstartError
from headstart.tasks.fitters import factors
from headstart.tasks.solvers.factorisation import Settings

USERS = 240


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Runs on made tables; on the same with other items in the test; on a source whose users are mixed up."""
    home = tmp_path_factory.mktemp("tastes")
    target, source = tastes.write(home, stamps=True, users=USERS)
    table, mixed = pd.read_csv(target), pd.read_csv(source)
    late = table["timestamp"] >= np.sort(table["timestamp"])[round(0.85 * len(table))]
    table.loc[late, "item_id"] = [f"other{number}" for number in range(late.sum())]
    table.to_csv(home / "changed.csv", index=False)
    names = mixed["user_id"].unique()
    new = dict(zip(names, np.random.default_rng(0).permutation(names), strict=True))
    mixed.assign(user_id=mixed["user_id"].map(new)).to_csv(home / "mixed.csv", index=False)
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factors, "TRIED", (Settings(width=8, penalty=0.01),))
        for name, data, beside in (
            ("plain", target, source),
            ("changed", home / "changed.csv", source),
            ("permuted", target, home / "mixed.csv"),
        ):
            found[name] = hs.run(data, out=home / name, source_data=str(beside), shared="users")
    return home, found


def result(runs, name):
    return json.loads((runs[0] / name / "result.json").read_text("utf-8"))


def test_what_the_source_knows_helps_users_of_whom_the_target_knows_little(runs):
    said = result(runs, "plain")
    assert said["task"] == "recommendation"
    assert said["verdict"]["call"] == "helps"
    assert (said["verdict"]["transfer"], said["verdict"]["baseline"]) == ("by_kind", "alone")
    cold = {row["arm"]: row for row in said["kinds"] if row["kind"] == "cold"}
    assert cold["by_kind"]["call"] == "helps"
    assert cold["by_kind"]["against"] == pytest.approx(cold["popularity"]["value"], abs=0.2)
    assert said["chosen"]["strategy"]
    assert {"popularity", "recent_popularity", "item_knn", "scratch", "frozen", "mapping"} <= cold.keys()


def test_a_source_of_other_people_is_not_called_help(runs):
    assert result(runs, "permuted")["verdict"]["call"] != "helps"


def test_what_is_tested_changes_nothing_but_how_it_is_measured(runs):
    one, other = result(runs, "plain"), result(runs, "changed")

    def choices(said):
        arms = {arm["name"]: arm["validation"] for arm in said["arms"]}
        return arms, [(row["kind"], row["arm"]) for row in said["kinds"] if row["ships"]]

    assert choices(one) == choices(other)
    assert other["metric"]["value"] < one["metric"]["value"]
    weights = [
        (runs[0] / name / "bundle" / "model.safetensors").read_bytes() for name in ("plain", "changed")
    ]
    assert weights[0] == weights[1]


def test_what_ships_recommends_to_known_and_unknown_users(runs):
    home, found = runs
    table = pd.DataFrame(
        {
            "user_id": ["x", "x", "x", "🍕"],
            "item_id": ["a1", "a2", "a3", "never seen"],
            "rating": [1, 1, 1, 1],
        }
    )
    known, unknown = found["plain"].model.predict(table)
    assert known["input"] == "x"
    assert len(known["items"]) == 20
    assert not {"a1", "a2", "a3"} & set(known["items"])
    assert sum(int(item[1:]) < 10 for item in known["items"][:5]) >= 4
    assert unknown["basis"] == "popularity"


def test_the_report_shows_kinds_of_users(runs):
    home, _ = runs
    page = (home / "plain" / "report.html").read_text("utf-8")
    assert "By kind of examples" in page
    assert "<script" not in page


def test_a_finished_run_is_read_again(runs, tmp_path):
    home, found = runs
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factors, "fit", None)
        again = hs.run(
            home / "target.csv", out=home / "plain", source_data=str(home / "source.csv"), shared="users"
        )
    assert again.record["verdict"] == found["plain"].record["verdict"]


@pytest.mark.parametrize(
    ("more", "told"),
    [({"base": "builtin/vision-s"}, "takes no --base"), ({"strategy": "lora"}, "cannot be used")],
)
def test_what_it_has_no_way_for_is_told(runs, more, told):
    home, _ = runs
    with pytest.raises(HeadstartError, match=told):
        hs.run(home / "target.csv", source_data=str(home / "source.csv"), shared="users", **more)
